//! Free slots for chats, which visitor and agent both ask for.
//!
//! Sources: `docs/protocol/visitor-chat-api.md`, "Available slots — `GET B/chat/availableSlots`";
//! `docs/protocol/agent-chat-api.md`, "Available slots — `GET /agentSession/{s}/chat/availableSlots`".

use lpchat_macros::model;

use super::Text;
use crate::error::{LpchatError, Result};
use crate::transport::Request;

/// Whose free slots are asked for; everybody's when nothing is given.
#[model(request)]
pub struct AvailableSlotsRequest {
    /// Name of the skill.
    pub skill: Option<Text>,
    /// Slots that are likely to become free within so many seconds, 0 to 86400; 0 asks for those free now.
    pub max_wait_time_seconds: Option<i64>,
    /// Login name of one agent; excludes the other two.
    pub agent: Option<Text>,
}

impl AvailableSlotsRequest {
    /// Puts the parameters into `request`.
    pub(crate) fn asked(&self, request: Request) -> Result<Request> {
        let others = [("skill", self.skill.is_some()), ("max_wait_time_seconds", self.max_wait_time_seconds.is_some())];
        excluded_by_agent(self.agent.as_ref(), &others)?;
        check_wait(self.max_wait_time_seconds)?;
        Ok(request
            .query_if("skill", self.skill.as_ref())
            .query_if("maxWaitTime", self.max_wait_time_seconds)
            .query_if("agent", self.agent.as_ref()))
    }
}

/// An agent excludes whatever else says who is asked for: `others` by name, and whether they are given.
pub(crate) fn excluded_by_agent(agent: Option<&Text>, others: &[(&str, bool)]) -> Result<()> {
    match (agent, others.iter().find(|(_, given)| *given)) {
        (Some(agent), Some((name, _))) => {
            Err(LpchatError::argument("agent", agent.as_str(), &format!("an agent excludes `{name}`; give one of the two")))
        }
        _ => Ok(()),
    }
}

/// The longest wait that can be asked for is a day.
pub(crate) fn check_wait(seconds: Option<i64>) -> Result<()> {
    match seconds.filter(|wait| !(0..=86_400).contains(wait)) {
        Some(wait) => {
            Err(LpchatError::argument("max_wait_time_seconds", wait, "it lies between 0 (an agent at once) and 86400 seconds"))
        }
        None => Ok(()),
    }
}
