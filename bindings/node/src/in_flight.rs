//! Calls in flight, by environment: when one goes away (the process exits, a worker thread is terminated), its calls are
//! cancelled, so that no connection outlives the code that wanted it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lpchat::Canceller;
use napi::Env;

/// The calls in flight of one environment.
#[derive(Debug, Default, Clone)]
pub struct InFlight(Arc<Mutex<HashMap<u64, Canceller>>>);

thread_local! {
    /// An environment lives on one thread; a thread may have several.
    static ENVIRONMENTS: RefCell<HashMap<usize, InFlight>> = RefCell::default();
}

static NEXT: AtomicU64 = AtomicU64::new(0);

impl InFlight {
    /// Those of this environment.
    pub fn of(env: &Env) -> napi::Result<Self> {
        let key = env.raw() as usize;
        if let Some(known) = ENVIRONMENTS.with_borrow(|environments| environments.get(&key).cloned()) {
            return Ok(known);
        }
        let made = Self::default();
        ENVIRONMENTS.with_borrow_mut(|environments| environments.insert(key, made.clone()));
        env.add_env_cleanup_hook(made.clone(), move |in_flight| {
            ENVIRONMENTS.with_borrow_mut(|environments| environments.remove(&key));
            in_flight.cancel_all();
        })?;
        Ok(made)
    }

    /// Begins a call and notes it until it has ended.
    pub fn begin(&self, start: impl FnOnce(Ended) -> Canceller) -> Canceller {
        // Held meanwhile, so that the call is noted before it can end.
        let mut calls = self.calls();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let running = start(Ended { in_flight: self.clone(), number });
        calls.insert(number, running.clone());
        running
    }

    fn cancel_all(&self) {
        let calls = std::mem::take(&mut *self.calls());
        calls.values().for_each(Canceller::cancel);
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<u64, Canceller>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets a call that has ended.
#[derive(Debug)]
pub struct Ended {
    in_flight: InFlight,
    number: u64,
}

impl Ended {
    /// Says so.
    pub fn note(self) {
        self.in_flight.calls().remove(&self.number);
    }
}
