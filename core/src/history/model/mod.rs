//! The record of one engagement and everything in it.
//!
//! Source: `docs/protocol/engagement-history-api.md`, "The record" and "Engagement attributes (SDEs)".

mod attribute;
mod campaign;
mod co_browse;
mod engagement;
mod info;
mod payload;
mod prediction;
mod reason;
mod survey;
mod transcript;

pub use attribute::{AttributeKind, EngagementAttribute};
pub use campaign::{Campaign, Device, VisitorInfo};
pub use co_browse::{CoBrowseEndReason, CoBrowseSession};
pub use engagement::Engagement;
pub use info::{Channel, EngagementInfo};
pub use payload::{
    AttributeDate, CartStatus, ContactAddress, CustomerAge, CustomerInformation, Lead, MarketingCampaign, OriginatingChannel,
    PersonalContact, PersonalInformation, Product, Purchase, SearchContent, ServiceActivity, ServiceActivityStatus,
    ViewedProduct, VisitorError,
};
pub use prediction::Prediction;
pub use reason::{EndReason, StartReason};
pub use survey::{SurveyGroup, SurveyResponse, Surveys};
pub use transcript::{LineScore, Transcript, TranscriptLine};
