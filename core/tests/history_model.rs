//! Searches of a sandbox in which everything goes wrong at once: either every record of the range comes, once and in order,
//! or the report names the windows that lack some. There is no third outcome.
//!
//! `LPCHAT_HISTORY_SEEDS` says how many seeds are tried, `LPCHAT_HISTORY_FIRST_SEED` which one is the first; a seed that fails is
//! printed.

#[path = "support/history.rs"]
mod history;
#[path = "support/random.rs"]
mod random;
#[path = "support/sandbox.rs"]
mod sandbox;
mod server;

use std::collections::BTreeMap;

use history::{BASE, Key, faults, sandbox, switches, truth};
use lpchat::{Client, ClientOptions, Code, Engagement, HistoryReport, SearchQuery, Timestamp};
use random::Random;
use sandbox::Sandbox;
use serde_json::{Value, json};

const DEFAULT_SEEDS: u64 = 100;
const DAY: i64 = 86_400_000;

fn client(sandbox: &Sandbox) -> Client {
    let pauses = vec![std::time::Duration::from_millis(1); 4];
    let options = ClientOptions {
        sandbox: Some(sandbox.line.as_str().into()),
        history_concurrency: Some(3),
        history_reread_pauses: pauses.clone(),
        server_error_pauses: pauses,
        ..ClientOptions::default()
    };
    Client::with_environment(options, server::without_pauses()).unwrap()
}

fn key(record: &Engagement) -> Key {
    let info = &record.info;
    (record.engagement_id.to_string(), info.engagement_set.unwrap(), info.engagement_sequence.unwrap())
}

/// Everything that goes wrong with one seed.
fn trouble(random: &mut Random) -> (Value, Value) {
    let mut switches = switches(random, 20);
    switches["dialect"] = json!(random.pick(&["2018", "2017"]));
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
    (switches, faults(random, &actions))
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
    let (mut sandbox, mut complete, mut records) = (sandbox(), 0, 0);
    for seed in first..first + seeds {
        // Late records add up, and sandboxes are cheap.
        if seed % 50 == 49 {
            sandbox = self::sandbox();
        }
        let random = &mut Random(seed);
        let (switches, faults) = trouble(random);
        let start = BASE - (30 + random.below(90) as i64) * DAY + random.below(DAY as usize) as i64;
        let end = start + 1 + random.below(6 * DAY as usize) as i64;
        let before = truth(&sandbox, start, end);
        sandbox.admin("POST", "/admin/switches", &switches);
        sandbox.admin("POST", "/admin/faults", &faults);
        let query = SearchQuery {
            start: Some(Timestamp::from_millis(start)),
            end: Some(Timestamp::from_millis(end)),
            page_size: Some(3 + random.below(20) as i64),
            window_days: Some(1 + random.below(6) as i64),
            ..SearchQuery::default()
        };
        let client = client(&sandbox);
        let outcome = read(&client, query, random);
        sandbox.admin("DELETE", "/admin/faults", &Value::Null);
        check(&outcome, &before, &truth(&sandbox, start, end), seed);
        complete += usize::from(outcome.failure.is_none());
        records += outcome.handed.len();
    }
    assert!(complete * 2 > seeds as usize, "only {complete} of {seeds} searches came to be complete");
    assert!(records > 10 * seeds as usize, "only {records} records in {seeds} searches");
}
