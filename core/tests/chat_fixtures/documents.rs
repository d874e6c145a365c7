//! The chat documents that both sides read, links of what was created, errors.

use lpchat::{ChatRequest, LineRequest};
use serde_json::json;

use crate::given::*;
use crate::server::{Answer, Server};

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
