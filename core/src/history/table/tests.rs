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

fn engagements(records: &[Engagement], keep_placeholders: bool) -> RecordBatch {
    table_of_records("engagements", records, keep_placeholders).unwrap()
}

fn table(name: &str) -> RecordBatch {
    table_of_records(name, &page_2018(), false).unwrap()
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
    let batch = engagements(&page_2018(), false);
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
    let (clean, kept) = (engagements(&records, false), engagements(&records, true));
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
    let batch = engagements(&records(page), false);
    assert_eq!((numbers(&batch, "first_agent_reply_seconds"), integers(&batch, "agent_lines")), (vec![Some(3.5)], vec![Some(3)]));
}

#[test]
fn namibia_is_a_country() {
    let page =
        r#"{"interactionHistoryRecords": [{"info": {"channel": -1}, "visitorInfo": {"countryCode": "NA", "device": "NA"}}]}"#;
    let batch = engagements(&records(page), false);
    assert_eq!(texts(&batch, "visitor_country_code"), some(&["NA"]));
    assert_eq!(texts(&batch, "visitor_device"), [None]);
    assert_eq!(integers(&batch, "channel"), [None]);
}

#[test]
fn unknown_members_stand_in_raw() {
    let raw = texts(&engagements(&page_2018(), false), "raw");
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
    let mut builder = TableBuilder::new("engagements", false).unwrap();
    builder.append(&records[0]);
    assert_eq!(builder.finish().num_rows(), 1);
    records.iter().for_each(|record| builder.append(record));
    let batch = builder.finish();
    assert_eq!((batch.num_rows(), batch.schema()), (6, table_schema("engagements").unwrap()));
}

#[test]
fn every_table_has_the_key_and_fits_its_schema() {
    for name in table_names() {
        let batch = table(name);
        assert_eq!(batch.schema(), table_schema(name).unwrap(), "{name}");
        let fields = batch.schema();
        let names: Vec<&str> = fields.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names[..4], ["account_id", "engagement_id", "engagement_set", "engagement_sequence"], "{name}");
        let distinct: std::collections::HashSet<&&str> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{name}");
        assert_eq!(texts(&batch, "engagement_id").iter().filter(|id| id.is_none()).count(), 0, "{name}");
    }
    assert_eq!(table_names().len(), 18);
    assert!(table_schema("line").unwrap_err().to_string().contains("there are engagements, lines, surveys"));
}

#[test]
fn lines_have_their_scores_and_canned_answers() {
    let (batch, all) = (table("lines"), page_2018());
    assert_eq!(batch.num_rows(), all.iter().map(|record| record.transcript.lines.len()).sum::<usize>());
    let scored = all.iter().flat_map(|record| &record.line_scores).filter(|score| score.running_mcs.is_some()).count();
    assert_eq!(integers(&batch, "running_mcs").into_iter().flatten().count(), scored);
    let page = r#"{"interactionHistoryRecords": [{"info": {"engagementId": "7"}, "lineScores": [{"lineSeq": "4", "mcs": 61}],
        "transcript": {"lines": [{"lineSeq": "3", "cannedAnswerType": -12}, {"lineSeq": "4", "newMember": 1}]}}]}"#;
    let batch = table_of_records("lines", &records(page), false).unwrap();
    assert_eq!(integers(&batch, "canned_answer_id"), [Some(12), None]);
    assert_eq!(column(&batch, "is_canned_answer_edited").as_boolean().iter().collect::<Vec<_>>(), [Some(true), None]);
    assert_eq!(integers(&batch, "running_mcs"), [None, Some(61)]);
    assert_eq!(texts(&batch, "raw"), [None, Some(r#"{"newMember":1}"#.to_owned())]);
}

#[test]
fn a_line_in_html_has_its_plain_text_beside_it() {
    let page = r#"{"interactionHistoryRecords": [{"info": {}, "transcript": {"lines": [
        {"text": "<div>a &amp; <b>b</b></div>", "textType": "html"}, {"text": "a < b &amp; c", "textType": "plain"},
        {"textType": "rich-content", "json": {"type": "vertical", "elements": [{"text": "one"}, {"title": "two"}]}}]}}]}"#;
    let batch = table_of_records("lines", &records(page), false).unwrap();
    assert_eq!(texts(&batch, "text")[0].as_deref(), Some("<div>a &amp; <b>b</b></div>"));
    assert_eq!(texts(&batch, "plain_text"), some(&["a & b", "a < b &amp; c", "one\ntwo"]));
    assert!(texts(&batch, "json")[2].as_deref().is_some_and(|json| json.contains("vertical")));
}

/// A column `raw` takes what the others have no place for; of events all of it stands in `sdes`.
#[test]
fn every_table_has_a_place_for_unknown_members() {
    for name in table_names() {
        assert!(table_schema(name).unwrap().column_with_name("raw").is_some(), "{name}");
    }
}

#[test]
fn each_choice_of_a_survey_is_a_row() {
    let page = r#"{"interactionHistoryRecords": [{"info": {"engagementId": "7"}, "surveys": {"postChat": [
        {"displayName": "Which?", "values": ["a", "b"], "answersId": [3, 4]}, {"displayName": "Why?", "value": "so"}]}}]}"#;
    let batch = table_of_records("surveys", &records(page), false).unwrap();
    assert_eq!(texts(&batch, "value"), some(&["a", "b", "so"]));
    assert_eq!(integers(&batch, "answer_id"), [Some(3), Some(4), None]);
    assert_eq!(texts(&batch, "group"), some(&["postChat"; 3]));
}

