//! Scripted agents: the script file, the admin interface, account-to-account transfers.

mod common;

use std::path::PathBuf;
use std::process::Stdio;

use common::{Sandbox, command};
use serde_json::{Value, json};

/// A file that is gone after the test.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lpchat-sandbox-{name}-{}.json", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The example of the README.
fn example() -> String {
    let readme = include_str!("../README.md");
    readme.split("```json\n").find(|part| part.contains("\"greeting\"")).unwrap().split("```").next().unwrap().to_owned()
}

/// A sandbox with the README's script, and a chat just accepted and greeted.
fn chatting() -> (Sandbox, String) {
    let file = File::new(&format!("{:?}", std::thread::current().id()), &example());
    let sandbox = Sandbox::frozen(&["--engagements", "10", "--script", file.path()]);
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    sandbox.advance(1100);
    (sandbox, chat)
}

/// What agents and system said from event `from` on: texts, or message ids.
fn said(sandbox: &Sandbox, chat: &str, from: usize) -> Vec<String> {
    let events = sandbox.events(chat, from).into_iter().filter(|event| event["source"] != "visitor");
    events
        .map(|event| match (&event["systemMessageId"], &event["state"]) {
            (Value::String(id), _) => id.clone(),
            (_, Value::String(state)) => state.clone(),
            _ => event["text"].as_str().unwrap_or_default().to_owned(),
        })
        .collect()
}

fn typing(sandbox: &Sandbox, chat: &str) -> bool {
    sandbox.visitor("GET", &format!("{chat}/info"), &Value::Null).json()["info"]["agentTyping"] == "typing"
}

#[test]
fn the_readmes_script_answers_types_and_sends_content() {
    let (sandbox, chat) = chatting();
    let agent = sandbox.visitor("GET", &format!("{chat}/info"), &Value::Null).json()["info"]["agentName"].clone();
    assert_eq!(said(&sandbox, &chat, 4), [format!("Hello You, I am {} of Sales.", agent.as_str().unwrap())]);
    sandbox.say(&chat, "WHERE is my Order?").expect(201);
    assert!(!typing(&sandbox, &chat));
    sandbox.advance(500);
    assert!(typing(&sandbox, &chat));
    sandbox.advance(999);
    assert_eq!(said(&sandbox, &chat, 6).len(), 0);
    sandbox.advance(1);
    assert_eq!(said(&sandbox, &chat, 6), ["Which order number?"]);
    assert!(!typing(&sandbox, &chat));
    sandbox.say(&chat, "menu").expect(201);
    let menu = sandbox.events(&chat, 8)[0].clone();
    assert_eq!((&menu["textType"], &menu["text"]), (&json!("rich-content"), &json!("A menu")));
    assert_eq!(menu["json"]["elements"][1]["title"], "Refund");
    sandbox.say(&chat, "{agent}").expect(201);
    sandbox.advance(200);
    assert_eq!(said(&sandbox, &chat, 10), ["You said: {agent}"]);
    sandbox.say(&chat, "well, bye").expect(201);
    assert_eq!(said(&sandbox, &chat, 12), ["Goodbye!", "5", "ended"]);
}

#[test]
fn transfers_to_skill_and_agent() {
    let (sandbox, chat) = chatting();
    sandbox.say(&chat, "I want a refund").expect(201);
    assert_eq!(said(&sandbox, &chat, 6), ["My colleagues can do that.", "15", "waiting"]);
    sandbox.advance(1100);
    let info = sandbox.visitor("GET", &format!("{chat}/info"), &Value::Null).json();
    assert_eq!(info["info"]["skillName"], "Billing");
    let next = sandbox.events(&chat, 0).len();
    sandbox.say(&chat, "a refund, please").expect(201);
    assert_eq!(said(&sandbox, &chat, next), ["That is refunded."]);
    let truth = sandbox.get("/admin/chats").json()[0]["events"].clone();
    assert!(truth.as_array().unwrap().iter().any(|event| event["text"] == "wants a refund" && event["only_to_rep"] == true));
    let (bearer, session) = sandbox.agent("agent2@example.com", "Occupied");
    let next = sandbox.events(&chat, 0).len();
    // What is left of these steps goes with the agent.
    sandbox.say(&chat, "anything").expect(201);
    sandbox.say(&chat, "a human").expect(201);
    assert_eq!(sandbox.ringing(&bearer, &session), "1");
    sandbox.accept(&bearer, &session);
    sandbox.advance(1000);
    assert_eq!(said(&sandbox, &chat, next), ["13", "waiting", "chatting", "3"]);
}

