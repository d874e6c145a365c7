use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use lpchat::{SearchQuery, Timestamp};
use serde_json::{Value, json};

use crate::support::{Running, Sandbox, run, until};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// `--start`, `--end` and the same as times: the 28 days before yesterday's midnight UTC. What is only hours old is read in
/// a window of its own, so that today's midnight would do at most times of the day, and not in the night.
fn month() -> (String, String, Timestamp, Timestamp) {
    let yesterday = Timestamp::from(std::time::SystemTime::now()).minus(DAY);
    let end = Timestamp::parse(&yesterday.to_string()[..10]).unwrap();
    let start = end.minus(DAY * 28);
    (start.to_string()[..10].to_owned(), end.to_string()[..10].to_owned(), start, end)
}

fn search<'a>(start: &'a str, end: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["history", "search", "--start", start, "--end", end], more].concat()
}

/// A record of the sandbox, made from one that it gives.
fn record(sandbox: &Sandbox, change: impl FnOnce(&mut Value)) -> Value {
    let (start, end, ..) = month();
    let mut record = run(&mut sandbox.lpchat(&search(&start, &end, &["--limit", "1", "--json"]))).json_lines().remove(0);
    record["info"]["engagementId"] = json!("12345678999");
    change(&mut record);
    record
}

#[test]
fn json_lines_are_the_services_own_records() {
    let sandbox = Sandbox::start();
    let (start, end, from, to) = month();
    let lines = run(&mut sandbox.lpchat(&search(&start, &end, &["--json"]))).json_lines();
    let query = SearchQuery { start: Some(from), end: Some(to), ..SearchQuery::default() };
    let search = sandbox.client().history().search(query).unwrap();
    let records: Vec<Value> =
        search.pages().flat_map(|page| page.unwrap().records).map(|record| record.raw.to_value().unwrap()).collect();
    assert!(lines.len() > 10, "{}", lines.len());
    assert_eq!(lines, records);
}

#[test]
fn the_table_is_aligned_and_honours_the_limit() {
    let sandbox = Sandbox::start();
    let (start, end, ..) = month();
    let records = run(&mut sandbox.lpchat(&search(&start, &end, &["--json", "--limit", "3"]))).json_lines();
    let table = run(&mut sandbox.lpchat(&search(&start, &end, &["--limit", "3"]))).success();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    let columns: Vec<&str> = lines[0].split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(columns, ["START (UTC)", "DURATION", "WAIT", "SKILL", "AGENT", "VISITOR", "LINES"]);
    let skill = lines[0].find("SKILL").unwrap();
    for (line, record) in lines[1..].iter().zip(&records) {
        let info = &record["info"];
        assert_eq!(line[..19], info["startTime"].as_str().unwrap()[..19]);
        assert!(line[skill..].starts_with(info["skillName"].as_str().unwrap()), "{line}");
        let count = record["transcript"]["lines"].as_array().unwrap().len();
        assert!(line.ends_with(&format!(" {count}")), "{line}: {count}");
        let seconds = info["duration"].as_i64().unwrap();
        assert!(line.contains(&format!(" {}:{:02} ", seconds / 60, seconds % 60)) || seconds >= 3600, "{line}: {seconds}");
    }
}

#[test]
fn filters_reach_the_service() {
    let sandbox = Sandbox::start();
    let (start, end, from, to) = month();
    let skill = "25975313";
    let lines = run(&mut sandbox.lpchat(&search(
        &start,
        &end,
        &[
            "--json",
            "--skill-ids",
            "25975313,-1",
            "--duration-from-seconds",
            "60",
            "--duration-to-seconds",
            "600",
            "--interactive",
        ],
    )))
    .json_lines();
    assert!(!lines.is_empty());
    for line in &lines {
        let info = &line["info"];
        assert!([json!(skill), json!(25_975_313), json!(-1), json!("-1")].contains(&info["skillId"]), "{info}");
        assert!((60..=600).contains(&info["duration"].as_i64().unwrap()), "{info}");
    }
    let journal = sandbox.get("/admin/requests");
    let body = &journal.as_array().unwrap().iter().rfind(|request| request["route"] == "history.search").unwrap()["body"];
    let expected = json!({
        "start": { "from": from.as_millis(), "to": to.as_millis() },
        "skillIds": [skill, "-1"], "duration": { "from": 60, "to": 600 }, "interactive": true,
    });
    assert_eq!(*body, expected);
}

