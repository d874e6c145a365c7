//! Reading a chat: resources, events, information.

use lpchat_macros::operation;

use super::VisitorChat;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::chat::{ChatEvents, ChatInformation, ChatResources};

/// Retrieves the chat's links, events and information in one document.
///
/// * `from`: id of the first event wanted; all events when absent. `events.next` of the last answer goes on.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Chat document — `GET S[?from={eventId}]`".
#[operation(retry = safe)]
async fn retrieve_resources(chat: &VisitorChat, context: &Context, from: Option<i64>) -> Result<ChatResources> {
    check(from)?;
    let mut resources: ChatResources = context.send(chat.get("")?.query_if("from", from)).await?.member("chat")?;
    resources.events = resources.events.with_cursor(from);
    Ok(resources)
}

/// Retrieves the chat's events.
///
/// * `from`: id of the first event wanted; all events when absent. `next` of the last answer goes on.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Events — `GET S/events[?from={eventId}]`".
#[operation(retry = safe)]
async fn retrieve_events(chat: &VisitorChat, context: &Context, from: Option<i64>) -> Result<ChatEvents> {
    check(from)?;
    let events: ChatEvents = context.send(chat.get("/events")?.query_if("from", from)).await?.member("events")?;
    Ok(events.with_cursor(from))
}

/// Retrieves information about the chat: its state, who takes part, who is typing.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Info — `GET S/info`".
#[operation(retry = safe)]
async fn retrieve_information(chat: &VisitorChat, context: &Context) -> Result<ChatInformation> {
    context.send(chat.get("/info")?).await?.member("info")
}

fn check(from: Option<i64>) -> Result<()> {
    match from.filter(|from| *from < 0) {
        Some(from) => Err(LpchatError::argument("from", from, "event ids begin at 0")),
        None => Ok(()),
    }
}
