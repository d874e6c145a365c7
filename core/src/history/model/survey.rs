//! Surveys.

use lpchat_macros::model;

use crate::wire::{Text, Timestamp};

/// Which survey an answer belongs to.
#[model]
pub enum SurveyGroup {
    /// The survey before the chat.
    #[wire("preChat")]
    PreChat,
    /// The survey after the chat.
    #[wire("postChat")]
    PostChat,
    /// The agent's survey.
    #[wire("operator")]
    Agent,
}

/// Answers to the surveys of an engagement.
///
/// Source: `docs/protocol/engagement-history-api.md`, "`surveys`".
#[model(empty, complete)]
pub struct Surveys {
    /// Answers before the chat.
    pub pre_chat: Vec<SurveyResponse>,
    /// Answers after the chat.
    pub post_chat: Vec<SurveyResponse>,
    /// Answers of the agent.
    #[wire("operator")]
    pub agent: Vec<SurveyResponse>,
}

impl Surveys {
    fn complete(&mut self) {
        let groups = [
            (&mut self.pre_chat, SurveyGroup::PreChat),
            (&mut self.post_chat, SurveyGroup::PostChat),
            (&mut self.agent, SurveyGroup::Agent),
        ];
        for (answers, group) in groups {
            answers.iter_mut().for_each(|answer| answer.group.clone_from(&group));
        }
    }
}

/// The answer to one question of a survey.
///
/// Source: `docs/protocol/engagement-history-api.md`, "`surveys`".
#[model]
pub struct SurveyResponse {
    /// Which survey it belongs to.
    #[wire(skip)]
    pub group: SurveyGroup,
    /// The question.
    #[wire("displayName")]
    pub question: Option<Text>,
    /// The answer; several choices are joined by commas.
    pub value: Option<Text>,
    /// The choices of a multiple choice, one by one; may be absent though `value` is there.
    pub values: Vec<Text>,
    /// Indexes of the choices: 0 nothing chosen, -1 free text, -2 invalid. May be absent.
    #[wire("answersId")]
    pub answer_ids: Vec<i64>,
    /// Name of the survey; trailing blanks occur.
    #[wire("name")]
    pub survey_name: Option<Text>,
    /// Id of the question.
    #[wire("questionID", alias = "questionId")]
    pub question_id: Option<Text>,
    /// Id of the survey.
    #[wire("surveyID", alias = "surveyId")]
    pub survey_id: Option<Text>,
    /// Scope, always `Session`.
    pub scope: Option<Text>,
    /// The service's own name of the survey's kind, spelt in several ways; branch on `group` instead.
    pub source: Option<Text>,
    /// When it was answered.
    #[wire("timeL", text = "time")]
    pub time: Option<Timestamp>,
}
