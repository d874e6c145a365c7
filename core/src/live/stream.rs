//! One chat's events in order: the cursor, the queue, and when all is over. Time comes in from outside.
//!
//! Sources: `docs/protocol/visitor-chat-api.md`, "Chat document", "State machine" and "Polling, keep-alive, timeouts";
//! `docs/protocol/retry-and-limits.md`, "Keep-alive" and "Suggested client defaults".

use std::collections::VecDeque;
use std::time::Duration;

use super::options::Polling;
use super::poll::{PolledChat, PolledInformation};
use crate::error::{Code, Family, LpchatError};
use crate::wire::chat::{ChatEvent, ChatEventType, ChatState, LineSource, TypingState};

/// So many events wait for a consumer. With more to come the polls keep the chat alive and take nothing in.
pub(super) const QUEUED_EVENTS: usize = 512;
/// A gap in the ids is believed when so many answers in a row have shown it.
const GAP_ANSWERS: u8 = 3;
/// So many polls in a row must fail before the stream says so.
const DEGRADED_AFTER: u32 = 3;
/// A refusal that no repeat mends ends the stream when it was met so many times in a row.
const REFUSALS: u32 = 3;
/// A chat is gone when it was not found so many times in a row: a fail-over of the service hides it for a moment.
const NOT_FOUND: u32 = 2;
/// The idle limit of a chat that has not told its own.
const USUAL_TIMEOUT: Duration = Duration::from_secs(40);
/// So many empty polls come at the busy pace before the pauses grow.
const BUSY_POLLS: u32 = 5;
/// By how much each further empty poll lengthens the pause.
const GROWTH: f64 = 1.25;
/// The share of a chat's idle limit after which it must have been touched again.
const KEEP_ALIVE: f64 = 0.6;
/// A poll waits so long for its answer at most. Source: "Intervals and budgets used by real clients".
const POLL_LIMIT: Duration = Duration::from_secs(10);
/// Even a chat with a tiny idle limit gives its polls some time.
const SHORTEST_POLL_LIMIT: Duration = Duration::from_millis(500);

/// Whether there will be more.
#[derive(Debug, Clone)]
enum Phase {
    Running,
    /// The end was seen; the last events are read once more.
    Ending,
    Over,
    Failed(LpchatError),
}

/// What the next poll asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Events from this id, all of them where absent.
    Events(Option<i64>),
    /// A sign of life: nobody takes the events that are there.
    Touch,
    Nothing,
}

/// When to poll again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// There is more to learn right now.
    AtOnce,
    /// At the busy pace.
    Again,
    /// At the chat's own pace.
    Paced,
    Never,
}

/// What is there for a consumer.
#[derive(Debug)]
pub(super) enum Ready {
    Events(Vec<ChatEvent>),
    NotYet,
    Over,
    Failed(LpchatError),
}

#[derive(Debug)]
pub(super) struct Stream {
    /// Id of the first event that was not taken in yet.
    next: i64,
    queue: VecDeque<ChatEvent>,
    /// Id of the first event of the batch handed out last: until the consumer comes back it counts as not processed.
    handed_from: Option<i64>,
    /// The call that has taken events which nobody has received yet. If they come back, those behind them must still be here.
    in_transit: Option<u64>,
    /// Events below this id were there when the chat was resumed. `None` until the first answer tells.
    repeated_below: Option<i64>,
    gap_answers: u8,
    typing: [bool; 2],
    state: Option<ChatState>,
    phase: Phase,
    failures: u32,
    refusals: u32,
    not_found: u32,
    degraded: bool,
    ever_read: bool,
    /// Where the events ended when somebody read them besides the polls.
    read_to: Option<i64>,
    empty_polls: u32,
    /// When the chat was last known to be alive.
    touched_at: Duration,
    read_at: Duration,
    chat_timeout: Option<Duration>,
    /// The session's id across APIs.
    pub(super) session_id: Option<Box<str>>,
}

