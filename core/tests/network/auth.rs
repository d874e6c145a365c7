//! Login, refresh, logout, ready bearer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lpchat::{AgentSession, Client, Code};
use serde_json::{Value, json};

use crate::support::server::Asked;
use crate::support::{self, Reply, Server, client, name, seconds, until, with_credentials};
use crate::{empty_page, query};

fn user() -> Value {
    json!({ "username": "ann@example.com", "password": "pass word&=" })
}

fn login_document(bearer: &str) -> Value {
    json!({ "bearer": bearer, "csrf": "csrf-token-1", "sessionTTl": "28800000", "unknown": { "deep": [1] },
            "config": { "loginName": "ann", "userId": "3677470410", "serverCurrentTime": support::clock::START_MILLIS + 1500 } })
}

fn logged_in(bearer: &str) -> Reply {
    Reply::json(&login_document(bearer))
        .header("Set-Cookie", "Session_id=s-1; Path=/; HttpOnly")
        .header("Set-Cookie", "other=o-1")
}

fn ends(asked: &Asked, what: &str) -> bool {
    asked.path().ends_with(what)
}

/// A login service beside an empty history.
fn service() -> Server {
    let logins = AtomicUsize::new(0);
    Server::start(move |asked| match asked.path() {
        path if path.ends_with("/login") => logged_in(&format!("bearer-{}", logins.fetch_add(1, Ordering::SeqCst) + 1)),
        path if path.ends_with("/refresh") => Reply::status(200).header("Set-Cookie", "session_ID=s-2; Path=/"),
        path if path.ends_with("/logout") => Reply::status(200),
        _ => empty_page(),
    })
}

fn of(server: &Server, what: &str) -> Vec<Asked> {
    server.asked().into_iter().filter(|asked| ends(asked, what)).collect()
}

fn search(client: &Client) -> String {
    name(client.history().retrieve_page(query()))
}

#[test]
fn a_login_as_documented() {
    let server = service();
    let (client, _) = client(with_credentials(&server, &user()));
    let login = client.agent().login().unwrap();
    assert_eq!((login.user_id.as_deref(), login.login_name.as_deref()), (Some("3677470410"), Some("ann")));
    assert_eq!((login.time_to_live, login.clock_skew_millis), (Some(seconds(28_800)), Some(1500)));
    let asked = &server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/api/account/70481526/login?v=1.3"));
    assert_eq!(asked.json(), user());
    assert_eq!((asked.header("authorization"), asked.header("cookie")), (None, None));
    assert_eq!(search(&client), "ok");
    assert_eq!(server.asked()[1].header("authorization"), Some("Bearer bearer-1"));
    assert_eq!(of(&server, "/login").len(), 1, "one login serves history too");
}

#[test]
fn fifty_threads_log_in_once() {
    let server = service();
    let (client, _) = client(with_credentials(&server, &user()));
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| assert_eq!(search(&client), "ok"));
        }
    });
    assert_eq!((of(&server, "/login").len(), of(&server, "/search").len()), (1, 50));
    assert!(of(&server, "/search").iter().all(|asked| asked.header("authorization") == Some("Bearer bearer-1")));
}

#[test]
fn those_who_wait_for_a_refused_login_share_the_refusal() {
    let release = Arc::new(std::sync::Barrier::new(2));
    let gate = Arc::clone(&release);
    let server = Server::start(move |asked| {
        if asked.index == 0 {
            gate.wait();
        }
        Reply::status(401)
    });
    let (client, _) = client(with_credentials(&server, &user()));
    let calls: Vec<_> = (0..50).map(|_| client.agent().login_call(None)).collect();
    until("all wait", || client.metrics().in_flight == 50 && server.count() == 1);
    // Each has had its turn on the one worker once a call begun later has ended.
    std::thread::sleep(std::time::Duration::from_millis(50));
    release.wait();
    assert!(calls.into_iter().all(|call| call.wait().unwrap_err().code() == Code::LoginFailed));
    assert_eq!(server.count(), 1, "an account is blocked by less than fifty wrong logins");
    assert_eq!(name(client.agent().login()), "LoginFailed");
    assert_eq!(server.count(), 2, "a later call tries anew");
}

#[test]
fn a_login_is_refreshed_after_four_minutes() {
    let server = service();
    let (client, clock) = client(with_credentials(&server, &user()));
    assert_eq!(search(&client), "ok");
    clock.advance(seconds(239));
    assert_eq!((search(&client), of(&server, "/refresh").len()), ("ok".into(), 0));
    clock.advance(seconds(1));
    assert_eq!((search(&client), of(&server, "/refresh").len()), ("ok".into(), 1));
    let refresh = &of(&server, "/refresh")[0];
    assert_eq!(refresh.header("cookie"), Some("Session_id=s-1; other=o-1"));
    assert_eq!(refresh.json(), json!({ "csrf": "csrf-token-1" }));
    assert_eq!((refresh.header("authorization"), refresh.method.as_str()), (None, "POST"));
    clock.advance(seconds(240));
    assert_eq!(search(&client), "ok");
    assert_eq!(of(&server, "/refresh")[1].header("cookie"), Some("session_ID=s-2"), "whatever the name's case");
    assert_eq!(of(&server, "/login").len(), 1);
}

