//! The chats that an agent already has.

use lpchat_macros::{model, operation};

use super::AgentSession;
use crate::error::Result;
use crate::transport::Context;
use crate::wire::{Link, Text, Timestamp};

/// A chat that the agent has accepted, in this session or in another one still alive.
#[model]
pub struct ChatSession {
    /// The chat's id; `AgentSession.chat` takes it.
    pub chat_session_key: Text,
    /// When the chat began.
    pub start_time: Option<Timestamp>,
    /// Relation `chat-session`.
    #[wire("link")]
    pub links: Vec<Link>,
}

#[model(internal)]
struct ChatSessions {
    #[wire("chatSession")]
    sessions: Vec<ChatSession>,
}

/// Retrieves the chats this agent has accepted, in this session or in another one still alive. Poll it no more often
/// than every 2 s.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Chats already owned — `GET /agentSession/{s}/chatSessions`".
#[operation(retry = safe)]
async fn retrieve_chat_sessions(session: &AgentSession, context: &Context) -> Result<Vec<ChatSession>> {
    let sessions: Option<ChatSessions> = context.send(session.get("/chatSessions")?).await?.member("chatSessions")?;
    Ok(sessions.map(|sessions| sessions.sessions).unwrap_or_default())
}
