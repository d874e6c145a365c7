//! The agent's availability.

use lpchat_macros::{model, operation};

use super::AgentSession;
use super::work::availability_body;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::Text;

/// Whether an agent takes chats. Lists of agents give it as a number, which is read too.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Availability".
#[model]
pub enum AvailabilityState {
    /// Receives new chats from the queue.
    #[wire("Online", alias = "2")]
    Online,
    /// Receives only chats transferred to this agent.
    #[wire("Occupied", alias = "3")]
    Occupied,
    /// Receives nothing.
    #[wire("Away", alias = "4")]
    Away,
    /// Logged off; readable, never settable.
    #[wire("Offline", alias = "1")]
    Offline,
}

/// An agent's availability.
#[model]
pub struct AgentAvailability {
    /// For chats.
    pub chat: Option<AvailabilityState>,
    /// For the legacy voice channel.
    pub voice: Option<AvailabilityState>,
    /// The account's own reason for being away.
    pub chat_reason_id: Option<Text>,
}

/// Retrieves the agent's current availability.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Availability".
#[operation(retry = safe)]
async fn retrieve_availability(session: &AgentSession, context: &Context) -> Result<AgentAvailability> {
    context.send(session.get("/availability")?).await?.member("availability")
}

/// Sets the agent's availability. An agent who lets a chat ring for 20 s is set to `Away` by the service.
///
/// * `state`: `Online`, `Occupied` or `Away`.
/// * `reason_id`: id of a reason configured in the account.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Availability".
#[operation(retry = idempotent)]
async fn set_availability(
    session: &AgentSession,
    context: &Context,
    state: AvailabilityState,
    reason_id: Option<Text>,
) -> Result<()> {
    if !matches!(state, AvailabilityState::Online | AvailabilityState::Occupied | AvailabilityState::Away) {
        return Err(LpchatError::argument(
            "state",
            state.as_str(),
            "it is one of Online, Occupied and Away; log out to go offline",
        ));
    }
    let body = availability_body(&state, reason_id.as_ref());
    // The answer may hold the state or nothing at all.
    context.send(session.post("/availability")?.overridden_as_put().json(&body)).await?;
    session.work().note_availability(state, reason_id);
    Ok(())
}
