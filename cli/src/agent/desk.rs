//! An agent at work: what rings, the chats that are open, and the one that lines go to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use lpchat::{
    AgentAvailability, AgentChat, AgentSession, AvailabilityState, Canceller, ChatEventBatch, ChatState, Code, IncomingRequests,
    LineReceipt, LpchatError, Ring,
};
use serde_json::{Value, json};

use super::bell::Bell;
use super::command::Command;
use super::kept::{self, Kept};
use super::report::Report;
use crate::failure::Failure;
use crate::prompt;
use crate::talk::conversation::{Conversation, News, PARTING};
use crate::talk::input::Input;
use crate::talk::view::Side;
use crate::talk::{brief, next};
use crate::text::{counted, visible_line};

/// What a desk waits for.
#[derive(Debug)]
pub enum Message {
    Input(Input),
    News(u32, News),
    /// What became of the line of a chat that another process was sending, where there was one.
    Resolved(u32, Result<Option<LineReceipt>, LpchatError>),
    Ring(Result<Option<Ring>, LpchatError>),
    Ringing(Result<IncomingRequests, LpchatError>),
    Availability(Result<AgentAvailability, LpchatError>),
}

/// How the work is done.
#[derive(Debug)]
pub struct Manners {
    pub accept_all: bool,
    /// With so many chats open the agent is occupied.
    pub most_chats: Option<usize>,
    /// A person types.
    pub live: bool,
    pub json: bool,
}

/// A chat that is open.
pub(super) struct Place {
    pub(super) conversation: Conversation<Arc<AgentChat>>,
    pub(super) visitor: String,
    visitor_is_typing: bool,
    /// It is to be ended as soon as all lines are sent.
    pub(super) ending: bool,
}

pub struct Desk<'a> {
    pub(super) session: AgentSession,
    pub(super) places: BTreeMap<u32, Place>,
    /// The chat that lines go to.
    pub(super) current: Option<u32>,
    last_number: u32,
    pub(super) bell: Bell,
    listening: Option<Canceller>,
    /// What the agent wants to be, and why.
    pub(super) wanted: (AvailabilityState, Option<String>),
    /// What the service was told.
    told: Option<AvailabilityState>,
    pub(super) manners: Manners,
    pub(super) kept: Kept,
    pub(super) report: Report<'a>,
    post: Sender<Message>,
    inbox: Receiver<Message>,
    /// Nothing more is to be done once all lines are sent, or at this moment.
    pub(super) quits_by: Option<Instant>,
    /// Open chats are ended then.
    pub(super) ends_all: bool,
    /// A command was not understood: a script has a mistake.
    pub(super) misunderstood: bool,
    pub(super) unsent: i64,
}

impl<'a> Desk<'a> {
    pub fn new(
        session: AgentSession,
        wanted: (AvailabilityState, Option<String>),
        manners: Manners,
        kept: Kept,
        report: Report<'a>,
        (post, inbox): (Sender<Message>, Receiver<Message>),
    ) -> Self {
        Self {
            session,
            places: BTreeMap::new(),
            current: None,
            last_number: 0,
            bell: Bell::default(),
            listening: None,
            wanted,
            told: None,
            manners,
            kept,
            report,
            post,
            inbox,
            quits_by: None,
            ends_all: false,
            misunderstood: false,
            unsent: 0,
        }
    }

    /// Works until the agent has had enough.
    pub fn run(&mut self) -> Result<(), Failure> {
        self.adjust()?;
        let left = self.kept.chats(&self.session)?;
        self.go_on(left)?;
        self.take_up()?;
        self.listen();
        loop {
            self.tick()?;
            if self.quits_by.is_some_and(|moment| self.all_is_said() || moment <= Instant::now()) {
                return self.part();
            }
            self.show_status();
            if let Some(message) = self.wait() {
                self.take(message)?;
            }
        }
    }

    fn all_is_said(&self) -> bool {
        self.places.values().all(|place| place.conversation.has_said_all())
    }

    /// From now on only lines that are on their way are waited for.
    pub(super) fn quit(&mut self, ends_all: bool) {
        self.quits_by = Some(Instant::now() + PARTING);
        self.ends_all = ends_all;
    }

