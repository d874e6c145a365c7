//! Chats that are saved, killed and resumed: no event lost, no line posted twice.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lpchat::{Client, ClientOptions, VisitorChat};
use serde_json::{Value, json};

use crate::random::Random;
use crate::service::{Fault, Post, Service};
use crate::support::{ACCOUNT, Server, name, seconds, until, with_credentials};

const ID: &str = "H1K1";

/// A folder of this test's own, removed when it ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lpchat-test-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Ids of the events that are there, with a star where they are marked as repeated.
fn read(service: &Service, client: &Client, chat: &VisitorChat, max: i32) -> Vec<String> {
    let batch =
        service.wait(client, chat.events().unwrap().next_events_call(Some(max), Some(seconds(4)), None)).unwrap().unwrap();
    batch.events.iter().map(|event| format!("{}{}", event.id, if event.is_repeated { "*" } else { "" })).collect()
}

#[test]
fn another_process_goes_on_behind_the_last_processed_batch() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, ID);
    service.world().chat(ID).lines_of_agent(6);
    assert_eq!(read(&service, &client, &chat, 3), ["0", "1", "2"]);
    assert_eq!(read(&service, &client, &chat, 2), ["3", "4"]);
    let document = chat.save().unwrap();
    let value: Value = serde_json::from_str(&document).unwrap();
    assert_eq!((value["cursor"].as_i64(), value["version"].as_i64()), (Some(3), Some(1)), "the last batch may not be processed");
    assert!(!document.contains("key-of-the-application") && !document.contains("word-of-the-agent"));
    assert_eq!(read(&service, &client, &chat, 1), ["5"], "saving takes nothing away");

    let other = service.client();
    let resumed = other.visitor().resume(document).unwrap();
    service.lives(&client, 1);
    assert_eq!(resumed.id(), ID);
    assert_eq!(read(&service, &other, &resumed, 64), ["3*", "4*", "5*", "6*", "7*"]);
    service.world().chat(ID).line("agent", "new");
    service.elapse(&other, seconds(6));
    assert_eq!(read(&service, &other, &resumed, 64), ["8"]);
}

#[test]
fn documents_of_other_accounts_and_sides_and_hosts_are_refused() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, ID);
    let document = chat.save().unwrap();
    assert_eq!(name(client.visitor().resume("{}".into())), "UnusableDocument");
    assert_eq!(name(client.visitor().resume(document.replace(ACCOUNT, "1").into())), "UnusableDocument");
    assert!(client.visitor().resume(document).is_ok());
}

#[test]
fn a_line_that_was_being_sent_is_resolved() {
    for (happens, resend, expected, lines) in [
        (true, false, "2 read back", 1),
        (true, true, "2 read back", 1),
        (false, false, "OutcomeUnknown", 0),
        (false, true, "2 resent", 1),
    ] {
        let service = Service::start();
        let client = service.client();
        let chat = service.chatting(&client, ID);
        service.world().chat(ID).posts.push_back(Post { happens, then: Fault::Silence });
        let call = chat.send_call("the line".into(), None, None, None);
        until("posted", || service.world().posts == 1);
        let document = chat.save().unwrap();

        let other = service.client();
        let resumed = other.visitor().resume(document).unwrap();
        let outcome = service.wait(&other, resumed.resolve_pending_line_call(Some(resend), None));
        let word = match outcome {
            Ok(receipt) => {
                let receipt = receipt.unwrap();
                let how = if receipt.is_read_back { "read back" } else { "resent" };
                assert!(receipt.is_read_back != receipt.is_resent);
                format!("{} {how}", receipt.event_id.unwrap())
            }
            Err(error) => error.code().name().to_owned(),
        };
        assert_eq!((word.as_str(), service.world().chat(ID).lines("visitor").len()), (expected, lines));
        assert!(service.wait(&other, resumed.resolve_pending_line_call(None, None)).unwrap().is_none(), "once");
        drop(call);
    }
}

