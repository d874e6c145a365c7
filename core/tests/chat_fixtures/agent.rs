//! The agent's payloads.

use lpchat::{
    AvailabilityState, AvailableAgentsRequest, AvailableSlotsRequest, ChatPosition, ContentAction, ContentClick, ContentElement,
    Json, LineRequest, Text,
};
use serde_json::{Value, json};

use crate::given::*;
use crate::server::{Answer, Server};

#[test]
fn answers_of_an_agent_session() {
    for text in texts("agent/retrieve-current-availability-response.json") {
        let (_server, client) = serving(200, &text);
        let availability = session(&client).retrieve_availability().unwrap();
        let read = presented(&availability);
        assert_eq!(
            (&read["chat"], &read["voice"]),
            (&parse(&text)["availability"]["chat"], &parse(&text)["availability"]["voice"])
        );
    }
    for name in ["determine-incoming-chat-request", "incoming-requests-ringing", "incoming-requests-ringing-two"] {
        for text in texts(&format!("agent/{name}-response.json")) {
            let (_server, client) = serving(200, &text);
            let incoming = session(&client).retrieve_incoming_requests().unwrap();
            let sent = &parse(&text)["incomingRequests"];
            assert_eq!(json!(incoming.ringing_count), number_of(&sent["ringingCount"]));
            check_links(&sent["link"], &presented(&incoming.links));
        }
    }
    for name in ["retrieve-chat-sessions", "retrieve-chat-sessions-single", "retrieve-chat-sessions-empty"] {
        for text in texts(&format!("agent/{name}-response.json")) {
            let (_server, client) = serving(200, &text);
            let sessions = session(&client).retrieve_chat_sessions().unwrap();
            let sent = parse(&text)["chatSessions"].get("chatSession").map(many).unwrap_or_default();
            assert_eq!(sessions.len(), sent.len(), "{text}");
            for (sent, read) in sent.iter().zip(&sessions) {
                assert_eq!(sent["chatSessionKey"].as_str(), Some(read.chat_session_key.as_str()));
                assert_eq!(number_of(&sent["startTime"]).as_i64(), read.start_time.map(lpchat::Timestamp::as_millis));
            }
        }
    }
}

#[test]
fn requests_member_for_member() {
    for text in texts("agent/end-chat-request.json") {
        assert_eq!(sent_by(|client| agent_chat(client).end().unwrap()), parse(&text));
    }
    for name in ["1", "2"] {
        for text in texts(&format!("agent/set-agent-availability{}request.json", if name == "1" { "-" } else { "-with-reason-" }))
        {
            let availability = &parse(&text)["availability"];
            let state = AvailabilityState::from(availability["chat"].as_str().unwrap());
            let reason = optional_text(availability, "chatReasonId");
            assert_eq!(sent_by(|client| session(client).set_availability(state, reason).unwrap()), parse(&text));
        }
    }
    for text in texts("agent/start-agent-session-request.json") {
        assert_eq!(sent_by(|client| drop(session(client))), parse(&text));
    }
    for text in texts("agent/accept-a-chat-request.json") {
        assert_eq!(sent_by(|client| drop(session(client).accept_chat())), parse(&text));
    }
    for text in texts("agent/set-agent-typing-status-request.json") {
        let state = parse(&text)["agentTyping"].as_str().unwrap().into();
        assert_eq!(sent_by(|client| agent_chat(client).set_agent_typing(state).unwrap()), parse(&text));
    }
    for text in texts("agent/transfer-a-chat-request.json") {
        let transfer = &parse(&text)["transfer"];
        let (id, note) = (optional_text(&transfer["skill"], "id").unwrap(), optional_text(transfer, "text"));
        assert_eq!(sent_by(|client| agent_chat(client).transfer_to_skill(id, note).unwrap()), parse(&text));
    }
    for text in texts("agent/transfer-a-chat-request-2.json") {
        let transfer = &parse(&text)["transfer"];
        let (id, note) = (optional_text(&transfer["agent"], "id").unwrap(), optional_text(transfer, "text"));
        assert_eq!(sent_by(|client| agent_chat(client).transfer_to_agent(id, note).unwrap()), parse(&text));
    }
    for text in texts("agent/agent-survey-submit-request.json") {
        let given = answers(&parse(&text)["survey"]);
        assert_eq!(sent_by(|client| agent_chat(client).submit_survey(given, None).unwrap()), parse(&text));
    }
}

