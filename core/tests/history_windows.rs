//! Searches over any range, against a server that behaves like the service: it rounds ranges, counts, sorts and pages.

mod server;

use std::sync::Arc;
use std::time::Duration;

use lpchat::{Client, ClientOptions, Code, LpchatError, Search, SearchQuery, Timestamp};
use serde_json::{Value, json};
use server::{Answer, Asked, Server};

/// 2024-06-01T00:00Z.
const START: i64 = 1_717_200_000_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A record by its start and skill; its position is its id.
type Records = Vec<(i64, i64)>;

fn record(id: usize, (start, skill): (i64, i64)) -> Value {
    json!({ "info": {
        "accountId": "70481526", "engagementId": format!("{id:06}"), "engagementSet": 0, "engagementSequence": 0,
        "startTimeL": start, "endTimeL": start + MINUTE, "skillId": skill
    } })
}

/// What the service finds: by range on its grid, by skill and by id, in order.
fn found(records: &Records, asked: &Asked) -> Vec<(usize, (i64, i64))> {
    let bound = |name: &str| asked.body["start"][name].as_i64().unwrap();
    let grid = 10 * MINUTE;
    let (from, to) = (bound("from").div_euclid(grid) * grid, (bound("to") + grid - 1).div_euclid(grid) * grid);
    let id = asked.body["engagementId"].as_str();
    assert!(bound("to") - bound("from") <= 31 * DAY || id.is_some(), "too wide: {}", asked.body);
    let skills = asked.body["skillIds"].as_array().into_iter().flatten();
    let skills: Vec<i64> = skills.map(|id| id.as_str().unwrap().parse().unwrap()).collect();
    let fits = |(number, (start, skill)): &(usize, (i64, i64))| match id {
        Some(id) => format!("{number:06}") == id,
        None => (from..=to).contains(start) && (skills.is_empty() || skills.contains(skill)),
    };
    let mut found: Vec<_> = records.iter().copied().enumerate().filter(fits).collect();
    found.sort_unstable_by_key(|(number, (start, _))| (*start, *number));
    found
}

/// The records of a page, of all that were found.
fn cut(asked: &Asked, found: &[(usize, (i64, i64))]) -> Vec<Value> {
    let page = found.iter().skip(asked.number("offset")).take(asked.number("limit"));
    page.map(|(number, each)| record(*number, *each)).collect()
}

fn answer(count: usize, records: &[Value]) -> Answer {
    Answer::json(&json!({ "_metadata": { "count": count }, "interactionHistoryRecords": records }))
}

fn service(records: Records) -> impl Fn(&Asked) -> Answer + Clone {
    let records = Arc::new(records);
    move |asked| {
        let found = found(&records, asked);
        answer(found.len(), &cut(asked, &found))
    }
}

fn client(server: &Server) -> Client {
    client_with(server, ClientOptions::default())
}

fn client_with(server: &Server, options: ClientOptions) -> Client {
    let options = ClientOptions {
        sandbox: Some(server.configuration().into()),
        bearer: Some("b1".into()),
        domains: [("engHistDomain".to_owned(), server.host())].into_iter().collect(),
        ..options
    };
    Client::with_environment(options, server::without_pauses()).unwrap()
}

fn days(number: i64) -> SearchQuery {
    SearchQuery {
        start: Some(Timestamp::from_millis(START)),
        end: Some(Timestamp::from_millis(START + number * DAY)),
        ..SearchQuery::default()
    }
}

/// Reads on: the ids, and the error at the end.
fn read(search: &Search) -> (Vec<usize>, Option<LpchatError>) {
    let (mut ids, mut failure) = (Vec::new(), None);
    for page in search.pages() {
        match page {
            Ok(page) => ids.extend(page.records.iter().map(|record| record.engagement_id.parse::<usize>().unwrap())),
            Err(error) => failure = Some(error),
        }
    }
    (ids, failure)
}

fn all(search: &Search) -> Vec<usize> {
    let (ids, failure) = read(search);
    assert!(failure.is_none(), "{}", failure.unwrap());
    ids
}

/// A record every six hours.
fn year() -> Records {
    (0..365 * 4).map(|index| (START + index * DAY / 4, index % 5)).collect()
}

