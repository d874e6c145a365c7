//! The agent's side: docs/protocol/agent-chat-api.md.

mod common;

use common::{Sandbox, many, names};
use serde_json::{Value, json};

const AGENT: &str = "agent@example.com";

fn sandbox() -> Sandbox {
    Sandbox::frozen(&["--engagements", "10"])
}

/// A sandbox with one agent online and a chat accepted; visitor's URL, bearer, session URL, agent's URL of the chat.
fn accepted(sandbox: &Sandbox) -> (String, String, String, String) {
    let (bearer, session) = sandbox.agent(AGENT, "Online");
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    let url = sandbox.accept(&bearer, &session);
    (chat, bearer, session, url)
}

fn availability(sandbox: &Sandbox, bearer: &str, session: &str) -> Value {
    sandbox.agent_call("GET", bearer, &format!("{session}/availability"), &Value::Null).expect(200).json()
}

fn line(text: &str) -> Value {
    json!({"event": {"@type": "line", "text": text}})
}

#[test]
fn a_session_needs_a_body_and_begins_away() {
    let sandbox = sandbox();
    let bearer = format!("Bearer {}", sandbox.log_in(AGENT).json()["bearer"].as_str().unwrap());
    let url = sandbox.account("/agentSession");
    sandbox.agent_call("POST", &bearer, &url, &Value::Null).expect(400);
    let started = sandbox.agent_call("POST", &bearer, &url, &json!({"loginData": ""})).expect(201);
    assert!(started.cookies[0].starts_with("AgentSession_") && started.location.is_empty());
    let session = started.json()["agentSessionLocation"]["link"]["@href"].as_str().unwrap().to_owned();
    assert_eq!(availability(&sandbox, &bearer, &session), json!({"availability": {"chat": "Away", "voice": "Offline"}}));
    let set = sandbox.set_availability(&bearer, &session, "Online").expect(200).json();
    assert_eq!(set, json!({"availability": {"chat": "Online"}}));
    for wrong in ["online", "Offline"] {
        sandbox.set_availability(&bearer, &session, wrong).expect(400);
    }
    let resource = sandbox.agent_call("GET", &bearer, &session, &Value::Null).expect(200).json();
    assert!(resource["agentSessionId"]["link"].is_array());
    sandbox.agent_call("GET", &bearer, &sandbox.account("/agentSession/1/availability"), &Value::Null).expect(404);
    let (other, _) = sandbox.agent("agent2@example.com", "Away");
    sandbox.agent_call("GET", &other, &format!("{session}/availability"), &Value::Null).expect(404);
}

#[test]
fn a_chat_rings_is_accepted_and_read() {
    let sandbox = sandbox();
    let (bearer, session) = sandbox.agent(AGENT, "Online");
    let incoming = || sandbox.agent_call("GET", &bearer, &format!("{session}/incomingRequests"), &Value::Null).expect(200).json();
    assert_eq!(incoming(), json!({"incomingRequests": {"ringingCount": "0"}}));
    let nothing = sandbox.agent_call("POST", &bearer, &format!("{session}/incomingRequests"), &json!({})).expect(400);
    assert_eq!(nothing.error().0, 5);
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    assert_eq!(names(&incoming()["incomingRequests"]), ["link", "ringingCount"]);
    let url = sandbox.accept(&bearer, &session);
    assert!(url.starts_with(&session) && url.ends_with(chat.rsplit('/').next().unwrap()));
    let document = sandbox.agent_call("GET", &bearer, &url, &Value::Null).expect(200).json();
    let rels: Vec<&str> =
        document["chat"]["link"].as_array().unwrap().iter().map(|link| link["@rel"].as_str().unwrap()).collect();
    assert_eq!(
        rels,
        ["self", "events", "info", "next", "collaboration-channels", "visit-id", "transfer", "transfer-account", "agent-survey"]
    );
    let kinds: Vec<&Value> =
        document["chat"]["events"]["event"].as_array().unwrap().iter().map(|event| &event["@type"]).collect();
    assert_eq!(kinds, ["state", "line", "state", "line"]);
    assert_eq!(document["chat"]["info"]["visitorName"], "visitor");
    assert_eq!(sandbox.events(&chat, 3)[0]["text"], "You are now chatting with Alex.");
    let owned = sandbox.agent_call("GET", &bearer, &format!("{session}/chatSessions"), &Value::Null).expect(200).json();
    assert_eq!(names(&owned["chatSessions"]["chatSession"][0]), ["chatSessionKey", "link", "startTime"]);
    assert_eq!(owned["chatSessions"]["chatSession"][0]["link"]["rel"], "chat-session");
}

