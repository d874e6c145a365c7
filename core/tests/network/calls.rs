//! One call in flight: waiting, awaiting, callbacks, cancelling at every point, panics, threads.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use lpchat::environment::{Clock, Environment, Waiting};
use lpchat::{Call, ChatInformation, Client, ClientOptions, Code, Timestamp};
use serde_json::json;

use crate::support::server::wait_for_disconnect;
use crate::support::tls::{AllTo, Authority, real_client};
use crate::support::{self, Reply, Server, client, environment, information, name, options, seconds, until, with_credentials};

fn ask(client: &Client) -> Call<ChatInformation> {
    client.visitor().chat("H1".into()).unwrap().retrieve_information_call(None)
}

fn idle(client: &Client) {
    until("nothing is in flight", || client.metrics().in_flight == 0);
}

#[test]
fn cancelled_while_waiting_for_an_answer() {
    let server = Server::start(|_| Reply::Silence);
    let (client, _) = client(options(&server));
    for number in 1..=20 {
        let call = ask(&client);
        until("asked", || server.count() == number);
        let begun = Instant::now();
        drop(call);
        until("the server sees it", || server.disconnects() == number);
        assert!(begun.elapsed() < Duration::from_millis(100), "{:?}", begun.elapsed());
        idle(&client);
    }
}

#[test]
fn cancelled_while_reading() {
    let gone = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&gone);
    let server = Server::start(move |_| {
        let seen = Arc::clone(&seen);
        Reply::script(move |stream| {
            std::io::Write::write_all(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{").unwrap();
            wait_for_disconnect(stream);
            seen.fetch_add(1, Ordering::SeqCst);
        })
    });
    let (client, clock) = client(options(&server));
    let call = ask(&client);
    until("reading", || clock.limits_of(seconds(20)) == 1);
    let canceller = call.canceller();
    (0..3).for_each(|_| canceller.cancel());
    assert_eq!(name(call.wait()), "Cancelled");
    until("gone", || gone.load(Ordering::SeqCst) == 1);
    idle(&client);
    canceller.cancel();
}

#[test]
fn cancelled_while_pausing() {
    let server = Server::sequence(vec![|| Reply::status(500)]);
    let (client, clock) = client(options(&server));
    clock.hold_pauses(true);
    let call = ask(&client);
    until("pausing", || clock.pauses().len() == 1);
    drop(call);
    idle(&client);
    clock.hold_pauses(false);
    assert_eq!(server.count(), 1);
}

#[test]
fn cancelled_while_connecting_looking_up_and_logging_in() {
    // The directory is silent, then the login.
    let silent = Server::start(|_| Reply::Silence);
    let line = support::line(&[&silent], &json!({ "username": "u", "password": "word" }));
    let (looking, _) = client(ClientOptions { sandbox: Some(line.into()), ..ClientOptions::default() });
    let call = looking.agent().start_session_call(None);
    until("looking up", || silent.count() == 1);
    drop(call);
    idle(&looking);
    let (logging_in, _) = client(with_credentials(&silent, &json!({ "username": "u", "password": "word" })));
    let call = logging_in.agent().start_session_call(None);
    until("logging in", || silent.count() == 2);
    let waiting = logging_in.agent().start_session_call(None);
    drop((waiting, call));
    idle(&logging_in);
    until("both seen", || silent.disconnects() == 2);

    // A server that accepts and never shakes hands.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (connecting, names, _): (_, Arc<AllTo>, _) = real_client(
        &Authority::new(),
        mute.local_addr().unwrap(),
        ClientOptions { app_key: Some("k".into()), ..Default::default() },
    );
    let call = ask(&connecting);
    let (mut accepted, _) = mute.accept().unwrap();
    until("resolved", || names.asked.lock().unwrap().len() == 1);
    drop(call);
    wait_for_disconnect(&mut accepted);
    idle(&connecting);
}

