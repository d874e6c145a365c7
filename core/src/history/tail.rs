//! What is new or changed.

use super::filter::LOOK_BACK;
use super::query::SearchQuery;
use super::{History, Search};
use crate::error::{LpchatError, Result};
use crate::wire::Timestamp;

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl History {
    /// One pass over what is new or changed since the instant `since`: every record that appeared after it, or whose data
    /// was not final then. Write each over the record of the same key, if there is one. The search's `watermark`, there
    /// once everything was read, is the `since` of the next pass. Asks nothing of the service yet.
    ///
    /// The service selects by start and shows a chat only after its end, and its attributes up to two hours later. So the
    /// pass reads from `look_back` (24 hours) before `since`, and hands out what ended after `settle` (2 hours) before it.
    /// A chat that lasts longer than `look_back` less `settle` may be missed: raise it where there are such. The query has
    /// no `start` and `end` of its own.
    ///
    /// Source: `docs/protocol/engagement-history-api.md`, "Time".
    pub fn tail(&self, since: Timestamp, query: SearchQuery) -> Result<Search> {
        let own = [("start", query.start.is_some()), ("end", query.end.is_some())];
        let given = own.into_iter().chain([("resume_token", query.resume_token.is_some()), ("limit", query.limit.is_some())]);
        if let Some((name, _)) = given.into_iter().find(|(_, given)| *given) {
            return Err(LpchatError::argument(name, "…", "a pass over what is new has its own: leave it out"));
        }
        let now = self.core().environment.clock.now();
        if since > now {
            return Err(LpchatError::argument("since", since.to_string(), "it lies in the future"));
        }
        let look_back = query.look_back.unwrap_or(LOOK_BACK);
        let query = SearchQuery { start: Some(since.minus(look_back)), end: Some(now), ..query };
        let mut checked = query.check_any_range(now)?;
        if checked.is_single {
            return Err(LpchatError::argument("sort", "…", "a pass over what is new takes neither ids, nor `sort` or `offset`"));
        }
        checked.changed_since = Some(since);
        self.begin(checked, None)
    }
}
