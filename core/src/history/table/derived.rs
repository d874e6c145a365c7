//! What a row tells beyond the members of its record.

use crate::history::{Engagement, StartReason};
use crate::wire::Timestamp;
use crate::wire::chat::{LineSource, LineSubType};

/// Counted from the transcript in one pass.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Derived {
    pub(super) visitor_lines: i64,
    pub(super) agent_lines: i64,
    pub(super) system_lines: i64,
    pub(super) first_agent_reply: Option<Timestamp>,
}

impl Derived {
    pub(super) fn of(engagement: &Engagement) -> Self {
        let mut derived = Self::default();
        for line in &engagement.transcript.lines {
            match line.source {
                Some(LineSource::Visitor) => derived.visitor_lines += 1,
                Some(LineSource::System) => derived.system_lines += 1,
                Some(LineSource::Agent) => {
                    derived.agent_lines += 1;
                    let shown = line.sub_type != Some(LineSubType::OnlyToAgents);
                    if let Some(time) = line.time.filter(|_| shown) {
                        derived.first_agent_reply = Some(derived.first_agent_reply.map_or(time, |first| first.min(time)));
                    }
                }
                Some(LineSource::Other { .. }) | None => {}
            }
        }
        derived
    }
}

/// Seconds from one instant to another.
pub(super) fn seconds(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<f64> {
    let millis = to?.as_millis().checked_sub(from?.as_millis())?;
    Some(millis as f64 / 1000.0)
}

/// Whether this segment of a chat began by a transfer.
pub(super) fn is_transfer(engagement: &Engagement) -> Option<bool> {
    let reason = engagement.info.start_reason.as_ref()?;
    Some(matches!(reason, StartReason::Transfer | StartReason::SkillReassign))
}

pub(super) fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
