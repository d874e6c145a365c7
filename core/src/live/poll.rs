//! What a poll reads of a chat: its events, and of its information only what decides how the chat goes on.
//!
//! Sources: `docs/protocol/visitor-chat-api.md`, "Chat document" and "Info"; `docs/protocol/agent-chat-api.md`, "Chat
//! resource".

use lpchat_macros::model;

use crate::wire::Text;
use crate::wire::chat::{ChatEvents, ChatState, TypingState};

/// The chat's document, as far as a poll needs it.
#[model(internal)]
pub(super) struct PolledChat {
    pub(super) events: ChatEvents,
    #[wire("info")]
    pub(super) information: PolledInformation,
}

/// The chat's information, as far as a poll needs it.
#[model(internal)]
pub(super) struct PolledInformation {
    pub(super) state: Option<ChatState>,
    #[wire("chatTimeout")]
    pub(super) chat_timeout_seconds: Option<i64>,
    pub(super) agent_typing: Option<TypingState>,
    pub(super) visitor_typing: Option<TypingState>,
    pub(super) rt_session_id: Option<Text>,
}
