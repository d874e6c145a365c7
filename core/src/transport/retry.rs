//! Whether, and after which pause, an attempt is repeated.
//!
//! Sources: `docs/protocol/retry-and-limits.md`, "Vendor recommendation by status" and "Suggested client defaults".

use std::time::Duration;

use crate::config::{ClientOptions, checked_pause};
use crate::error::{Code, LpchatError, Result};

/// Whether an operation may be repeated. Every operation declares one; see `docs/protocol/retry-and-limits.md`, "Which
/// visitor operations may be repeated blindly".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetryClass {
    /// Changes nothing: repeated after any passing failure.
    Safe,
    /// Sets a state: repeating it does no harm.
    Idempotent,
    /// Does something each time: repeated only when it provably never left, or was answered 429.
    Effect,
}

impl RetryClass {
    /// Its name in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Idempotent => "idempotent",
            Self::Effect => "effect",
        }
    }
}

/// The pauses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RetryTable {
    server_error: Vec<Duration>,
    throttle: Duration,
    login_throttle: Duration,
}

/// Jitter on every computed pause, as a share of it.
const JITTER: f64 = 0.2;
/// A throttled call is repeated this often at most.
const MOST_THROTTLE_REPEATS: usize = 5;
const LONGEST_THROTTLE_PAUSE: Duration = Duration::from_secs(30);
/// The longest `Retry-After` that is obeyed; a longer one ends the call with the error.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// Why an attempt failed, as far as repeating goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing was sent.
    NeverLeft,
    /// Sent, then no usable answer.
    Lost,
    /// The service failed: 5xx.
    Server,
    /// The service said that it does not serve this request now.
    Throttled,
    /// Anything that repeating does not mend.
    Final,
}

/// What is known about the failed attempts so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct History {
    /// Repeats after failures.
    pub(crate) repeats: usize,
    /// Repeats after throttling.
    pub(crate) throttles: usize,
}

impl RetryTable {
    pub(crate) fn from_options(options: &ClientOptions) -> Result<Self> {
        let vendor = [5, 10, 15].map(Duration::from_secs).to_vec();
        let server_error = if options.server_error_pauses.is_empty() { vendor } else { options.server_error_pauses.clone() };
        if server_error.len() > 20 {
            return Err(LpchatError::new(Code::InvalidOption).with_message(format!(
                "The option `server_error_pauses` has {} pauses: at most 20 repeats are allowed.",
                server_error.len()
            )));
        }
        for pause in &server_error {
            checked_pause("server_error_pauses", *pause)?;
        }
        let throttle = options.throttle_pause.map(|pause| checked_pause("throttle_pause", pause)).transpose()?;
        Ok(Self {
            server_error,
            throttle: throttle.unwrap_or(Duration::from_secs(1)),
            login_throttle: throttle.unwrap_or(Duration::from_secs(5)),
        })
    }

    /// The pause before the next attempt; `None` ends the call. `fraction` is a random number between 0 and 1.
    pub(crate) fn pause(
        &self,
        class: RetryClass,
        failure: Failure,
        login: bool,
        history: History,
        retry_after: Option<Duration>,
        fraction: f64,
    ) -> Option<Duration> {
        let computed = match failure {
            Failure::Final => return None,
            Failure::Throttled if history.throttles >= MOST_THROTTLE_REPEATS => return None,
            Failure::Throttled => {
                let first = if login { self.login_throttle } else { self.throttle };
                let doubled = first.saturating_mul(1 << history.throttles);
                // Never less than the vendor's minimum: jitter only lengthens.
                doubled.min(LONGEST_THROTTLE_PAUSE.max(first)).mul_f64(1.0 + JITTER * fraction)
            }
            Failure::Lost | Failure::Server if class == RetryClass::Effect => return None,
            Failure::NeverLeft | Failure::Lost | Failure::Server => {
                self.server_error.get(history.repeats)?.mul_f64(1.0 + JITTER * (2.0 * fraction - 1.0))
            }
        };
        match retry_after {
            Some(asked) if asked > LONGEST_RETRY_AFTER => None,
            Some(asked) => Some(computed.max(asked)),
            None => Some(computed),
        }
    }
}