impl Stream {
    /// A stream from the event `next`. `resumed`: another process may have given events from there before.
    pub(super) fn new(next: i64, resumed: bool, now: Duration) -> Self {
        Self {
            next,
            queue: VecDeque::new(),
            handed_from: None,
            in_transit: None,
            repeated_below: if resumed { None } else { Some(0) },
            gap_answers: 0,
            typing: [false; 2],
            state: None,
            phase: Phase::Running,
            failures: 0,
            refusals: 0,
            not_found: 0,
            degraded: false,
            ever_read: false,
            read_to: None,
            empty_polls: 0,
            touched_at: now,
            read_at: now,
            chat_timeout: None,
            session_id: None,
        }
    }

    /// Id of the first event that was not taken in yet.
    pub(super) fn cursor(&self) -> i64 {
        self.next
    }

    /// Id of the first event that the consumer may not have processed: where a saved chat goes on.
    pub(super) fn unprocessed_from(&self) -> i64 {
        let queued = self.queue.iter().find_map(ChatEvent::number);
        self.handed_from.or(queued).unwrap_or(self.next)
    }

    pub(super) fn state(&self) -> Option<&ChatState> {
        self.state.as_ref()
    }

    /// Whether the service has told anything yet.
    pub(super) fn ever_read(&self) -> bool {
        self.ever_read
    }

    /// Where the chat's events end as far as this process knows; nothing before it has read any.
    pub(super) fn known_end(&self) -> Option<i64> {
        self.read_to.max(self.ever_read.then_some(self.next))
    }

    /// Somebody has read the events up to this id, which were not taken in.
    pub(super) fn note_read(&mut self, to: i64) {
        self.read_to = self.read_to.max(Some(to));
    }

    /// When the service last told the chat's state.
    pub(super) fn read_at(&self) -> Duration {
        self.read_at
    }

    /// Whether nothing will come any more, and why where that is an error.
    pub(super) fn end(&self) -> Option<Result<(), LpchatError>> {
        match &self.phase {
            Phase::Running | Phase::Ending => None,
            Phase::Over => Some(Ok(())),
            Phase::Failed(error) => Some(Err(error.clone())),
        }
    }

    /// What the next poll asks for.
    pub(super) fn want(&self) -> Want {
        match self.phase {
            Phase::Over | Phase::Failed(_) => Want::Nothing,
            _ if self.queue.len() >= QUEUED_EVENTS => Want::Touch,
            _ => Want::Events((self.next > 0).then_some(self.next)),
        }
    }

    /// Hands out up to `most` events to the call of this number. What was handed out before counts as processed now.
    pub(super) fn take(&mut self, most: usize, call: u64) -> Ready {
        if self.in_transit.is_some() {
            return Ready::NotYet;
        }
        let ready = self.hand_out(most);
        self.in_transit = matches!(ready, Ready::Events(_)).then_some(call);
        ready
    }

    /// What the call of this number has taken was received, or given back: whether it had taken anything.
    pub(super) fn arrived(&mut self, call: u64) -> bool {
        self.in_transit.take_if(|taker| *taker == call).is_some()
    }

    fn hand_out(&mut self, most: usize) -> Ready {
        self.handed_from = None;
        if self.queue.is_empty() {
            return match &self.phase {
                Phase::Running | Phase::Ending => Ready::NotYet,
                Phase::Over => Ready::Over,
                Phase::Failed(error) => Ready::Failed(error.clone()),
            };
        }
        let events: Vec<ChatEvent> = self.queue.drain(..most.min(self.queue.len())).collect();
        if self.queue.is_empty() {
            // An idle chat keeps no memory for the burst it once had.
            self.queue = VecDeque::new();
        }
        self.handed_from = events.iter().find_map(ChatEvent::number);
        Ready::Events(events)
    }

