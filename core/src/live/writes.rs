//! Sending lines: one unacknowledged line a chat, never posted twice by itself.

use std::sync::Arc;
use std::time::Duration;

use lpchat_macros::model;
use serde_json::{Value, json};

use super::chat::Live;
use super::ledger::{Finding, Pending, is_numeric, normalised};
use super::turn::Turn;
use crate::error::{Code, Family, LpchatError, Result};
use crate::observe::LogLevel;
use crate::transport::{Answer, Context};
use crate::wire::chat::{ChatEvents, ChatInformation, ChatState};
use crate::wire::{Json, Text};

/// What becomes of a line that is sent while the chat waits for an agent. lpchat's own.
#[model]
pub enum WhenWaiting {
    /// It is refused with `NotChatting`.
    #[wire("refuse")]
    Refuse,
    /// It waits, in the order of the calls, until an agent has accepted.
    #[wire("queue")]
    Queue,
}

/// A line that the service has taken.
#[model(plain)]
pub struct LineReceipt {
    /// Id of the event that the line became, where the service names it.
    pub event_id: Option<Text>,
    /// The answer was lost, and the line was found among the chat's events.
    pub is_read_back: bool,
    /// The first attempt did not turn up, and the line was posted again.
    pub is_resent: bool,
}

/// A line as a side posts it.
pub(crate) struct Line {
    /// The members of the event.
    pub(crate) event: Value,
    /// Its text, and whether that is HTML.
    pub(crate) text: Text,
    pub(crate) html: bool,
}

impl Line {
    /// A line of plain text.
    pub(crate) fn plain(text: Text) -> Self {
        Self { event: json!({ "@type": "line", "text": text.as_str() }), text, html: false }
    }
}

/// What the caller chose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    pub(crate) resend: bool,
    pub(crate) queue: bool,
}

impl Choice {
    pub(crate) fn new(resend: Option<bool>, when_waiting: Option<&WhenWaiting>) -> Result<Self> {
        let queue = match when_waiting {
            None | Some(WhenWaiting::Refuse) => false,
            Some(WhenWaiting::Queue) => true,
            Some(other) => return Err(LpchatError::argument("when_waiting", other.as_str(), "it is `refuse` or `queue`")),
        };
        Ok(Self { resend: resend.unwrap_or(false), queue })
    }
}

/// A line is posted so often at most, the caller wanting it.
const MOST_POSTS: usize = 3;
/// A read of the events waits so long for its answer.
const READ_LIMIT: Duration = Duration::from_secs(10);

/// Leaves a line of unknown outcome behind when its call is broken off.
struct UnderWay<'a>(&'a Live);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.lock().ledger.left_unknown();
    }
}

/// Sends a line and waits for the acknowledgement.
pub(crate) async fn send(live: &Arc<Live>, context: &Context, turn: Turn, line: Line, choice: Choice) -> Result<LineReceipt> {
    live.begin()?;
    turn.come().await;
    if choice.queue {
        live.wait_until_accepted(None).await?;
    }
    refuse_at_once(live)?;
    let cursor = cursor(live, context).await?;
    {
        let mut state = live.lock();
        let floor = state.ledger.floor(cursor);
        let text = normalised(&line.text, line.html);
        state.ledger.begin(Pending { event: line.event, text, floor, in_doubt: false });
        // The service may take a line for the end of the typing.
        state.told.forget();
    }
    let under_way = UnderWay(live);
    live.store().await?;
    let outcome = post(live, context, choice).await;
    drop(under_way);
    let stored = live.store().await;
    // The line is more important than the file about it.
    if let Err(error) = stored {
        context.log(LogLevel::Warning, || format!("cannot keep the chat's state file: {}", error.code().name()));
    }
    outcome
}