#[test]
fn a_year_comes_whole_and_in_order() {
    let server = Server::start(service(year()));
    let search = client(&server).history().search(days(365)).unwrap();
    assert_eq!(all(&search), (0..365 * 4).collect::<Vec<_>>());
    let report = search.report();
    assert!(report.is_complete && report.is_finished && !report.is_limited, "{report}");
    assert_eq!((report.records, report.windows.len(), report.gaps.len()), (365 * 4, 14, 0));
    // Each inner boundary is the start of a record, which both neighbours count and only one gives.
    assert_eq!((report.counted, report.records_outside_range), (365 * 4 + 13, 13));
    assert_eq!(usize::try_from(report.requests).unwrap(), server.asked().len());
    assert_eq!(search.resume_token(), None, "nothing is left");
    assert!(report.summary.starts_with("Complete: 1460 records from 2024-06-01"), "{}", report.summary);
    let json: Value = serde_json::from_str(&search.report_json()).unwrap();
    assert_eq!((json["isComplete"].as_bool(), json["windows"].as_array().map(Vec::len)), (Some(true), Some(14)));
}

#[test]
fn a_first_look_does_not_read_the_whole_range() {
    let server = Server::start(service(year()));
    let client = client(&server);
    let look = client.history().search(SearchQuery { limit: Some(20), ..days(365) }).unwrap();
    assert_eq!(all(&look), (0..20).collect::<Vec<_>>());
    assert_eq!(server.asked().len(), 1);
    assert!(look.report().is_limited && look.report().gaps.is_empty());
    let longer = client.history().search(SearchQuery { limit: Some(150), ..days(365) }).unwrap();
    assert_eq!(all(&longer), (0..150).collect::<Vec<_>>());
}

#[test]
fn several_windows_are_on_their_way_at_once_and_come_in_order() {
    let good = service(year());
    let (under_way, most) = (Arc::new(std::sync::Mutex::new((0, 0))), Arc::new(std::sync::Mutex::new(0)));
    let seen = Arc::clone(&most);
    let server = Server::start(move |asked: &Asked| {
        {
            let mut counts = under_way.lock().unwrap();
            counts.0 += 1;
            let mut most = most.lock().unwrap();
            *most = (*most).max(counts.0);
        }
        std::thread::sleep(Duration::from_millis(20));
        under_way.lock().unwrap().0 -= 1;
        good(asked)
    });
    let options = ClientOptions { history_concurrency: Some(4), ..ClientOptions::default() };
    let search = client_with(&server, options).history().search(days(365)).unwrap();
    assert_eq!(all(&search), (0..365 * 4).collect::<Vec<_>>());
    assert_eq!(*seen.lock().unwrap(), 4);
}

#[test]
fn pages_ahead_are_bounded() {
    let server = Server::start(service(year()));
    let search = client(&server).history().search(SearchQuery { page_size: Some(10), ..days(365) }).unwrap();
    search.next_page().unwrap().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(server.asked().len() <= 4, "{} pages were asked for though one was taken", server.asked().len());
}

#[test]
fn windows_that_are_too_deep_are_cut() {
    // 12,000 records in a day, a fifth of which start in the same minute.
    let records: Records =
        (0..12_000).map(|index| (START + if index % 5 == 0 { 700 * MINUTE } else { index * DAY / 12_000 }, 1)).collect();
    let server = Server::start(service(records));
    let search = client(&server).history().search(days(1)).unwrap();
    let mut ids = all(&search);
    ids.sort_unstable();
    assert_eq!(ids, (0..12_000).collect::<Vec<_>>());
    assert!(search.report().is_complete);
    assert!(server.asked().iter().all(|asked| asked.number("offset") + asked.number("limit") <= 10_000));
}

/// 11,000 records within ten minutes, of three skills.
fn crowded() -> Records {
    (0..11_000).map(|index| (START + index % 600 * 1_000, index % 3)).collect()
}

