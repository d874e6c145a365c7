use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use lpchat::{AgentChat, AvailabilityState, LineRequest};
use serde_json::{Value, json};

use crate::support::{Running, Sandbox, run, run_with_input, until};

fn chat(sandbox: &Sandbox, more: &[&str]) -> Command {
    sandbox.lpchat(&[&["chat", "--skill", "Sales", "--poll-ms", "50", "--quiet-ms", "400"], more].concat())
}

/// An agent who is online.
fn agent(sandbox: &Sandbox) -> std::sync::Arc<lpchat::AgentSession> {
    let session = sandbox.client().agent().start_session().unwrap();
    session.set_availability(AvailabilityState::Online, None).unwrap();
    session.into()
}

fn accept(session: &lpchat::AgentSession) -> std::sync::Arc<AgentChat> {
    until("a chat rings", || session.accept_chat().unwrap())
}

#[test]
fn piped_lines_wait_for_the_agent_and_the_answers_are_waited_for() {
    let sandbox = Sandbox::with(&["agent_accept_ms=700"]);
    let ran = run_with_input(&mut chat(&sandbox, &["--pre-chat-line", "order 42"]), "Where is my order?\n\n4711\n");
    let expected = "· waiting for an agent\n\
        · Thank you for choosing to chat with us.  An agent will be with you shortly.\n\
        · an agent is here\n";
    assert!(ran.stdout.starts_with(expected), "{ran:?}");
    for line in ["you: Where is my order?", "you: 4711"] {
        assert!(ran.stdout.lines().any(|found| found == line), "{line}: {ran:?}");
    }
    assert_eq!(ran.stdout.matches(": You said: ").count(), 2, "both answers: {ran:?}");
    assert!(ran.stdout.ends_with("· the chat has ended\n"), "{ran:?}");
    assert!(!ran.stdout.contains("order 42"), "the echo of a pre-chat line is hidden: {ran:?}");
    assert_eq!(sandbox.lines_of("visitor"), ["Where is my order?", "4711"]);
    assert_eq!(sandbox.chat_state().as_deref(), Some("ended"));
    assert!(ran.stderr.contains("lpchat history search --engagement-id 12345678"), "{ran:?}");
    assert_eq!(ran.code, Some(0));
}

#[test]
fn json_gives_every_event_as_the_service_sent_it() {
    let sandbox = Sandbox::start();
    let events = run_with_input(&mut chat(&sandbox, &["--pre-chat-line", "order 42", "--json"]), "hello\n").json_lines();
    let (own, events): (Vec<Value>, Vec<Value>) = events.into_iter().partition(|event| event["@id"].is_null());
    assert!(own.iter().all(|event| event["@type"] == "typing"), "lpchat's own: {own:?}");
    let ids: Vec<String> = events.iter().map(|event| event["@id"].as_str().unwrap().to_owned()).collect();
    let expected: Vec<String> = (0..events.len()).map(|id| id.to_string()).collect();
    assert_eq!(ids, expected, "no gap and no repeat");
    assert!(events.iter().any(|event| event["systemMessageId"] == 0 && event["text"] == "order 42"), "{events:?}");
    assert_eq!(events.last().unwrap()["state"], "ended");
}

#[test]
fn without_input_it_shows_the_greeting_and_ends() {
    let sandbox = Sandbox::start();
    let stdout = run(&mut chat(&sandbox, &[])).success();
    assert!(stdout.contains("How can I help?") && stdout.ends_with("· the chat has ended\n"), "{stdout}");
}

#[test]
fn end_ends_the_chat_though_the_input_goes_on() {
    let sandbox = Sandbox::start();
    let mut running = Running::start(chat(&sandbox, &[]).stdin(Stdio::piped()));
    let mut stdin = running.stdin();
    stdin.write_all(b"one\n/end\ntwo\n").unwrap();
    let ran = running.wait();
    assert_eq!((ran.code, sandbox.lines_of("visitor")), (Some(0), vec!["one".to_owned()]), "{ran:?}");
    assert_eq!(sandbox.chat_state().as_deref(), Some("ended"));
    drop(stdin);
}

#[test]
fn an_agent_who_ends_the_chat_ends_the_command() {
    let sandbox = Sandbox::start();
    let mut running = Running::start(chat(&sandbox, &[]).stdin(Stdio::piped()));
    let mut stdin = running.stdin();
    stdin.write_all(b"bye\n").unwrap();
    let ran = running.wait();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.ends_with("· the chat has ended\n"), "{ran:?}");
    drop(stdin);
}

