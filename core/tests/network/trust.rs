//! No redirect is followed, and no link takes a credential to another host.

use std::sync::{Arc, Mutex};

use lpchat::{Client, ClientOptions, Code};
use serde_json::json;

use crate::support::tls::{Authority, TlsServer, real_client};
use crate::support::{Reply, Server, client, information, name, options, with_credentials};
use crate::{empty_page, query};

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

#[test]
fn a_second_origin_receives_nothing() {
    let second = Server::start(|_| information());
    for status in STATUSES {
        for target in [format!("{}/x", second.origin()), format!("//{}/x", second.host()), "https://evil.example/".to_owned()] {
            let first = Server::start(move |_| Reply::status(status).header("Location", &target));
            let (client, clock) = client(options(&first));
            let chat = client.visitor().chat("H1".into()).unwrap();
            assert_eq!(name(chat.retrieve_information()), "UnexpectedRedirect", "{status}");
            assert_eq!(name(chat.add_line("a".into())), "UnexpectedRedirect", "{status}");
            assert_eq!((first.count(), clock.pauses().len()), (2, 0));
        }
    }
    assert_eq!((second.count(), second.connections()), (0, 0));
}

#[test]
fn nor_on_history_nor_while_logging_in() {
    let second = Server::start(|_| empty_page());
    for status in STATUSES {
        let target = format!("{}/x", second.origin());
        let first = Server::start(move |_| Reply::status(status).header("Location", &target));
        let (history, _) = client(ClientOptions { bearer: Some("b".into()), ..with_credentials(&first, &json!({})) });
        let expected = if status == 302 { "Throttled" } else { "UnexpectedRedirect" };
        assert_eq!(name(history.history().retrieve_page(query())), expected);
        let (agent, _) = client(with_credentials(&first, &json!({ "username": "u", "password": "pass" })));
        assert_eq!(name(agent.agent().login()), "UnexpectedRedirect");
    }
    assert_eq!((second.count(), second.connections()), (0, 0));
}

/// A service under the real rules whose new chats live where the test says.
fn service(location: Arc<Mutex<String>>) -> (Authority, TlsServer) {
    let authority = Authority::new();
    let names = ["*.liveperson.net", "*.convep.liveperson.net", "*.example"];
    let server = TlsServer::start(authority.server(&names, false), move |asked| match asked.path() {
        path if path.ends_with("/request.json") => {
            let location = location.lock().unwrap().clone();
            match location.strip_prefix("body:") {
                Some(link) => {
                    Reply::text(201, &json!({ "chatLocation": { "link": { "@rel": "self", "@href": link } } }).to_string())
                }
                None => Reply::status(201).header("Location", &location),
            }
        }
        _ => information(),
    });
    (authority, server)
}

fn real(authority: &Authority, server: &TlsServer) -> (Client, Arc<crate::support::tls::AllTo>) {
    let domains = [("conversationVep".to_owned(), "va.convep.liveperson.net".to_owned())].into();
    let options = ClientOptions { app_key: Some("key".into()), domains, ..Default::default() };
    let (client, names, _) = real_client(authority, server.address, options);
    (client, names)
}

