//! One engagement.

use lpchat_macros::model;

use super::{
    Campaign, CoBrowseSession, EngagementAttribute, EngagementInfo, LineScore, Prediction, Surveys, Transcript, VisitorInfo,
};
use crate::wire::{Text, Timestamp};

/// One finished engagement, or one segment of it: a transfer ends a segment and begins the next under the same
/// engagement id.
///
/// The key of a record is `account_id`, `engagement_id`, `info.engagement_set` and `info.engagement_sequence`; the
/// engagement id alone is not unique. The text of all members is shared with the page they came in.
///
/// Source: `docs/protocol/engagement-history-api.md`, "The record".
#[model(complete)]
pub struct Engagement {
    /// The account; the same as `info.account_id`, empty if the service sent none.
    #[wire(skip)]
    pub account_id: Text,
    /// Account id and real-time session id, joined; the same as `info.engagement_id`, empty if the service sent none.
    /// Several records share one: see `info.engagement_sequence`.
    #[wire(skip)]
    pub engagement_id: Text,
    /// The moment the agent connected; the same as `info.start_time`.
    #[wire(skip)]
    pub start_time: Option<Timestamp>,
    /// The end of the engagement; the same as `info.end_time`.
    #[wire(skip)]
    pub end_time: Option<Timestamp>,
    /// The agent's name as visitors see it: the nickname, else the full name, else the login name.
    #[wire(skip)]
    pub agent_name: Option<Text>,
    /// Name of the skill; the same as `info.skill_name`.
    #[wire(skip)]
    pub skill_name: Option<Text>,
    /// Who, when, how long, and how it began and ended.
    pub info: EngagementInfo,
    /// The lines of the chat; without any where the service sent none.
    pub transcript: Transcript,
    /// Score after each line; sent by some generations of the service only.
    pub line_scores: Vec<LineScore>,
    /// The campaign that led to the engagement.
    pub campaign: Option<Campaign>,
    /// What is known of the visitor's place and device.
    pub visitor_info: Option<VisitorInfo>,
    /// Co-browse sessions within the engagement.
    #[wire("coBrowseSessions", item = "coBrowseSessionsList")]
    pub co_browse_sessions: Vec<CoBrowseSession>,
    /// Answers to the surveys, by group.
    pub surveys: Surveys,
    /// What the intent analyzer made of lines; accounts that have it only.
    pub predictions: Vec<Prediction>,
    /// Engagement attributes in order of arrival; the same kind any number of times, also after the end of the chat.
    #[wire("sdes", item = "events")]
    pub sdes: Vec<EngagementAttribute>,
}

impl Engagement {
    fn complete(&mut self) {
        let info = &self.info;
        let said = |name: &&Text| !name.is_empty();
        let names = [&info.agent_nickname, &info.agent_full_name, &info.agent_login_name];
        self.agent_name = names.into_iter().flatten().find(said).cloned();
        self.account_id = info.account_id.clone().unwrap_or_default();
        self.engagement_id = info.engagement_id.clone().unwrap_or_default();
        self.start_time = info.start_time;
        self.end_time = info.end_time;
        self.skill_name.clone_from(&info.skill_name);
    }
}
