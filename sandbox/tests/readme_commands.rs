//! The README's commands are run as they stand there, and do what the README says.
#![cfg(unix)]

mod common;

use std::io::{ErrorKind, Read};
use std::process::Command;
use std::time::{Duration, Instant};

use common::Sandbox;
use serde_json::{Value, json};

/// A code block of the README: the one after `heading` that contains `part`.
fn block(heading: &str, part: &str) -> String {
    let section = include_str!("../README.md").split(&format!("## {heading}\n")).nth(1).unwrap();
    section.split("```").find(|block| block.contains(part)).unwrap().trim_start_matches("sh\n").to_owned()
}

/// Runs a script in which `get NAME` gives a member of the configuration, as the README's own does.
fn shell(sandbox: &Sandbox, script: &str) -> String {
    let members = sandbox.config.as_object().unwrap().iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
    let cases: String = members.map(|(name, value)| format!("{name}) echo '{value}';; ")).collect();
    let script = format!("set -e\nget() {{ case $1 in {cases} *) exit 9;; esac; }}\n{script}");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}\n{script}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn a_chat_and_a_search_by_hand() {
    let sandbox = Sandbox::today(&["--engagements", "200"]);
    let chat = block("A chat by hand", "mkfifo");
    let (start, chat) = chat.split_once("A=$(get").unwrap();
    assert!(start.contains("lpchat-sandbox <") && start.contains("get() {"), "the rest is done by shell()");
    let events = shell(&sandbox, &format!("A=$(get{chat}"));
    let events: Value = serde_json::from_str(&events).unwrap_or_else(|error| panic!("{error}: {events}"));
    let last = events["events"]["event"].as_array().unwrap().last().unwrap()["text"].clone();
    assert!(last.as_str().unwrap().starts_with("You said: Where is my order?"), "{last}");
    let found: Value = serde_json::from_str(&shell(&sandbox, &block("A search by hand", "FORM="))).unwrap();
    assert!(found["_metadata"]["count"].is_u64(), "{found}");
}

/// What a client sees of a request: how many bytes came of it, their beginning, and how it ended.
struct Seen {
    head: String,
    body: Vec<u8>,
    end: Option<ErrorKind>,
}

