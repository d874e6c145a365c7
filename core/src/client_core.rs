//! What all faces, chats and sessions of one client share. The faces know this module, and the client knows the faces.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use tokio::sync::{Mutex, Notify, watch};

use crate::auth::Authenticator;
use crate::bells::Bells;
use crate::config::Config;
use crate::domain::DomainCache;
use crate::engine::PerProcess;
use crate::environment::Environment;
use crate::error::{Code, LpchatError, Result};
use crate::live::{LiveChats, Polled, SavedChat, Scheduler};
use crate::observe::Counters;
use crate::transport::{Limits, Pool};

/// What a client is made of; its faces, chats and sessions hold it too.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) environment: Environment,
    pub(crate) counters: Counters,
    closed: AtomicBool,
    state: PerProcess<Arc<State>>,
}

impl Core {
    pub(crate) fn new(config: Config, environment: Environment) -> Self {
        let (counters, closed) = (Counters::default(), AtomicBool::new(false));
        Self { config, environment, counters, closed, state: PerProcess::new() }
    }

    /// What this client has built up in this process.
    pub(crate) fn state(&self) -> &Arc<State> {
        self.state.get_or_init(|| Arc::new(State::new(&self.config, &self.environment)))
    }

    /// The list of polls, begun by the first chat that lives.
    pub(crate) fn scheduler(&self) -> Result<&Scheduler> {
        self.open()?;
        let slot = &self.state().scheduler;
        match slot.get() {
            Some(scheduler) => Ok(scheduler),
            None => {
                let scheduler = Scheduler::start(&self.environment, self.config.polling, Arc::clone(&self.state().bells))?;
                Ok(slot.get_or_init(|| scheduler))
            }
        }
    }

    /// Fails where the client is closed.
    pub(crate) fn open(&self) -> Result<()> {
        if self.is_closed() { Err(LpchatError::new(Code::ClientClosed)) } else { Ok(()) }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// From now on every new call is refused.
    pub(crate) fn refuse_calls(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }
}

/// What a client builds up as it works, anew in every process.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) limits: Limits,
    pub(crate) authenticator: Authenticator,
    pub(crate) domains: DomainCache,
    /// The connection pool of the client's settings, once a request was made.
    pub(crate) pool: OnceLock<Pool>,
    /// Set when the client closes: calls in flight end with an error.
    pub(crate) aborted: watch::Sender<bool>,
    /// Rung whenever a call ends.
    pub(crate) ended: Notify,
    /// Polls live chats, once there is one.
    pub(crate) scheduler: OnceLock<Scheduler>,
    pub(crate) bells: Arc<Bells<Weak<dyn Polled>>>,
    pub(crate) live_chats: LiveChats,
    /// What closing has saved.
    pub(crate) saved_chats: std::sync::Mutex<Vec<SavedChat>>,
    /// Held while closing; whether that is done.
    pub(crate) closing: Mutex<bool>,
    /// The id of the next call that needs one.
    request_id: AtomicU64,
}

/// From one request id to the next: odd, so that all are used before one comes again, and neighbours look different.
const REQUEST_ID_STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl State {
    fn new(config: &Config, environment: &Environment) -> Self {
        Self {
            limits: Limits::of(config, environment),
            authenticator: Authenticator::default(),
            domains: DomainCache::default(),
            pool: OnceLock::new(),
            aborted: watch::Sender::new(false),
            ended: Notify::new(),
            scheduler: OnceLock::new(),
            bells: Arc::default(),
            live_chats: LiveChats::default(),
            saved_chats: std::sync::Mutex::default(),
            closing: Mutex::new(false),
            request_id: AtomicU64::new(environment.randomness.next()),
        }
    }

    /// An id for the requests of one call.
    pub(crate) fn request_id(&self) -> u64 {
        self.request_id.fetch_add(REQUEST_ID_STEP, Ordering::Relaxed)
    }
}