#[test]
fn a_missed_ring_sets_away_and_the_scripted_agent_takes_over() {
    let sandbox = sandbox();
    let (bearer, session) = sandbox.agent(AGENT, "Online");
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    sandbox.advance(19_999);
    assert_eq!(sandbox.ringing(&bearer, &session), "1");
    sandbox.advance(1);
    assert_eq!(sandbox.ringing(&bearer, &session), "0");
    assert_eq!(availability(&sandbox, &bearer, &session)["availability"]["chat"], "Away");
    sandbox.advance(800);
    assert_eq!(sandbox.events(&chat, 2)[0]["state"], "chatting");
}

#[test]
fn going_online_rings_waiting_chats_again() {
    let sandbox = sandbox();
    let (bearer, session) = sandbox.agent(AGENT, "Online");
    sandbox.start_chat(&json!({"skill": "Human"}));
    sandbox.advance(20_000);
    assert_eq!(sandbox.ringing(&bearer, &session), "0");
    sandbox.set_availability(&bearer, &session, "Online").expect(200);
    assert_eq!(sandbox.ringing(&bearer, &session), "1");
    sandbox.set_availability(&bearer, &session, "Occupied").expect(200);
    assert_eq!(sandbox.ringing(&bearer, &session), "0");
}

#[test]
fn lines_of_every_kind() {
    let sandbox = sandbox();
    let (chat, bearer, _, url) = accepted(&sandbox);
    let events = format!("{url}/events");
    let post = |event: Value| sandbox.agent_call("POST", &bearer, &events, &json!({ "event": event }));
    let plain = post(json!({"@type": "line", "text": "hi", "metadata": [{"type": "ExternalId", "id": "1"}]})).expect(201).json();
    assert_eq!(plain["chatEventLocation"]["link"]["@href"], format!("{events}/4"));
    post(json!({"@type": "line", "text": "note", "subType": "ONLY_TO_REP"})).expect(201);
    post(json!({"@type": "line", "text": "<div dir='ltr'>hi</div>", "textType": "html"})).expect(201);
    post(json!({"@type": "line", "text": "<script>x</script>", "textType": "html"})).expect(400);
    let rich = json!({"@type": "line", "textType": "rich-content", "json": {"type": "vertical", "elements": []}});
    assert_eq!(post(rich.clone()).expect(400).error(), (5, "Text format is not supported.".to_owned()));
    let mut complete = rich.clone();
    complete["text"] = json!("not shown");
    post(complete.clone()).expect(201);
    complete["json"] = json!("{}");
    post(complete).expect(400);
    post(json!({"@type": "line", "text": "x", "metadata": [{"id": 1}]})).expect(400);
    post(json!({"@type": "line", "text": "x", "textType": "url"})).expect(400);
    // The visitor's numbering has no gap where the agents' line is.
    let seen: Vec<(Value, Value)> =
        sandbox.events(&chat, 4).iter().map(|event| (event["@id"].clone(), event["textType"].clone())).collect();
    let expected = [("4", "plain"), ("5", "html"), ("6", "rich-content")].map(|(id, kind)| (json!(id), json!(kind)));
    assert_eq!(seen, expected);
    let agents = many(&sandbox.agent_call("GET", &bearer, &format!("{events}?from=5"), &Value::Null).json()["events"]["event"]);
    assert_eq!((&agents[0]["subType"], &agents[0]["@id"]), (&json!("ONLY_TO_REP"), &json!("5")));
    sandbox.switch("agent_only_ids", "gap");
    assert_eq!(sandbox.events(&chat, 5)[0]["@id"], "6");
    sandbox.switch("rich_content", "forbid");
    post(rich).expect(403);
}

#[test]
fn ending_by_the_agent() {
    let sandbox = sandbox();
    let (chat, bearer, _, url) = accepted(&sandbox);
    let events = format!("{url}/events");
    let end = json!({"event": {"@type": "state", "state": "ended"}});
    let ended = sandbox.agent_call("POST", &bearer, &events, &end).expect(201).json();
    assert_eq!(ended["chatLocation"]["link"]["@href"], format!("{events}/5"));
    let last = sandbox.events(&chat, 4);
    assert_eq!((&last[0]["systemMessageId"], &last[1]["state"]), (&json!("5"), &json!("ended")));
    let refused = sandbox.agent_call("POST", &bearer, &events, &line("late")).expect(400);
    assert_eq!(refused.error(), (5, "Cannot add line while not in chat".to_owned()));
    sandbox.agent_call("POST", &bearer, &events, &end).expect(400);
    sandbox.agent_call("GET", &bearer, &events, &Value::Null).expect(200);
}

