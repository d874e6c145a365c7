//! The visitor's side: docs/protocol/visitor-chat-api.md.

mod common;

use common::{Sandbox, names};
use serde_json::{Value, json};

fn sandbox() -> Sandbox {
    Sandbox::frozen(&["--engagements", "10"])
}

/// A chat that a scripted agent has accepted and greeted.
fn chatting(sandbox: &Sandbox) -> String {
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    sandbox.advance(800);
    chat
}

fn state(sandbox: &Sandbox, chat: &str) -> String {
    let info = sandbox.visitor("GET", &format!("{chat}/info"), &Value::Null).expect(200).json();
    info["info"]["state"].as_str().unwrap().to_owned()
}

fn refusal(sandbox: &Sandbox, request: &Value) -> (u16, i64, String) {
    let answer = sandbox.visitor("POST", &sandbox.account("/chat/request"), &json!({ "request": request }));
    let (code, message) = answer.error();
    (answer.status, code, message)
}

#[test]
fn a_chat_begins_as_documented() {
    let sandbox = sandbox();
    let chat = sandbox.start_chat(&json!({"skill": "Sales", "preChatLines": {"line": ["order 4711"]}}));
    let key = chat.rsplit('/').next().unwrap();
    let (head, tail) = key.split_once('-').unwrap();
    let (middle, k) = tail.split_once('K').unwrap();
    assert!(head.starts_with('H') && head[1..].bytes().all(|byte| byte.is_ascii_digit()) && middle.len() == 32);
    let document = sandbox.visitor("GET", &chat, &Value::Null).expect(200).json();
    let info = &document["chat"]["info"];
    assert_eq!(info["rtSessionId"].as_i64().unwrap(), k.parse::<i64>().unwrap() - (1 << 23) + (1_i64 << 32));
    let events = document["chat"]["events"]["event"].as_array().unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!((&events[0]["@id"], &events[0]["state"]), (&json!("0"), &json!("waiting")));
    assert_eq!((&events[1]["source"], &events[1]["systemMessageId"]), (&json!("system"), &json!(4)));
    sandbox.advance(800);
    let events = sandbox.events(&chat, 2);
    assert_eq!((&events[0]["text"], &events[0]["systemMessageId"]), (&json!("order 4711"), &json!("0")));
    assert_eq!(events[1]["state"], "chatting");
    assert_eq!(events[2]["systemMessageId"], "3");
    assert_eq!(events[3]["source"], "agent");
}

#[test]
fn the_truth_about_chats_can_be_asked_by_where_they_were_requested() {
    let sandbox = sandbox();
    let chat = sandbox.start_chat(&json!({"skill": "Sales", "chatReferrer": "page-1"}));
    sandbox.start_chat(&json!({"skill": "Sales"}));
    let at = |page: &str| sandbox.get(&format!("/admin/chats?referrer={page}")).json();
    let found = at("page-1");
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert!(chat.ends_with(found[0]["chat"].as_str().unwrap()));
    assert_eq!(at("page"), json!([]));
}

