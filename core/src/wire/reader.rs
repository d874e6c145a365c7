//! A tolerant reader of the service's JSON.
//!
//! The service's JSON comes from an XML model: one-element lists collapse, numbers come as strings and strings as
//! numbers, attributes carry an `@`. Sources: `docs/protocol/visitor-chat-api.md`, "JSON dialect";
//! `docs/protocol/agent-chat-api.md`, "JSON dialects"; `docs/protocol/engagement-history-api.md`, "Scalars".

use std::sync::Arc;

use jiter::{Jiter, JiterError, Peek};

use super::scalar::Json;
use super::text::{Buffer, Text};

/// Why a document could not be read: what, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// The members on the way, innermost first while the error travels outwards.
    path: Vec<Segment>,
    /// What was expected and what was found.
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Member(String),
    Item(usize),
}

impl DecodeError {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { path: Vec::new(), reason: reason.into() }
    }

    pub(crate) fn in_member(mut self, name: &str) -> Self {
        self.path.push(Segment::Member(name.to_owned()));
        self
    }

    pub(crate) fn in_item(mut self, index: usize) -> Self {
        self.path.push(Segment::Item(index));
        self
    }

    /// Where in the document: `interactionHistoryRecords[3].info.duration`, `$` for the document itself.
    pub fn path(&self) -> String {
        let mut path = String::from("$");
        for segment in self.path.iter().rev() {
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
        write!(formatter, "{} at {}", self.reason, self.path())
    }
}

/// The result of reading.
pub type DecodeResult<T> = Result<T, DecodeError>;

/// What can be read from the service's JSON.
pub trait Decode: Sized {
    /// Whether an empty string stands for the absence of the whole thing, as it does for an empty XML element.
    const CONTAINER: bool = false;

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
            items.push(T::decode(reader)?);
            Ok(())
        })?;
        Ok(items)
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
}

