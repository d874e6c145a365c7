//! Many chats of one client for a long time, with faults: memory stays flat, no chat misses its keep-alive, threads and
//! sockets are bounded, and all lines come.
//!
//! `LPCHAT_SOAK_SECONDS` says how long 2,000 chats live; without it a few live for a moment.

#![allow(clippy::print_stderr, reason = "a soak says what it has measured")]

#[path = "support/random.rs"]
mod random;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lpchat::{ChatEventType, ChatRequest, Client, ClientOptions, Code, EventStream, LineSource, VisitorChat};
use random::Random;
use sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Seconds without a request after which the service gives a chat up.
const IDLE_LIMIT: i64 = 20;
/// A chat sends a line every so many poll intervals.
const LINES_EVERY: u32 = 15;
const MOST_THREADS: usize = 24;

struct Plan {
    chats: usize,
    time: Duration,
    poll: Duration,
    /// So many polls may be under way at once, beside three fifths as many other requests.
    polls: i32,
    /// Half as many again, and more on a busy machine: connections are opened while others are about to come back.
    sockets: usize,
    /// What resident memory may grow by between the second quarter of the time and the last.
    growth: u64,
}

impl Plan {
    fn new() -> Self {
        match std::env::var("LPCHAT_SOAK_SECONDS") {
            Ok(seconds) => {
                let time = Duration::from_secs(seconds.parse().expect("LPCHAT_SOAK_SECONDS is a number"));
                Self { chats: 2000, time, poll: Duration::from_secs(2), polls: 40, sockets: 96, growth: 4 << 20 }
            }
            Err(_) => {
                let (time, poll) = (Duration::from_secs(6), Duration::from_millis(200));
                Self { chats: 100, time, poll, polls: 10, sockets: 48, growth: 16 << 20 }
            }
        }
    }
}

/// What all chats have come to.
#[derive(Default)]
struct Totals {
    taken: AtomicU64,
    unknown: AtomicU64,
    refused: AtomicU64,
    answers: AtomicU64,
    degraded: AtomicU64,
    over: AtomicBool,
    complaints: Mutex<Vec<String>>,
}

impl Totals {
    fn complain(&self, complaint: String) {
        self.complaints.lock().unwrap().push(complaint);
    }
}

fn faults() -> Value {
    let plan = |route: &str, ratio: f64, stage: &str, action: Value| json!({ "route": route, "ratio": ratio, "stage": stage, "action": action });
    json!([
        plan("visitor.chat", 0.005, "before", json!({ "status": 503 })),
        plan("visitor.chat", 0.003, "after", json!({ "reset": true })),
        plan("visitor.chat", 0.002, "before", json!({ "truncate": 200 })),
        plan("visitor.chat", 0.002, "before", json!({ "garbage": true })),
        plan("visitor.chat", 0.01, "before", json!({ "delay_ms": 200, "jitter_ms": 400 })),
        plan("visitor.chat", 0.0002, "before", json!({ "status": 429 })),
        plan("visitor.chat", 0.003, "before", json!({ "from_start": true })),
        plan("visitor.add_event", 0.02, "after", json!({ "reset": true })),
        plan("visitor.add_event", 0.02, "before", json!({ "status": 503 })),
        plan("visitor.add_event", 0.01, "before", json!({ "status": 504, "late_ms": 300 })),
    ])
}

fn client(sandbox: &Sandbox, plan: &Plan) -> Client {
    let options = ClientOptions {
        sandbox: Some(sandbox.line.as_str().into()),
        poll_interval: Some(plan.poll),
        quiet_poll_interval: Some(plan.poll * 5 / 2),
        line_quiet_time: Some(plan.poll * 2),
        poll_concurrency: Some(plan.polls),
        ..ClientOptions::default()
    };
    Client::new(options).unwrap()
}

