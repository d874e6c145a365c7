//! The service's JSON: tolerant reading, exact writing, and the scalars both are made of.

pub mod chat;
mod present;
mod reader;
mod scalar;
mod service_error;
mod text;

pub use chat::Link;
pub use present::{Object, Present, Presenter};
pub use reader::{Decode, DecodeError, DecodeResult, Reader};
pub use scalar::{Decimal, Encode, Json, Timestamp};
pub(crate) use service_error::ServiceError;
pub use text::{Buffer, Text};

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};

/// Writes a request member, unless its value is absent.
pub(crate) fn put(members: &mut Map<String, Value>, name: &str, value: &impl Encode) {
    if let Some(value) = value.encode() {
        members.insert(name.to_owned(), value);
    }
}

/// Writes a list into the member `item` of the container `name`, unless it is empty.
pub(crate) fn put_contained(members: &mut Map<String, Value>, name: &str, item: &str, value: &impl Encode) {
    if let Some(value) = value.encode() {
        members.insert(name.to_owned(), Value::Object(Map::from_iter([(item.to_owned(), value)])));
    }
}

/// The value of a member that was read, or what its absence means.
pub(crate) fn finish<T: Decode>(slot: Option<T>, name: &str) -> DecodeResult<T> {
    slot.or_else(T::absent).ok_or_else(|| DecodeError::new(format!("the member `{name}` is missing")))
}

/// Fills a slot from the epoch twin of a time, which wins over the text.
pub(crate) fn prefer<T>(slot: &mut Option<Option<T>>, value: Option<T>) {
    if value.is_some() {
        *slot = Some(value);
    }
}

/// Fills a slot from the text twin of a time, unless the epoch twin has.
pub(crate) fn fall_back<T>(slot: &mut Option<Option<T>>, value: Option<T>) {
    if !matches!(slot, Some(Some(_))) {
        *slot = Some(value);
    }
}

/// The document that the absence of one stands for: all its members are absent.
pub(crate) fn empty<T: Decode>() -> DecodeResult<T> {
    static EMPTY: LazyLock<Arc<Buffer>> = LazyLock::new(|| Buffer::new("{}".to_owned()));
    Reader::read(&EMPTY)
}