#[test]
fn the_file_is_the_owners_and_knows_the_line_before_it_is_sent() {
    let folder = Folder::new("file");
    let path = folder.file("chat.json");
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, ID);
    chat.keep_in_file(path.as_str().into()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let pending =
        || serde_json::from_str::<Value>(&std::fs::read_to_string(&path).unwrap()).unwrap()["ledger"]["pending"].clone();
    assert_eq!(pending(), Value::Null);
    service.world().chat(ID).posts.push_back(Post { happens: true, then: Fault::Silence });
    let call = chat.send_call("one".into(), None, None, None);
    until("posted", || service.world().posts == 1);
    assert_eq!(pending()["text"], "one");
    drop(call);
    service.wait(&client, chat.send_call("two".into(), None, None, None)).unwrap();
    assert_eq!(pending(), Value::Null);
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1, "no temporary file stays");

    // What cannot be written is not sent.
    let posts = service.world().posts;
    std::fs::remove_dir_all(&folder.0).unwrap();
    assert_eq!(name(service.wait(&client, chat.send_call("three".into(), None, None, None))), "FileFailed");
    assert_eq!(service.world().posts, posts);
    assert_eq!(name(chat.keep_in_file(folder.file("no/such/folder").into())), "FileFailed");
    assert_eq!(name(chat.keep_in_file("".into())), "InvalidArgument");
}

const CHATS: usize = 100;
const LINES: usize = 6;
const MARK: &str = "LPCHAT_TEST_CHATS";

fn chat_id(number: usize) -> String {
    format!("H{number}K{number}")
}

/// A line takes effect so long after it was sent: many are on their way when a process is killed.
const POST_DELAY: Duration = Duration::from_millis(500);

/// A client in real time with short pauses.
fn quick(server: &Server) -> Client {
    let own = with_credentials(server, &json!({ "app_key": "key-of-the-application" }));
    Client::new(ClientOptions {
        poll_interval: Some(Duration::from_millis(100)),
        quiet_poll_interval: Some(Duration::from_millis(200)),
        line_quiet_time: Some(POST_DELAY * 4),
        ..own
    })
    .unwrap()
}

/// One life of the program: it resumes what it finds, sends what is still to be sent, and says what it has read.
#[test]
fn in_a_process_that_is_killed() {
    let Some(told) = std::env::var_os(MARK) else { return };
    let told = told.into_string().unwrap();
    let (address, folder) = told.split_once(' ').unwrap();
    let client = quick(&Server::elsewhere(address.parse().unwrap()));
    std::thread::scope(|scope| {
        for number in 0..CHATS {
            let (client, folder) = (&client, Path::new(folder));
            std::thread::Builder::new()
                .stack_size(256 << 10)
                .spawn_scoped(scope, move || live(client, number, &folder.join(format!("{number}.json"))))
                .unwrap();
        }
    });
    std::io::stdout().write_all(b"done\n").unwrap();
}

fn live(client: &Client, number: usize, file: &Path) {
    let chat = match std::fs::read_to_string(file) {
        Ok(document) => client.visitor().resume(document.into()).unwrap(),
        Err(_) => client.visitor().chat(chat_id(number).into()).unwrap(),
    };
    chat.keep_in_file(file.to_str().unwrap().into()).unwrap();
    chat.resolve_pending_line(Some(true)).unwrap();
    // What the service has is the program's own record of what it has sent.
    let own = |event: &lpchat::ChatEvent| event.source == Some(lpchat::LineSource::Visitor);
    let sent = chat.retrieve_events(None).unwrap().events.iter().filter(|event| own(event)).count();
    let stream = chat.events().unwrap();
    let read = |wait| {
        let batch = stream.next_events(None, Some(wait)).unwrap().unwrap();
        for event in &batch.events {
            // One write, whole or not at all.
            std::io::stdout().write_all(format!("{number} {} {}\n", event.id, event.is_repeated).as_bytes()).unwrap();
        }
    };
    for line in sent..LINES {
        // Every second line has the same text as the one before.
        chat.send(format!("line {}", line / 2).into(), Some(true), None).unwrap();
        read(Duration::from_millis(20));
    }
    read(Duration::from_millis(500));
    read(Duration::from_millis(500));
}

