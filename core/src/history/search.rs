//! A search, read page by page.

use std::sync::{Arc, Mutex as StateMutex, MutexGuard, PoisonError};

use lpchat_macros::operation;
use tokio::sync::Mutex;

use super::filter::Checked;
use super::page::SearchPage;
use super::progress::{Progress, Step, Wanted};
use super::read::{Fetched, read};
use super::report::HistoryReport;
use super::retrieve::count_windows;
use crate::call::Call;
use crate::client_core::Core;
use crate::error::{LpchatError, Result};
use crate::transport::{Context, start_part};
use crate::wire::{Presenter, Text, Timestamp};

/// A search under way. Copies share their progress.
///
/// Records are those that start within `start` (included) and `end` (not included), each once, although the service
/// rounds the range to ten minutes and shifts its pages when records arrive meanwhile. The range may be of any length:
/// it is read in windows that the service accepts, several pages at once, and handed out in order.
///
/// What is read is checked window by window against the service's own count. Where that does not come right after reading
/// again, the search goes on with the other windows and ends with an error, or, with `allow_incomplete`, with a report
/// that says so: nothing is ever missing silently.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Search {
    core: Arc<Core>,
    query: Arc<Checked>,
    state: Arc<StateMutex<Progress>>,
    /// Held while a page is asked for, so that concurrent calls get one page each.
    ahead: Arc<Mutex<Ahead>>,
}

/// Pages that are on their way before they are asked for.
#[derive(Debug, Default)]
struct Ahead {
    jobs: Vec<(Wanted, Call<Fetched>)>,
    pid: u32,
}

