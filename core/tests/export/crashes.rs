//! An export whose disk stops at some operation, and that is repeated afterwards: the same files as without the crash.
//!
//! `LPCHAT_CRASH_STEP` says how many operations lie between two of the crashes that are tried; 1 tries them all.

use std::collections::BTreeMap;

use lpchat::{Client, Code, ExportFormat};

use crate::account::{Account, DAY, FOLDER, FORMATS, MONDAY, days, record};
use crate::disk::{Disk, Survives};

/// The files that are a function of the data: all but what the run tells about itself, and the lock.
fn data(disk: &Disk) -> BTreeMap<String, Vec<u8>> {
    let files = disk.files().into_iter();
    files.filter(|(name, _)| !name.ends_with("report.json") && !name.ends_with(".lock")).collect()
}

fn export(client: &Client, format: &ExportFormat) -> lpchat::Result<lpchat::ExportReport> {
    client.history().export(FOLDER.into(), days(0, 7), Some(format.clone()), None, None)
}

/// How many operations lie between two crashes: fewer tables take fewer operations.
fn step(format: &ExportFormat) -> usize {
    let usual = if *format == ExportFormat::JsonLines { 1 } else { 5 };
    std::env::var("LPCHAT_CRASH_STEP").map_or(usual, |text| text.parse().unwrap())
}

/// Crashes an export at every operation; `before` is what the disk holds when it begins.
fn crash_everywhere(account: &Account, format: &ExportFormat, before: impl Fn(&Disk)) {
    let undisturbed = Disk::default();
    before(&undisturbed);
    let first = undisturbed.operations();
    let report = export(&account.client(&undisturbed), format).unwrap();
    assert!(report.is_complete, "{}", report.summary);
    let (expected, last) = (data(&undisturbed), undisturbed.operations());
    assert!(last - first > 20, "{first} to {last}");
    undisturbed.restart(Survives::Synchronised);
    // Files that were removed may be back; the next run removes them again.
    let durable = data(&undisturbed);
    assert!(expected.iter().all(|(name, bytes)| durable.get(name) == Some(bytes)), "what has ended is durable");
    for survives in [Survives::Everything, Survives::Synchronised] {
        for operation in (first + 1..=last).step_by(step(format)) {
            let disk = Disk::default();
            before(&disk);
            disk.crash_at(operation);
            let outcome = export(&account.client(&disk), format);
            let failure = outcome.map(|report| report.summary).unwrap_err();
            assert_eq!(failure.code(), Code::FileFailed, "operation {operation}: {failure}");
            disk.restart(survives);
            let client = account.client(&disk);
            // What counts is whole, whatever else lies about.
            if disk.files().contains_key(&format!("{FOLDER}/manifest.json")) {
                let verified = client.history().verify(FOLDER.into()).unwrap();
                assert!(verified.is_complete, "operation {operation}, {survives:?}: {}", verified.summary);
            }
            let report = export(&client, format).unwrap();
            assert!(report.is_complete, "operation {operation}: {}", report.summary);
            let found = data(&disk);
            assert_eq!(
                found.keys().collect::<Vec<_>>(),
                expected.keys().collect::<Vec<_>>(),
                "operation {operation}, {survives:?}"
            );
            assert!(found == expected, "operation {operation}, {survives:?}: other bytes");
        }
    }
}

#[test]
fn a_crash_at_any_operation_loses_and_repeats_nothing() {
    let account = Account::week();
    for format in &FORMATS {
        crash_everywhere(&account, format, |_| {});
    }
}

#[test]
fn a_crash_at_any_operation_of_an_update_leaves_the_old_days_or_the_new_ones() {
    let account = Account::week();
    let begun = Disk::default();
    // Days of which records came late are written again, and the earlier parts removed.
    account.set_now(MONDAY + 6 * DAY);
    account.client(&begun).history().export(FOLDER.into(), days(0, 6), Some(ExportFormat::JsonLines), None, None).unwrap();
    account.add(record(5_001, MONDAY + 5 * DAY + 1));
    account.set_now(MONDAY + 30 * DAY);
    let files = begun.files();
    crash_everywhere(&account, &ExportFormat::JsonLines, |disk| {
        files.iter().for_each(|(name, bytes)| disk.put(name, bytes));
        disk.restart(Survives::Everything);
    });
}

#[test]
fn a_disk_that_is_full_or_read_only_is_told_and_the_export_goes_on_later() {
    use std::io::ErrorKind;
    let account = Account::week();
    let undisturbed = Disk::default();
    export(&account.client(&undisturbed), &ExportFormat::JsonLines).unwrap();
    for (refusal, cure) in [(ErrorKind::StorageFull, "free some space"), (ErrorKind::ReadOnlyFilesystem, "permissions")] {
        let disk = Disk::default();
        let client = account.client(&disk);
        let run = client.history().begin_export(FOLDER.into(), days(0, 7), Some(ExportFormat::JsonLines), None, None).unwrap();
        run.advance().unwrap();
        disk.refuse(Some(refusal));
        let failure = std::iter::repeat_with(|| run.advance()).find_map(Result::err).unwrap();
        let text = failure.to_string();
        assert_eq!(failure.code(), Code::FileFailed, "{text}");
        assert!(text.contains(cure) && text.contains("run the export again") && text.contains(FOLDER), "{text}");
        disk.refuse(None);
        // The same run, and any other one, goes on.
        while run.advance().unwrap().is_some() {}
        assert!(data(&disk) == data(&undisturbed));
    }
}
