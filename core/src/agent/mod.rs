//! The Chat Agent API.
//!
//! Source: `docs/protocol/agent-chat-api.md`.

mod accept;
mod add_line;
mod availability;
mod available_agents;
mod chat;
mod chat_sessions;
mod content;
mod end;
mod follow;
mod follow_chat;
mod incoming;
mod information;
mod live;
mod participant;
mod resources;
mod retrieve;
mod rings;
mod session;
mod several;
mod small;
mod survey;
mod transfer;
mod visit;
mod work;

use std::sync::Arc;

pub use add_line::LineRequest;
pub use availability::{AgentAvailability, AvailabilityState};
pub use available_agents::{AvailableAgent, AvailableAgents, AvailableAgentsRequest};
pub use chat::AgentChat;
pub use chat_sessions::ChatSession;
pub use content::*;
pub use incoming::IncomingRequests;
pub use information::{AgentInformation, AgentSkill};
pub use participant::{
    AuthenticatedParticipantInformation, AuthenticatedPersonalInformation, ParticipantContact, ParticipantDate,
    ParticipantInformation,
};
pub use resources::AgentSessionResources;
pub use rings::Ring;
pub use session::AgentSession;
pub use several::ChatPosition;
pub use transfer::TransferSkill;
pub use visit::{Visit, VisitDetail, VisitInformation, VisitVariable};

use crate::client_core::Core;

/// The agent's side of chats.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Agent {
    core: Arc<Core>,
}

impl Agent {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        Self { core: Arc::clone(core) }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }
}
