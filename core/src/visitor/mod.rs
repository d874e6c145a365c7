//! The visitor Chat API.
//!
//! Source: `docs/protocol/visitor-chat-api.md`.

mod add_line;
mod authenticate;
mod chat;
mod end;
mod live;
mod retrieve;
mod start_chat;

use std::sync::Arc;

pub use authenticate::{VisitorAuthenticationRequest, VisitorIdentity};
pub use chat::VisitorChat;
pub use start_chat::{ChatRequest, CustomVariable, SurveyAnswer, SurveySubmission};

use crate::client_core::Core;
use crate::transport::links::segment;
use crate::transport::{Access, Request, Service};

/// The visitor's side of chats.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Visitor {
    core: Arc<Core>,
}

impl Visitor {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        Self { core: Arc::clone(core) }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    fn path(&self, resource: &str) -> crate::Result<String> {
        Ok(format!("/api/account/{}/{resource}.json", segment(self.core.config.account()?)))
    }
}

/// What every request of this API carries. Source: `docs/protocol/visitor-chat-api.md`, "Query parameters common to all
/// calls" and "Representation selection".
fn common(request: Request) -> Request {
    request.query("v", "1").query("NC", "true").with(Access::AppKey)
}

fn post(path: String) -> Request {
    common(Request::post(Service::Conversation, path))
}
