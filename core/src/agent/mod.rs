//! The Chat Agent API.
//!
//! Source: `docs/protocol/agent-chat-api.md`.

mod accept;
mod add_line;
mod availability;
mod chat;
mod chat_sessions;
mod end;
mod incoming;
mod live;
mod retrieve;
mod rings;
mod session;
mod work;

use std::sync::Arc;

pub use add_line::LineRequest;
pub use availability::{AgentAvailability, AvailabilityState};
pub use chat::AgentChat;
pub use chat_sessions::ChatSession;
pub use incoming::IncomingRequests;
pub use rings::Ring;
pub use session::AgentSession;

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
