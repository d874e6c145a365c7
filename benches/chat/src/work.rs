//! The ways of polling and sending that are measured, for any client.

use std::future::Future;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::measure::{Span, status_kib};
use crate::user::User;

/// Asks the server for what it has seen, so that it begins to count anew.
fn ask_stats() -> std::io::Result<usize> {
    let line: Value = serde_json::from_str(&std::env::var("SANDBOX_LINE").unwrap_or_default())?;
    let host = line["domain_origin"].as_str().unwrap_or("").trim_start_matches("http://");
    let mut stream = TcpStream::connect(host)?;
    stream.write_all(b"GET /stats HTTP/1.1\r\n\r\n")?;
    stream.read(&mut [0; 1024])
}

/// The text of a line.
pub fn line(number: u64) -> String {
    format!("Line {number} of a chat.")
}

/// How many requests go at once.
pub const PLACES: usize = 48;

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub enum Work {
    /// Every chat is polled as fast as it goes, until so many events of each were read.
    Saturated { chats: u64, events: u64 },
    /// So many lines are sent in each chat, the next one when the service has told which event the last one became.
    Sends { chats: u64, lines: u64 },
    /// Every chat is polled in this interval; so long is measured.
    Paced { chats: u64, time: Duration, interval: Duration },
}

impl Work {
    pub fn chats(&self) -> u64 {
        match self {
            Self::Saturated { chats, .. } | Self::Sends { chats, .. } | Self::Paced { chats, .. } => *chats,
        }
    }

    /// From the start of one poll to the start of the next; the shortest that lpchat allows where all are to be as fast as can be.
    pub fn interval(&self) -> Duration {
        match self {
            Self::Saturated { .. } => Duration::from_millis(10),
            // So seldom that the polls beside the lines count for nothing.
            Self::Sends { .. } => Duration::from_secs(60),
            Self::Paced { interval, .. } => *interval,
        }
    }

    /// How many events of a chat are read, or lines sent.
    pub fn events(&self) -> u64 {
        match self {
            Self::Saturated { events, .. } => *events,
            Self::Sends { lines, .. } => *lines,
            Self::Paced { .. } => u64::MAX,
        }
    }

    /// Does the work with what follows one chat, and reports.
    pub async fn run<F: Future<Output = ()> + Send + 'static>(self, user: Arc<User>, follow: impl Fn(u64) -> F) {
        match self {
            Self::Saturated { chats, .. } | Self::Sends { chats, .. } => {
                let span = Span::begin();
                let tasks: Vec<_> = (0..chats).map(|number| tokio::spawn(follow(number))).collect();
                for task in tasks {
                    task.await.expect("a chat that is read to its end");
                }
                span.report(user.events(), &user.check(), json!({}));
            }
            Self::Paced { chats, time, interval } => {
                let before = status_kib("VmRSS");
                for number in 0..chats {
                    tokio::spawn(follow(number));
                }
                // Until all polls are spread and steady.
                tokio::time::sleep(interval.mul_f64(1.5).max(Duration::from_secs(1))).await;
                let grown = status_kib("VmRSS").saturating_sub(before);
                let _ = ask_stats();
                user.begin();
                let (span, read) = (Span::begin(), user.events());
                tokio::time::sleep(time).await;
                let mut more = user.latencies();
                more["bytes_a_chat"] = Value::from(grown * 1024 / chats);
                span.report((user.events() - read).max(1), "paced", more);
            }
        }
    }
}
