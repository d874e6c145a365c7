//! The journal of requests, which tests read back: what arrived, what was answered, what was given up by the client.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use super::request::{Request, pairs};
use crate::lock;

const CAPACITY: usize = 10_000;
const REDACTED: &str = "(redacted)";

/// Members and parameters whose values never enter the journal.
const SECRETS: [&str; 15] = [
    "password",
    "appKey",
    "appkey",
    "secret",
    "accessToken",
    "accessTokenSecret",
    "assertion",
    "jwt",
    "csrf",
    "bearer",
    "ssoKey",
    "client_secret",
    "code",
    "refresh_token",
    "token",
];

#[derive(Debug)]
struct Entry {
    seq: u64,
    at: i64,
    route: &'static str,
    method: String,
    path: String,
    query: String,
    body_bytes: usize,
    body: Value,
    status: Option<u16>,
    fault: Option<u64>,
    complete: bool,
    aborted: bool,
}

#[derive(Debug, Default)]
struct Book {
    entries: VecDeque<Entry>,
    last_seq: u64,
}

#[derive(Debug, Default)]
pub struct Journal {
    book: Mutex<Book>,
}

impl Journal {
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        lock(&self.book)
    }

    /// Enters a request and returns its guard, which enters how it went.
    pub fn begin(self: &Arc<Self>, route: &'static str, request: &Request, now: i64) -> Guard {
        let mut book = self.book();
        book.last_seq += 1;
        let seq = book.last_seq;
        if book.entries.len() == CAPACITY {
            book.entries.pop_front();
        }
        book.entries.push_back(Entry {
            seq,
            at: now,
            route,
            method: request.method.clone(),
            path: request.path.clone(),
            query: visible_query(&request.raw_query),
            body_bytes: request.body.len(),
            body: visible_body(request),
            status: None,
            fault: None,
            complete: false,
            aborted: false,
        });
        Guard { journal: Arc::clone(self), seq, finished: false }
    }

    fn edit(&self, seq: u64, change: impl FnOnce(&mut Entry)) {
        let mut book = self.book();
        let first = book.entries.front().map_or(u64::MAX, |entry| entry.seq);
        if let Some(position) = seq.checked_sub(first)
            && let Some(entry) = book.entries.get_mut(position as usize)
        {
            change(entry);
        }
    }

    pub fn clear(&self) {
        self.book().entries.clear();
    }

    /// Everything after the entry numbered `since`.
    pub fn to_json(&self, since: u64) -> Value {
        let book = self.book();
        book.entries
            .iter()
            .filter(|entry| entry.seq > since)
            .map(|entry| {
                json!({
                    "seq": entry.seq, "at": crate::times::utc_text(entry.at), "route": entry.route,
                    "method": entry.method, "path": entry.path, "query": entry.query,
                    "body_bytes": entry.body_bytes, "body": entry.body, "status": entry.status,
                    "fault": entry.fault, "complete": entry.complete, "aborted": entry.aborted,
                })
            })
            .collect()
    }
}

/// Held as long as a request is being answered. Dropped before [`Guard::finish`], the client went away.
#[derive(Debug)]
pub struct Guard {
    journal: Arc<Journal>,
    seq: u64,
    finished: bool,
}

impl Guard {
    pub fn answered(&self, status: u16) {
        self.journal.edit(self.seq, |entry| entry.status = Some(status));
    }

    pub fn fault(&self, id: u64) {
        self.journal.edit(self.seq, |entry| entry.fault = Some(id));
    }

    /// The answer is out, or the sandbox itself broke it off.
    pub fn finish(&mut self) {
        self.finished = true;
        self.journal.edit(self.seq, |entry| entry.complete = true);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.finished {
            self.journal.edit(self.seq, |entry| entry.aborted = true);
        }
    }
}

fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name)
}

fn visible_query(raw: &str) -> String {
    raw.split('&').filter(|pair| !is_secret(pair.split('=').next().unwrap_or_default())).collect::<Vec<_>>().join("&")
}

fn visible_body(request: &Request) -> Value {
    if let Some(mut body) = request.json() {
        redact(&mut body);
        return body;
    }
    if request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let text = String::from_utf8_lossy(&request.body);
        let mut form =
            Value::Object(pairs(&text).into_iter().map(|(name, value)| (name, Value::String(value))).collect::<Map<_, _>>());
        redact(&mut form);
        return form;
    }
    Value::Null
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                if is_secret(name) {
                    *value = json!(REDACTED);
                } else {
                    redact(value);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(redact),
        _ => {}
    }
}
