//! Ringing chats.

use lpchat_macros::{model, operation};

use super::AgentSession;
use crate::error::Result;
use crate::transport::Context;
use crate::wire::Link;

/// Chats ringing for an agent.
#[model]
pub struct IncomingRequests {
    /// How many chats ring now.
    pub ringing_count: i64,
    /// Where to accept; only while something rings.
    #[wire("link")]
    pub links: Vec<Link>,
}

/// Retrieves how many chats ring for this agent. Poll it every 2 s; it keeps the session alive too.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Ringing — `GET /agentSession/{s}/incomingRequests`".
#[operation(retry = safe)]
async fn retrieve_incoming_requests(session: &AgentSession, context: &Context) -> Result<IncomingRequests> {
    context.send(session.get("/incomingRequests")?).await?.member("incomingRequests")
}
