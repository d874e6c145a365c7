//! An agent's chat.

use std::fmt;
use std::sync::Arc;

use super::AgentSession;
use crate::client_core::Core;
use crate::error::Result;
use crate::transport::Request;
use crate::transport::links::segment;
use crate::wire::Text;
use crate::wire::chat::ShownId;

/// One chat, seen by its agent.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct AgentChat {
    session: AgentSession,
    id: Text,
}

impl fmt::Debug for AgentChat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AgentChat").field("id", &ShownId(&self.id)).finish_non_exhaustive()
    }
}

impl AgentChat {
    pub(super) fn new(session: &AgentSession, id: Text) -> Self {
        Self { session: session.clone(), id }
    }

    pub(super) fn session(&self) -> &AgentSession {
        &self.session
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        self.session.core()
    }

    pub(super) fn get(&self, resource: &str) -> Result<Request> {
        self.session.get(&format!("/chat/{}{resource}", segment(&self.id)))
    }

    pub(super) fn post(&self, resource: &str) -> Result<Request> {
        self.session.post(&format!("/chat/{}{resource}", segment(&self.id)))
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl AgentChat {
    /// The chat's id, also called its session key.
    pub fn id(&self) -> Text {
        self.id.clone()
    }
}