#[test]
fn ctrl_c_ends_the_chat_first() {
    let sandbox = Sandbox::start();
    let mut running = Running::start(chat(&sandbox, &[]).stdin(Stdio::piped()));
    let stdin = running.stdin();
    until("the chat is open", || sandbox.chat_state().filter(|state| state == "chatting"));
    running.interrupt();
    let ran = running.wait();
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(130), "Ending the chat…\n"), "{ran:?}");
    assert_eq!(sandbox.chat_state().as_deref(), Some("ended"));
    drop(stdin);
}

#[test]
fn ctrl_c_has_the_last_word() {
    let sandbox = Sandbox::start();
    let mut running = Running::start(chat(&sandbox, &[]).stdin(Stdio::piped()));
    let stdin = running.stdin();
    until("the chat is open", || sandbox.chat_state().filter(|state| state == "chatting"));
    // The end shows in the events before it is answered.
    sandbox.fault(&json!({ "route": "visitor.add_event", "stage": "after", "action": { "delay_ms": 700 } }));
    running.interrupt();
    let ran = running.wait();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.stdout.ends_with("· the chat has ended\n"), "{ran:?}");
    assert_eq!(ran.stderr, "Ending the chat…\n", "{ran:?}");
    drop(stdin);
}

#[test]
fn a_reader_that_leaves_early_ends_the_chat() {
    let sandbox = Sandbox::start();
    let mut process = chat(&sandbox, &[]).stdin(Stdio::piped()).spawn().unwrap();
    let stdin = process.stdin.take();
    drop(process.stdout.take());
    let ran = Running::of(process).wait();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(sandbox.chat_state().as_deref(), Some("ended"));
    drop(stdin);
}

#[test]
fn an_agent_cannot_command_the_terminal() {
    let sandbox = Sandbox::start();
    let session = agent(&sandbox);
    let running = Running::start(&mut chat(&sandbox, &["--quiet-ms", "1000"]));
    let chat = accept(&session);
    for text in ["title \u{1b}]0;pwned\u{7} end\r\u{9b}2J", "<b>plain</b>", "first\n· the chat has ended"] {
        chat.add_line(LineRequest { text: text.into(), ..LineRequest::default() }).unwrap();
    }
    let stdout = running.wait().success();
    assert!(!stdout.contains(['\u{1b}', '\u{7}', '\r', '\u{9b}']), "{stdout:?}");
    assert!(stdout.contains("title \\u{1b}]0;pwned\\u{7} end\\u{d}\\u{9b}2J\n"), "{stdout}");
    assert!(stdout.contains(": <b>plain</b>\n"), "plain text is no HTML: {stdout}");
    assert!(stdout.contains("first\n    · the chat has ended\n"), "a second row is set in: {stdout}");
}

#[test]
fn html_of_an_agent_is_shown_as_plain_text() {
    let sandbox = Sandbox::start();
    let html =
        "<div dir=\"ltr\">Hi &amp; <b>hello</b>&#8238;&#27;[31m<br><a href=\"https://shop.example/a\">your order</a></div>";
    let line = json!({ "@id": "1", "@type": "line", "source": "agent", "by": "Eve\u{1b}[0m", "textType": "html", "text": html });
    let events = json!({ "event": [{ "@id": "0", "@type": "state", "state": "chatting" }, line] });
    let document = json!({ "chat": { "events": events, "info": { "state": "chatting" } } });
    sandbox.fault(&json!({ "route": "visitor.chat", "action": { "status": 200, "json": document } }));
    let stdout = run(&mut chat(&sandbox, &[])).success();
    let expected = "· an agent is here\nEve\\u{1b}[0m: Hi & hello\\u{202e}&#27;[31m\n    your order (https://shop.example/a)\n";
    assert!(stdout.starts_with(expected), "{stdout}");
}

#[test]
fn lines_that_were_not_sent_are_not_passed_over() {
    let sandbox = Sandbox::start();
    let session = agent(&sandbox);
    let mut command = chat(&sandbox, &["--poll-ms", "2000"]);
    let mut running = Running::start(command.stdin(Stdio::piped()));
    running.stdin().write_all(b"one\ntwo\n").unwrap();
    // Both happen between two looks.
    until("the first look", || (sandbox.requests("visitor.chat") > 0).then_some(()));
    accept(&session).end().unwrap();
    let ran = running.wait();
    assert_eq!(ran.code, Some(15), "{ran:?}");
    assert!(ran.stderr.contains("error: Not sent, or not for certain: 2 lines.\nhint: The chat ended first."), "{ran:?}");
}

#[test]
fn a_line_that_the_end_of_the_chat_refused_was_not_sent() {
    let sandbox = Sandbox::start();
    let body = json!({ "error": { "internalCode": 5, "message": "Chat was ended" } });
    sandbox.fault(&json!({ "route": "visitor.add_event", "action": { "status": 400, "json": body } }));
    let ran = run_with_input(&mut chat(&sandbox, &[]), "one\ntwo\n");
    assert_eq!(ran.code, Some(15), "{ran:?}");
    assert!(ran.stderr.contains("error: Not sent, or not for certain: 2 lines."), "{ran:?}");
}

