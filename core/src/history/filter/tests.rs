use serde_json::{Value, json};

use super::*;
use crate::history::{Channel, LineContentType};
use crate::wire::Json;

const NOW: Timestamp = Timestamp::from_millis(1_718_280_000_000);

fn checked(query: &SearchQuery) -> Checked {
    query.check(NOW).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(query: &SearchQuery) -> String {
    query.check(NOW).expect_err("the query breaks a rule").to_string()
}

/// A query that is right in itself.
fn week() -> SearchQuery {
    SearchQuery {
        start: Some(Timestamp::from_millis(1_717_200_000_000)),
        end: Some(Timestamp::from_millis(1_717_804_800_000)),
        ..SearchQuery::default()
    }
}

fn texts(value: &Value) -> Vec<Text> {
    let text = |item: &Value| item.as_str().map_or_else(|| item.to_string().into(), Text::from);
    value.as_array().into_iter().flatten().map(text).collect()
}

/// Bounds are numbers or numeric strings in the documents.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn text(value: &Value) -> Option<Text> {
    value.as_str().map(Text::from)
}

/// The query that a documented request stands for.
fn query_of(request: &Value) -> SearchQuery {
    SearchQuery {
        start: number(&request["start"]["from"]).map(Timestamp::from_millis),
        end: number(&request["start"]["to"]).map(Timestamp::from_millis),
        keyword: text(&request["keyword"]),
        keyword_areas: texts(&request["keyword_search_area"]["types"]).into_iter().map(KeywordArea::from).collect(),
        skill_ids: texts(&request["skillIds"]),
        agent_ids: texts(&request["agentIds"]),
        agent_group_ids: texts(&request["agentGroupIds"]),
        duration_from_seconds: number(&request["duration"]["from"]),
        duration_to_seconds: number(&request["duration"]["to"]),
        interactive: request["interactive"].as_bool(),
        engagement_id: text(&request["engagementId"]),
        channel: number(&request["channel"]).map(|number| Channel::from(number.to_string().as_str())),
        alerted_mcs_values: texts(&request["alertedMcsValues"]).iter().map(|group| group.parse().unwrap()).collect(),
        chat_mcs_from: number(&request["chatMCS"]["from"]),
        chat_mcs_to: number(&request["chatMCS"]["to"]),
        has_interactive_co_browse: request["hasInteractiveCoBrowse"].as_bool(),
        co_browse_duration_from_seconds: number(&request["coBrowseDuration"]["from"]),
        co_browse_duration_to_seconds: number(&request["coBrowseDuration"]["to"]),
        line_content_types: texts(&request["lineContentTypes"]).into_iter().map(LineContentType::from).collect(),
        prediction_labels: texts(&request["predictionLabel"]),
        ..SearchQuery::default()
    }
}

/// What of a documented request may be emitted, in the types of the table of filters: `ended` and `mcs` are not sent,
/// bounds are numbers.
fn emittable(mut request: Value) -> Value {
    let members = request.as_object_mut().unwrap();
    members.remove("ended");
    members.remove("mcs");
    for range in ["start", "chatMCS", "duration", "coBrowseDuration"] {
        for bound in members.get_mut(range).and_then(Value::as_object_mut).into_iter().flat_map(|range| range.values_mut()) {
            *bound = number(bound).unwrap().into();
        }
    }
    request
}

fn requests_in(folder: &std::path::Path) -> Vec<(String, Value)> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let requests = files.filter(|path| path.to_string_lossy().ends_with("-request.json"));
    let mut requests: Vec<_> = requests
        .map(|path| (path.display().to_string(), serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()))
        .collect();
    requests.sort_by(|(one, _), (other, _)| one.cmp(other));
    requests
}

fn check_requests(folder: &std::path::Path) -> usize {
    let requests = requests_in(folder);
    for (name, request) in &requests {
        assert_eq!(checked(&query_of(request)).body, emittable(request.clone()), "{name}");
    }
    requests.len()
}

#[test]
fn documented_requests_are_emitted_member_for_member() {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/history");
    assert_eq!(check_requests(own.as_ref()), 8);
}

