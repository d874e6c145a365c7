//! The visitor Chat API.
//!
//! Source: `docs/protocol/visitor-chat-api.md`.

mod account_survey;
mod add_line;
mod authenticate;
mod availability;
mod chat;
mod custom_variables;
mod end;
mod engagement;
mod entry_point;
mod exit_survey;
mod follow;
mod live;
mod name;
mod retrieve;
mod start_chat;
mod transcript;
mod typing;
mod waiting;

use std::sync::Arc;

pub use account_survey::{OfflineSurveyRequest, OfflineSurveySubmission, PreChatSurveyRequest};
pub use authenticate::{VisitorAuthenticationRequest, VisitorIdentity};
pub use availability::{AvailabilityRequest, SkillAvailability};
pub use chat::VisitorChat;
pub use custom_variables::CustomVariable;
pub use engagement::{
    ApplicationDetails, ApplicationType, DeviceFamily, EngagementStatus, Impression, ImpressionType, OperatingSystem,
    VisitorEngagement, VisitorEngagementDetails, VisitorEngagementRequest, VisitorEngagementUpdate,
};
pub use entry_point::EntryPoint;
pub use exit_survey::ExitSurveySubmission;
pub use start_chat::ChatRequest;
pub use waiting::EstimatedWaitTime;

use crate::client_core::Core;
use crate::transport::links::segment;
use crate::transport::{Access, Path, Request, Service};

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

    fn account_path(&self) -> crate::Result<String> {
        Ok(format!("/api/account/{}.json", segment(self.core.config.account()?)))
    }
}

/// What every request of this API carries. Source: `docs/protocol/visitor-chat-api.md`, "Query parameters common to all
/// calls" and "Representation selection".
fn common(request: Request) -> Request {
    request.plain_query("v=1&NC=true").with(Access::AppKey)
}

fn get(path: impl Into<Path>) -> Request {
    common(Request::get(Service::Conversation, path))
}

fn post(path: impl Into<Path>) -> Request {
    common(Request::post(Service::Conversation, path))
}
