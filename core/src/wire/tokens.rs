//! The tokens of a JSON text.
//!
//! A page of history has some sixty thousand members, so that what a token costs decides what reading a page costs: this is
//! a scan over a text that is known to be UTF-8, gives positions in it, and copies nothing. What holds escapes is left to
//! `serde_json`. Source of the grammar: RFC 8259.

use std::ops::Range;

use wide::u8x16;

use super::reader::{DecodeError, DecodeResult};

/// What the next value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueKind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

/// Values that are passed over may be nested so deep.
const DEEPEST: usize = 200;

/// Where in a text the reading stands.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

/// A string: where it stands, without its quotes.
#[derive(Debug)]
pub(super) enum Quoted {
    /// It is its text.
    Plain(Range<usize>),
    /// It holds escapes.
    Escaped(Range<usize>),
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where the next token stands, or what follows the last one if nothing was peeked at.
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The text from here on.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The first byte of the next token.
    #[inline(always)]
    pub(super) fn next_byte(&mut self) -> Option<u8> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte > b' ' => Some(*byte),
            _ => self.next_byte_behind_space(),
        }
    }

    #[cold]
    fn next_byte_behind_space(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let space = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
        self.at += space;
        rest.get(space).copied()
    }

    /// What the next value is, by its first byte.
    #[inline]
    pub(super) fn peek(&mut self) -> DecodeResult<ValueKind> {
        match self.next_byte() {
            Some(b'"') => Ok(ValueKind::String),
            Some(b'{') => Ok(ValueKind::Object),
            Some(b'[') => Ok(ValueKind::Array),
            Some(b'-' | b'0'..=b'9') => Ok(ValueKind::Number),
            Some(b'n') => Ok(ValueKind::Null),
            Some(b't' | b'f') => Ok(ValueKind::Boolean),
            Some(_) => Err(syntax("expected a value")),
            None => Err(syntax("it ends where a value is expected")),
        }
    }

    /// Reads a word that stands next or should.
    fn word(&mut self, word: &str) -> DecodeResult<()> {
        if !self.rest().starts_with(word) {
            return Err(syntax("expected a value"));
        }
        self.at += word.len();
        Ok(())
    }

    pub(super) fn null(&mut self) -> DecodeResult<()> {
        self.word("null")
    }

    pub(super) fn boolean(&mut self) -> DecodeResult<bool> {
        let is_true = self.next_byte() == Some(b't');
        self.word(if is_true { "true" } else { "false" })?;
        Ok(is_true)
    }

    /// Reads a whole number of at most 18 digits, if the next token is one that is written as whole numbers mostly are.
    #[inline]
    pub(super) fn integer(&mut self) -> Option<i64> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let is_negative = rest.first() == Some(&b'-');
        let digits = &rest[usize::from(is_negative)..];
        let (mut number, mut length) = (0_i64, 0);
        while let Some(digit) = digits.get(length).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
            if length == 18 {
                return None;
            }
            number = number * 10 + i64::from(digit);
            length += 1;
        }
        let is_simple = match length {
            0 => false,
            1 => true,
            _ => digits[0] != b'0',
        };
        if !is_simple || matches!(digits.get(length), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        self.at += length + usize::from(is_negative);
        Some(if is_negative { -number } else { number })
    }

    /// Reads a number; gives where it stands.
    pub(super) fn number(&mut self) -> DecodeResult<Range<usize>> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start + usize::from(bytes.get(start) == Some(&b'-'));
        let digits = |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let integer = at;
        at = digits(at);
        let mut is_sound = at > integer && (bytes[integer] != b'0' || at == integer + 1);
        if bytes.get(at) == Some(&b'.') {
            let places = at + 1;
            at = digits(places);
            is_sound &= at > places;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let exponent = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            at = digits(exponent.min(bytes.len()));
            is_sound &= at > exponent;
        }
        if !is_sound {
            return Err(syntax("a number is malformed"));
        }
        self.at = at;
        Ok(start..at)
    }

    /// Reads the string whose opening quote stands next.
    #[inline(always)]
    pub(super) fn string(&mut self) -> DecodeResult<Quoted> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let end = special(bytes, start);
        if bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(Quoted::Plain(start..end));
        }
        self.string_with_escapes(start, end)
    }

    /// The rest of the string that began at `start` and holds something special at `at`.
    #[cold]
    fn string_with_escapes(&mut self, start: usize, mut at: usize) -> DecodeResult<Quoted> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => at = special(bytes, escape(bytes, at)?),
                Some(_) => return Err(syntax("a control character stands in a string")),
                None => return Err(syntax("it ends within a string")),
            }
        }
        self.at = at + 1;
        Ok(Quoted::Escaped(start..at))
    }

    /// What stands in a part of the text.
    #[inline]
    pub(super) fn part(&self, range: Range<usize>) -> &'a str {
        &self.text[range]
    }

    /// What stands in a part of the text, for comparing only: that it begins and ends between characters is not looked at.
    #[inline(always)]
    pub(super) fn bytes(&self, range: Range<usize>) -> &'a [u8] {
        &self.text.as_bytes()[range]
    }

    /// The text of a string that holds escapes.
    #[cold]
    pub(super) fn unescaped(&self, Range { start, end }: Range<usize>) -> DecodeResult<String> {
        let text = serde_json::from_str(&self.text[start - 1..=end]);
        text.map_err(|_| syntax("an escape in a string stands for no character"))
    }

    /// Enters the object that stands next; gives whether it has a member, whose name is to be read then.
    #[inline]
    pub(super) fn enter_object(&mut self) -> DecodeResult<bool> {
        self.enter(b'}')
    }

    /// Enters the array that stands next; gives whether it has an item.
    #[inline]
    pub(super) fn enter_array(&mut self) -> DecodeResult<bool> {
        self.enter(b']')
    }

    #[inline]
    fn enter(&mut self, end: u8) -> DecodeResult<bool> {
        self.at += 1;
        let is_empty = self.next_byte() == Some(end);
        self.at += usize::from(is_empty);
        Ok(!is_empty)
    }

    /// Reads the name of a member and the colon behind it.
    #[inline(always)]
    pub(super) fn name(&mut self) -> DecodeResult<Quoted> {
        if self.next_byte() != Some(b'"') {
            return Err(syntax("expected the name of a member"));
        }
        let name = self.string()?;
        if self.next_byte() != Some(b':') {
            return Err(syntax("expected a colon behind the name of a member"));
        }
        self.at += 1;
        Ok(name)
    }

    /// After a member: whether another one follows.
    #[inline(always)]
    pub(super) fn has_next_member(&mut self) -> DecodeResult<bool> {
        self.has_next(b'}', "expected a comma or a closing brace")
    }

    /// After an item: whether another one follows.
    #[inline]
    pub(super) fn has_next_item(&mut self) -> DecodeResult<bool> {
        self.has_next(b']', "expected a comma or a closing bracket")
    }

    #[inline(always)]
    fn has_next(&mut self, end: u8, otherwise: &str) -> DecodeResult<bool> {
        let byte = self.next_byte();
        if byte != Some(b',') && byte != Some(end) {
            return Err(neither_comma_nor_end(byte, otherwise));
        }
        self.at += 1;
        Ok(byte == Some(b','))
    }

    /// Passes over a value, whatever it is.
    pub(super) fn skip(&mut self) -> DecodeResult<()> {
        self.skip_within(DEEPEST)
    }

    fn skip_within(&mut self, depth: usize) -> DecodeResult<()> {
        if depth == 0 {
            return Err(syntax("values are nested too deep"));
        }
        match self.peek()? {
            ValueKind::Null => self.null(),
            ValueKind::Boolean => self.boolean().map(drop),
            ValueKind::Number => self.number().map(drop),
            ValueKind::String => self.string().map(drop),
            ValueKind::Array => {
                let mut more = self.enter_array()?;
                while more {
                    self.skip_within(depth - 1)?;
                    more = self.has_next_item()?;
                }
                Ok(())
            }
            ValueKind::Object => {
                let mut more = self.enter_object()?;
                while more {
                    self.name()?;
                    self.skip_within(depth - 1)?;
                    more = self.has_next_member()?;
                }
                Ok(())
            }
        }
    }

    /// Checks that nothing follows.
    pub(super) fn finish(&mut self) -> DecodeResult<()> {
        self.next_byte().map_or(Ok(()), |_| Err(syntax("something follows the document")))
    }
}

