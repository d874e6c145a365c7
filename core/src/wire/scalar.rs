//! Scalars of the wire: text, ids, numbers, times, amounts, raw JSON.
//!
//! Sources: `docs/protocol/visitor-chat-api.md`, "JSON dialect"; `docs/protocol/agent-chat-api.md`, "Scalars that change
//! type" and "Times"; `docs/protocol/engagement-history-api.md`, "Time text" and "Scalars".

use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use jiff::fmt::temporal::DateTimeParser;
use serde_json::Value;

use super::reader::{Decode, DecodeError, DecodeResult, Reader};
use super::text::Text;
use super::tokens::ValueKind;

/// The names of the wrappers that the service's serializer leaves behind: `{"string": "er100004"}`.
pub(crate) const WRAPPERS: [&str; 5] = ["string", "long", "int", "double", "boolean"];

impl Decode for Text {
    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        match reader.peek()? {
            ValueKind::String => reader.string(),
            ValueKind::Number => reader.number(),
            ValueKind::Boolean => Ok(Text::from(if reader.boolean()? { "true" } else { "false" })),
            ValueKind::Object => unwrap_scalar(reader),
            ValueKind::Null | ValueKind::Array => Err(reader.unexpected("text")),
        }
    }

    fn decode_optional(reader: &mut Reader<'_>) -> DecodeResult<Option<Self>> {
        if reader.is_at_string() {
            return reader.string().map(Some);
        }
        if reader.take_null()? { Ok(None) } else { Self::decode(reader).map(Some) }
    }
}

fn unwrap_scalar(reader: &mut Reader<'_>) -> DecodeResult<Text> {
    let mut found = None;
    let mut foreign = None;
    reader.object_members(|reader, name| {
        if WRAPPERS.contains(&name) && found.is_none() {
            found = Some(Option::<Text>::decode(reader)?.unwrap_or_default());
            Ok(())
        } else {
            foreign = Some(name.to_owned());
            reader.skip()
        }
    })?;
    match (found, foreign) {
        (Some(text), None) => Ok(text),
        (_, Some(name)) => Err(DecodeError::new(format!("expected text, found an object with the member `{name}`"))),
        (None, None) => Err(DecodeError::new("expected text, found an empty object")),
    }
}

impl Decode for i64 {
    /// `""` is what the serializer makes of no value.
    const CONTAINER: bool = true;

    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        if let Some(number) = reader.integer() {
            return Ok(number);
        }
        let refused = |text: &str| DecodeError::new(format!("expected a whole number, found {:?}", shorten(text)));
        match reader.peek()? {
            ValueKind::Number => reader.digits().and_then(|digits| whole(digits).ok_or_else(|| refused(digits))),
            ValueKind::String | ValueKind::Object => {
                let text = Text::decode(reader)?;
                whole(text.trim()).ok_or_else(|| refused(&text))
            }
            _ => Err(reader.unexpected("a whole number")),
        }
    }
}

/// Also accepts `12.0`, which a serializer may make of 12.
fn whole(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| text.split_once('.').filter(|(_, rest)| rest.bytes().all(|byte| byte == b'0'))?.0.parse().ok())
}

impl Decode for f64 {
    /// `""` is what the serializer makes of no value.
    const CONTAINER: bool = true;

    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        if !matches!(reader.peek()?, ValueKind::String | ValueKind::Object | ValueKind::Number) {
            return Err(reader.unexpected("a number"));
        }
        let text = Text::decode(reader)?;
        text.trim().parse().map_err(|_| DecodeError::new(format!("expected a number, found {:?}", shorten(&text))))
    }
}

impl Decode for bool {
    /// `""` is what the serializer makes of no value.
    const CONTAINER: bool = true;

    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        match reader.peek()? {
            ValueKind::Boolean => reader.boolean(),
            ValueKind::String | ValueKind::Object => {
                let text = Text::decode(reader)?;
                match text.to_ascii_lowercase().as_str() {
                    "true" => Ok(true),
                    "false" => Ok(false),
                    _ => Err(DecodeError::new(format!("expected true or false, found {:?}", shorten(&text)))),
                }
            }
            _ => Err(reader.unexpected("true or false")),
        }
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

/// An instant with milliseconds, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Reads the texts that the service sends: ISO 8601 with an offset, and the history's `2015-05-28 04:46:23.209+0000`.
    pub fn from_wire(text: &str) -> Option<Self> {
        const PARSER: DateTimeParser = DateTimeParser::new();
        let text = text.trim();
        PARSER.parse_timestamp(text).map(|instant| Self(instant.as_millisecond())).ok()
    }

