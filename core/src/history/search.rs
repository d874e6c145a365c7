//! A search, read page by page.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use lpchat_macros::operation;
use tokio::sync::Mutex;

use super::filter::Checked;
use super::model::Engagement;
use super::page::SearchPage;
use super::retrieve::{count_of, fetch, incomplete, refuse_partial};
use crate::client_core::Core;
use crate::error::Result;
use crate::transport::Context;

/// A search under way. Copies share their progress.
///
/// Records are those that start within `start` (included) and `end` (not included), each once, although the service
/// rounds the range to ten minutes and shifts its pages when records arrive meanwhile.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Search {
    core: Arc<Core>,
    query: Arc<Checked>,
    /// Held while a page is asked for, so that concurrent calls get one page each.
    progress: Arc<Mutex<Progress>>,
}

#[derive(Debug)]
struct Progress {
    /// Where the next page begins.
    offset: i64,
    /// How many records were handed out, unreadable ones included.
    delivered: i64,
    /// The newest count that the service has given.
    count: Option<i64>,
    ended: bool,
    /// Fingerprints of the records handed out; their texts would keep every page in memory.
    seen: HashSet<u128>,
}

impl Search {
    pub(super) fn new(core: &Arc<Core>, query: Checked) -> Self {
        let offset = query.offset;
        let progress = Progress { offset, delivered: 0, count: None, ended: false, seen: HashSet::new() };
        Self { core: Arc::clone(core), query: Arc::new(query), progress: Arc::new(Mutex::new(progress)) }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// The remaining pages, one after the other; ends after an error.
    pub fn pages(&self) -> impl Iterator<Item = Result<SearchPage>> {
        let search = self.clone();
        let mut failed = false;
        std::iter::from_fn(move || {
            let page = if failed { None } else { search.next_page().transpose() };
            failed = matches!(page, Some(Err(_)));
            page
        })
    }
}

/// The next page, or nothing when the search is at its end. After an error the same page is asked for again by the next
/// call; nothing that earlier calls gave is lost. Concurrent calls wait for one another.
///
/// Records that start outside the range, and records that an earlier page had, are taken out; the page tells how many.
/// Records that cannot be read stand in its `failures`. A page of which nothing is left is passed over. Unless the
/// query allows incomplete results, an answer from a part of the service's data is an error.
///
/// A call that is cancelled in the instant its page arrives may have moved on: begin a new search after cancelling.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Response envelope and paging" and "Client rules in short".
#[operation(retry = safe)]
async fn next_page(search: &Search, context: &Context) -> Result<Option<SearchPage>> {
    let query = &*search.query;
    let mut progress = search.progress.lock().await;
    while let Some(size) = progress.next_size(query) {
        let mut page = fetch(context, query, progress.offset, size).await?;
        refuse_partial(&page, query)?;
        progress.take(&mut page, query)?;
        if !page.records.is_empty() || !page.failures.is_empty() || page.is_partial_result {
            return Ok(Some(page));
        }
    }
    Ok(None)
}

/// How many records the service counts for this search, at this moment: it rounds the range to ten minutes, so that
/// records just outside are counted too, and leaves `offset` and `limit` aside.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Response envelope and paging".
#[operation(retry = safe)]
async fn count(search: &Search, context: &Context) -> Result<i64> {
    count_of(context, &search.query).await
}

impl Progress {
    /// How many records to ask for next; `None` at the end.
    fn next_size(&self, query: &Checked) -> Option<i64> {
        let left = query.limit.map_or(i64::MAX, |limit| limit - self.delivered);
        (!self.ended && left > 0).then(|| left.min(query.page_size))
    }

    /// Takes a page: moves on, and takes out of the page what does not belong there.
    fn take(&mut self, page: &mut SearchPage, query: &Checked) -> Result<()> {
        let received = page.len();
        let count = page.count.or(self.count);
        if received == 0
            && let Some(count) = count.filter(|count| self.offset < *count)
        {
            if !query.allow_incomplete {
                return Err(incomplete(format!(
                    "The service counts {count} records and gives none at offset {}: the result is incomplete.",
                    self.offset
                )));
            }
            page.is_partial_result = true;
        }
        self.count = count;
        self.offset += received;
        // The newest count decides; a link to a next page outweighs it, an empty page outweighs both.
        self.ended = received == 0 || (count.is_some_and(|count| self.offset >= count) && !page.has_next);
        self.filter(page, query);
        self.cut(page, query);
        Ok(())
    }

    fn filter(&mut self, page: &mut SearchPage, query: &Checked) {
        let before = page.records.len();
        page.records.retain(|record| within(record, query));
        page.records_outside_range = difference(before, page.records.len());
        let before = page.records.len();
        page.records.retain(|record| fingerprint(record).is_none_or(|print| self.seen.insert(print)));
        page.repeated_records = difference(before, page.records.len());
    }

    /// Cuts what goes beyond the caller's limit, where the service gave more than it was asked for.
    fn cut(&mut self, page: &mut SearchPage, query: &Checked) {
        let left = query.limit.map_or(i64::MAX, |limit| limit - self.delivered);
        page.records.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        self.delivered += difference(page.records.len() + page.failures.len(), 0);
    }
}

/// Whether a record starts in the range, which is closed at its start and open at its end. A record without a start
/// stays: only the service can know.
fn within(record: &Engagement, query: &Checked) -> bool {
    let Some(time) = record.start_time else { return true };
    query.start.is_none_or(|start| time >= start) && query.end.is_none_or(|end| time < end)
}

fn difference(more: usize, less: usize) -> i64 {
    i64::try_from(more - less).unwrap_or(i64::MAX)
}

/// A fingerprint of the record's key; none where it has no id to be known by.
///
/// Source of the key: `docs/protocol/engagement-history-api.md`, "`info`".
fn fingerprint(record: &Engagement) -> Option<u128> {
    let id = Some(&record.engagement_id).filter(|id| !id.is_empty())?;
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, &record.account_id, id, record.info.engagement_set, record.info.engagement_sequence).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    Some(half(0) << 64 | half(1))
}
