//! What engagements to look at: the fields of the core's query, one option each.

use clap::Args;
use lpchat::{Json, Redaction, SearchQuery, Text, Timestamp};

use crate::arguments::number;

/// Holds the key of `--redact`.
const HASH_KEY: &str = "LPCHAT_REDACT_HASH_KEY";

/// From when to when. Names and meanings are those of `lpchat::SearchQuery`.
#[derive(Debug, Args)]
pub struct Range {
    /// Only engagements that started at this instant or later, such as 2026-03-01 or 2026-03-01T09:30:00+01:00; a date
    /// is its midnight UTC. What counts is the moment the agent connected
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    pub start: Option<Timestamp>,
    /// Only engagements that started before this instant. Any range works
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    pub end: Option<Timestamp>,
}

/// Names and meanings are those of `lpchat::SearchQuery`.
#[derive(Debug, Args)]
pub struct Filters {
    /// A word, or one phrase in quotation marks: '"money back"'. No wildcards; upper and lower case are the same
    #[arg(long, value_name = "WORD", help_heading = "Filters")]
    keyword: Option<Text>,
    /// Where the keyword is looked up, such as chatLine, surveyAnswer, surveyQuestion, visitorInfo, ea.purchase;
    /// everywhere when absent
    #[arg(long, value_name = "AREA,…", value_delimiter = ',', help_heading = "Filters")]
    keyword_areas: Vec<Text>,
    /// Ids of skills; -1 is unassigned
    #[arg(long, value_name = "ID,…", value_delimiter = ',', allow_hyphen_values = true, help_heading = "Filters")]
    skill_ids: Vec<Text>,
    /// Ids of agents
    #[arg(long, value_name = "ID,…", value_delimiter = ',', help_heading = "Filters")]
    agent_ids: Vec<Text>,
    /// Ids of agent groups; -1 is none
    #[arg(long, value_name = "ID,…", value_delimiter = ',', allow_hyphen_values = true, help_heading = "Filters")]
    agent_group_ids: Vec<Text>,
    /// Shortest duration of the engagement, included; goes with --duration-to-seconds
    #[arg(long, value_name = "SECONDS", value_parser = number, allow_negative_numbers = true, help_heading = "Filters")]
    duration_from_seconds: Option<i64>,
    /// Longest duration of the engagement, included; goes with --duration-from-seconds
    #[arg(long, value_name = "SECONDS", value_parser = number, allow_negative_numbers = true, help_heading = "Filters")]
    duration_to_seconds: Option<i64>,
    /// Only engagements in which the visitor wrote at least one line; the service knows no opposite
    #[arg(long, help_heading = "Filters")]
    interactive: bool,
    /// Id of the visitor, exact. Lifts the service's limits on time
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    visitor_id: Option<Text>,
    /// Id of the engagement: account id and real-time session id, joined. Lifts the service's limits on time. Gives
    /// several records where the chat was transferred
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    engagement_id: Option<Text>,
    /// The channel, a number; this history holds chats on the web only, 1
    #[arg(long, value_name = "NUMBER", help_heading = "Filters")]
    channel: Option<Text>,
    /// Sentiment groups of the chat: -1 negative, 0 neutral, 1 positive
    #[arg(long, value_name = "GROUP,…", value_parser = number, value_delimiter = ',', allow_hyphen_values = true, help_heading = "Filters")]
    alerted_mcs_values: Vec<i64>,
    /// Least sentiment score of the chat, 0 to 100, included
    #[arg(long, value_name = "SCORE", value_parser = number, allow_negative_numbers = true, help_heading = "Filters")]
    chat_mcs_from: Option<i64>,
    /// Greatest sentiment score of the chat, 0 to 100, included
    #[arg(long, value_name = "SCORE", value_parser = number, allow_negative_numbers = true, help_heading = "Filters")]
    chat_mcs_to: Option<i64>,
    /// Whether the engagement has an interactive co-browse session: true or false
    #[arg(long, value_name = "BOOLEAN", help_heading = "Filters")]
    has_interactive_co_browse: Option<bool>,
    /// Shortest duration of a co-browse session, included; goes with --co-browse-duration-to-seconds
    #[arg(long, value_name = "SECONDS", value_parser = number, allow_negative_numbers = true, help_heading = "Filters")]
    co_browse_duration_from_seconds: Option<i64>,
    /// Longest duration of a co-browse session, included; goes with --co-browse-duration-from-seconds
    #[arg(long, value_name = "SECONDS", value_parser = number, allow_negative_numbers = true, help_heading = "Filters")]
    co_browse_duration_to_seconds: Option<i64>,
    /// Kinds of content, one of which at least one line has, such as RICH_CONTENT
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', help_heading = "Filters")]
    line_content_types: Vec<Text>,
    /// A label of predictions; accounts with the intent analyzer only. May be repeated
    #[arg(long = "prediction-label", value_name = "LABEL", help_heading = "Filters")]
    prediction_labels: Vec<Text>,
    /// Further filters as a JSON object in the service's own form, unchecked: '{"hasCoBrowse": true}'
    #[arg(long, value_name = "JSON", help_heading = "Filters")]
    extra_filters: Option<String>,
    /// Names the caller to the service, at most 20 characters
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    source: Option<Text>,
    /// How many engagements to ask for at once, 1 to 100; lower it where answers are cut or time out
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true, help_heading = "Reading")]
    page_size: Option<i64>,
    /// Take a result from which engagements are missing, with a warning; otherwise it is an error
    #[arg(long, help_heading = "Reading")]
    allow_incomplete: bool,
}

