//! Configuration: precedence, the profile file, the sandbox line, bounds, and what is never read.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use lpchat::environment::Environment;
use lpchat::{Client, ClientOptions, Code, LpchatError, OAuth2};
use serde_json::{Value, json};

use crate::support::{Maps, Reply, Server, VirtualClock, environment, information, line, name, seconds};

fn maps(variables: &[(&str, &str)], profile: Option<&str>) -> Arc<Maps> {
    let mut variables: std::collections::HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    variables.entry("XDG_CONFIG_HOME".to_owned()).or_insert("/config".to_owned());
    let files = profile.map(|text| (PathBuf::from("/config/lpchat/config.toml"), text.to_owned())).into_iter().collect();
    Arc::new(Maps { files, variables, ..Maps::default() })
}

fn make(options: ClientOptions, maps: &Arc<Maps>) -> Result<Client, LpchatError> {
    let files: Arc<Maps> = Arc::clone(maps);
    let environment = Environment { variables: Arc::<Maps>::clone(maps), files, ..environment(&VirtualClock::new()) };
    Client::with_environment(options, environment)
}

fn account(options: ClientOptions, variables: &[(&str, &str)], profile: Option<&str>) -> Option<String> {
    make(options, &maps(variables, profile)).unwrap().account_id().map(|id| id.to_string())
}

fn given(account: &str) -> ClientOptions {
    ClientOptions { account_id: Some(account.into()), ..ClientOptions::default() }
}

const PROFILE: &str = "[profiles.default]\naccount_id = 333\n\n[profiles.second]\naccount_id = \"444\"\n";

#[test]
fn options_then_environment_then_profile() {
    let variables = [("LPCHAT_ACCOUNT_ID", "222")];
    assert_eq!(account(given("111"), &variables, Some(PROFILE)).as_deref(), Some("111"));
    assert_eq!(account(ClientOptions::default(), &variables, Some(PROFILE)).as_deref(), Some("222"));
    assert_eq!(account(ClientOptions::default(), &[], Some(PROFILE)).as_deref(), Some("333"));
    assert_eq!(account(ClientOptions::default(), &[("LPCHAT_PROFILE", "second")], Some(PROFILE)).as_deref(), Some("444"));
    let asked = ClientOptions { profile: Some("default".into()), ..ClientOptions::default() };
    assert_eq!(account(asked, &[("LPCHAT_PROFILE", "second")], Some(PROFILE)).as_deref(), Some("333"));
    assert_eq!(account(ClientOptions::default(), &[], None), None);
    assert_eq!(account(ClientOptions::default(), &[], Some("[profiles.other]\naccount_id = 1")), None);
}

#[test]
fn the_profile_is_read_only_when_no_account_was_given() {
    let read = |options, variables: &[(&str, &str)]| {
        let maps = maps(variables, Some("this is no TOML"));
        (make(options, &maps).map(drop).map_err(|error| error.code()), maps.reads.load(Ordering::SeqCst))
    };
    assert_eq!(read(given("111"), &[]), (Ok(()), 0));
    assert_eq!(read(ClientOptions::default(), &[("LPCHAT_ACCOUNT_ID", "222")]), (Ok(()), 0));
    assert_eq!(read(ClientOptions::default(), &[]), (Err(Code::InvalidProfile), 1));
    let sandbox = ClientOptions { sandbox: Some(SANDBOX.into()), ..ClientOptions::default() };
    assert_eq!(read(sandbox, &[]), (Ok(()), 0));
}

#[test]
fn home_stands_in_for_the_configuration_folder() {
    let files = [(PathBuf::from("/home/ann/.config/lpchat/config.toml"), PROFILE.to_owned())].into();
    let maps = Arc::new(Maps { files, variables: [("HOME".to_owned(), "/home/ann".to_owned())].into(), ..Maps::default() });
    assert_eq!(make(ClientOptions::default(), &maps).unwrap().account_id().as_deref(), Some("333"));
}

#[test]
fn broken_profiles_say_what_is_wrong_and_show_no_value() {
    let message = |profile: Option<&str>, variables: &[(&str, &str)]| {
        let error = make(ClientOptions::default(), &maps(variables, profile)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidProfile);
        assert!(!format!("{error:?}").contains("pa$$word"), "{error:?}");
        error.details().message.clone()
    };
    assert!(message(Some("[profiles.default]\npassword = \"pa$$word\nx"), &[]).contains("line "));
    assert!(message(Some("[profiles.default]\n= 1\n\n"), &[]).contains("line 2"));
    assert!(message(Some("\u{e9}\u{e9}\u{e9} = \u{1f600}"), &[]).contains("line 1"));
    assert!(message(Some("[profiles.default]\nacount_id = \"pa$$word\""), &[]).contains("`acount_id`"));
    assert!(message(Some("[profiles.default]\npassword = [\"pa$$word\"]"), &[]).contains("`password`"));
    assert!(message(Some(PROFILE), &[("LPCHAT_PROFILE", "third")]).contains("[profiles.third]"));
    assert!(message(None, &[("LPCHAT_PROFILE", "third")]).contains("no /config/lpchat/config.toml"));
    assert!(message(Some("profiles = 1"), &[("LPCHAT_PROFILE", "a")]).contains("[profiles.a]"));
}

