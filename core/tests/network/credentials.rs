//! Which credential serves which face: every combination, refused before any network with the reason.

use lpchat::{ClientOptions, Code};
use serde_json::json;

use crate::support::{Reply, Server, client, with_credentials};
use crate::{empty_page, query};

const KINDS: [&str; 5] = ["oauth2", "bearer", "login", "oauth1", "app_key"];

/// Options with the credentials of these kinds.
fn with(server: &Server, kinds: &[&str]) -> ClientOptions {
    let has = |kind: &str| kinds.contains(&kind);
    let text = |kind: &str, value: &str| has(kind).then(|| value.into());
    let secret = |kind: &str, value: &str| has(kind).then(|| value.into());
    ClientOptions {
        client_id: text("oauth2", "id"),
        client_secret: secret("oauth2", "secret"),
        bearer: secret("bearer", "ready"),
        username: text("login", "user"),
        password: secret("login", "word"),
        oauth1_consumer_key: text("oauth1", "a"),
        oauth1_consumer_secret: secret("oauth1", "b"),
        oauth1_token: text("oauth1", "c"),
        oauth1_token_secret: secret("oauth1", "d"),
        app_key: secret("app_key", "key"),
        ..with_credentials(server, &json!({}))
    }
}

fn server() -> Server {
    Server::start(|asked| match asked.path() {
        path if path.ends_with("/login") => Reply::text(200, r#"{"bearer":"logged-in","csrf":"c","config":{"userId":"1"}}"#),
        path if path.ends_with("/app/token") => Reply::text(200, r#"{"access_token":"app.token.x"}"#),
        path if path.ends_with("/search") => empty_page(),
        path if path.ends_with("/agentSession") => Reply::status(201).header("Location", "/agentSession/1"),
        _ => crate::support::information(),
    })
}

/// The kind of credential the last request carried.
fn carried(server: &Server) -> &'static str {
    match server.asked().last().unwrap().header("authorization") {
        Some("Bearer app.token.x") => "oauth2",
        Some("Bearer ready") => "bearer",
        Some("Bearer logged-in") => "login",
        Some("LivePerson appKey=key") => "app_key",
        Some(header) if header.starts_with("OAuth ") => "oauth1",
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_combination_on_every_face() {
    let faces: [(&str, &[&str]); 3] =
        [("visitor", &["app_key"]), ("agent", &["bearer", "login"]), ("history", &["oauth2", "bearer", "login", "oauth1"])];
    let server = server();
    for combination in 0..1_u32 << KINDS.len() {
        let kinds: Vec<&str> = (0..KINDS.len()).filter(|bit| combination >> bit & 1 == 1).map(|bit| KINDS[bit]).collect();
        for (face, usable) in faces {
            let (client, _) = client(with(&server, &kinds));
            let before = server.count();
            let outcome = match face {
                "visitor" => client.visitor().chat("H1".into()).unwrap().retrieve_information().map(drop),
                "agent" => client.agent().start_session().map(drop),
                _ => client.history().retrieve_page(query()).map(drop),
            };
            // The order of preference is the order of `usable`.
            match usable.iter().find(|kind| kinds.contains(kind)) {
                Some(kind) => assert_eq!((outcome.is_ok(), carried(&server)), (true, *kind), "{face} {kinds:?}"),
                None => {
                    let error = outcome.unwrap_err();
                    assert_eq!((error.code(), server.count()), (Code::UnusableCredential, before), "{face} {kinds:?}");
                    let message = &error.details().message;
                    assert_eq!(message.matches("Given is").count(), kinds.len(), "each gets its reason: {message}");
                    assert_eq!(message.matches("needs one of").count(), 1, "{message}");
                }
            }
        }
    }
}

#[test]
fn a_missing_credential_is_told_before_anything_is_looked_up() {
    let server = Server::start(|_| Reply::status(500));
    let (client, _) = client(ClientOptions { domains: Default::default(), ..with_credentials(&server, &json!({})) });
    let refused = [
        client.visitor().chat("H1".into()).unwrap().retrieve_information().map(drop),
        client.agent().start_session().map(drop),
        client.history().retrieve_page(query()).map(drop),
    ];
    for outcome in refused {
        assert_eq!((crate::support::name(outcome), server.count()), ("UnusableCredential".to_owned(), 0));
    }
}

#[test]
fn a_half_given_credential_names_its_missing_half() {
    let server = server();
    let message = |options: ClientOptions| {
        let (client, _) = client(options);
        client.history().retrieve_page(query()).unwrap_err().details().message.clone()
    };
    let bare = || with_credentials(&server, &json!({}));
    let half = message(ClientOptions { client_id: Some("id".into()), ..bare() });
    assert!(half.contains("`client_secret` is missing"), "{half}");
    let half = message(ClientOptions { password: Some("word".into()), ..bare() });
    assert!(half.contains("`username` is missing"), "{half}");
    let keys = ClientOptions { oauth1_consumer_key: Some("a".into()), oauth1_token: Some("b".into()), ..bare() };
    assert!(message(keys).contains("`oauth1_consumer_secret` is missing"));
    assert_eq!(server.count(), 0);
}

#[test]
fn an_empty_credential_is_refused_when_the_client_is_made() {
    let server = server();
    let bare = || with_credentials(&server, &json!({}));
    let empty = [
        ("app_key", ClientOptions { app_key: Some("".into()), ..bare() }),
        ("password", ClientOptions { username: Some("u".into()), password: Some("".into()), ..bare() }),
        ("client_id", ClientOptions { client_id: Some("".into()), client_secret: Some("s".into()), ..bare() }),
    ];
    for (name, options) in empty {
        let error = lpchat::Client::with_environment(options, Default::default()).unwrap_err();
        assert!(error.code() == Code::InvalidOption && error.details().message.contains(name), "{error}");
    }
}
