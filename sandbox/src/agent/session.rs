//! Agent session, availability, incoming chats: docs/protocol/agent-chat-api.md, "Agent session", "Incoming chats".

use serde_json::{Value, json};

use super::{bad_request, chat_url, cookie_name, created, on_session, session_url, user};
use crate::chat::Seat;
use crate::chat::documents::{self, Dialect};
use crate::chat::queue;
use crate::http::reply::Reply;
use crate::routes::Call;
use crate::switches::Switch;
use crate::timers::Due;
use crate::times::SECOND;
use crate::world::{AgentSession, World};

/// Sub-resources that the session resource links to.
const PARTS: [&str; 6] = ["availability", "availableAgents", "chat/availableSlots", "info", "incomingRequests", "chatSessions"];

pub fn start(world: &mut World, call: &Call) -> Reply {
    let body = call.request.json();
    if body.as_ref().and_then(|body| body.get("loginData")).is_none() {
        return bad_request(world, "The body must be an object with the member loginData");
    }
    let (Some(user), Some(bearer)) = (user(world, call), call.request.bearer()) else {
        return Reply::token_rejected();
    };
    let (number, mut random) = world.issue("agent session");
    let id = (1_027_882_275 + number).to_string();
    let session = AgentSession {
        id: id.clone(),
        bearer: bearer.to_owned(),
        user,
        cookie: format!("facade0e{}", random.hex(24)),
        availability: world.switches.text(Switch::InitialAvailability).to_owned(),
        reason: None,
        last_request: world.now,
        since: world.now,
    };
    let url = session_url(world, &id);
    let cookie =
        format!("{}={}; Path=/api/account/{}/agentSession/{id}; HttpOnly", cookie_name(&id), session.cookie, call.account());
    let availability = session.availability.clone();
    world.sessions.insert(id.clone(), session);
    let due = world.now + world.switches.number(Switch::AgentSessionIdleS) * SECOND;
    world.timers.set(due, Due::SessionIdle { session: id.clone() });
    queue::set_availability(world, &id, &availability, None);
    let status = world.switches.status(Switch::StartSessionStatus);
    created(world, status, "agentSessionLocation", &url).with_header("set-cookie", cookie)
}

/// Undocumented; with `cs=1` the official collection asks for ongoing chats too, whose shape is unknown.
pub fn resource(world: &mut World, call: &Call) -> Reply {
    on_session(world, call, |world, id| {
        let url = session_url(world, id);
        let mut links = vec![documents::link(Dialect::Attributes, &url, "self")];
        for part in PARTS {
            let rel = part.rsplit('/').next().unwrap_or(part);
            links.push(documents::link(Dialect::Attributes, &format!("{url}/{part}"), rel));
        }
        Reply::json(200, &json!({"agentSessionId": {"link": links}}))
    })
}

pub fn availability(world: &mut World, call: &Call) -> Reply {
    on_session(world, call, |world, id| Reply::json(200, &json!({"availability": availability_body(&world.sessions[id])})))
}

pub fn availability_body(session: &AgentSession) -> Value {
    let mut body = json!({"chat": session.availability, "voice": "Offline"});
    if let Some(reason) = &session.reason {
        body["chatReasonId"] = json!(reason);
    }
    body
}

pub fn set_availability(world: &mut World, call: &Call) -> Reply {
    on_session(world, call, |world, id| {
        let body = call.request.json();
        let wanted = body.as_ref().and_then(|body| body.get("availability"));
        let chat = wanted.and_then(|wanted| wanted.get("chat")).and_then(Value::as_str);
        let Some(chat) = chat.filter(|chat| ["Online", "Occupied", "Away"].contains(chat)) else {
            return bad_request(world, "availability.chat must be Online, Occupied or Away");
        };
        let reason = match wanted.and_then(|wanted| wanted.get("chatReasonId")) {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::String(text)) if text.chars().all(char::is_alphanumeric) => Some(text.clone()),
            Some(_) => return bad_request(world, "availability.chatReasonId must be alphanumeric"),
        };
        queue::set_availability(world, id, chat, reason);
        if world.switches.is(Switch::AvailabilityAnswer, "empty") {
            Reply::empty(200)
        } else {
            Reply::json(200, &json!({"availability": {"chat": chat}}))
        }
    })
}

/// The link is there only while something rings.
pub fn incoming(world: &mut World, call: &Call) -> Reply {
    on_session(world, call, |world, id| {
        let ringing = queue::ringing(world, id).len();
        let mut body = json!({"ringingCount": ringing.to_string()});
        if ringing > 0 {
            let href = format!("{}/incomingRequests", session_url(world, id));
            body["link"] = documents::link(Dialect::Attributes, &href, "incoming-requests");
        }
        Reply::json(200, &json!({ "incomingRequests": body }))
    })
}

/// Takes the chat that has been ringing longest.
pub fn accept(world: &mut World, call: &Call) -> Reply {
    on_session(world, call, |world, id| {
        if !call.request.json().is_some_and(|body| body.is_object()) {
            return bad_request(world, "The body must be a JSON object");
        }
        let Some(chat) = queue::ringing(world, id).first().copied() else {
            let status = world.switches.status(Switch::AcceptIdleStatus);
            return Reply::error(status, 5, "No chat is ringing", world.now);
        };
        let agent = world.sessions[id].user;
        queue::accept(world, chat, Seat { agent, scripted: false });
        let url = chat_url(world, id, chat);
        created(world, world.switches.status(Switch::AcceptStatus), "chatLocation", &url)
    })
}

/// "Chats already owned", in the plain dialect: no `@`, no collapsing.
pub fn chat_sessions(world: &mut World, call: &Call) -> Reply {
    on_session(world, call, |world, id| {
        let user = world.sessions[id].user;
        let list: Vec<Value> = (0..world.chats.len())
            .filter(|chat| world.chats[*chat].is_served_by(user))
            .map(|chat| {
                json!({
                    "link": documents::link(super::listing_dialect(world), &chat_url(world, id, chat), "chat-session"),
                    "chatSessionKey": world.chats[chat].key,
                    "startTime": world.chats[chat].requested,
                })
            })
            .collect();
        let list = super::listed(world, list);
        Reply::json(200, &json!({"chatSessions": {"chatSession": list}}))
    })
}
