//! What to search for.

use std::time::Duration;

use lpchat_macros::model;

use super::model::Channel;
use super::redaction::Redaction;
use crate::wire::{Json, Text, Timestamp};

/// Where a keyword is looked up.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Keyword and its areas".
#[model]
pub enum KeywordArea {
    /// The lines of the chat.
    #[wire("chatLine")]
    ChatLine,
    /// Answers to surveys.
    #[wire("surveyAnswer")]
    SurveyAnswer,
    /// Questions of surveys.
    #[wire("surveyQuestion")]
    SurveyQuestion,
    /// The visitor's place and device.
    #[wire("visitorInfo")]
    VisitorInfo,
    /// Engagement attributes: purchases.
    #[wire("ea.purchase")]
    Purchase,
    /// Engagement attributes: products looked at.
    #[wire("ea.viewedProduct")]
    ViewedProduct,
    /// Engagement attributes: shopping carts.
    #[wire("ea.cartStatus")]
    CartStatus,
    /// Engagement attributes: service activities.
    #[wire("ea.serviceActivity")]
    ServiceActivity,
    /// Engagement attributes: errors that visitors met.
    #[wire("ea.visitorError")]
    VisitorError,
    /// Engagement attributes: leads.
    #[wire("ea.lead")]
    Lead,
    /// Engagement attributes: what the brand knows of the customer.
    #[wire("ea.customerInfo")]
    CustomerInformation,
    /// Engagement attributes: marketing campaigns.
    #[wire("ea.marketingCampaignInfo")]
    MarketingCampaign,
    /// Engagement attributes: who the visitor is.
    #[wire("ea.personalInfo")]
    PersonalInformation,
    /// No text: goes with a filter that the service has deprecated.
    #[wire("mcs")]
    Mcs,
}

/// Kind of content that a line of the chat holds.
#[model]
pub enum LineContentType {
    /// Structured content.
    #[wire("RICH_CONTENT")]
    RichContent,
}

/// What to search for. A record matches when every filter that is given matches; of a list, one value is enough.
///
/// `start` and `end` are needed, except with `engagement_id` or `visitor_id`. All other filters are optional, and are
/// checked before anything is sent.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Body: the filter object".
#[model(options)]
pub struct SearchQuery {
    /// Only engagements that started at this instant or later. What counts is the moment the agent connected; there is
    /// no filter on the end. With an id and without this: 13 months ago, which is as far as the service remembers.
    pub start: Option<Timestamp>,
    /// Only engagements that started before this instant; may lie in the future. With an id and without this: now.
    /// `search`, `count` and `plan` take any range, except with `sort` or `offset`; else the service accepts 31 days at most.
    /// It rounds the range outwards to full ten minutes; `Search` takes the surplus out again.
    pub end: Option<Timestamp>,
    /// A word, or one phrase in quotation marks: `"\"money back\""`. Upper and lower case are the same, there are no
    /// wildcards. What several bare words mean, the service does not say. A mail address is two words to the service:
    /// search its two sides as a phrase.
    pub keyword: Option<Text>,
    /// Where the keyword is looked up; everywhere when empty. In engagement attributes, numbers of more than three
    /// digits, such as order or telephone numbers, are never found. There is no area for names, the start page and
    /// searches.
    pub keyword_areas: Vec<KeywordArea>,
    /// Ids of skills; -1 is unassigned.
    pub skill_ids: Vec<Text>,
    /// Ids of agents.
    pub agent_ids: Vec<Text>,
    /// Ids of agent groups; -1 is none.
    pub agent_group_ids: Vec<Text>,
    /// Shortest duration of the engagement in seconds, included; goes with `duration_to_seconds`.
    pub duration_from_seconds: Option<i64>,
    /// Longest duration of the engagement in seconds, included; goes with `duration_from_seconds`.
    pub duration_to_seconds: Option<i64>,
    /// True: only engagements in which the visitor wrote at least one line. The service knows no opposite.
    pub interactive: Option<bool>,
    /// Id of the visitor, exact. Lifts the service's limits on time; `start` and `end` still hold where given.
    pub visitor_id: Option<Text>,
    /// Id of the engagement: account id and real-time session id, joined. Lifts the service's limits on time; `start`
    /// and `end` still hold where given. Gives several records where the chat was transferred.
    pub engagement_id: Option<Text>,
    /// The channel. This history holds chats on the web only.
    pub channel: Option<Channel>,
    /// Sentiment groups of the chat: -1 negative, 0 neutral, 1 positive.
    pub alerted_mcs_values: Vec<i64>,
    /// Least sentiment score of the chat, 0 to 100, included; 0 when absent. Leaves out chats without a score.
    pub chat_mcs_from: Option<i64>,
    /// Greatest sentiment score of the chat, 0 to 100, included; 100 when absent. Leaves out chats without a score.
    pub chat_mcs_to: Option<i64>,
    /// Whether the engagement has an interactive co-browse session.
    pub has_interactive_co_browse: Option<bool>,
    /// Shortest duration of a co-browse session in seconds, included; goes with `co_browse_duration_to_seconds`.
    pub co_browse_duration_from_seconds: Option<i64>,
    /// Longest duration of a co-browse session in seconds, included; goes with `co_browse_duration_from_seconds`.
    pub co_browse_duration_to_seconds: Option<i64>,
    /// Kinds of content, one of which at least one line has.
    pub line_content_types: Vec<LineContentType>,
    /// Labels of predictions; accounts with the intent analyzer only. A label of several words is searched as a
    /// phrase.
    pub prediction_labels: Vec<Text>,
    /// Order of the records, such as `["start:asc", "duration:desc"]`: one of `start`, `end`, `duration`, `visitor`,
    /// `engagementId`, `interactive`, `agentId` and `skillId`, then `asc` or `desc`. By start, then engagement id, when
    /// empty. `engagementId:asc` is added where it is missing, because pages of an order with ties lose and repeat
    /// records.
    pub sort: Vec<Text>,
    /// Names the caller to the service, at most 20 characters; the client's own `source` when absent.
    pub source: Option<Text>,
    /// How many records to pass over; 0 when absent.
    pub offset: Option<i64>,
    /// At most so many records in all, for a first look; all when absent.
    pub limit: Option<i64>,
    /// How many records to ask for at once, 1 to 100; 100 when absent. Records can be large: lower it where answers
    /// are cut or time out.
    pub page_size: Option<i64>,
    /// Whether a result is taken from which records are missing: the search's report, and pages that the service answered
    /// from a part of its data, then say so. Otherwise it is an error.
    pub allow_incomplete: bool,
    /// Takes visitors and what people wrote out of everything that the search hands out.
    pub redact: Option<Redaction>,
    /// Widest window in days, 1 to 28, in which a search reads its range; 28 when absent.
    pub window_days: Option<i64>,
    /// How long after the end of a chat everything about it is there; 2 hours when absent. What started less long ago is
    /// read in a window of its own, and `tail` hands out again what had ended less long before the last pass.
    pub settle: Option<Duration>,
    /// How far before the last pass `tail` begins; 24 hours when absent. Longer than the longest chat and `settle` together.
    pub look_back: Option<Duration>,
    /// Goes on where another search of the same range and filters stood: its `resume_token`. `start` and `end` may then be
    /// left out.
    pub resume_token: Option<Text>,
    /// Further filters as a JSON object, in the service's own form and unchecked, for what this version does not know.
    /// A member that another filter sets is refused.
    pub extra_filters: Option<Json>,
}
