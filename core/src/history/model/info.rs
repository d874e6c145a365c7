//! The member `info`.

use lpchat_macros::model;

use super::{EndReason, StartReason};
use crate::wire::{Text, Timestamp};

/// Channel of an engagement.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Channel".
#[model]
pub enum Channel {
    /// Not known.
    #[wire("-1")]
    Unknown,
    /// Live chat on the web: all that this history holds.
    #[wire("1")]
    Web,
    /// Voice; named in the documents, never seen.
    #[wire("2")]
    Voice,
}

/// Who, when, how long, and how an engagement began and ended. Ids of -1 and names of `NA` mean that there is none.
///
/// Source: `docs/protocol/engagement-history-api.md`, "`info`".
#[model]
pub struct EngagementInfo {
    /// Account id and real-time session id, joined. Not unique: segments of one chat share it.
    pub engagement_id: Option<Text>,
    /// The account.
    pub account_id: Option<Text>,
    /// Counter of split engagements within one visit; part of a record's key.
    pub engagement_set: Option<i64>,
    /// Counter of transferred engagements within one visit; part of a record's key.
    pub engagement_sequence: Option<i64>,
    /// Id of the engagement in monitoring, for the service's own use: account, visit session and a counter.
    pub shark_engagement_id: Option<Text>,
    /// The visitor's id.
    pub visitor_id: Option<Text>,
    /// The visitor's name.
    pub visitor_name: Option<Text>,
    /// When the visitor entered the queue.
    #[wire("chatRequestedTimeL", text = "chatRequestedTime")]
    pub requested_time: Option<Timestamp>,
    /// The moment the agent connected. In chat documents the same name means the moment of the request.
    #[wire("startTimeL", text = "startTime")]
    pub start_time: Option<Timestamp>,
    /// The end of the engagement.
    #[wire("endTimeL", text = "endTime")]
    pub end_time: Option<Timestamp>,
    /// From start to end, in whole seconds, rounded down.
    #[wire("duration")]
    pub duration_seconds: Option<i64>,
    /// Whether the visitor wrote at least one line.
    #[wire("isInteractive", alias = "interactive")]
    pub is_interactive: Option<bool>,
    /// Whether the engagement is over; always true.
    #[wire("ended", alias = "isEnded")]
    pub is_ended: Option<bool>,
    /// Whether the service cut this record to protect itself; `History.get` brings it whole.
    pub is_partial: Option<bool>,
    /// Whether the final data, engagement attributes among them, is merged. False for about two hours after the end;
    /// attributes may be there all the same.
    #[wire("chatDataEnriched", alias = "isChatDataEnriched")]
    pub is_chat_data_enriched: Option<bool>,
    /// The agent's id.
    pub agent_id: Option<Text>,
    /// The agent's nickname, which visitors see.
    #[wire("agentNickName", alias = "agentName", alias = "agentNickname")]
    pub agent_nickname: Option<Text>,
    /// The agent's login name; may be a mail address.
    pub agent_login_name: Option<Text>,
    /// The agent's full name.
    #[wire("agentFullName", alias = "agentFullname")]
    pub agent_full_name: Option<Text>,
    /// Whether the agent's user has been deleted since.
    #[wire("agentDeleted")]
    pub is_agent_deleted: Option<bool>,
    /// Id of the agent's group; -1 where there is none.
    pub agent_group_id: Option<Text>,
    /// Name of the agent's group; `NA` where there is none, but also a real name beside the id -1.
    pub agent_group_name: Option<Text>,
    /// Id of the skill; -1 where it is unassigned.
    pub skill_id: Option<Text>,
    /// Name of the skill; `Unassigned` or a real name beside the id -1.
    pub skill_name: Option<Text>,
    /// The channel.
    pub channel: Option<Channel>,
    /// How the engagement began.
    pub start_reason: Option<StartReason>,
    /// How the engagement began, in the service's words.
    #[wire("startReasonDesc")]
    pub start_reason_description: Option<Text>,
    /// How the engagement ended.
    pub end_reason: Option<EndReason>,
    /// How the engagement ended, in the service's words.
    #[wire("endReasonDesc")]
    pub end_reason_description: Option<Text>,
    /// Whether there is a pre-chat survey.
    pub is_pre_chat_survey: Option<bool>,
    /// Whether there is a survey after the chat.
    pub is_post_chat_survey: Option<bool>,
    /// Whether there is a survey of the agent.
    pub is_agent_survey: Option<bool>,
    /// Sentiment group of the chat: -1 negative, 0 neutral, 1 positive. Deprecated by the service for `alerted_mcs`.
    pub mcs: Option<i64>,
    /// Sentiment group of the chat: -1 negative, 0 neutral, 1 positive. May be absent though `mcs` is there.
    #[wire("alertedMCS")]
    pub alerted_mcs: Option<i64>,
    /// Sentiment score of the whole chat, 0 to 100.
    #[wire("chatMCS")]
    pub chat_mcs: Option<i64>,
    /// Address of the page on which the chat began.
    pub chat_start_url: Option<Text>,
    /// Title of the page on which the chat began.
    pub chat_start_page: Option<Text>,
}
