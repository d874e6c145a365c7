//! Searches of a sandbox in which everything goes wrong at once: either every record of the range comes, once and in order,
//! or the report names the windows that lack some. There is no third outcome.
//!
//! `LPCHAT_HISTORY_SEEDS` says how many seeds are tried; a seed that fails is printed.

mod server;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use lpchat::{Client, ClientOptions, Code, Engagement, HistoryReport, SearchQuery, Timestamp};
use serde_json::{Value, json};

const DEFAULT_SEEDS: u64 = 100;
/// 2026-06-15, the sandbox's base date.
const BASE: i64 = 1_781_481_600_000;
const DAY: i64 = 86_400_000;

struct Sandbox {
    child: Child,
    line: String,
    host: String,
}

impl Sandbox {
    fn start() -> Self {
        let program = std::env::var("LPCHAT_SANDBOX")
            .expect("this test talks to a sandbox: set LPCHAT_SANDBOX to its executable (cargo build -p lpchat-sandbox)");
        let mut child = Command::new(program)
            .args(["--seed", "11", "--base-date", "2026-06-15", "--engagements", "5000"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let config: Value = serde_json::from_str(&line).unwrap();
        let host = config["admin_origin"].as_str().unwrap().trim_start_matches("http://").to_owned();
        Self { child, line, host }
    }

    fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let (body, host) = (body.to_string(), &self.host);
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n");
        stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let (mut status, mut length) = (String::new(), 0);
        reader.read_line(&mut status).unwrap();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        assert!(status.starts_with("HTTP/1.1 200"), "{status}{}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).unwrap()
    }

    fn client(&self) -> Client {
        let pauses = vec![std::time::Duration::from_millis(1); 4];
        let options = ClientOptions {
            sandbox: Some(self.line.as_str().into()),
            history_concurrency: Some(3),
            history_reread_pauses: pauses.clone(),
            server_error_pauses: pauses,
            ..ClientOptions::default()
        };
        Client::with_environment(options, server::without_pauses()).unwrap()
    }

    /// The keys of all records of a range, as the sandbox knows them, by start.
    fn truth(&self, from: i64, to: i64) -> BTreeMap<Key, i64> {
        let keys = self.admin("GET", &format!("/admin/history/keys?from={from}&to={}", to - 1), &Value::Null);
        let key = |record: &Value| {
            let number = |name: &str| record[name].as_i64().unwrap();
            let id = record["engagementId"].as_str().unwrap().to_owned();
            ((id, number("engagementSet"), number("engagementSequence")), number("startTimeL"))
        };
        keys.as_array().unwrap().iter().map(key).collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Engagement id, set, sequence.
type Key = (String, i64, i64);

fn key(record: &Engagement) -> Key {
    let info = &record.info;
    (record.engagement_id.to_string(), info.engagement_set.unwrap(), info.engagement_sequence.unwrap())
}

/// A source of numbers that a seed decides.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        // splitmix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn one_of<T: Copy, const N: usize>(&mut self, values: [T; N]) -> T {
        values[self.below(N as u64) as usize]
    }

    /// Often nothing.
    fn percent(&mut self, most: u64) -> u64 {
        if self.below(2) == 0 { 0 } else { self.below(most + 1) }
    }
}

/// Everything that goes wrong with one seed.
fn trouble(random: &mut Random) -> (Value, Value) {
    let switches = json!({
        "partial_percent": random.percent(20),
        "count_drift_percent": random.percent(20),
        "shifted_page_percent": random.percent(30),
        "late_records_percent": random.percent(15),
        "is_partial_bytes": random.one_of([0, 0, 12_000]),
        "deep_paging_limit": random.one_of([10_000, 40, 25]),
        "empty_page": random.one_of(["array", "absent", "204"]),
        "dialect": random.one_of(["2018", "2017"]),
    });
    let actions = [
        json!({ "status": 302, "headers": { "Location": "/elsewhere" } }),
        json!({ "status": 429 }),
        json!({ "status": 500, "json": { "internalCode": "0007", "debugMessage": "Elastic search exception" } }),
        json!({ "status": 503 }),
        json!({ "reset": true }),
        json!({ "truncate": 300 }),
        json!({ "gzip_truncated": true }),
        json!({ "close": true }),
    ];
    let fault = |random: &mut Random, action: &Value| json!({ "route": "history.search", "ratio": random.percent(4) as f64 / 100.0, "action": action });
    let faults = actions.iter().map(|action| fault(random, action)).collect();
    (switches, faults)
}

/// What a search handed out, and how it ended.
struct Outcome {
    handed: Vec<(Key, i64)>,
    failure: Option<Code>,
    report: HistoryReport,
}

fn read(client: &Client, query: SearchQuery, random: &mut Random) -> Outcome {
    let mut search = client.history().search(query.clone()).unwrap();
    let (mut handed, mut failure) = (Vec::new(), None);
    loop {
        match search.next_page() {
            Ok(Some(page)) => {
                assert!(page.failures.is_empty(), "{:?}", page.failures);
                handed.extend(page.records.iter().map(|record| (key(record), record.start_time.unwrap().as_millis())));
            }
            Ok(None) => break,
            // A storm that outlasts all repeats: the caller tries again.
            Err(error) if error.details().retryable && error.code() != Code::IncompleteResult => {}
            Err(error) => {
                failure = Some(error.code());
                break;
            }
        }
        // Now and then another process goes on.
        if random.below(12) == 0
            && let Some(token) = search.resume_token()
        {
            search = client.history().search(SearchQuery { resume_token: Some(token), ..query.clone() }).unwrap();
        }
    }
    Outcome { handed, failure, report: search.report() }
}

fn check(outcome: &Outcome, before: &BTreeMap<Key, i64>, after: &BTreeMap<Key, i64>, seed: u64) {
    let Outcome { handed, failure, report } = outcome;
    let distinct: BTreeMap<Key, i64> = handed.iter().cloned().collect();
    assert_eq!(distinct.len(), handed.len(), "seed {seed}: a record came twice");
    assert!(distinct.iter().all(|(key, start)| after.get(key) == Some(start)), "seed {seed}: a record came that is not there");
    assert_eq!(failure.is_some(), !report.gaps.is_empty(), "seed {seed}: {failure:?}\n{report}");
    let in_gap = |start: i64| report.gaps.iter().any(|gap| (gap.start.as_millis()..gap.end.as_millis()).contains(&start));
    // Records that appeared while the search ran may have come after their window was done.
    let missing: Vec<_> = before.iter().filter(|(key, start)| !distinct.contains_key(key) && !in_gap(**start)).collect();
    assert!(missing.is_empty(), "seed {seed}: silently missing: {missing:?}\n{report}");
    assert_eq!(report.is_complete, failure.is_none(), "seed {seed}: {report}");
}

#[test]
fn all_records_come_or_the_report_names_the_gap() {
    let seeds = std::env::var("LPCHAT_HISTORY_SEEDS").map_or(DEFAULT_SEEDS, |text| text.parse().unwrap());
    let first = std::env::var("LPCHAT_HISTORY_FIRST_SEED").map_or(0, |text| text.parse().unwrap());
    let (mut sandbox, mut complete, mut records) = (Sandbox::start(), 0, 0);
    for seed in first..first + seeds {
        // Late records add up, and sandboxes are cheap.
        if seed % 50 == 49 {
            sandbox = Sandbox::start();
        }
        let random = &mut Random(seed);
        let (switches, faults) = trouble(random);
        let start = BASE - (30 + random.below(90) as i64) * DAY + random.below(DAY as u64) as i64;
        let end = start + 1 + random.below(6 * DAY as u64) as i64;
        let before = sandbox.truth(start, end);
        sandbox.admin("POST", "/admin/switches", &switches);
        sandbox.admin("POST", "/admin/faults", &faults);
        let query = SearchQuery {
            start: Some(Timestamp::from_millis(start)),
            end: Some(Timestamp::from_millis(end)),
            page_size: Some(3 + random.below(20) as i64),
            window_days: Some(1 + random.below(6) as i64),
            ..SearchQuery::default()
        };
        let client = sandbox.client();
        let outcome = read(&client, query, random);
        sandbox.admin("DELETE", "/admin/faults", &Value::Null);
        check(&outcome, &before, &sandbox.truth(start, end), seed);
        complete += usize::from(outcome.failure.is_none());
        records += outcome.handed.len();
    }
    assert!(complete * 2 > seeds as usize, "only {complete} of {seeds} searches came to be complete");
    assert!(records > 10 * seeds as usize, "only {records} records in {seeds} searches");
}
