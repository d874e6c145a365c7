//! How the events of a chat look.

use std::borrow::Cow;

use lpchat::{ChatEvent, ChatEventType, ChatInformation, ChatState, LineSource, LineSubType, TextType, TypingState};
use serde_json::{Value, json};

use super::content::content_to_plain;
use crate::notice::say;
use crate::output::{Output, Style};
use crate::text::{INDENT, html_to_plain, visible, visible_line};

/// The system message that is a pre-chat line coming back.
const PRE_CHAT_ECHO: i64 = 0;

/// Who looks at the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Visitor,
    Agent,
}

impl Side {
    const fn own(self) -> LineSource {
        match self {
            Self::Visitor => LineSource::Visitor,
            Self::Agent => LineSource::Agent,
        }
    }

    const fn other_name(self) -> &'static str {
        match self {
            Self::Visitor => "agent",
            Self::Agent => "visitor",
        }
    }

    /// The event for people; nothing where it does not concern them.
    pub fn line(self, event: &ChatEvent, output: &Output) -> Option<String> {
        let note = |text: &str| Some(output.styled(Style::Dim, &format!("· {text}")));
        match event.r#type {
            ChatEventType::Line if event.system_message_id == Some(PRE_CHAT_ECHO) => match self {
                Self::Visitor => None,
                Self::Agent => note(&format!("before the chat: {}", readable(event))),
            },
            ChatEventType::Line => Some(self.written(event, output)),
            ChatEventType::State => note(match (event.state.as_ref()?, self) {
                (ChatState::Waiting, Self::Visitor) => "waiting for an agent",
                (ChatState::Chatting, Self::Visitor) => "an agent is here",
                (ChatState::Ended, _) => "the chat has ended",
                _ => return None,
            }),
            ChatEventType::AccountTransfer => note("the chat moves to another account, where this command does not follow"),
            _ => None,
        }
    }

    fn written(self, event: &ChatEvent, output: &Output) -> String {
        let text = readable(event);
        match &event.source {
            Some(LineSource::System) => output.styled(Style::Dim, &format!("· {text}")),
            Some(source) if *source == self.own() && self == Self::Visitor => format!("you: {text}"),
            source => {
                let name = event.by.as_deref().filter(|name| !name.is_empty()).unwrap_or(self.other_name());
                let only = if event.sub_type == Some(LineSubType::OnlyToAgents) { " (agents only)" } else { "" };
                let name = format!("{}{only}:", visible_line(name));
                if source.as_ref() == Some(&self.own()) {
                    return format!("{name} {text}");
                }
                format!("{} {}", output.styled(Style::Speaker, &name), output.styled(Style::Speech, &text))
            }
        }
    }

    /// Whether the other side is typing, where the event tells: who has written does not type any more.
    pub fn typing(self, event: &ChatEvent) -> Option<bool> {
        let tells = matches!(event.r#type, ChatEventType::Typing | ChatEventType::Line | ChatEventType::State);
        let other = event.source != Some(self.own()) && event.source != Some(LineSource::System);
        (tells && other).then(|| event.typing == Some(TypingState::Typing))
    }
}

/// Says that the service cannot be reached, or can be again, where the event is about that.
pub fn say_reachability(event: &ChatEvent) {
    match event.r#type {
        ChatEventType::Degraded => say("warning: the chat cannot be reached, trying on"),
        ChatEventType::Recovered => say("The chat can be reached again."),
        _ => {}
    }
}

/// The line as plain text that no terminal obeys.
pub fn readable(event: &ChatEvent) -> String {
    let content = event.json.as_ref().filter(|_| event.text_type == Some(TextType::RichContent));
    let content = content.and_then(|json| content_to_plain(json.as_str()));
    let plain = match (content, event.text.as_deref()) {
        (Some(content), _) => content,
        (None, Some(text)) if event.text_type == Some(TextType::Html) => html_to_plain(text),
        (None, Some(text)) => text.to_owned(),
        (None, None) => "[structured content; --json shows it]".to_owned(),
    };
    visible(&plain).replace('\n', &format!("\n{INDENT}"))
}

/// What is known of a chat, by name. The chat's id is a credential and stays out.
pub fn information(information: &ChatInformation) -> impl Iterator<Item = (&'static str, String)> {
    let rows = [
        ("state", information.state.as_ref().map(|state| state.as_str().to_owned())),
        ("skill", information.skill_name.as_deref().map(str::to_owned)),
        ("agent", information.agent_name.as_deref().map(str::to_owned)),
        ("visitor", information.visitor_name.as_deref().map(str::to_owned)),
        ("requested", information.start_time.map(|time| time.to_string())),
        ("language", information.language.as_deref().map(str::to_owned)),
    ];
    rows.into_iter().filter_map(|(name, value)| Some((name, value?)))
}

/// The event for programs: as the service sent it, and in its manner where it is lpchat's own. An event of a resumed chat that may have
/// been given before says so.
pub fn json(event: &ChatEvent) -> Cow<'_, str> {
    let r#type = event.r#type.as_str();
    match event.r#type {
        ChatEventType::Typing => {
            let source = event.source.as_ref().map(LineSource::as_str);
            let typing = event.typing.as_ref().map(TypingState::as_str);
            Cow::Owned(json!({ "@type": r#type, "source": source, "typing": typing }).to_string())
        }
        ChatEventType::Degraded | ChatEventType::Recovered => Cow::Owned(json!({ "@type": r#type }).to_string()),
        _ => match serde_json::from_str(event.raw.as_str()) {
            Ok(Value::Object(mut members)) if event.is_repeated => {
                members.insert("isRepeated".to_owned(), true.into());
                Cow::Owned(Value::Object(members).to_string())
            }
            _ => Cow::Borrowed(event.raw.as_str()),
        },
    }
}
