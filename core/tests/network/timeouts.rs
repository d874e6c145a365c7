//! Limits on time, in virtual time: the server holds back, the test moves the clock.

use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lpchat::{Call, CallOptions, ChatInformation, ClientOptions, Code, LpchatError};

use crate::support::server::wait_for_disconnect;
use crate::support::{Reply, Server, client, information, options, seconds, until};

const NO_REPEATS: Option<i32> = Some(0);

fn ask(client: &lpchat::Client, options: CallOptions) -> Call<ChatInformation> {
    client.visitor().chat("H1".into()).unwrap().retrieve_information_call(Some(options))
}

fn once() -> CallOptions {
    CallOptions { retries: NO_REPEATS, ..CallOptions::default() }
}

fn code<T>(outcome: Result<T, LpchatError>) -> Code {
    outcome.err().expect("an error").code()
}

fn still_running<T: Send + 'static>(call: &Call<T>) -> bool {
    call.wait_for(Duration::from_millis(30)).is_none()
}

#[test]
fn the_first_byte() {
    let server = Server::start(|_| Reply::Silence);
    let (client, clock) = client(options(&server));
    let call = ask(&client, once());
    until("asked", || server.count() == 1 && clock.limits_of(seconds(30)) == 1);
    clock.advance(seconds(29));
    assert!(still_running(&call));
    clock.advance(seconds(1));
    assert_eq!(code(call.wait()), Code::FirstByteTimeout);
    until("the connection is closed", || server.disconnects() == 1);
}

#[test]
fn a_slow_first_byte_is_repeated_for_what_is_safe_and_unknown_for_effects() {
    let server = Server::start(|asked| if asked.index == 0 { Reply::Silence } else { information() });
    let (client, clock) = client(options(&server));
    let call = ask(&client, CallOptions::default());
    until("asked", || server.count() == 1 && clock.limits_of(seconds(30)) == 1);
    clock.advance(seconds(30));
    assert!(call.wait().is_ok());
    assert_eq!((server.count(), clock.pauses()), (2, vec![5000]));

    let server = Server::start(|_| Reply::Silence);
    let (client, clock) = crate::support::client(options(&server));
    let call = client.visitor().chat("H1".into()).unwrap().add_line_call("a".into(), None);
    until("asked", || server.count() == 1 && clock.limits_of(seconds(30)) == 1);
    clock.advance(seconds(30));
    assert_eq!(code(call.wait()), Code::OutcomeUnknown);
    assert_eq!(server.count(), 1);
}

#[test]
fn the_attempt_and_the_whole_call() {
    let server = Server::start(|_| Reply::Silence);
    let slow = |server: &Server| ClientOptions { first_byte_timeout: Some(seconds(1000)), ..options(server) };
    let (client, clock) = client(slow(&server));
    let call = ask(&client, once());
    until("asked", || clock.limits_of(seconds(60)) == 1 && server.count() == 1);
    clock.advance(seconds(59));
    assert!(still_running(&call));
    clock.advance(seconds(1));
    assert_eq!(code(call.wait()), Code::AttemptTimeout);

    let call = ask(&client, CallOptions { timeout: Some(seconds(40)), ..CallOptions::default() });
    until("asked", || clock.limits_of(seconds(40)) == 1 && server.count() == 2);
    clock.advance(seconds(39));
    assert!(still_running(&call));
    clock.advance(seconds(1));
    let error = call.wait().unwrap_err();
    assert_eq!((error.code(), error.details().elapsed, error.details().attempts), (Code::DeadlineExceeded, seconds(40), 1));
    until("the server sees the end", || server.disconnects() == 2);
}

#[test]
fn an_effect_under_way_at_the_deadline_is_unknown_and_one_in_a_pause_is_not() {
    let server = Server::start(|_| Reply::Silence);
    let (client, clock) = client(options(&server));
    let limit = CallOptions { timeout: Some(seconds(10)), ..CallOptions::default() };
    let call = client.visitor().chat("H1".into()).unwrap().add_line_call("a".into(), Some(limit.clone()));
    until("asked", || server.count() == 1 && clock.limits_of(seconds(10)) == 1);
    clock.advance(seconds(10));
    let error = call.wait().unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown);
    assert!(error.details().cause.as_ref().unwrap().contains("within 10 s"), "{error:?}");

    // Throttled: it was refused, so nothing is unknown when the time is over during the pause.
    let server = Server::sequence(vec![|| Reply::status(429)]);
    let (client, clock) = crate::support::client(options(&server));
    clock.hold_pauses(true);
    let call = client.visitor().chat("H1".into()).unwrap().add_line_call("a".into(), Some(limit));
    until("pausing", || clock.pauses().len() == 1);
    clock.advance(seconds(10));
    assert_eq!(code(call.wait()), Code::DeadlineExceeded);
}

