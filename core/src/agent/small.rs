//! The small resources of a chat: the visitor's name, who is typing.

use lpchat_macros::operation;

use super::AgentChat;
use crate::error::Result;
use crate::live::{self, Turn};
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

fn turn(chat: &AgentChat) -> Turn {
    chat.live().typing_turn()
}

/// Sets whether the agent is typing. The state stands until the other one is set. The same state again within 5 s, with no
/// line of the agent between, asks nothing of the service: call it with every key that is pressed.
///
/// * `state`: typing or not typing.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Small info resources".
#[operation(retry = idempotent, takes = turn)]
async fn set_agent_typing(chat: &AgentChat, context: &Context, turn: Turn, state: TypingState) -> Result<()> {
    live::set_typing(chat.live(), context, turn, state).await
}
