//! A chat service in a few lines: it keeps events, answers reads from a cursor and takes lines, with faults where a test
//! wants them, and notes at which virtual time it was asked.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use lpchat::{Client, ClientOptions, VisitorChat};
use serde_json::{Value, json};

use crate::support::server::{Asked, wait_for_disconnect};
use crate::support::{Reply, Server, VirtualClock, environment, with_credentials};

/// What happens to one request instead of an answer, or after its effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    Status(u16),
    RetryAfter(u16, u64),
    Reset,
    Truncated,
    Garbage,
    Silence,
    /// As usual.
    None,
}

impl Fault {
    fn reply(self) -> Option<Reply> {
        Some(match self {
            Self::Status(status) => Reply::status(status),
            Self::RetryAfter(status, seconds) => Reply::status(status).header("Retry-After", &seconds.to_string()),
            Self::Reset => Reply::Reset,
            Self::Truncated => Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"chat\":{".to_vec()),
            Self::Garbage => Reply::text(200, "<html>not this</html>"),
            Self::Silence => Reply::Silence,
            Self::None => return None,
        })
    }
}

/// What becomes of one line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Post {
    pub happens: bool,
    pub then: Fault,
}

pub struct Chat {
    pub events: Vec<Value>,
    pub state: &'static str,
    pub timeout: i64,
    pub agent_typing: &'static str,
    /// Events with these ids are held back from reads.
    pub hidden: Vec<i64>,
    pub posts: VecDeque<Post>,
    /// What the visitor said about typing.
    pub typing: Vec<String>,
    /// The service names the event of a line.
    pub names_event: bool,
}

impl Default for Chat {
    fn default() -> Self {
        let mut chat = Self {
            events: Vec::new(),
            state: "waiting",
            timeout: 40,
            agent_typing: "not-typing",
            hidden: Vec::new(),
            posts: VecDeque::new(),
            typing: Vec::new(),
            names_event: true,
        };
        chat.enter("waiting");
        chat
    }
}

impl Chat {
    pub fn enter(&mut self, state: &'static str) {
        self.state = state;
        self.push(json!({ "@type": "state", "state": state }));
    }

    /// So many lines of the agent: 0, 1, …
    pub fn lines_of_agent(&mut self, number: usize) {
        for number in 0..number {
            self.line("agent", number.to_string());
        }
    }

    pub fn line(&mut self, source: &str, text: impl Into<Value>) -> i64 {
        self.push(json!({ "@type": "line", "text": text.into(), "source": source, "textType": "plain" }))
    }

    fn push(&mut self, mut event: Value) -> i64 {
        let id = self.events.len() as i64;
        event["@id"] = id.to_string().into();
        self.events.push(event);
        id
    }

    /// The lines of this source, as they stand at the service.
    pub fn lines(&self, source: &str) -> Vec<String> {
        let own = self.events.iter().filter(|event| event["source"] == source);
        own.map(|event| event["text"].as_str().map_or_else(|| event["text"].to_string(), str::to_owned)).collect()
    }

    fn document(&self, from: i64) -> Value {
        let shown: Vec<&Value> = self
            .events
            .iter()
            .enumerate()
            .filter(|(id, _)| *id as i64 >= from && !self.hidden.contains(&(*id as i64)))
            .map(|(_, event)| event)
            .collect();
        let next = format!("http://h/chat/x/events?from={}", self.events.len());
        json!({
            "link": [{ "@href": "http://h/chat/x", "@rel": "self" }],
            "events": { "link": [{ "@href": next, "@rel": "next" }], "event": shown },
            "info": self.information()
        })
    }

    fn information(&self) -> Value {
        json!({
            "state": self.state, "chatTimeout": self.timeout, "rtSessionId": 4_294_967_522_i64,
            "agentTyping": self.agent_typing, "visitorTyping": "not-typing",
        })
    }
}

/// A read that came, and when.
#[derive(Debug, Clone)]
pub struct Poll {
    pub chat: String,
    pub at: Duration,
    pub information: bool,
}

#[derive(Default)]
pub struct World {
    chats: HashMap<String, Chat>,
    /// What becomes of the next reads, of one chat (by id) or of any (empty id).
    pub faults: VecDeque<(String, Fault)>,
    /// What becomes of all reads until further notice.
    pub all_reads: Option<Fault>,
    pub polls: Vec<Poll>,
    pub posts: usize,
    /// What is posted takes effect so much later, in real time, whatever became of its sender.
    pub post_delay: Duration,
    /// Requests that were never answered.
    silences: usize,
    pub desk: Desk,
}

/// Login and agent sessions.
#[derive(Default)]
pub struct Desk {
    /// Every login gives a bearer of this number; others are refused.
    pub bearer: usize,
    pub refreshes: usize,
    pub session: usize,
    /// What was asked of the sessions, in order: session and resource.
    pub asked: Vec<String>,
    pub availability: Vec<String>,
    pub ringing: usize,
    pub logins_refused: bool,
}

