//! Reads about the account: docs/protocol/visitor-chat-api.md, "Account-level reads".

use serde_json::{Value, json};

use crate::chat::documents::{self, Dialect};
use crate::chat::{Chat, queue};
use crate::http::reply::Reply;
use crate::identity::{Agent, Skill, everybody, find_skill};
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

/// The agents online for a target. Scripted agents always are, API agents when Online.
fn online_agents(world: &World, target: &Target) -> Vec<&'static Agent> {
    let wanted = |agent: &Agent| match target {
        Target::Anybody => true,
        Target::Skill(skill) => skill.is_some_and(|skill| agent.has_skill(Some(skill))),
        Target::Agent(one) => one.is_some_and(|one| one.id == agent.id),
    };
    let scripted = world.switches.is_on(Switch::ScriptedAgent);
    let online = |agent: &Agent| {
        world.sessions.values().any(|session| session.user.id == agent.id && session.availability == "Online")
            || (scripted && agent.is_scripted())
    };
    everybody().filter(|agent| wanted(agent) && online(agent)).collect()
}

/// Free slots of the agents online for a target; none stands for no limit.
fn slots(world: &World, target: &Target) -> Option<usize> {
    online_agents(world, target).into_iter().map(|agent| queue::free_slots(world, agent)).sum()
}

/// Whether somebody is online, and where the question names a wait: whether somebody is free within it.
fn is_available(world: &World, target: &Target, wait: Option<i64>) -> bool {
    let online = !online_agents(world, target).is_empty();
    match wait {
        None => online,
        Some(wait) => match expected_wait(world, target) {
            NO_DATA => wait > 0,
            expected => (0..=wait).contains(&expected),
        },
    }
}

/// The estimated wait as long as no chat has shown how long one takes.
const NO_DATA: i64 = -2;

/// Seconds until an agent is free: 0 with a free slot, −1 with nobody online.
fn expected_wait(world: &World, target: &Target) -> i64 {
    let online = online_agents(world, target).len() as i64;
    match slots(world, target) {
        _ if online == 0 => -1,
        Some(0) => world.roster.mean_service_s().map_or(NO_DATA, |seconds| {
            let asks_for = |chat: &Chat| match target {
                Target::Skill(skill) => chat.skill == *skill,
                _ => true,
            };
            let ahead = world.roster.waiting().filter(|position| asks_for(&world.chats[*position])).count() as i64;
            (seconds * (ahead + 1) / online).max(1)
        }),
        _ => 0,
    }
}

/// Reads `skill`, `maxWaitTime` and `agent`, which excludes the others. Also used on the agent's side.
fn targets(world: &World, call: &Call) -> Result<Vec<(String, Target)>, Reply> {
    let refuse = |message: &str| Reply::error(400, 5, message, world.now);
    let wait = call.request.query("maxWaitTime");
    if wait.is_some_and(|text| text.parse::<u32>().map_or(true, |seconds| seconds > 86_400)) {
        return Err(refuse("Illegal value for maxWaitTime"));
    }
    if call.request.query("serviceQueue").is_some() && wait.is_none() {
        return Err(refuse("serviceQueue needs maxWaitTime"));
    }
    let skills: Vec<(String, Target)> = call
        .request
        .query
        .iter()
        .filter(|(name, _)| name == "skill")
        .map(|(_, skill)| (skill.clone(), Target::Skill(find_skill(skill))))
        .collect();
    match call.request.query("agent") {
        Some(_) if !skills.is_empty() || wait.is_some() => Err(refuse("agent cannot be combined with other parameters")),
        Some(login) => {
            let agent = everybody().find(|agent| agent.login == login);
            Ok(vec![(login.to_owned(), Target::Agent(agent))])
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
    let wait = call.request.query("maxWaitTime").and_then(|text| text.parse().ok());
    if let [(_, target)] = targets.as_slice() {
        return Reply::json(200, &json!({"availability": is_available(world, target, wait)}));
    }
    let list: Vec<Value> =
        targets.iter().map(|(skill, target)| json!({"skill": skill, "isAvailable": is_available(world, target, wait)})).collect();
    Reply::json(200, &json!({"availability": {"AvailabilityForSkills": {"skillAvailability": list}}}))
}

/// −1, unlimited, as soon as one agent is online whose number of chats is not limited.
pub fn available_slots(world: &mut World, call: &Call) -> Reply {
    match targets(world, call) {
        Ok(targets) => {
            let free: Option<usize> = targets.iter().map(|(_, target)| slots(world, target)).sum();
            Reply::json(200, &json!({ "availableSlots": free.map_or(-1, |free| free as i64) }))
        }
        Err(refusal) => refusal,
    }
}

/// Not available per agent. Of several skills the quickest counts.
pub fn estimated_wait(world: &mut World, call: &Call) -> Reply {
    if call.request.query("agent").is_some() {
        return Reply::error(400, 5, "The estimated wait time is not available per agent", world.now);
    }
    match targets(world, call) {
        Ok(targets) => {
            let waits = targets.iter().map(|(_, target)| expected_wait(world, target));
            let best = waits.min_by_key(|wait| if *wait < 0 { i64::MAX + *wait } else { *wait });
            Reply::json(200, &json!({ "estimatedWaitTime": best.unwrap_or(-1) }))
        }
        Err(refusal) => refusal,
    }
}
