//! One call in flight: wait for it, await it, or drop it, which cancels it.

mod work;

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

use crate::bells::Callers;
use crate::callbacks;
use crate::engine::Engine;
use crate::error::{Code, LpchatError, Result};
use work::{Bell, Work};

/// The value behind a `Result`, so that a macro can name it.
pub trait Outcome {
    /// What a success holds.
    type Value;
}

impl<T> Outcome for Result<T> {
    type Value = T;
}

/// Takes an outcome on the engine's own thread, and gives what of it is foreign code, to be run elsewhere.
type Callback<T> = Box<dyn FnOnce(Result<T>) -> Option<Job> + Send>;

/// Foreign code.
pub type Job = Box<dyn FnOnce() + Send>;

/// Gives a value back that came for somebody who is gone: an event must not be lost with a cancelled wait.
pub type Undelivered = Box<dyn FnOnce() + Send>;

enum State<T> {
    Running {
        waker: Option<Waker>,
        callback: Option<Callback<T>>,
        /// A thread is blocked: only then is it worth a system call to tell it.
        blocks: bool,
    },
    /// Nobody waits any more. This takes what the call may still bring: it is code of ours, so any thread may run it.
    GivenUp(Callback<T>),
    Done(Result<T>),
    Taken,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    done: Condvar,
}

impl<T: Send + 'static> Shared<T> {
    fn new(state: State<T>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(state), done: Condvar::new() })
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands the outcome to whoever waits. A callback is foreign code and so never runs on the worker thread.
    fn complete(&self, outcome: Result<T>, callers: &Callers) {
        let mut state = self.lock();
        if let State::GivenUp(_) = *state
            && let State::GivenUp(give_back) = std::mem::replace(&mut *state, State::Taken)
        {
            drop(state);
            return settle(give_back, outcome);
        }
        let State::Running { waker, callback, blocks } = &mut *state else { return };
        let (waker, callback, blocks) = (waker.take(), callback.take(), *blocks);
        if let Some(callback) = callback {
            *state = State::Taken;
            drop(state);
            return settle(callback, outcome);
        }
        *state = State::Done(outcome);
        drop(state);
        if blocks {
            self.done.notify_all();
        }
        if let Some(waker) = waker {
            callers.wake(waker);
        }
    }
}

fn settle<T>(callback: Callback<T>, outcome: Result<T>) {
    if let Some(job) = callback(outcome) {
        callbacks::run(job);
    }
}

/// One call in flight.
///
/// It can be waited for on any thread ([`wait`](Self::wait)), polled by any executor (it is a future), or given a
/// callback ([`on_complete`](Self::on_complete)). Dropping it cancels the call and closes its connection.
///
/// A call that sends nothing itself needs no thread of the engine: whoever waits for it does its work, as long as nobody
/// else has to.
pub struct Call<T> {
    shared: Arc<Shared<T>>,
    /// The work of a call that whoever waits for it does.
    own: Mutex<Option<Work<T>>>,
    /// The task of a call that the engine does.
    task: OnceLock<Task>,
    /// The process it was begun in; none where it has ended before.
    pid: u32,
    cancel_on_drop: bool,
    /// Behind a lock so that threads may share the call.
    give_back: Mutex<Option<Callback<T>>>,
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finished = self.task.get().is_some_and(|task| task.handle.is_finished());
        formatter.debug_struct("Call").field("finished", &finished).finish_non_exhaustive()
    }
}

/// Completes a call whose task was aborted before it could, and one whose task has come to its end.
struct Abandoned<T: Send + 'static>(Option<Arc<Shared<T>>>, &'static Engine);

impl<T: Send + 'static> Abandoned<T> {
    fn complete(&mut self, outcome: Result<T>) {
        if let Some(shared) = self.0.take() {
            shared.complete(outcome, &self.1.callers);
        }
    }
}

