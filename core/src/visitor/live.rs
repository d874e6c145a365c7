//! The chat as a thing that lives: its events, its lines, and how it is kept.

use std::time::Duration;

use lpchat_macros::operation;

use super::VisitorChat;
use crate::error::{LpchatError, Result};
use crate::live::{self, Choice, EventStream, Line, LineReceipt, Turn, WhenWaiting};
use crate::transport::Context;
use crate::wire::Text;
use crate::wire::chat::ChatState;

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl VisitorChat {
    /// The chat's events as an ordered stream. Asks nothing of the service; the first read of the stream does.
    ///
    /// Fails when the client is closed.
    pub fn events(&self) -> Result<EventStream> {
        self.core().open()?;
        Ok(EventStream::new(self.live().clone()))
    }

    /// The chat as a document, from which another process goes on: `Visitor.resume` takes it. It holds the position behind the last
    /// batch of events that was processed, and a line that is being sent. Asks nothing of the service.
    ///
    /// The document holds no credential of the account, but whoever has it can read and write the chat: keep it as one.
    pub fn save(&self) -> Result<Text> {
        self.live().save().map(Text::from)
    }

    /// Lets the chat outlive the scope that it was made in: `leave` does nothing from now on, or again with `false`.
    pub fn keep(&self, keep: bool) {
        self.live().keep(keep);
    }

    /// The chat's state as last seen by a stream or by another call that keeps the chat alive; nothing before that.
    pub fn state(&self) -> Option<ChatState> {
        self.live().state()
    }
}

/// Waits until an agent has accepted the chat: true; false when `wait` is over first.
///
/// Fails with `ChatEnded` when the chat ends meanwhile. The chat is polled from here on, as by a stream of its events.
///
/// * `wait`: for how long; for as long as it takes when absent. The client's `timeout` does not apply.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "State machine".
#[operation(retry = safe, waits, in_place)]
async fn wait_until_accepted(chat: &VisitorChat, _context: &Context, wait: Option<Duration>) -> Result<bool> {
    chat.live().wait_until_accepted(wait).await
}

/// The id under which engagement history will hold this chat; `history.get` takes it. Asks the service only where no
/// earlier answer told.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Info — `GET S/info`".
#[operation(retry = safe)]
async fn engagement_id(chat: &VisitorChat, context: &Context) -> Result<Text> {
    chat.live().find_engagement_id(context).await
}

fn turn(chat: &VisitorChat) -> Turn {
    chat.live().turn()
}

/// Sends a line and waits until the service has taken it. Never posts a line twice by itself.
///
/// One line at a time: further calls wait for their turn, in order. After an ambiguous failure (a lost connection, a
/// timeout, a failure of the service) the chat's events are read back: the line is there, and all is well; or it did not turn up
/// for `line_quiet_time`, and the outcome is unknown (`OutcomeUnknown`): a late original may still arrive. Two lines
/// of the same text stay two. The service may give digits back as another number, so that digits which are not found
/// are unknown in any case. Lines that are written around this call, by `add_line` or elsewhere, can be taken for it.
///
/// * `resend`: post the line again where it did not turn up, at most twice; should the first one come late, it stands there
///   twice. Not when absent.
/// * `when_waiting`: `refuse` (also when absent) or `queue`, which waits for an agent first, within the call's `timeout`.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Post events — `POST S/events`", and `docs/protocol/retry-and-limits.md`, "Which visitor operations may
/// be repeated blindly".
#[operation(retry = effect, takes = turn)]
async fn send(
    chat: &VisitorChat,
    context: &Context,
    turn: Turn,
    text: Text,
    resend: Option<bool>,
    when_waiting: Option<WhenWaiting>,
) -> Result<LineReceipt> {
    if text.is_empty() {
        return Err(LpchatError::argument("text", "", "a line holds at least one character"));
    }
    let choice = Choice::new(resend, when_waiting.as_ref())?;
    live::send(chat.live(), context, turn, Line::plain(text), choice).await
}

/// Finds out what became of the line that was being sent when a resumed chat was saved: nothing where there was none, its
/// receipt where it has arrived, `OutcomeUnknown` where it did not turn up for `line_quiet_time`.
///
/// * `resend`: post the line again where it did not turn up. Not when absent.
///
/// Source: `docs/protocol/retry-and-limits.md`, "Which visitor operations may be repeated blindly".
#[operation(retry = effect, takes = turn)]
async fn resolve_pending_line(
    chat: &VisitorChat,
    context: &Context,
    turn: Turn,
    resend: Option<bool>,
) -> Result<Option<LineReceipt>> {
    live::resolve(chat.live(), context, turn, resend.unwrap_or(false)).await
}

/// Keeps the chat in this file from now on: written now, before each line is sent and after it, readable by its owner only,
/// and replaced as a whole. Its text is what `save` gives. A process that resumes it posts no line twice, whenever this
/// one was killed. Who resumes the chat names the file again.
///
/// Fails with `FileFailed` where the file cannot be written; a line is not sent then.
///
/// * `path`: the file. Its folder must be there.
#[operation(retry = idempotent)]
async fn keep_in_file(chat: &VisitorChat, _context: &Context, path: Text) -> Result<()> {
    if path.is_empty() {
        return Err(LpchatError::argument("path", "", "a file has a name"));
    }
    chat.live().keep_in(&path).await
}

/// Ends the chat unless `keep` was called: what languages call at the end of a scope. An ended chat is left as it is.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Post events — `POST S/events`".
#[operation(retry = idempotent)]
async fn leave(chat: &VisitorChat, context: &Context) -> Result<()> {
    if chat.live().is_kept() {
        return Ok(());
    }
    live::end(chat.live(), context).await
}
