//! Clock, randomness, files and variables as injectable traits: what tests of time and crashes stand on.

mod files;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::wire::Timestamp;
use files::SystemFiles;
pub(crate) use files::folder_of;
pub use files::{Files, Held, OpenFile};

/// A future that the clock completes.
pub type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Time.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// Time that only grows, from an arbitrary start.
    fn elapsed(&self) -> Duration;

    /// A pause that we take on purpose, before a repeat or between polls.
    fn pause(&self, duration: Duration) -> Waiting;

    /// A limit on something else's time. Virtual clocks let pauses pass at once, and limits only when their time comes.
    fn limit(&self, duration: Duration) -> Waiting;
}

/// Random bits.
pub trait Randomness: Send + Sync {
    /// 64 random bits.
    fn next(&self) -> u64;
}

/// Environment variables.
pub trait Variables: Send + Sync {
    /// The value of a variable that is set and not empty.
    fn get(&self, name: &str) -> Option<String>;
}

/// Name resolution.
pub trait Names: Send + Sync {
    /// The addresses of a host. A port other than 0 replaces the usual one of the scheme.
    fn resolve(&self, host: &str) -> io::Result<Vec<SocketAddr>>;
}

/// Everything the core takes from outside the service.
#[derive(Clone)]
pub struct Environment {
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    pub files: Arc<dyn Files>,
    pub variables: Arc<dyn Variables>,
    /// The operating system's where absent. With it no proxy is used, which would resolve names by itself.
    pub names: Option<Arc<dyn Names>>,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock { start: Instant::now() }),
            randomness: Arc::new(SystemRandomness),
            files: Arc::new(SystemFiles),
            variables: Arc::new(SystemVariables),
            names: None,
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Environment")
    }
}

impl Environment {
    /// A limit on time where there is one; else it never comes.
    pub(crate) fn limit_if(&self, limit: Option<Duration>) -> Waiting {
        limit.map_or_else(|| Box::pin(std::future::pending()) as Waiting, |limit| self.clock.limit(limit))
    }

    /// A number between 0 and 1.
    pub(crate) fn fraction(&self) -> f64 {
        const PRECISION: u32 = 53;
        (self.randomness.next() >> (u64::BITS - PRECISION)) as f64 / (1_u64 << PRECISION) as f64
    }
}

struct SystemClock {
    start: Instant,
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        std::time::SystemTime::now().into()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn pause(&self, duration: Duration) -> Waiting {
        Box::pin(tokio::time::sleep(duration))
    }

    fn limit(&self, duration: Duration) -> Waiting {
        self.pause(duration)
    }
}

struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn next(&self) -> u64 {
        let mut bytes = [0; 8];
        // A failing source of the operating system leaves nothing sensible to do, and no nonce to trust.
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        u64::from_ne_bytes(bytes)
    }
}

struct SystemVariables;

impl Variables for SystemVariables {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}
