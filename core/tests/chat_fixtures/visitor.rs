//! The visitor's payloads.

use lpchat::{
    ApplicationDetails, AvailabilityRequest, AvailableSlotsRequest, ChatRequest, ExitSurveySubmission, Impression, Json,
    OfflineSurveyRequest, OfflineSurveySubmission, PreChatSurveyRequest, SurveySubmission, Text, VisitorAuthenticationRequest,
    VisitorEngagementRequest, VisitorEngagementUpdate,
};
use serde_json::{Value, json};

use crate::given::*;

#[test]
fn a_chat_is_requested_member_for_member() {
    for name in ["1", "2", "3", "4"] {
        for text in texts(&format!("visitor/start-chat-request-{name}.json")) {
            let wanted = parse(&text);
            let member = |name: &str| match &wanted["request"][name] {
                Value::Null => None,
                value => Some(Text::from(text_of(value).as_str().unwrap())),
            };
            let request = ChatRequest {
                skill: member("skill"),
                skill_id: member("skillId"),
                user_agent: member("userAgent"),
                language: member("language"),
                le_tag_visitor_id: member("LETagVisitorId"),
                le_tag_session_id: member("LETagSessionId"),
                le_tag_context_id: member("LETagContextId"),
                engagement_id: member("engagementId"),
                campaign_id: member("campaignId"),
                participant_id: member("participantId"),
                conversation_id: member("conversationId"),
                interaction_timeout_seconds: wanted["request"]["interactionTimeout"].as_i64(),
                pre_chat_lines: many(&wanted["request"]["preChatLines"]["line"])
                    .iter()
                    .map(|line| line.as_str().unwrap().into())
                    .collect(),
                ..ChatRequest::default()
            };
            // The collection's placeholders are no decimal digits, which is what a context id consists of.
            if request.le_tag_context_id.as_ref().is_some_and(|id| id.contains('{')) {
                continue;
            }
            assert_eq!(sent_by(|client| drop(client.visitor().start_chat(request).unwrap())), wanted, "{name}");
        }
    }
}

#[test]
fn authentication_lines_and_the_end_member_for_member() {
    for text in texts("visitor/visitor-authentication-request-1.json") {
        let wanted = parse(&text);
        let member = |name: &str| Text::from(text_of(&wanted[name]).as_str().unwrap());
        let request = VisitorAuthenticationRequest {
            sso_key: wanted["ssoKey"].as_str().unwrap().into(),
            auth_chat_conn_id: member("authChatConnId"),
            engagement_id: member("engagementId"),
            le_tag_session_id: member("LETagSessionId"),
            le_tag_visitor_id: member("LETagVisitorId"),
            le_tag_context_id: member("LETagContextId"),
            redirect_uri: None,
        };
        assert_eq!(sent_by(|client| drop(client.visitor().authenticate(request))), wanted);
    }
    answered(
        &["visitor/visitor-authentication-response-1.json", "visitor/visitor-authentication-response-2.json"],
        |client, sent| {
            let request = VisitorAuthenticationRequest {
                sso_key: "k".into(),
                auth_chat_conn_id: "1".into(),
                engagement_id: "2".into(),
                le_tag_session_id: "s".into(),
                le_tag_visitor_id: "v".into(),
                le_tag_context_id: "3".into(),
                redirect_uri: None,
            };
            let identity = client.visitor().authenticate(request).unwrap();
            assert_eq!(presented(&identity)["participantId"], sent["participantId"]);
            assert_eq!(presented(&identity)["conversationId"], sent["conversationId"]);
        },
    );
    for text in texts("visitor/events-add-line-request-1.json") {
        let line = Text::from(parse(&text)["event"]["text"].as_str().unwrap());
        assert_eq!(sent_by(|client| drop(visitor_chat(client).add_line(line).unwrap())), parse(&text));
    }
    for text in texts("visitor/events-end-chat-request-1.json") {
        assert_eq!(sent_by(|client| visitor_chat(client).end().unwrap()), parse(&text));
    }
}

