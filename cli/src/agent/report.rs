//! What an agent is told: lines for people, JSON objects for programs.

use lpchat::{ChatEvent, LpchatError};
use serde_json::{Value, json};

use crate::failure::{Failure, message, say_error};
use crate::notice::say;
use crate::output::{Output, Style};
use crate::talk::view::{self, Side};
use crate::text::visible_line;

pub struct Report<'a> {
    output: &'a mut Output,
    json: bool,
}

impl<'a> Report<'a> {
    pub fn new(output: &'a mut Output, json: bool) -> Self {
        Self { output, json }
    }

    /// Tells something in both ways.
    pub fn tell(&mut self, text: &str, document: &Value) -> Result<(), Failure> {
        if self.json {
            self.output.json(&document.to_string())?;
        } else {
            self.dimmed(text)?;
        }
        self.output.flush()
    }

    /// Tells something that programs know, or need not know.
    pub fn note(&mut self, text: &str) -> Result<(), Failure> {
        if !self.json {
            self.dimmed(text)?;
        }
        self.output.flush()
    }

    fn dimmed(&mut self, text: &str) -> Result<(), Failure> {
        let line = self.output.styled(Style::Dim, &format!("· {}", visible_line(text)));
        self.output.line(&line)
    }

    /// Shows an event of a chat. `typed_here`: it is a line that stands there already.
    pub fn event(&mut self, chat: u32, event: &ChatEvent, typed_here: bool) -> Result<(), Failure> {
        if self.json {
            // The service's own text, so that no number in it loses digits.
            self.output.json(&format!("{{\"type\":\"event\",\"chat\":{chat},\"event\":{}}}", view::json(event)))?;
        } else {
            view::say_reachability(event);
            if let Some(line) = Side::Agent.line(event, self.output).filter(|_| !typed_here) {
                let number = self.output.styled(Style::Dim, &format!("[{chat}]"));
                self.output.line(&format!("{number} {line}"))?;
            }
        }
        self.output.flush()
    }

    /// Something failed, and the work goes on.
    pub fn complain(&mut self, error: &LpchatError) -> Result<(), Failure> {
        if self.json {
            let document = json!({ "type": "error", "code": error.code().name(), "message": message(error) });
            self.output.json(&document.to_string())?;
            return self.output.flush();
        }
        say_error(error);
        Ok(())
    }

    /// A command cannot be followed.
    pub fn refuse(&mut self, line: &str, reason: &str) -> Result<(), Failure> {
        if self.json {
            let document = json!({ "type": "error", "code": "WrongCommand", "message": reason, "input": line });
            self.output.json(&document.to_string())?;
            return self.output.flush();
        }
        say(&format!("error: {reason}"));
        Ok(())
    }
}
