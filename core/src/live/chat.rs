//! One live chat: its polls, and those who wait for what they bring.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use super::ledger::Ledger;
use super::poll::{PolledChat, PolledInformation};
use super::saved::Saved;
use super::scheduler::{Counted, Job, Polled, Verdict};
use super::stream::{Next, Ready, Stream, Want};
use super::turn::{Queue, Turn};
use super::typing::Told;
use super::{Conversation, Side};
use crate::bells::Bells;
use crate::client_core::Core;
use crate::config::LONGEST;
use crate::engine::PerProcess;
use crate::error::{Code, LpchatError, Result};
use crate::observe::{Counters, count};
use crate::registry::Operation;
use crate::transport::{Context, RetryClass, Sending, Service};
use crate::wire::Text;
use crate::wire::chat::{ChatEvent, ChatInformation, ChatState, ShownId};

/// Where a chat's life is kept, anew in each process: a forked child neither inherits polls nor waits for its parent's.
pub(crate) type LiveSlot = Arc<PerProcess<Arc<Live>>>;

/// A chat that lives. All handles of the chat share one.
pub(crate) struct Live {
    pub(super) conversation: Box<dyn Conversation>,
    state: Mutex<State>,
    /// Whoever sends a line has the turn until that line's outcome is known: one unacknowledged line a chat.
    turns: Arc<Queue>,
    /// The same for those who say that somebody is typing.
    telling: Arc<Queue>,
    /// Where the chat is kept for another process, if anywhere, and the lock that orders the writing.
    file: tokio::sync::Mutex<Option<Box<Path>>>,
    /// Rung when something came that somebody may wait for.
    changed: Notify,
    /// Others who are to be woken beside those who wait for this chat.
    bells: Arc<Bells<Weak<dyn Polled>>>,
    ticket: Arc<AtomicU64>,
    polled: AtomicBool,
    /// The scheduler knows it: it counts as live.
    listed: AtomicBool,
    /// It outlives the scope that it was made in.
    kept: AtomicBool,
}

impl fmt::Debug for Live {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Live").field("id", &ShownId(self.conversation.id())).finish_non_exhaustive()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let core = self.conversation.core();
        if *self.listed.get_mut() && self.state.get_mut().unwrap_or_else(PoisonError::into_inner).stream.end().is_none() {
            count(&core.counters.live_chats, -1);
        }
        core.state().live_chats.forget(self.side(), self.conversation.id());
    }
}

/// What is read and what is written.
#[derive(Debug)]
pub(super) struct State {
    pub(super) stream: Stream,
    pub(super) ledger: Ledger,
    pub(super) told: Told,
}

/// What a poll was answered.
enum Read {
    Chat(Box<PolledChat>),
    Information(Box<PolledInformation>),
}

impl Live {
    pub(super) fn new(conversation: Box<dyn Conversation>, resumed: Option<Saved>) -> Self {
        let now = conversation.core().environment.clock.elapsed();
        let is_resumed = resumed.is_some();
        let (from, ledger) = resumed.map_or_else(Default::default, |saved| (saved.cursor, saved.ledger));
        Self {
            bells: Arc::clone(&conversation.core().state().bells),
            conversation,
            state: Mutex::new(State { stream: Stream::new(from, is_resumed, now), ledger, told: Told::default() }),
            turns: Arc::default(),
            telling: Arc::default(),
            file: tokio::sync::Mutex::new(None),
            changed: Notify::new(),
            ticket: Arc::default(),
            polled: AtomicBool::new(false),
            listed: AtomicBool::new(false),
            kept: AtomicBool::new(false),
        }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        self.conversation.core()
    }

    pub(super) fn side(&self) -> Side {
        self.conversation.side()
    }

    fn counters(&self) -> &Counters {
        &self.core().counters
    }

