//! The visitor's name.

use lpchat_macros::operation;
use serde_json::json;

use super::VisitorChat;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::Text;

/// Retrieves the visitor's name; `You` until one is set.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Name and typing".
#[operation(retry = safe)]
async fn retrieve_visitor_name(chat: &VisitorChat, context: &Context) -> Result<Text> {
    context.send(chat.get("/info/visitorName")?).await?.member("visitorName")
}

/// Sets the visitor's name, also before an agent has accepted.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Name and typing".
#[operation(retry = idempotent)]
async fn set_visitor_name(chat: &VisitorChat, context: &Context, name: Text) -> Result<()> {
    if name.is_empty() {
        return Err(LpchatError::argument("name", "", "a name holds at least one character"));
    }
    let body = json!({ "visitorName": name.as_str() });
    context.send(chat.post("/info/visitorName")?.overridden_as_put().json(&body)).await.map(|_| ())
}
