//! The version, and the table of codes.

use std::ffi::{CStr, c_char};

use lpchat::Code;

use crate::boundary::{LPCHAT_END, LPCHAT_OK, value};
use crate::generated::codes;

/// The version of the library that is loaded, such as `0.1.0`. `LPCHAT_VERSION` is the version of the header.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_version() -> *const c_char {
    codes::VERSION.as_ptr()
}

/// The version as one number: major × 1000000 + minor × 1000 + patch. `LPCHAT_VERSION_NUMBER` is that of the header.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_version_number() -> i32 {
    codes::VERSION_NUMBER
}

fn known(code: i32) -> Option<Code> {
    Code::ALL.iter().copied().find(|known| *known as i32 == code)
}

/// The name of a code, such as `NotChatting`; `Unknown` for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_code_name(code: i32) -> *const c_char {
    let name: &CStr = value(c"Unknown", || match code {
        LPCHAT_OK => c"Ok",
        LPCHAT_END => c"End",
        code => known(code).map_or(c"Unknown", codes::name),
    });
    name.as_ptr()
}

/// The family of a code, a constant `LPCHAT_FAMILY_…`; 0 for what is no error.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_code_family(code: i32) -> i32 {
    value(0, || known(code).map_or(0, |code| code.family() as i32))
}

/// Whether the same call may succeed later: 1 or 0; -1 for a number that is no code. What an error says goes before it.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_code_retryable(code: i32) -> i32 {
    value(-1, || known(code).map_or(-1, |code| i32::from(code.retryable())))
}

/// The name of a family, such as `ChatState`; `Unknown` for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_family_name(family: i32) -> *const c_char {
    let name: &CStr = value(c"Unknown", || {
        lpchat::Family::ALL.iter().find(|known| **known as i32 == family).map_or(c"Unknown", |known| codes::family_name(*known))
    });
    name.as_ptr()
}
