//! Whose turn it is to write: in the order in which the calls were made, also by callers who do not wait for each other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Those who want to write, the first of whom may.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    moved: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    numbers: VecDeque<u64>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue; dropping it gives the place up.
#[derive(Debug)]
pub(crate) struct Turn {
    queue: Arc<Queue>,
    number: u64,
}

impl Turn {
    pub(super) fn new(queue: &Arc<Queue>) -> Self {
        let mut waiting = queue.lock();
        waiting.last += 1;
        let number = waiting.last;
        waiting.numbers.push_back(number);
        drop(waiting);
        Self { queue: Arc::clone(queue), number }
    }

    /// Waits until it is this one's turn.
    pub(super) async fn come(&self) {
        loop {
            let mut moved = std::pin::pin!(self.queue.moved.notified());
            moved.as_mut().enable();
            if self.queue.lock().numbers.front() == Some(&self.number) {
                return;
            }
            moved.await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut waiting = self.queue.lock();
        waiting.numbers.retain(|number| *number != self.number);
        if waiting.numbers.is_empty() {
            waiting.numbers = VecDeque::new();
        }
        drop(waiting);
        self.queue.moved.notify_waiters();
    }
}
