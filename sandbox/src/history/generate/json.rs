//! Writes JSON text directly: a page of a hundred records is built from text, not from trees of values.

use crate::times::history_text;

#[derive(Debug, Default)]
pub struct Json {
    text: String,
}

impl Json {
    pub fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes) }
    }

    pub fn into_text(self) -> String {
        self.text
    }

    fn separate(&mut self) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push(',');
        }
    }

    /// Starts a member; its value follows. Names need no escaping.
    pub fn name(&mut self, name: &str) -> &mut Self {
        self.separate();
        self.text.push('"');
        self.text.push_str(name);
        self.text.push_str("\":");
        self
    }

    pub fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push('{');
        fill(self);
        self.text.push('}');
    }

    pub fn array(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push('[');
        fill(self);
        self.text.push(']');
    }

    /// A value that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.separate();
        self.text.push_str(json);
    }

    pub fn text(&mut self, value: &str) {
        self.separate();
        if value.contains('"') || value.contains('\\') || value.contains('\n') {
            self.text.push_str(&serde_json::Value::from(value).to_string());
        } else {
            self.text.push('"');
            self.text.push_str(value);
            self.text.push('"');
        }
    }

    pub fn texts(&mut self, members: &[(&str, &str)]) {
        for (name, value) in members {
            self.name(name).text(value);
        }
    }

    pub fn numbers(&mut self, members: &[(&str, i64)]) {
        for (name, value) in members {
            self.name(name).raw(&value.to_string());
        }
    }

    pub fn flags(&mut self, members: &[(&str, bool)]) {
        for (name, value) in members {
            self.name(name).raw(if *value { "true" } else { "false" });
        }
    }

    pub fn nulls(&mut self, names: &[&str]) {
        for name in names {
            self.name(name).raw("null");
        }
    }

    /// A time as text, and its epoch twin whose name ends in `L`.
    pub fn time(&mut self, name: &str, ms: i64) {
        self.name(name).text(&history_text(ms));
        self.name(&format!("{name}L")).raw(&ms.to_string());
    }
}
