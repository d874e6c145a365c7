//! The process: one line out, ends with its standard input, refuses bad arguments with a cure.

mod common;

use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Sandbox, command};
use serde_json::json;

fn wait_for_end(sandbox: &mut Sandbox) -> Option<i32> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(1) {
        if let Some(status) = sandbox.child().try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

#[test]
fn end_of_standard_input_ends_it_within_a_second() {
    let mut sandbox = Sandbox::start(&["--engagements", "10"]);
    // A request that never ends must not hold it up.
    sandbox.fault(&json!({"route": "*", "action": {"hang": true}}));
    let _hanging = sandbox.raw("GET /api/account/12345678 HTTP/1.1\r\nhost: x\r\n\r\n");
    std::thread::sleep(Duration::from_millis(50));
    sandbox.close_stdin();
    assert_eq!(wait_for_end(&mut sandbox), Some(0));
    assert_eq!(sandbox.rest_of_stdout(), "");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it() {
    for signal in ["TERM", "INT"] {
        let mut sandbox = Sandbox::start(&["--engagements", "10", "--ignore-stdin"]);
        sandbox.close_stdin();
        std::thread::sleep(Duration::from_millis(100));
        assert!(sandbox.child().try_wait().unwrap().is_none());
        let id = sandbox.child().id().to_string();
        std::process::Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap();
        assert_eq!(wait_for_end(&mut sandbox), Some(0));
    }
}

#[test]
fn the_configuration_is_one_line_of_distinct_canaries() {
    let sandbox = Sandbox::start(&["--engagements", "10"]);
    assert_eq!((sandbox.text("kind"), &sandbox.config["version"]), ("lpchat-sandbox", &json!(1)));
    assert_eq!(sandbox.text("now"), "2026-11-22T12:00:00Z");
    assert!(sandbox.text("password").contains("sandbox-secret"));
    let mut secrets: Vec<&str> = [
        "app_key",
        "password",
        "client_id",
        "client_secret",
        "oauth1_consumer_key",
        "oauth1_consumer_secret",
        "oauth1_token",
        "oauth1_token_secret",
    ]
    .map(|name| sandbox.text(name))
    .to_vec();
    assert!(secrets.iter().all(|secret| secret.len() >= 16));
    secrets.sort_unstable();
    secrets.dedup();
    assert_eq!(secrets.len(), 8);
    assert_eq!(sandbox.text("oauth1_consumer_key").len(), 32);
    assert_eq!(sandbox.text("oauth1_token_secret").len(), 16);
}

#[test]
fn bad_arguments_name_value_rule_and_cure() {
    for (arguments, expected) in [
        (["--engagements", "1000001"], "0..=1000000"),
        (["--base-date", "2026-02-30"], "calendar date"),
        (["--switch", "collapse_list=on"], "--list-switches"),
        (["--switch", "ring_timeout_s=soon"], "1 to 3600"),
        (["--account", "a/b"], "letters, digits"),
    ] {
        let output = command().args(arguments).stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(expected) && text.contains(arguments[1].split('=').next_back().unwrap()), "{text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_taken_port_is_an_error_with_a_cure() {
    let sandbox = Sandbox::start(&["--engagements", "10"]);
    let port = sandbox.origin().rsplit(':').next().unwrap();
    let output = command().args(["--port", port]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--port 0"));
}

#[test]
fn switches_are_listed() {
    let output = command().arg("--list-switches").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("agent_accept_ms = 800"));
}

#[test]
fn a_data_file_keeps_what_was_inserted() {
    let file = std::env::temp_dir().join(format!("lpchat-sandbox-test-{}.db", std::process::id()));
    let path = file.to_str().unwrap();
    let options = ["--engagements", "20", "--data", path];
    let mut sandbox = Sandbox::start(&options);
    let record = json!({"info": {"engagementId": "12345678777", "startTimeL": 1_795_300_000_000_i64}});
    sandbox.post("/admin/history", &record).expect(200);
    sandbox.close_stdin();
    wait_for_end(&mut sandbox);
    let again = Sandbox::start(&options);
    assert_eq!(again.get("/admin/history/keys").json().as_array().unwrap().len(), 21);
    let other = command().args(["--engagements", "21", "--data", path, "--base-date", common::BASE_DATE]).output().unwrap();
    assert!(String::from_utf8(other.stderr).unwrap().contains("another engagements"));
    drop(again);
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{path}{suffix}"));
    }
}