    fn wait(&self) -> Option<Message> {
        let due = self.places.values().filter_map(|place| place.conversation.due());
        let due = due.chain(self.bell.due()).chain(self.quits_by).min();
        next(&self.inbox, due)
    }

    fn tick(&mut self) -> Result<(), Failure> {
        self.places.values_mut().for_each(|place| place.conversation.tick());
        if self.bell.looks(Instant::now()) {
            let post = self.post.clone();
            let call = self.session.retrieve_incoming_requests_call(brief());
            call.on_complete(move |outcome| drop(post.send(Message::Ringing(outcome))));
        }
        let said = |place: &Place| place.ending && place.conversation.outbox.is_empty();
        let ending: Vec<u32> = self.places.iter().filter(|(_, place)| said(place)).map(|(number, _)| *number).collect();
        ending.into_iter().try_for_each(|number| self.end(number))
    }

    fn take(&mut self, message: Message) -> Result<(), Failure> {
        match message {
            Message::Input(_) if self.quits_by.is_some() => Ok(()),
            Message::Input(Input::Typing(typing)) => {
                if let Some(place) = self.current.and_then(|number| self.places.get_mut(&number)) {
                    place.conversation.pressed(typing);
                }
                Ok(())
            }
            Message::Input(Input::End) => {
                self.quit(false);
                Ok(())
            }
            Message::Input(Input::Line(line)) => match Command::read(&line, self.manners.json) {
                Ok(command) => self.obey(&line, command),
                Err(reason) => self.refuse(&line, &reason),
            },
            Message::News(number, News::Sent(outcome)) => {
                if let Some(place) = self.places.get_mut(&number) {
                    place.conversation.sent(&outcome);
                }
                Ok(())
            }
            Message::News(number, News::Events(batch)) => self.take_events(number, batch),
            Message::Resolved(_, Ok(None)) => Ok(()),
            Message::Resolved(number, Ok(Some(_))) => {
                self.report.note(&format!("chat {number}: the line that was being sent has arrived"))
            }
            Message::Resolved(_, Err(error)) => self.report.complain(&error),
            Message::Ring(outcome) => self.rings(outcome?),
            Message::Ringing(Ok(incoming)) => self.still_rings(usize::try_from(incoming.ringing_count).unwrap_or(0)),
            Message::Availability(Ok(availability)) => self.is_now(availability.chat),
            // The session is asked again and again, and fails for good where it must.
            Message::Ringing(Err(_)) | Message::Availability(Err(_)) => Ok(()),
        }
    }

    fn take_events(&mut self, number: u32, batch: Result<Option<ChatEventBatch>, LpchatError>) -> Result<(), Failure> {
        let Some(place) = self.places.get_mut(&number) else { return Ok(()) };
        match batch {
            Ok(Some(batch)) => {
                for event in &batch.events {
                    let typed_here = place.conversation.take_in(event) && self.manners.live;
                    if let Some(typing) = Side::Agent.typing(event) {
                        place.visitor_is_typing = typing;
                    }
                    self.report.event(number, event, typed_here)?;
                }
                place.conversation.listen();
                place.conversation.pump();
                Ok(())
            }
            Ok(None) => {
                let why = if place.conversation.is_over() { "ended" } else { "gone" };
                self.close(number, why)
            }
            Err(error) => {
                self.report.complain(&error)?;
                self.close(number, "failed")
            }
        }
    }

    /// Waits for the next ring.
    fn listen(&mut self) {
        let post = self.post.clone();
        let call = self.session.next_ring_call(None, None);
        self.listening = Some(call.on_complete(move |outcome| drop(post.send(Message::Ring(outcome)))));
    }

    fn rings(&mut self, ring: Option<Ring>) -> Result<(), Failure> {
        self.listen();
        let Some(ring) = ring else { return Ok(()) };
        self.bell.ring(ring.time_left, Instant::now());
        let left = ring.time_left.as_secs_f64();
        let document = json!({ "type": "ring", "ringing": ring.ringing_count, "seconds_left": (left * 10.0).round() / 10.0 });
        self.report.tell(&format!("a chat rings, for {left:.0} s at most: /accept takes it"), &document)?;
        self.accept_unasked()
    }

