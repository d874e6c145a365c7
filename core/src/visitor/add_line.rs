//! Add a line.

use lpchat_macros::operation;
use serde_json::json;

use super::VisitorChat;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::Text;

/// Adds a line. It is plain text: markup reaches the agent as it stands.
///
/// Gives the id of the event that the line became, where the service names it. Lines are accepted while an agent is in
/// the chat only; before that the error is `NotChatting`. Repeated only if it never left or was throttled: the
/// service has no means to tell a repeat from a second line.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Post events — `POST S/events`".
#[operation(retry = effect)]
async fn add_line(chat: &VisitorChat, context: &Context, text: Text) -> Result<Option<Text>> {
    if text.is_empty() {
        return Err(LpchatError::argument("text", "", "a line holds at least one character"));
    }
    chat.live().forget_typing();
    let body = json!({ "event": { "@type": "line", "text": text.as_str() } });
    let answer = context.send(chat.post("/events")?.json(&body)).await?;
    Ok(answer.event_id())
}
