//! Requests and options: made by C field after field.
//!
//! A setter that refuses its value says so, and so does every call that takes the request afterwards: a program that does
//! not look at the codes of setters sends nothing it did not mean. Setting the field again makes it good.

use std::collections::HashMap;
use std::ffi::c_char;
use std::sync::Arc;
use std::time::Duration;

use lpchat::{CallOptions, Decimal, Json, LpchatError, Result, Secret, Text, Timestamp};

use crate::boundary::{LPCHAT_ABSENT, LPCHAT_ABSENT_INT32, LPCHAT_OK, guarded, null, refused};
use crate::call::{Cancellation, lpchat_call};
use crate::generated::inputs::lpchat_call_options;
use crate::handle;
use crate::record::{Record, inner, inner_mut};
use crate::text;

/// A request or options in the making.
#[derive(Debug, Clone)]
pub struct Builder<T> {
    /// What has been set.
    pub value: T,
    /// What was refused, by field.
    refused: Vec<(&'static str, LpchatError)>,
    /// What cancels the calls with these options.
    call: Option<Arc<Cancellation>>,
}

impl<T> From<T> for Builder<T> {
    fn from(value: T) -> Self {
        Self { value, refused: Vec::new(), call: None }
    }
}

impl<T: Clone> Builder<T> {
    /// What has been made, unless something was refused.
    pub fn finish(&self) -> Result<T> {
        match self.refused.first() {
            Some((_, error)) => Err(error.clone()),
            None => Ok(self.value.clone()),
        }
    }
}

/// Reads a value that C hands in.
pub trait FromC<C>: Sized {
    /// The value of `parameter`.
    fn from_c(parameter: &str, given: C) -> Result<Self>;
}

impl FromC<*const c_char> for Text {
    fn from_c(parameter: &str, given: *const c_char) -> Result<Self> {
        text::needed(parameter, given).map(Self::from)
    }
}

impl FromC<*const c_char> for Secret {
    fn from_c(parameter: &str, given: *const c_char) -> Result<Self> {
        text::needed(parameter, given).map(Self::from)
    }
}

impl FromC<*const c_char> for Json {
    fn from_c(parameter: &str, given: *const c_char) -> Result<Self> {
        text::needed(parameter, given).map(Self::from)
    }
}

impl FromC<*const c_char> for Decimal {
    fn from_c(parameter: &str, given: *const c_char) -> Result<Self> {
        text::needed(parameter, given).map(|text| Self::from(text.as_str()))
    }
}

impl FromC<i64> for i64 {
    fn from_c(parameter: &str, given: i64) -> Result<Self> {
        if given == LPCHAT_ABSENT { Err(absent(parameter)) } else { Ok(given) }
    }
}

impl FromC<i32> for i32 {
    fn from_c(parameter: &str, given: i32) -> Result<Self> {
        if given == LPCHAT_ABSENT_INT32 { Err(absent(parameter)) } else { Ok(given) }
    }
}

impl FromC<f64> for f64 {
    fn from_c(parameter: &str, given: f64) -> Result<Self> {
        if given.is_nan() { Err(absent(parameter)) } else { Ok(given) }
    }
}

impl FromC<i32> for bool {
    fn from_c(parameter: &str, given: i32) -> Result<Self> {
        match given {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(refused(parameter, format_args!("is {other}: it is 1 for true or 0 for false"))),
        }
    }
}

impl FromC<i64> for Timestamp {
    fn from_c(parameter: &str, given: i64) -> Result<Self> {
        i64::from_c(parameter, given).map(Self::from_millis)
    }
}

impl FromC<i64> for Duration {
    fn from_c(parameter: &str, given: i64) -> Result<Self> {
        let millis = i64::from_c(parameter, given)?;
        let negative = |_| refused(parameter, format_args!("is {millis} milliseconds: it must not be negative"));
        u64::try_from(millis).map(Self::from_millis).map_err(negative)
    }
}

fn absent(parameter: &str) -> LpchatError {
    refused(parameter, "is absent and must not be")
}

/// What C hands in for no value.
pub trait Absent {
    /// Whether this is it.
    fn is_absent(&self) -> bool;
}

impl<T> Absent for *const T {
    fn is_absent(&self) -> bool {
        self.is_null()
    }
}

impl Absent for i64 {
    fn is_absent(&self) -> bool {
        *self == LPCHAT_ABSENT
    }
}

impl Absent for i32 {
    /// -1 is an absent truth value or enumeration.
    fn is_absent(&self) -> bool {
        *self == LPCHAT_ABSENT_INT32
    }
}

impl Absent for f64 {
    fn is_absent(&self) -> bool {
        self.is_nan()
    }
}

/// A value that may be absent.
pub fn optional<C: Absent, T: FromC<C>>(parameter: &str, given: C) -> Result<Option<T>> {
    if given.is_absent() { Ok(None) } else { T::from_c(parameter, given).map(Some) }
}

/// A truth value or an enumeration's value that may be absent, which is -1.
pub fn optional_small<T: FromC<i32>>(parameter: &str, given: i32) -> Result<Option<T>> {
    if given == -1 { Ok(None) } else { T::from_c(parameter, given).map(Some) }
}

/// A request or options as an argument.
pub fn request<R, T: Clone>(parameter: &str, given: *const R) -> Result<T>
where
    R: Record<Inner = Builder<T>>,
{
    inner(given).ok_or_else(|| null(parameter))?.finish()
}

/// Makes an opaque type of C the builder of a request or of options.
#[macro_export]
macro_rules! request_type {
    ($c:ty, $core:ty) => {
        impl $crate::record::Record for $c {
            type Inner = $crate::input::Builder<$core>;
        }

        impl $crate::input::FromC<*const $c> for $core {
            fn from_c(parameter: &str, given: *const $c) -> lpchat::Result<Self> {
                $crate::input::request(parameter, given)
            }
        }
    };
}

/// A list as an argument: where its elements lie and how many there are.
#[allow(dead_code, reason = "no call takes a list yet; the generator knows what to do with one")]
pub fn list<C: Copy, T: FromC<C>>(parameter: &str, given: *const C, count: usize) -> Result<Vec<T>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if given.is_null() || !given.is_aligned() {
        return Err(null(parameter));
    }
    // SAFETY: C says that `count` elements lie there, and changes none of them while the function runs.
    let elements = unsafe { std::slice::from_raw_parts(given, count) };
    elements.iter().enumerate().map(|(index, element)| T::from_c(&format!("{parameter}[{index}]"), *element)).collect()
}