    /// Accepts what rings, where the agent wants every chat and has room for one more.
    fn accept_unasked(&mut self) -> Result<(), Failure> {
        let has_room = self.manners.most_chats.is_none_or(|most| self.places.len() < most);
        if !self.manners.accept_all || !has_room || self.bell.count() == 0 || self.quits_by.is_some() {
            return Ok(());
        }
        self.accept_one().map(|_| ())
    }

    fn still_rings(&mut self, ringing: usize) -> Result<(), Failure> {
        let stopped = self.bell.still(ringing);
        if stopped == 0 {
            return Ok(());
        }
        let document = json!({ "type": "ring_stopped", "ringing": self.bell.count() });
        self.report.tell(&format!("{} no more", if stopped == 1 { "a chat rings" } else { "chats ring" }), &document)?;
        // An agent who lets a chat ring is set to be away.
        let post = self.post.clone();
        let call = self.session.retrieve_availability_call(brief());
        call.on_complete(move |outcome| drop(post.send(Message::Availability(outcome))));
        Ok(())
    }

    /// Takes in what the service says the availability is.
    fn is_now(&mut self, state: Option<AvailabilityState>) -> Result<(), Failure> {
        if state != Some(AvailabilityState::Away) || self.told == state {
            return Ok(());
        }
        self.told = state;
        self.wanted = (AvailabilityState::Away, None);
        let document = json!({ "type": "availability", "state": "Away", "why": "missed" });
        self.report.tell("you are away, because a chat rang in vain: /back takes chats again", &document)
    }

    /// Tells the service whether this agent takes chats.
    pub(super) fn adjust(&mut self) -> Result<(), Failure> {
        let full = self.manners.most_chats.is_some_and(|most| self.places.len() >= most);
        let state = match &self.wanted.0 {
            AvailabilityState::Online if full => AvailabilityState::Occupied,
            state => state.clone(),
        };
        if self.told.as_ref() == Some(&state) {
            return Ok(());
        }
        let reason = self.wanted.1.as_deref().filter(|_| state == AvailabilityState::Away);
        match self.session.set_availability_with(state.clone(), reason.map(Into::into), brief()) {
            Ok(()) => {
                let said = format!("you are {}", state.as_str().to_lowercase());
                let document = json!({ "type": "availability", "state": state.as_str() });
                self.told = Some(state);
                self.report.tell(&said, &document)
            }
            // Without it there is no work at all.
            Err(error) if self.told.is_none() => Err(error.into()),
            Err(error) => self.report.complain(&error),
        }
    }

    /// Opens those of the chats that another process has left which this agent still has.
    fn go_on(&mut self, left: Vec<(AgentChat, PathBuf)>) -> Result<(), Failure> {
        if left.is_empty() {
            return Ok(());
        }
        let owned = self.session.retrieve_chat_sessions_with(brief())?;
        for (chat, file) in left {
            if !owned.iter().any(|owned| owned.chat_session_key == chat.id()) {
                kept::forget(&file);
                continue;
            }
            let resolving = chat.resolve_pending_line_call(None, None);
            let number = self.open(Arc::new(chat))?;
            // The event that tells its state may be one of those that were processed before.
            self.places.get_mut(&number).expect("just opened").conversation.enter(ChatState::Chatting);
            let post = self.post.clone();
            resolving.on_complete(move |outcome| drop(post.send(Message::Resolved(number, outcome))));
        }
        Ok(())
    }

    /// Opens the chats that the agent has from before, or from a call whose answer was lost.
    pub(super) fn take_up(&mut self) -> Result<(), Failure> {
        let sessions = match self.session.retrieve_chat_sessions_with(brief()) {
            Ok(sessions) => sessions,
            Err(error) => return self.report.complain(&error),
        };
        for owned in sessions {
            if self.places.values().any(|place| place.conversation.chat.id() == owned.chat_session_key) {
                continue;
            }
            match self.session.chat(owned.chat_session_key) {
                Ok(chat) => drop(self.open(Arc::new(chat))?),
                Err(error) => self.report.complain(&error)?,
            }
        }
        Ok(())
    }

