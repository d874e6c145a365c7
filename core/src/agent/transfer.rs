//! Handing a chat over.

use lpchat_macros::{model, operation};
use serde_json::{Value, json};

use super::AgentChat;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::{Text, as_number};

/// A skill that a chat can be transferred to.
#[model]
pub struct TransferSkill {
    /// Id of the skill.
    pub id: Text,
    /// Name of the skill.
    pub name: Option<Text>,
    /// How many of its agents are online, apart from those in the chat.
    pub online_agents: Option<i64>,
}

#[model(internal)]
struct TransferTargets {
    #[wire("skill")]
    skills: Vec<TransferSkill>,
}

/// Retrieves the skills that the chat can be transferred to: those with an agent online who is not in the chat.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Transfer".
#[operation(retry = safe)]
async fn retrieve_transfer_skills(chat: &AgentChat, context: &Context) -> Result<Vec<TransferSkill>> {
    let targets: Option<TransferTargets> = context.send(chat.get("/transfer")?).await?.member("transfer")?;
    Ok(targets.map(|targets| targets.skills).unwrap_or_default())
}

/// Transfers the chat to a skill: it goes back to the queue, and this agent stops receiving its events.
///
/// * `skill_id`: id of the skill.
/// * `text`: a note to the next agent.
///
/// Fails with `Rejected` where nobody of the skill can take the chat.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Transfer".
#[operation(retry = effect)]
async fn transfer_to_skill(chat: &AgentChat, context: &Context, skill_id: Text, text: Option<Text>) -> Result<()> {
    transfer(chat, context, "skill", ("skill_id", skill_id), text).await
}

/// Transfers the chat to an agent, and this agent stops receiving its events.
///
/// * `agent_id`: id of the agent, as `AgentSession.retrieve_available_agents` gives it.
/// * `text`: a note to the next agent.
///
/// Fails with `Rejected` where the agent cannot take the chat.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Transfer".
#[operation(retry = effect)]
async fn transfer_to_agent(chat: &AgentChat, context: &Context, agent_id: Text, text: Option<Text>) -> Result<()> {
    transfer(chat, context, "agent", ("agent_id", agent_id), text).await
}

async fn transfer(
    chat: &AgentChat,
    context: &Context,
    target: &str,
    (argument, id): (&str, Text),
    text: Option<Text>,
) -> Result<()> {
    if id.is_empty() {
        return Err(LpchatError::argument(argument, "", "a transfer names its target by an id"));
    }
    let mut named = json!({ "id": id.as_str() });
    as_number(&mut named, "id");
    let mut transfer = Value::Object(serde_json::Map::from_iter([(target.to_owned(), named)]));
    if let Some(text) = text {
        transfer["text"] = text.as_str().into();
    }
    chat.live().forget_typing();
    context.send(chat.post("/transfer")?.json(&json!({ "transfer": transfer }))).await.map(|_| ())
}
