//! Switches that no other test turns: each changes exactly what its description says.

mod common;

use common::{Sandbox, names};
use serde_json::{Value, json};

const AGENT: &str = "agent@example.com";

fn sandbox() -> Sandbox {
    Sandbox::frozen(&["--engagements", "10"])
}

fn info(sandbox: &Sandbox, chat: &str) -> Value {
    sandbox.visitor("GET", &format!("{chat}/info"), &Value::Null).expect(200).json()["info"].clone()
}

#[test]
fn starting_a_chat() {
    let sandbox = sandbox();
    let start = |request: Value| sandbox.visitor("POST", &sandbox.account("/chat/request"), &json!({ "request": request }));
    sandbox.switch("start_chat_status", "200");
    sandbox.switch("start_chat_body", "link");
    let answer = start(json!({})).expect(200);
    assert_eq!(answer.json()["chatLocation"]["link"]["@href"], answer.location);
    sandbox.switch("unknown_skill", "ignore");
    let chat = start(json!({"skill": "Nonsense"})).expect(200).location;
    assert!(info(&sandbox, &chat).get("skillName").is_none());
    sandbox.switch("chat_timeout_s", "77");
    let chat = start(json!({})).location;
    assert_eq!(info(&sandbox, &chat)["chatTimeout"], 77);
    sandbox.switch("letag_required", "on");
    assert_eq!(start(json!({})).expect(401).error().1, "Invalid User");
    start(json!({"LETagVisitorId": "v", "LETagSessionId": "s"})).expect(200);
}

#[test]
fn waiting() {
    let sandbox = sandbox();
    sandbox.switch("max_wait_elapsed", "end");
    let chat = sandbox.start_chat(&json!({"skill": "Human", "maxWaitTime": 10}));
    sandbox.advance(10_000);
    let events = sandbox.events(&chat, 2);
    assert_eq!((&events[0]["systemMessageId"], &events[1]["state"]), (&json!("2"), &json!("ended")));
    sandbox.switch("busy_line", "on");
    let busy = sandbox.start_chat(&json!({"skill": "Human"}));
    assert_eq!(sandbox.events(&busy, 2)[0]["systemMessageId"], "2");
    assert_eq!(sandbox.events(&sandbox.start_chat(&json!({"skill": "Sales"})), 2).len(), 0);
    sandbox.switch("busy_line", "off");
    sandbox.switch("end_while_waiting", "refuse");
    let chat = sandbox.start_chat(&json!({"skill": "Human"}));
    let end = json!({"event": {"@type": "state", "state": "ended"}});
    sandbox.visitor("POST", &format!("{chat}/events"), &end).expect(400);
    sandbox.switch("ended_lifetime_s", "5");
    sandbox.advance(45_000);
    sandbox.visitor("GET", &chat, &Value::Null).expect(404);
}

#[test]
fn forms_of_events_and_ids() {
    let sandbox = sandbox();
    sandbox.switch("line_status_events", "on");
    let chat = sandbox.start_chat(&json!({"skill": "Sales", "engagementId": 5, "LETagVisitorId": "v"}));
    sandbox.advance(800);
    sandbox.say(&chat, "hello").expect(201);
    let status = &sandbox.events(&chat, 6)[0];
    assert_eq!(
        (&status["@type"], &status["refSequenceId"], &status["metadata"]),
        (&json!("line-status"), &json!("5"), &json!([]))
    );
    for (style, expected) in [("number", json!(5)), ("string", json!("5"))] {
        sandbox.switch("id_style", style);
        let whole = sandbox.visitor("GET", &chat, &Value::Null).json();
        assert_eq!((&whole["chat"]["info"]["engagementId"], &info(&sandbox, &chat)["engagementId"]), (&expected, &expected));
    }
    let key = sandbox.key_header();
    sandbox.switch("set_name_status", "201");
    sandbox.put(&key, &format!("{chat}/info/visitorName"), &json!({"visitorName": "Zoë"})).expect(201);
    sandbox.switch("native_put", "accept");
    let url = format!("{chat}/info/visitorName?v=1");
    sandbox.call("PUT", &url, &[("authorization", &key)], &json!({"visitorName": "x"})).expect(201);
}