    /// Reads a member's text, which may be the number of milliseconds as well.
    pub(super) fn from_twin(text: &str) -> Option<Self> {
        whole(text.trim()).map(Self).or_else(|| Self::from_wire(text))
    }

    /// Reads what a person gives: an ISO 8601 instant with an offset, or a date, which is its midnight UTC.
    ///
    /// A date-time without an offset names no instant and is refused; the error says how to write one.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(instant) = Self::from_wire(text) {
            return Ok(instant);
        }
        if let Ok(date) = text.parse::<jiff::civil::Date>()
            && text.len() <= "-009999-01-01".len()
            && !text.contains(['T', ' ', ':'])
        {
            let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| error.to_string())?;
            return Ok(Self(midnight.timestamp().as_millisecond()));
        }
        if text.parse::<jiff::civil::DateTime>().is_ok() {
            return Err(format!(
                "{text:?} has no offset and so names no instant: write `{text}Z` for UTC or add one such as `+02:00`"
            ));
        }
        Err(format!("{text:?} is no time: write a date such as `2026-03-01` or an instant such as `2026-03-01T09:30:00+01:00`"))
    }

    /// The instant this much later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The instant this much earlier.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(formatter, "{instant:.3}"),
            Err(_) => write!(formatter, "{} ms", self.0),
        }
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Self(millis(since)),
            Err(before) => Self(-millis(before.duration())),
        }
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        let distance = Duration::from_millis(timestamp.0.unsigned_abs());
        let moved = if timestamp.0 < 0 { Self::UNIX_EPOCH.checked_sub(distance) } else { Self::UNIX_EPOCH.checked_add(distance) };
        moved.unwrap_or(Self::UNIX_EPOCH)
    }
}

impl Decode for Timestamp {
    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        Self::decode_optional(reader)?.ok_or_else(|| DecodeError::new("expected a time"))
    }

    /// A text that is no time is no error: the service sends `"undefined"`, and `raw` keeps it.
    fn decode_optional(reader: &mut Reader<'_>) -> DecodeResult<Option<Self>> {
        if let Some(millis) = reader.integer() {
            return Ok(Some(Self(millis)));
        }
        match reader.peek()? {
            ValueKind::Number => Ok(whole(reader.digits()?).map(Self)),
            _ => Ok(Option::<Text>::decode(reader)?.as_deref().and_then(Self::from_twin)),
        }
    }
}

/// An amount of money or a quantity as the service wrote it; never passed through a binary float.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Decimal(pub(crate) Text);