#[test]
fn every_filter_has_the_name_and_the_place_of_the_cores() {
    let sandbox = Sandbox::start();
    let (start, end, ..) = month();
    run(&mut sandbox.lpchat(&search(
        &start,
        &end,
        &[
            "--keyword",
            "\"money back\"",
            "--keyword-areas",
            "chatLine,ea.purchase",
            "--agent-ids",
            "a,b",
            "--skill-ids",
            "-1,5",
            "--agent-group-ids",
            "-1",
            "--visitor-id",
            "v",
            "--engagement-id",
            "e",
            "--channel",
            "1",
            "--alerted-mcs-values",
            "-1,0",
            "--chat-mcs-from",
            "1",
            "--chat-mcs-to",
            "99",
            "--has-interactive-co-browse",
            "false",
            "--co-browse-duration-from-seconds",
            "2",
            "--co-browse-duration-to-seconds",
            "3",
            "--line-content-types",
            "RICH_CONTENT",
            "--prediction-label",
            "a b",
            "--prediction-label",
            "c",
            "--extra-filters",
            "{\"hasCoBrowse\": true}",
            "--sort",
            "duration:desc,start:asc",
            "--source",
            "tests",
            "--offset",
            "5",
            "--limit",
            "70",
            "--page-size",
            "20",
            "--allow-incomplete",
            "--json",
        ],
    )))
    .success();
    let journal = sandbox.get("/admin/requests");
    let request = journal.as_array().unwrap().iter().rfind(|request| request["route"] == "history.search").unwrap();
    let mut body = request["body"].clone();
    body.as_object_mut().unwrap().remove("start");
    let expected = json!({
        "keyword": "\"money back\"", "keyword_search_area": { "types": ["chatLine", "ea.purchase"] }, "agentIds": ["a", "b"], "skillIds": ["-1", "5"],
        "agentGroupIds": ["-1"], "visitor": "v", "engagementId": "e", "channel": 1, "alertedMcsValues": ["-1", "0"],
        "chatMCS": { "from": 1, "to": 99 }, "hasInteractiveCoBrowse": false, "coBrowseDuration": { "from": 2, "to": 3 },
        "lineContentTypes": ["RICH_CONTENT"], "predictionLabel": ["\"a b\"", "c"], "hasCoBrowse": true,
    });
    assert_eq!(body, expected);
    let query = request["query"].as_str().unwrap();
    for part in ["offset=5", "limit=20", "source=tests", "duration"] {
        assert!(query.contains(part), "{part}: {query}");
    }
}

#[test]
fn a_count_is_a_number() {
    let sandbox = Sandbox::start();
    let (start, end, from, to) = month();
    let query = SearchQuery { start: Some(from), end: Some(to), ..SearchQuery::default() };
    let count = sandbox.client().history().count(query).unwrap();
    assert_eq!(run(&mut sandbox.lpchat(&search(&start, &end, &["--count"]))).success(), format!("{count}\n"));
    assert_eq!(run(&mut sandbox.lpchat(&search(&start, &end, &["--count", "--json"]))).json_lines(), [json!({ "count": count })]);
}

#[test]
fn nothing_found_is_said_and_is_no_failure() {
    let sandbox = Sandbox::start();
    let (start, end, ..) = month();
    let ran = run(&mut sandbox.lpchat(&search(&start, &end, &["--agent-ids", "nobody", "--json"])));
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", "No engagement matches.\n"), "{ran:?}");
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let sandbox = Sandbox::start();
    let (start, end, ..) = month();
    let mut command = sandbox.lpchat(&search(&start, &end, &["--json", "--page-size", "5"]));
    let mut process = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let _: Value = serde_json::from_str(&line).unwrap();
    let ran = Running::of(process).wait();
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let pages = sandbox.requests("history.search");
    assert!(pages < 5, "it goes on reading for nobody: {pages} pages");
}