#[test]
fn visitor_authentication_and_engagements() {
    let sandbox = sandbox();
    let body = json!({"ssoKey": "valid", "authChatConnId": 1, "engagementId": 1, "LETagContextId": "2",
        "LETagSessionId": "s", "LETagVisitorId": "v"});
    let url = sandbox.account("/conversation");
    sandbox.switch("authentication_answer", "200_body");
    assert_eq!(names(&sandbox.visitor("POST", &url, &body).expect(200).json()), ["conversationId", "participantId"]);
    sandbox.switch("authentication_answer", "201_location");
    let answer = sandbox.visitor("POST", &url, &body).expect(201);
    assert!(answer.text.is_empty() && answer.location.contains("/participant/"));
    let create = || sandbox.post(&sandbox.account("/app/engagement/visitors/?v=1.0"), &json!({"appType": "EXTERNAL"})).json();
    sandbox.switch("authenticated_engagement", "on");
    assert!(create()["engagementDetails"]["connectorId"].is_i64());
    sandbox.switch("engagement_available", "off");
    assert_eq!(names(&create()), ["pageId", "sessionId", "status", "visitorId"]);
}

#[test]
fn versions_and_the_directory() {
    let sandbox = sandbox();
    let (bearer, session) = sandbox.agent(AGENT, "Away");
    let without = || sandbox.call("GET", &session, &[("authorization", &bearer)], &Value::Null).status;
    assert_eq!(without(), 200);
    sandbox.switch("require_version", "both");
    assert_eq!(without(), 400);
    sandbox.switch("require_version", "none");
    let key = sandbox.key_header();
    sandbox.call("GET", &sandbox.account(""), &[("authorization", &key)], &Value::Null).expect(200);
    sandbox.switch("domain_requires_version", "off");
    sandbox.get(&sandbox.account("/service/smt/baseURI.json")).expect(200);
}

#[test]
fn agent_sessions() {
    let sandbox = sandbox();
    sandbox.switch("login_cookie_name", "session_id");
    let login = sandbox.log_in(AGENT).expect(200);
    assert!(login.cookies[0].starts_with("session_id="));
    let bearer = format!("Bearer {}", login.json()["bearer"].as_str().unwrap());
    for (name, value) in [("start_session_status", "200"), ("agent_location_header", "on"), ("initial_availability", "Online")] {
        sandbox.switch(name, value);
    }
    let started = sandbox.agent_call("POST", &bearer, &sandbox.account("/agentSession"), &json!({"loginData": ""})).expect(200);
    let session = started.location.clone();
    assert_eq!(started.json()["agentSessionLocation"]["link"]["@href"], session);
    sandbox.start_chat(&json!({"skill": "Sales"}));
    assert_eq!(sandbox.ringing(&bearer, &session), "1");
    sandbox.switch("availability_answer", "empty");
    assert_eq!(sandbox.set_availability(&bearer, &session, "Away").expect(200).text, "");
    sandbox.switch("agent_cookie_required", "on");
    sandbox.agent_call("GET", &bearer, &session, &Value::Null).expect(401);
    let headers = [("authorization", bearer.as_str()), ("cookie", started.cookies[0].as_str())];
    sandbox.call("GET", &format!("{session}?v=1"), &headers, &Value::Null).expect(200);
}

#[test]
fn links_to_a_shard() {
    let sandbox = sandbox();
    let here = sandbox.start_chat(&json!({"skill": "Human"}));
    sandbox.switch("shard_links", "on");
    let chat = sandbox.start_chat(&json!({"skill": "Human"}));
    assert!(here.starts_with(sandbox.origin()) && chat.starts_with(sandbox.shard()) && sandbox.shard() != sandbox.origin());
    let document = sandbox.visitor("GET", &chat, &Value::Null).expect(200).json()["chat"].clone();
    let links = [&document["link"], &document["events"]["link"], &document["info"]["link"]];
    let links: Vec<&str> =
        links.iter().flat_map(|list| list.as_array().unwrap()).map(|link| link["@href"].as_str().unwrap()).collect();
    assert!(links.len() == 14 && links.iter().all(|link| link.starts_with(&chat)), "{links:?}");
    // Both addresses serve the same account.
    let (bearer, session) = sandbox.agent(AGENT, "Online");
    let accepted = sandbox.accept(&bearer, &session.replace(sandbox.shard(), sandbox.origin()));
    assert!(session.starts_with(sandbox.shard()) && accepted.starts_with(&session));
    assert_eq!(info(&sandbox, &here)["state"], "chatting");
    let host = sandbox.shard().trim_start_matches("http://");
    assert!(sandbox.journal().iter().any(|entry| entry["route"] == "visitor.chat" && entry["host"] == host));
}

