//! A search with `redact` hands out no visitor: not in models, raw JSON, failures, tables, reports or errors.

mod server;

use lpchat::{Client, ClientOptions, Redaction, SearchPage, SearchQuery, Timestamp};
use server::{Answer, Server};

fn client(server: &Server) -> Client {
    let options = ClientOptions {
        sandbox: Some(server.configuration().into()),
        bearer: Some("b1".into()),
        domains: [("engHistDomain".to_owned(), server.host())].into_iter().collect(),
        ..ClientOptions::default()
    };
    Client::with_environment(options, server::without_pauses()).unwrap()
}

fn query(redact: Redaction) -> SearchQuery {
    let start = Timestamp::from_millis(1_717_200_000_000);
    let end = Timestamp::from_millis(1_719_200_000_000);
    SearchQuery { start: Some(start), end: Some(end), redact: Some(redact), ..SearchQuery::default() }
}

fn hashing() -> Redaction {
    Redaction { hash_key: Some("0123456789abcdef".into()), keep_texts: false }
}

const PAGE: &str = include_str!("../../tests/fixtures/history/search-2018-dialect-page-response.json");
/// Texts of the page that name a visitor, or that somebody wrote.
const SECRETS: [&str; 5] = ["Tilde", "quill.mail@", "Ansel", "203.0.113.", "speed,tone"];

fn page(redact: Redaction) -> SearchPage {
    let server = Server::start(|_| Answer::text(200, PAGE));
    client(&server).history().retrieve_page(query(redact)).unwrap()
}

#[test]
fn the_texts_looked_for_are_in_the_page() {
    let found = SECRETS.iter().filter(|secret| PAGE.contains(**secret)).count();
    assert_eq!(found, SECRETS.len());
}

#[test]
fn nothing_of_a_visitor_is_handed_out() {
    for redaction in [Redaction::default(), hashing()] {
        let page = page(redaction);
        assert_eq!(page.records.len(), 6);
        let mut shown = format!("{page:?} {}", page.raw.as_str());
        for record in &page.records {
            shown.push_str(record.raw.as_str());
            record.sdes.iter().for_each(|event| shown.push_str(event.raw.as_str()));
        }
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{secret}");
        }
    }
}

#[cfg(feature = "arrow")]
#[test]
fn tables_hold_digests_and_counts_and_nothing_else_of_visitors() {
    let page = page(hashing());
    for name in lpchat::table_names() {
        let batch = lpchat::table_of_records(name, &page.records, true).unwrap();
        let shown = format!("{batch:?}");
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{secret} in {name}");
        }
    }
    let lines = lpchat::table_of_records("lines", &page.records, false).unwrap();
    assert!(lines.num_rows() > 10 && lines.column_by_name("text").unwrap().null_count() == lines.num_rows());
}

#[test]
fn an_engagement_that_is_looked_up_by_its_id_is_redacted_too() {
    let server = Server::start(|_| Answer::text(200, PAGE));
    let get = |redact| client(&server).history().get("704815264295031549".into(), None, redact);
    let (whole, redacted) = (get(None).unwrap(), get(Some(hashing())).unwrap());
    assert_eq!((whole.len(), redacted.len()), (6, 6));
    let shown = |records: &[lpchat::Engagement]| -> String {
        records.iter().map(|record| format!("{record:?} {}", record.raw.as_str())).collect()
    };
    for secret in SECRETS {
        assert!(shown(&whole).contains(secret) && !shown(&redacted).contains(secret), "{secret}");
    }
    let visitor = |records: &[lpchat::Engagement]| records[0].info.visitor_id.clone().unwrap();
    assert_eq!(visitor(&redacted).len(), 64, "a digest: {}", visitor(&redacted));
    let short = get(Some(Redaction { hash_key: Some("hunter2".into()), keep_texts: false })).unwrap_err().to_string();
    assert!(short.contains("`redact.hash_key`") && !short.contains("hunter2"), "{short}");
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn errors_quote_nothing() {
    let server = Server::start(|_| Answer::text(400, r#"{"debugMessage": "cannot index Tilde"}"#));
    let error = client(&server).history().retrieve_page(query(hashing())).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Tilde"), "{error:?}");
    assert_eq!(error.details().http_status, Some(400));
    let server = Server::start(|_| Answer::text(200, r#"{"interactionHistoryRecords": [{"info": {"visitorName": "Tilde"#));
    let error = client(&server).history().retrieve_page(query(hashing())).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Tilde"), "{error:?}");
    assert_eq!(error.code(), lpchat::Code::NotJson);
}

#[test]
fn a_key_that_is_too_short_is_refused_before_anything_is_sent() {
    let server = Server::start(|_| Answer::text(200, PAGE));
    let redact = Redaction { hash_key: Some("hunter2".into()), keep_texts: false };
    let error = client(&server).history().search(query(redact)).unwrap_err().to_string();
    assert!(error.contains("`redact.hash_key`") && !error.contains("hunter2"), "{error}");
    assert!(server.asked().is_empty());
}
