//! What one call of an operation knows: its client, its options, its deadline, what it has done so far.

use std::any::Any;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::retry::RetryClass;
use crate::call::Call;
use crate::client_core::{Core, State};
use crate::config::{CallOptions, LONGEST, Timeouts, checked_limit};
use crate::error::{Code, LpchatError, Result};
use crate::observe::{LogLevel, count, log};
use crate::registry::Operation;

/// One call of an operation.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) core: Arc<Core>,
    state: Arc<State>,
    pub(crate) operation: Operation,
    pub(crate) options: CallOptions,
    request_id: OnceLock<String>,
    /// On the environment's clock.
    started: Duration,
    pub(super) attempts: AtomicI32,
    /// Answers that throttled this call.
    pub(super) throttles: AtomicI32,
    /// An effect is on its way and not answered yet.
    pub(super) effect_under_way: AtomicBool,
    /// An effect was answered ambiguously, and what became of it is being found out.
    unresolved: AtomicBool,
    /// A limit on each attempt that is tighter than the client's.
    attempt_limit: Option<Duration>,
}

/// What a call results in, and its work, whatever the operation.
type Value = Box<dyn Any + Send>;
type Work = Pin<Box<dyn Future<Output = Result<Value>> + Send>>;

/// A call that is open for so long is worth a line in the log.
const LONG_CALL: Duration = Duration::from_secs(90);

impl Context {
    fn new(core: &Arc<Core>, operation: Operation, options: CallOptions) -> Self {
        Self {
            request_id: OnceLock::new(),
            started: core.environment.clock.elapsed(),
            core: Arc::clone(core),
            state: Arc::clone(core.state()),
            operation,
            options,
            attempts: AtomicI32::new(0),
            throttles: AtomicI32::new(0),
            effect_under_way: AtomicBool::new(false),
            unresolved: AtomicBool::new(false),
            attempt_limit: None,
        }
    }

    /// The context of a request that no caller waits for, such as a poll: each attempt has this much time.
    pub(crate) fn unattended(core: &Arc<Core>, operation: Operation, attempt_limit: Duration) -> Arc<Self> {
        Arc::new(Self { attempt_limit: Some(attempt_limit), ..Self::new(core, operation, CallOptions::default()) })
    }

    /// What the call's requests and log records carry.
    pub(crate) fn request_id(&self) -> &str {
        self.request_id.get_or_init(|| format!("{:016x}", self.state.request_id()))
    }

    /// Whether nobody waits for it: whoever made it limits how many there are.
    pub(super) fn is_unattended(&self) -> bool {
        self.attempt_limit.is_some()
    }

