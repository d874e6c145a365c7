//! Documents in the interface's own words, as one JSON text: how objects cross to Node.
//!
//! One text is cheaper to hand over than a tree of objects (`docs/architecture.md`, "Crossing a language boundary").

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::scalar::{Decimal, Json, Timestamp};
use super::text::{Buffer, Text};

/// What can be presented.
pub trait Present {
    /// Writes the value.
    fn present(&self, presenter: &mut Presenter);

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
}

impl Presenter {
    /// The text of `value`, and the answers its `raw` members refer to: `"$": [answer, start, end]`, in bytes.
    pub fn of(value: &impl Present) -> (String, Vec<Arc<Buffer>>) {
        let mut presenter = Self::default();
        value.present(&mut presenter);
        (presenter.json, presenter.sources)
    }

    /// Begins an object.
    pub fn object(&mut self) -> Object<'_> {
        self.json.push('{');
        Object { presenter: self, first: true }
    }

    /// Writes a string.
    pub fn text(&mut self, text: &str) {
        if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
            self.json.push_str(&serde_json::Value::from(text).to_string());
        } else {
            self.json.push('"');
            self.json.push_str(text);
            self.json.push('"');
        }
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        use std::fmt::Write;
        write!(self.json, "{value}").expect("writing to a String cannot fail");
    }

    fn source(&mut self, buffer: &Arc<Buffer>) -> usize {
        self.sources.iter().position(|known| Arc::ptr_eq(known, buffer)).unwrap_or_else(|| {
            self.sources.push(Arc::clone(buffer));
            self.sources.len() - 1
        })
    }
}

/// An object being written.
#[derive(Debug)]
pub struct Object<'a> {
    presenter: &'a mut Presenter,
    first: bool,
}

impl Object<'_> {
    /// Writes one member, unless its value is absent.
    pub fn member(&mut self, name: &str, value: &impl Present) {
        if value.is_present() {
            self.name(name);
            value.present(self.presenter);
        }
    }

    /// Writes where the document's source stands.
    pub fn raw(&mut self, raw: &Json) {
        let (buffer, range) = raw.text().source();
        let source = self.presenter.source(buffer);
        self.name("$");
        self.presenter.display(format_args!("[{source},{},{}]", range.start, range.end));
    }

    /// Ends the object.
    pub fn end(self) {
        self.presenter.json.push('}');
    }

    fn name(&mut self, name: &str) {
        if !std::mem::take(&mut self.first) {
            self.presenter.json.push(',');
        }
        self.presenter.text(name);
        self.presenter.json.push(':');
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
        presenter.json.push_str(self.as_str());
    }
}

impl Present for Timestamp {
    fn present(&self, presenter: &mut Presenter) {
        presenter.display(self.as_millis());
    }
}

impl Present for Duration {
    fn present(&self, presenter: &mut Presenter) {
        presenter.display(self.as_secs_f64() * 1000.0);
    }
}

impl Present for f64 {
    fn present(&self, presenter: &mut Presenter) {
        presenter.json.push_str(&serde_json::Value::from(*self).to_string());
    }
}

macro_rules! present_as_displayed {
    ($($ty:ty),*) => {$(
        impl Present for $ty {
            fn present(&self, presenter: &mut Presenter) {
                presenter.display(self);
            }
        }
    )*};
}
present_as_displayed!(bool, i32, i64);

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
}

impl<T: Present> Present for Vec<T> {
    fn present(&self, presenter: &mut Presenter) {
        presenter.json.push('[');
        for (index, value) in self.iter().enumerate() {
            if index > 0 {
                presenter.json.push(',');
            }
            value.present(presenter);
        }
        presenter.json.push(']');
    }
}

impl Present for HashMap<String, String> {
    fn present(&self, presenter: &mut Presenter) {
        let mut object = presenter.object();
        for (name, value) in self {
            object.name(name);
            object.presenter.text(value);
        }
        object.end();
    }
}
