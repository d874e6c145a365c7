//! Co-browse sessions.

use lpchat_macros::model;

use crate::wire::{Text, Timestamp};

/// Who or what ended a co-browse session.
#[model]
pub enum CoBrowseEndReason {
    /// The service.
    #[wire("SERVER")]
    Server,
    /// The visitor.
    #[wire("VISITOR")]
    Visitor,
    /// The agent.
    #[wire("AGENT")]
    Agent,
    /// Nobody did anything for too long.
    #[wire("TIMEOUT")]
    Timeout,
    /// Not known. The service documents the spelling `UNKOWN`, which is read as this too.
    #[wire("UNKNOWN", alias = "UNKOWN")]
    Unknown,
}

/// One co-browse session. Its values may contradict one another: published examples do.
///
/// Source: `docs/protocol/engagement-history-api.md`, "`coBrowseSessions.coBrowseSessionsList[]`".
#[model]
pub struct CoBrowseSession {
    /// Id of the session.
    pub session_id: Option<Text>,
    /// The start of the session.
    #[wire("startTimeL", text = "startTime")]
    pub start_time: Option<Timestamp>,
    /// The end of the session.
    #[wire("endTimeL", text = "endTime")]
    pub end_time: Option<Timestamp>,
    /// When the session became interactive; absent where it never did.
    #[wire("interactiveTimeL", text = "interactiveTime")]
    pub interactive_time: Option<Timestamp>,
    /// Duration in milliseconds, while the search filters by seconds.
    #[wire("duration")]
    pub duration_milliseconds: Option<i64>,
    /// Whether the agent could act on the page.
    #[wire("interactive", alias = "isInteractive")]
    pub is_interactive: Option<bool>,
    /// Who or what ended it.
    pub end_reason: Option<CoBrowseEndReason>,
    /// Kind of session; messaging only.
    #[wire("type")]
    pub r#type: Option<Text>,
    /// What the session allowed; messaging only.
    pub capabilities: Vec<Text>,
    /// The agent's id; messaging only.
    pub agent_id: Option<Text>,
}