#[test]
fn documents_have_the_members_of_the_samples() {
    let sandbox = sandbox();
    let request = json!({
        "skill": "Sales", "interactionTimeout": 40, "LETagVisitorId": "rloXnVgEQ-iQuoOytvKNqA", "language": "en-US",
        "LETagSessionId": "rN82d4rATN6EuiA4cJwaPg", "LETagContextId": "2", "engagementId": 27469613, "campaignId": 26948813,
    });
    let chat = sandbox.start_chat(&request);
    sandbox.advance(800);
    let document = sandbox.visitor("GET", &chat, &Value::Null).expect(200).json();
    let rels: Vec<&str> =
        document["chat"]["link"].as_array().unwrap().iter().map(|link| link["@rel"].as_str().unwrap()).collect();
    assert_eq!(
        rels,
        [
            "self",
            "events",
            "info",
            "next",
            "transcript-request",
            "transcript-with-subject-request",
            "exit-survey",
            "custom-variables"
        ]
    );
    let members = [
        "agentId",
        "agentName",
        "agentTyping",
        "campaignId",
        "chatSessionKey",
        "chatTimeout",
        "duration",
        "engagementId",
        "language",
        "lastUpdate",
        "link",
        "rtSessionId",
        "sharkContextId",
        "sharkSessionId",
        "sharkVisitorId",
        "skillId",
        "skillName",
        "startTime",
        "state",
        "visitorId",
        "visitorName",
        "visitorTyping",
    ];
    let inside = &document["chat"]["info"];
    assert_eq!(names(inside), members);
    assert!(inside["engagementId"].is_i64() && inside["link"][0]["@rel"].is_string());
    let alone = sandbox.visitor("GET", &format!("{chat}/info"), &Value::Null).expect(200).json();
    assert_eq!(names(&alone["info"]), members);
    assert!(alone["info"]["engagementId"].is_string() && alone["info"]["link"][0]["rel"].is_string());
    let line = &sandbox.events(&chat, 3)[0];
    assert_eq!(names(line), ["@id", "@type", "by", "source", "subType", "systemMessageId", "text", "textType", "time"]);
    assert_eq!(line["time"], "2026-11-22T07:00:00.800-05:00");
}

#[test]
fn links_are_bare_and_next_stands_still_without_news() {
    let sandbox = sandbox();
    let chat = sandbox.start_chat(&json!({}));
    let poll = || sandbox.visitor("GET", &format!("{chat}/events?from=2"), &Value::Null).expect(200).json();
    let next = poll()["events"]["link"][1]["@href"].clone();
    assert_eq!(next, format!("{chat}/events?from=2"));
    assert!(poll()["events"].get("event").is_none());
    sandbox.switch("empty_list", "null");
    assert_eq!(poll()["events"]["event"], Value::Null);
    assert!(poll()["events"].as_object().unwrap().contains_key("event"));
    assert_eq!(poll()["events"]["link"][1]["@href"], next);
}

#[test]
fn one_event_collapses_unless_the_switch_says_otherwise() {
    let sandbox = sandbox();
    let chat = sandbox.start_chat(&json!({}));
    let read =
        || sandbox.visitor("GET", &format!("{chat}/events?from=1"), &Value::Null).expect(200).json()["events"]["event"].clone();
    assert!(read().is_object());
    sandbox.switch("collapse_lists", "off");
    assert!(read().is_array());
}

#[test]
fn a_call_needs_version_key_and_json() {
    let sandbox = sandbox();
    let key = sandbox.key_header();
    let url = sandbox.account("/chat/availability");
    let get = |query: &str, headers: &[(&str, &str)]| {
        let url = if query.starts_with('.') { format!("{url}{query}") } else { format!("{url}?{query}") };
        sandbox.send("GET", &url, headers, b"").unwrap()
    };
    let json = ("accept", "application/json");
    let authorized = ("authorization", key.as_str());
    assert_eq!(get("v=1", &[json, authorized]).expect(200).json(), json!({"availability": true}));
    assert_eq!(get("NC=true", &[json, authorized]).expect(400).error().0, 33);
    assert_eq!(get("v=1", &[json]).expect(401).error().0, 10);
    assert_eq!(get("v=1", &[json, ("authorization", "LivePerson appKey=x")]).expect(401).error().0, 10);
    let (code, message) = get("v=1", &[json, ("authorization", "Digest x")]).expect(401).error();
    assert!(code == 5 && message.contains("unknown_authorization_type"));
    get("v=1", &[authorized]).expect(406);
    for name in ["appKey", "appkey"] {
        get(&format!(".json?v=1&{name}={}", sandbox.text("app_key")), &[]).expect(200);
    }
    let wrong_suffix = sandbox.send("GET", "/api/account/12345678/chat/H1/events.asdf?v=1", &[authorized], b"").unwrap();
    let expected = "null for uri: /api/account/12345678/chat/H1/events.asdf?v=1".to_owned();
    assert_eq!(wrong_suffix.expect(404).error(), (28, expected));
}

