//! The agent: profile and free slots.

use lpchat_macros::{model, operation};
use serde_json::Value;

use super::{AgentAvailability, AgentSession};
use crate::error::Result;
use crate::transport::Context;
use crate::wire::slots::AvailableSlotsRequest;
use crate::wire::{Link, Text};

/// A skill of an agent.
#[model]
pub struct AgentSkill {
    /// Id of the skill.
    pub id: Text,
    /// Name of the skill.
    pub name: Option<Text>,
}

/// An agent's profile.
#[model(complete)]
pub struct AgentInformation {
    /// Relation `self`.
    #[wire("link")]
    pub links: Vec<Link>,
    /// The name that visitors see.
    pub agent_name: Option<Text>,
    /// The name in lists of agents.
    pub display_name: Option<Text>,
    /// Login name.
    pub login_name: Option<Text>,
    /// The agent's id.
    pub id: Option<Text>,
    /// How many chats the agent may have at once; -1 stands for no limit.
    pub max_chats: Option<i64>,
    /// Availability.
    #[wire(lenient)]
    pub availability: Option<AgentAvailability>,
    /// The account's own reason for being away.
    pub chat_reason_id: Option<Text>,
    /// The agent's skills.
    #[wire("skillsInfo", item = "skillInfo")]
    pub skills: Vec<AgentSkill>,
}

impl AgentInformation {
    /// The documents' table calls the availability a string, their sample shows an object.
    fn complete(&mut self) {
        if self.availability.is_none()
            && let Ok(Value::Object(members)) = self.raw.to_value()
            && let Some(state @ Value::String(text)) = members.get("availability")
        {
            let (chat, raw) = (Some(text.as_str().into()), state.to_string().into());
            self.availability = Some(AgentAvailability { chat, voice: None, chat_reason_id: None, raw });
        }
    }
}

/// Retrieves the agent's profile.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Agent information — `GET /agentSession/{s}/info`".
#[operation(retry = safe)]
async fn retrieve_information(session: &AgentSession, context: &Context) -> Result<AgentInformation> {
    context.send(session.get("/info")?).await?.member("info")
}

/// Retrieves how many more chats agents could take now; -1 stands for no limit. An estimate that changes all the time.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Available slots — `GET /agentSession/{s}/chat/availableSlots`".
#[operation(retry = safe)]
async fn retrieve_available_slots(session: &AgentSession, context: &Context, request: AvailableSlotsRequest) -> Result<i64> {
    context.send(request.asked(session.get("/chat/availableSlots")?)?).await?.member("availableSlots")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::AvailabilityState;
    use crate::wire::{Buffer, Reader};

    #[test]
    fn the_availability_is_an_object_or_a_string() {
        for json in [r#"{"availability":{"chat":"Away","voice":"Offline"}}"#, r#"{"availability":"Away"}"#] {
            let read: AgentInformation = Reader::read(&Buffer::new(json.to_owned())).unwrap();
            assert_eq!(read.availability.unwrap().chat, Some(AvailabilityState::Away), "{json}");
        }
    }
}