#[test]
fn an_idle_session_is_closed_and_its_chats_go_back() {
    let sandbox = sandbox();
    let (bearer, session) = sandbox.agent(AGENT, "Online");
    let chat = sandbox.start_chat(&json!({"skill": "Sales", "interactionTimeout": 3600}));
    sandbox.accept(&bearer, &session);
    sandbox.advance(399_999);
    availability(&sandbox, &bearer, &session);
    sandbox.advance(399_999);
    assert_eq!(sandbox.events(&chat, 4).len(), 0);
    sandbox.advance(1);
    sandbox.agent_call("GET", &bearer, &format!("{session}/availability"), &Value::Null).expect(404);
    let requeued = sandbox.events(&chat, 4);
    assert_eq!((&requeued[0]["systemMessageId"], &requeued[1]["state"]), (&json!("23"), &json!("waiting")));
    sandbox.advance(800);
    assert_eq!(sandbox.events(&chat, 6)[0]["state"], "chatting");
}

#[test]
fn logout_drops_chats_that_nobody_else_can_take_unless_a_second_session_lives() {
    let sandbox = sandbox();
    let login = sandbox.log_in(AGENT).expect(200);
    let bearer = format!("Bearer {}", login.json()["bearer"].as_str().unwrap());
    let started = sandbox.agent_call("POST", &bearer, &sandbox.account("/agentSession"), &json!({"loginData": ""})).json();
    let session = started["agentSessionLocation"]["link"]["@href"].as_str().unwrap();
    sandbox.set_availability(&bearer, session, "Online");
    let chat = sandbox.start_chat(&json!({"skill": "Human"}));
    sandbox.accept(&bearer, session);
    let (second, elsewhere) = sandbox.agent(AGENT, "Away");
    let owned = || {
        sandbox.agent_call("GET", &second, &format!("{elsewhere}/chatSessions"), &Value::Null).json()["chatSessions"]["chatSession"].as_array().unwrap().len()
    };
    let csrf = json!({"csrf": login.json()["csrf"]});
    sandbox.call("POST", &sandbox.account("/logout"), &[("cookie", &login.cookies[0])], &csrf).expect(200);
    assert_eq!((owned(), sandbox.events(&chat, 4).len()), (1, 0));
    sandbox.switch("agent_session_idle_s", "1");
    sandbox.switch("scripted_agent", "off");
    sandbox.advance(39_000);
    sandbox.events(&chat, 0);
    sandbox.advance(400_000);
    let events = sandbox.get("/admin/chats").json()[0]["events"].as_array().unwrap().clone();
    assert!(events.iter().any(|event| event["system_message_id"] == 6));
    sandbox.agent_call("GET", &second, &elsewhere, &Value::Null).expect(404);
}

#[test]
fn several_chats_in_one_answer() {
    let sandbox = sandbox();
    let (_, bearer, session, first) = accepted(&sandbox);
    sandbox.start_chat(&json!({"skill": "Sales"}));
    let second = sandbox.accept(&bearer, &session);
    let keys: Vec<&str> = [&first, &second].iter().map(|url| url.rsplit('/').next().unwrap()).collect();
    let query = format!("{session}/chat?chatSessionKeys={}&fromEventIds=2,3", keys.join(","));
    let chats = sandbox.agent_call("GET", &bearer, &query, &Value::Null).expect(200).json()["chats"]["chat"].clone();
    let events = |number: usize| chats[number]["events"]["event"].as_array().unwrap().clone();
    assert_eq!((events(0).len(), events(1).len()), (1, 0));
    assert_eq!((&events(0)[0]["id"], &events(0)[0]["systemMessageId"]), (&json!(3), &json!("3")));
    assert!(chats[0]["link"][0]["href"].is_string() && chats[0]["info"].get("sharkVisitorId").is_none());
    sandbox.agent_call("GET", &bearer, &format!("{session}/chat"), &Value::Null).expect(400);
}