/// Reads a chat to its end: no gap, no repeat, and the agent's answers in the order of the lines.
async fn listen(stream: EventStream, waiting: Arc<Mutex<VecDeque<u64>>>, totals: Arc<Totals>) {
    let mut next = 0;
    loop {
        let batch = match stream.next_events_async(None, None, None).await {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(error) if error.code() == Code::ClientClosed => return,
            Err(error) => return totals.complain(format!("a stream fails: {error:?}")),
        };
        for event in batch.events {
            totals.degraded.fetch_add(u64::from(event.r#type == ChatEventType::Degraded), Ordering::Relaxed);
            let Some(id) = event.number() else { continue };
            if id != next || event.is_after_gap {
                totals.complain(format!("event {id} comes for {next}"));
            }
            next = id + 1;
            let echoed = event.text.as_deref().and_then(|text| text.strip_prefix("echo ")?.parse().ok());
            if let Some(number) = echoed.filter(|_| event.source == Some(LineSource::Agent)) {
                totals.answers.fetch_add(1, Ordering::Relaxed);
                // Lines before it that are still waited for are lost.
                let mut waiting = waiting.lock().unwrap();
                while waiting.front().is_some_and(|first| *first < number) {
                    totals.complain(format!("line {:?} was never answered", waiting.pop_front()));
                }
                if waiting.front() == Some(&number) {
                    waiting.pop_front();
                }
            }
        }
    }
    if !totals.over.load(Ordering::Relaxed) {
        totals.complain("a chat ends before its time".to_owned());
    }
}

/// Sends a line now and then; gives up the chat when all answers have come.
async fn talk(chat: &VisitorChat, waiting: &Mutex<VecDeque<u64>>, totals: &Totals, poll: Duration, mut random: Random) {
    let mut number = 0;
    while !totals.over.load(Ordering::Relaxed) {
        tokio::time::sleep(poll.mul_f64(random.below(2000) as f64 / 1000.0)).await;
        if !random.percent(100 / LINES_EVERY as usize) {
            continue;
        }
        number += 1;
        waiting.lock().unwrap().push_back(number);
        let outcome = chat.send_async(number.to_string().into(), None, None, None).await;
        let counter = match &outcome {
            Ok(_) => &totals.taken,
            Err(error) if error.code() == Code::OutcomeUnknown => &totals.unknown,
            Err(_) => &totals.refused,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        if outcome.is_err() {
            waiting.lock().unwrap().retain(|own| *own != number);
        }
    }
    let begun = Instant::now();
    while !waiting.lock().unwrap().is_empty() {
        if begun.elapsed() > Duration::from_secs(60) {
            return totals.complain(format!("{:?} were never answered", waiting.lock().unwrap()));
        }
        tokio::time::sleep(poll / 4).await;
    }
}

async fn live(client: Client, totals: Arc<Totals>, places: Arc<Semaphore>, poll: Duration, number: u64) {
    let chat = {
        let _place = places.acquire().await.unwrap();
        let request =
            ChatRequest { skill: Some("Sales".into()), interaction_timeout_seconds: Some(IDLE_LIMIT), ..ChatRequest::default() };
        client.visitor().start_chat_async(request, None).await.unwrap()
    };
    let waiting = Arc::default();
    let listening = tokio::spawn(listen(chat.events().unwrap(), Arc::clone(&waiting), Arc::clone(&totals)));
    assert!(chat.wait_until_accepted_async(None, None).await.unwrap());
    talk(&chat, &waiting, &totals, poll, Random(number)).await;
    // It lives on until the client closes.
    listening.await.unwrap();
}

/// What this process takes.
#[derive(Debug, Clone, Copy)]
struct Sample {
    memory: u64,
    threads: usize,
    sockets: usize,
}

fn sample() -> Sample {
    let entries = |folder: &str| std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect::<Vec<_>>();
    let is_socket = |path: &&PathBuf| std::fs::read_link(path).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"));
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    Sample {
        memory: pages * 4096,
        threads: entries("/proc/self/task").len(),
        sockets: entries("/proc/self/fd").iter().filter(is_socket).count(),
    }
}

/// Takes a sample every so often for the time.
async fn watch(time: Duration) -> Vec<Sample> {
    let (begun, mut samples) = (Instant::now(), Vec::new());
    while begun.elapsed() < time {
        tokio::time::sleep((time / 100).min(Duration::from_secs(2))).await;
        samples.push(sample());
    }
    samples
}

fn median(samples: &[Sample]) -> u64 {
    let mut memory: Vec<u64> = samples.iter().map(|sample| sample.memory).collect();
    memory.sort_unstable();
    memory[memory.len() / 2]
}

#[test]
fn thousands_of_chats_live_long() {
    let plan = Plan::new();
    let arguments = ["--engagements", "1", "--switch", "agent_accept_ms=20", "--switch", "agent_answer_ms=20"];
    let sandbox = Sandbox::start(&arguments);
    let script = json!({ "greeting": [], "rules": [{ "match": "*", "steps": [{ "answer": "echo {text}" }] }] });
    sandbox.admin("POST", "/admin/script", &script);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let client = client(&sandbox, &plan);
    let totals = Arc::new(Totals::default());
    runtime.block_on(async {
        let (mut running, places) = (JoinSet::new(), Arc::new(Semaphore::new(16)));
        for number in 0..plan.chats {
            let (client, totals, places) = (client.clone(), Arc::clone(&totals), Arc::clone(&places));
            running.spawn(live(client, totals, places, plan.poll, number as u64));
        }
        while client.metrics().live_chats < plan.chats as i64 {
            tokio::time::sleep(plan.poll / 10).await;
        }
        sandbox.admin("POST", "/admin/faults", &faults());
        let samples = watch(plan.time).await;
        totals.over.store(true, Ordering::Relaxed);
        sandbox.admin("DELETE", "/admin/faults", &Value::Null);
        report(&plan, &samples, &totals, &client);
        let chatting = sandbox.admin("GET", "/admin/chats?state=chatting", &Value::Null).as_array().unwrap().len();
        assert_eq!(chatting, plan.chats, "the others were given up by the service: a keep-alive was missed");
        settle(&totals, &client).await;
        client.close_async(None, None).await.unwrap();
        running.join_all().await;
        check(&plan, &samples, &totals);
    });
    let complaints = totals.complaints.lock().unwrap();
    assert!(complaints.is_empty(), "{} complaints: {:#?}", complaints.len(), &complaints[..complaints.len().min(10)]);
}

/// Waits until every line that was taken has been answered; `talk` complains where that does not happen.
async fn settle(totals: &Totals, client: &Client) {
    let begun = Instant::now();
    let missing = || {
        totals.taken.load(Ordering::Relaxed) > totals.answers.load(Ordering::Relaxed)
            || client.metrics().in_flight > client.metrics().live_chats
    };
    while missing() && begun.elapsed() < Duration::from_secs(70) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Memory in the second quarter of the time and in the last, threads and sockets at most.
fn taken_by(samples: &[Sample]) -> (u64, u64, usize, usize) {
    let quarter = samples.len() / 4;
    let most = |of: fn(&Sample) -> usize| samples[quarter..].iter().map(of).max().unwrap();
    let (early, late) = (median(&samples[quarter..2 * quarter]), median(&samples[3 * quarter..]));
    (early, late, most(|sample| sample.threads), most(|sample| sample.sockets))
}

fn report(plan: &Plan, samples: &[Sample], totals: &Totals, client: &Client) {
    let (early, late, threads, sockets) = taken_by(samples);
    eprintln!(
        "{} chats for {:?}: {} KiB resident in the second quarter, {} KiB in the last; at most {threads} threads and {sockets} sockets; \
         lines {} taken, {} unknown, {} refused, {} answers; {} polls, {} degraded",
        plan.chats,
        plan.time,
        early >> 10,
        late >> 10,
        read(&totals.taken),
        read(&totals.unknown),
        read(&totals.refused),
        read(&totals.answers),
        client.metrics().polls,
        read(&totals.degraded),
    );
}

fn check(plan: &Plan, samples: &[Sample], totals: &Totals) {
    let (early, late, threads, sockets) = taken_by(samples);
    assert!(late <= early + plan.growth, "memory grows from {early} to {late} bytes");
    assert!(threads <= MOST_THREADS, "{threads} threads");
    assert!(sockets <= plan.sockets, "{sockets} sockets");
    assert!(read(&totals.taken) > plan.chats as u64 / 2 && read(&totals.answers) >= read(&totals.taken));
}
