//! Values of the interface as one JSON text: documents with names for people and programs, rows for Node.
//!
//! One text is cheaper to hand over than a tree of objects (`docs/architecture.md`, "Crossing a language boundary"). In it
//! names are half of the bytes and more of the time, and both sides know them: a row has none.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use super::scalar::{Decimal, Json, Timestamp};
use super::text::{Buffer, Text};
use super::tokens::needs_no_escape;

/// What can be presented.
pub trait Present {
    /// Writes the value.
    fn present(&self, presenter: &mut Presenter);

    /// Writes the value as an item of a list.
    fn present_item(&self, presenter: &mut Presenter) {
        self.present(presenter);
    }

    /// Whether the member is written at all.
    fn is_present(&self) -> bool {
        true
    }
}

/// Collects the text, and the answers that the `raw` members are slices of.
#[derive(Debug, Default)]
pub struct Presenter {
    json: String,
    sources: Vec<Arc<Buffer>>,
    rows: bool,
}

impl Presenter {
    /// The text of `value` with the members' names, and the answers its `raw` members refer to:
    /// `"$": [answer, start, end]`, in bytes.
    pub fn of(value: &impl Present) -> (String, Vec<Arc<Buffer>>) {
        Self::default().finish(value)
    }

    /// The same as rows. A document is the array of its members in the order of their declaration, null where one is absent.
    /// Behind them stands where its `raw` begins, 2^32 × answer + byte, and how many bytes it has. A list of documents is one
    /// array: the members of each follow those of the one before.
    pub fn rows(value: &impl Present) -> (String, Vec<Arc<Buffer>>) {
        Self { rows: true, ..Self::default() }.finish(value)
    }

    fn finish(mut self, value: &impl Present) -> (String, Vec<Arc<Buffer>>) {
        value.present(&mut self);
        (self.json, self.sources)
    }

    /// Writes a document that stands for itself.
    pub fn document(&mut self, document: &impl Present) {
        if self.rows {
            self.json.push('[');
            document.present_item(self);
            self.json.push(']');
        } else {
            document.present_item(self);
        }
    }

    /// Begins the members of a document.
    pub fn members(&mut self) -> Members<'_> {
        if !self.rows {
            self.json.push('{');
        }
        Members { presenter: self, first: true }
    }

    /// Writes a string.
    pub fn text(&mut self, text: &str) {
        if needs_no_escape(text) {
            self.json.reserve(text.len() + 2);
            self.json.push('"');
            self.json(text);
            self.json.push('"');
        } else {
            self.json(&serde_json::Value::from(text).to_string());
        }
    }

    /// Writes JSON as it stands. Rows are ASCII: they cross without being decoded, and JavaScript needs half of the room.
    fn json(&mut self, json: &str) {
        if !self.rows || json.is_ascii() {
            return self.json.push_str(json);
        }
        for character in json.chars() {
            if character.is_ascii() {
                self.json.push(character);
            } else {
                // Such characters stand in strings only.
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(self.json, "\\u{unit:04x}").expect("writing to a String cannot fail");
                }
            }
        }
    }

    fn whole(&mut self, number: impl itoa::Integer) {
        self.json.push_str(itoa::Buffer::new().format(number));
    }

    fn source(&mut self, buffer: &Arc<Buffer>) -> usize {
        // Mostly the same as before.
        self.sources.iter().rposition(|known| Arc::ptr_eq(known, buffer)).unwrap_or_else(|| {
            self.sources.push(Arc::clone(buffer));
            self.sources.len() - 1
        })
    }
}

/// The members of a document being written.
#[derive(Debug)]
pub struct Members<'a> {
    presenter: &'a mut Presenter,
    first: bool,
}

impl Members<'_> {
    /// Writes one member. Its name holds nothing that would need an escape.
    pub fn member(&mut self, name: &'static str, value: &impl Present) {
        let is_present = value.is_present();
        if self.presenter.rows {
            self.separate();
            if is_present {
                value.present(self.presenter);
            } else {
                self.presenter.json.push_str("null");
            }
        } else if is_present {
            self.separate();
            self.presenter.json.push('"');
            self.presenter.json.push_str(name);
            self.presenter.json.push_str("\":");
            value.present(self.presenter);
        }
    }

    /// Writes where the document's source stands.
    pub fn raw(&mut self, raw: &Json) {
        let (buffer, range) = raw.text().source();
        let source = self.presenter.source(buffer);
        self.separate();
        if self.presenter.rows {
            self.presenter.whole(((source as u64) << 32) + range.start as u64);
            self.presenter.json.push(',');
            self.presenter.whole(range.len());
        } else {
            self.presenter.json.push_str("\"$\":[");
            for (number, end) in [(source, ','), (range.start, ','), (range.end, ']')] {
                self.presenter.whole(number);
                self.presenter.json.push(end);
            }
        }
    }

    /// Ends the document.
    pub fn end(self) {
        if !self.presenter.rows {
            self.presenter.json.push('}');
        }
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.presenter.json.push(',');
        }
    }
}

