//! The campaign, and the visitor's place and device.

use lpchat_macros::model;

use crate::wire::Text;

/// The campaign that led to an engagement. Ids of -1 and names of `NA` mean that there is none.
///
/// Source: `docs/protocol/engagement-history-api.md`, "`campaign`".
#[model]
pub struct Campaign {
    /// Id of the campaign.
    pub campaign_id: Option<Text>,
    /// Name of the campaign.
    pub campaign_name: Option<Text>,
    /// Id of the engagement within the campaign; another thing than the engagement id of the record.
    pub campaign_engagement_id: Option<Text>,
    /// Name of the engagement within the campaign.
    pub campaign_engagement_name: Option<Text>,
    /// Id of the campaign's goal.
    pub goal_id: Option<Text>,
    /// Name of the campaign's goal.
    pub goal_name: Option<Text>,
    /// Id of the visitor behaviour, the targeting rule.
    pub visitor_behavior_id: Option<Text>,
    /// Name of the visitor behaviour, the targeting rule.
    pub visitor_behavior_name: Option<Text>,
    /// Id of the visitor profile.
    pub visitor_profile_id: Option<Text>,
    /// Name of the visitor profile.
    pub visitor_profile_name: Option<Text>,
    /// Id of the line of business; -1 where there is none.
    pub lob_id: Option<Text>,
    /// Name of the line of business; `NA` where there is none.
    pub lob_name: Option<Text>,
    /// Note of the agent on the engagement; documented, not seen in any example.
    pub engagement_agent_note: Option<Text>,
    /// Whether the visitor profile is the system's default.
    #[wire("profileSystemDefault")]
    pub is_profile_system_default: Option<bool>,
    /// Whether the visitor behaviour is the system's default.
    #[wire("behaviorSystemDefault")]
    pub is_behavior_system_default: Option<bool>,
}

/// Kind of device.
#[model]
pub enum Device {
    /// A desktop computer.
    #[wire("DESKTOP")]
    Desktop,
    /// A tablet.
    #[wire("TABLET")]
    Tablet,
    /// A telephone.
    #[wire("MOBILE")]
    Mobile,
    /// Not known.
    #[wire("NA")]
    Unknown,
}

/// What is known of the visitor's place, by address, and device. Texts are empty where the service does not know.
///
/// Source: `docs/protocol/engagement-history-api.md`, "`visitorInfo`".
#[model]
pub struct VisitorInfo {
    /// Name of the country.
    pub country: Option<Text>,
    /// Two letters of the country; `NA` is Namibia.
    pub country_code: Option<Text>,
    /// State or region.
    pub state: Option<Text>,
    /// City.
    pub city: Option<Text>,
    /// The visitor's internet provider.
    #[wire("isp")]
    pub internet_provider: Option<Text>,
    /// The organisation that the address belongs to.
    #[wire("org")]
    pub organization: Option<Text>,
    /// Kind of device.
    pub device: Option<Device>,
    /// The visitor's network address.
    pub ip_address: Option<Text>,
    /// Name and version of the browser.
    pub browser: Option<Text>,
    /// Family of the browser, such as `CHROME`.
    pub browser_type: Option<Text>,
    /// Operating system: `WINDOWS`, `MAC_OSX`, `LINUX`, `IOS`, `ANDROID`, or `NA` where not known.
    pub operating_system: Option<Text>,
}
