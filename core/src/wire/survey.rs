//! Surveys, which visitor and agent both read and answer.
//!
//! Sources: `docs/protocol/visitor-chat-api.md`, "Survey document" and "Answer document"; `docs/protocol/agent-chat-api.md`,
//! "Agent survey".

use lpchat_macros::model;
use serde_json::Value;

use super::{Encode, Text, as_number};
use crate::error::{Code, LpchatError, Result};
use crate::transport::Answer;

/// How a question is asked.
#[model]
pub enum SurveyQuestionType {
    /// One line of free text.
    #[wire("Text Field")]
    TextField,
    /// Several lines of free text.
    #[wire("Text Area")]
    TextArea,
    /// One entry out of a list.
    #[wire("Dropdown Box")]
    DropdownBox,
    /// One entry, one below the other.
    #[wire("Radio Button")]
    RadioButton,
    /// One entry, side by side.
    #[wire("Radio Button (side by side)")]
    RadioButtonSideBySide,
    /// Any number of entries.
    #[wire("Checkbox", alias = "CheckBox")]
    Checkbox,
}

/// What an answer may consist of.
#[model]
pub enum SurveyValidationType {
    /// Anything.
    #[wire("alpha_numeric", alias = "alphanumeric")]
    AlphaNumeric,
    /// Digits.
    #[wire("numeric")]
    Numeric,
    /// An e-mail address.
    #[wire("email")]
    Email,
}

/// One entry of a choice.
#[model]
pub struct SurveyEntry {
    /// What is submitted as the answer.
    pub value: Text,
    /// What is shown, where it is not the value.
    pub display_value: Option<Text>,
    /// Whether it is selected beforehand.
    pub checked: Option<bool>,
    /// The logic ids of the questions that are shown once this entry is chosen.
    #[wire("logic", item = "showLogicId")]
    pub show_logic_ids: Vec<Text>,
}

/// One question.
#[model]
pub struct SurveyQuestion {
    /// What an answer names the question by.
    pub id: Text,
    /// Position, from 0.
    pub order: Option<i64>,
    /// Whether it must be answered; a question that is hidden needs no answer.
    pub mandatory: Option<bool>,
    /// How it is asked.
    #[wire("type")]
    pub r#type: Option<SurveyQuestionType>,
    /// What an answer may consist of.
    pub validation_type: Option<SurveyValidationType>,
    /// What `show_logic_ids` of entries refer to. A question that any entry refers to is hidden until such an entry is
    /// chosen.
    pub logic_id: Option<Text>,
    /// The question.
    pub label: Option<Text>,
    /// An earlier answer to a question of free text.
    pub last_known_value: Option<Text>,
    /// What can be chosen.
    #[wire("entry")]
    pub entries: Vec<SurveyEntry>,
}

/// A survey.
#[model(complete)]
pub struct Survey {
    /// The survey's id, which its answers name.
    pub id: Option<Text>,
    /// Reserved by the service, usually empty.
    pub title: Option<Text>,
    /// The heading.
    pub header: Option<Text>,
    /// The questions, in their order of display.
    #[wire("questions", item = "question")]
    pub questions: Vec<SurveyQuestion>,
}

impl Survey {
    fn complete(&mut self) {
        self.questions.sort_by_key(|question| question.order.unwrap_or(i64::MAX));
    }
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

/// The answer document as real clients send it: ids that are numbers as numbers, a lone answer without a list. `member`
/// is what an answer is called, `answer` or `value`.
pub(crate) fn answer_document(survey_id: Option<&Text>, answers: &Vec<SurveyAnswer>, member: &str) -> Value {
    let mut survey = serde_json::Map::new();
    super::put(&mut survey, "id", &survey_id.cloned());
    let mut survey = Value::Object(survey);
    as_number(&mut survey, "id");
    survey["question"] = answers.encode().unwrap_or_else(|| Value::Array(Vec::new()));
    for question in survey["question"].as_array_mut().into_iter().flatten() {
        as_number(question, "id");
        let Some(given) = question.as_object_mut().and_then(|question| question.remove("answer")) else { continue };
        question[member] = match given {
            Value::Array(mut given) if given.len() == 1 => given.remove(0),
            given => given,
        };
    }
    survey
}

/// The survey in an answer. Where none is configured, the service answers without one or refuses to answer.
pub(crate) fn survey_in(outcome: Result<Answer>) -> Result<Option<Survey>> {
    let answer = match outcome {
        Err(error) if matches!(error.code(), Code::Rejected | Code::NotFound) => return Ok(None),
        outcome => outcome?,
    };
    let survey: Option<Survey> = answer.optional_member("survey")?;
    Ok(survey.filter(|survey| survey.id.is_some() || !survey.questions.is_empty()))
}

/// Every question listed has an answer. `name` is what the caller calls the list.
pub(crate) fn check_answers(name: &str, answers: &[SurveyAnswer]) -> Result<()> {
    match answers.iter().find(|answer| answer.answers.is_empty() || answer.question_id.is_empty()) {
        Some(answer) => Err(LpchatError::argument(
            name,
            answer.question_id.as_str(),
            "every question listed needs its id and an answer; leave unanswered ones out",
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::{Buffer, Reader};

    #[test]
    fn questions_come_in_their_order_and_entries_name_what_they_show() {
        let json = r#"{"id":"7","questions":{"question":[{"id":2,"order":"1"},
            {"id":1,"order":0,"mandatory":"true","type":"CheckBox","entry":{"value":"a","checked":"false","logic":{"showLogicId":2}}}]}}"#;
        let survey: Survey = Reader::read(&Buffer::new(json.to_owned())).unwrap();
        assert_eq!(survey.questions.iter().map(|question| question.id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
        let first = &survey.questions[0];
        assert_eq!((first.mandatory, &first.r#type), (Some(true), &Some(SurveyQuestionType::Checkbox)));
        assert_eq!(first.entries[0].show_logic_ids, ["2"]);
    }

    #[test]
    fn answers_take_the_documented_form() {
        let answer = |id: &str, answers: &[&str]| SurveyAnswer {
            question_id: id.into(),
            answers: answers.iter().map(|answer| (*answer).into()).collect(),
        };
        let answers = vec![answer("1", &["a"]), answer("x2", &["1", "2"])];
        assert_eq!(
            answer_document(Some(&"9".into()), &answers, "answer"),
            json!({ "id": 9, "question": [{ "id": 1, "answer": "a" }, { "id": "x2", "answer": ["1", "2"] }] })
        );
        assert_eq!(answer_document(None, &vec![], "answer"), json!({ "question": [] }));
        assert!(check_answers("answers", &[answer("3", &[])]).is_err() && check_answers("answers", &answers).is_ok());
    }
}
