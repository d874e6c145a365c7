//! Payloads, a server that answers them, and how what was read compares with what was sent.

use std::path::PathBuf;

use lpchat::wire::{Present, Presenter};
use lpchat::{
    AgentChat, AgentSession, ChatEvents, ChatInformation, ChatResources, Client, ClientOptions, Survey, SurveyAnswer, Text,
    VisitorChat,
};
use serde_json::{Value, json};

use crate::server::{self, Answer, Asked, Server};

/// The folders to run over.
pub fn folders() -> Vec<PathBuf> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    [Some(own), std::env::var_os("LPCHAT_DOCUMENT_EXAMPLES").map(PathBuf::from)].into_iter().flatten().collect()
}

/// A payload from every folder that has it.
pub fn texts(name: &str) -> Vec<String> {
    let texts: Vec<String> = folders().iter().filter_map(|folder| std::fs::read_to_string(folder.join(name)).ok()).collect();
    assert!(!texts.is_empty(), "no folder has {name}");
    texts
}

pub fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A server that answers `text` under every path, after what a session needs.
pub fn serving(status: u16, text: &str) -> (Server, Client) {
    let text = text.to_owned();
    let server = Server::start(move |asked| usual(asked).unwrap_or_else(|| Answer::text(status, &text)));
    let client = client(&server);
    (server, client)
}

/// Domain look-up, login and agent session, which precede what a test is about.
pub fn usual(asked: &Asked) -> Option<Answer> {
    let host = asked.header("host").unwrap().to_owned();
    if asked.path.ends_with("/service/baseURI.json") {
        let domain = |service: &str| json!({ "service": service, "account": "70481526", "baseURI": host });
        return Some(Answer::json(
            &json!({ "baseURIs": [domain("conversationVep"), domain("agentVep"), domain("smt"), domain("sentinel")] }),
        ));
    }
    if asked.path.ends_with("/agentSession") {
        let href = format!("http://{host}/api/account/70481526/agentSession/11");
        return Some(Answer::text(
            201,
            &json!({ "agentSessionLocation": { "link": { "@href": href, "@rel": "location" } } }).to_string(),
        ));
    }
    None
}

pub fn client(server: &Server) -> Client {
    let options = ClientOptions {
        sandbox: Some(server.configuration().into()),
        app_key: Some("key".into()),
        bearer: Some("token".into()),
        ..ClientOptions::default()
    };
    Client::with_environment(options, server::without_pauses()).unwrap()
}

pub fn session(client: &Client) -> AgentSession {
    client.agent().start_session().unwrap()
}

pub fn visitor_chat(client: &Client) -> VisitorChat {
    client.visitor().chat("H1-2K3".into()).unwrap()
}

pub fn agent_chat(client: &Client) -> AgentChat {
    session(client).chat("H1-2K3".into()).unwrap()
}

/// Reads each of the payloads `names` as the answer to `read`, which gets what was sent too.
pub fn answered(names: &[&str], read: impl Fn(&Client, &Value)) {
    for name in names {
        for text in texts(name) {
            let (_server, client) = serving(200, &text);
            read(&client, &parse(&text));
        }
    }
}

/// What Node would be handed: every field by its name in camel case.
pub fn presented(value: &impl Present) -> Value {
    parse(&Presenter::of(value).0)
}

/// A scalar as text, which is how ids come out.
pub fn text_of(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    }
}

pub fn number_of(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| json!(text.parse::<i64>().unwrap()))
}

pub fn time_of(value: &Value) -> Value {
    value.as_str().map_or(Value::Null, |text| json!(lpchat::Timestamp::from_wire(text).unwrap().as_millis()))
}

/// A list in any of its forms.
pub fn many(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

pub fn attribute<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(format!("@{name}")).unwrap_or(&value[name])
}

pub fn check_links(sent: &Value, read: &Value) {
    let sent = many(sent);
    assert_eq!(sent.len(), read.as_array().unwrap().len());
    for (sent, read) in sent.iter().zip(read.as_array().unwrap()) {
        assert_eq!((attribute(sent, "href"), attribute(sent, "rel")), (&read["href"], &read["relation"]));
    }
}

pub fn check_events(sent: &Value, events: &ChatEvents) {
    let read = presented(events);
    check_links(&sent["link"], &read["links"]);
    let sent_events = many(&sent["event"]);
    assert_eq!(sent_events.len(), events.events.len());
    for ((sent, read), event) in sent_events.iter().zip(read["events"].as_array().unwrap()).zip(&events.events) {
        assert_eq!(text_of(attribute(sent, "id")), read["id"]);
        assert_eq!(attribute(sent, "type"), &read["type"]);
        assert_eq!(time_of(&sent["time"]), read["time"]);
        for member in ["state", "textType", "by", "source", "subType", "lineStatus"] {
            assert_eq!(sent[member], read[member], "{member}");
        }
        assert_eq!(text_of(&sent["text"]), read["text"]);
        assert_eq!(number_of(&sent["systemMessageId"]), read["systemMessageId"]);
        assert_eq!(&parse(event.raw.as_str()), sent, "nothing is lost");
    }
}

