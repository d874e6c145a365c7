//! From a chat to its engagement in history: waiting for the settling delay.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lpchat::{Client, ClientOptions, Engagement};
use serde_json::json;

use crate::support::clock::START_MILLIS;
use crate::support::{Reply, Server, VirtualClock, client, name, seconds, until, with_credentials};

/// A history in which the record appears with the answer of this number; it ended ten minutes before the clock's start.
fn history(appears: usize, faulty: usize) -> (Server, Client, Arc<VirtualClock>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Server::start(move |_| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        if number == faulty {
            return Reply::status(429).header("Retry-After", "3600");
        }
        let end = START_MILLIS - 600_000;
        let record = json!({ "info": { "engagementId": "E1", "startTimeL": end - 60_000, "endTimeL": end } });
        let records = if number >= appears { vec![record] } else { vec![] };
        Reply::json(&json!({ "_metadata": { "count": records.len() }, "interactionHistoryRecords": records }))
    });
    let options = ClientOptions { bearer: Some("b".into()), ..with_credentials(&server, &json!({})) };
    let (client, clock) = client(options);
    (server, client, clock, asked)
}

/// Lets time pass until the call ends; gives its result and how long it took.
fn wait(clock: &VirtualClock, step: u64, call: lpchat::Call<Vec<Engagement>>) -> (lpchat::Result<Vec<Engagement>>, u64) {
    let begun = clock.time();
    loop {
        if let Some(outcome) = call.wait_for(std::time::Duration::from_millis(20)) {
            return (outcome, (clock.time() - begun).as_secs());
        }
        assert!(clock.time() < seconds(100_000), "it never ends");
        clock.advance(seconds(step));
    }
}

#[test]
fn a_record_that_is_not_there_yet_is_waited_for() {
    let (_server, client, clock, asked) = history(5, 2);
    let (records, took) = wait(&clock, 5, client.history().await_engagement_call("E1".into(), None, None, None));
    assert_eq!(records.unwrap().len(), 1);
    assert!((150..=400).contains(&took), "{took} s: the pauses grow");
    assert_eq!(asked.load(Ordering::SeqCst), 6, "a passing failure is none");
}

#[test]
fn it_waits_no_longer_than_wanted() {
    let (_server, client, clock, _) = history(usize::MAX, usize::MAX);
    let (records, took) = wait(&clock, 5, client.history().await_engagement_call("E1".into(), Some(seconds(60)), None, None));
    assert!(records.unwrap().is_empty() && (55..=80).contains(&took), "{took}");
    assert_eq!(name(client.history().await_engagement("".into(), None, None)), "InvalidArgument");
}

#[test]
fn a_settled_record_is_two_hours_old() {
    let (_server, client, clock, _) = history(0, usize::MAX);
    let (records, took) = wait(&clock, 60, client.history().await_engagement_call("E1".into(), None, Some(true), None));
    assert_eq!(records.unwrap().len(), 1);
    assert!((6595..=6720).contains(&took), "{took}");
    until("done", || client.metrics().in_flight == 0);
}