/// What of visitors is handed out.
#[derive(Debug, Args)]
pub struct RedactionArguments {
    /// Take visitors and what people wrote out of every engagement before it is shown or written. What tells who somebody is
    /// becomes a digest by the key in the variable LPCHAT_REDACT_HASH_KEY, and is left out where that is not set
    #[arg(long, help_heading = "Redaction")]
    redact: bool,
    /// Leave what people wrote as it is; it may name anybody
    #[arg(long, requires = "redact", help_heading = "Redaction")]
    keep_texts: bool,
}

impl RedactionArguments {
    pub fn into_redaction(self) -> Option<Redaction> {
        let hash_key = std::env::var(HASH_KEY).ok().map(Into::into);
        self.redact.then_some(Redaction { hash_key, keep_texts: self.keep_texts })
    }
}

impl Filters {
    /// The query within a range. Every field is named, so that a filter that the core gains is missed here by the compiler.
    pub fn into_query(self, range: Range) -> SearchQuery {
        SearchQuery {
            start: range.start,
            end: range.end,
            keyword: self.keyword,
            keyword_areas: self.keyword_areas.into_iter().map(Into::into).collect(),
            skill_ids: self.skill_ids,
            agent_ids: self.agent_ids,
            agent_group_ids: self.agent_group_ids,
            duration_from_seconds: self.duration_from_seconds,
            duration_to_seconds: self.duration_to_seconds,
            interactive: self.interactive.then_some(true),
            visitor_id: self.visitor_id,
            engagement_id: self.engagement_id,
            channel: self.channel.map(Into::into),
            alerted_mcs_values: self.alerted_mcs_values,
            chat_mcs_from: self.chat_mcs_from,
            chat_mcs_to: self.chat_mcs_to,
            has_interactive_co_browse: self.has_interactive_co_browse,
            co_browse_duration_from_seconds: self.co_browse_duration_from_seconds,
            co_browse_duration_to_seconds: self.co_browse_duration_to_seconds,
            line_content_types: self.line_content_types.into_iter().map(Into::into).collect(),
            prediction_labels: self.prediction_labels,
            sort: Vec::new(),
            source: self.source,
            offset: None,
            limit: None,
            page_size: self.page_size,
            allow_incomplete: self.allow_incomplete,
            window_days: None,
            settle: None,
            look_back: None,
            redact: None,
            resume_token: None,
            extra_filters: self.extra_filters.map(Json::from),
        }
    }
}
