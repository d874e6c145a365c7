//! End the chat.

use lpchat_macros::operation;

use super::AgentChat;
use crate::error::Result;
use crate::live;
use crate::transport::Context;

/// Ends the chat. Its documents stay readable. Ending an ended chat succeeds.
///
/// Source: `docs/protocol/agent-chat-api.md`, "End the chat — same URL".
#[operation(retry = idempotent)]
async fn end(chat: &AgentChat, context: &Context) -> Result<()> {
    live::end(chat.live(), context).await
}
