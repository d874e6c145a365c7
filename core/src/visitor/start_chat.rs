//! Start chat.

use lpchat_macros::{model, operation};
use serde_json::{Value, json};

use super::{Visitor, VisitorChat, post};
use crate::error::{Code, LpchatError, Result};
use crate::secret::Secret;
use crate::transport::Context;
use crate::wire::{Encode, Text};

/// A custom variable of a chat; legacy.
#[model(request)]
pub struct CustomVariable {
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: Text,
}

/// The answer to one question of a survey.
#[model(request)]
pub struct SurveyAnswer {
    /// Id of the question.
    #[wire("id")]
    pub question_id: Text,
    /// The answer; several for a checkbox question. Choices answer with the entry's `value`.
    #[wire("answer")]
    pub answers: Vec<Text>,
}

/// Answers to a survey.
#[model(request)]
pub struct SurveySubmission {
    /// Id of the survey.
    #[wire("id")]
    pub survey_id: Text,
    /// The answers.
    #[wire("question")]
    pub answers: Vec<SurveyAnswer>,
}

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
    if let Some(survey) = members.get_mut("survey") {
        as_number(survey, "id");
        for question in survey.get_mut("question").and_then(Value::as_array_mut).into_iter().flatten() {
            as_number(question, "id");
            if let Some(answer) = question.get_mut("answer")
                && answer.as_array().is_some_and(|answers| answers.len() == 1)
            {
                *answer = answer[0].take();
            }
        }
    }
    members
}

/// Turns a member that is the text of a whole number into that number.
pub(super) fn as_number(members: &mut Value, member: &str) {
    if let Some(value) = members.get_mut(member)
        && let Some(number) = value
            .as_str()
            .filter(|text| !text.starts_with('+'))
            .and_then(|text| text.parse::<i64>().ok().filter(|number| number.to_string() == *text))
    {
        *value = number.into();
    }
}

/// Source: `docs/protocol/visitor-chat-api.md`, "Start chat — `POST B/chat/request`".
fn check(request: &ChatRequest) -> Result<()> {
    if let Some(agent) = &request.agent {
        let excluded = [
            ("skill", request.skill.is_some()),
            ("service_queue", request.service_queue.is_some()),
            ("max_wait_time_seconds", request.max_wait_time_seconds.is_some()),
        ];
        if let Some((name, _)) = excluded.into_iter().find(|(_, given)| *given) {
            return Err(LpchatError::argument(
                "agent",
                agent.as_str(),
                &format!("an agent excludes `{name}`; give one of the two"),
            ));
        }
    }
    if let Some(wait) = request.max_wait_time_seconds.filter(|wait| !(0..=86_400).contains(wait)) {
        return Err(LpchatError::argument(
            "max_wait_time_seconds",
            wait,
            "it lies between 0 (an agent at once) and 86400 seconds",
        ));
    }
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
    let unanswered = request.survey.iter().flat_map(|survey| &survey.answers).find(|answer| answer.answers.is_empty());
    if let Some(answer) = unanswered {
        return Err(LpchatError::argument(
            "survey.answers",
            answer.question_id.as_str(),
            "every question listed needs an answer; leave unanswered ones out",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
