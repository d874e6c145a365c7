//! JSON from the TypeScript layer as values of the core.
//!
//! An error names the member as JavaScript writes it and never shows its value, which may be secret.

use std::collections::HashMap;
use std::time::Duration;

use lpchat::{Code, ErrorDetails, Json, LpchatError, Result, Secret, Text, Timestamp};
use serde_json::{Map, Value};

/// The error of an argument that cannot be used.
pub fn invalid(message: impl Into<String>) -> LpchatError {
    let code = Code::InvalidArgument;
    let details = ErrorDetails {
        code: code as i32,
        name: code.name().to_owned(),
        message: message.into(),
        hint: code.hint().to_owned(),
        retryable: code.retryable(),
        operation: String::new(),
        http_status: None,
        service_code: None,
        service_message: None,
        attempts: 0,
        elapsed: Duration::ZERO,
        request_id: String::new(),
        retry_after: None,
        cause: None,
    };
    LpchatError::Configuration { details: Box::new(details) }
}

fn wrong_type(value: &Value, name: &str, wanted: &str) -> LpchatError {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    invalid(format!("`{name}` must be {wanted}, not {found}."))
}

/// What JavaScript can hand in.
pub trait FromJson: Sized {
    /// Reads the value of `name`.
    fn from_json(value: Value, name: &str) -> Result<Self>;

    /// What its absence means.
    fn absent(name: &str) -> Result<Self> {
        Err(invalid(format!("`{name}` is missing.")))
    }

    /// Reads a value that may be absent; null counts as absent.
    fn read(value: Option<Value>, name: &str) -> Result<Self> {
        match value {
            None | Some(Value::Null) => Self::absent(name),
            Some(value) => Self::from_json(value, name),
        }
    }
}

/// A record that users make. Generated for each.
pub trait FromMembers: FromJson {
    /// Its name.
    const NAME: &'static str;
    /// The names of its members.
    const MEMBERS: &'static [&'static str];

    /// Reads the members, which are known ones only.
    fn from_members(members: &mut Members) -> Result<Self>;
}

/// The members of an object.
#[derive(Debug)]
pub struct Members {
    map: Map<String, Value>,
    /// What stands before a member's name in messages: `survey.`
    prefix: String,
}

impl Members {
    /// Reads one member.
    pub fn take<T: FromJson>(&mut self, name: &str) -> Result<T> {
        let value = self.map.remove(name);
        T::read(value, &format!("{}{name}", self.prefix))
    }

    /// Reads a member that is false when absent.
    pub fn flag(&mut self, name: &str) -> Result<bool> {
        self.take::<Option<bool>>(name).map(Option::unwrap_or_default)
    }
}

/// Reads a record. A member that it does not have is refused: a misspelled filter would otherwise find everything.
pub fn read_members<T: FromMembers>(value: Value, name: &str, prefix: &str) -> Result<T> {
    let Value::Object(map) = value else { return Err(wrong_type(&value, name, &format!("an object, a {}", T::NAME))) };
    if let Some(unknown) = map.keys().find(|member| !T::MEMBERS.contains(&member.as_str())) {
        let known = T::MEMBERS.join(", ");
        return Err(invalid(format!("`{prefix}{unknown}` is no member of {}, which has: {known}.", T::NAME)));
    }
    T::from_members(&mut Members { map, prefix: prefix.to_owned() })
}

/// Implements [`FromJson`] for a record; `default` where nothing in it is required.
#[macro_export]
macro_rules! record_input {
    ($record:ty $(, $default:ident)?) => {
        impl $crate::input::FromJson for $record {
            fn from_json(value: serde_json::Value, name: &str) -> lpchat::Result<Self> {
                $crate::input::read_members(value, name, &format!("{name}."))
            }

            $(fn absent(_: &str) -> lpchat::Result<Self> {
                Ok(Self::$default())
            })?
        }
    };
}

/// Implements [`FromJson`] for an open enumeration.
#[macro_export]
macro_rules! enumeration_input {
    ($enumeration:ty) => {
        impl $crate::input::FromJson for $enumeration {
            fn from_json(value: serde_json::Value, name: &str) -> lpchat::Result<Self> {
                lpchat::Text::from_json(value, name).map(Self::from)
            }
        }
    };
}

impl FromJson for String {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        match value {
            Value::String(text) => Ok(text),
            // Ids look like numbers and exceed what a number of JavaScript holds exactly.
            Value::Number(_) => Err(wrong_type(&value, name, "a string (ids are strings: write '25', with quotation marks)")),
            _ => Err(wrong_type(&value, name, "a string")),
        }
    }
}

impl FromJson for Text {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        String::from_json(value, name).map(Self::from)
    }
}

impl FromJson for Secret {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        String::from_json(value, name).map(Self::from)
    }
}

