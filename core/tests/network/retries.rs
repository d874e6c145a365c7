//! The retry table: which failures of which operations are repeated, after which pauses, and what the server saw.

use lpchat::{CallOptions, Client, Code, LpchatError, Visitor};

use crate::support::{self, Reply, Server, client, information, name, options, seconds};
use crate::{empty_page, query};

fn visitor(client: &Client) -> Visitor {
    client.visitor()
}

/// Operations of each class.
const SAFE: fn(&Client) -> String = |client| name(visitor(client).chat("H1".into()).unwrap().retrieve_information());
const IDEMPOTENT: fn(&Client) -> String = |client| name(visitor(client).chat("H1".into()).unwrap().end());
const EFFECT: fn(&Client) -> String = |client| name(visitor(client).chat("H1".into()).unwrap().add_line("a".into()));
const HISTORY: fn(&Client) -> String = |client| name(client.history().retrieve_page(query()));

fn broken_gzip() -> Reply {
    Reply::bytes(200, vec![0x1f, 0x8b, 8, 0, 0]).header("Content-Encoding", "gzip")
}

fn half() -> Reply {
    Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"info\":".to_vec())
}

struct Row {
    what: &'static str,
    call: fn(&Client) -> String,
    replies: Vec<fn() -> Reply>,
    outcome: &'static str,
    requests: usize,
    pauses: Vec<u128>,
}

fn row(
    what: &'static str,
    call: fn(&Client) -> String,
    replies: Vec<fn() -> Reply>,
    outcome: &'static str,
    pauses: &[u128],
) -> Row {
    Row { what, call, replies, outcome, requests: pauses.len() + 1, pauses: pauses.to_vec() }
}

fn check(rows: Vec<Row>) {
    for Row { what, call, replies, outcome, requests, pauses } in rows {
        let server = Server::sequence(replies);
        let (client, clock) = client(match what.starts_with("history") {
            true => support::with_credentials(
                &server,
                &serde_json::json!({ "oauth1_consumer_key": "a", "oauth1_consumer_secret": "b", "oauth1_token": "c", "oauth1_token_secret": "d" }),
            ),
            false => options(&server),
        });
        assert_eq!(call(&client), outcome, "{what}: outcome");
        assert_eq!(clock.pauses(), pauses, "{what}: pauses");
        assert_eq!(server.count(), requests, "{what}: requests");
        let metrics = client.metrics();
        assert_eq!((metrics.requests, metrics.retries), (requests as i64, requests as i64 - 1), "{what}: metrics");
        assert_eq!(metrics.in_flight, 0, "{what}");
    }
}

const VENDOR: &[u128] = &[5000, 10_000, 15_000];
/// 1 s doubled each time, and the middle of the jitter upwards.
const THROTTLED: &[u128] = &[1100, 2200, 4400, 8800, 17_600];

#[test]
fn a_failing_service() {
    check(vec![
        row("safe, 500", SAFE, vec![|| Reply::status(500)], "ServerFailed", VENDOR),
        row("safe, 503", SAFE, vec![|| Reply::status(503)], "Unavailable", VENDOR),
        row("safe, 502 then well", SAFE, vec![|| Reply::status(502), information], "ok", &[5000]),
        row("safe, well at the last", SAFE, vec![|| Reply::status(500), || Reply::Reset, half, information], "ok", VENDOR),
        row("idempotent, 504", IDEMPOTENT, vec![|| Reply::status(504)], "ServerFailed", VENDOR),
        row("effect, 500", EFFECT, vec![|| Reply::status(500)], "OutcomeUnknown", &[]),
        row("effect, 503", EFFECT, vec![|| Reply::status(503)], "OutcomeUnknown", &[]),
        row("history, 500", HISTORY, vec![|| Reply::status(500)], "ServerFailed", VENDOR),
    ]);
}

#[test]
fn a_lost_connection() {
    check(vec![
        row("safe, reset", SAFE, vec![|| Reply::Reset], "ConnectionLost", VENDOR),
        row("safe, closed", SAFE, vec![|| Reply::Raw(Vec::new())], "ConnectionLost", VENDOR),
        row("safe, half", SAFE, vec![half], "ConnectionLost", VENDOR),
        row("safe, truncated gzip", SAFE, vec![broken_gzip], "ConnectionLost", VENDOR),
        row("safe, not HTTP", SAFE, vec![|| Reply::Raw(b"SSH-2.0-x\r\n".to_vec())], "ConnectionLost", VENDOR),
        row("idempotent, reset", IDEMPOTENT, vec![|| Reply::Reset], "ConnectionLost", VENDOR),
        row("effect, reset", EFFECT, vec![|| Reply::Reset], "OutcomeUnknown", &[]),
        row("effect, closed", EFFECT, vec![|| Reply::Raw(Vec::new())], "OutcomeUnknown", &[]),
        row("effect, half", EFFECT, vec![half], "OutcomeUnknown", &[]),
        row("history, reset then well", HISTORY, vec![|| Reply::Reset, empty_page], "ok", &[5000]),
    ]);
}

