//! What a program does with the events of its chats, whoever brings them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// The user of many chats.
#[derive(Default)]
pub struct User {
    events: AtomicU64,
    text_bytes: AtomicU64,
    /// Microseconds from the server's answer to here.
    latencies: Mutex<Vec<u32>>,
}

impl User {
    /// Reads an event; it has to be the one that follows.
    pub fn read(&self, expected: u64, id: &str, text: &str) {
        assert!(id.parse() == Ok(expected), "the events of a chat came as {id} and not as {expected}");
        self.events.fetch_add(1, Ordering::Relaxed);
        self.text_bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
        let sent = text.split(' ').next().and_then(|sent| sent.parse::<u128>().ok());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let late = sent.map_or(0, |sent| now.saturating_sub(sent) / 1000);
        if let Ok(mut latencies) = self.latencies.lock() {
            latencies.push(u32::try_from(late).unwrap_or(u32::MAX));
        }
    }

    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// What all have read, to be compared.
    pub fn check(&self) -> String {
        format!("{}/{}", self.events(), self.text_bytes.load(Ordering::Relaxed))
    }

    /// Forgets the latencies so far.
    pub fn begin(&self) {
        if let Ok(mut latencies) = self.latencies.lock() {
            latencies.clear();
        }
    }

    /// Latencies since the beginning, in seconds.
    pub fn latencies(&self) -> Value {
        let Ok(mut latencies) = self.latencies.lock() else { return Value::Null };
        latencies.sort_unstable();
        let at =
            |share: f64| latencies.get((latencies.len() as f64 * share) as usize).map_or(0.0, |micros| f64::from(*micros) / 1e6);
        json!({ "latency_p50": at(0.5), "latency_p99": at(0.99) })
    }
}
