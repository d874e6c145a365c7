//! The visitor's side: docs/protocol/visitor-chat-api.md.

pub mod account;
pub mod chat;
pub mod links;
pub mod settings;
pub mod start;
pub mod surveys;

use crate::chat::documents::{Dialect, Side, View};
use crate::chat::engine;
use crate::http::reply::Reply;
use crate::routes::Call;
use crate::switches::Switch;
use crate::world::World;

/// What every visitor call must bring, in the order in which the sandbox looks: account, version, key, JSON.
pub fn refusal(world: &World, call: &Call) -> Option<Reply> {
    let request = &call.request;
    if call.account() != world.identity.account {
        let status = world.switches.status(Switch::UnknownAccount);
        return Some(Reply::error(status, 6, &format!("Invalid Account id: {}", call.account()), world.now));
    }
    if !world.switches.is(Switch::RequireVersion, "none") && request.query("v") != Some("1") {
        return Some(Reply::error(400, 33, "Illegal Version", world.now));
    }
    if let Some(refusal) = key_refusal(world, call) {
        return Some(refusal);
    }
    (!request.wants_json()).then(Reply::not_xml)
}

/// "Authorization": the key in the header, or in the query in either capitalisation.
fn key_refusal(world: &World, call: &Call) -> Option<Reply> {
    let request = &call.request;
    let given = match request.header("authorization") {
        Some(header) => match header.strip_prefix("LivePerson appKey=") {
            Some(key) => Some(key.trim()),
            None => {
                let message = "Bad authorization request. general_problem=unknown_authorization_type\
                               &general_problem_advice=unknown authorization type received";
                return Some(Reply::error(401, 5, message, world.now));
            }
        },
        None => request.query("appKey").or_else(|| request.query("appkey")),
    };
    (given != Some(world.identity.app_key.as_str())).then(|| Reply::error(401, 10, "Unauthorized account access", world.now))
}

/// The chat that the path names, or 404.
fn find(world: &World, call: &Call) -> Result<usize, Reply> {
    world.find_chat(call.param("chat")).ok_or_else(|| Reply::error(404, 12, "Chat session was not found", world.now))
}

/// Runs a call on the chat that the path names. Only an accepted request renews the idle limit.
pub fn on_chat(world: &mut World, call: &Call, act: impl FnOnce(&mut World, usize) -> Reply) -> Reply {
    let position = match find(world, call) {
        Ok(position) => position,
        Err(refusal) => return refusal,
    };
    let before = world.chats[position].last_update;
    engine::touch(world, position);
    let reply = act(world, position);
    if !reply.is_success() {
        world.chats[position].last_update = before;
    }
    reply
}

pub fn chat_url(world: &World, position: usize) -> String {
    format!("{}/chat/{}", world.home_url(), world.chats[position].key)
}

pub fn view<'a>(world: &'a World, base: &'a str) -> View<'a> {
    View { side: Side::Visitor, dialect: Dialect::Attributes, base, switches: &world.switches }
}
