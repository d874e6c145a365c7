//! Through lpchat: one task of the user's a chat, waiting for events.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lpchat::{Client, ClientOptions};

use crate::measure::{Span, memory};

pub fn run(origin: &str, chats: u64, seconds: u64, interval: u64) {
    let line = serde_json::json!({ "kind": "lpchat-sandbox", "account_id": "70481526", "origins": [origin], "domain_origin": origin, "app_key": "key" });
    let host = origin.trim_start_matches("http://").to_owned();
    let options = ClientOptions {
        sandbox: Some(line.to_string().into()),
        domains: [("conversationVep".to_owned(), host)].into(),
        poll_interval: Some(Duration::from_millis(interval)),
        quiet_poll_interval: Some(Duration::from_millis(interval)),
        ..ClientOptions::default()
    };
    let client = Client::new(options).expect("sound options");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let events = Arc::new(AtomicU64::new(0));
    runtime.block_on(async {
        // The engine, the pool and the first connections are there before memory is measured.
        let first = client.visitor().chat("warm".into()).expect("an id").events().expect("open");
        let _ = first.next_events_async(None, Some(Duration::from_millis(500)), None).await;
        drop(first);
        let before = memory();
        for number in 0..chats {
            let stream = client.visitor().chat(format!("H{number}K{number}").into()).expect("an id").events().expect("open");
            let events = Arc::clone(&events);
            tokio::spawn(async move {
                while let Ok(Some(batch)) = stream.next_events_async(None, None, None).await {
                    events.fetch_add(batch.events.len() as u64, Ordering::Relaxed);
                }
            });
        }
        // Two intervals until all polls are spread and steady.
        tokio::time::sleep(Duration::from_millis(interval * 2).max(Duration::from_secs(2))).await;
        let grown = memory().saturating_sub(before);
        let (span, polls, read) = (Span::begin(), client.metrics().polls, events.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let polls = u64::try_from(client.metrics().polls - polls).unwrap_or(0);
        span.report("lpchat", polls, events.load(Ordering::Relaxed) - read, grown / chats.max(1));
    });
    std::process::exit(0);
}
