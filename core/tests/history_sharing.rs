//! What clients of one account share, and what a call that is cancelled leaves to the next.

mod server;

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use lpchat::{CallOptions, Client, ClientOptions, Code, SearchQuery, Timestamp};
use serde_json::{Value, json};
use server::{Answer, Asked, Server};

/// 2024-06-01T00:00Z.
const START: i64 = 1_717_200_000_000;
const DAY: i64 = 86_400_000;

/// Holds answers back until it is opened.
#[derive(Default)]
struct Dam(Mutex<bool>, Condvar);

impl Dam {
    fn wait(&self) {
        let (open, _) = self.1.wait_timeout_while(self.0.lock().unwrap(), Duration::from_secs(60), |open| !*open).unwrap();
        drop(open);
    }

    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }
}

fn client(server: &Server, account: &str) -> Client {
    let mut line: Value = serde_json::from_str(&server.configuration()).unwrap();
    line["account_id"] = account.into();
    let options = ClientOptions {
        sandbox: Some(line.to_string().into()),
        bearer: Some("b1".into()),
        domains: [("engHistDomain".to_owned(), server.host())].into_iter().collect(),
        ..ClientOptions::default()
    };
    Client::with_environment(options, server::without_pauses()).unwrap()
}

fn query() -> SearchQuery {
    let at = |day: i64| Some(Timestamp::from_millis(START + day * DAY));
    SearchQuery { start: at(0), end: at(1), ..SearchQuery::default() }
}

#[track_caller]
fn until(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn clients_of_one_account_have_two_requests_in_flight_between_them() {
    let dam = Arc::new(Dam::default());
    let (held, none) = (Arc::clone(&dam), json!({ "_metadata": { "count": 0 }, "interactionHistoryRecords": [] }));
    let server = Server::start(move |asked: &Asked| {
        if asked.path.contains("/one/") {
            held.wait();
        }
        Answer::json(&none)
    });
    let (first, second, other) = (client(&server, "one"), client(&server, "one"), client(&server, "other"));
    let calls = [first.history().count_call(query(), None), second.history().count_call(query(), None)];
    until("both requests are with the server", || server.asked().len() == 2);
    let brief = CallOptions { timeout: Some(Duration::from_millis(300)), ..CallOptions::default() };
    let error = second.history().count_with(query(), Some(brief)).unwrap_err();
    assert_eq!((error.code(), error.details().attempts), (Code::DeadlineExceeded, 0), "it was never sent");
    assert_eq!(other.history().count(query()).unwrap(), 0, "another account has places of its own");
    dam.open();
    for call in calls {
        assert_eq!(call.wait().unwrap(), 0);
    }
    assert_eq!(second.history().count(query()).unwrap(), 0, "the places are free again");
}

fn page(asked: &Asked) -> Answer {
    let (offset, limit) = (asked.number("offset"), asked.number("limit"));
    let record = |number: usize| {
        let start = START + i64::try_from(number).unwrap() * 1000;
        json!({ "info": { "accountId": "one", "engagementId": format!("{number:03}"), "startTimeL": start, "endTimeL": start } })
    };
    let records: Vec<Value> = (offset..30.min(offset + limit)).map(record).collect();
    Answer::json(&json!({ "_metadata": { "count": 30 }, "interactionHistoryRecords": records }))
}

fn ids(page: &lpchat::SearchPage) -> Vec<String> {
    page.records.iter().map(|record| record.engagement_id.to_string()).collect()
}

fn query_of_ten() -> SearchQuery {
    SearchQuery { page_size: Some(10), ..query() }
}

#[test]
fn a_call_that_is_dropped_as_its_page_arrives_loses_nothing() {
    let server = Server::start(page);
    let client = client(&server, "one");
    let query = query_of_ten();
    let search = client.history().search(query.clone()).unwrap();
    let first = ids(&search.next_page().unwrap().unwrap());
    let (before, first_again) = (search.resume_token().unwrap(), search.resume_token_before_page().unwrap());
    let dropped = search.next_page_call(None);
    until("the page is there and nobody has taken it", || format!("{dropped:?}").contains("finished: true"));
    drop(dropped);
    let after = search.resume_token().unwrap();
    let rest = |search: &lpchat::Search| search.pages().flat_map(|page| ids(&page.unwrap())).collect::<Vec<_>>();
    let resumed = client.history().search(SearchQuery { resume_token: Some(after), ..query.clone() }).unwrap();
    let resumed_before = client.history().search(SearchQuery { resume_token: Some(before), ..query }).unwrap();
    let expected: Vec<String> = (10..30).map(|number| format!("{number:03}")).collect();
    assert_eq!(first.len(), 10);
    assert_eq!(rest(&search), expected, "the search itself goes on");
    let whole = client.history().search(SearchQuery { resume_token: Some(first_again), ..query_of_ten() }).unwrap();
    assert_eq!(rest(&whole), [first.clone(), expected.clone()].concat(), "before the page");
    assert_eq!((rest(&resumed), rest(&resumed_before)), (expected.clone(), expected), "and so does another");
    assert!(search.report().is_complete && search.resume_token().is_none());
}
