//! The domain look-up: cache, single flight, stale answers, overrides, both shapes, hostile answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lpchat::{Client, ClientOptions, Code};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::server::Asked;
use crate::support::tls::{Authority, TlsServer, real_client};
use crate::support::{self, ACCOUNT, Reply, SERVICES, Server, client, information, line, name, seconds, services};

/// Options without overrides: the look-up is asked.
fn options(directory: &Server, service: &Server) -> ClientOptions {
    let sandbox = line(&[directory, service], &json!({ "app_key": "key" }));
    ClientOptions { sandbox: Some(sandbox.into()), ..ClientOptions::default() }
}

fn ask(client: &Client) -> String {
    name(client.visitor().chat("H1".into()).unwrap().retrieve_information())
}

/// A directory that answers with the service's address.
fn directory(service: &Server) -> Server {
    let host = service.host();
    Server::start(move |_| services(&host))
}

#[test]
fn the_look_up_is_asked_once_for_thirty_minutes() {
    let service = Server::start(|_| information());
    let directory = directory(&service);
    let (client, clock) = client(options(&directory, &service));
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| assert_eq!(ask(&client), "ok"));
        }
    });
    assert_eq!((directory.count(), service.count()), (1, 50));
    let asked = &directory.asked()[0];
    assert_eq!(asked.target, format!("/api/account/{ACCOUNT}/service/baseURI.json?version=1.0"));
    assert_eq!(asked.header("authorization"), None);
    clock.advance(seconds(30 * 60 - 1));
    assert_eq!((ask(&client), directory.count()), ("ok".into(), 1));
    clock.advance(seconds(1));
    assert_eq!((ask(&client), directory.count()), ("ok".into(), 2));
}

/// A directory that answers well as long as the counter is above zero, then as `then` says.
fn failing(service: &Server, well: usize, then: fn() -> Reply) -> Server {
    let (host, left) = (service.host(), AtomicUsize::new(well));
    Server::start(move |_| {
        let good = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if good { services(&host) } else { then() }
    })
}

#[test]
fn a_stale_answer_serves_where_a_new_one_cannot_be_had() {
    let service = Server::start(|_| information());
    for then in [|| Reply::status(500), || Reply::Reset, || Reply::status(401), || Reply::text(200, "<html>")] {
        let directory = failing(&service, 1, then);
        let (client, clock) = client(options(&directory, &service));
        assert_eq!(ask(&client), "ok");
        clock.advance(seconds(1800));
        assert_eq!((ask(&client), ask(&client)), ("ok".into(), "ok".into()));
        assert_eq!((directory.count(), clock.pauses().len()), (2, 0), "asked once, without a pause, and not by every call");
        clock.advance(seconds(60));
        assert_eq!((ask(&client), directory.count()), ("ok".into(), 3), "and again after a minute");
    }
}

#[test]
fn a_silent_directory_does_not_hold_up_calls_that_have_an_answer() {
    let service = Server::start(|_| information());
    let directory = failing(&service, 1, || Reply::Silence);
    let (client, clock) = client(options(&directory, &service));
    assert_eq!(ask(&client), "ok");
    clock.advance(seconds(1800));
    let call = client.visitor().chat("H1".into()).unwrap().retrieve_information_call(None);
    support::until("asked again", || directory.count() == 2 && clock.limits_of(seconds(5)) == 1);
    clock.advance(seconds(5));
    assert!(call.wait().is_ok());
}

#[test]
fn the_first_look_up_is_repeated_and_its_failure_shared() {
    let service = Server::start(|_| information());
    let directory = failing(&service, 0, || Reply::status(500));
    let (client, clock) = client(options(&directory, &service));
    assert_eq!((ask(&client), clock.pauses()), ("ServerFailed".into(), vec![5000, 10_000, 15_000]));
    assert_eq!(directory.count(), 4);
}

