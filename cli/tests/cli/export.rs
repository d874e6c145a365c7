//! `lpchat history export` and `verify`: killed at any instant, interrupted, refused, incomplete.
//!
//! `LPCHAT_KILLS` says how often an export is killed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lpchat::Timestamp;
use serde_json::{Value, json};

use crate::random::Random;
use crate::support::{Ran, Running, Sandbox, run, until};

const DEFAULT_KILLS: usize = 20;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A date so many days before today, UTC.
fn date(days_before: u32) -> String {
    let now = Timestamp::from(std::time::SystemTime::now());
    now.minus(DAY * days_before).to_string()[..10].to_owned()
}

/// A name for a folder that is not there yet.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("export-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    path
}

/// The arguments of an export of ten days that have settled.
fn arguments<'a>(folder: &'a Path, dates: &'a (String, String), more: &[&'a str]) -> Vec<&'a str> {
    let folder = folder.to_str().unwrap();
    [&["history", "export", folder, "--start", &dates.0, "--end", &dates.1], more].concat()
}

fn dates() -> (String, String) {
    (date(13), date(3))
}

/// Every file but the report of the last run, with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if !path.ends_with("report.json") {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    files
}

/// The same by names within the folder.
fn data(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(folder).into_iter().map(|(path, bytes)| (path.strip_prefix(folder).unwrap().to_owned(), bytes)).collect()
}

#[test]
fn an_export_killed_at_any_instant_goes_on_and_gives_the_same_bytes() {
    let kills = std::env::var("LPCHAT_KILLS").map_or(DEFAULT_KILLS, |text| text.parse().unwrap());
    let (sandbox, dates, random) = (Sandbox::start(), dates(), &mut Random(7));
    for (format, kills) in [("parquet", kills.div_ceil(2)), ("jsonl", kills / 2)] {
        let undisturbed = folder(&format!("undisturbed-{format}"));
        let export = |folder: &Path| sandbox.lpchat(&arguments(folder, &dates, &["--format", format]));
        let begin = Instant::now();
        run(&mut export(&undisturbed)).success();
        let expected = data(&undisturbed);
        assert!(expected.len() > 5, "{:?}", expected.keys());
        // How long an export takes, as far as is known.
        let mut takes = begin.elapsed();
        let mut killed = 0;
        for kill in 0..kills {
            let folder = folder(&format!("killed-{format}-{kill}"));
            let mut process = export(&folder).spawn().unwrap();
            std::thread::sleep(takes.mul_f64(random.fraction()));
            match process.try_wait().unwrap() {
                Some(_) => takes = takes.mul_f64(0.9),
                None => killed += 1,
            }
            // SIGKILL: nothing in the process can do anything about it.
            process.kill().unwrap();
            process.wait().unwrap();
            run(&mut export(&folder)).success();
            let found = data(&folder);
            assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{format} {kill}");
            assert!(found == expected, "{format} {kill}: other bytes");
            fs::remove_dir_all(&folder).unwrap();
        }
        assert!(killed * 4 > kills, "only {killed} of {kills} exports were still running when they were killed");
    }
}

#[test]
fn the_summary_says_what_was_done_and_json_says_it_to_programs() {
    let (sandbox, dates, folder) = (Sandbox::start(), dates(), folder("summary"));
    let ran = run(&mut sandbox.lpchat(&arguments(&folder, &dates, &[])));
    assert_eq!(ran.stderr, "", "no progress without a terminal");
    let summary = ran.success();
    assert!(summary.starts_with("Complete: ") && summary.contains("read 10 days"), "{summary}");
    let report = run(&mut sandbox.lpchat(&arguments(&folder, &dates, &["--json"]))).json_lines().remove(0);
    assert_eq!((&report["isComplete"], &report["daysRead"], &report["format"]), (&json!(true), &json!(0), &json!("parquet")));
    let stored: Value = serde_json::from_slice(&fs::read(folder.join("report.json")).unwrap()).unwrap();
    assert_eq!(stored, report);
    let count = run(&mut sandbox.lpchat(&["history", "count", "--start", &dates.0, "--end", &dates.1])).success();
    assert_eq!(count.trim(), report["totalRecords"].to_string());
    let verified = run(&mut sandbox.lpchat(&["history", "verify", folder.to_str().unwrap()])).success();
    assert!(verified.starts_with(&format!("Verified: {} records of 10 days", count.trim())), "{verified}");
}