    /// Says whether an effect has been answered ambiguously: a call that is broken off then has an unknown outcome.
    pub(crate) fn set_unresolved(&self, unresolved: bool) {
        self.unresolved.store(unresolved, Ordering::Relaxed);
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// The limits on time for this call.
    pub(super) fn timeouts(&self) -> Timeouts {
        let ours = self.core.config.timeouts;
        let usual = if self.operation.waits { LONGEST } else { ours.total };
        let attempt = self.attempt_limit.map_or(ours.attempt, |limit| limit.min(ours.attempt));
        Timeouts { total: self.options.timeout.unwrap_or(usual), attempt, ..ours }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.core.environment.clock.elapsed().saturating_sub(self.started)
    }

    /// How much time the call has left.
    pub(crate) fn left(&self) -> Duration {
        self.timeouts().total.saturating_sub(self.elapsed())
    }

    /// How many requests this call has sent, and how many answers throttled it.
    pub(crate) fn spent(&self) -> (i64, i64) {
        (self.attempts.load(Ordering::Relaxed).into(), self.throttles.load(Ordering::Relaxed).into())
    }

    /// Takes the requests that a part of this call has sent as its own.
    pub(crate) fn add_attempts(&self, attempts: i32) {
        self.attempts.fetch_add(attempts, Ordering::Relaxed);
    }

    pub(crate) fn log(&self, level: LogLevel, message: impl Fn() -> String) {
        log(level, || format!("{} [{}] {}", self.operation, self.request_id(), message()));
    }

    /// Completes an error with what only the call knows, and takes the client's secrets out of foreign words.
    pub(crate) fn complete(&self, error: LpchatError) -> LpchatError {
        error.with(|details| {
            details.operation = self.operation.to_string();
            details.attempts = self.attempts.load(Ordering::Relaxed);
            details.elapsed = self.elapsed();
            if details.request_id.is_empty() {
                details.request_id = self.request_id().to_owned();
            }
            let given = self.state().authenticator.given();
            for secret in self.core.config.secrets().chain(&given).filter(|secret| secret.expose().len() >= 4) {
                for text in
                    [Some(&mut details.message), details.service_message.as_mut(), details.cause.as_mut()].into_iter().flatten()
                {
                    if text.contains(secret.expose()) {
                        *text = text.replace(secret.expose(), "…");
                    }
                }
            }
        })
    }

    /// The error of a call that `error` breaks off from outside: nobody knows what an effect under way has come to.
    fn broken_off(&self, error: LpchatError) -> LpchatError {
        if self.effect_under_way.load(Ordering::Relaxed) || self.unresolved.load(Ordering::Relaxed) {
            return LpchatError::new(Code::OutcomeUnknown).with_cause(&error.details().message);
        }
        error
    }

    fn deadline_exceeded(&self) -> LpchatError {
        let message = format!("The call did not finish within {} s.", self.timeouts().total.as_secs_f64());
        self.broken_off(LpchatError::new(Code::DeadlineExceeded).with_message(message))
    }

    /// Closing a client is not one of the calls it waits for, nor one that it ends.
    fn closes(&self) -> bool {
        self.operation.face == "Client" && self.operation.name == "close"
    }
}

/// Counts a call as in flight for as long as it lives.
struct InFlight {
    core: Arc<Core>,
    state: Arc<State>,
    waits: bool,
    kind: Kind,
}

/// What is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Call,
    /// A part of a call, and none of the calls that users count.
    Part,
    /// A call whose work is done by whoever waits for it, when he comes to it: nobody can wait for its end.
    InPlace,
}

impl InFlight {
    fn new(context: &Context, kind: Kind) -> Self {
        let (core, waits) = (&context.core, context.operation.waits);
        core.counters.waiting.fetch_add(i64::from(waits), Ordering::SeqCst);
        core.counters.in_place.fetch_add(i64::from(kind == Kind::InPlace), Ordering::SeqCst);
        // Ordered with the flag that closing sets: either this call sees the flag, or closing sees this call.
        core.counters.in_flight.fetch_add(1, Ordering::SeqCst);
        Self { core: Arc::clone(core), state: Arc::clone(&context.state), waits, kind }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        // In this order, so that closing never takes another call for one that it need not wait for.
        self.core.counters.in_place.fetch_sub(i64::from(self.kind == Kind::InPlace), Ordering::SeqCst);
        self.core.counters.in_flight.fetch_sub(1, Ordering::SeqCst);
        self.core.counters.waiting.fetch_sub(i64::from(self.waits), Ordering::SeqCst);
        count(&self.core.counters.calls, i64::from(self.kind != Kind::Part));
        self.state.ended.notify_waiters();
    }
}

/// Starts one call of `operation`: under its deadline, counted, logged, its errors completed.
pub(crate) fn start<T, F>(
    core: &Arc<Core>,
    operation: Operation,
    options: Option<CallOptions>,
    work: impl FnOnce(Arc<Context>) -> F + Send + 'static,
) -> Call<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    launch(Context::new(core, operation, options.unwrap_or_default()), Kind::Call, work)
}

/// The same of what sends nothing itself: whoever waits for it does the work.
pub(crate) fn start_in_place<T, F>(
    core: &Arc<Core>,
    operation: Operation,
    options: Option<CallOptions>,
    work: impl FnOnce(Arc<Context>) -> F + Send + 'static,
) -> Call<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    launch(Context::new(core, operation, options.unwrap_or_default()), Kind::InPlace, work)
}

