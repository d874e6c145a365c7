//! What an answer that is no success means.
//!
//! Sources: `docs/protocol/visitor-chat-api.md`, "Status codes" and "Error bodies"; `docs/protocol/agent-chat-api.md`,
//! "Errors"; `docs/protocol/authentication.md`, "Errors"; `docs/protocol/engagement-history-api.md`, "Status codes,
//! errors, throttling".

use super::http::{Received, Unanswered};
use super::request::{Access, Request, Service};
use super::retry::Failure;
use crate::error::{Code, LpchatError};
use crate::registry::Operation;
use crate::wire::ServiceError;

/// The failure and the error of an answer that is no success.
pub(super) fn refusal(request: &Request, operation: Operation, received: &Received) -> Unanswered {
    let said = ServiceError::from_body(received.body.as_str());
    let (failure, code) = classify(request, operation, received.status, &said);
    let mut error = LpchatError::new(code);
    if let Some(hint) = hint(request, code, &said) {
        error = error.with_hint(hint);
    }
    let request_id =
        ["x-request-id", "x-correlation-id"].iter().find_map(|name| received.header(name)).map(short).unwrap_or_default();
    let error = error.with(|details| {
        details.http_status = Some(received.status.into());
        details.service_code = said.code.as_deref().map(short);
        details.service_message = said.message;
        details.request_id = request_id;
    });
    Unanswered { failure, error }
}

/// Codes and ids are short; what is longer is none of the service's.
fn short(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(128).collect()
}

fn classify(request: &Request, operation: Operation, status: u16, said: &ServiceError) -> (Failure, Code) {
    let chat = matches!(operation.face, "VisitorChat" | "AgentChat");
    let says = |text: &str| said.message.as_deref().is_some_and(|message| message.contains(text));
    match status {
        429 => (Failure::Throttled, Code::Throttled),
        302 if request.service == Service::History => (Failure::Throttled, Code::Throttled),
        300..400 => (Failure::Final, Code::UnexpectedRedirect),
        400 if chat && says("Cannot add line while not in chat") => (Failure::Final, Code::NotChatting),
        400 if chat && says("Chat was ended") => (Failure::Final, Code::ChatEnded),
        401 if says("Bad captcha") => (Failure::Final, Code::CaptchaRequired),
        401 if request.login => (Failure::Final, Code::LoginFailed),
        401 if request.access == Access::AgentBearer => (Failure::Final, Code::SessionExpired),
        401 => (Failure::Final, Code::Unauthorized),
        400 if request.login
            && matches!(said.code.as_deref(), Some("invalid_client" | "unauthorized_client" | "invalid_grant")) =>
        {
            (Failure::Final, Code::LoginFailed)
        }
        403 => (Failure::Final, Code::Forbidden),
        404 if chat => (Failure::Final, Code::ChatGone),
        404 => (Failure::Final, Code::NotFound),
        451 => (Failure::Final, Code::AccountBlocked),
        503 => (Failure::Server, Code::Unavailable),
        500.. => (Failure::Server, Code::ServerFailed),
        _ => (Failure::Final, Code::Rejected),
    }
}

/// A hint that knows more than the table.
fn hint(request: &Request, code: Code, said: &ServiceError) -> Option<&'static str> {
    let says = |text: &str| said.message.as_deref().is_some_and(|message| message.contains(text));
    match code {
        Code::Unauthorized if says("Invalid User") => Some(
            "The service rejected an identity member; `visitor_id` is no substitute for `le_tag_visitor_id` when engagement ids are given.",
        ),
        Code::Unauthorized if says("customer authentication service") => {
            Some("The account's own identity provider refused the token; a code can be used once, so obtain a new one.")
        }
        Code::Unauthorized if said.code.as_deref() == Some("signature_invalid") => {
            Some("Check the four OAuth 1.0 keys and this machine's clock; a wrong host gives the same answer.")
        }
        Code::Unauthorized if request.access == Access::AppKey => {
            Some("Check `app_key`: the visitor API takes an application key.")
        }
        Code::Unauthorized if request.access == Access::History => Some(
            "History takes OAuth 2 with the scope data.services.enghist, a login bearer, or OAuth 1.0 keys with the Data permission.",
        ),
        Code::Forbidden if request.access == Access::AgentBearer => {
            Some("Structured content needs a feature of the account; other calls need the agent's permission.")
        }
        _ => None,
    }
}
