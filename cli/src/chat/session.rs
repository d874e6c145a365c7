//! One chat from its start to its end.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use lpchat::{CallOptions, ChatState, Code, Family, LpchatError, VisitorChat};

use super::input::Input;
use super::view::View;
use crate::failure::{Failure, say_error};
use crate::interrupt::farewell;
use crate::notice::say;
use crate::text::counted;

/// Time for one look at the chat, or for sending a line.
const LOOK: Duration = Duration::from_secs(10);
/// The vendor asks for this much between repeats at least.
const RESEND: Duration = Duration::from_secs(1);
/// The service gives a chat up after 40 seconds without a request; after twice that it is lost for certain.
const LOST: Duration = Duration::from_secs(80);

/// How the chat is held.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    pub poll: Duration,
    pub quiet: Duration,
    pub agent_timeout: Option<Duration>,
    /// A person types: the end of the input is the end of the chat.
    pub live: bool,
}

pub struct Session<'a> {
    chat: &'a VisitorChat,
    view: View<'a>,
    manners: Manners,
    input: Receiver<Input>,
    /// Lines that wait for an agent.
    queue: VecDeque<String>,
    input_ended: bool,
    cursor: Option<i64>,
    state: ChatState,
    /// When the state began.
    state_since: Instant,
    /// When a line was sent or came in.
    last_line: Instant,
    last_success: Instant,
    /// The last look failed; nothing is sent until one succeeds.
    unreachable: bool,
    /// Lines wait until then, because the service asked for a pause.
    send_after: Instant,
    /// The first error for which a line was not sent, and how many lines were not.
    refused: Option<(Family, i64)>,
}

impl<'a> Session<'a> {
    pub fn new(chat: &'a VisitorChat, view: View<'a>, manners: Manners, input: Receiver<Input>) -> Self {
        let now = Instant::now();
        Self {
            chat,
            view,
            manners,
            input,
            queue: VecDeque::new(),
            input_ended: false,
            cursor: None,
            state: ChatState::Waiting,
            state_since: now,
            last_line: now,
            last_success: now,
            unreachable: false,
            send_after: now,
            refused: None,
        }
    }

    /// Holds the chat until either side ends it.
    pub fn run(mut self) -> Result<(), Failure> {
        let outcome = self.hold();
        let (_, unsent) = self.unsent();
        if outcome.is_err() && unsent > 0 {
            say(&format!("warning: {}", not_sent(unsent)));
        }
        outcome.and_then(|()| self.tell())
    }

    fn hold(&mut self) -> Result<(), Failure> {
        loop {
            self.look()?;
            if self.state == ChatState::Chatting && !self.unreachable && self.send_after <= Instant::now() {
                self.send_queued();
            }
            if self.state == ChatState::Ended {
                return Ok(());
            }
            if self.is_done() {
                return self.end();
            }
            self.refuse_to_wait_for_ever()?;
            self.wait();
        }
    }

