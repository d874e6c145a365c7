//! Whatever the documents know by its link only: following one from a session.

use lpchat_macros::operation;

use super::AgentSession;
use crate::error::Result;
use crate::transport::Context;
use crate::wire::{Json, Text};

/// Follows a link of the session and gives what is there as it stands. Of the link, path and query are followed, on the
/// session's own host.
///
/// * `relation`: the link's relation, such as `incoming-requests`.
///
/// Fails with `NotFound` where the session offers no such link.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Session resource — `GET /agentSession/{s}[?cs=1]`".
#[operation(retry = safe)]
async fn follow_link(session: &AgentSession, context: &Context, relation: Text) -> Result<Json> {
    let (path, query) = context.send(session.get("")?).await?.link(&relation)?;
    context.send(session.at(reqwest::Method::GET, path).queries(query)).await?.document()
}
