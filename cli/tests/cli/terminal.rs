//! What a person at a terminal sees: `script` makes the terminal.

use std::os::unix::fs::PermissionsExt;

use crate::pty::{AGENT, CHAT_HINT as HINT, DIM, SPEECH, Terminal, config};
use crate::support::{Ran, Sandbox, file, sandbox_executable, until};

/// Runs `lpchat` at a terminal where `work` presses the keys.
fn run_at_terminal(arguments: &str, variables: &[(&str, &str)], work: impl FnOnce(&mut Terminal)) -> Ran {
    let mut terminal = Terminal::start(arguments, variables);
    work(&mut terminal);
    terminal.finish()
}

/// The same with keys pressed once the chat has a state.
fn at_terminal(sandbox: &Sandbox, arguments: &str, variables: &[(&str, &str)], keys: &[(&str, &[u8])]) -> Ran {
    run_at_terminal(arguments, variables, |terminal| {
        for (state, bytes) in keys {
            sandbox.is(state);
            terminal.shows(HINT);
            terminal.press(bytes);
        }
    })
}

#[test]
fn a_chat_is_coloured_and_ctrl_d_ends_it() {
    let sandbox = Sandbox::start();
    let arguments = format!("{} chat --skill Sales --poll-ms 50", config(&sandbox));
    let ran = run_at_terminal(&arguments, &[], |terminal| {
        terminal.shows("How can I help?");
        terminal.enter("hello");
        until("an answer", || (sandbox.lines_of("agent").len() == 2).then_some(()));
        terminal.press(b"\x04");
    });
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains(HINT), "{}", ran.stdout);
    assert!(ran.stdout.contains(&format!("{DIM}· waiting for an agent\u{1b}[0m")), "{}", ran.stdout);
    assert!(ran.stdout.contains(&format!("{AGENT}Ben:\u{1b}[0m {SPEECH}Hello, I am Ben.")), "{}", ran.stdout);
    assert!(!ran.stdout.contains("you: hello"), "what was typed stands there already: {}", ran.stdout);
    assert_eq!(sandbox.chat_state().as_deref(), Some("ended"));
}

#[test]
fn no_color_and_dumb_terminals_are_respected() {
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let sandbox = Sandbox::start();
        let arguments = format!("{} chat --skill Sales --poll-ms 50", config(&sandbox));
        let ran = at_terminal(&sandbox, &arguments, &[variable], &[("chatting", b"/end\r")]);
        assert!(ran.stdout.contains("· waiting for an agent"), "{}", ran.stdout);
        assert!(!ran.stdout.contains(DIM) && !ran.stdout.contains(AGENT), "{variable:?}: {}", ran.stdout);
    }
}

#[test]
fn ctrl_c_at_the_terminal_ends_the_chat() {
    let sandbox = Sandbox::start();
    let mut terminal = Terminal::visitor(&sandbox, "--skill Human");
    terminal.enter("early");
    terminal.displays("(sent as soon as an agent is here)");
    terminal.press(b"\x03");
    let ran = terminal.finish();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert_eq!(sandbox.chat_state().as_deref(), Some("ended"));
}

#[test]
fn ctrl_d_ends_a_chat_that_nobody_has_accepted() {
    let sandbox = Sandbox::start();
    let arguments = format!("{} chat --skill Human --poll-ms 50", config(&sandbox));
    let ran = at_terminal(&sandbox, &arguments, &[], &[("waiting", b"early\r"), ("waiting", b"\x04")]);
    assert_eq!(ran.code, Some(15), "{ran:?}");
    assert!(ran.stdout.contains("error: Not sent, or not for certain: 1 line."), "{}", ran.stdout);
    assert_eq!(sandbox.chat_state().as_deref(), Some("ended"));
}

/// What is on the screen after the last of what clears the line, on the last row.
fn last_row(output: &str) -> &str {
    output.rsplit("\r\u{1b}[K").next().unwrap_or_default()
}

#[test]
fn what_is_being_typed_stays_below_what_comes_in() {
    let sandbox = Sandbox::with(&["agent_answer_ms=1500"]);
    let arguments = format!("{} chat --skill Sales --poll-ms 50", config(&sandbox));
    let mut screens = Vec::new();
    let ran = run_at_terminal(&arguments, &[], |terminal| {
        terminal.shows("How can I help?");
        terminal.enter("first");
        until("the line is there", || (sandbox.lines_of("visitor") == ["first"]).then_some(()));
        terminal.press("zweíx\x7f\x1b[D te".as_bytes());
        terminal.displays("You said: first");
        terminal.displays("> zweí te");
        screens.push(terminal.screen());
        terminal.press(b"ns\r");
        until("both lines", || (sandbox.lines_of("visitor") == ["first", "zweí tens"]).then_some(()));
        terminal.enter("/end");
    });
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let rows: Vec<&str> = screens[0].trim_end().lines().collect();
    assert_eq!(rows[rows.len() - 1], "> zweí te", "{rows:#?}");
    assert!(rows[rows.len() - 2].starts_with("Ben: You said: first - "), "the row of what passes is gone: {rows:#?}");
    assert!(rows.contains(&"> first"), "what was sent stands above: {rows:#?}");
}

