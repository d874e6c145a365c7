//! Asking for pages, counts and single engagements.

use std::sync::Arc;
use std::time::Duration;

use lpchat_macros::operation;

use super::filter::Checked;
use super::model::Engagement;
use super::page::SearchPage;
use super::progress::{Pending, Progress};
use super::query::SearchQuery;
use super::redaction::{Redaction, redacted};
use super::resume::Token;
use super::window::windows;
use super::{History, Search};
use crate::call::on_blocking_pool;
use crate::error::{Code, LpchatError, Result};
use crate::observe::{LogLevel, log};
use crate::transport::links::segment;
use crate::transport::{Access, Answer, Context, Request, Service};
use crate::wire::{Text, Timestamp};

/// Larger answers are decoded on the blocking pool, so that the worker stays free for other calls.
const LARGE_ANSWER: usize = 256 << 10;
const NO_CONTENT: u16 = 204;
const BAD_REQUEST: i32 = 400;
/// Half of the range that is searched round a chat's known start: together less than any reading of "one month".
const HALF_A_MONTH: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Asks for one page. Links are never followed: they name foreign hosts and lack the filters.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Endpoint" and "Query parameters".
pub(super) async fn fetch(context: &Context, query: &Checked, offset: i64, limit: i64) -> Result<SearchPage> {
    let config = &context.core.config;
    let account = segment(config.account()?);
    let path = format!("/interaction_history/api/account/{account}/interactions/search");
    let request = Request::post(Service::History, path)
        .query("offset", offset.to_string())
        .query("limit", limit.to_string())
        .query("sort", &query.sort)
        .query("source", query.source.as_deref().unwrap_or(&config.source))
        .json(&query.body)
        .with(Access::History);
    let redaction = query.redact.clone();
    let answer = context.send(request).await.map_err(|error| match redaction {
        Some(_) => without_words(error),
        None => error,
    })?;
    let page = if answer.received.status == NO_CONTENT {
        SearchPage::without_body()
    } else if answer.received.body.as_str().len() > LARGE_ANSWER {
        on_blocking_pool(move || decode(answer, redaction.as_ref())).await??
    } else {
        decode(answer, redaction.as_ref())?
    };
    Ok(page.asked(offset, limit))
}

fn decode(answer: Answer, redaction: Option<&Redaction>) -> Result<SearchPage> {
    match redaction {
        Some(redaction) => answer.rewritten(|answer| redacted(redaction, answer))?.document(),
        None => answer.document(),
    }
}

/// A broken answer may hold anything, so that none of it is quoted. What the service refuses, it refuses by its code.
fn without_words(error: LpchatError) -> LpchatError {
    error.with(|details| details.service_message = None)
}

/// Refuses a page that the service answered from a part of its data, unless the caller wants it.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Three degrees of incompleteness".
pub(super) fn refuse_partial(page: &SearchPage, query: &Checked) -> Result<()> {
    if !page.is_partial_result || query.allow_incomplete {
        return Ok(());
    }
    let parts = match (page.failed_shards, page.total_shards) {
        (Some(failed), Some(total)) => format!(" ({failed} of {total} parts failed)"),
        _ => String::new(),
    };
    Err(incomplete(format!(
        "The service answered from a part of its data{parts}: the page at offset {} and its count are incomplete.",
        page.offset
    )))
}

/// The error of a result that is known to be incomplete.
pub(super) fn incomplete(message: String) -> LpchatError {
    LpchatError::new(Code::PartialResult)
        .with_message(message)
        .with_hint("Repeat the call later, or set `allow_incomplete` to take what there is.")
}

/// One page of a search, as the service sends it: records up to ten minutes outside the range, repeated records and
/// `is_partial_result` are left to the caller. `search` takes care of all three.
///
/// The page begins at the query's `offset`; the smaller of `page_size` and `limit` is its size.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Response envelope and paging".
#[operation(retry = safe)]
async fn retrieve_page(history: &History, context: &Context, query: SearchQuery) -> Result<SearchPage> {
    let query = query.check(history.core().environment.clock.now())?;
    let size = query.limit.map_or(query.page_size, |limit| limit.min(query.page_size));
    fetch(context, &query, query.offset, size).await
}

