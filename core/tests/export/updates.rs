//! Exports that are repeated: what is new is added, what has changed is written again, what is there stays.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lpchat::{Code, ExportFormat, SearchQuery};
use serde_json::{Value, json};

use crate::account::{Account, DAY, FOLDER, FORMATS, HOUR, MONDAY, days, record};
use crate::disk::Disk;
use crate::server::Answer;

/// The records that JSON Lines hold, in the order of the files and lines.
fn exported(disk: &Disk) -> Vec<i64> {
    let files = disk.files();
    let lines = files
        .iter()
        .filter(|(name, _)| name.contains("/engagements/"))
        .flat_map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>());
    let id =
        |line: String| serde_json::from_str::<Value>(&line).unwrap()["info"]["engagementId"].as_str().unwrap().parse().unwrap();
    lines.map(id).collect()
}

/// The parts of a day, by their names, which hold the beginning of their digests.
fn parts(disk: &Disk, day: &str) -> BTreeSet<String> {
    disk.files().into_keys().filter(|name| name.contains(day)).collect()
}

fn manifest(disk: &Disk) -> Value {
    serde_json::from_slice(&disk.files()[&format!("{FOLDER}/manifest.json")]).unwrap()
}

#[test]
fn an_export_holds_every_record_once_and_in_order() {
    let account = Account::week();
    let disk = Disk::default();
    let report =
        account.client(&disk).history().export(FOLDER.into(), days(0, 7), Some(ExportFormat::JsonLines), None, None).unwrap();
    let expected: Vec<i64> =
        (0..7).filter(|day| *day != 3).flat_map(|day| (0..5 + day).map(move |number| day * 100 + number)).collect();
    assert_eq!(exported(&disk), expected);
    assert_eq!(
        (report.records, report.total_records, report.days_read, report.parts_written),
        (48, 48, 7, 6),
        "{}",
        report.summary
    );
    assert!(report.is_finished && report.is_complete && report.summary.starts_with("Complete: 48 records"), "{}", report.summary);
    let stored: Value = serde_json::from_slice(&disk.files()[&format!("{FOLDER}/report.json")]).unwrap();
    assert_eq!(stored["totalRecords"], 48);
    let manifest = manifest(&disk);
    let empty = &manifest["days"]["2026-03-05"];
    assert_eq!(
        (&empty["parts"], &empty["windows"][0]["count"], &empty["windows"][0]["settled"]),
        (&json!([]), &json!(1), &json!(true))
    );
}

#[test]
fn the_order_and_the_pages_in_which_records_come_change_no_byte() {
    let records = |reversed: bool| {
        let mut records: Vec<Value> = (0..300).map(|id| record(id, MONDAY + id % 7 * HOUR)).collect();
        if reversed {
            records.reverse();
        }
        records
    };
    for format in &FORMATS {
        let export = |records: Vec<Value>, page_size: i64| {
            let (account, disk) = (Account::new(records), Disk::default());
            let query = SearchQuery { page_size: Some(page_size), ..days(0, 1) };
            account.client(&disk).history().export(FOLDER.into(), query, Some(format.clone()), None, None).unwrap();
            let mut files = disk.files();
            files.remove(&format!("{FOLDER}/report.json"));
            files
        };
        let whole = export(records(false), 100);
        assert!(whole.len() >= 3);
        assert!(whole == export(records(true), 7));
    }
}