#[test]
fn lines_are_legal_only_while_chatting() {
    let sandbox = sandbox();
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    let refused = (5, "Cannot add line while not in chat".to_owned());
    assert_eq!(sandbox.say(&chat, "hello").expect(400).error(), refused);
    sandbox.advance(800);
    let added = sandbox.say(&chat, "<b>hello</b>").expect(201);
    assert_eq!((added.location, added.text.as_str()), (format!("{chat}/events/5"), ""));
    assert_eq!(sandbox.events(&chat, 5)[0]["text"], "<b>hello</b>");
    let end = json!({"event": {"@type": "state", "state": "ended"}});
    sandbox.visitor("POST", &format!("{chat}/events"), &end).expect(201);
    assert_eq!(sandbox.say(&chat, "hello").expect(400).error(), refused);
    sandbox.visitor("POST", &format!("{chat}/events"), &end).expect(400);
    sandbox.switch("end_when_ended", "accept");
    sandbox.visitor("POST", &format!("{chat}/events"), &end).expect(201);
    for wrong in [json!({}), json!({"event": {"@type": "url"}}), json!({"event": {"@type": "state", "state": "waiting"}})] {
        sandbox.visitor("POST", &format!("{chat}/events"), &wrong).expect(400);
    }
}

#[test]
fn digits_come_back_as_a_number() {
    let sandbox = sandbox();
    let chat = chatting(&sandbox);
    sandbox.say(&chat, "0042").expect(201);
    assert_eq!(sandbox.events(&chat, 5)[0]["text"], 42);
    sandbox.switch("digits_as_numbers", "off");
    assert_eq!(sandbox.events(&chat, 5)[0]["text"], "0042");
}

#[test]
fn the_scripted_agent_types_answers_and_ends() {
    let sandbox = sandbox();
    let chat = chatting(&sandbox);
    sandbox.say(&chat, "Where is my order?").expect(201);
    let typing = || sandbox.visitor("GET", &format!("{chat}/info"), &Value::Null).json()["info"]["agentTyping"].clone();
    assert_eq!(typing(), "typing");
    sandbox.advance(399);
    assert_eq!(sandbox.events(&chat, 6).len(), 0);
    sandbox.advance(1);
    assert_eq!(typing(), "not-typing");
    let answer = &sandbox.events(&chat, 6)[0];
    assert!(answer["text"].as_str().unwrap().starts_with("You said: Where is my order?"));
    sandbox.say(&chat, "bye").expect(201);
    sandbox.advance(400);
    let last = sandbox.events(&chat, 8);
    assert_eq!((&last[1]["systemMessageId"], &last[2]["state"]), (&json!("5"), &json!("ended")));
}

#[test]
fn scripted_agents_can_be_off_and_never_serve_the_skill_human() {
    let sandbox = sandbox();
    let human = sandbox.start_chat(&json!({"skill": "Human"}));
    sandbox.switch("scripted_agent", "off");
    let sales = sandbox.start_chat(&json!({"skill": "Sales"}));
    sandbox.advance(30_000);
    assert_eq!((state(&sandbox, &human).as_str(), state(&sandbox, &sales).as_str()), ("waiting", "waiting"));
    assert_eq!(sandbox.visitor("GET", &sandbox.account("/chat/availability"), &Value::Null).json()["availability"], false);
}

