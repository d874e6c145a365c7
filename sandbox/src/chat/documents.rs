//! Chat, events and info as JSON, in the two dialects of the service.

use serde_json::{Map, Value, json};

use super::transfer::AccountTransfer;
use super::{Chat, Content, Line};
use crate::switches::{Switch, Switches};
use crate::times::service_text;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Visitor,
    Agent,
}

/// docs/protocol/agent-chat-api.md, "JSON dialects": attributes with `@` and collapsed lists, or plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Attributes,
    Plain,
}

/// Which document a member stands in; the published samples type some ids differently in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Chat,
    Events,
    Info,
}

#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub side: Side,
    pub dialect: Dialect,
    /// URL of the chat resource.
    pub base: &'a str,
    pub switches: &'a Switches,
}

impl View<'_> {
    pub fn link(&self, path: &str, rel: &str) -> Value {
        link(self.dialect, &format!("{}{path}", self.base), rel)
    }

    /// A list as this dialect sends it; none stands for leaving the member out.
    fn list(&self, items: Vec<Value>) -> Option<Value> {
        if self.dialect == Dialect::Plain {
            return Some(Value::Array(items));
        }
        list(self.switches, items)
    }

    /// The id of an event on this side.
    pub fn event_id(&self, chat: &Chat, position: usize) -> usize {
        if self.is_renumbered() { chat.events[position].visitor_number.unwrap_or(position) } else { position }
    }

    /// The visitor's ids have no gap where a line is for agents only.
    fn is_renumbered(&self) -> bool {
        self.side == Side::Visitor && self.switches.is(Switch::AgentOnlyIds, "renumber")
    }

    /// Positions of the events from id `from` on.
    fn positions(&self, chat: &Chat, from: usize) -> Vec<usize> {
        match self.side {
            Side::Visitor => {
                let skip = if self.is_renumbered() { from } else { chat.visible.partition_point(|position| *position < from) };
                chat.visible.iter().skip(skip).copied().collect()
            }
            Side::Agent => (from..chat.events.len()).collect(),
        }
    }

    /// The id that the next event will have: what `next` links point to.
    fn next_id(&self, chat: &Chat) -> usize {
        let last = match self.side {
            Side::Visitor => chat.visible.last().copied(),
            Side::Agent => chat.events.len().checked_sub(1),
        };
        last.map_or(0, |position| self.event_id(chat, position) + 1)
    }

    /// A typed id: number or string, as the place and the switch say.
    fn id(&self, value: i64, documented_as_text: bool) -> Value {
        let text = match self.switches.text(Switch::IdStyle) {
            "number" => false,
            "string" => true,
            _ => documented_as_text,
        };
        if text { json!(value.to_string()) } else { json!(value) }
    }
}

pub fn link(dialect: Dialect, href: &str, rel: &str) -> Value {
    match dialect {
        Dialect::Attributes => json!({"@href": href, "@rel": rel}),
        Dialect::Plain => json!({"href": href, "rel": rel}),
    }
}

/// docs/protocol/visitor-chat-api.md, "JSON dialect": a list of one collapses, an empty list is left out.
pub fn list(switches: &Switches, mut items: Vec<Value>) -> Option<Value> {
    if items.is_empty() {
        return match switches.text(Switch::EmptyList) {
            "null" => Some(Value::Null),
            "object" => Some(json!({})),
            "text" => Some(json!("")),
            "array" => Some(json!([])),
            _ => None,
        };
    }
    if items.len() == 1 && switches.is_on(Switch::CollapseLists) {
        return items.pop();
    }
    Some(Value::Array(items))
}