#[test]
fn lines_member_for_member() {
    let names = [
        "send-lines-request",
        "send-lines-request-2",
        "send-lines-request-3",
        "send-lines-request-4",
        "send-lines-rich-content-request",
    ];
    for text in names.iter().flat_map(|name| texts(&format!("agent/{name}.json"))) {
        let wanted = parse(&text);
        let event = &wanted["event"];
        let json = |name: &str| (!event[name].is_null()).then(|| Json::from(event[name].to_string()));
        let line = LineRequest {
            text: event["text"].as_str().unwrap().into(),
            text_type: event["textType"].as_str().map(Into::into),
            sub_type: event["subType"].as_str().map(Into::into),
            content: None,
            json: json("json"),
            metadata: json("metadata"),
        };
        let tree = (!event["json"].is_null()).then(|| element(&event["json"]));
        if let Some(tree) = tree {
            let line = LineRequest { content: Some(tree), json: None, ..line.clone() };
            assert_eq!(sent_by(|client| drop(agent_chat(client).add_line(line).unwrap())), wanted, "as a tree");
        }
        assert_eq!(sent_by(|client| drop(agent_chat(client).add_line(line).unwrap())), wanted);
    }
    for text in texts("agent/send-lines-rejected-response.json") {
        let (_server, client) = serving(400, &text);
        let error = agent_chat(&client).add_line(LineRequest { text: "x".into(), ..LineRequest::default() }).unwrap_err();
        assert_eq!(error.details().service_message.as_deref(), parse(&text)["error"]["message"].as_str());
    }
}

/// The element that stands in a payload, as far as the payloads go.
fn element(sent: &Value) -> ContentElement {
    let action = |sent: &Value| ContentAction {
        r#type: sent["type"].as_str().unwrap().into(),
        text: optional_text(sent, "text"),
        ..ContentAction::default()
    };
    ContentElement {
        r#type: sent["type"].as_str().unwrap().into(),
        elements: many(&sent["elements"]).iter().map(element).collect(),
        text: optional_text(sent, "text"),
        title: optional_text(sent, "title"),
        click: sent.get("click").map(|click| ContentClick {
            actions: many(&click["actions"]).iter().map(action).collect(),
            metadata: Some(Json::from(click["metadata"].to_string())),
        }),
        ..ContentElement::default()
    }
}

#[test]
fn profile_and_agents() {
    answered(&["agent/retrieve-agent-information-response.json"], |client, sent| {
        let information = session(client).retrieve_information().unwrap();
        let (sent, read) = (&sent["info"], presented(&information));
        for member in ["agentName", "displayName", "loginName", "id"] {
            assert_eq!(sent[member], read[member], "{member}");
        }
        assert_eq!(
            (number_of(&sent["maxChats"]), &sent["availability"]["chat"]),
            (read["maxChats"].clone(), &read["availability"]["chat"])
        );
        check_links(&sent["link"], &read["links"]);
        check_skills(&sent["skillsInfo"]["skillInfo"], &read["skills"]);
    });
    let names = [
        "agent/retrieve-available-agents-response.json",
        "agent/retrieve-available-agents-response-2.json",
        "agent/retrieve-available-agents-single-response.json",
    ];
    answered(&names, |client, sent| {
        let agents = session(client).retrieve_available_agents(AvailableAgentsRequest::default()).unwrap();
        let (sent, read) = (&sent["availableAgents"], presented(&agents));
        check_links(sent.get("link").unwrap_or(&Value::Null), &read["links"]);
        assert_eq!(agents.next_time.is_some(), sent.get("link").is_some());
        let sent = many(&sent["agents"]["agent"]);
        assert_eq!(sent.len(), agents.agents.len());
        for (sent, read) in sent.iter().zip(read["agents"].as_array().unwrap()) {
            check_agent(sent, read);
        }
    });
}

