//! What engagement attributes hold, by kind.
//!
//! Sources: `docs/protocol/engagement-history-api.md`, "Scalars" and "Fields by kind". Numbers come as strings mostly;
//! amounts keep the text they were sent in.

use lpchat_macros::model;

use crate::wire::{Decimal, Text};

/// A calendar date. Its parts come one by one and are not checked.
#[model]
pub struct AttributeDate {
    /// The year.
    pub year: Option<i64>,
    /// The month, 1 to 12.
    pub month: Option<i64>,
    /// The day of the month.
    pub day: Option<i64>,
}

/// A product of a cart, a purchase or a view.
#[model(unwrap = "product")]
pub struct Product {
    /// How many of it.
    pub quantity: Option<i64>,
    /// Name of the product.
    pub name: Option<Text>,
    /// Category of the product.
    pub category: Option<Text>,
    /// Stock keeping unit: the shop's own id of the product.
    pub sku: Option<Text>,
    /// Price of one.
    pub price: Option<Decimal>,
    /// Whether it is in stock, in the shop's words; viewed products only.
    pub status_in_stock: Option<Text>,
    /// How many are in stock; viewed products only.
    pub quantity_in_stock: Option<i64>,
}

/// A shopping cart.
#[model]
pub struct CartStatus {
    /// Value of the cart.
    pub total: Option<Decimal>,
    /// Currency of the amounts, an ISO code.
    pub currency: Option<Text>,
    /// How many items are in it.
    #[wire("numItems")]
    pub item_count: Option<i64>,
    /// The products in it.
    pub products: Vec<Product>,
}

/// A purchase.
#[model]
pub struct Purchase {
    /// What was paid; another thing than the value of the cart.
    pub total: Option<Decimal>,
    /// Currency of the amounts, an ISO code; some senders give it in the cart only.
    pub currency: Option<Text>,
    /// Id of the order.
    pub order_id: Option<Text>,
    /// The cart that was bought.
    pub cart: Option<CartStatus>,
}

/// Products that the visitor looked at.
#[model]
pub struct ViewedProduct {
    /// Currency of the prices, an ISO code.
    pub currency: Option<Text>,
    /// The products; their quantity is absent.
    pub products: Vec<Product>,
}

/// What the brand knows of the customer.
#[model(unwrap = "customerInfo")]
pub struct CustomerInformation {
    /// Status of the customer.
    pub customer_status: Option<Text>,
    /// Type of the customer.
    pub customer_type: Option<Text>,
    /// Balance of the customer's account.
    pub balance: Option<Decimal>,
    /// Currency of the balance, an ISO code.
    #[wire("currency", alias = "Currency")]
    pub currency: Option<Text>,
    /// The brand's own id of the customer.
    pub customer_id: Option<Text>,
    /// Id in a social network.
    pub social_id: Option<Text>,
    /// Number of the mobile device.
    pub imei: Option<Text>,
    /// The customer's user name.
    pub user_name: Option<Text>,
    /// Name of the customer's account.
    pub account_name: Option<Text>,
    /// Role of the customer.
    pub role: Option<Text>,
    /// Branch of the company.
    pub company_branch: Option<Text>,
    /// How many people the company has.
    pub company_size: Option<i64>,
    /// Number of the store.
    pub store_number: Option<Text>,
    /// Zip code of the store.
    pub store_zip_code: Option<Text>,
    /// When the customer last paid.
    pub last_payment_date: Option<AttributeDate>,
    /// When the customer registered.
    pub registration_date: Option<AttributeDate>,
    /// Whether the customer is logged in, as a code; messaging only.
    pub login_status: Option<i64>,
}

/// Age of a person.
#[model]
pub struct CustomerAge {
    /// Age in years, such as `35.0`.
    #[wire("customerAgeInYears")]
    pub years: Option<Decimal>,
    /// Year of birth.
    #[wire("customerYearOfBirth")]
    pub year_of_birth: Option<i64>,
    /// Month of birth, 1 to 12.
    #[wire("customerMonthOfBirth")]
    pub month_of_birth: Option<i64>,
    /// Day of the month of birth.
    #[wire("customerDateOfBirth")]
    pub day_of_birth: Option<i64>,
}

/// Address of a person; undocumented by the service.
#[model]
pub struct ContactAddress {
    /// Country.
    pub country: Option<Text>,
    /// Region.
    pub region: Option<Text>,
    /// Zip code.
    pub zip_code: Option<Text>,
}

/// A way to reach a person.
#[model(unwrap = "personalContact")]
pub struct PersonalContact {
    /// Mail address.
    pub email: Option<Text>,
    /// Telephone number.
    pub phone: Option<Text>,
    /// Postal address.
    pub address: Option<ContactAddress>,
}

