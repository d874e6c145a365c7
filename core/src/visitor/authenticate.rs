//! Visitor authentication, which precedes the chat of an authenticated visitor.

use lpchat_macros::{model, operation};

use super::{Visitor, post};
use crate::error::{Code, LpchatError, Result};
use crate::secret::Secret;
use crate::transport::Context;
use crate::transport::links::last_segment;
use crate::wire::{Encode, Text, as_number};

/// What the service needs to have a visitor authenticated by the account's identity provider.
#[model(request)]
pub struct VisitorAuthenticationRequest {
    /// OAuth 2.0 code, or JWT, issued by the identity provider. A code can be used once.
    pub sso_key: Secret,
    /// `connectorId` of the engagement.
    pub auth_chat_conn_id: Text,
    /// Id of the engagement in the campaign.
    pub engagement_id: Text,
    /// Monitoring id of the visit.
    #[wire("LETagSessionId")]
    pub le_tag_session_id: Text,
    /// Monitoring id of the visitor.
    #[wire("LETagVisitorId")]
    pub le_tag_visitor_id: Text,
    /// Monitoring id of the context, decimal digits.
    #[wire("LETagContextId")]
    pub le_tag_context_id: Text,
    /// The OAuth redirect address.
    pub redirect_uri: Option<Text>,
}

/// The ids that start chat needs for an authenticated visitor.
#[model]
pub struct VisitorIdentity {
    /// The participant.
    pub participant_id: Text,
    /// The conversation.
    pub conversation_id: Text,
}

/// Authenticates a visitor. Hand the ids it yields in when starting the chat.
///
/// Never repeated by itself unless it did not leave or was throttled: a code is used up by the first attempt.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Visitor authentication".
#[operation(retry = effect)]
async fn authenticate(visitor: &Visitor, context: &Context, request: VisitorAuthenticationRequest) -> Result<VisitorIdentity> {
    check(&request)?;
    let mut body = request.encode().unwrap_or_default();
    // Documented as numbers; an id that is none goes as text.
    for member in ["authChatConnId", "engagementId"] {
        as_number(&mut body, member);
    }
    let answer = context.send(post(visitor.path("conversation")?).json(&body)).await?;
    if !answer.is_empty() {
        return answer.document();
    }
    // The newest edition shows an empty body and speaks of `Location`; if it holds both ids, they are its last segments.
    let location = answer.created(&[])?;
    let ids = location.as_ref().and_then(|url| {
        let mut segments = url.path_segments()?.rev();
        Some((segments.next()?.to_owned(), segments.next()?.to_owned()))
    });
    match ids {
        Some((conversation, participant)) if is_uuid(&conversation) && is_uuid(&participant) => {
            let raw = serde_json::json!({ "participantId": participant, "conversationId": conversation }).to_string();
            Ok(VisitorIdentity { participant_id: participant.into(), conversation_id: conversation.into(), raw: raw.into() })
        }
        _ => Err(LpchatError::new(Code::EmptyAnswer).with_message(format!(
            "The service accepted the authentication without naming participant and conversation ({}).",
            location
                .as_ref()
                .and_then(last_segment)
                .map_or("no body, no Location", |_| "no body, and a Location of another kind")
        ))),
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn check(request: &VisitorAuthenticationRequest) -> Result<()> {
    let needed = [
        ("auth_chat_conn_id", &request.auth_chat_conn_id),
        ("engagement_id", &request.engagement_id),
        ("le_tag_session_id", &request.le_tag_session_id),
        ("le_tag_visitor_id", &request.le_tag_visitor_id),
        ("le_tag_context_id", &request.le_tag_context_id),
    ];
    if request.sso_key.is_empty() {
        return Err(LpchatError::argument("sso_key", "", "the identity provider's code or token is needed"));
    }
    match needed.into_iter().find(|(_, value)| value.is_empty()) {
        Some((name, _)) => Err(LpchatError::argument(name, "", "visitor authentication needs it; it comes from the engagement")),
        None => Ok(()),
    }
}
