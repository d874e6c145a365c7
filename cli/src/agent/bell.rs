//! Chats that ring, and how long each has left.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How often it is looked whether they still ring, and the time left is shown anew.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub struct Bell {
    /// Until when each rings at most, the oldest first.
    rings: VecDeque<Instant>,
    look_at: Option<Instant>,
}

impl Bell {
    pub fn ring(&mut self, left: Duration, now: Instant) {
        self.rings.push_back(now + left);
        self.look_at = Some(now + LOOK);
    }

    pub fn count(&self) -> usize {
        self.rings.len()
    }

    /// The oldest has been accepted.
    pub fn accepted(&mut self) {
        self.rings.pop_front();
    }

    /// So many ring still, as the service says. Gives how many have stopped.
    pub fn still(&mut self, ringing: usize) -> usize {
        let stopped = self.rings.len().saturating_sub(ringing);
        self.rings.drain(..stopped).count()
    }

    /// When to look again.
    pub fn due(&self) -> Option<Instant> {
        self.look_at.filter(|_| !self.rings.is_empty())
    }

    /// Whether to look now.
    pub fn looks(&mut self, now: Instant) -> bool {
        let looks = self.due().is_some_and(|due| due <= now);
        if looks {
            self.look_at = Some(now + LOOK);
        }
        looks
    }

    /// What a person should know at any time while something rings.
    pub fn status(&self, now: Instant) -> Option<String> {
        let left = self.rings.front()?.saturating_duration_since(now).as_secs();
        Some(match self.rings.len() {
            1 => format!("· a chat rings: /accept within {left} s"),
            count => format!("· {count} chats ring: /accept within {left} s"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_ring_counts() {
        let now = Instant::now();
        let at = |seconds| now + Duration::from_secs(seconds);
        let mut bell = Bell::default();
        assert_eq!((bell.status(now), bell.due()), (None, None));
        bell.ring(Duration::from_secs(20), now);
        bell.ring(Duration::from_secs(20), at(5));
        assert_eq!(bell.status(at(6)).unwrap(), "· 2 chats ring: /accept within 14 s");
        assert!(bell.looks(at(6)) && !bell.looks(at(6)));
        bell.accepted();
        assert_eq!(bell.status(at(6)).unwrap(), "· a chat rings: /accept within 19 s");
        assert_eq!((bell.still(2), bell.still(0), bell.count()), (0, 1, 0));
        assert_eq!(bell.due(), None);
    }
}
