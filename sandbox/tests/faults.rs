//! Fault plans, the journal, the clock, reset, determinism.

mod common;

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use common::Sandbox;
use serde_json::{Value, json};

fn sandbox() -> Sandbox {
    Sandbox::frozen(&["--engagements", "10"])
}

const PATH: &str = "/api/account/12345678/service/agentVep/baseURI.json?version=1.0";
const RAW: &str = "GET /api/account/12345678/service/agentVep/baseURI.json?version=1.0 HTTP/1.1\r\nhost: x\r\n\r\n";

fn domain_fault(sandbox: &Sandbox, action: Value) {
    sandbox.fault(&json!({"route": "domain.service", "action": action}));
}

#[test]
fn statuses_headers_and_bodies() {
    let sandbox = sandbox();
    domain_fault(&sandbox, json!({"status": 429, "headers": {"Retry-After": "2"}, "json": {"error": "slow down"}}));
    domain_fault(&sandbox, json!({"status": 503, "body": "down"}));
    domain_fault(&sandbox, json!({"redirect": "http://127.0.0.1:1/elsewhere"}));
    domain_fault(&sandbox, json!({"html": true}));
    domain_fault(&sandbox, json!({"empty": true}));
    assert_eq!(sandbox.get(PATH).expect(429).json(), json!({"error": "slow down"}));
    assert_eq!(sandbox.get(PATH).expect(503).text, "down");
    assert_eq!(sandbox.get(PATH).expect(302).location, "http://127.0.0.1:1/elsewhere");
    assert!(sandbox.get(PATH).expect(502).content_type.starts_with("text/html"));
    assert_eq!(sandbox.get(PATH).expect(200).text, "");
    sandbox.get(PATH).expect(200).json();
    let plans = sandbox.get("/admin/faults").json();
    assert!(plans.as_array().unwrap().iter().all(|plan| plan["happened"] == 1), "{plans}");
    sandbox.call("DELETE", "/admin/faults", &[], &Value::Null).expect(200);
    assert_eq!(sandbox.get("/admin/faults").json(), json!([]));
}

