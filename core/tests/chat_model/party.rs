//! One side of one chat: a handle, the reader of its stream, and what may be done.

use std::time::Duration;

use lpchat::{AgentChat, Call, Code, EventStream, LineReceipt, LpchatError, Result, TypingState, VisitorChat};
use tokio::task::JoinHandle;

use crate::record::{Outcome, Shared};
use crate::script::Action;

/// A chat, seen from either side.
#[derive(Debug, Clone)]
pub enum Handle {
    Visitor(VisitorChat),
    Agent(AgentChat, usize),
}

impl Handle {
    pub fn agent(&self) -> Option<usize> {
        match self {
            Self::Visitor(_) => None,
            Self::Agent(_, agent) => Some(*agent),
        }
    }

    fn events(&self) -> Result<EventStream> {
        match self {
            Self::Visitor(chat) => chat.events(),
            Self::Agent(chat, _) => chat.events(),
        }
    }

    fn save(&self) -> Result<String> {
        let document = match self {
            Self::Visitor(chat) => chat.save(),
            Self::Agent(chat, _) => chat.save(),
        };
        document.map(|document| document.to_string())
    }

    pub fn send(&self, text: &str, resend: bool, queue: bool) -> Call<LineReceipt> {
        let waiting = queue.then(|| "queue".into());
        match self {
            Self::Visitor(chat) => chat.send_call(text.into(), Some(resend), waiting, None),
            Self::Agent(chat, _) => chat.send_call(text.into(), Some(resend), waiting, None),
        }
    }

    async fn resolve(&self) -> Result<Option<LineReceipt>> {
        match self {
            Self::Visitor(chat) => chat.resolve_pending_line_async(None, None).await,
            Self::Agent(chat, _) => chat.resolve_pending_line_async(None, None).await,
        }
    }

    async fn end(&self) -> Result<()> {
        match self {
            Self::Visitor(chat) => chat.end_async(None).await,
            Self::Agent(chat, _) => chat.end_async(None).await,
        }
    }

    async fn typing(&self, typing: bool) -> Result<()> {
        let state = if typing { TypingState::Typing } else { TypingState::NotTyping };
        match self {
            Self::Visitor(chat) => chat.set_visitor_typing_async(state, None).await,
            Self::Agent(chat, _) => chat.set_agent_typing_async(state, None).await,
        }
    }

    async fn read(&self) -> Result<()> {
        match self {
            Self::Visitor(chat) => chat.retrieve_events_async(None, None).await.map(|_| ()),
            Self::Agent(chat, _) => chat.retrieve_events_async(None, None).await.map(|_| ()),
        }
    }

    async fn survey(&self) -> Result<()> {
        match self {
            Self::Visitor(chat) => chat.retrieve_exit_survey_async(None, None, None).await.map(|_| ()),
            Self::Agent(chat, _) => chat.submit_survey_async(Vec::new(), None, None).await,
        }
    }
}

/// The line that is being sent, as the saved chat has it.
fn pending(document: &str) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    document["ledger"]["pending"]["event"]["text"].as_str().map(str::to_owned)
}

pub struct Party {
    pub handle: Handle,
    pub record: Shared,
    reader: JoinHandle<()>,
    /// A line that is sent beside everything else, and its place in the record.
    early: Option<(usize, JoinHandle<()>)>,
}

impl Party {
    pub fn new(handle: Handle, record: Shared, resumed: bool) -> Self {
        let life = record.lives(handle.agent(), resumed);
        let stream = handle.events().unwrap();
        let reader = tokio::spawn(record.clone().read(stream, life));
        Self { handle, record, reader, early: None }
    }

    /// Sends a line without waiting for what comes of it, before anything else is done.
    pub fn send_early(&mut self, text: &str, queue: bool) {
        let (line, record) = (self.record.sends(text), self.record.clone());
        let call = self.handle.send(text, false, queue);
        let sending = tokio::spawn(async move { record.came_to(line, Outcome::of(&call.await)) });
        self.early = Some((line, sending));
    }

    /// Another process goes on: what this one was sending is broken off. Two that write at the same time have no order.
    async fn end_process(&mut self) {
        let Some((line, sending)) = self.early.take() else { return };
        sending.abort();
        if sending.await.is_err() {
            self.record.came_to(line, Outcome::Unknown);
        }
    }

