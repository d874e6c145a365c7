//! What every function that can fail has around it.

use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use lpchat::{LpchatError, Result};

use crate::error::{hand_out, lpchat_error};

/// The call succeeded.
pub const LPCHAT_OK: i32 = 0;
/// There is nothing more: what an iteration (`lpchat_…_next_…`) returns at its end. Not an error.
pub const LPCHAT_END: i32 = 1;
/// A whole number, time or duration that is absent.
pub const LPCHAT_ABSENT: i64 = i64::MIN;
/// A 32-bit number that is absent.
pub const LPCHAT_ABSENT_INT32: i32 = i32::MIN;

/// Runs the body of an exported function: its error goes into `error`, a panic becomes the internal error.
pub fn boundary(error: Option<&mut MaybeUninit<*mut lpchat_error>>, body: impl FnOnce() -> Result<i32>) -> i32 {
    match guarded(body) {
        Ok(code) => code,
        Err(failure) => {
            let code = failure.details().code;
            if let Some(error) = error {
                error.write(hand_out(failure));
            }
            code
        }
    }
}

/// Runs `body`; a panic becomes the internal error.
pub fn guarded<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    keep_quiet();
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(lpchat::call::panicked(&*panic)))
}

/// A library writes to nobody's console: a panic is reported through its error alone, unless the developer asks for more
/// with `RUST_BACKTRACE`. The hook is that of this library's own copy of Rust's standard library.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if !cfg!(test) && std::env::var_os("RUST_BACKTRACE").is_none() {
            std::panic::set_hook(Box::new(|_| {}));
        }
    });
}

/// Runs the body of an exported function that gives a value; a panic gives `absent`.
pub fn value<T>(absent: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(absent)
}

/// The error for a parameter that cannot be used.
pub fn refused(parameter: &str, reason: impl std::fmt::Display) -> LpchatError {
    crate::error::invalid_argument(format!("`{parameter}` {reason}"))
}

/// The error for a parameter that is NULL and must not be.
pub fn null(parameter: &str) -> LpchatError {
    refused(parameter, "is NULL")
}