#[test]
fn ten_crowded_minutes_are_read_skill_by_skill() {
    let server = Server::start(service(crowded()));
    let client = client(&server);
    let ten_minutes = SearchQuery { end: Some(Timestamp::from_millis(START + 10 * MINUTE)), ..days(1) };
    let search = client.history().search(ten_minutes.clone()).unwrap();
    let mut ids = all(&search);
    ids.sort_unstable();
    assert_eq!(ids, (0..11_000).collect::<Vec<_>>());
    assert!(search.report().is_complete, "{}", search.report());
    let known = SearchQuery { skill_ids: ["0", "1", "2"].map(Into::into).to_vec(), ..ten_minutes };
    let plan = client.history().plan(known.clone()).unwrap();
    assert_eq!(plan.iter().map(|window| window.skill_id.as_deref().unwrap()).collect::<Vec<_>>(), ["0", "1", "2"]);
    assert_eq!(all(&client.history().search(known).unwrap()).len(), 11_000);
}

#[test]
fn what_cannot_be_cut_is_a_gap_that_the_report_names() {
    let records: Records = (0..11_000).map(|index| (START + index % 600 * 1_000, 7)).chain([(START + DAY, 7)]).collect();
    let server = Server::start(service(records));
    let search = client(&server).history().search(days(2)).unwrap();
    let (ids, failure) = read(&search);
    assert_eq!((ids.len(), ids.last()), (10_001, Some(&11_000)), "all that can be read comes, also what lies behind");
    let failure = failure.unwrap();
    assert_eq!(failure.code(), Code::IncompleteResult);
    assert!(failure.to_string().contains("11000 records in ten minutes"), "{failure}");
    let gaps = search.report().gaps;
    assert_eq!((gaps.len(), gaps[0].start.as_millis(), gaps[0].end.as_millis()), (1, START, START + 10 * MINUTE));
}

