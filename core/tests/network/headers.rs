//! What callers hand in stays in its place: one path, one header, nothing injected.

use lpchat::{CallOptions, Client, ClientOptions};
use proptest::prelude::*;

use crate::support::{self, ACCOUNT, Server, client, information, name, options};

thread_local! {
    /// One server and client for all cases of a test; each test has a thread of its own.
    static SHARED: &'static (Server, Client) = {
        let server = Server::start(|_| information());
        let client = client(options(&server)).0;
        Box::leak(Box::new((server, client)))
    };
}

fn shared() -> &'static (Server, Client) {
    SHARED.with(|shared| *shared)
}

/// Any text: of any characters, of nasty ones, of bytes.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[./\\\\%?#&=:@;+ \r\n\t\u{0}\u{7f}\u{e9}\u{1f600}a-z0-9]{1,12}",
        proptest::collection::vec(any::<u8>(), 1..16).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_id_is_one_segment_whatever_is_in_it(id in nasty()) {
        let (server, client) = shared();
        let before = server.count();
        let Ok(chat) = client.visitor().chat(id.as_str().into()) else {
            prop_assert!(id.is_empty());
            return Ok(());
        };
        let outcome = name(chat.retrieve_information());
        if id == "." || id == ".." {
            prop_assert_eq!((outcome.as_str(), server.count()), ("InvalidArgument", before));
            return Ok(());
        }
        prop_assert_eq!((outcome.as_str(), server.count()), ("ok", before + 1));
        let asked = server.asked().pop().unwrap();
        prop_assert!(asked.target.is_ascii() && asked.target.bytes().all(|byte| byte > b' ' && byte != 0x7f));
        let segments: Vec<&str> = asked.path().split('/').collect();
        prop_assert_eq!(segments.len(), 7, "{}", &asked.target);
        prop_assert_eq!((segments[3], segments[4], segments[6]), (ACCOUNT, "chat", "info.json"));
        let decoded = percent_encoding::percent_decode_str(segments[5]).decode_utf8().unwrap();
        prop_assert_eq!(decoded.as_ref(), id.as_str());
        prop_assert_eq!(asked.target.split('?').nth(1), Some("v=1&NC=true"));
    }

    #[test]
    fn a_header_is_one_header_or_refused(header in "[a-zA-Z-]{1,8}|\\PC{0,6}|[a-z:\r\n ]{0,6}", value in nasty()) {
        let (server, client) = shared();
        let before = server.count();
        let chat = client.visitor().chat("H1".into()).unwrap();
        let headers = [(header.clone(), value.clone())].into();
        match chat.retrieve_information_with(Some(CallOptions { headers, ..CallOptions::default() })) {
            Ok(_) => {
                let asked = server.asked().pop().unwrap();
                let same: Vec<_> = asked.headers.iter().filter(|(name, _)| *name == header.to_ascii_lowercase()).collect();
                prop_assert_eq!(same.len(), 1);
                prop_assert_eq!(same[0].1.trim(), value.trim());
                prop_assert!(!value.bytes().any(|byte| byte != b'\t' && byte.is_ascii_control()));
            }
            Err(error) => {
                prop_assert_eq!((error.code().name(), server.count()), ("InvalidArgument", before));
                prop_assert!(value.len() < 8 || !error.to_string().contains(&value), "a value may be a credential: {}", error);
            }
        }
    }

    #[test]
    fn an_account_is_letters_and_digits_or_refused(account in nasty()) {
        let options = ClientOptions { account_id: Some(account.as_str().into()), ..ClientOptions::default() };
        let made = Client::with_environment(options, support::environment(&support::VirtualClock::new()));
        let plain = !account.is_empty() && account.len() <= 64
            && account.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        prop_assert_eq!(made.is_ok(), plain);
    }
}

#[test]
fn a_direction_is_no_id() {
    let (server, client) = shared();
    for id in [".", ".."] {
        let chat = client.visitor().chat(id.into()).unwrap();
        let before = server.asked().iter().filter(|asked| !asked.path().contains("/chat/")).count();
        assert_eq!(name(chat.retrieve_information()), "InvalidArgument", "{id}");
        let error = chat.retrieve_events(None).unwrap_err();
        assert!(error.details().message.contains("`..`"), "{error}");
        assert_eq!(server.asked().iter().filter(|asked| !asked.path().contains("/chat/")).count(), before);
    }
}

#[test]
fn headers_of_ours_cannot_be_replaced() {
    let server = Server::start(|_| information());
    let (client, _) = client(options(&server));
    let chat = client.visitor().chat("H1".into()).unwrap();
    let with = |name: &str, value: &str| {
        let headers = [(name.to_owned(), value.to_owned())].into();
        support::name(chat.retrieve_information_with(Some(CallOptions { headers, ..CallOptions::default() })))
    };
    let ours = [
        "Authorization",
        "host",
        "Content-Length",
        "transfer-encoding",
        "Connection",
        "Cookie",
        "accept-encoding",
        "TE",
        "Upgrade",
        "Expect",
        "X-HTTP-Method-Override",
        "proxy-authorization",
        "Content-Type",
    ];
    for header in ours {
        assert_eq!(with(header, "x"), "InvalidArgument", "{header}");
    }
    assert_eq!(server.count(), 0);
    for header in ["User-Agent", "accept", "X-Request-Id", "x-mine"] {
        assert_eq!(with(header, "mine"), "ok", "{header}");
        let asked = server.asked().pop().unwrap();
        let values: Vec<&str> =
            asked.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(header)).map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["mine"], "{header}: the caller's replaces ours");
    }
}

#[test]
fn credentials_that_cannot_stand_in_a_header_are_refused_before_the_network() {
    let server = Server::start(|_| information());
    for key in ["a\r\nX-Evil: 1", "a\nb", "a\0b"] {
        let (client, _) = client(ClientOptions { app_key: Some(key.into()), ..options(&server) });
        let error = client.visitor().chat("H1".into()).unwrap().retrieve_information().unwrap_err();
        assert_eq!(error.code().name(), "InvalidOption");
        assert!(!format!("{error} {error:?}").contains(key));
    }
    assert_eq!(server.connections(), 0);
}