/// A login service whose refresh answers `status`.
fn refreshing_with(status: u16) -> Server {
    let logins = AtomicUsize::new(0);
    Server::start(move |asked| match asked.path() {
        path if path.ends_with("/login") => logged_in(&format!("bearer-{}", logins.fetch_add(1, Ordering::SeqCst) + 1)),
        path if path.ends_with("/refresh") => Reply::status(status),
        _ => empty_page(),
    })
}

#[test]
fn a_refused_refresh_logs_in_anew() {
    let server = refreshing_with(401);
    let (client, clock) = client(with_credentials(&server, &user()));
    assert_eq!(search(&client), "ok");
    clock.advance(seconds(240));
    assert_eq!(search(&client), "ok");
    assert_eq!((of(&server, "/refresh").len(), of(&server, "/login").len()), (1, 2));
    assert_eq!(server.asked().last().unwrap().header("authorization"), Some("Bearer bearer-2"));
}

#[test]
fn a_refresh_that_cannot_be_had_keeps_the_login() {
    let server = refreshing_with(503);
    let (client, clock) = client(with_credentials(&server, &user()));
    assert_eq!(search(&client), "ok");
    clock.advance(seconds(240));
    assert_eq!((search(&client), search(&client)), ("ok".into(), "ok".into()));
    assert_eq!((of(&server, "/refresh").len(), of(&server, "/login").len(), clock.pauses().len()), (1, 1, 0));
    clock.advance(seconds(30));
    assert_eq!((search(&client), of(&server, "/refresh").len()), ("ok".into(), 2));
    clock.advance(seconds(28_800));
    assert_eq!((search(&client), of(&server, "/login").len()), ("ok".into(), 2), "its life is over");
}