#[test]
fn a_refusal_for_depth_cuts_the_window_there() {
    // This service refuses earlier than most.
    let good = service((0..900).map(|index| (START + index * MINUTE, 1)).collect());
    let server = Server::start(move |asked: &Asked| {
        if asked.number("offset") + asked.number("limit") > 300 {
            return Answer::text(500, r#"{"internalCode": "0007", "debugMessage": "Elastic search exception"}"#);
        }
        good(asked)
    });
    let search = client(&server).history().search(days(1)).unwrap();
    assert_eq!(all(&search), (0..900).collect::<Vec<_>>());
    assert!(search.report().is_complete);
}

#[test]
fn a_gap_ends_in_an_error_after_everything_else_and_a_token_fills_it() {
    // Of one day, one record is counted and not given, until it is mended.
    let broken = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let (good, is_broken) = (service(year()), Arc::clone(&broken));
    let bad_day = START + 30 * DAY;
    let server = Server::start(move |asked: &Asked| {
        if !is_broken.load(std::sync::atomic::Ordering::SeqCst) || asked.body["start"]["from"] != json!(bad_day) {
            return good(asked);
        }
        let mut found = found(&year(), asked);
        let count = found.len();
        found.remove(2);
        answer(count, &cut(asked, &found))
    });
    let client = client(&server);
    let query = SearchQuery { window_days: Some(1), ..days(60) };
    let search = client.history().search(query.clone()).unwrap();
    let (mut ids, failure) = read(&search);
    assert_eq!(ids.len(), 60 * 4 - 1);
    let failure = failure.unwrap();
    assert!(failure.code() == Code::IncompleteResult && failure.to_string().contains("1 of 60 windows"), "{failure}");
    assert_eq!(search.report().gaps[0].start.as_millis(), bad_day);
    let token = search.resume_token().unwrap();

    let (again, failure) = read(&search);
    assert!(again.is_empty() && failure.is_some(), "calling again reads the gap again, and repeats nothing");
    assert_eq!(search.report().gaps.len(), 1);

    broken.store(false, std::sync::atomic::Ordering::SeqCst);
    let resumed = client.history().search(SearchQuery { resume_token: Some(token.clone()), ..query.clone() }).unwrap();
    assert_eq!(all(&resumed), [30 * 4 + 2], "what was missing, and nothing else");
    assert!(resumed.report().is_complete && resumed.resume_token().is_none());
    assert_eq!(all(&search), [30 * 4 + 2], "the same search gets there too");
    ids.push(30 * 4 + 2);
    ids.sort_unstable();
    assert_eq!(ids, (0..60 * 4).collect::<Vec<_>>());

    let lenient = SearchQuery { allow_incomplete: true, ..query };
    assert!(read(&client.history().search(lenient).unwrap()).1.is_none());
}

#[test]
fn a_token_goes_on_after_any_page() {
    let server = Server::start(service(year()));
    let client = client(&server);
    let query = SearchQuery { page_size: Some(7), window_days: Some(5), ..days(40) };
    for taken in [0, 1, 2, 3, 5, 10, 20] {
        let first = client.history().search(query.clone()).unwrap();
        let mut ids = Vec::new();
        for page in first.pages().take(taken) {
            ids.extend(page.unwrap().records.iter().map(|record| record.engagement_id.parse::<usize>().unwrap()));
        }
        let token = first.resume_token().unwrap();
        let rest = SearchQuery { resume_token: Some(token), page_size: Some(50), ..SearchQuery::default() };
        ids.extend(all(&client.history().search(rest).unwrap()));
        assert_eq!(ids, (0..160).collect::<Vec<_>>(), "after {taken} pages");
    }
}

#[test]
fn a_token_fits_its_own_search_only() {
    let server = Server::start(service(year()));
    let client = client(&server);
    let search = client.history().search(days(40)).unwrap();
    let token = search.resume_token().unwrap();
    let refusal = |query: SearchQuery| client.history().search(query).unwrap_err().to_string();
    let with = |token: &str, query| SearchQuery { resume_token: Some(token.into()), ..query };
    assert!(refusal(with(&token, days(41))).contains("another range or other filters"));
    assert!(refusal(with(&token, SearchQuery { skill_ids: vec!["1".into()], ..days(40) })).contains("other filters"));
    assert!(refusal(with(&token[..token.len() - 1], days(40))).contains("damaged"));
    assert!(refusal(with("token", days(40))).contains("no resume token"));
    let by_id = SearchQuery { engagement_id: Some("000001".into()), ..SearchQuery::default() };
    assert_eq!(client.history().search(by_id).unwrap().resume_token(), None);
}

#[test]
fn cut_records_are_read_whole_by_their_id() {
    let good = service(year());
    let lists = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = Arc::clone(&lists);
    let server = Server::start(move |asked: &Asked| {
        if asked.body["engagementId"].is_string() && asked.body["engagementId"] != "000002" {
            return good(asked);
        }
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let found = found(&year(), asked);
        let mut all = cut(asked, &found);
        // Number 1 is cut in lists, number 2 always.
        for record in &mut all {
            if ["000001", "000002"].contains(&record["info"]["engagementId"].as_str().unwrap()) {
                record["info"]["isPartial"] = json!(true);
            }
        }
        answer(found.len(), &all)
    });
    let client = client(&server);
    let search = client.history().search(days(1)).unwrap();
    let page = search.next_page().unwrap().unwrap();
    let cut: Vec<bool> = page.records.iter().map(|record| record.info.is_partial == Some(true)).collect();
    assert_eq!(cut, [false, false, true, false]);
    let failure = search.next_page().unwrap_err();
    assert!(failure.to_string().contains("a record came cut"), "{failure}");
    assert_eq!(search.report().completed_records, 1);
    assert_eq!(lists.load(std::sync::atomic::Ordering::SeqCst), 1 + 4, "the list, and its cut record four times");
}

#[test]
fn counts_and_plans_cover_any_range() {
    let server = Server::start(service(year()));
    let history = client(&server).history();
    assert_eq!(history.count(days(365)).unwrap(), 365 * 4 + 13, "a record at a boundary counts twice");
    let plan = history.plan(days(365)).unwrap();
    assert_eq!((plan.len(), plan[0].start.as_millis(), plan[13].end.as_millis()), (14, START, START + 365 * DAY));
    assert!(plan.windows(2).all(|pair| pair[0].end == pair[1].start) && plan.iter().all(|window| window.is_settled));
    assert_eq!(plan[0].count, Some(28 * 4 + 1));
    let deep = Server::start(service((0..25_000).map(|index| (START + index * DAY / 25_000, 1)).collect()));
    let plan = client(&deep).history().plan(days(1)).unwrap();
    assert!(plan.len() > 2 && plan.iter().all(|window| window.count.unwrap() <= 10_000));
}

#[test]
fn what_cannot_be_put_together_stays_in_one_window() {
    let server = Server::start(service(year()));
    let history = client(&server).history();
    for query in [SearchQuery { sort: vec!["duration:desc".into()], ..days(60) }, SearchQuery { offset: Some(3), ..days(60) }] {
        let error = history.search(query).unwrap_err();
        assert!(error.code() == Code::InvalidArgument && error.to_string().contains("any range works"), "{error}");
    }
    let error = history.retrieve_page(days(60)).unwrap_err();
    assert!(error.to_string().contains("wider than a month"), "{error}");
    assert_eq!(all(&history.search(SearchQuery { offset: Some(3), ..days(20) }).unwrap()), (3..80).collect::<Vec<_>>());
    assert!(server.asked().len() == 1);
}

#[test]
fn a_tail_gives_what_is_new_and_what_was_not_final() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_millis()).unwrap();
    // Ends a minute after its start: 50, 6, 4, 1 hours ago.
    let records: Records = [50, 6, 4, 1].iter().map(|hours| (now - hours * 60 * MINUTE, 1)).collect();
    let server = Server::start(service(records));
    let history = client(&server).history();
    let since = Timestamp::from_millis(now - 3 * 60 * MINUTE);
    let tail = history.tail(since, SearchQuery::default()).unwrap();
    assert_eq!(tail.watermark(), None, "nothing was read yet");
    assert_eq!(all(&tail), [2, 3], "the third was not final three hours ago");
    assert_eq!(tail.report().unchanged_records, 1, "the second was; the first lies before the look-back");
    let watermark = tail.watermark().unwrap();
    assert!((0..5 * MINUTE).contains(&(watermark.as_millis() - now)));
    let wide = SearchQuery {
        look_back: Some(Duration::from_secs(72 * 3600)),
        settle: Some(Duration::from_secs(72 * 3600)),
        ..SearchQuery::default()
    };
    assert_eq!(all(&history.tail(since, wide).unwrap()), [0, 1, 2, 3]);
    assert!(history.tail(since, days(1)).unwrap_err().to_string().contains("`start`"));
    assert!(history.tail(Timestamp::from_millis(now + DAY), SearchQuery::default()).unwrap_err().to_string().contains("future"));
}

