//! Surveys before a chat: pre-chat and offline.

use lpchat_macros::{model, operation};
use serde_json::{Value, json};

use super::{Visitor, get, post};
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::survey::{Survey, SurveyAnswer, answer_document, check_answers, survey_in};
use crate::wire::{Encode, Text, as_number};

/// Which pre-chat survey is wanted. Without any member the service chooses by its rules.
#[model(request)]
pub struct PreChatSurveyRequest {
    /// Name of the survey; wins over everything else.
    pub survey_name: Option<Text>,
    /// Id of the survey, `surveyPreChatId` of the engagement window; ignored beside `survey_name`.
    pub survey_api_id: Option<Text>,
    /// Name of the skill.
    pub skill: Option<Text>,
    /// Profile of the visitor; wins over `skill`.
    pub visitor_profile: Option<Text>,
    /// The visitor's address, for rules; the caller's when absent.
    pub visitor_ip: Option<Text>,
    /// The visitor's browser, for rules; the request's own header when absent.
    pub user_agent: Option<Text>,
    /// The visitor whose earlier answers are wanted.
    pub visitor_id: Option<Text>,
}

/// Which offline survey is wanted. Without any member the service chooses by its rules.
#[model(request)]
pub struct OfflineSurveyRequest {
    /// Name of the survey; rules of the account may override it.
    pub survey_name: Option<Text>,
    /// Id of the survey.
    pub survey_api_id: Option<Text>,
    /// Name of the skill.
    pub skill: Option<Text>,
    /// Profile of the visitor; wins over `skill`.
    pub visitor_profile: Option<Text>,
    /// The visitor whose earlier answers are wanted.
    pub visitor_id: Option<Text>,
}

/// Answers to an offline survey, and from whom they come.
#[model(request)]
pub struct OfflineSurveySubmission {
    /// Id of the survey.
    #[wire(skip)]
    pub survey_id: Text,
    /// The answers.
    #[wire(skip)]
    pub answers: Vec<SurveyAnswer>,
    /// Name of the skill.
    pub skill: Option<Text>,
    /// Id from an earlier chat's information; links the two.
    pub visitor_id: Option<Text>,
    /// Legacy page-monitoring session.
    pub visitor_session_id: Option<Text>,
    /// The visitor's address; the caller's when absent.
    pub visitor_ip: Option<Text>,
    /// Where the survey was answered; any text. The service's own spelling is kept on the wire.
    #[wire("chatRefferer")]
    pub chat_referrer: Option<Text>,
    /// The visitor's browser; the request's own header when absent.
    pub user_agent: Option<Text>,
    /// Monitoring id of the visitor.
    #[wire("LETagVisitorId")]
    pub le_tag_visitor_id: Option<Text>,
    /// Monitoring id of the visit.
    #[wire("LETagSessionId")]
    pub le_tag_session_id: Option<Text>,
    /// Monitoring id of the context, decimal digits.
    #[wire("LETagContextId")]
    pub le_tag_context_id: Option<Text>,
    /// Sends all but the answers beside `survey`, as the vendor's SDK does, instead of inside it as documented.
    #[wire(skip)]
    pub context_beside_survey: Option<bool>,
    /// Calls each answer `value`, as one page shows, instead of `answer`.
    #[wire(skip)]
    pub answers_as_value: Option<bool>,
}

/// Retrieves the survey to be answered before a chat; its answers go into the request for the chat. Nothing where the
/// account has none.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Pre-chat survey — `GET B/chat/preSurvey`".
#[operation(retry = safe)]
async fn retrieve_pre_chat_survey(visitor: &Visitor, context: &Context, request: PreChatSurveyRequest) -> Result<Option<Survey>> {
    let asked = get(visitor.path("chat/preSurvey")?)
        .query_if("surveyName", request.survey_name)
        .query_if("surveyApiId", request.survey_api_id)
        .query_if("skill", request.skill)
        .query_if("visitorProfile", request.visitor_profile)
        .query_if("visitorIp", request.visitor_ip)
        .query_if("userAgent", request.user_agent)
        .query_if("visitorId", request.visitor_id);
    survey_in(context.send(asked).await)
}

/// Retrieves the survey to be answered where nobody is online. Nothing where the account has none.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Offline survey — `GET` and PUT* `B/chat/offlineSurvey`".
#[operation(retry = safe)]
async fn retrieve_offline_survey(visitor: &Visitor, context: &Context, request: OfflineSurveyRequest) -> Result<Option<Survey>> {
    let asked = get(visitor.path("chat/offlineSurvey")?)
        .query_if("surveyName", request.survey_name)
        .query_if("surveyApiId", request.survey_api_id)
        .query_if("skill", request.skill)
        .query_if("visitorProfile", request.visitor_profile)
        .query_if("visitorId", request.visitor_id);
    survey_in(context.send(asked).await)
}

/// Submits the answers to an offline survey. A second submission is a second record.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Offline survey — `GET` and PUT* `B/chat/offlineSurvey`".
#[operation(retry = effect)]
async fn submit_offline_survey(visitor: &Visitor, context: &Context, submission: OfflineSurveySubmission) -> Result<()> {
    check(&submission)?;
    let asked = post(visitor.path("chat/offlineSurvey")?).overridden_as_put().json(&wire_form(&submission));
    context.send(asked).await.map(|_| ())
}

fn wire_form(submission: &OfflineSurveySubmission) -> Value {
    let member = if submission.answers_as_value.unwrap_or(false) { "value" } else { "answer" };
    let mut survey = answer_document(Some(&submission.survey_id), &submission.answers, member);
    let mut context = submission.encode().unwrap_or_default();
    as_number(&mut context, "visitorId");
    let Value::Object(mut context) = context else { unreachable!("a request is an object") };
    if submission.context_beside_survey.unwrap_or(false) {
        // Beside the survey the spelling is that of start chat.
        if let Some(referrer) = context.remove("chatRefferer") {
            context.insert("chatReferrer".to_owned(), referrer);
        }
        context.insert("survey".to_owned(), survey);
        return Value::Object(context);
    }
    survey.as_object_mut().expect("an object").append(&mut context);
    json!({ "survey": survey })
}

fn check(submission: &OfflineSurveySubmission) -> Result<()> {
    if submission.survey_id.is_empty() {
        return Err(LpchatError::argument("survey_id", "", "answers name the survey, whose id comes with its questions"));
    }
    check_answers("answers", &submission.answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_stands_inside_the_survey_or_beside_it() {
        let submission = OfflineSurveySubmission {
            survey_id: "7".into(),
            answers: vec![SurveyAnswer { question_id: "1".into(), answers: vec!["a".into()] }],
            skill: Some("Sales".into()),
            chat_referrer: Some("page".into()),
            visitor_id: Some("12".into()),
            ..OfflineSurveySubmission::default()
        };
        let question = json!([{ "id": 1, "answer": "a" }]);
        assert_eq!(
            wire_form(&submission),
            json!({ "survey": { "id": 7, "question": question, "skill": "Sales", "chatRefferer": "page", "visitorId": 12 } })
        );
        let beside = OfflineSurveySubmission { context_beside_survey: Some(true), answers_as_value: Some(true), ..submission };
        assert_eq!(
            wire_form(&beside),
            json!({ "skill": "Sales", "chatReferrer": "page", "visitorId": 12,
                    "survey": { "id": 7, "question": [{ "id": 1, "value": "a" }] } })
        );
    }
}
