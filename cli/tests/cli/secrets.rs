use serde_json::json;

use crate::support::{Ran, Sandbox, file, lpchat, run, run_with_input};

/// Everything that every command says at its most talkative, in success and in failure.
fn all(sandbox: &Sandbox) -> Vec<Ran> {
    let path = file("sandbox.json", &sandbox.config);
    let broken = sandbox.config.replacen("\"kind\"", "\"kind\" nonsense", 1);
    let wrong = sandbox.changed(&json!({ "password": "sandbox-secret-wrong", "app_key": "facadewrong" }));
    let search = ["history", "search", "--start", "2026-01-01", "--engagement-id", "1"];
    let at = |arguments: &[&str]| {
        let mut command = lpchat(&["--sandbox-config", &format!("@{}", path.display()), "-vv"]);
        command.args(arguments);
        command
    };
    let mut ran = vec![
        run(&mut at(&["domains"])),
        run(&mut at(&["auth", "check"])),
        run(&mut at(&["auth", "check", "--json"])),
        run(&mut at(&search)),
        run_with_input(&mut at(&["chat", "--skill", "Sales", "--poll-ms", "50", "--quiet-ms", "300"]), "hello\n"),
        run_with_input(&mut at(&["chat", "--skill", "Sales", "--poll-ms", "50", "--quiet-ms", "300", "--json"]), "hello\n"),
        run(&mut lpchat(&["-vv", "--sandbox-config", &broken, "domains"])),
        run(&mut lpchat(&["-vv", "--sandbox-config", &wrong, "auth", "check"])),
        run(&mut lpchat(&["-vv", "--sandbox-config", &wrong, "chat"])),
    ];
    // The service repeats the secret it was given.
    let app_key = sandbox.member("app_key");
    let body = json!({ "error": { "internalCode": 1, "message": format!("bad key {app_key}") } });
    sandbox.fault(&json!({ "route": "visitor.start", "action": { "status": 400, "json": body } }));
    ran.push(run(&mut at(&["chat", "--skill", "Sales"])));
    assert_eq!(ran.last().unwrap().code, Some(10), "the fault was met");
    ran
}

#[test]
fn no_secret_is_in_any_output() {
    let sandbox = Sandbox::start();
    let outputs = all(&sandbox);
    assert!(outputs.iter().any(|ran| ran.stderr.contains("debug: Visitor.start_chat [")), "-vv logs: {outputs:?}");
    let chats = sandbox.get("/admin/chats");
    let chat_ids: Vec<&str> = chats.as_array().unwrap().iter().map(|chat| chat["chat"].as_str().unwrap()).collect();
    assert_eq!(chat_ids.len(), 2);
    let canaries = ["sandbox-secret", "facade"].into_iter().chain(chat_ids);
    for canary in canaries {
        for ran in &outputs {
            assert!(!ran.stdout.contains(canary) && !ran.stderr.contains(canary), "{canary}: {ran:?}");
        }
    }
}

#[test]
fn how_much_is_logged_is_the_users_choice() {
    let sandbox = Sandbox::start();
    assert_eq!(run(&mut sandbox.lpchat(&["domains"])).stderr, "");
    assert_eq!(run(&mut sandbox.lpchat(&["domains", "-v"])).stderr, "", "nothing was slow or repeated");
    let debug = run(&mut sandbox.lpchat(&["-vv", "domains"])).stderr;
    assert!(debug.contains("debug: Client.retrieve_domains [") && debug.contains("is answered 200"), "{debug}");
    sandbox.fault(&json!({ "route": "domain.*", "action": { "status": 429 } }));
    let warned = run(&mut sandbox.lpchat(&["domains"]));
    assert!(warned.stderr.starts_with("warning: Client.retrieve_domains ["), "a pause is explained: {warned:?}");
    assert_eq!(warned.code, Some(0));
}