/// A server whose answer the test writes piece by piece; dropping the sender ends it.
fn dictated() -> (Server, Sender<&'static str>) {
    let (sender, pieces) = channel::<&'static str>();
    let pieces: Arc<Mutex<Option<Receiver<&'static str>>>> = Arc::new(Mutex::new(Some(pieces)));
    let server = Server::start(move |_| {
        let pieces = pieces.lock().unwrap().take().expect("asked once");
        Reply::script(move |stream| {
            for piece in pieces {
                stream.write_all(piece.as_bytes()).unwrap();
            }
            wait_for_disconnect(stream);
        })
    });
    (server, sender)
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 28\r\n\r\n";
/// 28 bytes.
const BODY: [&str; 4] = ["{\"info\"", ":{\"stat", "e\":\"endi", "ng\"}} "];

/// Sends the pieces after these virtual waits, and gives the outcome; a wait that ends the call ends the script.
fn paced(waits: [u64; 4], head_after: u64) -> Result<ChatInformation, LpchatError> {
    let (server, pieces) = dictated();
    let patient = ClientOptions { attempt_timeout: Some(seconds(500)), timeout: Some(seconds(600)), ..options(&server) };
    let (client, clock) = client(patient);
    let call = ask(&client, once());
    until("asked", || server.count() == 1 && clock.limits_of(seconds(30)) == 1);
    clock.advance(seconds(head_after));
    pieces.send(HEAD).unwrap();
    until("reading", || clock.limits_of(seconds(20)) == 1);
    for (wait, piece) in waits.iter().zip(BODY) {
        clock.advance(seconds(*wait));
        if let Some(outcome) = call.wait_for(Duration::from_millis(20)) {
            return outcome;
        }
        // Reading a piece looks at the clock.
        let looks = clock.looks();
        pieces.send(piece).unwrap();
        until("read", || clock.looks() > looks);
    }
    call.wait()
}

#[test]
fn stalls() {
    assert_eq!(BODY.concat().len(), 28);
    let ok = |waits, head| assert!(paced(waits, head).is_ok(), "{waits:?}");
    ok([1, 1, 1, 1], 0); // steady
    ok([1, 1, 1, 1], 29); // slow start: that is the first byte's limit, not a stall
    ok([19, 1, 1, 1], 0); // slow start of the body
    ok([1, 5, 10, 19], 0); // slowing
    ok([19, 19, 19, 19], 0); // alternating, for longer than any one limit
    ok([1, 19, 1, 1], 0); // recovering
    for waits in [[1, 1, 1, 20], [20, 1, 1, 1], [19, 19, 20, 1]] {
        assert_eq!(code(paced(waits, 0)), Code::StallTimeout, "{waits:?}");
    }
}

#[test]
fn a_finished_answer_cannot_stall() {
    let server = Server::sequence(vec![information]);
    let (client, clock) = client(options(&server));
    assert!(ask(&client, once()).wait().is_ok());
    clock.advance(seconds(10_000));
    assert!(ask(&client, once()).wait().is_ok());
}

/// A port whose queue is full: connections are neither made nor refused. Holds what fills it.
fn deaf() -> (std::net::SocketAddr, Vec<socket2::Socket>) {
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    listener.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut held = vec![listener];
    for _ in 0..4 {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        socket.set_nonblocking(true).unwrap();
        let _ = socket.connect(&address.into());
        held.push(socket);
    }
    (address, held)
}

#[test]
fn connecting() {
    // The one limit that is the HTTP library's own, in real time.
    let (address, _held) = deaf();
    let server = Server::elsewhere(address);
    let (client, clock) = client(ClientOptions { connect_timeout: Some(Duration::from_millis(50)), ..options(&server) });
    let error = client.visitor().chat("H1".into()).unwrap().add_line("a".into()).unwrap_err();
    // It never left: even an effect is repeated.
    assert_eq!((error.code(), clock.pauses().len()), (Code::ConnectTimeout, 3));
}

#[test]
fn a_refused_connection_says_so() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::elsewhere(address);
    let (client, _) = client(options(&server));
    let error = ask(&client, once()).wait().unwrap_err();
    assert_eq!(error.code(), Code::ConnectFailed);
    assert!(error.details().cause.as_ref().unwrap().contains("refused"), "{error:?}");
    assert!(error.details().retryable);
}
