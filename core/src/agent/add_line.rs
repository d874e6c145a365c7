//! Add a line.

use lpchat_macros::{model, operation};
use serde_json::{Value, json};

use super::AgentChat;
use super::content::{self, ContentElement};
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::chat::{LineSubType, TextType};
use crate::wire::{Encode, Json, Text, json_argument};

/// A line of an agent.
#[model(request)]
pub struct LineRequest {
    /// The text. Needed for structured content too, where nobody sees it.
    pub text: Text,
    /// How the text is written; plain when absent.
    pub text_type: Option<TextType>,
    /// Who may see the line; everybody when absent.
    pub sub_type: Option<LineSubType>,
    /// Structured content as a tree of elements, checked before it is sent; needs the text type `rich-content`.
    #[wire("json")]
    pub content: Option<ContentElement>,
    /// Structured content as a JSON object, sent as it is; instead of `content`.
    pub json: Option<Json>,
    /// Metadata, a JSON array of objects; accepted by the service and not used on chats.
    pub metadata: Option<Json>,
}

/// Adds a line.
///
/// Gives the id of the event that the line became, where the service names it. Repeated only if it never left or was
/// throttled: the service has no means to tell a repeat from a second line.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Send a line — `POST /agentSession/{s}/chat/{c}/events`".
#[operation(retry = effect)]
async fn add_line(chat: &AgentChat, context: &Context, line: LineRequest) -> Result<Option<Text>> {
    check(&line)?;
    let mut event = json!({ "@type": "line" });
    if let (Some(Value::Object(members)), Value::Object(event)) = (line.encode(), &mut event) {
        event.extend(members);
    }
    chat.live().forget_typing();
    let answer = context.send(chat.post("/events")?.json(&json!({ "event": event }))).await?;
    Ok(answer.event_id())
}

fn check(line: &LineRequest) -> Result<()> {
    if line.text.is_empty() {
        return Err(LpchatError::argument("text", "", "a line holds at least one character, also beside structured content"));
    }
    let rich = line.text_type == Some(TextType::RichContent);
    if line.content.is_some() && line.json.is_some() {
        return Err(LpchatError::argument("json", "given", "structured content comes as `content` or as `json`, not as both"));
    }
    if rich != (line.content.is_some() || line.json.is_some()) {
        let given = line.text_type.as_ref().map_or("absent", TextType::as_str);
        return Err(LpchatError::argument(
            "text_type",
            given,
            "structured content, `content` or `json`, and the text type `rich-content` go together",
        ));
    }
    line.content.as_ref().map_or(Ok(()), |tree| content::check("content", tree))?;
    shape("json", line.json.as_ref(), Value::is_object, "a JSON object")?;
    shape("metadata", line.metadata.as_ref(), Value::is_array, "a JSON array of objects")
}

fn shape(name: &str, json: Option<&Json>, right: fn(&Value) -> bool, wanted: &str) -> Result<()> {
    let Some(json) = json else { return Ok(()) };
    if right(&json_argument(name, json)?) {
        return Ok(());
    }
    Err(LpchatError::argument(name, "another kind of JSON", &format!("it is {wanted}")))
}
