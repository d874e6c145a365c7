//! The stream of a chat's events as users hold it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lpchat_macros::{model, operation};

use super::chat::Live;
use crate::client_core::Core;
use crate::error::{Code, LpchatError, Result};
use crate::transport::Context;
use crate::wire::chat::ChatEvent;

/// The events of a chat, in order: each id once in this process, none left out, over faults of network and service.
///
/// All streams of one chat share one position: an event is given to one of them. The chat is polled from the first call
/// until it is over, the client is closed, or nobody holds the chat or a stream of it any more. Whoever does not read
/// keeps the chat alive all the same: events wait at the service then.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct EventStream {
    live: Arc<Live>,
}

impl EventStream {
    pub(crate) fn new(live: Arc<Live>) -> Self {
        Self { live }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        self.live.core()
    }
}

/// Events that came together.
///
/// A record and not a bare list, so that in every language the end of the stream (no batch) differs from a batch without
/// events (nothing came in time), as it does for pages of a search.
#[model(plain)]
pub struct ChatEventBatch {
    /// The events, in order; empty where nothing came in time.
    pub events: Vec<ChatEvent>,
}

/// A call that hands events over. A cancellation may come while they are on their way, and they come back then: until they
/// were received or given back nobody else is given those behind them.
pub(crate) struct Handover {
    live: Arc<Live>,
    number: u64,
}

impl Drop for Handover {
    fn drop(&mut self) {
        self.live.arrived(self.number);
    }
}

fn handover(stream: &EventStream) -> Arc<Handover> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    Arc::new(Handover { live: Arc::clone(&stream.live), number: CALLS.fetch_add(1, Ordering::Relaxed) })
}

/// Events of one batch where the caller names no number.
const USUAL_BATCH: i32 = 64;
const LARGEST_BATCH: i32 = 1000;

/// Waits for events and gives what is there, or nothing when the stream is over.
///
/// The stream is over when the chat has ended and its last events were given, or when the service no longer knows it.
/// It ends with an error when the chat is presumed lost (`ChatLost`), never existed (`ChatGone`) or is refused. Until then
/// failures do not end it: after three of them comes an event `degraded`, and `recovered` when the service answers again.
///
/// The events of the last batch count as processed when the next call begins; a saved chat goes on behind them.
///
/// * `max`: how many events at most, 1 to 1000; 64 when absent.
/// * `wait`: for how long; the batch is empty where nothing came. For as long as it takes when absent: the client's
///   `timeout` does not apply, only a timeout given with the call.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Polling, keep-alive, timeouts" and "State machine".
#[operation(retry = safe, waits, in_place, takes = handover, gives_back = give_back)]
async fn next_events(
    stream: &EventStream,
    _context: &Context,
    handover: Arc<Handover>,
    max: Option<i32>,
    wait: Option<Duration>,
) -> Result<Option<ChatEventBatch>> {
    let most = max.unwrap_or(USUAL_BATCH);
    if !(1..=LARGEST_BATCH).contains(&most) {
        return Err(LpchatError::argument("max", most, "a batch has 1 to 1000 events"));
    }
    let events = stream.live.next_events(usize::try_from(most).unwrap_or(1), handover.number, wait).await?;
    Ok(events.map(|events| ChatEventBatch { events }))
}

/// Waits for the next event and gives it, or nothing when the stream is over: `next_events` for those who take one at a time.
///
/// Fails with `NothingCame` where `wait` is over first; the stream goes on all the same.
///
/// * `wait`: for how long; for as long as it takes when absent. The client's `timeout` does not apply, only a timeout given
///   with the call.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Polling, keep-alive, timeouts" and "State machine".
#[operation(retry = safe, waits, in_place, takes = handover, gives_back = give_one_back)]
async fn next_event(
    stream: &EventStream,
    _context: &Context,
    handover: Arc<Handover>,
    wait: Option<Duration>,
) -> Result<Option<ChatEvent>> {
    match stream.live.next_events(1, handover.number, wait).await? {
        None => Ok(None),
        Some(events) => match events.into_iter().next() {
            Some(event) => Ok(Some(event)),
            None => Err(LpchatError::new(Code::NothingCame)),
        },
    }
}

fn give_one_back(stream: &EventStream, event: Option<ChatEvent>) {
    stream.live.give_back(event.into_iter().collect());
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl EventStream {
    /// The next event if it is there already; nothing otherwise. It waits for nothing and asks nothing of the service, so that
    /// a burst of events costs whoever takes them one by one a single wait.
    pub fn ready_event(&self) -> Result<Option<ChatEvent>> {
        self.core().open()?;
        Ok(self.live.ready_event())
    }
}

fn give_back(stream: &EventStream, batch: Option<ChatEventBatch>) {
    if let Some(batch) = batch {
        stream.live.give_back(batch.events);
    }
}

impl Iterator for EventStream {
    type Item = Result<ChatEvent>;

    /// Blocks until the next event. Copies of the stream share its position.
    fn next(&mut self) -> Option<Self::Item> {
        match self.ready_event() {
            Ok(None) => self.next_event(None).transpose(),
            outcome => outcome.transpose(),
        }
    }
}
