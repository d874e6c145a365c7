//! Texts: from C they are copied, to C they are lent.

use std::ffi::{CStr, c_char};

use lpchat::{Decimal, Json, Result, Text};

use crate::boundary::{null, refused, value};
use crate::record::{self, Record};

/// What an absent text is.
pub const ABSENT: (*const c_char, usize) = (std::ptr::null(), 0);

/// What can be lent as a text that ends in NUL.
pub trait CText {
    /// Where it is and how long it is, without the NUL. It stays there as long as its owner lives.
    fn c(&self) -> (*const c_char, usize);

    /// How long it is. Nothing has to be made for that.
    fn length(&self) -> usize {
        self.c().1
    }
}

impl CText for Text {
    fn c(&self) -> (*const c_char, usize) {
        (self.with_nul().as_ptr().cast(), self.len())
    }

    fn length(&self) -> usize {
        self.len()
    }
}

impl CText for Json {
    fn c(&self) -> (*const c_char, usize) {
        (self.with_nul().as_ptr().cast(), self.as_str().len())
    }
}

impl CText for Decimal {
    fn c(&self) -> (*const c_char, usize) {
        self.text().c()
    }

    fn length(&self) -> usize {
        self.text().length()
    }
}

impl CText for String {
    /// Strings that are lent were given a NUL when their owner was handed out.
    fn c(&self) -> (*const c_char, usize) {
        if self.ends_with('\0') { (self.as_ptr().cast(), self.len() - 1) } else { ABSENT }
    }
}

/// A constant text.
impl CText for &'static CStr {
    fn c(&self) -> (*const c_char, usize) {
        (self.as_ptr(), self.count_bytes())
    }
}

impl<T: CText> CText for Option<T> {
    fn c(&self) -> (*const c_char, usize) {
        self.as_ref().map_or(ABSENT, CText::c)
    }

    fn length(&self) -> usize {
        self.as_ref().map_or(0, CText::length)
    }
}

/// Gives a string the NUL that C wants behind it.
pub trait Terminate {
    /// Does it.
    fn terminate(&mut self);
}

impl Terminate for String {
    fn terminate(&mut self) {
        self.push('\0');
    }
}

impl Terminate for Option<String> {
    fn terminate(&mut self) {
        if let Some(text) = self {
            text.terminate();
        }
    }
}

/// Reads a text that C hands in; `None` for NULL.
pub fn optional(parameter: &str, text: *const c_char) -> Result<Option<String>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: C hands in a text that ends in NUL and does not change while the function runs.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(error) => {
            let at = error.valid_up_to();
            Err(refused(
                parameter,
                format_args!("is not UTF-8: the byte 0x{:02X} at offset {at} has no meaning there", bytes[at]),
            ))
        }
    }
}

/// Reads a text that must be there.
pub fn needed(parameter: &str, text: *const c_char) -> Result<String> {
    optional(parameter, text)?.ok_or_else(|| null(parameter))
}

/// A text of its own, the result of a call. Free it with `lpchat_text_free`.
///
/// Threads: may be read by many threads at once.
#[derive(Debug)]
pub struct lpchat_text {
    _opaque: [u8; 0],
}

impl Record for lpchat_text {
    type Inner = Text;
}

/// The text, UTF-8 and ended by NUL, borrowed from `text`.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_text_value(text: *const lpchat_text) -> *const c_char {
    record::text(text, |text| text)
}

/// Length of the text in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_text_value_len(text: *const lpchat_text) -> usize {
    record::length(text, |text| text)
}

/// Frees a text. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_text_free(text: *mut lpchat_text) {
    value((), || record::free(text));
}

/// Copies as much of `text` as fits into C's buffer, and a NUL.
pub fn copy_out(text: &str, buffer: *mut c_char, size: usize) {
    let Some(room) = size.checked_sub(1).filter(|_| !buffer.is_null()) else { return };
    let len = text.len().min(room);
    // SAFETY: C says that `size` bytes lie at `buffer`, and `len` is less; the text is ours and so lies elsewhere.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr().cast(), buffer, len);
        buffer.add(len).write(0);
    }
}
