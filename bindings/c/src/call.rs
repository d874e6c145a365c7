//! Waiting for a call, and cancelling it.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lpchat::{Call, CallOptions, Canceller, Result};

use crate::boundary::{LPCHAT_OK, boundary, value};
use crate::error::{cancelled, lpchat_error};
use crate::generated::inputs::lpchat_call_options;
use crate::handle::{self, Handle};
use crate::input;
use crate::log;
use crate::output::given;

/// Cancels the calls that carry it in their options (`lpchat_call_options_set_call`). Once cancelled it stays so: a call
/// that begins afterwards ends at once. Make a new one for each call, or for a group of calls that end together.
///
/// Threads: all functions may be used by many threads at once.
#[derive(Debug)]
pub struct lpchat_call {
    _opaque: [u8; 0],
}

/// What is behind a call's handle.
#[derive(Debug, Default)]
pub struct Cancellation {
    cancelled: AtomicBool,
}

impl Handle for lpchat_call {
    type Object = Cancellation;
    const NAME: &'static str = "lpchat_call";
}

/// A call in flight that can be cancelled.
#[derive(Debug)]
pub struct Registered {
    by: Arc<Cancellation>,
    number: u64,
    canceller: Canceller,
}

static REGISTERED: Mutex<Vec<Registered>> = Mutex::new(Vec::new());

/// How long a thread waits before it hands log records over.
const SLICE: Duration = Duration::from_millis(50);

pub(crate) fn lock() -> MutexGuard<'static, Vec<Registered>> {
    REGISTERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a call off the list when it has ended.
struct Registration(u64);

impl Registration {
    fn new(by: &Arc<Cancellation>, canceller: Canceller) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        lock().push(Registered { by: Arc::clone(by), number, canceller: canceller.clone() });
        // Whoever cancelled before the call was on the list did not see it.
        if by.cancelled.load(Ordering::SeqCst) {
            canceller.cancel();
        }
        Self(number)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        lock().retain(|registered| registered.number != self.0);
    }
}

/// Starts a call and blocks until it ends. Log records are handed over meanwhile and at the end, on this thread.
pub fn wait<T: Send + 'static>(
    options: *const lpchat_call_options,
    start: impl FnOnce(Option<CallOptions>) -> Call<T>,
) -> Result<T> {
    let (options, cancellation) = input::call_options(options)?;
    wait_with(cancellation.as_ref(), || start(options))
}

/// Starts a call that `cancellation` cancels and blocks until it ends, as `wait` does.
pub fn wait_with<T: Send + 'static>(cancellation: Option<&Arc<Cancellation>>, start: impl FnOnce() -> Call<T>) -> Result<T> {
    if cancellation.is_some_and(|cancellation| cancellation.cancelled.load(Ordering::SeqCst)) {
        return Err(cancelled());
    }
    let call = start();
    let _registration = cancellation.map(|cancellation| Registration::new(cancellation, call.canceller()));
    if !log::is_on() {
        return call.wait();
    }
    let outcome = loop {
        if let Some(outcome) = call.wait_for(SLICE) {
            break outcome;
        }
        log::deliver();
    };
    log::deliver();
    outcome
}

/// Makes something to cancel calls with.
///
/// * `call` receives a handle: free it with `lpchat_call_free`.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_call_new(
    call: Option<&mut MaybeUninit<*mut lpchat_call>>,
    error: Option<&mut MaybeUninit<*mut lpchat_error>>,
) -> i32 {
    boundary(error, || {
        given("call", call)?.write(handle::hand_out(Cancellation::default()));
        Ok(LPCHAT_OK)
    })
}

/// Cancels all calls in flight that carry this handle, and those to come: they end with `LPCHAT_CANCELLED`, and the
/// service sees their connections close. May be called from any thread, any number of times.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_call_cancel(call: *const lpchat_call) -> i32 {
    boundary(None, || {
        let cancellation = handle::get("call", call)?;
        cancellation.cancelled.store(true, Ordering::SeqCst);
        let own = |registered: &&Registered| Arc::ptr_eq(&registered.by, &cancellation);
        let cancellers: Vec<Canceller> = lock().iter().filter(own).map(|registered| registered.canceller.clone()).collect();
        cancellers.iter().for_each(Canceller::cancel);
        Ok(LPCHAT_OK)
    })
}

/// Whether the handle was cancelled: 1 or 0; -1 where it is no handle.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_call_is_cancelled(call: *const lpchat_call) -> i32 {
    value(-1, || handle::get("call", call).map_or(-1, |call| i32::from(call.cancelled.load(Ordering::SeqCst))))
}

/// Frees the handle; calls in flight go on. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_call_free(call: *mut lpchat_call) -> i32 {
    boundary(None, || Ok(handle::free("call", call)))
}

/// The calls that take these options can be cancelled through `call`. NULL takes it out again.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_call_options_set_call(options: *mut lpchat_call_options, call: *const lpchat_call) -> i32 {
    input::set_call(options, call)
}
