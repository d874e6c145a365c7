//! Name, typing, transcript, custom variables: docs/protocol/visitor-chat-api.md, "Name and typing", "Transcript".

use serde_json::{Value, json};

use super::on_chat;
use crate::chat::State;
use crate::chat::documents::{self, Side};
use crate::http::reply::Reply;
use crate::routes::Call;
use crate::switches::Switch;
use crate::world::World;

fn refuse(world: &World, message: &str) -> Reply {
    Reply::error(400, 5, message, world.now)
}

/// The text of a member, or nothing when the body is another.
pub fn member(call: &Call, name: &str) -> Option<String> {
    call.request.json()?.get(name)?.as_str().map(str::to_owned)
}

/// Reads `typing` or `not-typing`.
pub fn typing_state(call: &Call, name: &str) -> Option<bool> {
    match member(call, name)?.as_str() {
        "typing" => Some(true),
        "not-typing" => Some(false),
        _ => None,
    }
}

pub fn name(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, chat| {
        Reply::json(200, &json!({"visitorName": documents::visitor_name(&world.chats[chat], Side::Visitor)}))
    })
}

pub fn set_name(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, chat| {
        let Some(name) = member(call, "visitorName") else {
            return refuse(world, "The member visitorName is missing");
        };
        if world.chats[chat].state == State::Ended {
            return refuse(world, "Cannot set visitor's name. Chat was ended");
        }
        world.chats[chat].visitor_name = Some(name);
        Reply::empty(world.switches.status(Switch::SetNameStatus))
    })
}

pub fn visitor_typing(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, chat| {
        Reply::json(200, &json!({"visitorTyping": documents::typing(world.chats[chat].visitor_typing)}))
    })
}

/// Legal only while chatting; the message says "ended" while waiting too, as reported.
pub fn set_visitor_typing(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, chat| {
        let Some(typing) = typing_state(call, "visitorTyping") else {
            return refuse(world, "visitorTyping must be typing or not-typing");
        };
        if world.chats[chat].state != State::Chatting {
            return refuse(world, "Cannot set visitor's typing status. Chat was ended");
        }
        world.chats[chat].visitor_typing = typing;
        Reply::empty(200)
    })
}

pub fn agent_typing(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, chat| {
        Reply::json(200, &json!({"agentTyping": documents::typing(world.chats[chat].agent_typing)}))
    })
}

/// Both forms of the transcript request; what the one with subject takes is not documented.
pub fn transcript(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, chat| {
        let Some(body) = call.request.json().filter(is_transcript_request) else {
            return refuse(world, "Illegal value for email or timezoneOffset");
        };
        world.chats[chat].transcripts.push(body);
        Reply::empty(200)
    })
}

fn is_transcript_request(body: &Value) -> bool {
    let email = body.get("email").and_then(Value::as_str);
    email.is_some_and(|email| email.split('@').filter(|part| !part.is_empty()).count() == 2)
        && body.get("timezoneOffset").is_none_or(Value::is_number)
}

/// Deprecated and declared unsupported; kept because old clients send it.
pub fn custom_variables(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, chat| match call.request.json().and_then(|body| body.get("customVariables").cloned()) {
        Some(variables) => {
            world.chats[chat].request.custom_variables = variables;
            Reply::empty(200)
        }
        None => refuse(world, "The member customVariables is missing"),
    })
}