#[test]
fn transfers_to_skill_and_agent_make_segments() {
    let sandbox = sandbox();
    let (chat, bearer, _, url) = accepted(&sandbox);
    let transfer = format!("{url}/transfer");
    let targets = sandbox.agent_call("GET", &bearer, &transfer, &Value::Null).expect(200).json();
    assert_eq!(names(&targets["transfer"]["skill"][0]), ["id", "name", "onlineAgents"]);
    let refused = sandbox.agent_call("POST", &bearer, &transfer, &json!({"transfer": {"skill": {"id": 2}}})).expect(400);
    assert!(refused.json()["transfer"]["errormsg"].is_string());
    let (other, elsewhere) = sandbox.agent("agent2@example.com", "Occupied");
    let robin = json!({"transfer": {"agent": {"id": 311_098_911}, "text": "please help"}});
    sandbox.agent_call("POST", &bearer, &transfer, &robin).expect(200);
    assert_eq!(sandbox.ringing(&other, &elsewhere), "1");
    let there = sandbox.accept(&other, &elsewhere);
    let events = many(&sandbox.agent_call("GET", &other, &format!("{there}/events"), &Value::Null).json()["events"]["event"]);
    assert!(events.iter().any(|event| event["text"] == "please help" && event["subType"] == "ONLY_TO_REP"));
    assert!(sandbox.events(&chat, 0).iter().all(|event| event["text"] != "please help"));
    sandbox.agent_call("POST", &bearer, &format!("{url}/events"), &line("still here?")).expect(400);
    let billing = json!({"transfer": {"skill": {"id": "26060413"}}});
    sandbox.set_availability(&bearer, url.split("/chat/").next().unwrap(), "Away").expect(200);
    sandbox.agent_call("POST", &other, &format!("{there}/transfer"), &billing).expect(200);
    sandbox.advance(800);
    let messages: Vec<Value> =
        sandbox.events(&chat, 4).iter().map(|event| event["systemMessageId"].clone()).filter(Value::is_string).collect();
    assert_eq!(messages, ["13", "3", "15", "3"]);
    let end = json!({"event": {"@type": "state", "state": "ended"}});
    sandbox.visitor("POST", &format!("{chat}/events"), &end).expect(201);
    sandbox.advance(300_000);
    let body = json!({"start": {"from": common::BASE, "to": common::BASE + common::DAY}});
    let found = sandbox.search(&sandbox.app_token(), "sort=start:asc", &body).expect(200).json();
    let reasons: Vec<(Value, Value, Value)> = found["interactionHistoryRecords"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| &record["info"])
        .map(|info| (info["startReason"].clone(), info["endReason"].clone(), info["engagementSequence"].clone()))
        .collect();
    let expected =
        [("0", "101", 0), ("1", "106", 1), ("6", "210", 2)].map(|(start, end, n)| (json!(start), json!(end), json!(n)));
    assert_eq!(reasons, expected);
}

#[test]
fn agents_profile_typing_survey_and_visit() {
    let sandbox = sandbox();
    let (chat, bearer, session, url) = accepted(&sandbox);
    let get = |url: String| sandbox.agent_call("GET", &bearer, &url, &Value::Null).expect(200).json();
    let profile = get(format!("{session}/info"))["info"].clone();
    assert_eq!(
        names(&profile),
        ["agentName", "availability", "displayName", "id", "link", "loginName", "maxChats", "skillsInfo"]
    );
    let agents = get(format!("{session}/availableAgents?skill=Billing&chatState=Online"));
    let list = agents["availableAgents"]["agents"]["agent"].as_array().unwrap();
    assert!(list.iter().all(|agent| agent["@chatState"] == "2") && list.len() > 2);
    assert!(list.iter().any(|agent| agent["skills"]["skill"].is_string()), "one skill collapses");
    sandbox.put(&bearer, &format!("{url}/info/agentTyping"), &json!({"agentTyping": "typing"})).expect(200);
    let info = sandbox.visitor("GET", &format!("{chat}/info"), &Value::Null).json();
    assert_eq!(info["info"]["agentTyping"], "typing");
    assert!(get(format!("{url}/survey"))["survey"]["questions"]["question"].is_array());
    sandbox.put(&bearer, &format!("{url}/survey"), &json!({"survey": {"question": [{"id": 21, "answer": "yes"}]}})).expect(200);
    let document = get(url.clone());
    let visit = document["chat"]["link"][5]["@href"].as_str().unwrap().to_owned();
    assert!(get(visit.clone())["visitId"]["link"].is_array());
    assert_eq!(get(format!("{visit}/info"))["visitInfo"]["isInCurrentChat"], true);
    assert!(get(format!("{visit}/customVariables"))["customVariables"].is_object());
}
