//! The chat engine: one state machine, seen from the visitor's and the agent's side.

pub mod documents;
pub mod engine;
pub mod queue;
pub mod roster;
pub mod scripted;
pub mod survey;
pub mod transfer;

use serde_json::{Map, Value, json};

use crate::identity::{Agent, Skill};
use crate::times;
use transfer::AccountTransfer;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Waiting,
    Chatting,
    Ended,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Chatting => "chatting",
            Self::Ended => "ended",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    System,
    Agent,
    Visitor,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Agent => "agent",
            Self::Visitor => "visitor",
        }
    }
}

/// docs/protocol/visitor-chat-api.md, "Events": the system messages that the engine writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    PreChatLine = 0,
    AgentsBusy = 2,
    Accepted = 3,
    Routing = 4,
    AgentEnded = 5,
    Disconnected = 6,
    TransferredToAgent = 13,
    TransferredToSkill = 15,
    Requeued = 23,
}

#[derive(Debug, Clone)]
pub struct Line {
    pub text: String,
    pub text_type: String,
    pub by: String,
    pub source: Source,
    pub system: Option<System>,
    pub only_to_rep: bool,
    /// Structured content of a rich-content line.
    pub json: Option<Value>,
    pub metadata: Option<Value>,
    /// The agent who wrote it, else 0.
    pub agent_id: i64,
}

impl Line {
    pub fn visitor(by: &str, text: &str) -> Self {
        Self::plain(Source::Visitor, by, text)
    }

    pub fn agent(agent: &Agent, text: &str) -> Self {
        Self { agent_id: agent.id, ..Self::plain(Source::Agent, agent.nickname, text) }
    }

    pub fn system(message: System, text: &str) -> Self {
        Self { system: Some(message), ..Self::plain(Source::System, "info", text) }
    }

    fn plain(source: Source, by: &str, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            text_type: "plain".to_owned(),
            by: by.to_owned(),
            source,
            system: None,
            only_to_rep: false,
            json: None,
            metadata: None,
            agent_id: 0,
        }
    }
}

#[derive(Debug, Clone)]
pub enum Content {
    State(State),
    Line(Line),
    AccountTransfer(AccountTransfer),
    /// An event of a type that the engine does not know, with its members.
    Other(Value),
    /// Acknowledges the line with this number on the visitor's side.
    LineStatus {
        line: usize,
    },
}

#[derive(Debug, Clone)]
pub struct Event {
    pub time: i64,
    pub content: Content,
    /// Position among the events that the visitor sees; none for a line between agents.
    pub visitor_number: Option<usize>,
}

/// Who serves a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    pub agent: &'static Agent,
    pub scripted: bool,
}

/// A chat that rings at an agent session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    pub session: String,
    pub number: u64,
}

/// What one agent did of a chat. Each becomes a record of the history
/// (docs/protocol/engagement-history-api.md, "info": the key of a record).
#[derive(Debug, Clone)]
pub struct Segment {
    pub agent: &'static Agent,
    pub skill: Option<Skill>,
    pub requested: i64,
    pub started: i64,
    pub start_reason: i64,
    /// End time, end reason and the number of events then; none while it goes on.
    pub end: Option<(i64, i64, usize)>,
    pub first_event: usize,
}

/// What start chat asked for, checked.
#[derive(Debug, Clone, Default)]
pub struct ChatRequest {
    pub skill: Option<Skill>,
    /// Login name of the agent wanted.
    pub agent: Option<&'static Agent>,
    pub timeout_s: Option<i64>,
    pub max_wait_s: Option<i64>,
    pub pre_chat_lines: Vec<String>,
    pub visitor_id: Option<i64>,
    pub tag_visitor: Option<String>,
    pub tag_session: Option<String>,
    pub tag_context: Option<i64>,
    pub engagement_id: Option<i64>,
    pub campaign_id: Option<i64>,
    pub language: Option<String>,
    pub participant_id: Option<String>,
    pub referrer: Option<String>,
    pub user_agent: Option<String>,
    pub visitor_ip: Option<String>,
    /// Pre-chat answers: question id and answers.
    pub answers: Vec<(String, Vec<String>)>,
    pub custom_variables: Value,
    /// The parameters of an account-to-account transfer that brought the visitor here.
    pub transferred: Map<String, Value>,
}