    /// Hands out the first event, if there is one. What was handed out before counts as processed then.
    pub(super) fn take_one(&mut self) -> Option<ChatEvent> {
        if self.queue.is_empty() || self.in_transit.is_some() {
            return None;
        }
        match self.hand_out(1) {
            Ready::Events(mut events) => events.pop(),
            Ready::NotYet | Ready::Over | Ready::Failed(_) => None,
        }
    }

    /// Takes events back that nobody received.
    pub(super) fn give_back(&mut self, events: Vec<ChatEvent>) {
        for event in events.into_iter().rev() {
            self.queue.push_front(event);
        }
        self.handed_from = None;
    }

    /// Takes an answer in. `seen` is told of each event that is new.
    pub(super) fn take_in(&mut self, read: PolledChat, now: Duration, mut seen: impl FnMut(&ChatEvent)) -> Next {
        self.answered(&read.information, now);
        let linked = read.events.next_id;
        if self.repeated_below.is_none() {
            self.repeated_below = Some(linked);
        }
        let before = self.next;
        let mut events = read.events.events;
        events.sort_by_key(ChatEvent::number);
        let mut gap = false;
        let mut full = false;
        for event in events {
            let Some(id) = event.number().filter(|id| *id >= self.next) else { continue };
            full = self.queue.len() >= QUEUED_EVENTS;
            gap = id > self.next && self.gap_answers + 1 < GAP_ANSWERS;
            if full || gap {
                break;
            }
            seen(&event);
            self.append(event, id);
        }
        // The service's own cursor may be ahead of the events it gave: a gap at the end.
        if !full && !gap && linked > self.next {
            gap = self.gap_answers + 1 < GAP_ANSWERS;
            if !gap {
                self.next = linked;
            }
        }
        let news = self.next > before;
        let had_gap = gap && self.gap_answers > 0 && !news;
        self.gap_answers = if !gap {
            0
        } else if news {
            1
        } else {
            self.gap_answers + 1
        };
        self.note_typing(0, LineSource::Visitor, read.information.visitor_typing.as_ref());
        self.note_typing(1, LineSource::Agent, read.information.agent_typing.as_ref());
        self.empty_polls = if news { 0 } else { self.empty_polls.saturating_add(1) };
        match self.phase {
            Phase::Over | Phase::Failed(_) => Next::Never,
            // The first look again comes at once, the others at poll pace.
            _ if gap => {
                if had_gap {
                    Next::Again
                } else {
                    Next::AtOnce
                }
            }
            _ if full => Next::Paced,
            Phase::Ending => {
                self.phase = Phase::Over;
                Next::Never
            }
            Phase::Running if self.state == Some(ChatState::Ended) => {
                self.phase = Phase::Ending;
                Next::AtOnce
            }
            Phase::Running => Next::Paced,
        }
    }

    /// Takes an answer in that only kept the chat alive.
    pub(super) fn touched(&mut self, information: &PolledInformation, now: Duration) -> Next {
        self.answered(information, now);
        self.empty_polls = self.empty_polls.saturating_add(1);
        Next::Paced
    }

