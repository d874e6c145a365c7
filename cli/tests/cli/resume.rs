//! Chats that are left, on purpose or by a process that is killed, and taken up again.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::pty::{Terminal, config};
use crate::support::{Program, Sandbox, file, run, run_with_input, until};

/// A file that does not exist yet.
fn new_file() -> PathBuf {
    let path = file("chat.json", "");
    std::fs::remove_file(&path).unwrap();
    path
}

fn name(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn chat(sandbox: &Sandbox, more: &[&str]) -> Program {
    Program::start(&mut sandbox.lpchat(&[&["chat", "--json", "--poll-ms", "50"], more].concat()))
}

#[test]
fn a_chat_goes_on_after_its_process_was_killed() {
    let sandbox = Sandbox::start();
    let path = new_file();
    let mut killed = chat(&sandbox, &["--skill", "Sales", "--keep", name(&path)]);
    killed.write("one");
    killed.tells(&json!({ "text": "You said: one - Let me check that for you." }));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "it is a credential");
    killed.kill();
    let mut resumed = chat(&sandbox, &["--resume", name(&path)]);
    resumed.write("two");
    resumed.tells(&json!({ "@type": "line", "text": "two" }));
    let events = resumed.documents();
    let ids: Vec<i64> = events.iter().filter_map(|event| event["@id"].as_str()?.parse().ok()).collect();
    assert!(ids.windows(2).all(|pair| pair[1] == pair[0] + 1), "in order, none twice, none left out: {ids:?}");
    let repeated = events.iter().filter(|event| event["isRepeated"] == true);
    assert!(repeated.clone().any(|event| event["text"] == "one"), "what may have been given before says so: {events:?}");
    assert!(repeated.clone().all(|event| event["text"] != "two"), "{events:?}");
    resumed.write("/end");
    let ran = resumed.finish();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(sandbox.lines_of("visitor"), ["one", "two"]);
    assert!(!path.exists(), "nobody can go on with it any more");
}

#[test]
fn a_line_that_was_under_way_when_the_process_was_killed_is_not_sent_twice() {
    let sandbox = Sandbox::start();
    let path = new_file();
    let mut killed = chat(&sandbox, &["--skill", "Human", "--keep", name(&path)]);
    let session = sandbox.client().agent().start_session().unwrap();
    session.set_availability(lpchat::AvailabilityState::Online, None).unwrap();
    let agent = until("it rings", || session.accept_chat().unwrap());
    killed.tells(&json!({ "@type": "state", "state": "chatting" }));
    sandbox.fault(&json!({ "route": "visitor.add_event", "stage": "after", "action": { "hang": true } }));
    killed.write("one");
    until("the line has arrived", || (sandbox.lines_of("visitor") == ["one"]).then_some(()));
    killed.kill();
    let resumed = chat(&sandbox, &["--resume", name(&path)]);
    resumed.tells(&json!({ "@type": "note", "text": "The line that was being sent has arrived." }));
    agent.end().unwrap();
    let ran = resumed.finish();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(sandbox.lines_of("visitor"), ["one"]);
}

#[test]
fn a_person_leaves_without_ending_and_comes_back() {
    let sandbox = Sandbox::start();
    let path = new_file();
    let mut left = Terminal::visitor(&sandbox, "--skill Sales");
    left.displays("How can I help?");
    left.enter("/save");
    left.displays("error: /save takes the name of the file to write.");
    left.enter("hello");
    left.displays("You said: hello");
    left.enter(&format!("/save {}", path.display()));
    let ran = left.finish();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("The chat goes on without you"), "{ran:?}");
    assert_eq!(sandbox.chat_state().as_deref(), Some("chatting"));
    let mut back = Terminal::start(&format!("{} chat --poll-ms 50 --resume {}", config(&sandbox), path.display()), &[]);
    back.shows(crate::pty::CHAT_HINT);
    back.enter("/info");
    back.displays("state: chatting");
    back.enter("back again");
    back.displays("You said: back again");
    back.enter("/end");
    let ran = back.finish();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(sandbox.lines_of("visitor"), ["hello", "back again"]);
    assert!(!path.exists());
}

