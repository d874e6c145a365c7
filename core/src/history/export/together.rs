//! Waiting for a disk in several places at once: a disk makes many files durable in nearly the time of one.

use std::sync::{Mutex, PoisonError};

use crate::error::Result;

const MOST_THREADS: usize = 8;

/// Does the work for each item, several at once. Gives the first error; what has begun by then is done to its end.
pub(super) fn for_each<T: Send>(items: Vec<T>, work: impl Fn(T) -> Result<()> + Sync) -> Result<()> {
    let helpers = items.len().min(MOST_THREADS).saturating_sub(1);
    let (queue, failure) = (Mutex::new(items.into_iter()), Mutex::new(None));
    let work_off = || {
        loop {
            let item = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(item) = item else { return };
            if let Err(error) = work(item) {
                failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..helpers {
            // Where the operating system gives no thread, there are fewer.
            let _ = std::thread::Builder::new().name("lpchat-disk".to_owned()).spawn_scoped(scope, work_off);
        }
        work_off();
    });
    failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}
