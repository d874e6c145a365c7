//! Reading a chat: resources, events, information.

use lpchat_macros::operation;

use super::AgentChat;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::chat::{ChatEvents, ChatInformation, ChatResources};

/// Retrieves the chat's links, events and information in one document.
///
/// * `from_id`: id of the first event wanted; all events when absent. `events.next_id` of the last answer goes on.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Whole chat — `GET /agentSession/{s}/chat/{c}[?from=N]`".
#[operation(retry = safe)]
async fn retrieve_resources(chat: &AgentChat, context: &Context, from_id: Option<i64>) -> Result<ChatResources> {
    check(from_id)?;
    let mut resources: ChatResources = context.send(chat.get("")?.query_if("from", from_id)).await?.member("chat")?;
    resources.events = resources.events.with_cursor(from_id);
    Ok(resources)
}

/// Retrieves the chat's events.
///
/// * `from_id`: id of the first event wanted; all events when absent. `next_id` of the last answer goes on.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Events — `GET /agentSession/{s}/chat/{c}/events[?from=N]`".
#[operation(retry = safe)]
async fn retrieve_events(chat: &AgentChat, context: &Context, from_id: Option<i64>) -> Result<ChatEvents> {
    check(from_id)?;
    let events: ChatEvents = context.send(chat.get("/events")?.query_if("from", from_id)).await?.member("events")?;
    Ok(events.with_cursor(from_id))
}

/// Retrieves information about the chat: its state, who takes part, who is typing.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Chat information — `GET /agentSession/{s}/chat/{c}/info`".
#[operation(retry = safe)]
async fn retrieve_information(chat: &AgentChat, context: &Context) -> Result<ChatInformation> {
    context.send(chat.get("/info")?).await?.member("info")
}

fn check(from_id: Option<i64>) -> Result<()> {
    match from_id.filter(|id| *id < 0) {
        Some(id) => Err(LpchatError::argument("from_id", id, "event ids begin at 0")),
        None => Ok(()),
    }
}
