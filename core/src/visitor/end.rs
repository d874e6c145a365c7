//! End the chat.

use lpchat_macros::operation;

use super::VisitorChat;
use crate::error::Result;
use crate::live;
use crate::transport::Context;

/// Ends the chat. Its documents stay readable for a while. Ending an ended chat succeeds.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Post events — `POST S/events`" and "State machine".
#[operation(retry = idempotent)]
async fn end(chat: &VisitorChat, context: &Context) -> Result<()> {
    live::end(chat.live(), context).await
}
