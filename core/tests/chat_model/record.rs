//! What one side of a chat did and saw.

use std::sync::{Arc, Mutex, MutexGuard};

use lpchat::{ChatEvent, Code, EventStream, LineReceipt, Result};

/// What the sender was told of a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The call has not ended.
    UnderWay,
    Taken,
    Unknown,
    Refused(&'static str),
}

impl Outcome {
    pub fn of(result: &Result<LineReceipt>) -> Self {
        match result {
            Ok(_) => Self::Taken,
            Err(error) if error.code() == Code::OutcomeUnknown => Self::Unknown,
            Err(error) => Self::Refused(error.code().name()),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Sent {
    pub text: String,
    /// It may be posted again.
    pub resend: bool,
    pub outcome: Outcome,
}

/// One stream: from its beginning, or from where a saved chat was resumed, to its end.
#[derive(Debug)]
pub struct Life {
    /// Which agent reads; nothing for the visitor.
    pub agent: Option<usize>,
    pub resumed: bool,
    pub events: Vec<ChatEvent>,
    pub end: Option<Result<(), Code>>,
}

#[derive(Debug, Default)]
pub struct Record {
    pub sent: Vec<Sent>,
    pub lives: Vec<Life>,
    /// The name that was set last, where that was acknowledged.
    pub name: Option<String>,
    /// What should not have happened.
    pub complaints: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Shared(Arc<Mutex<Record>>);

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap()
    }

    /// Notes a line before it is sent; gives its place.
    pub fn sends(&self, text: &str) -> usize {
        let mut record = self.lock();
        record.sent.push(Sent { text: text.to_owned(), resend: false, outcome: Outcome::UnderWay });
        record.sent.len() - 1
    }

    pub fn came_to(&self, line: usize, outcome: Outcome) {
        self.lock().sent[line].outcome = outcome;
    }

    pub fn complain(&self, complaint: String) {
        self.lock().complaints.push(complaint);
    }

    /// Notes that a stream begins; gives its place.
    pub fn lives(&self, agent: Option<usize>, resumed: bool) -> usize {
        let mut record = self.lock();
        record.lives.push(Life { agent, resumed, events: Vec::new(), end: None });
        record.lives.len() - 1
    }

    /// Reads a stream to its end.
    pub async fn read(self, stream: EventStream, life: usize) {
        // Batches of different sizes.
        let most = 1 + 5 * i32::try_from(life).unwrap();
        let end = loop {
            match stream.next_events_async(Some(most), None, None).await {
                Ok(Some(batch)) => self.lock().lives[life].events.extend(batch.events),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error.code()),
            }
        };
        self.lock().lives[life].end = Some(end);
    }
}