    /// Never held across an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Duration {
        self.core().environment.clock.elapsed()
    }

    /// What the service was told about typing counts no more.
    pub(crate) fn forget_typing(&self) {
        self.lock().told.forget();
    }

    /// A place in the queue of those who write.
    pub(crate) fn turn(&self) -> Turn {
        Turn::new(&self.turns)
    }

    /// A place in the queue of those who say that somebody is typing.
    pub(crate) fn typing_turn(&self) -> Turn {
        Turn::new(&self.telling)
    }

    /// From now on the chat is polled, until it is over or nobody holds it any more.
    pub(crate) fn begin(self: &Arc<Self>) -> Result<()> {
        if self.polled.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        let begun = self.conversation.accompany().and_then(|()| self.core().scheduler());
        let begun = begun.map(|scheduler| scheduler.begin(self.weak()));
        begun.inspect_err(|_| self.polled.store(false, Ordering::SeqCst))
    }

    fn weak(self: &Arc<Self>) -> Weak<dyn Polled> {
        let polled: Arc<dyn Polled> = Arc::clone(self) as Arc<dyn Polled>;
        Arc::downgrade(&polled)
    }

    /// Polls the chat now.
    fn hasten(self: &Arc<Self>) {
        if let Ok(scheduler) = self.core().scheduler() {
            scheduler.hasten(self.weak());
        }
    }

    /// Waits until there are events for the call of this number, `wait` is over (no events then) or the stream ends (`None`).
    pub(super) async fn next_events(
        self: &Arc<Self>,
        most: usize,
        call: u64,
        wait: Option<Duration>,
    ) -> Result<Option<Vec<ChatEvent>>> {
        self.begin()?;
        let mut limit = self.core().environment.limit_if(wait.map(|wait| wait.min(LONGEST)));
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let was_full = self.lock().stream.want() == Want::Touch;
            match self.take(most, call) {
                Ready::Events(events) => {
                    if was_full {
                        self.hasten();
                    }
                    return Ok(Some(events));
                }
                Ready::Over => return Ok(None),
                Ready::Failed(error) => return Err(error),
                Ready::NotYet => {}
            }
            tokio::select! {
                () = changed => self.bells.ring(),
                () = &mut limit => return Ok(Some(Vec::new())),
            }
        }
    }

    fn take(&self, most: usize, call: u64) -> Ready {
        self.lock().stream.take(most, call)
    }

    /// What the call of this number has taken was received, or given back.
    pub(super) fn arrived(&self, call: u64) {
        if self.lock().stream.arrived(call) {
            self.changed.notify_waiters();
        }
    }

    /// The first event in the queue.
    pub(super) fn ready_event(self: &Arc<Self>) -> Option<ChatEvent> {
        let mut state = self.lock();
        let was_full = state.stream.want() == Want::Touch;
        let event = state.stream.take_one();
        drop(state);
        if was_full && event.is_some() {
            self.hasten();
        }
        event
    }

    /// Takes events back that a cancelled call did not deliver.
    pub(super) fn give_back(&self, events: Vec<ChatEvent>) {
        self.lock().stream.give_back(events);
        self.changed.notify_waiters();
    }

    /// Waits until an agent is in the chat: true; false when `wait` is over first.
    pub(crate) async fn wait_until_accepted(self: &Arc<Self>, wait: Option<Duration>) -> Result<bool> {
        self.begin()?;
        let mut limit = self.core().environment.limit_if(wait.map(|wait| wait.min(LONGEST)));
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            {
                let stream = &self.lock().stream;
                match (stream.state(), stream.end()) {
                    (_, Some(Err(error))) => return Err(error),
                    (Some(ChatState::Ended), _) | (_, Some(Ok(()))) => {
                        return Err(LpchatError::new(Code::ChatEnded)
                            .with_message("The chat ended before an agent accepted it, or after one had."));
                    }
                    (Some(ChatState::Chatting), _) => return Ok(true),
                    _ => {}
                }
            }
            tokio::select! {
                () = changed => self.bells.ring(),
                () = &mut limit => return Ok(false),
            }
        }
    }

    /// The state of the chat as last seen.
    pub(crate) fn state(&self) -> Option<ChatState> {
        self.lock().stream.state().cloned()
    }

    /// The engagement's id in history: account and session id, joined. Source: `docs/protocol/visitor-chat-api.md`, "Info".
    pub(crate) async fn find_engagement_id(&self, context: &Context) -> Result<Text> {
        let known = self.lock().stream.session_id.clone();
        let session = match known {
            Some(session) => session,
            None => {
                let information: ChatInformation = context.send(self.conversation.get("/info")?).await?.member("info")?;
                let session = information.rt_session_id.as_deref().map(Box::from).ok_or_else(|| {
                    LpchatError::new(Code::UnexpectedShape)
                        .with_message("The chat's information names no session (`rtSessionId`).")
                })?;
                self.lock().stream.session_id.insert(session).clone()
            }
        };
        Ok(format!("{}{session}", self.core().config.account()?).into())
    }

    /// The chat as a document.
    pub(crate) fn save(&self) -> Result<String> {
        let account = self.core().config.account()?;
        let (id, origin) = (self.conversation.id(), self.conversation.origin());
        let state = self.lock();
        let saved = Saved::new(self.side(), account, id, origin, state.stream.unprocessed_from(), state.ledger.clone());
        Ok(saved.to_text())
    }

    /// From now on the chat is kept in this file.
    pub(crate) async fn keep_in(&self, path: &str) -> Result<()> {
        *self.file.lock().await = Some(Path::new(path).into());
        let outcome = self.store().await;
        if outcome.is_err() {
            *self.file.lock().await = None;
        }
        outcome
    }

    /// Writes the chat's file, where it has one: whoever resumes it knows what this process knew.
    pub(super) async fn store(&self) -> Result<()> {
        // Held while writing: a later state must not be overwritten by an earlier one.
        let file = self.file.lock().await;
        let Some(path) = file.clone() else { return Ok(()) };
        let text = self.save()?;
        let files = Arc::clone(&self.core().environment.files);
        let written = tokio::task::spawn_blocking(move || files.replace(&path, &text)).await;
        let failed = |cause: &dyn fmt::Display| {
            LpchatError::new(Code::FileFailed).with_message("The chat's state cannot be written to its file.").with_cause(cause)
        };
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(failed(&error)),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Whether the chat outlives its scope.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.load(Ordering::SeqCst)
    }

    pub(crate) fn keep(&self, keep: bool) {
        self.kept.store(keep, Ordering::SeqCst);
    }

    /// Whether the chat is polled and not over.
    pub(super) fn lives(&self) -> bool {
        self.polled.load(Ordering::SeqCst) && self.lock().stream.end().is_none()
    }

    /// What the poll has brought, and when the next one is due.
    fn settle(&self, outcome: &Context, answer: Result<Read>) -> Verdict {
        let now = self.now();
        let mut state = self.lock();
        let State { stream, ledger, .. } = &mut *state;
        let own = self.side().source();
        let (next, throttled) = match answer {
            Ok(Read::Chat(read)) => (stream.take_in(*read, now, |event| ledger.note(event, &own)), None),
            Ok(Read::Information(read)) => (stream.touched(&read, now), None),
            Err(error) => {
                let retry_after = error.details().retry_after;
                let throttled = error.code() == Code::Throttled || retry_after.is_some();
                (stream.failed(&outcome.complete(error), now), throttled.then_some(retry_after))
            }
        };
        let pause = stream.pause(next, &self.core().config.polling);
        drop(state);
        if next == Next::Never && self.listed.load(Ordering::SeqCst) {
            count(&self.counters().live_chats, -1);
        }
        Verdict { next: pause, throttled }
    }
}

