//! Answers made to harm: each gives a typed error soon, in little memory.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use lpchat::{Client, ClientOptions, Code, LpchatError};
use serde_json::json;

use crate::query;
use crate::support::{Reply, Server, client, name, options, with_credentials};

fn gzip(level: Compression, pieces: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    pieces.for_each(|piece| encoder.write_all(&piece).unwrap());
    encoder.finish().unwrap()
}

fn ask(client: &Client) -> Result<(), LpchatError> {
    let options = lpchat::CallOptions { retries: Some(0), ..Default::default() };
    client.visitor().chat("H1".into()).unwrap().retrieve_information_with(Some(options)).map(drop)
}

/// Lower than usual: a debug build takes its time.
const LIMIT: i64 = 256 << 10;

/// Milliseconds on a calm machine; no time limit of the client would end a call before this.
const SOON: Duration = Duration::from_secs(5);

/// The outcome of one answer, and that it came soon.
#[track_caller]
fn outcome(reply: impl Fn() -> Reply + Send + Sync + 'static) -> String {
    let server = Server::start(move |_| reply());
    let (client, _) = client(ClientOptions { max_chat_answer_bytes: Some(LIMIT), ..options(&server) });
    let begun = Instant::now();
    let outcome = name(ask(&client));
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(client.metrics().in_flight, 0);
    outcome
}

/// The peak of this process's memory, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_bomb_stops_at_the_limit() {
    // A gigabyte of zeros in a megabyte; its first 10 KB hold ten megabytes. Once under way every megabyte packs alike.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let mut megabyte = || {
        let before = encoder.get_ref().len();
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
        encoder.flush().unwrap();
        encoder.get_ref()[before..].to_vec()
    };
    let (first, next) = (megabyte(), megabyte());
    let bomb = [first, next.repeat(1023)].concat();
    let cut = bomb[..10 << 10].to_vec();
    let before = peak();
    for bytes in [bomb, cut] {
        let packed = bytes.clone();
        assert_eq!(outcome(move || Reply::bytes(200, packed.clone()).header("Content-Encoding", "gzip")), "TooLarge");
    }
    assert!(peak() - before < 64 << 10, "{} KiB more", peak() - before);
}

