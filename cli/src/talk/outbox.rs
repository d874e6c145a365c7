//! Lines of one chat on their way: in order, one at a time, each once.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use lpchat::{Code, Family, LineReceipt, LpchatError};

use crate::failure::{Failure, say_error};
use crate::text::counted;

/// The vendor asks for this much between repeats at least.
const RESEND: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub struct Outbox {
    /// The first is the one under way, where one is.
    lines: VecDeque<String>,
    under_way: bool,
    /// Lines wait until then, because the service asked for a pause.
    not_before: Option<Instant>,
    /// The first error for which a line was not sent, and how many lines were not.
    refused: Option<(Family, i64)>,
}

/// What an answer to a line means for the chat.
#[derive(Debug, PartialEq, Eq)]
pub enum Answered {
    Taken,
    /// It goes out again later.
    Later,
    Refused,
    /// The chat takes no lines any more.
    ChatOver,
}

impl Outbox {
    pub fn push(&mut self, line: String) {
        self.lines.push_back(line);
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The line to send now, if there is one.
    pub fn next(&mut self, now: Instant) -> Option<&str> {
        if self.under_way || self.not_before.is_some_and(|moment| moment > now) {
            return None;
        }
        self.not_before = None;
        let line = self.lines.front()?;
        self.under_way = true;
        Some(line)
    }

    /// When a line may go out that waits for its time.
    pub fn due(&self) -> Option<Instant> {
        self.not_before.filter(|_| !self.under_way && !self.lines.is_empty())
    }

    /// What became of the line under way.
    pub fn answered(&mut self, outcome: &Result<LineReceipt, LpchatError>, now: Instant) -> Answered {
        self.under_way = false;
        let Err(error) = outcome else {
            self.lines.pop_front();
            return Answered::Taken;
        };
        match error.code() {
            Code::ChatEnded | Code::ChatGone => Answered::ChatOver,
            // It has not been taken: it goes out later, and meanwhile the chat can be ended. The agent may have just left.
            Code::NotChatting | Code::ConnectFailed | Code::ConnectTimeout | Code::Throttled => {
                self.not_before = Some(now + error.details().retry_after.unwrap_or(RESEND).max(RESEND));
                Answered::Later
            }
            _ => {
                self.lines.pop_front();
                say_error(error);
                self.refused.get_or_insert((error.family(), 0)).1 += 1;
                Answered::Refused
            }
        }
    }

    /// How many lines did not get through.
    pub fn unsent(&self) -> i64 {
        self.refused.map_or(0, |(_, count)| count) + i64::try_from(self.lines.len()).unwrap_or(i64::MAX)
    }

    /// Lines that did not get through are never passed over in silence.
    pub fn tell(&self) -> Result<(), Failure> {
        let count = self.unsent();
        if count == 0 {
            return Ok(());
        }
        let family = self.refused.map_or(Family::ChatState, |(family, _)| family);
        let hint = if self.refused.is_none() { "The chat ended first." } else { "" };
        Err(Failure::Own { family, message: not_sent(count), hint })
    }
}

pub fn not_sent(count: i64) -> String {
    format!("Not sent, or not for certain: {}.", counted(count, "line"))
}