#[test]
fn ctrl_c_leaves_an_export_that_goes_on() {
    let (sandbox, dates, folder) = (Sandbox::start(), dates(), folder("interrupted"));
    sandbox.fault(&json!({ "route": "history.search", "skip": 4, "action": { "hang": true } }));
    let running = Running::start(&mut sandbox.lpchat(&arguments(&folder, &dates, &[])));
    until("a page hangs", || sandbox.get("/admin/faults")[0].to_string().contains("\"happened\":1").then_some(()));
    // The folder is in use meanwhile.
    let second = run(&mut sandbox.lpchat(&arguments(&folder, &dates, &[]))).failure(3);
    assert!(second.contains("another export is writing it"), "{second}");
    running.interrupt();
    let interrupted = running.wait();
    assert_eq!(interrupted.code, Some(130));
    assert!(interrupted.stderr.contains("the same command goes on where this one stopped"), "{}", interrupted.stderr);
    let summary = run(&mut sandbox.lpchat(&arguments(&folder, &dates, &[]))).success();
    assert!(summary.starts_with("Complete: "), "{summary}");
}

#[test]
fn a_lost_connection_says_how_to_go_on() {
    let (sandbox, dates, folder) = (Sandbox::start(), dates(), folder("lost"));
    let lost = json!({ "reset": true });
    sandbox.fault(&json!({ "route": "history.search", "skip": 6, "times": 1000, "action": lost }));
    let patience = ["--timeout", "4"];
    let said = run(&mut sandbox.lpchat(&[&patience, &arguments(&folder, &dates, &[])[..]].concat())).failure(4);
    assert!(said.contains("\nhint: ") && said.contains("run the same export again"), "{said}");
    sandbox.mend();
    let report = run(&mut sandbox.lpchat(&arguments(&folder, &dates, &["--json"]))).json_lines().remove(0);
    assert_eq!(report["isComplete"], json!(true));
    assert!(report["daysRead"].as_i64().is_some_and(|read| read < 10), "{report}");
}

#[test]
fn placeholders_are_kept_on_demand_and_do_not_mix() {
    let (sandbox, dates, folder) = (Sandbox::start(), dates(), folder("placeholders"));
    run(&mut sandbox.lpchat(&arguments(&folder, &dates, &["--keep-placeholders"]))).success();
    let said = run(&mut sandbox.lpchat(&arguments(&folder, &dates, &[]))).failure(3);
    assert!(said.contains("placeholders kept") && said.contains("a folder for each"), "{said}");
    let said = run(&mut sandbox.lpchat(&arguments(&folder, &dates, &["--keep-placeholders", "--format", "jsonl"]))).failure(3);
    assert!(said.contains("`--keep-placeholders`") && said.contains("export Parquet"), "{said}");
}

#[test]
fn targets_that_cannot_be_written_are_refused() {
    let (sandbox, dates) = (Sandbox::start(), dates());
    let refused = |folder: &Path, word: &str| {
        let said = run(&mut sandbox.lpchat(&arguments(folder, &dates, &[]))).failure(3);
        assert!(said.contains(word) && said.contains(folder.to_str().unwrap()), "{said}");
    };
    let foreign = folder("foreign");
    fs::create_dir_all(&foreign).unwrap();
    fs::write(foreign.join("photo.jpg"), "x").unwrap();
    refused(&foreign, "photo.jpg");
    refused(&foreign.join("photo.jpg"), "it is a file");
    // Nobody, not even root, makes folders there.
    refused(Path::new("/proc/export"), "cannot be made");
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 1, "nothing was left there");
    let said = run(&mut sandbox.lpchat(&["history", "verify", foreign.to_str().unwrap()])).failure(3);
    assert!(said.contains("no manifest.json"), "{said}");
}

