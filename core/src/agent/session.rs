//! The agent session.

use std::fmt;
use std::sync::Arc;

use lpchat_macros::operation;
use serde_json::json;
use url::Url;

use super::{Agent, AgentChat};
use crate::client_core::Core;
use crate::error::{Code, LpchatError, Result};
use crate::transport::links::{last_segment, segment, session_origin};
use crate::transport::{Access, Context, Request, Service};
use crate::wire::Text;

/// One agent at work. It ends with the login, or after 400 s without a request.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct AgentSession {
    core: Arc<Core>,
    id: Text,
    origin: Option<Url>,
    /// The session's own cookies. The documents want them replayed; with a bearer nobody has seen them needed.
    cookies: Arc<str>,
}

// The cookies stay out: whoever has them and the login is the agent.
impl fmt::Debug for AgentSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AgentSession").field("id", &self.id).finish_non_exhaustive()
    }
}

impl AgentSession {
    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// The origin that the session's creation named.
    pub(super) fn origin(&self) -> Option<&Url> {
        self.origin.as_ref()
    }

    /// A request to the session itself (`resource` empty) or to one of its resources.
    pub(super) fn request(&self, method: reqwest::Method, resource: &str) -> Result<Request> {
        let account = segment(self.core.config.account()?);
        Ok(self.at(method, format!("/api/account/{account}/agentSession/{}{resource}", segment(&self.id))))
    }

    /// A request to a path on the session's host.
    pub(super) fn at(&self, method: reqwest::Method, path: String) -> Request {
        let request = common(Request::new(method, Service::Agent, path)).at(self.origin());
        if self.cookies.is_empty() { request } else { request.header("cookie", &*self.cookies) }
    }

    pub(super) fn get(&self, resource: &str) -> Result<Request> {
        self.request(reqwest::Method::GET, resource)
    }

    pub(super) fn post(&self, resource: &str) -> Result<Request> {
        self.request(reqwest::Method::POST, resource)
    }
}

/// What every request of this API carries. Source: `docs/protocol/agent-chat-api.md`, "URL" and "Headers".
fn common(request: Request) -> Request {
    request.query("v", "1").query("NC", "true").header("x-requested-with", "XMLHttpRequest").with(Access::AgentBearer)
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl AgentSession {
    /// The session's id.
    pub fn id(&self) -> Text {
        self.id.clone()
    }

    /// The chat of this id, which this agent has accepted earlier. Asks nothing of the service.
    pub fn chat(&self, id: Text) -> Result<AgentChat> {
        if id.is_empty() {
            return Err(LpchatError::argument("id", "", "a chat has an id, which `AgentChat.id` gives"));
        }
        Ok(AgentChat::new(self, id))
    }
}

/// Starts an agent session, logging in first where needed. Its availability is unknown at first: set it.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Start agent session — `POST /agentSession`".
#[operation(retry = effect)]
async fn start_session(agent: &Agent, context: &Context) -> Result<AgentSession> {
    let core = agent.core();
    let path = format!("/api/account/{}/agentSession", segment(core.config.account()?));
    // The member is required for backward compatibility only; its content is ignored beside a bearer.
    let request = common(Request::post(Service::Agent, path)).json(&json!({ "loginData": "" }));
    let answer = context.send(request).await?;
    let Some(location) = answer.created(&["agentSessionLocation"])? else {
        return Err(LpchatError::new(Code::UnexpectedShape)
            .with_message("The service started an agent session without saying where it is."));
    };
    let trusted = core.config.sandbox.as_ref().map_or(&[][..], |sandbox| sandbox.trusted.as_slice());
    let id = last_segment(&location).ok_or_else(|| {
        LpchatError::new(Code::UnexpectedShape).with_message("The address of the new agent session holds no id.")
    })?;
    Ok(AgentSession {
        core: Arc::clone(core),
        id: id.into(),
        origin: Some(session_origin(&location, &answer.asked, trusted)?),
        cookies: answer.received.cookies().join("; ").into(),
    })
}
