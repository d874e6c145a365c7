//! Reading a chat: resources, events, information.

use lpchat_macros::operation;

use super::AgentChat;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::chat::{ChatEvents, ChatInformation, ChatResources};

/// Retrieves the chat's links, events and information in one document.
///
/// * `from`: id of the first event wanted; all events when absent. `events.next` of the last answer goes on.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Whole chat — `GET /agentSession/{s}/chat/{c}[?from=N]`".
#[operation(retry = safe)]
async fn retrieve_resources(chat: &AgentChat, context: &Context, from: Option<i64>) -> Result<ChatResources> {
    check(from)?;
    let mut resources: ChatResources = context.send(chat.get("")?.query_if("from", from)).await?.member("chat")?;
    resources.events = resources.events.with_cursor(from);
    Ok(resources)
}

/// Retrieves the chat's events.
///
/// * `from`: id of the first event wanted; all events when absent. `next` of the last answer goes on.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Events — `GET /agentSession/{s}/chat/{c}/events[?from=N]`".
#[operation(retry = safe)]
async fn retrieve_events(chat: &AgentChat, context: &Context, from: Option<i64>) -> Result<ChatEvents> {
    check(from)?;
    let events: ChatEvents = context.send(chat.get("/events")?.query_if("from", from)).await?.member("events")?;
    Ok(events.with_cursor(from))
}

/// Retrieves information about the chat: its state, who takes part, who is typing.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Chat information — `GET /agentSession/{s}/chat/{c}/info`".
#[operation(retry = safe)]
async fn retrieve_information(chat: &AgentChat, context: &Context) -> Result<ChatInformation> {
    context.send(chat.get("/info")?).await?.member("info")
}

fn check(from: Option<i64>) -> Result<()> {
    match from.filter(|from| *from < 0) {
        Some(from) => Err(LpchatError::argument("from", from, "event ids begin at 0")),
        None => Ok(()),
    }
}