pub fn check_information(sent: &Value, information: &ChatInformation) {
    let read = presented(information);
    check_links(&sent["link"], &read["links"]);
    for member in [
        "state",
        "chatSessionKey",
        "skillName",
        "agentName",
        "agentTyping",
        "visitorTyping",
        "visitorName",
        "language",
        "participantId",
    ] {
        assert_eq!(sent[member], read[member], "{member}");
    }
    for member in [
        "skillId",
        "agentId",
        "visitorId",
        "rtSessionId",
        "sharkVisitorId",
        "sharkSessionId",
        "sharkContextId",
        "engagementId",
        "campaignId",
    ] {
        assert_eq!(text_of(&sent[member]), read[member], "{member}");
    }
    assert_eq!(number_of(&sent["chatTimeout"]), read["chatTimeoutSeconds"]);
    assert_eq!(
        (time_of(&sent["startTime"]), time_of(&sent["lastUpdate"])),
        (read["startTime"].clone(), read["lastUpdate"].clone())
    );
    assert_eq!(&parse(information.raw.as_str()), sent, "nothing is lost");
}

pub fn check_resources(sent: &Value, resources: &ChatResources) {
    check_links(&sent["link"], &presented(&resources.links));
    check_events(&sent["events"], &resources.events);
    check_information(&sent["info"], &resources.information);
    assert_eq!(&parse(resources.raw.as_str()), sent, "nothing is lost");
}

/// The body of the request that `act` sends.
pub fn sent_by(act: impl FnOnce(&Client)) -> Value {
    let server = Server::start(|asked| {
        usual(asked).unwrap_or_else(|| {
            Answer::text(201, "").with_header("Location", &format!("http://{}/chat/H1/events/1", asked.header("host").unwrap()))
        })
    });
    act(&client(&server));
    server.asked().pop().unwrap().body
}

/// A boolean in either of its forms.
pub fn truth_of(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| json!(text == "true"))
}

/// The survey in `sent`, which is read as `survey`.
pub fn check_survey(sent: &Value, survey: &Survey) {
    let read = presented(survey);
    assert_eq!((text_of(&sent["id"]), &sent["header"], &sent["title"]), (read["id"].clone(), &read["header"], &read["title"]));
    let mut questions = sent["questions"].get("question").map(many).unwrap_or_default();
    questions.sort_by_key(|question| number_of(&question["order"]).as_i64());
    assert_eq!(questions.len(), survey.questions.len());
    for (sent, read) in questions.iter().zip(read["questions"].as_array().unwrap()) {
        for member in ["id", "logicId"] {
            assert_eq!(text_of(&sent[member]), read[member], "{member}");
        }
        assert_eq!((number_of(&sent["order"]), truth_of(&sent["mandatory"])), (read["order"].clone(), read["mandatory"].clone()));
        assert_eq!(sent["type"].as_str().unwrap().to_lowercase(), read["type"].as_str().unwrap().to_lowercase());
        for member in ["label", "validationType", "lastKnownValue"] {
            assert_eq!(sent[member], read[member], "{member}");
        }
        let entries = many(&sent["entry"]);
        assert_eq!(entries.len(), read["entries"].as_array().unwrap().len());
        for (sent, read) in entries.iter().zip(read["entries"].as_array().unwrap()) {
            assert_eq!((&sent["value"], &sent["displayValue"]), (&read["value"], &read["displayValue"]));
            assert_eq!(truth_of(&sent["checked"]), read["checked"]);
            let shown: Vec<Value> = many(&sent["logic"]["showLogicId"]).iter().map(text_of).collect();
            assert_eq!(&shown, read["showLogicIds"].as_array().unwrap());
        }
    }
    assert_eq!(&parse(survey.raw.as_str()), sent, "nothing is lost");
}

/// The answers in an answer document.
pub fn answers(survey: &Value) -> Vec<SurveyAnswer> {
    let answer = |question: &Value| {
        let given = question.get("answer").or_else(|| question.get("value")).unwrap();
        SurveyAnswer {
            question_id: text_of(&question["id"]).as_str().unwrap().into(),
            answers: many(given).iter().map(|answer| answer.as_str().unwrap().into()).collect(),
        }
    };
    many(&survey["question"]).iter().map(answer).collect()
}

/// A member as text, if it is there.
pub fn optional_text(value: &Value, name: &str) -> Option<Text> {
    text_of(&value[name]).as_str().map(Into::into)
}
