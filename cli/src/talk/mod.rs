//! What both sides of a chat have in common on the command line.
//!
//! | file | what |
//! | --- | --- |
//! | `conversation` | one live chat: its events, its lines, who types |
//! | `outbox` | lines that wait to be sent, one under way |
//! | `typist` | whether the person at the keys is typing |
//! | `input` | what comes in from the keys or from a pipe |
//! | `view` | how events look |
//! | `content` | structured content as text |
//! | `command` | lines that begin with a slash |

pub mod command;
pub mod content;
pub mod conversation;
pub mod input;
pub mod outbox;
pub mod typist;
pub mod view;

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use lpchat::{CallOptions, ClientOptions};

/// Time between two looks at a chat: the vendor's recommendation, and what suits a machine of one's own.
const POLL: Duration = Duration::from_secs(2);
const POLL_QUIET: Duration = Duration::from_secs(5);
const POLL_SANDBOX: Duration = Duration::from_millis(500);
/// A sandbox answers at once, so that a lost line need not be looked for long.
const LINE_QUIET_TIME_SANDBOX: Duration = Duration::from_secs(2);
/// Time for a call that a person waits for.
const BRIEF: Duration = Duration::from_secs(10);

/// Sets how often chats are looked at.
pub fn set_pace(options: &mut ClientOptions, poll: Option<Duration>) {
    let sandbox = options.sandbox.is_some();
    let (busy, quiet) = match poll {
        Some(poll) => (poll, poll),
        None if sandbox => (POLL_SANDBOX, POLL_SANDBOX),
        None => (POLL, POLL_QUIET),
    };
    (options.poll_interval, options.quiet_poll_interval) = (Some(busy), Some(quiet));
    options.line_quiet_time = sandbox.then_some(LINE_QUIET_TIME_SANDBOX);
}

/// What comes next; nothing where something else is due first.
pub fn next<T>(inbox: &Receiver<T>, due: Option<Instant>) -> Option<T> {
    match due {
        None => inbox.recv().ok(),
        Some(due) => inbox.recv_timeout(due.saturating_duration_since(Instant::now())).ok(),
    }
}

/// One attempt, which a person waits for.
pub fn brief() -> Option<CallOptions> {
    Some(CallOptions { timeout: Some(BRIEF), retries: Some(0), ..CallOptions::default() })
}
