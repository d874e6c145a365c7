//! A small HTTP server on loopback that answers what a test tells it to, and remembers what it was asked.

#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lpchat::Timestamp;
use lpchat::environment::{Clock, Environment, Waiting};
use serde_json::{Value, json};
use url::Url;

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// How many requests came before it.
    pub index: usize,
    pub method: String,
    pub path: String,
    pub body: Value,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl Asked {
    /// The value of a query parameter.
    pub fn value(&self, name: &str) -> String {
        let found = self.query.iter().find(|(own, _)| own == name);
        found.unwrap_or_else(|| panic!("no parameter {name}")).1.clone()
    }

    pub fn number(&self, name: &str) -> usize {
        self.value(name).parse().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    is_broken_off: bool,
}

impl Answer {
    pub fn text(status: u16, body: &str) -> Self {
        Self { status, headers: Vec::new(), body: body.to_owned(), is_broken_off: false }
    }

    pub fn json(body: &Value) -> Self {
        Self::text(200, &body.to_string())
    }

    pub fn status(status: u16) -> Self {
        Self::text(status, "")
    }

    /// The connection ends before the last byte.
    pub fn broken_off(self) -> Self {
        Self { is_broken_off: true, ..self }
    }

    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

pub struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts a server that answers each request with what `answer` makes of it. It ends with the process.
    pub fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (remembered, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (remembered, answer) = (Arc::clone(&remembered), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &remembered, &*answer));
            }
        });
        Self { address, asked }
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// What has been asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The line by which a client trusts this server.
    pub fn configuration(&self) -> String {
        let origin = format!("http://{}", self.address);
        let line = json!({ "kind": "lpchat-sandbox", "account_id": "70481526", "origins": [origin], "domain_origin": origin });
        line.to_string()
    }
}

fn serve(stream: TcpStream, remembered: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Answer) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let Some(mut asked) = read(&mut reader) else { return };
    {
        let mut remembered = remembered.lock().unwrap();
        asked.index = remembered.len();
        remembered.push(asked.clone());
    }
    let Answer { status, headers, body, is_broken_off } = answer(&asked);
    let mut head = format!("HTTP/1.1 {status} Answer\r\nConnection: close\r\n");
    if status != 204 {
        head.push_str(&format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len() + usize::from(is_broken_off)
        ));
    }
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    let mut stream = stream;
    // Whoever asked may be gone.
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let url = Url::parse(&format!("http://localhost{target}")).unwrap();
    Some(Asked {
        index: 0,
        method,
        path: url.path().to_owned(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        query: url.query_pairs().into_owned().collect(),
        headers,
    })
}

/// An environment in which pauses between attempts pass at once, while limits on time hold.
pub fn without_pauses() -> Environment {
    Environment { clock: Arc::new(NoPauses(std::time::Instant::now())), ..Environment::default() }
}

struct NoPauses(std::time::Instant);

impl Clock for NoPauses {
    fn now(&self) -> Timestamp {
        std::time::SystemTime::now().into()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn pause(&self, _: Duration) -> Waiting {
        Box::pin(std::future::ready(()))
    }

    fn limit(&self, duration: Duration) -> Waiting {
        Box::pin(tokio::time::sleep(duration))
    }
}
