//! From the name of a skill or an agent to its id.

use lpchat::{AgentChat, AgentSession, AvailableAgent, AvailableAgentsRequest, LpchatError, TransferSkill};

use super::command::Target;
use crate::talk::brief;

/// Why a chat is not handed over.
pub enum Refusal {
    NoSuchTarget(String),
    Failed(LpchatError),
}

impl From<LpchatError> for Refusal {
    fn from(error: LpchatError) -> Self {
        Self::Failed(error)
    }
}

/// Hands the chat over; gives the name of the new owner.
pub fn hand_over(session: &AgentSession, chat: &AgentChat, target: &Target, note: Option<&str>) -> Result<String, Refusal> {
    let note = note.map(Into::into);
    match target {
        Target::Skill(wanted) => {
            let skills = chat.retrieve_transfer_skills_with(brief())?;
            let names = |skill: &TransferSkill| [skill.name.as_deref().map(str::to_owned), Some(skill.id.to_string())];
            let skill =
                find("skill with an agent online", wanted, &skills, |skill| names(skill).into_iter().flatten().collect())?;
            chat.transfer_to_skill_with(skill.id.clone(), note, brief())?;
            Ok(skill.name.as_deref().unwrap_or(wanted).to_owned())
        }
        Target::Agent(wanted) => {
            let agents = session.retrieve_available_agents_with(AvailableAgentsRequest::default(), brief())?.agents;
            let agent = find("agent", wanted, &agents, names_of_agent)?;
            chat.transfer_to_agent_with(agent.id.clone(), note, brief())?;
            Ok(agent.nickname.as_deref().unwrap_or(wanted).to_owned())
        }
    }
}

fn names_of_agent(agent: &AvailableAgent) -> Vec<String> {
    let names = [&agent.nickname, &agent.user_name, &agent.email];
    let names = names.into_iter().flatten().map(|name| name.to_string());
    names.chain([agent.id.to_string()]).collect()
}

/// The one of this name, in whatever case; the first name of each is the one that people know.
fn find<'a, T>(kind: &str, wanted: &str, all: &'a [T], names: impl Fn(&T) -> Vec<String>) -> Result<&'a T, Refusal> {
    let same = |name: &String| name.to_lowercase() == wanted.to_lowercase();
    all.iter().find(|one| names(one).iter().any(same)).ok_or_else(|| {
        let known: Vec<String> = all.iter().filter_map(|one| names(one).into_iter().next()).collect();
        let known = if known.is_empty() { "There is none".to_owned() } else { format!("There are {}", known.join(", ")) };
        Refusal::NoSuchTarget(format!("There is no {kind} named {wanted:?}. {known}."))
    })
}
