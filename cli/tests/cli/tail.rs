//! `lpchat history tail`.

use std::time::{Duration, SystemTime};

use lpchat::Timestamp;
use serde_json::{Value, json};

use crate::support::{Running, Sandbox, run};

/// Puts a chat there that ended so many minutes ago.
fn chat(sandbox: &Sandbox, id: &str, minutes: u64) {
    let end = Timestamp::from(SystemTime::now()).minus(Duration::from_secs(minutes * 60)).as_millis();
    let info = json!({ "engagementId": id, "accountId": "12345678", "startTimeL": end - 60_000, "endTimeL": end });
    sandbox.post("/admin/history", &json!({ "info": info }));
}

fn ids(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["info"]["engagementId"].as_str().unwrap()).collect()
}

#[test]
fn a_pass_gives_what_is_new_and_says_where_to_go_on() {
    let sandbox = Sandbox::start();
    chat(&sandbox, "900", 10);
    chat(&sandbox, "901", 20 * 60);
    let since = Timestamp::from(SystemTime::now()).minus(Duration::from_secs(3600)).to_string();
    let ran = run(&mut sandbox.lpchat(&["history", "tail", "--since", &since, "--json"]));
    let next = ran.stderr.trim().strip_prefix("to go on from here: the same command with --since ").unwrap().to_owned();
    assert_eq!(ids(&ran.json_lines()), ["900"]);
    let ran = run(&mut sandbox.lpchat(&["history", "tail", "--since", &next, "--json"]));
    assert_eq!(ids(&ran.json_lines()), ["900"], "it may still be added to");
    let refused = run(&mut sandbox.lpchat(&["history", "tail"])).failure(2);
    assert!(refused.contains("--since") && refused.contains("--follow"), "{refused}");
}

#[test]
fn following_shows_each_engagement_once_until_ctrl_c() {
    let sandbox = Sandbox::start();
    chat(&sandbox, "910", 10);
    let since = Timestamp::from(SystemTime::now()).minus(Duration::from_secs(3600)).to_string();
    let arguments = ["history", "tail", "--since", &since, "--follow", "--interval", "0.1", "--json"];
    let running = Running::start(&mut sandbox.lpchat(&arguments));
    running.shows("\"910\"");
    chat(&sandbox, "911", 8);
    running.shows("\"911\"");
    running.interrupt();
    let ran = running.wait();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    let lines: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(ids(&lines), ["910", "911"], "what has not changed comes once");
}