#[test]
fn a_day_that_is_larger_than_what_is_held_in_memory_waits_on_the_disk() {
    // 12 MB within an hour: the last records come first of those that start at the same instant.
    let records = (0..240).rev().map(|id| {
        let mut record = record(id, MONDAY + id / 60 * 60_000);
        record["transcript"]["lines"][0]["text"] = "a word and another ".repeat(2_600).into();
        record
    });
    let records: Vec<Value> = records.collect();
    for format in &FORMATS {
        let (account, disk) = (Account::new(records.clone()), Disk::default());
        let client = account.client(&disk);
        let report = client.history().export(FOLDER.into(), days(0, 1), Some(format.clone()), None, None).unwrap();
        assert_eq!(report.total_records, 240, "{}", report.summary);
        let spool = format!("{FOLDER}/.spool.tmp");
        assert!(disk.has_had(&spool) && !disk.files().contains_key(&spool));
        assert!(client.history().verify(FOLDER.into()).unwrap().is_complete);
        if *format == ExportFormat::JsonLines {
            let ids = exported(&disk);
            let text = |id: &i64| (id / 60, id.to_string());
            assert!(ids.len() == 240 && ids.is_sorted_by_key(text), "{ids:?}");
        }
    }
}

#[test]
fn a_later_run_adds_what_is_new_and_rewrites_only_days_that_changed() {
    for format in &FORMATS {
        let account = Account::week();
        let disk = Disk::default();
        account.set_now(MONDAY + 5 * DAY + 12 * HOUR);
        let client = account.client(&disk);
        let run =
            |first, end| client.history().export(FOLDER.into(), days(first, end), Some(format.clone()), None, None).unwrap();
        run(0, 5);
        let names = ["2026-03-02", "2026-03-05", "2026-03-06"];
        let before = names.map(|day| parts(&disk, day));
        // Comes late, on a day that had not settled, and one on a day that had.
        account.add(record(4_444, MONDAY + 4 * DAY + 5 * HOUR));
        account.add(record(1_111, MONDAY + 5 * HOUR));
        account.set_now(MONDAY + 6 * DAY + 12 * HOUR);
        let asked = account.asked();
        let report = run(5, 6);
        assert_eq!((report.days_read, report.days_changed), (2, 2), "{}", report.summary);
        assert_eq!(account.asked() - asked, 2, "days that are there are not read again");
        let after = names.map(|day| parts(&disk, day));
        assert!(before[0] == after[0] && before[1] == after[1], "settled days stay");
        assert!(before[2].is_disjoint(&after[2]) && after[2].len() == before[2].len(), "{:?} → {:?}", before[2], after[2]);
        assert!(!parts(&disk, "2026-03-07").is_empty());
        let report = run(0, 6);
        assert_eq!((report.days_read, report.days_changed, report.parts_written), (1, 0, 0), "{}", report.summary);
        let verified = client.history().verify(FOLDER.into()).unwrap();
        assert!(!verified.is_complete && verified.differences.len() == 1, "{}", verified.summary);
        assert!(verified.summary.contains("counts 7 records now, and counted 6"), "{}", verified.summary);
        let again = client.history().export(FOLDER.into(), days(0, 1), Some(format.clone()), Some(false), None).unwrap();
        assert_eq!((again.days_changed, again.total_records), (1, 5 + 6 + 7 + 9 + 10 + 2), "{}", again.summary);
        let verified = client.history().verify(FOLDER.into()).unwrap();
        assert!(
            verified.is_complete && verified.windows_not_settled == 1 && verified.windows_counted == 5,
            "{}",
            verified.summary
        );
    }
}

#[test]
fn records_that_change_within_the_look_back_are_taken_over() {
    let account = Account::week();
    let disk = Disk::default();
    account.set_now(MONDAY + 2 * DAY);
    let client = account.client(&disk);
    let run = || client.history().export(FOLDER.into(), days(0, 2), Some(ExportFormat::JsonLines), None, None).unwrap();
    run();
    account.change(|record| record["info"]["chatDataEnriched"] = json!(true));
    assert_eq!(run().days_changed, 1);
    let enriched =
        |day: &str| parts(&disk, day).iter().all(|name| String::from_utf8_lossy(&disk.files()[name]).contains("Enriched"));
    assert!(!enriched("2026-03-02") && enriched("2026-03-03"), "only what had not settled");
}