#[test]
fn a_cancelled_place_in_the_queue_is_given_on() {
    let release = Arc::new(AtomicUsize::new(0));
    let gate = Arc::clone(&release);
    let server = Server::start(move |_| {
        while gate.load(Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        crate::empty_page()
    });
    let (client, _) = client(ClientOptions { bearer: Some("b".into()), ..with_credentials(&server, &json!({})) });
    let ask = || client.history().retrieve_page_call(crate::query(), None);
    let in_flight = [ask(), ask()];
    until("two at a time", || server.count() == 2);
    let mut calls: Vec<_> = (0..4).map(|_| ask()).collect();
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(server.count(), 2, "two history requests in flight, no more");
    drop(calls.drain(..2).collect::<Vec<_>>());
    drop(in_flight);
    until("the others go on", || server.count() == 4);
    release.store(1, Ordering::SeqCst);
    assert!(calls.into_iter().all(|call| call.wait().is_ok()));
}

#[test]
fn waiting_in_slices() {
    let server = Server::start(|_| Reply::Silence);
    let (client, clock) = client(options(&server));
    let limit = lpchat::CallOptions { timeout: Some(seconds(10)), ..Default::default() };
    let call = client.visitor().chat("H1".into()).unwrap().retrieve_information_call(Some(limit));
    assert!(call.wait_for(Duration::ZERO).is_none());
    assert!(call.wait_for(Duration::from_millis(20)).is_none());
    until("asked", || server.count() == 1 && clock.limits_of(seconds(10)) == 1);
    clock.advance(seconds(10));
    // A slice without end is no mistake.
    assert_eq!(name(call.wait_for(Duration::MAX).unwrap()), "DeadlineExceeded");
    assert_eq!(name(call.wait_for(Duration::MAX).unwrap()), "Internal", "an outcome is taken once");
}

struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn awaited_by_any_executor() {
    let server = Server::sequence(vec![information]);
    let (client, _) = client(options(&server));
    let woken = Arc::new(Woken(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&woken));
    let chat = client.visitor().chat("H1".into()).unwrap();
    let mut call = pin!(chat.retrieve_information_async(None));
    let mut context = Context::from_waker(&waker);
    let mut outcome = call.as_mut().poll(&mut context);
    if outcome.is_pending() {
        until("woken", || woken.0.load(Ordering::SeqCst) == 1);
        outcome = call.as_mut().poll(&mut context);
    }
    assert!(matches!(outcome, Poll::Ready(Ok(_))));
}

#[test]
fn callbacks_run_apart_and_may_block() {
    let server = Server::sequence(vec![information]);
    let (client, _) = client(options(&server));
    let (sender, names) = channel();
    let (release, gate) = channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    // More than there are threads for callbacks.
    for _ in 0..12 {
        let (sender, gate, again) = (sender.clone(), Arc::clone(&gate), client.clone());
        ask(&client).on_complete(move |outcome| {
            // Foreign code may call back, and block.
            let nested = ask(&again).wait().is_ok();
            let _ = gate.lock().unwrap().recv();
            sender.send((std::thread::current().name().map(str::to_owned), outcome.is_ok() && nested)).unwrap();
        });
    }
    assert!(ask(&client).wait().is_ok(), "blocked callbacks stall no other call");
    assert!(ask(&client).wait_for(seconds(5)).is_some());
    drop(release);
    for _ in 0..12 {
        let (thread, well) = names.recv_timeout(seconds(10)).unwrap();
        assert_eq!((thread.as_deref(), well), (Some("lpchat-callback"), true));
    }
}

#[test]
fn a_callback_comes_exactly_once_also_when_cancelled_or_already_done() {
    let server = Server::start(|_| Reply::Silence);
    let (silent, _) = client(options(&server));
    let (sender, outcomes) = channel();
    let other = sender.clone();
    let canceller = ask(&silent).on_complete(move |outcome| sender.send(name(outcome)).unwrap());
    until("asked", || server.count() == 1);
    canceller.cancel();
    canceller.cancel();
    assert_eq!(outcomes.recv_timeout(seconds(5)).unwrap(), "Cancelled");
    until("the server sees it", || server.disconnects() == 1);

    let quick = Server::sequence(vec![information]);
    let (client, _) = client(options(&quick));
    let call = ask(&client);
    until("done", || client.metrics().calls == 1);
    call.on_complete(move |outcome| other.send(name(outcome)).unwrap());
    assert_eq!(outcomes.recv_timeout(seconds(5)).unwrap(), "ok");
    assert!(outcomes.recv_timeout(Duration::from_millis(50)).is_err());
}

#[test]
fn a_panicking_callback_harms_nobody() {
    let server = Server::sequence(vec![information]);
    let (client, _) = client(options(&server));
    for _ in 0..20 {
        ask(&client).on_complete(|_| std::panic::resume_unwind(Box::new("a callback's own trouble")));
    }
    let (sender, outcomes) = channel();
    ask(&client).on_complete(move |outcome| sender.send(outcome.is_ok()).unwrap());
    assert!(outcomes.recv_timeout(seconds(5)).unwrap());
}

/// A clock that runs `trap` when a pause begins: inside the engine's worker.
struct Trapped<F>(Arc<support::VirtualClock>, F);

impl<F: Fn() + Send + Sync> Clock for Trapped<F> {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn pause(&self, duration: Duration) -> Waiting {
        (self.1)();
        self.0.pause(duration)
    }

    fn limit(&self, duration: Duration) -> Waiting {
        self.0.limit(duration)
    }
}

fn trapped(server: &Server, trap: impl Fn() + Send + Sync + 'static) -> Client {
    let clock = support::VirtualClock::new();
    let environment = Environment { clock: Arc::new(Trapped(Arc::clone(&clock), trap)), ..environment(&clock) };
    Client::with_environment(options(server), environment).unwrap()
}

#[test]
fn a_panic_becomes_an_error_and_the_client_stays_usable() {
    let server = Server::sequence(vec![|| Reply::status(500), information]);
    let client = trapped(&server, || std::panic::resume_unwind(Box::new("a mistake")));
    let error = ask(&client).wait().unwrap_err();
    assert!(error.code() == Code::Internal && error.details().message.contains("a mistake"), "{error}");
    assert!(ask(&client).wait().is_ok());
    idle(&client);
}

#[test]
fn waiting_on_the_worker_is_refused_instead_of_never_ending() {
    let server = Server::sequence(vec![|| Reply::status(500), information]);
    let (other, _) = client(options(&server));
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    let client = trapped(&server, move || {
        let call = ask(&other);
        heard.lock().unwrap().push(name(call.wait_for(seconds(1)).unwrap()));
        heard.lock().unwrap().push(name(call.wait()));
    });
    assert!(ask(&client).wait_for(seconds(10)).expect("no deadlock").is_ok());
    assert_eq!(*said.lock().unwrap(), ["Internal", "Internal"]);
}

/// The threads of this process whose name is `name`.
fn threads(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    tasks.filter(|task| std::fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim() == name)).count()
}

