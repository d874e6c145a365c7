//! The service's JSON: tolerant reading, exact writing, and the scalars both are made of.

pub mod chat;
mod present;
mod reader;
pub(crate) mod relation;
mod scalar;
mod service_error;
pub mod slots;
pub mod survey;
mod text;
mod tokens;

pub use chat::Link;
pub use present::{Members, Present, Presenter};
pub(crate) use reader::Twin;
pub use reader::{Decode, DecodeError, DecodeResult, Reader};
pub(crate) use scalar::WRAPPERS;
pub use scalar::{Decimal, Encode, Json, Timestamp};
pub(crate) use service_error::ServiceError;
pub use text::{Buffer, Text};
pub(crate) use tokens::ValueKind;

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};

use crate::error::{LpchatError, Result};

/// The value of an argument that must be JSON.
pub(crate) fn json_argument(name: &str, json: &Json) -> Result<Value> {
    json.to_value().map_err(|error| {
        LpchatError::argument(name, "not JSON", &format!("it is a JSON text; this one breaks off at column {}", error.column()))
    })
}

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

/// Turns a member that is the text of a whole number into that number.
pub(crate) fn as_number(members: &mut Value, member: &str) {
    if let Some(value) = members.get_mut(member)
        && let Some(number) = value.as_str().and_then(number_of)
    {
        *value = number;
    }
}

/// The number that a text is, if it is the usual text of that number.
fn number_of(text: &str) -> Option<Value> {
    text.parse::<i64>().ok().filter(|number| number.to_string() == text).map(Value::from)
}

/// The value of a member that was read, or what its absence means.
pub(crate) fn finish<T: Decode>(slot: Option<T>, name: &str) -> DecodeResult<T> {
    slot.or_else(T::absent).ok_or_else(|| DecodeError::new(format!("the member `{name}` is missing")))
}

/// The document that the absence of one stands for: all its members are absent.
pub(crate) fn empty<T: Decode>() -> DecodeResult<T> {
    static EMPTY: LazyLock<Arc<Buffer>> = LazyLock::new(|| Buffer::new("{}".to_owned()));
    Reader::read(&EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[lpchat_macros::model(internal)]
    struct Moment {
        #[wire("timeL", text = "time")]
        time: Option<Timestamp>,
    }

    #[test]
    fn the_epoch_twin_of_a_time_wins_over_its_text() {
        let millis = |members: &str| {
            let moment: DecodeResult<Moment> = Reader::read(&Buffer::new(format!("{{{members}}}")));
            moment.unwrap().time.map(Timestamp::as_millis)
        };
        let text = r#""time": "2015-05-28 04:46:23.209+0000""#;
        assert_eq!(millis(&format!(r#"{text}, "timeL": 12"#)), Some(12));
        assert_eq!(millis(&format!(r#""timeL": 12, {text}"#)), Some(12));
        assert_eq!(millis(&format!(r#"{text}, "timeL": null"#)), Some(1_432_788_383_209));
        assert_eq!(millis(r#""time": "2015-05-28 04:46:23.209\u002b0000""#), Some(1_432_788_383_209));
        assert_eq!(millis(r#""time": "1432788383209""#), Some(1_432_788_383_209));
        assert_eq!(millis(r#""time": 1432788383209"#), Some(1_432_788_383_209));
        assert_eq!(millis(r#""time": "undefined", "timeL": null"#), None);
        assert_eq!(millis(r#""time": null"#), None);
        assert_eq!(millis(""), None);
    }
}