/// How errors of syntax begin.
pub(super) const NOT_JSON: &str = "not valid JSON";

#[cold]
fn syntax(what: &str) -> DecodeError {
    DecodeError::new(format!("{NOT_JSON}: {what}"))
}

#[cold]
fn neither_comma_nor_end(found: Option<u8>, otherwise: &str) -> DecodeError {
    syntax(if found.is_none() { "it ends within a list or an object" } else { otherwise })
}

/// Behind the escape that begins at `at`.
fn escape(bytes: &[u8], at: usize) -> DecodeResult<usize> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') if bytes.get(at + 2..at + 6).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) => Ok(at + 6),
        None => Err(syntax("it ends within a string")),
        Some(_) => Err(syntax("an escape in a string is malformed")),
    }
}

/// Whether a text stands in JSON as it is.
pub(super) fn needs_no_escape(text: &str) -> bool {
    special(text.as_bytes(), 0) == text.len()
}

/// Where the next quote, backslash or control character stands, from `at` on: looked for in sixteen bytes at a time.
#[inline]
fn special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        if let Some(place) = special_among(*chunk) {
            return at + place;
        }
        at += 16;
    }
    let tail = bytes.get(at..).unwrap_or_default();
    at + tail.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(tail.len())
}

/// The place of the first quote, backslash or control character among sixteen bytes.
#[inline(always)]
fn special_among(chunk: [u8; 16]) -> Option<usize> {
    let chunk = u8x16::new(chunk);
    let equal = |byte| chunk.simd_eq(u8x16::splat(byte));
    // Small as well if the smaller one of it and the largest control character is itself.
    let control = chunk.min(u8x16::splat(0x1f)).simd_eq(chunk);
    let found = (equal(b'"') | equal(b'\\') | control).to_bitmask();
    (found != 0).then(|| found.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests;
