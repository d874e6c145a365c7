//! Waiting for calls, blocking and in asyncio, and what a waiting thread does meanwhile.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lpchat::call::Undelivered;
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
/// The outcome arrives on a thread of the engine's pool, which takes the interpreter only to hand it to the loop.
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
    static RUNNING_LOOP: Lookup = Lookup::new("asyncio", "get_running_loop");
    let event_loop = RUNNING_LOOP.get(py)?.call0()?;
    let future = event_loop.call_method0("create_future")?;
    let (to_loop, to_future) = (event_loop.unbind(), future.clone().unbind());
    let canceller = py.detach(|| {
        call.on_delivery(move |outcome, undelivered| {
            // Nothing is left to tell where the interpreter is going away or the loop is closed.
            let Some(_settling) = Settling::begin() else { return };
            Python::try_attach(|py| {
                let settled = finish(py, outcome);
                let (value, error) = match settled {
                    Ok(value) => (Some(value), None),
                    Err(error) => (None, Some(error)),
                };
                let undelivered = Mutex::new(undelivered);
                let settle = Settle { future: to_future, value: value.map(Bound::unbind), error, undelivered };
                if let Ok(settle) = Bound::new(py, settle) {
                    let _closed = to_loop.bind(py).call_method1("call_soon_threadsafe", (settle,));
                }
            });
        })
    });
    future.call_method1("add_done_callback", (CancelCall(canceller),))?;
    Ok(future)
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

/// Settles a future on its loop's own thread.
#[pyclass(frozen)]
struct Settle {
    future: Py<PyAny>,
    value: Option<Py<PyAny>>,
    error: Option<PyErr>,
    undelivered: Mutex<Option<Undelivered>>,
}

impl Settle {
    fn undelivered(&self) -> Option<Undelivered> {
        self.undelivered.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Settle {
    /// Where the loop was closed or the future cancelled, what came is given back.
    fn drop(&mut self) {
        if let Some(give_back) = self.undelivered() {
            give_back();
        }
    }
}

#[pymethods]
impl Settle {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let future = self.future.bind(py);
        if !future.call_method0("done")?.is_truthy()? {
            match (&self.error, &self.value) {
                (Some(error), _) => future.call_method1("set_exception", (error.clone_ref(py),))?,
                (None, value) => future.call_method1("set_result", (value.as_ref().map(|value| value.clone_ref(py)),))?,
            };
            drop(self.undelivered());
        }
        forward_log(py)
    }
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
    static RUNNING_LOOP: Lookup = Lookup::new("asyncio", "get_running_loop");
    let future = RUNNING_LOOP.get(py)?.call0()?.call_method0("create_future")?;
    future.call_method1("set_result", (value,))?;
    Ok(future)
}
