//! Visitor authentication and start chat: docs/protocol/visitor-chat-api.md, "Visitor authentication", "Start chat".

use serde_json::{Map, Value, json};

use super::chat_url;
use super::surveys::{answers, check};
use crate::chat::documents::{self, Dialect};
use crate::chat::survey::pre_chat;
use crate::chat::{ChatRequest, engine};
use crate::http::reply::Reply;
use crate::identity::{everybody, find_skill};
use crate::routes::Call;
use crate::switches::Switch;
use crate::world::World;

/// A refusal: status, code and message.
type Refusal = (u16, i64, String);

fn illegal(name: &str) -> Refusal {
    (400, 5, format!("Illegal value for {name}"))
}

fn invalid_user() -> Refusal {
    (401, 10, "Invalid User".to_owned())
}

/// A whole number, also as a decimal string.
fn number(body: &Map<String, Value>, name: &str) -> Result<Option<i64>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => number.as_i64().map(Some).ok_or_else(|| illegal(name)),
        Some(Value::String(text)) => text.parse().map(Some).map_err(|_| illegal(name)),
        Some(_) => Err(illegal(name)),
    }
}

fn number_within(body: &Map<String, Value>, name: &str, low: i64, high: i64) -> Result<Option<i64>, Refusal> {
    let value = number(body, name)?;
    if value.is_some_and(|value| !(low..=high).contains(&value)) {
        return Err(illegal(name));
    }
    Ok(value)
}

fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(illegal(name)),
    }
}

/// Names and ids come as strings or as numbers.
fn name_or_id(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match body.get(name) {
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        _ => text(body, name),
    }
}

pub fn start_chat(world: &mut World, call: &Call) -> Reply {
    if world.switches.is_on(Switch::Captcha) {
        return Reply::error(401, 10, "Bad captcha", world.now);
    }
    let body = call.request.json();
    let request = match body.as_ref().and_then(|body| body.get("request")).and_then(Value::as_object) {
        Some(request) => read_request(world, request),
        None => Err((400, 5, "The member request is missing".to_owned())),
    };
    match request {
        Ok(request) => {
            let position = engine::start(world, request);
            created(world, &chat_url(world, position))
        }
        Err((status, code, message)) => Reply::error(status, code, &message, world.now),
    }
}

fn created(world: &World, url: &str) -> Reply {
    let status = world.switches.status(Switch::StartChatStatus);
    let reply = if world.switches.is(Switch::StartChatBody, "link") {
        let link = documents::link(Dialect::Attributes, url, "location");
        Reply::json(status, &json!({"chatLocation": {"link": link}}))
    } else {
        Reply::empty(status)
    };
    reply.with_header("location", url)
}

fn read_request(world: &World, body: &Map<String, Value>) -> Result<ChatRequest, Refusal> {
    let mut request = ChatRequest {
        timeout_s: number_within(body, "interactionTimeout", 1, 86_400)?,
        max_wait_s: number_within(body, "maxWaitTime", 0, 86_400)?,
        visitor_id: number(body, "visitorId")?,
        tag_visitor: text(body, "LETagVisitorId")?,
        tag_session: text(body, "LETagSessionId")?,
        tag_context: number(body, "LETagContextId")?,
        engagement_id: number(body, "engagementId")?,
        campaign_id: number(body, "campaignId")?,
        language: text(body, "language")?,
        referrer: text(body, "chatReferrer")?,
        user_agent: text(body, "userAgent")?,
        visitor_ip: text(body, "visitorIp")?,
        pre_chat_lines: pre_chat_lines(body)?,
        custom_variables: body.get("customVariables").cloned().unwrap_or_default(),
        ..ChatRequest::default()
    };
    if let Some(survey) = body.get("survey") {
        request.answers = answers(survey).ok_or_else(|| illegal("survey"))?;
        check(world, &pre_chat(), &request.answers).map_err(|message| (400, 5, message))?;
    }
    check_other_types(body)?;
    request.transferred = ["a2aSourceSiteId", "a2aSourceSessionId", "a2aEventId"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), body.get(name)?.clone())))
        .collect();
    choose_target(world, body, &mut request)?;
    identify(world, body, &mut request)?;
    Ok(request)
}

/// Members that the sandbox only looks at to refuse wrong types.
fn check_other_types(body: &Map<String, Value>) -> Result<(), Refusal> {
    for name in ["serviceQueue", "visitorSessionId", "ssoKey", "buttonName", "siteContainer", "visitorSession"] {
        text(body, name)?;
    }
    for name in ["a2aSourceSiteId", "a2aSourceSessionId", "a2aEventId"] {
        name_or_id(body, name)?;
    }
    for name in ["runWithRules", "invitation"] {
        let value = body.get(name);
        if value.is_some_and(|value| !value.is_boolean() && !["true", "false"].contains(&value.as_str().unwrap_or(""))) {
            return Err(illegal(name));
        }
    }
    Ok(())
}

