//! The same account, read as public extractors read it: steps of seven days that share their edges, pages by offset in
//! whatever order they come, no checks. It loses records and repeats others; an export does neither.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use lpchat::{ExportFormat, SearchQuery};
use serde_json::{Value, json};

use crate::account::{DAY, FOLDER, at};
use crate::disk::Disk;
use crate::history::{BASE, Key, key, sandbox, truth};
use crate::model::{client, exported, mend};
use crate::sandbox::Sandbox;

const PAGE: usize = 20;
const ATTEMPTS: usize = 5;

/// One request over plain HTTP; its status and document.
fn post(host: &str, target: &str, headers: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).is_err() || line.is_empty() {
        return (0, Value::Null);
    }
    let status = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    while reader.read_line(&mut line).is_ok_and(|length| length > 2) {}
    let mut answer = Vec::new();
    let _ = reader.read_to_end(&mut answer);
    (status, serde_json::from_slice(&answer).unwrap_or_default())
}

/// Every record in the order it came.
fn read(sandbox: &Sandbox, start: i64, end: i64) -> Vec<Key> {
    let config: Value = serde_json::from_str(&sandbox.line).unwrap();
    let text = |name: &str| config[name].as_str().unwrap().to_owned();
    let (host, account) = (text("domain_origin").replace("http://", ""), text("account_id"));
    let form = format!("client_id={}&client_secret={}&grant_type=client_credentials", text("client_id"), text("client_secret"));
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    let (_, token) = post(&host, &format!("/sentinel/api/v2/account/{account}/app/token"), headers, &form);
    let headers = format!(
        "Content-Type: application/json\r\nAuthorization: Bearer {}\r\n",
        token["access_token"].as_str().expect("a token")
    );
    let mut keys = Vec::new();
    let mut from = start;
    while from < end {
        let body = json!({ "start": { "from": from, "to": (from + 7 * DAY).min(end) } }).to_string();
        let mut offset = 0;
        loop {
            let target = format!(
                "/interaction_history/api/account/{account}/interactions/search?offset={offset}&limit={PAGE}&source=naive"
            );
            let answers = (0..ATTEMPTS).map(|_| post(&host, &target, &headers, &body));
            let page = answers.into_iter().find_map(|(status, page)| (status == 200).then_some(page)).unwrap_or_default();
            let records = page["interactionHistoryRecords"].as_array().cloned().unwrap_or_default();
            keys.extend(records.iter().map(|record| key(&record["info"])));
            offset += PAGE;
            if offset >= page["_metadata"]["count"].as_u64().unwrap_or(0) as usize {
                break;
            }
        }
        from += 7 * DAY;
    }
    keys
}

/// How many of the records that were there from the beginning are missing, and how many came again.
fn lost_and_repeated(keys: &[Key], truth: &BTreeMap<Key, i64>) -> (usize, usize) {
    let mut times: BTreeMap<&Key, usize> = BTreeMap::new();
    keys.iter().for_each(|key| *times.entry(key).or_default() += 1);
    let lost = truth.keys().filter(|key| !times.contains_key(key)).count();
    (lost, times.values().map(|times| times - 1).sum())
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are what the test is for: `-- --nocapture` shows them")]
fn naive_paging_loses_and_repeats_what_an_export_does_not() {
    let sandbox = sandbox();
    let (start, end) = (BASE - 60 * DAY, BASE - 32 * DAY);
    // A chat at the very edge between two steps.
    let edge = start + 7 * DAY;
    let info =
        json!({ "engagementId": "1", "engagementSet": 1, "engagementSequence": 1, "startTimeL": edge, "endTimeL": edge + 1 });
    sandbox.admin("POST", "/admin/history", &json!({ "info": info }));
    let before = truth(&sandbox, start, end);
    let spoil = || {
        let switches =
            json!({ "unstable_order": "on", "shifted_page_percent": 20, "late_records_percent": 10, "partial_percent": 5 });
        sandbox.admin("POST", "/admin/switches", &switches);
        sandbox.admin(
            "POST",
            "/admin/faults",
            &json!([{ "route": "history.search", "ratio": 0.05, "action": { "status": 503 } }]),
        );
    };
    spoil();
    let naive = read(&sandbox, start, end);
    mend(&sandbox);
    spoil();
    let disk = Disk::default();
    let query =
        SearchQuery { start: Some(at(start)), end: Some(at(end)), page_size: Some(PAGE as i64), ..SearchQuery::default() };
    let format = || Some(ExportFormat::JsonLines);
    let history = client(&sandbox, &disk).history();
    let report = loop {
        match history.export(FOLDER.into(), query.clone(), format(), None, None) {
            Ok(report) => break report,
            Err(error) => assert!(error.details().retryable, "{error}"),
        }
    };
    mend(&sandbox);
    let ours: Vec<Key> = exported(&disk).into_iter().map(|(key, _)| key).collect();
    let (lost, repeated) = lost_and_repeated(&naive, &before);
    let (ours_lost, ours_repeated) = lost_and_repeated(&ours, &before);
    println!(
        "{} records; naive paging: {lost} lost, {repeated} repeated; export: {ours_lost} lost, {ours_repeated} repeated",
        before.len()
    );
    println!("{}", report.summary);
    assert!(before.len() > 200 && lost > 0 && repeated > 0, "{} records: {lost} lost, {repeated} repeated", before.len());
    assert!(report.is_complete);
    assert_eq!((ours_lost, ours_repeated), (0, 0));
}
