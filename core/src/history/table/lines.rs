//! The table `lines`.

use super::column::Cell;
use super::derived::count;
use super::html::readable;
use super::table;
use super::unknown::unknown;
use crate::history::{Engagement, LineScore, TranscriptLine};
use crate::wire::Json;
use crate::wire::chat::{LineSource, LineSubType, TextType};

pub(super) struct Row<'e> {
    pub(super) engagement: &'e Engagement,
    ordinal: usize,
    line: &'e TranscriptLine,
    score: Option<&'e LineScore>,
}

/// The score of a line. Scores stand in the order of the lines they belong to, so that the next one is mostly the one behind
/// the `last` that was found.
fn score<'e>(scores: &'e [LineScore], line: &TranscriptLine, last: &mut usize) -> Option<&'e LineScore> {
    let sequence = line.line_sequence.as_ref()?;
    let (before, behind) = scores.split_at(*last);
    let is_of_line = |score: &&LineScore| score.line_sequence.as_ref() == Some(sequence);
    let found = behind.iter().chain(before).position(|score| is_of_line(&score))?;
    *last = (*last + found) % scores.len();
    Some(&scores[*last])
}

/// What there is to read in a line.
fn plain_text(line: &TranscriptLine) -> Cell<'_> {
    match (&line.text, &line.text_type) {
        (Some(text), Some(TextType::Html)) => Cell::Text(readable(text)),
        _ => line.plain_text.as_ref().into(),
    }
}

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    let lines = engagement.transcript.lines.iter().enumerate();
    let mut last = 0;
    lines.map(move |(ordinal, line)| {
        let score = score(&engagement.line_scores, line, &mut last);
        Row { engagement, ordinal, line, score }
    })
}

table! {
    "lines", "One row for each line of a transcript.", rows;
    "line_ordinal" Integer "" "Place of the line in the transcript, from 0." => |row| count(row.ordinal).into(),
    "line_sequence" Text "" "Number of the line within the chat, with gaps." => |row| row.line.line_sequence.as_ref().into(),
    "time" Time "" "When it was written." => |row| row.line.time.into(),
    "source" Text "" "Who wrote it: `visitor`, `agent`, `system`." => |row| row.line.source.as_ref().map(LineSource::as_str).into(),
    "by" Text "" "Name of the author; `info` on system lines." => |row| row.line.by.as_ref().into(),
    "agent_id" Id "" "The agent's id; 0 where no agent wrote it." => |row| row.line.agent_id.as_ref().into(),
    "text" Text "" "The text as it was sent; may hold HTML. Null on lines of structured content." => |row| row.line.text.as_ref().into(),
    "plain_text" Text "" "What there is to read: the text, without tags and entities where it is HTML; or the texts inside structured content." => |row| plain_text(row.line),
    "text_type" Text "" "How the text is written: `plain`, `html`, `url`, `rich-content`." => |row| row.line.text_type.as_ref().map(TextType::as_str).into(),
    "json" Json "" "Structured content." => |row| row.line.json.as_ref().map(Json::as_str).into(),
    "sub_type" Text "" "`REGULAR`, or `ONLY_TO_REP` for agents only." => |row| row.line.sub_type.as_ref().map(LineSubType::as_str).into(),
    "canned_answer_type" Integer "" "Predefined content as sent: 0 none, n the content n, -n the content n edited." => |row| row.line.canned_answer_type.into(),
    "canned_answer_id" Integer "" "Id of the predefined content that was used." => |row| row.line.canned_answer_type.filter(|id| *id != 0).map(i64::abs).into(),
    "is_canned_answer_edited" Boolean "" "Whether it was edited before it was sent." => |row| row.line.canned_answer_type.filter(|id| *id != 0).map(|id| id < 0).into(),
    "control_type" Integer "" "Kind of line, undocumented: 0 ordinary, 3 agent joined, 4 waiting, 5 chat ended." => |row| row.line.control_type.into(),
    "raw_score" Integer "" "The line's own sentiment score." => |row| row.score.and_then(|score| score.raw_score).into(),
    "running_mcs" Integer "" "Sentiment score of the chat up to this line, 0 to 100." => |row| row.score.and_then(|score| score.running_mcs).into(),
    "raw" Json "" "Members of the line that no column knows." => |row| unknown::<TranscriptLine>(&row.line.raw).into(),
}
