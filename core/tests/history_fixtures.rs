//! Every fixture of engagement history decodes to stated values, and keeps its source.

use std::path::{Path, PathBuf};

use lpchat::wire::{Buffer, Decode, Reader};
use lpchat::{
    AttributeKind, Channel, Client, ClientOptions, CoBrowseEndReason, Code, Decimal, Device, EndReason, Engagement,
    EngagementAttribute, LineSource, LineSubType, OriginatingChannel, SearchPage, ServiceActivityStatus, StartReason,
    SurveyGroup, TextType, Timestamp,
};
use serde_json::Value;

fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/history")
}

fn documents() -> Option<PathBuf> {
    Some(PathBuf::from(std::env::var_os("LPCHAT_DOCUMENT_EXAMPLES")?).join("history"))
}

fn read<T: Decode>(json: String) -> T {
    Reader::read(&Buffer::new(json)).unwrap_or_else(|error| panic!("{error}"))
}

fn file(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn page(name: &str) -> SearchPage {
    read(file(&own(), name))
}

/// The one attribute of an `sde-…` file, inside a record as the service would send it.
fn attribute(folder: &Path, name: &str) -> EngagementAttribute {
    let json = file(folder, name);
    let rest = json.trim_start().strip_prefix('{').unwrap();
    if !rest.trim_start().starts_with("\"sdes\"") {
        return read(json);
    }
    let engagement: Engagement = read(format!("{{\"info\": {{}}, {rest}"));
    assert_eq!(engagement.sdes.len(), 1, "{name}");
    engagement.sdes.into_iter().next().unwrap()
}

fn millis(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::as_millis)
}

fn amount(decimal: &Option<Decimal>) -> Option<&str> {
    decimal.as_ref().map(Decimal::as_str)
}

