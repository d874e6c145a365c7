//! Engagement attributes.

use lpchat_macros::model;

use super::{
    CartStatus, CustomerInformation, Lead, MarketingCampaign, PersonalInformation, Purchase, SearchContent, ServiceActivity,
    ViewedProduct, VisitorError,
};
use crate::wire::{Decode, DecodeResult, Json, Reader, Text, Timestamp};

/// Kind of an engagement attribute.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Kinds".
#[model]
pub enum AttributeKind {
    /// A shopping cart.
    #[wire("CART_STATUS")]
    CartStatus,
    /// What the brand knows of the customer.
    #[wire("CUSTOMER_INFO")]
    CustomerInformation,
    /// A lead.
    #[wire("LEAD")]
    Lead,
    /// The marketing campaign that brought the visitor.
    #[wire("MARKETING_CAMPAIGN_INFO")]
    MarketingCampaign,
    /// Who the visitor is.
    #[wire("PERSONAL_INFO")]
    PersonalInformation,
    /// A purchase.
    #[wire("PURCHASE")]
    Purchase,
    /// What the visitor searched for.
    #[wire("SEARCH_CONTENT")]
    SearchContent,
    /// A service activity.
    #[wire("SERVICE_ACTIVITY")]
    ServiceActivity,
    /// Products that the visitor looked at.
    #[wire("VIEWED_PRODUCT")]
    ViewedProduct,
    /// An error that the visitor met.
    #[wire("VISITOR_ERROR")]
    VisitorError,
}

/// One engagement attribute (SDE): something that the brand's site told about the visitor. At most one of the payloads
/// is there, the one that `kind` names.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Engagement attributes (SDEs)".
#[model(complete)]
pub struct EngagementAttribute {
    /// What kind of attribute this is: the payload's, else what `sde_type` says. Of a kind that this version does not
    /// know, the payload is in `raw` only.
    #[wire(skip)]
    pub kind: AttributeKind,
    /// The service's own name of the kind, in capitals; older records and examples lack it.
    pub sde_type: Option<Text>,
    /// When the service processed it.
    #[wire("serverTimeStamp")]
    pub server_time: Option<Timestamp>,
    /// When it was created. Either of the two times may be the later one.
    #[wire(skip)]
    pub original_time: Option<Timestamp>,
    /// Whether it came over an authenticated channel.
    pub is_authenticated: Option<bool>,
    /// Why the payload cannot be read, and where in it; it is in `raw` then. Absent where all is well.
    #[wire(skip)]
    pub problem: Option<Text>,
    /// The shopping cart.
    #[wire("cartStatus", lenient)]
    pub cart_status: Option<Box<CartStatus>>,
    /// What the brand knows of the customer.
    #[wire("customerInfo", lenient)]
    pub customer_information: Option<Box<CustomerInformation>>,
    /// The lead.
    #[wire("lead", lenient)]
    pub lead: Option<Box<Lead>>,
    /// The marketing campaign that brought the visitor.
    #[wire("marketingCampaignInfo", lenient)]
    pub marketing_campaign: Option<Box<MarketingCampaign>>,
    /// Who the visitor is.
    #[wire("personalInfo", lenient)]
    pub personal_information: Option<Box<PersonalInformation>>,
    /// The purchase.
    #[wire("purchase", lenient)]
    pub purchase: Option<Box<Purchase>>,
    /// What the visitor searched for.
    #[wire("searchContent", lenient)]
    pub search_content: Option<Box<SearchContent>>,
    /// The service activity.
    #[wire("serviceActivity", lenient)]
    pub service_activity: Option<Box<ServiceActivity>>,
    /// The products that the visitor looked at.
    #[wire("viewedProduct", alias = "viewProduct", lenient)]
    pub viewed_product: Option<Box<ViewedProduct>>,
    /// The error that the visitor met.
    #[wire("visitorError", alias = "formFillingError", lenient)]
    pub visitor_error: Option<Box<VisitorError>>,
}