impl Present for Text {
    fn present(&self, presenter: &mut Presenter) {
        presenter.text(self);
    }
}

impl Present for String {
    fn present(&self, presenter: &mut Presenter) {
        presenter.text(self);
    }
}

impl Present for Decimal {
    fn present(&self, presenter: &mut Presenter) {
        presenter.text(self.as_str());
    }
}

impl Present for Json {
    fn present(&self, presenter: &mut Presenter) {
        presenter.json(self.as_str());
    }
}

impl Present for Timestamp {
    fn present(&self, presenter: &mut Presenter) {
        presenter.whole(self.as_millis());
    }
}

impl Present for Duration {
    fn present(&self, presenter: &mut Presenter) {
        write!(presenter.json, "{}", self.as_secs_f64() * 1000.0).expect("writing to a String cannot fail");
    }
}

impl Present for f64 {
    fn present(&self, presenter: &mut Presenter) {
        presenter.json.push_str(&serde_json::Value::from(*self).to_string());
    }
}

impl Present for bool {
    fn present(&self, presenter: &mut Presenter) {
        presenter.json.push_str(if *self { "true" } else { "false" });
    }
}

impl Present for i32 {
    fn present(&self, presenter: &mut Presenter) {
        presenter.whole(*self);
    }
}

impl Present for i64 {
    fn present(&self, presenter: &mut Presenter) {
        presenter.whole(*self);
    }
}

impl<T: Present> Present for Option<T> {
    fn present(&self, presenter: &mut Presenter) {
        match self {
            Some(value) => value.present(presenter),
            None => presenter.json.push_str("null"),
        }
    }

    fn is_present(&self) -> bool {
        self.is_some()
    }
}

impl<T: Present> Present for Box<T> {
    fn present(&self, presenter: &mut Presenter) {
        (**self).present(presenter);
    }

    fn present_item(&self, presenter: &mut Presenter) {
        (**self).present_item(presenter);
    }
}

impl<T: Present> Present for Vec<T> {
    fn present(&self, presenter: &mut Presenter) {
        presenter.json.push('[');
        for (index, value) in self.iter().enumerate() {
            if index > 0 {
                presenter.json.push(',');
            }
            value.present_item(presenter);
        }
        presenter.json.push(']');
    }
}

impl Present for HashMap<String, String> {
    fn present(&self, presenter: &mut Presenter) {
        presenter.json.push('{');
        for (index, (name, value)) in self.iter().enumerate() {
            if index > 0 {
                presenter.json.push(',');
            }
            presenter.text(name);
            presenter.json.push(':');
            presenter.text(value);
        }
        presenter.json.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Reader;
    use crate::wire::chat::Link;

    fn link(text: &str) -> Link {
        Reader::read(&Buffer::new(text.to_owned())).unwrap()
    }

    #[test]
    fn rows_have_no_names_and_say_in_which_answer_each_document_stands() {
        let one = link(r#"{"@href": "/a", "@rel": "self"}"#);
        let (row, sources) = Presenter::rows(&one);
        assert_eq!((row.as_str(), sources.len()), (r#"["/a","self",0,31]"#, 1));
        let other = link(r#"  {"@href": "/b"}"#);
        let (rows, sources) = Presenter::rows(&vec![one.clone(), other, one]);
        let second = (1_u64 << 32) + 2;
        assert_eq!(rows, format!(r#"["/a","self",0,31,"/b",null,{second},15,"/a","self",0,31]"#));
        assert_eq!(sources.len(), 2, "an answer is kept once");
    }

    #[test]
    fn rows_are_ascii_and_mean_the_same() {
        let text = "Grüße ☺ 😀 \"quoted\"\n";
        let (named, _) = Presenter::of(&text.to_owned());
        let (row, _) = Presenter::rows(&text.to_owned());
        assert!(row.is_ascii(), "{row}");
        assert!(named.contains("Grüße ☺ 😀"), "{named}");
        for json in [named, row, Presenter::rows(&Json::from(format!("{text:?}"))).0] {
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