impl Search {
    pub(super) fn new(core: &Arc<Core>, query: Arc<Checked>, progress: Progress) -> Self {
        Self {
            core: Arc::clone(core),
            query,
            state: Arc::new(StateMutex::new(progress)),
            ahead: Arc::new(Mutex::new(Ahead::default())),
        }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    fn state(&self) -> MutexGuard<'_, Progress> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The instant from which records are still to come; nothing, where none are.
    pub(super) fn more_from(&self) -> Option<Timestamp> {
        self.state().more_from()
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

    async fn advance(&self, context: &Context, ahead: &mut Ahead) -> Result<Option<SearchPage>> {
        let clock = &self.core.environment.clock;
        if let Some(page) = self.state().take_given_back() {
            return Ok(Some(page));
        }
        self.state().begin(clock.elapsed());
        loop {
            let step = self.state().step();
            match step {
                Step::End(None) => return Ok(None),
                Step::End(Some(error)) => return Err(*error),
                Step::Pause(pause) => clock.pause(pause).await,
                Step::Read(wanted) => {
                    let page = self.read(context, ahead, wanted).await?;
                    if page.is_some() {
                        return Ok(page);
                    }
                }
            }
        }
    }

    /// Takes the first of the pages wanted and begins to read the others; nothing, where nothing of the page is left.
    async fn read(&self, context: &Context, ahead: &mut Ahead, mut wanted: Vec<Wanted>) -> Result<Option<SearchPage>> {
        ahead.adjust(&wanted, |wanted| {
            let (query, wanted) = (Arc::clone(&self.query), wanted.clone());
            start_part(context, move |part| async move { read(&part, &query, &wanted.window, wanted.offset, wanted.size).await })
        });
        let first = wanted.swap_remove(0);
        let outcome = ahead.take(&first).await;
        let elapsed = self.core.environment.clock.elapsed();
        match outcome {
            Ok(fetched) => {
                context.add_attempts(i32::try_from(fetched.requests).unwrap_or(i32::MAX));
                Ok(self.state().take(fetched, elapsed))
            }
            Err(error) => {
                context.add_attempts(error.details().attempts);
                if is_too_deep(&error) && self.state().cut_at(&first) {
                    return Ok(None);
                }
                Err(error)
            }
        }
    }
}

/// The service's search engine refuses pages that lie too deep in a result.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Status codes, errors, throttling".
fn is_too_deep(error: &LpchatError) -> bool {
    error.details().service_code.as_deref() == Some("0007")
}

impl Ahead {
    /// Lets go of what is no longer wanted and begins what is.
    fn adjust(&mut self, wanted: &[Wanted], begin: impl Fn(&Wanted) -> Call<Fetched>) {
        // A forked child has inherited calls that run in its parent only.
        if self.pid != std::process::id() {
            self.jobs.clear();
            self.pid = std::process::id();
        }
        self.jobs.retain(|(job, _)| wanted.contains(job));
        for wanted in wanted {
            if !self.jobs.iter().any(|(job, _)| job == wanted) {
                self.jobs.push((wanted.clone(), begin(wanted)));
            }
        }
    }

    async fn take(&mut self, wanted: &Wanted) -> Result<Fetched> {
        let position = self.jobs.iter().position(|(job, _)| job == wanted).expect("what is wanted was begun");
        self.jobs.swap_remove(position).1.await
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl Search {
    /// What was read so far, and what could not be. Once the search has ended, it says whether anything is missing.
    pub fn report(&self) -> HistoryReport {
        self.state().report()
    }

    /// The report as JSON text, to be stored beside the data; times and durations are milliseconds.
    pub fn report_json(&self) -> Text {
        Text::from(Presenter::of(&self.report()).0)
    }

    /// A text with which a later search of the same account goes on where this one stands: hand it in as `resume_token`.
    /// It names what is still to be read, gaps included, and holds neither credentials nor anything a visitor wrote.
    /// Absent where nothing is left to read, and where the search cannot be resumed: by id, with `sort` or `offset`, and
    /// of `tail`.
    pub fn resume_token(&self) -> Option<Text> {
        let account = self.core.config.account_id.as_deref().unwrap_or_default();
        self.state().resume_token(account).map(Text::from)
    }

    /// The same as of before the last page: for whoever has not done with all of that page's records.
    pub fn resume_token_before_page(&self) -> Option<Text> {
        let account = self.core.config.account_id.as_deref().unwrap_or_default();
        self.state().resume_token_before_page(account).map(Text::from)
    }

    /// Of `tail`: the instant to hand in as `since` the next time. Absent until everything was read.
    pub fn watermark(&self) -> Option<Timestamp> {
        self.state().watermark()
    }
}

/// The next page, or nothing when the search is at its end. After an error the same page is asked for again by the next
/// call; nothing that earlier calls gave is lost. Concurrent calls wait for one another.
///
/// Records that start outside the range, and records that an earlier page had, are taken out; the page tells how many.
/// Records that cannot be read stand in its `failures`. A page of which nothing is left is passed over. Pages that follow
/// are read ahead meanwhile, within the limits of the client.
///
/// Unless the query allows incomplete results, the search ends with an error of the family `Incomplete` where records are
/// missing, after everything that could be read was handed out. Calling again then reads the gaps once more.
///
/// A call that is cancelled loses nothing: the next one goes on where it was, and `resume_token` says the same.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Response envelope and paging" and "Client rules in short".
#[operation(retry = safe, gives_back = give_back)]
async fn next_page(search: &Search, context: &Context) -> Result<Option<SearchPage>> {
    let mut ahead = search.ahead.lock().await;
    // A call that is cancelled, or fails, lets go of what was read ahead.
    let mut taken = std::mem::take(&mut *ahead);
    let page = search.advance(context, &mut taken).await?;
    *ahead = taken;
    Ok(page)
}

fn give_back(search: &Search, page: Option<SearchPage>) {
    if let Some(page) = page {
        search.state().give_back(page);
    }
}

/// How many records the service counts for this search, at this moment, `offset` and `limit` left aside. It rounds the
/// range to ten minutes, so that records just outside are counted too; and where the range takes several windows, a record
/// that starts at the very millisecond of a boundary between two is counted in both. The search itself has neither.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Response envelope and paging".
#[operation(retry = safe)]
async fn count(search: &Search, context: &Context) -> Result<i64> {
    count_windows(context, &search.query).await
}
