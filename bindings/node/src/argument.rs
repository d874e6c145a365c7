//! Texts on their way into the core, which may be long.

use std::ptr;

use lpchat::Result;
use napi::bindgen_prelude::{FromNapiValue, TypeName, Utf16String, ValidateNapiValue, ValueType};
use napi::check_status;
use napi::sys::{napi_env, napi_get_value_string_utf8, napi_get_value_string_utf16, napi_value};

use crate::input::invalid;

/// A string of JavaScript. Made of it in one pass, where `String` takes two: one to learn how many bytes it will be.
#[derive(Debug)]
pub struct Argument {
    text: String,
    is_whole: bool,
}

impl Argument {
    /// The text, unless something that is no character was in it.
    pub fn text(self) -> Result<String> {
        if self.is_whole { Ok(self.text) } else { Err(invalid("A text holds half of a surrogate pair, which is no character.")) }
    }
}

impl TypeName for Argument {
    fn type_name() -> &'static str {
        String::type_name()
    }

    fn value_type() -> ValueType {
        String::value_type()
    }
}

impl ValidateNapiValue for Argument {}

/// A unit of UTF-16 becomes at most so many bytes.
const MOST_BYTES: usize = 3;

impl FromNapiValue for Argument {
    unsafe fn from_napi_value(env: napi_env, value: napi_value) -> napi::Result<Self> {
        let mut units = 0;
        // SAFETY: without a buffer only the length is written; the engine knows it.
        check_status!(unsafe { napi_get_value_string_utf16(env, value, ptr::null_mut(), 0, &mut units) }, "expected a string")?;
        let mut bytes: Vec<u8> = Vec::with_capacity(units * MOST_BYTES + 1);
        let mut length = 0;
        let room = bytes.capacity();
        // SAFETY: at most `room` bytes are written, a NUL behind the text among them; `length` of them are the text.
        unsafe {
            check_status!(napi_get_value_string_utf8(env, value, bytes.as_mut_ptr().cast(), room, &mut length))?;
            bytes.set_len(length);
        }
        bytes.shrink_to_fit();
        // SAFETY: the engine writes UTF-8.
        let text = unsafe { String::from_utf8_unchecked(bytes) };
        // What the engine writes for half of a surrogate pair; it may have stood there, too.
        let is_whole = !text.contains(char::REPLACEMENT_CHARACTER) || {
            // SAFETY: `env` and `value` are what this very function was called with.
            let units = unsafe { Utf16String::from_napi_value(env, value)? };
            char::decode_utf16(units.iter().copied()).all(|character| character.is_ok())
        };
        Ok(Self { text, is_whole })
    }
}
