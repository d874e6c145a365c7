//! Searches of a sandbox in which everything goes wrong at once: either every record of the range comes, once and in order,
//! or the report names the windows that lack some. There is no third outcome.
//!
//! `LPCHAT_HISTORY_SEEDS` says how many seeds are tried; a seed that fails is printed.

#[path = "support/random.rs"]
mod random;
#[path = "support/sandbox.rs"]
mod sandbox;
mod server;

use std::collections::BTreeMap;

use lpchat::{Client, ClientOptions, Code, Engagement, HistoryReport, SearchQuery, Timestamp};
use random::Random;
use sandbox::Sandbox;
use serde_json::{Value, json};

const DEFAULT_SEEDS: u64 = 100;
/// 2026-06-15, the sandbox's base date.
const BASE: i64 = 1_781_481_600_000;
const DAY: i64 = 86_400_000;

/// A sandbox full of history.
struct World(Sandbox);

impl World {
    fn start() -> Self {
        Self(Sandbox::start(&["--seed", "11", "--base-date", "2026-06-15", "--engagements", "5000"]))
    }

    fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        self.0.admin(method, path, body)
    }

    fn client(&self) -> Client {
        let pauses = vec![std::time::Duration::from_millis(1); 4];
        let options = ClientOptions {
            sandbox: Some(self.0.line.as_str().into()),
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

/// Engagement id, set, sequence.
type Key = (String, i64, i64);

fn key(record: &Engagement) -> Key {
    let info = &record.info;
    (record.engagement_id.to_string(), info.engagement_set.unwrap(), info.engagement_sequence.unwrap())
}

/// A share of a hundred, often nothing.
fn share(random: &mut Random, most: usize) -> usize {
    if random.percent(50) { 0 } else { random.below(most + 1) }
}

/// Everything that goes wrong with one seed.
fn trouble(random: &mut Random) -> (Value, Value) {
    let switches = json!({
        "partial_percent": share(random, 20),
        "count_drift_percent": share(random, 20),
        "shifted_page_percent": share(random, 30),
        "late_records_percent": share(random, 15),
        "is_partial_bytes": random.pick(&[0, 0, 12_000]),
        "deep_paging_limit": random.pick(&[10_000, 40, 25]),
        "empty_page": random.pick(&["array", "absent", "204"]),
        "dialect": random.pick(&["2018", "2017"]),
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
    let fault = |random: &mut Random, action: &Value| json!({ "route": "history.search", "ratio": share(random, 4) as f64 / 100.0, "action": action });
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
    let (mut sandbox, mut complete, mut records) = (World::start(), 0, 0);
    for seed in first..first + seeds {
        // Late records add up, and sandboxes are cheap.
        if seed % 50 == 49 {
            sandbox = World::start();
        }
        let random = &mut Random(seed);
        let (switches, faults) = trouble(random);
        let start = BASE - (30 + random.below(90) as i64) * DAY + random.below(DAY as usize) as i64;
        let end = start + 1 + random.below(6 * DAY as usize) as i64;
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
