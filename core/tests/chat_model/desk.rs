//! The agents who accept whatever rings, for all seeds of a sandbox. Who serves a chat then, the sandbox tells.

use std::time::Duration;

use lpchat::{AgentSession, AvailabilityState, Client, ClientOptions};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::sandbox::Sandbox;
use crate::script::USERS;

/// Nickname, login name, id. Source: the sandbox's users.
pub const AGENTS: [(&str, &str, &str); USERS] = [
    ("Alex", "agent@example.com", "311098910"),
    ("Robin", "agent2@example.com", "311098911"),
    ("Kim", "agent3@example.com", "311098912"),
];

/// Options of a client of this sandbox with pauses of milliseconds.
pub fn options(sandbox: &Sandbox) -> ClientOptions {
    let ms = Duration::from_millis;
    ClientOptions {
        sandbox: Some(sandbox.line.as_str().into()),
        poll_interval: Some(ms(60)),
        quiet_poll_interval: Some(ms(200)),
        line_quiet_time: Some(ms(150)),
        server_error_pauses: vec![ms(10), ms(20), ms(40)],
        throttle_pause: Some(ms(20)),
        attempt_timeout: Some(ms(2500)),
        timeout: Some(Duration::from_secs(30)),
        ..ClientOptions::default()
    }
}

/// A client of one of the agents.
pub fn client_of(sandbox: &Sandbox, agent: usize) -> Client {
    let mut line: Value = serde_json::from_str(&sandbox.line).unwrap();
    line["username"] = json!(AGENTS[agent].1);
    Client::new(ClientOptions { sandbox: Some(line.to_string().into()), ..options(sandbox) }).unwrap()
}

/// Whoever accepts is told of failures too.
const FAULTS: [(&str, &str, f64, &str); 4] = [
    ("agent.accept", "after", 0.05, "reset"),
    ("agent.accept", "before", 0.05, "reset"),
    ("agent.accept", "after", 0.05, "garbage"),
    ("agent.incoming", "before", 0.02, "reset"),
];

#[derive(Debug)]
pub struct Desk(#[allow(dead_code, reason = "dropping it ends the work")] JoinSet<()>);

impl Desk {
    pub async fn open(sandbox: &Sandbox) -> Self {
        let mut work = JoinSet::new();
        for agent in 0..USERS {
            let client = client_of(sandbox, agent);
            let session = client.agent().start_session_async(None).await.unwrap();
            session.set_availability_async(AvailabilityState::Online, None, None).await.unwrap();
            work.spawn(async move {
                let _client = client;
                accept_all(&session).await;
            });
        }
        let plan = |(route, stage, ratio, action): &(&str, &str, f64, &str)| json!({ "route": route, "stage": stage, "ratio": ratio, "action": { (*action): true } });
        sandbox.admin("POST", "/admin/faults", &FAULTS.iter().map(plan).collect());
        Self(work)
    }
}

async fn accept_all(session: &AgentSession) {
    loop {
        let ring = session.next_ring_async(Some(Duration::from_millis(300)), None).await;
        while let Ok(Some(_)) = session.accept_chat_async(None).await {}
        if matches!(ring, Ok(None)) {
            // A ring that was missed has set the agent to Away. Failures come to the same as trying again.
            let _ = session.set_availability_async(AvailabilityState::Online, None, None).await;
        }
    }
}
