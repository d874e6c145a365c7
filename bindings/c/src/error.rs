//! Errors.

use std::ffi::c_char;
use std::ops::Deref;

use lpchat::{Code, ErrorDetails, LpchatError};

use crate::boundary::value;
use crate::generated::records::terminate;
use crate::record::{self, Record};

/// What went wrong. Made by the function that failed, freed with `lpchat_error_free`, independent of everything else.
///
/// Threads: may be read by many threads at once.
#[derive(Debug)]
pub struct lpchat_error {
    _opaque: [u8; 0],
}

/// What is behind an error handle.
#[derive(Debug)]
pub struct Failure {
    /// Its strings end in NUL.
    details: ErrorDetails,
    family: i32,
    /// All of it in one text that ends in NUL.
    text: String,
}

impl Deref for Failure {
    type Target = ErrorDetails;

    fn deref(&self) -> &ErrorDetails {
        &self.details
    }
}

impl Record for lpchat_error {
    type Inner = Failure;
}

/// Hands an error over to C.
pub fn hand_out(error: LpchatError) -> *mut lpchat_error {
    let mut details = error.details().clone();
    terminate(&mut details);
    record::hand_out(Failure { details, family: error.family() as i32, text: format!("{error}\0") })
}

fn details(code: Code, message: String) -> Box<ErrorDetails> {
    Box::new(ErrorDetails {
        code: code as i32,
        name: code.name().to_owned(),
        message,
        hint: code.hint().to_owned(),
        retryable: code.retryable(),
        operation: String::new(),
        http_status: None,
        service_code: None,
        service_message: None,
        attempts: 0,
        elapsed: std::time::Duration::ZERO,
        request_id: String::new(),
        retry_after: None,
        cause: None,
    })
}

/// An argument that cannot be used.
pub fn invalid_argument(message: String) -> LpchatError {
    LpchatError::Configuration { details: details(Code::InvalidArgument, message) }
}

/// A call that was cancelled before it began.
pub fn cancelled() -> LpchatError {
    LpchatError::Cancelled { details: details(Code::Cancelled, Code::Cancelled.meaning().to_owned()) }
}

/// All of the error in one text: operation, message, status, the service's words, hint.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_error_text(error: *const lpchat_error) -> *const c_char {
    record::text(error, |error| &error.text)
}

/// Length of `lpchat_error_text` in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_error_text_len(error: *const lpchat_error) -> usize {
    record::length(error, |error| &error.text)
}

/// The family of the error, a constant `LPCHAT_FAMILY_…`; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_error_family(error: *const lpchat_error) -> i32 {
    record::read(error, 0, |error| error.family)
}

/// Frees an error. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_error_free(error: *mut lpchat_error) {
    value((), || record::free(error));
}