impl Desk {
    /// The login and all that was made with it ends.
    pub fn end_login(&mut self) {
        self.bearer += 1000;
        self.session += 1000;
    }

    /// The session ends, the login does not.
    pub fn end_session(&mut self) {
        self.session += 1000;
    }
}

/// What a request to login or session is answered; nothing where it is about a chat of a session that is alive.
fn at_the_desk(asked: &Asked, desk: &mut Desk) -> Option<Reply> {
    let path = asked.path();
    if path.ends_with("/login") {
        if desk.logins_refused {
            return Some(Reply::status(401));
        }
        desk.bearer += 1;
        let body = json!({ "bearer": format!("bearer-{}", desk.bearer), "csrf": "c", "sessionTTl": "600000", "config": { "userId": "1" } });
        return Some(Reply::json(&body));
    }
    if path.ends_with("/refresh") || path.ends_with("/logout") {
        desk.refreshes += usize::from(path.ends_with("/refresh"));
        return Some(Reply::json(&json!({})));
    }
    let resource = path.split("/agentSession").nth(1)?;
    if asked.header("authorization") != Some(&format!("Bearer bearer-{}", desk.bearer)) {
        return Some(Reply::text(401, "oauth_problem=token_rejected&oauth_problem_advice=no"));
    }
    if resource.is_empty() {
        desk.session += 1;
        let href = format!("http://{}/api/account/1/agentSession/{}", asked.header("host").unwrap(), desk.session);
        return Some(Reply::text(201, &json!({ "agentSessionLocation": { "link": { "@href": href } } }).to_string()));
    }
    desk.asked.push(resource[1..].to_owned());
    let (session, resource) = resource[1..].split_once('/').unwrap_or((&resource[1..], ""));
    if session != desk.session.to_string() {
        return Some(Reply::status(404));
    }
    match resource {
        "incomingRequests" => Some(Reply::json(&json!({ "incomingRequests": { "ringingCount": desk.ringing.to_string() } }))),
        "availability" => {
            desk.availability.push(asked.json()["availability"]["chat"].as_str().unwrap_or("read").to_owned());
            Some(Reply::json(&json!({ "availability": { "chat": "Online" } })))
        }
        _ => None,
    }
}

impl World {
    pub fn chat(&mut self, id: &str) -> &mut Chat {
        self.chats.entry(id.to_owned()).or_default()
    }

    pub fn faults(&mut self, id: &str, faults: impl IntoIterator<Item = Fault>) {
        self.faults.extend(faults.into_iter().map(|fault| (id.to_owned(), fault)));
    }

    fn fault_of(&mut self, id: &str) -> Option<Fault> {
        let at = self.faults.iter().position(|(of, _)| of.is_empty() || of == id);
        at.and_then(|at| self.faults.remove(at)).map(|(_, fault)| fault).or(self.all_reads)
    }
}

pub struct Service {
    pub server: Server,
    pub clock: Arc<VirtualClock>,
    world: Arc<Mutex<World>>,
}

impl Service {
    pub fn start() -> Self {
        let (world, clock) = (Arc::new(Mutex::new(World::default())), VirtualClock::new());
        let (known, time) = (Arc::clone(&world), Arc::clone(&clock));
        let server = Server::start(move |asked| {
            if asked.method == "POST" {
                let delay = known.lock().unwrap().post_delay;
                std::thread::sleep(delay);
            }
            answer(asked, &mut known.lock().unwrap(), &time)
        });
        Self { server, clock, world }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub fn client(&self) -> Client {
        self.client_with(ClientOptions::default())
    }

    pub fn client_with(&self, options: ClientOptions) -> Client {
        let credentials = json!({ "app_key": "key-of-the-application", "username": "agent", "password": "word-of-the-agent" });
        let own = with_credentials(&self.server, &credentials);
        let options = ClientOptions { sandbox: own.sandbox, domains: own.domains, ..options };
        Client::with_environment(options, environment(&self.clock)).unwrap()
    }

    pub fn chat(&self, client: &Client, id: &str) -> VisitorChat {
        self.world().chat(id);
        client.visitor().chat(id.into()).unwrap()
    }

    /// A chat in which an agent is.
    pub fn chatting(&self, client: &Client, id: &str) -> VisitorChat {
        self.world().chat(id).enter("chatting");
        client.visitor().chat(id.into()).unwrap()
    }

    /// The polls of one chat so far, in virtual milliseconds.
    pub fn polls(&self, id: &str) -> Vec<u128> {
        self.world().polls.iter().filter(|poll| poll.chat == id).map(|poll| poll.at.as_millis()).collect()
    }

    /// Waits until everything that is due has happened, apart from polls that the service leaves without an answer.
    #[track_caller]
    pub fn settle(&self, client: &Client) {
        let begun = Instant::now();
        let mut calm = 0;
        while calm < 3 {
            assert!(begun.elapsed() < Duration::from_secs(20), "polls do not end");
            let silent = self.world().silences as i64 - self.server.disconnects() as i64;
            let idle = self.clock.is_caught_up() && client.metrics().polls_in_flight == silent;
            calm = if idle { calm + 1 } else { 0 };
            let_others_run(client);
        }
    }

    /// Lets virtual time pass in small steps, each of which waits until the polls that are due have ended, until `done`.
    #[track_caller]
    pub fn pass(&self, client: &Client, longest: Duration, step: Duration, done: impl Fn() -> bool) -> bool {
        let end = self.clock.time() + longest;
        loop {
            self.settle(client);
            if done() {
                return true;
            }
            if self.clock.time() >= end {
                return false;
            }
            self.clock.advance(step);
        }
    }

    /// Waits until so many chats are polled.
    pub fn lives(&self, client: &Client, chats: i64) {
        crate::support::until("the chats live", || client.metrics().live_chats == chats);
        self.settle(client);
    }

    /// Lets so much virtual time pass.
    pub fn elapse(&self, client: &Client, time: Duration) {
        self.pass(client, time, Duration::from_millis(100), || false);
    }

    /// Lets time pass until the call ends.
    #[track_caller]
    pub fn wait<T: Send + 'static>(&self, client: &Client, call: lpchat::Call<T>) -> lpchat::Result<T> {
        let outcome = Mutex::new(None);
        // While time passes somebody must do the call's work: this thread has no time for it.
        let (sender, receiver) = std::sync::mpsc::channel();
        call.on_complete(move |outcome| sender.send(outcome).unwrap());
        let ended = || {
            let mut outcome = outcome.lock().unwrap();
            if outcome.is_none() {
                *outcome = receiver.recv_timeout(Duration::from_millis(1)).ok();
            }
            outcome.is_some()
        };
        assert!(self.pass(client, Duration::from_secs(900), Duration::from_millis(250), ended), "the call never ends");
        outcome.into_inner().unwrap().unwrap()
    }
}

