//! What goes back to JavaScript.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use lpchat::wire::{Buffer, Present, Presenter};
use lpchat::{LpchatError, Result};
use napi::bindgen_prelude::{Buffer as JsBuffer, Either, External, Latin1String, ToNapiValue, TypeName, ValueType};
use napi::sys::{napi_env, napi_value};
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
    /// The answers that documents were decoded from.
    sources: Vec<Arc<Buffer>>,
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
        let (json, sources) = Presenter::rows(value);
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

/// JSON on its way to JavaScript. Where it is ASCII, as documents are made to be, the engine need not decode it, and takes
/// half of the room.
#[derive(Debug)]
pub struct JsonText(String);

impl TypeName for JsonText {
    fn type_name() -> &'static str {
        String::type_name()
    }

    fn value_type() -> ValueType {
        String::value_type()
    }
}

impl ToNapiValue for JsonText {
    unsafe fn to_napi_value(env: napi_env, JsonText(text): Self) -> napi::Result<napi_value> {
        // SAFETY: `env` is what this very function was called with.
        unsafe { if text.is_ascii() { Latin1String::to_napi_value(env, text.into()) } else { String::to_napi_value(env, text) } }
    }
}

/// The outcome of an invocation as JavaScript sees it: a value, or an error as JSON.
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct Outcome {
    /// The number of the call, where it was begun before.
    pub call: Option<i64>,
    /// The value's JSON.
    pub json: Option<JsonText>,
    /// The answers it was decoded from.
    pub answers: Option<Either<JsonText, External<Vec<Arc<Buffer>>>>>,
    /// Bytes beside it.
    pub bytes: Option<Vec<JsBuffer>>,
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
                json: Some(JsonText(json)),
                answers: some(sources).map(kept),
                bytes: some(bytes.into_iter().map(JsBuffer::from).collect()),
                handles: some(handles.into_iter().map(NativeObject::from).collect()),
                ..Self::default()
            },
            Err(error) => Self { error: Some(describe(&error)), ..Self::default() },
        }
    }
}

/// So short an answer is copied: an object that the engine has to free again costs more.
const SHORT: usize = 4096;

/// Answers for the `raw` of what was decoded from them. The engine is told how much memory hangs on them.
fn kept(sources: Vec<Arc<Buffer>>) -> Either<JsonText, External<Vec<Arc<Buffer>>>> {
    match sources.as_slice() {
        // In ASCII a place is the same, in whatever it is counted.
        [answer] if answer.as_str().len() <= SHORT && answer.as_str().is_ascii() => {
            Either::A(JsonText(answer.as_str().to_owned()))
        }
        _ => {
            let size = sources.iter().map(|source| source.as_str().len()).sum();
            Either::B(External::new_with_size_hint(sources, size))
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
