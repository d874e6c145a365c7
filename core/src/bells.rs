//! Waking those who wait for what the engine brings.
//!
//! A burst of answers wakes a burst of users, mostly on one thread. Woken one by one from the engine's thread, each costs a
//! system call and perhaps two changes of threads. So the engine wakes one, and whoever is woken wakes the others on his own
//! thread, where it costs next to nothing. The engine comes by again at once and wakes those who were left.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::sync::Notify;

/// Somebody to wake.
pub(crate) trait Ring {
    fn ring(self);
}

impl Ring for Waker {
    fn ring(self) {
        self.wake();
    }
}

/// Those who are to be woken.
pub(crate) struct Bells<T> {
    waiting: Mutex<Vec<T>>,
    /// Whether there are any, to be asked without the lock.
    any: AtomicBool,
}

impl<T> Default for Bells<T> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), any: AtomicBool::new(false) }
    }
}

impl<T> fmt::Debug for Bells<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Bells(…)")
    }
}

impl<T: Ring> Bells<T> {
    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// One more: whether there is no other.
    fn add(&self, bell: T) -> bool {
        let mut bells = self.lock();
        bells.push(bell);
        self.any.store(true, Ordering::Relaxed);
        bells.len() == 1
    }

    /// Wakes the last one, `more` included, and leaves the others to him: whether there are any.
    pub(crate) fn begin(&self, more: &mut Vec<T>) -> bool {
        let mut bells = self.lock();
        bells.append(more);
        let Some(first) = bells.pop() else { return false };
        let has_others = !bells.is_empty();
        self.any.store(has_others, Ordering::Relaxed);
        drop(bells);
        first.ring();
        has_others
    }

    /// Wakes all that were left.
    pub(crate) fn ring(&self) {
        if !self.any() {
            return;
        }
        let mut bells = self.lock();
        self.any.store(false, Ordering::Relaxed);
        let ringing = std::mem::take(&mut *bells);
        drop(bells);
        ringing.into_iter().for_each(Ring::ring);
    }
}

/// So often the engine looks for more calls that have ended before it wakes those who await them. Each turn costs a few
/// microseconds, and the next one is taken only where the last one has brought something.
const MOST_TURNS: usize = 4;

/// Those who await calls that have ended.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    bells: Bells<Waker>,
    first: Notify,
}

impl Callers {
    /// Wakes this one soon.
    pub(crate) fn wake(&self, waker: Waker) {
        if self.bells.add(waker) {
            self.first.notify_one();
        }
    }

    /// Whether others are to be woken.
    pub(crate) fn any(&self) -> bool {
        self.bells.any()
    }

    /// Called by one who was woken: wakes the others.
    pub(crate) fn ring(&self) {
        self.bells.ring();
    }

    /// Wakes callers, a burst at once, for as long as the engine runs.
    pub(crate) async fn serve(&self) {
        loop {
            self.first.notified().await;
            self.gather().await;
            if self.bells.begin(&mut Vec::new()) {
                tokio::task::yield_now().await;
                self.bells.ring();
            }
        }
    }

    /// Lets calls whose answers have come together end before anybody is woken.
    async fn gather(&self) {
        let mut ended = 0;
        for _ in 0..MOST_TURNS {
            let now = self.bells.lock().len();
            if now == ended {
                return;
            }
            ended = now;
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use super::*;

    /// Somebody who counts how often he was woken, and perhaps wakes the others.
    #[derive(Default)]
    struct Sleeper {
        woken: AtomicUsize,
        wakes_others: Option<Arc<Callers>>,
    }

    impl Wake for Sleeper {
        fn wake(self: Arc<Self>) {
            self.woken.fetch_add(1, Ordering::Relaxed);
            if let Some(callers) = &self.wakes_others {
                callers.ring();
            }
        }
    }

    async fn woken(wakes_others: bool) -> Vec<usize> {
        let callers = Arc::<Callers>::default();
        let sleeper = |_| {
            let wakes_others = wakes_others.then(|| Arc::clone(&callers));
            Arc::new(Sleeper { woken: AtomicUsize::new(0), wakes_others })
        };
        let sleepers: Vec<Arc<Sleeper>> = (0..5).map(sleeper).collect();
        let serving = async {
            for burst in sleepers.chunks(3) {
                burst.iter().for_each(|sleeper| callers.wake(Arc::clone(sleeper).into()));
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
            }
        };
        tokio::select! {
            () = callers.serve() => {}
            () = serving => {}
        }
        sleepers.iter().map(|sleeper| sleeper.woken.load(Ordering::Relaxed)).collect()
    }

    #[tokio::test]
    async fn everybody_is_woken_once_whether_the_first_one_wakes_the_others_or_not() {
        for wakes_others in [false, true] {
            assert_eq!(woken(wakes_others).await, [1; 5], "{wakes_others}");
        }
    }
}
