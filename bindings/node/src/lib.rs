//! lpchat for Node: the native addon.
//!
//! It is small on purpose. A call crosses with its arguments as one text and comes back as one JSON text beside
//! the answers it was decoded from; the TypeScript layer makes classes, dates and errors of it. `generated` knows every
//! method of the interface, everything else is the same for all of them.
//!
//! Outcomes are made ready on the engine's threads for callbacks and taken by JavaScript: there is no second runtime, and
//! no foreign code on the engine's worker.

mod argument;
mod calls;
mod generated;
mod input;
mod invoke;
mod outcome;
mod tables;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use lpchat::Canceller;
use lpchat::observe::{LogLevel, drain_log, queue_log};
use lpchat::wire::Buffer;
use napi::Env;
use napi::bindgen_prelude::{Either, External, Function};
use napi_derive::napi;

use crate::argument::Argument;
use crate::generated::Handle;
use crate::invoke::{Invocation, guarded};
use crate::outcome::Outcome;

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

#[napi]
impl NativeObject {
    /// Begins an operation. Gives its outcome, an error included, or the number under which `take_outcomes` will give it.
    #[napi(catch_unwind)]
    pub fn invoke(
        &self,
        env: &Env,
        method: String,
        positional: Option<Argument>,
        is_sole_text: bool,
        options: Option<String>,
        canceller: Option<&NativeCanceller>,
    ) -> napi::Result<Either<i64, Outcome>> {
        let start = if method == tables::METHOD { tables::start } else { generated::start };
        let invocation = || Invocation::new(positional.map(Argument::text).transpose()?, is_sole_text, options.as_deref());
        let started = match guarded(|| start(&self.handle, &method, invocation()?)) {
            Ok(started) => started,
            Err(error) => return Ok(Either::B(Outcome::from(Err(error)))),
        };
        Ok(match calls::begin(env, started, canceller.map(|canceller| Arc::clone(&canceller.cancelled)))? {
            calls::Call::Ended(outcome) => Either::B(outcome),
            calls::Call::Running(number, running) => {
                if let Some(canceller) = canceller {
                    canceller.running.get_or_init(|| running);
                }
                Either::A(number)
            }
        })
    }

    /// Calls a method that asks nothing of the service.
    #[napi(catch_unwind)]
    pub fn invoke_sync(&self, method: String, positional: Option<Argument>, is_sole_text: bool) -> Outcome {
        let invocation = || Invocation::new(positional.map(Argument::text).transpose()?, is_sole_text, None);
        Outcome::from(guarded(|| generated::call(&self.handle, &method, invocation()?)))
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

/// Notes what is to be called when outcomes have come.
#[napi(catch_unwind)]
pub fn on_outcomes(env: &Env, callback: Function<'_, (), ()>) -> napi::Result<()> {
    calls::wake_with(env, &callback)
}

/// The outcomes that have come since, each with the number of its call.
#[napi(catch_unwind)]
pub fn take_outcomes(env: &Env) -> napi::Result<Vec<Outcome>> {
    calls::take_outcomes(env)
}

/// A document's text among the answers that it was decoded from, from where it stands: 2^32 × answer + byte.
#[napi(catch_unwind)]
pub fn answer_text(answers: &External<Vec<Arc<Buffer>>>, start: i64, length: u32) -> Option<&str> {
    let answer = answers.get(usize::try_from(start >> 32).ok()?)?;
    let start = usize::try_from(start & i64::from(u32::MAX)).ok()?;
    answer.as_str().get(start..start + length as usize)
}

/// Makes an object that users make themselves, of its options.
#[napi(catch_unwind)]
pub fn construct(object: String, options: String) -> Outcome {
    Outcome::from(guarded(|| generated::construct(&object, Invocation::new(Some(options), false, None)?)))
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
