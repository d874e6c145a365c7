//! The visit behind a chat.

use lpchat_macros::{model, operation};

use super::AgentChat;
use crate::error::{Code, LpchatError, Result};
use crate::transport::Context;
use crate::transport::links::segment;
use crate::wire::{Link, Text, Timestamp};

/// The visit behind a chat: where its parts are.
#[model]
pub struct Visit {
    /// Relations `self`, `info`, `custom-variables`.
    #[wire("link")]
    pub links: Vec<Link>,
}

/// One thing that is known of a visit.
#[model]
pub struct VisitDetail {
    /// Its name.
    pub name: Text,
    /// Its value.
    #[wire("$")]
    pub value: Option<Text>,
}

/// What is known of a visit.
#[model]
pub struct VisitInformation {
    /// Relation `self`.
    #[wire("link")]
    pub links: Vec<Link>,
    /// Whether the visitor is in a chat now.
    pub is_in_current_chat: Option<bool>,
    /// The visitor.
    pub visitor_id: Option<Text>,
    /// About the session.
    #[wire("sessionInfo", item = "info")]
    pub session: Vec<VisitDetail>,
    /// About the visitor.
    #[wire("visitorInfo", item = "info")]
    pub visitor: Vec<VisitDetail>,
    /// About times.
    #[wire("time", item = "info")]
    pub times: Vec<VisitDetail>,
}

/// A custom variable of a visit.
#[model]
pub struct VisitVariable {
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: Option<Text>,
    /// The name that is shown.
    pub display_name: Option<Text>,
    /// When it was set.
    pub time: Option<Timestamp>,
    /// Who set it.
    pub source: Option<Text>,
    /// What it belongs to: `session`, `page`, …
    pub scope: Option<Text>,
}

#[model(internal)]
struct VisitVariables {
    #[wire("customVariable")]
    variables: Vec<VisitVariable>,
}

/// Retrieves the links of the visit behind the chat.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Visit resources as one client decodes them".
#[operation(retry = safe)]
async fn retrieve_visit(chat: &AgentChat, context: &Context) -> Result<Visit> {
    context.send(chat.session().get(&visit(chat)?)?).await?.member("visitId")
}

/// Retrieves what is known of the visit behind the chat: session, visitor, times. Follows the visit's link `info`.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Visit resources as one client decodes them".
#[operation(retry = safe)]
async fn retrieve_visit_information(chat: &AgentChat, context: &Context) -> Result<VisitInformation> {
    let answer = context.send(chat.session().get(&visit(chat)?)?).await?;
    let (path, query) = answer.link(&"info".into())?;
    context.send(chat.session().at(reqwest::Method::GET, path).queries(query)).await?.member("visitInfo")
}

/// Retrieves the custom variables of the visit behind the chat.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Visit resources as one client decodes them".
#[operation(retry = safe)]
async fn retrieve_custom_variables(chat: &AgentChat, context: &Context) -> Result<Vec<VisitVariable>> {
    let resource = format!("{}/customVariables", visit(chat)?);
    let variables: Option<VisitVariables> = context.send(chat.session().get(&resource)?).await?.member("customVariables")?;
    Ok(variables.map(|variables| variables.variables).unwrap_or_default())
}

/// The resource of the visit. Its id is the chat's without the middle part.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Identifiers".
fn visit(chat: &AgentChat) -> Result<String> {
    let id = chat.id();
    visit_id(&id).map(|visit| format!("/visits/visit/{}", segment(&visit))).ok_or_else(|| {
        LpchatError::new(Code::NotFound)
            .with_message("The chat's id has another form than documented: no visit can be told from it.")
            .with_hint("Follow the chat's link `visit-id`.")
    })
}

/// `H1-abcK2` → `H1K2`.
fn visit_id(chat: &str) -> Option<String> {
    let (start, rest) = chat.split_once('-')?;
    let end = &rest[rest.rfind('K')?..];
    Some(format!("{start}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_a_chat_without_its_middle() {
        let visit = visit_id("H2170755172687460894-b7d761017809489ea1a257461eb373eeK8457415");
        assert_eq!(visit.as_deref(), Some("H2170755172687460894K8457415"));
        assert_eq!(visit_id("H1K2"), None);
    }
}
