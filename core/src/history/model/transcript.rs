//! The lines of a chat and their scores.

use lpchat_macros::model;
use serde_json::Value;

use crate::wire::chat::{LineSource, LineSubType, TextType};
use crate::wire::{Buffer, Json, Reader, Text, Timestamp};

/// The lines of a chat, in order.
///
/// Source: `docs/protocol/engagement-history-api.md`, "`transcript.lines[]`".
#[model(empty)]
pub struct Transcript {
    /// The lines; empty where the service sent none.
    pub lines: Vec<TranscriptLine>,
}

/// One line of a chat.
///
/// Source: `docs/protocol/engagement-history-api.md`, "`transcript.lines[]`".
#[model(complete, usually = 32)]
pub struct TranscriptLine {
    /// When it was written.
    #[wire("timeL", text = "time")]
    pub time: Option<Timestamp>,
    /// Number of the line within the chat, digits, with gaps; joins line scores and predictions. Some generations of
    /// the service leave it out: then the order of the list is the order.
    #[wire("lineSeq")]
    pub line_sequence: Option<Text>,
    /// Who wrote it.
    pub source: Option<LineSource>,
    /// Name of the author, `info` on system lines. For display only; branch on `source`.
    pub by: Option<Text>,
    /// The agent's id; 0 where no agent wrote it.
    pub agent_id: Option<Text>,
    /// The text; absent on lines of structured content. Holds HTML and entities where `text_type` says so.
    pub text: Option<Text>,
    /// How the text is written.
    pub text_type: Option<TextType>,
    /// Structured content of a `rich-content` line: a tree of layouts, texts, images and buttons.
    pub json: Option<Json>,
    /// What there is to read in the line: `text` as it stands, or the texts and titles inside the structured content,
    /// one a row. HTML is left as it is.
    #[wire(skip)]
    pub plain_text: Option<Text>,
    /// Who may see the line. Lines for agents only were never shown to the visitor.
    pub sub_type: Option<LineSubType>,
    /// Predefined content: 0 none, n > 0 the id of the content used, -n the content n, edited before sending.
    pub canned_answer_type: Option<i64>,
    /// Kind of line, undocumented: 0 ordinary, 3 an agent joined, 4 welcome or waiting, 5 the chat ended.
    pub control_type: Option<i64>,
}

impl TranscriptLine {
    fn complete(&mut self) {
        if let Some(inner) = self.json.as_ref().and_then(decoded) {
            self.json = Some(inner);
        }
        self.plain_text = self.text.clone().or_else(|| readable(self.json.as_ref()?));
    }
}

/// Structured content comes as an object, or as one encoded once more into a string.
fn decoded(json: &Json) -> Option<Json> {
    if !json.as_str().starts_with('"') {
        return None;
    }
    let inner: Text = Reader::read(&Buffer::new(json.as_str().to_owned())).ok()?;
    serde_json::from_str::<serde::de::IgnoredAny>(&inner).ok()?;
    Some(Json::from(Text::from(inner.as_str())))
}

/// The texts and titles of an element tree, in document order.
fn readable(json: &Json) -> Option<Text> {
    fn collect(element: &Value, rows: &mut Vec<String>) {
        rows.extend(["text", "title"].iter().filter_map(|leaf| element.get(leaf)?.as_str().map(str::to_owned)));
        let children = element.get("elements").and_then(Value::as_array);
        children.into_iter().flatten().for_each(|child| collect(child, rows));
    }
    let mut rows = Vec::new();
    collect(&json.to_value().ok()?, &mut rows);
    (!rows.is_empty()).then(|| Text::from(rows.join("\n")))
}

/// Sentiment score up to one line.
///
/// Source: `docs/protocol/engagement-history-api.md`, "`lineScores[]`".
#[model(usually = 32)]
pub struct LineScore {
    /// Number of the line, as in the transcript.
    #[wire("lineSeq")]
    pub line_sequence: Option<Text>,
    /// The line's own score, for the service's use.
    #[wire("lineRawScore")]
    pub raw_score: Option<i64>,
    /// Running score up to this line, 0 to 100; another thing than the group in `info.mcs`.
    #[wire("mcs")]
    pub running_mcs: Option<i64>,
}
