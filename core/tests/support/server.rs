//! A small HTTP server that answers what a test tells it to, byte for byte where needed, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use url::Url;

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// How many requests came before it.
    pub index: usize,
    /// On which connection it came, from 0.
    pub connection: usize,
    pub method: String,
    /// As it came over the wire.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub fn url(&self) -> Url {
        Url::parse(&format!("http://localhost{}", self.target)).unwrap()
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// What a script does with the connection itself.
pub type Script = Box<dyn FnOnce(&mut TcpStream) + Send>;

/// One answer.
pub enum Reply {
    Whole {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// The connection is reset without a word.
    Reset,
    /// Nothing until the client goes.
    Silence,
    Script(Script),
}

impl Reply {
    pub fn text(status: u16, body: &str) -> Self {
        Self::bytes(status, body.as_bytes().to_vec())
    }

    pub fn bytes(status: u16, body: Vec<u8>) -> Self {
        Self::Whole { status, headers: Vec::new(), body }
    }

    pub fn json(body: &Value) -> Self {
        Self::text(200, &body.to_string())
    }

    pub fn status(status: u16) -> Self {
        Self::text(status, "")
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Whole { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub fn script(script: impl FnOnce(&mut TcpStream) + Send + 'static) -> Self {
        Self::Script(Box::new(script))
    }
}

#[derive(Default)]
struct Seen {
    asked: Mutex<Vec<Asked>>,
    connections: AtomicUsize,
    /// Open now, and at most at the same time.
    open: AtomicUsize,
    most_open: AtomicUsize,
    disconnects: AtomicUsize,
}

pub struct Server {
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

type Handler = dyn Fn(&Asked) -> Reply + Send + Sync;

impl Server {
    /// Starts a server that answers each request with what `answer` makes of it. It ends with the process.
    pub fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, answer): (Arc<Seen>, Arc<Handler>) = (Arc::default(), Arc::new(answer));
        let remembered = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let connection = remembered.connections.fetch_add(1, Ordering::SeqCst);
                let (seen, answer) = (Arc::clone(&remembered), Arc::clone(&answer));
                let open = seen.open.fetch_add(1, Ordering::SeqCst) + 1;
                seen.most_open.fetch_max(open, Ordering::SeqCst);
                std::thread::spawn(move || {
                    converse(stream, connection, &seen, &*answer);
                    seen.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, seen }
    }

    /// A server that answers the first requests with `replies`, one each, and everything after with the last one.
    pub fn sequence(replies: Vec<fn() -> Reply>) -> Self {
        Self::start(move |asked| replies[asked.index.min(replies.len() - 1)]())
    }

    /// No server at all: an address under which somebody else may or may not answer.
    pub fn elsewhere(address: SocketAddr) -> Self {
        Self { address, seen: Arc::default() }
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has been asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.seen.asked.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.seen.asked.lock().unwrap().len()
    }

    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// How many connections were open at the same time, at most.
    pub fn most_open(&self) -> usize {
        self.seen.most_open.load(Ordering::SeqCst)
    }

    /// How many times a client went while the server kept it waiting.
    pub fn disconnects(&self) -> usize {
        self.seen.disconnects.load(Ordering::SeqCst)
    }
}

fn converse(stream: TcpStream, connection: usize, seen: &Seen, answer: &Handler) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(mut asked) = read(&mut reader, connection) {
        {
            let mut all = seen.asked.lock().unwrap();
            asked.index = all.len();
            all.push(asked.clone());
        }
        // Whoever asked may be gone at any time.
        match answer(&asked) {
            Reply::Whole { status, headers, body } => {
                if stream.write_all(&rendered(status, &headers, &body)).is_err() {
                    return;
                }
            }
            Reply::Raw(bytes) => {
                let _ = stream.write_all(&bytes);
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
            Reply::Reset => return reset(&stream),
            Reply::Silence => {
                wait_for_disconnect(&mut stream);
                seen.disconnects.fetch_add(1, Ordering::SeqCst);
                return;
            }
            Reply::Script(script) => {
                script(&mut stream);
                return;
            }
        }
    }
}

/// From now on closing the connection resets it.
fn reset(stream: &TcpStream) {
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
}

/// Reads until the other side closes.
pub fn wait_for_disconnect(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut byte = [0; 64];
    while stream.read(&mut byte).is_ok_and(|read| read > 0) {}
}

/// A whole answer as bytes.
pub fn rendered(status: u16, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Answer\r\n");
    if status != 204 {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

/// Reads one request, strictly.
pub fn read(reader: &mut impl BufRead, connection: usize) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.trim_end().split(' ').map(str::to_owned);
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    assert!(version == "HTTP/1.1" && words.next().is_none(), "a malformed request line: {line:?}");
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.strip_suffix("\r\n").expect("lines end in CR LF");
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("a malformed header: {line:?}"));
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { index: 0, connection, method, target, headers, body })
}