#[test]
fn many_clients_share_one_worker_and_one_pool() {
    let server = Server::sequence(vec![information]);
    let clients: Vec<Client> = (0..50).map(|_| client(options(&server)).0).collect();
    for client in &clients {
        assert!(ask(client).wait().is_ok());
    }
    assert_eq!(server.connections(), 1, "one after the other on one connection");
    // The worker, and at most the threads that decode and resolve, which carry the same name.
    assert!((1..=5).contains(&threads("lpchat")), "{}", threads("lpchat"));
}

#[test]
fn wrong_options_of_a_call() {
    let server = Server::sequence(vec![information]);
    let (client, _) = client(options(&server));
    let chat = client.visitor().chat("H1".into()).unwrap();
    let with = |options: lpchat::CallOptions| name(chat.retrieve_information_with(Some(options)));
    for timeout in [Duration::ZERO, Duration::MAX, seconds(7 * 24 * 3600 + 1)] {
        assert_eq!(with(lpchat::CallOptions { timeout: Some(timeout), ..Default::default() }), "InvalidArgument", "{timeout:?}");
    }
    assert_eq!(with(lpchat::CallOptions { retries: Some(-1), ..Default::default() }), "InvalidArgument");
    assert_eq!((server.count(), client.metrics().in_flight), (0, 0));
    assert_eq!(with(lpchat::CallOptions { retries: Some(i32::MAX), ..Default::default() }), "ok");
}

#[test]
fn an_error_tells_what_the_call_did() {
    let server = Server::sequence(vec![|| {
        Reply::text(400, r#"{"error":{"message":"no\nsuch","internalCode":7}}"#).header("X-Request-Id", "theirs")
    }]);
    let (client, _) = client(options(&server));
    let error = ask(&client).wait().unwrap_err();
    let details = error.details();
    assert_eq!(
        (details.operation.as_str(), details.http_status, details.attempts),
        ("VisitorChat.retrieve_information", Some(400), 1)
    );
    assert_eq!((details.service_code.as_deref(), details.service_message.as_deref()), (Some("7"), Some("no such")));
    assert_eq!(details.request_id, "theirs");
    assert_eq!(server.asked()[0].header("x-request-id"), Some("8000000000000000"));
}