/// Brings the line that another process was sending to its end: it has arrived, or is sent again where that is wanted.
pub(crate) async fn resolve(live: &Arc<Live>, context: &Context, turn: Turn, resend: bool) -> Result<Option<LineReceipt>> {
    live.begin()?;
    turn.come().await;
    if live.lock().ledger.pending.is_none() {
        return Ok(None);
    }
    let under_way = UnderWay(live);
    let lost =
        LpchatError::new(Code::OutcomeUnknown).with_message("The process that sent the line ended before the answer came.");
    let outcome = match settle(live, context, lost).await {
        Err(_) if resend && may_be_sent_again(live) => {
            post(live, context, Choice { resend, queue: false }).await.map(|receipt| LineReceipt { is_resent: true, ..receipt })
        }
        outcome => outcome,
    };
    drop(under_way);
    live.store().await?;
    outcome.map(Some)
}

/// Ends the chat. That it has ended, or is gone, is what was asked for; of a refusal the chat itself says whether it is so.
pub(crate) async fn end(live: &Live, context: &Context) -> Result<()> {
    live.lock().told.forget();
    let body = json!({ "event": { "@type": "state", "state": "ended" } });
    let mut was_hidden = false;
    loop {
        let refused = match context.send(live.conversation.post("/events")?.json(&body)).await {
            Err(error) if matches!(error.details().http_status, Some(400 | 404)) => error,
            outcome => return outcome.map(|_| ()),
        };
        match information(live, context).await {
            Ok(read) if read.state == Some(ChatState::Ended) => return Ok(()),
            // A fail-over of the service hides a chat for a moment.
            Ok(_) if refused.code() == Code::ChatGone && !was_hidden => was_hidden = true,
            Ok(_) => return Err(refused),
            Err(error) if error.code() == Code::ChatGone => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

async fn information(live: &Live, context: &Context) -> Result<ChatInformation> {
    context.send(live.conversation.get("/info")?.repeatable()).await?.member("info")
}

/// What is known already needs no request.
fn refuse_at_once(live: &Live) -> Result<()> {
    let state = live.lock();
    let fresh = live.now().saturating_sub(state.stream.read_at()) <= live.core().config.polling.busy;
    match state.stream.state() {
        Some(ChatState::Ended) => Err(LpchatError::new(Code::ChatEnded)),
        // What a poll said long ago may be true no more: then the service decides.
        Some(ChatState::Waiting) if fresh && state.stream.ever_read() => Err(LpchatError::new(Code::NotChatting)),
        _ => Ok(()),
    }
}

/// Where the chat's events end, as far as is known. A chat that this process has not read yet may hold lines of an earlier
/// one, so it is read once before its first line.
async fn cursor(live: &Live, context: &Context) -> Result<i64> {
    let from = {
        let state = live.lock();
        match (&state.ledger.pending, state.stream.known_end()) {
            (None, Some(end)) => return Ok(end),
            (None, None) => state.stream.cursor(),
            (Some(inherited), _) => inherited.floor,
        }
    };
    let read = Box::pin(read_back(live, context, from)).await?;
    let mut state = live.lock();
    // A line that another process was sending, and nobody asked about.
    match state.ledger.find(&read.events, &live.side().source()) {
        Finding::Found(event) => state.ledger.arrived(Some(event)),
        _ => state.ledger.left_unknown(),
    }
    state.stream.note_read(read.next_id);
    Ok(read.next_id.max(state.stream.cursor()))
}

/// Posts the line under way until its outcome is known or cannot be known.
async fn post(live: &Live, context: &Context, choice: Choice) -> Result<LineReceipt> {
    let mut posts = 0;
    loop {
        let body = {
            let state = live.lock();
            let event = state.ledger.pending.as_ref().map_or(&Value::Null, |pending| &pending.event);
            format!(r#"{{"event":{event}}}"#)
        };
        let request = live.conversation.post("/events")?.text(body);
        posts += 1;
        let error = match context.send(request).await.and_then(acknowledged) {
            Ok(event_id) => {
                let mut state = live.lock();
                state.ledger.arrived(event_id.as_deref().and_then(|id| id.parse().ok()));
                state.stream.note_touch(live.now());
                return Ok(LineReceipt { event_id, is_read_back: false, is_resent: posts > 1 });
            }
            // An answer that cannot be understood says as little as none.
            Err(error) if error.code() == Code::OutcomeUnknown || error.family() == Family::Decode => error,
            Err(error) => {
                // After a repeat the first attempt may still arrive.
                if posts == 1 {
                    live.lock().ledger.refused();
                }
                return Err(error);
            }
        };
        context.log(LogLevel::Warning, || format!("looks for the line among the events: {}", error.code().name()));
        // Boxed, as it is rare: whoever waits for an answer need not carry it.
        match Box::pin(settle(live, context, error)).await {
            Err(_) if choice.resend && posts < MOST_POSTS && may_be_sent_again(live) => {}
            outcome => return outcome.map(|receipt| LineReceipt { is_resent: posts > 1, ..receipt }),
        }
    }
}

/// The id of the event that a line has become, where the answer names it. A page that is no document is none of the service's.
fn acknowledged(answer: Answer) -> Result<Option<Text>> {
    let created = answer.event_id();
    if created.is_none() {
        answer.optional_document::<Json>()?;
    }
    Ok(created)
}

/// Text of digits that was not found may stand there as another number; a line that may be an earlier one is no proof either.
fn may_be_sent_again(live: &Live) -> bool {
    live.lock().ledger.pending.as_ref().is_some_and(|pending| !pending.in_doubt && !is_numeric(&pending.text))
}

/// Reads the events back until the line turns up, or did not for the quiet time: then its outcome is unknown, since a late
/// original may still arrive.
async fn settle(live: &Live, context: &Context, error: LpchatError) -> Result<LineReceipt> {
    context.set_unresolved(true);
    let clock = &live.core().environment.clock;
    let polling = live.core().config.polling;
    let begun = clock.elapsed();
    let mut not_found = 0;
    let receipt = loop {
        let asked_at = clock.elapsed();
        let floor = live.lock().ledger.pending.as_ref().map_or(0, |pending| pending.floor);
        match read_back(live, context, floor).await {
            Ok(read) => {
                let mut state = live.lock();
                let finding = state.ledger.find(&read.events, &live.side().source());
                if let Finding::Found(event) = finding {
                    state.ledger.arrived(Some(event));
                    break Some(event);
                }
                if asked_at.saturating_sub(begun) >= polling.line_quiet_time {
                    if finding == Finding::Ambiguous {
                        state.ledger.doubt();
                    }
                    break None;
                }
            }
            // There is nothing left to look at.
            Err(gone) if gone.code() == Code::ChatGone => {
                not_found += 1;
                if not_found > 1 {
                    live.lock().ledger.doubt();
                    break None;
                }
            }
            Err(_) => {}
        }
        clock.limit(polling.busy).await;
    };
    context.set_unresolved(false);
    match receipt {
        Some(event) => Ok(LineReceipt { event_id: Some(event.to_string().into()), is_read_back: true, is_resent: false }),
        None => Err(unknown(error)),
    }
}

fn unknown(error: LpchatError) -> LpchatError {
    if error.code() == Code::OutcomeUnknown {
        return error.with_hint(
            "The line did not turn up among the chat's events for a while; it may still do. Sending it again may show it twice.",
        );
    }
    let details = error.details();
    let (status, cause) = (details.http_status, details.message.clone());
    LpchatError::new(Code::OutcomeUnknown).with_cause(cause).with(|details| details.http_status = status)
}

/// The events from this id on, asked for once.
async fn read_back(live: &Live, context: &Context, from: i64) -> Result<ChatEvents> {
    let from = (from > 0).then_some(from);
    let request = live.conversation.get("/events")?.query_if("from", from).repeatable().once();
    let answer = tokio::select! {
        answer = context.send(request) => answer?,
        () = live.core().environment.clock.limit(READ_LIMIT) => return Err(LpchatError::new(Code::AttemptTimeout)),
    };
    let read: ChatEvents = answer.member("events")?;
    Ok(read.with_cursor(from))
}
