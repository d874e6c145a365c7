//! An agent's chat.

use std::fmt;
use std::sync::Arc;

use super::AgentSession;
use crate::client_core::Core;
use crate::engine::PerProcess;
use crate::error::Result;
use crate::live::{Conversation, Live, LiveSlot, Saved, Side};
use crate::transport::Request;
use crate::transport::links::segment;
use crate::wire::Text;
use crate::wire::chat::ShownId;

/// One chat, seen by its agent.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct AgentChat {
    address: Arc<Address>,
    live: LiveSlot,
}

/// Where a chat is found.
struct Address {
    session: AgentSession,
    id: Text,
}

impl fmt::Debug for AgentChat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AgentChat").field("id", &ShownId(&self.address.id)).finish_non_exhaustive()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Address").field("id", &ShownId(&self.id)).finish_non_exhaustive()
    }
}

impl Conversation for Arc<Address> {
    fn core(&self) -> &Arc<Core> {
        self.session.core()
    }

    fn id(&self) -> &Text {
        &self.id
    }

    fn side(&self) -> Side {
        Side::Agent
    }

    fn accompany(&self) -> Result<()> {
        self.session.work().begin()
    }

    fn origin(&self) -> Option<String> {
        None
    }

    fn get(&self, resource: &str) -> Result<Request> {
        self.session.get(&format!("/chat/{}{resource}", segment(&self.id)))
    }

    fn post(&self, resource: &str) -> Result<Request> {
        self.session.post(&format!("/chat/{}{resource}", segment(&self.id)))
    }
}

impl AgentChat {
    pub(super) fn new(session: &AgentSession, id: Text) -> Self {
        Self { address: Arc::new(Address { session: session.clone(), id }), live: Arc::new(PerProcess::new()) }
    }

    pub(super) fn session(&self) -> &AgentSession {
        &self.address.session
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        self.address.session.core()
    }

    pub(super) fn get(&self, resource: &str) -> Result<Request> {
        self.address.get(resource)
    }

    pub(super) fn post(&self, resource: &str) -> Result<Request> {
        self.address.post(resource)
    }

    /// The chat's life in this process.
    pub(super) fn live(&self) -> &Arc<Live> {
        self.live.get_or_init(|| self.core().state().live_chats.of(Arc::clone(&self.address), None))
    }

    /// A saved chat of this session.
    pub(super) fn resumed(session: &AgentSession, saved: Saved) -> Self {
        let chat = Self::new(session, saved.chat_id.as_str().into());
        chat.live.get_or_init(|| chat.core().state().live_chats.of(Arc::clone(&chat.address), Some(saved)));
        chat
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl AgentChat {
    /// The chat's id, also called its session key.
    pub fn id(&self) -> Text {
        self.address.id.clone()
    }
}
