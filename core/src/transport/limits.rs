//! What keeps a client from hammering the service: concurrency and the quota for repeats, each per service.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Tokens in a full quota.
const FULL: f64 = 50.0;
/// What a repeat after a failure costs, and after throttling, which costs less and waits longer.
const FAILURE_COST: f64 = 5.0;
const THROTTLE_COST: f64 = 1.0;
/// What a success refunds.
const REFUND: f64 = 0.5;

/// Limits of one client.
#[derive(Debug)]
pub(crate) struct Limits {
    history: Arc<Semaphore>,
    tokens: Mutex<HashMap<&'static str, f64>>,
}

impl Limits {
    pub(crate) fn new(history_concurrency: usize) -> Self {
        Self { history: Arc::new(Semaphore::new(history_concurrency)), tokens: Mutex::new(HashMap::new()) }
    }

    /// A place among the history requests in flight.
    pub(crate) async fn history_place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.history).acquire_owned().await.ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_stops_repeats_and_successes_refill_it() {
        let limits = Limits::new(2);
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
