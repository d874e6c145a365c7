//! Reading one page whole: again where the service answered from a part of its data, and its cut records one by one.

use super::filter::Checked;
use super::fingerprint::of_record;
use super::model::Engagement;
use super::page::SearchPage;
use super::retrieve::{all, fetch};
use super::window::Window;
use crate::error::Result;
use crate::transport::Context;

/// A page, and what it took to get it.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) page: SearchPage,
    /// Records that were cut each time.
    pub(super) cut_records: i64,
    /// Records that came cut and were then read whole.
    pub(super) completed_records: i64,
    pub(super) rereads: i64,
    pub(super) requests: i64,
    pub(super) throttles: i64,
}

/// Reads a page of a window.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Three degrees of incompleteness".
pub(super) async fn read(context: &Context, query: &Checked, window: &Window, offset: i64, size: i64) -> Result<Fetched> {
    let within = query.within(window);
    let mut rereads = 0;
    let mut page = fetch(context, &within, offset, size).await?;
    for pause in &context.core.config.history_reread_pauses {
        if !page.is_partial_result {
            break;
        }
        context.core.environment.clock.pause(*pause).await;
        rereads += 1;
        page = fetch(context, &within, offset, size).await?;
    }
    let (mut cut_records, mut completed_records) = (0, 0);
    for record in page.records.iter_mut().filter(|record| record.info.is_partial == Some(true)) {
        match whole(context, query, record, &mut rereads).await? {
            Some(complete) => {
                *record = complete;
                completed_records += 1;
            }
            None => cut_records += 1,
        }
    }
    let (requests, throttles) = context.spent();
    Ok(Fetched { page, cut_records, completed_records, rereads, requests, throttles })
}

/// The whole of a record that came cut, by its id.
async fn whole(context: &Context, query: &Checked, cut: &Engagement, rereads: &mut i64) -> Result<Option<Engagement>> {
    if cut.engagement_id.is_empty() {
        return Ok(None);
    }
    let by_id = query.by_id(&cut.engagement_id);
    let print = of_record(cut);
    let pauses = &context.core.config.history_reread_pauses;
    for pause in std::iter::once(None).chain(pauses.iter().map(Some)) {
        if let Some(pause) = pause {
            context.core.environment.clock.pause(*pause).await;
        }
        *rereads += 1;
        let found = all(context, &by_id).await?;
        let found = found.into_iter().find(|record| of_record(record) == print && record.info.is_partial != Some(true));
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