impl<T: Send + 'static> Drop for Abandoned<T> {
    fn drop(&mut self) {
        if self.0.is_some() {
            self.complete(Err(LpchatError::new(Code::Cancelled)));
        }
    }
}

impl<T: Send + 'static> Call<T> {
    fn new(state: State<T>, own: Option<Work<T>>) -> Self {
        Self {
            shared: Shared::new(state),
            task: OnceLock::new(),
            pid: own.as_ref().map_or(0, |work| work.engine.pid),
            own: Mutex::new(own),
            cancel_on_drop: true,
            give_back: Mutex::new(None),
        }
    }

    /// Runs `work` on the engine.
    pub(crate) fn spawn(work: Pin<Box<dyn Future<Output = Result<T>> + Send>>) -> Self {
        let call = match Work::new(work) {
            Ok(work) => Self::left_to_do(work),
            Err(error) => return Self::ready(Err(error)),
        };
        call.hand_over();
        call
    }

    /// Begins `work` on this thread and leaves the rest of it to whoever waits for it. It may wait for whatever the engine
    /// does, and send nothing itself.
    pub(crate) fn in_place(work: Pin<Box<dyn Future<Output = Result<T>> + Send>>) -> Self {
        let mut work = match Work::new(work) {
            Ok(work) => work,
            Err(error) => return Self::ready(Err(error)),
        };
        match work.poll_elsewhere(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => Self::ready(outcome),
            Poll::Pending => Self::left_to_do(work),
        }
    }

    fn left_to_do(work: Work<T>) -> Self {
        Self::new(State::Running { waker: None, callback: None, blocks: false }, Some(work))
    }

    /// A call that has ended before it began; it needs no engine.
    pub(crate) fn ready(outcome: Result<T>) -> Self {
        Self::new(State::Done(outcome), None)
    }

    fn own(&self) -> MutexGuard<'_, Option<Work<T>>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on the engine does the work.
    fn hand_over(&self) {
        let Some(work) = self.own().take() else { return };
        let engine = work.engine;
        let mut guard = Abandoned(Some(Arc::clone(&self.shared)), engine);
        // Boxed, all tasks are of one type: what the runtime does with a task is compiled once.
        let task: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async move { guard.complete(work.await) });
        let handle = engine.handle().spawn(task).abort_handle();
        self.task.get_or_init(|| Task { handle, engine });
    }

    /// Does the work that was left to whoever waits, until it has ended or `limit` is over (nothing then).
    fn work_here(&self, own: &mut Option<Work<T>>, limit: Option<Duration>) -> Option<Result<T>> {
        let work = own.as_mut()?;
        let (bell, begun) = (Arc::new(Bell::default()), Instant::now());
        let waker = Waker::from(Arc::clone(&bell));
        loop {
            if let Some(error) = self.hopeless() {
                return Some(Err(error));
            }
            if let Poll::Ready(outcome) = work.poll_elsewhere(&mut Context::from_waker(&waker)) {
                *own = None;
                *self.shared.lock() = State::Taken;
                return Some(outcome);
            }
            if !bell.wait(limit.map(|limit| limit.saturating_sub(begun.elapsed()))) {
                return None;
            }
        }
    }

    /// What becomes of a value that arrives although the call is dropped untaken: a cancellation can come too late.
    pub(crate) fn or_give_back(mut self, give_back: impl FnOnce(T) + Send + 'static) -> Self {
        self.give_back = Mutex::new(Some(Box::new(move |outcome| {
            if let Ok(value) = outcome {
                give_back(value);
            }
            None
        })));
        self
    }

    /// Blocks until the call ends.
    pub fn wait(self) -> Result<T> {
        if let Some(outcome) = self.work_here(&mut self.own(), None) {
            return outcome;
        }
        let mut state = self.shared.lock();
        while let State::Running { blocks, .. } = &mut *state {
            if let Some(error) = self.hopeless() {
                return Err(error);
            }
            *blocks = true;
            state = self.shared.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        take(&mut state)
    }

    /// Blocks until the call ends or `slice` is over; `None` means it is still running.
    pub fn wait_for(&self, slice: Duration) -> Option<Result<T>> {
        let outcome = self.outcome_within(slice);
        if outcome.is_some() {
            self.received();
        }
        outcome
    }

    fn outcome_within(&self, slice: Duration) -> Option<Result<T>> {
        let mut own = self.own();
        if own.is_some() {
            return self.work_here(&mut own, Some(slice));
        }
        drop(own);
        let begun = Instant::now();
        let mut state = self.shared.lock();
        while let State::Running { blocks, .. } = &mut *state {
            if let Some(error) = self.hopeless() {
                return Some(Err(error));
            }
            *blocks = true;
            let left = slice.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return None;
            }
            state = self.shared.done.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(take(&mut state))
    }

    /// Its outcome has reached whoever waited, although the call itself may still be held.
    fn received(&self) {
        drop(self.give_back.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Why blocking this thread until the call ends would never end.
    fn hopeless(&self) -> Option<LpchatError> {
        if Engine::on_worker() {
            return Some(LpchatError::new(Code::Internal).with_hint("").with_message(
                "Blocking lpchat's own worker thread for a call that runs on it would never end: await the call instead.",
            ));
        }
        self.left_behind()
    }

    /// A forked child has inherited the call, not the thread it runs on.
    fn left_behind(&self) -> Option<LpchatError> {
        (self.pid != std::process::id()).then(|| {
            LpchatError::new(Code::Internal)
                .with_hint("")
                .with_message("This call was begun before the process forked, and runs in the parent only: begin it again here.")
        })
    }

    /// Calls `callback` with the outcome, on a thread kept for callbacks. Keep the canceller to cancel it.
    pub fn on_complete(self, callback: impl FnOnce(Result<T>) + Send + 'static) -> Canceller {
        self.on_outcome(|outcome| Some(Box::new(move || callback(outcome))))
    }

    /// Calls `note` with the outcome, on the engine's own thread: it must neither wait nor run foreign code. What it gives is
    /// run on a thread kept for callbacks.
    fn on_outcome(mut self, note: impl FnOnce(Result<T>) -> Option<Job> + Send + 'static) -> Canceller {
        self.cancel_on_drop = false;
        let canceller = self.canceller();
        let mut state = self.shared.lock();
        match &mut *state {
            State::Running { callback: slot, .. } => *slot = Some(Box::new(note)),
            _ => {
                let outcome = take(&mut state);
                drop(state);
                settle(Box::new(note), outcome);
                return canceller;
            }
        }
        drop(state);
        canceller
    }

    /// As [`on_complete`](Self::on_complete); beside the outcome comes what to call where it reaches nobody any more, as when
    /// a foreign wait was cancelled while the outcome was on its way.
    pub fn on_delivery(self, callback: impl FnOnce(Result<T>, Option<Undelivered>) + Send + 'static) -> Canceller
    where
        T: Clone,
    {
        self.on_arrival(|outcome, undelivered| Some(Box::new(move || callback(outcome, undelivered))))
    }

    /// As [`on_delivery`](Self::on_delivery), for those who collect outcomes: `note` is called on the engine's own thread,
    /// where it must neither wait nor run foreign code, and what it gives is run on a thread kept for callbacks.
    pub fn on_arrival(mut self, note: impl FnOnce(Result<T>, Option<Undelivered>) -> Option<Job> + Send + 'static) -> Canceller
    where
        T: Clone,
    {
        let give_back = self.give_back.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        self.on_outcome(move |outcome| {
            let undelivered = give_back.map(|give_back| {
                let copy = outcome.clone();
                Box::new(move || settle(give_back, copy)) as Undelivered
            });
            note(outcome, undelivered)
        })
    }

    /// Something that can cancel this call from any thread, as often as it likes.
    pub fn canceller(&self) -> Canceller {
        self.hand_over();
        Canceller(self.task.get().cloned())
    }
}

fn take<T>(state: &mut State<T>) -> Result<T> {
    match std::mem::replace(state, State::Taken) {
        State::Done(outcome) => outcome,
        State::Running { .. } | State::GivenUp(_) | State::Taken => {
            Err(LpchatError::new(Code::Internal).with_message("the outcome of this call was taken before"))
        }
    }
}

impl<T: Send + 'static> Future for Call<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let pid = self.pid;
        let own = self.own.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut();
        if let Some(work) = own.filter(|_| pid == std::process::id()) {
            let outcome = ready!(work.poll_elsewhere(context));
            *self.own() = None;
            *self.shared.lock() = State::Taken;
            self.received();
            return Poll::Ready(outcome);
        }
        let mut state = self.shared.lock();
        if let State::Running { waker, .. } = &mut *state {
            if let Some(error) = self.left_behind() {
                return Poll::Ready(Err(error));
            }
            *waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        let outcome = take(&mut state);
        drop(state);
        self.received();
        self.task.get().inspect(|task| task.wake_others());
        Poll::Ready(outcome)
    }
}

impl<T> Drop for Call<T> {
    fn drop(&mut self) {
        if let Some(task) = self.task.get().filter(|_| self.cancel_on_drop) {
            task.cancel();
        }
        // Nor must its work be taken apart there: it may hang on what was locked when the process forked.
        let own = self.own.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if own.is_some() && self.pid != std::process::id() {
            std::mem::forget(own);
        }
        let Some(give_back) = self.give_back.get_mut().unwrap_or_else(PoisonError::into_inner).take() else { return };
        if self.pid != 0 && self.pid != std::process::id() {
            std::mem::forget(give_back);
            return;
        }
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Taken) {
            State::Done(outcome) => {
                drop(state);
                settle(give_back, outcome);
            }
            // The task ends at its next await; what it brings until then comes back this way.
            State::Running { callback: None, .. } => *state = State::GivenUp(give_back),
            other => *state = other,
        }
    }
}

/// Cancels one call; harmless once the call has ended.
#[derive(Debug, Clone)]
pub struct Canceller(Option<Task>);

impl Canceller {
    /// Cancels the call and closes its connection.
    pub fn cancel(&self) {
        if let Some(task) = &self.0 {
            task.cancel();
        }
    }
}

/// The task of a call, and the process it runs in.
#[derive(Debug, Clone)]
struct Task {
    handle: AbortHandle,
    engine: &'static Engine,
}

impl Task {
    fn cancel(&self) {
        // A forked child must leave its parent's tasks, and their locks, alone.
        if !self.handle.is_finished() && self.engine.is_of_this_process() {
            self.handle.abort();
        }
    }

    /// Wakes those whose calls have ended together with this one.
    fn wake_others(&self) {
        if self.engine.callers.any() && self.engine.is_of_this_process() {
            self.engine.callers.ring();
        }
    }
}

/// Turns a panic inside a future into its payload.
pub(crate) struct CatchPanic<F: ?Sized>(Pin<Box<F>>);

impl<F: Future + ?Sized> CatchPanic<F> {
    pub(crate) fn new(future: Pin<Box<F>>) -> Self {
        Self(future)
    }
}

impl<F: Future + ?Sized> Future for CatchPanic<F> {
    type Output = std::result::Result<F::Output, Box<dyn Any + Send>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match std::panic::catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}

/// The error a caught panic becomes, at every boundary.
pub fn panicked(panic: &(dyn Any + Send)) -> LpchatError {
    let message = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    LpchatError::new(Code::Internal).with_message(format!("lpchat panicked: {}", message.unwrap_or("no message")))
}

/// Does work that takes long, or waits for a disk, where it holds up no other call. It is done to its end even if nobody
/// waits for it any more.
pub(crate) async fn on_blocking_pool<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| match error.try_into_panic() {
        Ok(panic) => panicked(&*panic),
        Err(_) => LpchatError::new(Code::Cancelled),
    })
}
