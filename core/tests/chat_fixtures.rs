//! The payloads of the visitor, agent and login documents: requests are produced member for member, answers decode to
//! the values they state, and nothing of them is lost.
//!
//! Runs over the project's own payloads, and over the documents' examples where `LPCHAT_DOCUMENT_EXAMPLES` names them.

mod server;

use std::path::PathBuf;

use lpchat::wire::{Present, Presenter};
use lpchat::{
    AgentSession, AvailabilityState, ChatEvents, ChatInformation, ChatRequest, ChatResources, Client, ClientOptions, Json,
    LineRequest, Text, VisitorAuthenticationRequest,
};
use serde_json::{Value, json};
use server::{Answer, Asked, Server};

/// The folders to run over.
fn folders() -> Vec<PathBuf> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    [Some(own), std::env::var_os("LPCHAT_DOCUMENT_EXAMPLES").map(PathBuf::from)].into_iter().flatten().collect()
}

/// A payload from every folder that has it.
fn texts(name: &str) -> Vec<String> {
    let texts: Vec<String> = folders().iter().filter_map(|folder| std::fs::read_to_string(folder.join(name)).ok()).collect();
    assert!(!texts.is_empty(), "no folder has {name}");
    texts
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A server that answers `text` under every path, after what a session needs.
fn serving(status: u16, text: &str) -> (Server, Client) {
    let text = text.to_owned();
    let server = Server::start(move |asked| usual(asked).unwrap_or_else(|| Answer::text(status, &text)));
    let client = client(&server);
    (server, client)
}

/// Domain look-up, login and agent session, which precede what a test is about.
fn usual(asked: &Asked) -> Option<Answer> {
    let host = asked.header("host").unwrap().to_owned();
    if asked.path.ends_with("/service/baseURI.json") {
        let domain = |service: &str| json!({ "service": service, "account": "70481526", "baseURI": host });
        return Some(Answer::json(&json!({ "baseURIs": [domain("conversationVep"), domain("agentVep")] })));
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

fn client(server: &Server) -> Client {
    let options = ClientOptions {
        sandbox: Some(server.configuration().into()),
        app_key: Some("key".into()),
        bearer: Some("token".into()),
        ..ClientOptions::default()
    };
    Client::with_environment(options, server::without_pauses()).unwrap()
}

fn session(client: &Client) -> AgentSession {
    client.agent().start_session().unwrap()
}

/// What Node would be handed: every field by its name in camel case.
fn presented(value: &impl Present) -> Value {
    parse(&Presenter::of(value).0)
}

/// A scalar as text, which is how ids come out.
fn text_of(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    }
}

fn number_of(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| json!(text.parse::<i64>().unwrap()))
}

fn time_of(value: &Value) -> Value {
    value.as_str().map_or(Value::Null, |text| json!(lpchat::Timestamp::from_wire(text).unwrap().as_millis()))
}

/// A list in any of its forms.
fn many(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

fn attribute<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(format!("@{name}")).unwrap_or(&value[name])
}

fn check_links(sent: &Value, read: &Value) {
    let sent = many(sent);
    assert_eq!(sent.len(), read.as_array().unwrap().len());
    for (sent, read) in sent.iter().zip(read.as_array().unwrap()) {
        assert_eq!((attribute(sent, "href"), attribute(sent, "rel")), (&read["href"], &read["relation"]));
    }
}

fn check_events(sent: &Value, events: &ChatEvents) {
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

fn check_information(sent: &Value, information: &ChatInformation) {
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

fn check_resources(sent: &Value, resources: &ChatResources) {
    check_links(&sent["link"], &presented(&resources.links));
    check_events(&sent["events"], &resources.events);
    check_information(&sent["info"], &resources.information);
    assert_eq!(&parse(resources.raw.as_str()), sent, "nothing is lost");
}

#[test]
fn chat_documents_of_both_sides() {
    for name in ["visitor/chat-resources-response-1.json", "agent/retrieve-chat-resources-events-and-information-response.json"] {
        for text in texts(name) {
            let (_server, client) = serving(200, &text);
            let resources = client.visitor().chat("H1".into()).unwrap().retrieve_resources(None).unwrap();
            check_resources(&parse(&text)["chat"], &resources);
            let resources = session(&client).chat("H1".into()).unwrap().retrieve_resources(None).unwrap();
            check_resources(&parse(&text)["chat"], &resources);
        }
    }
}

#[test]
fn documents_of_the_project_with_every_oddity() {
    for name in [
        "visitor/chat-waiting-response.json",
        "visitor/chat-poll-no-event-response.json",
        "visitor/chat-poll-single-event-response.json",
    ] {
        for text in texts(name) {
            let (_server, client) = serving(200, &text);
            let resources = client.visitor().chat("H1".into()).unwrap().retrieve_resources(None).unwrap();
            check_resources(&parse(&text)["chat"], &resources);
        }
    }
    let all = ["digits-line", "poll-no-event", "poll-single-event", "unknown-types"];
    let visitor =
        ["collaboration", "ended-by-agent", "ended-by-timeout", "prechat-lines-echo", "transfer-requeue", "a2a-transfer-full"];
    let names = all
        .iter()
        .flat_map(|name| [format!("visitor/events-{name}-response.json"), format!("agent/events-{name}-response.json")]);
    for name in names.chain(visitor.iter().map(|name| format!("visitor/events-{name}-response.json"))) {
        for text in texts(&name) {
            let (_server, client) = serving(200, &text);
            let events = client.visitor().chat("H1".into()).unwrap().retrieve_events(None).unwrap();
            check_events(&parse(&text)["events"], &events);
        }
    }
}

#[test]
fn events_and_information_alone() {
    for text in texts("visitor/events-get-response-1.json") {
        let (_server, client) = serving(200, &text);
        check_events(&parse(&text)["events"], &client.visitor().chat("H1".into()).unwrap().retrieve_events(Some(0)).unwrap());
    }
    for name in
        ["visitor/info-response-1.json", "visitor/info-waiting-response.json", "agent/retrieve-chat-information-response.json"]
    {
        for text in texts(name) {
            let (_server, client) = serving(200, &text);
            check_information(
                &parse(&text)["info"],
                &client.visitor().chat("H1".into()).unwrap().retrieve_information().unwrap(),
            );
            check_information(
                &parse(&text)["info"],
                &session(&client).chat("H1".into()).unwrap().retrieve_information().unwrap(),
            );
        }
    }
    for text in texts("visitor/events-line-status-response-1.json") {
        let (_server, client) = serving(200, &json!({ "events": { "event": parse(&text) } }).to_string());
        let events = client.visitor().chat("H1".into()).unwrap().retrieve_events(None).unwrap();
        assert_eq!(events.events[0].ref_sequence_id.as_deref(), parse(&text)["refSequenceId"].as_str());
        assert_eq!(events.events[0].line_status.as_deref(), Some("ACCEPT"));
    }
}

#[test]
fn answers_of_an_agent_session() {
    for text in texts("agent/retrieve-current-availability-response.json") {
        let (_server, client) = serving(200, &text);
        let availability = session(&client).retrieve_availability().unwrap();
        let read = presented(&availability);
        assert_eq!(
            (&read["chat"], &read["voice"]),
            (&parse(&text)["availability"]["chat"], &parse(&text)["availability"]["voice"])
        );
    }
    for name in ["determine-incoming-chat-request", "incoming-requests-ringing", "incoming-requests-ringing-two"] {
        for text in texts(&format!("agent/{name}-response.json")) {
            let (_server, client) = serving(200, &text);
            let incoming = session(&client).retrieve_incoming_requests().unwrap();
            let sent = &parse(&text)["incomingRequests"];
            assert_eq!(json!(incoming.ringing_count), number_of(&sent["ringingCount"]));
            check_links(&sent["link"], &presented(&incoming.links));
        }
    }
    for name in ["retrieve-chat-sessions", "retrieve-chat-sessions-single", "retrieve-chat-sessions-empty"] {
        for text in texts(&format!("agent/{name}-response.json")) {
            let (_server, client) = serving(200, &text);
            let sessions = session(&client).retrieve_chat_sessions().unwrap();
            let sent = parse(&text)["chatSessions"].get("chatSession").map(many).unwrap_or_default();
            assert_eq!(sessions.len(), sent.len(), "{text}");
            for (sent, read) in sent.iter().zip(&sessions) {
                assert_eq!(sent["chatSessionKey"].as_str(), Some(read.chat_session_key.as_str()));
                assert_eq!(number_of(&sent["startTime"]).as_i64(), read.start_time.map(lpchat::Timestamp::as_millis));
            }
        }
    }
}

#[test]
fn links_of_what_was_created() {
    let placed = |text: &str, host: &str| {
        text.replace("{domain}", host).replace("https://", "http://").replace("{chatId}", "H7-1K2").replace("{number}", "9")
    };
    for name in [
        "agent/accept-a-chat-response.json",
        "agent/send-lines-response.json",
        "agent/end-chat-response.json",
        "agent/end-chat-event-location-response.json",
    ] {
        for text in texts(name) {
            let server = Server::start(move |asked| {
                usual(asked).unwrap_or_else(|| Answer::text(201, &placed(&text, asked.header("host").unwrap())))
            });
            let session = session(&client(&server));
            if name.contains("accept") {
                assert_eq!(session.accept_chat().unwrap().unwrap().id(), "H7-1K2");
            } else {
                let chat = session.chat("H7".into()).unwrap();
                let event = chat.add_line(LineRequest { text: "x".into(), ..LineRequest::default() }).unwrap().unwrap();
                assert!(event.parse::<i64>().is_ok(), "{event}");
                chat.end().unwrap();
            }
        }
    }
    for text in texts("agent/accept-a-chat-nothing-ringing-error-response.json") {
        let (_server, client) = serving(400, &text);
        assert!(session(&client).accept_chat().unwrap().is_none());
    }
}

#[test]
fn errors_keep_what_the_service_says() {
    let names = [
        "visitor/error-response-1.json",
        "visitor/error-response-2.json",
        "visitor/error-response-3.json",
        "visitor/error-response-4.json",
        "visitor/error-response-5.json",
        "agent/send-lines-rejected-response.json",
        "visitor/engagement-error-response-1.json",
    ];
    for name in names {
        for text in texts(name) {
            let (_server, client) = serving(400, &text);
            let error = client.visitor().start_chat(ChatRequest::default()).unwrap_err();
            let sent = parse(&text);
            let sent = sent.get("error").unwrap_or(&sent);
            assert_eq!(error.details().service_message.as_deref(), sent["message"].as_str());
            assert_eq!(error.details().service_code.clone(), sent["internalCode"].as_i64().map(|code| code.to_string()));
        }
    }
    for text in texts("agent/chat-error-in-200-response.json") {
        let (_server, client) = serving(200, &text);
        let error = session(&client).chat("H1".into()).unwrap().retrieve_resources(None).unwrap_err();
        assert_eq!(error.details().service_message.as_deref(), parse(&text)["chat"]["error"]["message"].as_str());
    }
    for text in texts("auth/oauth1-error-bodies.json") {
        for body in parse(&text).as_array().unwrap() {
            let (_server, client) = serving(401, body["content"].as_str().unwrap());
            let error = session(&client).retrieve_availability().unwrap_err();
            let problem = body["content"].as_str().unwrap().split(['=', '&']).nth(1);
            assert_eq!(error.details().service_code.as_deref(), problem);
        }
    }
}

/// The body of the request that `act` sends.
fn sent_by(act: impl FnOnce(&Client)) -> Value {
    let server = Server::start(|asked| {
        usual(asked).unwrap_or_else(|| {
            Answer::text(201, "").with_header("Location", &format!("http://{}/chat/H1/events/1", asked.header("host").unwrap()))
        })
    });
    act(&client(&server));
    server.asked().pop().unwrap().body
}

#[test]
fn a_chat_is_requested_member_for_member() {
    for name in ["1", "2", "3", "4"] {
        for text in texts(&format!("visitor/start-chat-request-{name}.json")) {
            let wanted = parse(&text);
            let member = |name: &str| match &wanted["request"][name] {
                Value::Null => None,
                value => Some(Text::from(text_of(value).as_str().unwrap())),
            };
            let request = ChatRequest {
                skill: member("skill"),
                skill_id: member("skillId"),
                user_agent: member("userAgent"),
                language: member("language"),
                le_tag_visitor_id: member("LETagVisitorId"),
                le_tag_session_id: member("LETagSessionId"),
                le_tag_context_id: member("LETagContextId"),
                engagement_id: member("engagementId"),
                campaign_id: member("campaignId"),
                participant_id: member("participantId"),
                conversation_id: member("conversationId"),
                interaction_timeout_seconds: wanted["request"]["interactionTimeout"].as_i64(),
                pre_chat_lines: many(&wanted["request"]["preChatLines"]["line"])
                    .iter()
                    .map(|line| line.as_str().unwrap().into())
                    .collect(),
                ..ChatRequest::default()
            };
            // The collection's placeholders are no decimal digits, which is what a context id consists of.
            if request.le_tag_context_id.as_ref().is_some_and(|id| id.contains('{')) {
                continue;
            }
            assert_eq!(sent_by(|client| drop(client.visitor().start_chat(request).unwrap())), wanted, "{name}");
        }
    }
}

#[test]
fn the_other_requests_member_for_member() {
    for text in texts("visitor/visitor-authentication-request-1.json") {
        let wanted = parse(&text);
        let member = |name: &str| Text::from(text_of(&wanted[name]).as_str().unwrap());
        let request = VisitorAuthenticationRequest {
            sso_key: wanted["ssoKey"].as_str().unwrap().into(),
            auth_chat_conn_id: member("authChatConnId"),
            engagement_id: member("engagementId"),
            le_tag_session_id: member("LETagSessionId"),
            le_tag_visitor_id: member("LETagVisitorId"),
            le_tag_context_id: member("LETagContextId"),
            redirect_uri: None,
        };
        assert_eq!(sent_by(|client| drop(client.visitor().authenticate(request))), wanted);
    }
    for text in texts("visitor/events-add-line-request-1.json") {
        let line = Text::from(parse(&text)["event"]["text"].as_str().unwrap());
        assert_eq!(sent_by(|client| drop(client.visitor().chat("H1".into()).unwrap().add_line(line).unwrap())), parse(&text));
    }
    for name in ["visitor/events-end-chat-request-1.json", "agent/end-chat-request.json"] {
        for text in texts(name) {
            assert_eq!(sent_by(|client| client.visitor().chat("H1".into()).unwrap().end().unwrap()), parse(&text));
            assert_eq!(sent_by(|client| session(client).chat("H1".into()).unwrap().end().unwrap()), parse(&text));
        }
    }
    for name in [
        "send-lines-request",
        "send-lines-request-2",
        "send-lines-request-3",
        "send-lines-request-4",
        "send-lines-rich-content-request",
    ] {
        for text in texts(&format!("agent/{name}.json")) {
            let wanted = parse(&text);
            let event = &wanted["event"];
            let json = |name: &str| (!event[name].is_null()).then(|| Json::from(event[name].to_string()));
            let line = LineRequest {
                text: event["text"].as_str().unwrap().into(),
                text_type: event["textType"].as_str().map(Into::into),
                sub_type: event["subType"].as_str().map(Into::into),
                json: json("json"),
                metadata: json("metadata"),
            };
            assert_eq!(
                sent_by(|client| drop(session(client).chat("H1".into()).unwrap().add_line(line).unwrap())),
                wanted,
                "{name}"
            );
        }
    }
    for text in texts("agent/set-agent-availability-request.json") {
        let state = AvailabilityState::from(parse(&text)["availability"]["chat"].as_str().unwrap());
        assert_eq!(sent_by(|client| session(client).set_availability(state, None).unwrap()), parse(&text));
    }
    for text in texts("agent/start-agent-session-request.json") {
        assert_eq!(sent_by(|client| drop(session(client))), parse(&text));
    }
    for text in texts("agent/accept-a-chat-request.json") {
        assert_eq!(sent_by(|client| drop(session(client).accept_chat())), parse(&text));
    }
}

#[test]
fn the_login_reads_and_sends_what_the_documents_show() {
    for text in texts("auth/user-login-response.json") {
        let answer = text.clone();
        let server = Server::start(move |asked| {
            usual(asked).unwrap_or_else(|| Answer::text(200, &answer).with_header("Set-Cookie", "Session_id=abc; Path=/"))
        });
        let options = ClientOptions {
            sandbox: Some(server.configuration().into()),
            username: Some("name".into()),
            password: Some("password".into()),
            ..ClientOptions::default()
        };
        let client = Client::with_environment(options, server::without_pauses()).unwrap();
        let login = client.agent().login().unwrap();
        assert_eq!(login.user_id.as_deref(), parse(&text)["config"]["userId"].as_str());
        assert_eq!(login.time_to_live.map(|life| life.as_millis().to_string()).as_deref(), parse(&text)["sessionTTl"].as_str());
        assert_eq!(server.asked().pop().unwrap().body, json!({ "username": "name", "password": "password" }));
        client.agent().refresh_login().unwrap();
        let refresh = server.asked().pop().unwrap();
        assert_eq!(refresh.body, json!({ "csrf": parse(&text)["csrf"] }));
        assert_eq!((refresh.header("cookie"), refresh.header("authorization")), (Some("Session_id=abc"), None));
        client.agent().logout().unwrap();
        assert!(server.asked().pop().unwrap().path.ends_with("/logout"));
    }
    for text in texts("auth/oauth2-app-token-response.json") {
        assert!(parse(&text)["access_token"].is_string());
    }
}

#[test]
fn both_shapes_of_the_directory() {
    for text in texts("auth/domain-api-single-service-response.json") {
        let server = Server::start(move |_| Answer::text(200, &text));
        let domain = client(&server).retrieve_domain("agentVep".into()).unwrap();
        assert_eq!(domain.service, "agentVep");
    }
    for text in texts("auth/domain-api-all-services-response.json") {
        let sent = parse(&text);
        let answer = text.clone();
        let server = Server::start(move |_| Answer::text(200, &answer));
        let client = client(&server);
        let domains = client.retrieve_domains().unwrap();
        let hosts: Vec<&str> = domains.iter().map(|domain| domain.host.as_str()).collect();
        let wanted: Vec<&str> =
            sent["baseURIs"].as_array().unwrap().iter().map(|domain| domain["baseURI"].as_str().unwrap()).collect();
        assert_eq!(hosts, wanted);
        let service = sent["baseURIs"][1]["service"].as_str().unwrap();
        assert_eq!(
            client.retrieve_domain(service.into()).unwrap().host,
            wanted[1],
            "the list under the single service's address"
        );
    }
}