#[test]
fn an_idle_chat_is_disconnected_and_then_gone() {
    let sandbox = sandbox();
    let chat = sandbox.start_chat(&json!({"skill": "Human", "interactionTimeout": 50}));
    sandbox.advance(49_999);
    assert_eq!(state(&sandbox, &chat), "waiting");
    sandbox.advance(49_999);
    // A refused request does not renew the limit.
    sandbox.say(&chat, "too early").expect(400);
    sandbox.advance(1);
    let events = sandbox.events(&chat, 2);
    assert_eq!((&events[0]["systemMessageId"], &events[1]["state"]), (&json!("6"), &json!("ended")));
    assert_eq!(events[1]["time"], "2026-11-22T07:01:39.999-05:00");
    sandbox.advance(119_999);
    assert_eq!(state(&sandbox, &chat), "ended");
    sandbox.advance(120_000);
    assert_eq!(sandbox.visitor("GET", &chat, &Value::Null).expect(404).error().0, 12);
}

#[test]
fn start_chat_validates_its_members() {
    let sandbox = sandbox();
    for (request, status, code) in [
        (json!({"interactionTimeout": 0}), 400, 5),
        (json!({"interactionTimeout": "soon"}), 400, 5),
        (json!({"maxWaitTime": 86_401}), 400, 5),
        (json!({"skill": "Nonsense"}), 400, 5),
        (json!({"skill": ["Sales"]}), 400, 5),
        (json!({"agent": "natalie@example.com", "skill": "Sales"}), 400, 5),
        (json!({"agent": "nobody"}), 400, 5),
        (json!({"preChatLines": "hello"}), 400, 5),
        (json!({"survey": {"question": {"id": 1}}}), 400, 5),
        (json!({"language": 7}), 400, 5),
        (json!({"visitorId": 1, "engagementId": 2}), 401, 10),
        (json!({"participantId": "a", "conversationId": "b"}), 401, 10),
        (json!({"participantId": "a"}), 401, 10),
    ] {
        let (got, got_code, message) = refusal(&sandbox, &request);
        assert_eq!((got, got_code), (status, code), "{request}: {message}");
    }
    for request in [
        json!({"skill": 25975313}),
        json!({"skillId": "26060413"}),
        json!({"skillId": -1}),
        json!({"interactionTimeout": "120", "preChatLines": {"lines": "one"}}),
    ] {
        sandbox.start_chat(&request);
    }
    sandbox.visitor("POST", &sandbox.account("/chat/request"), &json!({})).expect(400);
    sandbox.switch("captcha", "on");
    assert_eq!(refusal(&sandbox, &json!({})), (401, 10, "Bad captcha".to_owned()));
}

#[test]
fn an_authenticated_visitor() {
    let sandbox = sandbox();
    let url = sandbox.account("/conversation");
    let body = |key: &str| {
        json!({"ssoKey": key, "authChatConnId": 568046210, "engagementId": 567609310,
        "LETagContextId": "2", "LETagSessionId": "s", "LETagVisitorId": "v"})
    };
    let ids = sandbox.visitor("POST", &url, &body("valid-code")).expect(201).json();
    let (code, message) = sandbox.visitor("POST", &url, &body("k12197")).expect(401).error();
    assert_eq!((code, message.as_str()), (10, "Failed to validate user with customer authentication service"));
    sandbox.visitor("POST", &url, &json!({"ssoKey": "valid"})).expect(400);
    let chat = sandbox.start_chat(&ids);
    let info = sandbox.visitor("GET", &format!("{chat}/info"), &Value::Null).json();
    assert_eq!(info["info"]["participantId"], ids["participantId"]);
}

