//! Writing an answer anew with what may stay.

use std::sync::Arc;

use super::rules::{Entry, PAGE, Rule, rule_of};
use super::{Redaction, Redactor};
use crate::wire::{Buffer, DecodeResult, Reader, Text, ValueKind, WRAPPERS};

/// Stands where something was that should not be there: it has no shape that a model would take for another value.
const OUT_OF_PLACE: &str = "\"redacted\"";
/// No document of the service repeats an object of the same name within itself more often than once.
const DEEPEST: usize = 4;

/// The answer with what may stay of it.
pub(in crate::history) fn redacted(redaction: &Redaction, answer: &Arc<Buffer>) -> DecodeResult<String> {
    let mut reader = Reader::new(answer);
    let mut writer = Writer { redactor: Redactor::new(redaction), out: String::with_capacity(answer.as_str().len() / 4) };
    writer.items(&mut reader, |writer, reader| writer.object(reader, PAGE, 0))?;
    reader.finish()?;
    Ok(writer.out)
}

struct Writer {
    redactor: Redactor,
    out: String,
}

impl Writer {
    /// Copies the next value as it is.
    fn copy(&mut self, reader: &mut Reader<'_>) -> DecodeResult<()> {
        let start = reader.start_of_value()?;
        reader.skip()?;
        self.out.push_str(reader.raw_since(start).as_str());
        Ok(())
    }

    fn instead(&mut self, reader: &mut Reader<'_>, text: &str) -> DecodeResult<()> {
        self.out.push_str(text);
        reader.skip()
    }

    /// Writes a value, or each item of an array. Arrays within arrays have no place in these documents.
    fn items(
        &mut self,
        reader: &mut Reader<'_>,
        mut each: impl FnMut(&mut Self, &mut Reader<'_>) -> DecodeResult<()>,
    ) -> DecodeResult<()> {
        if reader.peek()? != ValueKind::Array {
            return each(self, reader);
        }
        self.out.push('[');
        let begin = self.out.len();
        reader.items(|reader| {
            if self.out.len() > begin {
                self.out.push(',');
            }
            if reader.peek()? == ValueKind::Array { self.instead(reader, "[]") } else { each(self, reader) }
        })?;
        self.out.push(']');
        Ok(())
    }

    /// Writes an object by the rules of its members. What is no object is out of place; nothing at all may stay.
    fn object(&mut self, reader: &mut Reader<'_>, entries: &'static [Entry], depth: usize) -> DecodeResult<()> {
        if reader.peek()? != ValueKind::Object {
            return self.no_object(reader);
        }
        self.members(reader, |writer, reader, name| match rule_of(entries, name) {
            Some(rule) if writer.stays(rule) && depth < DEEPEST => {
                writer.name(name);
                writer.value(reader, rule, entries, depth)
            }
            _ => reader.skip(),
        })
    }

    fn no_object(&mut self, reader: &mut Reader<'_>) -> DecodeResult<()> {
        match reader.peek()? {
            ValueKind::Null | ValueKind::Boolean => self.copy(reader),
            _ if reader.take_empty_string()? => {
                self.out.push_str("\"\"");
                Ok(())
            }
            _ => self.instead(reader, OUT_OF_PLACE),
        }
    }

    fn members(
        &mut self,
        reader: &mut Reader<'_>,
        mut each: impl FnMut(&mut Self, &mut Reader<'_>, &str) -> DecodeResult<()>,
    ) -> DecodeResult<()> {
        self.out.push('{');
        reader.object_members(|reader, name| each(self, reader, name))?;
        self.out.push('}');
        Ok(())
    }

    /// Writes the name of a member; the rules hold none that would need an escape.
    fn name(&mut self, name: &str) {
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    fn stays(&self, rule: &Rule) -> bool {
        match rule {
            Rule::Personal => false,
            Rule::Identity => self.redactor.hash.is_some(),
            Rule::Words => self.redactor.keep_texts,
            _ => true,
        }
    }

    fn value(
        &mut self,
        reader: &mut Reader<'_>,
        rule: &'static Rule,
        within: &'static [Entry],
        depth: usize,
    ) -> DecodeResult<()> {
        match rule {
            Rule::Whole | Rule::Words => self.copy(reader),
            Rule::Keep => self.items(reader, |writer, reader| writer.scalar(reader, Self::copy)),
            Rule::Identity => self.items(reader, |writer, reader| writer.scalar(reader, Self::digest)),
            Rule::Members(entries) => self.items(reader, |writer, reader| writer.object(reader, entries, 0)),
            Rule::Same => self.items(reader, |writer, reader| writer.object(reader, within, depth + 1)),
            Rule::Contained(item, entries) if reader.peek()? == ValueKind::Object => {
                self.members(reader, |writer, reader, name| {
                    if name != *item {
                        return reader.skip();
                    }
                    writer.name(name);
                    writer.items(reader, |writer, reader| writer.object(reader, entries, 0))
                })
            }
            Rule::Contained(_, entries) => self.items(reader, |writer, reader| writer.object(reader, entries, 0)),
            Rule::Personal => reader.skip(),
        }
    }

    /// Writes a scalar, also one in the serializer's wrapper. Of another object nothing stays but that it was one.
    fn scalar(&mut self, reader: &mut Reader<'_>, write: fn(&mut Self, &mut Reader<'_>) -> DecodeResult<()>) -> DecodeResult<()> {
        if reader.peek()? != ValueKind::Object {
            return write(self, reader);
        }
        self.members(reader, |writer, reader, name| {
            if !WRAPPERS.contains(&name) || matches!(reader.peek()?, ValueKind::Object | ValueKind::Array) {
                return reader.skip();
            }
            writer.name(name);
            write(writer, reader)
        })
    }

    fn digest(&mut self, reader: &mut Reader<'_>) -> DecodeResult<()> {
        let text = match reader.peek()? {
            ValueKind::String => reader.string()?,
            ValueKind::Null | ValueKind::Boolean => return self.instead(reader, "null"),
            _ => reader.number()?,
        };
        self.out.push('"');
        match stands_for_none(&text) {
            true => self.out.push_str(&text),
            false => self.out.push_str(&self.redactor.digest(&text).unwrap_or_default()),
        }
        self.out.push('"');
        Ok(())
    }
}

/// What the service writes where there is nothing.
fn stands_for_none(text: &Text) -> bool {
    matches!(text.as_str(), "" | "NA" | "-1")
}
