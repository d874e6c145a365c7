//! Both sides of a chat through the sandbox: visitors and agents at terminals, and programs.

use lpchat::{AvailabilityState, ChatRequest, LineRequest, TextType};
use serde_json::{Value, json};

use crate::pty::{AGENT, SPEECH, Terminal};
use crate::support::{Program, Sandbox, run, run_with_input, until};

/// An agent as a program.
fn agent(sandbox: &Sandbox, more: &[&str]) -> Program {
    Program::start(&mut sandbox.lpchat(&[&["agent", "--json", "--poll-ms", "50"], more].concat()))
}

/// A visitor as a program.
fn visitor(sandbox: &Sandbox, more: &[&str]) -> Program {
    Program::start(&mut sandbox.lpchat(&[&["chat", "--json", "--skill", "Human", "--poll-ms", "50"], more].concat()))
}

/// What an agent reads of a line in a chat.
fn line(chat: u32, text: &str) -> Value {
    json!({ "type": "event", "chat": chat, "event": { "@type": "line", "text": text } })
}

#[test]
fn both_sides_talk_at_terminals() {
    let sandbox = Sandbox::start();
    let mut agent = Terminal::agent(&sandbox, "");
    let mut visitor = Terminal::visitor(&sandbox, "--skill Human --visitor-name Zoë --pre-chat-line 'Order 42'");
    agent.displays("· a chat rings: /accept within");
    agent.enter("/accept");
    agent.displays("· chat 1 is open: Zoë");
    agent.displays("[1] · before the chat: Order 42");
    agent.displays("[1] >");
    agent.loses("/accept within");
    visitor.displays("You are now chatting with Alex.");
    visitor.enter("Where is my order?");
    agent.displays("[1] Zoë: Where is my order?");
    agent.shows(&format!("{AGENT}Zoë:\u{1b}[0m {SPEECH}Where is my order?"));
    agent.enter("On its way.");
    visitor.displays("Alex: On its way.");
    visitor.shows(&format!("{AGENT}Alex:\u{1b}[0m {SPEECH}On its way."));
    visitor.enter("/end");
    agent.displays("[1] · the chat has ended");
    agent.displays("chat 1 is closed (ended)");
    for (screen, line) in [(agent.screen(), "On its way."), (visitor.screen(), "Where is my order?")] {
        assert_eq!(screen.matches(line).count(), 1, "a line that was typed here stands there once: {screen}");
    }
    agent.enter("/quit");
    let (agent, visitor) = (agent.finish(), visitor.finish());
    assert_eq!((agent.code, visitor.code), (Some(0), Some(0)), "{agent:?} {visitor:?}");
    assert_eq!(sandbox.requests("login.logout"), 1, "{agent:?}");
}

#[test]
fn typing_is_told_once_and_shown_while_it_lasts() {
    let sandbox = Sandbox::start();
    let mut agent = Terminal::agent(&sandbox, "--accept-all");
    let mut visitor = Terminal::visitor(&sandbox, "--skill Human --visitor-name Zoë");
    visitor.displays("an agent is here");
    visitor.press(b"/help");
    visitor.displays("> /help");
    visitor.press(b"\x15Hello");
    agent.displays("[1] Zoë is typing…");
    // Who pauses has stopped.
    agent.loses("is typing…");
    assert_eq!(sandbox.requests("visitor.set_typing"), 2, "a command is no message, and each change is told once");
    agent.press(b"One mo");
    visitor.displays("· the agent is typing…");
    agent.press(b"ment.\r");
    visitor.displays("Alex: One moment.");
    visitor.loses("the agent is typing…");
    visitor.press(b"\r/end\r");
    assert_eq!(visitor.finish().code, Some(0));
    agent.press(b"\x04");
    assert_eq!(agent.finish().code, Some(0));
    assert_eq!(sandbox.lines_of("visitor"), ["Hello"]);
}

