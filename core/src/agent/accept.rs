//! Accept a ringing chat.

use std::sync::Arc;

use lpchat_macros::operation;
use serde_json::json;

use super::{AgentChat, AgentSession};
use crate::error::{Code, LpchatError, Result};
use crate::transport::Context;
use crate::transport::links::last_segment;

/// Accepts the next ringing chat; nothing where no chat rings. A chat rings for 20 s.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Accept — `POST /agentSession/{s}/incomingRequests`".
#[operation(retry = effect)]
async fn accept_chat(session: &AgentSession, context: &Context) -> Result<Option<Arc<AgentChat>>> {
    let answer = match context.send(session.post("/incomingRequests")?.json(&json!({}))).await {
        // Nothing rings: the documents leave the status open.
        Err(error) if error.code() == Code::Rejected => return Ok(None),
        outcome => outcome?,
    };
    let Some(location) = answer.created(&["chatLocation"])? else { return Ok(None) };
    let id = last_segment(&location)
        .ok_or_else(|| LpchatError::new(Code::UnexpectedShape).with_message("The address of the accepted chat holds no id."))?;
    Ok(Some(Arc::new(AgentChat::new(session, id.into()))))
}