/// What was kept is decoded as what came from the service, and what is no page is refused with the reason.
#[test]
fn a_page_that_was_kept_is_decoded_without_the_service() {
    let options = ClientOptions { account_id: Some("70481526".into()), ..ClientOptions::default() };
    let history = Client::new(options).unwrap().history();
    let source = file(&own(), "search-by-chat-mcs-range-response.json");
    assert_eq!(history.decode_page(source.as_str().into()).unwrap(), page("search-by-chat-mcs-range-response.json"));
    for (text, code, reason) in [
        ("<html>", Code::NotJson, "expected a value at $"),
        ("{\"interactionHistoryRecords\": [", Code::NotJson, "it ends"),
        ("{\"interactionHistoryRecords\": []} x", Code::NotJson, "something follows"),
        ("{\"error\": {}}", Code::UnexpectedShape, "so it is no page"),
    ] {
        let error = history.decode_page(text.into()).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

/// `raw` of every model is the exact source of its document.
fn assert_sources(page: &SearchPage, source: &str) {
    let whole: Value = serde_json::from_str(source).unwrap();
    assert_eq!(page.raw.as_str(), source.trim_end());
    let empty = Vec::new();
    let records = whole["interactionHistoryRecords"].as_array().unwrap_or(&empty);
    assert_eq!(page.records.len(), records.len());
    for (record, value) in page.records.iter().zip(records) {
        assert_eq!(record.raw.to_value().unwrap(), *value);
        assert!(source.contains(record.raw.as_str()), "a slice, not a copy made anew");
        assert_eq!(record.info.raw.to_value().unwrap(), value["info"]);
        for (index, line) in record.transcript.lines.iter().enumerate() {
            assert_eq!(line.raw.to_value().unwrap(), value["transcript"]["lines"][index]);
        }
        for (index, attribute) in record.sdes.iter().enumerate() {
            assert_eq!(attribute.raw.to_value().unwrap(), value["sdes"]["events"][index]);
        }
        for (index, session) in record.co_browse_sessions.iter().enumerate() {
            assert_eq!(session.raw.to_value().unwrap(), value["coBrowseSessions"]["coBrowseSessionsList"][index]);
        }
        for (index, answer) in record.surveys.pre_chat.iter().enumerate() {
            assert_eq!(answer.raw.to_value().unwrap(), value["surveys"]["preChat"][index]);
        }
        assert_eq!(record.campaign.as_ref().map_or(Value::Null, |it| it.raw.to_value().unwrap()), value["campaign"]);
        assert_eq!(record.visitor_info.as_ref().map_or(Value::Null, |it| it.raw.to_value().unwrap()), value["visitorInfo"]);
    }
}

fn check_pages(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages: Vec<String> = names.filter(|name| name.starts_with("search-") && name.ends_with("-response.json")).collect();
    for name in &pages {
        let source = file(folder, name);
        let page: SearchPage = read(source.clone());
        assert!(page.failures.is_empty(), "{name}: {:?}", page.failures);
        assert_sources(&page, &source);
        for record in &page.records {
            assert!(record.sdes.iter().all(|attribute| attribute.problem.is_none()), "{name}");
            assert_eq!(millis(record.info.start_time), record.info.raw.to_value().unwrap()["startTimeL"].as_i64(), "{name}");
        }
    }
    pages.len()
}

#[test]
fn every_page_decodes_and_keeps_its_source() {
    assert_eq!(check_pages(&own()), 14);
}

#[test]
fn the_documents_own_pages_decode() {
    let Some(folder) = documents() else { return };
    assert_eq!(check_pages(&folder), 4);
    let page: SearchPage = read(file(&folder, "search-with-predictions-response.json"));
    let record = &page.records[0];
    assert_eq!((page.count, page.has_next, record.engagement_id.as_str()), (Some(9870), true, "qa844815054294982965"));
    let predictions: Vec<_> = record.predictions.iter().map(|it| (it.label.as_deref().unwrap(), it.confidence)).collect();
    assert_eq!(predictions, [("add service", Some(0.91)), ("make payment", Some(0.84))]);
    let page: SearchPage = read(file(&folder, "search-by-alerted-mcs-response.json"));
    let answer = &page.records[0].surveys.pre_chat[1];
    assert_eq!((answer.survey_name.as_deref(), answer.question_id.as_deref()), (Some("Pre-Chat Survey "), Some("2")));
    assert_eq!(millis(answer.time), Some(1_485_969_115_981), "the epoch wins over the text that contradicts it");
}

#[test]
fn the_2018_dialect_in_full() {
    let page = page("search-2018-dialect-page-response.json");
    assert_eq!((page.count, page.is_partial_result, page.has_next), (Some(6), false, false));
    assert_eq!(page.links[0].relation.as_deref(), Some("self"));
    let record = &page.records[0];
    assert_eq!((record.agent_name.as_deref(), record.skill_name.as_deref()), (Some("Fletcher"), Some("Bookings")));
    assert_eq!(record.start_time, record.info.start_time);
    let info = &record.info;
    assert_eq!((info.account_id.as_deref(), info.skill_id.as_deref()), (Some("70481526"), Some("37153438")));
    assert_eq!((&info.start_reason, &info.end_reason), (&Some(StartReason::VisitorRequest), &Some(EndReason::VisitorEnded)));
    assert_eq!((millis(info.requested_time), info.duration_seconds), (Some(1_718_010_605_207), Some(421)));
    assert_eq!((info.agent_group_id.as_deref(), &info.channel), (Some("-1"), &Some(Channel::Web)));
    assert_eq!((info.mcs, info.alerted_mcs, info.chat_mcs), (Some(0), Some(0), Some(55)));
    assert_eq!(record.line_scores[1].raw_score, Some(-3));
    assert_eq!(record.line_scores[1].running_mcs, Some(52));
    let sessions = &record.co_browse_sessions;
    assert!(sessions.iter().all(|session| session.end_reason == Some(CoBrowseEndReason::Unknown)), "both spellings");
    assert_eq!((sessions[1].duration_milliseconds, sessions[1].is_interactive), (Some(1250), Some(false)));
    let labels: Vec<_> = record.predictions.iter().map(|it| (it.label.as_deref(), it.line_sequence.as_deref())).collect();
    assert_eq!(labels, [(Some("change booking"), Some("4")), (Some("ask for refund"), Some("11"))], "nested and flat");
    assert_eq!(record.visitor_info.as_ref().unwrap().device, Some(Device::Tablet));
    assert_eq!(record.campaign.as_ref().unwrap().lob_id.as_deref(), Some("-1"));
}

#[test]
fn lines_of_every_kind() {
    let page = page("search-2018-dialect-page-response.json");
    let lines = &page.records[0].transcript.lines;
    assert_eq!(lines.len(), 10);
    assert_eq!((&lines[0].source, lines[0].control_type), (&Some(LineSource::System), Some(4)));
    assert_eq!(lines[2].text.as_deref(), Some("Is the blue one in stock too? 🏕️"));
    assert_eq!((&lines[3].text_type, lines[3].canned_answer_type), (&Some(TextType::Html), Some(-4471)));
    assert_eq!(lines[3].plain_text, lines[3].text);
    assert_eq!((&lines[4].text, &lines[4].text_type), (&None, &Some(TextType::RichContent)));
    assert_eq!(lines[4].plain_text.as_deref(), Some("Two tents left\nReserve one\nSee the map"), "no action's text, no tooltip");
    assert_eq!(lines[5].json.as_ref().unwrap().to_value().unwrap()["elements"][0]["text"], "Or this one", "decoded once more");
    assert_eq!(lines[5].plain_text.as_deref(), Some("Or this one"));
    assert!(lines[5].raw.to_value().unwrap()["json"].is_string(), "the source stays as it was");
    assert_eq!(lines[6].sub_type, Some(LineSubType::OnlyToAgents));
    assert_eq!(lines[8].text.as_deref(), Some("0071"), "digits keep their zeros");
    assert_eq!((lines[3].agent_id.as_deref(), lines[2].agent_id.as_deref()), (Some("418203377"), Some("0")));
}

#[test]
fn surveys_know_their_group() {
    let page = page("search-2018-dialect-page-response.json");
    let surveys = &page.records[0].surveys;
    assert_eq!((surveys.pre_chat.len(), surveys.post_chat.len(), surveys.agent.len()), (1, 2, 1));
    assert_eq!(surveys.pre_chat[0].group, SurveyGroup::PreChat);
    assert_eq!(surveys.post_chat[0].group, SurveyGroup::PostChat);
    assert_eq!(surveys.agent[0].group, SurveyGroup::Agent);
    assert_eq!((&*surveys.post_chat[0].values[1], &surveys.post_chat[0].answer_ids[..]), ("tone", &[1, 3][..]));
    let second = &surveys.post_chat[1];
    assert_eq!((second.question_id.as_deref(), second.survey_id.as_deref(), second.values.len()), (Some("5"), Some("520036"), 0));
    assert_eq!(millis(second.time), Some(1_718_011_042_417), "beside a text that is no time");
    assert_eq!(surveys.agent[0].survey_id.as_deref(), Some("520033"));
}

#[test]
fn attributes_of_every_kind() {
    let page = page("search-2018-dialect-page-response.json");
    let sdes = &page.records[0].sdes;
    let kinds: Vec<&str> = sdes.iter().map(|attribute| attribute.kind.as_str()).collect();
    let expected = [
        "CART_STATUS",
        "CUSTOMER_INFO",
        "LEAD",
        "MARKETING_CAMPAIGN_INFO",
        "PERSONAL_INFO",
        "PURCHASE",
        "SEARCH_CONTENT",
        "SERVICE_ACTIVITY",
        "VIEWED_PRODUCT",
        "VISITOR_ERROR",
        "VISITOR_ERROR",
        "LOYALTY_TIER",
    ];
    assert_eq!(kinds, expected);
    let cart = sdes[0].cart_status.as_ref().unwrap();
    assert_eq!((amount(&cart.total), cart.item_count, cart.products.len()), (Some("144.40"), Some(2), 2));
    assert_eq!((cart.products[0].sku.as_deref(), amount(&cart.products[0].price)), (Some("tnt318"), Some("119.90")));
    assert_eq!((millis(sdes[0].server_time), millis(sdes[0].original_time)), (Some(1_718_010_521_417), Some(1_718_010_521_377)));
    let customer = sdes[1].customer_information.as_ref().unwrap();
    assert_eq!((amount(&customer.balance), customer.company_size, customer.login_status), (Some("-127.35"), Some(320), Some(1)));
    assert_eq!(customer.registration_date.as_ref().unwrap().month, Some(8));
    assert_eq!((customer.imei.as_deref(), customer.store_zip_code.as_deref()), (None, Some("0071")));
    assert_eq!(amount(&sdes[2].lead.as_ref().unwrap().value), Some("310.75"));
    let campaign = sdes[3].marketing_campaign.as_ref().unwrap();
    assert_eq!((&campaign.originating_channel, sdes[3].original_time), (&Some(OriginatingChannel::PaidSearch), None));
    let person = sdes[4].personal_information.as_ref().unwrap();
    assert_eq!((person.surname.as_deref(), person.contacts.len(), sdes[4].is_authenticated), (Some("Quill"), 2, Some(true)));
    assert_eq!(person.contacts[0].address.as_ref().unwrap().zip_code.as_deref(), Some("5003"));
    assert_eq!(amount(&person.age.as_ref().unwrap().years), Some("45.0"));
    let purchase = sdes[5].purchase.as_ref().unwrap();
    assert_eq!((amount(&purchase.total), amount(&purchase.cart.as_ref().unwrap().total)), (Some("129.96"), Some("144.40")));
    assert_eq!(purchase.cart.as_ref().unwrap().products[1].quantity, Some(1), "a number among strings");
    assert_eq!(&*sdes[6].search_content.as_ref().unwrap().keywords[1], "two person tent");
    assert_eq!(sdes[7].service_activity.as_ref().unwrap().status, Some(ServiceActivityStatus::Resolved));
    assert_eq!(sdes[8].viewed_product.as_ref().unwrap().products[0].quantity_in_stock, Some(12));
    let errors: Vec<_> = sdes[9..11].iter().map(|attribute| attribute.visitor_error.as_ref().unwrap()).collect();
    assert_eq!((errors[0].level, errors[0].is_resolved, errors[0].code.as_deref()), (Some(2), Some(false), Some("er200317")));
    assert_eq!((errors[1].level, errors[1].is_resolved, errors[1].context_id.as_deref()), (Some(3), Some(true), None));
    assert_eq!(millis(sdes[11].server_time), Some(1_718_010_521_428));
    assert_eq!(sdes[11].raw.to_value().unwrap()["loyaltyTier"]["loyaltyTier"]["points"], "4071", "an unknown kind keeps all");
}

#[test]
fn unknown_values_stay_what_they_are() {
    let page = page("search-2018-dialect-page-response.json");
    let record = &page.records[4];
    let info = &record.info;
    assert_eq!(info.start_reason, Some(StartReason::Other { text: "42".into() }));
    assert_eq!((info.end_reason.as_ref().unwrap().as_str(), info.channel.as_ref().unwrap().as_str()), ("999", "9"));
    assert_eq!((info.duration_seconds, info.mcs, info.is_interactive), (Some(0), None, Some(false)));
    assert_eq!((info.agent_id.as_deref(), &record.agent_name), (Some(""), &None));
    let line = &record.transcript.lines[0];
    assert_eq!((line.source.as_ref().unwrap().as_str(), line.text_type.as_ref().unwrap().as_str()), ("oracle", "hologram"));
    assert_eq!((line.sub_type.as_ref().unwrap().as_str(), &line.plain_text), ("ONLY_TO_SUPERVISOR", &None));
    assert_eq!(record.co_browse_sessions[0].end_reason.as_ref().unwrap().as_str(), "GRAVITY");
    let kinds: Vec<&str> = record.sdes.iter().map(|attribute| attribute.kind.as_str()).collect();
    assert_eq!(kinds, ["LOYALTY_TIER", "EMPTY_SHELL", "SERVICE_ACTIVITY"]);
    assert_eq!(record.sdes[1].is_authenticated, Some(true));
    assert_eq!(record.sdes[2].service_activity.as_ref().unwrap().status.as_ref().unwrap().as_str(), "88");
    let alone = &page.records[5];
    assert!(alone.transcript.lines.is_empty() && alone.campaign.is_none() && alone.sdes.is_empty(), "`info` alone");
    assert_eq!(alone.info.mcs, Some(-1));
}

#[test]
fn segments_share_an_id_and_differ_in_sequence() {
    let page = page("search-2018-dialect-page-response.json");
    let keys: Vec<_> = page.records[1..4].iter().map(|it| (it.engagement_id.as_str(), it.info.engagement_sequence)).collect();
    assert_eq!(keys, [0, 1, 2].map(|sequence| ("704815264295031549", Some(sequence))));
    let reasons: Vec<_> = page.records[1..4].iter().map(|it| it.info.end_reason.clone().unwrap()).collect();
    assert_eq!(reasons, [EndReason::TransferToAgent, EndReason::TransferToSkill, EndReason::VisitorDisconnected]);
    assert_eq!(page.records[3].info.is_partial, Some(true));
}

#[test]
fn other_spellings_mean_the_same() {
    let page = page("search-alias-names-response.json");
    let record = &page.records[0];
    let info = &record.info;
    assert_eq!((info.agent_nickname.as_deref(), info.agent_full_name.as_deref()), (Some("Fletcher"), Some("Fletcher Sample")));
    assert_eq!((info.is_ended, info.is_chat_data_enriched), (Some(true), Some(true)));
    assert_eq!((info.agent_id.as_deref(), &info.end_reason), (Some("418203377"), &Some(EndReason::VisitorEnded)));
    assert_eq!(millis(info.requested_time), Some(1_718_010_610_517), "from the text, where the twin is missing");
    assert!(record.surveys.pre_chat.is_empty() && record.sdes.is_empty() && record.campaign.is_none());
}

#[test]
fn the_2015_dialect() {
    let page = page("search-every-attribute-type-response.json");
    assert_eq!((page.count, page.has_next, page.total_shards, page.failed_shards), (Some(7342), true, Some(8), Some(0)));
    let record = &page.records[0];
    assert_eq!((record.agent_name.as_deref(), record.info.mcs), (Some("Desk Three"), None));
    assert_eq!(record.transcript.lines[1].line_sequence.as_deref(), Some("55"));
    let kinds: Vec<&str> = record.sdes.iter().map(|attribute| attribute.kind.as_str()).collect();
    assert_eq!((kinds[7], kinds[8]), ("VIEWED_PRODUCT", "VISITOR_ERROR"), "kinds by the name of the payload");
    assert_eq!(record.sdes[4].personal_information.as_ref().unwrap().surname.as_deref(), Some("fenn"), "not nested");
    let error = record.sdes[8].visitor_error.as_ref().unwrap();
    assert_eq!(
        (error.message.as_deref(), error.level, error.is_resolved),
        (Some("Passport number too short"), Some(2), Some(true))
    );
    assert_eq!(millis(record.sdes[0].server_time), Some(1_499_776_950_640), "the payload's, where the envelope has none");
}

#[test]
fn structured_content_of_the_2017_dialect() {
    let page = page("search-by-chat-mcs-range-response.json");
    let line = &page.records[0].transcript.lines[7];
    let rows = "Tent for two\nReduced this week\n$219.50\nPut in basket\nOrder\nSearch\nShow the shop\nRead on";
    assert_eq!((line.plain_text.as_deref(), &line.line_sequence), (Some(rows), &None));
}

#[test]
fn pages_say_how_complete_they_are() {
    let partial = page("search-partial-result-shard-counts-response.json");
    assert_eq!((partial.is_partial_result, partial.failed_shards, partial.records.len()), (true, Some(2), 1));
    assert!(page("search-partial-result-response.json").is_partial_result);
    let failed = r#"{"_metadata": {"count": 0, "shardsStatusResult": {"failureShards": "1", "partialResult": false}}}"#;
    assert!(read::<SearchPage>(failed.to_owned()).is_partial_result, "a failed part makes the whole incomplete");
    assert!(page("search-first-page-response.json").has_next && !page("search-last-page-response.json").has_next);
    for name in ["search-empty-page-response.json", "search-empty-page-absent-array-response.json"] {
        let empty = page(name);
        assert_eq!((empty.count, empty.records.len(), empty.has_next), (Some(0), 0, false), "{name}");
    }
    let past = page("search-past-the-end-response.json");
    assert_eq!((past.count, past.records.len(), past.has_next), (Some(3), 0, false));
    let relations: Vec<_> = past.links.iter().map(|link| link.relation.as_deref().unwrap()).collect();
    assert_eq!(relations, ["self", "prev", "last"]);
}

#[test]
fn something_else_than_a_page_is_no_empty_page() {
    let error = Reader::read::<SearchPage>(&Buffer::new(file(&own(), "error-flat-time-response.json"))).unwrap_err();
    assert!(error.to_string().contains("neither `_metadata` nor"), "{error}");
}

#[test]
fn one_bad_record_hides_no_other() {
    let json = r#"{"interactionHistoryRecords": [{"info": {"engagementId": "1"}}, {"info": {"duration": "soon"}}, {"info": {"engagementId": 3}}, 7]}"#;
    let page: SearchPage = read(json.to_owned());
    let ids: Vec<&str> = page.records.iter().map(|record| record.engagement_id.as_str()).collect();
    assert_eq!(ids, ["1", "3"]);
    let failure = &page.failures[0];
    assert_eq!((failure.index, failure.path.as_str()), (1, "$.interactionHistoryRecords[1].info.duration"));
    assert_eq!(
        (failure.message.as_str(), failure.raw.as_str()),
        (r#"expected a whole number, found "soon""#, r#"{"info": {"duration": "soon"}}"#)
    );
    assert_eq!(page.failures[1].raw.as_str(), "7");
}

#[test]
fn one_bad_attribute_hides_no_record() {
    let json = r#"{"info": {}, "sdes": {"events": [
        {"cartStatus": {"serverTimeStamp": "5", "total": "1.20", "numItems": "many"}},
        {"newThing": {"serverTimeStamp": "7"}},
        {"lead": null, "sdeType": "LEAD"}, {"lead": {"lead": {"leadId": 4, "value": ""}}}]}}"#;
    let engagement: Engagement = read(json.to_owned());
    let [cart, new, none, lead] = &engagement.sdes[..] else { panic!("{:?}", engagement.sdes) };
    assert_eq!((&cart.kind, &cart.cart_status, millis(cart.server_time)), (&AttributeKind::CartStatus, &None, Some(5)));
    assert_eq!(cart.problem.as_deref(), Some(r#"expected a whole number, found "many" at $.cartStatus.numItems"#));
    assert_eq!((new.kind.as_str(), &new.problem, millis(new.server_time)), ("newThing", &None, Some(7)));
    assert_eq!((&none.kind, &none.problem), (&AttributeKind::Lead, &None));
    let lead = lead.lead.as_ref().unwrap();
    assert_eq!((lead.lead_id.as_deref(), &lead.value), (Some("4"), &None));
}

/// The two sets differ in their values only.
fn check_attributes(folder: &Path, cart_time: i64) {
    let cart = attribute(folder, "sde-cart-status-response.json");
    assert_eq!((&cart.kind, millis(cart.server_time)), (&AttributeKind::CartStatus, Some(cart_time)));
    assert!(amount(&cart.cart_status.unwrap().total).is_some());
    let customer = attribute(folder, "sde-customer-info-response.json").customer_information.unwrap();
    assert!(customer.currency.is_some() && customer.social_id.is_some() && customer.imei.is_none());
    assert!(attribute(folder, "sde-lead-response.json").original_time.is_some(), "times behind the inner object");
    let campaign = attribute(folder, "sde-marketing-campaign-info-response.json").marketing_campaign.unwrap();
    assert!(!matches!(campaign.originating_channel, None | Some(OriginatingChannel::Other { .. })));
    let person = attribute(folder, "sde-personal-info-response.json").personal_information.unwrap();
    assert!(person.name.is_some() && person.contacts[0].email.is_some());
    let purchase = attribute(folder, "sde-purchase-response.json").purchase.unwrap();
    assert!(purchase.currency.is_none() && purchase.cart.as_ref().unwrap().currency.is_some() && purchase.order_id.is_some());
    assert_ne!(purchase.total, purchase.cart.unwrap().total);
    assert_eq!(attribute(folder, "sde-search-content-response.json").search_content.unwrap().keywords.len(), 2);
    let activity = attribute(folder, "sde-service-activity-response.json").service_activity.unwrap();
    assert!(!matches!(activity.status, None | Some(ServiceActivityStatus::Other { .. })));
    assert_eq!(
        attribute(folder, "sde-viewed-product-response.json").viewed_product.unwrap().products[0].quantity_in_stock,
        Some(0)
    );
    assert_eq!(
        attribute(folder, "sde-viewed-product-2019-response.json").viewed_product.unwrap().products[0].quantity_in_stock,
        None
    );
    let error = attribute(folder, "sde-visitor-error-response.json").visitor_error.unwrap();
    assert!(error.code.is_some() && error.level.is_none() && error.context_id.is_none());
}

#[test]
fn attributes_as_the_appendix_shows_them() {
    check_attributes(&own(), 1_505_545_699_372);
    if let Some(folder) = documents() {
        check_attributes(&folder, 1_440_412_721_832);
    }
}