#[derive(Debug)]
pub struct Chat {
    pub key: String,
    pub rt_session_id: i64,
    pub state: State,
    /// No longer addressable: every call answers 404.
    pub gone: bool,
    pub events: Vec<Event>,
    /// Positions of the events that the visitor sees.
    pub visible: Vec<usize>,
    pub request: ChatRequest,
    pub skill: Option<Skill>,
    pub wanted_agent: Option<&'static Agent>,
    pub seat: Option<Seat>,
    pub ring: Option<Ring>,
    /// Agent sessions that let this chat ring in vain since it was queued.
    pub missed_by: Vec<String>,
    /// A scripted agent is on the way.
    pub scripted_due: bool,
    pub requested: i64,
    /// When it entered the queue the last time.
    pub queued: i64,
    pub queue_reason: i64,
    pub ended: Option<i64>,
    pub last_update: i64,
    pub timeout_s: i64,
    pub visitor_id: i64,
    pub visitor_name: Option<String>,
    pub visitor_typing: bool,
    pub agent_typing: bool,
    pub visitor_lines: usize,
    pub segments: Vec<Segment>,
    pub exit_answers: Vec<(String, Vec<String>)>,
    pub agent_answers: Vec<(String, Vec<String>)>,
    pub transcripts: Vec<Value>,
}

impl Chat {
    pub fn visitor_display_name(&self) -> &str {
        self.visitor_name.as_deref().unwrap_or("You")
    }

    /// Adds an event and gives its position.
    pub fn add(&mut self, time: i64, content: Content) -> usize {
        let hidden = matches!(&content, Content::Line(line) if line.only_to_rep);
        let position = self.events.len();
        let visitor_number = (!hidden).then_some(self.visible.len());
        if !hidden {
            self.visible.push(position);
        }
        self.events.push(Event { time, content, visitor_number });
        position
    }

    pub fn set_state(&mut self, time: i64, state: State) -> usize {
        self.state = state;
        self.add(time, Content::State(state))
    }

    pub fn system(&mut self, time: i64, message: System, text: &str) {
        self.add(time, Content::Line(Line::system(message, text)));
    }

    /// Agents who served it so far, the present one included.
    pub fn was_served_by(&self, agent: &Agent) -> bool {
        self.segments.iter().any(|segment| segment.agent.id == agent.id)
    }

    pub fn is_served_by(&self, agent: &Agent) -> bool {
        self.state == State::Chatting && self.seat.is_some_and(|seat| seat.agent.id == agent.id)
    }

    /// The state as the admin interface names it.
    pub fn state_name(&self) -> &'static str {
        if self.gone { "gone" } else { self.state.name() }
    }

    /// The whole truth about the chat, for the admin interface.
    pub fn truth(&self) -> Value {
        let events: Vec<Value> =
            self.events.iter().enumerate().map(|(position, event)| truth_of_event(position, event)).collect();
        json!({
            "chat": self.key,
            "rt_session_id": self.rt_session_id,
            "state": self.state_name(),
            "skill": self.skill.map(|skill| skill.name),
            "agent": self.seat.map(|seat| seat.agent.nickname),
            "scripted": self.seat.map(|seat| seat.scripted),
            "ringing_at": self.ring.as_ref().map(|ring| &ring.session),
            "requested": times::utc_text(self.requested),
            "last_update": times::utc_text(self.last_update),
            "chat_timeout": self.timeout_s,
            "visitor_id": self.visitor_id,
            "visitor_name": self.visitor_display_name(),
            "language": self.request.language,
            "referrer": self.request.referrer,
            "custom_variables": self.request.custom_variables,
            "transferred": self.request.transferred,
            "pre_chat_answers": self.request.answers,
            "exit_answers": self.exit_answers,
            "agent_answers": self.agent_answers,
            "transcripts": self.transcripts,
            "events": events,
        })
    }
}

fn truth_of_event(position: usize, event: &Event) -> Value {
    let mut value = match &event.content {
        Content::State(state) => json!({"type": "state", "state": state.name()}),
        Content::LineStatus { line } => json!({"type": "line-status", "line": line}),
        Content::Other(event) => json!({"type": event["@type"], "event": event}),
        Content::AccountTransfer(transfer) => {
            json!({"type": "a2a-transfer", "domain": transfer.domain, "account": transfer.account, "skill": transfer.skill})
        }
        Content::Line(line) => json!({
            "type": "line", "text": line.text, "text_type": line.text_type, "by": line.by,
            "source": line.source.name(), "only_to_rep": line.only_to_rep, "json": line.json,
            "metadata": line.metadata, "system_message_id": line.system.map(|system| system as u8),
        }),
    };
    value["agent_event_id"] = json!(position);
    value["visitor_event_id"] = json!(event.visitor_number);
    value["time"] = json!(times::utc_text(event.time));
    value
}
