use serde_json::{Value, json};

use crate::support::{Sandbox, file, lpchat, run};

/// The only check of this API and credential.
#[track_caller]
fn find<'a>(checks: &'a [Value], api: &str, credential: &str) -> &'a Value {
    let found: Vec<_> = checks.iter().filter(|check| check["api"] == api && check["credential"] == credential).collect();
    assert_eq!(found.len(), 1, "{api}, {credential}: {checks:?}");
    found[0]
}

const OAUTH1: &str = "oauth1_consumer_key + oauth1_consumer_secret + oauth1_token + oauth1_token_secret";

#[test]
fn each_credential_is_tried_alone_with_each_api() {
    let sandbox = Sandbox::start();
    let checks = run(&mut sandbox.lpchat(&["auth", "check", "--json"])).json_lines();
    let working: Vec<_> = checks.iter().filter(|check| check["works"] == true).collect();
    assert_eq!((checks.len(), working.len()), (12, 5), "{checks:?}");
    for (api, credential) in [
        ("visitor", "app_key"),
        ("agent", "username + password"),
        ("history", "client_id + client_secret"),
        ("history", "username + password"),
        ("history", OAUTH1),
    ] {
        assert_eq!(find(&checks, api, credential)["works"], true, "{api}, {credential}: {checks:?}");
    }
    let refused = find(&checks, "agent", "client_id + client_secret");
    assert_eq!(refused["error"], "UnusableCredential");
    assert!(refused["reason"].as_str().unwrap().starts_with("an application's token has no scope"), "{refused}");
    assert_eq!(sandbox.get("/admin/chats"), json!([]), "no chat was started");
    assert_eq!((sandbox.requests("login.login"), sandbox.requests("login.logout")), (1, 1));
}

#[test]
fn the_table_has_ticks_and_reasons() {
    let sandbox = Sandbox::start();
    let config = sandbox.changed(&json!({ "client_secret": "wrong" }));
    let table = run(&mut lpchat(&["--sandbox-config", &config, "auth", "check"])).success();
    let line = |begin: &str| table.lines().find(|line| line.starts_with(begin)).unwrap_or_else(|| panic!("{begin}: {table}"));
    assert!(line("✓  visitor  app_key").ends_with("accepted"));
    assert!(line("✓  agent    username + password").ends_with("logged in as agent@example.com"));
    assert!(line("–  agent    app_key").contains("opens the visitor API only"));
    assert!(line("✗  history  client_id + client_secret").contains("HTTP 4"), "{table}");
    assert!(line("✓  history  oauth1_…").ends_with("0 engagements in the last ten minutes"));
}

#[test]
fn a_refused_login_is_not_tried_again() {
    let sandbox = Sandbox::start();
    let config = sandbox.changed(&json!({ "password": "wrong" }));
    let checks = run(&mut lpchat(&["--sandbox-config", &config, "auth", "check", "--json"])).json_lines();
    for api in ["agent", "history"] {
        let check = find(&checks, api, "username + password");
        assert_eq!((&check["works"], &check["error"]), (&json!(false), &json!("LoginFailed")), "{check}");
    }
    assert_eq!(sandbox.requests("login.login"), 1);
}

#[test]
fn where_nothing_works_the_exit_code_says_why() {
    let sandbox = Sandbox::start();
    let none = json!({ "username": null, "password": null, "client_id": null, "client_secret": null, "oauth1_token": null });
    let mut changes = none.clone();
    changes["app_key"] = json!("wrong");
    let config = sandbox.changed(&changes);
    let ran = run(&mut lpchat(&["--sandbox-config", &config, "auth", "check", "--json"]));
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.stderr.contains("None of the configured credentials works"), "{ran:?}");
    let checks: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(find(&checks, "visitor", "app_key")["error"], "Unauthorized");
    assert_eq!(find(&checks, "history", OAUTH1)["reason"], "missing: oauth1_token");
}

#[test]
fn a_ready_made_bearer_is_not_tried_with_the_agent_api() {
    let sandbox = Sandbox::start();
    // A bearer enters through the environment only, which a sandbox configuration switches off; so no host is reached.
    let mut command = lpchat(&["--account-id", "12345678", "--timeout", "2", "auth", "check", "--json"]);
    let ran = run(command.env("LPCHAT_BEARER", "some-bearer-1234").env("HTTPS_PROXY", "http://127.0.0.1:1"));
    let checks: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((ran.code, checks.len()), (Some(4), 3), "{ran:?}");
    assert_eq!(find(&checks, "agent", "bearer")["works"], Value::Null);
    assert_eq!(find(&checks, "history", "bearer")["error"], "ConnectFailed");
    assert!(!format!("{ran:?}").contains("some-bearer-1234"));
    assert_eq!(sandbox.get("/admin/requests"), json!([]));
}

#[test]
fn credentials_are_found_in_variables_and_in_the_chosen_profile() {
    let profile = "[profiles.default]\naccount_id = \"1\"\noauth1_consumer_key = \"not-this-one\"\n\
                   [profiles.work]\naccount_id = \"12345678\"\napp_key = \"key-of-the-profile\"\nusername = \"me\"\n\
                   password = \"a-password-1234\"\n";
    let path = file("lpchat/config.toml", profile);
    let mut command = lpchat(&["--profile", "work", "--timeout", "2", "auth", "check", "--json"]);
    command.env("XDG_CONFIG_HOME", path.parent().unwrap().parent().unwrap()).env("HTTPS_PROXY", "http://127.0.0.1:1");
    command.env("LPCHAT_CLIENT_ID", "an-id").env("LPCHAT_CLIENT_SECRET", "a-secret-1234").env("LPCHAT_BEARER", "a-bearer-1234");
    let ran = run(command.env("LPCHAT_OAUTH1_TOKEN", "a-token-1234"));
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let checks: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(checks.len(), 15, "{ran:?}");
    assert_eq!(find(&checks, "visitor", "app_key")["error"], "ConnectFailed");
    assert_eq!(find(&checks, "history", "client_id + client_secret")["error"], "ConnectFailed");
    let reason = "missing: oauth1_consumer_key, oauth1_consumer_secret, oauth1_token_secret";
    assert_eq!(find(&checks, "history", OAUTH1)["reason"], reason);
    // One that the agent API takes stands beside each of these, and must not help or hinder.
    assert_eq!(find(&checks, "agent", "app_key")["error"], "UnusableCredential", "the profile's login helps");
    assert_eq!(find(&checks, "agent", "username + password")["error"], "ConnectFailed", "the variable's bearer hinders");
    assert!(!format!("{ran:?}").contains("1234\""), "{ran:?}");
}

#[test]
fn without_an_account_nothing_is_tried() {
    let stderr = run(lpchat(&["auth", "check"]).env("LPCHAT_APP_KEY", "some-key-1234")).failure(3);
    assert!(stderr.starts_with("error: No account is configured: set `--account-id`"), "{stderr}");
}

#[test]
fn without_any_credential_it_says_how_to_configure_one() {
    let stderr = run(&mut lpchat(&["--account-id", "1", "auth", "check"])).failure(3);
    assert!(
        stderr.contains("No credential is configured") && stderr.contains("hint: Set variables such as LPCHAT_APP_KEY"),
        "{stderr}"
    );
}
