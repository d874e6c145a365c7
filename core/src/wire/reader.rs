//! A tolerant reader of the service's JSON.
//!
//! The service's JSON comes from an XML model: one-element lists collapse, numbers come as strings and strings as
//! numbers, attributes carry an `@`. Sources: `docs/protocol/visitor-chat-api.md`, "JSON dialect";
//! `docs/protocol/agent-chat-api.md`, "JSON dialects"; `docs/protocol/engagement-history-api.md`, "Scalars".

use std::ops::Range;
use std::sync::Arc;

use super::scalar::{Json, Timestamp};
use super::text::{Buffer, Text};
use super::tokens::{NOT_JSON, Quoted, Tokens, ValueKind};
use crate::error::{Code, LpchatError};

/// Why a document could not be read: what, and where in it.
///
/// One word large: every value that is read comes with the possibility of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Trouble>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Trouble {
    /// The members on the way, innermost first while the error travels outwards.
    path: Vec<Segment>,
    reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Member(String),
    Item(usize),
}

impl DecodeError {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(Box::new(Trouble { path: Vec::new(), reason: reason.into() }))
    }

    /// What was expected and what was found.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    pub(crate) fn in_member(mut self, name: &str) -> Self {
        self.0.path.push(Segment::Member(name.to_owned()));
        self
    }

    pub(crate) fn in_item(mut self, index: usize) -> Self {
        self.0.path.push(Segment::Item(index));
        self
    }

    /// The error for whoever handed the document in or asked for it; `what` it is goes first.
    pub(crate) fn of(&self, what: &str, document: &str) -> LpchatError {
        let code = if self.reason().starts_with(NOT_JSON) { Code::NotJson } else { Code::UnexpectedShape };
        LpchatError::new(code).with_message(format!("{what} ({} bytes) cannot be read: {self}.", document.len()))
    }

    /// Where in the document: `interactionHistoryRecords[3].info.duration`, `$` for the document itself.
    pub fn path(&self) -> String {
        let mut path = String::from("$");
        for segment in self.0.path.iter().rev() {
            match segment {
                Segment::Member(name) => {
                    path.push('.');
                    path.push_str(name);
                }
                Segment::Item(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} at {}", self.reason(), self.path())
    }
}

/// The result of reading.
pub type DecodeResult<T> = Result<T, DecodeError>;

/// What can be read from the service's JSON.
pub trait Decode: Sized {
    /// Whether an empty string stands for the absence of the whole thing, as it does for an empty XML element.
    const CONTAINER: bool = false;

    /// How many of them a list is likely to hold, where that is more than a few.
    const USUAL_NUMBER: usize = 0;

    /// The names of the members that are read; empty for what is no document.
    const MEMBERS: &'static [&'static str] = &[];

    /// Reads one value.
    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self>;

    /// Reads one value where null means absent.
    fn decode_optional(reader: &mut Reader<'_>) -> DecodeResult<Option<Self>> {
        if reader.take_null()? || (Self::CONTAINER && reader.take_empty_string()?) {
            return Ok(None);
        }
        Self::decode(reader).map(Some)
    }

    /// What an absent member means; `None` where it must be there.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        T::decode_optional(reader)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Decode> Decode for Box<T> {
    const CONTAINER: bool = T::CONTAINER;
    const USUAL_NUMBER: usize = T::USUAL_NUMBER;
    const MEMBERS: &'static [&'static str] = T::MEMBERS;

    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        T::decode(reader).map(Box::new)
    }
}

/// A list accepts absent, null, `""`, `{}`, a bare element and an array.
impl<T: Decode> Decode for Vec<T> {
    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        let mut items = Vec::new();
        reader.items(|reader| {
            if items.is_empty() {
                items.reserve_exact(T::USUAL_NUMBER);
            }
            items.push(T::decode(reader)?);
            Ok(())
        })?;
        if items.len() < T::USUAL_NUMBER / 2 {
            items.shrink_to_fit();
        }
        Ok(items)
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
}