#[test]
fn refused_logins() {
    fn refused(reply: fn() -> Reply) -> (String, usize, Vec<u128>) {
        let server = Server::sequence(vec![reply]);
        let (client, clock) = client(with_credentials(&server, &user()));
        (name(client.agent().login()), server.count(), clock.pauses())
    }
    let once = |code: &str| (code.to_owned(), 1, vec![]);
    assert_eq!(refused(|| Reply::status(401)), once("LoginFailed"));
    assert_eq!(refused(|| Reply::status(451)), once("AccountBlocked"));
    assert_eq!(refused(|| Reply::text(200, r#"{"error":{"message":"no","internalCode":10}}"#)), once("LoginFailed"));
    assert_eq!(refused(|| Reply::text(200, r#"{"error":"LeLogin1 failed"}"#)), once("LoginFailed"));
    assert_eq!(refused(|| Reply::text(200, r#"{"bearer":"b","csrf":"c","config":{}}"#)), once("LoginFailed"));
    assert_eq!(refused(|| Reply::text(200, r#"{"bearer":"b","csrf":"c"}"#)), once("LoginFailed"));
    assert_eq!(refused(|| Reply::text(200, r#"{"csrf":"c","config":{"userId":1}}"#)), once("LoginFailed"));
    assert_eq!(refused(|| Reply::text(200, r#"{"bearer":"b","config":{"userId":1}}"#)), once("LoginFailed"));
    assert_eq!(refused(|| Reply::text(200, "")), once("EmptyAnswer"));
    // At least 5 s, doubled up to 30 s, until the deadline of 120 s is near.
    assert_eq!(refused(|| Reply::status(429)), ("Throttled".into(), 6, vec![5500, 11_000, 22_000, 33_000, 33_000]));
    assert_eq!(refused(|| Reply::status(500)), ("ServerFailed".into(), 4, vec![5000, 10_000, 15_000]));
}

#[test]
fn hostile_numbers_in_a_login() {
    for (ttl, time) in [("-1", "-9223372036854775808"), ("9223372036854775807", "9223372036854775807"), ("0", "0")] {
        let body =
            format!(r#"{{"bearer":"b","csrf":"c","sessionTTl":{ttl},"config":{{"userId":"1","serverCurrentTime":{time}}}}}"#);
        let server = Server::start(move |asked| if ends(asked, "/search") { empty_page() } else { Reply::text(200, &body) });
        let (client, clock) = client(with_credentials(&server, &user()));
        assert_eq!(name(client.agent().login()), "ok", "{ttl} {time}");
        clock.advance(seconds(240));
        assert_eq!(search(&client), "ok");
    }
}

#[test]
fn an_unauthorized_search_logs_in_again_once() {
    fn server(refused: &'static [&'static str]) -> Server {
        let logins = AtomicUsize::new(0);
        Server::start(move |asked| match asked.path() {
            path if path.ends_with("/login") => logged_in(&format!("bearer-{}", logins.fetch_add(1, Ordering::SeqCst) + 1)),
            _ if refused.iter().any(|bearer| asked.header("authorization").unwrap().ends_with(bearer)) => Reply::status(401),
            _ => empty_page(),
        })
    }
    let once = server(&["bearer-1"]);
    let (first, clock) = client(with_credentials(&once, &user()));
    assert_eq!(search(&first), "ok");
    assert_eq!((of(&once, "/login").len(), of(&once, "/search").len(), clock.pauses().len()), (2, 2, 0));
    let twice = server(&["bearer-1", "bearer-2"]);
    let (second, _) = client(with_credentials(&twice, &user()));
    assert_eq!(search(&second), "Unauthorized");
    assert_eq!((of(&twice, "/login").len(), of(&twice, "/search").len()), (2, 2), "exactly one more");
}

#[test]
fn fifty_unauthorized_searches_log_in_again_once() {
    let logins = AtomicUsize::new(0);
    let server = Server::start(move |asked| match asked.path() {
        path if path.ends_with("/login") => logged_in(&format!("bearer-{}", logins.fetch_add(1, Ordering::SeqCst) + 1)),
        _ if asked.header("authorization") == Some("Bearer bearer-1") => Reply::status(401),
        _ => empty_page(),
    });
    let (client, _) = client(with_credentials(&server, &user()));
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| assert_eq!(search(&client), "ok"));
        }
    });
    assert_eq!(of(&server, "/login").len(), 2);
}

fn session(client: &Client) -> AgentSession {
    client.agent().start_session().unwrap()
}

#[test]
fn an_unauthorized_agent_call_rebuilds_the_session_once() {
    let server = Server::start(|asked| match asked.path() {
        path if path.ends_with("/login") => logged_in("bearer-1"),
        path if path.ends_with("/agentSession") => {
            Reply::status(201).header("Location", "/api/account/70481526/agentSession/9").header("Set-Cookie", "sticky=1; Path=/")
        }
        _ => Reply::text(401, "oauth_problem=token_rejected&oauth_problem_advice=the oauth_token is unacceptable"),
    });
    let (client, _) = client(with_credentials(&server, &user()));
    let session = session(&client);
    let error = session.retrieve_availability().unwrap_err();
    assert_eq!((error.code(), error.details().service_code.as_deref()), (Code::SessionExpired, Some("token_rejected")));
    let asked = of(&server, "/availability");
    assert_eq!((asked.len(), asked[0].header("cookie"), asked[1].header("cookie")), (2, Some("sticky=1"), Some("sticky=1")));
    assert_eq!((of(&server, "/agentSession").len(), of(&server, "/login").len()), (2, 2));
    // The next call that can do with any login makes a new one.
    assert_eq!(name(client.agent().login()), "ok");
    assert_eq!(of(&server, "/login").len(), 3);
}

#[test]
fn logging_out() {
    let server = service();
    let (client, _) = client(with_credentials(&server, &user()));
    assert_eq!(name(client.agent().logout()), "ok");
    assert_eq!(server.count(), 0, "without a login there is nothing to end");
    client.agent().login().unwrap();
    client.agent().logout().unwrap();
    let logout = &of(&server, "/logout")[0];
    assert_eq!((logout.json(), logout.header("cookie")), (json!({ "csrf": "csrf-token-1" }), Some("Session_id=s-1; other=o-1")));
    client.agent().logout().unwrap();
    assert_eq!(of(&server, "/logout").len(), 1);
    assert_eq!(name(client.agent().refresh_login()), "SessionExpired");
    client.agent().login().unwrap();
    assert_eq!(name(client.agent().refresh_login()), "ok");
}

#[test]
fn a_refused_refresh_on_demand_forgets_the_login() {
    let server = refreshing_with(401);
    let (client, _) = client(with_credentials(&server, &user()));
    client.agent().login().unwrap();
    assert!(client.agent().refresh_login().is_err());
    client.agent().login().unwrap();
    assert_eq!(of(&server, "/login").len(), 2);
}

#[test]
fn a_ready_bearer() {
    let server = Server::start(|asked| match asked.header("authorization") {
        Some("Bearer ready-made") if ends(asked, "/search") => empty_page(),
        _ => Reply::status(401),
    });
    let (good, _) = client(lpchat::ClientOptions { bearer: Some("ready-made".into()), ..with_credentials(&server, &json!({})) });
    assert_eq!(search(&good), "ok");
    let error = good.agent().login().unwrap_err();
    assert!(error.code() == Code::UnusableCredential && error.details().message.contains("nothing to log in with"), "{error}");
    let (bad, _) = client(lpchat::ClientOptions { bearer: Some("expired".into()), ..with_credentials(&server, &json!({})) });
    let before = server.count();
    assert_eq!((search(&bad), server.count() - before), ("Unauthorized".into(), 1), "there is no way to a new one");
}

#[test]
fn a_cancelled_login_leaves_the_way_free() {
    let server = Server::start(|asked| if asked.index == 0 { Reply::Silence } else { logged_in("bearer-1") });
    let (client, _) = client(with_credentials(&server, &user()));
    let first = client.agent().login_call(None);
    until("asked", || server.count() == 1);
    let second = client.agent().login_call(None);
    drop(first);
    assert!(second.wait().is_ok());
    assert_eq!(server.count(), 2);
}
