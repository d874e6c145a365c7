//! Reads about the account: docs/protocol/visitor-chat-api.md, "Account-level reads".

use serde_json::{Value, json};

use crate::chat::documents::{self, Dialect};
use crate::http::reply::Reply;
use crate::identity::{Agent, SCRIPTED_AGENTS, Skill, everybody, find_skill};
use crate::routes::Call;
use crate::switches::Switch;
use crate::world::World;

const RESOURCES: [(&str, &str); 7] = [
    ("", "self"),
    ("/chat/availability", "chat-availability"),
    ("/chat/availableSlots", "chat-available-slots"),
    ("/chat/estimatedWaitTime", "chat-estimatedWaitTime"),
    ("/chat/request", "chat-request"),
    ("/chat/preSurvey", "prechat-survey"),
    ("/chat/offlineSurvey", "chat-offline-survey"),
];

pub fn entry_point(world: &mut World, _: &Call) -> Reply {
    let url = world.identity.account_url();
    let links: Vec<Value> =
        RESOURCES.iter().map(|(path, rel)| documents::link(Dialect::Attributes, &format!("{url}{path}"), rel)).collect();
    Reply::json(200, &json!({"account": {"@id": world.identity.account, "link": links}}))
}

/// Whom a question is about: anybody, a skill by name or id (none when the account lacks it), or one agent.
enum Target {
    Anybody,
    Skill(Option<Skill>),
    Agent(Option<&'static Agent>),
}

/// Agents free for a target now. Scripted agents always are, API agents when Online.
fn free_agents(world: &World, target: &Target) -> usize {
    let wanted = |agent: &Agent| match target {
        Target::Anybody => true,
        Target::Skill(skill) => skill.is_some_and(|skill| agent.has_skill(Some(skill))),
        Target::Agent(one) => one.is_some_and(|one| one.id == agent.id),
    };
    let scripted = world.switches.is_on(Switch::ScriptedAgent);
    let online = |agent: &Agent| {
        world.sessions.values().any(|session| session.user.id == agent.id && session.availability == "Online")
            || (scripted && SCRIPTED_AGENTS.iter().any(|known| known.id == agent.id))
    };
    everybody().filter(|agent| wanted(agent) && online(agent)).count()
}

/// Reads `skill`, `maxWaitTime` and `agent`, which excludes the others. Also used on the agent's side.
fn targets(world: &World, call: &Call) -> Result<Vec<(String, Target)>, Reply> {
    let pairs = call.request.query_pairs();
    let refuse = |message: &str| Reply::error(400, 5, message, world.now);
    let wait = call.request.query("maxWaitTime");
    if wait.as_ref().is_some_and(|text| text.parse::<u32>().map_or(true, |seconds| seconds > 86_400)) {
        return Err(refuse("Illegal value for maxWaitTime"));
    }
    if call.request.query("serviceQueue").is_some() && wait.is_none() {
        return Err(refuse("serviceQueue needs maxWaitTime"));
    }
    let skills: Vec<(String, Target)> = pairs
        .iter()
        .filter(|(name, _)| name == "skill")
        .map(|(_, skill)| (skill.clone(), Target::Skill(find_skill(skill))))
        .collect();
    match call.request.query("agent") {
        Some(_) if !skills.is_empty() || wait.is_some() => Err(refuse("agent cannot be combined with other parameters")),
        Some(login) => {
            let agent = everybody().find(|agent| agent.login == login);
            Ok(vec![(login, Target::Agent(agent))])
        }
        None if skills.is_empty() => Ok(vec![(String::new(), Target::Anybody)]),
        None => Ok(skills),
    }
}

pub fn availability(world: &mut World, call: &Call) -> Reply {
    let targets = match targets(world, call) {
        Ok(targets) => targets,
        Err(refusal) => return refusal,
    };
    if let [(_, target)] = targets.as_slice() {
        return Reply::json(200, &json!({"availability": free_agents(world, target) > 0}));
    }
    let list: Vec<Value> =
        targets.iter().map(|(skill, target)| json!({"skill": skill, "isAvailable": free_agents(world, target) > 0})).collect();
    Reply::json(200, &json!({"availability": {"AvailabilityForSkills": {"skillAvailability": list}}}))
}

/// Unlimited as soon as one agent is free whose number of chats is not limited.
pub fn available_slots(world: &mut World, call: &Call) -> Reply {
    match targets(world, call) {
        Ok(targets) => {
            let free: usize = targets.iter().map(|(_, target)| free_agents(world, target)).sum();
            let limit = world.switches.number(Switch::AgentMaxChats);
            let slots = if free == 0 || limit < 0 { -i64::from(free > 0) } else { free as i64 * limit };
            Reply::json(200, &json!({ "availableSlots": slots }))
        }
        Err(refusal) => refusal,
    }
}

/// Not available per agent. Nobody online is −1.
pub fn estimated_wait(world: &mut World, call: &Call) -> Reply {
    if call.request.query("agent").is_some() {
        return Reply::error(400, 5, "The estimated wait time is not available per agent", world.now);
    }
    match targets(world, call) {
        Ok(targets) => {
            let somebody = targets.iter().any(|(_, target)| free_agents(world, target) > 0);
            Reply::json(200, &json!({"estimatedWaitTime": if somebody { 0 } else { -1 }}))
        }
        Err(refusal) => refusal,
    }
}
