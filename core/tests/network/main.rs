//! Transport, credentials, configuration and calls in flight, over real HTTP and in virtual time.

mod auth;
mod calls;
mod close;
mod config;
mod credentials;
mod domains;
mod headers;
mod hostile;
mod oauth;
mod retries;
mod timeouts;
mod tls;
mod trust;

#[path = "../support/mod.rs"]
mod support;

use lpchat::{SearchQuery, Timestamp};
use support::Reply;

/// A query that asks for one page.
fn query() -> SearchQuery {
    let start = Timestamp::from_millis(support::clock::START_MILLIS - 3_600_000);
    SearchQuery { start: Some(start), end: Some(Timestamp::from_millis(support::clock::START_MILLIS)), ..SearchQuery::default() }
}

/// A page without records.
fn empty_page() -> Reply {
    Reply::text(200, r#"{"_metadata":{"count":0},"interactionHistoryRecords":[]}"#)
}
