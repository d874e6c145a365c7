//! The calls of an environment: those in flight, and outcomes on their way to its thread.
//!
//! However many outcomes come together, JavaScript is woken for them once, and takes them all. When an environment goes
//! away (the process exits, a worker thread is terminated), its calls are cancelled, so that no connection outlives the
//! code that wanted it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lpchat::call::{Job, Undelivered};
use lpchat::{Canceller, Result};
use napi::Env;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

use crate::invoke::{Begun, Conversion, Started};
use crate::outcome::{Outcome, Payload};

/// Has the environment's thread take what has come; keeps no process alive.
type Wake = ThreadsafeFunction<(), (), (), napi::Status, false, true>;

/// The calls of one environment, on its thread.
#[derive(Default)]
struct Calls {
    in_flight: HashMap<i64, InFlight>,
    last_number: i64,
    inbox: Arc<Inbox>,
}

struct InFlight {
    running: Canceller,
    cancelled: Option<Arc<AtomicBool>>,
}

thread_local! {
    /// An environment lives on one thread; a thread may have several.
    static ENVIRONMENTS: RefCell<HashMap<usize, Calls>> = RefCell::default();
}

/// Works with the calls of this environment.
fn calls_of<T>(env: &Env, work: impl FnOnce(&mut Calls) -> T) -> napi::Result<T> {
    let key = env.raw() as usize;
    if ENVIRONMENTS.with_borrow(|environments| !environments.contains_key(&key)) {
        env.add_env_cleanup_hook((), move |()| {
            let calls = ENVIRONMENTS.with_borrow_mut(|environments| environments.remove(&key));
            if let Some(Calls { in_flight, inbox, .. }) = calls {
                in_flight.values().for_each(|call| call.running.cancel());
                inbox.close();
            }
        })?;
    }
    Ok(ENVIRONMENTS.with_borrow_mut(|environments| work(environments.entry(key).or_default())))
}

/// Notes what takes the outcomes of this environment, which is called on its thread when some have come.
pub fn wake_with(env: &Env, callback: &Function<'_, (), ()>) -> napi::Result<()> {
    let wake: Wake = callback.build_threadsafe_function::<()>().callee_handled::<false>().weak::<true>().build()?;
    calls_of(env, |calls| {
        let mut outcomes = calls.inbox.lock();
        // What came before had nobody to wake.
        if !outcomes.ready.is_empty() {
            wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
        outcomes.wake = Some(Arc::new(wake));
    })
}

/// A call that was begun.
pub enum Call {
    /// It has ended already.
    Ended(Outcome),
    /// Its outcome will come under this number.
    Running(i64, Canceller),
}

/// Begins a call. `cancelled` will say whether anybody still looks at its outcome.
pub fn begin(env: &Env, started: Started, cancelled: Option<Arc<AtomicBool>>) -> napi::Result<Call> {
    calls_of(env, |calls| {
        calls.last_number += 1;
        let (number, inbox) = (calls.last_number, Arc::clone(&calls.inbox));
        match started.begin(Box::new(move |conversion| inbox.put(Arrival { number, conversion }))) {
            Begun::Ended(outcome) => Call::Ended(Outcome::from(outcome)),
            Begun::Running(running) => {
                calls.in_flight.insert(number, InFlight { running: running.clone(), cancelled });
                Call::Running(number, running)
            }
        }
    })
}

/// The outcomes that have come. What came for somebody who is gone is given back.
pub fn take_outcomes(env: &Env) -> napi::Result<Vec<Outcome>> {
    calls_of(env, |calls| {
        let ready = std::mem::take(&mut calls.inbox.lock().ready);
        let take = |Ready { number, outcome, undelivered }: Ready| {
            // On the JavaScript thread, as cancelling is: who has cancelled does not look at the outcome any more.
            let cancelled = calls.in_flight.remove(&number).and_then(|call| call.cancelled);
            if let Some(give_back) = undelivered.filter(|_| cancelled.is_some_and(|flag| flag.load(Ordering::Relaxed))) {
                give_back();
            }
            Outcome { call: Some(number), ..Outcome::from(outcome) }
        };
        ready.into_iter().map(take).collect()
    })
}

/// An outcome that is still a value of the core.
struct Arrival {
    number: i64,
    conversion: Conversion,
}

/// An outcome that can be handed to JavaScript.
struct Ready {
    number: i64,
    outcome: Result<Payload>,
    undelivered: Option<Undelivered>,
}

/// Outcomes on their way to one environment's thread.
#[derive(Default)]
struct Inbox(Mutex<Outcomes>);

#[derive(Default)]
struct Outcomes {
    arrived: Vec<Arrival>,
    /// Whether a thread converts what has arrived, or is about to.
    is_converting: bool,
    ready: Vec<Ready>,
    wake: Option<Arc<Wake>>,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Outcomes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an outcome; gives what converts it, where nobody else is about to.
    fn put(self: Arc<Self>, arrival: Arrival) -> Option<Job> {
        let mut outcomes = self.lock();
        outcomes.arrived.push(arrival);
        let is_first = !std::mem::replace(&mut outcomes.is_converting, true);
        drop(outcomes);
        is_first.then(|| Box::new(move || self.convert()) as Job)
    }

    /// Converts what has arrived, and has it taken.
    fn convert(&self) {
        loop {
            let arrived = {
                let mut outcomes = self.lock();
                outcomes.is_converting = !outcomes.arrived.is_empty();
                std::mem::take(&mut outcomes.arrived)
            };
            if arrived.is_empty() {
                return;
            }
            let converted: Vec<Ready> = arrived.into_iter().map(Arrival::convert).collect();
            let mut outcomes = self.lock();
            let is_first = outcomes.ready.is_empty();
            outcomes.ready.extend(converted);
            let wake = outcomes.wake.clone().filter(|_| is_first);
            drop(outcomes);
            if let Some(wake) = wake {
                wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
            }
        }
    }

    /// Nobody will take outcomes any more.
    fn close(&self) {
        let mut outcomes = self.lock();
        let closed = (outcomes.wake.take(), std::mem::take(&mut outcomes.ready));
        drop(outcomes);
        drop(closed);
    }
}

impl Arrival {
    fn convert(self) -> Ready {
        let (outcome, undelivered) = (self.conversion)();
        Ready { number: self.number, outcome, undelivered }
    }
}
