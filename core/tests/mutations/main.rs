//! Every fixture, damaged at random: whatever the service sends, nothing panics, nothing hangs, nothing is lost.
//!
//! `LPCHAT_SEEDS` says how many times; the same seeds do the same damage, and a failure names its own.

mod mutate;
#[path = "../support/random.rs"]
mod random;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lpchat::wire::{Buffer, Decode, Present, Presenter, Reader};
use lpchat::{ChatEvents, ChatInformation, ChatResources, Engagement, SearchPage};
use random::Random;
use serde_json::{Value, json};

/// How many times each fixture is damaged: a sample, or what `make test-long` asks for.
fn seeds() -> u64 {
    std::env::var("LPCHAT_SEEDS").map_or(25, |seeds| seeds.parse().expect("LPCHAT_SEEDS is a number"))
}

/// Far more than any of the documents needs in a debug build.
const LONGEST: Duration = Duration::from_secs(2);

/// The answers among the fixtures, by folder and name.
fn answers() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    let files = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let mut found: Vec<(String, String)> = ["agent", "auth", "history", "visitor"]
        .iter()
        .flat_map(|folder| files(&root.join(folder)))
        .filter(|path| path.to_str().unwrap().ends_with("response.json"))
        .map(|path| (path.strip_prefix(&root).unwrap().display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    found.sort();
    assert!(found.len() > 50, "{}", found.len());
    found
}

/// Calls `check` with every fixture and a source of randomness for each seed; what panics names the case.
fn each(check: impl Fn(&str, &mut Random) + std::panic::RefUnwindSafe) {
    for (name, source) in answers() {
        for seed in 0..seeds() {
            let begun = Instant::now();
            let outcome = std::panic::catch_unwind(|| check(&source, &mut Random(seed)));
            assert!(outcome.is_ok(), "{name} with seed {seed}: see the panic above");
            assert!(begun.elapsed() < LONGEST, "{name} with seed {seed} took {:?}", begun.elapsed());
        }
    }
}

/// Reads the document as a `T`, and does with it what the languages do.
fn decode<T: Decode + Present>(text: &str) -> Option<(T, Arc<Buffer>)> {
    let buffer = Buffer::new(text.to_owned());
    let value: T = match Reader::read(&buffer) {
        Ok(value) => value,
        Err(error) => {
            assert!(error.path().starts_with('$'), "{error}");
            return None;
        }
    };
    let (presented, sources) = Presenter::of(&value);
    // Node parses this text.
    let presented: Value = serde_json::from_str(&presented).unwrap_or_else(|error| panic!("{error} in {presented}"));
    assert_sources(&presented, &sources);
    Some((value, buffer))
}

/// Every `raw` refers to a document inside its answer.
fn assert_sources(presented: &Value, sources: &[Arc<Buffer>]) {
    match presented {
        Value::Array(items) => items.iter().for_each(|item| assert_sources(item, sources)),
        Value::Object(members) => {
            for member in members.values() {
                assert_sources(member, sources);
            }
            if let Some([answer, start, end]) = members.get("$").and_then(Value::as_array).map(Vec::as_slice) {
                let at = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
                let raw = &sources[at(answer)].as_str()[at(start)..at(end)];
                serde_json::from_str::<serde::de::IgnoredAny>(raw).unwrap_or_else(|error| panic!("{error} in {raw}"));
            }
        }
        _ => {}
    }
}

fn decode_as_everything(text: &str) {
    decode::<ChatResources>(text);
    decode::<ChatInformation>(text);
    decode::<ChatEvents>(text);
    decode::<Engagement>(text);
    if let Some((page, _)) = decode::<SearchPage>(text) {
        tabulate(&page);
    }
}

#[cfg(feature = "arrow")]
fn tabulate(page: &SearchPage) {
    for name in lpchat::table_names() {
        let table = lpchat::table_of_records(name, &page.records, true).unwrap();
        if name == "engagements" {
            assert_eq!(table.num_rows(), page.records.len());
        }
    }
}

#[cfg(not(feature = "arrow"))]
fn tabulate(_: &SearchPage) {}

#[test]
fn damaged_text_is_decoded_or_refused() {
    each(|source, random| decode_as_everything(&mutate::text(source, random)));
}

#[test]
fn damaged_values_are_decoded_or_refused() {
    each(|source, random| {
        let mut document: Value = serde_json::from_str(source).unwrap();
        for _ in 0..=random.below(3) {
            mutate::value(&mut document, random);
        }
        decode_as_everything(&document.to_string());
    });
}

#[test]
fn one_bad_record_hides_no_other() {
    let pages: Vec<Value> = answers()
        .iter()
        .filter(|(name, _)| name.starts_with("history/search-"))
        .map(|(_, source)| serde_json::from_str(source).unwrap())
        .filter(|page: &Value| page["interactionHistoryRecords"].as_array().is_some_and(|records| !records.is_empty()))
        .collect();
    for seed in 0..seeds() * 4 {
        let random = &mut Random(seed);
        let good = random.pick(&pages)["interactionHistoryRecords"][0].clone();
        let mut bad = random.pick(&pages)["interactionHistoryRecords"][0].clone();
        mutate::value(&mut bad, random);
        let at = random.below(5);
        let mut records = vec![good.clone(); 4];
        records.insert(at, bad.clone());
        let document = json!({ "_metadata": { "count": 5 }, "interactionHistoryRecords": records }).to_string();
        let (page, _) = decode::<SearchPage>(&document).unwrap_or_else(|| panic!("seed {seed}: {bad}"));
        let kept = page.records.iter().filter(|record| record.raw.to_value().unwrap() == good).count();
        // A record that damage has left as it was counts as a fifth.
        assert_eq!(kept, 4 + usize::from(bad == good), "seed {seed}: {bad}");
        let lost: Vec<Value> = page.failures.iter().map(|failure| failure.raw.to_value().unwrap()).collect();
        assert!(page.records.len() + lost.len() == 5, "seed {seed}: a record vanished: {bad}");
        assert!(lost.is_empty() || lost == [bad.clone()], "seed {seed}: {lost:?}");
    }
}
