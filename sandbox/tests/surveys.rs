//! Survey answers that are checked, and resources that are known by their link only.

mod common;

use common::Sandbox;
use serde_json::{Value, json};

fn sandbox() -> Sandbox {
    Sandbox::frozen(&["--engagements", "10", "--switch", "survey_checks=on"])
}

fn survey(answers: &Value) -> Value {
    json!({"survey": {"id": 1, "question": answers}})
}

#[test]
fn pre_chat_answers_are_checked_at_the_start() {
    let sandbox = sandbox();
    let start = |answers: Value| {
        let request = json!({"request": {"skill": "Sales", "survey": survey(&answers)["survey"]}});
        sandbox.visitor("POST", &sandbox.account("/chat/request"), &request)
    };
    let refused = start(json!({"id": "12786273", "answer": "CATS"})).expect(400).error();
    assert_eq!(refused, (5, "Question 16314710 must be answered".to_owned()));
    start(json!([{"id": 12786273, "answer": "CATS"}, {"id": "16314710", "answer": "Zoë"}])).expect(201);
    start(json!({"id": "12786273", "answer": "BIRDS"})).expect(400);
    // Who sends no answers at all is let in.
    sandbox.start_chat(&json!({"skill": "Sales"}));
    sandbox.switch("survey_checks", "off");
    start(json!({"id": "12786273", "answer": "BIRDS"})).expect(201);
}

#[test]
fn offline_exit_and_agents_answers_are_checked() {
    let sandbox = sandbox();
    let key = sandbox.key_header();
    let (bearer, session) = sandbox.agent("agent@example.com", "Online");
    let chat = sandbox.start_chat(&json!({"skill": "Human"}));
    let url = sandbox.accept(&bearer, &session);
    let exit = format!("{chat}/exitSurvey");
    let wrong = sandbox.put(&key, &exit, &survey(&json!({"id": 4991315, "answer": "maybe"}))).expect(400).error();
    assert_eq!(wrong, (5, "Illegal answer to question 4991315: maybe".to_owned()));
    sandbox.put(&key, &exit, &survey(&json!({"id": 4991315, "answer": "yes"}))).expect(200);
    let offline = sandbox.account("/chat/offlineSurvey");
    sandbox.put(&key, &offline, &survey(&json!({"id": "13387460", "answer": "Help"}))).expect(200);
    sandbox.put(&key, &offline, &survey(&json!({"id": "1", "answer": "Help"}))).expect(400);
    let agents = format!("{url}/survey");
    sandbox.put(&bearer, &agents, &survey(&json!({"id": 22, "answer": "4711"}))).expect(400);
    sandbox.put(&bearer, &agents, &survey(&json!([{"id": 21, "answer": "no"}, {"id": 23, "answer": ["a", "b"]}]))).expect(200);
    let truth = &sandbox.get("/admin/chats").json()[0];
    assert_eq!(truth["exit_answers"], json!([["4991315", ["yes"]]]));
    assert_eq!(truth["agent_answers"], json!([["21", ["no"]], ["23", ["a", "b"]]]));
    sandbox.switch("surveys", "none");
    assert_eq!(sandbox.agent_call("GET", &bearer, &agents, &Value::Null).expect(200).json(), json!({}));
}

#[test]
fn resources_known_by_their_link_only_can_be_followed() {
    let sandbox = sandbox();
    let (bearer, session) = sandbox.agent("agent@example.com", "Online");
    let chat = sandbox.start_chat(&json!({"skill": "Human"}));
    let url = sandbox.accept(&bearer, &session);
    let target = |document: &Value, rel: &str| {
        let links = document["chat"]["link"].as_array().unwrap().clone();
        let link = links.into_iter().find(|link| link["@rel"] == rel);
        link.map(|link| link["@href"].as_str().unwrap().to_owned())
    };
    let document = sandbox.agent_call("GET", &bearer, &url, &Value::Null).json();
    for (rel, name) in [("collaboration-channels", "collaborationChannels"), ("transfer-account", "transferAccount")] {
        let href = target(&document, rel).unwrap();
        let followed = sandbox.agent_call("GET", &bearer, &href, &Value::Null).expect(200).json();
        assert_eq!(followed[name]["link"]["@href"], href);
    }
    let read = || sandbox.visitor("GET", &chat, &Value::Null).json();
    assert_eq!(target(&read(), "visit-session"), None);
    sandbox.visitor("GET", &format!("{chat}/visitSession"), &Value::Null).expect(404);
    sandbox.switch("visit_session_link", "on");
    let href = target(&read(), "visit-session").unwrap();
    assert!(sandbox.visitor("GET", &href, &Value::Null).expect(200).json()["visitSession"].is_object());
}
