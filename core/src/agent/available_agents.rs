//! The account's agents.

use lpchat_macros::{model, operation};

use super::{AgentSession, AgentSkill, AvailabilityState};
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::chat::find;
use crate::wire::{Link, Text, Timestamp};

/// Which agents are wanted; all when nothing is given.
#[model(request)]
pub struct AvailableAgentsRequest {
    /// Name of a skill that they have.
    pub skill: Option<Text>,
    /// Their state for chats.
    pub chat_state: Option<AvailabilityState>,
    /// The account's own reason for being away.
    pub chat_reason_id: Option<Text>,
    /// Their state for the legacy voice channel.
    pub voice_state: Option<AvailabilityState>,
    /// `next_time` of an earlier answer: what has changed since, as far as is known.
    #[wire(skip)]
    pub since: Option<Timestamp>,
}

/// An agent of the account.
#[model]
pub struct AvailableAgent {
    /// The agent's id; transfers take it.
    pub id: Text,
    /// State for chats.
    pub chat_state: Option<AvailabilityState>,
    /// State for the legacy voice channel.
    pub voice_state: Option<AvailabilityState>,
    /// How many chats the agent may have at once; -1 stands for no limit.
    pub max_chats: Option<i64>,
    /// Login name.
    pub user_name: Option<Text>,
    /// The name that visitors see.
    pub nickname: Option<Text>,
    /// E-mail address.
    pub email: Option<Text>,
    /// Group of privileges, such as `administrators`.
    pub privilege_group: Option<Text>,
    /// Ids of the agent's skills.
    #[wire("skills", item = "skill")]
    pub skill_ids: Vec<Text>,
    /// The agent's skills with their names; not in every answer.
    #[wire("skillsInfo", item = "skillInfo")]
    pub skills: Vec<AgentSkill>,
    /// How many chats the agent has.
    pub chats: Option<i64>,
    /// Name of the agent's group.
    pub agent_group_name: Option<Text>,
    /// Id of the agent's group; -1 is the main group.
    pub agent_group_id: Option<Text>,
    /// How long the agent has been in this state; the service does not say in which unit, milliseconds by its size.
    pub elapsed_time_in_state: Option<i64>,
}

/// The account's agents.
#[model]
pub struct AvailableAgents {
    /// The agents that are not disabled, online or not.
    #[wire("agents", item = "agent")]
    pub agents: Vec<AvailableAgent>,
    /// Relation `next`, where the service gives it.
    #[wire("link")]
    pub links: Vec<Link>,
    /// Where to go on: hand it in as `since` of the next call.
    #[wire(skip)]
    pub next_time: Option<Timestamp>,
}

/// Retrieves the account's agents that are not disabled, online or not, whatever the call's name says: candidates for a
/// transfer.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Available agents — `GET /agentSession/{s}/availableAgents`".
#[operation(retry = safe)]
async fn retrieve_available_agents(
    session: &AgentSession,
    context: &Context,
    request: AvailableAgentsRequest,
) -> Result<AvailableAgents> {
    check("chat_state", request.chat_state.as_ref())?;
    check("voice_state", request.voice_state.as_ref())?;
    let asked = session
        .get("/availableAgents")?
        .query_if("skill", request.skill)
        .query_if("chatState", request.chat_state)
        .query_if("chatReasonId", request.chat_reason_id)
        .query_if("voiceState", request.voice_state)
        .query_if("timeStamp", request.since.map(Timestamp::as_millis));
    let mut agents: AvailableAgents = context.send(asked).await?.member("availableAgents")?;
    agents.next_time = find(&agents.links, "next").and_then(|link| time_of(&link.href));
    Ok(agents)
}

fn time_of(href: &str) -> Option<Timestamp> {
    let mut pairs = href.split_once('?')?.1.split('&');
    pairs.find_map(|pair| pair.strip_prefix("timeStamp=")?.parse().ok()).map(Timestamp::from_millis)
}

fn check(name: &str, state: Option<&AvailabilityState>) -> Result<()> {
    match state {
        Some(AvailabilityState::Other { text }) => {
            Err(LpchatError::argument(name, text.as_str(), "it is one of Online, Offline, Occupied and Away"))
        }
        _ => Ok(()),
    }
}
