//! Everything that happens in the account apart from its history, behind one lock.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use crate::chat::roster::Roster;
use crate::chat::{Chat, documents, engine};
use crate::identity::{Agent, Identity};
use crate::random::Random;
use crate::script::Script;
use crate::services::authorization::Code;
use crate::switches::{Switch, Switches};
use crate::timers::{Due, Timers};
use crate::times::SECOND;

/// A user's login (docs/protocol/authentication.md, "Log in: response 200").
#[derive(Debug, Clone)]
pub struct Login {
    pub user: &'static Agent,
    pub csrf: String,
    pub cookie: String,
    pub expires: i64,
}

/// docs/protocol/agent-chat-api.md, "Agent session".
#[derive(Debug)]
pub struct AgentSession {
    pub id: String,
    pub bearer: String,
    pub user: &'static Agent,
    pub cookie: String,
    pub availability: String,
    pub reason: Option<String>,
    pub last_request: i64,
    /// When the availability was last set.
    pub since: i64,
}

#[derive(Debug)]
pub struct World {
    pub now: i64,
    pub seed: u64,
    pub identity: Identity,
    pub switches: Switches,
    /// What scripted agents do; without one they answer in their own words.
    pub script: Option<Arc<Script>>,
    pub chats: Vec<Chat>,
    by_key: HashMap<String, usize>,
    by_visit: HashMap<String, usize>,
    pub roster: Roster,
    pub sessions: BTreeMap<String, AgentSession>,
    /// By bearer.
    pub logins: HashMap<String, Login>,
    pub last_login: HashMap<&'static str, i64>,
    /// OAuth 2.0 tokens: expiry and scope.
    pub app_tokens: HashMap<String, (i64, &'static str)>,
    /// OAuth 2.0 authorization codes that can still be exchanged.
    pub codes: HashMap<String, Code>,
    /// Codes that need no browser, once exchanged.
    pub used_codes: BTreeSet<String>,
    /// OAuth 2.0 refresh tokens, and whose they are.
    pub refresh_tokens: HashMap<String, &'static Agent>,
    /// OAuth 1.0 nonces used within the time window, with their timestamps.
    pub nonces: BTreeSet<(i64, String)>,
    /// Authenticated visitors: participant to conversation.
    pub participants: HashMap<String, String>,
    /// App Engagement visits: visitor to session.
    pub visits: HashMap<String, String>,
    pub timers: Timers,
    /// Records of ended chats on their way into the history.
    pub finished: Vec<Value>,
    issued: HashMap<&'static str, u64>,
}

impl World {
    pub fn new(seed: u64, identity: Identity, switches: Switches, script: Option<Arc<Script>>, now: i64) -> Self {
        Self {
            now,
            seed,
            identity,
            switches,
            script,
            chats: Vec::new(),
            by_key: HashMap::new(),
            by_visit: HashMap::new(),
            roster: Roster::default(),
            sessions: BTreeMap::new(),
            logins: HashMap::new(),
            last_login: HashMap::new(),
            app_tokens: HashMap::new(),
            codes: HashMap::new(),
            used_codes: BTreeSet::new(),
            refresh_tokens: HashMap::new(),
            nonces: BTreeSet::new(),
            participants: HashMap::new(),
            visits: HashMap::new(),
            timers: Timers::default(),
            finished: Vec::new(),
            issued: HashMap::new(),
        }
    }

    /// Where chats and agent sessions live: at the address that the directory names, or at a shard.
    pub fn home_url(&self) -> String {
        if self.switches.is_on(Switch::ShardLinks) { self.identity.shard_url() } else { self.identity.account_url() }
    }

    /// The next stream of random values for a kind of id: the same ids in the same order for the same seed.
    pub fn issue(&mut self, kind: &'static str) -> (u64, Random) {
        let count = self.issued.entry(kind).or_default();
        *count += 1;
        (*count, Random::new(self.seed, kind, *count))
    }

    /// Runs everything that fell due, each at its own time and in order, and arrives at `now`.
    pub fn run_until(&mut self, now: i64) {
        while let Some((at, due)) = self.timers.take(now) {
            self.now = self.now.max(at);
            self.happen(due);
        }
        self.now = now;
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::ChatIdle { chat } => engine::idle(self, chat),
            Due::MaxWait { chat } => engine::max_wait_elapsed(self, chat),
            Due::ScriptedAccept { chat } => crate::chat::scripted::accept(self, chat),
            Due::ScriptStep(run) => crate::chat::scripted::proceed(self, run),
            Due::RingTimeout { chat, ring } => crate::chat::queue::ring_timed_out(self, chat, ring),
            Due::SessionIdle { session } => self.session_idle(&session),
            Due::IntoHistory { chat } => crate::history::live::keep(self, chat),
        }
    }

    fn session_idle(&mut self, id: &str) {
        let Some(session) = self.sessions.get(id) else { return };
        let due = session.last_request + self.switches.number(Switch::AgentSessionIdleS) * SECOND;
        if due <= self.now {
            crate::chat::queue::close_session(self, id);
        } else {
            self.timers.set(due, Due::SessionIdle { session: id.to_owned() });
        }
    }

    pub fn insert_chat(&mut self, chat: Chat) -> usize {
        let position = self.chats.len();
        self.by_key.insert(chat.key.clone(), position);
        self.by_visit.insert(documents::visit_id(&chat.key), position);
        self.chats.push(chat);
        position
    }

    /// A chat that can still be addressed.
    pub fn find_chat(&self, key: &str) -> Option<usize> {
        self.by_key.get(key).copied().filter(|position| !self.chats[*position].gone)
    }

    /// The chat that belongs to a visit id.
    pub fn find_visit(&self, id: &str) -> Option<usize> {
        self.by_visit.get(id).copied()
    }

    /// The login of a bearer that has not expired.
    pub fn login(&self, bearer: &str) -> Option<&Login> {
        self.logins.get(bearer).filter(|login| login.expires > self.now)
    }

    /// Forgets chats, sessions, logins and tokens; ids start again.
    pub fn reset(&mut self, switches: Switches, script: Option<Arc<Script>>) {
        *self = Self::new(self.seed, self.identity.clone(), switches, script, self.now);
    }
}
