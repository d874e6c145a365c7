//! A sandbox process and a small HTTP client, shared by all tests.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::{Request, Response};
use ureq::{Agent, Body};

pub const BASE_DATE: &str = "2026-11-22";
/// The first millisecond of [`BASE_DATE`].
pub const BASE: i64 = 1_795_305_600_000;
pub const DAY: i64 = 86_400_000;

pub struct Sandbox {
    child: Child,
    stdin: Option<ChildStdin>,
    pub config_line: String,
    pub config: Value,
    agent: Agent,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
    pub location: String,
    pub cookies: Vec<String>,
    pub content_type: String,
    pub date: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The message and code of the service's error body.
    pub fn error(&self) -> (i64, String) {
        let error = &self.json()["error"];
        (error["internalCode"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
    }
}

pub fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_lpchat-sandbox"))
}

impl Sandbox {
    pub fn start(options: &[&str]) -> Self {
        Self::today(&[&["--base-date", BASE_DATE], options].concat())
    }

    /// A sandbox whose clock is the machine's.
    pub fn today(options: &[&str]) -> Self {
        let mut child = command().args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut config_line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut config_line).unwrap();
        let config = serde_json::from_str(&config_line).unwrap();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .new_agent();
        Self { stdin: child.stdin.take(), child, config_line, config, agent }
    }

    /// A sandbox whose clock stands still, so that every timer is under control.
    pub fn frozen(options: &[&str]) -> Self {
        let sandbox = Self::start(options);
        sandbox.post("/admin/clock", &json!({"freeze": true, "set": format!("{BASE_DATE}T12:00:00Z")})).expect(200);
        sandbox
    }

    pub fn text(&self, name: &str) -> &str {
        self.config[name].as_str().unwrap()
    }

    pub fn origin(&self) -> &str {
        self.text("domain_origin")
    }

    /// The second address of the same account.
    pub fn shard(&self) -> &str {
        self.config["origins"][1].as_str().unwrap()
    }

    /// `/api/account/12345678` and what follows.
    pub fn account(&self, path: &str) -> String {
        format!("{}/api/account/{}{path}", self.origin(), self.text("account_id"))
    }

