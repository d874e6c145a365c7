//! What a call does, and how a thread waits that does it itself.

use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Wake};
use std::time::{Duration, Instant};

use super::{CatchPanic, panicked};
use crate::engine::Engine;
use crate::error::Result;

/// What a call does until it has its outcome; a panic in it is its outcome, too.
pub(super) struct Work<T> {
    work: CatchPanic<dyn Future<Output = Result<T>> + Send>,
    pub(super) engine: &'static Engine,
}

impl<T> Work<T> {
    pub(super) fn new(work: Pin<Box<dyn Future<Output = Result<T>> + Send>>) -> Result<Self> {
        Ok(Self { work: CatchPanic::new(work), engine: Engine::current()? })
    }

    /// Goes on with the work on a thread that is not the engine's own; whatever it needs of the engine is at hand.
    pub(super) fn poll_elsewhere(&mut self, context: &mut Context<'_>) -> Poll<Result<T>> {
        let _entered = self.engine.handle().enter();
        Pin::new(self).poll(context)
    }
}

impl<T> Future for Work<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.work).poll(context).map(|outcome| outcome.unwrap_or_else(|panic| Err(panicked(&*panic))))
    }
}

/// Wakes a thread that does a call's work itself.
#[derive(Default)]
pub(super) struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }
}

impl Bell {
    /// Waits until it is rung: true; false where `limit` is over first.
    pub(super) fn wait(&self, limit: Option<Duration>) -> bool {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = Instant::now();
        while !std::mem::take(&mut *rung) {
            rung = match limit.map(|limit| limit.saturating_sub(begun.elapsed())) {
                None => self.changed.wait(rung).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return false,
                Some(left) => self.changed.wait_timeout(rung, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        true
    }
}
