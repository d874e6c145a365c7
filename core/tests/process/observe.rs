//! The log queue and the counters.

use lpchat::observe::{LogLevel, LogRecord, drain_log, queue_log};
use lpchat::{CallOptions, Client, ClientOptions};
use serde_json::json;

use crate::support::{Reply, Server, client, information, options, seconds, until, with_credentials};

fn ask(client: &Client) {
    let _ = client.visitor().chat("H1".into()).unwrap().retrieve_information();
}

fn logged(level: Option<LogLevel>, work: impl FnOnce()) -> Vec<LogRecord> {
    queue_log(level);
    drain_log();
    work();
    queue_log(None);
    drain_log()
}

#[test]
fn levels_choose_what_is_queued() {
    let _alone = crate::alone();
    let run = |level| {
        let server = Server::sequence(vec![|| Reply::status(500), information]);
        let (client, _) = client(options(&server));
        logged(level, || ask(&client))
    };
    assert!(run(None).is_empty());
    assert!(run(Some(LogLevel::Error)).is_empty(), "a failing service is no mistake of ours");
    let warnings = run(Some(LogLevel::Warning));
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].message, "VisitorChat.retrieve_information [8000000000000000] repeats in 5000 ms: ServerFailed");
    let all: Vec<String> = run(Some(LogLevel::Debug)).into_iter().map(|record| record.message).collect();
    assert_eq!(all.len(), 5, "{all:?}");
    assert!(all[0].ends_with("begins") && all[4].ends_with("ends after 5000 ms"), "{all:?}");
}

#[test]
fn the_queue_is_bounded_and_keeps_the_newest() {
    let _alone = crate::alone();
    let server = Server::sequence(vec![information]);
    let (client, _) = client(options(&server));
    let records = logged(Some(LogLevel::Debug), || (0..400).for_each(|_| ask(&client)));
    assert_eq!(records.len(), 1000, "three records a call, the oldest dropped");
    assert!(records[999].message.contains("ends after"));
    assert!(drain_log().is_empty());
}

#[test]
fn the_end_of_oauth1_is_told_once_a_client() {
    let _alone = crate::alone();
    let keys =
        json!({ "oauth1_consumer_key": "a", "oauth1_consumer_secret": "b", "oauth1_token": "c", "oauth1_token_secret": "d" });
    let server = Server::start(|_| Reply::status(204));
    let (client, _) = client(with_credentials(&server, &keys));
    let query = || lpchat::SearchQuery { engagement_id: Some("1".into()), ..Default::default() };
    let records = logged(Some(LogLevel::Warning), || {
        for _ in 0..3 {
            let _ = client.history().retrieve_page(query());
        }
    });
    assert_eq!(records.len(), 1, "{records:?}");
    assert!(records[0].message.contains("OAuth 1.0") && records[0].message.contains("31 May 2026"));
}

#[test]
fn a_call_that_is_open_for_long_is_told_of() {
    let _alone = crate::alone();
    let server = Server::start(|_| Reply::Silence);
    let slow = seconds(1000);
    let (client, clock) =
        client(ClientOptions { first_byte_timeout: Some(slow), attempt_timeout: Some(slow), ..options(&server) });
    let records = logged(Some(LogLevel::Warning), || {
        let limit = CallOptions { timeout: Some(seconds(100)), ..Default::default() };
        let call = client.visitor().chat("H1".into()).unwrap().retrieve_information_call(Some(limit));
        until("begun", || server.count() == 1 && clock.limits_of(seconds(90)) == 1);
        clock.advance(seconds(90));
        assert!(call.wait_for(std::time::Duration::from_millis(50)).is_none());
        clock.advance(seconds(10));
        assert!(call.wait().is_err());
    });
    assert_eq!(records.len(), 1, "{records:?}");
    assert!(records[0].message.ends_with("is still open after 90 s"));
}

#[test]
fn counters() {
    let _alone = crate::alone();
    let server = Server::sequence(vec![|| Reply::status(500), || Reply::status(429), information, || Reply::status(404)]);
    let (client, _) = client(options(&server));
    ask(&client);
    ask(&client);
    let metrics = client.metrics();
    assert_eq!((metrics.calls, metrics.requests, metrics.retries, metrics.throttles, metrics.in_flight), (2, 4, 2, 1, 0));
    assert_eq!(metrics.bytes_received, r#"{"info":{"state":"chatting"}}"#.len() as i64);
}
