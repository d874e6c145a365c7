//! Names, typing, transfer, survey and visit of a chat: docs/protocol/agent-chat-api.md, "Small info resources",
//! "Transfer", "Agent survey", "Visit resources as one client decodes them".

use serde_json::{Map, Value, json};

use super::account::{number, online_with_skill};
use super::{Place, bad_request, on_chat, on_session, session_url};
use crate::chat::documents::{self, Dialect, Side};
use crate::chat::queue::{self, Requeue};
use crate::chat::{Line, System, engine};
use crate::http::reply::Reply;
use crate::identity::{Agent, SKILLS, Skill, everybody, find_skill};
use crate::routes::Call;
use crate::switches::Switch;
use crate::times::service_text;
use crate::visitor::settings::typing_state;
use crate::visitor::surveys::submitted;
use crate::world::World;

pub fn visitor_name(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, place| {
        Reply::json(200, &json!({"visitorName": documents::visitor_name(&world.chats[place.chat], Side::Agent)}))
    })
}

pub fn visitor_typing(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, place| {
        let status = world.switches.status(Switch::TypingReadStatus);
        Reply::json(status, &json!({"visitorTyping": documents::typing(world.chats[place.chat].visitor_typing)}))
    })
}

pub fn agent_typing(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, place| {
        let status = world.switches.status(Switch::TypingReadStatus);
        Reply::json(status, &json!({"agentTyping": documents::typing(world.chats[place.chat].agent_typing)}))
    })
}

pub fn set_agent_typing(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, place| {
        let Some(typing) = typing_state(call, "agentTyping") else {
            return bad_request(world, "agentTyping must be typing or not-typing");
        };
        if !world.chats[place.chat].is_served_by(place.user) {
            return bad_request(world, "Cannot set agent's typing status. Chat was ended");
        }
        world.chats[place.chat].agent_typing = typing;
        Reply::empty(200)
    })
}

/// Skills with an online agent other than the one in this chat.
pub fn transfer_targets(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, place| {
        let list: Vec<Value> = SKILLS
            .into_iter()
            .map(|skill| (skill, online_with_skill(world, skill, place.user)))
            .filter(|(_, online)| *online > 0)
            .map(|(skill, online)| {
                let number = |value: i64| number(world, value);
                json!({"id": number(skill.id), "name": skill.name, "onlineAgents": number(online as i64)})
            })
            .collect();
        let mut transfer = Map::new();
        documents::put_list(&mut transfer, "skill", documents::list(&world.switches, list));
        Reply::json(200, &json!({ "transfer": transfer }))
    })
}

/// Where a transfer goes. An agent wins when both are given.
enum Target {
    Agent(&'static Agent),
    Skill(Skill),
}

fn target(world: &World, place: &Place, transfer: &Value) -> Result<Target, &'static str> {
    let id = |kind: &str| match transfer.get(kind).and_then(|target| target.get("id")) {
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    match (id("agent"), id("skill")) {
        (Some(agent), _) => {
            let agent = everybody().find(|known| known.id.to_string() == agent && known.id != place.user.id);
            agent.map(Target::Agent).ok_or("The agent is not available")
        }
        (None, Some(skill)) => find_skill(&skill)
            .filter(|skill| online_with_skill(world, *skill, place.user) > 0)
            .map(Target::Skill)
            .ok_or("The skill is not available"),
        (None, None) => Err("transfer needs skill.id or agent.id"),
    }
}

pub fn transfer(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, place| {
        let body = call.request.json();
        let Some(transfer) = body.as_ref().and_then(|body| body.get("transfer")) else {
            return bad_request(world, "The member transfer is missing");
        };
        if !world.chats[place.chat].is_served_by(place.user) {
            return bad_request(world, "Cannot transfer chat while not in chat");
        }
        let target = match target(world, place, transfer) {
            Ok(target) => target,
            Err(message) => {
                let status = world.switches.status(Switch::TransferFailure);
                return Reply::json(status, &json!({"transfer": {"errormsg": message}}));
            }
        };
        if let Some(text) = transfer.get("text").and_then(Value::as_str) {
            let note = Line { only_to_rep: true, ..Line::agent(place.user, text) };
            engine::agent_line(world, place.chat, note);
        }
        hand_over(world, place.chat, target);
        Reply::empty(200)
    })
}

