//! Resources that are known by their link only. What they hold is not published: here it is a link to themselves.

use serde_json::json;

use super::{chat_url, on_chat};
use crate::chat::documents::{self, Dialect};
use crate::http::reply::Reply;
use crate::routes::Call;
use crate::switches::Switch;
use crate::world::World;

/// Only where the chat links to it.
pub fn visit_session(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, chat| {
        if !world.switches.is_on(Switch::VisitSessionLink) {
            return Reply::unknown_path(&call.request.path, world.now);
        }
        let href = format!("{}/visitSession", chat_url(world, chat));
        Reply::json(200, &json!({"visitSession": {"link": documents::link(Dialect::Attributes, &href, "self")}}))
    })
}
