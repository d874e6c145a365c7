//! What functions write through pointers: only on success, and only what the caller then owns.

use std::mem::MaybeUninit;
use std::sync::Arc;

use lpchat::{Code, Json, Result, Text};

use crate::boundary::{LPCHAT_END, LPCHAT_OK, null};
use crate::handle::{self, Handle};
use crate::record::{self, Record, Scalar};
use crate::text::lpchat_text;

/// An output that must be there.
pub fn given<'a, T>(parameter: &str, output: Option<&'a mut MaybeUninit<T>>) -> Result<&'a mut MaybeUninit<T>> {
    output.ok_or_else(|| null(parameter))
}

/// Gives an object.
pub fn object<H: Handle>(output: &mut MaybeUninit<*mut H>, value: impl Into<Arc<H::Object>>) -> Result<i32> {
    output.write(handle::hand_out(value));
    Ok(LPCHAT_OK)
}

/// Gives an object, or NULL where there is none.
pub fn optional_object<H: Handle>(output: &mut MaybeUninit<*mut H>, value: Option<impl Into<Arc<H::Object>>>) -> Result<i32> {
    output.write(value.map_or(std::ptr::null_mut(), handle::hand_out));
    Ok(LPCHAT_OK)
}

/// Gives a document.
pub fn document<R: Record>(output: &mut MaybeUninit<*mut R>, value: R::Inner) -> Result<i32> {
    output.write(record::hand_out(value));
    Ok(LPCHAT_OK)
}

/// Gives a document, or NULL where there is none.
pub fn optional_document<R: Record>(output: &mut MaybeUninit<*mut R>, value: Option<R::Inner>) -> Result<i32> {
    output.write(value.map_or(std::ptr::null_mut(), record::hand_out));
    Ok(LPCHAT_OK)
}

/// Gives the next document, or says that there is none: then the output is NULL.
pub fn next_document<R: Record>(output: &mut MaybeUninit<*mut R>, value: Option<R::Inner>) -> Result<i32> {
    let code = if value.is_some() { LPCHAT_OK } else { LPCHAT_END };
    optional_document(output, value).map(|_| code)
}

/// Gives the next document; that none came in time is a code like the end, so that a loop has no error to free.
pub fn next_in_time<R: Record>(output: &mut MaybeUninit<*mut R>, outcome: Result<Option<R::Inner>>) -> Result<i32> {
    match outcome {
        Err(quiet) if quiet.code() == Code::NothingCame => {
            output.write(std::ptr::null_mut());
            Ok(quiet.details().code)
        }
        outcome => next_document(output, outcome?),
    }
}

/// Gives a number, a time, a truth value or an enumeration's value.
pub fn scalar<T: Scalar>(output: &mut MaybeUninit<T::C>, value: T) -> Result<i32> {
    output.write(value.c());
    Ok(LPCHAT_OK)
}

/// Gives a text, or NULL where there is none; to a caller who wants it.
pub fn text(output: Option<&mut MaybeUninit<*mut lpchat_text>>, value: impl Into<Option<Text>>) -> Result<i32> {
    match output {
        Some(output) => optional_document(output, value.into()),
        None => Ok(LPCHAT_OK),
    }
}

/// Gives JSON text, or NULL where there is none; to a caller who wants it.
pub fn json(output: Option<&mut MaybeUninit<*mut lpchat_text>>, value: impl Into<Option<Json>>) -> Result<i32> {
    text(output, value.into().map(|json| json.text().clone()))
}
