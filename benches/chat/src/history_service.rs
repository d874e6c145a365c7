//! Pages of history: records rendered beforehand, of which only the id and the times are put in.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::http::parameter;

/// The account's records: number `n` starts `n` steps after the first.
pub struct History {
    templates: Vec<Template>,
    records: u64,
    /// Every so many requests one fails; none where it is 0.
    fails_every: u64,
    asked: AtomicU64,
}

/// How a page fails.
#[derive(Debug, Clone, Copy)]
pub enum Failure {
    /// The service says so.
    Status,
    /// The connection is reset before the answer.
    Reset,
    /// The connection ends in the middle of the answer.
    Truncated,
}

/// 2026-05-01T00:00:00Z.
const FIRST_START: u64 = 1_777_593_600_000;
/// So that a month holds fewer records than the service hands out of one search.
const STEP: u64 = 256_000;
const CHAT: u64 = 346_000;

/// The members of a record that differ from record to record.
#[derive(Clone, Copy)]
enum Slot {
    EngagementId,
    Start(bool),
    End(bool),
}

const SLOTS: [(&str, Slot); 5] = [
    (r#""engagementId":"#, Slot::EngagementId),
    (r#""startTime":"#, Slot::Start(false)),
    (r#""startTimeL":"#, Slot::Start(true)),
    (r#""endTime":"#, Slot::End(false)),
    (r#""endTimeL":"#, Slot::End(true)),
];

/// A record's text, cut at the places where something is put in.
struct Template {
    pieces: Vec<(String, Option<Slot>)>,
}

impl Template {
    fn new(record: &str) -> Self {
        let mut places: Vec<(Range<usize>, Slot)> = Vec::new();
        for (name, slot) in SLOTS {
            let Some(at) = record.find(name) else { continue };
            let start = at + name.len();
            let length = record[start..].find([',', '}']).expect("a member ends");
            places.push((start..start + length, slot));
        }
        places.sort_by_key(|(range, _)| range.start);
        let mut pieces = Vec::new();
        let mut done = 0;
        for (range, slot) in places {
            pieces.push((record[done..range.start].to_owned(), Some(slot)));
            done = range.end;
        }
        pieces.push((record[done..].to_owned(), None));
        Self { pieces }
    }

    fn write(&self, number: u64, out: &mut Vec<u8>) {
        let start = FIRST_START + number * STEP;
        for (text, slot) in &self.pieces {
            out.extend_from_slice(text.as_bytes());
            let value = match slot {
                None => continue,
                Some(Slot::EngagementId) => format!(r#""70481526{:010}""#, 4_300_000_000 + number),
                Some(Slot::Start(epoch)) => time(start, *epoch),
                Some(Slot::End(epoch)) => time(start + CHAT, *epoch),
            };
            out.extend_from_slice(value.as_bytes());
        }
    }
}

fn time(millis: u64, epoch: bool) -> String {
    if epoch {
        return millis.to_string();
    }
    let instant = Timestamp::from_millisecond(millis.cast_signed()).expect("a time of our days");
    format!("\"{}\"", instant.strftime("%Y-%m-%d %H:%M:%S%.3f+0000"))
}

impl History {
    /// An account with so many records, made of those that stand in the file, one a line. Every so many requests one fails.
    pub fn new(file: &Path, records: u64, fails_every: u64) -> Self {
        let text = std::fs::read_to_string(file).expect("the file of records");
        Self { templates: text.lines().map(Template::new).collect(), records, fails_every, asked: 0.into() }
    }

    /// Whether the request that has come is one of those that fail, and how: each way in turn.
    pub fn failure(&self) -> Option<Failure> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        if self.fails_every == 0 || !asked.is_multiple_of(self.fails_every) {
            return None;
        }
        Some(match asked / self.fails_every % 3 {
            0 => Failure::Status,
            1 => Failure::Reset,
            _ => Failure::Truncated,
        })
    }

    /// Writes one page of those records that started in the range asked for.
    pub fn answer(&self, query: &str, body: &[u8], out: &mut Vec<u8>) {
        let filter: Value = serde_json::from_slice(body).unwrap_or_default();
        let bound = |name: &str| filter["start"][name].as_u64();
        let number = |millis: u64| millis.saturating_sub(FIRST_START).div_ceil(STEP).min(self.records);
        let first = number(bound("from").unwrap_or(0));
        let end = number(bound("to").map_or(u64::MAX, |to| to + 1)).max(first);
        let (offset, limit) = (parameter(query, "offset").unwrap_or(0), parameter(query, "limit").unwrap_or(50));
        let page = (first + offset).min(end)..(first + offset + limit).min(end);
        let link = |relation: &str, offset: u64| json!({ "rel": relation, "href": format!("http://127.0.0.1/interactions/search?offset={offset}&limit={limit}") });
        let mut metadata = json!({
            "count": end - first, "self": link("self", offset), "shardsStatusResult": { "partialResult": false },
        });
        if page.end < end {
            metadata["next"] = link("next", offset + limit);
        }
        out.extend_from_slice(format!(r#"{{"_metadata":{metadata},"interactionHistoryRecords":["#).as_bytes());
        for number in page.clone() {
            if number > page.start {
                out.push(b',');
            }
            self.templates[usize::try_from(number).unwrap_or(0) % self.templates.len()].write(number, out);
        }
        out.extend_from_slice(b"]}");
    }
}
