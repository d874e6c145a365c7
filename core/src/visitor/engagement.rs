//! Visitor sessions and engagements of visitors who are on no tagged page (App Engagement API).

use lpchat_macros::{model, operation};
use serde_json::{Value, json};

use super::Visitor;
use crate::error::{LpchatError, Result};
use crate::transport::links::segment;
use crate::transport::{Access, Context, Request, Service};
use crate::wire::{Encode, Json, Text, as_number, json_argument};

/// What kind of application asks.
#[model]
pub enum ApplicationType {
    /// Any application that is not the vendor's.
    #[wire("EXTERNAL")]
    External,
    /// The vendor's mobile SDK.
    #[wire("MSDK")]
    MobileSdk,
}

/// The operating system of the visitor's device.
#[model]
pub enum OperatingSystem {
    /// Windows.
    #[wire("WINDOWS")]
    Windows,
    /// macOS.
    #[wire("MAC_OSX")]
    MacOs,
    /// Linux.
    #[wire("LINUX")]
    Linux,
    /// iOS.
    #[wire("IOS")]
    Ios,
    /// Android.
    #[wire("ANDROID")]
    Android,
}

/// The kind of the visitor's device.
#[model]
pub enum DeviceFamily {
    /// A desktop computer.
    #[wire("DESKTOP")]
    Desktop,
    /// A tablet.
    #[wire("TABLET")]
    Tablet,
    /// A phone.
    #[wire("MOBILE")]
    Mobile,
}

/// The visitor's application and device.
#[model(request)]
pub struct ApplicationDetails {
    /// Operating system.
    #[wire("os")]
    pub operating_system: Option<OperatingSystem>,
    /// Version of the operating system.
    #[wire("osVersion")]
    pub operating_system_version: Option<Text>,
    /// Version of the application.
    #[wire("appVersion")]
    pub application_version: Option<Text>,
    /// Kind of device.
    pub device_family: Option<DeviceFamily>,
    /// The visitor's address; a real IPv4 or IPv6 address.
    pub ip_address: Option<Text>,
}

/// A request for a visitor session and an engagement.
#[model(request)]
pub struct VisitorEngagementRequest {
    /// The visitor, from an earlier answer; together with `session_id`. Absent: a new visitor.
    #[wire(skip)]
    pub visitor_id: Option<Text>,
    /// The visit, from an earlier answer; together with `visitor_id`. One that the service does not know begins anew.
    #[wire(skip)]
    pub session_id: Option<Text>,
    /// What kind of application asks; `EXTERNAL` when absent.
    #[wire("appType")]
    pub application_type: Option<ApplicationType>,
    /// The application and its device.
    #[wire("appDetails")]
    pub application_details: Option<ApplicationDetails>,
    /// Names of locations: where in the application the visitor is.
    pub consumer_sections: Vec<Text>,
    /// Engagement attributes of all types but impressions, a JSON array of objects with a `type` each.
    pub engagement_attributes: Option<Json>,
}

/// Whether there is an engagement for the visitor.
#[model]
pub enum EngagementStatus {
    /// There is one.
    #[wire("Available")]
    Available,
    /// There is none.
    #[wire("NotAvailable")]
    NotAvailable,
}

/// The engagement offered.
#[model]
pub struct VisitorEngagementDetails {
    /// The campaign, `campaign_id` of start chat.
    pub campaign_id: Option<Text>,
    /// The engagement in the campaign, `engagement_id` of start chat.
    pub engagement_id: Option<Text>,
    /// Its revision.
    pub engagement_revision: Option<i64>,
    /// The context, `le_tag_context_id` of start chat.
    pub context_id: Option<Text>,
    /// The engagement window, whose configuration names surveys.
    pub window_id: Option<Text>,
    /// Language, `language` of start chat.
    pub language: Option<Text>,
    /// How many seconds the offer stands.
    pub valid_for_seconds: Option<i64>,
    /// The skill's id; -1 where there is none.
    pub skill_id: Option<Text>,
    /// The skill's name, `skill` of start chat.
    pub skill_name: Option<Text>,
    /// `auth_chat_conn_id` of visitor authentication; authenticated engagements only.
    pub connector_id: Option<Text>,
}

/// A visitor session, and the engagement for it if there is one.
#[model]
pub struct VisitorEngagement {
    /// Whether there is an engagement.
    pub status: EngagementStatus,
    /// The visit, `le_tag_session_id` of start chat; keep it for later calls.
    pub session_id: Text,
    /// The visitor, `le_tag_visitor_id` of start chat; keep it for later calls.
    pub visitor_id: Text,
    /// The page; updates name it.
    pub page_id: Option<Text>,
    /// The engagement.
    #[wire("engagementDetails")]
    pub details: Option<VisitorEngagementDetails>,
}

/// What a visitor did with an engagement.
#[model]
pub enum ImpressionType {
    /// It was shown.
    #[wire("impDisplay")]
    Display,
    /// The visitor took it.
    #[wire("impAccept")]
    Accept,
}