/// Reads one document, value by value, remembering where each stands.
#[derive(Debug)]
pub struct Reader<'a> {
    buffer: &'a Arc<Buffer>,
    /// Where in the buffer the document starts.
    base: usize,
    jiter: Jiter<'a>,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `buffer`.
    pub fn new(buffer: &'a Arc<Buffer>) -> Self {
        Self { buffer, base: 0, jiter: Jiter::new(buffer.as_str().as_bytes()) }
    }

    /// A reader of a document inside an answer, such as the `raw` of a model; what it reads shares the answer.
    pub fn of(text: &'a Text) -> Self {
        let (buffer, range) = text.source();
        Self { buffer, base: range.start, jiter: Jiter::new(text.as_str().as_bytes()) }
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
        self.jiter.finish().map_err(syntax)
    }

    #[inline]
    pub(crate) fn peek(&mut self) -> DecodeResult<Peek> {
        self.jiter.peek().map_err(syntax)
    }

    /// What the next value is, in words, for errors.
    pub(crate) fn unexpected(&mut self, wanted: &str) -> DecodeError {
        let found = match self.jiter.peek() {
            Ok(Peek::Null) => "null",
            Ok(Peek::True | Peek::False) => "a boolean",
            Ok(Peek::String) => "a string",
            Ok(Peek::Array) => "an array",
            Ok(Peek::Object) => "an object",
            Ok(peek) if peek.is_num() => "a number",
            // Nothing that begins a value, as in a page of HTML.
            Ok(_) => return DecodeError::new("not valid JSON: expected value"),
            Err(error) => return syntax(error),
        };
        DecodeError::new(format!("expected {wanted}, found {found}"))
    }

    /// Where the next value starts.
    pub(crate) fn start_of_value(&mut self) -> DecodeResult<usize> {
        self.peek()?;
        Ok(self.position())
    }

    /// Where in the buffer the reader stands.
    fn position(&self) -> usize {
        self.base + self.jiter.current_index()
    }

    /// The source of the value that started at `start` and has just been read.
    pub(crate) fn raw_since(&self, start: usize) -> Json {
        Json::from(Text::slice(self.buffer, start, self.position()))
    }

    /// Reads a value; where that fails, passes over it and gives the error with the value's source. Fails itself only
    /// where the value is not even JSON, so that nothing behind it can be found.
    pub(crate) fn recover<T: Decode>(&mut self) -> DecodeResult<Result<T, (DecodeError, Json)>> {
        let start = self.start_of_value()?;
        let before = self.jiter.clone();
        match T::decode(self) {
            Ok(value) => Ok(Ok(value)),
            Err(error) => {
                self.jiter = before;
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
        self.jiter.next_skip().map_err(syntax)
    }

    #[inline]
    pub(crate) fn take_null(&mut self) -> DecodeResult<bool> {
        let null = self.peek()? == Peek::Null;
        if null {
            self.jiter.known_null().map_err(syntax)?;
        }
        Ok(null)
    }

    pub(crate) fn take_empty_string(&mut self) -> DecodeResult<bool> {
        let empty = self.peek()? == Peek::String && self.rest().starts_with("\"\"");
        if empty {
            self.skip()?;
        }
        Ok(empty)
    }

    fn take_empty_object(&mut self) -> DecodeResult<bool> {
        let empty = self.peek()? == Peek::Object && self.rest()[1..].trim_start().starts_with('}');
        if empty {
            self.skip()?;
        }
        Ok(empty)
    }

    fn rest(&self) -> &'a str {
        &self.buffer.as_str()[self.position()..]
    }

    pub(crate) fn boolean(&mut self, peek: Peek) -> DecodeResult<bool> {
        self.jiter.known_bool(peek).map_err(syntax)
    }

    /// A string, as a slice of the answer where it holds no escape.
    pub(crate) fn string(&mut self) -> DecodeResult<Text> {
        let text = self.jiter.known_str().map_err(syntax)?;
        Ok(Text::within(self.buffer, text))
    }

    /// A value of an open enumeration; one that `known` does not know keeps its text.
    pub(crate) fn enumerated<T: From<Text>>(&mut self, known: fn(&str) -> Option<T>) -> DecodeResult<T> {
        if self.peek()? != Peek::String {
            return Text::decode(self).map(T::from);
        }
        let text = self.jiter.known_str().map_err(syntax)?;
        Ok(known(text).unwrap_or_else(|| T::from(Text::within(self.buffer, text))))
    }

    /// A number, as its text.
    pub(crate) fn number(&mut self, peek: Peek) -> DecodeResult<Text> {
        let start = self.position();
        let len = self.digits(peek)?.len();
        Ok(Text::slice(self.buffer, start, start + len))
    }

    /// A number, as its text for the moment.
    pub(crate) fn digits(&mut self, peek: Peek) -> DecodeResult<&'a str> {
        let start = self.position();
        self.jiter.known_number_bytes(peek).map_err(syntax)?;
        Ok(&self.buffer.as_str()[start..self.position()])
    }

    /// Reads the members of an object; `find` gives a member's number, 0 for an unknown one. Gives whether all were known.
    pub(crate) fn members(
        &mut self,
        find: fn(&str) -> usize,
        mut each: impl FnMut(&mut Self, usize) -> DecodeResult<()>,
    ) -> DecodeResult<bool> {
        if self.peek()? != Peek::Object {
            return Err(self.unexpected("an object"));
        }
        let number = |name: &str| find(name.strip_prefix('@').unwrap_or(name));
        let mut next = self.jiter.known_object().map_err(syntax)?.map(number);
        let mut all_known = true;
        while let Some(member) = next {
            if member == 0 {
                all_known = false;
                self.skip()?;
            } else {
                each(self, member)?;
            }
            next = self.jiter.next_key().map_err(syntax)?.map(number);
        }
        Ok(all_known)
    }

    /// Reads the value of the member `name`.
    pub(crate) fn member<T: Decode>(&mut self, name: &str) -> DecodeResult<T> {
        T::decode(self).map_err(|error| error.in_member(name))
    }

    /// Reads the value of the member `name` with `read`; a value that is no object is passed over.
    pub(crate) fn inner(&mut self, name: &str, read: impl FnOnce(&mut Self) -> DecodeResult<()>) -> DecodeResult<()> {
        if self.peek()? != Peek::Object {
            return self.skip();
        }
        read(self).map_err(|error| error.in_member(name))
    }

    /// Reads a list that stands in the member `item` of the container `name`.
    pub(crate) fn contained<T: Decode>(&mut self, name: &str, item: &'static str) -> DecodeResult<Vec<T>> {
        let mut found = Vec::new();
        let read = |reader: &mut Self, found: &mut Vec<T>| {
            if reader.peek()? != Peek::Object {
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

    /// Reads the members of an object whose names are not known beforehand.
    pub(crate) fn object_members(&mut self, mut each: impl FnMut(&mut Self, &str) -> DecodeResult<()>) -> DecodeResult<()> {
        if self.peek()? != Peek::Object {
            return Err(self.unexpected("an object"));
        }
        let own = |name: &str| name.strip_prefix('@').unwrap_or(name).to_owned();
        let mut next = self.jiter.known_object().map_err(syntax)?.map(own);
        while let Some(name) = next {
            each(self, &name)?;
            next = self.jiter.next_key().map_err(syntax)?.map(own);
        }
        Ok(())
    }

    /// Reads the items of a list in any of its forms.
    pub(crate) fn items(&mut self, mut each: impl FnMut(&mut Self) -> DecodeResult<()>) -> DecodeResult<()> {
        if self.take_null()? || self.take_empty_string()? || self.take_empty_object()? {
            return Ok(());
        }
        if self.peek()? != Peek::Array {
            return each(self);
        }
        let mut next = self.jiter.known_array().map_err(syntax)?;
        let mut index = 0;
        while next.is_some() {
            each(self).map_err(|error| error.in_item(index))?;
            index += 1;
            next = self.jiter.array_step().map_err(syntax)?;
        }
        Ok(())
    }
}

fn syntax(error: JiterError) -> DecodeError {
    DecodeError::new(format!("not valid JSON: {}", error.error_type))
}
