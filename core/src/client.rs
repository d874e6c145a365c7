//! The client and its three faces.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use lpchat_macros::operation;

use crate::agent::Agent;
use crate::client_core::Core;
use crate::config::{ClientOptions, Config};
use crate::environment::Environment;
use crate::error::{Code, LpchatError, Result};
use crate::history::History;
use crate::live::{self, SavedChat};
use crate::observe::Metrics;
use crate::transport::Context;
use crate::visitor::Visitor;
use crate::wire::Text;

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
        Ok(Self { core: Arc::new(Core::new(config, environment)) })
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

    /// The chats that closing the client has saved: `Visitor.resume` and `AgentSession.resume` go on with them.
    pub fn saved_chats(&self) -> Vec<SavedChat> {
        self.core.state().saved_chats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counters since the client was made.
    pub fn metrics(&self) -> Metrics {
        self.core.counters.snapshot()
    }
}

/// Closes the client: refuses new calls, gives those in flight `drain` to end (no time when it is absent), cancels the
/// rest, saves or ends the chats that live (the option `chats_on_close`), and logs out where the client had logged in.
/// Closing a closed client does nothing.
///
/// Calls that wait for somebody, such as for the next event, end at once. `saved_chats` gives what was saved.
#[operation(retry = idempotent)]
async fn close(client: &Client, context: &Context, drain: Option<Duration>) -> Result<()> {
    let core = client.core();
    core.refuse_calls();
    let state = core.state();
    // Whoever closes at the same time waits here; where the first is cancelled the next goes on.
    let mut closed = state.closing.lock().await;
    if *closed {
        return Ok(());
    }
    // Leaves time for the logout within the call's own limit.
    let drain = drain.unwrap_or(Duration::ZERO).min(context.left().saturating_sub(LOGOUT_LIMIT));
    let until = context.elapsed() + drain;
    tokio::select! {
        () = drained(core, true) => {}
        () = core.environment.clock.limit(drain) => {}
    }
    // Before the logout, which would wait for a login under way.
    state.aborted.send_replace(true);
    drained(core, false).await;
    if let Some(scheduler) = state.scheduler.get() {
        scheduler.stop();
    }
    let left = until.saturating_sub(context.elapsed()).max(LOGOUT_LIMIT).min(context.left());
    let saved = live::part(core, left).await;
    state.saved_chats.lock().unwrap_or_else(PoisonError::into_inner).extend(saved);
    *closed = true;
    tokio::select! {
        outcome = context.log_out_if_logged_in(true) => outcome,
        () = core.environment.clock.limit(LOGOUT_LIMIT) => Err(LpchatError::new(Code::DeadlineExceeded).with_message("The logout was not answered in time.")),
    }
}

/// How long closing waits for the answer to its logout, and at least for the ends of chats.
const LOGOUT_LIMIT: Duration = Duration::from_secs(5);

/// Waits until no call is in flight, apart from those that wait for somebody where `but_waiting`, and in any case from those
/// that end when their caller looks at them again.
async fn drained(core: &Core, but_waiting: bool) {
    let counters = &core.counters;
    loop {
        let ended = core.state().ended.notified();
        let spared = if but_waiting { &counters.waiting } else { &counters.in_place };
        if counters.in_flight.load(Ordering::SeqCst) <= spared.load(Ordering::SeqCst) {
            return;
        }
        ended.await;
    }
}
