//! Engagement history: docs/protocol/engagement-history-api.md.

mod common;

use std::collections::HashMap;

use common::{BASE, DAY, Sandbox, names};
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;

fn sandbox() -> Sandbox {
    Sandbox::frozen(&["--engagements", "1500"])
}

fn window() -> Value {
    json!({"from": BASE - 30 * DAY, "to": BASE})
}

fn with_window(filter: &Value) -> Value {
    let mut body = json!({ "start": window() });
    for (name, value) in filter.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// Every record of a search, page by page, in a stable order.
fn all(sandbox: &Sandbox, token: &str, body: &Value) -> Vec<Value> {
    let mut records = Vec::new();
    loop {
        let query = format!("limit=100&offset={}&sort=start:asc,engagementId:asc", records.len());
        let page = sandbox.search(token, &query, body).expect(200).json();
        let new = page["interactionHistoryRecords"].as_array().unwrap().clone();
        let more = page["_metadata"].get("next").is_some();
        records.extend(new);
        if !more {
            assert_eq!(page["_metadata"]["count"], records.len());
            return records;
        }
    }
}

fn key(record: &Value) -> String {
    let info = &record["info"];
    format!("{}/{}/{}", info["engagementId"].as_str().unwrap(), info["engagementSet"], info["engagementSequence"])
}

fn keys(records: &[Value]) -> Vec<String> {
    records.iter().map(key).collect()
}

fn lines(record: &Value) -> &Vec<Value> {
    record["transcript"]["lines"].as_array().unwrap()
}

fn texts(record: &Value) -> Vec<String> {
    lines(record).iter().filter_map(|line| line["text"].as_str()).map(str::to_lowercase).collect()
}

fn sessions(record: &Value) -> Vec<Value> {
    record["coBrowseSessions"]["coBrowseSessionsList"].as_array().cloned().unwrap_or_default()
}

fn labels(record: &Value) -> Vec<String> {
    let predictions = record["predictions"].as_array().cloned().unwrap_or_default();
    predictions.iter().map(|one| one["topPrediction"]["predictionLabel"].as_str().unwrap().to_owned()).collect()
}

type Fits = fn(&Value) -> bool;

/// Each filter with the same question asked of the records themselves.
const FILTERS: &[(&str, Fits)] = &[
    (r#"{"skillIds": ["26060413", 26132413]}"#, |record| {
        [26_060_413, 26_132_413].contains(&record["info"]["skillId"].as_i64().unwrap())
    }),
    (r#"{"skillIds": []}"#, |_| true),
    (r#"{"agentIds": [25025413, "26559413"]}"#, |record| {
        ["25025413", "26559413"].contains(&record["info"]["agentId"].as_str().unwrap())
    }),
    (r#"{"agentGroupIds": ["-1"]}"#, |record| record["info"]["agentGroupId"] == -1),
    (r#"{"duration": {"from": "100", "to": 400}}"#, |record| (100..=400).contains(&record["info"]["duration"].as_i64().unwrap())),
    (r#"{"interactive": "true"}"#, |record| lines(record).iter().any(|line| line["source"] == "visitor")),
    (r#"{"interactive": false, "ended": true}"#, |_| true),
    (r#"{"channel": 2}"#, |_| false),
    (r#"{"alertedMcsValues": ["-1", 0]}"#, |record| {
        let info = &record["info"];
        let score = info.get("alertedMCS").unwrap_or(&info["mcs"]);
        score == &json!(-1) || score == &json!(0)
    }),
    (r#"{"chatMCS": {"from": "30", "to": "60"}}"#, |record| {
        record["info"]["chatMCS"].as_i64().is_some_and(|score| (30..=60).contains(&score))
    }),
    (r#"{"chatMCS": {"to": 20}}"#, |record| record["info"]["chatMCS"].as_i64().is_some_and(|score| score <= 20)),
    (r#"{"mcs": 1, "keyword_search_area": {"types": ["mcs"]}}"#, |record| record["info"]["mcs"] == 1),
    (r#"{"hasCoBrowse": true}"#, |record| !sessions(record).is_empty()),
    (r#"{"hasInteractiveCoBrowse": false}"#, |record| !sessions(record).iter().any(|one| one["interactive"] == true)),
    (r#"{"coBrowseDuration": {"from": 100, "to": 500}}"#, |record| {
        sessions(record).iter().any(|one| (100_000..=500_000).contains(&one["duration"].as_i64().unwrap()))
    }),
    (r#"{"lineContentTypes": ["RICH_CONTENT"]}"#, |record| lines(record).iter().any(|line| line["textType"] == "rich-content")),
    (r#"{"predictionLabel": ["\"add service\"", "refund"]}"#, |record| {
        labels(record).iter().any(|label| label == "add service" || label == "refund request")
    }),
    (r#"{"predictionLabel": ["service add"]}"#, |record| labels(record).contains(&"add service".to_owned())),
    (r#"{"keyword": "\"Money back\"", "keyword_search_area": {"types": ["chatLine"]}}"#, |record| {
        texts(record).iter().any(|text| text.contains("money back"))
    }),
    (r#"{"keyword": "ipad"}"#, |record| {
        // Searches of the visitor are in no area.
        let mut searched = record.clone();
        if let Some(events) = searched["sdes"]["events"].as_array_mut() {
            events.retain(|event| event.get("searchContent").is_none());
        }
        searched.to_string().to_lowercase().contains("ipad ")
    }),
    (r#"{"keyword": "Pedido", "keyword_search_area": {"types": ["chatLine", "surveyAnswer"]}}"#, |record| {
        texts(record).iter().any(|text| text.contains("pedido"))
    }),
    (r#"{"keyword": "san", "keyword_search_area": {"types": ["visitorInfo"]}}"#, |record| {
        record["visitorInfo"]["city"] == "San Jose"
    }),
    (r#"{"keyword": "prima", "keyword_search_area": {"types": ["surveyAnswer"]}}"#, |record| {
        record["surveys"].to_string().contains(r#""Prima""#)
    }),
    (r#"{"keyword": "recommend", "keyword_search_area": {"types": ["surveyQuestion"]}}"#, |record| {
        record["surveys"].to_string().contains("recommend")
    }),
    (r#"{"keyword": "antivirus", "keyword_search_area": {"types": ["ea.purchase", "ea.cartStatus"]}}"#, |record| {
        record["sdes"]["events"].as_array().is_some_and(|events| {
            events.iter().any(|event| (event["purchase"].to_string() + &event["cartStatus"].to_string()).contains("antivirus"))
        })
    }),
    (r#"{"keyword": "11256324780", "keyword_search_area": {"types": ["ea.customerInfo"]}}"#, |_| false),
    (
        r#"{"skillIds": ["25975313"], "duration": {"from": 0, "to": 600}, "interactive": true,
        "keyword": "shoes", "keyword_search_area": {"types": ["chatLine"]}}"#,
        |record| {
            record["info"]["skillId"] == 25_975_313
                && record["info"]["duration"].as_i64().unwrap() <= 600
                && record["info"]["isInteractive"] == true
                && texts(record).iter().any(|text| text.contains("shoes"))
        },
    ),
];

#[test]
fn every_filter_agrees_with_the_records_themselves() {
    let sandbox = sandbox();
    let token = sandbox.app_token();
    let everything = all(&sandbox, &token, &json!({ "start": window() }));
    let truth = sandbox.get(&format!("/admin/history/keys?from={}&to={BASE}", BASE - 30 * DAY)).json();
    assert_eq!(truth.as_array().unwrap().len(), everything.len());
    for (filter, fits) in FILTERS {
        let body = with_window(&serde_json::from_str(filter).unwrap());
        let expected: Vec<String> = everything.iter().filter(|record| fits(record)).map(key).collect();
        assert_eq!(keys(&all(&sandbox, &token, &body)), expected, "{filter}");
        let trivial = expected.is_empty() || expected.len() == everything.len();
        let meant = ["[]", "false,", "channel", "11256324780"].iter().any(|part| filter.contains(part));
        assert!(!trivial || meant, "{filter} proves nothing: {} of {}", expected.len(), everything.len());
    }
}

#[test]
fn look_up_by_id_ignores_time() {
    let sandbox = sandbox();
    let token = sandbox.app_token();
    let truth = sandbox.get("/admin/history/keys").json();
    let mut segments: HashMap<&str, usize> = HashMap::new();
    for key in truth.as_array().unwrap() {
        *segments.entry(key["engagementId"].as_str().unwrap()).or_default() += 1;
    }
    let transferred = segments.iter().find(|(_, count)| **count > 1).unwrap();
    let body = json!({"start": {"from": 0, "to": BASE}, "engagementId": transferred.0});
    let found = all(&sandbox, &token, &body);
    assert_eq!(found.len(), *transferred.1);
    let visitor = found[0]["info"]["visitorId"].clone();
    let mine = all(&sandbox, &token, &json!({"start": {"from": 0, "to": BASE}, "visitor": visitor}));
    assert!(mine.len() >= found.len() && mine.iter().all(|record| record["info"]["visitorId"] == visitor));
    sandbox.switch("id_ignores_start", "keep");
    let outside = json!({"start": {"from": 0, "to": 1}, "engagementId": transferred.0});
    assert_eq!(all(&sandbox, &token, &outside).len(), 0);
    let alone = json!({"engagementId": transferred.0});
    sandbox.search(&token, "", &alone).expect(400);
    let sibling = "/interaction_history/api/account/12345678/interaction/search";
    let single = sandbox.call("POST", sibling, &[("authorization", &token)], &alone).expect(200).json();
    assert_eq!(single["_metadata"]["count"], *transferred.1);
}

#[test]
fn bounds_are_rounded_to_ten_minutes_and_inclusive() {
    let sandbox = sandbox();
    let token = sandbox.app_token();
    let grid = BASE - 5 * DAY;
    let record =
        |start: i64| json!({"info": {"engagementId": format!("12345678{start}"), "startTimeL": start, "endTimeL": start + 1000}});
    let times = [grid - 1, grid, grid + 1, grid + 600_000, grid + 600_001];
    sandbox.post("/admin/history", &times.iter().map(|time| record(*time)).collect()).expect(200);
    let found = |from: i64, to: i64| {
        let records = all(&sandbox, &token, &json!({"start": {"from": from, "to": to.to_string()}}));
        let inserted = records.iter().map(|record| record["info"]["startTimeL"].as_i64().unwrap());
        inserted.filter(|time| times.contains(time)).collect::<Vec<_>>()
    };
    assert_eq!(found(grid + 5, grid + 6), times[1..4]);
    assert_eq!(found(grid, grid), times[1..2]);
    assert_eq!(found(grid, grid + 600_000), times[1..4]);
}

#[test]
fn refusals() {
    let sandbox = sandbox();
    let token = sandbox.app_token();
    let fine = json!({ "start": window() });
    for query in [
        "limit=0",
        "limit=101",
        "offset=-1",
        "sort=start",
        "sort=startTime:asc",
        "sort=start:up",
        "source=123456789012345678901",
        "limit=x",
    ] {
        let refused = sandbox.search(&token, query, &fine).expect(400).json();
        assert_eq!(names(&refused), ["debugMessage", "statusCode"]);
    }
    for body in [
        json!({}),
        json!({"start": {"from": 1}}),
        json!({"start": {"from": 2, "to": 1}}),
        json!({"start": {"from": BASE - 31 * DAY - 1, "to": BASE}}),
        with_window(&json!({"duration": {"from": 1}})),
        with_window(&json!({"coBrowseDuration": {"to": 1}})),
        with_window(&json!({"chatMCS": {}})),
        with_window(&json!({"keyword": "a", "keyword_search_area": {"types": ["chatline"]}})),
        with_window(&json!({"skillIds": "14"})),
        with_window(&json!({"interactive": 1})),
        json!([]),
    ] {
        sandbox.search(&token, "", &body).expect(400);
    }
    sandbox.search(&token, "v=1&start=des&source=12345678901234567890&sort=start:des", &fine).expect(200);
    sandbox.search(&token, "", &json!({"start": {"from": BASE - 31 * DAY, "to": BASE}})).expect(200);
    sandbox.switch("require_source", "on");
    sandbox.search(&token, "", &fine).expect(400);
    let deep = sandbox.search(&token, "source=a&offset=9950&limit=51", &fine).expect(500).json();
    assert_eq!(deep["internalCode"], "0007");
    sandbox.search(&token, "source=a&offset=9950&limit=50", &fine).expect(200);
    sandbox.search("Bearer x", "", &fine).expect(401);
    let other = "/interaction_history/api/account/999/interactions/search";
    sandbox.call("POST", other, &[("authorization", &token)], &fine).expect(401);
}

#[test]
fn links_follow_the_documented_arithmetic() {
    let sandbox = sandbox();
    let token = sandbox.app_token();
    let page = |query: &str| sandbox.search(&token, query, &json!({ "start": window() })).expect(200).json()["_metadata"].clone();
    let count = page("")["count"].as_i64().unwrap();
    let path = format!("{}/interaction_history/api/account/12345678/interactions/search", sandbox.origin());
    let last = (count - 1) / 10 * 10;
    let first = page("limit=10&sort=start:asc,duration:desc&source=Test");
    let href = |offset: i64| json!(format!("{path}?sort=start:asc,duration:desc&source=Test&limit=10&offset={offset}"));
    assert_eq!(names(&first), ["count", "last", "next", "self", "shardsStatusResult"]);
    assert_eq!((&first["self"]["href"], &first["next"]["href"], &first["last"]["href"]), (&href(0), &href(10), &href(last)));
    let middle = page("limit=10&offset=5&sort=start:asc,duration:desc&source=Test");
    assert_eq!((&middle["prev"]["href"], &middle["next"]["href"]), (&href(0), &href(15)));
    let end = page(&format!("limit=10&offset={last}"));
    assert!(end.get("next").is_none() && end.get("last").is_some());
    let beyond = sandbox.search(&token, &format!("offset={}", count + 5), &json!({ "start": window() })).expect(200).json();
    assert_eq!((&beyond["_metadata"]["count"], &beyond["interactionHistoryRecords"]), (&json!(count), &json!([])));
    sandbox.switch("empty_page", "absent");
    let absent = sandbox.search(&token, "offset=9000", &json!({ "start": window() })).expect(200).json();
    assert!(absent.get("interactionHistoryRecords").is_none());
    sandbox.switch("empty_page", "204");
    sandbox.search(&token, "offset=9000", &json!({ "start": window() })).expect(204);
    sandbox.switch("partial_result", "on");
    let partial = sandbox.search(&token, "offset=9000", &json!({ "start": window() })).expect(200).json();
    assert_eq!(partial["_metadata"]["shardsStatusResult"]["partialResult"], true, "only a body can say so");
    sandbox.switch("href_host", "localhost8080");
    assert!(page("")["self"]["href"].as_str().unwrap().starts_with("http://localhost:8080/api/account/12345678/"));
}

#[test]
fn sorting_is_total() {
    let sandbox = sandbox();
    let token = sandbox.app_token();
    let page = |sort: &str| {
        let query = format!("limit=100{sort}");
        sandbox.search(&token, &query, &json!({ "start": window() })).expect(200).json()["interactionHistoryRecords"]
            .as_array()
            .unwrap()
            .clone()
    };
    let numbers = |records: &[Value], member: &str| -> Vec<i64> {
        records
            .iter()
            .map(|record| record["info"][member].as_i64().or_else(|| record["info"][member].as_str()?.parse().ok()).unwrap())
            .collect()
    };
    let sorted = |values: &[i64]| values.is_sorted();
    assert!(sorted(&numbers(&page("&sort=duration:asc"), "duration")));
    assert!(sorted(&numbers(&page("&sort=agentId:asc"), "agentId")));
    assert!(sorted(&numbers(&page("&sort=end:asc"), "endTimeL")));
    let default: Vec<i64> = numbers(&page(""), "startTimeL").into_iter().rev().collect();
    assert!(sorted(&default));
    let pairs = page("&sort=skillId:desc,start:asc");
    let (skills, starts) = (numbers(&pairs, "skillId"), numbers(&pairs, "startTimeL"));
    assert!(
        (1..pairs.len()).all(|at| skills[at - 1] > skills[at] || (skills[at - 1] == skills[at] && starts[at - 1] <= starts[at]))
    );
    sandbox.switch("unstable_order", "on");
    assert_ne!(keys(&page("")), keys(&page("")));
    assert_eq!(keys(&page("&sort=start:asc")), keys(&page("&sort=start:asc")));
}

#[test]
fn the_phrase_money_back_is_in_every_skill_and_month() {
    let sandbox = Sandbox::frozen(&["--engagements", "2000"]);
    let token = sandbox.app_token();
    let mut cells: HashMap<(i64, String), (usize, usize)> = HashMap::new();
    for month in 0..14 {
        let from = BASE - (month + 1) * 30 * DAY;
        for record in all(&sandbox, &token, &json!({"start": {"from": from, "to": from + 30 * DAY}})) {
            let skill = record["info"]["skillId"].as_i64().unwrap();
            let month = record["info"]["startTime"].as_str().unwrap()[..7].to_owned();
            let cell = cells.entry((skill, month)).or_default();
            cell.0 += 1;
            cell.1 += usize::from(texts(&record).iter().any(|text| text.contains("money back")));
        }
    }
    assert!(cells.len() > 60 && cells.values().all(|(records, hits)| *hits > 0 && hits <= records), "{cells:?}");
}

#[test]
fn visibility_over_time() {
    let sandbox = sandbox();
    let chat = sandbox.start_chat(&json!({"skill": "Sales"}));
    sandbox.advance(800);
    sandbox.say(&chat, "unmistakable words").expect(201);
    sandbox.say(&chat, "bye").expect(201);
    sandbox.advance(400);
    let key = sandbox.key_header();
    let survey = json!({"survey": {"id": 1, "question": [{"id": 9, "answer": "5"}]}});
    sandbox.put(&key, &format!("{chat}/exitSurvey"), &survey).expect(200);
    let info = sandbox.visitor("GET", &format!("{chat}/info"), &Value::Null).json()["info"].clone();
    let body = json!({"start": {"from": BASE, "to": BASE + DAY}, "keyword": "unmistakable"});
    let found = || all(&sandbox, &sandbox.app_token(), &body);
    sandbox.advance(299_999);
    assert_eq!(found().len(), 0);
    sandbox.advance(1);
    let early = found().pop().unwrap();
    assert_eq!(early["info"]["engagementId"], format!("12345678{}", info["rtSessionId"]));
    assert_eq!((&early["info"]["chatDataEnriched"], &early["info"]["endReason"]), (&json!(false), &json!("201")));
    assert!(early.get("surveys").is_none());
    sandbox.advance(2 * HOUR - 300_000);
    let late = found().pop().unwrap();
    assert_eq!((&late["info"]["chatDataEnriched"], &late["surveys"]["postChat"][0]["value"]), (&json!(true), &json!("5")));
    sandbox.advance(400 * DAY);
    assert_eq!(found().len(), 0);
}

#[test]
fn late_data_of_inserted_records_is_held_back() {
    let sandbox = sandbox();
    let end = BASE + 11 * HOUR;
    let record = json!({"info": {"engagementId": "1234567877", "startTimeL": end - 1000, "endTimeL": end},
        "sdes": {"events": [{"lead": {"lead": {"topic": "zeppelin"}}}]},
        "predictions": [{"topPrediction": {"predictionLabel": "zeppelin"}}]});
    sandbox.post("/admin/history", &json!([record])).expect(200);
    let start = json!({"from": BASE, "to": BASE + DAY});
    let count = |filter: &Value| {
        let mut body = filter.clone();
        body["start"] = start.clone();
        all(&sandbox, &sandbox.app_token(), &body).len()
    };
    let (keyword, label) = (json!({"keyword": "zeppelin"}), json!({"predictionLabel": ["zeppelin"]}));
    assert_eq!((count(&json!({})), count(&keyword), count(&label)), (1, 0, 0));
    sandbox.advance(HOUR);
    assert_eq!((count(&keyword), count(&label)), (1, 1));
    sandbox.post("/admin/history", &json!([{"info": {"startTimeL": 1}}])).expect(400);
}

#[test]
fn dialects() {
    let sandbox = sandbox();
    let token = sandbox.app_token();
    let read = || all(&sandbox, &token, &json!({ "start": window() }));
    let some_line = |record: &Value, member: &str| lines(record)[0].get(member).is_some();
    for record in read() {
        assert!(
            record["info"]["agentNickName"].is_string()
                && record["info"]["agentId"].is_string()
                && record["info"]["skillId"].is_i64()
        );
        assert!(some_line(&record, "lineSeq") && lines(&record)[0]["agentId"].is_i64());
    }
    sandbox.switch("dialect", "2017");
    for record in read() {
        assert!(
            !some_line(&record, "lineSeq") && record.get("lineScores").is_none() && record["info"].get("agentDeleted").is_none()
        );
    }
    sandbox.switch("dialect", "2015");
    for record in read() {
        let info = &record["info"];
        assert!(info["agentName"].is_string() && info.get("agentNickName").is_none() && info.get("chatMCS").is_none());
        assert!(!some_line(&record, "agentId") && record["campaign"].get("lobId").is_none_or(Value::is_string));
        let events = record["sdes"]["events"].as_array().cloned().unwrap_or_default();
        assert!(events.iter().all(|event| event.get("sdeType").is_none() && event.get("viewedProduct").is_none()));
        assert!(events.iter().all(|event| event["personalInfo"].get("personalInfo").is_none()));
    }
    let page = sandbox.search(&token, "", &json!({ "start": window() })).json();
    assert_eq!(page["_metadata"]["shardsStatusResult"], json!({"failureShards": 0, "partialResult": false, "totalShards": 6}));
    sandbox.switch("dialect", "mixed");
    let mixed = read();
    let old = mixed.iter().filter(|record| record["info"].get("agentName").is_some()).count();
    assert!(old > mixed.len() / 5 && old < mixed.len() / 2);
    assert_eq!(mixed, read(), "deterministic");
    sandbox.switch("dialect", "2018");
    sandbox.switch("oddities", "on");
    sandbox.switch("partial_result", "on");
    let odd = read();
    assert!(odd.iter().any(|record| record["info"]["skillId"].is_string()));
    assert!(odd.iter().any(|record| record["campaign"].is_null() && record.get("campaign").is_some()));
    assert!(odd.iter().any(|record| record["info"]["endReason"] == "999"));
    let page = sandbox.search(&token, "", &json!({ "start": window() })).json();
    assert_eq!(page["_metadata"]["shardsStatusResult"]["partialResult"], true);
}

#[test]
fn long_records_come_cut_unless_asked_for_by_id() {
    let sandbox = sandbox();
    let token = sandbox.app_token();
    let whole = all(&sandbox, &token, &json!({ "start": window() }));
    let longest = whole.iter().max_by_key(|record| record.to_string().len()).unwrap();
    sandbox.switch("is_partial_bytes", "12000");
    let cut = all(&sandbox, &token, &json!({ "start": window() }));
    let same = cut.iter().find(|record| key(record) == key(longest)).unwrap();
    assert_eq!((&same["info"]["isPartial"], lines(same).len()), (&json!(true), lines(longest).len().div_ceil(2)));
    let body = json!({"start": window(), "engagementId": longest["info"]["engagementId"]});
    assert!(all(&sandbox, &token, &body).contains(longest));
}

#[test]
fn what_goes_wrong_while_somebody_pages() {
    let sandbox = sandbox();
    let token = sandbox.app_token();
    let page = |query: &str| sandbox.search(&token, query, &json!({ "start": window() })).json();
    let ids = |page: &Value| keys(page["interactionHistoryRecords"].as_array().unwrap());
    let count = |page: &Value| page["_metadata"]["count"].as_i64().unwrap();
    let second = "offset=5&limit=5&sort=start:asc";
    let (whole, total) = (page(second), count(&page(second)));

    sandbox.switch("shifted_page_percent", "100");
    let shifted = page(second);
    assert_eq!((&ids(&shifted)[1..], count(&shifted)), (&ids(&whole)[..4], total), "one record too early");
    assert_eq!(ids(&page("limit=5&sort=start:asc")).len(), 5, "the first page cannot");
    sandbox.switch("shifted_page_percent", "0");

    sandbox.switch("count_drift_percent", "100");
    assert_eq!((ids(&page(second)), count(&page(second))), (ids(&whole), total + 1));
    sandbox.switch("count_drift_percent", "0");

    sandbox.switch("partial_percent", "100");
    let partial = page(second);
    let lost = 5 - ids(&partial).len();
    assert!((1..=3).contains(&lost) && partial["_metadata"]["shardsStatusResult"]["partialResult"] == true);
    assert_eq!(count(&partial), total - lost as i64);
    sandbox.switch("partial_percent", "0");

    sandbox.switch("late_records_percent", "100");
    assert_eq!([count(&page(second)), count(&page(second))], [total + 1, total + 2], "they stay");
    sandbox.switch("late_records_percent", "0");
    assert_eq!(count(&page(second)), total + 2);
    let truth = sandbox.get(&format!("/admin/history/keys?from={}&to={}", window()["from"], window()["to"])).expect(200).json();
    assert!(truth.as_array().unwrap().len() as i64 >= total + 2, "the truth knows them");
}

#[test]
fn generated_data_is_the_same_for_the_same_seed_and_shows_every_kind() {
    let (first, second) = (sandbox(), sandbox());
    let page = |sandbox: &Sandbox| {
        let text = sandbox.search(&sandbox.app_token(), "limit=100", &json!({ "start": window() })).expect(200).text;
        text.replace(sandbox.origin(), "")
    };
    let text = page(&first);
    assert_eq!(text, page(&second));
    let everything = Value::from(all(&first, &first.app_token(), &json!({ "start": window() }))).to_string();
    for part in [
        "cartStatus",
        "customerInfo",
        "lead",
        "marketingCampaignInfo",
        "personalInfo",
        "purchase",
        "searchContent",
        "serviceActivity",
        "viewedProduct",
        "formFillingError",
        "ONLY_TO_REP",
        "rich-content",
        "preChat",
        "postChat",
        "operator",
        "coBrowseSessions",
        "\"mcs\":null",
        "{\"string\":",
        "\"socialId\":4444",
        "\"endReason\":\"106\"",
        "&amp;",
        "😟",
    ] {
        assert!(everything.contains(part), "{part}");
    }
}
