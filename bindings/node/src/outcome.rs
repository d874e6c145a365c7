//! What goes back to JavaScript.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use lpchat::wire::{Buffer as Answer, Present, Presenter};
use lpchat::{LpchatError, Result};
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;

use crate::NativeObject;
use crate::generated::Handle;

/// Makes an object of the core one of any kind.
#[macro_export]
macro_rules! object_handle {
    ($object:ident) => {
        impl From<lpchat::$object> for Handle {
            fn from(object: lpchat::$object) -> Self {
                Self::$object(object)
            }
        }

        /// Within options and lists the core hands objects out in this form.
        impl From<std::sync::Arc<lpchat::$object>> for Handle {
            fn from(object: std::sync::Arc<lpchat::$object>) -> Self {
                Self::$object(std::sync::Arc::unwrap_or_clone(object))
            }
        }
    };
}

/// A value on its way to JavaScript.
#[derive(Debug, Default)]
pub struct Payload {
    /// The value; an object stands as its index in `handles`.
    json: String,
    /// The answers that the `raw` members are slices of.
    sources: Vec<Arc<Answer>>,
    /// What crosses as it is.
    bytes: Vec<Vec<u8>>,
    handles: Vec<Handle>,
}

impl Payload {
    /// No value at all.
    pub fn nothing() -> Self {
        Self { json: "null".to_owned(), ..Self::default() }
    }

    /// A document, a scalar, or a list of them.
    pub fn of(value: &impl Present) -> Self {
        let (json, sources) = Presenter::of(value);
        Self { json, sources, ..Self::default() }
    }

    /// An object.
    pub fn object(handle: Handle) -> Self {
        Self { json: "0".to_owned(), handles: vec![handle], ..Self::default() }
    }

    /// Bytes, and a value beside them.
    pub fn bytes(json: String, bytes: Vec<Vec<u8>>) -> Self {
        Self { json, bytes, ..Self::default() }
    }

    /// An object or nothing.
    pub fn optional_object(handle: Option<Handle>) -> Self {
        handle.map_or_else(Self::nothing, Self::object)
    }

    /// Objects.
    pub fn objects(handles: Vec<Handle>) -> Self {
        let mut json = "[".to_owned();
        for index in 0..handles.len() {
            write!(json, "{}{index}", if index == 0 { "" } else { "," }).expect("writing to a String cannot fail");
        }
        json.push(']');
        Self { json, handles, ..Self::default() }
    }
}

/// The outcome of an invocation as JavaScript sees it: a value, or an error as JSON.
#[napi(object, object_from_js = false)]
pub struct Outcome {
    /// The value's JSON.
    pub json: Option<String>,
    /// The answers it was decoded from.
    pub sources: Option<Vec<Buffer>>,
    /// Bytes beside it.
    pub bytes: Option<Vec<Buffer>>,
    /// The objects that its numbers stand for.
    pub handles: Option<Vec<NativeObject>>,
    /// The error's JSON.
    pub error: Option<String>,
}

impl fmt::Debug for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Outcome").field("failed", &self.error.is_some()).finish_non_exhaustive()
    }
}

impl From<Result<Payload>> for Outcome {
    fn from(result: Result<Payload>) -> Self {
        match result {
            Ok(Payload { json, sources, bytes, handles }) => Self {
                json: Some(json),
                sources: some(sources.iter().map(|source| Buffer::from(source.as_str().as_bytes())).collect()),
                bytes: some(bytes.into_iter().map(Buffer::from).collect()),
                handles: some(handles.into_iter().map(NativeObject::from).collect()),
                error: None,
            },
            Err(error) => Self { json: None, sources: None, bytes: None, handles: None, error: Some(describe(&error)) },
        }
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// The error as JSON: its text, its family, its details.
fn describe(error: &LpchatError) -> String {
    let (details, _) = Presenter::of(error.details());
    let text = serde_json::Value::from(error.to_string());
    format!(r#"{{"text":{text},"family":"{}","details":{details}}}"#, error.family().name())
}
