//! Scripts at run time: what scripted agents do, and steps for one chat at once.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Answer;
use crate::Sandbox;
use crate::chat::{State, scripted};
use crate::script::read;

/// The script in use, `null` without one.
pub fn current(sandbox: &Sandbox) -> Value {
    sandbox.act(|world| world.script.as_ref().map_or(Value::Null, |script| script.source.clone()))
}

pub fn replace(sandbox: &Sandbox, source: Value) -> Answer {
    let script = Arc::new(read::from_json(source)?);
    sandbox.act(|world| world.script = Some(script));
    Ok(json!({}))
}

/// Scripted agents answer in their own words again.
pub fn remove(sandbox: &Sandbox) -> Value {
    sandbox.act(|world| world.script = None);
    json!({})
}

/// Lets whoever serves a chat, by script or not, do some steps now.
pub fn run_steps(sandbox: &Sandbox, key: &str, body: &Value) -> Answer {
    let steps = read::steps(body, "steps")?;
    sandbox.act(|world| {
        let chat = world.find_chat(key).ok_or_else(|| format!("there is no chat '{key}': GET /admin/chats lists them"))?;
        match world.chats[chat].state {
            State::Chatting => scripted::begin(world, chat, steps, ""),
            other => return Err(format!("nobody serves this chat, which is {}: steps need an agent", other.name())),
        }
        Ok(json!({}))
    })
}