impl Polled for Live {
    fn begin(self: Arc<Self>) -> Option<(Counted, Job)> {
        let (want, limit) = {
            let stream = &self.lock().stream;
            (stream.want(), stream.poll_limit())
        };
        let request = match want {
            Want::Nothing => return None,
            Want::Touch => self.conversation.get("/info"),
            Want::Events(from) => self.conversation.get("").map(|request| request.query_if("from", from)),
        };
        let core = Arc::clone(self.core());
        let operation = Operation { face: self.side().face(), name: "poll", retry: RetryClass::Safe, waits: false };
        let counted = Counted::new(&core);
        // The chat itself is not held: whoever drops it need not wait for the answer.
        let weak = Arc::downgrade(&self);
        let job = async move {
            let context = Context::unattended(&core, operation, limit);
            let answer = match request {
                Ok(request) => read(context.send(request.once()), want).await,
                Err(error) => Err(error),
            };
            match weak.upgrade() {
                Some(live) => live.settle(&context, answer),
                None => Verdict { next: None, throttled: None },
            }
        };
        Some((counted, Box::pin(job)))
    }

    fn begun(&self) {
        count(&self.counters().live_chats, 1);
        self.listed.store(true, Ordering::SeqCst);
    }

    fn ring(&self) {
        self.changed.notify_waiters();
    }

    fn service(&self) -> Service {
        self.side().service()
    }

    fn ticket(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.ticket)
    }
}

async fn read(sent: Sending<'_>, want: Want) -> Result<Read> {
    let answer = sent.await?;
    match want {
        Want::Events(from) => {
            let mut read: Box<PolledChat> = Box::new(answer.member("chat")?);
            read.events = read.events.with_cursor(from);
            Ok(Read::Chat(read))
        }
        _ => Ok(Read::Information(Box::new(answer.member("info")?))),
    }
}