fn spawn(service: &Service, folder: &Folder) -> Child {
    let told = format!("{} {}", service.server.address, folder.0.display());
    Command::new(std::env::current_exe().unwrap())
        .args(["resume::in_a_process_that_is_killed", "--exact", "--nocapture"])
        .env(MARK, told)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// So many lives end before their time; the last one is left in peace.
const KILLS: usize = 5;

/// `LPCHAT_SEEDS` says how many rounds there are. A seed decides when a life ends: behind so many events of the chats, and
/// then so many milliseconds later.
#[test]
fn a_hundred_chats_survive_being_killed_at_any_moment() {
    let rounds = std::env::var("LPCHAT_SEEDS").map_or(1, |rounds| rounds.parse().expect("LPCHAT_SEEDS is a number"));
    for seed in 0..rounds {
        survive(seed);
    }
}

fn survive(seed: u64) {
    let random = &mut Random(seed);
    let folder = Folder::new("killed");
    let service = Service::start();
    service.world().post_delay = POST_DELAY;
    for number in 0..CHATS {
        let mut world = service.world();
        let chat = world.chat(&chat_id(number));
        chat.enter("chatting");
        chat.timeout = 3600;
    }
    let mut seen: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
    let mut unmarked_repeats = 0;
    let (mut done, mut killed) = (false, 0);
    for life in 0..=KILLS {
        let mut end = (life < KILLS).then(|| (random.below(CHATS * 2), random.below(40) as u64));
        let mut child = spawn(&service, &folder);
        let mut read = 0;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        loop {
            if let Some((events, pause)) = end
                && read >= events
            {
                std::thread::sleep(Duration::from_millis(pause));
                child.kill().unwrap();
                end = None;
            }
            let Some(line) = lines.next() else { break };
            done |= line == "done";
            let words: Vec<&str> = line.split(' ').collect();
            let [number, id, repeated] = words[..] else { continue };
            let (Ok(number), Ok(id)) = (number.parse(), id.parse()) else { continue };
            read += 1;
            let is_new = seen.entry(number).or_default().insert(id);
            unmarked_repeats += usize::from(!is_new && repeated == "false");
        }
        killed += usize::from(!child.wait().unwrap().success());
    }
    assert!(done, "seed {seed}: the last life comes to its end");
    assert!(killed > 1, "seed {seed}: {killed} of {KILLS} were killed");
    let expected: Vec<String> = (0..LINES).map(|line| format!("line {}", line / 2)).collect();
    for number in 0..CHATS {
        let mut world = service.world();
        let chat = world.chat(&chat_id(number));
        assert_eq!(chat.lines("visitor"), expected, "seed {seed}, chat {number}: each line once and in order");
        let all: BTreeSet<i64> = (0..chat.events.len() as i64).collect();
        assert_eq!(seen.get(&number), Some(&all), "seed {seed}, chat {number}: no event is lost");
    }
    assert_eq!(unmarked_repeats, 0, "seed {seed}: what comes again is marked");
}

#[test]
fn closing_saves_the_chats_that_live_or_ends_them() {
    for (choice, kept, states, saved) in [
        (None, false, ["chatting", "chatting"], 2),
        (Some("end"), false, ["ended", "ended"], 0),
        (Some("end"), true, ["chatting", "ended"], 1),
    ] {
        let service = Service::start();
        let client = service.client_with(ClientOptions { chats_on_close: choice.map(Into::into), ..Default::default() });
        let chats: Vec<_> = ["H1K1", "H2K2", "H3K3"].map(|id| service.chatting(&client, id)).into();
        chats[0].keep(kept);
        assert_eq!(read(&service, &client, &chats[0], 1), ["0"]);
        assert_eq!(read(&service, &client, &chats[1], 9), ["0", "1"]);
        // The third one does not live: nobody has asked for its events.
        let waiting = chats[1].events().unwrap().next_events_call(None, None, None);
        client.close(Some(seconds(30))).unwrap();
        assert_eq!(name(waiting.wait()), "ClientClosed", "it is not waited for");
        assert_eq!(["H1K1", "H2K2"].map(|id| service.world().chat(id).state), states);
        assert_eq!((service.world().chat("H3K3").state, client.saved_chats().len()), ("chatting", saved));
        if let Some(one) = client.saved_chats().into_iter().find(|saved| saved.id == "H1K1") {
            let other = service.client();
            let resumed = other.visitor().resume(one.document).unwrap();
            assert_eq!(read(&service, &other, &resumed, 9), ["0*", "1*"]);
        }
    }
}