#[test]
fn the_terminal_is_given_back_as_it_was() {
    let sandbox = Sandbox::start();
    let normal = at_terminal(&sandbox, "--version; stty -a", &[], &[]).stdout;
    for (keys, code) in [(&b"/end\r"[..], 0), (b"\x04", 0), (b"\x03", 130), (b"bye\r", 0)] {
        let sandbox = Sandbox::start();
        let arguments = format!("{} chat --skill Sales --poll-ms 50; code=$?; stty -a; exit $code", config(&sandbox));
        let ran = at_terminal(&sandbox, &arguments, &[], &[("chatting", keys)]);
        assert_eq!(ran.code, Some(code), "{ran:?}");
        let settings = |output: &str| output[output.find("speed ").unwrap_or_else(|| panic!("{output}"))..].to_owned();
        assert_eq!(settings(last_row(&ran.stdout)), settings(&normal), "{keys:?}");
    }
}

#[test]
fn a_chat_can_be_left_though_the_service_is_gone() {
    let mut sandbox = Sandbox::start();
    let arguments = format!("{} chat --skill Sales --poll-ms 50", config(&sandbox));
    let ran = run_at_terminal(&arguments, &[], |terminal| {
        terminal.shows("an agent is here");
        sandbox.kill();
        terminal.press(b"hello\r");
        terminal.shows("warning: the chat cannot be reached");
        terminal.press(b"/end\r");
    });
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert_eq!(ran.stdout.matches("warning: the chat cannot be reached").count(), 1, "{ran:?}");
    assert!(ran.stdout.contains("warning: Not sent, or not for certain: 1 line."), "{ran:?}");
}

#[test]
fn progress_does_not_run_into_what_a_pipe_prints() {
    let sandbox = Sandbox::start();
    let search = format!("{} history search --start 2020-01-01 --visitor-id x", config(&sandbox));
    let shown = at_terminal(&sandbox, &search, &[], &[]);
    assert!(shown.stdout.contains("Searching…"), "{shown:?}");
    let piped = at_terminal(&sandbox, &format!("{search} | cat"), &[], &[]);
    assert!(!piped.stdout.contains("Searching…") && piped.stdout.contains("No engagement matches."), "{piped:?}");
}

#[test]
fn a_sandbox_in_a_terminal_says_what_its_line_is_for() {
    let ran = run_at_terminal("sandbox", &[], |terminal| {
        terminal.shows("{\"account_id\":");
        terminal.press(b"\x03");
    });
    let at = |text: &str| ran.stdout.find(text).unwrap_or_else(|| panic!("{text}: {ran:?}"));
    assert!(at("--sandbox-config @sandbox.json") < at("{\"account_id\":"), "{ran:?}");
}

#[test]
fn ctrl_c_at_the_terminal_leaves_the_private_sandbox_time_to_end_the_chat() {
    let trace = file("sandbox.json", "");
    let wrapper = file("sandbox", &format!("#!/bin/sh\n{} \"$@\" | tee {}\n", sandbox_executable(), trace.display()));
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).unwrap();
    let variables = [("LPCHAT_SANDBOX", wrapper.to_str().unwrap())];
    let press = |terminal: &mut Terminal| {
        let config =
            until("the private sandbox runs", || std::fs::read_to_string(&trace).ok().filter(|line| line.ends_with('\n')));
        let sandbox = Sandbox::of(&config);
        until("there is a chat", || sandbox.chat_state());
        // Were the sandbox to hear Ctrl-C as well, it would be gone before it answers.
        sandbox.fault(&serde_json::json!({ "route": "visitor.add_event", "action": { "delay_ms": 500 } }));
        terminal.press(b"\x03");
    };
    let ran = run_at_terminal("--with-sandbox chat --skill Sales", &variables, press);
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.stdout.contains("Ending the chat…") && !ran.stdout.contains("could not be ended"), "{}", ran.stdout);
}

#[test]
fn a_table_fits_the_terminal() {
    let sandbox = Sandbox::start();
    let visitor = "a-visitor-with-a-name-that-goes-on-and-on-beyond-every-edge";
    let found =
        crate::support::run(&mut sandbox.lpchat(&["history", "search", "--start", "2020-01-01", "--visitor-id", "x", "--json"]));
    assert_eq!(found.code, Some(0), "{found:?}");
    let record = serde_json::json!({ "info": {
        "engagementId": "123456781", "startTimeL": now() - 3_600_000, "endTimeL": now() - 3_000_000, "visitorId": "x",
        "visitorName": visitor, "skillName": "Sales", "agentNickName": "Ben",
    }});
    sandbox.post("/admin/history", &record);
    let arguments = format!("{} history search --visitor-id x", config(&sandbox));
    let ran = at_terminal(&sandbox, &arguments, &[], &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let row = ran.stdout.lines().find(|line| line.contains("a-visitor")).unwrap_or_else(|| panic!("{ran:?}")).trim_end();
    assert_eq!(row.chars().count(), 70, "{row}");
    assert!(row.contains('…') && !row.contains("edge"), "{row}");
    assert!(ran.stdout.contains("Searching…") && ran.stdout.contains("1 engagement\r\n"), "progress: {ran:?}");
}

fn now() -> i64 {
    lpchat::Timestamp::from(std::time::SystemTime::now()).as_millis()
}

#[test]
fn an_export_shows_its_progress_at_a_terminal() {
    let folder = file("export/.keep", "").with_file_name("chats");
    let range = "--start 2026-01-01 --end 2026-02-01 --format jsonl";
    let ran = run_at_terminal(&format!("--with-sandbox history export {} {range}", folder.display()), &[], |_| {});
    assert!(ran.stdout.contains("/31 days, ") && ran.stdout.contains("Complete: "), "{ran:?}");
}
