//! Whatever the documents know by its link only: following one from a chat.

use lpchat_macros::operation;

use super::AgentChat;
use crate::error::Result;
use crate::transport::Context;
use crate::wire::{Json, Text, json_argument};

/// Follows a link of the chat, of its events or its information, and gives what is there as it stands.
///
/// For what the documents know by name only, such as `collaboration-channels` and `transfer-account`. Of the link, path
/// and query are followed, on the session's own host. Where several links have the relation, the chat's own comes first.
///
/// * `relation`: the link's relation.
///
/// Fails with `NotFound` where the chat offers no such link.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Whole chat — `GET /agentSession/{s}/chat/{c}[?from=N]`".
#[operation(retry = safe)]
async fn follow_link(chat: &AgentChat, context: &Context, relation: Text) -> Result<Json> {
    let (path, query) = context.send(chat.get("")?).await?.link(&relation)?;
    context.send(chat.session().at(reqwest::Method::GET, path).queries(query)).await?.document()
}

/// Posts a document to a link of the chat, of its events or its information, and gives the answer as it stands, nothing
/// where it is empty.
///
/// * `relation`: the link's relation.
/// * `body`: the document, JSON.
/// * `is_update`: sends it as an update, which is a post with the override header.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Whole chat — `GET /agentSession/{s}/chat/{c}[?from=N]`" and "Headers".
#[operation(retry = effect)]
async fn post_to_link(
    chat: &AgentChat,
    context: &Context,
    relation: Text,
    body: Json,
    is_update: Option<bool>,
) -> Result<Option<Json>> {
    let body = json_argument("body", &body)?;
    let (path, query) = context.send(chat.get("")?.repeatable()).await?.link(&relation)?;
    let asked = chat.session().at(reqwest::Method::POST, path).queries(query).json(&body);
    let asked = if is_update.unwrap_or(false) { asked.overridden_as_put() } else { asked };
    context.send(asked).await?.optional_document()
}
