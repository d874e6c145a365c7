//! Instants as texts.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use lpchat::Timestamp;

use crate::boundary::{LPCHAT_ABSENT, LPCHAT_OK, boundary, refused, value};
use crate::error::lpchat_error;
use crate::output::given;
use crate::text;

/// Reads an instant: an ISO 8601 text with an offset, such as `2026-03-01T09:30:00+01:00`, or a date, which is its
/// midnight UTC. A date-time without an offset names no instant and is refused.
///
/// * `milliseconds` receives milliseconds since 1970-01-01T00:00:00Z.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_timestamp_parse(
    text: *const c_char,
    milliseconds: Option<&mut MaybeUninit<i64>>,
    error: Option<&mut MaybeUninit<*mut lpchat_error>>,
) -> i32 {
    boundary(error, || {
        let milliseconds = given("milliseconds", milliseconds)?;
        let text = text::needed("text", text)?;
        let instant = Timestamp::parse(&text).map_err(|reason| refused("text", format_args!("is no instant: {reason}")))?;
        milliseconds.write(instant.as_millis());
        Ok(LPCHAT_OK)
    })
}

/// Writes an instant as ISO 8601 in UTC with milliseconds, such as `2026-03-01T08:30:00.000Z`; nothing for
/// `LPCHAT_ABSENT`. Writes at most `size` bytes, the NUL included, and returns the length of the whole text without it,
/// as `snprintf` does. `buffer` may be NULL where `size` is 0. 32 bytes are enough for every instant between the years
/// -9999 and 9999.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_timestamp_format(milliseconds: i64, buffer: *mut c_char, size: usize) -> usize {
    value(0, || {
        let text = if milliseconds == LPCHAT_ABSENT { String::new() } else { Timestamp::from_millis(milliseconds).to_string() };
        text::copy_out(&text, buffer, size);
        text.len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_buffer_gets_a_short_text() {
        let mut buffer = [c_char::MAX; 8];
        assert_eq!(lpchat_timestamp_format(0, buffer.as_mut_ptr(), 5), 24);
        let written: Vec<u8> = buffer.iter().map(|byte| byte.cast_unsigned()).collect();
        assert_eq!(&written[..6], b"1970\0\x7f");
        assert_eq!(lpchat_timestamp_format(LPCHAT_ABSENT, std::ptr::null_mut(), 0), 0);
    }
}
