//! The small resources of a chat: the visitor's name, who is typing.

use lpchat_macros::operation;
use serde_json::json;

use super::AgentChat;
use crate::error::Result;
use crate::transport::Context;
use crate::wire::Text;
use crate::wire::chat::TypingState;

/// Retrieves the visitor's name; `visitor` until one is set.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Small info resources".
#[operation(retry = safe)]
async fn retrieve_visitor_name(chat: &AgentChat, context: &Context) -> Result<Text> {
    context.send(chat.get("/info/visitorName")?).await?.member("visitorName")
}

/// Retrieves whether the visitor is typing.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Small info resources".
#[operation(retry = safe)]
async fn retrieve_visitor_typing(chat: &AgentChat, context: &Context) -> Result<TypingState> {
    context.send(chat.get("/info/visitorTyping")?).await?.member("visitorTyping")
}

/// Retrieves whether the agent is typing.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Small info resources".
#[operation(retry = safe)]
async fn retrieve_agent_typing(chat: &AgentChat, context: &Context) -> Result<TypingState> {
    context.send(chat.get("/info/agentTyping")?).await?.member("agentTyping")
}

/// Sets whether the agent is typing. The state stands until the other one is set.
///
/// * `state`: typing or not typing.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Small info resources".
#[operation(retry = idempotent)]
async fn set_agent_typing(chat: &AgentChat, context: &Context, state: TypingState) -> Result<()> {
    state.settable()?;
    let body = json!({ "agentTyping": state.as_str() });
    context.send(chat.post("/info/agentTyping")?.overridden_as_put().json(&body)).await.map(|_| ())
}
