//! Chats that ring: the session polls for them, which also keeps it alive.
//!
//! Sources: `docs/protocol/agent-chat-api.md`, "Incoming chats" and "Timers and polling".

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use lpchat_macros::{model, operation};

use super::AgentSession;
use super::availability::AvailabilityState;
use super::incoming::IncomingRequests;
use super::work::{Work, availability_body};
use crate::config::LONGEST;
use crate::error::{Code, Family, LpchatError, Result};
use crate::live::{Counted, Job, Polled, Verdict};
use crate::registry::Operation;
use crate::transport::{Context, RetryClass, Service};

/// A chat that rings for the agent. Whoever accepts takes the one that rings longest.
#[model(plain)]
pub struct Ring {
    /// How much time is left to accept it, at most: it may have begun to ring before it was seen.
    pub time_left: Duration,
    /// How many chats ring now.
    pub ringing_count: i64,
}

/// A chat rings for so long; then the service sets the agent to `Away`.
const RING_TIME: Duration = Duration::from_secs(20);
/// A session is over when asking for its rings was refused so many times in a row.
const REFUSALS: u32 = 3;
const POLL_LIMIT: Duration = Duration::from_secs(10);

/// What is known of ringing chats. The service tells only how many there are.
#[derive(Debug, Default)]
pub(super) struct Rings {
    /// When each was first seen, the oldest first, and whether it was told.
    seen: VecDeque<(Duration, bool)>,
    polled: bool,
    left: bool,
    refusals: u32,
    failed: Option<LpchatError>,
    ticket: Arc<AtomicU64>,
}

impl Rings {
    fn count(&mut self, ringing: usize, now: Duration) {
        let over = |(since, _): &(Duration, bool)| now.saturating_sub(*since) >= RING_TIME;
        while self.seen.len() > ringing || self.seen.front().is_some_and(over) {
            self.seen.pop_front();
        }
        self.seen.resize(ringing, (now, false));
    }

    /// The oldest that was not told yet.
    fn next(&mut self, now: Duration) -> Option<Ring> {
        let ringing_count = i64::try_from(self.seen.len()).unwrap_or(i64::MAX);
        let (since, told) = self.seen.iter_mut().find(|(since, told)| !told && now.saturating_sub(*since) < RING_TIME)?;
        *told = true;
        Some(Ring { time_left: RING_TIME.saturating_sub(now.saturating_sub(*since)), ringing_count })
    }
}

impl Work {
    /// From now on the session is polled, for as long as it or a chat of it is held.
    pub(super) fn begin(self: &Arc<Self>) -> Result<()> {
        let scheduler = self.core.scheduler()?;
        let mut rings = self.rings();
        rings.left = false;
        if !std::mem::replace(&mut rings.polled, true) {
            drop(rings);
            let polled: Arc<dyn Polled> = Arc::clone(self) as Arc<dyn Polled>;
            scheduler.begin(Arc::downgrade(&polled));
        }
        Ok(())
    }

    fn settle(&self, context: &Context, answer: Result<IncomingRequests>) -> Verdict {
        let now = self.core.environment.clock.elapsed();
        let mut rings = self.rings();
        let mut throttled = None;
        match answer {
            Ok(incoming) => {
                rings.refusals = 0;
                rings.count(usize::try_from(incoming.ringing_count).unwrap_or(0), now);
            }
            Err(error) => {
                let retry_after = error.details().retry_after;
                throttled = (error.code() == Code::Throttled || retry_after.is_some()).then_some(retry_after);
                let passing = error.details().retryable || error.family() == Family::Decode;
                rings.refusals = if passing { 0 } else { rings.refusals + 1 };
                if rings.refusals >= REFUSALS {
                    rings.failed = Some(context.complete(error));
                }
            }
        }
        let over = rings.failed.is_some() || rings.left;
        rings.polled = !over;
        drop(rings);
        Verdict { next: (!over).then_some(self.core.config.polling.busy), throttled }
    }
}