#[test]
fn a_new_chats_address_takes_no_credential_elsewhere() {
    let location = Arc::new(Mutex::new(String::new()));
    let (authority, server) = service(Arc::clone(&location));
    let bad = [
        "https://evil.example/api/account/1/chat/H9.json",
        "https://liveperson.net.evil.example/api/account/1/chat/H9.json",
        "https://va.convep.liveperson.net.evil.example/chat/H9.json",
        "http://va.convep.liveperson.net/api/account/1/chat/H9.json",
        "https://va.convep.liveperson.net:8443/api/account/1/chat/H9.json",
        "https://user:word@va.convep.liveperson.net/api/account/1/chat/H9.json",
        "//evil.example/chat/H9.json",
        "/\\evil.example/chat/H9.json",
        "https://127.0.0.1/chat/H9.json",
        "ftp://va.convep.liveperson.net/chat/H9.json",
        "javascript:alert(1)",
        "body:https://evil.example/chat/H9.json",
    ];
    for bad in bad {
        bad.clone_into(&mut location.lock().unwrap());
        let (client, names) = real(&authority, &server);
        let chat = client.visitor().start_chat(lpchat::ChatRequest::default());
        if let Ok(chat) = &chat {
            // Only a path was taken: the chat lives where it was asked for.
            assert!(bad.starts_with('/') && name(chat.retrieve_information()) == "ok", "{bad}");
        } else {
            let code = chat.unwrap_err().code();
            assert!([Code::UntrustedHost, Code::UnexpectedShape].contains(&code), "{bad}: {code:?}");
        }
        assert!(names.asked.lock().unwrap().iter().all(|host| host == "va.convep.liveperson.net"), "{bad}");
    }
    let hosts: Vec<String> = server.asked().iter().map(|asked| asked.header("host").unwrap().to_owned()).collect();
    assert!(hosts.iter().all(|host| host == "va.convep.liveperson.net"), "{hosts:?}");
}

#[test]
fn a_new_chat_on_a_shard_of_the_same_domain_is_followed() {
    let location = Arc::new(Mutex::new(String::new()));
    let (authority, server) = service(Arc::clone(&location));
    let good = [
        ("https://va-a.convep.liveperson.net/api/account/1/chat/H9.json?x=1", "va-a.convep.liveperson.net"),
        ("https:/va-a.convep.liveperson.net/api/account/1/chat/H9.json", "va-a.convep.liveperson.net"),
        ("/api/account/1/chat/H9.json", "va.convep.liveperson.net"),
        ("body:https://va-b.convep.liveperson.net:443/chat/H9.json", "va-b.convep.liveperson.net"),
    ];
    for (good, host) in good {
        good.clone_into(&mut location.lock().unwrap());
        let (client, _) = real(&authority, &server);
        let chat = client.visitor().start_chat(lpchat::ChatRequest::default()).unwrap_or_else(|error| panic!("{good}: {error}"));
        assert_eq!((chat.id().as_str(), name(chat.retrieve_information())), ("H9", "ok".to_owned()), "{good}");
        assert_eq!(server.asked().last().unwrap().header("host"), Some(host), "{good}");
        assert_eq!(server.asked().last().unwrap().path(), "/api/account/70481526/chat/H9/info.json");
    }
}

#[test]
fn unusable_addresses_of_new_chats() {
    for location in ["", " ", "https://", "https:///", "\u{fffd}", "http://[::1", "?x", "https://va.liveperson.net/"] {
        let server = Server::start(move |_| Reply::status(201).header("Location", location));
        let (client, _) = client(options(&server));
        let outcome = name(client.visitor().start_chat(lpchat::ChatRequest::default()));
        assert!(["UnexpectedShape", "UntrustedHost", "EmptyAnswer"].contains(&outcome.as_str()), "{location:?}: {outcome}");
        assert_eq!(server.count(), 1);
    }
}

#[test]
fn a_sandbox_is_trusted_to_the_port() {
    let (own, other) = (Server::start(|_| information()), Server::start(|_| information()));
    let host = other.host();
    let lying = Server::start(move |_| Reply::status(201).header("Location", &format!("http://{host}/chat/H9.json")));
    let (client, _) = client(options(&lying));
    assert_eq!(name(client.visitor().start_chat(lpchat::ChatRequest::default())), "UntrustedHost");
    let outside = ClientOptions { domains: [("agentVep".to_owned(), other.host())].into(), ..options(&own) };
    let error = Client::with_environment(outside, Default::default()).unwrap_err();
    assert_eq!(error.code(), Code::UntrustedHost);
    assert_eq!(other.connections(), 0);
}
