//! Through lpchat: one task of the user's a chat, waiting for events or sending lines.

use std::sync::Arc;
use std::time::Duration;

use lpchat::{Client, ClientOptions, VisitorChat};

use crate::user::User;
use crate::work::{PLACES, Work, line};

pub fn run(line: &str, work: Work) {
    let interval = Some(work.interval());
    let options = ClientOptions {
        sandbox: Some(line.to_owned().into()),
        poll_interval: interval,
        quiet_poll_interval: interval,
        poll_concurrency: Some(polls_at_once(work)),
        ..ClientOptions::default()
    };
    let client = Client::new(options).expect("sound options");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let user = Arc::new(User::default());
    runtime.block_on(async {
        // The engine, the pool and the first connection are there before anything is measured.
        let first = chat(&client, "Hwarm").events().expect("open");
        let _ = first.next_events_async(None, Some(Duration::from_millis(500)), None).await;
        drop(first);
        let chat = |number: u64| chat(&client, &format!("H{number}K{number}"));
        match work {
            Work::Sends { .. } => {
                work.run(Arc::clone(&user), |number| send(chat(number), work.events(), Arc::clone(&user))).await
            }
            _ => work.run(Arc::clone(&user), |number| follow(chat(number), work.events(), Arc::clone(&user))).await,
        }
    });
    std::process::exit(0);
}

fn chat(client: &Client, id: &str) -> VisitorChat {
    client.visitor().chat(id.into()).expect("an id")
}

/// Lines have three places where polls have five.
fn polls_at_once(work: Work) -> i32 {
    let places = i32::try_from(PLACES).expect("a few");
    if matches!(work, Work::Sends { .. }) { places * 5 / 3 } else { places }
}

async fn send(chat: VisitorChat, lines: u64, user: Arc<User>) {
    for number in 0..lines {
        let text = line(number);
        let receipt = chat.send_async(text.as_str().into(), None, None, None).await.expect("a line that is taken");
        user.read(number, receipt.event_id.as_deref().unwrap_or(""), &text);
    }
}

async fn follow(chat: VisitorChat, events: u64, user: Arc<User>) {
    let stream = chat.events().expect("open");
    let mut next = 0;
    while next < events
        && let Some(batch) = stream.next_events_async(None, None, None).await.expect("a chat that goes on")
    {
        for event in batch.events.iter().take(usize::try_from(events - next).unwrap_or(usize::MAX)) {
            user.read(next, &event.id, event.text.as_deref().unwrap_or(""));
            next += 1;
        }
    }
}
