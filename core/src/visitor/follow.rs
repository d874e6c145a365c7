//! Whatever the documents know by its link only.

use lpchat_macros::operation;

use super::VisitorChat;
use crate::error::Result;
use crate::transport::Context;
use crate::wire::{Json, Text, json_argument};

/// Follows a link of the chat, of its events or its information, and gives what is there as it stands.
///
/// For what the documents know by name only, such as `visit-session`. Of the link, path and query are followed, on the
/// chat's own host. Where several links have the relation, the chat's own comes first.
///
/// * `relation`: the link's relation.
///
/// Fails with `NotFound` where the chat offers no such link.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Hypermedia" and "Chat document — `GET S[?from={eventId}]`".
#[operation(retry = safe)]
async fn follow_link(chat: &VisitorChat, context: &Context, relation: Text) -> Result<Json> {
    let document = context.send(chat.get("")?).await?;
    let (path, query) = document.link(&relation)?;
    context.send(chat.at(reqwest::Method::GET, &path).queries(query)).await?.document()
}

/// Posts a document to a link of the chat, of its events or its information, and gives the answer as it stands, nothing
/// where it is empty.
///
/// * `relation`: the link's relation.
/// * `body`: the document, JSON.
/// * `is_update`: sends it as an update, which is a post with the override header.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Hypermedia" and "PUT and DELETE".
#[operation(retry = effect)]
async fn post_to_link(
    chat: &VisitorChat,
    context: &Context,
    relation: Text,
    body: Json,
    is_update: Option<bool>,
) -> Result<Option<Json>> {
    let body = json_argument("body", &body)?;
    let document = context.send(chat.get("")?.repeatable()).await?;
    let (path, query) = document.link(&relation)?;
    let asked = chat.at(reqwest::Method::POST, &path).queries(query).json(&body);
    let asked = if is_update.unwrap_or(false) { asked.overridden_as_put() } else { asked };
    context.send(asked).await?.optional_document()
}