#[test]
fn broken_contents() {
    let sandbox = sandbox();
    domain_fault(&sandbox, json!({"garbage": true}));
    domain_fault(&sandbox, json!({"wrong_types": true}));
    domain_fault(&sandbox, json!({"big_line": 1000}));
    domain_fault(&sandbox, json!({"gzip_truncated": true}));
    let mut text = Vec::new();
    sandbox.raw(&RAW.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n")).read_to_end(&mut text).unwrap();
    assert!(text.windows(9).any(|window| window == b"{not json"));
    assert_eq!(sandbox.get(PATH).expect(200).json()["service"], json!([8]));
    assert_eq!(sandbox.get(PATH).expect(200).json()["text"].as_str().unwrap().len(), 1000);
    let mut gzip = Vec::new();
    sandbox.raw(&RAW.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n")).read_to_end(&mut gzip).unwrap();
    let head = String::from_utf8_lossy(&gzip).to_lowercase();
    assert!(head.contains("content-encoding: gzip") && gzip.windows(2).any(|window| window == [0x1F, 0x8B]));
}

#[test]
fn effects_can_come_late_and_reads_from_the_start() {
    let sandbox = sandbox();
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    sandbox.advance(800);
    let about = chat.rsplit('/').next().unwrap();
    let plan = |route: &str, action: Value| json!({"route": route, "contains": about, "action": action});
    sandbox.fault(&plan("visitor.add_event", json!({"status": 504, "late_ms": 50})));
    let lines = || {
        let document = sandbox.get(&format!("/admin/chats?chat={about}")).json();
        document[0]["events"].as_array().unwrap().iter().filter(|event| event["source"] == "visitor").count()
    };
    sandbox.say(&chat, "late").expect(504);
    let begun = Instant::now();
    while lines() == 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the line never comes");
    }
    assert_eq!(lines(), 1);
    sandbox.post("/admin/faults", &plan("visitor.add_event", json!({"late_ms": 50}))).expect(400);

    sandbox.fault(&plan("visitor.events", json!({"from_start": true})));
    let (all, tail) = (sandbox.events(&chat, 3), sandbox.events(&chat, 3));
    assert_eq!((&all[0]["@id"], &tail[0]["@id"]), (&json!("0"), &json!("3")));
}

#[test]
fn connections_break_in_every_way() {
    let sandbox = sandbox();
    let mut buffer = Vec::new();
    domain_fault(&sandbox, json!({"reset": true}));
    let reset = sandbox.raw(RAW).read_to_end(&mut buffer).unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    domain_fault(&sandbox, json!({"close": true}));
    assert_eq!(sandbox.raw(RAW).read_to_end(&mut buffer).unwrap(), 0);
    domain_fault(&sandbox, json!({"truncate": 10}));
    sandbox.raw(RAW).read_to_end(&mut buffer).unwrap();
    let text = String::from_utf8(buffer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length: usize = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    assert!(length > 50 && body.len() == 10, "{length} announced, {} sent", body.len());
    domain_fault(&sandbox, json!({"truncate": 10, "reset": true}));
    let reset = sandbox.raw(RAW).read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    domain_fault(&sandbox, json!({"truncate": 10, "hang": true}));
    let mut hanging = sandbox.raw(RAW);
    hanging.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut half = Vec::new();
    let stalled = hanging.read_to_end(&mut half).unwrap_err();
    assert!([ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&stalled.kind()) && half.ends_with(b"{\"account\""));
}

#[test]
fn delays_and_slow_bodies_take_their_time() {
    let sandbox = sandbox();
    domain_fault(&sandbox, json!({"delay_ms": 150}));
    domain_fault(&sandbox, json!({"slow_body_ms_per_byte": 2}));
    for least in [150, 130] {
        let start = Instant::now();
        sandbox.get(PATH).expect(200).json();
        assert!(start.elapsed() >= Duration::from_millis(least));
    }
}

#[test]
fn stage_decides_whether_the_effect_takes_place() {
    let sandbox = sandbox();
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    sandbox.advance(800);
    for stage in ["before", "after"] {
        sandbox.fault(&json!({"route": "visitor.add_event", "stage": stage, "action": {"status": 500}}));
        sandbox.say(&chat, stage).expect(500);
    }
    let lines: Vec<Value> =
        sandbox.events(&chat, 5).iter().filter(|event| event["source"] == "visitor").map(|event| event["text"].clone()).collect();
    assert_eq!(lines, ["after"]);
}

#[test]
fn wrong_plans_are_refused_with_a_cure() {
    let sandbox = sandbox();
    for (plan, expected) in [
        (json!({"route": "visitor.chats", "action": {}}), "/admin/routes"),
        (json!({"route": "*", "action": {"hangs": true}}), "hangs"),
        (json!({"route": "*", "action": {"status": 99}}), "between 200 and 599"),
        (json!({"route": "*", "ratio": 2, "action": {}}), "between 0 and 1"),
    ] {
        let refused = sandbox.post("/admin/faults", &plan).expect(400).json();
        assert!(refused["error"].as_str().unwrap().contains(expected), "{refused}");
    }
    assert_eq!(sandbox.get("/admin/faults").json(), json!([]));
}

#[test]
fn a_client_that_leaves_is_journaled_as_aborted() {
    let sandbox = sandbox();
    for action in [json!({"hang": true}), json!({"delay_ms": 5000}), json!({"slow_body_ms_per_byte": 100})] {
        domain_fault(&sandbox, action);
        let connection = sandbox.raw(RAW);
        std::thread::sleep(Duration::from_millis(60));
        assert_eq!(sandbox.journal().last().unwrap()["aborted"], false);
        drop(connection);
        let deadline = Instant::now() + Duration::from_secs(4);
        let mut last = sandbox.journal().pop().unwrap();
        while last["aborted"] == false && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
            last = sandbox.journal().pop().unwrap();
        }
        assert_eq!((&last["aborted"], &last["complete"]), (&json!(true), &json!(false)), "{last}");
    }
    assert!(sandbox.journal().iter().all(|entry| entry["fault"].is_u64()));
}

#[test]
fn the_journal_holds_no_secret() {
    let sandbox = sandbox();
    let token = sandbox.app_token();
    let login = sandbox.log_in("agent@example.com").expect(200);
    let csrf = json!({"csrf": login.json()["csrf"]});
    sandbox.call("POST", &sandbox.account("/refresh"), &[("cookie", &login.cookies[0])], &csrf).expect(200);
    let key = sandbox.text("app_key").to_owned();
    sandbox.get(&sandbox.account(&format!("/chat/availability.json?v=1&appKey={key}"))).expect(200);
    let text = Value::from(sandbox.journal()).to_string();
    let secrets = ["password", "client_secret", "app_key"].map(|name| sandbox.text(name).to_owned());
    let bearer = login.json()["bearer"].as_str().unwrap().to_owned();
    for secret in secrets.iter().chain([&bearer, &token, &login.json()["csrf"].as_str().unwrap().to_owned()]) {
        assert!(!text.contains(secret.as_str()), "{secret}");
    }
    assert!(text.contains("agent@example.com") && text.contains("(redacted)"));
    let entries = sandbox.journal();
    let since = entries[1]["seq"].as_u64().unwrap();
    assert_eq!(sandbox.get(&format!("/admin/requests?since={since}")).json().as_array().unwrap().len(), entries.len() - 2);
    sandbox.call("DELETE", "/admin/requests", &[], &Value::Null).expect(200);
    assert_eq!(sandbox.journal().len(), 0);
}

#[test]
fn the_journal_can_be_searched_and_counts() {
    let sandbox = sandbox();
    let chats = [0, 1].map(|_| sandbox.start_chat(&json!({"skill": "Human"})));
    sandbox.fault(&json!({"route": "visitor.events", "action": {"status": 503}}));
    sandbox.fault(&json!({"route": "visitor.info", "action": {"reset": true}}));
    sandbox.visitor("GET", &format!("{}/events", chats[0]), &Value::Null).expect(503);
    sandbox.events(&chats[1], 0);
    sandbox.say(&chats[1], "too early").expect(400);
    let raw = format!("GET {}/info HTTP/1.1\r\nhost: x\r\n\r\n", chats[1].strip_prefix(sandbox.origin()).unwrap());
    sandbox.raw(&raw).read_to_end(&mut Vec::new()).unwrap_err();
    let found = |query: &str| sandbox.get(&format!("/admin/requests?{query}")).expect(200).json().as_array().unwrap().len();
    let key = chats[1].rsplit('/').next().unwrap();
    assert_eq!([found("route=visitor.*"), found(&format!("path={key}")), found("status=503")], [6, 3, 1]);
    assert_eq!([found("faulty=true"), found("faulty=false&route=visitor.events"), found("since=2&status=201")], [2, 1, 0]);
    for wrong in ["route=visitor.chats", "status=ok", "faulty=1", "rout=x"] {
        sandbox.get(&format!("/admin/requests?{wrong}")).expect(400);
    }
    let counts = sandbox.get("/admin/requests/counts").json();
    let expected = json!({
        "visitor.start": {"201": 2}, "visitor.events": {"200": 1, "503": 1}, "visitor.add_event": {"400": 1},
        "visitor.info": {"none": 1},
    });
    assert_eq!(counts, expected);
    let left: Vec<Value> =
        sandbox.get("/admin/faults").json().as_array().unwrap().iter().map(|plan| plan["remaining"].clone()).collect();
    assert_eq!(left, [0, 0]);
    let one = sandbox.get(&format!("/admin/chats?chat={key}&state=waiting")).json();
    assert_eq!((one.as_array().unwrap().len(), &one[0]["chat"]), (1, &json!(key)));
    assert_eq!(sandbox.get("/admin/chats?state=ended").json(), json!([]));
}

#[test]
fn the_clock_drives_the_date_header_and_runs_what_falls_due_in_order() {
    let sandbox = sandbox();
    assert_eq!(sandbox.get(PATH).date, "Sun, 22 Nov 2026 12:00:00 GMT");
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    let clock = sandbox.post("/admin/clock", &json!({"advance_ms": 60_000})).expect(200).json();
    assert_eq!(clock, json!({"now": "2026-11-22T12:01:00Z", "now_ms": 1_795_348_860_000_i64, "frozen": true}));
    let times: Vec<String> = sandbox.get("/admin/chats").json()[0]["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["time"].as_str().unwrap()[17..].to_owned())
        .collect();
    assert_eq!(times, ["00Z", "00Z", "00.800Z", "00.800Z", "00.800Z", "40Z", "40Z"]);
    assert_eq!(sandbox.visitor("GET", &chat, &Value::Null).expect(200).date, "Sun, 22 Nov 2026 12:01:00 GMT");
    sandbox.post("/admin/clock", &json!({"set": "tomorrow"})).expect(400);
    sandbox.post("/admin/clock", &json!({"freeze": false})).expect(200);
    std::thread::sleep(Duration::from_millis(30));
    assert!(sandbox.get("/admin/clock").json()["now_ms"].as_i64().unwrap() > 1_795_348_860_000);
}

#[test]
fn timers_run_without_requests() {
    let sandbox = Sandbox::start(&["--engagements", "10", "--switch", "agent_accept_ms=50", "--switch", "agent_answer_ms=50"]);
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    std::thread::sleep(Duration::from_millis(200));
    let accepted = sandbox.events(&chat, 2)[0]["time"].clone();
    let started = sandbox.events(&chat, 0)[0]["time"].clone();
    let ms = |time: &Value| time.as_str().unwrap()[17..23].replace('.', "").parse::<i64>().unwrap();
    assert_eq!((ms(&accepted) - ms(&started)).rem_euclid(60_000), 50);
}

#[test]
fn same_seed_same_bytes_and_reset_starts_again() {
    let talk = |sandbox: &Sandbox| {
        let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
        sandbox.advance(800);
        sandbox.say(&chat, "hello").expect(201);
        sandbox.advance(400);
        let document = sandbox.visitor("GET", &chat, &Value::Null).expect(200).text;
        let login = sandbox.log_in("agent@example.com").json()["bearer"].clone();
        (document.replace(sandbox.origin(), ""), login)
    };
    let (first, second) = (sandbox(), sandbox());
    let talked = talk(&first);
    assert_eq!(talked, talk(&second));
    let without_ports = |sandbox: &Sandbox| sandbox.config_line.replace(sandbox.origin(), "").replace(sandbox.shard(), "");
    assert_eq!(without_ports(&first), without_ports(&second));
    first.switch("captcha", "on");
    first.post("/admin/reset", &json!({})).expect(200);
    first.post("/admin/clock", &json!({"set": "2026-11-22T12:00:00Z"})).expect(200);
    assert_eq!(first.get("/admin/chats").json(), json!([]));
    assert_eq!(talk(&first), talked);
    let other = Sandbox::frozen(&["--engagements", "10", "--seed", "2"]);
    assert_ne!(talk(&other), talked);
}

#[test]
fn routes_and_switches_are_listed() {
    let sandbox = sandbox();
    let routes = sandbox.get("/admin/routes").json();
    let named = |name: &str| routes.as_array().unwrap().iter().any(|route| route["name"] == name);
    for name in ["domain.service", "login.login", "oauth2.token", "visitor.start", "agent.accept", "history.search"] {
        assert!(named(name), "{name}");
    }
    assert_eq!(sandbox.get("/admin/switches").json()["agent_accept_ms"]["value"], "800");
    sandbox.post("/admin/switches", &json!({"captcha": true, "ring_timeout_s": 5, "nonsense": 1})).expect(400);
    assert_eq!(sandbox.get("/admin/switches").json()["captcha"]["value"], "off", "all or nothing");
}
