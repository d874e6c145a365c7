//! The conformance runner of the Rust crate. `tests/conformance/README.md` describes what it reads and prints.

mod fields;
mod generated;

use std::collections::HashMap;
use std::io::{BufRead as _, Write as _, stderr, stdin, stdout};

use heck::ToSnakeCase as _;
use lpchat::LpchatError;
use lpchat::observe::{LogLevel, drain_log, queue_log};
use lpchat::wire::{Present, Presenter};
use serde_json::{Value, json};

use fields::Command;
use generated::{Handle, call};

/// The objects that commands have named.
#[derive(Debug, Default)]
pub struct Objects(HashMap<String, Handle>);

impl Objects {
    fn find(&self, name: &str) -> Handle {
        self.0.get(name).unwrap_or_else(|| panic!("no object is called {name}")).clone()
    }

    /// Keeps an object under the name that the command gives it.
    pub fn keep(&mut self, command: &Command, handle: Option<Handle>) -> Value {
        let Some(handle) = handle else { return Value::Null };
        let kind = handle.kind();
        if let Some(name) = &command.keep {
            self.0.insert(name.clone(), handle);
        }
        json!({ "object": kind })
    }
}

/// A result in the form that the driver compares.
pub fn plain(value: &impl Present) -> Value {
    snake(serde_json::from_str(&Presenter::of(value).0).expect("what is presented is JSON"))
}

fn snake(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let known = members.into_iter().filter(|(name, _)| name != "$");
            Value::Object(known.map(|(name, value)| (name.to_snake_case(), snake(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(snake).collect(),
        other => other,
    }
}

fn failure(error: &LpchatError) -> Value {
    let mut details = plain(error.details());
    details["family"] = error.family().name().into();
    json!({ "error": details })
}

/// What the log holds, and how the last error prints, where the driver searches for secrets.
fn write_log(error: Option<&LpchatError>) {
    let shown = error.map(|error| format!("{error} {error:?}"));
    for text in drain_log().into_iter().map(|record| record.message).chain(shown) {
        writeln!(stderr(), "log {}", text.escape_debug()).expect("the driver listens");
    }
}

fn main() {
    queue_log(Some(LogLevel::Debug));
    let mut objects = Objects::default();
    for line in stdin().lock().lines() {
        let command = Command::parse(&line.expect("the driver sends text"));
        let target = if command.operation == "Client.new" { None } else { Some(objects.find(&command.target)) };
        let answer = match call(target, &command, &mut objects) {
            Ok(value) => {
                write_log(None);
                json!({ "ok": value })
            }
            Err(error) => {
                write_log(Some(&error));
                failure(&error)
            }
        };
        writeln!(stdout(), "{answer}").expect("the driver listens");
    }
}
