//! Threads for foreign code: callbacks run here, never on the worker, nor where names are resolved and answers decoded.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::call::Job;
use crate::engine::PerProcess;

/// How many callbacks run at the same time; more wait for their turn.
const MOST_THREADS: usize = 8;
/// A thread that had nothing to do for so long ends.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

static POOL: PerProcess<Pool> = PerProcess::root();

#[derive(Default)]
struct Pool {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; `None` ends the thread.
    fn next(&self) -> Option<Job> {
        let mut queue = self.lock();
        queue.idle += 1;
        while queue.jobs.is_empty() {
            let (waited, timeout) = self.arrived.wait_timeout(queue, KEEP_ALIVE).unwrap_or_else(PoisonError::into_inner);
            queue = waited;
            if timeout.timed_out() && queue.jobs.is_empty() {
                queue.threads -= 1;
                break;
            }
        }
        queue.idle -= 1;
        queue.jobs.pop_front()
    }
}

/// Runs `job` on a thread of its own kind.
pub(crate) fn run(job: Job) {
    let pool = POOL.get_or_init(Pool::default);
    let mut queue = pool.lock();
    queue.jobs.push_back(job);
    if queue.jobs.len() > queue.idle && queue.threads < MOST_THREADS {
        queue.threads += 1;
        let started = std::thread::Builder::new().name("lpchat-callback".to_owned()).spawn(|| {
            while let Some(job) = pool.next() {
                // A callback that panics harms nobody else.
                let _ = std::panic::catch_unwind(AssertUnwindSafe(job));
            }
        });
        if started.is_err() {
            queue.threads -= 1;
            // Better late on this thread than never: without any thread nobody would come for the job.
            if let Some(job) = (queue.threads == 0).then(|| queue.jobs.pop_back()).flatten() {
                drop(queue);
                let _ = std::panic::catch_unwind(AssertUnwindSafe(job));
                return;
            }
        }
    }
    drop(queue);
    pool.arrived.notify_one();
}
