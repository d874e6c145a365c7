//! An account with a history of its own, on a server of its own, and clients of it on a disk of their own.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lpchat::environment::{Clock, Environment, Waiting};
use lpchat::{Client, ClientOptions, ExportFormat, SearchQuery, Timestamp};
use serde_json::{Value, json};

use crate::disk::Disk;
use crate::server::{Answer, Asked, Server};

pub const HOUR: i64 = 3_600_000;
pub const DAY: i64 = 24 * HOUR;
const GRID: i64 = 600_000;
/// 2026-03-02.
pub const MONDAY: i64 = 1_772_409_600_000;
pub const FOLDER: &str = "/data/chats";

/// The records of the account, and what its server does with them.
pub struct Account {
    records: Arc<Mutex<Vec<Value>>>,
    server: Server,
    now: Arc<AtomicI64>,
}

pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A record with lines, an attribute and a survey, so that several tables have rows.
pub fn record(id: i64, start: i64) -> Value {
    let line = |number: i64| json!({ "by": "agent", "source": "agent", "text": format!("line {number} of {id}"), "timeL": start + number });
    json!({
        "info": {
            "engagementId": id.to_string(), "accountId": "70481526", "engagementSet": 1, "engagementSequence": 1,
            "startTimeL": start, "endTimeL": start + 60_000, "duration": 60, "skillId": 5, "visitorName": format!("visitor {id}"),
        },
        "transcript": { "lines": [line(1), line(2)] },
        "sdes": { "events": [{ "sdeType": "PURCHASE", "purchase": { "total": 12.5, "currency": "EUR", "orderId": id.to_string() } }] },
    })
}

fn start(record: &Value) -> i64 {
    record["info"]["startTimeL"].as_i64().unwrap()
}

fn page(records: &[Value], asked: &Asked) -> Answer {
    let bound = |name: &str| asked.body["start"][name].as_i64().unwrap();
    let (from, to) = (bound("from").div_euclid(GRID) * GRID, -(-bound("to")).div_euclid(GRID) * GRID);
    let mut found: Vec<&Value> = records.iter().filter(|record| (from..=to).contains(&start(record))).collect();
    found.sort_by_key(|record| (start(record), record["info"]["engagementId"].to_string()));
    let page: Vec<&Value> = found.iter().skip(asked.number("offset")).take(asked.number("limit")).copied().collect();
    Answer::json(&json!({ "_metadata": { "count": found.len() }, "interactionHistoryRecords": page }))
}

impl Account {
    pub fn new(records: Vec<Value>) -> Self {
        Self::answering(records, |_| None)
    }

    /// An account whose server answers with what `trouble` says, where that says something.
    pub fn answering(records: Vec<Value>, trouble: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let records = Arc::new(Mutex::new(records));
        let shared = Arc::clone(&records);
        let server = Server::start(move |asked| match trouble(asked) {
            _ if asked.path.contains("/baseURI") => Answer::status(500),
            Some(answer) => answer,
            None => page(&shared.lock().unwrap(), asked),
        });
        Self { records, server, now: Arc::new(AtomicI64::new(MONDAY + 30 * DAY)) }
    }

    /// A week with some records on each day but one.
    pub fn week() -> Self {
        let days = (0..7).filter(|day| *day != 3);
        let records = days
            .flat_map(|day| (0..5 + day).map(move |number| record(day * 100 + number, MONDAY + day * DAY + number * 2 * HOUR)));
        Self::new(records.collect())
    }

    pub fn add(&self, record: Value) {
        self.records.lock().unwrap().push(record);
    }

    pub fn change(&self, change: impl Fn(&mut Value)) {
        self.records.lock().unwrap().iter_mut().for_each(change);
    }

    pub fn set_now(&self, now: i64) {
        self.now.store(now, Ordering::SeqCst);
    }

    /// How many requests were made.
    pub fn asked(&self) -> usize {
        self.server.asked().len()
    }

    pub fn client(&self, disk: &Disk) -> Client {
        let clock = TestClock { now: Arc::clone(&self.now), begun: Instant::now() };
        let environment = Environment { clock: Arc::new(clock), files: Arc::new(disk.clone()), ..Environment::default() };
        let line: Value = serde_json::from_str(&self.server.configuration()).unwrap();
        let options = ClientOptions {
            sandbox: Some(line.to_string().into()),
            bearer: Some("bearer".into()),
            domains: [("engHistDomain".to_owned(), self.server.host())].into(),
            history_reread_pauses: vec![Duration::from_millis(1)],
            server_error_pauses: vec![Duration::from_millis(1)],
            ..ClientOptions::default()
        };
        Client::with_environment(options, environment).unwrap()
    }
}

/// A clock whose date is set; pauses pass at once.
pub struct TestClock {
    now: Arc<AtomicI64>,
    begun: Instant,
}

impl TestClock {
    pub fn at(now: i64) -> Self {
        Self { now: Arc::new(AtomicI64::new(now)), begun: Instant::now() }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn pause(&self, _: Duration) -> Waiting {
        Box::pin(std::future::ready(()))
    }

    fn limit(&self, duration: Duration) -> Waiting {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The range from a day of the week to another one.
pub fn days(first: i64, end: i64) -> SearchQuery {
    SearchQuery { start: Some(at(MONDAY + first * DAY)), end: Some(at(MONDAY + end * DAY)), ..SearchQuery::default() }
}

/// Both formats.
pub const FORMATS: [ExportFormat; 2] = [ExportFormat::JsonLines, ExportFormat::Parquet];