#[test]
fn answers_about_the_account() {
    answered(&["visitor/account-entry-response.json"], |client, sent| {
        let entry = client.visitor().retrieve_entry_point().unwrap();
        assert_eq!(entry.id.as_deref(), sent["account"]["@id"].as_str());
        check_links(&sent["account"]["link"], &presented(&entry.links));
    });
    answered(&["visitor/availability-response-1.json"], |client, sent| {
        let visitor = client.visitor();
        assert_eq!(json!(visitor.retrieve_availability(AvailabilityRequest::default()).unwrap()), sent["availability"]);
        let one = visitor.retrieve_availability_by_skill(vec!["Sales".into()], None).unwrap();
        assert_eq!((one[0].skill.as_str(), json!(one[0].is_available)), ("Sales", sent["availability"].clone()));
    });
    answered(
        &["visitor/availability-several-skills-response.json", "visitor/availability-one-skill-collapsed-response.json"],
        |client, sent| {
            let read = client.visitor().retrieve_availability_by_skill(vec!["a".into(), "b".into()], None).unwrap();
            let sent = many(&sent["availability"]["AvailabilityForSkills"]["skillAvailability"]);
            assert_eq!(read.len(), sent.len());
            for (sent, read) in sent.iter().zip(&read) {
                assert_eq!(
                    (&sent["skill"], truth_of(&sent["isAvailable"])),
                    (&json!(read.skill.as_str()), json!(read.is_available))
                );
                assert_eq!(&parse(read.raw.as_str()), sent, "nothing is lost");
            }
            assert!(client.visitor().retrieve_availability(AvailabilityRequest::default()).unwrap());
        },
    );
    answered(&["visitor/available-slots-response-1.json", "visitor/available-slots-unlimited-response.json"], |client, sent| {
        let slots = client.visitor().retrieve_available_slots(AvailableSlotsRequest::default()).unwrap();
        assert_eq!(json!(slots), sent["availableSlots"]);
    });
    answered(
        &["visitor/estimated-wait-time-response-1.json", "visitor/estimated-wait-time-unknown-response.json"],
        |client, sent| {
            let estimate = client.visitor().retrieve_estimated_wait_time(None, None).unwrap();
            assert_eq!(json!(estimate.seconds), sent["estimatedWaitTime"]);
            assert_eq!(estimate.wait.is_some(), estimate.seconds >= 0);
        },
    );
}

#[test]
fn surveys_in_every_form() {
    let names = [
        "visitor/pre-chat-survey-get-response-1.json",
        "visitor/pre-chat-survey-get-response-2.json",
        "visitor/offline-survey-get-response-1.json",
        "visitor/exit-survey-get-response-1.json",
        "visitor/survey-no-questions-response.json",
        "visitor/survey-single-entry-response.json",
    ];
    answered(&names, |client, sent| {
        let visitor = client.visitor();
        let surveys = [
            visitor.retrieve_pre_chat_survey(PreChatSurveyRequest::default()),
            visitor.retrieve_offline_survey(OfflineSurveyRequest::default()),
            visitor_chat(client).retrieve_exit_survey(None, None),
            agent_chat(client).retrieve_survey(),
        ];
        surveys.into_iter().for_each(|survey| check_survey(&sent["survey"], &survey.unwrap().unwrap()));
    });
    answered(&["visitor/survey-none-response.json"], |client, _| {
        assert_eq!(client.visitor().retrieve_pre_chat_survey(PreChatSurveyRequest::default()).unwrap(), None);
        assert_eq!(visitor_chat(client).retrieve_exit_survey(None, None).unwrap(), None);
    });
    for text in texts("visitor/survey-entry-logic-response-1.json") {
        let mut entry = parse(&text);
        entry["value"] = json!("yes");
        let survey =
            json!({ "survey": { "id": 1, "questions": { "question": { "id": 2, "type": "Radio Button", "entry": entry } } } });
        let (_server, client) = serving(200, &survey.to_string());
        let read = client.visitor().retrieve_pre_chat_survey(PreChatSurveyRequest::default()).unwrap().unwrap();
        check_survey(&survey["survey"], &read);
    }
}