fn check_agent(sent: &Value, read: &Value) {
    assert_eq!(text_of(&sent["@id"]), read["id"]);
    for member in ["chatState", "voiceState"] {
        let code = text_of(&sent[format!("@{member}")]);
        let state = code.as_str().map(|code| json!(AvailabilityState::from(code).as_str()));
        assert_eq!(state.unwrap_or(Value::Null), read[member], "{member}");
        assert!(!read[member].is_string() || read[member].as_str().unwrap().len() > 1, "a code has a name");
    }
    assert_eq!(number_of(&sent["@maxChats"]), read["maxChats"]);
    for member in ["userName", "nickname", "email", "privilegeGroup", "agentGroupName"] {
        assert_eq!(sent[member], read[member], "{member}");
    }
    for member in ["chats", "elapsedTimeInState"] {
        assert_eq!(number_of(&sent[member]), read[member], "{member}");
    }
    let ids: Vec<Value> = many(sent["skills"].get("skill").unwrap_or(&Value::Null)).iter().map(text_of).collect();
    assert_eq!(&ids, read["skillIds"].as_array().unwrap());
    check_skills(sent["skillsInfo"].get("skillInfo").unwrap_or(&Value::Null), &read["skills"]);
}

fn check_skills(sent: &Value, read: &Value) {
    let sent: Vec<Value> = many(sent).iter().map(|skill| json!([text_of(&skill["id"]), skill["name"]])).collect();
    let read: Vec<Value> = read.as_array().unwrap().iter().map(|skill| json!([skill["id"], skill["name"]])).collect();
    assert_eq!(sent, read);
}

#[test]
fn session_slots_and_several_chats() {
    answered(&["agent/agent-session-resource-response.json"], |client, sent| {
        let resources = session(client).retrieve_resources(None).unwrap();
        check_links(&sent["agentSessionId"]["link"], &presented(&resources.links));
    });
    answered(&["agent/retrieve-available-slots-response.json"], |client, sent| {
        let slots = session(client).retrieve_available_slots(AvailableSlotsRequest::default()).unwrap();
        assert_eq!(json!(slots), sent["availableSlots"]);
    });
    answered(&["agent/retrieve-data-for-multiple-chats-response.json"], |client, sent| {
        let sent = many(&sent["chats"]["chat"]);
        let key = Text::from(sent[0]["info"]["chatSessionKey"].as_str().unwrap());
        let chat = |from_id| ChatPosition { chat_id: key.clone(), from_id };
        let chats = session(client).retrieve_chats(vec![chat(None)]).unwrap();
        assert_eq!(chats.len(), sent.len());
        sent.iter().zip(&chats).for_each(|(sent, read)| check_resources(sent, read));
        // The links inside are not to be followed, and what was seen is not given again.
        assert_eq!(chats[0].events.next_id, 5);
        let later = session(client).retrieve_chats(vec![chat(Some(4))]).unwrap();
        assert_eq!(later[0].events.events.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["4"]);
    });
}

