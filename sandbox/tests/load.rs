//! What the sandbox carries: no cost of a chat grows with the number of chats.

mod common;

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use common::Sandbox;
use serde_json::json;

/// A keep-alive connection, as cheap as it can be: the sandbox is to be measured, not its client.
struct Connection {
    stream: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

impl Connection {
    fn new(sandbox: &Sandbox) -> Self {
        let stream = TcpStream::connect(sandbox.origin().trim_start_matches("http://")).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), line: String::new(), body: Vec::new() }
    }

    /// Sends a request and gives the status of its answer, and its `Location`.
    fn ask(&mut self, request: &str) -> (u16, String) {
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut status, mut length, mut location) = (0, 0, String::new());
        loop {
            self.line.clear();
            self.stream.read_line(&mut self.line).unwrap();
            let line = self.line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            } else if let Some(value) = line.strip_prefix("location: ") {
                value.clone_into(&mut location);
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).unwrap();
        (status, location)
    }
}

fn request(method: &str, path: &str, key: &str, body: &str) -> String {
    format!(
        "{method} {path}v=1&NC=true HTTP/1.1\r\nhost: sandbox\r\nauthorization: {key}\r\naccept: application/json\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Starts chats for a skill, and gives their paths.
fn start_chats(sandbox: &Sandbox, skill: &str, count: usize) -> Vec<String> {
    let mut connection = Connection::new(sandbox);
    let body = json!({"request": {"skill": skill, "interactionTimeout": 3600}}).to_string();
    let start = request("POST", "/api/account/12345678/chat/request.json?", &sandbox.key_header(), &body);
    let path = |(status, location): (u16, String)| {
        assert_eq!(status, 201);
        location.strip_prefix(sandbox.origin()).unwrap().to_owned()
    };
    (0..count).map(|_| path(connection.ask(&start))).collect()
}

/// The processor time that the sandbox has used so far. Other work on the machine does not count.
#[cfg(target_os = "linux")]
fn cpu(sandbox: &mut Sandbox) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", sandbox.child().id())).unwrap();
    let nanoseconds = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

#[cfg(target_os = "linux")]
#[test]
fn a_chat_costs_as_much_among_thousands_as_among_few() {
    const STEP: usize = 400;
    let mut sandbox =
        Sandbox::start(&["--engagements", "10", "--switch", "agent_max_chats=100", "--switch", "scripted_agent=off"]);
    let (bearer, session) = sandbox.agent("agent@example.com", "Online");
    let (mut costs, mut chats) = (Vec::new(), VecDeque::new());
    for _ in 0..8 {
        let before = cpu(&mut sandbox);
        chats.extend(start_chats(&sandbox, "Human", STEP));
        let mut connection = Connection::new(&sandbox);
        let incoming =
            request("GET", &format!("{}/incomingRequests?", session.strip_prefix(sandbox.origin()).unwrap()), &bearer, "");
        let end = json!({"event": {"@type": "state", "state": "ended"}}).to_string();
        // The oldest ring: each that ends lets another ring.
        for chat in chats.drain(..STEP / 2) {
            assert_eq!(connection.ask(&incoming).0, 200);
            assert_eq!(connection.ask(&request("POST", &format!("{chat}/events.json?"), &sandbox.key_header(), &end)).0, 201);
        }
        costs.push(cpu(&mut sandbox) - before);
    }
    let (first, last) = (costs[..2].iter().sum::<Duration>(), costs[6..].iter().sum::<Duration>());
    assert!(last < first * 2, "{costs:?}");
}
