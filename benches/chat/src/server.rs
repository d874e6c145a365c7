//! A server that costs as little as possible: canned answers, and when each chat asked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Default)]
struct Seen {
    last: HashMap<String, Instant>,
    /// Microseconds between two requests of one chat.
    gaps: Vec<u64>,
}

struct Service {
    seen: Mutex<Seen>,
    open: AtomicUsize,
    most: AtomicUsize,
    events: u64,
}

pub fn run(events: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("http://{}", listener.local_addr().expect("an address"));
        // The benchmark's driver closes standard input when it is done.
        std::thread::spawn(|| {
            let _ = std::io::stdin().lines().last();
            std::process::exit(0);
        });
        let service = Arc::new(Service { seen: Mutex::default(), open: 0.into(), most: 0.into(), events });
        while let Ok((stream, _)) = listener.accept().await {
            let service = Arc::clone(&service);
            tokio::spawn(async move {
                let open = service.open.fetch_add(1, Ordering::Relaxed) + 1;
                service.most.fetch_max(open, Ordering::Relaxed);
                converse(stream, &service).await;
                service.open.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
}

async fn converse(mut stream: TcpStream, service: &Service) {
    let _ = stream.set_nodelay(true);
    let mut buffer = vec![0; 4096];
    loop {
        let mut filled = 0;
        while !buffer[..filled].ends_with(b"\r\n\r\n") {
            match stream.read(&mut buffer[filled..]).await {
                Ok(read) if read > 0 => filled += read,
                _ => return,
            }
        }
        let head = String::from_utf8_lossy(&buffer[..filled]);
        let target = head.split(' ').nth(1).unwrap_or("").to_owned();
        let body = if target == "/stats" { service.stats() } else { service.answer(&target) };
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

impl Service {
    /// The chat's document from the id asked for, with so many new events.
    fn answer(&self, target: &str) -> String {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let id = path.rsplit('/').next().unwrap_or("").trim_end_matches(".json").to_owned();
        let from: u64 = query.split('&').find_map(|pair| pair.strip_prefix("from=")?.parse().ok()).unwrap_or(0);
        let now = Instant::now();
        if let Ok(mut seen) = self.seen.lock()
            && let Some(last) = seen.last.insert(id.clone(), now)
        {
            seen.gaps.push(u64::try_from((now - last).as_micros()).unwrap_or(u64::MAX));
        }
        let event = |id: u64| {
            format!(
                r#"{{"@id":"{id}","@type":"line","time":"2026-02-27T06:24:21.930-05:00","textType":"plain","text":"This is line {id} of a chat.","by":"Ann","source":"agent","subType":"REGULAR"}}"#
            )
        };
        let events: Vec<String> = (from..from + self.events).map(event).collect();
        let next = from + self.events;
        let list = if events.is_empty() { String::new() } else { format!(r#","event":[{}]"#, events.join(",")) };
        let base = format!("http://127.0.0.1/api/account/70481526/chat/{id}");
        let link = |path: &str, rel: &str| format!(r#"{{"@href":"{base}{path}","@rel":"{rel}"}}"#);
        format!(
            r#"{{"chat":{{"link":[{},{},{},{},{},{}],"events":{{"link":[{},{}]{list}}},"info":{{"link":[{},{},{},{}],"state":"chatting","chatSessionKey":"{id}","skillName":"Sales","skillId":12,"agentName":"Ann","agentId":1203,"startTime":"2026-02-27T06:24:16.930-05:00","duration":0,"lastUpdate":"2026-02-27T06:24:21.930-05:00","chatTimeout":40,"visitorId":1215602164887992,"agentTyping":"not-typing","visitorTyping":"not-typing","visitorName":"You","rtSessionId":4294967522,"sharkVisitorId":"A1ZDEwOTE","sharkSessionId":"Sg4ezqZU","sharkContextId":"3","engagementId":27469613,"campaignId":27469613,"language":"en-US"}}}}}}"#,
            link("", "self"),
            link("/events", "events"),
            link("/info", "info"),
            link(&format!("?from={next}"), "next"),
            link("/transcriptRequest", "transcript-request"),
            link("/exitSurvey", "exit-survey"),
            link("/events", "self"),
            link(&format!("/events?from={next}"), "next"),
            link("/info", "self"),
            link("/info/visitorName", "visitor-name"),
            link("/info/visitorTyping", "visitor-typing"),
            link("/info/agentTyping", "agent-typing"),
        )
    }

    /// Gaps between two polls of one chat, in milliseconds; asking begins a new measurement.
    fn stats(&self) -> String {
        let Ok(mut seen) = self.seen.lock() else { return String::new() };
        let mut gaps = std::mem::take(&mut seen.gaps);
        seen.last.clear();
        gaps.sort_unstable();
        let at = |share: f64| gaps.get((gaps.len() as f64 * share) as usize).map_or(0.0, |gap| *gap as f64 / 1000.0);
        let most = self.most.swap(0, Ordering::Relaxed);
        serde_json::json!({ "gaps": gaps.len(), "p1": at(0.01), "p50": at(0.5), "p99": at(0.99), "p999": at(0.999), "connections": most }).to_string()
    }
}
