//! The directory: docs/protocol/domain-api.md.

use serde_json::{Value, json};

use crate::http::reply::Reply;
use crate::routes::Call;
use crate::switches::Switch;
use crate::world::World;

/// Every service that the sandbox serves, or whose name clients look up.
const SERVICES: [&str; 11] = [
    "conversationVep",
    "agentVep",
    "engHistDomain",
    "smt",
    "sentinel",
    "idp",
    "accountConfigReadOnly",
    "accountConfigReadWrite",
    "acCdnDomain",
    "leDataReporting",
    "liveEngageUI",
];

/// The list form of the answer; the login answer embeds it too.
pub fn base_uris(world: &World) -> Value {
    SERVICES.iter().map(|service| entry(world, service)).collect()
}

fn entry(world: &World, service: &str) -> Value {
    json!({"service": service, "account": world.identity.account, "baseURI": world.identity.host()})
}

/// Refuses another account or a missing version.
fn refusal(world: &World, call: &Call) -> Option<Reply> {
    if call.account() != world.identity.account {
        let status = world.switches.status(Switch::UnknownAccount);
        let message = format!("Invalid Account id: {}", call.account());
        return Some(Reply::error(status, 6, &message, world.now));
    }
    let version = call.request.query("version");
    if version != Some("1.0") && world.switches.is_on(Switch::DomainRequiresVersion) {
        return Some(Reply::error(400, 33, "Illegal Version", world.now));
    }
    None
}

pub fn all_services(world: &mut World, call: &Call) -> Reply {
    refusal(world, call).unwrap_or_else(|| Reply::json(200, &json!({"baseURIs": base_uris(world)})))
}

/// Service names are case-sensitive; an unknown one is 404 with a JSON error.
pub fn one_service(world: &mut World, call: &Call) -> Reply {
    if let Some(refusal) = refusal(world, call) {
        return refusal;
    }
    let service = call.param("service");
    if SERVICES.contains(&service) {
        Reply::json(200, &entry(world, service))
    } else {
        Reply::error(404, 28, &format!("Service not found: {service}"), world.now)
    }
}