#[test]
fn what_is_about_to_be_deleted_is_worth_a_warning() {
    let server = Server::start(service(Vec::new()));
    let history = client(&server).history();
    let now = Timestamp::from(std::time::SystemTime::now());
    let year_and_more =
        SearchQuery { start: Some(now.minus(Duration::from_secs(394 * 24 * 3600))), end: Some(now), ..SearchQuery::default() };
    let report = history.search(year_and_more).unwrap().report();
    assert!(report.warnings.len() == 1 && report.warnings[0].contains("within a week"), "{report}");
    let recent = SearchQuery { start: Some(now.minus(Duration::from_secs(24 * 3600))), end: Some(now), ..SearchQuery::default() };
    assert!(history.search(recent).unwrap().report().warnings.is_empty());
    let ever = SearchQuery { start: Some(Timestamp::from_millis(0)), end: Some(now), ..SearchQuery::default() };
    let refused = history.search(ever).unwrap_err();
    assert!(refused.to_string().contains("30 years"), "{refused}");
}

#[test]
fn a_clock_that_is_wrong_hides_no_record() {
    let now = Timestamp::from(std::time::SystemTime::now()).as_millis();
    let records: Records = [-500, -1, 3, 100].iter().map(|days| (now + days * DAY, 1)).collect();
    let server = Server::start(service(records));
    let query = SearchQuery {
        start: Some(Timestamp::from_millis(now - 510 * DAY)),
        end: Some(Timestamp::from_millis(now + 101 * DAY)),
        ..SearchQuery::default()
    };
    assert_eq!(all(&client(&server).history().search(query).unwrap()), [0, 1, 2, 3]);
}
