use proptest::prelude::*;
use serde_json::{Value, json};

use super::rules::{self, Entry};
use super::*;
use crate::history::{
    Campaign, CartStatus, CoBrowseSession, ContactAddress, CustomerInformation, Engagement, EngagementAttribute, EngagementInfo,
    Lead, LineScore, MarketingCampaign, PersonalContact, PersonalInformation, Prediction, Product, Purchase, SearchContent,
    SearchPage, ServiceActivity, SurveyResponse, Surveys, Transcript, TranscriptLine, ViewedProduct, VisitorError, VisitorInfo,
};
use crate::wire::{Buffer, Decode, Reader};

const KEY: &str = "0123456789abcdef";

fn dropping() -> Redaction {
    Redaction::default()
}

fn hashing() -> Redaction {
    Redaction { hash_key: Some(KEY.into()), keep_texts: false }
}

fn redact(redaction: &Redaction, page: &str) -> String {
    redacted(redaction, &Buffer::new(page.to_owned())).unwrap()
}

fn value(redaction: &Redaction, page: &str) -> Value {
    serde_json::from_str(&redact(redaction, page)).unwrap()
}

fn record(redaction: &Redaction, record: &Value) -> Value {
    let page = json!({ "interactionHistoryRecords": [record] }).to_string();
    value(redaction, &page)["interactionHistoryRecords"][0].clone()
}

fn read(page: String) -> SearchPage {
    Reader::read(&Buffer::new(page)).unwrap()
}

/// Every member that a model reads has a rule, and every rule is for a member that is read.
#[test]
fn every_known_member_has_a_rule() {
    fn covers<T: Decode>(entries: &[Entry], beside: &[&str]) {
        let mut ruled: Vec<&str> = entries.iter().flat_map(|(names, _)| *names).copied().collect();
        ruled.retain(|name| !beside.contains(name));
        let mut read: Vec<&str> = T::MEMBERS.iter().copied().filter(|name| !beside.contains(name)).collect();
        ruled.sort_unstable();
        read.sort_unstable();
        assert_eq!(ruled, read, "{}", std::any::type_name::<T>());
    }
    covers::<Engagement>(rules::RECORD, &[]);
    covers::<EngagementInfo>(rules::INFO, &[]);
    covers::<Transcript>(rules::TRANSCRIPT, &[]);
    covers::<TranscriptLine>(rules::LINE, &[]);
    covers::<LineScore>(rules::LINE_SCORE, &[]);
    covers::<Campaign>(rules::CAMPAIGN, &[]);
    covers::<VisitorInfo>(rules::VISITOR, &[]);
    covers::<CoBrowseSession>(rules::CO_BROWSE, &[]);
    covers::<Surveys>(rules::SURVEYS, &[]);
    covers::<SurveyResponse>(rules::ANSWER, &[]);
    covers::<Prediction>(rules::PREDICTION, &[]);
    covers::<EngagementAttribute>(rules::EVENT, rules::ENVELOPE);
    covers::<CartStatus>(rules::CART, rules::ENVELOPE);
    covers::<Product>(rules::PRODUCT, &[]);
    covers::<CustomerInformation>(rules::CUSTOMER, rules::ENVELOPE);
    covers::<Lead>(rules::LEAD, rules::ENVELOPE);
    covers::<MarketingCampaign>(rules::MARKETING, rules::ENVELOPE);
    covers::<PersonalInformation>(rules::PERSON, rules::ENVELOPE);
    covers::<PersonalContact>(rules::CONTACT, &[]);
    covers::<ContactAddress>(rules::ADDRESS, &[]);
    covers::<Purchase>(rules::PURCHASE, rules::ENVELOPE);
    covers::<SearchContent>(rules::SEARCH, rules::ENVELOPE);
    covers::<ServiceActivity>(rules::SERVICE, rules::ENVELOPE);
    covers::<ViewedProduct>(rules::VIEWED, rules::ENVELOPE);
    covers::<VisitorError>(rules::ERROR, rules::ENVELOPE);
}

