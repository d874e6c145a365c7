//! What a client's options say about live chats.

use std::time::Duration;

use super::ChatsOnClose;
use crate::config::{ClientOptions, LONGEST, checked_pause, option, positive};
use crate::error::Result;

/// How live chats are polled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Polling {
    pub(crate) busy: Duration,
    pub(crate) quiet: Duration,
    pub(crate) concurrency: usize,
    pub(crate) line_quiet_time: Duration,
    /// The first pause of all chats of a service when it throttles.
    pub(crate) throttle: Duration,
}

/// Shorter intervals are no polling but an attack.
const SHORTEST_POLL: Duration = Duration::from_millis(10);

impl Polling {
    pub(crate) fn from_options(options: &ClientOptions) -> Result<Self> {
        let busy = options.poll_interval.unwrap_or(Duration::from_secs(2));
        let quiet = options.quiet_poll_interval.unwrap_or(Duration::from_secs(5).max(busy));
        if busy < SHORTEST_POLL || busy > LONGEST {
            return Err(option("poll_interval", busy, "from 10 ms to 7 days; the vendor names 2 s as the least"));
        }
        if quiet < busy || quiet > LONGEST {
            return Err(option("quiet_poll_interval", quiet, "at least `poll_interval` and at most 7 days"));
        }
        let pause = |name, value: Option<Duration>, default| {
            value.map_or(Ok(Duration::from_secs(default)), |value| checked_pause(name, value))
        };
        Ok(Self {
            busy,
            quiet,
            concurrency: positive("poll_concurrency", options.poll_concurrency.map(i64::from), 40, 10_000)?,
            line_quiet_time: pause("line_quiet_time", options.line_quiet_time, 10)?,
            throttle: pause("throttle_pause", options.throttle_pause, 1)?,
        })
    }
}

impl ChatsOnClose {
    pub(crate) fn from_options(options: &ClientOptions) -> Result<Self> {
        match &options.chats_on_close {
            None => Ok(Self::Save),
            Some(Self::Other { text }) => Err(option("chats_on_close", text.as_str(), "`save` or `end`")),
            Some(choice) => Ok(choice.clone()),
        }
    }
}
