//! Requests as the vendor's own clients send them, byte for byte: the sample agent application, the request collections
//! and the JavaScript SDK (docs/protocol/agent-chat-api.md and visitor-chat-api.md, tags APP, PM, P and S).

mod common;

use std::io::Read;

use common::{Sandbox, many};
use serde_json::{Value, json};

/// One client: the headers that it sends with every request.
struct Client<'s> {
    sandbox: &'s Sandbox,
    headers: String,
}

#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: Value,
}

impl Reply {
    #[track_caller]
    fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    fn header(&self, name: &str) -> String {
        let line = self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.head)).to_owned()
    }
}

impl<'s> Client<'s> {
    fn new(sandbox: &'s Sandbox, headers: &[&str]) -> Self {
        Self { sandbox, headers: headers.iter().map(|line| format!("{line}\r\n")).collect() }
    }

    /// Sends a request line and a body exactly as given.
    fn send(&self, request: &str, more: &str, body: &str) -> Reply {
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let host = self.sandbox.origin().trim_start_matches("http://");
        let mut stream = self
            .sandbox
            .raw(&format!("{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{}{more}{length}\r\n{body}", self.headers));
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head[9..12].parse().unwrap();
        Reply { status, head: head.to_owned(), body: serde_json::from_str(body).unwrap_or_default() }
    }

    fn get(&self, target: &str) -> Reply {
        self.send(&format!("GET {target}"), "", "")
    }

    fn post(&self, target: &str, body: &str) -> Reply {
        self.send(&format!("POST {target}"), "", body)
    }

    fn put(&self, target: &str, body: &str) -> Reply {
        self.send(&format!("POST {target}"), "X-HTTP-Method-Override: PUT\r\n", body)
    }
}

/// Path and query of a link, the suffix before any `?`, the parameters after it: as all real clients decorate links.
fn decorated(link: &str, parameters: &str) -> String {
    let target = &link[link.find("/api/").unwrap()..];
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query: Vec<&str> = [query, parameters].into_iter().filter(|part| !part.is_empty()).collect();
    format!("{path}.json?{}", query.join("&"))
}

/// The first link with a relation, at any depth, as the SDK looks for it.
fn link(value: &Value, rel: &str) -> Option<String> {
    match value {
        Value::Array(list) => list.iter().find_map(|item| link(item, rel)),
        Value::Object(map) => {
            let member = |name: &str| map.get(&format!("@{name}")).or_else(|| map.get(name)).and_then(Value::as_str);
            if member("rel") == Some(rel) {
                return member("href").map(str::to_owned);
            }
            map.values().find_map(|value| link(value, rel))
        }
        _ => None,
    }
}

fn sandbox() -> Sandbox {
    Sandbox::frozen(&["--engagements", "10"])
}