#[test]
fn a_connection_failure_looks_up_again() {
    let service = Server::start(|_| information());
    let gone = Server::elsewhere(std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let (first, then, number) = (gone.host(), service.host(), AtomicUsize::new(0));
    let directory = Server::start(move |_| services(if number.fetch_add(1, Ordering::SeqCst) == 0 { &first } else { &then }));
    let sandbox = line(&[&directory, &service, &gone], &json!({ "app_key": "key" }));
    let (client, clock) = client(ClientOptions { sandbox: Some(sandbox.into()), ..ClientOptions::default() });
    // An effect even: the first attempt never left.
    let sent = client.visitor().chat("H1".into()).unwrap().add_line("a".into());
    assert_eq!((name(sent), clock.pauses(), directory.count(), service.count()), ("ok".into(), vec![5000], 2, 1));
}

#[test]
fn doubt_does_not_hammer_the_directory() {
    let gone = Server::elsewhere(std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let directory = directory(&gone);
    let (client, clock) = client(options(&directory, &gone));
    let once = || {
        let options = lpchat::CallOptions { retries: Some(0), ..Default::default() };
        name(client.visitor().chat("H1".into()).unwrap().retrieve_information_with(Some(options)))
    };
    (0..20).for_each(|_| assert_eq!(once(), "ConnectFailed"));
    assert_eq!(directory.count(), 1, "the list is younger than two seconds");
    clock.advance(seconds(2));
    (0..20).for_each(|_| assert_eq!(once(), "ConnectFailed"));
    assert_eq!(directory.count(), 2);
}

#[test]
fn an_override_needs_no_look_up() {
    let service = Server::start(|_| information());
    let directory = directory(&service);
    let domains = [("conversationVep".to_owned(), service.host())].into();
    let (client, _) = client(ClientOptions { domains, ..options(&directory, &service) });
    assert_eq!((ask(&client), directory.count()), ("ok".into(), 0));
}

#[test]
fn both_shapes_of_an_answer() {
    let answering = |body: Value| {
        let directory = Server::start(move |_| Reply::json(&body));
        let (client, _) = client(options(&directory, &directory));
        let domain = client.retrieve_domain("agentVep".into());
        (domain.map(|domain| domain.host.to_string()).map_err(|error| error.code()), directory.asked()[0].target.clone())
    };
    let flat = json!({ "service": "agentVep", "account": "1", "baseURI": "a.agentvep.liveperson.net" });
    let (host, target) = answering(flat.clone());
    assert_eq!(host.unwrap(), "a.agentvep.liveperson.net");
    assert_eq!(target, format!("/api/account/{ACCOUNT}/service/agentVep/baseURI.json?version=1.0"));
    let other = json!({ "service": "AGENTVEP", "baseURI": "b.liveperson.net" });
    assert_eq!(answering(json!({ "baseURIs": [other, flat] })).0.unwrap(), "a.agentvep.liveperson.net");
    assert_eq!(answering(json!({ "baseURIs": flat })).0.unwrap(), "a.agentvep.liveperson.net");
    assert_eq!(answering(json!({ "baseURIs": [other] })).0, Err(Code::ServiceUnknown));
    assert_eq!(answering(json!({ "baseURIs": [] })).0, Err(Code::ServiceUnknown));
    assert_eq!(answering(json!({ "other": 1 })).0, Err(Code::UnexpectedShape));
}

#[test]
fn a_service_the_account_lacks() {
    let service = Server::start(|_| information());
    let directory = Server::start(|_| Reply::json(&json!({ "baseURIs": [{ "service": "other", "baseURI": "x" }] })));
    let (first, _) = client(options(&directory, &service));
    assert_eq!(ask(&first), "ServiceUnknown");
    let unknown = Server::start(|_| Reply::text(404, r#"{"error":"unknown service"}"#));
    let (client, _) = client(options(&unknown, &service));
    let error = client.retrieve_domain("agentvep".into()).unwrap_err();
    assert_eq!((error.code(), error.details().http_status), (Code::ServiceUnknown, Some(404)));
    assert_eq!(name(client.retrieve_domain("".into())), "InvalidArgument");
    assert_eq!(unknown.count(), 1);
}

/// Under the real service's rules: a directory that answers `host`, and which hosts were looked for.
fn real(authority: &Authority, server: &TlsServer) -> (String, Vec<String>) {
    let (client, names, _) =
        real_client(authority, server.address, ClientOptions { app_key: Some("key".into()), ..Default::default() });
    (ask(&client), names.asked.lock().unwrap().clone())
}

fn answering(authority: &Authority, host: impl Fn() -> String + Send + Sync + 'static) -> TlsServer {
    TlsServer::start(
        authority.server(&["*.liveperson.net", "*.liveperson.com", "*.convep.liveperson.net"], false),
        move |asked: &Asked| {
            if asked.path().ends_with("baseURI.json") { services(&host()) } else { information() }
        },
    )
}

#[test]
fn hostile_answers_are_refused_before_any_connection() {
    let authority = Authority::new();
    let current = Arc::new(std::sync::Mutex::new(String::new()));
    let told = Arc::clone(&current);
    let server = answering(&authority, move || told.lock().unwrap().clone());
    let bad = [
        "evil.example",
        "liveperson.net.evil.example",
        "evilliveperson.net",
        "liveperson.net",
        "liveperson.net.",
        "127.0.0.1",
        "[::1]",
        "::1",
        "0x7f.1",
        "2130706433",
        "a@b.liveperson.net",
        "host.liveperson.net:25",
        "http://va.liveperson.net",
        "https://va.liveperson.net",
        "va.liveperson.net/x",
        "va.liveperson.net?x",
        "va.liveperson.net#x",
        "va.liveperson.net\\@evil.example",
        "va.liveperson.net%00.evil.example",
        "va.liveperson.net\n",
        " va.liveperson.net",
        "",
        ".",
        "..liveperson.net",
        "va..liveperson.net",
        "evil.example\\.liveperson.net",
        "evil.example/.liveperson.net",
        "löcal.liveperson.net",
        "va.liveperson.ne\u{2024}t",
    ];
    for bad in bad {
        bad.clone_into(&mut current.lock().unwrap());
        let (outcome, names) = real(&authority, &server);
        assert_eq!(
            (outcome.as_str(), names.as_slice()),
            ("UntrustedHost", ["api.liveperson.net".to_owned()].as_slice()),
            "{bad:?}"
        );
    }
    for good in ["va.convep.liveperson.net", "VA.convep.LivePerson.net", "x.liveperson.com"] {
        good.clone_into(&mut current.lock().unwrap());
        let (outcome, names) = real(&authority, &server);
        assert_eq!((outcome.as_str(), names.len(), names[1].as_str()), ("ok", 2, good.to_ascii_lowercase().as_str()), "{good}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever an override says, it is refused when the client is made, or it is a name under the vendor's domains.
    #[test]
    fn overrides_obey_the_same_rule(host in "(\\PC{0,12}|[a-z0-9.:/@\\[\\]-]{0,20})(\\.liveperson\\.(net|com))?") {
        let domains = SERVICES.iter().map(|name| ((*name).to_owned(), host.clone())).collect();
        let options = ClientOptions { account_id: Some(ACCOUNT.into()), app_key: Some("key".into()), domains, ..Default::default() };
        let outcome = Client::with_environment(options, support::environment(&support::VirtualClock::new()));
        let bare = host.split('.').all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        match outcome {
            Ok(_) => prop_assert!(bare && (host.ends_with(".liveperson.net") || host.ends_with(".liveperson.com"))),
            Err(error) => prop_assert_eq!(error.code(), Code::UntrustedHost),
        }
    }
}