#[test]
fn resources_of_a_chat() {
    answered(&["agent/retrieve-visitor-name-response.json"], |client, sent| {
        assert_eq!(json!(agent_chat(client).retrieve_visitor_name().unwrap().as_str()), sent["visitorName"]);
    });
    answered(&["agent/retrieve-visitor-typing-status-response.json"], |client, sent| {
        assert_eq!(json!(agent_chat(client).retrieve_visitor_typing().unwrap().as_str()), sent["visitorTyping"]);
    });
    answered(&["agent/retrieve-agent-typing-status-response.json"], |client, sent| {
        assert_eq!(json!(agent_chat(client).retrieve_agent_typing().unwrap().as_str()), sent["agentTyping"]);
    });
    answered(
        &["agent/retrieve-available-skills-response.json", "agent/retrieve-available-skills-single-response.json"],
        |client, sent| {
            let skills = agent_chat(client).retrieve_transfer_skills().unwrap();
            let sent = many(&sent["transfer"]["skill"]);
            assert_eq!(skills.len(), sent.len());
            for (sent, read) in sent.iter().zip(&skills) {
                let read = presented(read);
                assert_eq!((text_of(&sent["id"]), &sent["name"]), (read["id"].clone(), &read["name"]));
                assert_eq!(number_of(&sent["onlineAgents"]), read["onlineAgents"]);
            }
        },
    );
    answered(&["agent/transfer-errormsg-response.json"], |client, sent| {
        let error = agent_chat(client).transfer_to_skill("1".into(), None).unwrap_err();
        assert_eq!(error.details().service_message.as_deref(), sent["transfer"]["errormsg"].as_str());
    });
    answered(&["agent/agent-survey-response.json"], |client, sent| {
        check_survey(&sent["survey"], &agent_chat(client).retrieve_survey().unwrap().unwrap());
    });
    answered(&["agent/retrieve-participant-info-response.json"], |client, sent| {
        let information = session(client).retrieve_participant_information("p".into()).unwrap();
        assert_eq!(&parse(information.raw.as_str()), sent, "nothing is lost");
        let (customer, person) = (information.participant.unwrap(), information.person.unwrap());
        let (read, sent_customer) = (presented(&customer), &sent["authenticatedParticipantInfo"]);
        assert_eq!(read["balance"], text_of(&sent_customer["balance"]));
        for member in [
            "isUserAuthenticated",
            "participantId",
            "customerId",
            "customerStatus",
            "customerType",
            "socialId",
            "imei",
            "userName",
            "companySize",
            "accountName",
            "role",
        ] {
            assert_eq!(read[member], sent_customer[member], "{member}");
        }
        for member in ["registrationDate", "lastPaymentDate"] {
            for part in ["year", "month", "day"] {
                assert_eq!(read[member][part], sent_customer[member][part], "{member}.{part}");
            }
        }
        let (read, sent) = (presented(&person), &sent["authenticatedPersonalInfo"]);
        assert_eq!((&read["name"], &read["surname"]), (&sent["name"], &sent["surname"]));
        assert_eq!(
            (&read["contacts"][0]["email"], &read["contacts"][0]["phone"]),
            (&sent["contacts"][0]["email"], &sent["contacts"][0]["phone"])
        );
    });
}

#[test]
fn the_visit_behind_a_chat() {
    for text in texts("agent/visit-info-response.json") {
        let sent = parse(&text);
        let answer = text.clone();
        let server = Server::start(move |asked| {
            usual(asked).unwrap_or_else(|| match asked.path.as_str() {
                "/api/account/70481526/agentSession/11/visits/visit/H1K3" => {
                    let link = json!({ "@href": "https://elsewhere.example/api/visit/info", "@rel": "info" });
                    Answer::json(&json!({ "visitId": { "link": [link] } }))
                }
                "/api/visit/info" => Answer::text(200, &answer),
                other => panic!("{other} was asked for"),
            })
        });
        let client = client(&server);
        assert_eq!(agent_chat(&client).retrieve_visit().unwrap().links[0].relation.as_deref(), Some("info"));
        let read = presented(&agent_chat(&client).retrieve_visit_information().unwrap());
        let sent = &sent["visitInfo"];
        assert_eq!(
            (&sent["isInCurrentChat"], text_of(&sent["visitorId"])),
            (&read["isInCurrentChat"], read["visitorId"].clone())
        );
        for (member, field) in [("sessionInfo", "session"), ("visitorInfo", "visitor"), ("time", "times")] {
            let details: Vec<Value> =
                many(&sent[member]["info"]).iter().map(|info| json!([info["@name"], text_of(&info["$"])])).collect();
            let found: Vec<Value> =
                read[field].as_array().unwrap().iter().map(|info| json!([info["name"], info["value"]])).collect();
            assert_eq!(details, found, "{member}");
        }
    }
    answered(&["agent/visit-custom-variables-response.json"], |client, sent| {
        let variables = agent_chat(client).retrieve_custom_variables().unwrap();
        let sent = many(&sent["customVariables"]["customVariable"]);
        assert_eq!(variables.len(), sent.len());
        for (sent, read) in sent.iter().zip(&variables) {
            let read = presented(read);
            for member in ["name", "value", "displayName"] {
                assert_eq!(sent[member], read[member], "{member}");
            }
            assert_eq!(
                (&sent["@source"], &sent["@scope"], time_of(&sent["time"])),
                (&read["source"], &read["scope"], read["time"].clone())
            );
        }
    });
}
