//! The agent session.

use std::fmt;
use std::sync::Arc;

use lpchat_macros::operation;

use super::work::{Place, Work};
use super::{Agent, AgentChat};
use crate::client_core::Core;
use crate::engine::PerProcess;
use crate::error::{LpchatError, Result};
use crate::live::{Saved, Side};
use crate::transport::{Access, Context, Request};
use crate::wire::Text;

/// One agent at work. It ends with the login, or after 400 s without a request.
///
/// When it has ended before its time, the call that notices rebuilds it: login, session, availability as last set; its
/// chats go on in the new one. What only reads or sets a state is then asked again; for anything else the error says that
/// nothing was done.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct AgentSession {
    core: Arc<Core>,
    first: Arc<Place>,
    work: Arc<PerProcess<Arc<Work>>>,
}

impl fmt::Debug for AgentSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AgentSession").field("id", &self.work().place().id).finish_non_exhaustive()
    }
}

impl AgentSession {
    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// What the session has come to in this process.
    pub(super) fn work(&self) -> &Arc<Work> {
        self.work.get_or_init(|| Arc::new(Work::new(&self.core, &self.first)))
    }

    /// A request to the session itself (`resource` empty) or to one of its resources.
    pub(super) fn request(&self, method: reqwest::Method, resource: &str) -> Result<Request> {
        self.work().request(method, resource)
    }

    /// A request to a path on the session's host.
    pub(super) fn at(&self, method: reqwest::Method, path: String) -> Request {
        self.work().at(method, path)
    }

    pub(super) fn get(&self, resource: &str) -> Result<Request> {
        self.request(reqwest::Method::GET, resource)
    }

    pub(super) fn post(&self, resource: &str) -> Result<Request> {
        self.request(reqwest::Method::POST, resource)
    }
}

/// What every request of this API carries. Source: `docs/protocol/agent-chat-api.md`, "URL" and "Headers".
pub(super) fn common(request: Request) -> Request {
    request.plain_query("v=1&NC=true").header("x-requested-with", "XMLHttpRequest").with(Access::AgentBearer)
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl AgentSession {
    /// The session's id; another one after the session was rebuilt.
    pub fn id(&self) -> Text {
        self.work().place().id.clone()
    }

    /// The chat of this id, which this agent has accepted earlier. Asks nothing of the service.
    pub fn chat(&self, id: Text) -> Result<AgentChat> {
        if id.is_empty() {
            return Err(LpchatError::argument("id", "", "a chat has an id, which `AgentChat.id` gives"));
        }
        Ok(AgentChat::new(self, id))
    }

    /// Goes on with a chat of this agent that was saved, as `Visitor.resume` does with a visitor's: no event is lost, those
    /// that may have been given before are marked `is_repeated`. Asks nothing of the service.
    ///
    /// Fails with `UnusableDocument` where the document is damaged, of a later version, of another account or a visitor's.
    pub fn resume(&self, document: Text) -> Result<AgentChat> {
        let saved = Saved::read(&document, Side::Agent, self.core.config.account()?)?;
        Ok(AgentChat::resumed(self, saved))
    }
}

/// Starts an agent session, logging in first where needed. Its availability is unknown at first: set it.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Start agent session — `POST /agentSession`".
#[operation(retry = effect)]
async fn start_session(agent: &Agent, context: &Context) -> Result<AgentSession> {
    let core = agent.core();
    let first = Arc::new(Place::start(core, context, 0).await?);
    Ok(AgentSession { core: Arc::clone(core), first, work: Arc::new(PerProcess::new()) })
}
