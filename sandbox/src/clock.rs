//! The sandbox's one clock. It drives chats, tokens, visibility, retention and the `Date` header, and can be frozen and moved.

use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::lock;

#[derive(Debug, Clone, Copy)]
enum Mode {
    Frozen {
        at: i64,
    },
    /// Sandbox time minus machine time, in milliseconds.
    Running {
        ahead: i64,
    },
}

#[derive(Debug)]
pub struct Clock {
    mode: Mutex<Mode>,
}

/// The machine's time, which the sandbox's clock may be ahead or behind of.
pub fn machine_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

impl Clock {
    /// A running clock that shows `start` now, or the machine's time.
    pub fn new(start: Option<i64>) -> Self {
        let ahead = start.map_or(0, |start| start - machine_now());
        Self { mode: Mutex::new(Mode::Running { ahead }) }
    }

    fn mode(&self) -> std::sync::MutexGuard<'_, Mode> {
        lock(&self.mode)
    }

    pub fn now(&self) -> i64 {
        match *self.mode() {
            Mode::Frozen { at } => at,
            Mode::Running { ahead } => machine_now() + ahead,
        }
    }

    pub fn is_frozen(&self) -> bool {
        matches!(*self.mode(), Mode::Frozen { .. })
    }

    pub fn freeze(&self) {
        let at = self.now();
        *self.mode() = Mode::Frozen { at };
    }

    pub fn run(&self) {
        let ahead = self.now() - machine_now();
        *self.mode() = Mode::Running { ahead };
    }

    pub fn set(&self, moment: i64) {
        let mut mode = self.mode();
        *mode = match *mode {
            Mode::Frozen { .. } => Mode::Frozen { at: moment },
            Mode::Running { .. } => Mode::Running { ahead: moment - machine_now() },
        };
    }
}