#[test]
fn attributes_have_a_table_for_each_kind() {
    let page = r#"{"interactionHistoryRecords": [{"info": {"engagementId": "7"}, "sdes": {"events": [
        {"purchase": {"total": "11.70", "orderId": "A-1", "serverTimeStamp": "1000", "extra": 5,
            "cart": {"total": "123456789012345.6789", "currency": "USD", "products": [{"quantity": "3", "product": {"name": "plan", "price": "5.93"}}]}}},
        {"personalInfo": {"personalInfo": {"name": "Zoë", "contacts": []}}}, {"searchContent": {"keywords": ["one", "two"]}},
        {"customerInfo": {"customerInfo": {"balance": "-400.99", "lastPaymentDate": {"year": "2015", "month": "4", "day": "2"}}}}
    ]}}]}"#;
    let all = records(page);
    let of = |name: &str| table_of_records(name, &all, false).unwrap();
    let amounts = |batch: &RecordBatch, name: &str| -> Vec<Option<i128>> {
        column(batch, name).as_primitive::<arrow_array::types::Decimal128Type>().iter().collect()
    };
    assert_eq!(of("sdes").num_rows(), 4);
    let purchases = of("sde_purchases");
    assert_eq!(column(&purchases, "total").data_type(), &DataType::Decimal128(18, 4));
    assert_eq!((amounts(&purchases, "total"), texts(&purchases, "total_text")), (vec![Some(117_000)], vec![None]));
    assert_eq!(amounts(&purchases, "cart_total"), [None], "19 digits do not fit");
    assert_eq!(texts(&purchases, "cart_total_text"), some(&["123456789012345.6789"]));
    assert_eq!(texts(&purchases, "raw"), some(&[r#"{"extra":5}"#]));
    let products = of("sde_purchase_products");
    assert_eq!((texts(&products, "currency"), amounts(&products, "price")), (some(&["USD"]), vec![Some(59_300)]));
    assert_eq!((of("sde_personal_info").num_rows(), of("sde_carts").num_rows()), (1, 0));
    assert_eq!(
        (texts(&of("sde_searches"), "keyword"), integers(&of("sde_searches"), "event_ordinal")),
        (some(&["one", "two"]), vec![Some(2); 2])
    );
    let customers = of("sde_customer_info");
    assert_eq!(
        (amounts(&customers, "balance"), texts(&customers, "last_payment_date")),
        (vec![Some(-4_009_900)], some(&["2015-04-02"]))
    );
}

#[test]
fn codes_of_attributes_have_their_labels_beside_them() {
    let page = r#"{"interactionHistoryRecords": [{"info": {"engagementId": "7"}, "sdes": {"events": [
        {"serviceActivity": {"serviceActivity": {"status": 10}}}, {"serviceActivity": {"serviceActivity": {"status": "99"}}},
        {"serviceActivity": {"serviceActivity": {"topic": "a state is missing"}}},
        {"marketingCampaignInfo": {"marketingCampaignInfo": {"originatingChannel": "5"}}}
    ]}}]}"#;
    let (service, marketing) = ("sde_service", "sde_marketing");
    let of = |table: &str| table_of_records(table, &records(page), false).unwrap();
    assert_eq!(texts(&of(service), "status"), [Some("10".to_owned()), Some("99".to_owned()), None]);
    assert_eq!(texts(&of(service), "status_label"), [Some("Waiting for customer response".to_owned()), None, None]);
    let channel = (texts(&of(marketing), "originating_channel"), texts(&of(marketing), "originating_channel_label"));
    assert_eq!(channel, (some(&["5"]), some(&["Paid search"])));
}

/// The labels are the words of `docs/protocol/engagement-history-api.md`, which list every code.
#[test]
fn every_code_of_an_attribute_has_a_label() {
    use crate::history::{OriginatingChannel, ServiceActivityStatus};
    let protocol = include_str!("../../../../docs/protocol/engagement-history-api.md");
    let section = |title: &str| {
        let (_, behind) = protocol.split_once(title).unwrap();
        let text = behind.split("\n\n").nth(1).unwrap().replace('\n', " ");
        let codes = text.trim_end_matches('.').split(", ").map(|code| code.split_once(' ').unwrap());
        codes.map(|(code, words)| (code.to_owned(), words.to_owned())).collect::<Vec<_>>()
    };
    for (code, words) in section("### 10.5 Service activity status") {
        let label = ServiceActivityStatus::from(code.as_str()).label();
        assert_eq!(label.map(str::to_lowercase), Some(words), "{code}");
    }
    for (code, words) in section("### 10.6 Originating channel") {
        assert_eq!(OriginatingChannel::from(code.as_str()).label().map(str::to_lowercase), Some(words), "{code}");
    }
}

#[test]
fn amounts_that_do_not_fit_keep_their_text() {
    let decimal = |text: &str| crate::wire::Decimal::from(text);
    let fits = [
        ("0", 0),
        ("12", 120_000),
        ("-0.5", -5_000),
        ("+1.2345", 12_345),
        ("1.50000", 15_000),
        (".5", 5_000),
        ("99999999999999.9999", 999_999_999_999_999_999),
    ];
    for (text, expected) in fits {
        let decimal = decimal(text);
        assert_eq!(
            (column::amount(Some(&decimal)), column::amount_text(Some(&decimal))),
            (column::Cell::Amount(expected), column::Cell::Null),
            "{text}"
        );
    }
    for text in ["1.23456", "100000000000000", "1e3", "", ".", "12,50", "NaN", "1.2.3", "--1"] {
        let decimal = decimal(text);
        assert_eq!(
            (column::amount(Some(&decimal)), column::amount_text(Some(&decimal))),
            (column::Cell::Null, text.into()),
            "{text}"
        );
    }
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
