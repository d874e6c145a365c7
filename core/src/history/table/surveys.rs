//! The table `surveys`.

use super::derived::count;
use super::table;
use super::unknown::unknown;
use crate::history::{Engagement, SurveyGroup, SurveyResponse};
use crate::wire::Text;

pub(super) struct Row<'e> {
    pub(super) engagement: &'e Engagement,
    answer_ordinal: usize,
    answer: &'e SurveyResponse,
    value_ordinal: usize,
    value: Option<&'e Text>,
}

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    let surveys = &engagement.surveys;
    let answers = surveys.pre_chat.iter().chain(&surveys.post_chat).chain(&surveys.agent).enumerate();
    answers.flat_map(move |(answer_ordinal, answer)| {
        // A choice without a list of values has its one value.
        let values: Vec<Option<&Text>> = match answer.values.is_empty() {
            true => vec![answer.value.as_ref()],
            false => answer.values.iter().map(Some).collect(),
        };
        let row = move |(value_ordinal, value)| Row { engagement, answer_ordinal, answer, value_ordinal, value };
        values.into_iter().enumerate().map(row)
    })
}

table! {
    "surveys", "One row for each value of each answer to a survey.", rows;
    "group" Text "" "Which survey: `preChat`, `postChat`, `operator` (the agent's)." => |row| SurveyGroup::as_str(&row.answer.group).into(),
    "answer_ordinal" Integer "" "Place of the answer among all of the record, from 0." => |row| count(row.answer_ordinal).into(),
    "survey_id" Id "" "Id of the survey." => |row| row.answer.survey_id.as_ref().into(),
    "survey_name" Name "" "Name of the survey; trailing blanks occur." => |row| row.answer.survey_name.as_ref().into(),
    "question_id" Id "" "Id of the question." => |row| row.answer.question_id.as_ref().into(),
    "question" Text "" "The question." => |row| row.answer.question.as_ref().into(),
    "value_ordinal" Integer "" "Place of the value in a multiple choice, from 0." => |row| count(row.value_ordinal).into(),
    "value" Text "" "The value." => |row| row.value.into(),
    "answer_id" Integer "" "Index of the choice: 0 nothing chosen, -1 free text, -2 invalid." => |row| row.answer.answer_ids.get(row.value_ordinal).copied().into(),
    "time" Time "" "When it was answered." => |row| row.answer.time.into(),
    "raw" Json "" "Members of the answer that no column knows." => |row| unknown::<SurveyResponse>(&row.answer.raw).into(),
}
