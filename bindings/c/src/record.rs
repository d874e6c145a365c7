//! Documents: C holds pointers to the core's own structs and reads them through getters.

use std::ffi::c_char;
use std::time::Duration;

use lpchat::Timestamp;

use crate::boundary::{LPCHAT_ABSENT, LPCHAT_ABSENT_INT32, value};
use crate::text::{ABSENT, CText};

/// An opaque type of C whose values point to a value of ours.
pub trait Record {
    /// What they point to.
    type Inner;
}

/// Hands a value over to C, which frees it.
pub fn hand_out<R: Record>(inner: R::Inner) -> *mut R {
    Box::into_raw(Box::new(inner)).cast()
}

/// Frees what `hand_out` gave. NULL is allowed.
pub fn free<R: Record>(record: *mut R) {
    let inner = record.cast::<R::Inner>();
    if !inner.is_null() && inner.is_aligned() {
        // SAFETY: C hands in what a function of lpchat gave it to own, once.
        drop(unsafe { Box::from_raw(inner) });
    }
}

/// The value that C points to; nothing for NULL and for what cannot be a pointer to it.
pub fn inner<'a, R: Record>(record: *const R) -> Option<&'a R::Inner> {
    let inner = record.cast::<R::Inner>();
    if !inner.is_aligned() {
        return None;
    }
    // SAFETY: NULL, or what a function of lpchat gave for this type; C keeps it, and what it belongs to, until the
    // function returns, and changes nothing meanwhile.
    unsafe { inner.as_ref() }
}

/// The value that C points to and is about to change.
pub fn inner_mut<'a, R: Record>(record: *mut R) -> Option<&'a mut R::Inner> {
    let inner = record.cast::<R::Inner>();
    if !inner.is_aligned() {
        return None;
    }
    // SAFETY: NULL, or what a function of lpchat gave for this type; only requests and options are changed, which one
    // thread uses at a time.
    unsafe { inner.as_mut() }
}

/// Reads something out of a record; `absent` for NULL.
pub fn read<R: Record, T>(record: *const R, absent: T, get: impl FnOnce(&R::Inner) -> T) -> T {
    match inner(record) {
        Some(inner) => value(absent, || get(inner)),
        None => absent,
    }
}

/// Reads a text, which is borrowed from the record.
pub fn text<R: Record, T: CText>(record: *const R, get: impl FnOnce(&R::Inner) -> &T) -> *const c_char {
    read(record, ABSENT.0, |inner| get(inner).c().0)
}

/// Reads the length of a text.
pub fn length<R: Record, T: CText>(record: *const R, get: impl FnOnce(&R::Inner) -> &T) -> usize {
    read(record, 0, |inner| get(inner).length())
}

/// Reads a number, a time, a truth value or an enumeration's value.
pub fn scalar<R: Record, T: Scalar>(record: *const R, get: impl FnOnce(&R::Inner) -> &T) -> T::C {
    read(record, T::ABSENT, |inner| get(inner).c())
}

/// A document inside another one, borrowed from it.
pub fn nested<R: Record, N: Record>(record: *const R, get: impl FnOnce(&R::Inner) -> Option<&N::Inner>) -> *const N {
    read(record, std::ptr::null(), |inner| get(inner).map_or(std::ptr::null(), |inner| std::ptr::from_ref(inner).cast()))
}

/// How long a list is.
pub fn count<R: Record, T>(record: *const R, get: impl FnOnce(&R::Inner) -> &Vec<T>) -> usize {
    read(record, 0, |inner| get(inner).len())
}

/// A document in a list, borrowed from what holds the list; NULL behind its end.
pub fn nested_at<R: Record, N: Record>(
    record: *const R,
    index: usize,
    get: impl FnOnce(&R::Inner) -> &Vec<N::Inner>,
) -> *const N {
    nested(record, |inner| get(inner).get(index))
}

/// A text in a list; NULL behind its end.
pub fn text_at<R: Record, T: CText>(record: *const R, index: usize, get: impl FnOnce(&R::Inner) -> &Vec<T>) -> *const c_char {
    read(record, ABSENT.0, |inner| get(inner).get(index).map_or(ABSENT, CText::c).0)
}

/// The length of a text in a list.
pub fn length_at<R: Record, T: CText>(record: *const R, index: usize, get: impl FnOnce(&R::Inner) -> &Vec<T>) -> usize {
    read(record, 0, |inner| get(inner).get(index).map_or(0, CText::length))
}

/// A number in a list; absent behind its end.
pub fn scalar_at<R: Record, T: Scalar>(record: *const R, index: usize, get: impl FnOnce(&R::Inner) -> &Vec<T>) -> T::C {
    read(record, T::ABSENT, |inner| get(inner).get(index).map_or(T::ABSENT, Scalar::c))
}

/// What C receives by value.
pub trait Scalar {
    /// Its type in C.
    type C;
    /// What stands for no value.
    const ABSENT: Self::C;
    /// The value in C.
    fn c(&self) -> Self::C;
}

impl Scalar for i64 {
    type C = i64;
    const ABSENT: i64 = LPCHAT_ABSENT;

    fn c(&self) -> i64 {
        *self
    }
}

impl Scalar for i32 {
    type C = i32;
    const ABSENT: i32 = LPCHAT_ABSENT_INT32;

    fn c(&self) -> i32 {
        *self
    }
}

impl Scalar for f64 {
    type C = f64;
    const ABSENT: f64 = f64::NAN;

    fn c(&self) -> f64 {
        *self
    }
}

impl Scalar for bool {
    type C = i32;
    const ABSENT: i32 = -1;

    fn c(&self) -> i32 {
        i32::from(*self)
    }
}

impl Scalar for Timestamp {
    type C = i64;
    const ABSENT: i64 = LPCHAT_ABSENT;

    fn c(&self) -> i64 {
        self.as_millis()
    }
}

impl Scalar for Duration {
    type C = i64;
    const ABSENT: i64 = LPCHAT_ABSENT;

    fn c(&self) -> i64 {
        i64::try_from(self.as_millis()).unwrap_or(i64::MAX)
    }
}

impl<T: Scalar> Scalar for Option<T> {
    type C = T::C;
    const ABSENT: T::C = T::ABSENT;

    fn c(&self) -> T::C {
        self.as_ref().map_or(Self::ABSENT, Scalar::c)
    }
}

/// A document that may be absent or boxed.
pub trait Nest<T> {
    /// The document.
    fn nest(&self) -> Option<&T>;
}

impl<T> Nest<T> for T {
    fn nest(&self) -> Option<&T> {
        Some(self)
    }
}

impl<T> Nest<T> for Option<T> {
    fn nest(&self) -> Option<&T> {
        self.as_ref()
    }
}

impl<T> Nest<T> for Box<T> {
    fn nest(&self) -> Option<&T> {
        Some(self)
    }
}

impl<T> Nest<T> for Option<Box<T>> {
    fn nest(&self) -> Option<&T> {
        self.as_deref()
    }
}
