//! Waiting for calls, blocking and in asyncio, and what a waiting thread does meanwhile.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use lpchat::call::{Job, Undelivered};
use lpchat::observe::{LogLevel, drain_log, queue_log};
use lpchat::{Call, Canceller, Result};
use pyo3::prelude::*;

use crate::convert::{Lookup, Mode, ToPython};
use crate::errors::exception;

/// How long a thread waits before it looks for signals: Ctrl-C ends a call within twice this time.
const SLICE: Duration = Duration::from_millis(40);

static LOGGING: AtomicBool = AtomicBool::new(false);

/// Waits for a call with the interpreter released, looking for signals now and then. An exception, such as Ctrl-C's,
/// drops the call and so cancels it.
pub fn run<T: ToPython + Send + 'static>(py: Python<'_>, call: Call<T>) -> PyResult<Bound<'_, PyAny>> {
    let outcome = loop {
        if let Some(outcome) = py.detach(|| call.wait_for(SLICE)) {
            break outcome;
        }
        py.check_signals()?;
        forward_log(py)?;
    };
    forward_log(py)?;
    finish(py, outcome, Mode::Blocking)
}

fn finish<T: ToPython>(py: Python<'_>, outcome: Result<T>, mode: Mode) -> PyResult<Bound<'_, PyAny>> {
    match outcome {
        Ok(value) => value.into_python(py, mode),
        Err(error) => Err(exception(py, &error)),
    }
}

/// An asyncio future for a call. Cancelling it cancels the call.
///
/// What has come is settled on the loop's own thread; a thread of the engine's takes the interpreter only to wake the loop.
pub fn start<T: ToPython + Clone + Send + 'static>(py: Python<'_>, call: Call<T>) -> PyResult<Bound<'_, PyAny>> {
    start_with(py, call, |py, outcome| finish(py, outcome, Mode::Awaitable))
}

/// An asyncio future for the next step of an `async for`: where there is none, the loop is over.
pub fn step<T: ToPython + Clone + Send + 'static>(py: Python<'_>, call: Call<Option<T>>) -> PyResult<Bound<'_, PyAny>> {
    start_with(py, call, |py, outcome| match outcome {
        Ok(None) => Err(pyo3::exceptions::PyStopAsyncIteration::new_err(())),
        outcome => finish(py, outcome, Mode::Awaitable),
    })
}

type Finish<T> = for<'py> fn(Python<'py>, Result<T>) -> PyResult<Bound<'py, PyAny>>;

fn start_with<T: Clone + Send + 'static>(py: Python<'_>, call: Call<T>, finish: Finish<T>) -> PyResult<Bound<'_, PyAny>> {
    let event_loop = running_loop(py)?;
    let future = event_loop.call_method0("create_future")?;
    // What is there already needs no way through a thread of ours.
    if let Some(outcome) = call.wait_for(Duration::ZERO) {
        set(&future, finish(py, outcome))?;
        return Ok(future);
    }
    let (inbox, to_future) = (Inbox::of(&event_loop), future.clone().unbind());
    let canceller = py.detach(|| {
        call.on_arrival(move |outcome, undelivered| {
            let value = move |py: Python<'_>| finish(py, outcome).map(Bound::unbind);
            inbox.put(Arrival { future: to_future, value: Some(Box::new(value)), undelivered })
        })
    });
    future.call_method1("add_done_callback", (CancelCall(canceller),))?;
    Ok(future)
}

fn running_loop(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static RUNNING_LOOP: Lookup = Lookup::new("asyncio", "get_running_loop");
    RUNNING_LOOP.get(py)?.call0()
}

fn set(future: &Bound<'_, PyAny>, settled: PyResult<Bound<'_, PyAny>>) -> PyResult<()> {
    match settled {
        Ok(value) => future.call_method1("set_result", (value,))?,
        Err(error) => future.call_method1("set_exception", (error,))?,
    };
    Ok(())
}

/// Makes a Python object, or an exception, of an outcome.
type Conversion = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// An outcome on its way to a future.
struct Arrival {
    future: Py<PyAny>,
    value: Option<Conversion>,
    undelivered: Option<Undelivered>,
}

impl Arrival {
    fn settle(mut self, py: Python<'_>) -> PyResult<()> {
        let future = self.future.bind(py);
        if let Some(value) = self.value.take()
            && !future.call_method0("done")?.is_truthy()?
        {
            set(future, value(py).map(|value| value.into_bound(py)))?;
            self.undelivered = None;
        }
        Ok(())
    }
}

impl Drop for Arrival {
    /// Where the loop was closed or the future cancelled, what came is given back.
    fn drop(&mut self) {
        if let Some(give_back) = self.undelivered.take() {
            give_back();
        }
    }
}

/// Outcomes on their way to one event loop. However many there are, the loop is woken for them once, and the interpreter
/// is taken once to do so.
struct Inbox {
    event_loop: Py<PyAny>,
    arrivals: Mutex<Vec<Arrival>>,
}

thread_local! {
    /// That of the loop which ran on this thread last.
    static INBOX: RefCell<Weak<Inbox>> = const { RefCell::new(Weak::new()) };
}