/// `{"line": [...]}`; the SDK sends `lines`, and one line may stand alone.
fn pre_chat_lines(body: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let Some(container) = body.get("preChatLines").filter(|value| !value.is_null()) else { return Ok(Vec::new()) };
    let lines = container.get("line").or_else(|| container.get("lines")).ok_or_else(|| illegal("preChatLines"))?;
    let one = std::slice::from_ref(lines);
    lines
        .as_array()
        .map_or(one, Vec::as_slice)
        .iter()
        .map(|line| line.as_str().map(str::to_owned).ok_or_else(|| illegal("preChatLines")))
        .collect()
}

/// Skill or agent. An agent excludes skill, serviceQueue and maxWaitTime.
fn choose_target(world: &World, body: &Map<String, Value>, request: &mut ChatRequest) -> Result<(), Refusal> {
    let (skill, skill_id) = (name_or_id(body, "skill")?, name_or_id(body, "skillId")?);
    if let Some(login) = text(body, "agent")? {
        if ["skill", "serviceQueue", "maxWaitTime"].iter().any(|name| body.contains_key(*name)) {
            return Err((400, 5, "agent cannot be combined with skill, serviceQueue or maxWaitTime".to_owned()));
        }
        request.agent = everybody().find(|agent| agent.login == login);
        return if request.agent.is_some() { Ok(()) } else { Err(illegal("agent")) };
    }
    if let Some(wanted) = skill.or(skill_id).filter(|wanted| wanted != "-1") {
        request.skill = find_skill(&wanted);
        if request.skill.is_none() && world.switches.is(Switch::UnknownSkill, "refuse") {
            return Err((400, 5, format!("Unknown skill: {wanted}")));
        }
    }
    Ok(())
}

/// "Known combinations" and "Visitor authentication": who the visitor may say to be.
fn identify(world: &World, body: &Map<String, Value>, request: &mut ChatRequest) -> Result<(), Refusal> {
    let engaged = request.engagement_id.is_some() || request.campaign_id.is_some();
    let in_its_place = engaged && request.visitor_id.is_some() && request.tag_visitor.is_none();
    let tagged = request.tag_visitor.is_some() && request.tag_session.is_some();
    if in_its_place || (world.switches.is_on(Switch::LetagRequired) && !tagged) {
        return Err(invalid_user());
    }
    match (text(body, "participantId")?, text(body, "conversationId")?) {
        (None, None) => Ok(()),
        (Some(participant), Some(conversation)) if world.participants.get(&participant) == Some(&conversation) => {
            request.participant_id = Some(participant);
            Ok(())
        }
        _ => Err(invalid_user()),
    }
}

/// "Visitor authentication". A key that begins with `valid` is accepted, every other refused.
pub fn authenticate(world: &mut World, call: &Call) -> Reply {
    let body = call.request.json();
    let checked = match body.as_ref().and_then(Value::as_object) {
        Some(body) => check_authentication(body),
        None => Err((400, 5, "The body is not a JSON object".to_owned())),
    };
    if let Err((status, code, message)) = checked {
        return Reply::error(status, code, &message, world.now);
    }
    let (_, mut random) = world.issue("participant");
    let (participant, conversation) = (random.uuid(), random.uuid());
    world.participants.insert(participant.clone(), conversation.clone());
    let ids = json!({"participantId": participant, "conversationId": conversation});
    match world.switches.text(Switch::AuthenticationAnswer) {
        "200_body" => Reply::json(200, &ids),
        "201_location" => {
            let url = world.identity.account_url();
            Reply::empty(201).with_header("location", format!("{url}/conversation/{conversation}/participant/{participant}"))
        }
        _ => Reply::json(201, &ids),
    }
}

fn check_authentication(body: &Map<String, Value>) -> Result<(), Refusal> {
    for name in ["authChatConnId", "engagementId"] {
        number(body, name)?.ok_or_else(|| illegal(name))?;
    }
    for name in ["LETagSessionId", "LETagVisitorId", "LETagContextId"] {
        name_or_id(body, name)?.ok_or_else(|| illegal(name))?;
    }
    text(body, "redirectUri")?;
    let key = text(body, "ssoKey")?.ok_or_else(|| illegal("ssoKey"))?;
    if key.starts_with("valid") {
        Ok(())
    } else {
        Err((401, 10, "Failed to validate user with customer authentication service".to_owned()))
    }
}
