//! Chat, events and info: docs/protocol/visitor-chat-api.md, "Chat lifecycle".

use serde_json::{Value, json};

use super::{chat_url, on_chat, view};
use crate::chat::State;
use crate::chat::documents::{self, Place};
use crate::chat::engine::{self, End};
use crate::http::reply::Reply;
use crate::routes::Call;
use crate::switches::Switch;
use crate::world::World;

const NOT_IN_CHAT: &str = "Cannot add line while not in chat";

/// The `from` of a read: the first event id wanted, inclusive.
pub fn from(call: &Call, now: i64) -> Result<usize, Reply> {
    match call.request.query("from") {
        None => Ok(0),
        Some(text) => text.parse().map_err(|_| Reply::error(400, 5, &format!("Illegal value for from: {text}"), now)),
    }
}

pub fn read_chat(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, position| {
        let from = match from(call, world.now) {
            Ok(from) => from,
            Err(refusal) => return refusal,
        };
        let base = chat_url(world, position);
        let document = documents::chat_document(&world.chats[position], &view(world, &base), from);
        Reply::document(200, json!({ "chat": document }))
    })
}

pub fn read_events(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, position| {
        let from = match from(call, world.now) {
            Ok(from) => from,
            Err(refusal) => return refusal,
        };
        let base = chat_url(world, position);
        let chat = &world.chats[position];
        let document = documents::events_document(chat, &view(world, &base), Place::Events, from);
        Reply::document(200, json!({ "events": document }))
    })
}

pub fn read_info(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, position| {
        let base = chat_url(world, position);
        let document = documents::info_document(&world.chats[position], &view(world, &base), Place::Info);
        Reply::document(200, json!({ "info": document }))
    })
}

/// An event that a client posts: exactly one per request.
#[derive(Debug)]
pub enum Posted {
    Line(Value),
    End,
}

/// Reads `{"event": {...}}`; `what` is wrong otherwise.
pub fn posted(body: Option<&Value>) -> Result<Posted, &'static str> {
    let event = body.and_then(|body| body.get("event")).ok_or("The member event is missing")?;
    let kind = event.get("@type").or_else(|| event.get("type")).and_then(Value::as_str);
    match (kind, event.get("state").and_then(Value::as_str)) {
        (Some("line"), _) => Ok(Posted::Line(event.clone())),
        (Some("state"), Some("ended")) => Ok(Posted::End),
        (Some("state"), _) => Err("Illegal state"),
        _ => Err("Illegal event type"),
    }
}

/// The text of a line: a string, or a number as loose clients send it.
pub fn text_of(line: &Value) -> Option<String> {
    match line.get("text")? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub fn add_event(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, position| {
        let added = match posted(call.request.json().as_ref()) {
            Ok(Posted::Line(line)) => add_line(world, position, &line),
            Ok(Posted::End) => end(world, position),
            Err(wrong) => Err(wrong),
        };
        match added {
            Ok(event) => {
                let base = chat_url(world, position);
                let location = documents::event_path(&view(world, &base), &world.chats[position], event);
                Reply::empty(201).with_header("location", location)
            }
            Err(message) => Reply::error(400, 5, message, world.now),
        }
    })
}

fn add_line(world: &mut World, position: usize, line: &Value) -> Result<usize, &'static str> {
    if world.chats[position].state != State::Chatting {
        return Err(NOT_IN_CHAT);
    }
    let text = text_of(line).ok_or("The member text is missing")?;
    Ok(engine::visitor_line(world, position, &text))
}

fn end(world: &mut World, position: usize) -> Result<usize, &'static str> {
    match world.chats[position].state {
        State::Waiting if world.switches.is(Switch::EndWhileWaiting, "refuse") => Err("Cannot end chat while not in chat"),
        State::Ended if world.switches.is(Switch::EndWhenEnded, "refuse") => Err("Chat was ended"),
        State::Ended => Ok(world.chats[position].events.len() - 1),
        _ => Ok(engine::end(world, position, End::Visitor)),
    }
}
