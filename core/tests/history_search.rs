//! Searches over real HTTP, against a server that answers what each test tells it to.

mod server;

use lpchat::{Client, ClientOptions, Code, Engagement, Search, SearchPage, SearchQuery, Timestamp};
use serde_json::{Value, json};
use server::{Answer, Asked, Server};

/// 2024-06-01T00:00Z.
const START: i64 = 1_717_200_000_000;
const MINUTE: i64 = 60_000;

fn client(server: &Server) -> Client {
    client_with(server, ClientOptions { bearer: Some("b1".into()), ..ClientOptions::default() })
}

fn client_with(server: &Server, options: ClientOptions) -> Client {
    let host = server.host();
    let domains = [("engHistDomain", &host), ("agentVep", &host)];
    let options = ClientOptions {
        sandbox: Some(server.configuration().into()),
        domains: domains.into_iter().map(|(service, host)| (service.to_owned(), host.clone())).collect(),
        source: Some("Tests_Search".into()),
        ..options
    };
    Client::with_environment(options, server::without_pauses()).unwrap()
}

/// An hour from `START`.
fn hour() -> SearchQuery {
    SearchQuery {
        start: Some(Timestamp::from_millis(START)),
        end: Some(Timestamp::from_millis(START + 60 * MINUTE)),
        ..SearchQuery::default()
    }
}

fn record(id: i64, start: i64) -> Value {
    json!({ "info": { "accountId": "70481526", "engagementId": id.to_string(), "engagementSet": 0, "engagementSequence": 0, "startTimeL": start } })
}

fn page(count: i64, records: &[Value]) -> Answer {
    Answer::json(&json!({ "_metadata": { "count": count }, "interactionHistoryRecords": records }))
}

/// Answers like the service: the page that offset and limit name, out of `all`.
fn slices(all: Vec<Value>) -> impl Fn(&Asked) -> Answer {
    move |asked| {
        let (offset, limit) = (asked.number("offset"), asked.number("limit"));
        let records: Vec<Value> = all.iter().skip(offset).take(limit).cloned().collect();
        page(i64::try_from(all.len()).unwrap(), &records)
    }
}

fn minutes(count: i64) -> Vec<Value> {
    (0..count).map(|index| record(index, START + index * MINUTE)).collect()
}

fn ids(records: &[Engagement]) -> Vec<i64> {
    records.iter().map(|record| record.engagement_id.parse().unwrap()).collect()
}

fn all(search: &Search) -> Vec<i64> {
    search.pages().flat_map(|page| ids(&page.unwrap().records)).collect()
}

fn some(page: Option<SearchPage>) -> SearchPage {
    page.expect("there is a page")
}