#[test]
fn identities_go_or_become_the_same_digest_everywhere() {
    let sent = json!({
        "info": { "engagementId": "77", "visitorId": "v-9", "visitorName": "Zoë", "agentFullName": "Ann Agent", "skillId": -1 },
        "visitorInfo": { "ipAddress": "203.0.113.9", "city": "", "org": "NA", "country": "Chile" },
        "sdes": { "events": [{ "customerInfo": { "serverTimeStamp": "5", "customerInfo": {
            "customerId": { "string": "v-9" }, "socialId": 4444, "balance": "12.5", "role": "lead" } } }] }
    });
    let dropped = json!({
        "info": { "engagementId": "77", "agentFullName": "Ann Agent", "skillId": -1 },
        "visitorInfo": { "country": "Chile" },
        "sdes": { "events": [{ "customerInfo": { "serverTimeStamp": "5", "customerInfo": { "role": "lead" } } }] }
    });
    assert_eq!(record(&dropping(), &sent), dropped);
    let hashed = record(&hashing(), &sent);
    let customer = &hashed["sdes"]["events"][0]["customerInfo"]["customerInfo"];
    // printf v-9 | openssl dgst -sha256 -hmac 0123456789abcdef
    assert_eq!(hashed["info"]["visitorId"], "f8ed712fb2cacdb742debb276dd076a047e785ef59ee705ed0f905377fb59aca");
    assert_eq!(customer["customerId"]["string"], hashed["info"]["visitorId"], "in its wrapper too");
    let text = json!({ "sdes": { "events": [{ "customerInfo": { "customerInfo": { "socialId": "4444" } } }] } });
    let as_text = record(&hashing(), &text)["sdes"]["events"][0]["customerInfo"]["customerInfo"]["socialId"].clone();
    assert_eq!(customer["socialId"], as_text, "a number is hashed as its text");
    assert_eq!((&hashed["visitorInfo"]["city"], &hashed["visitorInfo"]["org"]), (&json!(""), &json!("NA")), "there is nobody");
    assert!(customer.get("balance").is_none());
    let other = Redaction { hash_key: Some("fedcba9876543210".into()), keep_texts: false };
    assert_ne!(record(&other, &sent)["info"]["visitorId"], hashed["info"]["visitorId"]);
}

#[test]
fn what_people_wrote_goes_unless_it_is_kept() {
    let sent = json!({
        "info": { "engagementId": "77" },
        "transcript": { "lines": [{ "source": "visitor", "by": "Zoë", "text": "call me", "timeL": 5 },
            { "json": { "type": "text", "text": "hello Zoë" }, "textType": "rich-content" }] },
        "surveys": { "postChat": [{ "displayName": "How?", "value": "well", "values": ["well"], "answersId": [3] }] }
    });
    let dropped = record(&dropping(), &sent);
    assert_eq!(dropped["transcript"]["lines"], json!([{ "source": "visitor", "timeL": 5 }, { "textType": "rich-content" }]));
    assert_eq!(dropped["surveys"]["postChat"], json!([{ "displayName": "How?", "answersId": [3] }]));
    let kept = record(&Redaction { keep_texts: true, ..dropping() }, &sent);
    assert_eq!(kept["transcript"]["lines"][0], json!({ "source": "visitor", "text": "call me", "timeL": 5 }));
    assert_eq!(kept["transcript"]["lines"][1], sent["transcript"]["lines"][1]);
    assert_eq!(kept["surveys"], sent["surveys"]);
}

#[test]
fn what_stands_out_of_place_tells_nothing_and_stays_an_error() {
    let sent = r#"{"interactionHistoryRecords": ["Zoë", {"info": {"engagementId": "1", "skillId": {"deep": "Zoë"}}},
        {"info": {"engagementId": "2"}, "transcript": "Zoë", "newMember": "Zoë"}, {"info": {"engagementId": "3"}}], "people": "Zoë"}"#;
    let page = read(redact(&dropping(), sent));
    assert!(!format!("{page:?} {}", page.raw).contains("Zoë"));
    let failed: Vec<i64> = page.failures.iter().map(|failure| failure.index).collect();
    assert_eq!((failed, page.records.len()), (vec![0, 1, 2], 1));
}

#[test]
fn a_broken_answer_is_not_quoted() {
    for broken in [r#"{"interactionHistoryRecords": [{"info": {"visitorName": "Zoë"#, "Zoë", r#"{"a": "Zoë"} Zoë"#] {
        let error = redacted(&dropping(), &Buffer::new(broken.to_owned())).unwrap_err();
        assert!(!error.to_string().contains("Zoë"), "{error}");
    }
}

#[test]
fn short_keys_are_refused_and_never_shown() {
    let redaction = Redaction { hash_key: Some("hunter2hunter2".into()), keep_texts: false };
    let error = redaction.check().unwrap_err().to_string();
    assert!(error.contains("16 bytes") && !error.contains("hunter2"), "{error}");
    assert!(!format!("{redaction:?}").contains("hunter2"));
    hashing().check().unwrap();
}

/// Members that must go, wherever they stand; `name` must in who the visitor is, and `value` may stay in a lead.
const SECRET_MEMBERS: [&str; 38] = [
    "visitorId",
    "visitorName",
    "sharkEngagementId",
    "chatStartUrl",
    "chatStartPage",
    "by",
    "text",
    "json",
    "engagementAgentNote",
    "city",
    "isp",
    "org",
    "ipAddress",
    "value",
    "values",
    "customerId",
    "socialId",
    "imei",
    "userName",
    "accountName",
    "companyBranch",
    "storeNumber",
    "storeZipCode",
    "balance",
    "lastPaymentDate",
    "registrationDate",
    "surname",
    "company",
    "gender",
    "customerAge",
    "email",
    "phone",
    "zipCode",
    "orderId",
    "leadId",
    "serviceId",
    "keywords",
    "message",
];