#[test]
fn gaps_and_differences_are_exit_code_13() {
    let sandbox = Sandbox::with(&["partial_result=on"]);
    // What lacks records is read again with pauses: one day is enough.
    let (dates, folder) = ((date(4), date(3)), folder("gaps"));
    let start = Timestamp::parse(&dates.0).unwrap().as_millis();
    sandbox.post("/admin/history", &json!({ "info": { "engagementId": "920", "startTimeL": start, "endTimeL": start + 1000 } }));
    let code_13 = |ran: Ran| {
        assert_eq!(ran.code, Some(13), "{ran:?}");
        (ran.stdout, ran.stderr)
    };
    let (out, said) = code_13(run(&mut sandbox.lpchat(&arguments(&folder, &dates, &["--format", "jsonl"]))));
    assert!(out.starts_with("INCOMPLETE") && said.contains("1 window is incomplete"), "{out}{said}");
    let out = run(&mut sandbox.lpchat(&arguments(&folder, &dates, &["--format", "jsonl", "--allow-incomplete"]))).success();
    assert!(out.starts_with("INCOMPLETE") && out.contains("Gap from"), "{out}");
    let (out, said) = code_13(run(&mut sandbox.lpchat(&["history", "verify", folder.to_str().unwrap()])));
    assert!(out.starts_with("DIFFERENT") && said.contains("1 difference") && said.contains("--restart"), "{out}{said}");
    sandbox.post("/admin/switches", &json!({ "partial_result": "off" }));
    run(&mut sandbox.lpchat(&arguments(&folder, &dates, &["--format", "jsonl"]))).success();
    run(&mut sandbox.lpchat(&["history", "verify", folder.to_str().unwrap()])).success();
    // A byte that changes is found, and mended.
    let part = files(&folder).into_keys().find(|path| path.to_string_lossy().ends_with(".jsonl")).unwrap();
    let mut bytes = fs::read(&part).unwrap();
    bytes[10] ^= 1;
    fs::write(&part, bytes).unwrap();
    let (out, _) = code_13(run(&mut sandbox.lpchat(&["history", "verify", folder.to_str().unwrap()])));
    assert!(out.contains("its bytes are other"), "{out}");
    run(&mut sandbox.lpchat(&arguments(&folder, &dates, &["--format", "jsonl", "--restart"]))).success();
    run(&mut sandbox.lpchat(&["history", "verify", folder.to_str().unwrap()])).success();
}

#[test]
fn redacted_exports_hold_no_visitor_and_do_not_mix_with_others() {
    let (sandbox, dates, folder) = (Sandbox::start(), dates(), folder("redacted"));
    let with_key = |key: &str, more: &[&str]| {
        let more = [&["--format", "jsonl", "--redact"], more].concat();
        run(sandbox.lpchat(&arguments(&folder, &dates, &more)).env("LPCHAT_REDACT_HASH_KEY", key))
    };
    let weak = with_key("guessable", &[]).failure(3);
    assert!(weak.contains("redact.hash_key") && !weak.contains("guessable"), "{weak}");
    with_key("a key of sixteen bytes and more", &[]).success();

    let search = ["history", "search", "--start", &dates.0, "--end", &dates.1, "--json"];
    let records = run(&mut sandbox.lpchat(&search)).json_lines();
    let exported: String = data(&folder).into_values().map(|bytes| String::from_utf8(bytes).unwrap()).collect();
    let mut members = 0;
    for record in &records {
        let told = [&record["info"]["visitorId"], &record["visitorInfo"]["ipAddress"], &record["transcript"]["lines"][0]["text"]];
        for text in told.into_iter().filter_map(Value::as_str).filter(|text| text.len() > 8) {
            members += 1;
            assert!(!exported.contains(text), "{text}");
        }
    }
    assert!(members > records.len(), "{members} members of {} records", records.len());
    assert_eq!(exported.lines().filter(|line| line.contains("\"engagementId\"")).count(), records.len());

    let others = [with_key("another key of sixteen bytes", &[]), with_key("a key of sixteen bytes and more", &["--keep-texts"])];
    for refused in others.map(|ran| ran.failure(3)) {
        assert!(refused.contains("with the redaction") && refused.contains("a folder for each"), "{refused}");
    }
}