#[test]
fn ctrl_c_ends_a_search_at_once() {
    let sandbox = Sandbox::start();
    let (start, end, ..) = month();
    sandbox.fault(&json!({ "route": "history.search", "action": { "hang": true } }));
    let running = Running::start(&mut sandbox.lpchat(&search(&start, &end, &[])));
    until("the search is under way", || (sandbox.get("/admin/faults")[0].to_string().contains("\"happened\":1")).then_some(()));
    let begin = Instant::now();
    running.interrupt();
    let ran = running.wait();
    assert!(begin.elapsed() < Duration::from_millis(500), "{:?}", begin.elapsed());
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(130), "", ""), "{ran:?}");
    until("the sandbox sees us leave", || sandbox.get("/admin/requests").to_string().contains("\"aborted\":true").then_some(()));
}

#[test]
fn an_unreadable_record_hides_no_other_and_is_not_silent() {
    let sandbox = Sandbox::start();
    let (start, end, ..) = month();
    let broken = record(&sandbox, |record| record["info"]["duration"] = json!(["no", "number"]));
    sandbox.post("/admin/history", &broken);
    let good = run(&mut sandbox.lpchat(&search(&start, &end, &["--json"]))).json_lines();
    assert!(good.iter().any(|line| line["info"]["engagementId"] == "12345678999"), "JSON Lines hold it as it is");
    let ran = run(&mut sandbox.lpchat(&search(&start, &end, &[])));
    assert_eq!(ran.code, Some(12), "{ran:?}");
    assert_eq!(ran.stdout.lines().count(), good.len(), "headings and all records but one");
    assert!(
        ran.stderr.contains("warning: a record cannot be read") && ran.stderr.contains("hint: With --json"),
        "{}",
        ran.stderr
    );
}

#[test]
fn cut_records_and_partial_results_are_not_silent() {
    let sandbox = Sandbox::with(&["is_partial_bytes=1000", "partial_result=on"]);
    let (start, end, ..) = month();
    let ran = run(&mut sandbox.lpchat(&search(&start, &end, &[])));
    assert_eq!(ran.code, Some(13), "{ran:?}");
    assert!(ran.stdout.lines().count() > 5, "what there is comes first");
    assert!(
        ran.stderr.contains("window is incomplete") && ran.stderr.contains("--resume-token lpchat-search-1."),
        "{}",
        ran.stderr
    );
    let ran = run(&mut sandbox.lpchat(&search(&start, &end, &["--allow-incomplete", "--limit", "5"])));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("warning: the service answered from a part of its data"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("cut short"), "they were read whole by their ids: {}", ran.stderr);
}

#[test]
fn what_a_terminal_would_obey_is_shown_instead() {
    let sandbox = Sandbox::start();
    let (start, end, ..) = month();
    let nasty = record(&sandbox, |record| record["info"]["visitorName"] = json!("\u{1b}[31mEve\n\u{9b}2J"));
    sandbox.post("/admin/history", &nasty);
    let table = run(&mut sandbox.lpchat(&search(&start, &end, &[]))).success();
    assert!(table.contains("\\u{1b}[31mEve\\n\\u{9b}2J"), "{table}");
    assert!(!table.contains(['\u{1b}', '\u{9b}']));
    let json = run(&mut sandbox.lpchat(&search(&start, &end, &["--json"])));
    assert!(!json.stdout.contains(['\u{1b}', '\u{9b}']));
    let names: Vec<Value> = json.json_lines().iter().map(|line| line["info"]["visitorName"].clone()).collect();
    assert!(names.contains(&json!("\u{1b}[31mEve\n\u{9b}2J")), "JSON still means the same");
}
