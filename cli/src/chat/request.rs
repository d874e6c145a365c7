//! What a chat is asked for with.

use lpchat::{ChatRequest, Client, CustomVariable, PreChatSurveyRequest, SurveyAnswer, SurveySubmission, VisitorChat};

use crate::arguments::ChatArguments;
use crate::failure::{Failure, message};
use crate::notice::say;

/// Starts the chat that the options describe.
pub fn start(client: &Client, arguments: &ChatArguments) -> Result<VisitorChat, Failure> {
    let text = |value: &Option<String>| value.as_deref().map(Into::into);
    let request = ChatRequest {
        skill: text(&arguments.skill),
        agent: text(&arguments.agent),
        max_wait_time_seconds: arguments.max_wait,
        language: text(&arguments.language),
        chat_referrer: text(&arguments.referrer),
        pre_chat_lines: arguments.pre_chat_lines.iter().map(|line| line.as_str().into()).collect(),
        survey: survey(client, arguments)?,
        custom_variables: arguments.custom_variables.iter().map(variable).collect(),
        ..ChatRequest::default()
    };
    let chat = client.visitor().start_chat(request)?;
    if let Some(name) = &arguments.visitor_name
        && let Err(error) = chat.set_visitor_name(name.as_str().into())
    {
        say(&format!("warning: the chat has no name for you: {}", message(&error)));
    }
    Ok(chat)
}

fn variable((name, value): &(String, String)) -> CustomVariable {
    CustomVariable { name: name.as_str().into(), value: value.as_str().into() }
}

/// The answers to the account's pre-chat survey, by the ids of its questions.
fn survey(client: &Client, arguments: &ChatArguments) -> Result<Option<SurveySubmission>, Failure> {
    if arguments.answers.is_empty() {
        return Ok(None);
    }
    let wanted = PreChatSurveyRequest { skill: arguments.skill.as_deref().map(Into::into), ..PreChatSurveyRequest::default() };
    let survey = client.visitor().retrieve_pre_chat_survey(wanted)?;
    let Some(survey) = survey else {
        return Err(Failure::Usage("--answer has no effect: the account asks nothing before a chat.".to_owned()));
    };
    let mut answers: Vec<SurveyAnswer> = Vec::new();
    for (question, answer) in &arguments.answers {
        if !survey.questions.iter().any(|known| *known.id == **question) {
            let known: Vec<String> = survey
                .questions
                .iter()
                .map(|question| format!("{} ({})", question.id, question.label.as_deref().unwrap_or_default()))
                .collect();
            return Err(Failure::Usage(format!(
                "--answer names the question {question:?}. These are asked: {}.",
                known.join(", ")
            )));
        }
        match answers.iter_mut().find(|given| *given.question_id == **question) {
            Some(given) => given.answers.push(answer.as_str().into()),
            None => answers.push(SurveyAnswer { question_id: question.as_str().into(), answers: vec![answer.as_str().into()] }),
        }
    }
    Ok(Some(SurveySubmission { survey_id: survey.id.clone().unwrap_or_default(), answers }))
}
