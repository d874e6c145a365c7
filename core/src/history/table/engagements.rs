//! The columns of the table `engagements`.

use super::column::{Cell, Column, Kind};
use super::derived::{Derived, count, is_transfer, seconds};
use super::unknown::unknown_members;
use crate::history::{Campaign, Channel, Device, EndReason, Engagement, EngagementInfo, StartReason, VisitorInfo};

/// One row under way.
pub(super) struct Row<'e> {
    engagement: &'e Engagement,
    derived: Derived,
}

impl<'e> Row<'e> {
    fn new(engagement: &'e Engagement) -> Self {
        Self { engagement, derived: Derived::of(engagement) }
    }

    fn info(&self) -> &'e EngagementInfo {
        &self.engagement.info
    }

    fn campaign(&self, cell: fn(&'e Campaign) -> Cell<'e>) -> Cell<'e> {
        self.engagement.campaign.as_ref().map_or(Cell::Null, cell)
    }

    fn visitor(&self, cell: fn(&'e VisitorInfo) -> Cell<'e>) -> Cell<'e> {
        self.engagement.visitor_info.as_ref().map_or(Cell::Null, cell)
    }

    fn survey_answers(&self) -> i64 {
        let surveys = &self.engagement.surveys;
        count(surveys.pre_chat.len() + surveys.post_chat.len() + surveys.agent.len())
    }
}

/// Our word for a known code, the service's for another.
fn start_label(info: &EngagementInfo) -> Option<&str> {
    info.start_reason.as_ref().and_then(StartReason::label).or(info.start_reason_description.as_deref())
}

fn end_label(info: &EngagementInfo) -> Option<&str> {
    info.end_reason.as_ref().and_then(EndReason::label).or(info.end_reason_description.as_deref())
}

fn code(text: Option<&str>) -> Cell<'_> {
    text.and_then(|text| text.parse::<i64>().ok()).into()
}

type Value = for<'e> fn(&Row<'e>) -> Cell<'e>;

const fn column(name: &'static str, kind: Kind, unit: &'static str, meaning: &'static str, value: Value) -> Column<Value> {
    Column { name, kind, unit, meaning, value }
}

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    std::iter::once(Row::new(engagement))
}

super::table_of!("engagements", "One row for each record: an engagement, or one segment of a transferred one.", rows);