#[test]
fn pages_follow_one_another_to_the_end() {
    let server = Server::start(slices(minutes(5)));
    let search = client(&server).history().search(SearchQuery { page_size: Some(2), ..hour() }).unwrap();
    assert!(server.asked().is_empty(), "a search asks nothing by itself");
    assert_eq!(all(&search), [0, 1, 2, 3, 4]);
    let asked = server.asked();
    let mut offsets: Vec<usize> = asked.iter().map(|asked| asked.number("offset")).collect();
    // The last two are asked for at once.
    offsets.sort_unstable();
    assert_eq!(offsets, [0, 2, 4], "and no page past the end");
    let first = &asked[0];
    assert_eq!(
        (first.method.as_str(), first.path.as_str()),
        ("POST", "/interaction_history/api/account/70481526/interactions/search")
    );
    assert_eq!(
        (first.value("sort"), first.value("source")),
        ("start:asc,engagementId:asc".to_owned(), "Tests_Search".to_owned())
    );
    assert_eq!(first.header("authorization"), Some("Bearer b1"));
    assert_eq!(first.header("content-type"), Some("application/json"));
    assert_eq!(first.body, json!({ "start": { "from": START, "to": START + 60 * MINUTE } }));
    assert!(asked.iter().all(|asked| asked.body == first.body), "the filters are sent with every page");
    assert_eq!(search.next_page().unwrap(), None);
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn offset_and_limit_bound_a_search() {
    let server = Server::start(slices(minutes(9)));
    let query = SearchQuery { offset: Some(1), limit: Some(5), page_size: Some(3), ..hour() };
    let search = client(&server).history().search(query).unwrap();
    assert_eq!(all(&search), [1, 2, 3, 4, 5]);
    let sizes: Vec<_> = server.asked().iter().map(|asked| (asked.number("offset"), asked.number("limit"))).collect();
    assert_eq!(sizes, [(1, 3), (4, 2)], "no record is asked for in vain");
}

#[test]
fn a_later_failure_loses_nothing() {
    let good = slices(minutes(4));
    let server = Server::start(move |asked: &Asked| match (asked.number("offset"), asked.index) {
        (2, 1) => Answer::status(400),
        _ => good(asked),
    });
    let search = client(&server).history().search(SearchQuery { page_size: Some(2), ..hour() }).unwrap();
    assert_eq!(ids(&some(search.next_page().unwrap()).records), [0, 1]);
    assert_eq!(search.next_page().unwrap_err().code(), Code::Rejected);
    assert_eq!(ids(&some(search.next_page().unwrap()).records), [2, 3], "the same page again");
    assert_eq!(search.next_page().unwrap(), None);
}

#[test]
fn repeated_records_are_given_once() {
    // A record arrives before the offset between the pages: the rest moves back by one, and is read again.
    let settled = slices(vec![record(0, START), record(1, START), record(2, START), record(3, START)]);
    let server = Server::start(move |asked: &Asked| match asked.index {
        0 => page(3, &[record(1, START), record(2, START)]),
        1 => page(4, &[record(2, START), record(3, START)]),
        _ => settled(asked),
    });
    let search = client(&server).history().search(SearchQuery { page_size: Some(2), ..hour() }).unwrap();
    assert_eq!(ids(&some(search.next_page().unwrap()).records), [1, 2]);
    let second = some(search.next_page().unwrap());
    assert_eq!((ids(&second.records), second.repeated_records, second.count), (vec![3], 1, Some(4)));
    let third = some(search.next_page().unwrap());
    assert_eq!((ids(&third.records), third.repeated_records), (vec![0], 1), "the one that the shift had hidden");
    assert_eq!(search.next_page().unwrap(), None);
    let report = search.report();
    assert!(report.is_complete && report.rereads == 1 && report.records == 4, "{report}");
}

#[test]
fn segments_of_one_engagement_are_no_repeats() {
    let segment = |sequence: i64| {
        let mut record = record(7, START);
        record["info"]["engagementSequence"] = sequence.into();
        record
    };
    let server = Server::start(slices(vec![segment(0), segment(1), segment(1)]));
    let page = some(client(&server).history().search(hour()).unwrap().next_page().unwrap());
    assert_eq!((page.records.len(), page.repeated_records), (2, 1));
}

#[test]
fn the_range_is_open_at_its_end() {
    let starts = [START - 1, START, START + 60 * MINUTE - 1, START + 60 * MINUTE, START + 69 * MINUTE];
    let records = (0..).zip(starts).map(|(id, start)| record(id, start)).collect();
    let server = Server::start(slices(records));
    let client = client(&server);
    let kept = some(client.history().search(hour()).unwrap().next_page().unwrap());
    assert_eq!((ids(&kept.records), kept.records_outside_range, kept.count), (vec![1, 2], 3, Some(5)));
    let raw = client.history().retrieve_page(hour()).unwrap();
    assert_eq!((raw.records.len(), raw.records_outside_range), (5, 0), "the page as the service sends it");
    let by_id = SearchQuery { visitor_id: Some("v".into()), ..SearchQuery::default() };
    assert_eq!(all(&client.history().search(by_id).unwrap()).len(), 5, "without a range nothing lies outside");
}

#[test]
fn a_page_of_which_nothing_is_left_is_passed_over() {
    let server = Server::start(slices(vec![record(1, START - 1), record(2, START)]));
    let search = client(&server).history().search(SearchQuery { page_size: Some(1), ..hour() }).unwrap();
    assert_eq!(ids(&some(search.next_page().unwrap()).records), [2]);
}

#[test]
fn redirects_are_throttling_and_never_followed() {
    let good = slices(minutes(1));
    let server = Server::start(move |asked: &Asked| match asked.index {
        0 => Answer::status(302).with_header("Location", "/elsewhere"),
        1 => Answer::status(429).with_header("Retry-After", "1"),
        _ => good(asked),
    });
    let client = client(&server);
    assert_eq!(all(&client.history().search(hour()).unwrap()), [0]);
    assert_eq!(server.asked().len(), 3);
    assert!(server.asked().iter().all(|asked| asked.path != "/elsewhere"));
    assert_eq!(client.metrics().throttles, 2);
}

#[test]
fn no_content_is_an_empty_result() {
    let server = Server::start(|_: &Asked| Answer::status(204));
    let client = client(&server);
    let page = client.history().retrieve_page(hour()).unwrap();
    assert_eq!((page.records.len(), page.count, page.raw.as_str()), (0, None, "null"));
    assert_eq!(client.history().search(hour()).unwrap().next_page().unwrap(), None);
    assert_eq!(client.history().count(hour()).unwrap(), 0);
    assert!(client.history().get("7".into(), None, None).unwrap().is_empty());
}

#[test]
fn a_partial_result_is_an_error_unless_it_is_allowed() {
    let server = Server::start(|_: &Asked| {
        Answer::json(&json!({
            "_metadata": { "count": 1, "shardsStatusResult": { "partialResult": true, "totalShards": 8, "failureShards": 2 } },
            "interactionHistoryRecords": [record(1, START)]
        }))
    });
    let client = client(&server);
    let search = client.history().search(hour()).unwrap();
    let page = some(search.next_page().unwrap());
    assert!(page.is_partial_result && page.records.len() == 1, "what there is comes first");
    let error = search.next_page().unwrap_err();
    assert_eq!(error.code(), Code::IncompleteResult);
    assert!(error.to_string().contains("answered from a part of its data"), "{error}");
    assert_eq!(server.asked().len(), 4, "three more times, in vain");
    let error = client.history().count(hour()).unwrap_err();
    assert!(error.code() == Code::PartialResult && error.to_string().contains("2 of 8 parts failed"), "{error}");
    assert_eq!(client.history().get("1".into(), None, None).unwrap_err().code(), Code::PartialResult);
    let allowed = SearchQuery { allow_incomplete: true, ..hour() };
    let search = client.history().search(allowed.clone()).unwrap();
    assert!(some(search.next_page().unwrap()).is_partial_result);
    assert_eq!(search.next_page().unwrap(), None);
    let report = search.report();
    assert!(report.is_finished && !report.is_complete && report.gaps.len() == 1, "{report}");
    assert_eq!(client.history().count(allowed).unwrap(), 1);
}

#[test]
fn an_empty_page_before_the_end_is_not_taken_for_the_end() {
    let server = Server::start(|asked: &Asked| match asked.number("offset") {
        0 => page(4, &[record(1, START), record(2, START)]),
        _ => page(4, &[]),
    });
    let search = |query| client(&server).history().search(query).unwrap();
    let strict = search(hour());
    strict.next_page().unwrap();
    let error = strict.next_page().unwrap_err();
    assert!(
        error.code() == Code::IncompleteResult && error.to_string().contains("counts 4 records and gave 2 distinct ones"),
        "{error}"
    );
    let lenient = search(SearchQuery { allow_incomplete: true, ..hour() });
    lenient.next_page().unwrap();
    assert_eq!(lenient.next_page().unwrap(), None);
    assert!(!lenient.report().is_complete);
}

#[test]
fn a_bad_record_stands_beside_the_good_ones() {
    let bad = json!({ "info": { "engagementId": "2", "duration": "soon" } });
    let server = Server::start(slices(vec![record(1, START), bad.clone(), record(3, START)]));
    let client = client(&server);
    let search = client.history().search(hour()).unwrap();
    let page = some(search.next_page().unwrap());
    assert_eq!((ids(&page.records), page.failures.len()), (vec![1, 3], 1));
    assert_eq!(page.failures[0].raw.to_value().unwrap(), bad);
    assert_eq!(search.next_page().unwrap(), None, "a bad record counts as received");
    let error = client.history().get("2".into(), None, None).unwrap_err();
    assert_eq!(error.code(), Code::UnexpectedShape);
    assert!(error.to_string().contains("$.interactionHistoryRecords[1].info.duration"), "{error}");
}

#[test]
fn bad_records_count_when_pages_are_counted() {
    let bad = |id: i64| json!({ "info": { "engagementId": id, "duration": "soon" } });
    let server = Server::start(slices(vec![bad(1), bad(2), record(3, START), bad(4), record(5, START)]));
    let search = client(&server).history().search(SearchQuery { page_size: Some(2), ..hour() }).unwrap();
    let pages: Vec<_> = search.pages().map(|page| page.map(|page| (ids(&page.records), page.failures.len())).unwrap()).collect();
    assert_eq!(pages, [(vec![], 2), (vec![3], 1), (vec![5], 0)]);
    let search = client(&server).history().search(SearchQuery { limit: Some(3), page_size: Some(2), ..hour() }).unwrap();
    assert_eq!(
        search
            .pages()
            .map(|page| {
                let page = page.unwrap();
                page.records.len() + page.failures.len()
            })
            .sum::<usize>(),
        3,
        "they use up the limit too"
    );
}

#[test]
fn a_link_to_a_next_page_outweighs_the_count() {
    let server = Server::start(|asked: &Asked| match asked.number("offset") {
        0 => Answer::json(&json!({
            "_metadata": { "count": 1, "next": { "rel": "next", "href": "http://localhost:8080/elsewhere?offset=7" } },
            "interactionHistoryRecords": [record(1, START)]
        })),
        _ => page(2, &[record(2, START)]),
    });
    let search = client(&server).history().search(hour()).unwrap();
    let found: Vec<i64> = (0..2).flat_map(|_| ids(&some(search.next_page().unwrap()).records)).collect();
    assert_eq!(found, [1, 2]);
    let offsets: Vec<usize> = server.asked().iter().map(|asked| asked.number("offset")).collect();
    assert_eq!(offsets[..2], [0, 1], "by our own count, not by the link");
    let error = search.next_page().unwrap_err();
    assert!(error.to_string().contains("the count moved from 1 to 2"), "{error}");
}

#[test]
fn an_expired_login_is_renewed_once() {
    let logins = std::sync::atomic::AtomicUsize::new(0);
    let good = slices(minutes(3));
    let server = Server::start(move |asked: &Asked| {
        if asked.path.ends_with("/login") {
            let number = logins.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            return Answer::json(&json!({ "csrf": "c", "bearer": format!("b{number}"), "config": { "userId": "9" } }));
        }
        // The first bearer ends after the first page.
        match asked.header("authorization") {
            Some("Bearer b1") if asked.number("offset") > 0 => Answer::status(401),
            Some("Bearer b1" | "Bearer b2") => good(asked),
            _ => Answer::status(401),
        }
    });
    let options =
        ClientOptions { username: Some("fletcher".into()), password: Some("secret".into()), ..ClientOptions::default() };
    let search = client_with(&server, options).history().search(SearchQuery { page_size: Some(2), ..hour() }).unwrap();
    assert_eq!(all(&search), [0, 1, 2]);
    let paths: Vec<String> = server.asked().iter().map(|asked| asked.path.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(paths, ["login", "search", "search", "login", "search"]);

    let refusing = Server::start(|_: &Asked| Answer::status(401));
    let error = client(&refusing).history().search(hour()).unwrap().next_page().unwrap_err();
    assert_eq!((error.code(), refusing.asked().len()), (Code::Unauthorized, 1), "a ready-made bearer cannot be renewed");
}

#[test]
fn an_engagement_is_found_by_its_id() {
    let server = Server::start(slices(vec![record(7, START), record(7, START + 1)]));
    let found = client(&server).history().get("7".into(), None, None).unwrap();
    assert_eq!(found.len(), 2, "every segment");
    let asked = &server.asked()[0];
    assert_eq!(asked.body["engagementId"], "7");
    assert_eq!(asked.body.as_object().unwrap().len(), 2, "nothing but the id and the range");
    let width = asked.body["start"]["to"].as_i64().unwrap() - asked.body["start"]["from"].as_i64().unwrap();
    assert!((394..=398).contains(&(width / (24 * 60 * MINUTE))), "13 months, not {width} ms");
}

#[test]
fn a_look_up_reads_every_page() {
    let server = Server::start(slices(minutes(150)));
    assert_eq!(client(&server).history().get("7".into(), None, None).unwrap().len(), 150);
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_refused_look_up_is_narrowed_round_the_known_start() {
    let server = Server::start(|asked: &Asked| {
        let width = asked.body["start"]["to"].as_i64().unwrap() - asked.body["start"]["from"].as_i64().unwrap();
        if width > 31 * 24 * 60 * MINUTE { Answer::status(400) } else { page(1, &[record(7, START)]) }
    });
    let client = client(&server);
    let error = client.history().get("7".into(), None, None).unwrap_err();
    assert!(error.code() == Code::Rejected && error.to_string().contains("hand in `around`"), "{error}");
    let found = client.history().get("7".into(), Some(Timestamp::from_millis(START)), None).unwrap();
    assert_eq!(ids(&found), [7]);
    let narrowed = &server.asked()[2].body["start"];
    assert!(narrowed["from"].as_i64().unwrap() < START && narrowed["to"].as_i64().unwrap() > START);
}

#[test]
fn counting_asks_for_one_record() {
    let server = Server::start(slices(minutes(42)));
    let history = client(&server).history();
    assert_eq!(history.count(hour()).unwrap(), 42);
    assert_eq!(history.search(SearchQuery { limit: Some(3), ..hour() }).unwrap().count().unwrap(), 42);
    assert!(server.asked().iter().all(|asked| asked.number("limit") == 1 && asked.number("offset") == 0));
    let uncounted = Server::start(|_: &Asked| Answer::json(&json!({ "interactionHistoryRecords": [] })));
    assert_eq!(client(&uncounted).history().count(hour()).unwrap_err().code(), Code::UnexpectedShape);
}

#[test]
fn large_pages_are_read_too() {
    let long = "tent ".repeat(2_000);
    let records = (0..50).map(|id| {
        let mut record = record(id, START);
        record["transcript"] = json!({ "lines": [{ "source": "visitor", "text": long }] });
        record
    });
    let server = Server::start(slices(records.collect()));
    let client = client(&server);
    let page = some(client.history().search(hour()).unwrap().next_page().unwrap());
    assert!(page.raw.as_str().len() > 256 << 10);
    assert_eq!(page.records[49].transcript.lines[0].text.as_deref(), Some(long.as_str()));
    let cut = Server::start(move |_: &Asked| {
        Answer::text(200, &format!("{{\"interactionHistoryRecords\": [{}", "{},".repeat(200_000)))
    });
    assert_eq!(crate::client(&cut).history().retrieve_page(hour()).unwrap_err().code(), Code::NotJson);
}

#[test]
fn concurrent_calls_get_one_page_each() {
    let server = Server::start(slices(minutes(8)));
    let search = client(&server).history().search(SearchQuery { page_size: Some(2), ..hour() }).unwrap();
    let threads: Vec<_> = (0..5)
        .map(|_| {
            std::thread::spawn({
                let search = search.clone();
                move || search.next_page().unwrap()
            })
        })
        .collect();
    let pages = threads.into_iter().filter_map(|thread| thread.join().unwrap());
    let mut found: Vec<i64> = pages.flat_map(|page| ids(&page.records)).collect();
    found.sort_unstable();
    assert_eq!(found, (0..8).collect::<Vec<_>>());
}

#[test]
fn a_wrong_query_sends_nothing() {
    let server = Server::start(slices(Vec::new()));
    let history = client(&server).history();
    let wrong = SearchQuery { interactive: Some(false), ..hour() };
    assert_eq!(history.search(wrong.clone()).unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(history.retrieve_page(wrong.clone()).unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(history.count(wrong).unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(history.get("".into(), None, None).unwrap_err().code(), Code::InvalidArgument);
    assert!(server.asked().is_empty());
}

#[cfg(feature = "arrow")]
#[test]
fn pages_become_batches() {
    let server = Server::start(slices(minutes(5)));
    let search = client(&server).history().search(SearchQuery { page_size: Some(2), ..hour() }).unwrap();
    let batches: Vec<_> = search.batches("engagements", false).unwrap().map(Result::unwrap).collect();
    assert_eq!(batches.iter().map(arrow_array::RecordBatch::num_rows).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(batches[0].schema(), lpchat::table_schema("engagements").unwrap());
}

#[cfg(feature = "arrow")]
#[test]
fn a_record_that_cannot_be_read_comes_after_all_batches() {
    let page = json!({ "_metadata": { "count": 3 }, "interactionHistoryRecords": [
        { "info": { "engagementId": "1" } }, { "info": { "duration": "long" } }, { "info": { "engagementId": "2" } }] });
    let server = Server::start(move |_| Answer::json(&page));
    let mut batches = client(&server).history().search(hour()).unwrap().batches("lines", false).unwrap();
    assert_eq!(batches.schema(), lpchat::table_schema("lines").unwrap());
    assert_eq!(batches.next().unwrap().unwrap().num_rows(), 0);
    let error = batches.next().unwrap().unwrap_err().to_string();
    assert!(error.starts_with("A record could not be read: expected a whole number, found \"long\" at $"), "{error}");
    assert!(batches.next().is_none());
}
