//! Waking those who wait for what polls bring.
//!
//! A burst of polls wakes a burst of users, mostly on one thread. Woken one by one from the engine's thread, each costs a
//! system call and perhaps two changes of threads. So the engine wakes one, and whoever is woken wakes the others on his own
//! thread, where it costs next to nothing. The engine comes by again at once and wakes those who were left.

use std::sync::{Mutex, PoisonError, Weak};

use super::scheduler::Polled;

/// Those of one client who are to be woken.
#[derive(Default)]
pub(crate) struct Bells(Mutex<Vec<Weak<dyn Polled>>>);

impl std::fmt::Debug for Bells {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Bells(…)")
    }
}

impl Bells {
    fn take(&self) -> Vec<Weak<dyn Polled>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Wakes the last of those whose poll has ended, and leaves the others to him: whether there are any.
    pub(super) fn begin(&self, ended: &mut Vec<Weak<dyn Polled>>) -> bool {
        let Some(first) = ended.pop() else { return false };
        let has_others = !ended.is_empty();
        if has_others {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).append(ended);
        }
        ring(&first);
        has_others
    }

    /// Wakes all that were left.
    pub(crate) fn ring(&self) {
        self.take().iter().for_each(ring);
    }
}

fn ring(polled: &Weak<dyn Polled>) {
    if let Some(polled) = polled.upgrade() {
        polled.ring();
    }
}