/// What the client sends as credentials with everything from `variables` and `profile`.
#[test]
fn every_key_works_in_variables_and_profiles() {
    let keys = [
        "app_key",
        "client_id",
        "client_secret",
        "username",
        "password",
        "bearer",
        "oauth1_consumer_key",
        "oauth1_consumer_secret",
        "oauth1_token",
        "oauth1_token_secret",
        "source",
        "timeout",
    ];
    let value = |key: &str| if key == "timeout" { "2.5".to_owned() } else { format!("v-{key}") };
    let profile = keys.iter().fold("[profiles.default]\naccount_id = \"1\"\n".to_owned(), |text, key| {
        let value = if *key == "timeout" { "2.5".to_owned() } else { format!("\"v-{key}\"") };
        format!("{text}{key} = {value}\n")
    });
    let from_profile = make(ClientOptions::default(), &maps(&[], Some(&profile))).unwrap();
    let mut variables: Vec<(String, String)> = vec![("LPCHAT_ACCOUNT_ID".into(), "1".into())];
    variables.extend(keys.iter().map(|key| (format!("LPCHAT_{}", key.to_ascii_uppercase()), value(key))));
    let borrowed: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let from_variables = make(ClientOptions::default(), &maps(&borrowed, None)).unwrap();
    let seen = |client: &Client| {
        let text = format!("{client:?}");
        text[text.find("options: ").unwrap()..text.find("retry: ").unwrap()].to_owned()
    };
    assert_eq!(seen(&from_profile), seen(&from_variables));
    for key in ["client_id", "username", "oauth1_consumer_key", "oauth1_token", "source"] {
        assert!(seen(&from_profile).contains(&format!("v-{key}")), "{key}");
    }
    assert_eq!(seen(&from_profile).matches("Some(Secret(…))").count(), 6);
    assert!(seen(&from_profile).contains("timeout: Some(2.5s)"));
}

const SANDBOX: &str =
    r#"{"kind":"lpchat-sandbox","account_id":"1","origins":["http://127.0.0.1:9"],"domain_origin":"http://127.0.0.1:9"}"#;

#[test]
fn a_sandbox_comes_from_an_option_only_and_shuts_the_environment_out() {
    let server = Server::start(|_| information());
    // No variable and no profile key makes a client talk to it.
    let variables = [("LPCHAT_SANDBOX", SANDBOX), ("LPCHAT_ACCOUNT_ID", "1"), ("LPCHAT_DOMAINS", "x")];
    let client = make(ClientOptions::default(), &maps(&variables, None)).unwrap();
    assert!(format!("{client:?}").contains("sandbox: None"));
    let profile = format!("[profiles.default]\naccount_id = 1\nsandbox = '{SANDBOX}'\n");
    let error = make(ClientOptions::default(), &maps(&[], Some(&profile))).unwrap_err();
    assert!(error.code() == Code::InvalidProfile && error.details().message.contains("`sandbox`"), "{error}");
    // With one, the account's own credentials stay where they are.
    let sandbox = line(&[&server], &json!({ "app_key": "sandbox-key" }));
    let options = ClientOptions {
        sandbox: Some(sandbox.into()),
        domains: [("conversationVep".to_owned(), server.host())].into(),
        ..ClientOptions::default()
    };
    let client = make(options, &maps(&[("LPCHAT_APP_KEY", "real-key"), ("LPCHAT_BEARER", "real-bearer")], None)).unwrap();
    assert_eq!(name(client.visitor().chat("H1".into()).unwrap().retrieve_information()), "ok");
    assert_eq!(server.asked()[0].header("authorization"), Some("LivePerson appKey=sandbox-key"));
    assert_eq!(name(client.agent().login()), "UnusableCredential");
}

#[test]
fn bad_sandbox_lines() {
    let with = |member: &str, value: Value| {
        let mut line: Value = serde_json::from_str(SANDBOX).unwrap();
        line[member] = value;
        line.to_string()
    };
    let origin = |origin: &str| with("domain_origin", json!(origin));
    let mut bad = vec![
        String::new(),
        "{}".into(),
        "[]".into(),
        "null".into(),
        "{".into(),
        with("kind", json!("other")),
        with("account_id", json!(7)),
        with("account_id", json!("../1")),
        with("origins", json!("http://127.0.0.1:9")),
        with("origins", json!(["http://10.0.0.1:9"])),
        with("origins", json!(["http://127.0.0.1:9", "http://evil.example"])),
    ];
    let origins = [
        "https://127.0.0.1:9",
        "http://localhost:9",
        "http://10.0.0.1",
        "http://[::2]:1",
        "http://127.0.0.1.evil.example",
        "127.0.0.1:9",
        "http://user:word@127.0.0.1:9",
        "http://127.0.0.1:9/path",
        "http://127.0.0.1:9?x",
        "http://0.0.0.0:9",
        "ftp://127.0.0.1",
        "",
    ];
    bad.extend(origins.map(origin));
    for bad in bad {
        let options = ClientOptions { sandbox: Some(bad.as_str().into()), ..ClientOptions::default() };
        let error = make(options, &maps(&[], None)).expect_err(&bad);
        assert_eq!(error.code(), Code::InvalidOption, "{bad}");
    }
    for good in ["http://127.0.0.1:9", "http://127.0.0.1:9/", "http://127.9.9.9:1", "http://[::1]:9"] {
        let options = ClientOptions { sandbox: Some(origin(good).into()), ..ClientOptions::default() };
        assert!(make(options, &maps(&[], None)).is_ok(), "{good}");
    }
}

