//! Exports of a sandbox in which everything goes wrong at once, broken off now and then: either every record is exported, once
//! and in order, or the report names the windows that lack some. There is no third outcome.
//!
//! `LPCHAT_EXPORT_SEEDS` says how many seeds are tried, `LPCHAT_EXPORT_FIRST_SEED` which one is the first; a seed that fails is
//! printed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use lpchat::environment::Environment;
use lpchat::{Client, ClientOptions, Code, ExportFormat, ExportReport, SearchQuery, WindowReport};
use serde_json::{Value, json};

use crate::account::{DAY, FOLDER, HOUR, TestClock, at};
use crate::disk::Disk;
use crate::history::{BASE, Key, faults, key, sandbox, switches, truth};
use crate::random::Random;
use crate::sandbox::Sandbox;

const DEFAULT_SEEDS: u64 = 100;
/// More would be a race with the records that appear meanwhile.
const MOST_KILLS: usize = 3;

/// A client whose clock stands where the sandbox's does.
pub fn client(sandbox: &Sandbox, disk: &Disk) -> Client {
    let pauses = vec![Duration::from_millis(1); 4];
    let options = ClientOptions {
        sandbox: Some(sandbox.line.as_str().into()),
        history_concurrency: Some(3),
        history_reread_pauses: pauses.clone(),
        server_error_pauses: pauses,
        ..ClientOptions::default()
    };
    let clock = TestClock::at(BASE + 12 * HOUR);
    let environment = Environment { clock: Arc::new(clock), files: Arc::new(disk.clone()), ..Environment::default() };
    Client::with_environment(options, environment).unwrap()
}

/// What was exported: each record's key and start, in the order of days and lines.
pub fn exported(disk: &Disk) -> Vec<(Key, i64)> {
    let files = disk.files();
    let manifest: Value = serde_json::from_slice(&files[&format!("{FOLDER}/manifest.json")]).unwrap();
    let parts = manifest["days"].as_object().unwrap().values().flat_map(|day| day["parts"].as_array().unwrap());
    let mut records = Vec::new();
    for part in parts {
        let text = String::from_utf8(files[&format!("{FOLDER}/{}", part["file"].as_str().unwrap())].clone()).unwrap();
        let infos = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["info"].take());
        records.extend(infos.map(|info| {
            let start = &info["startTimeL"];
            (key(&info), start.as_i64().unwrap_or_else(|| start.as_str().unwrap().parse().unwrap()))
        }));
    }
    records
}

/// Everything that goes wrong with one seed.
fn spoil(sandbox: &Sandbox, random: &mut Random) {
    sandbox.admin("POST", "/admin/switches", &switches(random, 8));
    let actions = [json!({ "status": 429 }), json!({ "status": 503 }), json!({ "reset": true }), json!({ "truncate": 300 })];
    sandbox.admin("POST", "/admin/faults", &faults(random, &actions));
}

pub fn mend(sandbox: &Sandbox) {
    sandbox.admin("DELETE", "/admin/faults", &Value::Null);
    let quiet = ["partial_percent", "count_drift_percent", "shifted_page_percent", "late_records_percent", "is_partial_bytes"];
    let switches: serde_json::Map<String, Value> = quiet.iter().map(|name| ((*name).to_owned(), 0.into())).collect();
    sandbox.admin("POST", "/admin/switches", &switches.into());
}

/// Exports, in as many runs as it takes.
fn export(sandbox: &Sandbox, disk: &Disk, query: &SearchQuery, random: &mut Random) -> (ExportReport, Option<Code>) {
    let mut kills = MOST_KILLS;
    'runs: loop {
        let begun =
            client(sandbox, disk).history().begin_export(FOLDER.into(), query.clone(), Some(ExportFormat::JsonLines), None, None);
        let run = begun.unwrap();
        loop {
            match run.advance() {
                // Now and then the process is killed.
                Ok(Some(_)) if kills > 0 && random.below(10) == 0 => {
                    kills -= 1;
                    continue 'runs;
                }
                Ok(Some(_)) => {}
                Ok(None) => return (run.report(), None),
                Err(error) if error.code() == Code::IncompleteResult => return (run.report(), Some(error.code())),
                // A storm that outlasts all repeats: the caller tries again.
                Err(error) => assert!(error.details().retryable, "{error}"),
            }
        }
    }
}

