//! Resources that are known by their link only. What they hold is not published: here it is a link to themselves.

use serde_json::json;

use super::on_chat;
use crate::chat::documents::{self, Dialect};
use crate::http::reply::Reply;
use crate::routes::Call;
use crate::world::World;

pub fn collaboration_channels(world: &mut World, call: &Call) -> Reply {
    itself(world, call, "collaborationChannels")
}

pub fn transfer_account(world: &mut World, call: &Call) -> Reply {
    itself(world, call, "transferAccount")
}

fn itself(world: &mut World, call: &Call, name: &str) -> Reply {
    on_chat(world, call, |_, place| {
        let link = documents::link(Dialect::Attributes, &format!("{}/{name}", place.base), "self");
        Reply::json(200, &json!({ name: { "link": link } }))
    })
}
