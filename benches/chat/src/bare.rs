//! The same loop with a bare reqwest and serde: a task a chat, an owned document, the cursor kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::measure::{Span, memory};

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

pub fn run(origin: &str, chats: u64, seconds: u64, interval: u64) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let (requests, events) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(48).build().expect("a client");
        let places = Arc::new(Semaphore::new(48));
        let before = memory();
        for number in 0..chats {
            let (client, places) = (client.clone(), Arc::clone(&places));
            let (requests, events) = (Arc::clone(&requests), Arc::clone(&events));
            let url = format!("{origin}/api/account/70481526/chat/H{number}K{number}.json?v=1&NC=true");
            tokio::spawn(async move {
                let mut due = Instant::now() + Duration::from_millis(interval).mul_f64(number as f64 / chats as f64);
                let mut next = 0;
                loop {
                    tokio::time::sleep_until(due).await;
                    due += Duration::from_millis(interval);
                    let _place = places.acquire().await;
                    let request = client
                        .get(format!("{url}&from={next}"))
                        .header("authorization", "LivePerson appKey=key")
                        .header("accept", "application/json");
                    let Ok(answer) = request.send().await else { continue };
                    let Ok(body) = answer.bytes().await else { continue };
                    let Ok(document) = serde_json::from_slice::<Document>(&body) else { continue };
                    requests.fetch_add(1, Ordering::Relaxed);
                    events.fetch_add(document.chat.events.event.len() as u64, Ordering::Relaxed);
                    if let Some(last) = document.chat.events.event.last().and_then(|event| event.id.parse::<u64>().ok()) {
                        next = last + 1;
                    }
                    if document.chat.info.state == "ended" {
                        return;
                    }
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(interval * 2).max(Duration::from_secs(2))).await;
        let grown = memory().saturating_sub(before);
        let (span, sent, read) = (Span::begin(), requests.load(Ordering::Relaxed), events.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let sent = requests.load(Ordering::Relaxed) - sent;
        span.report("bare", sent, events.load(Ordering::Relaxed) - read, grown / chats.max(1));
    });
    std::process::exit(0);
}