#[test]
fn accepting_and_ending() {
    let sandbox = sandbox();
    let (bearer, session) = sandbox.agent(AGENT, "Online");
    let accept = || sandbox.agent_call("POST", &bearer, &format!("{session}/incomingRequests"), &json!({}));
    sandbox.switch("accept_idle_status", "200");
    assert!(accept().expect(200).json().get("chatLocation").is_none());
    sandbox.switch("accept_status", "200");
    sandbox.switch("ring_timeout_s", "5");
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    let url = accept().expect(200).json()["chatLocation"]["link"]["@href"].as_str().unwrap().to_owned();
    sandbox.switch("agent_requests_renew", "on");
    for _ in 0..3 {
        sandbox.advance(30_000);
        sandbox.agent_call("GET", &bearer, &url, &Value::Null).expect(200);
    }
    assert_eq!(info(&sandbox, &chat)["state"], "chatting");
    sandbox.switch("transfer_failure", "200");
    let nowhere = json!({"transfer": {"agent": {"id": 1}}});
    let refused = sandbox.agent_call("POST", &bearer, &format!("{url}/transfer"), &nowhere).expect(200).json();
    assert!(refused["transfer"]["errormsg"].is_string());
    sandbox.switch("multi_chat_from", "inclusive");
    let key = chat.rsplit('/').next().unwrap();
    let query = format!("{session}/chat?chatSessionKeys={key}&fromEventIds=3");
    let events = sandbox.agent_call("GET", &bearer, &query, &Value::Null).json()["chats"]["chat"][0]["events"]["event"].clone();
    assert_eq!(events[0]["id"], 3);
    sandbox.switch("end_chat_wrapper", "chatEventLocation");
    let end = json!({"event": {"@type": "state", "state": "ended"}});
    let ended = sandbox.agent_call("POST", &bearer, &format!("{url}/events"), &end).expect(201).json();
    assert_eq!(names(&ended), ["chatEventLocation"]);
}

#[test]
fn a_limit_of_chats_per_agent() {
    let sandbox = sandbox();
    sandbox.switch("agent_max_chats", "1");
    sandbox.switch("scripted_agent", "off");
    let (bearer, session) = sandbox.agent(AGENT, "Online");
    let first = sandbox.start_chat(&json!({"skill": "Sales"}));
    let second = sandbox.start_chat(&json!({"skill": "Sales"}));
    assert_eq!(sandbox.ringing(&bearer, &session), "1");
    sandbox.accept(&bearer, &session);
    assert_eq!(sandbox.ringing(&bearer, &session), "0");
    let end = json!({"event": {"@type": "state", "state": "ended"}});
    sandbox.visitor("POST", &format!("{first}/events"), &end).expect(201);
    assert_eq!(sandbox.ringing(&bearer, &session), "1");
    assert!(sandbox.accept(&bearer, &session).ends_with(second.rsplit('/').next().unwrap()));
}

#[test]
fn history_limits() {
    let sandbox = sandbox();
    let token = sandbox.app_token();
    let days = |days: i64| json!({"start": {"from": common::BASE - days * common::DAY, "to": common::BASE}});
    sandbox.switch("month_limit_days", "28");
    sandbox.search(&token, "", &days(29)).expect(400);
    sandbox.switch("deep_paging_limit", "0");
    sandbox.search(&token, "offset=1000000", &days(1)).expect(200);
    sandbox.switch("href_host", "foreign");
    let href = sandbox.search(&token, "", &days(1)).json()["_metadata"]["self"]["href"].clone();
    assert!(href.as_str().unwrap().starts_with("https://va-a.enghist.liveperson.net/interaction_history/"));
    let record = json!({"info": {"engagementId": "1", "startTimeL": common::BASE - 40 * common::DAY}});
    sandbox.post("/admin/history", &record).expect(200);
    let by_id = json!({"start": {"from": 0, "to": common::BASE}, "engagementId": "1"});
    let count = || sandbox.search(&token, "", &by_id).expect(200).json()["_metadata"]["count"].clone();
    assert_eq!(count(), 1);
    sandbox.switch("retention_months", "1");
    assert_eq!(count(), 0);
    sandbox.switch("history_unknown_account", "404");
    let other = "/interaction_history/api/account/999/interactions/search";
    sandbox.call("POST", other, &[("authorization", &token)], &days(1)).expect(404);
}
