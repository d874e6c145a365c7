//! The payloads of login and directory.

use lpchat::{Client, ClientOptions, Code};
use serde_json::json;

use crate::given::*;
use crate::server::{self, Answer, Server};

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

/// A client with these credentials, of a server that answers every login and token request with `answer`.
fn logging_in(status: u16, answer: &str, options: ClientOptions) -> (Server, Client) {
    let answer = answer.to_owned();
    let server = Server::start(move |asked| usual(asked).unwrap_or_else(|| Answer::text(status, &answer)));
    let options = ClientOptions { sandbox: Some(server.configuration().into()), ..options };
    let client = Client::with_environment(options, server::without_pauses()).unwrap();
    (server, client)
}

#[test]
fn bots_log_in_with_keys_or_with_an_applications_secret() {
    for (name, is_client) in [("auth/application-login-request.json", false), ("auth/application-login-request-2.json", true)] {
        for (text, answer) in texts(name).iter().zip(texts("auth/application-login-response.json")) {
            let wanted = parse(text);
            let member = |name: &str| optional_text(&wanted, name);
            let secret = |name: &str| Some(wanted[name].as_str().unwrap().into());
            let options = if is_client {
                ClientOptions { client_id: member("appKey"), client_secret: secret("secret"), ..ClientOptions::default() }
            } else {
                ClientOptions {
                    oauth1_consumer_key: member("appKey"),
                    oauth1_consumer_secret: secret("secret"),
                    oauth1_token: member("accessToken"),
                    oauth1_token_secret: secret("accessTokenSecret"),
                    ..ClientOptions::default()
                }
            };
            let (server, client) = logging_in(200, &answer, ClientOptions { username: member("username"), ..options });
            let login = client.agent().login().unwrap();
            assert_eq!(login.user_id.as_deref(), parse(&answer)["config"]["userId"].as_str());
            assert_eq!(server.asked().pop().unwrap().body, wanted, "{name}");
        }
    }
    let saml = || ClientOptions { saml_assertion: Some("<Assertion/>".into()), ..ClientOptions::default() };
    for text in texts("auth/login-with-user-pid-response.json") {
        let (server, client) = logging_in(200, &text, saml());
        assert_eq!(client.agent().login().unwrap().user_id.as_deref(), parse(&text)["config"]["userId"].as_str());
        assert_eq!(server.asked().pop().unwrap().body, json!({ "jwt": "dummy", "assertion": "<Assertion/>" }));
    }
    for text in texts("auth/login-error-in-200-response.json") {
        let (_server, client) = logging_in(200, &text, saml());
        let error = client.agent().login().unwrap_err();
        assert_eq!(
            (error.code(), error.details().service_message.as_deref()),
            (Code::LoginFailed, parse(&text)["error"].as_str())
        );
    }
}

#[test]
fn tokens_of_a_user_as_the_documents_show_them() {
    let application =
        || ClientOptions { client_id: Some("id".into()), client_secret: Some("s&cret".into()), ..ClientOptions::default() };
    for (text, claims) in texts("auth/oauth2-token-response.json").iter().zip(texts("auth/oauth2-id-token-claims-derived.json")) {
        let (server, client) = logging_in(200, text, application());
        let tokens = client.agent().exchange_code("c/1".into(), Some("https://app.example/back".into())).unwrap();
        let sent = parse(text);
        assert_eq!(Some(tokens.access_token().as_str()), sent["access_token"].as_str());
        assert_eq!(Some(tokens.refresh_token().as_str()), sent["refresh_token"].as_str());
        assert_eq!(tokens.id_token().as_deref(), sent["id_token"].as_str());
        assert_eq!(tokens.user_id().as_deref(), parse(&claims)["payload"]["sub"].as_str());
        let asked = server.asked().pop().unwrap();
        assert_eq!((asked.path.as_str(), asked.value("v")), ("/sentinel/api/account/70481526/token", "1.0".into()));
        assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
    }
    for text in texts("auth/oauth2-refresh-response.json") {
        let (_server, client) = logging_in(200, &text, application());
        let tokens = client.agent().refresh_tokens("old".into()).unwrap();
        assert_eq!(Some(tokens.refresh_token().as_str()), parse(&text)["refresh_token"].as_str());
        assert_eq!((tokens.id_token(), tokens.user_id()), (None, None));
    }
    // A refresh that is answered without a refresh token leaves the old one standing.
    let (_server, client) = logging_in(200, r#"{"access_token":"a"}"#, application());
    assert_eq!(client.agent().refresh_tokens("old".into()).unwrap().refresh_token(), "old");
    for text in texts("auth/oauth2-invalid-client-error-response.json") {
        let (_server, client) = logging_in(400, &text, application());
        let error = client.agent().exchange_code("c".into(), None).unwrap_err();
        assert_eq!((error.code(), error.details().service_code.as_deref()), (Code::LoginFailed, Some("invalid_client")));
    }
    let (server, client) = logging_in(200, "{}", ClientOptions { bearer: Some("b".into()), ..ClientOptions::default() });
    assert_eq!(client.agent().exchange_code("c".into(), None).unwrap_err().code(), Code::MissingOption);
    assert!(server.asked().is_empty());
}
