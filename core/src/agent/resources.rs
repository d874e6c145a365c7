//! The session itself.

use lpchat_macros::{model, operation};

use super::AgentSession;
use crate::error::Result;
use crate::transport::Context;
use crate::wire::Link;

/// What a session consists of. The documents describe no more than the links; `raw` has whatever else there is.
#[model]
pub struct AgentSessionResources {
    /// Relations of the session.
    #[wire("link")]
    pub links: Vec<Link>,
}

/// Retrieves the session's links.
///
/// * `with_chats`: asks for the ongoing chats too; in which form they come is not documented, `raw` has them.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Session resource — `GET /agentSession/{s}[?cs=1]`".
#[operation(retry = safe)]
async fn retrieve_resources(
    session: &AgentSession,
    context: &Context,
    with_chats: Option<bool>,
) -> Result<AgentSessionResources> {
    let asked = session.get("")?.query_if("cs", with_chats.unwrap_or(false).then_some(1));
    context.send(asked).await?.member("agentSessionId")
}
