//! The admin interface: clock, faults, journal, switches, truth.

mod script;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::chat::Chat;
use crate::http::journal::Filter;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::{Sandbox, routes, times};

type Answer = Result<Value, String>;

pub async fn handle(sandbox: &Arc<Sandbox>, request: &Request) -> Reply {
    let path: Vec<&str> = request.segments.iter().skip(1).map(String::as_str).collect();
    let answer = match (request.method.as_str(), path.as_slice()) {
        ("GET", ["clock"]) => Ok(clock(sandbox)),
        ("POST", ["clock"]) => body(request).and_then(|body| move_clock(sandbox, &body)),
        ("GET", ["faults"]) => Ok(sandbox.faults().to_json()),
        ("POST", ["faults"]) => body(request).and_then(|body| sandbox.faults().add(body, routes::is_known)),
        ("DELETE", ["faults"]) => {
            sandbox.faults().clear();
            Ok(json!({}))
        }
        ("GET", ["routes"]) => Ok(routes::to_json()),
        ("GET", ["requests"]) => filter(request).map(|filter| sandbox.journal.to_json(&filter)),
        ("GET", ["requests", "counts"]) => Ok(sandbox.journal.counts()),
        ("DELETE", ["requests"]) => {
            sandbox.journal.clear();
            Ok(json!({}))
        }
        ("GET", ["chats"]) => Ok(chats(sandbox, request)),
        ("POST", ["chats", key, "steps"]) => body(request).and_then(|body| script::run_steps(sandbox, key, &body)),
        ("GET", ["script"]) => Ok(script::current(sandbox)),
        ("POST", ["script"]) => body(request).and_then(|body| script::replace(sandbox, body)),
        ("DELETE", ["script"]) => Ok(script::remove(sandbox)),
        ("GET", ["switches"]) => Ok(sandbox.act(|world| world.switches.to_json())),
        ("POST", ["switches"]) => body(request).and_then(|body| set_switches(sandbox, &body)),
        ("POST", ["reset"]) => sandbox.reset().await.map(|()| json!({})),
        ("POST", ["history"]) => match body(request) {
            Ok(body) => sandbox.history.insert_posted(body).await,
            Err(wrong) => Err(wrong),
        },
        ("GET", ["history", "keys"]) => history_keys(sandbox, request).await,
        _ => return Reply::json(404, &json!({"error": "no such admin call; see the sandbox's README, \"Admin interface\""})),
    };
    match answer {
        Ok(value) => Reply::json(200, &value),
        Err(message) => Reply::admin_error(&message),
    }
}

fn body(request: &Request) -> Answer {
    request.json().ok_or_else(|| "the body is not JSON".to_owned())
}

fn filter(request: &Request) -> Result<Filter, String> {
    let mut filter = Filter::default();
    for (name, value) in &request.query {
        let wrong = |rule: &str| format!("{name} must be {rule}, not '{value}'");
        match name.as_str() {
            "since" => filter.since = value.parse().map_err(|_| wrong("a sequence number"))?,
            "route" if routes::is_known(value) => filter.route = Some(value.clone()),
            "route" => return Err(wrong("a route name or a prefix with *: see GET /admin/routes")),
            "path" => filter.path = Some(value.clone()),
            "status" => filter.status = Some(value.parse().map_err(|_| wrong("a status"))?),
            "faulty" => filter.faulty = Some(value.parse().map_err(|_| wrong("true or false"))?),
            _ => return Err(format!("'{name}' is none of since, route, path, status, faulty")),
        }
    }
    Ok(filter)
}

/// All chats, or those with an id, in a state or asked for at an address.
fn chats(sandbox: &Sandbox, request: &Request) -> Value {
    let (key, state, referrer) = (request.query("chat"), request.query("state"), request.query("referrer"));
    let wanted = |chat: &&Chat| {
        key.is_none_or(|key| chat.key == key)
            && state.is_none_or(|state| chat.state_name() == state)
            && (referrer.is_none() || chat.request.referrer.as_deref() == referrer)
    };
    sandbox.act(|world| world.chats.iter().filter(wanted).map(Chat::truth).collect())
}

fn clock(sandbox: &Sandbox) -> Value {
    json!({"now": times::utc_text(sandbox.clock.now()), "now_ms": sandbox.clock.now(), "frozen": sandbox.clock.is_frozen()})
}

/// Applies `freeze`, `set` and `advance_ms`, in this order, and runs what falls due on the way.
fn move_clock(sandbox: &Sandbox, body: &Value) -> Answer {
    let map = body.as_object().ok_or("an object with freeze, set or advance_ms is needed")?;
    let mut target = None;
    for (name, value) in map {
        match (name.as_str(), value) {
            ("freeze", Value::Bool(true)) => sandbox.clock.freeze(),
            ("freeze", Value::Bool(false)) => sandbox.clock.run(),
            ("set", Value::String(text)) => {
                let wrong = || format!("set must be a moment such as 2026-11-22T12:00:00Z, not '{text}'");
                target = Some(times::parse(text).ok_or_else(wrong)?);
            }
            ("advance_ms", Value::Number(_)) => {}
            _ => return Err(format!("'{name}' is not freeze (boolean), set (text) or advance_ms (number), or has another type")),
        }
    }
    if let Some(ms) = map.get("advance_ms").and_then(Value::as_i64) {
        target = Some(target.unwrap_or_else(|| sandbox.clock.now()).saturating_add(ms));
    }
    if let Some(target) = target {
        if !(0..times::LATEST).contains(&target) {
            return Err("the clock goes from 1970 to 9999".to_owned());
        }
        sandbox.clock.set(target);
    }
    sandbox.act(|_| ());
    sandbox.wake.notify_one();
    Ok(clock(sandbox))
}

fn set_switches(sandbox: &Sandbox, body: &Value) -> Answer {
    let map = body.as_object().ok_or("an object of switch names and values is needed")?;
    sandbox.act(|world| {
        let mut changed = world.switches.clone();
        for (name, value) in map {
            changed.set_json(name, value)?;
        }
        world.switches = changed;
        // A chat that waited for want of an agent or of a slot may have one now.
        crate::chat::queue::route_all(world);
        Ok(world.switches.to_json())
    })
}

/// The keys of all records whose chat started in a range, in order: what a complete read must find.
async fn history_keys(sandbox: &Arc<Sandbox>, request: &Request) -> Answer {
    let bound =
        |name: &str, default: i64| match request.query(name) {
            None => Ok(default),
            Some(text) => text.parse().ok().or_else(|| times::parse(text)).ok_or_else(|| {
                format!("{name} must be epoch milliseconds or a moment such as 2026-11-22T12:00:00Z, not '{text}'")
            }),
        };
    sandbox.history.keys(bound("from", i64::MIN)?, bound("to", i64::MAX)?).await
}