#[test]
fn broken_encodings() {
    let packed = || gzip(Compression::fast(), std::iter::once(br#"{"info":{"state":"chatting"}}"#.to_vec()));
    let encoded = |bytes: Vec<u8>, coding: &'static str| {
        outcome(move || Reply::bytes(200, bytes.clone()).header("Content-Encoding", coding))
    };
    assert_eq!(encoded(packed(), "gzip"), "ok");
    assert_eq!(encoded(packed()[..20].to_vec(), "gzip"), "ConnectionLost");
    assert_eq!(encoded(b"{}".to_vec(), "gzip"), "ConnectionLost");
    let twice = gzip(Compression::fast(), std::iter::once(packed()));
    assert_eq!(encoded(twice, "gzip, gzip"), "NotJson", "one coding, or none");
    assert_eq!(encoded(packed(), "br"), "NotJson");
}

#[test]
fn hostile_json() {
    let text = |text: String| outcome(move || Reply::text(200, &text));
    let deep = |open: &str, close: &str| format!(r#"{{"info":{}1{}}}"#, open.repeat(10_000), close.repeat(10_000));
    assert_eq!(text(deep("[", "]")), "UnexpectedShape");
    assert_eq!(text(deep(r#"{"unknown":"#, "}")), "NotJson");
    assert_eq!(text(deep(r#"{"a":"#, "}")), "NotJson");
    assert_eq!(text("[".repeat(200_000)), "UnexpectedShape");
    assert_eq!(text(format!(r#"{{"info":{{"state":"chatting","x":{}{}}}}}"#, "[".repeat(60), "]".repeat(60))), "ok");
    let duplicate = r#"{"info":{"state":"waiting","state":"chatting"},"info":{"state":"ended"}}"#;
    assert!(["ok", "UnexpectedShape"].contains(&text(duplicate.to_owned()).as_str()));
    assert_eq!(text(r#"{"info":{"visitorName":"\ud800"}}"#.to_owned()), "NotJson");
    assert_eq!(text(r#"{"info":{"visitorName":"\ud83d\ude00"}}"#.to_owned()), "ok");
    let huge = format!(r#"{{"info":{{"chatTimeout":{}}}}}"#, "9".repeat(100_000));
    assert_eq!(text(huge), "UnexpectedShape", "a number, but none that fits");
    assert_eq!(text(r#"{"info":{"chatTimeout":1e999}}"#.to_owned()), "UnexpectedShape");
    assert_eq!(text(r#"{"info":{"state":"chatting"}} trailing"#.to_owned()), "NotJson");
    assert_eq!(text(r#"{"info":{"state":"chat"#.to_owned()), "NotJson");
    assert_eq!(text("null".to_owned()), "UnexpectedShape");
    assert_eq!(text(format!("{{{}\"info\":{{}}}}", r#""a":1,"#.repeat(40_000))), "ok", "forty thousand members");
}

#[test]
fn invalid_utf8() {
    assert_eq!(outcome(|| Reply::bytes(200, b"{\"info\":{\"visitorName\":\"\xff\xfe\"}}".to_vec())), "NotJson");
    assert_eq!(outcome(|| Reply::bytes(400, b"\xff\xfe broken".to_vec())), "Rejected", "a refusal's words are only quoted");
    let server = Server::start(|_| Reply::bytes(400, b"{\"error\":\"a\xff\x1b[31mb\"}".to_vec()));
    let (client, _) = client(options(&server));
    let error = ask(&client).unwrap_err();
    assert!(!error.to_string().contains('\u{1b}'), "{error:?}");
}

#[test]
fn sizes() {
    let body = |size: usize| format!(r#"{{"info":{{"visitorName":"{}"}}}}"#, "x".repeat(size - 27));
    assert_eq!(body(256 << 10).len(), 256 << 10);
    assert_eq!(outcome(move || Reply::text(200, &body(256 << 10))), "ok");
    assert_eq!(outcome(move || Reply::text(200, &body((256 << 10) + 1))), "TooLarge");
    // What the length claims is not believed.
    let lying = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{}".to_vec();
    assert_eq!(outcome(move || Reply::Raw(lying.clone())), "ConnectionLost");
    let wrong = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}".to_vec();
    assert_eq!(outcome(move || Reply::Raw(wrong.clone())), "ConnectionLost");
    // Ten megabytes are too much for a chat and nothing special for history.
    let ten = r#"{"_metadata":{"count":0},"x":""#.to_owned() + &"y".repeat(10 << 20) + r#"","interactionHistoryRecords":[]}"#;
    let server = Server::start(move |_| Reply::text(200, &ten));
    let options = ClientOptions { bearer: Some("b".into()), app_key: Some("k".into()), ..with_credentials(&server, &json!({})) };
    let (client, _) = client(options);
    assert_eq!((name(ask(&client)), name(client.history().retrieve_page(query()))), ("TooLarge".into(), "ok".into()));
}

#[test]
fn limits_can_be_lowered() {
    let server = Server::start(|_| Reply::text(200, &format!(r#"{{"info":{{"visitorName":"{}"}}}}"#, "x".repeat(100))));
    let (client, _) = client(ClientOptions { max_chat_answer_bytes: Some(100), ..options(&server) });
    let error = ask(&client).unwrap_err();
    assert_eq!((error.code(), error.details().http_status), (Code::TooLarge, Some(200)));
}

/// Writes as long as somebody reads.
fn endless(stream: &mut TcpStream, head: &str, piece: &str) {
    let block = piece.repeat(1 + (16 << 10) / piece.len());
    if stream.write_all(head.as_bytes()).is_err() {
        return;
    }
    while stream.write_all(block.as_bytes()).is_ok() {}
}

#[test]
fn endless_answers() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let script =
        |head: &'static str, piece: &'static str| outcome(move || Reply::script(move |stream| endless(stream, head, piece)));
    assert_eq!(script(chunked, "10\r\n0123456789abcdef\r\n"), "TooLarge");
    assert_eq!(script(chunked, "1;extension=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n"), "ConnectionLost");
    assert_eq!(script("HTTP/1.1 200 OK\r\n\r\n", "{"), "TooLarge");
    assert_eq!(script("HTTP/1.1 200 OK\r\n", "X-A: b\r\n"), "ConnectionLost", "a million headers");
    assert_eq!(script("HTTP/1.1 200 OK\r\nX-A: ", "aaaaaaaa"), "ConnectionLost", "one endless header");
    assert_eq!(script("HTTP/1.1 ", "2"), "ConnectionLost");
    // Endless words beside a refusal do not hide it.
    assert_eq!(script("HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n", "10\r\n0123456789abcdef\r\n"), "ChatGone");
}

#[test]
fn large_headers() {
    let of = |size: usize| move || Reply::text(200, r#"{"info":{}}"#).header("X-Large", &"x".repeat(size));
    assert_eq!(outcome(of(60 << 10)), "ok");
    assert_eq!(outcome(of(70 << 10)), "TooLarge");
    // Odd request ids do not blow up an error.
    let server = Server::start(|_| Reply::status(400).header("X-Request-Id", &"i".repeat(10_000)));
    let (client, _) = client(options(&server));
    assert_eq!(ask(&client).unwrap_err().details().request_id.len(), 128);
}

#[test]
fn odd_statuses() {
    let status =
        |line: &'static str| outcome(move || Reply::Raw(format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n").into_bytes()));
    assert_eq!(status("204 Nothing"), "EmptyAnswer");
    assert_eq!(status("304 Same"), "UnexpectedRedirect");
    assert_eq!(status("599 Odd"), "ServerFailed");
    assert_eq!(status("999 Odd"), "ServerFailed");
    assert_eq!(status("000 Odd"), "ConnectionLost");
    assert_eq!(status("101 Switching"), "Rejected");
}

mod noise {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

        /// Any bytes, as an answer and as a body: a result or a typed error, never a panic.
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300), framed in any::<bool>(), status in 200_u16..600) {
            let code = outcome(move || if framed { Reply::bytes(status, bytes.clone()) } else { Reply::Raw(bytes.clone()) });
            prop_assert_ne!(code, "Internal");
        }
    }
}
