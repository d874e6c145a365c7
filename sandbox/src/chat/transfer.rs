//! Chats that move: to another agent, to another skill, to another account.

use super::engine::{self, End};
use super::queue::{self, Requeue};
use super::{Content, System};
use crate::identity::{Agent, Skill};
use crate::world::World;

/// Where a transfer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Agent(&'static Agent),
    Skill(Skill),
}

pub fn hand_over(world: &mut World, position: usize, target: Target) {
    let chat = &mut world.chats[position];
    let (why, text) = match target {
        Target::Agent(agent) => {
            chat.wanted_agent = Some(agent);
            let why = Requeue { message: System::TransferredToAgent, end_reason: 101, start_reason: 1 };
            (why, "You are being transferred to another agent.")
        }
        Target::Skill(skill) => {
            chat.wanted_agent = None;
            chat.skill = Some(skill);
            let why = Requeue { message: System::TransferredToSkill, end_reason: 106, start_reason: 6 };
            (why, "You are being transferred to another team.")
        }
    };
    queue::requeue(world, position, why, text);
}

/// The other end of an account-to-account transfer. What is missing is this account's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remote {
    pub account: Option<String>,
    pub domain: Option<String>,
    pub skill: Option<String>,
}

/// The `a2a-transfer` event, complete.
#[derive(Debug, Clone)]
pub struct AccountTransfer {
    pub domain: String,
    pub account: String,
    pub skill: Option<String>,
    pub source_account: String,
    pub source_session: i64,
}

/// docs/protocol/visitor-chat-api.md, "Account-to-account transfer": the event, then the chat ends.
pub fn to_account(world: &mut World, position: usize, remote: Remote) {
    let now = world.now;
    let own = &world.identity;
    let chat = &mut world.chats[position];
    let event = AccountTransfer {
        domain: remote.domain.unwrap_or_else(|| own.host().to_owned()),
        account: remote.account.unwrap_or_else(|| own.account.clone()),
        skill: remote.skill.or_else(|| chat.skill.map(|skill| skill.name.to_owned())),
        source_account: own.account.clone(),
        source_session: chat.rt_session_id,
    };
    chat.add(now, Content::AccountTransfer(event));
    engine::end(world, position, End::Transferred);
}