    pub fn send(&self, method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, ureq::Error> {
        let url = if url.starts_with("http") { url.to_owned() } else { format!("{}{url}", self.origin()) };
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = if body.is_empty() && method != "POST" {
            self.agent.run(request.body(()).unwrap())?
        } else {
            self.agent.run(request.body(body).unwrap())?
        };
        read(response)
    }

    pub fn call(&self, method: &str, url: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let mut all = vec![("content-type", "application/json"), ("accept", "application/json")];
        all.extend(headers);
        self.send(method, url, &all, &body).unwrap()
    }

    pub fn get(&self, url: &str) -> Answer {
        self.call("GET", url, &[], &Value::Null)
    }

    pub fn post(&self, url: &str, body: &Value) -> Answer {
        self.call("POST", url, &[], body)
    }

    pub fn switch(&self, name: &str, value: &str) {
        self.post("/admin/switches", &json!({ name: value })).expect(200);
    }

    pub fn advance(&self, ms: i64) {
        self.post("/admin/clock", &json!({ "advance_ms": ms })).expect(200);
    }

    pub fn fault(&self, plan: &Value) {
        self.post("/admin/faults", plan).expect(200);
    }

    pub fn journal(&self) -> Vec<Value> {
        self.get("/admin/requests").json().as_array().unwrap().clone()
    }

    // The visitor's side.

    pub fn key_header(&self) -> String {
        format!("LivePerson appKey={}", self.text("app_key"))
    }

    pub fn visitor(&self, method: &str, url: &str, body: &Value) -> Answer {
        let joint = if url.contains('?') { '&' } else { '?' };
        self.call(method, &format!("{url}{joint}v=1&NC=true"), &[("authorization", &self.key_header())], body)
    }

    /// Starts a chat and gives its URL.
    pub fn start_chat(&self, request: &Value) -> String {
        let url = self.account("/chat/request");
        self.visitor("POST", &url, &json!({ "request": request })).expect(201).location
    }

    pub fn say(&self, chat: &str, text: &str) -> Answer {
        self.visitor("POST", &format!("{chat}/events"), &json!({"event": {"@type": "line", "text": text}}))
    }

    pub fn events(&self, chat: &str, from: usize) -> Vec<Value> {
        many(&self.visitor("GET", &format!("{chat}/events?from={from}"), &Value::Null).expect(200).json()["events"]["event"])
    }

    // The agent's side.

    pub fn log_in(&self, user: &str) -> Answer {
        let body = json!({"username": user, "password": self.text("password")});
        self.post(&self.account("/login?v=1.3"), &body)
    }

    /// Logs in, starts an agent session with this availability; gives bearer and session URL.
    pub fn agent(&self, user: &str, availability: &str) -> (String, String) {
        let bearer = format!("Bearer {}", self.log_in(user).expect(200).json()["bearer"].as_str().unwrap());
        let started = self.agent_call("POST", &bearer, &self.account("/agentSession"), &json!({"loginData": ""}));
        let link = &started.expect(201).json()["agentSessionLocation"]["link"]["@href"];
        let session = link.as_str().unwrap().to_owned();
        self.set_availability(&bearer, &session, availability).expect(200);
        (bearer, session)
    }

    pub fn set_availability(&self, bearer: &str, session: &str, chat: &str) -> Answer {
        self.put(bearer, &format!("{session}/availability"), &json!({"availability": {"chat": chat}}))
    }

    pub fn agent_call(&self, method: &str, bearer: &str, url: &str, body: &Value) -> Answer {
        let joint = if url.contains('?') { '&' } else { '?' };
        self.call(method, &format!("{url}{joint}v=1&NC=true"), &[("authorization", bearer)], body)
    }

    /// An update, sent as POST with the override header.
    pub fn put(&self, authorization: &str, url: &str, body: &Value) -> Answer {
        let headers = [("authorization", authorization), ("x-http-method-override", "PUT")];
        self.call("POST", &format!("{url}?v=1&NC=true"), &headers, body)
    }

    pub fn accept(&self, bearer: &str, session: &str) -> String {
        let answer = self.agent_call("POST", bearer, &format!("{session}/incomingRequests"), &json!({})).expect(201);
        answer.json()["chatLocation"]["link"]["@href"].as_str().unwrap().to_owned()
    }

    pub fn ringing(&self, bearer: &str, session: &str) -> String {
        let answer = self.agent_call("GET", bearer, &format!("{session}/incomingRequests"), &Value::Null);
        answer.expect(200).json()["incomingRequests"]["ringingCount"].as_str().unwrap().to_owned()
    }

    // The history.

    pub fn app_token(&self) -> String {
        let body = format!(
            "client_id={}&client_secret={}&grant_type=client_credentials",
            self.text("client_id"),
            self.text("client_secret")
        );
        let path = format!("/sentinel/api/v2/account/{}/app/token", self.text("account_id"));
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.send("POST", &path, &headers, body.as_bytes()).unwrap().expect(200);
        format!("Bearer {}", answer.json()["access_token"].as_str().unwrap())
    }

    pub fn search(&self, authorization: &str, query: &str, body: &Value) -> Answer {
        let account = self.text("account_id");
        let path = format!("/interaction_history/api/account/{account}/interactions/search?{query}");
        self.call("POST", &path, &[("authorization", authorization)], body)
    }

    // The process.

    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Everything printed after the configuration.
    pub fn rest_of_stdout(&mut self) -> String {
        let mut rest = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        rest
    }

    /// Sends a request as raw bytes and gives the connection.
    pub fn raw(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.origin().trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(mut response: Response<Body>) -> Result<Answer, ureq::Error> {
    let header = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (location, content_type, date) = (header("location"), header("content-type"), header("date"));
    let cookies = response.headers().get_all("set-cookie").iter();
    let cookies = cookies.map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned()).collect();
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(64 << 20).read_to_string()?;
    Ok(Answer { status, text, location, cookies, content_type, date })
}

/// A list in any of its forms.
pub fn many(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    }
}

pub fn names(value: &Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}
