//! Decoding alone: pages that lie in memory become documents, and every field of the lines is read.
//!
//! The peers' types are what somebody would write who knows these records and no others. They leave out attributes,
//! predictions and co-browse sessions, and know neither second names of members nor values of another type.

use std::path::Path;

use lpchat::{Client, ClientOptions, Engagement, TranscriptLine};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::measure::Span;

/// So many records are on a page.
const PAGE: usize = 100;
/// How often every page is decoded.
const ROUNDS: u64 = 10;

/// What has been read of all lines.
#[derive(Default)]
struct Seen {
    lines: usize,
    bytes: usize,
}

impl Seen {
    fn line(&mut self, texts: [Option<&str>; 6], numbers: [Option<i64>; 4]) {
        self.lines += 1;
        self.bytes += texts.into_iter().flatten().map(str::len).sum::<usize>();
        self.bytes += numbers.into_iter().flatten().filter(|number| *number != i64::MIN).count();
    }
}

/// Decodes pages of the records in `file` with the `decoder` of that name; false where there is no such decoder.
pub fn run(decoder: &str, file: &Path) -> bool {
    let pages = pages(file);
    let read = |decode: &dyn Fn(&mut Seen, &str)| {
        let (span, mut seen) = (Span::begin(), Seen::default());
        for _ in 0..ROUNDS {
            pages.iter().for_each(|page| decode(&mut seen, page));
        }
        let bytes: usize = pages.iter().map(String::len).sum();
        span.report(
            ROUNDS * pages.len() as u64,
            &format!("{}/{}", seen.lines, seen.bytes),
            json!({ "page_bytes": bytes / pages.len() }),
        );
    };
    match decoder {
        "lpchat" => {
            let options = ClientOptions { account_id: Some("70481526".into()), ..ClientOptions::default() };
            let history = Client::new(options).expect("sound options").history();
            read(&|seen, page| {
                let page = history.decode_page(page.into()).expect("a page");
                lines_of(&page.records).for_each(|line| read_line(seen, line));
            });
        }
        "serde_json-value" => read(&|seen, page| {
            let page: Value = serde_json::from_str(page).expect("a document");
            let records = page["interactionHistoryRecords"].as_array().into_iter().flatten();
            records
                .flat_map(|record| record["transcript"]["lines"].as_array().into_iter().flatten())
                .for_each(|line| read_value(seen, line));
        }),
        "serde_json" => read(&|seen, page| read_page(seen, &serde_json::from_slice(page.as_bytes()).expect("a document"))),
        "sonic-rs" => read(&|seen, page| read_page(seen, &sonic_rs::from_slice(page.as_bytes()).expect("a document"))),
        _ => return false,
    }
    true
}

fn pages(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).expect("the file of records");
    let records: Vec<&str> = text.lines().collect();
    let page = |records: &[&str]| {
        format!("{{\"_metadata\":{{\"count\":{}}},\"interactionHistoryRecords\":[{}]}}", records.len(), records.join(","))
    };
    records.chunks(PAGE).map(page).collect()
}

fn lines_of(records: &[Engagement]) -> impl Iterator<Item = &TranscriptLine> {
    records.iter().flat_map(|record| &record.transcript.lines)
}

fn read_line(seen: &mut Seen, line: &TranscriptLine) {
    let source = line.source.as_ref().map(|source| source.as_str());
    let text_type = line.text_type.as_ref().map(|kind| kind.as_str());
    let sub_type = line.sub_type.as_ref().map(|kind| kind.as_str());
    let agent = line.agent_id.as_ref().and_then(|id| id.parse().ok());
    let texts = [line.text.as_deref(), line.by.as_deref(), line.line_sequence.as_deref(), source, text_type, sub_type];
    seen.line(texts, [line.time.map(lpchat::Timestamp::as_millis), line.canned_answer_type, agent, line.control_type]);
}

fn read_value(seen: &mut Seen, line: &Value) {
    let texts = ["text", "by", "lineSeq", "source", "textType", "subType"].map(|name| line[name].as_str());
    seen.line(texts, ["timeL", "cannedAnswerType", "agentId", "controlType"].map(|name| line[name].as_i64()));
}

fn read_page(seen: &mut Seen, page: &Page) {
    for line in page.records.iter().flat_map(|record| &record.transcript.lines) {
        let texts = [&line.text, &line.by, &line.line_seq, &line.source, &line.text_type, &line.sub_type];
        seen.line(texts.map(|text| text.as_deref()), [line.time_l, line.canned_answer_type, line.agent_id, line.control_type]);
    }
}

/// Declares documents all of whose members may be absent.
macro_rules! documents {
    ($($name:ident { $($ty:ty: $($field:ident)+;)+ })+) => {$(
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[allow(dead_code, reason = "what is not read is decoded all the same")]
        struct $name { $($($field: Option<$ty>,)+)+ }
    )+};
}

#[derive(Deserialize)]
struct Page {
    #[serde(rename = "interactionHistoryRecords")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "what is not read is decoded all the same")]
struct Record {
    info: Info,
    transcript: Transcript,
    line_scores: Option<Vec<Score>>,
    campaign: Option<Campaign>,
    visitor_info: Option<Visitor>,
    surveys: Option<Surveys>,
}

#[derive(Deserialize)]
struct Transcript {
    lines: Vec<Line>,
}

documents! {
    Info {
        String: start_time end_time chat_requested_time visitor_id visitor_name engagement_id account_id shark_engagement_id
            agent_id agent_nick_name agent_login_name agent_full_name agent_group_name skill_name start_reason
            start_reason_desc end_reason end_reason_desc chat_start_url chat_start_page;
        i64: start_time_l end_time_l chat_requested_time_l duration agent_group_id skill_id channel engagement_set
            engagement_sequence mcs;
        bool: is_interactive agent_deleted is_pre_chat_survey is_post_chat_survey is_agent_survey is_partial ended
            chat_data_enriched;
    }
    Line {
        String: time text text_type by source sub_type line_seq;
        i64: time_l canned_answer_type agent_id control_type;
        Value: json;
    }
    Score {
        String: line_seq;
        i64: line_raw_score mcs;
    }
    Campaign {
        String: campaign_engagement_id campaign_engagement_name campaign_id campaign_name goal_id goal_name visitor_behavior_id
            visitor_behavior_name visitor_profile_id visitor_profile_name lob_name;
        i64: lob_id;
        bool: profile_system_default behavior_system_default;
    }
    Visitor {
        String: country country_code state city isp org device ip_address browser browser_type operating_system;
    }
    Surveys {
        Vec<Answer>: pre_chat operator post_chat;
    }
    Answer {
        String: scope source display_name value name time;
        Vec<String>: values;
        Vec<i64>: answers_id;
        i64: time_l;
    }
}
