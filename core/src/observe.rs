//! What the outside may watch: log records and metrics.
//!
//! Rust programs see `tracing` events. Bindings switch a queue on and drain it on the caller's own thread, so that
//! foreign code never runs on the engine's worker. Nothing secret or personal is in either: operations, statuses,
//! service codes, request ids, sizes and times, never bodies, headers, query strings or texts.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use lpchat_macros::model;

use crate::engine::PerProcess;

/// How important a log record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum LogLevel {
    /// Every attempt.
    Debug = 1,
    /// Calls that were slow or repeated, and what expires.
    Info = 2,
    /// A lost connection, a throttle, a credential about to end.
    Warning = 3,
    /// A mistake of lpchat.
    Error = 4,
}

/// One log record.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRecord {
    /// How important it is.
    pub level: LogLevel,
    /// A sentence.
    pub message: String,
}

/// Records that nobody has drained yet; the oldest go first when there are more.
const QUEUED_RECORDS: usize = 1000;
const OFF: u8 = u8::MAX;

static LEVEL: AtomicU8 = AtomicU8::new(OFF);
static QUEUE: PerProcess<Mutex<VecDeque<LogRecord>>> = PerProcess::root();

/// Queues records of `level` and above for [`drain_log`]; `None` switches the queue off, as it is at first.
pub fn queue_log(level: Option<LogLevel>) {
    LEVEL.store(level.map_or(OFF, |level| level as u8), Ordering::Relaxed);
}

/// The records queued since the last call, oldest first.
pub fn drain_log() -> Vec<LogRecord> {
    match QUEUE.get() {
        Some(queue) => queue.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect(),
        None => Vec::new(),
    }
}

pub(crate) fn log(level: LogLevel, message: impl Fn() -> String) {
    match level {
        LogLevel::Debug => tracing::debug!(target: "lpchat", "{}", message()),
        LogLevel::Info => tracing::info!(target: "lpchat", "{}", message()),
        LogLevel::Warning => tracing::warn!(target: "lpchat", "{}", message()),
        LogLevel::Error => tracing::error!(target: "lpchat", "{}", message()),
    }
    if level as u8 >= LEVEL.load(Ordering::Relaxed) {
        let queue = QUEUE.get_or_init(Mutex::default);
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.len() == QUEUED_RECORDS {
            queue.pop_front();
        }
        queue.push_back(LogRecord { level, message: message() });
    }
}

/// Counters of a client since it was made.
#[model(plain)]
pub struct Metrics {
    /// Calls in flight now.
    pub in_flight: i64,
    /// Calls that have ended.
    pub calls: i64,
    /// Requests sent, repeats included.
    pub requests: i64,
    /// Requests that were repeats.
    pub retries: i64,
    /// Answers that throttled us: 429, and 302 of the history service.
    pub throttles: i64,
    /// Bytes of answers, after decompression.
    pub bytes_received: i64,
    /// Chats that are being polled.
    pub live_chats: i64,
    /// Polls that have ended.
    pub polls: i64,
    /// Polls in flight now.
    pub polls_in_flight: i64,
}

/// The counters behind [`Metrics`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) in_flight: AtomicI64,
    /// Those in flight that wait for somebody else: closing does not wait for them.
    pub(crate) waiting: AtomicI64,
    /// Those in flight whose end only whoever waits for them can bring about.
    pub(crate) in_place: AtomicI64,
    pub(crate) calls: AtomicI64,
    pub(crate) requests: AtomicI64,
    pub(crate) retries: AtomicI64,
    pub(crate) throttles: AtomicI64,
    pub(crate) bytes_received: AtomicI64,
    pub(crate) live_chats: AtomicI64,
    pub(crate) polls: AtomicI64,
    pub(crate) polls_in_flight: AtomicI64,
}

impl Counters {
    pub(crate) fn snapshot(&self) -> Metrics {
        let read = |counter: &AtomicI64| counter.load(Ordering::Relaxed);
        Metrics {
            in_flight: read(&self.in_flight),
            calls: read(&self.calls),
            requests: read(&self.requests),
            retries: read(&self.retries),
            throttles: read(&self.throttles),
            bytes_received: read(&self.bytes_received),
            live_chats: read(&self.live_chats),
            polls: read(&self.polls),
            polls_in_flight: read(&self.polls_in_flight),
        }
    }
}

/// Adds to a counter.
pub(crate) fn count(counter: &AtomicI64, by: i64) {
    counter.fetch_add(by, Ordering::Relaxed);
}
