//! One value that many calls want and one of them fetches.

use std::fmt;
use std::sync::PoisonError;

use tokio::sync::{Mutex, MutexGuard};

use crate::error::{LpchatError, Result};

/// The value, and the lock that is held while fetching it.
///
/// Whoever waited while another call fetched in vain fails with that call's error: a refused login is not tried again by
/// each of fifty calls, which is what gets an account blocked.
pub(crate) struct SingleFlight<T> {
    kept: Mutex<Option<T>>,
    last: std::sync::Mutex<Last>,
}

#[derive(Default)]
struct Last {
    /// How many times the value has been fetched or sought in vain.
    ended: u64,
    failure: Option<LpchatError>,
}

/// What is kept are credentials, and errors that may still quote them.
impl<T> fmt::Debug for SingleFlight<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SingleFlight(…)")
    }
}

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self { kept: Mutex::new(None), last: std::sync::Mutex::default() }
    }
}

impl<T> SingleFlight<T> {
    fn last(&self) -> std::sync::MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn to look at the value and to fetch it; fails where a fetch failed meanwhile.
    pub(crate) async fn enter(&self) -> Result<MutexGuard<'_, Option<T>>> {
        let arrived = self.last().ended;
        let kept = self.kept.lock().await;
        let last = self.last();
        match &last.failure {
            Some(error) if last.ended > arrived && kept.is_none() => Err(error.clone()),
            _ => Ok(kept),
        }
    }

    /// Notes how a fetch ended, for those who wait.
    pub(crate) fn note<V>(&self, outcome: &Result<V>) {
        let mut last = self.last();
        last.ended += 1;
        last.failure = outcome.as_ref().err().cloned();
    }

    /// The value as it stands, for taking or forgetting it.
    pub(crate) async fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.kept.lock().await
    }
}
