//! The account's entry point.

use lpchat_macros::{model, operation};

use super::{Visitor, get};
use crate::error::Result;
use crate::transport::Context;
use crate::wire::{Json, Link, Text};

/// What the service offers an application key.
#[model]
pub struct EntryPoint {
    /// The account.
    pub id: Option<Text>,
    /// Relations `self`, `chat-availability`, `chat-request` and others; which depends on the key's privileges.
    #[wire("link")]
    pub links: Vec<Link>,
}

/// Retrieves the account's entry point: the links that the application key opens.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Entry point — `GET B`".
#[operation(retry = safe)]
async fn retrieve_entry_point(visitor: &Visitor, context: &Context) -> Result<EntryPoint> {
    context.send(get(visitor.account_path()?)).await?.member("account")
}

/// Follows a link of the account's entry point and gives what is there as it stands.
///
/// For what the documents know by name only. Of the link, path and query are followed, on the host that the entry point
/// came from.
///
/// * `relation`: the link's relation, such as `chat-availability`.
///
/// Fails with `NotFound` where the entry point offers no such link.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Hypermedia".
#[operation(retry = safe)]
async fn follow_link(visitor: &Visitor, context: &Context, relation: Text) -> Result<Json> {
    let entry = context.send(get(visitor.account_path()?)).await?;
    let (path, query) = entry.link(&relation)?;
    context.send(get(format!("{path}.json")).queries(query)).await?.document()
}