/// Starts a part of a call that may outlive it, such as a page that is read ahead: with the call's options and a deadline
/// of its own. Dropping it cancels it.
pub(crate) fn start_part<T, F>(call: &Context, work: impl FnOnce(Arc<Context>) -> F + Send + 'static) -> Call<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    launch(Context::new(&call.core, call.operation, call.options.clone()), Kind::Part, work)
}

/// Starts a call. What is here is compiled for every operation; what [`admit`] and [`supervise`] do, once. That is a quarter
/// of a library.
fn launch<T, F>(context: Context, kind: Kind, work: impl FnOnce(Arc<Context>) -> F + Send + 'static) -> Call<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let (context, in_flight) = match admit(context, kind) {
        Ok(admitted) => admitted,
        Err(error) => return Call::ready(Err(error)),
    };
    // In its box at once: inside the block it would be there twice, before its first step and after.
    let work = Box::pin(work(Arc::clone(&context)));
    let work: Work = Box::pin(async move { work.await.map(|value| Box::new(value) as Value) });
    let work = Box::pin(async move {
        let value = supervise(context, in_flight, work).await?;
        Ok(*value.downcast().expect("the work has put a T into the box"))
    });
    if kind == Kind::InPlace { Call::in_place(work) } else { Call::spawn(work) }
}

/// Lets a call begin, or says why not.
fn admit(context: Context, kind: Kind) -> Result<(Arc<Context>, Option<InFlight>)> {
    let context = Arc::new(context);
    let core = &context.core;
    if let Err(error) = check(&context.options) {
        return Err(context.complete(error));
    }
    let in_flight = (!context.closes()).then(|| InFlight::new(&context, kind));
    if in_flight.is_some() && core.is_closed() {
        return Err(context.complete(LpchatError::new(Code::ClientClosed)));
    }
    Ok((context, in_flight))
}

/// Does the work of a call under its deadline.
async fn supervise(context: Arc<Context>, in_flight: Option<InFlight>, mut work: Work) -> Result<Value> {
    let _in_flight = in_flight;
    let mut aborted = context.state().aborted.subscribe();
    let clock = &context.core.environment.clock;
    context.log(LogLevel::Debug, || "begins".to_owned());
    let unlimited = context.operation.waits && context.options.timeout.is_none();
    let limit = Some(context.timeouts().total).filter(|_| !unlimited);
    let deadline = async {
        // A call that waits for somebody is meant to stay open.
        let mut left = limit;
        if !context.operation.waits && limit.is_some_and(|limit| limit > LONG_CALL) {
            clock.limit(LONG_CALL).await;
            context.log(LogLevel::Warning, || format!("is still open after {} s", LONG_CALL.as_secs()));
            left = limit.map(|limit| limit.saturating_sub(LONG_CALL));
        }
        context.core.environment.limit_if(left).await;
    };
    let outcome = tokio::select! {
        // A call that has ended is not aborted any more.
        biased;
        outcome = &mut work => outcome,
        () = deadline => Err(context.deadline_exceeded()),
        // Closing aborts all others.
        _ = aborted.wait_for(|aborted| *aborted), if !context.closes() => {
            Err(context.broken_off(LpchatError::new(Code::ClientClosed)))
        }
    };
    let outcome = outcome.map_err(|error| context.complete(error));
    context.log(LogLevel::Debug, || match &outcome {
        Ok(_) => format!("ends after {} ms", context.elapsed().as_millis()),
        Err(error) => format!("fails after {} ms: {}", context.elapsed().as_millis(), error.code().name()),
    });
    outcome
}

fn check(options: &CallOptions) -> Result<()> {
    if let Some(timeout) = options.timeout {
        checked_limit("timeout", timeout).map_err(|_| {
            LpchatError::argument(
                "timeout",
                timeout,
                "a time limit is longer than nothing and at most 7 days; leave it out for the client's",
            )
        })?;
    }
    if let Some(retries) = options.retries.filter(|retries| *retries < 0) {
        return Err(LpchatError::argument("retries", retries, "0 repeats nothing; leave it out for the client's table"));
    }
    Ok(())
}

impl Context {
    /// The retry class of a request: its own, or its operation's.
    pub(super) fn class(&self, own: Option<RetryClass>) -> RetryClass {
        own.unwrap_or(self.operation.retry)
    }
}