/// The one list of the table's columns, in order.
static COLUMNS: &[Column<Value>] = &[
    column("account_id", Kind::Text, "", "The account. Part of the key.", |row| row.info().account_id.as_ref().into()),
    column(
        "engagement_id",
        Kind::Text,
        "",
        "Account id and real-time session id, joined. Part of the key, not unique alone: segments of a transferred chat share it.",
        |row| row.info().engagement_id.as_ref().into(),
    ),
    column("engagement_set", Kind::Integer, "", "Counter of split engagements within one visit. Part of the key.", |row| {
        row.info().engagement_set.into()
    }),
    column(
        "engagement_sequence",
        Kind::Integer,
        "",
        "Counter of transferred engagements within one visit. Part of the key.",
        |row| row.info().engagement_sequence.into(),
    ),
    column("requested_time", Kind::Time, "", "When the visitor entered the queue.", |row| row.info().requested_time.into()),
    column("start_time", Kind::Time, "", "The moment the agent connected; what searches select by.", |row| {
        row.info().start_time.into()
    }),
    column("end_time", Kind::Time, "", "The end of the engagement.", |row| row.info().end_time.into()),
    column("duration_seconds", Kind::Integer, "s", "From start to end, rounded down.", |row| row.info().duration_seconds.into()),
    column("visitor_id", Kind::Text, "", "The visitor's id.", |row| row.info().visitor_id.as_ref().into()),
    column("visitor_name", Kind::Name, "", "The visitor's name.", |row| row.info().visitor_name.as_ref().into()),
    column("agent_id", Kind::Id, "", "The agent's id.", |row| row.info().agent_id.as_ref().into()),
    column("agent_nickname", Kind::Name, "", "The agent's nickname, which visitors see.", |row| {
        row.info().agent_nickname.as_ref().into()
    }),
    column("agent_login_name", Kind::Name, "", "The agent's login name; may be a mail address.", |row| {
        row.info().agent_login_name.as_ref().into()
    }),
    column("agent_full_name", Kind::Name, "", "The agent's full name.", |row| row.info().agent_full_name.as_ref().into()),
    column("is_agent_deleted", Kind::Boolean, "", "Whether the agent's user has been deleted since.", |row| {
        row.info().is_agent_deleted.into()
    }),
    column("agent_group_id", Kind::Id, "", "Id of the agent's group.", |row| row.info().agent_group_id.as_ref().into()),
    column("agent_group_name", Kind::Name, "", "Name of the agent's group; may be there without an id.", |row| {
        row.info().agent_group_name.as_ref().into()
    }),
    column("skill_id", Kind::Id, "", "Id of the skill; null where it is unassigned.", |row| row.info().skill_id.as_ref().into()),
    column("skill_name", Kind::Name, "", "Name of the skill; `Unassigned` or a real name where the id is null.", |row| {
        row.info().skill_name.as_ref().into()
    }),
    column("channel", Kind::Code, "", "Code of the channel; 1 is the web, the only one in this history.", |row| {
        code(row.info().channel.as_ref().map(Channel::as_str))
    }),
    column("start_reason", Kind::Text, "", "Code of how the engagement began.", |row| {
        row.info().start_reason.as_ref().map(StartReason::as_str).into()
    }),
    column("start_reason_label", Kind::Text, "", "How the engagement began, in words.", |row| start_label(row.info()).into()),
    column("end_reason", Kind::Text, "", "Code of how the engagement ended.", |row| {
        row.info().end_reason.as_ref().map(EndReason::as_str).into()
    }),
    column("end_reason_label", Kind::Text, "", "How the engagement ended, in words.", |row| end_label(row.info()).into()),
    column("is_interactive", Kind::Boolean, "", "Whether the visitor wrote at least one line.", |row| {
        row.info().is_interactive.into()
    }),
    column("is_ended", Kind::Boolean, "", "Whether the engagement is over; always true.", |row| row.info().is_ended.into()),
    column("is_partial", Kind::Boolean, "", "Whether the service cut the record.", |row| row.info().is_partial.into()),
    column(
        "is_chat_data_enriched",
        Kind::Boolean,
        "",
        "Whether the final data is merged; false for about two hours after the end.",
        |row| row.info().is_chat_data_enriched.into(),
    ),
    column("is_pre_chat_survey", Kind::Boolean, "", "Whether there is a pre-chat survey.", |row| {
        row.info().is_pre_chat_survey.into()
    }),
    column("is_post_chat_survey", Kind::Boolean, "", "Whether there is a survey after the chat.", |row| {
        row.info().is_post_chat_survey.into()
    }),
    column("is_agent_survey", Kind::Boolean, "", "Whether there is a survey of the agent.", |row| {
        row.info().is_agent_survey.into()
    }),
    column("mcs", Kind::Integer, "", "Sentiment group: -1 negative, 0 neutral, 1 positive. Deprecated by the service.", |row| {
        row.info().mcs.into()
    }),
    column("alerted_mcs", Kind::Integer, "", "Sentiment group: -1 negative, 0 neutral, 1 positive.", |row| {
        row.info().alerted_mcs.into()
    }),
    column("chat_mcs", Kind::Integer, "", "Sentiment score of the whole chat, 0 to 100.", |row| row.info().chat_mcs.into()),
    column("chat_start_url", Kind::Text, "", "Address of the page on which the chat began.", |row| {
        row.info().chat_start_url.as_ref().into()
    }),
    column("chat_start_page", Kind::Text, "", "Title of the page on which the chat began.", |row| {
        row.info().chat_start_page.as_ref().into()
    }),
    column("shark_engagement_id", Kind::Text, "", "Id of the engagement in monitoring, for the service's own use.", |row| {
        row.info().shark_engagement_id.as_ref().into()
    }),
    column("campaign_id", Kind::Id, "", "Id of the campaign.", |row| {
        row.campaign(|campaign| campaign.campaign_id.as_ref().into())
    }),
    column("campaign_name", Kind::Name, "", "Name of the campaign.", |row| {
        row.campaign(|campaign| campaign.campaign_name.as_ref().into())
    }),
    column("campaign_engagement_id", Kind::Id, "", "Id of the engagement within the campaign.", |row| {
        row.campaign(|campaign| campaign.campaign_engagement_id.as_ref().into())
    }),
    column("campaign_engagement_name", Kind::Name, "", "Name of the engagement within the campaign.", |row| {
        row.campaign(|campaign| campaign.campaign_engagement_name.as_ref().into())
    }),
    column("campaign_goal_id", Kind::Id, "", "Id of the campaign's goal.", |row| {
        row.campaign(|campaign| campaign.goal_id.as_ref().into())
    }),
    column("campaign_goal_name", Kind::Name, "", "Name of the campaign's goal.", |row| {
        row.campaign(|campaign| campaign.goal_name.as_ref().into())
    }),
    column("campaign_visitor_behavior_id", Kind::Id, "", "Id of the visitor behaviour, the targeting rule.", |row| {
        row.campaign(|campaign| campaign.visitor_behavior_id.as_ref().into())
    }),
    column("campaign_visitor_behavior_name", Kind::Name, "", "Name of the visitor behaviour, the targeting rule.", |row| {
        row.campaign(|campaign| campaign.visitor_behavior_name.as_ref().into())
    }),
    column("campaign_visitor_profile_id", Kind::Id, "", "Id of the visitor profile.", |row| {
        row.campaign(|campaign| campaign.visitor_profile_id.as_ref().into())
    }),
    column("campaign_visitor_profile_name", Kind::Name, "", "Name of the visitor profile.", |row| {
        row.campaign(|campaign| campaign.visitor_profile_name.as_ref().into())
    }),
    column("campaign_lob_id", Kind::Id, "", "Id of the line of business.", |row| {
        row.campaign(|campaign| campaign.lob_id.as_ref().into())
    }),
    column("campaign_lob_name", Kind::Name, "", "Name of the line of business.", |row| {
        row.campaign(|campaign| campaign.lob_name.as_ref().into())
    }),
    column("campaign_engagement_agent_note", Kind::Text, "", "Note of the agent on the engagement.", |row| {
        row.campaign(|campaign| campaign.engagement_agent_note.as_ref().into())
    }),
    column(
        "campaign_is_profile_system_default",
        Kind::Boolean,
        "",
        "Whether the visitor profile is the system's default.",
        |row| row.campaign(|campaign| campaign.is_profile_system_default.into()),
    ),
    column(
        "campaign_is_behavior_system_default",
        Kind::Boolean,
        "",
        "Whether the visitor behaviour is the system's default.",
        |row| row.campaign(|campaign| campaign.is_behavior_system_default.into()),
    ),
    column("visitor_country", Kind::Name, "", "Country, by network address.", |row| {
        row.visitor(|visitor| visitor.country.as_ref().into())
    }),
    column("visitor_country_code", Kind::Text, "", "Two letters of the country; `NA` is Namibia.", |row| {
        row.visitor(|visitor| visitor.country_code.as_ref().into())
    }),
    column("visitor_state", Kind::Name, "", "State or region.", |row| row.visitor(|visitor| visitor.state.as_ref().into())),
    column("visitor_city", Kind::Name, "", "City.", |row| row.visitor(|visitor| visitor.city.as_ref().into())),
    column("visitor_internet_provider", Kind::Name, "", "The visitor's internet provider.", |row| {
        row.visitor(|visitor| visitor.internet_provider.as_ref().into())
    }),
    column("visitor_organization", Kind::Name, "", "The organisation that the network address belongs to.", |row| {
        row.visitor(|visitor| visitor.organization.as_ref().into())
    }),
    column("visitor_device", Kind::Name, "", "Kind of device: `DESKTOP`, `TABLET`, `MOBILE`.", |row| {
        row.visitor(|visitor| visitor.device.as_ref().map(Device::as_str).into())
    }),
    column("visitor_ip_address", Kind::Name, "", "The visitor's network address.", |row| {
        row.visitor(|visitor| visitor.ip_address.as_ref().into())
    }),
    column("visitor_browser", Kind::Name, "", "Name and version of the browser.", |row| {
        row.visitor(|visitor| visitor.browser.as_ref().into())
    }),
    column("visitor_browser_type", Kind::Name, "", "Family of the browser.", |row| {
        row.visitor(|visitor| visitor.browser_type.as_ref().into())
    }),
    column("visitor_operating_system", Kind::Name, "", "Operating system.", |row| {
        row.visitor(|visitor| visitor.operating_system.as_ref().into())
    }),
    column(
        "waiting_seconds",
        Kind::Number,
        "s",
        "From `requested_time` to `start_time`: how long the visitor waited for the agent.",
        |row| seconds(row.info().requested_time, row.info().start_time).into(),
    ),
    column(
        "first_agent_reply_seconds",
        Kind::Number,
        "s",
        "From `start_time` to the agent's first line that the visitor could see; null where there is none.",
        |row| seconds(row.info().start_time, row.derived.first_agent_reply).into(),
    ),
    column("line_count", Kind::Integer, "lines", "Lines of the transcript.", |row| {
        count(row.engagement.transcript.lines.len()).into()
    }),
    column("visitor_lines", Kind::Integer, "lines", "Lines of the visitor.", |row| row.derived.visitor_lines.into()),
    column("agent_lines", Kind::Integer, "lines", "Lines of the agent, those for agents only included.", |row| {
        row.derived.agent_lines.into()
    }),
    column("system_lines", Kind::Integer, "lines", "Lines of the service.", |row| row.derived.system_lines.into()),
    column(
        "is_transfer",
        Kind::Boolean,
        "",
        "Whether this segment began by a transfer from another agent or to a skill.",
        |row| is_transfer(row.engagement).into(),
    ),
    column("has_co_browse", Kind::Boolean, "", "Whether there is a co-browse session.", |row| {
        (!row.engagement.co_browse_sessions.is_empty()).into()
    }),
    column("survey_answer_count", Kind::Integer, "answers", "Answers to all surveys.", |row| row.survey_answers().into()),
    column("sde_count", Kind::Integer, "attributes", "Engagement attributes.", |row| count(row.engagement.sdes.len()).into()),
    column(
        "raw",
        Kind::Json,
        "",
        "Members of the record that no column, and no type of this version, knows; nested as they were.",
        |row| unknown_members(row.engagement).into(),
    ),
];
