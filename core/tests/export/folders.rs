//! Folders that are not ours, not free, or of another export.

use std::collections::BTreeMap;

use lpchat::{Code, ExportFormat, Redaction, SearchQuery};

use crate::account::{Account, FOLDER, days};
use crate::disk::Disk;

fn export(account: &Account, disk: &Disk, query: SearchQuery, format: ExportFormat) -> lpchat::LpchatError {
    let client = account.client(disk);
    client.history().export(FOLDER.into(), query, Some(format), None, None).map(|report| report.summary).unwrap_err()
}

#[test]
fn a_folder_that_is_not_ours_stays_as_it_is() {
    let account = Account::week();
    let told = |disk: &Disk, code: Code, words: &[&str]| {
        let before: BTreeMap<_, _> = disk.files();
        let failure = export(&account, disk, days(0, 2), ExportFormat::JsonLines);
        assert_eq!(failure.code(), code, "{failure}");
        let text = failure.to_string();
        assert!(words.iter().chain(&[FOLDER]).all(|word| text.contains(word)), "{text}");
        assert_eq!(disk.files(), before, "nothing is touched");
    };
    let disk = Disk::default();
    disk.put(&format!("{FOLDER}/holiday.jpg"), b"picture");
    told(&disk, Code::UnusableExport, &["holiday.jpg", "new or an empty folder"]);
    let disk = Disk::default();
    disk.put(FOLDER, b"a file");
    told(&disk, Code::InvalidArgument, &["it is a file", "name a folder"]);
    let disk = Disk::default();
    disk.put(&format!("{FOLDER}/manifest.json"), br#"{"name": "my-app"}"#);
    told(&disk, Code::UnusableExport, &["not of an export of lpchat"]);
    assert_eq!(account.asked(), 0, "the service was asked nothing");
}

#[test]
fn another_export_needs_another_folder() {
    let account = Account::week();
    let disk = Disk::default();
    account.client(&disk).history().export(FOLDER.into(), days(0, 2), Some(ExportFormat::JsonLines), None, None).unwrap();
    let before = disk.files();
    let other_filter = SearchQuery { skill_ids: vec!["5".into()], ..days(0, 2) };
    let redacted = SearchQuery { redact: Some(Redaction::default()), ..days(0, 2) };
    let cases = [
        (days(0, 2), ExportFormat::Parquet, "jsonl"),
        (other_filter, ExportFormat::JsonLines, "skillIds"),
        (redacted, ExportFormat::JsonLines, "identities left out, texts left out"),
    ];
    for (query, format, word) in cases {
        let failure = export(&account, &disk, query, format);
        assert_eq!(failure.code(), Code::UnusableExport, "{failure}");
        assert!(failure.to_string().contains(word) && failure.to_string().contains("a folder for each"), "{failure}");
    }
    let text = String::from_utf8(before[&format!("{FOLDER}/manifest.json")].clone()).unwrap();
    let damages = [
        text.replace("\"rows\":5", "\"rows\":6"),
        text[..text.len() / 2].to_owned(),
        text.replace("\"version\":1", "\"version\":2"),
    ];
    for (damage, word) in damages.iter().zip(["damaged", "damaged", "newer"]) {
        assert_ne!(*damage, text);
        disk.put(&format!("{FOLDER}/manifest.json"), damage.as_bytes());
        let failure = export(&account, &disk, days(0, 2), ExportFormat::JsonLines);
        assert!(failure.code() == Code::UnusableExport && failure.to_string().contains(word), "{failure}");
    }
    disk.put(&format!("{FOLDER}/manifest.json"), text.as_bytes());
    assert!(disk.files() == before, "nothing was touched");
}

#[test]
fn placeholders_kept_and_left_out_do_not_mix() {
    let account = Account::week();
    let disk = Disk::default();
    let client = account.client(&disk);
    let run = |format, keep| client.history().export(FOLDER.into(), days(0, 2), Some(format), None, keep);
    assert!(run(ExportFormat::Parquet, Some(true)).unwrap().is_complete);
    let manifest = |disk: &Disk| String::from_utf8(disk.files()[&format!("{FOLDER}/manifest.json")].clone()).unwrap();
    assert!(manifest(&disk).contains("\"placeholders\":\"kept\""), "{}", manifest(&disk));
    for keep in [None, Some(false)] {
        let failure = run(ExportFormat::Parquet, keep).map(|report| report.summary).unwrap_err();
        assert_eq!(failure.code(), Code::UnusableExport, "{failure}");
        assert!(failure.to_string().contains("placeholders kept, and this one is with the placeholders left out"), "{failure}");
    }
    assert!(run(ExportFormat::Parquet, Some(true)).unwrap().is_complete);
    let failure = run(ExportFormat::JsonLines, Some(true)).map(|report| report.summary).unwrap_err();
    assert_eq!(failure.code(), Code::InvalidArgument, "{failure}");
    assert!(failure.to_string().contains("`keep_placeholders` is true") && failure.to_string().contains("Parquet"), "{failure}");
    let other = Disk::default();
    account.client(&other).history().export(FOLDER.into(), days(0, 2), Some(ExportFormat::Parquet), None, None).unwrap();
    assert!(manifest(&other).contains("\"placeholders\":\"left out\""), "{}", manifest(&other));
}

#[test]
fn files_of_others_in_the_folder_stay() {
    let account = Account::week();
    let disk = Disk::default();
    let client = account.client(&disk);
    client.history().export(FOLDER.into(), days(0, 2), Some(ExportFormat::JsonLines), None, None).unwrap();
    let foreign = ["notes.txt", "engagements/2026-03-02.jsonl", "engagements/.hidden.tmp", "lines/2026-03-02-0123456789ab.jsonl"];
    foreign.iter().for_each(|name| disk.put(&format!("{FOLDER}/{name}"), b"mine"));
    let leftover = format!("{FOLDER}/engagements/2026-03-02-0123456789ab.jsonl");
    disk.put(&leftover, b"of a run that was killed");
    client.history().export(FOLDER.into(), days(0, 7), Some(ExportFormat::JsonLines), None, None).unwrap();
    let files = disk.files();
    assert!(foreign.iter().all(|name| files[&format!("{FOLDER}/{name}")] == b"mine"));
    assert!(!files.contains_key(&leftover));
}

#[test]
fn one_writes_at_a_time() {
    let account = Account::week();
    let disk = Disk::default();
    let client = account.client(&disk);
    let begin = || client.history().begin_export(FOLDER.into(), days(0, 2), Some(ExportFormat::JsonLines), None, None);
    let first = begin().unwrap();
    first.advance().unwrap().unwrap();
    let failure = begin().unwrap_err();
    assert_eq!((failure.code(), failure.details().retryable), (Code::ExportInUse, true), "{failure}");
    let failure = client.history().verify(FOLDER.into()).unwrap_err();
    assert_eq!(failure.code(), Code::ExportInUse, "{failure}");
    drop(first);
    assert!(client.history().export(FOLDER.into(), days(0, 2), Some(ExportFormat::JsonLines), None, None).unwrap().is_complete);
}

#[test]
fn what_an_export_cannot_do_is_refused_before_anything_is_asked() {
    let account = Account::week();
    let disk = Disk::default();
    let queries = [
        ("limit", SearchQuery { limit: Some(5), ..days(0, 2) }),
        ("window_days", SearchQuery { window_days: Some(5), ..days(0, 2) }),
        ("resume_token", SearchQuery { resume_token: Some("x".into()), ..days(0, 2) }),
        ("sort", SearchQuery { engagement_id: Some("1".into()), ..days(0, 2) }),
        ("start", SearchQuery { start: None, ..days(0, 2) }),
    ];
    for (word, query) in queries {
        let failure = export(&account, &disk, query, ExportFormat::JsonLines);
        assert_eq!(failure.code(), Code::InvalidArgument, "{failure}");
        assert!(failure.to_string().contains(&format!("`{word}`")), "{failure}");
    }
    let failure = export(&account, &disk, days(0, 2), ExportFormat::from("csv"));
    assert!(failure.to_string().contains("`parquet` or `jsonl`"), "{failure}");
    let history = account.client(&disk).history();
    let failure = history.verify(FOLDER.into()).unwrap_err();
    assert!(failure.code() == Code::UnusableExport && failure.to_string().contains("no manifest.json"), "{failure}");
    assert_eq!((account.asked(), disk.files().len()), (0, 0));
}
