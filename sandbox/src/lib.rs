//! An emulator of LivePerson's legacy chat and engagement history services, on loopback.
//!
//! Written from the wire reference alone (docs/protocol/), so that a misreading of the client shows as a failing test.
//!
//! | module | holds |
//! | --- | --- |
//! | `options`, `switches` | the command line; named switches for everything uncertain |
//! | `world`, `timers`, `clock` | what happens in the account, on one clock |
//! | `chat` | the chat engine and its documents |
//! | `script` | what scripted agents say and do |
//! | `visitor`, `agent` | the two sides' calls |
//! | `services` | directory, login, tokens, signatures |
//! | `history` | engagement history: generator, store, search |
//! | `http`, `routes`, `admin` | the server, fault plans, the journal, the admin interface |
#![forbid(unsafe_code)]

mod admin;
mod agent;
mod chat;
mod clock;
mod history;
mod http;
mod identity;
pub mod options;
mod random;
mod routes;
mod script;
mod services;
pub mod switches;
mod timers;
mod times;
mod visitor;
mod world;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;

use clock::Clock;
use history::History;
use http::faults::Faults;
use http::journal::Journal;
use identity::Identity;
use options::Options;
use script::Script;
use switches::Switches;
use world::World;

/// Locks even after a panic elsewhere: one broken call must not take the sandbox down.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running sandbox, shared by all connections.
#[derive(Debug)]
pub struct Sandbox {
    seed: u64,
    initial_switches: Switches,
    initial_script: Option<Arc<Script>>,
    clock: Clock,
    world: Mutex<World>,
    history: History,
    faults: Mutex<Faults>,
    journal: Arc<Journal>,
    /// Rung when something falls due earlier than before.
    wake: Notify,
}

impl Sandbox {
    fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    /// Does something to the world, after everything that was due has happened.
    fn act<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world();
        world.run_until(self.clock.now());
        let next = world.timers.next();
        let result = act(&mut world);
        if world.timers.next() != next {
            self.wake.notify_one();
        }
        let finished = std::mem::take(&mut world.finished);
        drop(world);
        self.history.keep(finished);
        result
    }

    /// Everything as it was at the start, apart from the clock and the credentials.
    async fn reset(&self) -> Result<(), String> {
        self.world().reset(self.initial_switches.clone(), self.initial_script.clone());
        *self.faults() = Faults::new(self.seed);
        self.journal.clear();
        self.history.reset().await
    }

    /// Lets what falls due happen even when nobody asks.
    async fn run_timers(self: Arc<Self>) {
        loop {
            self.act(|_| ());
            let next = self.world().timers.next();
            let wait = next.filter(|_| !self.clock.is_frozen()).map(|next| (next - self.clock.now()).max(1));
            match wait {
                Some(ms) => {
                    let pause = tokio::time::sleep(Duration::from_millis(ms as u64));
                    tokio::select! { () = pause => {}, () = self.wake.notified() => {} }
                }
                None => self.wake.notified().await,
            }
        }
    }
}

/// Binds a port of loopback; gives its origin with it.
async fn listen(port: u16) -> Result<(TcpListener, String), String> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| format!("cannot listen on 127.0.0.1:{port}: {error}; --port 0 takes a free port"))?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    Ok((listener, format!("http://127.0.0.1:{port}")))
}

fn read_script(path: &Path) -> Result<Arc<Script>, String> {
    let wrong = |reason: String| format!("cannot use the script {}: {reason}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    script::read::script(&text).map(Arc::new).map_err(wrong)
}

/// Binds, generates the data and starts to serve. Gives the configuration, one line of JSON.
///
/// # Errors
///
/// When the port is taken or the data file cannot be used; the text says what to do.
pub async fn start(options: &Options) -> Result<String, String> {
    let (listener, origin) = listen(options.port).await?;
    let (shard, shard_origin) = listen(0).await?;
    let identity = Identity::new(options.seed, &options.account, origin, shard_origin);
    let history = History::open(options)?;
    let noon = options.base_date.map(|day| day + 12 * times::HOUR);
    let clock = Clock::new(noon);
    let now = noon.unwrap_or_else(|| clock.now());
    let config = identity.config(options.seed, &times::utc_text(now)).to_string();
    let switches = options.switches();
    let script = options.script.as_deref().map(read_script).transpose()?;
    let sandbox = Arc::new(Sandbox {
        seed: options.seed,
        initial_switches: switches.clone(),
        initial_script: script.clone(),
        clock,
        world: Mutex::new(World::new(options.seed, identity, switches, script, now)),
        history,
        faults: Mutex::new(Faults::new(options.seed)),
        journal: Arc::default(),
        wake: Notify::new(),
    });
    tokio::spawn(Arc::clone(&sandbox).run_timers());
    tokio::spawn(http::server::serve(listener, Arc::clone(&sandbox)));
    tokio::spawn(http::server::serve(shard, sandbox));
    Ok(config)
}
