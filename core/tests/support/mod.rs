//! What the tests of the network layers share: a scripted server, a virtual clock, an environment made of maps.

#![allow(dead_code, reason = "each test binary uses its part")]

pub mod clock;
pub mod server;
pub mod tls;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lpchat::environment::{Environment, Files, Randomness, Variables};
use lpchat::{Client, ClientOptions, LpchatError};
use serde_json::{Value, json};

pub use clock::VirtualClock;
pub use server::{Reply, Server};

pub const ACCOUNT: &str = "70481526";
pub const SERVICES: [&str; 4] = ["conversationVep", "agentVep", "engHistDomain", "sentinel"];

/// Every number is the middle of the range: jitter of ±20 % comes to nothing, that of +20 % to a tenth.
struct Middle;

impl Randomness for Middle {
    fn next(&self) -> u64 {
        1 << 63
    }
}

/// Numbers that never repeat.
#[derive(Default)]
pub struct Counting(AtomicU64);

impl Randomness for Counting {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Files and variables from maps; counts what is read.
#[derive(Default)]
pub struct Maps {
    pub files: HashMap<PathBuf, String>,
    pub variables: HashMap<String, String>,
    pub reads: AtomicU64,
}

impl Files for Maps {
    fn read(&self, path: &Path) -> io::Result<String> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Variables for Maps {
    fn get(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

/// An environment of `clock`, with nothing outside.
pub fn environment(clock: &Arc<VirtualClock>) -> Environment {
    let maps = Arc::new(Maps::default());
    Environment {
        clock: Arc::<VirtualClock>::clone(clock),
        randomness: Arc::new(Middle),
        files: Arc::<Maps>::clone(&maps),
        variables: maps,
        names: None,
    }
}

/// The line by which a client trusts `origins`, with further members.
pub fn line(origins: &[&Server], members: &Value) -> String {
    let origins: Vec<String> = origins.iter().map(|server| server.origin()).collect();
    let mut line = json!({ "kind": "lpchat-sandbox", "account_id": ACCOUNT, "origins": origins, "domain_origin": origins[0] });
    line.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    line.to_string()
}

/// Options of a client of `server`, with an application key and without look-ups.
pub fn options(server: &Server) -> ClientOptions {
    with_credentials(server, &json!({ "app_key": "key-of-the-application" }))
}

/// Options of a client of `server` with these credentials, without look-ups.
pub fn with_credentials(server: &Server, credentials: &Value) -> ClientOptions {
    ClientOptions {
        sandbox: Some(line(&[server], credentials).into()),
        domains: SERVICES.iter().map(|name| ((*name).to_owned(), server.host())).collect(),
        ..ClientOptions::default()
    }
}

/// A client and the clock it lives by.
pub fn client(options: ClientOptions) -> (Client, Arc<VirtualClock>) {
    let clock = VirtualClock::new();
    (Client::with_environment(options, environment(&clock)).unwrap(), clock)
}

/// Waits, in real time and not for long, until `done`.
#[track_caller]
pub fn until(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(10), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The name of an error's code.
pub fn name<T: std::fmt::Debug>(outcome: Result<T, LpchatError>) -> String {
    match outcome {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.code().name().to_owned(),
    }
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// An answer to a request for a chat's information.
pub fn information() -> Reply {
    Reply::json(&json!({ "info": { "state": "chatting" } }))
}

/// The list of services, all on `host`.
pub fn services(host: &str) -> Reply {
    let list: Vec<Value> = SERVICES.iter().map(|name| json!({ "service": name, "account": ACCOUNT, "baseURI": host })).collect();
    Reply::json(&json!({ "baseURIs": list }))
}
