//! Which windows a range takes.

use std::collections::VecDeque;

use lpchat_macros::operation;

use super::History;
use super::query::SearchQuery;
use super::retrieve::count_of;
use super::window::{SearchWindow, Window, windows};
use crate::error::Result;
use crate::transport::Context;

/// The windows in which a search of this query would be read: each narrow enough for the service, and with no more records
/// than it hands out. Together they hold the range, and no two share a record, so that they can be searched one by one, on
/// different machines too: give `start`, `end` and `skill_id` of a window to a query of its own.
///
/// Asks the service for its counts. A window of ten minutes that is still too deep is split by `skill_ids` where the query
/// has several; otherwise it stays as it is, and its search finds the skills.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Time" and "Client rules in short".
#[operation(retry = safe)]
async fn plan(history: &History, context: &Context, query: SearchQuery) -> Result<Vec<SearchWindow>> {
    let now = history.core().environment.clock.now();
    let query = query.check_any_range(now)?;
    let mut planned = Vec::new();
    let mut pending: VecDeque<Window> = windows(&query, now).into();
    while let Some(window) = pending.pop_front() {
        let count = count_of(context, &query.within(&window)).await?;
        let mut parts = if count > window.deepest && !query.is_single { window.split(count) } else { Vec::new() };
        if parts.len() == 1 && window.skill.is_none() && query.skill_ids.len() > 1 {
            parts = query.skill_ids.iter().map(|skill| Window { skill: Some(skill.clone()), ..window.clone() }).collect();
        }
        if parts.len() > 1 {
            parts.into_iter().rev().for_each(|part| pending.push_front(part));
        } else {
            planned.push(window.model(Some(count), &query, now));
        }
    }
    Ok(planned)
}