fn hand_over(world: &mut World, position: usize, target: Target) {
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

/// The structure that the visitor's surveys have; the agent's is not published.
pub fn survey(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |_, _| {
        Reply::json(
            200,
            &json!({"survey": {"id": 240_113, "title": "", "header": "Wrap-up", "questions": {"question": [
                {"id": 21, "order": 0, "mandatory": true, "logicId": 1, "type": "Radio Button",
                 "validationType": "alpha_numeric", "label": "Was the issue resolved?",
                 "entry": [{"value": "yes", "displayValue": "Yes", "checked": false, "logic": {"showLogicId": 2}},
                           {"value": "no", "displayValue": "No", "checked": false}]},
                {"id": 22, "order": 1, "mandatory": false, "logicId": 2, "type": "Text Field",
                 "validationType": "alpha_numeric", "label": "Case number", "lastKnownValue": ""},
            ]}}}),
        )
    })
}

pub fn submit_survey(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, place| match submitted(world, call) {
        Ok(answers) => {
            world.chats[place.chat].agent_answers = answers;
            Reply::empty(200)
        }
        Err(refusal) => refusal,
    })
}

/// Finds the chat whose id without its middle part is the visit id, and which this agent has or had.
fn on_visit(world: &mut World, call: &Call, act: impl FnOnce(&World, usize, &str) -> Value) -> Reply {
    on_session(world, call, |world, session| {
        let (user, visit) = (world.sessions[session].user, call.param("visit"));
        let suffix = format!("/visits/visit/{visit}");
        let found = world
            .chats
            .iter()
            .position(|chat| chat.was_served_by(user) && documents::visit_url(&format!("/chat/{}", chat.key)) == suffix);
        match found {
            Some(chat) => {
                let url = format!("{}{suffix}", session_url(world, session));
                Reply::json(200, &act(world, chat, &url))
            }
            None => Reply::error(404, 12, "Visit was not found", world.now),
        }
    })
}

pub fn visit(world: &mut World, call: &Call) -> Reply {
    on_visit(world, call, |_, _, url| {
        let link = |path: &str, rel: &str| documents::link(Dialect::Attributes, &format!("{url}{path}"), rel);
        json!({"visitId": {"link": [
            link("", "self"), link("/info", "info"), link("/customVariables", "custom-variables"),
        ]}})
    })
}

pub fn visit_info(world: &mut World, call: &Call) -> Reply {
    on_visit(world, call, |world, chat, url| {
        let chat = &world.chats[chat];
        let browser = chat.request.user_agent.clone().unwrap_or_default();
        let page = chat.request.referrer.clone().unwrap_or_default();
        json!({"visitInfo": {
            "link": documents::link(Dialect::Attributes, &format!("{url}/info"), "self"),
            "isInCurrentChat": chat.ended.is_none(),
            "visitorId": chat.visitor_id,
            "sessionInfo": {"info": [{"@name": "referrer", "$": page}]},
            "visitorInfo": {"info": [{"@name": "browser", "$": browser}]},
            "time": {"info": [{"@name": "start", "$": service_text(chat.requested)}]},
        }})
    })
}

pub fn visit_variables(world: &mut World, call: &Call) -> Reply {
    on_visit(world, call, |world, chat, url| {
        let chat = &world.chats[chat];
        let posted = chat.request.custom_variables.get("customVariable").cloned().unwrap_or_default();
        let posted = posted.as_array().cloned().unwrap_or_else(|| vec![posted]);
        let list: Vec<Value> = posted
            .iter()
            .filter(|variable| variable.is_object())
            .map(|variable| {
                json!({
                    "@source": "visitor", "@scope": "session", "name": variable["name"],
                    "time": service_text(chat.requested), "displayName": variable["name"], "value": variable["value"],
                })
            })
            .collect();
        let mut variables = Map::new();
        let link = documents::link(Dialect::Attributes, &format!("{url}/customVariables"), "self");
        variables.insert("link".to_owned(), link);
        documents::put_list(&mut variables, "customVariable", documents::list(&world.switches, list));
        json!({ "customVariables": variables })
    })
}
