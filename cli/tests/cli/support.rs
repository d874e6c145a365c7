//! Running `lpchat`, a sandbox to talk to, and a second opinion on what happened there.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lpchat::{Client, ClientOptions};
use serde_json::Value;

/// Nothing here takes longer; what does, hangs.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn sandbox_executable() -> String {
    std::env::var("LPCHAT_SANDBOX").expect(
        "these tests talk to a sandbox: set LPCHAT_SANDBOX to its executable (cargo build -p lpchat-sandbox, then target/debug/lpchat-sandbox)",
    )
}

/// `lpchat` with these arguments, in an environment without any configuration.
pub fn lpchat(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lpchat"));
    let foreign = |name: &str| name.starts_with("LPCHAT_") || name.to_ascii_lowercase().ends_with("_proxy") || name == "NO_COLOR";
    for (name, _) in std::env::vars().filter(|(name, _)| foreign(name)) {
        command.env_remove(name);
    }
    command.env("XDG_CONFIG_HOME", "/nonexistent").env("LPCHAT_SANDBOX", sandbox_executable()).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What came of a run.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Standard output of a success.
    #[track_caller]
    pub fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// The documents on standard output, one a line.
    #[track_caller]
    pub fn json_lines(self) -> Vec<Value> {
        self.success().lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    }

    /// Standard error of a failure with this exit code, which leaves nothing on standard output.
    #[track_caller]
    pub fn failure(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{self:?}");
        self.stderr
    }
}

/// A process whose output is collected while it runs.
pub struct Running {
    process: Child,
    stdout: Option<Collected>,
    stderr: Option<Collected>,
}

/// What a stream has given so far.
struct Collected {
    bytes: Arc<Mutex<Vec<u8>>>,
    thread: JoinHandle<()>,
}

impl Collected {
    fn of(mut stream: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&bytes);
        let thread = std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            loop {
                match stream.read(&mut chunk).expect("readable") {
                    0 => return,
                    count => shared.lock().unwrap().extend_from_slice(&chunk[..count]),
                }
            }
        });
        Self { bytes, thread }
    }

    fn so_far(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    fn whole(self) -> String {
        self.thread.join().unwrap();
        String::from_utf8(std::mem::take(&mut *self.bytes.lock().unwrap())).expect("UTF-8")
    }
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        Self::of(command.spawn().expect("lpchat runs"))
    }

    /// Collects the output that nobody has taken.
    pub fn of(mut process: Child) -> Self {
        let stdout = process.stdout.take().map(Collected::of);
        let stderr = process.stderr.take().map(Collected::of);
        Self { process, stdout, stderr }
    }

    pub fn stdin(&mut self) -> ChildStdin {
        self.process.stdin.take().expect("piped")
    }

    /// Waits until this stands on standard output.
    pub fn shows(&self, text: &str) {
        until_or(
            text,
            || String::from_utf8_lossy(&self.so_far()).contains(text).then_some(()),
            || String::from_utf8_lossy(&self.so_far()).into_owned(),
        );
    }

    /// What stands on standard output.
    pub fn so_far(&self) -> Vec<u8> {
        self.stdout.as_ref().expect("collected").so_far()
    }

    /// Ends it as no process can prevent.
    pub fn kill(mut self) {
        self.process.kill().expect("can be killed");
        self.process.wait().expect("can be waited for");
    }

    /// Sends Ctrl-C's signal.
    pub fn interrupt(&self) {
        let sent = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    pub fn wait(mut self) -> Ran {
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().expect("can be waited for") {
                break status;
            }
            if begin.elapsed() > PATIENCE {
                self.process.kill().expect("can be killed");
                let ran = self.collected(None);
                panic!("lpchat hangs: {ran:?}");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        self.collected(status.code())
    }

    fn collected(&mut self, code: Option<i32>) -> Ran {
        let text = |collected: &mut Option<Collected>| collected.take().map(Collected::whole).unwrap_or_default();
        Ran { code, stdout: text(&mut self.stdout), stderr: text(&mut self.stderr) }
    }
}

pub fn run(command: &mut Command) -> Ran {
    Running::start(command).wait()
}

pub fn run_with_input(command: &mut Command, input: &str) -> Ran {
    let mut running = Running::start(command.stdin(Stdio::piped()));
    running.stdin().write_all(input.as_bytes()).expect("lpchat reads its input");
    running.wait()
}

/// Waits until something is the case.
#[track_caller]
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    until_or(what, look, String::new)
}

/// The same; should it never be, `instead` says what is.
#[track_caller]
pub fn until_or<T>(what: &str, mut look: impl FnMut() -> Option<T>, instead: impl Fn() -> String) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "waited in vain: {what}\n{}", instead());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A process that a program talks to: lines of JSON both ways.
pub struct Program {
    input: ChildStdin,
    running: Running,
}

impl Program {
    pub fn start(command: &mut Command) -> Self {
        let mut running = Running::start(command.stdin(Stdio::piped()));
        Self { input: running.stdin(), running }
    }