/// Reads `Retry-After`: seconds, or an HTTP date relative to `now_millis`.
pub(crate) fn retry_after(header: &str, now_millis: i64) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are still a wish to wait long.
        return Some(Duration::from_secs(header.parse().unwrap_or(u64::MAX)));
    }
    let date = jiff::fmt::rfc2822::parse(header).ok()?;
    let millis = date.timestamp().as_millisecond().saturating_sub(now_millis);
    Some(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> RetryTable {
        RetryTable::from_options(&ClientOptions::default()).unwrap()
    }

    fn pauses(class: RetryClass, failure: Failure, login: bool) -> Vec<f64> {
        let (table, mut history, mut pauses) = (table(), History::default(), Vec::new());
        while let Some(pause) = table.pause(class, failure, login, history, None, 0.5) {
            pauses.push((pause.as_secs_f64() * 10.0).round() / 10.0);
            match failure {
                Failure::Throttled => history.throttles += 1,
                _ => history.repeats += 1,
            }
        }
        pauses
    }

    #[test]
    fn the_vendors_table() {
        assert_eq!(pauses(RetryClass::Safe, Failure::Server, false), [5.0, 10.0, 15.0]);
        assert_eq!(pauses(RetryClass::Idempotent, Failure::Lost, false), [5.0, 10.0, 15.0]);
        assert_eq!(pauses(RetryClass::Safe, Failure::Throttled, false), [1.1, 2.2, 4.4, 8.8, 17.6]);
        assert_eq!(pauses(RetryClass::Safe, Failure::Throttled, true), [5.5, 11.0, 22.0, 33.0, 33.0]);
        assert!(pauses(RetryClass::Safe, Failure::Final, false).is_empty());
    }

    #[test]
    fn an_effect_is_repeated_only_when_it_never_left_or_was_throttled() {
        assert!(pauses(RetryClass::Effect, Failure::Lost, false).is_empty());
        assert!(pauses(RetryClass::Effect, Failure::Server, false).is_empty());
        assert_eq!(pauses(RetryClass::Effect, Failure::NeverLeft, false).len(), 3);
        assert_eq!(pauses(RetryClass::Effect, Failure::Throttled, false).len(), 5);
    }

    #[test]
    fn retry_after_raises_the_pause_up_to_a_cap() {
        let pause = |seconds| {
            table().pause(
                RetryClass::Safe,
                Failure::Throttled,
                false,
                History::default(),
                Some(Duration::from_secs(seconds)),
                0.0,
            )
        };
        assert_eq!(pause(0), Some(Duration::from_secs(1)));
        assert_eq!(pause(7), Some(Duration::from_secs(7)));
        assert_eq!(pause(86_400), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after("3", 0), Some(Duration::from_secs(3)));
        assert_eq!(retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 20_000), Some(Duration::from_secs(40)));
        assert_eq!(retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 90_000), Some(Duration::ZERO));
        assert_eq!(retry_after("99999999999999999999999", 0), Some(Duration::from_secs(u64::MAX)));
        for garbage in ["soon", "", "-1", "1.5", "Thu, 99 Foo 1970 00:01:00 GMT"] {
            assert_eq!(retry_after(garbage, 0), None, "{garbage:?}");
        }
    }

    #[test]
    fn jitter_spreads_failures_both_ways_and_throttles_upwards_only() {
        let at = |failure, fraction| {
            table().pause(RetryClass::Safe, failure, false, History::default(), None, fraction).unwrap().as_secs_f64()
        };
        assert!((at(Failure::Server, 0.0) - 4.0).abs() < 1e-9 && (at(Failure::Server, 1.0) - 6.0).abs() < 1e-9);
        assert!((at(Failure::Throttled, 0.0) - 1.0).abs() < 1e-9 && (at(Failure::Throttled, 1.0) - 1.2).abs() < 1e-9);
    }
}