#[test]
fn several_chats_have_a_number_each_and_one_is_current() {
    let sandbox = Sandbox::start();
    let mut agent = Terminal::agent(&sandbox, "");
    let waiting = json!({ "@type": "state", "state": "waiting" });
    // The name is set before the first event is shown.
    let first = visitor(&sandbox, &["--visitor-name", "Ada"]);
    first.tells(&waiting);
    agent.displays("a chat rings:");
    let mut second = visitor(&sandbox, &["--visitor-name", "Bob"]);
    second.tells(&waiting);
    agent.displays("2 chats ring:");
    agent.enter("/accept 2");
    agent.displays("· chat 2 is open: Bob");
    agent.enter("to Ada");
    first.tells(&json!({ "source": "agent", "text": "to Ada" }));
    second.write("from Bob");
    agent.displays("[2] Bob: from Bob");
    agent.enter("/switch 2");
    agent.displays("[2] >");
    agent.enter("to Bob");
    second.tells(&json!({ "source": "agent", "text": "to Bob" }));
    agent.enter("/say 1 to Ada again");
    first.tells(&json!({ "source": "agent", "text": "to Ada again" }));
    agent.enter("/chats");
    agent.displays("·   1: Ada");
    agent.displays("· → 2: Bob");
    agent.enter("/info");
    agent.displays("· chat 2: state: chatting, agent: Alex, visitor: Bob");
    agent.enter("/end");
    agent.displays("chat 2 is closed (ended); the current one is 1");
    assert_eq!(second.finish().code, Some(0));
    agent.displays("[1] >");
    agent.enter("/quit end");
    let ran = agent.finish();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(first.finish().code, Some(0), "the agent has ended it");
}