/// Puts a list under `name`, or nothing.
pub fn put_list(map: &mut Map<String, Value>, name: &str, list: Option<Value>) {
    if let Some(list) = list {
        map.insert(name.to_owned(), list);
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// `GET chat`: links, events and info in one.
pub fn chat_document(chat: &Chat, view: &View<'_>, from: usize) -> Value {
    let next = format!("?from={}", view.next_id(chat));
    let mut links =
        vec![view.link("", "self"), view.link("/events", "events"), view.link("/info", "info"), view.link(&next, "next")];
    match view.side {
        Side::Visitor => {
            links.extend([
                view.link("/transcriptRequest", "transcript-request"),
                view.link("/transcriptWithSubjectRequest", "transcript-with-subject-request"),
                view.link("/exitSurvey", "exit-survey"),
                view.link("/customVariables", "custom-variables"),
            ]);
            if view.switches.is_on(Switch::VisitSessionLink) {
                links.push(view.link("/visitSession", "visit-session"));
            }
        }
        Side::Agent => {
            if view.dialect == Dialect::Attributes {
                links.push(view.link("/collaborationChannels", "collaboration-channels"));
            }
            links.extend([
                link(view.dialect, &visit_url(view.base), "visit-id"),
                view.link("/transfer", "transfer"),
                view.link("/transferAccount", "transfer-account"),
                view.link("/survey", "agent-survey"),
            ]);
        }
    }
    json!({
        "link": links,
        "events": events_document(chat, view, Place::Chat, from),
        "info": info_document(chat, view, Place::Chat),
    })
}

/// docs/protocol/agent-chat-api.md, "Identifiers": the visit id is the chat id without its middle part.
pub fn visit_id(key: &str) -> String {
    let (head, rest) = key.split_once('-').unwrap_or((key, ""));
    let tail = rest.find('K').map_or("", |at| &rest[at..]);
    format!("{head}{tail}")
}

fn visit_url(base: &str) -> String {
    let (session, key) = base.rsplit_once("/chat/").unwrap_or((base, ""));
    format!("{session}/visits/visit/{}", visit_id(key))
}

/// The member `events`: links and everything from id `from`, inclusive.
pub fn events_document(chat: &Chat, view: &View<'_>, place: Place, from: usize) -> Value {
    let next = format!("/events?from={}", view.next_id(chat));
    let events: Vec<Value> =
        view.positions(chat, from).into_iter().map(|position| event_document(chat, view, place, position)).collect();
    let mut document = Map::new();
    document.insert("link".to_owned(), json!([view.link("/events", "self"), view.link(&next, "next")]));
    put_list(&mut document, "event", view.list(events));
    Value::Object(document)
}

fn event_document(chat: &Chat, view: &View<'_>, place: Place, position: usize) -> Value {
    let event = &chat.events[position];
    let id = view.event_id(chat, position);
    let (mut members, kind) = match &event.content {
        Content::State(state) => (object(json!({"state": state.name()})), "state"),
        Content::Line(line) => (line_members(line, view, place), "line"),
        Content::LineStatus { line } => (line_status_members(*line), "line-status"),
        Content::Other(event) => {
            let mut members = object(event.clone());
            members.remove("@type");
            (members, event["@type"].as_str().unwrap_or_default())
        }
        Content::AccountTransfer(transfer) => (transfer_members(transfer, view, id), "a2a-transfer"),
    };
    members.insert("time".to_owned(), json!(service_text(event.time)));
    match view.dialect {
        Dialect::Attributes => {
            members.insert("@id".to_owned(), json!(id.to_string()));
            members.insert("@type".to_owned(), json!(kind));
        }
        Dialect::Plain => {
            members.insert("id".to_owned(), json!(id));
            members.insert("type".to_owned(), json!(kind));
        }
    }
    Value::Object(members)
}

fn line_status_members(line: usize) -> Map<String, Value> {
    object(json!({
        "source": "visitor", "lineStatus": "ACCEPT", "refSequenceId": line.to_string(), "metadata": [],
    }))
}

/// Where to start the next chat, and what to hand over there unchanged.
fn transfer_members(transfer: &AccountTransfer, view: &View<'_>, id: usize) -> Map<String, Value> {
    // Accounts of digits are numbers in the sample.
    let account = |text: &str| text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number));
    let mut parameters = object(json!({
        "a2aEventId": id, "a2aSourceSessionId": transfer.source_session, "a2aSourceSiteId": account(&transfer.source_account),
    }));
    if let Some(skill) = &transfer.skill {
        parameters.insert("skill".to_owned(), json!(skill));
    }
    let scheme = view.base.split("://").next().unwrap_or_default();
    let href = format!("{scheme}://{}/api/account/{}/chat/request", transfer.domain, transfer.account);
    object(json!({
        "domain": transfer.domain, "remoteSiteId": account(&transfer.account), "chatRequestParameters": parameters,
        "link": link(view.dialect, &href, "a2a-transfer"),
    }))
}

