//! The client and its three faces.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lpchat_macros::operation;

use crate::agent::Agent;
use crate::config::{ClientOptions, Config};
use crate::engine::PerProcess;
use crate::environment::Environment;
use crate::error::{Code, LpchatError, Result};
use crate::history::History;
use crate::observe::{Counters, Metrics};
use crate::transport::{Context, State};
use crate::visitor::Visitor;
use crate::wire::Text;

/// What all faces, chats and sessions of one client share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) environment: Environment,
    pub(crate) counters: Counters,
    closed: AtomicBool,
    state: PerProcess<State>,
}

impl Core {
    /// What this client has built up in this process.
    pub(crate) fn state(&self) -> &State {
        self.state.get_or_init(|| State::new(self.config.history_concurrency))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

/// A client of one account. Making one opens nothing: no thread, socket or look-up before the first call.
///
/// Cheap to clone and safe to share between threads; many clients share one runtime thread and one connection pool.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Client {
    core: Arc<Core>,
}

impl Client {
    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// A client in an environment of the caller's making: its own clock, randomness, files and variables.
    pub fn with_environment(options: ClientOptions, environment: Environment) -> Result<Self> {
        let config = Config::resolve(options, &environment)?;
        let core =
            Core { config, environment, counters: Counters::default(), closed: AtomicBool::new(false), state: PerProcess::new() };
        Ok(Self { core: Arc::new(core) })
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl Client {
    /// Makes a client from explicit options; what they leave out comes from the environment, else from the profile file.
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub fn new(options: ClientOptions) -> Result<Self> {
        Self::with_environment(options, Environment::default())
    }

    /// The visitor's side of chats.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(&self.core)
    }

    /// The agent's side of chats.
    pub fn agent(&self) -> Agent {
        Agent::new(&self.core)
    }

    /// Engagement history.
    pub fn history(&self) -> History {
        History::new(&self.core)
    }

    /// The account, where one is configured.
    pub fn account_id(&self) -> Option<Text> {
        self.core.config.account_id.as_deref().map(Text::from)
    }

    /// Counters since the client was made.
    pub fn metrics(&self) -> Metrics {
        self.core.counters.snapshot()
    }
}

/// Closes the client: refuses new calls, gives those in flight `drain` to end, cancels the rest, and logs out where the
/// client had logged in. Closing a closed client does nothing.
#[operation(retry = idempotent)]
async fn close(client: &Client, context: &Context, drain: Option<Duration>) -> Result<()> {
    let core = client.core();
    core.closed.store(true, Ordering::SeqCst);
    let state = core.state();
    // Whoever closes at the same time waits here; where the first is cancelled the next goes on.
    let mut closed = state.closing.lock().await;
    if *closed {
        return Ok(());
    }
    let drained = || async {
        loop {
            let ended = state.ended.notified();
            if core.counters.in_flight.load(Ordering::SeqCst) <= 0 {
                return;
            }
            ended.await;
        }
    };
    // Leaves time for the logout within the call's own limit.
    let drain = drain.unwrap_or(Duration::ZERO).min(context.left().saturating_sub(LOGOUT_LIMIT));
    tokio::select! {
        () = drained() => {}
        () = core.environment.clock.limit(drain) => {}
    }
    // Before the logout, which would wait for a login under way.
    state.aborted.send_replace(true);
    drained().await;
    *closed = true;
    tokio::select! {
        outcome = context.log_out_if_logged_in(true) => outcome,
        () = core.environment.clock.limit(LOGOUT_LIMIT) => Err(LpchatError::new(Code::DeadlineExceeded).with_message("The logout was not answered in time.")),
    }
}

/// How long closing waits for the answer to its logout.
const LOGOUT_LIMIT: Duration = Duration::from_secs(5);
