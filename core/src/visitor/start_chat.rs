//! Start chat.

use lpchat_macros::{model, operation};
use serde_json::{Value, json};

use super::custom_variables::CustomVariable;
use super::{Visitor, VisitorChat, post};
use crate::error::{Code, LpchatError, Result};
use crate::secret::Secret;
use crate::transport::Context;
use crate::wire::slots::{check_wait, excluded_by_agent};
use crate::wire::survey::{SurveySubmission, answer_document, check_answers};
use crate::wire::{Encode, Text, as_number};

/// A request for a chat. Everything is optional.
#[model(request)]
pub struct ChatRequest {
    /// Name of the skill (some accounts take the id here).
    pub skill: Option<Text>,
    /// Id of the skill; an undocumented alternative to `skill`.
    pub skill_id: Option<Text>,
    /// Login name of the agent; excludes `skill`, `service_queue` and `max_wait_time_seconds`.
    pub agent: Option<Text>,
    /// Legacy queue, only with `max_wait_time_seconds`; ignored when `skill` is given.
    pub service_queue: Option<Text>,
    /// Longest acceptable wait in seconds, 0 to 86400; 0 asks for an agent at once.
    #[wire("maxWaitTime")]
    pub max_wait_time_seconds: Option<i64>,
    /// The visitor's address; the caller's when absent.
    pub visitor_ip: Option<Text>,
    /// Where the chat was requested; any text.
    pub chat_referrer: Option<Text>,
    /// The visitor's browser; the request's own header when absent.
    pub user_agent: Option<Text>,
    /// Id from an earlier chat's information; links the two. No substitute for `le_tag_visitor_id`.
    pub visitor_id: Option<Text>,
    /// Legacy page-monitoring session.
    pub visitor_session_id: Option<Text>,
    /// Monitoring id of the visitor.
    #[wire("LETagVisitorId")]
    pub le_tag_visitor_id: Option<Text>,
    /// Monitoring id of the visit.
    #[wire("LETagSessionId")]
    pub le_tag_session_id: Option<Text>,
    /// Monitoring id of the context, decimal digits.
    #[wire("LETagContextId")]
    pub le_tag_context_id: Option<Text>,
    /// Id of the engagement in the campaign.
    pub engagement_id: Option<Text>,
    /// Id of the campaign.
    pub campaign_id: Option<Text>,
    /// Language of system messages, such as `en-US`.
    pub language: Option<Text>,
    /// Seconds without a request after which the service gives the chat up; 40 when absent.
    #[wire("interactionTimeout")]
    pub interaction_timeout_seconds: Option<i64>,
    /// Lines shown to the agent when the chat begins.
    #[wire("preChatLines", item = "line")]
    pub pre_chat_lines: Vec<Text>,
    /// Sends the lines as `lines`, as the vendor's SDK does, instead of as `line`, which the documents show.
    #[wire(skip)]
    pub pre_chat_lines_as_lines: Option<bool>,
    /// Answers to the pre-chat survey.
    pub survey: Option<SurveySubmission>,
    /// Custom variables; legacy.
    #[wire("customVariables", item = "customVariable")]
    pub custom_variables: Vec<CustomVariable>,
    /// Lets survey rules alter the chat; legacy.
    pub run_with_rules: Option<bool>,
    /// Legacy encrypted sign-on; `Visitor.authenticate` supersedes it.
    pub sso_key: Option<Secret>,
    /// Legacy reporting: the button.
    pub button_name: Option<Text>,
    /// Legacy reporting: whether an invitation led here.
    pub invitation: Option<bool>,
    /// Legacy reporting: the container.
    pub site_container: Option<Text>,
    /// Legacy reporting: the session.
    pub visitor_session: Option<Text>,
    /// From visitor authentication; only together with `conversation_id`.
    pub participant_id: Option<Text>,
    /// From visitor authentication; only together with `participant_id`.
    pub conversation_id: Option<Text>,
    /// Account transfer: the source account.
    #[wire("a2aSourceSiteId")]
    pub a2a_source_site_id: Option<Text>,
    /// Account transfer: the source session.
    #[wire("a2aSourceSessionId")]
    pub a2a_source_session_id: Option<Text>,
    /// Account transfer: the event.
    #[wire("a2aEventId")]
    pub a2a_event_id: Option<Text>,
}