/// Who the visitor is.
#[model(unwrap = "personalInfo")]
pub struct PersonalInformation {
    /// First name.
    pub name: Option<Text>,
    /// Surname.
    pub surname: Option<Text>,
    /// Gender, such as `MALE`.
    pub gender: Option<Text>,
    /// Company.
    pub company: Option<Text>,
    /// Language.
    pub language: Option<Text>,
    /// Age.
    #[wire("customerAge")]
    pub age: Option<CustomerAge>,
    /// Ways to reach the person.
    pub contacts: Vec<PersonalContact>,
}

/// How a visitor came to the site.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Originating channel".
#[model]
pub enum OriginatingChannel {
    /// By its address.
    #[wire("0")]
    Direct,
    /// By a search engine.
    #[wire("1")]
    Search,
    /// By a social network.
    #[wire("2")]
    Social,
    /// By mail.
    #[wire("3")]
    Email,
    /// By a link on another site.
    #[wire("4")]
    Referral,
    /// By an advertisement of a search engine.
    #[wire("5")]
    PaidSearch,
    /// By an advertisement on another site.
    #[wire("6")]
    Display,
}

impl OriginatingChannel {
    /// The code's meaning in the service's words; `None` for a code that this version does not know.
    pub fn label(&self) -> Option<&'static str> {
        Some(match self {
            Self::Direct => "Direct",
            Self::Search => "Search",
            Self::Social => "Social",
            Self::Email => "Email",
            Self::Referral => "Referral",
            Self::PaidSearch => "Paid search",
            Self::Display => "Display",
            Self::Other { .. } => return None,
        })
    }
}

/// The marketing campaign that brought the visitor.
#[model(unwrap = "marketingCampaignInfo")]
pub struct MarketingCampaign {
    /// How the visitor came to the site.
    pub originating_channel: Option<OriginatingChannel>,
    /// The partner that sent the visitor.
    pub affiliate: Option<Text>,
    /// The brand's own id of the campaign.
    pub campaign_id: Option<Text>,
}

/// A lead.
#[model(unwrap = "lead")]
pub struct Lead {
    /// What the lead is about.
    pub topic: Option<Text>,
    /// Value of the lead.
    pub value: Option<Decimal>,
    /// Currency of the value, an ISO code.
    pub currency: Option<Text>,
    /// Id of the lead.
    pub lead_id: Option<Text>,
}

/// State of a service activity.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Service activity status".
#[model]
pub enum ServiceActivityStatus {
    /// Complete.
    #[wire("0")]
    Complete,
    /// In progress.
    #[wire("1")]
    InProgress,
    /// Approved.
    #[wire("2")]
    Approved,
    /// Cancelled.
    #[wire("3")]
    Cancelled,
    /// Not approved.
    #[wire("4")]
    NotApproved,
    /// Reviewed.
    #[wire("5")]
    Reviewed,
    /// Details are missing.
    #[wire("6")]
    MissingDetails,
    /// Closed.
    #[wire("7")]
    Closed,
    /// Removed.
    #[wire("8")]
    Removed,
    /// Assigned.
    #[wire("9")]
    Assigned,
    /// Waits for the customer's response.
    #[wire("10")]
    WaitingForCustomerResponse,
    /// Waits for a response.
    #[wire("11")]
    WaitingForResponse,
    /// Pending.
    #[wire("12")]
    Pending,
    /// Resolved.
    #[wire("13")]
    Resolved,
}

impl ServiceActivityStatus {
    /// The code's meaning in the service's words; `None` for a code that this version does not know.
    pub fn label(&self) -> Option<&'static str> {
        Some(match self {
            Self::Complete => "Complete",
            Self::InProgress => "In progress",
            Self::Approved => "Approved",
            Self::Cancelled => "Cancelled",
            Self::NotApproved => "Not approved",
            Self::Reviewed => "Reviewed",
            Self::MissingDetails => "Missing details",
            Self::Closed => "Closed",
            Self::Removed => "Removed",
            Self::Assigned => "Assigned",
            Self::WaitingForCustomerResponse => "Waiting for customer response",
            Self::WaitingForResponse => "Waiting for response",
            Self::Pending => "Pending",
            Self::Resolved => "Resolved",
            Self::Other { .. } => return None,
        })
    }
}

/// A service activity, such as a complaint.
#[model(unwrap = "serviceActivity")]
pub struct ServiceActivity {
    /// What it is about.
    pub topic: Option<Text>,
    /// State of the activity.
    pub status: Option<ServiceActivityStatus>,
    /// Category.
    pub category: Option<Text>,
    /// Id of the service.
    pub service_id: Option<Text>,
}

/// An error that the visitor met on the site.
#[model(unwrap = "visitorError")]
pub struct VisitorError {
    /// Where it happened, such as the field of a form.
    pub context_id: Option<Text>,
    /// The message.
    pub message: Option<Text>,
    /// The brand's own code of the error.
    pub code: Option<Text>,
    /// How severe it is.
    pub level: Option<i64>,
    /// Whether it was resolved.
    #[wire("resolved")]
    pub is_resolved: Option<bool>,
}

/// What the visitor searched for on the site.
#[model]
pub struct SearchContent {
    /// The words.
    pub keywords: Vec<Text>,
}
