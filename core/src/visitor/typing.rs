//! Who is typing.

use lpchat_macros::operation;

use super::VisitorChat;
use crate::error::Result;
use crate::live::{self, Turn};
use crate::transport::Context;
use crate::wire::chat::TypingState;

/// Retrieves whether the visitor is typing.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Name and typing".
#[operation(retry = safe)]
async fn retrieve_visitor_typing(chat: &VisitorChat, context: &Context) -> Result<TypingState> {
    context.send(chat.get("/info/visitorTyping")?).await?.member("visitorTyping")
}

fn turn(chat: &VisitorChat) -> Turn {
    chat.live().typing_turn()
}

/// Sets whether the visitor is typing. Allowed while an agent is in the chat only; the state stands until the other one
/// is set. The same state again within 5 s, with no line of the visitor between, asks nothing of the service: call it with
/// every key that is pressed.
///
/// * `state`: typing or not typing.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Name and typing".
#[operation(retry = idempotent, takes = turn)]
async fn set_visitor_typing(chat: &VisitorChat, context: &Context, turn: Turn, state: TypingState) -> Result<()> {
    live::set_typing(chat.live(), context, turn, state).await
}

/// Retrieves whether the agent is typing. The chat's information says it too.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Name and typing".
#[operation(retry = safe)]
async fn retrieve_agent_typing(chat: &VisitorChat, context: &Context) -> Result<TypingState> {
    context.send(chat.get("/info/agentTyping")?).await?.member("agentTyping")
}