/// Starts a chat. It waits in the queue until an agent accepts it; until then lines are refused.
///
/// Repeated only if it never left or was throttled. After any other failure the error is `OutcomeUnknown`: the chat may
/// be queued already, nothing lists a visitor's chats, and an orphan expires after its idle limit.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Start chat — `POST B/chat/request`".
#[operation(retry = effect)]
async fn start_chat(visitor: &Visitor, context: &Context, request: ChatRequest) -> Result<VisitorChat> {
    check(&request)?;
    let body = json!({ "request": wire_form(&request) });
    let answer = context.send(post(visitor.path("chat/request")?).json(&body)).await?;
    let Some(location) = answer.created(&["chatLocation"])? else {
        return Err(LpchatError::new(Code::EmptyAnswer)
            .with_message("The service accepted the chat without saying where it is (no `Location`).")
            .with_hint("The chat may be in the queue; it expires after its idle limit."));
    };
    VisitorChat::created_at(visitor.core(), &location, &answer.asked)
}

/// The members as real clients send them: ids that are numbers as numbers.
fn wire_form(request: &ChatRequest) -> Value {
    let mut members = request.encode().unwrap_or_default();
    for member in ["engagementId", "campaignId", "visitorId", "a2aSourceSiteId", "a2aSourceSessionId", "a2aEventId"] {
        as_number(&mut members, member);
    }
    if let Some(survey) = &request.survey {
        members["survey"] = answer_document(Some(&survey.survey_id), &survey.answers, "answer");
    }
    if request.pre_chat_lines_as_lines.unwrap_or(false)
        && let Some(container) = members.get_mut("preChatLines").and_then(Value::as_object_mut)
        && let Some(lines) = container.remove("line")
    {
        container.insert("lines".to_owned(), lines);
    }
    members
}

/// Source: `docs/protocol/visitor-chat-api.md`, "Start chat — `POST B/chat/request`".
fn check(request: &ChatRequest) -> Result<()> {
    let excluded = [
        ("skill", request.skill.is_some()),
        ("service_queue", request.service_queue.is_some()),
        ("max_wait_time_seconds", request.max_wait_time_seconds.is_some()),
    ];
    excluded_by_agent(request.agent.as_ref(), &excluded)?;
    check_wait(request.max_wait_time_seconds)?;
    if let Some(timeout) = request.interaction_timeout_seconds.filter(|timeout| *timeout < 1) {
        return Err(LpchatError::argument(
            "interaction_timeout_seconds",
            timeout,
            "it is at least 1 second; the service's own is 40",
        ));
    }
    if request.participant_id.is_some() != request.conversation_id.is_some() {
        let missing = if request.participant_id.is_some() { "conversation_id" } else { "participant_id" };
        return Err(LpchatError::missing(missing, "an authenticated chat needs both ids of `Visitor.authenticate`"));
    }
    if let Some(context) = request.le_tag_context_id.as_ref().filter(|context| !context.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(LpchatError::argument("le_tag_context_id", context.as_str(), "it consists of decimal digits"));
    }
    check_answers("survey.answers", request.survey.as_ref().map_or(&[], |survey| &survey.answers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::survey::SurveyAnswer;

    #[test]
    fn the_vendors_sdk_calls_lines_lines() {
        let request = ChatRequest {
            pre_chat_lines: vec!["one".into(), "two".into()],
            pre_chat_lines_as_lines: Some(true),
            ..ChatRequest::default()
        };
        assert_eq!(wire_form(&request), json!({ "preChatLines": { "lines": ["one", "two"] } }));
    }

    #[test]
    fn a_request_takes_the_documented_form() {
        let request = ChatRequest {
            skill: Some("Sales".into()),
            engagement_id: Some("27469613".into()),
            pre_chat_lines: vec!["one".into()],
            survey: Some(SurveySubmission {
                survey_id: "1".into(),
                answers: vec![
                    SurveyAnswer { question_id: "1".into(), answers: vec!["a".into()] },
                    SurveyAnswer { question_id: "x2".into(), answers: vec!["1".into(), "2".into()] },
                ],
            }),
            ..ChatRequest::default()
        };
        let expected = json!({
            "skill": "Sales", "engagementId": 27469613, "preChatLines": { "line": ["one"] },
            "survey": { "id": 1, "question": [{ "id": 1, "answer": "a" }, { "id": "x2", "answer": ["1", "2"] }] }
        });
        assert_eq!(wire_form(&request), expected);
    }
}