/// The text twin of a time: most are never read, since the epoch twin wins.
#[derive(Debug)]
pub(crate) enum Twin {
    /// It stands here in the document, without an escape.
    Plain(Range<usize>),
    /// It had to be read; nothing where it is null.
    Text(Option<Text>),
}

#[inline(always)]
fn without_mark(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"@").unwrap_or(name)
}

/// Reads one document, value by value, remembering where each stands.
#[derive(Debug)]
pub struct Reader<'a> {
    buffer: &'a Arc<Buffer>,
    /// Where in the buffer the document starts.
    base: usize,
    tokens: Tokens<'a>,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `buffer`.
    pub fn new(buffer: &'a Arc<Buffer>) -> Self {
        Self { buffer, base: 0, tokens: Tokens::new(buffer.as_str()) }
    }

    /// A reader of a document inside an answer, such as the `raw` of a model; what it reads shares the answer.
    pub fn of(text: &'a Text) -> Self {
        let (buffer, range) = text.source();
        Self { buffer, base: range.start, tokens: Tokens::new(text.as_str()) }
    }

    /// Reads the whole of `buffer` as one value, with nothing behind it.
    pub fn read<T: Decode>(buffer: &Arc<Buffer>) -> DecodeResult<T> {
        let mut reader = Reader::new(buffer);
        let value = T::decode(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }

    /// Checks that nothing follows the document.
    pub fn finish(&mut self) -> DecodeResult<()> {
        self.tokens.finish()
    }

    #[inline]
    pub(crate) fn peek(&mut self) -> DecodeResult<ValueKind> {
        self.tokens.peek()
    }

    /// What the next value is, in words, for errors.
    #[cold]
    pub(crate) fn unexpected(&mut self, wanted: &str) -> DecodeError {
        let found = match self.peek() {
            Ok(ValueKind::Null) => "null",
            Ok(ValueKind::Boolean) => "a boolean",
            Ok(ValueKind::String) => "a string",
            Ok(ValueKind::Array) => "an array",
            Ok(ValueKind::Object) => "an object",
            Ok(ValueKind::Number) => "a number",
            // Nothing that begins a value, as in a page of HTML.
            Err(error) => return error,
        };
        DecodeError::new(format!("expected {wanted}, found {found}"))
    }

    /// Where the next value starts.
    #[inline]
    pub(crate) fn start_of_value(&mut self) -> DecodeResult<usize> {
        self.peek()?;
        Ok(self.position())
    }

    /// Where in the buffer the reader stands.
    #[inline]
    fn position(&self) -> usize {
        self.base + self.tokens.position()
    }

    /// How many bytes of the document are still to be read.
    pub(crate) fn bytes_left(&self) -> usize {
        self.tokens.rest().len()
    }

    /// What stands between two places of the document, sharing the answer.
    #[inline]
    fn slice(&self, range: Range<usize>) -> Text {
        Text::slice(self.buffer, self.base + range.start, self.base + range.end)
    }

    /// The source of the value that started at `start` and has just been read.
    pub(crate) fn raw_since(&self, start: usize) -> Json {
        Json::from(Text::slice(self.buffer, start, self.position()))
    }

    /// Reads a value; where that fails, passes over it and gives the error with the value's source. Fails itself only
    /// where the value is not even JSON, so that nothing behind it can be found.
    pub(crate) fn recover<T: Decode>(&mut self) -> DecodeResult<Result<T, (DecodeError, Json)>> {
        let start = self.start_of_value()?;
        let before = self.tokens.clone();
        match T::decode(self) {
            Ok(value) => Ok(Ok(value)),
            Err(error) => {
                self.tokens = before;
                self.skip()?;
                Ok(Err((error, self.raw_since(start))))
            }
        }
    }

    /// Reads a value; one of another shape counts as absent. Its source stays in the `raw` of the document around it.
    pub(crate) fn lenient<T: Decode>(&mut self) -> DecodeResult<Option<T>> {
        Ok(self.recover()?.ok())
    }

    pub(crate) fn skip(&mut self) -> DecodeResult<()> {
        self.tokens.skip()
    }

    #[inline(always)]
    pub(crate) fn take_null(&mut self) -> DecodeResult<bool> {
        let null = self.tokens.next_byte() == Some(b'n');
        if null {
            self.tokens.null()?;
        }
        Ok(null)
    }

    #[inline]
    pub(crate) fn take_empty_string(&mut self) -> DecodeResult<bool> {
        let empty = self.is_at_string() && self.tokens.rest().as_bytes().get(1) == Some(&b'"');
        if empty {
            self.tokens.string()?;
        }
        Ok(empty)
    }

    fn take_empty_object(&mut self) -> DecodeResult<bool> {
        let empty = self.peek()? == ValueKind::Object && self.tokens.rest()[1..].trim_start().starts_with('}');
        if empty {
            self.skip()?;
        }
        Ok(empty)
    }

    pub(crate) fn boolean(&mut self) -> DecodeResult<bool> {
        self.tokens.boolean()
    }

    /// Whether a string stands next.
    #[inline(always)]
    pub(crate) fn is_at_string(&mut self) -> bool {
        self.tokens.next_byte() == Some(b'"')
    }

    /// A string, as a slice of the answer where it holds no escape.
    #[inline(always)]
    pub(crate) fn string(&mut self) -> DecodeResult<Text> {
        match self.tokens.string()? {
            Quoted::Plain(range) => Ok(self.slice(range)),
            Quoted::Escaped(range) => self.tokens.unescaped(range).map(Text::from),
        }
    }

    /// A value of an open enumeration; one that `known` does not know keeps its text.
    #[inline]
    pub(crate) fn enumerated<T: From<Text>>(&mut self, known: impl Fn(&[u8]) -> Option<T>) -> DecodeResult<T> {
        if !self.is_at_string() {
            return Text::decode(self).map(T::from);
        }
        match self.tokens.string()? {
            Quoted::Plain(range) => {
                let found = known(self.tokens.bytes(range.clone()));
                Ok(found.unwrap_or_else(|| T::from(self.slice(range))))
            }
            Quoted::Escaped(range) => self.tokens.unescaped(range).map(|text| T::from(Text::from(text))),
        }
    }

    /// The text twin of a time, left where it stands until it is wanted.
    #[inline]
    pub(crate) fn twin(&mut self) -> DecodeResult<Twin> {
        if !self.is_at_string() {
            return Text::decode_optional(self).map(Twin::Text);
        }
        match self.tokens.string()? {
            Quoted::Plain(range) => Ok(Twin::Plain(range)),
            Quoted::Escaped(range) => self.tokens.unescaped(range).map(|text| Twin::Text(Some(text.into()))),
        }
    }

    /// The time that a text twin stands for.
    pub(crate) fn time_of(&self, twin: &Twin) -> Option<Timestamp> {
        match twin {
            Twin::Plain(range) => Timestamp::from_twin(self.tokens.part(range.clone())),
            Twin::Text(text) => Timestamp::from_twin(text.as_ref()?),
        }
    }

    /// A number, as its text.
    pub(crate) fn number(&mut self) -> DecodeResult<Text> {
        let range = self.tokens.number()?;
        Ok(self.slice(range))
    }

    /// A whole number that is written as such; nothing else is read.
    #[inline(always)]
    pub(crate) fn integer(&mut self) -> Option<i64> {
        self.tokens.next_byte()?;
        self.tokens.integer()
    }

    /// A number, as its text for the moment.
    #[inline]
    pub(crate) fn digits(&mut self) -> DecodeResult<&'a str> {
        self.tokens.number().map(|range| self.tokens.part(range))
    }

    /// Reads the members of an object; `find` gives a member's number by the bytes of its name, 0 for an unknown one. Gives
    /// whether all were known. The `@` before the name of what was an XML attribute is left out.
    #[inline(always)]
    pub(crate) fn members(
        &mut self,
        find: impl Fn(&[u8]) -> usize,
        mut each: impl FnMut(&mut Self, usize) -> DecodeResult<()>,
    ) -> DecodeResult<bool> {
        let mut all_known = true;
        let mut more = self.enter_object()?;
        while more {
            let member = match self.tokens.name()? {
                Quoted::Plain(range) => find(without_mark(self.tokens.bytes(range))),
                Quoted::Escaped(range) => find(without_mark(self.tokens.unescaped(range)?.as_bytes())),
            };
            if member == 0 {
                all_known = false;
                self.skip()?;
            } else {
                each(self, member)?;
            }
            more = self.tokens.has_next_member()?;
        }
        Ok(all_known)
    }

    #[inline(always)]
    fn enter_object(&mut self) -> DecodeResult<bool> {
        if self.tokens.next_byte() != Some(b'{') {
            return Err(self.unexpected("an object"));
        }
        self.tokens.enter_object()
    }

    /// Reads the value of the member `name`.
    #[inline]
    pub(crate) fn member<T: Decode>(&mut self, name: &str) -> DecodeResult<T> {
        T::decode(self).map_err(|error| error.in_member(name))
    }

    /// Reads the value of the member `name` with `read`; a value that is no object is passed over.
    pub(crate) fn inner(&mut self, name: &str, read: impl FnOnce(&mut Self) -> DecodeResult<()>) -> DecodeResult<()> {
        if self.peek()? != ValueKind::Object {
            return self.skip();
        }
        read(self).map_err(|error| error.in_member(name))
    }

    /// Reads a list that stands in the member `item` of the container `name`.
    pub(crate) fn contained<T: Decode>(&mut self, name: &str, item: &'static str) -> DecodeResult<Vec<T>> {
        let mut found = Vec::new();
        let read = |reader: &mut Self, found: &mut Vec<T>| {
            if reader.peek()? != ValueKind::Object {
                *found = Vec::<T>::decode(reader)?;
                return Ok(());
            }
            reader.object_members(|reader, member| {
                if member != item {
                    return reader.skip();
                }
                *found = Vec::<T>::decode(reader).map_err(|error| error.in_member(item))?;
                Ok(())
            })
        };
        read(self, &mut found).map_err(|error| error.in_member(name))?;
        Ok(found)
    }

    /// Reads the members of an object, by their names. The `@` before the name of what was an XML attribute is left out.
    #[inline]
    pub(crate) fn object_members(&mut self, mut each: impl FnMut(&mut Self, &str) -> DecodeResult<()>) -> DecodeResult<()> {
        let mut more = self.enter_object()?;
        while more {
            let unescaped;
            let name = match self.tokens.name()? {
                Quoted::Plain(range) => self.tokens.part(range),
                Quoted::Escaped(range) => {
                    unescaped = self.tokens.unescaped(range)?;
                    &unescaped
                }
            };
            each(self, name.strip_prefix('@').unwrap_or(name))?;
            more = self.tokens.has_next_member()?;
        }
        Ok(())
    }

    /// Reads the items of a list in any of its forms.
    pub(crate) fn items(&mut self, mut each: impl FnMut(&mut Self) -> DecodeResult<()>) -> DecodeResult<()> {
        if self.take_null()? || self.take_empty_string()? || self.take_empty_object()? {
            return Ok(());
        }
        if self.peek()? != ValueKind::Array {
            return each(self);
        }
        let mut more = self.tokens.enter_array()?;
        let mut index = 0;
        while more {
            each(self).map_err(|error| error.in_item(index))?;
            index += 1;
            more = self.tokens.has_next_item()?;
        }
        Ok(())
    }
}