/// Replaces every leaf below a member that must go with a text that can be looked for; gives how many.
fn mark(value: &mut Value, payload: &str, secret: bool) -> usize {
    match value {
        Value::Object(members) => members.iter_mut().fold(0, |marked, (name, inner)| {
            let name = name.trim_start_matches('@');
            let payload = if matches!(name, "lead" | "personalInfo") { name } else { payload };
            let must_go = match name {
                "name" => payload == "personalInfo",
                "value" => payload != "lead",
                name => SECRET_MEMBERS.contains(&name),
            };
            marked + mark(inner, payload, secret || must_go)
        }),
        Value::Array(items) => items.iter_mut().map(|item| mark(item, payload, secret)).sum(),
        Value::Null => 0,
        leaf => {
            if secret {
                *leaf = Value::from("SECRET");
            }
            usize::from(secret)
        }
    }
}

fn pages() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/history");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let pages = files.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
    let responses = pages.filter(|(name, _)| name.starts_with("search-") && name.ends_with("response.json"));
    responses.map(|(name, path)| (name, std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn no_secret_of_any_dialect_is_left_anywhere() {
    let mut all = 0;
    for (name, page) in pages() {
        let Ok(mut sent) = serde_json::from_str::<Value>(&page) else { continue };
        all += mark(&mut sent, "", false);
        for redaction in [dropping(), hashing()] {
            let page = redact(&redaction, &sent.to_string());
            assert!(!page.contains("SECRET"), "{name}: {page}");
        }
    }
    assert!(all > 100, "{all}");
}

/// What is redacted decodes as before, but for what is gone.
#[test]
fn the_rest_of_every_record_is_as_it_was() {
    for (name, page) in pages() {
        let Ok(before) = Reader::read::<SearchPage>(&Buffer::new(page.clone())) else { continue };
        let after = read(redact(&hashing(), &page));
        assert_eq!((before.records.len(), before.failures.len()), (after.records.len(), after.failures.len()), "{name}");
        assert_eq!(
            (before.count, before.has_next, before.is_partial_result),
            (after.count, after.has_next, after.is_partial_result)
        );
        for (before, after) in before.records.iter().zip(&after.records) {
            let key =
                |record: &Engagement| (record.account_id.clone(), record.engagement_id.clone(), record.info.engagement_sequence);
            assert_eq!(key(before), key(after), "{name}");
            assert_eq!(
                (before.start_time, before.end_time, &before.agent_name),
                (after.start_time, after.end_time, &after.agent_name)
            );
            assert_eq!(before.transcript.lines.len(), after.transcript.lines.len(), "{name}");
            assert_eq!(before.surveys.post_chat.len(), after.surveys.post_chat.len(), "{name}");
            assert_eq!(before.co_browse_sessions.len(), after.co_browse_sessions.len(), "{name}");
            assert_eq!(before.predictions.len(), after.predictions.len(), "{name}");
            let kinds = |record: &Engagement| {
                record.sdes.iter().map(|event| (event.server_time, event.purchase.is_some())).collect::<Vec<_>>()
            };
            assert_eq!(kinds(before), kinds(after), "{name}");
        }
    }
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), Just(json!("SECRET")), Just(json!({ "string": "SECRET" })), Just(json!(""))];
    leaf.prop_recursive(6, 40, 5, |inner| {
        let names = prop_oneof![
            Just("info"),
            Just("visitorName"),
            Just("transcript"),
            Just("lines"),
            Just("text"),
            Just("sdes"),
            Just("events"),
            Just("personalInfo"),
            Just("contacts"),
            Just("personalContact"),
            Just("email"),
            Just("surveys"),
            Just("postChat"),
            Just("value"),
            Just("visitorInfo"),
            Just("ipAddress"),
            Just("@phone"),
            Just("unheardOf"),
            Just("json"),
            Just("string"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::vec((names, inner), 0..5)
                .prop_map(|pairs| { Value::Object(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()) }),
        ]
    })
}

proptest! {
    /// No member of these names may stay, whatever is nested in whatever; what comes out is JSON.
    #[test]
    fn no_shape_lets_a_secret_through(records in prop::collection::vec(tree(), 0..4)) {
        let page = json!({ "interactionHistoryRecords": records }).to_string();
        for redaction in [dropping(), hashing()] {
            let redacted = redact(&redaction, &page);
            prop_assert!(serde_json::from_str::<Value>(&redacted).is_ok(), "{}", redacted);
            prop_assert!(!redacted.contains("SECRET"), "{}", redacted);
        }
    }
}

/// `docs/redaction.md` is made of the rules.
#[test]
fn the_page_about_redaction_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/redaction.md");
    if std::env::var_os("LPCHAT_UPDATE_DOCS").is_some() {
        std::fs::write(path, redaction_markdown()).unwrap();
    }
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert!(page == redaction_markdown(), "docs/redaction.md is stale: LPCHAT_UPDATE_DOCS=1 cargo test -p lpchat");
}