/// How many records match, as the service counts: it rounds the range to ten minutes, so that records just outside are
/// counted too; and where the range takes several windows, a record that starts at the very millisecond of a boundary between
/// two is counted in both. `offset` and `limit` of the query play no part.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Response envelope and paging".
#[operation(retry = safe)]
async fn count(history: &History, context: &Context, query: SearchQuery) -> Result<i64> {
    let query = query.check_any_range(history.core().environment.clock.now())?;
    count_windows(context, &query).await
}

/// The sum of the counts of a query's windows.
pub(super) async fn count_windows(context: &Context, query: &Checked) -> Result<i64> {
    let mut total = 0;
    for window in windows(query, query.made) {
        total += count_of(context, &query.within(&window)).await?;
    }
    Ok(total)
}

pub(super) async fn count_of(context: &Context, query: &Checked) -> Result<i64> {
    let page = fetch(context, query, 0, 1).await?;
    refuse_partial(&page, query)?;
    match page.count {
        Some(count) => Ok(count),
        // An answer without a body stands for an empty result.
        None if page.is_without_body() => Ok(0),
        None => Err(LpchatError::new(Code::UnexpectedShape)
            .with_message("The answer does not say how many records there are: the member `_metadata.count` is missing.")),
    }
}

/// The engagement of this id, whole, however long ago it was: none, one, or several records, one for each segment of a
/// chat that was transferred, in the order they began.
///
/// `around` is about when the chat started, where it is known. It is used only if the service refuses to look through
/// all of its 13 months, on which its documentation contradicts itself. `redact` takes visitors and what people wrote out of
/// the records, as a search does.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Look-up by id".
#[operation(retry = safe)]
async fn get(
    history: &History,
    context: &Context,
    engagement_id: Text,
    around: Option<Timestamp>,
    redact: Option<Redaction>,
) -> Result<Vec<Engagement>> {
    let now = history.core().environment.clock.now();
    let query = SearchQuery { engagement_id: Some(engagement_id), redact, ..SearchQuery::default() };
    let refused = match all(context, &query.check(now)?).await {
        Err(error) if error.details().http_status == Some(BAD_REQUEST) => error,
        outcome => return outcome,
    };
    let Some(around) = around else {
        return Err(refused.with_hint(
            "The service may refuse to look through 13 months: hand in `around`, about when the chat started, to look there only.",
        ));
    };
    let narrow = SearchQuery { start: Some(around.minus(HALF_A_MONTH)), end: Some(around.plus(HALF_A_MONTH)), ..query };
    all(context, &narrow.check(now)?).await
}

/// Every record of a search that has few.
pub(super) async fn all(context: &Context, query: &Checked) -> Result<Vec<Engagement>> {
    let mut records = Vec::new();
    let mut offset = 0;
    loop {
        let page = fetch(context, query, offset, query.page_size).await?;
        refuse_partial(&page, query)?;
        page.refuse_failures()?;
        offset += page.len();
        let goes_on = page.has_next && page.len() > 0;
        records.extend(page.records);
        if !goes_on {
            return Ok(records);
        }
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl History {
    /// A search, to be read page by page, over a range of any length. Checks the query and asks nothing of the service yet.
    ///
    /// Source: `docs/protocol/engagement-history-api.md`, "Body: the filter object".
    pub fn search(&self, query: SearchQuery) -> Result<Search> {
        let token = query.resume_token.as_deref().map(Token::read).transpose()?;
        let mut query = query;
        if let Some((start, end)) = token.as_ref().map(Token::range) {
            query.start.get_or_insert(start);
            query.end.get_or_insert(end);
        }
        self.begin(query.check_any_range(self.core().environment.clock.now())?, token)
    }
}

impl History {
    pub(super) fn begin(&self, query: Checked, token: Option<Token>) -> Result<Search> {
        let config = &self.core().config;
        let pending = match token {
            Some(token) => token.pending(config.account()?, &query, query.made)?,
            None => windows(&query, query.made).into_iter().map(Pending::fresh).collect(),
        };
        for warning in &query.warnings {
            log(LogLevel::Warning, || warning.clone());
        }
        let query = Arc::new(query);
        let progress = Progress::new(&query, config.history_concurrency, &config.history_reread_pauses, pending);
        Ok(Search::new(self.core(), query, progress))
    }
}