#[test]
fn throttling() {
    check(vec![
        row("safe, 429", SAFE, vec![|| Reply::status(429)], "Throttled", THROTTLED),
        row("effect, 429", EFFECT, vec![|| Reply::status(429)], "Throttled", THROTTLED),
        row("effect, 429 then well", EFFECT, vec![|| Reply::status(429), || Reply::status(201)], "ok", &[1100]),
        row("effect, 429 then lost", EFFECT, vec![|| Reply::status(429), || Reply::Reset], "OutcomeUnknown", &[1100]),
        row("history, 302", HISTORY, vec![|| Reply::status(302), empty_page], "ok", &[1100]),
        row("safe, 302", SAFE, vec![|| Reply::status(302)], "UnexpectedRedirect", &[]),
        row(
            "safe, 429 with a broken body",
            SAFE,
            vec![|| Reply::Raw(b"HTTP/1.1 429 Slow\r\nContent-Length: 50\r\n\r\nhalf".to_vec()), information],
            "ok",
            &[1100],
        ),
    ]);
}

#[test]
fn retry_after() {
    fn after(text: &str) -> Reply {
        Reply::status(429).header("Retry-After", text)
    }
    check(vec![
        row("safe, seconds", SAFE, vec![|| after("7"), information], "ok", &[7000]),
        row("safe, fewer than the table's", SAFE, vec![|| after("0"), information], "ok", &[1100]),
        // The virtual clock starts at this date less 20 s.
        row("safe, a date", SAFE, vec![|| after("Mon, 21 Sep 2026 14:13:40 GMT"), information], "ok", &[20_000]),
        row("safe, a date gone by", SAFE, vec![|| after("Mon, 21 Sep 2020 14:13:40 GMT"), information], "ok", &[1100]),
        row("safe, an hour", SAFE, vec![|| after("3600")], "Throttled", &[]),
        row("safe, absurd", SAFE, vec![|| after("99999999999999999999999999")], "Throttled", &[]),
        row("safe, garbage", SAFE, vec![|| after("soon"), information], "ok", &[1100]),
        row("safe, negative", SAFE, vec![|| after("-5"), information], "ok", &[1100]),
        row("safe, 503", SAFE, vec![|| Reply::status(503).header("Retry-After", "30"), information], "ok", &[30_000]),
        row("safe, 503, short", SAFE, vec![|| Reply::status(503).header("Retry-After", "1"), information], "ok", &[5000]),
        row("effect, seconds", EFFECT, vec![|| after("7"), || Reply::status(201)], "ok", &[7000]),
    ]);
}