/// What a visitor did with an engagement.
#[model(request)]
pub struct Impression {
    /// What was done.
    #[wire("type")]
    pub r#type: ImpressionType,
    /// The campaign.
    #[wire("campaign")]
    pub campaign_id: Text,
    /// The engagement in the campaign.
    #[wire("engId")]
    pub engagement_id: Text,
    /// The engagement's revision.
    #[wire("revision")]
    pub engagement_revision: Option<i64>,
    /// The context.
    #[wire(skip)]
    pub context_id: Option<Text>,
}

/// An update of a visitor session.
#[model(request)]
pub struct VisitorEngagementUpdate {
    /// The visitor.
    #[wire(skip)]
    pub visitor_id: Text,
    /// The visit.
    #[wire(skip)]
    pub session_id: Text,
    /// The page.
    pub page_id: Text,
    /// What the visitor did with engagements.
    #[wire(skip)]
    pub impressions: Vec<Impression>,
    /// Engagement attributes, a JSON array of objects with a `type` each.
    pub engagement_attributes: Option<Json>,
}

/// Creates a visitor session, or goes on with one, and retrieves the engagement for it.
///
/// The first calls on a quiet account commonly fail with `ServerFailed` and the service's code 20, "Loading account";
/// they are repeated.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Create session / get engagement".
#[operation(retry = idempotent)]
async fn create_engagement(visitor: &Visitor, context: &Context, request: VisitorEngagementRequest) -> Result<VisitorEngagement> {
    if request.visitor_id.is_some() != request.session_id.is_some() {
        let missing = if request.visitor_id.is_some() { "session_id" } else { "visitor_id" };
        return Err(LpchatError::argument(missing, Option::<&str>::None, "going on with a visit needs both its ids"));
    }
    attributes(request.engagement_attributes.as_ref())?;
    let mut body = request.encode().unwrap_or_default();
    if request.application_type.is_none() {
        body["appType"] = ApplicationType::External.as_str().into();
    }
    let path = path(visitor, request.visitor_id.as_deref().unwrap_or(""))?;
    let asked = asked(reqwest::Method::POST, path).query_if("sid", request.session_id.as_ref()).json(&body);
    context.send(asked).await?.document()
}

/// Updates a visitor session: the page, what the visitor did with engagements, engagement attributes.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Update session".
#[operation(retry = idempotent)]
async fn update_engagement(visitor: &Visitor, context: &Context, update: VisitorEngagementUpdate) -> Result<()> {
    let needed = [("visitor_id", &update.visitor_id), ("session_id", &update.session_id), ("page_id", &update.page_id)];
    if let Some((name, _)) = needed.into_iter().find(|(_, value)| value.is_empty()) {
        return Err(LpchatError::argument(name, "", "an update needs it; it comes with the visitor session"));
    }
    attributes(update.engagement_attributes.as_ref())?;
    let mut body = update.encode().unwrap_or_default();
    if !update.impressions.is_empty() {
        body["impAttributes"] = update.impressions.iter().map(impression).collect::<Result<_>>()?;
    }
    // The one real PUT: this host documents no override.
    let asked = asked(reqwest::Method::PUT, path(visitor, &update.visitor_id)?).query("sid", &update.session_id).json(&body);
    context.send(asked).await.map(|_| ())
}

fn path(visitor: &Visitor, visitor_id: &str) -> Result<String> {
    let account = segment(visitor.core().config.account()?);
    Ok(format!("/api/account/{account}/app/engagement/visitors/{}", segment(visitor_id)))
}

/// The official samples send no credential.
fn asked(method: reqwest::Method, path: String) -> Request {
    Request::new(method, Service::Monitoring, path).query("v", "1.0").with(Access::Open)
}

fn impression(impression: &Impression) -> Result<Value> {
    if !matches!(impression.r#type, ImpressionType::Display | ImpressionType::Accept) {
        return Err(LpchatError::argument("impressions.type", impression.r#type.as_str(), "it is impDisplay or impAccept"));
    }
    let mut members = impression.encode().unwrap_or_default();
    for member in ["campaign", "engId"] {
        as_number(&mut members, member);
    }
    if let Some(context) = &impression.context_id {
        members["eContext"] = json!([{ "type": "engagementContext", "id": context.as_str() }]);
    }
    Ok(members)
}

fn attributes(given: Option<&Json>) -> Result<()> {
    let Some(given) = given else { return Ok(()) };
    let typed = |item: &Value| item.get("type").is_some_and(Value::is_string);
    if json_argument("engagement_attributes", given)?.as_array().is_some_and(|items| items.iter().all(typed)) {
        return Ok(());
    }
    Err(LpchatError::argument(
        "engagement_attributes",
        "another kind of JSON",
        "it is a JSON array of objects with a `type` each",
    ))
}
