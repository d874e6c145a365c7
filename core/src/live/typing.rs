//! Saying whether somebody is typing. It is a level and no pulse, so the same one again says nothing new.
//!
//! Source: `docs/protocol/visitor-chat-api.md`, "Name and typing".

use std::time::Duration;

use serde_json::json;

use super::{Live, Side, Turn};
use crate::error::Result;
use crate::transport::Context;
use crate::wire::chat::TypingState;

/// For so long the service is believed to know what it was told.
const TOLD: Duration = Duration::from_secs(5);

/// What the service was told last, and when.
#[derive(Debug, Default)]
pub(super) struct Told(Option<(TypingState, Duration)>);

impl Told {
    fn note(&mut self, state: TypingState, now: Duration) {
        self.0 = Some((state, now));
    }

    /// A line, a transfer or the end changes it without us.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }

    fn knows(&self, state: &TypingState, now: Duration) -> bool {
        self.0.as_ref().is_some_and(|(told, at)| told == state && now.saturating_sub(*at) < TOLD)
    }
}

/// Tells the service, unless it was told the same a moment ago. One call at a time: the last state is the one that stands.
pub(crate) async fn set_typing(live: &Live, context: &Context, turn: Turn, state: TypingState) -> Result<()> {
    state.settable()?;
    turn.come().await;
    if live.lock().told.knows(&state, live.now()) {
        return Ok(());
    }
    live.lock().told.forget();
    let member = match live.side() {
        Side::Visitor => "visitorTyping",
        Side::Agent => "agentTyping",
    };
    let request = live.conversation.post(&format!("/info/{member}"))?;
    context.send(request.overridden_as_put().json(&json!({ member: state.as_str() }))).await?;
    live.lock().told.note(state, live.now());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_known_for_a_while() {
        let at = Duration::from_secs;
        let mut told = Told::default();
        assert!(!told.knows(&TypingState::NotTyping, at(0)), "a chat may come from another process");
        told.note(TypingState::Typing, at(10));
        assert!(told.knows(&TypingState::Typing, at(14)));
        assert!(!told.knows(&TypingState::NotTyping, at(14)));
        assert!(!told.knows(&TypingState::Typing, at(15)), "what the service forgot meanwhile is told again");
        told.forget();
        assert!(!told.knows(&TypingState::Typing, at(11)));
    }
}
