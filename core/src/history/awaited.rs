//! Waiting for the engagement of a chat that has ended.

use std::time::Duration;

use lpchat_macros::operation;

use super::History;
use super::model::Engagement;
use crate::config::LONGEST;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::{Text, Timestamp};

/// A record is asked for again after this time at first; the pause grows up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(120);
const GROWTH: f64 = 1.5;
/// So long after the end of a chat its record may still be added to.
const SETTLING: Duration = Duration::from_secs(2 * 3600);

/// Waits until engagement history holds the records of this engagement; none where `wait` is over first. Nearly all chats are
/// there five minutes after their end.
///
/// What is added later (surveys, attributes, predictions) is complete two hours after the end: with `settled` the call
/// waits for that too. Passing failures of the service do not end the waiting.
///
/// * `engagement_id`: the id, which `engagement_id` of the chat gives.
/// * `wait`: for how long; for as long as it takes when absent. The client's `timeout` does not apply.
/// * `settled`: wait until the records are complete. Not when absent.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Time range".
#[operation(retry = safe, waits)]
async fn await_engagement(
    history: &History,
    context: &Context,
    engagement_id: Text,
    wait: Option<Duration>,
    settled: Option<bool>,
) -> Result<Vec<Engagement>> {
    if engagement_id.is_empty() {
        return Err(LpchatError::argument("engagement_id", "", "an engagement has an id, which its chat gives"));
    }
    let clock = &history.core().environment.clock;
    let wait = wait.unwrap_or(LONGEST).min(LONGEST);
    let mut pause = FIRST_PAUSE;
    loop {
        let found = history.get_async(engagement_id.clone(), None, None, None).await;
        let left = wait.saturating_sub(context.elapsed());
        let due = match &found {
            Ok(records) if records.is_empty() => pause,
            Ok(records) if settled == Some(true) => unsettled_for(records, clock.now()),
            Ok(_) => return found,
            Err(error) if error.details().retryable => pause,
            Err(_) => return found,
        };
        if due.is_zero() {
            return found;
        }
        if left.is_zero() {
            // Records that are not complete yet are not what was asked for.
            return found.map(|_| Vec::new());
        }
        clock.limit(due.min(left)).await;
        pause = pause.mul_f64(GROWTH).min(LONGEST_PAUSE);
    }
}

/// How long it takes until the youngest of these is complete.
fn unsettled_for(records: &[Engagement], now: Timestamp) -> Duration {
    let left = |record: &Engagement| {
        let age = now.as_millis().saturating_sub(record.end_time?.as_millis());
        Some(SETTLING.saturating_sub(Duration::from_millis(u64::try_from(age).unwrap_or(0))))
    };
    records.iter().filter_map(left).max().unwrap_or(Duration::ZERO)
}
