//! The same loops with a bare reqwest and serde: a task a chat, an owned document, the cursor kept.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::http::ACCOUNT;
use crate::user::User;
use crate::work::{PLACES, Work, line};

#[derive(Deserialize)]
struct Document {
    chat: Chat,
}

#[derive(Deserialize)]
struct Chat {
    events: Events,
    info: Information,
}

#[derive(Deserialize)]
struct Events {
    #[serde(default)]
    event: Vec<Event>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "a program that reads a chat wants these")]
struct Event {
    #[serde(rename = "@id")]
    id: String,
    #[serde(rename = "@type")]
    kind: String,
    time: String,
    #[serde(rename = "textType")]
    text_type: Option<String>,
    text: Option<String>,
    by: Option<String>,
    source: Option<String>,
}

impl Event {
    fn number(&self) -> u64 {
        self.id.parse().unwrap_or(0)
    }
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "a program that reads a chat wants these")]
struct Information {
    state: String,
    #[serde(rename = "agentTyping")]
    agent_typing: String,
    #[serde(rename = "agentName")]
    agent_name: Option<String>,
    #[serde(rename = "chatTimeout")]
    chat_timeout: u64,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "chatEventLocation")]
    location: Location,
}

#[derive(Deserialize)]
struct Location {
    link: Link,
}

#[derive(Deserialize)]
struct Link {
    #[serde(rename = "@href")]
    href: String,
}

/// A client for the server of this line, and the server's origin.
pub fn client(line: &str) -> (reqwest::Client, String) {
    // The library is the one that lpchat is built with, which leaves the choice open; nothing is encrypted here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let line: serde_json::Value = serde_json::from_str(line).expect("the server's line");
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(PLACES).build().expect("a client");
    (client, line["domain_origin"].as_str().expect("an origin").to_owned())
}

pub fn run(line: &str, work: Work) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let user = Arc::new(User::default());
    runtime.block_on(async {
        let (client, origin) = client(line);
        let places = Arc::new(Semaphore::new(PLACES));
        let url = |number: u64, resource: &str| {
            format!("{origin}/api/account/{ACCOUNT}/chat/H{number}K{number}{resource}.json?v=1&NC=true")
        };
        let follow = |number| follow(client.clone(), Arc::clone(&places), url(number, ""), number, work, Arc::clone(&user));
        let send = |number| send(client.clone(), Arc::clone(&places), url(number, "/events"), work.events(), Arc::clone(&user));
        match work {
            Work::Sends { .. } => work.run(Arc::clone(&user), send).await,
            _ => work.run(Arc::clone(&user), follow).await,
        }
    });
    std::process::exit(0);
}

async fn follow(client: reqwest::Client, places: Arc<Semaphore>, url: String, number: u64, work: Work, user: Arc<User>) {
    let interval = work.interval();
    let mut due = Instant::now() + interval.mul_f64(number as f64 / work.chats() as f64);
    let mut next = 0;
    while next < work.events() {
        tokio::time::sleep_until(due).await;
        due += interval;
        let _place = places.acquire().await;
        let request = client
            .get(format!("{url}&from={next}"))
            .header("authorization", "LivePerson appKey=key")
            .header("accept", "application/json");
        let Ok(answer) = request.send().await else { continue };
        let Ok(body) = answer.bytes().await else { continue };
        let Ok(mut document) = serde_json::from_slice::<Document>(&body) else { continue };
        document.chat.events.event.sort_by_key(Event::number);
        for event in document.chat.events.event {
            if event.number() >= next && next < work.events() {
                user.read(next, &event.id, event.text.as_deref().unwrap_or(""));
                next += 1;
            }
        }
        if document.chat.info.state == "ended" {
            return;
        }
    }
}

async fn send(client: reqwest::Client, places: Arc<Semaphore>, url: String, lines: u64, user: Arc<User>) {
    for number in 0..lines {
        let _place = places.acquire().await;
        let text = line(number);
        let event = serde_json::json!({ "event": { "@type": "line", "text": text } });
        let request = client
            .post(&url)
            .header("authorization", "LivePerson appKey=key")
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(event.to_string());
        let answer = request.send().await.expect("an answer").bytes().await.expect("a whole answer");
        let sent: Sent = serde_json::from_slice(&answer).expect("where the event is");
        user.read(number, sent.location.link.href.rsplit('/').next().unwrap_or(""), &text);
    }
}