impl Polled for Work {
    fn begin(self: Arc<Self>) -> Option<(Counted, Job)> {
        let request = self.request(reqwest::Method::GET, "/incomingRequests");
        let (core, weak) = (Arc::clone(&self.core), Arc::downgrade(&self));
        let operation = Operation { face: "AgentSession", name: "poll", retry: RetryClass::Safe, waits: false };
        let counted = Counted::new(&core);
        let job = async move {
            let context = Context::unattended(&core, operation, POLL_LIMIT);
            let answer = async { context.send(request?.once()).await?.member("incomingRequests") }.await;
            match weak.upgrade() {
                Some(work) => work.settle(&context, answer),
                None => Verdict { next: None, throttled: None },
            }
        };
        Some((counted, Box::pin(job)))
    }

    fn begun(&self) {}

    fn ring(&self) {
        self.changed.notify_waiters();
    }

    fn service(&self) -> Service {
        Service::Agent
    }

    fn ticket(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.rings().ticket)
    }
}

/// Waits for a chat that rings, each told once; nothing when `wait` is over first.
///
/// The session is polled from the first call on, which keeps it and its login alive, until nobody holds it or a chat of it
/// any more. Fails when the session can neither be asked nor rebuilt.
///
/// * `wait`: for how long; for as long as it takes when absent. The client's `timeout` does not apply.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Ringing — `GET /agentSession/{s}/incomingRequests`".
#[operation(retry = safe, waits, in_place)]
async fn next_ring(session: &AgentSession, _context: &Context, wait: Option<Duration>) -> Result<Option<Ring>> {
    let work = session.work();
    work.begin()?;
    let clock = &session.core().environment.clock;
    let mut limit = session.core().environment.limit_if(wait.map(|wait| wait.min(LONGEST)));
    loop {
        let mut changed = std::pin::pin!(work.changed.notified());
        changed.as_mut().enable();
        {
            let mut rings = work.rings();
            if let Some(error) = rings.failed.take() {
                return Err(error);
            }
            if let Some(ring) = rings.next(clock.elapsed()) {
                return Ok(Some(ring));
            }
        }
        tokio::select! {
            () = changed => {}
            () = &mut limit => return Ok(None),
        }
    }
}

/// Leaves the work: sets the agent to `Away` and polls the session no more. Chats that are still open stay with the agent
/// until the login ends (`Agent.logout`), which gives them back to the queue.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Ending a session".
#[operation(retry = idempotent)]
async fn leave(session: &AgentSession, context: &Context) -> Result<()> {
    session.work().rings().left = true;
    let body = availability_body(&AvailabilityState::Away, None);
    let mut request = session.post("/availability")?.overridden_as_put().json(&body);
    // Not worth a new session, and a session that has ended takes no chats.
    request.renewal = None;
    match context.send(request).await {
        Err(error) if matches!(error.code(), Code::NotFound | Code::SessionExpired) => Ok(()),
        outcome => outcome.map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ring_is_told_once_with_the_time_it_has_left() {
        let at = Duration::from_secs;
        let mut rings = Rings::default();
        assert!(rings.next(at(0)).is_none());
        rings.count(1, at(10));
        assert_eq!(rings.next(at(13)).map(|ring| (ring.time_left, ring.ringing_count)), Some((at(17), 1)));
        assert!(rings.next(at(14)).is_none());
        rings.count(2, at(15));
        assert_eq!(rings.next(at(15)).map(|ring| (ring.time_left, ring.ringing_count)), Some((at(20), 2)));
        // The first is gone; what rings longer than any chat can is another one.
        rings.count(1, at(31));
        assert!(rings.next(at(31)).is_none());
        rings.count(1, at(36));
        assert_eq!(rings.next(at(36)).map(|ring| ring.time_left), Some(at(20)));
        rings.count(0, at(37));
        assert!(rings.next(at(37)).is_none());
    }
}
