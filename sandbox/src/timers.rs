//! What falls due on the sandbox's clock, in order.

use std::collections::BTreeMap;

use crate::chat::scripted::Run;

/// Something that happens by itself. Chats are named by their position in the list of chats.
#[derive(Debug)]
pub enum Due {
    /// The visitor may have been idle too long, or an ended chat may be past its life.
    ChatIdle {
        chat: usize,
    },
    MaxWait {
        chat: usize,
    },
    ScriptedAccept {
        chat: usize,
    },
    ScriptStep(Run),
    RingTimeout {
        chat: usize,
        ring: u64,
    },
    SessionIdle {
        session: String,
    },
    /// An ended chat becomes a record of the history.
    IntoHistory {
        chat: usize,
    },
}

#[derive(Debug, Default)]
pub struct Timers {
    queue: BTreeMap<(i64, u64), Due>,
    last: u64,
}

impl Timers {
    pub fn set(&mut self, at: i64, due: Due) {
        self.last += 1;
        self.queue.insert((at, self.last), due);
    }

    pub fn next(&self) -> Option<i64> {
        self.queue.keys().next().map(|(at, _)| *at)
    }

    /// The next one that is due at `now`, with its time.
    pub fn take(&mut self, now: i64) -> Option<(i64, Due)> {
        let entry = self.queue.first_entry()?;
        let at = entry.key().0;
        (at <= now).then(|| (at, entry.remove()))
    }
}