/// What every payload holds at its outer level beside its own members.
#[model(internal)]
struct Envelope {
    #[wire("serverTimeStamp")]
    server_time: Option<Timestamp>,
    #[wire("originalTimeStamp")]
    original_time: Option<Timestamp>,
    is_authenticated: Option<bool>,
}

impl EngagementAttribute {
    fn complete(&mut self) {
        let (kind, payload) = match self.payload() {
            Some((kind, payload)) => (kind, Some(payload.clone())),
            None => self.foreign_payload(),
        };
        self.kind = kind;
        let Some(payload) = payload else { return };
        let Ok(envelope) = Envelope::decode(&mut Reader::of(payload.text())) else { return };
        self.server_time = self.server_time.or(envelope.server_time);
        self.original_time = envelope.original_time;
        self.is_authenticated = self.is_authenticated.or(envelope.is_authenticated);
    }

    /// The payload that was read, and the kind it stands for.
    fn payload(&self) -> Option<(AttributeKind, &Json)> {
        macro_rules! first {
            ($($field:ident => $kind:ident),+ $(,)?) => {
                $(if let Some(payload) = &self.$field {
                    return Some((AttributeKind::$kind, &payload.raw));
                })+
            };
        }
        first! {
            cart_status => CartStatus,
            customer_information => CustomerInformation,
            lead => Lead,
            marketing_campaign => MarketingCampaign,
            personal_information => PersonalInformation,
            purchase => Purchase,
            search_content => SearchContent,
            service_activity => ServiceActivity,
            viewed_product => ViewedProduct,
            visitor_error => VisitorError,
        }
        None
    }

    /// The payload of a kind that is not known, or that could not be read, which `problem` then tells.
    fn foreign_payload(&mut self) -> (AttributeKind, Option<Json>) {
        let mut found: Option<(String, Json)> = None;
        let read = Reader::of(self.raw.text()).object_members(|reader, name| {
            let value = Json::decode(reader)?;
            if found.is_none() && value.as_str().starts_with('{') {
                found = Some((name.to_owned(), value));
            }
            Ok(())
        });
        debug_assert!(read.is_ok(), "it was read before");
        let (key, payload) = found.unzip();
        let known = key.as_deref().and_then(known);
        if let (Some((_, check)), Some(payload)) = (&known, &payload)
            && let Err(error) = check(&mut Reader::of(payload.text()))
        {
            self.problem = Some(Text::from(error.in_member(key.as_deref().unwrap_or_default()).to_string()));
        }
        let named = || self.sde_type.clone().filter(|name| !name.is_empty()).map(AttributeKind::from);
        let kind = known.map(|(kind, _)| kind).or_else(named).or_else(|| key.map(|key| AttributeKind::from(key.as_str())));
        (kind.unwrap_or_default(), payload)
    }
}

/// Reads a payload only to learn why it cannot be read.
type Check = fn(&mut Reader<'_>) -> DecodeResult<()>;

/// The kind that a payload's name stands for.
fn known(key: &str) -> Option<(AttributeKind, Check)> {
    fn check<T: Decode>(reader: &mut Reader<'_>) -> DecodeResult<()> {
        T::decode(reader).map(drop)
    }
    Some(match key {
        "cartStatus" => (AttributeKind::CartStatus, check::<CartStatus>),
        "customerInfo" => (AttributeKind::CustomerInformation, check::<CustomerInformation>),
        "lead" => (AttributeKind::Lead, check::<Lead>),
        "marketingCampaignInfo" => (AttributeKind::MarketingCampaign, check::<MarketingCampaign>),
        "personalInfo" => (AttributeKind::PersonalInformation, check::<PersonalInformation>),
        "purchase" => (AttributeKind::Purchase, check::<Purchase>),
        "searchContent" => (AttributeKind::SearchContent, check::<SearchContent>),
        "serviceActivity" => (AttributeKind::ServiceActivity, check::<ServiceActivity>),
        "viewedProduct" | "viewProduct" => (AttributeKind::ViewedProduct, check::<ViewedProduct>),
        "visitorError" | "formFillingError" => (AttributeKind::VisitorError, check::<VisitorError>),
        _ => return None,
    })
}