#[test]
fn damaged_and_missing_files_are_found() {
    for format in &FORMATS {
        let account = Account::week();
        let disk = Disk::default();
        let client = account.client(&disk);
        client.history().export(FOLDER.into(), days(0, 7), Some(format.clone()), None, None).unwrap();
        let names: Vec<String> = disk.files().into_keys().filter(|name| name.contains("/engagements/")).collect();
        let mut bytes = disk.files()[&names[0]].clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        disk.put(&names[0], &bytes);
        disk.put(&names[1], b"short");
        lpchat::environment::Files::remove(&disk, names[2].as_ref()).unwrap();
        let report = client.history().verify(FOLDER.into()).unwrap();
        assert!(!report.is_complete);
        let problems: BTreeMap<&str, &str> = report
            .differences
            .iter()
            .map(|difference| (difference.file.as_deref().unwrap(), difference.problem.as_str()))
            .collect();
        assert_eq!(problems.len(), 3, "{}", report.summary);
        for (name, word) in names.iter().zip(["bytes are other", "5 bytes, not", "cannot be read"]) {
            let name = name.strip_prefix(&format!("{FOLDER}/")).unwrap();
            assert!(problems[name].contains(word), "{problems:?}");
        }
        client.history().export(FOLDER.into(), days(0, 7), Some(format.clone()), Some(false), None).unwrap();
        let mended = client.history().verify(FOLDER.into()).unwrap();
        assert!(mended.is_complete, "{}", mended.summary);
    }
}

#[test]
fn a_gap_is_named_and_read_again_by_the_next_run() {
    let broken = Arc::new(AtomicBool::new(true));
    let shared = Arc::clone(&broken);
    let days_of_five =
        (0..3).flat_map(|day| (0..5).map(move |number| record(day * 100 + number, MONDAY + day * DAY + number * HOUR)));
    let account = Account::answering(days_of_five.collect(), move |asked| {
        let is_second_day = asked.body["start"]["from"] == json!(MONDAY + DAY);
        let page = json!({ "_metadata": { "count": 5 }, "interactionHistoryRecords": [record(100, MONDAY + DAY)] });
        let empty = json!({ "_metadata": { "count": 5 }, "interactionHistoryRecords": [] });
        let page = if asked.number("offset") == 0 { page } else { empty };
        (is_second_day && shared.load(Ordering::SeqCst)).then(|| Answer::json(&page))
    });
    let disk = Disk::default();
    let client = account.client(&disk);
    let run = |query: SearchQuery| client.history().export(FOLDER.into(), query, Some(ExportFormat::JsonLines), None, None);
    let failure = run(days(0, 3)).map(|report| report.summary).unwrap_err();
    assert_eq!(failure.code(), Code::IncompleteResult, "{failure}");
    assert!(failure.to_string().contains("1 window is incomplete. Gap from 2026-03-03"), "{failure}");
    assert_eq!(exported(&disk), [0, 1, 2, 3, 4, 100, 200, 201, 202, 203, 204], "all complete rows are there");
    let problem = &manifest(&disk)["days"]["2026-03-03"]["windows"][0]["problem"];
    assert!(problem.as_str().unwrap().contains("counts 5 records and gave 1"), "{problem}");
    let lenient = run(SearchQuery { allow_incomplete: true, ..days(0, 3) }).unwrap();
    assert!(lenient.is_finished && !lenient.is_complete && lenient.gaps.len() == 1, "{}", lenient.summary);
    assert!(!client.history().verify(FOLDER.into()).unwrap().is_complete);
    broken.store(false, Ordering::SeqCst);
    let report = run(days(2, 3)).unwrap();
    assert_eq!((report.is_complete, report.days_read, report.total_records), (true, 1, 15), "{}", report.summary);
}

