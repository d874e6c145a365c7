//! Whether the person at the keys is typing, told as rarely as it can be: once for each change.

use std::time::{Duration, Instant};

/// Who presses no key for so long has stopped.
const PAUSE: Duration = Duration::from_secs(4);

#[derive(Debug, Default)]
pub struct Typist {
    /// When a key was last pressed; none while nobody is said to be typing.
    last_key: Option<Instant>,
}

impl Typist {
    /// The text has changed, and is the begin of a message or is not. Gives what is to be told.
    pub fn pressed(&mut self, message: bool, now: Instant) -> Option<bool> {
        let before = self.last_key.is_some();
        self.last_key = message.then_some(now);
        (before != message).then_some(message)
    }

    /// When to look again whether the typing has stopped.
    pub fn due(&self) -> Option<Instant> {
        self.last_key.map(|last| last + PAUSE)
    }

    /// Whether it has stopped by itself.
    pub fn stopped(&mut self, now: Instant) -> bool {
        let stopped = self.due().is_some_and(|due| due <= now);
        if stopped {
            self.last_key = None;
        }
        stopped
    }

    /// Nobody hears of it any more.
    pub fn forget(&mut self) {
        self.last_key = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_told_once() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut typist = Typist::default();
        assert_eq!(typist.pressed(false, at(0)), None, "a command is no message");
        assert_eq!(typist.pressed(true, at(100)), Some(true));
        assert_eq!(typist.pressed(true, at(3000)), None);
        assert!(!typist.stopped(at(6900)), "the last key counts");
        assert!(typist.stopped(at(7000)));
        assert!(!typist.stopped(at(8000)), "told once");
        assert_eq!(typist.pressed(true, at(9000)), Some(true));
        assert_eq!(typist.pressed(false, at(9100)), Some(false), "the line is sent, or erased");
        assert_eq!(typist.due(), None);
    }
}