#[test]
fn names_typing_surveys_and_transcripts() {
    let sandbox = sandbox();
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    let key = sandbox.key_header();
    let put = |path: &str, body: &Value| sandbox.put(&key, &format!("{chat}{path}"), body);
    let get = |path: &str| sandbox.visitor("GET", &format!("{chat}{path}"), &Value::Null).expect(200).json();
    put("/info/visitorName", &json!({"visitorName": "Zoë"})).expect(200);
    assert_eq!(get("/info/visitorName"), json!({"visitorName": "Zoë"}));
    let typing = json!({"visitorTyping": "typing"});
    assert_eq!(put("/info/visitorTyping", &typing).expect(400).error().1, "Cannot set visitor's typing status. Chat was ended");
    sandbox.advance(800);
    put("/info/visitorTyping", &typing).expect(200);
    assert_eq!(get("/info/visitorTyping"), typing);
    assert_eq!(get("/info/agentTyping"), json!({"agentTyping": "not-typing"}));
    put("/info/visitorTyping", &json!({"visitorTyping": true})).expect(400);
    assert!(get("/exitSurvey")["survey"]["questions"]["question"].is_array());
    put("/exitSurvey", &json!({"survey": {"id": 1, "question": {"id": "123", "answer": "a"}}})).expect(200);
    put("/exitSurvey", &json!({"survey": 1})).expect(400);
    put("/transcriptRequest", &json!({"email": "a@example.com", "timezoneOffset": -7_200_000})).expect(200);
    put("/transcriptRequest", &json!({"email": "nobody"})).expect(400);
    let native =
        sandbox.call("PUT", &format!("{chat}/info/visitorName?v=1"), &[("authorization", &key)], &json!({"visitorName": "x"}));
    assert_eq!(native.status, 405);
    let truth = &sandbox.get("/admin/chats").json()[0];
    assert_eq!((&truth["exit_answers"], &truth["transcripts"][0]["email"]), (&json!([["123", ["a"]]]), &json!("a@example.com")));
}

#[test]
fn reads_about_the_account() {
    let sandbox = sandbox();
    let get = |path: &str| sandbox.visitor("GET", &sandbox.account(path), &Value::Null);
    assert_eq!(get("").expect(200).json()["account"]["link"].as_array().unwrap().len(), 7);
    let both = get("/chat/availability?skill=Sales&skill=Human").expect(200).json();
    assert_eq!(
        both["availability"]["AvailabilityForSkills"]["skillAvailability"],
        json!([{"skill": "Sales", "isAvailable": true}, {"skill": "Human", "isAvailable": false}])
    );
    assert_eq!(get("/chat/availableSlots?skill=Sales").json(), json!({"availableSlots": -1}));
    assert_eq!(get("/chat/estimatedWaitTime?skill=Human").json(), json!({"estimatedWaitTime": -1}));
    get("/chat/availability?agent=a&skill=Sales").expect(400);
    get("/chat/availability?maxWaitTime=86401").expect(400);
    let offline = get("/chat/offlineSurvey").expect(200).json();
    assert!(offline["survey"]["questions"]["question"].is_object(), "one question collapses");
    sandbox.switch("surveys", "none");
    assert_eq!(get("/chat/preSurvey").expect(200).json(), json!({}));
}

#[test]
fn engagements_use_the_flat_error_and_a_real_put() {
    let sandbox = sandbox();
    let url = sandbox.account("/app/engagement/visitors/");
    let body = json!({"appType": "EXTERNAL"});
    let flat = sandbox.post(&url, &body).expect(400).json();
    assert!(flat["time"].is_i64() && flat["internalCode"] == 33);
    let visit = sandbox.post(&format!("{url}?v=1.0"), &body).expect(200).json();
    let (visitor, session) = (visit["visitorId"].as_str().unwrap(), visit["sessionId"].as_str().unwrap());
    let again = sandbox.post(&format!("{url}{visitor}?v=1.0&sid={session}"), &body).expect(200).json();
    assert_eq!((&again["sessionId"], &again["visitorId"]), (&visit["sessionId"], &visit["visitorId"]));
    let update = format!("{url}{visitor}?v=1.0&sid={session}");
    sandbox.call("PUT", &update, &[], &json!({"pageId": "p"})).expect(200);
    sandbox.call("PUT", &format!("{url}{visitor}?v=1.0&sid=x"), &[], &json!({"pageId": "p"})).expect(401);
    sandbox.switch("loading_account_calls", "100");
    assert_eq!(sandbox.post(&format!("{url}?v=1.0"), &body).expect(500).json()["internalCode"], 20);
}
