//! Faults in the content of an answer.

use serde_json::{Value, json};

use super::faults::Action;
use super::reply::Reply;

/// The answer that the action puts in place of the service's, if it does so.
pub fn replacement(action: &Action) -> Option<Reply> {
    let reply = if let Some(target) = &action.redirect {
        Reply::empty(action.status.unwrap_or(302)).with_header("location", target.clone())
    } else if action.garbage {
        Reply::text(200, "application/json", b"\xFF\x00{not json\x01]".to_vec())
    } else if action.html {
        Reply::text(502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>")
    } else if action.empty {
        Reply::text(200, "application/json", Vec::new())
    } else {
        let status = action.status?;
        match (&action.json, &action.body) {
            (Some(json), _) => Reply::json(status, json),
            (None, Some(text)) => Reply::text(status, "text/plain", text.clone()),
            (None, None) => Reply::empty(status),
        }
    };
    Some(with_headers(reply, action))
}

/// The service's answer, changed as the action says.
pub fn changed(reply: Reply, action: &Action) -> Reply {
    let mut reply = with_headers(reply, action);
    if let Some(body) = &action.json {
        reply.body = body.to_string().into_bytes();
    }
    if action.wrong_types {
        edit(&mut reply, |body| *body = swapped(body));
    }
    if let Some(bytes) = action.big_line {
        edit(&mut reply, |body| enlarge(body, bytes));
    }
    if action.gzip_truncated {
        reply.body = truncated_gzip(&reply.body);
        reply.headers.push(("content-encoding", "gzip".to_owned()));
    }
    reply
}

fn with_headers(mut reply: Reply, action: &Action) -> Reply {
    for (name, value) in &action.headers {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        reply.extra_headers.push((name.clone(), value));
    }
    reply
}

fn edit(reply: &mut Reply, change: impl FnOnce(&mut Value)) {
    if let Ok(mut body) = serde_json::from_slice(&reply.body) {
        change(&mut body);
        reply.body = body.to_string().into_bytes();
    }
}

/// The same document with every scalar of another type.
fn swapped(value: &Value) -> Value {
    match value {
        Value::Null => json!(0),
        Value::Bool(flag) => json!(["bool", flag]),
        Value::Number(number) => json!({ "value": number }),
        Value::String(text) => json!([text.len()]),
        Value::Array(list) => list.iter().map(swapped).collect(),
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), swapped(value))).collect(),
    }
}

/// Makes the first `text` member as long as asked, or adds one to the outermost object.
fn enlarge(body: &mut Value, bytes: usize) {
    let long = "x".repeat(bytes);
    match find_text(body) {
        Some(text) => *text = Value::String(long),
        None => {
            if let Some(map) = body.as_object_mut() {
                map.insert("text".to_owned(), Value::String(long));
            }
        }
    }
}

fn find_text(value: &mut Value) -> Option<&mut Value> {
    match value {
        Value::Array(list) => list.iter_mut().find_map(find_text),
        Value::Object(map) => {
            if map.contains_key("text") {
                return map.get_mut("text");
            }
            map.values_mut().find_map(find_text)
        }
        _ => None,
    }
}

/// A gzip stream of one stored block (RFC 1951, section 3.2.4) that ends in the middle of it.
fn truncated_gzip(body: &[u8]) -> Vec<u8> {
    let length = body.len().min(usize::from(u16::MAX));
    let mut bytes = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend((!(length as u16)).to_le_bytes());
    bytes.extend(&body[..length / 2]);
    bytes
}