#[test]
fn a_chat_moves_to_an_agent_with_a_note_and_to_a_skill() {
    let sandbox = Sandbox::start();
    let mut alex = agent(&sandbox, &["--accept-all"]);
    alex.tells(&json!({ "type": "availability", "state": "Online" }));
    let mut guest = visitor(&sandbox, &[]);
    alex.tells(&json!({ "type": "opened", "chat": 1 }));
    let mut robin = agent(&sandbox, &["--username", "agent2@example.com", "--accept-all"]);
    robin.tells(&json!({ "type": "session", "agent": "Robin" }));
    robin.tells(&json!({ "type": "availability", "state": "Online" }));
    alex.write("/transfer agent Nobody");
    let refusal = alex.tells(&json!({ "type": "error", "input": "/transfer agent Nobody" }));
    assert!(refusal["message"].as_str().unwrap().contains("Robin"), "{refusal}");
    alex.write("/transfer agent robin -- wants a refund");
    alex.tells(&json!({ "type": "closed", "chat": 1, "why": "transferred" }));
    robin.tells(&json!({ "type": "opened", "chat": 1 }));
    robin.tells(&line(1, "wants a refund"));
    guest.write("hello Robin");
    robin.tells(&line(1, "hello Robin"));
    robin.write(r#"{"command":"transfer","skill":"Sales"}"#);
    robin.tells(&json!({ "type": "closed", "chat": 1, "why": "transferred" }));
    // Alex has the skill too, and is asked before those who answer by script.
    alex.tells(&json!({ "type": "opened", "chat": 2 }));
    assert_eq!(robin.finish().code, Some(0));
    alex.write(r#"{"command":"say","chat":2,"text":"here again"}"#);
    guest.tells(&json!({ "source": "agent", "text": "here again" }));
    guest.write("/end");
    assert_eq!((guest.finish().code, alex.finish().code), (Some(0), Some(0)));
}

#[test]
fn a_chat_that_rings_in_vain_sets_the_agent_away() {
    let sandbox = Sandbox::with(&["ring_timeout_s=1"]);
    let mut agent = Terminal::agent(&sandbox, "");
    let guest = visitor(&sandbox, &[]);
    agent.displays("a chat rings, for");
    agent.displays("a chat rings no more");
    agent.displays("you are away, because a chat rang in vain: /back takes chats again");
    agent.loses("/accept within");
    agent.enter("/accept");
    agent.displays("error: No chat rings.");
    sandbox.post("/admin/switches", &json!({ "ring_timeout_s": 600 }));
    agent.enter("/back");
    agent.displays("/accept within");
    agent.enter("/accept");
    agent.displays("chat 1 is open");
    agent.press(b"\x04");
    assert_eq!(agent.finish().code, Some(0));
    drop(guest);
}

#[test]
fn programs_get_one_document_a_line_and_give_commands_in_both_forms() {
    let sandbox = Sandbox::start();
    let mut agent = agent(&sandbox, &[]);
    let session = agent.tells(&json!({ "type": "session", "agent": "Alex", "login": "agent@example.com" }));
    assert!(session["skills"].as_array().unwrap().contains(&"Human".into()), "{session}");
    agent.tells(&json!({ "type": "availability", "state": "Online" }));
    let mut guest = visitor(&sandbox, &[]);
    let ring = agent.tells(&json!({ "type": "ring", "ringing": 1 }));
    assert!(ring["seconds_left"].as_f64().is_some_and(|left| 0.0 < left && left <= 20.0), "{ring}");
    agent.write(r#"{"command":"accept"}"#);
    agent.tells(&json!({ "type": "opened", "chat": 1, "visitor": "visitor" }));
    agent.write("plain text");
    guest.tells(&json!({ "@type": "line", "source": "agent", "text": "plain text" }));
    agent.write(r#"{"command":"typing","typing":true}"#);
    guest.tells(&json!({ "@type": "typing", "source": "agent", "typing": "typing" }));
    guest.write("/typing on");
    agent.tells(&json!({ "type": "event", "event": { "@type": "typing", "source": "visitor", "typing": "typing" } }));
    guest.write("to you");
    agent.tells(&line(1, "to you"));
    agent.write(r#"{"command":"chats"}"#);
    let chat = json!({ "chat": 1, "visitor": "visitor", "state": "chatting", "current": true });
    agent.tells(&json!({ "type": "chats", "chats": [chat] }));
    agent.write(r#"{"command":"info","chat":1}"#);
    agent.tells(&json!({ "type": "info", "chat": 1, "state": "chatting", "agent": "Alex" }));
    for wrong in [r#"{"command":"dance"}"#, "/dance", "/switch 7", r#"{"command":"say","chat":7,"text":"x"}"#] {
        agent.write(wrong);
        agent.tells(&json!({ "type": "error", "code": "WrongCommand", "input": wrong }));
    }
    agent.write("/away");
    agent.tells(&json!({ "type": "availability", "state": "Away" }));
    guest.write("/info");
    guest.tells(&json!({ "@type": "info", "state": "chatting", "skill": "Human", "agent": "Alex" }));
    agent.write(r#"{"command":"end"}"#);
    agent.tells(&json!({ "type": "closed", "chat": 1, "why": "ended", "unsent": 0 }));
    agent.write(r#"{"command":"quit"}"#);
    let (agent, guest) = (agent.finish(), guest.finish());
    assert_eq!((agent.code, guest.code), (Some(0), Some(0)), "{agent:?} {guest:?}");
    let id = &sandbox.get("/admin/chats")[0]["chat"];
    for output in [agent.stdout, agent.stderr, guest.stdout, guest.stderr] {
        assert!(!output.contains(id.as_str().unwrap()), "a chat's id is a credential: {output}");
    }
}

#[test]
fn a_full_agent_is_occupied_until_a_chat_is_closed() {
    let sandbox = Sandbox::start();
    let mut agent = agent(&sandbox, &["--accept-all", "--max-chats", "1"]);
    agent.tells(&json!({ "type": "availability", "state": "Online" }));
    let first = visitor(&sandbox, &[]);
    agent.tells(&json!({ "type": "opened", "chat": 1 }));
    agent.tells(&json!({ "type": "availability", "state": "Occupied" }));
    let second = visitor(&sandbox, &["--visitor-name", "Bob"]);
    second.tells(&json!({ "@type": "state", "state": "waiting" }));
    agent.write("/end 1");
    agent.tells(&json!({ "type": "closed", "chat": 1 }));
    agent.tells(&json!({ "type": "opened", "chat": 2, "visitor": "Bob" }));
    let opened = agent.documents();
    let states: Vec<&str> = opened.iter().filter_map(|told| told["state"].as_str()).collect();
    assert!(states.starts_with(&["Online", "Occupied", "Online"]), "{states:?}");
    agent.write("/quit end");
    assert_eq!((agent.finish().code, first.finish().code, second.finish().code), (Some(0), Some(0), Some(0)));
}

#[test]
fn chats_that_the_agent_has_are_taken_up_again() {
    let sandbox = Sandbox::start();
    let client = sandbox.client();
    let elsewhere = client.agent().start_session().unwrap();
    elsewhere.set_availability(AvailabilityState::Online, None).unwrap();
    let guest = client.visitor().start_chat(ChatRequest { skill: Some("Human".into()), ..ChatRequest::default() }).unwrap();
    let chat = until("it rings", || elsewhere.accept_chat().unwrap());
    chat.add_line(LineRequest { text: "from before".into(), ..LineRequest::default() }).unwrap();
    let mut agent = agent(&sandbox, &["--state", "away"]);
    agent.tells(&json!({ "type": "availability", "state": "Away" }));
    agent.tells(&json!({ "type": "opened", "chat": 1 }));
    agent.tells(&line(1, "from before"));
    agent.write("from here");
    until("the line", || (sandbox.lines_of("agent") == ["from before", "from here"]).then_some(()));
    assert_eq!(agent.finish().code, Some(0));
    drop(guest);
}

#[test]
fn ctrl_c_and_ctrl_d_give_the_chats_back() {
    for (keys, code, said) in [(b"\x03", 130, "Logging out…"), (b"\x04", 0, "chat 1 goes back to the queue")] {
        let sandbox = Sandbox::start();
        let mut robin = agent(&sandbox, &["--username", "agent2@example.com", "--state", "away"]);
        robin.tells(&json!({ "type": "availability", "state": "Away" }));
        let mut agent = Terminal::agent(&sandbox, "--accept-all; code=$?; stty -a; exit $code");
        let guest = visitor(&sandbox, &[]);
        agent.displays("chat 1 is open");
        robin.write("/back");
        robin.tells(&json!({ "type": "availability", "state": "Online" }));
        agent.press(keys);
        let ran = agent.finish();
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert!(ran.stdout.contains(said), "{ran:?}");
        assert!(ran.stdout.contains(" icanon") && ran.stdout.contains(" echo "), "the terminal is given back: {ran:?}");
        robin.tells(&json!({ "type": "ring" }));
        assert_eq!(sandbox.requests("login.logout"), 1, "{ran:?}");
        robin.write("/accept");
        robin.write("/quit end");
        assert_eq!((robin.finish().code, guest.finish().code), (Some(0), Some(0)));
    }
}

#[test]
fn keys_and_ctrl_c_work_while_a_command_waits_for_a_service_that_hangs() {
    let hang = json!({ "hang": true });
    let sandbox = Sandbox::start();
    let mut agent = Terminal::agent(&sandbox, "--accept-all");
    let guest = Terminal::visitor(&sandbox, "--skill Human");
    agent.displays("chat 1 is open");
    sandbox.fault(&json!({ "route": "agent.info", "times": 1000, "action": hang }));
    agent.enter("/info");
    until("the command waits", || (sandbox.get("/admin/faults")[0]["happened"] != 0).then_some(()));
    agent.press(b"typed meanwhilf\x7fe");
    agent.displays("> typed meanwhile");
    agent.press(b"\x03");
    let ran = agent.finish();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.stdout.contains("Logging out") && !ran.stdout.contains("did not finish within"), "{ran:?}");
    assert_eq!(sandbox.requests("login.logout"), 1, "{ran:?}");
    drop(guest);
}

#[test]
fn wrong_commands_are_explained_at_both_terminals() {
    let sandbox = Sandbox::start();
    let mut agent = Terminal::agent(&sandbox, "");
    for (typed, reason) in [
        ("hello", "error: No chat is open: /accept takes one that rings."),
        ("/frobnicate", "error: There is no command /frobnicate: /help lists them."),
        ("/switch one", "error: /switch takes a number from 1 on"),
        ("/end 3", "error: There is no chat 3: /chats lists those that are open."),
    ] {
        agent.enter(typed);
        agent.displays(reason);
    }
    agent.enter("/help");
    agent.displays("/transfer agent NAME [-- NOTE]");
    agent.enter("/quit");
    assert_eq!(agent.finish().code, Some(0));
    let mut visitor = Terminal::visitor(&sandbox, "--skill Human");
    visitor.enter("/frobnicate");
    visitor.displays("error: There is no command /frobnicate: /help lists them.");
    visitor.enter("/transcript nonsense");
    visitor.displays("nonsense");
    visitor.enter("/help");
    visitor.displays("/transcript ADDRESS");
    visitor.press(b"\x04");
    assert_eq!(visitor.finish().code, Some(0));
}

#[test]
fn a_script_with_a_mistake_fails_when_it_is_through() {
    let sandbox = Sandbox::start();
    let ran = run_with_input(&mut sandbox.lpchat(&["agent", "--poll-ms", "50"]), "/frobnicate\n/chats\n");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stdout.contains("· no chat is open"), "what follows is done: {ran:?}");
    let ran = run_with_input(
        &mut sandbox.lpchat(&["chat", "--skill", "Sales", "--poll-ms", "50", "--quiet-ms", "200"]),
        "/frobnicate\n//etc\n",
    );
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(sandbox.lines_of("visitor"), ["/etc"], "two slashes make a line");
}

#[test]
fn structured_content_is_text_with_its_buttons() {
    let sandbox = Sandbox::start();
    let session = sandbox.client().agent().start_session().unwrap();
    session.set_availability(AvailabilityState::Online, None).unwrap();
    let visitor = Terminal::visitor(&sandbox, "--skill Human");
    let chat = until("it rings", || session.accept_chat().unwrap());
    let content = json!({ "type": "vertical", "elements": [
        { "type": "text", "text": "How can I help?" },
        { "type": "button", "title": "Refund", "click": { "actions": [{ "type": "publishText", "text": "I want a refund" }] } },
    ] });
    chat.add_line(LineRequest {
        text: "A menu".into(),
        text_type: Some(TextType::RichContent),
        json: Some(content.to_string().into()),
        ..LineRequest::default()
    })
    .unwrap();
    visitor.displays("Alex: How can I help?\n    [Refund] (says \"I want a refund\")");
    chat.end().unwrap();
    assert_eq!(visitor.finish().code, Some(0));
}

#[test]
fn a_chat_is_asked_for_with_all_that_the_options_say() {
    let sandbox = Sandbox::start();
    let options = [
        "--visitor-name",
        "Zoë",
        "--custom-variable",
        "colour=blue=green",
        "--language",
        "de-DE",
        "--referrer",
        "the shop",
        "--answer",
        "16314710=Zoë",
        "--transcript",
        "zoe@example.com",
    ];
    let wrong = run(&mut sandbox.lpchat(&["chat", "--skill", "Sales", "--answer", "nope=x"]));
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.stderr.contains("--answer names the question \"nope\". These are asked: "), "{wrong:?}");
    let ran =
        run(&mut sandbox.lpchat(&[&["chat", "--skill", "Sales", "--poll-ms", "50", "--quiet-ms", "200"], &options[..]].concat()));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let chat = &sandbox.get("/admin/chats")[0];
    assert_eq!(
        (&chat["visitor_name"], &chat["language"], &chat["referrer"]),
        (&"Zoë".into(), &"de-DE".into(), &"the shop".into())
    );
    assert!(chat["custom_variables"].to_string().contains("blue=green"), "{chat}");
    assert!(chat["pre_chat_answers"].to_string().contains("Zoë"), "{chat}");
    assert!(chat["transcripts"].to_string().contains("zoe@example.com"), "{chat}");
}

#[test]
fn an_agents_line_whose_answer_is_lost_is_written_once_and_faults_are_told() {
    let sandbox = Sandbox::start();
    let mut agent = agent(&sandbox, &["--accept-all"]);
    agent.tells(&json!({ "type": "availability", "state": "Online" }));
    let guest = visitor(&sandbox, &[]);
    agent.tells(&json!({ "type": "event", "chat": 1, "event": { "@type": "state", "state": "chatting" } }));
    sandbox.fault(&json!({ "route": "agent.add_event", "stage": "after", "action": { "reset": true } }));
    agent.write("one");
    agent.write("two");
    guest.tells(&json!({ "source": "agent", "text": "two" }));
    assert_eq!(sandbox.lines_of("agent"), ["one", "two"]);
    sandbox.fault(&json!({ "route": "agent.chat", "times": 3, "action": { "status": 503 } }));
    agent.tells(&json!({ "type": "event", "chat": 1, "event": { "@type": "degraded" } }));
    agent.tells(&json!({ "type": "event", "chat": 1, "event": { "@type": "recovered" } }));
    agent.write("/quit end");
    let ran = agent.finish();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(guest.finish().code, Some(0));
}