/// A folder that does not exist yet.
fn new_folder() -> PathBuf {
    let path = new_file();
    path.with_file_name(format!("{}-kept", name(Path::new(path.file_name().unwrap()))))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn agent(sandbox: &Sandbox, folder: &Path) -> Program {
    Program::start(&mut sandbox.lpchat(&["agent", "--json", "--poll-ms", "50", "--accept-all", "--keep", name(folder)]))
}

#[test]
fn the_chats_of_an_agent_go_on_after_its_process_was_killed() {
    let (sandbox, folder) = (Sandbox::start(), new_folder());
    let mut killed = agent(&sandbox, &folder);
    killed.tells(&json!({ "type": "availability", "state": "Online" }));
    let mut guest = chat(&sandbox, &["--skill", "Human", "--visitor-name", "Zoë"]);
    killed.tells(&json!({ "type": "opened", "chat": 1 }));
    guest.tells(&json!({ "@type": "state", "state": "chatting" }));
    killed.write("one");
    guest.tells(&json!({ "source": "agent", "text": "one" }));
    sandbox.fault(&json!({ "route": "agent.add_event", "stage": "after", "action": { "hang": true } }));
    killed.write("two");
    until("the line has arrived", || (sandbox.lines_of("agent") == ["one", "two"]).then_some(()));
    let [kept] = &files(&folder)[..] else { panic!("a file for the chat") };
    assert_eq!(std::fs::metadata(kept).unwrap().permissions().mode() & 0o777, 0o600, "it is a credential");
    killed.kill();
    guest.write("still there?");
    let mut resumed = agent(&sandbox, &folder);
    resumed.tells(&json!({ "type": "opened", "chat": 1, "visitor": "Zoë" }));
    resumed.tells(&json!({ "type": "event", "event": { "text": "still there?" } }));
    resumed.write("three");
    guest.tells(&json!({ "source": "agent", "text": "three" }));
    assert_eq!(sandbox.lines_of("agent"), ["one", "two", "three"], "the line under way was not sent twice");
    let events = resumed.documents();
    let ids: Vec<i64> = events.iter().filter_map(|told| told["event"]["@id"].as_str()?.parse().ok()).collect();
    assert!(ids.windows(2).all(|pair| pair[1] == pair[0] + 1), "in order, none twice, none left out: {ids:?}");
    assert!(ids[0] > 0, "what was processed does not come again: {ids:?}");
    resumed.write("/end");
    resumed.tells(&json!({ "type": "closed", "chat": 1, "why": "ended" }));
    assert_eq!(files(&folder), Vec::<PathBuf>::new(), "nobody can go on with it any more");
    assert_eq!((resumed.finish().code, guest.finish().code), (Some(0), Some(0)));
}

#[test]
fn ctrl_c_leaves_kept_chats_with_the_agent() {
    let (sandbox, folder) = (Sandbox::start(), new_folder());
    let mut left = Terminal::agent(&sandbox, &format!("--accept-all --keep {}", folder.display()));
    let mut guest = chat(&sandbox, &["--skill", "Human"]);
    left.displays("chat 1 is open");
    left.press(b"\x03");
    let ran = left.finish();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.stdout.contains("Open chats stay with you for a while"), "{ran:?}");
    assert_eq!((sandbox.requests("login.logout"), sandbox.chat_state().as_deref()), (0, Some("chatting")));
    let mut back = agent(&sandbox, &folder);
    back.tells(&json!({ "type": "opened", "chat": 1 }));
    guest.write("hello again");
    back.tells(&json!({ "type": "event", "event": { "text": "hello again" } }));
    back.write("/quit");
    back.tells(&json!({ "type": "closed", "chat": 1, "why": "handed back" }));
    assert_eq!(back.finish().code, Some(0));
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
    guest.kill();
}

#[test]
fn a_folder_that_cannot_be_used_or_holds_something_else_is_explained() {
    let sandbox = Sandbox::start();
    let keep = |folder: &str| run_with_input(&mut sandbox.lpchat(&["agent", "--keep", folder]), "").failure(3);
    let said = keep("/proc/kept");
    assert!(said.contains("--keep cannot use \"/proc/kept\"") && said.contains("hint: Name a folder of your own"), "{said}");
    let folder = new_folder();
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("7.chat.json"), "{}").unwrap();
    assert!(run_with_input(&mut sandbox.lpchat(&["agent", "--keep", name(&folder)]), "").stderr.contains("cannot be resumed"));
    assert!(folder.join("7.chat.json").exists(), "nothing is thrown away unread");
}

#[test]
fn what_cannot_be_resumed_is_explained() {
    let sandbox = Sandbox::start();
    let resume = |path: &Path| run(&mut sandbox.lpchat(&["chat", "--resume", name(path)]));
    let missing = resume(&new_file());
    assert_eq!(missing.code, Some(3), "{missing:?}");
    assert!(missing.stderr.contains("--resume names the file") && missing.stderr.contains("hint: `/save FILE`"), "{missing:?}");
    let damaged = resume(&file("chat.json", "{}"));
    assert_eq!(damaged.code, Some(3), "{damaged:?}");
    assert!(damaged.stderr.contains("cannot be resumed: the text is not what `save` gave"), "{damaged:?}");
    let both = run(&mut sandbox.lpchat(&["chat", "--resume", "x", "--skill", "Sales"]));
    assert_eq!(both.code, Some(2), "{both:?}");
    let folder = run_with_input(&mut sandbox.lpchat(&["chat", "--skill", "Sales", "--keep", "/nonexistent/chat.json"]), "");
    assert_eq!(folder.code, Some(3), "{folder:?}");
    assert_eq!(sandbox.chat_state().as_deref(), Some("ended"), "no orphan is left in the queue");
}