/// Comes back when the client's worker has had a turn at everything that was due before, however busy the machine is: its
/// own turn comes after. What it asks for is refused without a request.
fn let_others_run(client: &Client) {
    let refused = client.visitor().chat("H0K0".into()).unwrap().keep_in_file("".into());
    assert!(refused.is_err());
}

fn answer(asked: &Asked, world: &mut World, clock: &VirtualClock) -> Reply {
    if let Some(reply) = at_the_desk(asked, &mut world.desk) {
        return reply;
    }
    let path = asked.path().trim_end_matches(".json").to_owned();
    let mut segments = path.split("/chat/").nth(1).unwrap_or("").splitn(2, '/');
    let (id, resource) = (segments.next().unwrap_or("").to_owned(), segments.next().unwrap_or(""));
    if asked.method == "POST" {
        return posted(asked, world, &id);
    }
    let from = asked.url().query_pairs().find(|(name, _)| name == "from").and_then(|(_, value)| value.parse().ok());
    world.polls.push(Poll { chat: id.clone(), at: clock.time(), information: resource == "info" });
    let fault = world.fault_of(&id);
    world.silences += usize::from(fault == Some(Fault::Silence));
    if let Some(reply) = fault.and_then(Fault::reply) {
        return reply;
    }
    let Some(chat) = world.chats.get(&id) else { return Reply::status(404) };
    match resource {
        "" => Reply::json(&json!({ "chat": chat.document(from.unwrap_or(0)) })),
        "events" => Reply::json(&json!({ "events": chat.document(from.unwrap_or(0))["events"] })),
        _ => Reply::json(&json!({ "info": chat.information() })),
    }
}

fn posted(asked: &Asked, world: &mut World, id: &str) -> Reply {
    world.posts += 1;
    let Some(chat) = world.chats.get_mut(id) else { return Reply::status(404) };
    if let Some(state) = asked.json()["visitorTyping"].as_str() {
        chat.typing.push(state.to_owned());
        return chat.posts.pop_front().and_then(|post| post.then.reply()).unwrap_or_else(|| Reply::status(200));
    }
    let event = asked.json()["event"].clone();
    let post = chat.posts.pop_front().unwrap_or(Post { happens: true, then: Fault::None });
    let mut place = None;
    if event["@type"] == "state" {
        if post.happens {
            chat.enter("ended");
        }
    } else if chat.state != "chatting" {
        return Reply::text(400, r#"{"error":{"message":"Cannot add line while not in chat","internalCode":5}}"#);
    } else if post.happens {
        let text = event["text"].as_str().unwrap_or_default();
        // As the service does with digits.
        let text = text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from);
        let source = if asked.path().contains("/agentSession/") { "agent" } else { "visitor" };
        place = Some(chat.line(source, text));
    }
    if post.then == Fault::Silence {
        // Not one of the polls that are counted.
        return Reply::script(wait_for_disconnect);
    }
    if let Some(reply) = post.then.reply() {
        return reply;
    }
    match place.filter(|_| chat.names_event) {
        Some(event) => {
            let host = asked.header("host").unwrap();
            Reply::status(201).header("Location", &format!("http://{host}/api/account/1/chat/{id}/events/{event}"))
        }
        None => Reply::status(201),
    }
}