#[test]
fn answers_to_surveys_member_for_member() {
    for text in texts("visitor/pre-chat-survey-answers-request-1.json") {
        let wanted = parse(&text);
        let survey = &wanted["survey"];
        let submission = SurveySubmission { survey_id: optional_text(survey, "id").unwrap(), answers: answers(survey) };
        let request = ChatRequest { survey: Some(submission), ..ChatRequest::default() };
        assert_eq!(sent_by(|client| drop(client.visitor().start_chat(request).unwrap()))["request"], wanted);
    }
    for name in ["visitor/offline-survey-submit-request-1.json", "visitor/offline-survey-submit-request-2.json"] {
        for text in texts(name) {
            let wanted = parse(&text);
            let survey = &wanted["survey"];
            let submission = OfflineSurveySubmission {
                survey_id: optional_text(survey, "id").unwrap(),
                answers: answers(survey),
                le_tag_visitor_id: optional_text(survey, "LETagVisitorId"),
                le_tag_session_id: optional_text(survey, "LETagSessionId"),
                le_tag_context_id: optional_text(survey, "LETagContextId"),
                skill: optional_text(survey, "skill"),
                user_agent: optional_text(survey, "userAgent"),
                answers_as_value: Some(survey["question"][0].get("value").is_some()),
                ..OfflineSurveySubmission::default()
            };
            assert_eq!(sent_by(|client| client.visitor().submit_offline_survey(submission).unwrap()), wanted);
        }
    }
    // The first sample repeats the survey's definition instead of answering it; the second collapses a list of one.
    for text in texts("visitor/exit-survey-submit-request-3.json") {
        let wanted = parse(&text);
        let survey = &wanted["survey"];
        let (survey_id, answers) = (optional_text(survey, "id").unwrap(), answers(survey));
        let submission = ExitSurveySubmission { survey_id, answers, ..ExitSurveySubmission::default() };
        assert_eq!(sent_by(|client| visitor_chat(client).submit_exit_survey(submission).unwrap()), wanted);
    }
}

#[test]
fn small_resources_of_a_chat() {
    answered(&["visitor/visitor-name-get-response-1.json"], |client, sent| {
        assert_eq!(json!(visitor_chat(client).retrieve_visitor_name().unwrap().as_str()), sent["visitorName"]);
    });
    answered(&["visitor/visitor-typing-get-response-1.json"], |client, sent| {
        assert_eq!(json!(visitor_chat(client).retrieve_visitor_typing().unwrap().as_str()), sent["visitorTyping"]);
    });
    answered(&["visitor/agent-typing-get-response-1.json"], |client, sent| {
        assert_eq!(json!(visitor_chat(client).retrieve_agent_typing().unwrap().as_str()), sent["agentTyping"]);
    });
    for name in ["visitor/visitor-name-set-request-1.json", "visitor/visitor-name-set-request-2.json"] {
        for text in texts(name) {
            let name = optional_text(&parse(&text), "visitorName").unwrap();
            assert_eq!(sent_by(|client| visitor_chat(client).set_visitor_name(name).unwrap()), parse(&text));
        }
    }
    for name in ["visitor/visitor-typing-set-request-1.json", "visitor/visitor-typing-set-request-2.json"] {
        for text in texts(name) {
            let state = parse(&text)["visitorTyping"].as_str().unwrap().into();
            assert_eq!(sent_by(|client| visitor_chat(client).set_visitor_typing(state).unwrap()), parse(&text));
        }
    }
    for name in ["visitor/send-transcript-request-1.json", "visitor/send-transcript-request-2.json"] {
        for text in texts(name) {
            let wanted = parse(&text);
            let (email, offset) = (optional_text(&wanted, "email").unwrap(), wanted["timezoneOffset"].as_i64());
            assert_eq!(sent_by(|client| visitor_chat(client).request_transcript(email, offset).unwrap()), wanted);
        }
    }
}