    pub(super) fn accept(&mut self, count: u32) -> Result<(), Failure> {
        for _ in 0..count {
            if !self.accept_one()? {
                return self.report.refuse("/accept", "No chat rings.");
            }
        }
        Ok(())
    }

    /// Accepts the chat that rings longest; false where none does.
    fn accept_one(&mut self) -> Result<bool, Failure> {
        match self.session.accept_chat_with(brief()) {
            Ok(Some(chat)) => {
                self.bell.accepted();
                self.open(chat)?;
            }
            Ok(None) => {
                self.bell.still(0);
                return Ok(false);
            }
            Err(error) => {
                self.report.complain(&error)?;
                // It may be ours all the same.
                if error.code() == Code::OutcomeUnknown {
                    self.take_up()?;
                }
            }
        }
        Ok(true)
    }

    /// Gives its number.
    fn open(&mut self, chat: Arc<AgentChat>) -> Result<u32, Failure> {
        self.last_number += 1;
        let number = self.last_number;
        if let Err(error) = self.kept.begin(&chat) {
            self.report.complain(&error)?;
        }
        // It is shown under its number only, should this fail.
        let information = chat.retrieve_information_with(brief()).ok();
        let visitor = information.and_then(|known| known.visitor_name).map(|name| visible_line(&name));
        let post = self.post.clone();
        let conversation = Conversation::begin(chat, move |news| drop(post.send(Message::News(number, news))))?;
        let visitor = visitor.unwrap_or_else(|| "visitor".to_owned());
        let document = json!({ "type": "opened", "chat": number, "visitor": visitor });
        let said = format!("chat {number} is open: {visitor}");
        let place = Place { conversation, visitor, visitor_is_typing: false, ending: false };
        self.places.insert(number, place);
        self.current.get_or_insert(number);
        self.report.tell(&said, &document)?;
        self.adjust()?;
        Ok(number)
    }

    /// Forgets a chat.
    pub(super) fn close(&mut self, number: u32, why: &str) -> Result<(), Failure> {
        let Some(place) = self.places.remove(&number) else { return Ok(()) };
        self.kept.forget(&place.conversation.chat.id());
        let unsent = place.conversation.outbox.unsent();
        self.unsent += unsent;
        if self.current == Some(number) {
            self.current = self.places.keys().next().copied();
        }
        let document = json!({ "type": "closed", "chat": number, "why": why, "unsent": unsent });
        let lost = if unsent > 0 { format!("; {} not sent, or not for certain", counted(unsent, "line")) } else { String::new() };
        let next = self.current.map_or(String::new(), |next| format!("; the current one is {next}"));
        let said = if why == "failed" { "lost" } else { why };
        self.report.tell(&format!("chat {number} is closed ({said}){lost}{next}"), &document)?;
        self.adjust()?;
        self.accept_unasked()
    }

    pub(super) fn refuse(&mut self, line: &str, reason: &str) -> Result<(), Failure> {
        self.misunderstood = true;
        self.report.refuse(line, reason)
    }

    fn show_status(&self) {
        let typing = self.places.iter().filter(|(_, place)| place.visitor_is_typing);
        let typing = typing.map(|(number, place)| format!("[{number}] {} is typing…", place.visitor));
        let parts: Vec<String> = self.bell.status(Instant::now()).into_iter().chain(typing).collect();
        prompt::set_status((!parts.is_empty()).then(|| parts.join("  ")));
        prompt::set_prompt(&self.current.map_or_else(|| "> ".to_owned(), |number| format!("[{number}] > ")));
    }
}

impl Drop for Desk<'_> {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.cancel();
        }
    }
}

impl Place {
    pub(super) fn document(&self, number: u32, current: bool) -> Value {
        let state = self.conversation.state.as_str();
        json!({ "chat": number, "visitor": self.visitor, "state": state, "current": current })
    }
}
