//! The columns of a record: everything that can be filtered or sorted.

use serde_json::Value;

use super::generate::plan::{Facts, Scope};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub engagement_id: String,
    pub set: i64,
    pub sequence: i64,
    pub visitor_id: String,
    pub start: i64,
    pub end: i64,
    pub duration: i64,
    pub interactive: bool,
    pub agent_id: String,
    pub skill_id: i64,
    pub group_id: i64,
    pub channel: i64,
    pub mcs: Option<i64>,
    /// `alertedMCS`, or `mcs` when that is absent.
    pub alerted_mcs: Option<i64>,
    pub chat_mcs: Option<i64>,
    /// `,PLAIN,HTML,`: the kinds of lines, as the filter spells them.
    pub content_types: String,
    /// Prediction labels, one per text line.
    pub labels: String,
    /// Duration in milliseconds and whether interactive.
    pub co_browse: Vec<(i64, bool)>,
}

impl Row {
    pub fn of_facts(scope: &Scope, account: &str, facts: &Facts) -> Self {
        Self {
            engagement_id: format!("{account}{}", facts.rt_session),
            set: facts.set,
            sequence: facts.sequence,
            visitor_id: scope.visitor_id(facts.visitor),
            start: facts.start,
            end: facts.end,
            duration: (facts.end - facts.start) / 1000,
            interactive: facts.interactive,
            agent_id: facts.agent.id.to_string(),
            skill_id: facts.skill.id,
            group_id: facts.agent.group_id,
            channel: 1,
            mcs: facts.mcs,
            alerted_mcs: facts.alerted_mcs.or(facts.mcs),
            chat_mcs: facts.chat_mcs,
            content_types: content_types(
                ["plain"].into_iter().chain(facts.html.then_some("html")).chain(facts.rich.then_some("rich-content")),
            ),
            labels: facts.labels.join("\n"),
            co_browse: facts.co_browse.iter().map(|session| (session.duration, session.interactive)).collect(),
        }
    }

    /// Reads the columns out of a record's JSON, in any of its dialects. The error says what is missing.
    pub fn of_json(record: &Value) -> Result<Self, String> {
        let info = record.get("info").ok_or("a record needs the member info")?;
        let number = |name: &str| info.get(name).and_then(integer);
        let text = |name: &str| info.get(name).and_then(scalar_text).unwrap_or_default();
        let start = number("startTimeL").ok_or("info.startTimeL is needed, in epoch milliseconds")?;
        let end = number("endTimeL").unwrap_or(start);
        let engagement_id = text("engagementId");
        if engagement_id.is_empty() {
            return Err("info.engagementId is needed".to_owned());
        }
        let mcs = number("mcs");
        let interactive = info.get("isInteractive").or_else(|| info.get("interactive"));
        Ok(Self {
            engagement_id,
            set: number("engagementSet").unwrap_or(0),
            sequence: number("engagementSequence").unwrap_or(0),
            visitor_id: text("visitorId"),
            start,
            end,
            duration: number("duration").unwrap_or(end.saturating_sub(start) / 1000),
            interactive: interactive.and_then(Value::as_bool).unwrap_or_else(|| has_visitor_line(record)),
            agent_id: text("agentId"),
            skill_id: number("skillId").unwrap_or(-1),
            group_id: number("agentGroupId").unwrap_or(-1),
            channel: number("channel").unwrap_or(1),
            mcs,
            alerted_mcs: number("alertedMCS").or(mcs),
            chat_mcs: number("chatMCS"),
            content_types: content_types(lines(record).iter().filter_map(|line| line.get("textType")?.as_str())),
            labels: labels(record),
            co_browse: co_browse(record),
        })
    }
}

/// An integer or a decimal string.
pub fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The text of a string, number or boolean.
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn content_types<'a>(kinds: impl Iterator<Item = &'a str>) -> String {
    let mut all = String::from(",");
    for kind in kinds {
        let kind = format!("{},", kind.to_ascii_uppercase().replace('-', "_"));
        if !all.contains(&format!(",{kind}")) {
            all.push_str(&kind);
        }
    }
    all
}

pub fn list<'a>(record: &'a Value, pointer: &str) -> &'a [Value] {
    record.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn lines(record: &Value) -> &[Value] {
    list(record, "/transcript/lines")
}

fn has_visitor_line(record: &Value) -> bool {
    lines(record).iter().any(|line| line.get("source").and_then(Value::as_str) == Some("visitor"))
}

fn labels(record: &Value) -> String {
    let labels: Vec<&str> = list(record, "/predictions")
        .iter()
        .filter_map(|prediction| prediction.pointer("/topPrediction/predictionLabel")?.as_str())
        .collect();
    labels.join("\n")
}

fn co_browse(record: &Value) -> Vec<(i64, bool)> {
    list(record, "/coBrowseSessions/coBrowseSessionsList")
        .iter()
        .map(|session| {
            let interactive = session.get("interactive").and_then(Value::as_bool).unwrap_or(false);
            (session.get("duration").and_then(integer).unwrap_or(0), interactive)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::generate::record;
    use crate::times::parse_date;

    /// Filters look at the columns, clients at the text: both must say the same.
    #[test]
    fn columns_agree_with_the_text_of_generated_records() {
        let scope = Scope { seed: 3, base: parse_date("2026-11-22").unwrap(), visitors: 100 };
        let mut bytes = 0;
        let facts: Vec<Facts> = (0..300).flat_map(|visit| scope.visit(visit)).collect();
        for facts in &facts {
            let text = record::write(&scope, "12345678", facts);
            bytes += text.len();
            let value: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(Row::of_json(&value).unwrap(), Row::of_facts(&scope, "12345678", facts));
        }
        let average = bytes / facts.len();
        assert!((4_000..15_000).contains(&average), "{average} bytes per record");
    }
}
