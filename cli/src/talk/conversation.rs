//! One live chat as both sides hold it: the core reads and sends, this module says when.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lpchat::{
    AgentChat, Call, CallOptions, Canceller, ChatEvent, ChatEventBatch, ChatEventType, ChatState, EventStream, LineReceipt,
    LineSource, LpchatError, TypingState, VisitorChat,
};

use super::brief;
use super::outbox::{Answered, Outbox};
use super::typist::Typist;
use super::view::readable;

/// A line whose answer is lost is looked for among the events, which takes its time.
const SEND: Duration = Duration::from_secs(60);

/// Who leaves waits so long for lines that are on their way.
pub const PARTING: Duration = Duration::from_secs(5);

/// A chat of either side.
pub trait Talk {
    const OWN: LineSource;
    fn stream(&self) -> Result<EventStream, LpchatError>;
    fn send(&self, text: &str, options: CallOptions) -> Call<LineReceipt>;
    fn tell_typing(&self, state: TypingState) -> Call<()>;
}

impl Talk for VisitorChat {
    const OWN: LineSource = LineSource::Visitor;

    fn stream(&self) -> Result<EventStream, LpchatError> {
        self.events()
    }

    fn send(&self, text: &str, options: CallOptions) -> Call<LineReceipt> {
        self.send_call(text.into(), None, None, Some(options))
    }

    fn tell_typing(&self, state: TypingState) -> Call<()> {
        self.set_visitor_typing_call(state, brief())
    }
}

impl Talk for Arc<AgentChat> {
    const OWN: LineSource = LineSource::Agent;

    fn stream(&self) -> Result<EventStream, LpchatError> {
        self.events()
    }

    fn send(&self, text: &str, options: CallOptions) -> Call<LineReceipt> {
        self.send_call(text.into(), None, None, Some(options))
    }

    fn tell_typing(&self, state: TypingState) -> Call<()> {
        self.set_agent_typing_call(state, brief())
    }
}

/// What comes from a chat, on threads of the core.
#[derive(Debug)]
pub enum News {
    Events(Result<Option<ChatEventBatch>, LpchatError>),
    Sent(Result<LineReceipt, LpchatError>),
}

type Post = Arc<dyn Fn(News) + Send + Sync>;

pub struct Conversation<T: Talk> {
    pub chat: T,
    stream: EventStream,
    post: Post,
    listening: Option<Canceller>,
    pub outbox: Outbox,
    typist: Typist,
    /// Own lines that have not come back among the events yet.
    echoes: VecDeque<String>,
    pub state: ChatState,
    /// When the state began.
    pub state_since: Instant,
    /// When a line was sent or came in.
    pub last_line: Instant,
    /// Id of the first event that was not taken in.
    pub cursor: i64,
}

impl<T: Talk> Conversation<T> {
    /// Begins to listen. `post` is handed what comes, until this value is dropped.
    pub fn begin(chat: T, post: impl Fn(News) + Send + Sync + 'static) -> Result<Self, LpchatError> {
        let (stream, now) = (chat.stream()?, Instant::now());
        let mut conversation = Self {
            chat,
            stream,
            post: Arc::new(post),
            listening: None,
            outbox: Outbox::default(),
            typist: Typist::default(),
            echoes: VecDeque::new(),
            state: ChatState::Waiting,
            state_since: now,
            last_line: now,
            cursor: 0,
        };
        conversation.listen();
        Ok(conversation)
    }

    /// Waits for the next events: those before count as processed.
    pub fn listen(&mut self) {
        let post = Arc::clone(&self.post);
        let call = self.stream.next_events_call(None, None, None);
        self.listening = Some(call.on_complete(move |outcome| post(News::Events(outcome))));
    }

    /// Takes an event in; whether it is a line of ours that has just been typed here.
    pub fn take_in(&mut self, event: &ChatEvent) -> bool {
        if let Some(id) = event.number() {
            self.cursor = self.cursor.max(id + 1);
        }
        if let Some(state) = &event.state {
            self.enter(state.clone());
        }
        if event.r#type == ChatEventType::Line {
            self.last_line = Instant::now();
        }
        let own = event.r#type == ChatEventType::Line && event.source == Some(T::OWN);
        own && self.is_echo(&readable(event))
    }

    fn is_echo(&mut self, text: &str) -> bool {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = self.echoes.iter().position(|sent| words(sent) == words(text));
        // Those before it came back changed, or not at all.
        found.is_some_and(|position| self.echoes.drain(..=position).count() > 0)
    }

    pub fn enter(&mut self, state: ChatState) {
        if self.state != state {
            self.state = state;
            self.state_since = Instant::now();
            self.typist.forget();
        }
    }

    pub fn is_chatting(&self) -> bool {
        self.state == ChatState::Chatting
    }

    pub fn is_over(&self) -> bool {
        self.state == ChatState::Ended
    }

    /// Sends what waits, where somebody is there to read it.
    pub fn pump(&mut self) {
        if !self.is_chatting() {
            return;
        }
        let Some(line) = self.outbox.next(Instant::now()).map(str::to_owned) else { return };
        let post = Arc::clone(&self.post);
        let options = CallOptions { timeout: Some(SEND), retries: Some(0), ..CallOptions::default() };
        self.chat.send(&line, options).on_complete(move |outcome| post(News::Sent(outcome)));
        self.echoes.push_back(line);
    }

    /// Takes in what became of the line under way.
    pub fn sent(&mut self, outcome: &Result<LineReceipt, LpchatError>) {
        let answered = self.outbox.answered(outcome, Instant::now());
        if answered == Answered::Taken {
            self.last_line = Instant::now();
        } else {
            self.echoes.pop_back();
        }
        if answered == Answered::ChatOver {
            self.enter(ChatState::Ended);
        }
        self.pump();
    }

    /// Whether nothing is left to say, or cannot be said now.
    pub fn has_said_all(&self) -> bool {
        self.outbox.is_empty() || self.outbox.due().is_some() || !self.is_chatting()
    }

    /// The text at the keys has changed, and is the begin of a message or is not.
    pub fn pressed(&mut self, message: bool) {
        if self.is_chatting()
            && let Some(typing) = self.typist.pressed(message, Instant::now())
        {
            self.tell_typing(typing);
        }
    }

    /// When to `tick`.
    pub fn due(&self) -> Option<Instant> {
        let lines = self.outbox.due().filter(|_| self.is_chatting());
        [lines, self.typist.due()].into_iter().flatten().min()
    }

    /// Does what is due.
    pub fn tick(&mut self) {
        if self.typist.stopped(Instant::now()) {
            self.tell_typing(false);
        }
        self.pump();
    }

    /// Nobody is hurt where this fails: it is not even said.
    pub fn tell_typing(&self, typing: bool) {
        let state = if typing { TypingState::Typing } else { TypingState::NotTyping };
        self.chat.tell_typing(state).on_complete(|_| ());
    }
}

impl<T: Talk> Drop for Conversation<T> {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.cancel();
        }
    }
}
