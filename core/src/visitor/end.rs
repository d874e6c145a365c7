//! End the chat.

use lpchat_macros::operation;
use serde_json::json;

use super::VisitorChat;
use crate::error::Result;
use crate::transport::Context;

/// Ends the chat. Its documents stay readable for a while. Ending an ended chat succeeds.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Post events — `POST S/events`" and "State machine".
#[operation(retry = idempotent)]
async fn end(chat: &VisitorChat, context: &Context) -> Result<()> {
    let body = json!({ "event": { "@type": "state", "state": "ended" } });
    match context.send(chat.post("/events")?.json(&body)).await {
        // Refused, or gone: what was asked for is the case.
        Err(error) if matches!(error.details().http_status, Some(400 | 404)) => Ok(()),
        outcome => outcome.map(|_| ()),
    }
}