#[test]
fn an_account_to_account_transfer() {
    let (sandbox, chat) = chatting();
    sandbox.say(&chat, "partner").expect(201);
    let events = sandbox.events(&chat, 6);
    let (event, ended) = (&events[0], &events[1]);
    assert_eq!((&event["@type"], &ended["state"]), (&json!("a2a-transfer"), &json!("ended")));
    let host = sandbox.origin().trim_start_matches("http://");
    assert_eq!((&event["domain"], &event["remoteSiteId"]), (&json!(host), &json!(12_345_678)));
    assert_eq!(event["link"]["@rel"], "a2a-transfer");
    let parameters = &event["chatRequestParameters"];
    let rt_session = sandbox.get("/admin/chats").json()[0]["rt_session_id"].clone();
    assert_eq!(
        *parameters,
        json!({"a2aEventId": 6, "a2aSourceSessionId": rt_session, "a2aSourceSiteId": 12_345_678, "skill": "Sales"})
    );
    let target = event["link"]["@href"].as_str().unwrap();
    let next = sandbox.visitor("POST", target, &json!({"request": parameters})).expect(201).location;
    assert_ne!(next, chat);
    assert_eq!(sandbox.get("/admin/chats").json()[1]["transferred"]["a2aEventId"], 6);
}

#[test]
fn events_of_any_type() {
    let (sandbox, chat) = chatting();
    let steps = format!("/admin/chats/{}/steps", chat.rsplit('/').next().unwrap());
    sandbox.post(&steps, &json!([{"event": {"@type": "collaboration", "channelID": 7}}])).expect(200);
    let event = sandbox.events(&chat, 5)[0].clone();
    assert_eq!((&event["@id"], &event["@type"], &event["channelID"]), (&json!("5"), &json!("collaboration"), &json!(7)));
    assert!(event["time"].is_string());
}

#[test]
fn steps_and_scripts_at_run_time() {
    let sandbox = Sandbox::frozen(&["--engagements", "10"]);
    assert_eq!(sandbox.get("/admin/script").expect(200).json(), Value::Null);
    let (bearer, session) = sandbox.agent("agent@example.com", "Online");
    let chat = sandbox.start_chat(&json!({"skill": "Human"}));
    let steps = format!("/admin/chats/{}/steps", chat.rsplit('/').next().unwrap());
    let refused = sandbox.post(&steps, &json!([{"end": true}])).expect(400).json();
    assert!(refused["error"].as_str().unwrap().contains("waiting"), "{refused}");
    sandbox.accept(&bearer, &session);
    let remote = json!({"account": "le87654321", "domain": "remote.example", "skill": "Bookings"});
    sandbox.post(&steps, &json!([{"answer": "One moment."}, {"wait": 50}, {"transfer_account": remote}])).expect(200);
    sandbox.advance(50);
    let events = sandbox.events(&chat, 4);
    assert_eq!((&events[0]["text"], &events[1]["remoteSiteId"]), (&json!("One moment."), &json!("le87654321")));
    assert_eq!(events[1]["link"]["@href"], "http://remote.example/api/account/le87654321/chat/request");
    let wrong = sandbox.post(&steps, &json!([{"answer": 1}])).expect(400).json();
    assert!(wrong["error"].as_str().unwrap().starts_with("steps[0].answer is 1"), "{wrong}");
    sandbox.post("/admin/chats/H1/steps", &json!([])).expect(400);

    let script = json!({"rules": [{"match": "ping", "steps": [{"answer": "pong"}]}]});
    sandbox.post("/admin/script", &script).expect(200);
    assert_eq!(sandbox.get("/admin/script").json(), script);
    sandbox.set_availability(&bearer, &session, "Away").expect(200);
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    sandbox.advance(800);
    sandbox.say(&chat, "ping").expect(201);
    sandbox.say(&chat, "silence").expect(201);
    sandbox.advance(1000);
    assert_eq!(said(&sandbox, &chat, 4), ["pong"]);
    sandbox.post("/admin/script", &json!({"rules": [{"match": "x"}]})).expect(400);
    sandbox.call("DELETE", "/admin/script", &[], &Value::Null).expect(200);
    sandbox.say(&chat, "hello").expect(201);
    sandbox.advance(400);
    assert!(said(&sandbox, &chat, 8)[0].starts_with("You said: hello"));
    sandbox.post("/admin/script", &script).expect(200);
    sandbox.post("/admin/reset", &json!({})).expect(200);
    assert_eq!(sandbox.get("/admin/script").json(), Value::Null);
}

#[test]
fn agents_who_hand_a_chat_to_each_other_come_to_an_end() {
    let sandbox = Sandbox::frozen(&["--engagements", "10", "--switch", "agent_accept_ms=0"]);
    sandbox.post("/admin/script", &json!({"greeting": [{"transfer": {"skill": "Sales"}}]})).expect(200);
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    assert_eq!(said(&sandbox, &chat, 0).iter().filter(|said| *said == "15").count(), 99);
}

#[test]
fn a_wrong_file_is_refused_with_its_place() {
    for (name, text, expected) in [
        ("syntax", "{\n  \"rules\": [,]\n}", "line 2, column 13"),
        ("rule", r#"{"rules": [{"match": "x", "steps": [{"wait": "soon"}]}]}"#, "rules[0].steps[0].wait is \"soon\""),
    ] {
        let file = File::new(name, text);
        let output = command().args(["--script", file.path()]).stdin(Stdio::null()).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{told}");
        assert!(told.contains(file.path()) && told.contains(expected), "{told}");
    }
    let output = command().args(["--script", "/nowhere/script.json"]).stdin(Stdio::null()).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("/nowhere/script.json"));
}