#[test]
fn the_documents_own_requests_are_emitted_member_for_member() {
    let Ok(folder) = std::env::var("LPCHAT_DOCUMENT_EXAMPLES") else { return };
    assert_eq!(check_requests(&std::path::Path::new(&folder).join("history")), 6);
}

#[test]
fn every_filter_has_its_wire_form() {
    let query = SearchQuery {
        keyword: Some("\"two tents\"".into()),
        keyword_areas: vec![KeywordArea::ChatLine, "ea.newThing".into()],
        skill_ids: vec!["37153438".into(), "-1".into()],
        interactive: Some(true),
        visitor_id: Some("A1Y2".into()),
        channel: Some(Channel::Web),
        alerted_mcs_values: vec![-1, 0],
        chat_mcs_from: Some(30),
        prediction_labels: vec!["change booking".into(), "refund".into(), "\"add service\"".into()],
        extra_filters: Some(Json::from("{\"hasCoBrowse\": true}".to_owned())),
        ..week()
    };
    let expected = json!({
        "start": { "from": 1_717_200_000_000_i64, "to": 1_717_804_800_000_i64 },
        "keyword": "\"two tents\"", "keyword_search_area": { "types": ["chatLine", "ea.newThing"] },
        "skillIds": ["37153438", "-1"], "interactive": true, "visitor": "A1Y2", "channel": 1,
        "alertedMcsValues": ["-1", "0"], "chatMCS": { "from": 30 },
        "predictionLabel": ["\"change booking\"", "refund", "\"add service\""], "hasCoBrowse": true
    });
    assert_eq!(checked(&query).body, expected);
}

#[test]
fn an_id_lifts_the_limits_on_time() {
    let by_id = |start, end| SearchQuery { engagement_id: Some("1".into()), start, end, ..SearchQuery::default() };
    let range = |query: &SearchQuery| {
        let body = checked(query).body;
        (body["start"]["from"].as_i64().unwrap(), body["start"]["to"].as_i64().unwrap())
    };
    // 2024-06-13T12:00Z, less 13 months of the calendar.
    let oldest = Timestamp::parse("2023-05-13T12:00:00Z").unwrap().as_millis();
    assert_eq!(range(&by_id(None, None)), (oldest, NOW.as_millis()));
    assert_eq!(checked(&by_id(None, None)).start, None, "nothing is dropped that the caller did not exclude");
    let start = NOW.minus(std::time::Duration::from_secs(90 * 86_400));
    assert_eq!(range(&by_id(Some(start), None)), (start.as_millis(), NOW.as_millis()));
}

#[test]
fn times_are_checked() {
    assert!(refused(&SearchQuery::default()).contains("`start` is missing: a search needs `start` and `end`"));
    assert!(refused(&SearchQuery { end: None, ..week() }).contains("`end` is missing: a search needs"));
    let (start, end) = (week().start, week().end);
    let backwards = refused(&SearchQuery { start: end, end: start, ..week() });
    assert!(backwards.contains("`end` is \"2024-06-01T00:00:00.000Z\": it must lie after `start`, 2024-06-08"), "{backwards}");
    assert!(refused(&SearchQuery { end: start, ..week() }).contains("must lie after"), "an empty range");
    let day = |days: i64| SearchQuery {
        end: start.map(|start| Timestamp::from_millis(start.as_millis() + days * MILLIS_PER_DAY)),
        ..week()
    };
    checked(&day(31));
    let wide = refused(&day(32));
    assert!(wide.contains("more than 31 days after") && wide.contains("search up to 2024-07-02T00:00:00.000Z"), "{wide}");
}

