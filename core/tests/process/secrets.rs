//! Canaries: a unique token in every credential and personal field, then a search of everything that may be seen.

use std::fmt::{Debug, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

use lpchat::observe::{LogLevel, drain_log, queue_log};
use lpchat::{CallOptions, ChatRequest, Client, ClientOptions, LpchatError, OAuth2, SearchQuery, VisitorAuthenticationRequest};
use serde_json::json;

use crate::support::server::Asked;
use crate::support::{Reply, Server, client, with_credentials};

/// Everything that any crate tells `tracing`, at every level.
struct Recorder;

static HEARD: Mutex<String> = Mutex::new(String::new());

struct Fields<'a>(&'a mut String);

impl tracing::field::Visit for Fields<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl tracing::Subscriber for Recorder {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut Fields(&mut HEARD.lock().unwrap_or_else(PoisonError::into_inner)));
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut Fields(&mut HEARD.lock().unwrap_or_else(PoisonError::into_inner)));
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = write!(heard, "\n{} {}", event.metadata().level(), event.metadata().target());
        event.record(&mut Fields(&mut heard));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

fn hear() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| tracing::subscriber::set_global_default(Recorder).unwrap());
}

const CANARY: &str = "canary-";

/// Options with a canary in every credential.
fn everything(server: &Server) -> ClientOptions {
    ClientOptions {
        app_key: Some("canary-app-key".into()),
        oauth2: Some(OAuth2 { client_id: "id".into(), client_secret: "canary-client-secret".into() }),
        password: Some("canary-password".into()),
        username: Some("user".into()),
        bearer: Some("canary-bearer".into()),
        oauth1_consumer_key: Some("key".into()),
        oauth1_consumer_secret: Some("canary-consumer-secret".into()),
        oauth1_token: Some("token".into()),
        oauth1_token_secret: Some("canary-token-secret".into()),
        ..with_credentials(server, &json!({}))
    }
}

/// Says back whatever it was told: the most talkative refusal there can be.
fn echo(asked: &Asked) -> Reply {
    let headers: Vec<String> = asked.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let said = format!("{} {}", headers.join(" | "), String::from_utf8_lossy(&asked.body));
    let said = percent_encoding::percent_decode_str(&said).decode_utf8_lossy().into_owned();
    Reply::text(400, &json!({ "error": { "message": said, "internalCode": said } }).to_string())
}

fn shown(errors: &[LpchatError]) -> String {
    errors.iter().map(|error| format!("{error}\n{error:?}\n")).collect()
}

#[track_caller]
fn clean(what: &str, text: &str) {
    if let Some(at) = text.find(CANARY) {
        let mut from = at.saturating_sub(200);
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        panic!("{what}: {}", &text[from..].chars().take(300).collect::<String>());
    }
}

fn errors(client: &Client) -> Vec<LpchatError> {
    let chat = client.visitor().chat("H1-canary-chatK7".into()).unwrap();
    let shown = format!("{chat:?}");
    clean("a chat's Debug", &shown);
    assert!(shown.contains("…K7"), "{shown}");
    let headers = [("X-Mine".to_owned(), "canary-header\n".to_owned())].into();
    let identity = VisitorAuthenticationRequest {
        sso_key: "canary-sso-key".into(),
        auth_chat_conn_id: "1".into(),
        engagement_id: "1".into(),
        le_tag_session_id: "1".into(),
        le_tag_visitor_id: "1".into(),
        le_tag_context_id: "1".into(),
        redirect_uri: None,
    };
    clean("a request's Debug", &format!("{identity:?}"));
    drop(identity);
    let query = SearchQuery { engagement_id: Some("1".into()), ..SearchQuery::default() };
    [
        chat.retrieve_information().map(drop),
        chat.retrieve_information_with(Some(CallOptions { headers, ..CallOptions::default() })).map(drop),
        client.visitor().start_chat(ChatRequest { skill: Some("Sales".into()), ..ChatRequest::default() }).map(drop),
        client.history().retrieve_page(query).map(drop),
        client.agent().start_session().map(drop),
        client.agent().login().map(drop),
    ]
    .into_iter()
    .filter_map(Result::err)
    .collect()
}

#[test]
fn no_credential_is_ever_seen() {
    let _alone = crate::alone();
    hear();
    queue_log(Some(LogLevel::Debug));
    drain_log();
    let server = Server::start(echo);
    let kinds: [fn(&mut ClientOptions); 4] = [
        |_| {},
        |options| options.oauth2 = None,
        |options| (options.oauth2, options.bearer) = (None, None),
        |options| (options.oauth2, options.bearer, options.username, options.password) = (None, None, None, None),
    ];
    for change in kinds {
        let mut options = everything(&server);
        change(&mut options);
        clean("the options' Debug", &format!("{options:?}"));
        let (client, _) = client(options);
        let errors = errors(&client);
        assert!(errors.len() >= 4, "{errors:?}");
        clean("an error", &shown(&errors));
        let faces = format!("{client:?} {:?} {:?} {:?}", client.visitor(), client.agent(), client.history());
        clean("the client's Debug", &faces);
    }
    let records: String = drain_log().iter().map(|record| format!("{}\n", record.message)).collect();
    queue_log(None);
    assert!(records.lines().count() > 20);
    clean("the log queue", &records);
    let heard = HEARD.lock().unwrap().clone();
    assert!(heard.contains("lpchat") && heard.len() > 1000, "the recorder hears");
    clean("tracing, whatever the crate", &heard);
}

#[test]
fn what_the_service_gave_is_not_repeated_either() {
    let _alone = crate::alone();
    let server = Server::start(|asked| match asked.path() {
        path if path.ends_with("/login") => {
            Reply::text(200, r#"{"bearer":"canary-login-bearer","csrf":"canary-csrf","config":{"userId":"1"}}"#)
                .header("Set-Cookie", "Session_id=canary-cookie; Path=/")
        }
        path if path.ends_with("/app/token") => Reply::text(200, r#"{"access_token":"canary-token"}"#),
        path if path.ends_with("/agentSession") => Reply::text(201, "")
            .header("Location", "/api/account/1/agentSession/5")
            .header("Set-Cookie", "id=canary-of-session; Path=/"),
        _ => echo(asked),
    });
    let login = json!({ "username": "user", "password": "canary-password" });
    let application = json!({ "client_id": "id", "client_secret": "canary-client-secret" });
    let mut sessions = 0;
    for credentials in [login, application] {
        let (client, clock) = client(with_credentials(&server, &credentials));
        let mut errors = errors(&client);
        clean("the client's Debug", &format!("{client:?}"));
        if let Ok(session) = client.agent().start_session() {
            clean("a session's Debug", &format!("{session:?} {:?}", session.chat("H1-canary-chatK7".into())));
            sessions += 1;
        }
        clock.advance(crate::support::seconds(300));
        errors.extend(client.agent().refresh_login().err());
        errors.extend(client.agent().logout().err());
        assert!(errors.len() >= 4);
        clean("an error", &shown(&errors));
        clean("the client's Debug", &format!("{client:?}"));
    }
    assert_eq!(sessions, 1, "the login opens a session, the application does not");
}
