//! The survey at the end of a chat.

use lpchat_macros::{model, operation};
use serde_json::Value;

use super::VisitorChat;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::survey::{Survey, SurveyAnswer, answer_document, check_answers, survey_in};
use crate::wire::{Encode, Text};

/// Answers to an exit survey.
#[model(request)]
pub struct ExitSurveySubmission {
    /// Id of the survey.
    #[wire(skip)]
    pub survey_id: Text,
    /// The answers.
    #[wire(skip)]
    pub answers: Vec<SurveyAnswer>,
    /// Where the chat was requested, as the vendor's SDK sends it beside the survey.
    pub chat_referrer: Option<Text>,
    /// The visitor's browser, as the vendor's SDK sends it beside the survey.
    pub user_agent: Option<Text>,
}

/// Retrieves the survey to be answered after the chat. Nothing where the account has none. A survey that is being
/// answered needs the chat to be kept alive.
///
/// * `survey_name`: name of the survey; rules of the account may override it.
/// * `survey_api_id`: id of the survey.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Exit survey — `GET` and PUT* `S/exitSurvey`".
#[operation(retry = safe)]
async fn retrieve_exit_survey(
    chat: &VisitorChat,
    context: &Context,
    survey_name: Option<Text>,
    survey_api_id: Option<Text>,
) -> Result<Option<Survey>> {
    let asked = chat.get("/exitSurvey")?.query_if("surveyName", survey_name).query_if("surveyApiId", survey_api_id);
    survey_in(context.send(asked).await)
}

/// Submits the answers to the exit survey. A second submission may be a second record.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Exit survey — `GET` and PUT* `S/exitSurvey`".
#[operation(retry = effect)]
async fn submit_exit_survey(chat: &VisitorChat, context: &Context, submission: ExitSurveySubmission) -> Result<()> {
    if submission.survey_id.is_empty() {
        return Err(LpchatError::argument("survey_id", "", "answers name the survey, whose id comes with its questions"));
    }
    check_answers("answers", &submission.answers)?;
    let mut body = submission.encode().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    body["survey"] = answer_document(Some(&submission.survey_id), &submission.answers, "answer");
    context.send(chat.post("/exitSurvey")?.overridden_as_put().json(&body)).await.map(|_| ())
}
