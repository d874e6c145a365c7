//! Closing: refuses new calls, drains, cancels the rest, logs out, and does so once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lpchat::{Client, Code};
use serde_json::json;

use crate::support::server::Asked;
use crate::support::{Reply, Server, client, information, name, options, seconds, until, with_credentials};

fn ask(client: &Client) -> lpchat::Call<lpchat::ChatInformation> {
    client.visitor().chat("H1".into()).unwrap().retrieve_information_call(None)
}

#[test]
fn a_closed_client_refuses_new_calls_and_closes_again() {
    let server = Server::sequence(vec![information]);
    let (client, _) = client(options(&server));
    let clone = client.clone();
    client.close(None).unwrap();
    assert_eq!(name(ask(&clone).wait()), "ClientClosed");
    client.close(Some(seconds(1))).unwrap();
    assert_eq!((server.count(), client.metrics().in_flight), (0, 0));
}

/// Answers once it is told to.
fn gated() -> (Server, Arc<AtomicBool>) {
    let open = Arc::new(AtomicBool::new(false));
    let gate = Arc::clone(&open);
    let server = Server::start(move |_| {
        while !gate.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        information()
    });
    (server, open)
}

#[test]
fn closing_waits_for_what_is_in_flight() {
    let (server, open) = gated();
    let (client, clock) = client(options(&server));
    let calls: Vec<_> = (0..5).map(|_| ask(&client)).collect();
    until("asked", || server.count() == 5);
    let closing = client.close_call(Some(seconds(10)), None);
    until("draining", || clock.limits_of(seconds(10)) == 1);
    clock.advance(seconds(9));
    assert!(closing.wait_for(Duration::from_millis(30)).is_none());
    assert_eq!(name(ask(&client).wait()), "ClientClosed", "new calls are refused while draining");
    open.store(true, Ordering::SeqCst);
    assert!(closing.wait().is_ok());
    assert!(calls.into_iter().all(|call| call.wait().is_ok()));
}

#[test]
fn what_does_not_end_in_time_is_cancelled() {
    let server = Server::start(|_| Reply::Silence);
    let (client, clock) = client(options(&server));
    let call = ask(&client);
    let effect = client.visitor().chat("H1".into()).unwrap().add_line_call("a".into(), None);
    until("asked", || server.count() == 2);
    let closing = client.close_call(Some(seconds(10)), None);
    until("draining", || clock.limits_of(seconds(10)) == 1);
    clock.advance(seconds(10));
    assert!(closing.wait().is_ok());
    assert_eq!((name(call.wait()), name(effect.wait())), ("ClientClosed".into(), "OutcomeUnknown".into()));
    until("the server sees it", || server.disconnects() == 2);
    assert_eq!(client.metrics().in_flight, 0);
}

fn agent(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (Server, Client, Arc<crate::support::VirtualClock>) {
    let server = Server::start(answer);
    let (client, clock) = client(with_credentials(&server, &json!({ "username": "u", "password": "word", "app_key": "k" })));
    (server, client, clock)
}

const LOGIN: &str = r#"{"bearer":"b","csrf":"c","config":{"userId":"1"}}"#;

fn logouts(server: &Server) -> usize {
    server.asked().iter().filter(|asked| asked.path().ends_with("/logout")).count()
}

#[test]
fn closing_logs_out_once() {
    let (server, client, _) = agent(|_| Reply::text(200, LOGIN));
    client.agent().login().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| client.close(Some(seconds(5))).unwrap());
        }
    });
    assert_eq!(logouts(&server), 1);
}

#[test]
fn a_logout_that_fails_or_hangs_does_not_hold_up_closing() {
    let answer = |status: u16| {
        move |asked: &Asked| if asked.path().ends_with("/logout") { Reply::status(status) } else { Reply::text(200, LOGIN) }
    };
    let (server, client, clock) = agent(answer(500));
    client.agent().login().unwrap();
    assert_eq!((name(client.close(None)), clock.pauses().len(), logouts(&server)), ("ServerFailed".into(), 0, 1));
    assert_eq!(name(client.close(None)), "ok");
    let (_, client, _) = agent(answer(401));
    client.agent().login().unwrap();
    assert_eq!(name(client.close(None)), "ok", "it had ended already");

    let (server, client, clock) =
        agent(|asked| if asked.path().ends_with("/logout") { Reply::Silence } else { Reply::text(200, LOGIN) });
    client.agent().login().unwrap();
    let closing = client.close_call(None, None);
    until("logging out", || logouts(&server) == 1 && clock.limits_of(seconds(5)) == 1);
    clock.advance(seconds(5));
    assert_eq!(name(closing.wait()), "DeadlineExceeded");
}

#[test]
fn a_login_under_way_does_not_hold_up_closing() {
    let (server, client, _) = agent(|_| Reply::Silence);
    let login = client.agent().login_call(None);
    until("logging in", || server.count() == 1);
    assert_eq!(name(client.close(None)), "ok");
    assert_eq!(login.wait().unwrap_err().code(), Code::ClientClosed);
    assert_eq!(logouts(&server), 0);
}

#[test]
fn a_cancelled_closing_can_be_taken_up_again() {
    let server = Server::start(|_| Reply::Silence);
    let (client, clock) = client(options(&server));
    let call = ask(&client);
    until("asked", || server.count() == 1);
    let closing = client.close_call(Some(seconds(50)), None);
    until("draining", || clock.limits_of(seconds(50)) == 1);
    drop(closing);
    assert!(client.close(None).is_ok());
    assert_eq!(name(call.wait()), "ClientClosed");
}

#[test]
fn one_client_closes_without_the_others() {
    let server = Server::sequence(vec![information]);
    let ((first, _), (second, _)) = (client(options(&server)), client(options(&server)));
    first.close(None).unwrap();
    assert!(ask(&second).wait().is_ok());
}

#[test]
fn calls_that_begin_while_closing_end_one_way_or_the_other() {
    for _ in 0..20 {
        let server = Server::sequence(vec![information]);
        let (client, _) = client(options(&server));
        std::thread::scope(|scope| {
            let callers: Vec<_> =
                (0..4).map(|_| scope.spawn(|| (0..5).map(|_| name(ask(&client).wait())).collect::<Vec<_>>())).collect();
            client.close(None).unwrap();
            for outcome in callers.into_iter().flat_map(|caller| caller.join().unwrap()) {
                assert!(["ok", "ClientClosed"].contains(&outcome.as_str()), "{outcome}");
            }
        });
        assert_eq!(client.metrics().in_flight, 0);
    }
}