#[test]
fn an_account_transfer_says_where_to_go_on() {
    answered(&["visitor/events-a2a-transfer-full-response.json"], |client, sent| {
        let events = visitor_chat(client).retrieve_events(None).unwrap();
        let (event, sent) = (presented(&events.events[0]), &sent["events"]["event"]);
        assert_eq!((&event["domain"], &event["remoteSiteId"]), (&sent["domain"], &text_of(&sent["remoteSiteId"])));
        check_links(&sent["link"], &json!([event["link"]]));
    });
    for text in texts("visitor/events-a2a-transfer-response-1.json") {
        let mut sent = parse(&text);
        (sent["@id"], sent["@type"]) = (json!("1"), json!("a2a-transfer"));
        let (_server, client) = serving(200, &json!({ "events": { "event": sent } }).to_string());
        let event = visitor_chat(&client).retrieve_events(None).unwrap().events.remove(0);
        let parameters = presented(&event.chat_request_parameters.unwrap());
        for member in ["a2aEventId", "a2aSourceSessionId", "a2aSourceSiteId", "skill"] {
            assert_eq!(parameters[member], text_of(&sent["chatRequestParameters"][member]), "{member}");
        }
    }
}

#[test]
fn engagements_of_visitors() {
    for name in ["visitor/engagement-create-request-1.json", "visitor/engagement-create-request-2.json"] {
        for text in texts(name) {
            let wanted = parse(&text);
            let details = &wanted["appDetails"];
            let request = VisitorEngagementRequest {
                application_type: wanted["appType"].as_str().map(Into::into),
                application_details: Some(ApplicationDetails {
                    operating_system: details["os"].as_str().map(Into::into),
                    operating_system_version: optional_text(details, "osVersion"),
                    application_version: optional_text(details, "appVersion"),
                    device_family: details["deviceFamily"].as_str().map(Into::into),
                    ip_address: optional_text(details, "ipAddress"),
                }),
                consumer_sections: many(&wanted["consumerSections"]).iter().map(|name| name.as_str().unwrap().into()).collect(),
                engagement_attributes: Some(Json::from(wanted["engagementAttributes"].to_string())),
                ..VisitorEngagementRequest::default()
            };
            assert_eq!(sent_by(|client| drop(client.visitor().create_engagement(request))), wanted);
        }
    }
    for text in texts("visitor/engagement-update-request-1.json") {
        let wanted = parse(&text);
        let impression = |sent: &Value| Impression {
            r#type: sent["type"].as_str().unwrap().into(),
            campaign_id: optional_text(sent, "campaign").unwrap(),
            engagement_id: optional_text(sent, "engId").unwrap(),
            engagement_revision: sent["revision"].as_i64(),
            context_id: optional_text(&sent["eContext"][0], "id"),
        };
        let update = VisitorEngagementUpdate {
            visitor_id: "v".into(),
            session_id: "s".into(),
            page_id: optional_text(&wanted, "pageId").unwrap(),
            impressions: many(&wanted["impAttributes"]).iter().map(impression).collect(),
            engagement_attributes: Some(Json::from(wanted["engagementAttributes"].to_string())),
        };
        assert_eq!(sent_by(|client| client.visitor().update_engagement(update).unwrap()), wanted);
    }
    answered(&["visitor/engagement-create-response-1.json", "visitor/engagement-create-response-2.json"], |client, sent| {
        let engagement = client.visitor().create_engagement(VisitorEngagementRequest::default()).unwrap();
        let read = presented(&engagement);
        for member in ["status", "sessionId", "visitorId", "pageId"] {
            assert_eq!(sent[member], read[member], "{member}");
        }
        let (sent, read) = (&sent["engagementDetails"], &read["details"]);
        for member in ["campaignId", "engagementId", "contextId", "windowId", "language", "skillId", "skillName"] {
            assert_eq!(text_of(&sent[member]), read[member], "{member}");
        }
        for member in ["engagementRevision", "validForSeconds"] {
            assert_eq!(sent[member], read[member], "{member}");
        }
    });
    for name in ["visitor/engagement-error-response-2.json", "visitor/engagement-error-without-message-response.json"] {
        for text in texts(name) {
            let (_server, client) = serving(500, &text);
            let error = client.visitor().create_engagement(VisitorEngagementRequest::default()).unwrap_err();
            assert_eq!(error.details().service_code.as_deref(), Some("20"));
            assert_eq!(error.details().service_message.as_deref(), parse(&text)["message"].as_str());
        }
    }
}
