//! The agent's survey.

use lpchat_macros::operation;
use serde_json::json;

use super::AgentChat;
use crate::error::Result;
use crate::transport::Context;
use crate::wire::Text;
use crate::wire::survey::{Survey, SurveyAnswer, answer_document, check_answers, survey_in};

/// Retrieves the survey that the agent answers. Nothing where the account has none.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Agent survey".
#[operation(retry = safe)]
async fn retrieve_survey(chat: &AgentChat, context: &Context) -> Result<Option<Survey>> {
    survey_in(context.send(chat.get("/survey")?).await)
}

/// Submits the agent's answers. A second submission may be a second record.
///
/// The documents describe the parts of the request and show no sample: it takes the form that visitors' answers have.
///
/// * `answers`: the answers, by question.
/// * `survey_id`: sent along when given; the documents do not ask for it.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Agent survey".
#[operation(retry = effect)]
async fn submit_survey(chat: &AgentChat, context: &Context, answers: Vec<SurveyAnswer>, survey_id: Option<Text>) -> Result<()> {
    check_answers("answers", &answers)?;
    let body = json!({ "survey": answer_document(survey_id.as_ref(), &answers, "answer") });
    context.send(chat.post("/survey")?.overridden_as_put().json(&body)).await.map(|_| ())
}
