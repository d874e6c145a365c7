//! Who is typing.

use lpchat_macros::operation;
use serde_json::json;

use super::VisitorChat;
use crate::error::Result;
use crate::transport::Context;
use crate::wire::chat::TypingState;

/// Retrieves whether the visitor is typing.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Name and typing".
#[operation(retry = safe)]
async fn retrieve_visitor_typing(chat: &VisitorChat, context: &Context) -> Result<TypingState> {
    context.send(chat.get("/info/visitorTyping")?).await?.member("visitorTyping")
}

/// Sets whether the visitor is typing. Allowed while an agent is in the chat only; the state stands until the other one
/// is set.
///
/// * `state`: typing or not typing.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Name and typing".
#[operation(retry = idempotent)]
async fn set_visitor_typing(chat: &VisitorChat, context: &Context, state: TypingState) -> Result<()> {
    state.settable()?;
    let body = json!({ "visitorTyping": state.as_str() });
    context.send(chat.post("/info/visitorTyping")?.overridden_as_put().json(&body)).await.map(|_| ())
}

/// Retrieves whether the agent is typing. The chat's information says it too.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Name and typing".
#[operation(retry = safe)]
async fn retrieve_agent_typing(chat: &VisitorChat, context: &Context) -> Result<TypingState> {
    context.send(chat.get("/info/agentTyping")?).await?.member("agentTyping")
}