#[test]
fn it_is_quiet_from_the_last_line_on() {
    let sandbox = Sandbox::with(&["agent_answer_ms=300"]);
    let mut running = Running::start(chat(&sandbox, &["--quiet-ms", "600"]).stdin(Stdio::piped()));
    let mut stdin = running.stdin();
    stdin.write_all(b"one\n").unwrap();
    until("the first line is there", || (sandbox.lines_of("visitor") == ["one"]).then_some(()));
    std::thread::sleep(Duration::from_millis(700));
    stdin.write_all(b"two\n").unwrap();
    drop(stdin);
    let stdout = running.wait().success();
    assert_eq!(stdout.matches(": You said: ").count(), 2, "{stdout}");
}

#[test]
fn a_line_that_came_too_early_is_sent_again() {
    let sandbox = Sandbox::start();
    let body = json!({ "error": { "internalCode": 5, "message": "Cannot add line while not in chat" } });
    sandbox.fault(&json!({ "route": "visitor.add_event", "action": { "status": 400, "json": body } }));
    let ran = run_with_input(&mut chat(&sandbox, &[]), "one\ntwo\n");
    assert_eq!((ran.code, ran.stderr.contains("error")), (Some(0), false), "{ran:?}");
    assert_eq!(sandbox.lines_of("visitor"), ["one", "two"], "in their order");
}

#[test]
fn a_line_whose_answer_is_lost_is_read_back() {
    let sandbox = Sandbox::start();
    sandbox.fault(&json!({ "route": "visitor.add_event", "stage": "after", "action": { "reset": true } }));
    let ran = run_with_input(&mut chat(&sandbox, &[]), "one\ntwo\n");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(sandbox.lines_of("visitor"), ["one", "two"], "neither lost nor repeated");
}

#[test]
fn a_line_of_unknown_outcome_is_told() {
    let sandbox = Sandbox::start();
    sandbox.fault(&json!({ "route": "visitor.add_event", "action": { "reset": true } }));
    let ran = run_with_input(&mut chat(&sandbox, &[]), "one\ntwo\n");
    assert_eq!(ran.code, Some(14), "{ran:?}");
    assert!(ran.stderr.contains("The line did not turn up"), "{ran:?}");
    assert!(ran.stderr.contains("error: Not sent, or not for certain: 1 line."), "{ran:?}");
    assert_eq!(sandbox.lines_of("visitor"), ["two"], "not sent again, for it may still arrive");
}

#[test]
fn failed_looks_are_said_once_and_repeated() {
    let sandbox = Sandbox::start();
    sandbox.fault(&json!({ "route": "visitor.chat", "skip": 1, "times": 3, "action": { "status": 503 } }));
    let ran = run_with_input(&mut chat(&sandbox, &[]), "hello\n");
    assert_eq!(ran.stderr.matches("warning: the chat cannot be reached").count(), 1, "said once: {ran:?}");
    assert_eq!(ran.stderr.matches("The chat can be reached again.").count(), 1, "{ran:?}");
    assert_eq!(sandbox.lines_of("visitor"), ["hello"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn a_throttled_line_goes_out_later() {
    let sandbox = Sandbox::start();
    sandbox.fault(&json!({ "route": "visitor.add_event", "action": { "status": 429 } }));
    let ran = run_with_input(&mut chat(&sandbox, &[]), "one\ntwo\n");
    assert_eq!((ran.code, sandbox.lines_of("visitor")), (Some(0), vec!["one".to_owned(), "two".to_owned()]), "{ran:?}");
}

#[test]
fn nobody_waits_for_ever_who_does_not_want_to() {
    let sandbox = Sandbox::start();
    let mut command = sandbox.lpchat(&["chat", "--skill", "Human", "--poll-ms", "50", "--agent-timeout", "0.3"]);
    let ran = run_with_input(&mut command, "hello\n");
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(ran.stderr.contains("error: No agent came within"), "{ran:?}");
    assert_eq!(sandbox.chat_state().as_deref(), Some("ended"), "no orphan is left in the queue");
}

#[test]
fn an_unknown_skill_is_the_services_error() {
    let sandbox = Sandbox::start();
    let stderr = run(&mut sandbox.lpchat(&["chat", "--skill", "No such skill"])).failure(10);
    assert!(stderr.starts_with("error: Visitor.start_chat: "), "{stderr}");
    assert_eq!(sandbox.get("/admin/chats"), Value::Array(Vec::new()));
}