impl Decimal {
    /// The text as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as sent, sharing its answer.
    pub fn text(&self) -> &Text {
        &self.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl From<&str> for Decimal {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Decode for Decimal {
    const CONTAINER: bool = true;

    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        Text::decode(reader).map(Self)
    }
}

/// The source of a JSON value.
#[derive(Clone, Default)]
pub struct Json {
    text: Text,
    /// A copy of its own that ends in NUL, made when C asks for it.
    terminated: OnceLock<Box<str>>,
    /// It is the source of a model that knows all its members.
    #[cfg_attr(not(feature = "arrow"), allow(dead_code, reason = "tables ask"))]
    all_known: bool,
}

impl Json {
    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The JSON text, sharing its answer.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The JSON text and a NUL behind it, for C.
    pub fn with_nul(&self) -> &str {
        self.terminated.get_or_init(|| format!("{}\0", self.as_str()).into_boxed_str())
    }

    /// Notes whether the model of which this is the source knows all its members.
    pub(crate) fn with_all_known(mut self, all_known: bool) -> Self {
        self.all_known = all_known;
        self
    }

    /// Whether the model of which this is the source knows all its members, so that nobody needs to look for others.
    #[cfg(feature = "arrow")]
    pub(crate) fn is_all_known(&self) -> bool {
        self.all_known
    }

    /// The value as a tree.
    pub fn to_value(&self) -> serde_json::Result<Value> {
        serde_json::from_str(self.as_str())
    }
}

impl From<Text> for Json {
    fn from(text: Text) -> Self {
        Self { text, terminated: OnceLock::new(), all_known: false }
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::from(Text::from(text))
    }
}

impl From<Json> for String {
    fn from(json: Json) -> Self {
        json.text.into()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Json({} bytes)", self.text.len())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

impl Decode for Json {
    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        let start = reader.start_of_value()?;
        reader.skip()?;
        Ok(reader.raw_since(start))
    }
}

/// What can be written into a request; `None` where the member is left out.
pub trait Encode {
    /// The JSON value.
    fn encode(&self) -> Option<Value>;
}

impl Encode for Text {
    fn encode(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

impl Encode for bool {
    fn encode(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Encode for i64 {
    fn encode(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Encode for i32 {
    fn encode(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Encode for f64 {
    fn encode(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Encode for Json {
    /// Text that is no JSON is refused before it comes here.
    fn encode(&self) -> Option<Value> {
        self.to_value().ok()
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self) -> Option<Value> {
        self.as_ref().and_then(Encode::encode)
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self) -> Option<Value> {
        (!self.is_empty()).then(|| self.iter().filter_map(Encode::encode).collect())
    }
}

#[cfg(feature = "uniffi")]
mod foreign {
    use std::time::SystemTime;

    use super::{Decimal, Json, Timestamp};

    uniffi::custom_type!(Timestamp, SystemTime, { lower: |time| time.into(), try_lift: |time| Ok(time.into()) });
    uniffi::custom_type!(Decimal, String, { lower: |amount| amount.0.into(), try_lift: |text| Ok(Decimal(text.into())) });
    uniffi::custom_type!(Json, String, { lower: |json| json.into(), try_lift: |text| Ok(text.into()) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::text::Buffer;

    fn read<T: Decode>(json: &str) -> DecodeResult<T> {
        Reader::read(&Buffer::new(json.to_owned()))
    }

    #[test]
    fn scalars_accept_every_form_the_documents_show() {
        assert_eq!(read::<Text>(r#""a\nb""#).unwrap(), "a\nb");
        assert_eq!(read::<Text>("4711").unwrap(), "4711");
        assert_eq!(read::<Text>("true").unwrap(), "true");
        assert_eq!(read::<Text>(r#"{"string": "er1"}"#).unwrap(), "er1");
        assert_eq!(read::<i64>(r#""42""#).unwrap(), 42);
        assert_eq!(read::<i64>("1215602164887992").unwrap(), 1_215_602_164_887_992);
        assert!(read::<bool>(r#""true""#).unwrap());
        assert_eq!(read::<Option<Text>>("null").unwrap(), None);
        assert_eq!(read::<Vec<Text>>(r#""2""#).unwrap(), ["2"]);
        for empty in ["null", r#""""#, "{}", "{ }", "[]"] {
            assert!(read::<Vec<Text>>(empty).unwrap().is_empty(), "{empty}");
        }
    }

    #[test]
    fn times_come_in_three_texts_and_as_epoch() {
        let millis = |json| read::<Option<Timestamp>>(json).unwrap().map(Timestamp::as_millis);
        assert_eq!(millis("1432788383209"), Some(1_432_788_383_209));
        assert_eq!(millis(r#""1432788383209""#), Some(1_432_788_383_209));
        assert_eq!(millis(r#""2015-05-28 04:46:23.209+0000""#), Some(1_432_788_383_209));
        assert_eq!(millis(r#""2015-08-30T18:06:02+03:00""#), Some(1_440_947_162_000));
        assert_eq!(millis(r#""undefined""#), None);
        assert_eq!(millis("null"), None);
    }

    #[test]
    fn a_naive_time_is_refused_with_the_cure() {
        assert_eq!(Timestamp::parse("2026-03-01").unwrap().to_string(), "2026-03-01T00:00:00.000Z");
        assert_eq!(Timestamp::parse("2026-03-01T09:30:00+01:00").unwrap().to_string(), "2026-03-01T08:30:00.000Z");
        let refused = Timestamp::parse("2026-03-01T09:30:00").unwrap_err();
        assert!(refused.contains("2026-03-01T09:30:00Z"), "{refused}");
        assert!(Timestamp::parse("yesterday").unwrap_err().contains("is no time"));
    }

    #[test]
    fn errors_name_the_path() {
        let error = read::<Vec<i64>>(r#"[1, "x"]"#).unwrap_err();
        assert_eq!(error.to_string(), r#"expected a whole number, found "x" at $[1]"#);
    }
}
