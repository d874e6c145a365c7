//! lpchat for Node: the native addon.
//!
//! It is small on purpose. A call crosses with its arguments as one JSON text and comes back as one JSON text beside
//! the answers it was decoded from; the TypeScript layer makes classes, dates and errors of it. `generated` knows every
//! method of the interface, everything else is the same for all of them.
//!
//! Promises are settled from the engine's blocking pool: there is no second runtime, and no foreign code on the
//! engine's worker.

mod generated;
mod in_flight;
mod input;
mod invoke;
mod outcome;
mod tables;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use lpchat::Canceller;
use lpchat::call::Undelivered;
use lpchat::observe::{LogLevel, drain_log, queue_log};
use napi::bindgen_prelude::Object;
use napi::{Env, JsDeferred};
use napi_derive::napi;

use crate::generated::Handle;
use crate::in_flight::InFlight;
use crate::invoke::{Invocation, guarded};
use crate::outcome::{Outcome, Payload};

/// Any object of the core.
#[napi]
#[derive(Debug)]
pub struct NativeObject {
    handle: Handle,
}

impl From<Handle> for NativeObject {
    fn from(handle: Handle) -> Self {
        Self { handle }
    }
}

/// Runs on the JavaScript thread, when the call has ended.
type Resolver = Box<dyn FnOnce(Env) -> napi::Result<Outcome> + Send>;

#[napi]
impl NativeObject {
    /// Begins an operation. The promise gives its outcome, an error included, and never rejects.
    #[napi(catch_unwind)]
    pub fn invoke<'env>(
        &self,
        env: &'env Env,
        method: String,
        positional: String,
        options: Option<String>,
        canceller: Option<&NativeCanceller>,
    ) -> napi::Result<Object<'env>> {
        let (deferred, promise): (JsDeferred<Outcome, Resolver>, Object<'env>) = env.create_deferred()?;
        let cancelled = canceller.map(|canceller| Arc::clone(&canceller.cancelled)).unwrap_or_default();
        let settle = move |result: lpchat::Result<Payload>, undelivered: Option<Undelivered>| -> Resolver {
            let outcome = Outcome::from(result);
            Box::new(move |_| {
                // On the JavaScript thread, as cancelling is: who has cancelled does not look at the promise any more.
                if let Some(give_back) = undelivered.filter(|_| cancelled.load(Ordering::Relaxed)) {
                    give_back();
                }
                Ok(outcome)
            })
        };
        let start = if method == tables::METHOD { tables::start } else { generated::start };
        match guarded(|| start(&self.handle, &method, Invocation::new(&positional, options.as_deref())?)) {
            Ok(started) => {
                let running = InFlight::of(env)?.begin(|ended| {
                    started.finish(Box::new(move |result, undelivered| {
                        ended.note();
                        // Where the environment is gone by then, so is the promise, and the deferred does nothing.
                        deferred.resolve(settle(result, undelivered));
                    }))
                });
                if let Some(canceller) = canceller {
                    canceller.running.get_or_init(|| running);
                }
            }
            Err(error) => deferred.resolve(settle(Err(error), None)),
        }
        Ok(promise)
    }

    /// Calls a method that asks nothing of the service.
    #[napi(catch_unwind)]
    pub fn invoke_sync(&self, method: String, positional: String) -> Outcome {
        Outcome::from(guarded(|| generated::call(&self.handle, &method, Invocation::new(&positional, None)?)))
    }
}

/// Cancels the one call that it was handed in with.
#[napi]
#[derive(Debug, Default)]
pub struct NativeCanceller {
    running: OnceLock<Canceller>,
    cancelled: Arc<AtomicBool>,
}

#[napi]
impl NativeCanceller {
    /// For one call.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels the call and closes its connection; harmless once it has ended.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
        if let Some(running) = self.running.get() {
            running.cancel();
        }
    }
}

/// Makes an object that users make themselves, of its options.
#[napi(catch_unwind)]
pub fn construct(object: String, options: String) -> Outcome {
    Outcome::from(guarded(|| generated::construct(&object, Invocation::new(&options, None)?)))
}

/// Switches the queue of log records on, from this level (1 is debug, 4 is error), or off.
#[napi(catch_unwind)]
pub fn set_log_level(level: Option<u32>) {
    queue_log(level.map(|level| match level {
        0 | 1 => LogLevel::Debug,
        2 => LogLevel::Info,
        3 => LogLevel::Warning,
        _ => LogLevel::Error,
    }));
}

/// The records queued since the last call, as JSON: pairs of level and sentence.
#[napi(catch_unwind)]
pub fn take_log() -> String {
    let records = drain_log().into_iter().map(|record| serde_json::json!([record.level as u8, record.message]));
    serde_json::Value::from_iter(records).to_string()
}

/// The version of the core.
#[napi(catch_unwind)]
pub fn version() -> String {
    lpchat::VERSION.to_owned()
}
