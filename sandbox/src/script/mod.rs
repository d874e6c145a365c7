//! What scripted agents say and do: rules from a file, which tests and demonstrations bring along.

pub mod read;

use std::sync::Arc;

use serde_json::Value;

use crate::chat::transfer::{Remote, Target};
use crate::identity::Skill;

/// What an agent does, one after the other.
pub type Steps = Arc<[Step]>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Milliseconds without a sign of life.
    Wait(i64),
    /// Milliseconds during which the agent is seen typing.
    Type(i64),
    Answer(String),
    /// One of the sandbox's own answers, in turn.
    Advice,
    /// A rich-content line: its template, and the text beside it.
    Content {
        json: Value,
        text: String,
    },
    /// To an agent or a skill, with a note that only agents see.
    Transfer {
        target: Target,
        note: Option<String>,
    },
    TransferAccount(Remote),
    /// An event of any type, as it stands.
    Event(Value),
    End,
}

/// Fits a line that contains its parts in their order, whatever their case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<String>,
}

impl Pattern {
    /// `*` stands for anything, also for nothing.
    pub fn new(text: &str) -> Self {
        Self { parts: text.to_lowercase().split('*').map(str::to_owned).collect() }
    }

    fn fits(&self, line: &str) -> bool {
        let mut rest = line;
        self.parts.iter().all(|part| match rest.find(part.as_str()) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    }
}

#[derive(Debug, Clone)]
pub struct Rule {
    pub patterns: Vec<Pattern>,
    /// Holds only for chats of this skill.
    pub skill: Option<Skill>,
    pub steps: Steps,
}

#[derive(Debug, Clone)]
pub struct Script {
    /// What an agent does after accepting a chat.
    pub greeting: Steps,
    pub rules: Vec<Rule>,
    /// The text that it was read from, for the admin interface.
    pub source: Value,
}

impl Script {
    /// The steps of the first rule that fits a visitor's line; none when no rule does.
    pub fn steps_for(&self, line: &str, skill: Option<Skill>) -> Option<Steps> {
        let line = line.to_lowercase();
        self.rules
            .iter()
            .filter(|rule| rule.skill.is_none() || rule.skill == skill)
            .find(|rule| rule.patterns.iter().any(|pattern| pattern.fits(&line)))
            .map(|rule| Arc::clone(&rule.steps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_contained_in_order_in_any_case() {
        let fits = |pattern: &str, line: &str| Pattern::new(pattern).fits(&line.to_lowercase());
        assert!(fits("order", "Where is my ORDER?") && fits("where*order", "Where is my order?"));
        assert!(!fits("order*where", "Where is my order?") && !fits("orders", "order"));
        assert!(fits("*", "") && fits("", "anything") && fits("GRÜSSE", "viele grüsse"));
        assert!(!fits("aa*aa", "aaa"), "a character counts for one part only");
    }
}
