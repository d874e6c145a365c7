//! The authenticated visitor of a chat.

use lpchat_macros::{model, operation};

use super::AgentSession;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::{Decimal, Text};

/// A day.
#[model]
pub struct ParticipantDate {
    /// The year.
    pub year: Option<i64>,
    /// The month, from 1.
    pub month: Option<i64>,
    /// The day, from 1.
    pub day: Option<i64>,
}

/// What the account's identity provider says of the visitor as a customer.
#[model]
pub struct AuthenticatedParticipantInformation {
    /// Whether the visitor is authenticated.
    pub is_user_authenticated: Option<bool>,
    /// The participant.
    pub participant_id: Option<Text>,
    /// The customer's balance.
    pub balance: Option<Decimal>,
    /// When the customer registered.
    pub registration_date: Option<ParticipantDate>,
    /// When the customer last paid.
    pub last_payment_date: Option<ParticipantDate>,
    /// The customer's id.
    pub customer_id: Option<Text>,
    /// The customer's status.
    pub customer_status: Option<Text>,
    /// The customer's type.
    pub customer_type: Option<Text>,
    /// Id in a social network.
    pub social_id: Option<Text>,
    /// Id of the customer's device.
    pub imei: Option<Text>,
    /// The customer's user name.
    pub user_name: Option<Text>,
    /// Size of the customer's company.
    pub company_size: Option<i64>,
    /// Name of the customer's account.
    pub account_name: Option<Text>,
    /// The customer's role.
    pub role: Option<Text>,
}

/// One way to reach the visitor.
#[model]
pub struct ParticipantContact {
    /// E-mail address.
    pub email: Option<Text>,
    /// Telephone number.
    pub phone: Option<Text>,
}

/// What the account's identity provider says of the visitor as a person.
#[model]
pub struct AuthenticatedPersonalInformation {
    /// First name.
    pub name: Option<Text>,
    /// Last name.
    pub surname: Option<Text>,
    /// Ways to reach the person.
    pub contacts: Vec<ParticipantContact>,
}

/// The authenticated visitor of a chat.
#[model]
pub struct ParticipantInformation {
    /// As a customer.
    #[wire("authenticatedParticipantInfo")]
    pub participant: Option<AuthenticatedParticipantInformation>,
    /// As a person.
    #[wire("authenticatedPersonalInfo")]
    pub person: Option<AuthenticatedPersonalInformation>,
}

/// Retrieves what is known of the authenticated visitor of a chat.
///
/// * `participant_id`: from the chat's information; authenticated chats only.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Authenticated visitor — `GET /agentSession/{s}/participantExtendedInfo/{p}`".
#[operation(retry = safe)]
async fn retrieve_participant_information(
    session: &AgentSession,
    context: &Context,
    participant_id: Text,
) -> Result<ParticipantInformation> {
    if participant_id.is_empty() {
        return Err(LpchatError::argument("participant_id", "", "it comes from the information of an authenticated chat"));
    }
    let resource = format!("/participantExtendedInfo/{}", crate::transport::links::segment(&participant_id));
    context.send(session.get(&resource)?).await?.document()
}