    pub fn write(&mut self, line: &str) {
        writeln!(self.input, "{line}").expect("lpchat reads its input");
    }

    pub fn documents(&self) -> Vec<Value> {
        let output = self.running.so_far();
        let whole = output.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        whole.map(|line| serde_json::from_slice(line).expect("a JSON document a line")).collect()
    }

    /// Waits for a document that holds all these members.
    #[track_caller]
    pub fn tells(&self, members: &Value) -> Value {
        let fits = |document: &Value| holds(document, members);
        let found = || self.documents().into_iter().find(fits);
        until_or(&members.to_string(), found, || format!("{:#?}", self.documents()))
    }

    pub fn kill(self) {
        self.running.kill();
    }

    /// Closes its input and waits for its end.
    pub fn finish(self) -> Ran {
        drop(self.input);
        self.running.wait()
    }
}

/// Whether the document has all these members, and they theirs.
fn holds(document: &Value, members: &Value) -> bool {
    match members {
        Value::Object(members) => members.iter().all(|(name, member)| holds(&document[name], member)),
        other => document == other,
    }
}

/// A file with this text, in a folder of its own.
pub fn file(name: &str, text: &str) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}", std::process::id())).join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

pub struct Sandbox {
    /// None where somebody else runs it.
    process: Option<Child>,
    pub config: String,
}

impl Sandbox {
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A sandbox with further switches, whose agents are quick.
    pub fn with(switches: &[&str]) -> Self {
        let mut command = Command::new(sandbox_executable());
        command.args(["--port", "0", "--seed", "7", "--engagements", "400"]);
        for switch in ["agent_accept_ms=100", "agent_answer_ms=50"].iter().chain(switches) {
            command.args(["--switch", switch]);
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the sandbox runs");
        let mut config = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut config).expect("a line of configuration");
        Self { process: Some(process), config: config.trim().to_owned() }
    }

    /// A sandbox that somebody else runs.
    pub fn of(config: &str) -> Self {
        Self { process: None, config: config.trim().to_owned() }
    }

    pub fn member(&self, name: &str) -> String {
        let config: Value = serde_json::from_str(&self.config).unwrap();
        config[name].as_str().unwrap_or_else(|| panic!("{name} in {config}")).to_owned()
    }

    /// The configuration with some members set, or taken out where null.
    pub fn changed(&self, changes: &Value) -> String {
        let mut config: Value = serde_json::from_str(&self.config).unwrap();
        for (name, value) in changes.as_object().unwrap() {
            let members = config.as_object_mut().unwrap();
            if value.is_null() {
                members.remove(name)
            } else {
                members.insert(name.clone(), value.clone())
            };
        }
        config.to_string()
    }

    /// `lpchat` with these arguments, talking to this sandbox.
    pub fn lpchat(&self, arguments: &[&str]) -> Command {
        let mut command = lpchat(&["--sandbox-config", &self.config]);
        command.args(arguments);
        command
    }

    /// A client of the library, to play the other side.
    pub fn client(&self) -> Client {
        Client::new(ClientOptions { sandbox: Some(self.config.as_str().into()), ..ClientOptions::default() }).unwrap()
    }

    pub fn get(&self, path: &str) -> Value {
        self.admin("GET", path, "")
    }

    pub fn fault(&self, plan: &Value) {
        self.post("/admin/faults", plan);
    }

    /// From now on nothing fails any more.
    pub fn mend(&self) {
        self.admin("DELETE", "/admin/faults", "");
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.admin("POST", path, &body.to_string())
    }

    fn admin(&self, method: &str, path: &str, body: &str) -> Value {
        let host = self.member("admin_origin").replace("http://", "");
        let mut stream = TcpStream::connect(&host).expect("the sandbox listens");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        assert!(head.starts_with("HTTP/1.1 2"), "{method} {path}: {answer}");
        serde_json::from_str(body).unwrap_or_default()
    }

    /// What the sandbox holds to be the texts of its only chat, by who wrote them.
    pub fn lines_of(&self, source: &str) -> Vec<String> {
        let chats = self.get("/admin/chats");
        let events = chats[0]["events"].as_array().cloned().unwrap_or_default();
        let texts =
            events.iter().filter(|event| event["source"] == source).map(|event| event["text"].as_str().unwrap().to_owned());
        texts.collect()
    }

    /// State of its only chat.
    pub fn chat_state(&self) -> Option<String> {
        self.get("/admin/chats")[0]["state"].as_str().map(str::to_owned)
    }

    /// Waits until its only chat is in this state.
    #[track_caller]
    pub fn is(&self, state: &str) {
        until(state, || self.chat_state().filter(|found| found == state));
    }

    /// How many requests of this route it has had.
    pub fn requests(&self, route: &str) -> usize {
        let journal = self.get("/admin/requests");
        journal.as_array().unwrap().iter().filter(|request| request["route"] == route).count()
    }

    /// Ends it at once, whoever is talking to it.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.kill();
    }
}
