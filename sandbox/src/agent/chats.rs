//! Chats of an agent: docs/protocol/agent-chat-api.md, "Chat resource", "Acting on a chat".

use serde_json::{Value, json};

use super::{Place, bad_request, created, on_chat, on_session, view};
use crate::chat::documents::{self, Dialect};
use crate::chat::engine::{self, End};
use crate::chat::{Line, State};
use crate::http::reply::Reply;
use crate::identity::Agent;
use crate::routes::Call;
use crate::switches::Switch;
use crate::visitor::chat::{Posted, from, posted, text_of};
use crate::world::World;

/// A refusal: status and message, always with code 5.
type Refusal = (u16, &'static str);

const NOT_IN_CHAT: Refusal = (400, "Cannot add line while not in chat");
const UNSUPPORTED: Refusal = (400, "Text format is not supported.");

pub fn read_chat(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, place| {
        let from = match from(call, world.now) {
            Ok(from) => from,
            Err(refusal) => return refusal,
        };
        let view = view(world, &place.base, Dialect::Attributes);
        Reply::json(200, &json!({"chat": documents::chat_document(&world.chats[place.chat], &view, from)}))
    })
}

pub fn read_events(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, place| {
        let from = match from(call, world.now) {
            Ok(from) => from,
            Err(refusal) => return refusal,
        };
        let view = view(world, &place.base, Dialect::Attributes);
        let chat = &world.chats[place.chat];
        Reply::json(200, &json!({"events": documents::events_document(chat, &view, documents::Place::Events, from)}))
    })
}

pub fn read_info(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, place| {
        let view = view(world, &place.base, Dialect::Attributes);
        let chat = &world.chats[place.chat];
        Reply::json(200, &json!({"info": documents::info_document(chat, &view, documents::Place::Info)}))
    })
}

pub fn add_event(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, place| match posted(call.request.json().as_ref()) {
        Ok(Posted::Line(line)) => match add_line(world, place, &line) {
            Ok(event) => created(world, 201, "chatEventLocation", &event_url(world, place, event)),
            Err((status, message)) => Reply::error(status, 5, message, world.now),
        },
        Ok(Posted::End) => end(world, place),
        Err(message) => bad_request(world, message),
    })
}

fn event_url(world: &World, place: &Place, event: usize) -> String {
    let view = view(world, &place.base, Dialect::Attributes);
    documents::event_path(&view, &world.chats[place.chat], event)
}

fn end(world: &mut World, place: &Place) -> Reply {
    if !world.chats[place.chat].is_served_by(place.user) {
        return bad_request(world, "Cannot end chat while not in chat");
    }
    let event = engine::end(world, place.chat, End::Agent);
    created(world, 201, world.switches.text(Switch::EndChatWrapper), &event_url(world, place, event))
}

fn add_line(world: &mut World, place: &Place, posted: &Value) -> Result<usize, Refusal> {
    let chat = &world.chats[place.chat];
    if chat.state != State::Chatting || !chat.is_served_by(place.user) {
        return Err(NOT_IN_CHAT);
    }
    let line = line(posted, place.user, world.switches.is(Switch::RichContent, "allow"))?;
    Ok(engine::agent_line(world, place.chat, line))
}

/// "Send a line": the rules of each text type.
fn line(posted: &Value, agent: &Agent, rich_allowed: bool) -> Result<Line, Refusal> {
    let text_type = match posted.get("textType") {
        None => "plain",
        Some(kind) => kind.as_str().unwrap_or_default(),
    };
    let json = posted.get("json").cloned();
    let text = text_of(posted);
    match text_type {
        "plain" => {}
        "html" if text.as_deref().is_some_and(is_active_markup) => return Err(UNSUPPORTED),
        "html" => {}
        "rich-content" if !rich_allowed => return Err((403, "Rich content is not enabled for this account")),
        "rich-content" if text.is_none() || !json.as_ref().is_some_and(Value::is_object) => return Err(UNSUPPORTED),
        "rich-content" => {}
        _ => return Err(UNSUPPORTED),
    }
    let only_to_rep = match posted.get("subType").map(|kind| kind.as_str().unwrap_or_default()) {
        None | Some("REGULAR") => false,
        Some("ONLY_TO_REP") => true,
        Some(_) => return Err((400, "Illegal subType")),
    };
    let metadata = posted.get("metadata").cloned();
    if metadata.as_ref().is_some_and(|list| !is_list_of_typed_objects(list)) {
        return Err((400, "Illegal metadata"));
    }
    Ok(Line {
        text_type: text_type.to_owned(),
        json: json.filter(|_| text_type == "rich-content"),
        metadata,
        only_to_rep,
        ..Line::agent(agent, &text.ok_or((400, "The member text is missing"))?)
    })
}

/// Iframes, scripts and DOM actions are not allowed in HTML lines.
fn is_active_markup(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["<iframe", "<script", "javascript:", " onclick=", " onload=", " onerror="].iter().any(|part| text.contains(part))
}

fn is_list_of_typed_objects(list: &Value) -> bool {
    list.as_array().is_some_and(|list| list.iter().all(|item| item.get("type").is_some_and(Value::is_string)))
}

/// "Several chats", in the plain dialect; chats that are not this agent's are left out.
pub fn several(world: &mut World, call: &Call) -> Reply {
    on_session(world, call, |world, session| {
        let Some(keys) = call.request.query("chatSessionKeys") else {
            return bad_request(world, "The parameter chatSessionKeys is missing");
        };
        let ids = call.request.query("fromEventIds").unwrap_or_default();
        let wanted: Option<Vec<usize>> = ids.split(',').filter(|id| !id.is_empty()).map(|id| id.parse().ok()).collect();
        let Some(wanted) = wanted else {
            return bad_request(world, "Illegal value for fromEventIds");
        };
        let user = world.sessions[session].user;
        let after = usize::from(world.switches.is(Switch::MultiChatFrom, "exclusive"));
        let chats: Vec<Value> = keys
            .split(',')
            .enumerate()
            .filter_map(|(order, key)| world.find_chat(key).map(|chat| (order, chat)))
            .filter(|(_, chat)| world.chats[*chat].was_served_by(user))
            .map(|(order, chat)| {
                let from = wanted.get(order).map_or(0, |id| id.saturating_add(after));
                let base = super::chat_url(world, session, chat);
                documents::chat_document(&world.chats[chat], &view(world, &base, super::listing_dialect(world)), from)
            })
            .collect();
        let chats = super::listed(world, chats);
        Reply::json(200, &json!({"chats": {"chat": chats}}))
    })
}
