//! A server that costs as little as possible, and what it has seen.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::chat_service::Chats;
use crate::history_service::{Failure, History};

pub const ACCOUNT: &str = "70481526";

/// All services on one port.
pub struct Service {
    host: String,
    chats: Chats,
    history: Option<History>,
    requests: AtomicU64,
    open: AtomicUsize,
    most: AtomicUsize,
}

/// What is known of a request.
struct Request<'a> {
    path: &'a str,
    query: &'a str,
    body: &'a [u8],
}

impl Request<'_> {
    fn is_search(&self) -> bool {
        self.path.ends_with("/interactions/search")
    }
}

/// Answers until standard input closes, which the benchmarks' driver does when it is done.
pub fn run(chats: Chats, history: Option<History>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let origin = format!("http://{host}");
        let line = json!({
            "kind": "lpchat-sandbox", "account_id": ACCOUNT, "app_key": "key", "username": "bench", "password": "bench",
            "domain_origin": origin, "admin_origin": origin, "origins": [origin],
        });
        println!("{line}");
        std::thread::spawn(|| {
            let _ = std::io::stdin().lock().lines().last();
            std::process::exit(0);
        });
        let (requests, open, most) = (0.into(), 0.into(), 0.into());
        let service = Arc::new(Service { host, chats, history, requests, open, most });
        while let Ok((stream, _)) = listener.accept().await {
            let service = Arc::clone(&service);
            tokio::spawn(async move {
                let open = service.open.fetch_add(1, Ordering::Relaxed) + 1;
                service.most.fetch_max(open, Ordering::Relaxed);
                // Whoever hangs up is no longer served.
                let _ = service.converse(stream).await;
                service.open.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
}

impl Service {
    async fn converse(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let (mut input, mut answer) = (Vec::with_capacity(4096), Vec::with_capacity(4096));
        loop {
            input.clear();
            let head = loop {
                if let Some(at) = input.windows(4).position(|window| window == b"\r\n\r\n") {
                    break at + 4;
                }
                if stream.read_buf(&mut input).await? == 0 {
                    return Ok(());
                }
            };
            let length = content_length(&input[..head]);
            while input.len() < head + length {
                if stream.read_buf(&mut input).await? == 0 {
                    return Ok(());
                }
            }
            let line = input[..head].split(|byte| *byte == b'\r').next().unwrap_or_default();
            let target = std::str::from_utf8(line).ok().and_then(|line| line.split(' ').nth(1)).unwrap_or("");
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            answer.clear();
            let request = Request { path, query, body: &input[head..] };
            self.answer(&request, &mut answer).await;
            let failure = if request.is_search() { self.history.as_ref().and_then(History::failure) } else { None };
            match failure {
                None => stream.write_all(&answer).await?,
                Some(Failure::Status) => {
                    stream.write_all(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n").await?;
                }
                Some(Failure::Reset) => return stream.set_zero_linger(),
                Some(Failure::Truncated) => return stream.write_all(&answer[..answer.len() / 2]).await,
            }
        }
    }

    /// Writes the whole answer, head and body.
    async fn answer(&self, request: &Request<'_>, answer: &mut Vec<u8>) {
        const ROOM: usize = "0000000000\r\n\r\n".len();
        answer.extend_from_slice(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0000000000\r\n\r\n");
        let head = answer.len();
        if let Some(chat) = request.path.split_once("/chat/").map(|(_, id)| id.trim_end_matches(".json")) {
            self.requests.fetch_add(1, Ordering::Relaxed);
            match chat.strip_suffix("/events") {
                Some(chat) => self.chats.answer_events(chat, !request.body.is_empty(), answer),
                None => self.chats.answer(chat, request.query, answer).await,
            }
        } else if let (Some(history), true) = (&self.history, request.is_search()) {
            self.requests.fetch_add(1, Ordering::Relaxed);
            history.answer(request.query, request.body, answer);
        } else {
            let document = match request.path.rsplit('/').next() {
                Some("stats") => self.stats(),
                Some("login") => {
                    let user = json!({ "loginName": "bench", "userId": "1", "userPid": "1" });
                    json!({ "bearer": "bearer", "csrf": "csrf", "sessionTTl": "3600000", "config": user })
                }
                _ => self.domains(request.path),
            };
            answer.extend_from_slice(document.to_string().as_bytes());
        }
        let length = format!("{:010}", answer.len() - head);
        answer[head - ROOM..head - 4].copy_from_slice(length.as_bytes());
    }

    /// Where the services are: here.
    fn domains(&self, path: &str) -> serde_json::Value {
        let domain = |service: &str| json!({ "service": service, "account": ACCOUNT, "baseURI": self.host });
        match path.split_once("/service/").and_then(|(_, rest)| rest.split_once('/')) {
            Some((service, _)) => domain(service),
            None => {
                let all = ["conversationVep", "agentVep", "engHistDomain"].map(domain);
                json!({ "baseURIs": all })
            }
        }
    }

    /// What was seen since this was asked last.
    fn stats(&self) -> serde_json::Value {
        let mut stats = self.chats.stats();
        stats["requests"] = self.requests.swap(0, Ordering::Relaxed).into();
        stats["connections"] = self.most.swap(self.open.load(Ordering::Relaxed), Ordering::Relaxed).into();
        stats
    }
}

fn content_length(head: &[u8]) -> usize {
    let text = std::str::from_utf8(head).unwrap_or("");
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next().and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(0)
}

/// A number from a query such as `from=12&limit=100`.
pub fn parameter(query: &str, name: &str) -> Option<u64> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}