    fn append(&mut self, mut event: ChatEvent, id: i64) {
        event.is_after_gap = id > self.next;
        event.is_repeated = self.repeated_below.is_some_and(|below| id < below);
        self.next = id + 1;
        // The information of the same answer is as new as its last event; only an end is never taken back.
        if event.r#type == ChatEventType::State && event.state == Some(ChatState::Ended) {
            self.state = event.state.clone();
        }
        self.queue.push_back(event);
    }

    /// What every answer tells.
    fn answered(&mut self, information: &PolledInformation, now: Duration) {
        self.ever_read = true;
        (self.touched_at, self.read_at) = (now, now);
        (self.failures, self.refusals, self.not_found) = (0, 0, 0);
        if std::mem::take(&mut self.degraded) {
            self.queue.push_back(ChatEvent::own(ChatEventType::Recovered));
        }
        if let Some(seconds) = information.chat_timeout_seconds.and_then(|seconds| u64::try_from(seconds).ok()) {
            self.chat_timeout = Some(Duration::from_secs(seconds));
        }
        if let Some(state) = &information.state {
            self.state = Some(state.clone());
        }
        if self.session_id.is_none() {
            self.session_id = information.rt_session_id.as_deref().map(Box::from);
        }
    }

    /// A typing state that nobody has taken yet gives way to the newer one.
    fn note_typing(&mut self, who: usize, source: LineSource, state: Option<&TypingState>) {
        let typing = match state {
            Some(TypingState::Typing) => true,
            Some(TypingState::NotTyping) => false,
            _ => return,
        };
        if std::mem::replace(&mut self.typing[who], typing) == typing {
            return;
        }
        let same = |event: &ChatEvent| event.r#type == ChatEventType::Typing && event.source.as_ref() == Some(&source);
        self.queue.retain(|event| !same(event));
        let mut event = ChatEvent::own(ChatEventType::Typing);
        event.typing = state.cloned();
        event.source = Some(source);
        self.queue.push_back(event);
    }

    /// Takes a failed poll in.
    pub(super) fn failed(&mut self, error: &LpchatError, now: Duration) -> Next {
        self.failures = self.failures.saturating_add(1);
        let (gone, final_refusal) = (error.code() == Code::ChatGone, is_final(error));
        self.not_found = if gone { self.not_found + 1 } else { 0 };
        self.refusals = if final_refusal { self.refusals + 1 } else { 0 };
        let lost_after = self.timeout().saturating_mul(2);
        if self.not_found >= NOT_FOUND {
            // A chat that was there once is over; one that never was is a mistake of the caller.
            self.phase = if self.ever_read { Phase::Over } else { Phase::Failed(error.clone()) };
        } else if self.refusals >= REFUSALS {
            self.phase = Phase::Failed(error.clone());
        } else if self.failures >= DEGRADED_AFTER && now.saturating_sub(self.touched_at) >= lost_after {
            let lost = LpchatError::new(Code::ChatLost).with_cause(&error.details().message);
            self.phase = Phase::Failed(lost.with(|details| details.http_status = error.details().http_status));
        } else if self.failures >= DEGRADED_AFTER && !std::mem::replace(&mut self.degraded, true) {
            self.queue.push_back(ChatEvent::own(ChatEventType::Degraded));
        }
        if self.end().is_some() { Next::Never } else { Next::Again }
    }

    /// Something else than a poll has touched the chat.
    pub(super) fn note_touch(&mut self, now: Duration) {
        self.touched_at = now;
        self.empty_polls = 0;
    }

    fn timeout(&self) -> Duration {
        self.chat_timeout.unwrap_or(USUAL_TIMEOUT)
    }

    /// From the start of one poll to the start of the next.
    pub(super) fn pause(&self, next: Next, polling: &Polling) -> Option<Duration> {
        let pause = match next {
            Next::Never => return None,
            Next::AtOnce => return Some(Duration::ZERO),
            Next::Again => polling.busy,
            Next::Paced => {
                let grown = self.empty_polls.saturating_sub(BUSY_POLLS - 1).min(64);
                polling.busy.mul_f64(GROWTH.powi(i32::try_from(grown).unwrap_or(0))).min(polling.quiet)
            }
        };
        Some(pause.min(self.timeout().mul_f64(KEEP_ALIVE)))
    }

    /// How long a poll waits for its answer.
    pub(super) fn poll_limit(&self) -> Duration {
        POLL_LIMIT.min(self.timeout().mul_f64(KEEP_ALIVE)).max(SHORTEST_POLL_LIMIT)
    }
}

/// Whether the same poll would be refused again. A garbled answer, or a chat that is not found, may pass.
fn is_final(error: &LpchatError) -> bool {
    match error.family() {
        Family::Closed => true,
        Family::Decode => false,
        _ => !error.details().retryable && error.code() != Code::ChatGone,
    }
}