fn ask(sandbox: &Sandbox, route: &str, chat: &str, patience: Duration) -> Seen {
    let (key, login) = (sandbox.key_header(), json!({"username": "agent@example.com", "password": sandbox.text("password")}));
    let (line, login) = (json!({"event": {"@type": "line", "text": "hello"}}), login.to_string());
    let (method, path, authorization, body) = match route {
        "history.search" => {
            let body = json!({"start": {"from": common::BASE - 28 * common::DAY, "to": common::BASE}}).to_string();
            ("POST", "/interaction_history/api/account/12345678/interactions/search".to_owned(), sandbox.app_token(), body)
        }
        "visitor.*" => ("GET", chat.to_owned(), key, String::new()),
        // Beyond the last event.
        "visitor.chat" => ("GET", format!("{chat}?from=1000"), key, String::new()),
        "visitor.events" => ("GET", format!("{chat}/events"), key, String::new()),
        "visitor.info" => ("GET", format!("{chat}/info"), key, String::new()),
        "visitor.add_event" => ("POST", format!("{chat}/events"), key, line.to_string()),
        "visitor.start" => ("POST", "/api/account/12345678/chat/request".to_owned(), key, json!({"request": {}}).to_string()),
        "domain.*" => ("GET", "/api/account/12345678/service/baseURI?version=1.0".to_owned(), key, String::new()),
        "login.login" => ("POST", "/api/account/12345678/login".to_owned(), key, login),
        "agent.accept" => ("POST", "/api/account/12345678/agentSession/1/incomingRequests".to_owned(), key, "{}".to_owned()),
        other => panic!("the README has a fault on {other}: teach this test to meet it"),
    };
    let joint = if path.contains('?') { '&' } else { '?' };
    let mut stream = sandbox.raw(&format!(
        "{method} {path}{joint}v=1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\naccept: application/json\r\n\
         content-type: application/json\r\nauthorization: {authorization}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    stream.set_read_timeout(Some(patience)).unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).err().map(|error| error.kind());
    let cut = bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let body = bytes.split_off(cut);
    Seen { head: String::from_utf8(bytes).unwrap().to_lowercase(), body, end }
}

/// Whether what was seen is what the plan's action says.
fn is_as_planned(action: &Value, seen: &Seen, took: Duration) -> bool {
    let status = |status: u64| seen.head.starts_with(&format!("http/1.1 {status} "));
    let set = |name: &str| action.get(name).is_some();
    let number = |name: &str| action[name].as_u64().unwrap();
    let length = || {
        let text = seen.head.split("content-length: ").nth(1).unwrap();
        text.lines().next().unwrap().parse::<usize>().unwrap()
    };
    let stalled = matches!(seen.end, Some(ErrorKind::WouldBlock | ErrorKind::TimedOut));
    match () {
        () if set("truncate") => {
            seen.body.len() as u64 == number("truncate") && length() > seen.body.len() && stalled == set("hang")
        }
        () if set("hang") => stalled && seen.head.is_empty(),
        () if set("reset") => seen.end == Some(ErrorKind::ConnectionReset) && seen.head.is_empty(),
        () if set("close") => seen.end.is_none() && seen.head.is_empty(),
        () if set("redirect") => {
            let target = format!("location: {}\r\n", action["redirect"].as_str().unwrap());
            status(number("status")) && seen.head.contains(&target)
        }
        () if set("late_ms") => status(number("status")),
        () if set("from_start") => {
            let document: Value = serde_json::from_slice(&seen.body).unwrap();
            document["chat"]["events"]["event"].as_array().is_some_and(|events| !events.is_empty())
        }
        () if set("status") => status(number("status")) && seen.head.contains("retry-after: 1\r\n"),
        () if set("delay_ms") => status(200) && took >= Duration::from_millis(number("delay_ms")),
        () if set("garbage") => status(200) && serde_json::from_slice::<Value>(&seen.body).is_err() && !seen.body.is_empty(),
        () if set("html") => status(502) && seen.body.starts_with(b"<html>"),
        () if set("empty") => status(200) && seen.body.is_empty(),
        () if set("wrong_types") => serde_json::from_slice::<Value>(&seen.body).unwrap()["info"]["state"].is_array(),
        () if set("slow_body_ms_per_byte") => {
            let bytes = seen.body.len() as u64;
            took >= Duration::from_millis(bytes * number("slow_body_ms_per_byte") * 9 / 10) && bytes > 100
        }
        () if set("big_line") => seen.body.len() as u64 > number("big_line"),
        () if set("gzip_truncated") => seen.head.contains("content-encoding: gzip") && seen.body.starts_with(&[0x1F, 0x8B]),
        () => panic!("the README has a fault that this test does not know: {action}"),
    }
}

#[test]
fn every_fault_line_does_what_it_says() {
    let sandbox = Sandbox::frozen(&["--engagements", "100"]);
    let url = sandbox.start_chat(&json!({"skill": "Sales"}));
    let chat = url.strip_prefix(sandbox.origin()).unwrap();
    sandbox.advance(800);
    let text = block("Faults", "fault() {");
    let (define, lines) = text.split_once('\n').unwrap();
    let mut count = 0;
    let said = || sandbox.events(&url, 0).into_iter().filter(|event| event["source"] == "visitor").count();
    for line in lines.lines() {
        let said_before = said();
        sandbox.call("DELETE", "/admin/faults", &[], &Value::Null).expect(200);
        let ids: Value = serde_json::from_str(&shell(&sandbox, &format!("{define}\n{line}"))).unwrap();
        assert!(ids["ids"].as_array().is_some_and(|ids| ids.len() == 1), "{line}: {ids}");
        let plan = || sandbox.get("/admin/faults").json()[0].clone();
        let posted = plan()["plan"].clone();
        let route = posted["route"].as_str().unwrap();
        let patience = if posted["action"]["hang"] == true { Duration::from_millis(500) } else { Duration::from_secs(30) };
        // A plan with a ratio is met after a while, the others at once, and then no more.
        for _ in 0..3000 {
            let begun = Instant::now();
            let seen = ask(&sandbox, route, chat, patience);
            let took = begun.elapsed();
            if plan()["happened"] == 0 {
                assert!(posted["ratio"].is_number(), "{line}: it did not happen");
                continue;
            }
            assert!(is_as_planned(&posted["action"], &seen, took), "{line}: {} {:?} after {took:?}", seen.head, seen.end);
            if plan()["remaining"].as_u64().unwrap_or(0) == 0 {
                break;
            }
        }
        assert!(plan()["happened"].as_u64() > Some(0), "{line}");
        if let Some(late) = posted["action"]["late_ms"].as_u64() {
            std::thread::sleep(Duration::from_millis(late));
            let begun = Instant::now();
            while said() == said_before && begun.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        if posted["stage"] == "after" || posted["action"]["late_ms"].is_number() {
            assert_eq!(said(), said_before + 1, "{line}: the effect took place");
        }
        count += 1;
    }
    assert!(count >= 15, "{count} lines");
}
