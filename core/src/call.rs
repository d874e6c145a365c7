//! One call in flight: wait for it, await it, or drop it, which cancels it.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

use crate::callbacks;
use crate::engine::Engine;
use crate::error::{Code, LpchatError, Result};

/// The value behind a `Result`, so that a macro can name it.
pub trait Outcome {
    /// What a success holds.
    type Value;
}

impl<T> Outcome for Result<T> {
    type Value = T;
}

type Callback<T> = Box<dyn FnOnce(Result<T>) + Send>;

/// Gives a value back that came for somebody who is gone: an event must not be lost with a cancelled wait.
pub type Undelivered = Box<dyn FnOnce() + Send>;

enum State<T> {
    Running {
        waker: Option<Waker>,
        callback: Option<Callback<T>>,
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
    fn complete(&self, outcome: Result<T>) {
        let mut state = self.lock();
        if let State::GivenUp(_) = *state
            && let State::GivenUp(give_back) = std::mem::replace(&mut *state, State::Taken)
        {
            drop(state);
            return give_back(outcome);
        }
        let State::Running { waker, callback } = &mut *state else { return };
        let (waker, callback) = (waker.take(), callback.take());
        if let Some(callback) = callback {
            *state = State::Taken;
            drop(state);
            callbacks::run(move || callback(outcome));
            return;
        }
        *state = State::Done(outcome);
        drop(state);
        self.done.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// One call in flight.
///
/// It can be waited for on any thread ([`wait`](Self::wait)), polled by any executor (it is a future), or given a
/// callback ([`on_complete`](Self::on_complete)). Dropping it cancels the call and closes its connection.
pub struct Call<T> {
    shared: Arc<Shared<T>>,
    canceller: Canceller,
    cancel_on_drop: bool,
    /// Behind a lock so that threads may share the call.
    give_back: Mutex<Option<Callback<T>>>,
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finished = self.canceller.0.as_ref().is_none_or(|task| task.handle.is_finished());
        formatter.debug_struct("Call").field("finished", &finished).finish_non_exhaustive()
    }
}

/// Completes a call whose task was aborted before it could.
struct Abandoned<T: Send + 'static>(Arc<Shared<T>>);

impl<T: Send + 'static> Drop for Abandoned<T> {
    fn drop(&mut self) {
        self.0.complete(Err(LpchatError::new(Code::Cancelled)));
    }
}

impl<T: Send + 'static> Call<T> {
    /// Runs `work` on the engine.
    pub(crate) fn spawn(work: Pin<Box<dyn Future<Output = Result<T>> + Send>>) -> Self {
        let engine = match Engine::current() {
            Ok(engine) => engine,
            Err(error) => return Self::ready(Err(error)),
        };
        let shared = Shared::new(State::Running { waker: None, callback: None });
        let guard = Abandoned(Arc::clone(&shared));
        // Boxed, all tasks are of one type: what the runtime does with a task is compiled once.
        let task: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async move {
            let outcome = CatchPanic::new(work).await.unwrap_or_else(|panic| Err(panicked(&*panic)));
            guard.0.complete(outcome);
        });
        let task = engine.handle().spawn(task);
        let task = Task { handle: task.abort_handle(), pid: std::process::id() };
        Self { shared, canceller: Canceller(Some(task)), cancel_on_drop: true, give_back: Mutex::new(None) }
    }

    /// A call that has ended before it began; it needs no engine.
    pub(crate) fn ready(outcome: Result<T>) -> Self {
        Self {
            shared: Shared::new(State::Done(outcome)),
            canceller: Canceller(None),
            cancel_on_drop: false,
            give_back: Mutex::new(None),
        }
    }

    /// What becomes of a value that arrives although the call is dropped untaken: a cancellation can come too late.
    pub(crate) fn or_give_back(mut self, give_back: impl FnOnce(T) + Send + 'static) -> Self {
        self.give_back = Mutex::new(Some(Box::new(move |outcome| outcome.map_or((), give_back))));
        self
    }

    /// Blocks until the call ends.
    pub fn wait(self) -> Result<T> {
        let mut state = self.shared.lock();
        while matches!(*state, State::Running { .. }) {
            if let Some(error) = self.hopeless() {
                return Err(error);
            }
            state = self.shared.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        take(&mut state)
    }

    /// Blocks until the call ends or `slice` is over; `None` means it is still running.
    pub fn wait_for(&self, slice: Duration) -> Option<Result<T>> {
        let begun = Instant::now();
        let mut state = self.shared.lock();
        while matches!(*state, State::Running { .. }) {
            if let Some(error) = self.hopeless() {
                return Some(Err(error));
            }
            let left = slice.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return None;
            }
            state = self.shared.done.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(take(&mut state))
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
        let task = self.canceller.0.as_ref()?;
        (task.pid != std::process::id()).then(|| {
            LpchatError::new(Code::Internal)
                .with_hint("")
                .with_message("This call was begun before the process forked, and runs in the parent only: begin it again here.")
        })
    }

    /// Calls `callback` with the outcome, on a thread kept for callbacks. Keep the canceller to cancel it.
    pub fn on_complete(mut self, callback: impl FnOnce(Result<T>) + Send + 'static) -> Canceller {
        self.cancel_on_drop = false;
        let canceller = self.canceller();
        let mut state = self.shared.lock();
        match &mut *state {
            State::Running { callback: slot, .. } => *slot = Some(Box::new(callback)),
            _ => {
                let outcome = take(&mut state);
                callbacks::run(move || callback(outcome));
            }
        }
        drop(state);
        canceller
    }

    /// As [`on_complete`](Self::on_complete); beside the outcome comes what to call where it reaches nobody any more, as when
    /// a foreign wait was cancelled while the outcome was on its way.
    pub fn on_delivery(mut self, callback: impl FnOnce(Result<T>, Option<Undelivered>) + Send + 'static) -> Canceller
    where
        T: Clone,
    {
        let give_back = self.give_back.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        self.on_complete(move |outcome| {
            let undelivered = give_back.map(|give_back| {
                let copy = outcome.clone();
                Box::new(move || give_back(copy)) as Undelivered
            });
            callback(outcome, undelivered);
        })
    }

    /// Something that can cancel this call from any thread, as often as it likes.
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
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

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.shared.lock();
        if let State::Running { waker, .. } = &mut *state {
            if let Some(error) = self.left_behind() {
                return Poll::Ready(Err(error));
            }
            *waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(take(&mut state))
    }
}

impl<T> Drop for Call<T> {
    fn drop(&mut self) {
        if self.cancel_on_drop {
            self.canceller.cancel();
        }
        let Some(give_back) = self.give_back.get_mut().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Taken) {
            State::Done(outcome) => {
                drop(state);
                give_back(outcome);
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

/// The task of a call, and the process it runs in.
#[derive(Debug, Clone)]
struct Task {
    handle: AbortHandle,
    pid: u32,
}

impl Canceller {
    /// Cancels the call and closes its connection.
    pub fn cancel(&self) {
        // A forked child must leave its parent's tasks, and their locks, alone.
        if let Some(task) = self.0.as_ref().filter(|task| task.pid == std::process::id()) {
            task.handle.abort();
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
