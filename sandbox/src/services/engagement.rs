//! Visitor sessions and engagements: docs/protocol/visitor-chat-api.md, "Visitor session and engagement".

use serde_json::{Value, json};

use crate::http::reply::Reply;
use crate::identity::SKILLS;
use crate::routes::Call;
use crate::switches::Switch;
use crate::world::World;

/// This host's errors have no wrapper, and their time is a number.
fn error(world: &World, status: u16, code: i64, message: &str) -> Reply {
    Reply::json(status, &json!({"time": world.now, "message": message, "internalCode": code}))
}

fn refusal(world: &World, call: &Call) -> Option<Reply> {
    if call.account() != world.identity.account {
        return Some(error(world, 400, 6, &format!("Invalid Account id: {}", call.account())));
    }
    (call.request.query("v") != Some("1.0")).then(|| error(world, 400, 33, "Illegal Version"))
}

/// Creates a visit, or goes on with one when visitor and session belong together.
pub fn create(world: &mut World, call: &Call) -> Reply {
    if let Some(refusal) = refusal(world, call) {
        return refusal;
    }
    let body = call.request.json();
    let app_type = body.as_ref().and_then(|body| body.get("appType")).and_then(Value::as_str);
    if !app_type.is_some_and(|kind| ["EXTERNAL", "MSDK"].contains(&kind)) {
        return error(world, 400, 5, "Illegal value for appType");
    }
    let (number, mut random) = world.issue("visit");
    let known = Some(call.param("visitor")).filter(|visitor| !visitor.is_empty());
    let visitor = known.map_or_else(|| random.tag_id(), str::to_owned);
    if number <= world.switches.number(Switch::LoadingAccountCalls) as u64 {
        let message = format!("Loading account: {}, vid: {visitor}", world.identity.account);
        return error(world, 500, 20, &message);
    }
    let asked = call.request.query("sid");
    let session = match world.visits.get(&visitor) {
        Some(session) if asked == Some(session.as_str()) => session.clone(),
        _ => random.tag_id(),
    };
    world.visits.insert(visitor.clone(), session.clone());
    let page = random.between(4_000_000_000, 4_999_999_999).to_string();
    let mut body = json!({"status": "NotAvailable", "sessionId": session, "visitorId": visitor, "pageId": page});
    if world.switches.is_on(Switch::EngagementAvailable) {
        body["status"] = json!("Available");
        body["engagementDetails"] = details(world, number);
    }
    Reply::json(200, &body)
}

fn details(world: &World, context: u64) -> Value {
    let mut details = json!({
        "campaignId": "26948813", "engagementId": "27469613", "engagementRevision": 1,
        "contextId": context.to_string(), "windowId": "26949113", "language": "en-US", "validForSeconds": 900,
        "skillId": SKILLS[0].id, "skillName": SKILLS[0].name,
    });
    if world.switches.is_on(Switch::AuthenticatedEngagement) {
        details["connectorId"] = json!(568_046_210);
    }
    details
}

pub fn update(world: &mut World, call: &Call) -> Reply {
    if let Some(refusal) = refusal(world, call) {
        return refusal;
    }
    let session = world.visits.get(call.param("visitor")).map(String::as_str);
    if session.is_none() || session != call.request.query("sid") {
        return error(world, 401, 10, "Unauthorized account access");
    }
    let body = call.request.json();
    if !body.as_ref().and_then(|body| body.get("pageId")).is_some_and(Value::is_string) {
        return error(world, 400, 5, "The member pageId is missing");
    }
    Reply::empty(200)
}