    /// Shows what is new.
    fn look(&mut self) -> Result<(), Failure> {
        let events = match self.chat.retrieve_events_with(self.cursor, once()) {
            Ok(events) => events,
            Err(error) if error.code() == Code::ChatGone => {
                self.enter(ChatState::Ended);
                return Ok(());
            }
            Err(error) if error.details().retryable && self.last_success.elapsed() < LOST => {
                if !self.unreachable {
                    say(&format!("warning: the chat cannot be reached, trying on: {}", error.code().name()));
                }
                self.unreachable = true;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if self.unreachable {
            say("The chat can be reached again.");
        }
        self.unreachable = false;
        self.last_success = Instant::now();
        self.cursor = Some(events.next_id);
        for event in &events.events {
            self.view.show(event)?;
            if let Some(state) = &event.state {
                self.enter(state.clone());
            }
            if event.text.is_some() {
                self.last_line = Instant::now();
            }
        }
        Ok(())
    }

    fn enter(&mut self, state: ChatState) {
        if self.state != state {
            self.state = state;
            self.state_since = Instant::now();
        }
    }

    fn send_queued(&mut self) {
        while let Some(line) = self.queue.pop_front() {
            let Err(error) = self.chat.add_line_with(line.as_str().into(), once()) else {
                self.last_line = Instant::now();
                continue;
            };
            match error.code() {
                // The agent has just left: the line waits for the next one.
                Code::NotChatting => return self.queue.push_front(line),
                Code::ChatEnded | Code::ChatGone => {
                    self.queue.push_front(line);
                    return self.enter(ChatState::Ended);
                }
                // It has not been taken: it goes out after one of the next looks, and meanwhile the chat can be ended.
                Code::ConnectFailed | Code::ConnectTimeout | Code::Throttled => {
                    self.send_after = Instant::now() + error.details().retry_after.unwrap_or(RESEND).max(RESEND);
                    return self.queue.push_front(line);
                }
                _ => self.refused(&error),
            }
        }
    }

    fn refused(&mut self, error: &LpchatError) {
        say_error(error);
        self.refused.get_or_insert((error.family(), 0)).1 += 1;
    }

    /// Whether it is on us to end the chat: at once when a person said so, else when everything is said and answered.
    fn is_done(&self) -> bool {
        let quiet = self.last_line.max(self.state_since).elapsed() >= self.manners.quiet;
        let answered = self.queue.is_empty() && self.state == ChatState::Chatting && quiet;
        self.input_ended && (self.manners.live || answered)
    }

    fn end(&mut self) -> Result<(), Failure> {
        self.chat.end_with(Some(farewell()))?;
        // Lines that came in since the last look; the documents stay readable for a while.
        self.look()
    }

    fn refuse_to_wait_for_ever(&self) -> Result<(), Failure> {
        let limit = self.manners.agent_timeout.filter(|_| self.state == ChatState::Waiting);
        if limit.is_some_and(|limit| self.state_since.elapsed() >= limit) {
            return Err(Failure::Own {
                family: Family::Timeout,
                message: format!("No agent came within {} s.", self.state_since.elapsed().as_secs()),
                hint: "Raise --agent-timeout, or leave it out to wait for ever.",
            });
        }
        Ok(())
    }

    /// Waits until the next look is due, or until there is something to say.
    fn wait(&mut self) {
        let due = Instant::now() + self.manners.poll;
        loop {
            let left = due.saturating_duration_since(Instant::now());
            if self.input_ended {
                return std::thread::sleep(left);
            }
            match self.input.recv_timeout(left) {
                Ok(Input::Line(line)) => self.queue.push_back(line),
                Ok(Input::End) | Err(RecvTimeoutError::Disconnected) => self.input_ended = true,
                Err(RecvTimeoutError::Timeout) => return,
            }
            let something_to_do = self.state == ChatState::Chatting && !self.queue.is_empty();
            if something_to_do || (self.input_ended && self.manners.live) {
                return self.take_what_is_there();
            }
            if self.manners.live {
                say("(sent as soon as an agent is here)");
            }
        }
    }

    /// Takes what has come in besides, so that many lines at once cost one look.
    fn take_what_is_there(&mut self) {
        while let Ok(input) = self.input.try_recv() {
            match input {
                Input::Line(line) => self.queue.push_back(line),
                Input::End => self.input_ended = true,
            }
        }
    }

    /// How many lines did not get through, and what kind of trouble it was.
    fn unsent(&self) -> (Family, i64) {
        let (family, refused) = self.refused.unwrap_or((Family::ChatState, 0));
        (family, refused + i64::try_from(self.queue.len()).unwrap_or(i64::MAX))
    }

    /// Lines that did not get through are never passed over in silence.
    fn tell(&self) -> Result<(), Failure> {
        let (family, count) = self.unsent();
        if count == 0 {
            return Ok(());
        }
        let hint = if self.refused.is_none() { "The chat ended first." } else { "" };
        Err(Failure::Own { family, message: not_sent(count), hint })
    }
}

fn not_sent(count: i64) -> String {
    format!("Not sent, or not for certain: {}.", counted(count, "line"))
}

/// One attempt: what fails is repeated at poll pace, not at the vendor's.
fn once() -> Option<CallOptions> {
    Some(CallOptions { timeout: Some(LOOK), retries: Some(0), ..CallOptions::default() })
}
