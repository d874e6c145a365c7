//! Each family has its number, and each message its place.

use serde_json::json;

use crate::support::{Ran, Sandbox, file, lpchat, run};

/// The outcome of `domains` when the service answers like this.
fn domains(action: serde_json::Value) -> Ran {
    let sandbox = Sandbox::start();
    sandbox.fault(&json!({ "route": "domain.*", "times": 100, "action": action }));
    // Less than the first pause before a repeat: the first answer is the last.
    run(&mut sandbox.lpchat(&["--timeout", "4", "domains"]))
}

#[test]
fn wrong_usage_is_2() {
    for arguments in [
        &[][..],
        &["nonsense"],
        &["domains", "--nonsense"],
        &["history", "search", "--limit", "many"],
        &["chat", "--poll-ms", "1"],
        &["--timeout", "0", "domains"],
        &["--timeout", "soon", "domains"],
        &["--app-key", "secrets-are-no-options", "domains"],
        &["--with-sandbox", "--sandbox-config", "{}", "domains"],
        &["--with-sandbox", "domains", "--sandbox-config", "{}"],
        &["--account-id", "1", "domains", "--profile", "work"],
        &["--with-sandbox", "sandbox"],
        &["history", "search", "--count", "--limit", "3"],
    ] {
        let stderr = run(&mut lpchat(arguments)).failure(2);
        assert!(stderr.contains("error: ") || stderr.contains("Usage: "), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_number_that_is_none_is_refused_with_the_rule_and_the_cure() {
    let range = |most: &str| format!("give a whole number from {most}, in digits");
    let any = "give a whole number in digits, such as `20`".to_owned();
    for (arguments, cure) in [
        (&["agent", "--max-chats", "zero"][..], range("1 to 1000")),
        (&["agent", "--max-chats", "0"], range("1 to 1000")),
        (&["agent", "--poll-ms", "2s"], range("50 to 20000")),
        (&["chat", "--poll-ms", "20001"], range("50 to 20000")),
        (&["chat", "--quiet-ms", "soon"], range("0 to 4294967295")),
        (&["chat", "--max-wait", "long"], any.clone()),
        (&["history", "search", "--limit", "1e3"], any.clone()),
        (&["history", "export", "x", "--page-size", "99999999999999999999"], any.clone()),
        (&["history", "count", "--alerted-mcs-values", "1,good"], any.clone()),
        (&["history", "count", "--chat-mcs-from", "0.5"], any),
    ] {
        let stderr = run(&mut lpchat(arguments)).failure(2);
        let (option, value) = (arguments[arguments.len() - 2], arguments[arguments.len() - 1]);
        let value = value.trim_start_matches("1,");
        assert!(stderr.contains(&format!("'{value}' for '{option}")) && stderr.contains(&cure), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_profile_that_would_not_be_read_is_refused() {
    let mut command = lpchat(&["--profile", "work", "domains"]);
    let stderr = run(command.env("LPCHAT_ACCOUNT_ID", "12345678")).failure(2);
    assert_eq!(stderr, "error: --profile has no effect together with LPCHAT_ACCOUNT_ID: give one of them.\n");
}

#[test]
fn a_time_without_an_offset_is_refused_with_the_cure() {
    let stderr = run(&mut lpchat(&["history", "search", "--start", "2026-03-01T09:30", "--end", "2026-03-02"])).failure(2);
    assert!(stderr.contains("write `2026-03-01T09:30Z` for UTC"), "{stderr}");
    let stderr = run(&mut lpchat(&["history", "search", "--start", "yesterday", "--end", "2026-03-02"])).failure(2);
    assert!(stderr.contains("write a date such as `2026-03-01`"), "{stderr}");
}

#[test]
fn configuration_is_3() {
    let stderr = run(&mut lpchat(&["domains"])).failure(3);
    assert!(stderr.starts_with("error: Client.retrieve_domains: No account is configured: set `--account-id`"), "{stderr}");
    assert!(stderr.contains("\nhint: Without an account, --with-sandbox"), "{stderr}");
    let stderr = run(&mut lpchat(&["--profile", "work", "domains"])).failure(3);
    assert!(stderr.contains("The profile \"work\" was asked for"), "{stderr}");
    let stderr = run(&mut lpchat(&["--sandbox-config", "no JSON", "domains"])).failure(3);
    assert!(stderr.contains("is not the line that `lpchat-sandbox` prints"), "{stderr}");
    let stderr = run(&mut lpchat(&["--sandbox-config", "@/nonexistent/file", "domains"])).failure(3);
    assert!(stderr.contains("\"/nonexistent/file\""), "{stderr}");
    let range = ["history", "search", "--start", "2026-01-01", "--end", "2026-03-01", "--offset", "1"];
    let stderr = run(&mut lpchat(&[&["--account-id", "1"], &range[..]].concat())).failure(3);
    assert!(stderr.contains("the service refuses ranges wider than a month"), "{stderr}");
    let stderr = run(&mut lpchat(&["--account-id", "1", "history", "search", "--page-size", "500"])).failure(3);
    assert!(stderr.starts_with("error: `--start` is missing: a search needs `--start` and `--end`; "), "{stderr}");
    let stderr = run(&mut lpchat(&["--account-id", "1", "chat"])).failure(3);
    assert!(stderr.contains("needs one of: app_key.") && stderr.contains("\nhint: Credentials come from variables"), "{stderr}");
}

#[test]
fn connection_is_4() {
    let mut command = lpchat(&["--account-id", "12345678", "--timeout", "4", "domains"]);
    let stderr = run(command.env("HTTPS_PROXY", "http://127.0.0.1:1")).failure(4);
    let lines: Vec<&str> = stderr.lines().collect();
    assert!(lines[0].starts_with("error: Client.retrieve_domains: "), "{stderr}");
    assert!(lines.last().unwrap().starts_with("hint: Check name resolution, proxy variables"), "{stderr}");
}

#[test]
fn each_refusal_has_its_number() {
    for (action, code) in [
        (json!({ "hang": true }), 5),
        (json!({ "status": 401 }), 6),
        (json!({ "status": 403 }), 7),
        (json!({ "status": 429, "headers": { "Retry-After": "100" } }), 9),
        (json!({ "status": 400 }), 10),
        (json!({ "status": 500 }), 11),
        (json!({ "garbage": true }), 12),
    ] {
        let stderr = domains(action.clone()).failure(code);
        assert!(stderr.contains("error: Client.retrieve_domains: "), "{action}: {stderr}");
    }
}

#[test]
fn an_unknown_outcome_is_14() {
    let sandbox = Sandbox::start();
    sandbox.fault(&json!({ "route": "visitor.start", "stage": "after", "action": { "reset": true } }));
    let stderr = run(&mut sandbox.lpchat(&["chat", "--skill", "Sales"])).failure(14);
    assert!(stderr.contains("\ncause: ") && stderr.contains("\nhint: Read the state back"), "{stderr}");
}

#[test]
fn not_found_is_8() {
    let sandbox = Sandbox::start();
    let stderr = run(&mut sandbox.lpchat(&["domains", "nope"])).failure(8);
    let expected = "error: Client.retrieve_domain: The account \"12345678\" has no service \"nope\". [HTTP 404]\n\
        hint: Service names are case-sensitive; which of them an account has depends on its products.\n";
    assert_eq!(stderr, expected);
}

#[test]
fn the_services_words_cannot_command_the_terminal() {
    let body = json!({ "error": { "internalCode": 1, "message": "\u{1b}[2Jgone" } });
    let stderr = domains(json!({ "status": 400, "json": body })).failure(10);
    assert!(stderr.contains("\\u{1b}[2Jgone") && !stderr.contains('\u{1b}'), "{stderr:?}");
}

#[test]
fn output_that_cannot_be_written_is_1() {
    let sandbox = Sandbox::start();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has a full device");
    let ran = run(sandbox.lpchat(&["domains"]).stdout(full));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.starts_with("error: the output cannot be written: "), "{ran:?}");
}

#[test]
fn the_sandbox_is_found_in_a_file_too() {
    let sandbox = Sandbox::start();
    let path = file("sandbox.json", &format!("{}\n", sandbox.config));
    let stdout = run(&mut lpchat(&["--sandbox-config", &format!("@{}", path.display()), "domains"])).success();
    assert!(stdout.contains("conversationVep"), "{stdout}");
}

#[test]
fn of_an_option_given_twice_the_last_counts() {
    let sandbox = Sandbox::start();
    run(&mut sandbox.lpchat(&["--timeout", "0.001", "domains", "--timeout", "20"])).success();
}

#[test]
fn help_and_version_are_successes() {
    assert_eq!(run(&mut lpchat(&["--version"])).success(), format!("lpchat {}\n", env!("CARGO_PKG_VERSION")));
    let help = run(&mut lpchat(&["--help"])).success();
    assert!(help.contains("There are no options for secrets"), "{help}");
}
