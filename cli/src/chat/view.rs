//! How the events of a chat look.

use lpchat::{ChatEvent, ChatEventType, ChatState, LineSource, TextType};

use crate::failure::Failure;
use crate::output::{Output, Style};
use crate::text::{html_to_plain, visible, visible_line};

/// Rows after the first of one line are set in, so that no line can pass for another's.
const INDENT: &str = "\n    ";
/// The system message that is a pre-chat line coming back.
const PRE_CHAT_ECHO: i64 = 0;

pub struct View<'a> {
    output: &'a mut Output,
    json: bool,
    /// Whether the visitor's own lines are shown; on a terminal they stand there already.
    own_lines: bool,
}

impl<'a> View<'a> {
    pub fn new(output: &'a mut Output, json: bool, own_lines: bool) -> Self {
        Self { output, json, own_lines }
    }

    /// Shows an event.
    pub fn show(&mut self, event: &ChatEvent) -> Result<(), Failure> {
        if self.json {
            self.output.json(event.raw.as_str())?;
        } else if let Some(line) = self.line(event) {
            self.output.line(&line)?;
        }
        self.output.flush()
    }

    fn line(&self, event: &ChatEvent) -> Option<String> {
        let note = |text: &str| Some(self.output.styled(Style::Dim, &format!("· {text}")));
        match event.r#type {
            ChatEventType::Line if event.system_message_id == Some(PRE_CHAT_ECHO) => None,
            ChatEventType::Line => match event.source {
                Some(LineSource::System) => note(&readable(event)),
                Some(LineSource::Visitor) => self.own_lines.then(|| format!("you: {}", readable(event))),
                _ => {
                    let name = event.by.as_deref().filter(|name| !name.is_empty()).unwrap_or("agent");
                    let name = self.output.styled(Style::Agent, &format!("{}:", visible_line(name)));
                    Some(format!("{name} {}", readable(event)))
                }
            },
            ChatEventType::State => note(match event.state.as_ref()? {
                ChatState::Waiting => "waiting for an agent",
                ChatState::Chatting => "an agent is here",
                ChatState::Ended => "the chat has ended",
                ChatState::Other { .. } => return None,
            }),
            ChatEventType::AccountTransfer => note("the chat moves to another account, where this command does not follow"),
            _ => None,
        }
    }
}

/// The line as plain text that no terminal obeys.
fn readable(event: &ChatEvent) -> String {
    let Some(text) = event.text.as_deref() else { return "[structured content; --json shows it]".to_owned() };
    let plain = if event.text_type == Some(TextType::Html) { html_to_plain(text) } else { text.to_owned() };
    visible(&plain).replace('\n', INDENT)
}
