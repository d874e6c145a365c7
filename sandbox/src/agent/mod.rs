//! The agent's side: docs/protocol/agent-chat-api.md.

pub mod account;
pub mod chats;
pub mod details;
pub mod session;

use serde_json::Value;

use crate::chat::documents::{Dialect, Side, View};
use crate::chat::engine;
use crate::http::reply::Reply;
use crate::identity::Agent;
use crate::routes::Call;
use crate::switches::Switch;
use crate::world::World;

/// What every agent call must bring: bearer, account, version where the switch asks for it, JSON.
pub fn refusal(world: &World, call: &Call) -> Option<Reply> {
    let request = &call.request;
    if request.bearer().and_then(|bearer| world.login(bearer)).is_none() {
        return Some(Reply::token_rejected());
    }
    if call.account() != world.identity.account {
        let status = world.switches.status(Switch::UnknownAccount);
        return Some(Reply::error(status, 6, &format!("Invalid Account id: {}", call.account()), world.now));
    }
    if world.switches.is(Switch::RequireVersion, "both") && request.query("v").as_deref() != Some("1") {
        return Some(Reply::error(400, 33, "Illegal Version", world.now));
    }
    (!request.wants_json()).then(Reply::not_xml)
}

/// The user behind the bearer; [`refusal`] has made sure that there is one.
fn user(world: &World, call: &Call) -> Option<&'static Agent> {
    call.request.bearer().and_then(|bearer| world.login(bearer)).map(|login| login.user)
}

fn bad_request(world: &World, message: &str) -> Reply {
    Reply::error(400, 5, message, world.now)
}

/// Runs a call on the agent session that the path names, if it lives and belongs to the user.
pub fn on_session(world: &mut World, call: &Call, act: impl FnOnce(&mut World, &str) -> Reply) -> Reply {
    let id = call.param("session");
    let user = user(world, call);
    let now = world.now;
    let cookie_required = world.switches.is_on(Switch::AgentCookieRequired);
    let found = world.sessions.get_mut(id).filter(|session| user.is_some_and(|user| user.id == session.user.id));
    let Some(session) = found else {
        return Reply::error(404, 12, "Agent session was not found", now);
    };
    if cookie_required && call.request.cookie(&cookie_name(id)) != Some(session.cookie.as_str()) {
        return Reply::token_rejected();
    }
    session.last_request = now;
    act(world, id)
}

/// The cookie belongs to one agent session.
pub fn cookie_name(session: &str) -> String {
    format!("AgentSession_{session}")
}

/// Runs a call on a chat that this session's agent has or had.
pub fn on_chat(world: &mut World, call: &Call, act: impl FnOnce(&mut World, &Place) -> Reply) -> Reply {
    on_session(world, call, |world, session| {
        let user = world.sessions[session].user;
        let found = world.find_chat(call.param("chat")).filter(|chat| world.chats[*chat].was_served_by(user));
        let Some(chat) = found else {
            return Reply::error(404, 12, "Chat session was not found", world.now);
        };
        if world.switches.is_on(Switch::AgentRequestsRenew) {
            engine::touch(world, chat);
        }
        let base = chat_url(world, session, chat);
        act(world, &Place { chat, user, base })
    })
}

/// The chat that a call is about.
#[derive(Debug)]
pub struct Place {
    pub chat: usize,
    pub user: &'static Agent,
    /// URL of the chat under the agent session.
    pub base: String,
}

pub fn session_url(world: &World, session: &str) -> String {
    format!("{}/agentSession/{session}", world.identity.account_url())
}

pub fn chat_url(world: &World, session: &str, chat: usize) -> String {
    format!("{}/chat/{}", session_url(world, session), world.chats[chat].key)
}

pub fn view<'a>(world: &'a World, base: &'a str, dialect: Dialect) -> View<'a> {
    View { side: Side::Agent, dialect, base, switches: &world.switches }
}

/// A creation's answer: a link under `wrapper`, and a Location header where the switch says so.
pub fn created(world: &World, status: u16, wrapper: &str, href: &str) -> Reply {
    let link = crate::chat::documents::link(Dialect::Attributes, href, "location");
    let reply = Reply::json(status, &serde_json::json!({ wrapper: { "link": link } }));
    if world.switches.is_on(Switch::AgentLocationHeader) { reply.with_header("location", href) } else { reply }
}

/// The dialect of lists of chats.
pub fn listing_dialect(world: &World) -> Dialect {
    if world.switches.is(Switch::MultiChatDialect, "attributes") { Dialect::Attributes } else { Dialect::Plain }
}

/// A list of chats in that dialect: collapsed where attributes are.
pub fn listed(world: &World, items: Vec<Value>) -> Value {
    match listing_dialect(world) {
        Dialect::Plain => Value::Array(items),
        Dialect::Attributes => crate::chat::documents::list(&world.switches, items).unwrap_or_default(),
    }
}