fn is_within(gaps: &[WindowReport], start: i64) -> bool {
    gaps.iter().any(|gap| (gap.start.as_millis()..gap.end.as_millis()).contains(&start))
}

fn check(disk: &Disk, report: &ExportReport, before: &BTreeMap<Key, i64>, after: &BTreeMap<Key, i64>, seed: u64) {
    let records = exported(disk);
    let distinct: BTreeMap<Key, i64> = records.iter().cloned().collect();
    assert_eq!(distinct.len(), records.len(), "seed {seed}: a record was exported twice");
    assert!(records.is_sorted_by_key(|(_, start)| *start), "seed {seed}: out of order");
    assert!(distinct.iter().all(|(key, start)| after.get(key) == Some(start)), "seed {seed}: a record that is not there");
    assert_eq!(report.total_records, i64::try_from(records.len()).unwrap(), "seed {seed}: {}", report.summary);
    // Records that appeared meanwhile may have come after their day was done.
    let silent: Vec<_> =
        before.iter().filter(|(key, start)| !distinct.contains_key(key) && !is_within(&report.gaps, **start)).collect();
    assert!(silent.is_empty(), "seed {seed}: silently missing: {silent:?}\n{}", report.summary);
}

#[test]
fn all_records_are_exported_or_the_report_names_the_gap() {
    let seeds = std::env::var("LPCHAT_EXPORT_SEEDS").map_or(DEFAULT_SEEDS, |text| text.parse().unwrap());
    let first = std::env::var("LPCHAT_EXPORT_FIRST_SEED").map_or(0, |text| text.parse().unwrap());
    let (mut sandbox, mut complete, mut records) = (sandbox(), 0, 0);
    for seed in first..first + seeds {
        // Late records add up, and sandboxes are cheap.
        if seed % 50 == 49 {
            sandbox = self::sandbox();
        }
        let random = &mut Random(seed);
        let start = BASE - (30 + random.below(90) as i64) * DAY + random.below(DAY as usize) as i64;
        let end = start + 1 + random.below(5 * DAY as usize) as i64;
        let before = truth(&sandbox, start, end);
        spoil(&sandbox, random);
        let page_size = Some(3 + random.below(20) as i64);
        let query = SearchQuery { start: Some(at(start)), end: Some(at(end)), page_size, ..SearchQuery::default() };
        let disk = Disk::default();
        let (report, failure) = export(&sandbox, &disk, &query, random);
        mend(&sandbox);
        let after = truth(&sandbox, start, end);
        check(&disk, &report, &before, &after, seed);
        assert!(report.is_finished && report.is_complete == failure.is_none(), "seed {seed}: {}", report.summary);
        assert_eq!(failure.is_some(), !report.gaps.is_empty(), "seed {seed}: {}", report.summary);
        complete += usize::from(report.is_complete);
        // In peace the gaps are filled, and what came late into days that were done is what verifying finds.
        let (report, failure) = export(&sandbox, &disk, &query, random);
        assert!(report.is_complete && failure.is_none(), "seed {seed}: {}", report.summary);
        check(&disk, &report, &before, &after, seed);
        let kept: BTreeSet<Key> = exported(&disk).into_iter().map(|(key, _)| key).collect();
        let verified = client(&sandbox, &disk).history().verify(FOLDER.into()).unwrap();
        let changed = |start: i64| {
            let windows = verified.differences.iter().filter_map(|found| Some(found.start?.as_millis()..=found.end?.as_millis()));
            windows.into_iter().any(|window| window.contains(&start))
        };
        let unseen: Vec<_> = after.iter().filter(|(key, start)| !kept.contains(key) && !changed(**start)).collect();
        assert!(unseen.is_empty(), "seed {seed}: verified, and missing: {unseen:?}\n{}", verified.summary);
        records += kept.len();
    }
    assert!(complete * 2 > seeds as usize, "only {complete} of {seeds} exports came to be complete");
    assert!(records > 10 * seeds as usize, "only {records} records in {seeds} exports");
}