    /// Holds the chat no more.
    pub async fn leave(self) {
        self.reader.abort();
        let _ = self.reader.await;
    }

    /// Waits for the end of the stream.
    pub async fn finish(self, limit: Duration) {
        if tokio::time::timeout(limit, self.reader).await.is_err() {
            self.record.complain("the stream does not end".to_owned());
        }
    }

    /// Ends the chat; gives a complaint where that cannot be done.
    pub async fn end(&self) -> Option<String> {
        const TRIES: usize = 8;
        for _ in 0..TRIES {
            match self.handle.end().await {
                Ok(()) => return None,
                // Whoever has handed the chat over cannot end it.
                Err(error) if error.code() == Code::Rejected => return Some(format!("ending is refused: {error:?}")),
                Err(_) => {}
            }
        }
        Some("the chat cannot be ended".to_owned())
    }

    /// Sends a line and notes what came of it.
    pub async fn send(&self, text: &str, resend: bool) {
        let line = self.record.sends(text);
        self.record.lock().sent[line].resend = resend;
        let outcome = self.handle.send(text, resend, false).await;
        self.record.came_to(line, Outcome::of(&outcome));
    }

    /// Sends lines without waiting for one before sending the next.
    async fn send_all(&self, texts: &[String]) {
        let under_way: Vec<_> =
            texts.iter().map(|text| (self.record.sends(text), self.handle.send(text, false, false))).collect();
        for (line, call) in under_way {
            self.record.came_to(line, Outcome::of(&call.await));
        }
    }

    async fn break_off(&self, text: &str, after: u64) {
        let line = self.record.sends(text);
        let call = self.handle.send(text, false, false);
        let outcome = tokio::time::timeout(Duration::from_millis(after), call).await;
        self.record.came_to(line, outcome.map_or(Outcome::Unknown, |outcome| Outcome::of(&outcome)));
    }

    /// Saves the chat and goes on with what `resume` makes of the document, here or in another process.
    pub async fn resume(
        mut self,
        elsewhere: bool,
        sending: Option<&(String, u64)>,
        resume: impl AsyncFnOnce(&str, &Handle) -> Result<Handle>,
    ) -> Result<Self> {
        let line = sending.map(|(text, _)| self.record.sends(text));
        let call = sending.map(|(text, _)| self.handle.send(text, false, false));
        if let Some((_, pause)) = sending {
            tokio::time::sleep(Duration::from_millis(*pause)).await;
        }
        let document = self.handle.save()?;
        let is_in_document = sending.is_some_and(|(text, _)| pending(&document).as_ref() == Some(text));
        // Dropping the call breaks it off.
        let ended = call.and_then(|call| call.wait_for(Duration::ZERO));
        if elsewhere {
            self.end_process().await;
        }
        let Self { handle, record, reader, early } = self;
        reader.abort();
        let _ = reader.await;
        let resumed = resume(&document, &handle).await?;
        drop(handle);
        let next = Self { early, ..Self::new(resumed, record, true) };
        let Some(line) = line else { return Ok(next) };
        let outcome = match (next.handle.resolve().await, ended) {
            (Ok(Some(_)), _) if is_in_document => Outcome::Taken,
            (_, Some(ended)) => Outcome::of(&ended),
            _ => Outcome::Unknown,
        };
        next.record.came_to(line, outcome);
        Ok(next)
    }

    /// Does what needs nobody else. What fails of it beside the lines changes nothing that is checked.
    pub async fn act(&self, action: &Action) {
        match action {
            Action::Send { text, resend } => self.send(text, *resend).await,
            Action::SendAll(texts) => self.send_all(texts).await,
            Action::BreakOff { text, after } => self.break_off(text, *after).await,
            Action::Typing(typing) => drop(self.handle.typing(*typing).await),
            Action::Name(name) => self.name(name).await,
            Action::Read => drop(self.handle.read().await),
            Action::Survey => drop(self.handle.survey().await),
            Action::Pause(ms) => tokio::time::sleep(Duration::from_millis(*ms)).await,
            Action::Resume { .. } | Action::Transfer(_) => unreachable!("these make another party"),
        }
    }

    async fn name(&self, name: &str) {
        let Handle::Visitor(chat) = &self.handle else { return };
        let set: Result<(), LpchatError> = chat.set_visitor_name_async(name.into(), None).await;
        self.record.lock().name = set.is_ok().then(|| name.to_owned());
    }
}
