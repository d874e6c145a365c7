//! Log records, handed over on threads of the caller.

use std::cell::Cell;
use std::ffi::{c_char, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lpchat::observe::{LogLevel, drain_log, queue_log};

use crate::boundary::{LPCHAT_OK, boundary, refused};

/// Log level: every attempt.
pub const LPCHAT_LOG_DEBUG: i32 = 1;
/// Log level: calls that were slow or repeated, and what expires.
pub const LPCHAT_LOG_INFO: i32 = 2;
/// Log level: a lost connection, a throttle, a credential about to end.
pub const LPCHAT_LOG_WARNING: i32 = 3;
/// Log level: a mistake of lpchat.
pub const LPCHAT_LOG_ERROR: i32 = 4;

/// Receives log records. `message` is UTF-8, ends in NUL and lives until the callback returns. A callback must not throw
/// or jump out.
pub type lpchat_log_callback =
    Option<extern "C" fn(user_data: *mut c_void, level: i32, message: *const c_char, message_len: usize)>;

/// Who receives records.
#[derive(Debug, Clone, Copy)]
pub struct Receiver {
    callback: extern "C" fn(*mut c_void, i32, *const c_char, usize),
    user_data: *mut c_void,
}

// SAFETY: the pointer is never dereferenced here; that it may be handed to the callback on any thread that uses lpchat is
// what `lpchat_set_log` says of it.
unsafe impl Send for Receiver {}

static ON: AtomicBool = AtomicBool::new(false);
static RECEIVER: Mutex<Option<Receiver>> = Mutex::new(None);
/// Held while callbacks run: they run one at a time.
static DELIVERING: Mutex<()> = Mutex::new(());

thread_local! {
    /// Whether this thread is inside a callback.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

pub(crate) fn lock_receiver() -> MutexGuard<'static, Option<Receiver>> {
    RECEIVER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until no callback runs; nothing where this thread is inside one itself.
pub(crate) fn lock_delivery() -> Option<MutexGuard<'static, ()>> {
    (!INSIDE.get()).then(|| DELIVERING.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Whether anybody receives records.
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Hands the queued records over.
pub fn deliver() {
    if !is_on() {
        return;
    }
    let Some(_delivering) = lock_delivery() else { return };
    for record in drain_log() {
        // Asked anew for each record: a callback may have switched the log off.
        let Some(receiver) = *lock_receiver() else { return };
        let message = format!("{}\0", record.message);
        INSIDE.set(true);
        (receiver.callback)(receiver.user_data, record.level as i32, message.as_ptr().cast(), message.len() - 1);
        INSIDE.set(false);
    }
}

/// Hands log records of `level` (`LPCHAT_LOG_…`) and above to `callback`; NULL stops it.
///
/// The callback runs only on threads that are inside a function of lpchat, one at a time, and never again once this
/// function has returned with NULL or another callback. It may call functions of lpchat, this one included. Records hold
/// operations, statuses, service codes, request ids, sizes and times, never credentials, names or texts of chats.
///
/// * `user_data` is handed to the callback as it is, on any thread that uses lpchat.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_set_log(callback: lpchat_log_callback, level: i32, user_data: *mut c_void) -> i32 {
    boundary(None, || {
        #[cfg(unix)]
        crate::fork::prepare_for_forks();
        let threshold = match (callback, level) {
            (None, _) => None,
            (Some(_), LPCHAT_LOG_DEBUG) => Some(LogLevel::Debug),
            (Some(_), LPCHAT_LOG_INFO) => Some(LogLevel::Info),
            (Some(_), LPCHAT_LOG_WARNING) => Some(LogLevel::Warning),
            (Some(_), LPCHAT_LOG_ERROR) => Some(LogLevel::Error),
            (Some(_), other) => return Err(refused("level", format_args!("is {other}: it is one of LPCHAT_LOG_…"))),
        };
        *lock_receiver() = callback.map(|callback| Receiver { callback, user_data });
        ON.store(callback.is_some(), Ordering::Relaxed);
        queue_log(threshold);
        // Wait until the callback that may be running with the old receiver is through.
        drop(lock_delivery());
        if callback.is_none() {
            drop(drain_log());
        }
        Ok(LPCHAT_OK)
    })
}
