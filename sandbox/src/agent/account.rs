//! Agents, slots, profile, participants: docs/protocol/agent-chat-api.md, "Available agents", "Agent information",
//! "Authenticated visitor".

use serde_json::{Map, Value, json};

use super::session::availability_body;
use super::{bad_request, on_session, session_url};
use crate::chat::documents::{self, Dialect};
use crate::http::reply::Reply;
use crate::identity::{Agent, SCRIPTED_AGENTS, SKILLS, everybody};
use crate::routes::Call;
use crate::switches::Switch;
use crate::world::World;

/// Availability names and the codes of the list of agents.
const STATES: [(&str, &str); 4] = [("Offline", "1"), ("Online", "2"), ("Occupied", "3"), ("Away", "4")];

/// The chat state of an agent and since when: from the agent's session, or by script.
fn state(world: &World, agent: &Agent) -> (String, i64) {
    let session = world.sessions.values().find(|session| session.user.id == agent.id);
    let scripted = world.switches.is_on(Switch::ScriptedAgent) && SCRIPTED_AGENTS.iter().any(|known| known.id == agent.id);
    match session {
        Some(session) => (session.availability.clone(), session.since),
        None if scripted => ("Online".to_owned(), world.now),
        None => ("Offline".to_owned(), world.now),
    }
}

/// How many agents are online for a skill, apart from one.
pub fn online_with_skill(world: &World, skill: crate::identity::Skill, except: &Agent) -> usize {
    everybody().filter(|agent| agent.id != except.id && agent.has_skill(Some(skill)) && state(world, agent).0 == "Online").count()
}

pub fn agents(world: &mut World, call: &Call) -> Reply {
    on_session(world, call, |world, id| {
        let (skill, wanted) = (call.request.query("skill"), call.request.query("chatState"));
        if wanted.as_ref().is_some_and(|wanted| !STATES.iter().any(|(name, _)| name == wanted)) {
            return bad_request(world, "Illegal value for chatState");
        }
        let has_skill = |agent: &Agent| {
            skill.as_ref().is_none_or(|skill| agent.skills.iter().any(|position| SKILLS[*position].name == skill))
        };
        let list: Vec<Value> = everybody()
            .filter(|agent| has_skill(agent))
            .filter(|agent| wanted.as_ref().is_none_or(|wanted| state(world, agent).0 == *wanted))
            .map(|agent| agent_document(world, agent))
            .collect();
        let mut agents = Map::new();
        documents::put_list(&mut agents, "agent", documents::list(&world.switches, list));
        let next = format!("{}/availableAgents?timeStamp={}", session_url(world, id), world.now);
        let link = documents::link(Dialect::Attributes, &next, "next");
        Reply::json(200, &json!({"availableAgents": {"agents": agents, "link": link}}))
    })
}

/// A number as lists of agents and transfer targets have it.
pub fn number(world: &World, value: i64) -> Value {
    if world.switches.is(Switch::AgentNumbers, "number") { json!(value) } else { json!(value.to_string()) }
}

/// Everything is a string here as a rule, and one skill stands without a list.
fn agent_document(world: &World, agent: &Agent) -> Value {
    let (state, since) = state(world, agent);
    let code = STATES.iter().find(|(name, _)| *name == state).map_or("1", |(_, code)| code);
    let chats = world.chats.iter().filter(|chat| chat.is_served_by(agent)).count();
    let number = |value: i64| number(world, value);
    let code = number(code.parse().expect("a code is a number"));
    let ids: Vec<Value> = agent.skills.iter().map(|position| number(SKILLS[*position].id)).collect();
    let mut skills = Map::new();
    documents::put_list(&mut skills, "skill", documents::list(&world.switches, ids));
    json!({
        "@id": number(agent.id),
        "@chatState": code,
        "@voiceState": number(1),
        "@maxChats": number(world.switches.number(Switch::AgentMaxChats)),
        "userName": agent.login,
        "nickname": agent.nickname,
        "email": agent.login,
        "privilegeGroup": "agents",
        "skills": skills,
        "skillsInfo": skills_info(world, agent),
        "chats": number(chats as i64),
        "agentGroupName": agent.group_name,
        "agentGroupId": number(agent.group_id),
        "elapsedTimeInState": number(world.now - since),
    })
}

fn skills_info(world: &World, agent: &Agent) -> Value {
    let skills = agent.skills.iter().map(|position| SKILLS[*position]);
    let list: Vec<Value> = skills.map(|skill| json!({"id": skill.id.to_string(), "name": skill.name})).collect();
    let mut info = Map::new();
    documents::put_list(&mut info, "skillInfo", documents::list(&world.switches, list));
    Value::Object(info)
}

/// Same question and rules as on the visitor's side.
pub fn available_slots(world: &mut World, call: &Call) -> Reply {
    on_session(world, call, |world, _| crate::visitor::account::available_slots(world, call))
}

pub fn profile(world: &mut World, call: &Call) -> Reply {
    on_session(world, call, |world, id| {
        let session = &world.sessions[id];
        let user = session.user;
        let mut info = json!({
            "link": documents::link(Dialect::Attributes, &format!("{}/info", session_url(world, id)), "self"),
            "agentName": user.nickname,
            "displayName": user.full_name,
            "loginName": user.login,
            "id": user.id.to_string(),
            "maxChats": world.switches.text(Switch::AgentMaxChats),
            "availability": availability_body(session),
            "skillsInfo": skills_info(world, user),
        });
        if world.switches.is(Switch::AgentInfoAvailability, "string") {
            info["availability"] = json!(session.availability);
        }
        if let Some(reason) = &session.reason {
            info["chatReasonId"] = json!(reason);
        }
        Reply::json(200, &json!({ "info": info }))
    })
}

/// The authenticated visitor of a chat: the same sample person for everybody.
pub fn participant(world: &mut World, call: &Call) -> Reply {
    on_session(world, call, |world, _| {
        let id = call.param("participant");
        if !world.participants.contains_key(id) {
            return Reply::error(404, 12, "Participant was not found", world.now);
        }
        Reply::json(
            200,
            &json!({
                "authenticatedParticipantInfo": {
                    "isUserAuthenticated": true, "participantId": id, "balance": -400.99,
                    "registrationDate": {"year": 2013, "month": 5, "day": 23},
                    "lastPaymentDate": {"year": 2014, "month": 10, "day": 15},
                    "customerId": "57ac-072a-5d10-4506-721f-9ebf", "customerStatus": "cancelled", "customerType": "vip",
                    "socialId": "11256324780", "imei": "3543546543545688", "userName": "testuser", "companySize": 500,
                    "accountName": "bank corp", "role": "broker",
                },
                "authenticatedPersonalInfo": {
                    "name": "Test", "surname": "User",
                    "contacts": [{"email": "testuser@example.com", "phone": "+1-10-344-3765333"}],
                },
            }),
        )
    })
}