impl FromJson for Json {
    /// Any value; a string is taken for JSON text.
    fn from_json(value: Value, _: &str) -> Result<Self> {
        Ok(match value {
            Value::String(text) => Self::from(text),
            value => Self::from(value.to_string()),
        })
    }
}

impl FromJson for Timestamp {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        match &value {
            Value::Number(_) => i64::from_json(value, name).map(Self::from_millis),
            Value::String(text) => Self::parse(text).map_err(|reason| invalid(format!("`{name}`: {reason}."))),
            _ => Err(wrong_type(&value, name, "a Date, milliseconds since 1970, or a text such as '2026-03-01T09:30:00Z'")),
        }
    }
}

impl FromJson for Duration {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        let Some(millis) = value.as_f64() else { return Err(wrong_type(&value, name, "a number of milliseconds")) };
        Self::try_from_secs_f64(millis / 1000.0)
            .map_err(|_| invalid(format!("`{name}` is {millis} milliseconds: it must be neither negative nor endless.")))
    }
}

impl FromJson for bool {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        value.as_bool().ok_or_else(|| wrong_type(&value, name, "true or false"))
    }
}

impl FromJson for f64 {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        value.as_f64().ok_or_else(|| wrong_type(&value, name, "a number"))
    }
}

impl FromJson for i64 {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        match &value {
            Value::Number(number) => {
                number.as_i64().ok_or_else(|| invalid(format!("`{name}` is {number}: it must be a whole number.")))
            }
            _ => Err(wrong_type(&value, name, "a whole number")),
        }
    }
}

impl FromJson for i32 {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        let number = i64::from_json(value, name)?;
        Self::try_from(number).map_err(|_| invalid(format!("`{name}` is {number}: it is too large.")))
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        T::from_json(value, name).map(Some)
    }

    fn absent(_: &str) -> Result<Self> {
        Ok(None)
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        T::from_json(value, name).map(Self::new)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        match value {
            Value::Array(items) => {
                items.into_iter().enumerate().map(|(index, item)| T::read(Some(item), &format!("{name}[{index}]"))).collect()
            }
            value => Err(wrong_type(&value, name, "an array; put the one value into brackets")),
        }
    }

    fn absent(_: &str) -> Result<Self> {
        Ok(Self::new())
    }
}

impl FromJson for HashMap<String, String> {
    fn from_json(value: Value, name: &str) -> Result<Self> {
        match value {
            Value::Object(members) => members
                .into_iter()
                .map(|(key, value)| {
                    let value = String::read(Some(value), &format!("{name}.{key}"))?;
                    Ok((key, value))
                })
                .collect(),
            value => Err(wrong_type(&value, name, "an object of strings")),
        }
    }

    fn absent(_: &str) -> Result<Self> {
        Ok(Self::new())
    }
}

#[cfg(test)]
mod tests {
    use lpchat::{ChatRequest, SearchQuery};
    use serde_json::json;

    use super::*;

    fn refusal<T: FromMembers + std::fmt::Debug>(value: Value) -> String {
        read_members::<T>(value, "request", "").unwrap_err().to_string()
    }

    #[test]
    fn members_are_read_in_camel_case_and_unknown_ones_refused() {
        let request: ChatRequest = read_members(json!({ "skillId": "17", "preChatLines": ["a", "b"] }), "request", "").unwrap();
        assert_eq!((request.skill_id.as_deref(), request.pre_chat_lines.len()), (Some("17"), 2));
        let unknown = refusal::<ChatRequest>(json!({ "skil": "Sales" }));
        assert!(unknown.starts_with("`skil` is no member of ChatRequest, which has: skill, skillId, "), "{unknown}");
        let nested = refusal::<ChatRequest>(json!({ "survey": { "surveyId": "1", "answers": [{ "questionId": 4 }] } }));
        assert!(nested.starts_with("`survey.answers[0].questionId` must be a string (ids are strings"), "{nested}");
    }

    #[test]
    fn times_are_milliseconds_or_texts_with_an_offset() {
        let query: SearchQuery = read_members(json!({ "start": 5, "end": "2026-03-01" }), "query", "").unwrap();
        assert_eq!((query.start, query.end), (Some(Timestamp::from_millis(5)), Timestamp::parse("2026-03-01").ok()));
        let naive = refusal::<SearchQuery>(json!({ "start": "2026-03-01T09:00:00" }));
        assert!(naive.contains("`start`: ") && naive.contains("2026-03-01T09:00:00Z"), "{naive}");
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_not_shown() {
        let refused = refusal::<lpchat::ClientOptions>(json!({ "appKey": 471_147 }));
        assert!(refused.contains("`appKey` must be a string") && !refused.contains("471147"), "{refused}");
    }
}