fn line_members(line: &Line, view: &View<'_>, place: Place) -> Map<String, Value> {
    let mut members = object(json!({
        "textType": line.text_type,
        "text": text_value(&line.text, view.switches),
        "by": line.by,
        "source": line.source.name(),
        "subType": if line.only_to_rep { "ONLY_TO_REP" } else { "REGULAR" },
    }));
    if let Some(system) = line.system {
        // Number in the chat documents, string in the visitor's events and in the plain dialect.
        let as_text = view.dialect == Dialect::Plain || (view.side == Side::Visitor && place == Place::Events);
        members.insert("systemMessageId".to_owned(), view.id(system as i64, as_text));
    }
    if let Some(json) = &line.json {
        members.insert("json".to_owned(), json.clone());
    }
    members
}

/// A line of digits can come back as a number, without its leading zeros.
fn text_value(text: &str, switches: &Switches) -> Value {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u64>() {
        Ok(number) if digits && switches.is_on(Switch::DigitsAsNumbers) => json!(number),
        _ => json!(text),
    }
}

/// The member `info`. Alone on the visitor's side its links have no `@` and some ids are strings, as in the samples.
pub fn info_document(chat: &Chat, view: &View<'_>, place: Place) -> Value {
    let alone = view.side == Side::Visitor && place == Place::Info;
    let dialect = if alone { Dialect::Plain } else { view.dialect };
    let links: Vec<Value> = [
        ("/info", "self"),
        ("/info/visitorName", "visitor-name"),
        ("/info/visitorTyping", "visitor-typing"),
        ("/info/agentTyping", "agent-typing"),
    ]
    .iter()
    .map(|(path, rel)| link(dialect, &format!("{}{path}", view.base), rel))
    .collect();
    let mut info = object(json!({
        "link": links,
        "state": chat.state.name(),
        "chatSessionKey": chat.key,
        "startTime": service_text(chat.requested),
        "duration": 0,
        "lastUpdate": service_text(chat.last_update),
        "chatTimeout": chat.timeout_s,
        "visitorId": chat.visitor_id,
        "agentTyping": typing(chat.agent_typing),
        "visitorTyping": typing(chat.visitor_typing),
        "visitorName": visitor_name(chat, view.side),
        "rtSessionId": chat.rt_session_id,
    }));
    put_agent_and_skill(&mut info, chat, view.side);
    if view.dialect == Dialect::Attributes {
        put_campaign(&mut info, chat, view, alone);
    }
    Value::Object(info)
}

pub fn typing(is_typing: bool) -> &'static str {
    if is_typing { "typing" } else { "not-typing" }
}

/// The visitor is `You` to himself and `visitor` to the agent until a name is set.
pub fn visitor_name(chat: &Chat, side: Side) -> &str {
    match side {
        Side::Visitor => chat.visitor_display_name(),
        Side::Agent => chat.visitor_name.as_deref().unwrap_or("visitor"),
    }
}

fn put_agent_and_skill(info: &mut Map<String, Value>, chat: &Chat, side: Side) {
    if let Some(seat) = chat.seat {
        info.insert("agentName".to_owned(), json!(seat.agent.nickname));
        info.insert("agentId".to_owned(), json!(seat.agent.id));
    }
    if let Some(skill) = chat.skill.filter(|_| side == Side::Visitor) {
        info.insert("skillName".to_owned(), json!(skill.name));
        info.insert("skillId".to_owned(), json!(skill.id));
    }
}

fn put_campaign(info: &mut Map<String, Value>, chat: &Chat, view: &View<'_>, alone: bool) {
    let request = &chat.request;
    let texts = [
        ("sharkVisitorId", &request.tag_visitor),
        ("sharkSessionId", &request.tag_session),
        ("language", &request.language),
        ("participantId", &request.participant_id),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            info.insert(name.to_owned(), json!(value));
        }
    }
    let ids =
        [("sharkContextId", request.tag_context), ("engagementId", request.engagement_id), ("campaignId", request.campaign_id)];
    for (name, value) in ids {
        if let Some(value) = value {
            info.insert(name.to_owned(), view.id(value, alone));
        }
    }
}

/// URL of one event, for `Location` headers.
pub fn event_path(view: &View<'_>, chat: &Chat, position: usize) -> String {
    format!("{}/events/{}", view.base, view.event_id(chat, position))
}