#[test]
fn keywords_are_one_word_or_one_phrase() {
    let keyword = |text: &str| SearchQuery { keyword: Some(text.into()), ..week() };
    for right in ["tent", "two tents", "\"two tents\"", " \"one\" "] {
        checked(&keyword(right));
    }
    for (wrong, reason) in [
        ("\"two tents", "has no partner"),
        ("\"a\" \"b", "has no partner"),
        ("\"a\" \"b\"", "more than one phrase"),
        ("red \"two tents\"", "words beside a phrase"),
        ("\"\"", "the phrase between the quotation marks is empty"),
        ("  ", "an empty text"),
    ] {
        let error = refused(&keyword(wrong));
        assert!(error.contains(reason) && error.contains(&format!("`keyword` is {wrong:?}")), "{error}");
    }
    let areas = SearchQuery { keyword_areas: vec![KeywordArea::ChatLine], ..week() };
    assert!(refused(&areas).contains("ignores the areas"), "areas without a keyword change nothing");
}

#[test]
fn numbers_ids_and_flags_are_checked() {
    let cases: [(SearchQuery, &str); 16] = [
        (SearchQuery { duration_from_seconds: Some(1), ..week() }, "`duration_to_seconds` is missing"),
        (SearchQuery { duration_to_seconds: Some(1), ..week() }, "`duration_from_seconds` is missing"),
        (
            SearchQuery { duration_from_seconds: Some(2), duration_to_seconds: Some(1), ..week() },
            "below `duration_from_seconds`, 2",
        ),
        (SearchQuery { co_browse_duration_from_seconds: Some(-1), ..week() }, "`co_browse_duration_from_seconds` is -1"),
        (SearchQuery { chat_mcs_to: Some(101), ..week() }, "`chat_mcs_to` is 101"),
        (SearchQuery { chat_mcs_from: Some(9), chat_mcs_to: Some(8), ..week() }, "below `chat_mcs_from`, 9"),
        (SearchQuery { alerted_mcs_values: vec![55], ..week() }, "a sentiment group is -1, 0 or 1"),
        (SearchQuery { interactive: Some(false), ..week() }, "`interactive` is false: the service supports true only"),
        (SearchQuery { channel: Some("mail".into()), ..week() }, "`channel` is \"mail\""),
        (SearchQuery { skill_ids: vec!["Sales".into()], ..week() }, "a name matches nothing"),
        (SearchQuery { agent_ids: vec!["".into()], ..week() }, "`agent_ids` is \"\""),
        (SearchQuery { engagement_id: Some("".into()), ..week() }, "`engagement_id` is \"\""),
        (SearchQuery { page_size: Some(101), ..week() }, "`page_size` is 101: the service gives 1 to 100"),
        (SearchQuery { limit: Some(0), ..week() }, "`limit` is 0: it is 1 or more"),
        (SearchQuery { offset: Some(-1), ..week() }, "`offset` is -1: it is 0 or more"),
        (SearchQuery { source: Some("x".repeat(21).into()), ..week() }, "1 to 20 characters"),
    ];
    for (query, reason) in cases {
        let error = refused(&query);
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn extra_filters_never_replace_typed_ones() {
    let with =
        |json: &str| SearchQuery { extra_filters: Some(Json::from(json.to_owned())), skill_ids: vec!["1".into()], ..week() };
    assert_eq!(checked(&with(r#"{"ended": true}"#)).body["ended"], json!(true));
    assert!(refused(&with(r#"{"skillIds": ["2"]}"#)).contains("`extra_filters` is \"skillIds\""));
    assert!(refused(&with(r#"{"start": {}}"#)).contains("`extra_filters` is \"start\""));
    assert!(refused(&with("[1]")).contains("it is a JSON object"));
    assert!(refused(&with("{")).contains("it is a JSON object"));
}

#[test]
fn the_order_is_total_and_spelt_as_the_service_wants() {
    let sorted = |keys: &[&str]| SearchQuery { sort: keys.iter().map(|key| Text::from(*key)).collect(), ..week() };
    assert_eq!(checked(&week()).sort, "start:asc,engagementId:asc");
    assert_eq!(checked(&sorted(&["start:des", "duration:asc"])).sort, "start:desc,duration:asc,engagementId:asc");
    assert_eq!(checked(&sorted(&["engagementId:desc"])).sort, "engagementId:desc");
    assert!(refused(&sorted(&["start"])).contains("`asc` or `desc`"));
    assert!(refused(&sorted(&["startTime:asc"])).contains("the field is one of start, end"));
}
