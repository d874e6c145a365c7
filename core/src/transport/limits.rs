//! What keeps a client from hammering the service: concurrency and the quota for repeats, each per service.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

/// Tokens in a full quota.
const FULL: f64 = 50.0;
/// What a repeat after a failure costs, and after throttling, which costs less and waits longer.
const FAILURE_COST: f64 = 5.0;
const THROTTLE_COST: f64 = 1.0;
/// What a success refunds.
const REFUND: f64 = 0.5;

/// So many requests about chats go at once beside the polls, as a share of those: with the usual 40 it makes 64
/// connections at most, also where thousands send a line at the same time.
const BESIDE_POLLS: (usize, usize) = (3, 5);

/// Limits of one client.
#[derive(Debug)]
pub(crate) struct Limits {
    history: Arc<Gate>,
    /// Places for requests about chats beside the polls.
    chats: Semaphore,
    tokens: Mutex<HashMap<&'static str, f64>>,
}

impl Limits {
    pub(crate) fn new(history_concurrency: usize, poll_concurrency: usize) -> Self {
        let chats = Semaphore::new((poll_concurrency * BESIDE_POLLS.0).div_ceil(BESIDE_POLLS.1));
        Self { history: Arc::new(Gate::new(history_concurrency)), chats, tokens: Mutex::new(HashMap::new()) }
    }

    /// A place among the requests about chats in flight. Polls have places of their own, which their scheduler gives.
    pub(crate) async fn chat_place(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.chats.acquire().await.ok()
    }

    /// A place among the history requests in flight.
    pub(crate) async fn history_place(&self) -> Place {
        self.history.enter().await
    }

    /// The history service has answered a request, or throttled it: fewer requests go at once, and after a while of
    /// peace one more.
    pub(crate) fn adapt_history(&self, throttled: bool) {
        self.history.adapt(throttled);
    }

    /// Takes the price of a repeat; false where the quota of `service` is used up. First attempts are always free.
    pub(crate) fn pay(&self, service: &'static str, throttled: bool) -> bool {
        let price = if throttled { THROTTLE_COST } else { FAILURE_COST };
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let left = tokens.entry(service).or_insert(FULL);
        let paid = *left >= price;
        if paid {
            *left -= price;
        }
        paid
    }

    /// A success refunds a little.
    pub(crate) fn refund(&self, service: &'static str) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let left = tokens.entry(service).or_insert(FULL);
        *left = (*left + REFUND).min(FULL);
    }
}

/// So many answers in a row let one request more go at once.
const PEACE: usize = 20;

/// Admits requests: at most so many at once, half of it after each throttling, slowly more again.
#[derive(Debug)]
struct Gate {
    most: usize,
    state: Mutex<Admission>,
    changed: Notify,
}

#[derive(Debug)]
struct Admission {
    allowed: usize,
    inside: usize,
    /// Answers since the last throttling or growth.
    answers: usize,
}

impl Gate {
    fn new(most: usize) -> Self {
        Self { most, state: Mutex::new(Admission { allowed: most, inside: 0, answers: 0 }), changed: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Admission> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_enter(&self) -> bool {
        let mut state = self.lock();
        let enters = state.inside < state.allowed;
        state.inside += usize::from(enters);
        enters
    }

    async fn enter(self: &Arc<Self>) -> Place {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // Registered before looking, so that no change is missed in between.
            changed.as_mut().enable();
            if self.try_enter() {
                return Place(Arc::clone(self));
            }
            changed.await;
        }
    }

    fn adapt(&self, throttled: bool) {
        let mut state = self.lock();
        if throttled {
            state.allowed = (state.allowed / 2).max(1);
            state.answers = 0;
            return;
        }
        state.answers += 1;
        if state.allowed < self.most && state.answers >= PEACE {
            state.allowed += 1;
            state.answers = 0;
            drop(state);
            self.changed.notify_waiters();
        }
    }
}

/// A request's place behind the gate; leaving it lets the next one in.
#[derive(Debug)]
pub(crate) struct Place(Arc<Gate>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.lock().inside -= 1;
        self.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttling_halves_what_goes_at_once_and_peace_restores_it() {
        let gate = Arc::new(Gate::new(8));
        let allowed = || gate.lock().allowed;
        for expected in [4, 2, 1, 1] {
            gate.adapt(true);
            assert_eq!(allowed(), expected);
        }
        for _ in 0..PEACE - 1 {
            gate.adapt(false);
        }
        assert_eq!(allowed(), 1, "slowly");
        for _ in 0..20 * PEACE {
            gate.adapt(false);
        }
        assert_eq!(allowed(), 8, "and no further than the option says");
    }

    #[tokio::test]
    async fn whoever_finds_the_gate_full_waits_for_a_place() {
        let gate = Arc::new(Gate::new(2));
        let (first, _second) = (gate.enter().await, gate.enter().await);
        let mut third = Box::pin(gate.enter());
        tokio::select! {
            biased;
            _ = &mut third => panic!("the gate is full"),
            () = tokio::task::yield_now() => {}
        }
        drop(first);
        drop(third.await);
    }

    #[test]
    fn the_quota_stops_repeats_and_successes_refill_it() {
        let limits = Limits::new(2, 40);
        let repeats = (0..100).filter(|_| limits.pay("engHistDomain", false)).count();
        assert_eq!(repeats, 10);
        assert!(!limits.pay("engHistDomain", false));
        assert!(limits.pay("agentVep", false), "each service has its own");
        for _ in 0..10 {
            limits.refund("engHistDomain");
        }
        assert!(limits.pay("engHistDomain", false));
    }
}