/// Options as an argument; NULL for those that nothing was set in.
pub fn options_or_none<R, T: Clone + Default>(given: *const R) -> Result<T>
where
    R: Record<Inner = Builder<T>>,
{
    inner(given).map_or_else(|| Ok(T::default()), Builder::finish)
}

/// The options of a call, and what cancels it.
pub fn call_options(given: *const lpchat_call_options) -> Result<(Option<CallOptions>, Option<Arc<Cancellation>>)> {
    let Some(builder) = inner(given) else { return Ok((None, None)) };
    Ok((Some(builder.finish()?), builder.call.clone()))
}

/// Changes a request: `field` is noted as refused where `change` fails, as good where it succeeds.
pub fn change<R, T>(name: &str, record: *mut R, field: &'static str, change: impl FnOnce(&mut T) -> Result<()>) -> i32
where
    R: Record<Inner = Builder<T>>,
{
    let Some(builder) = inner_mut(record) else { return null(name).details().code };
    alter(builder, field, |builder| change(&mut builder.value))
}

fn alter<T>(builder: &mut Builder<T>, field: &'static str, change: impl FnOnce(&mut Builder<T>) -> Result<()>) -> i32 {
    let outcome = guarded(|| change(builder));
    builder.refused.retain(|(name, _)| *name != field);
    match outcome {
        Ok(()) => LPCHAT_OK,
        Err(error) => {
            let code = error.details().code;
            builder.refused.push((field, error));
            code
        }
    }
}

/// Sets what cancels the calls with these options.
pub fn set_call(options: *mut lpchat_call_options, call: *const lpchat_call) -> i32 {
    let Some(builder) = inner_mut(options) else { return null("options").details().code };
    alter(builder, "call", |builder| {
        builder.call = if call.is_null() { None } else { Some(handle::get("call", call)?) };
        Ok(())
    })
}

/// Puts a pair into a map.
pub fn put(map: &mut HashMap<String, String>, name: *const c_char, value: *const c_char) -> Result<()> {
    map.insert(text::needed("name", name)?, text::needed("value", value)?);
    Ok(())
}
