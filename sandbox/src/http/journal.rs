//! The journal of requests, which tests read back: what arrived, what was answered, what was given up by the client.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use super::faults::pattern_fits;
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
    host: String,
    path: String,
    query: String,
    body_bytes: usize,
    body: Value,
    status: Option<u16>,
    fault: Option<u64>,
    complete: bool,
    aborted: bool,
}

/// Which entries are wanted.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only those after the entry with this number.
    pub since: u64,
    /// A route name, or several with `*` at the end.
    pub route: Option<String>,
    /// A part of the path, such as a chat id.
    pub path: Option<String>,
    pub status: Option<u16>,
    /// Only those that a fault plan met, or only the others.
    pub faulty: Option<bool>,
}

impl Filter {
    fn passes(&self, entry: &Entry) -> bool {
        entry.seq > self.since
            && self.route.as_ref().is_none_or(|pattern| pattern_fits(pattern, entry.route))
            && self.path.as_ref().is_none_or(|part| entry.path.contains(part))
            && self.status.is_none_or(|status| entry.status == Some(status))
            && self.faulty.is_none_or(|faulty| entry.fault.is_some() == faulty)
    }
}

#[derive(Debug, Default)]
struct Book {
    entries: VecDeque<Entry>,
    last_seq: u64,
    /// Requests by route and status since the start; those without an answer have no status.
    counts: BTreeMap<&'static str, BTreeMap<Option<u16>, u64>>,
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
            host: request.header("host").unwrap_or_default().to_owned(),
            path: request.path.clone(),
            query: visible_query(&request.raw_query),
            body_bytes: request.body.len(),
            body: visible_body(request),
            status: None,
            fault: None,
            complete: false,
            aborted: false,
        });
        Guard { journal: Arc::clone(self), seq, route, answered: false, finished: false }
    }

    fn count(&self, route: &'static str, status: Option<u16>) {
        *self.book().counts.entry(route).or_default().entry(status).or_default() += 1;
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
        let mut book = self.book();
        book.entries.clear();
        book.counts.clear();
    }

    /// How many requests of each route came to which end, also those that the journal no longer holds.
    pub fn counts(&self) -> Value {
        let name = |status: Option<u16>| status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        let statuses = |counts: &BTreeMap<Option<u16>, u64>| {
            counts.iter().map(|(status, count)| (name(*status), json!(count))).collect::<Map<_, _>>()
        };
        self.book().counts.iter().map(|(route, counts)| ((*route).to_owned(), Value::Object(statuses(counts)))).collect()
    }

    /// The entries that a filter lets pass, in order.
    pub fn to_json(&self, filter: &Filter) -> Value {
        let book = self.book();
        book.entries
            .iter()
            .filter(|entry| filter.passes(entry))
            .map(|entry| {
                json!({
                    "seq": entry.seq, "at": crate::times::utc_text(entry.at), "route": entry.route,
                    "method": entry.method, "host": entry.host, "path": entry.path, "query": entry.query,
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
    route: &'static str,
    answered: bool,
    finished: bool,
}

impl Guard {
    pub fn answered(&mut self, status: u16) {
        self.answered = true;
        self.journal.count(self.route, Some(status));
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
        if !self.answered {
            self.journal.count(self.route, None);
        }
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
