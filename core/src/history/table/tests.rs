use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

use super::*;
use crate::history::SearchPage;
use crate::wire::{Buffer, Reader};

fn records(page: &str) -> Vec<Engagement> {
    let page: SearchPage = Reader::read(&Buffer::new(page.to_owned())).unwrap();
    assert!(page.failures.is_empty(), "{:?}", page.failures);
    page.records
}

fn page_2018() -> Vec<Engagement> {
    records(include_str!("../../../../tests/fixtures/history/search-2018-dialect-page-response.json"))
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"))
}

fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    column(batch, name).as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

fn integers(batch: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    column(batch, name).as_primitive::<Int64Type>().iter().collect()
}

fn numbers(batch: &RecordBatch, name: &str) -> Vec<Option<f64>> {
    column(batch, name).as_primitive::<Float64Type>().iter().collect()
}

fn some(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|text| Some((*text).to_owned())).collect()
}

#[test]
fn rows_hold_the_record_and_what_follows_from_it() {
    let batch = EngagementTable::of(&page_2018(), false);
    assert_eq!(batch.num_rows(), 6);
    assert_eq!(texts(&batch, "engagement_id")[1..4], vec![Some("704815264295031549".to_owned()); 3]);
    assert_eq!(integers(&batch, "engagement_sequence")[1..4], [Some(0), Some(1), Some(2)]);
    let times = column(&batch, "start_time");
    assert_eq!(*times.data_type(), DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())));
    assert_eq!(times.as_primitive::<TimestampMillisecondType>().value(0), 1_718_010_611_417);
    // 09:10:11.417 less 09:10:05.207; the agent's first line for the visitor at 09:10:41.527.
    assert_eq!(numbers(&batch, "waiting_seconds")[0], Some(6.21));
    assert_eq!(numbers(&batch, "first_agent_reply_seconds")[0], Some(30.11));
    assert_eq!(numbers(&batch, "first_agent_reply_seconds")[1], None, "no line of the agent");
    assert_eq!(integers(&batch, "line_count")[0], Some(10));
    let lines = ["visitor_lines", "agent_lines", "system_lines"].map(|name| integers(&batch, name)[0]);
    assert_eq!(lines, [Some(2), Some(5), Some(3)]);
    assert_eq!(integers(&batch, "survey_answer_count")[0], Some(4));
    assert_eq!(integers(&batch, "sde_count")[0], Some(12));
    let transfers: Vec<_> = column(&batch, "is_transfer").as_boolean().iter().collect();
    assert_eq!(transfers, [Some(false), Some(false), Some(true), Some(true), Some(false), Some(false)]);
    assert!(column(&batch, "has_co_browse").as_boolean().value(0) && !column(&batch, "has_co_browse").as_boolean().value(1));
    assert_eq!(texts(&batch, "start_reason")[..5], some(&["0", "0", "1", "6", "42"]));
    assert_eq!(texts(&batch, "start_reason_label")[3..5], some(&["Skill reassign (transfer to a skill)", "Teleported in"]));
    assert_eq!(texts(&batch, "end_reason_label")[4..], some(&["Dissolved", "Visitor closed chat"]));
}

#[test]
fn what_stands_for_none_is_null_unless_it_is_kept() {
    let records = page_2018();
    let (clean, kept) = (EngagementTable::of(&records, false), EngagementTable::of(&records, true));
    assert_eq!(texts(&clean, "skill_id")[3], None);
    assert_eq!(texts(&kept, "skill_id")[3], Some("-1".to_owned()));
    assert_eq!(texts(&clean, "skill_name")[3], Some("Invoices".to_owned()), "a name beside the id -1 is a name");
    assert_eq!((&texts(&clean, "campaign_lob_name")[0], &texts(&kept, "campaign_lob_name")[0]), (&None, &Some("NA".to_owned())));
    assert_eq!((&texts(&clean, "visitor_city")[4], &texts(&kept, "visitor_city")[4]), (&None, &Some(String::new())));
    assert_eq!(integers(&clean, "mcs"), [Some(0), Some(0), Some(0), Some(0), None, Some(-1)], "-1 is a sentiment here");
    assert_eq!(integers(&clean, "channel")[4..], [Some(9), Some(1)]);
    assert_eq!(texts(&clean, "campaign_id")[5], None, "a record of `info` alone");
}

#[test]
fn a_line_for_agents_only_is_no_reply() {
    let page = r#"{"interactionHistoryRecords": [{"info": {"startTimeL": 1000}, "transcript": {"lines": [
        {"source": "agent", "subType": "ONLY_TO_REP", "timeL": 2000}, {"source": "agent", "timeL": 5500},
        {"source": "agent", "timeL": 4500}]}}]}"#;
    let batch = EngagementTable::of(&records(page), false);
    assert_eq!((numbers(&batch, "first_agent_reply_seconds"), integers(&batch, "agent_lines")), (vec![Some(3.5)], vec![Some(3)]));
}

#[test]
fn namibia_is_a_country() {
    let page =
        r#"{"interactionHistoryRecords": [{"info": {"channel": -1}, "visitorInfo": {"countryCode": "NA", "device": "NA"}}]}"#;
    let batch = EngagementTable::of(&records(page), false);
    assert_eq!(texts(&batch, "visitor_country_code"), some(&["NA"]));
    assert_eq!(texts(&batch, "visitor_device"), [None]);
    assert_eq!(integers(&batch, "channel"), [None]);
}

#[test]
fn unknown_members_stand_in_raw() {
    let raw = texts(&EngagementTable::of(&page_2018(), false), "raw");
    let json = |index: usize| serde_json::from_str::<serde_json::Value>(raw[index].as_deref().unwrap()).unwrap();
    assert_eq!(json(0), serde_json::json!({ "surveys": { "revision": 3, "origin": { "kind": "merged" } } }));
    let expected = serde_json::json!({
        "moonPhase": { "name": "waxing", "parts": [1, 2] },
        "info": { "queueColour": "violet" },
        "transcript": { "checksum": "9f" },
        "campaign": { "engagementSource": "WEB_SITE", "locationId": "418203411" },
        "visitorInfo": { "screen": [410, 502] }
    });
    assert_eq!(json(4), expected);
    assert_eq!(raw[5], None);
}

#[test]
fn a_builder_goes_on_after_a_batch() {
    let records = page_2018();
    let mut builder = EngagementsBuilder::new(false);
    builder.append(&records[0]);
    assert_eq!(builder.finish().num_rows(), 1);
    records.iter().for_each(|record| builder.append(record));
    let batch = builder.finish();
    assert_eq!((batch.num_rows(), batch.schema()), (6, engagements_schema()));
}

/// `docs/tables.md` is made of the same list as the schema.
#[test]
fn the_page_about_tables_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/tables.md");
    if std::env::var_os("LPCHAT_UPDATE_DOCS").is_some() {
        std::fs::write(path, tables_markdown()).unwrap();
    }
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert!(page == tables_markdown(), "docs/tables.md is stale: LPCHAT_UPDATE_DOCS=1 cargo test -p lpchat --features arrow");
}