#[test]
fn bounds() {
    let week = seconds(7 * 24 * 3600);
    let over = week + Duration::from_nanos(1);
    let with = |change: &dyn Fn(&mut ClientOptions)| {
        let mut options = given("1");
        change(&mut options);
        make(options, &maps(&[], None)).map(drop).map_err(|error| error.details().message.clone())
    };
    type Set = fn(&mut ClientOptions, Duration);
    let limits: [(&str, Set); 5] = [
        ("timeout", |options, value| options.timeout = Some(value)),
        ("connect_timeout", |options, value| options.connect_timeout = Some(value)),
        ("first_byte_timeout", |options, value| options.first_byte_timeout = Some(value)),
        ("stall_timeout", |options, value| options.stall_timeout = Some(value)),
        ("attempt_timeout", |options, value| options.attempt_timeout = Some(value)),
    ];
    for (name, set) in limits {
        for good in [Duration::from_nanos(1), week] {
            assert_eq!(with(&|options| set(options, good)), Ok(()), "{name}");
        }
        for bad in [Duration::ZERO, over, Duration::MAX] {
            assert!(with(&|options| set(options, bad)).unwrap_err().contains(&format!("`{name}`")), "{name} {bad:?}");
        }
    }
    for (pause, good) in [(Duration::ZERO, true), (week, true), (over, false), (Duration::MAX, false)] {
        assert_eq!(with(&|options| options.throttle_pause = Some(pause)).is_ok(), good, "{pause:?}");
        assert_eq!(with(&|options| options.server_error_pauses = vec![pause]).is_ok(), good, "{pause:?}");
    }
    assert!(with(&|options| options.server_error_pauses = vec![week; 20]).is_ok());
    assert!(with(&|options| options.server_error_pauses = vec![week; 21]).is_err());
    for (value, good) in [(1, true), (25, true), (0, false), (26, false), (-1, false), (i32::MIN, false)] {
        assert_eq!(with(&|options| options.history_concurrency = Some(value)).is_ok(), good, "{value}");
    }
    for (value, good) in [(1, true), (1 << 30, true), (0, false), ((1 << 30) + 1, false), (-1, false), (i64::MAX, false)] {
        assert_eq!(with(&|options| options.max_chat_answer_bytes = Some(value)).is_ok(), good, "{value}");
        assert_eq!(with(&|options| options.max_history_answer_bytes = Some(value)).is_ok(), good, "{value}");
    }
    for (value, good) in [("x", true), ("", false), (&"x".repeat(20), true), (&"x".repeat(21), false), (&"ü".repeat(20), true)] {
        assert_eq!(with(&|options| options.source = Some(value.into())).is_ok(), good, "{value}");
    }
    for (value, good) in
        [("app/1 (x)", true), ("a\r\nb", false), ("ü", false), (&"x".repeat(200), true), (&"x".repeat(201), false)]
    {
        assert_eq!(with(&|options| options.user_agent = Some(value.into())).is_ok(), good, "{value}");
    }
}

#[test]
fn timeouts_from_outside_are_seconds() {
    let with = |text: &str| make(given("1"), &maps(&[("LPCHAT_TIMEOUT", text)], None)).map(drop).map_err(|error| error.code());
    for good in ["30", "2.5", "1e2"] {
        assert_eq!(with(good), Ok(()), "{good}");
    }
    for bad in ["soon", "0", "-1", "NaN", "inf", "1e300", "30s"] {
        assert_eq!(with(bad), Err(Code::InvalidOption), "{bad}");
    }
}

#[test]
fn both_forms_of_an_application_are_one() {
    let server = Server::start(|_| Reply::status(401));
    let options = ClientOptions {
        oauth2: Some(OAuth2 { client_id: "one".into(), client_secret: "two".into() }),
        ..crate::support::with_credentials(&server, &json!({}))
    };
    let client = make(options, &maps(&[], None)).unwrap();
    assert!(client.history().retrieve_page(crate::query()).is_err());
    assert!(String::from_utf8_lossy(&server.asked()[0].body).contains("client_id=one&client_secret=two"));
}

#[test]
fn a_call_without_an_account_says_how_to_name_one() {
    let key = ClientOptions { app_key: Some("k".into()), ..ClientOptions::default() };
    let client = make(key, &maps(&[], None)).unwrap();
    let error = client.visitor().start_chat(lpchat::ChatRequest::default()).unwrap_err();
    assert!(error.code() == Code::MissingOption && error.details().message.contains("LPCHAT_ACCOUNT_ID"), "{error}");
}