#[test]
fn an_export_that_a_page_breaks_off_says_how_to_go_on() {
    let healthy = Arc::new(AtomicBool::new(false));
    let shared = Arc::clone(&healthy);
    let records = (0..4).map(|day| record(day, MONDAY + day * DAY)).collect();
    let account = Account::answering(records, move |asked| {
        let is_third_day = asked.body["start"]["from"] == json!(MONDAY + 2 * DAY);
        (is_third_day && !shared.load(Ordering::SeqCst)).then(|| Answer::status(200).broken_off())
    });
    let disk = Disk::default();
    let client = account.client(&disk);
    let run = || client.history().export(FOLDER.into(), days(0, 4), Some(ExportFormat::JsonLines), None, None);
    let failure = run().map(|report| report.summary).unwrap_err();
    assert_eq!(failure.code(), Code::ConnectionLost, "{failure}");
    let hint = &failure.details().hint;
    assert!(hint.contains("run the same export again") && hint.contains("goes on where this one stopped"), "{hint}");
    healthy.store(true, Ordering::SeqCst);
    let report = run().unwrap();
    assert_eq!((report.is_complete, report.days_read, report.total_records), (true, 2, 4), "{}", report.summary);
}

#[test]
fn a_worse_reading_takes_nothing_away() {
    let broken = Arc::new(AtomicBool::new(false));
    let shared = Arc::clone(&broken);
    let records = (0..5).map(|number| record(number, MONDAY + number * HOUR)).collect();
    let empty = json!({ "_metadata": { "count": 5 }, "interactionHistoryRecords": [] });
    let account = Account::answering(records, move |_| shared.load(Ordering::SeqCst).then(|| Answer::json(&empty)));
    let disk = Disk::default();
    let client = account.client(&disk);
    let run = |resume| client.history().export(FOLDER.into(), days(0, 1), Some(ExportFormat::JsonLines), Some(resume), None);
    run(true).unwrap();
    broken.store(true, Ordering::SeqCst);
    assert_eq!(run(false).map(|report| report.summary).unwrap_err().code(), Code::IncompleteResult);
    assert_eq!(exported(&disk), [0, 1, 2, 3, 4]);
    broken.store(false, Ordering::SeqCst);
    assert!(run(true).unwrap().is_complete);
    assert_eq!(exported(&disk), [0, 1, 2, 3, 4]);
}

#[test]
fn what_the_service_has_deleted_stays_in_the_export() {
    let account = Account::week();
    let disk = Disk::default();
    let client = account.client(&disk);
    account.set_now(MONDAY + 7 * DAY);
    let run =
        |resume| client.history().export(FOLDER.into(), days(0, 7), Some(ExportFormat::JsonLines), Some(resume), None).unwrap();
    run(true);
    let before = exported(&disk);
    // More than 13 months later nothing of it is left at the service.
    account.change(|record| record["info"]["startTimeL"] = json!(MONDAY + 1000 * DAY));
    account.set_now(MONDAY + 500 * DAY);
    run(false);
    assert_eq!(exported(&disk), before);
    let verified = client.history().verify(FOLDER.into()).unwrap();
    assert!(verified.is_complete && verified.windows_deleted == 7 && verified.windows_counted == 0, "{}", verified.summary);
}

#[test]
fn records_that_cannot_be_read_are_kept_as_they_were_sent() {
    for format in &FORMATS {
        let account = Account::week();
        let mut broken = record(9_999, MONDAY + 3 * HOUR + 1);
        broken["info"]["duration"] = json!(["no", "number"]);
        account.add(broken.clone());
        let disk = Disk::default();
        let report = account.client(&disk).history().export(FOLDER.into(), days(0, 1), Some(format.clone()), None, None).unwrap();
        assert_eq!((report.unreadable_records, report.total_records), (1, 6), "{}", report.summary);
        let table = if *format == ExportFormat::Parquet { "/unreadable/" } else { "/engagements/" };
        let files = disk.files();
        let file = files.iter().find(|(name, _)| name.contains(table)).unwrap().1;
        let lines: Vec<Value> = String::from_utf8_lossy(file).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.contains(&broken));
    }
}