#[test]
fn the_sample_agent_application() {
    const PARAMETERS: &str = "v=1&NC=true";
    let sandbox = sandbox();
    let anonymous = Client::new(&sandbox, &["Accept: application/json", "Content-Type: application/json"]);
    let account = "/api/account/12345678";
    let host = anonymous.get(&format!("{account}/service/agentVep/baseURI.json?version=1.0")).expect(200).body["baseURI"].clone();
    assert_eq!(format!("http://{}", host.as_str().unwrap()), sandbox.origin());
    let login = json!({"username": "agent@example.com", "password": sandbox.text("password")}).to_string();
    let login = anonymous.post(&format!("{account}/login?v=1.3"), &login).expect(200);
    let authorization = format!("Authorization: Bearer {}", login.body["bearer"].as_str().unwrap());
    let app = Client::new(
        &sandbox,
        &[&authorization, "Accept: application/json", "Content-Type: application/json", "X-Requested-With: XMLHttpRequest"],
    );
    let data = json!({"loginData": {"userName": "agent@example.com", "password": "x"}}).to_string();
    let session = app.post(&format!("{account}/agentSession.json?{PARAMETERS}"), &data).expect(201).body;
    let session = session["agentSessionLocation"]["link"]["@href"].as_str().unwrap().to_owned();
    let under = |path: &str| decorated(&format!("{session}{path}"), PARAMETERS);
    app.put(&under("/availability"), r#"{"availability":{"chat":"Online"}}"#).expect(200);
    let visitor = sandbox.start_chat(&json!({"skill": "Human", "interactionTimeout": 600}));
    let mut ringing = app.get(&under("/incomingRequests")).expect(200).body["incomingRequests"].clone();
    while ringing["ringingCount"] == "0" {
        sandbox.advance(2000);
        ringing = app.get(&under("/incomingRequests")).expect(200).body["incomingRequests"].clone();
    }
    let accepting = decorated(ringing["link"]["@href"].as_str().unwrap(), PARAMETERS);
    let chat = app.post(&accepting, r#"{"chat":"start"}"#).expect(201).body["chatLocation"]["link"]["@href"].clone();
    let document = app.get(&decorated(chat.as_str().unwrap(), PARAMETERS)).expect(200).body;
    let mut next = link(&document["chat"]["events"], "next").unwrap();
    let events = link(&document, "events").unwrap();
    let mut heard = Vec::new();
    for turn in 0..5 {
        sandbox.advance(2000);
        sandbox.say(&visitor, &format!("line {turn}")).expect(201);
        let polled = app.get(&decorated(&next, PARAMETERS)).expect(200).body;
        next = link(&polled, "next").unwrap();
        heard.extend(many(&polled["events"]["event"]).into_iter().filter(|event| event["source"] == "visitor"));
        let typing = decorated(&link(&document, "agent-typing").unwrap(), PARAMETERS);
        app.put(&typing, r#"{"agentTyping":"typing"}"#).expect(200);
        let line = json!({"event": {"@type": "line", "text": format!("<div dir='ltr'>answer {turn}</div>"), "textType": "html"}});
        app.post(&decorated(&events, PARAMETERS), &line.to_string()).expect(201);
    }
    assert_eq!(heard.len(), 5);
    let cookie = login.header("set-cookie");
    let refresh = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap());
    let csrf = json!({"csrf": login.body["csrf"]}).to_string();
    sandbox.advance(300_000);
    anonymous.send(&format!("POST {account}/refresh"), &refresh, &csrf).expect(200);
    app.post(&decorated(&events, PARAMETERS), r#"{"event":{"@type":"state","state":"ended"}}"#).expect(201);
    let last = app.get(&decorated(&next, PARAMETERS)).expect(200).body;
    assert!(many(&last["events"]["event"]).iter().any(|event| event["state"] == "ended"));
}

#[test]
fn the_agents_request_collection() {
    let sandbox = sandbox();
    let (bearer, session) = sandbox.agent("agent@example.com", "Online");
    let visitor = sandbox.start_chat(&json!({"skill": "Human"}));
    let authorization = format!("Authorization: {bearer}");
    let collection = Client::new(&sandbox, &[&authorization, "Content-Type: application/json", "Accept: application/json"]);
    let path = session.strip_prefix(sandbox.origin()).unwrap();
    let links = collection.get(&format!("{path}?v=1&NC=true&cs=1&__d=51342")).expect(200).body;
    assert!(links["agentSessionId"]["link"].is_array());
    collection.get(&format!("{path}/incomingRequests?v=1&NC=true&__d=87701")).expect(200);
    let accepted = collection.post(&format!("{path}/incomingRequests?v=1&NC=true"), "{}").expect(201).body;
    let chat = accepted["chatLocation"]["link"]["@href"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    // The collection computes the visit id from the chat id.
    let (head, tail) = (chat.split('-').next().unwrap(), chat.rsplit('K').next().unwrap());
    let visit = format!("{path}/visits/visit/{head}K{tail}");
    assert!(collection.get(&format!("{visit}?v=1&NC=true")).expect(200).body["visitId"].is_object());
    collection.get(&format!("{visit}/customVariables?v=1&NC=true")).expect(200);
    let several = format!("{path}/chat?v=1&NC=true&chatSessionKeys={chat}&fromEventIds=0");
    assert_eq!(collection.get(&several).expect(200).body["chats"]["chat"].as_array().unwrap().len(), 1);
    let second = collection.post("/api/account/12345678/agentSession?v=1&NC=true", r#"{"loginData":{}}"#).expect(201).body;
    assert_eq!(second["agentSessionLocation"]["link"]["@rel"], "location");
    assert!(visitor.ends_with(&chat));
}

#[test]
fn the_javascript_sdk() {
    const PARAMETERS: &str = "v=1&NC=true";
    let sandbox = sandbox();
    let key = format!("Authorization: LivePerson appKey={}", sandbox.text("app_key"));
    let sdk = Client::new(&sandbox, &[&key, "Accept: application/json", "Content-Type: application/json"]);
    let entry = sdk.get(&format!("/api/account/12345678.json?{PARAMETERS}")).expect(200).body;
    let follow = |rel: &str| decorated(&link(&entry, rel).unwrap(), PARAMETERS);
    assert_eq!(sdk.get(&follow("chat-availability")).expect(200).body["availability"], true);
    let several = sdk.get(&format!("{}&skill=Sales&skill=Human", follow("chat-availability"))).expect(200).body;
    assert_eq!(several["availability"]["AvailabilityForSkills"]["skillAvailability"].as_array().unwrap().len(), 2);
    sdk.get(&follow("prechat-survey")).expect(200);
    let request = json!({"request": {
        "skill": "Sales", "chatReferrer": "https://shop.example/cart", "userAgent": "Mozilla/5.0", "visitorSessionId": "s1",
        "preChatLines": {"lines": ["from the SDK"]}, "runWithRules": true, "siteContainer": "", "invitation": "false",
        "survey": {"id": 40216, "question": [{"id": 12786273, "answer": "DOGS"}]},
        "customVariables": {"customVariable": [{"name": "cart", "value": "3"}]},
    }});
    let started = sdk.post(&follow("chat-request"), &request.to_string()).expect(201);
    let location = started.header("location");
    let mut next = location.clone();
    let (mut states, mut document) = (Vec::new(), Value::Null);
    for turn in 0..4 {
        // From the start of one poll to the start of the next.
        sandbox.advance(2000);
        document = sdk.get(&decorated(&next, PARAMETERS)).expect(200).body;
        states.extend(many(&document["chat"]["events"]["event"]).into_iter().filter_map(|event| event.get("state").cloned()));
        next = document["chat"]["link"][3]["@href"].as_str().unwrap().to_owned();
        let typing = decorated(&link(&document["chat"]["info"], "visitor-typing").unwrap(), PARAMETERS);
        sdk.put(&typing, r#"{"visitorTyping":"typing"}"#).expect(200);
        let events = decorated(&link(&document["chat"], "events").unwrap(), PARAMETERS);
        let line =
            sdk.post(&events, &json!({"event": {"@type": "line", "text": format!("line {turn}")}}).to_string()).expect(201);
        assert!(line.header("location").starts_with(&location));
        sdk.put(&typing, r#"{"visitorTyping":"not-typing"}"#).expect(200);
    }
    assert_eq!(states, ["waiting", "chatting"]);
    let events = decorated(&link(&document["chat"], "events").unwrap(), PARAMETERS);
    sdk.post(&events, r#"{"event":{"@type":"state","state":"ended"}}"#).expect(201);
    let exit = decorated(&link(&document["chat"], "exit-survey").unwrap(), PARAMETERS);
    let survey = sdk.get(&exit).expect(200).body["survey"]["id"].clone();
    let answers = json!({
        "survey": {"id": survey, "question": [{"id": 4991315, "answer": "no"}]}, "chatReferrer": "x", "userAgent": "y",
    });
    sdk.put(&exit, &answers.to_string()).expect(200);
    let transcript = decorated(&link(&document["chat"], "transcript-request").unwrap(), PARAMETERS);
    sdk.put(&transcript, r#"{"email":"visitor@example.com"}"#).expect(200);
    let offline = json!({"visitorSessionId": "s1", "survey": {"id": 40290, "question": {"id": 13387460, "value": "call me"}},
        "LETagVisitorId": "v", "LETagSessionId": "s", "LETagContextId": "2"});
    sdk.put(&follow("chat-offline-survey"), &offline.to_string()).expect(200);
}

#[test]
fn the_visitors_request_collection_and_bots() {
    let sandbox = sandbox();
    // The key in the query, raw JSON without a content type, no NC, no Accept.
    let collection = Client::new(&sandbox, &[]);
    let parameters = format!("v=1&appKey={}", sandbox.text("app_key"));
    let account = "/api/account/12345678";
    let start = format!("{account}/chat/request.json?{parameters}");
    let location =
        collection.post(&start, r#"{"request":{"skillId":-1,"LETagVisitorId":"a1b2c3d4","LETagSessionId":"e5f6a7b8"}}"#);
    let location = location.expect(201).header("location");
    sandbox.advance(800);
    let at = |path: &str| decorated(&format!("{location}{path}"), &parameters);
    collection.put(&at("/info/visitorName"), r#"{"visitorName":"Bot"}"#).expect(200);
    collection.post(&at("/events"), r#"{"event":{"@type":"line","text":"hi"}}"#).expect(201);
    let spelt = parameters.replace("appKey", "appkey");
    let polled = collection.get(&decorated(&format!("{location}/events?from=4"), &spelt)).expect(200).body;
    assert!(polled["events"]["event"].is_array());
    let keep_alive = collection.get(&at("/info")).expect(200).body;
    assert_eq!(keep_alive["info"]["visitorName"], "Bot");
    collection.get(&format!("{account}/chat/availability?{parameters}")).expect(406);
    let engagement = collection.post(&format!("{account}/app/engagement/visitors/?v=1.0"), r#"{"appType":"EXTERNAL"}"#);
    assert_eq!(engagement.expect(200).body["status"], "Available");
}