#[test]
fn refusals_are_final() {
    check(vec![
        row("safe, 400", SAFE, vec![|| Reply::status(400)], "Rejected", &[]),
        row("safe, 401", SAFE, vec![|| Reply::status(401)], "Unauthorized", &[]),
        row("safe, 403", SAFE, vec![|| Reply::status(403)], "Forbidden", &[]),
        row("safe, 404", SAFE, vec![|| Reply::status(404)], "ChatGone", &[]),
        row("safe, 408", SAFE, vec![|| Reply::status(408)], "Rejected", &[]),
        row("safe, 409", SAFE, vec![|| Reply::status(409)], "Rejected", &[]),
        row("safe, 413", SAFE, vec![|| Reply::status(413)], "Rejected", &[]),
        row("safe, 451", SAFE, vec![|| Reply::status(451)], "AccountBlocked", &[]),
        row("effect, 400", EFFECT, vec![|| Reply::status(400)], "Rejected", &[]),
        row("safe, an error inside 200", SAFE, vec![|| Reply::text(200, r#"{"error":{"message":"no"}}"#)], "Rejected", &[]),
        row("safe, empty 200", SAFE, vec![|| Reply::status(200)], "EmptyAnswer", &[]),
        row("safe, HTML", SAFE, vec![|| Reply::text(200, "<html>")], "NotJson", &[]),
        row("effect, no text", EFFECT, vec![|| Reply::bytes(200, vec![0xff, 0xfe])], "OutcomeUnknown", &[]),
        row("effect, without end", EFFECT, vec![|| Reply::bytes(200, vec![b'x'; 9 << 20])], "OutcomeUnknown", &[]),
        row("effect, refused without end", EFFECT, vec![|| Reply::bytes(400, vec![b'x'; 9 << 20])], "Rejected", &[]),
        row("history, 400", HISTORY, vec![|| Reply::status(400)], "Rejected", &[]),
    ]);
}

/// An address where nobody listens.
fn nobody() -> Server {
    Server::elsewhere(std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
}

#[test]
fn what_never_left_is_repeated_whatever_the_class() {
    for (call, class) in [(SAFE, "safe"), (IDEMPOTENT, "idempotent"), (EFFECT, "effect")] {
        let (client, clock) = client(options(&nobody()));
        assert_eq!(call(&client), "ConnectFailed", "{class}");
        assert_eq!(clock.pauses(), VENDOR, "{class}");
    }
}

fn call(options: CallOptions, client: &Client) -> Result<(), LpchatError> {
    client.visitor().chat("H1".into()).unwrap().retrieve_information_with(Some(options)).map(|_| ())
}

#[test]
fn a_call_limits_its_own_repeats() {
    for (retries, requests) in [(0, 1), (1, 2), (2, 3), (9, 4)] {
        let server = Server::sequence(vec![|| Reply::status(500)]);
        let (client, _) = client(options(&server));
        let error = call(CallOptions { retries: Some(retries), ..CallOptions::default() }, &client).unwrap_err();
        assert_eq!((server.count(), error.details().attempts), (requests, requests as i32), "{retries}");
    }
    let server = Server::sequence(vec![|| Reply::status(429)]);
    let (client, clock) = client(options(&server));
    assert!(call(CallOptions { retries: Some(2), ..CallOptions::default() }, &client).is_err());
    assert_eq!(clock.pauses(), [1100, 2200]);
}

#[test]
fn a_pause_that_would_pass_the_deadline_is_not_begun() {
    let server = Server::sequence(vec![|| Reply::status(500)]);
    let (client, clock) = client(options(&server));
    let error = call(CallOptions { timeout: Some(seconds(12)), ..CallOptions::default() }, &client).unwrap_err();
    // 5 s pass, 10 s more would be 15: the error is the service's, not the deadline's.
    assert_eq!((error.code(), clock.pauses()), (Code::ServerFailed, vec![5000]));
    assert_eq!(error.details().elapsed, seconds(5));
}

#[test]
fn an_empty_quota_stops_repeats_and_never_first_attempts() {
    let server = Server::sequence(vec![|| Reply::status(500)]);
    let (client, clock) = client(options(&server));
    for _ in 0..60 {
        assert_eq!(SAFE(&client), "ServerFailed");
    }
    // 50 tokens, 5 a repeat.
    assert_eq!(server.count(), 60 + 10);
    clock.forget_pauses();
    // An idle while fills nothing: only successes do, and throttling is a tenth of the price.
    clock.advance(seconds(3600));
    assert_eq!((SAFE(&client), clock.pauses().len()), ("ServerFailed".to_owned(), 0));
}

#[test]
fn successes_refill_the_quota() {
    let server = Server::start(|asked| if asked.path().contains("bad") { Reply::status(500) } else { information() });
    let (client, clock) = client(options(&server));
    let ask = |id: &str| name(client.visitor().chat(id.into()).unwrap().retrieve_information());
    (0..10).for_each(|_| drop(ask("bad")));
    clock.forget_pauses();
    assert_eq!((ask("bad"), clock.pauses().len()), ("ServerFailed".to_owned(), 0));
    (0..20).for_each(|_| drop(ask("good")));
    // Twenty halves of a token: two repeats.
    assert_eq!((ask("bad"), clock.pauses().len()), ("ServerFailed".to_owned(), 2));
}

#[test]
fn the_next_attempt_after_a_lost_connection_connects_anew() {
    let server = Server::sequence(vec![|| Reply::Reset, information, information]);
    let (client, _) = client(options(&server));
    assert_eq!((SAFE(&client), SAFE(&client)), ("ok".to_owned(), "ok".to_owned()));
    let connections: Vec<usize> = server.asked().iter().map(|asked| asked.connection).collect();
    assert_eq!(connections, [0, 1, 1], "a new connection after the failure, which then serves on");
}

#[test]
fn custom_tables_and_their_bounds() {
    let server = Server::sequence(vec![|| Reply::status(500)]);
    let (client, clock) = client(lpchat::ClientOptions { server_error_pauses: vec![seconds(1); 2], ..options(&server) });
    assert_eq!(SAFE(&client), "ServerFailed");
    assert_eq!(clock.pauses(), [1000, 1000]);
    let server = Server::sequence(vec![|| Reply::status(429)]);
    let (client, clock) = support::client(lpchat::ClientOptions { throttle_pause: Some(seconds(10)), ..options(&server) });
    assert_eq!(SAFE(&client), "Throttled");
    assert_eq!(clock.pauses(), [11_000, 22_000, 33_000, 33_000], "doubled up to 30 s, until the deadline of 120 s is near");
}