impl Inbox {
    fn of(event_loop: &Bound<'_, PyAny>) -> Arc<Self> {
        let known = INBOX.with_borrow(Weak::upgrade).filter(|inbox| inbox.event_loop.is(event_loop));
        known.unwrap_or_else(|| {
            let made = Arc::new(Self { event_loop: event_loop.clone().unbind(), arrivals: Mutex::default() });
            INBOX.replace(Arc::downgrade(&made));
            made
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arrival>> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an outcome; gives what wakes the loop where nobody else is about to.
    fn put(self: Arc<Self>, arrival: Arrival) -> Option<Job> {
        let mut arrivals = self.lock();
        arrivals.push(arrival);
        let is_first = arrivals.len() == 1;
        drop(arrivals);
        is_first.then(|| Box::new(move || self.wake_loop()) as Job)
    }

    /// Has the loop settle what has come. Where it is closed, or the interpreter is going away, nothing is left to tell.
    fn wake_loop(self: Arc<Self>) {
        let settling = Settling::begin();
        let woken = settling.as_ref().and_then(|_| {
            Python::try_attach(|py| {
                let delivery = Delivery { inbox: Arc::clone(&self), is_begun: AtomicBool::new(false) };
                let delivery = Bound::new(py, delivery)?;
                self.event_loop.bind(py).call_method1("call_soon_threadsafe", (delivery,)).map(drop)
            })
        });
        if !matches!(woken, Some(Ok(()))) {
            self.take();
        }
    }

    fn take(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.lock())
    }
}

/// Settles futures on their loop's own thread.
#[pyclass(frozen)]
struct Delivery {
    inbox: Arc<Inbox>,
    is_begun: AtomicBool,
}

impl Drop for Delivery {
    /// The loop was closed before it came to this: nobody will settle what has come.
    fn drop(&mut self) {
        if !self.is_begun.load(Ordering::Relaxed) {
            self.inbox.take();
        }
    }
}

#[pymethods]
impl Delivery {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        self.is_begun.store(true, Ordering::Relaxed);
        for arrival in self.inbox.take() {
            // What is wrong with one future is no concern of the others.
            if let Err(error) = arrival.settle(py) {
                error.write_unraisable(py, None);
            }
        }
        forward_log(py)
    }
}

/// A thread of ours that holds, or is about to take, the interpreter. The interpreter must not go away under it.
struct Settling;

static EXITING: AtomicBool = AtomicBool::new(false);
static SETTLING: AtomicI64 = AtomicI64::new(0);
/// The process that counts in `SETTLING`: a forked child has none of its parent's threads.
static COUNTING: AtomicU32 = AtomicU32::new(0);
/// The interpreter waits for such threads this long when it ends.
const PATIENCE: Duration = Duration::from_secs(1);

impl Settling {
    fn begin() -> Option<Self> {
        let pid = std::process::id();
        if COUNTING.swap(pid, Ordering::SeqCst) != pid {
            SETTLING.store(0, Ordering::SeqCst);
        }
        // Counted first, asked afterwards: whoever ends the interpreter sees one of the two.
        SETTLING.fetch_add(1, Ordering::SeqCst);
        let settling = Self;
        (!EXITING.load(Ordering::SeqCst)).then_some(settling)
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        SETTLING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Called when the interpreter begins to end: from here on outcomes are dropped, and those on their way are waited for.
#[pyfunction]
pub fn shut_down(py: Python<'_>) {
    EXITING.store(true, Ordering::SeqCst);
    if COUNTING.load(Ordering::SeqCst) != std::process::id() {
        return;
    }
    py.detach(|| {
        let end = Instant::now() + PATIENCE;
        while SETTLING.load(Ordering::SeqCst) > 0 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

/// Called when a future is done: if it was cancelled, so is the call.
#[pyclass(frozen)]
struct CancelCall(Canceller);

#[pymethods]
impl CancelCall {
    fn __call__(&self, future: &Bound<'_, PyAny>) -> PyResult<()> {
        if future.call_method0("cancelled")?.is_truthy()? {
            self.0.cancel();
        }
        Ok(())
    }
}

/// Hands records of this level (a number of the module `logging`) and above to the logger `lpchat`; `None` stops it.
///
/// Records are handed over on threads that wait for a call or finish one, never on a thread of lpchat.
#[pyfunction]
pub fn set_log_level(level: Option<i32>) {
    LOGGING.store(level.is_some(), Ordering::Relaxed);
    queue_log(level.map(|level| match level {
        ..=10 => LogLevel::Debug,
        11..=20 => LogLevel::Info,
        21..=30 => LogLevel::Warning,
        _ => LogLevel::Error,
    }));
}

fn forward_log(py: Python<'_>) -> PyResult<()> {
    static LOGGER: Lookup = Lookup::new("lpchat._log", "logger");
    if !LOGGING.load(Ordering::Relaxed) {
        return Ok(());
    }
    for record in drain_log() {
        let level = record.level as i32 * 10;
        LOGGER.get(py)?.call_method1("log", (level, "%s", record.message))?;
    }
    Ok(())
}

/// A future that is done already.
pub fn ready(py: Python<'_>, value: Py<PyAny>) -> PyResult<Bound<'_, PyAny>> {
    let future = running_loop(py)?.call_method0("create_future")?;
    future.call_method1("set_result", (value,))?;
    Ok(future)
}
