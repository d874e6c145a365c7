//! Why engagements begin and end.

use lpchat_macros::model;

/// How an engagement began. The value is the service's code as text, such as `0`.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Start reason". Another reporting API of the vendor numbers some
/// of these differently.
#[model]
pub enum StartReason {
    /// The visitor asked for it.
    #[wire("0")]
    VisitorRequest,
    /// Transferred from another agent.
    #[wire("1")]
    Transfer,
    /// A transfer failed.
    #[wire("2")]
    TransferFailed,
    /// Offered by automatic call distribution.
    #[wire("3")]
    AcdAttempt,
    /// Automatic call distribution found nobody.
    #[wire("4")]
    AcdNoAssignment,
    /// Assigned by an operator.
    #[wire("5")]
    OperatorAssignment,
    /// Transferred to a skill.
    #[wire("6")]
    SkillReassign,
    /// The agent asked for it.
    #[wire("7")]
    AgentRequest,
    /// Reassigned; the service says `A2A reassign` without explaining it.
    #[wire("8")]
    A2aReassign,
}

impl StartReason {
    /// The code's meaning in the service's words; `None` for a code that this version does not know.
    pub fn label(&self) -> Option<&'static str> {
        Some(match self {
            Self::VisitorRequest => "Visitor request",
            Self::Transfer => "Transfer (from another agent)",
            Self::TransferFailed => "Transfer failed",
            Self::AcdAttempt => "ACD attempt",
            Self::AcdNoAssignment => "ACD no assignment",
            Self::OperatorAssignment => "Operator assignment",
            Self::SkillReassign => "Skill reassign (transfer to a skill)",
            Self::AgentRequest => "Rep request",
            Self::A2aReassign => "A2A reassign",
            Self::Other { .. } => return None,
        })
    }
}

/// How an engagement ended. The value is the service's code as text, such as `210`.
///
/// Source: `docs/protocol/engagement-history-api.md`, "End reason".
#[model]
pub enum EndReason {
    /// Moved to another agent; the next segment begins with the start reason `Transfer`.
    #[wire("101")]
    TransferToAgent,
    /// Moved to a skill; the next segment begins with the start reason `SkillReassign`.
    #[wire("106")]
    TransferToSkill,
    /// The agent ended it.
    #[wire("201")]
    AgentEnded,
    /// The agent's connection was lost.
    #[wire("202")]
    AgentDisconnected,
    /// The visitor's connection was lost; declared after 40 seconds.
    #[wire("205")]
    VisitorDisconnected,
    /// A left-over connection of a visitor who was gone was cleaned up.
    #[wire("208")]
    VisitorWasGone,
    /// The visitor ended it or closed the window.
    #[wire("210")]
    VisitorEnded,
}

impl EndReason {
    /// The code's meaning in the service's words; `None` for a code that this version does not know.
    pub fn label(&self) -> Option<&'static str> {
        Some(match self {
            Self::TransferToAgent => "Transfer - rep stopped chat",
            Self::TransferToSkill => "Transfer - Reassignment to skill",
            Self::AgentEnded => "Rep stopped chat",
            Self::AgentDisconnected => "Rep disconnected",
            Self::VisitorDisconnected => "Visitor disconnected",
            Self::VisitorWasGone => "Visitor was no longer in chat",
            Self::VisitorEnded => "Visitor closed chat",
            Self::Other { .. } => return None,
        })
    }
}
