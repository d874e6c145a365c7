//! OAuth 1.0 signatures, verified by a second implementation, and OAuth 2 tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use lpchat::{Client, ClientOptions, Code};
use serde_json::{Value, json};

use crate::support::server::Asked;
use crate::support::{self, Counting, Reply, Server, VirtualClock, client, environment, name, seconds, with_credentials};
use crate::{empty_page, query};

fn keys() -> Value {
    json!({ "oauth1_consumer_key": "consumer", "oauth1_consumer_secret": "s&cret/1", "oauth1_token": "token", "oauth1_token_secret": "t=2" })
}

fn percent(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if kept(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The members of an `Authorization: OAuth …` header, decoded.
fn members(asked: &Asked) -> Vec<(String, String)> {
    let header = asked.header("authorization").unwrap().strip_prefix("OAuth ").expect("an OAuth header");
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let member = |pair: &str| pair.split_once('=').map(|(name, value)| (decode(name), decode(value.trim_matches('"')))).unwrap();
    header.split(", ").map(member).collect()
}

fn member(asked: &Asked, name: &str) -> String {
    members(asked).into_iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("no {name}")).1
}

/// The signature that the request should carry, computed from what came over the wire.
fn signature(asked: &Asked, host: &str, secrets: (&str, &str)) -> String {
    let url = asked.url();
    let mut pairs: Vec<(String, String)> = url.query_pairs().map(|(name, value)| (percent(&name), percent(&value))).collect();
    pairs.extend(
        members(asked).into_iter().filter(|(name, _)| name != "oauth_signature").map(|(n, v)| (percent(&n), percent(&v))),
    );
    pairs.sort();
    let parameters = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let base = format!("{}&{}&{}", asked.method, percent(&format!("http://{host}{}", asked.path())), percent(&parameters));
    let key = format!("{}&{}", percent(secrets.0), percent(secrets.1));
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(base.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn counting(options: ClientOptions) -> (Client, Arc<VirtualClock>) {
    let clock = VirtualClock::new();
    let environment = lpchat::environment::Environment { randomness: Arc::new(Counting::default()), ..environment(&clock) };
    (Client::with_environment(options, environment).unwrap(), clock)
}

#[test]
fn every_attempt_is_signed_anew_over_the_url_that_is_sent() {
    let server = Server::sequence(vec![|| Reply::status(500), || Reply::status(429), empty_page]);
    let options = ClientOptions { source: Some("a b&c=d/ü~".into()), ..with_credentials(&server, &keys()) };
    let (client, _) = counting(options);
    assert_eq!(name(client.history().retrieve_page(query())), "ok");
    let asked = server.asked();
    assert_eq!(asked.len(), 3);
    for asked in &asked {
        assert_eq!(member(asked, "oauth_signature"), signature(asked, &server.host(), ("s&cret/1", "t=2")));
        let fixed =
            ["oauth_consumer_key", "oauth_token", "oauth_signature_method", "oauth_version"].map(|name| member(asked, name));
        assert_eq!(fixed, ["consumer", "token", "HMAC-SHA1", "1.0"]);
        assert!(asked.url().query_pairs().any(|(name, value)| name == "source" && value == "a b&c=d/ü~"));
    }
    let mut nonces: Vec<String> = asked.iter().map(|asked| member(asked, "oauth_nonce")).collect();
    nonces.dedup();
    assert_eq!(nonces.len(), 3, "a nonce for every attempt");
    let start = support::clock::START_MILLIS / 1000;
    let times: Vec<i64> = asked.iter().map(|asked| member(asked, "oauth_timestamp").parse::<i64>().unwrap() - start).collect();
    assert!(times[0] == 0 && (4..=6).contains(&times[1]) && times[2] > times[1], "{times:?}");
}

#[test]
fn a_wrong_signature_is_explained() {
    let server = Server::sequence(vec![|| {
        Reply::text(401, "oauth_problem=signature_invalid&oauth_problem_advice=the oauth_signature is invalid")
    }]);
    let (client, _) = counting(with_credentials(&server, &keys()));
    let error = client.history().retrieve_page(query()).unwrap_err();
    assert_eq!((error.code(), server.count()), (Code::Unauthorized, 1), "keys cannot be renewed");
    assert!(error.details().hint.contains("clock"), "{error}");
}

fn application() -> Value {
    json!({ "client_id": "app id", "client_secret": "se&cret" })
}

fn token(number: usize, life: Option<(i64, i64)>) -> Reply {
    let claims = life.map_or(json!({}), |(iat, exp)| json!({ "iat": iat, "exp": exp }));
    let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
    Reply::json(&json!({ "access_token": format!("h{number}.{payload}.s"), "token_type": "Bearer" }))
}

/// A token service whose tokens live from `iat` to `exp`, beside a history that refuses the tokens of these numbers.
fn sentinel(life: Option<(i64, i64)>, refused: &'static [&'static str]) -> Server {
    let tokens = AtomicUsize::new(0);
    Server::start(move |asked| {
        if asked.path().ends_with("/app/token") {
            return token(tokens.fetch_add(1, Ordering::SeqCst) + 1, life);
        }
        let header = asked.header("authorization").unwrap();
        let refused = refused.iter().any(|number| header.starts_with(&format!("Bearer h{number}.")));
        if refused { Reply::status(401) } else { empty_page() }
    })
}

fn tokens(server: &Server) -> Vec<Asked> {
    server.asked().into_iter().filter(|asked| asked.path().ends_with("/app/token")).collect()
}

fn search(client: &Client) -> String {
    name(client.history().retrieve_page(query()))
}

#[test]
fn a_token_is_fetched_once_for_all_and_renewed_at_four_fifths_of_its_life() {
    // By the service's clock, which need not be ours.
    let server = sentinel(Some((50_000, 50_000 + 1000)), &[]);
    let (client, clock) = client(with_credentials(&server, &application()));
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| assert_eq!(search(&client), "ok"));
        }
    });
    let asked = tokens(&server);
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0].target.as_str(), asked[0].header("content-type")),
        ("/sentinel/api/v2/account/70481526/app/token", Some("application/x-www-form-urlencoded"))
    );
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&asked[0].body).into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(form, [pair("client_id", "app id"), pair("client_secret", "se&cret"), pair("grant_type", "client_credentials")]);
    assert_eq!(asked[0].header("authorization"), None);
    clock.advance(seconds(799));
    assert_eq!((search(&client), tokens(&server).len()), ("ok".into(), 1));
    clock.advance(seconds(1));
    assert_eq!((search(&client), tokens(&server).len()), ("ok".into(), 2));
    let header = server.asked().last().unwrap().header("authorization").unwrap().to_owned();
    assert!(header.starts_with("Bearer h2."), "{header}");
}

#[test]
fn odd_tokens_live_for_a_sensible_time() {
    for life in [None, Some((5, 5)), Some((9, 5)), Some((0, i64::MAX))] {
        let server = sentinel(life, &[]);
        let (client, clock) = client(with_credentials(&server, &application()));
        assert_eq!((search(&client), search(&client)), ("ok".into(), "ok".into()));
        clock.advance(seconds(2000));
        assert_eq!(search(&client), "ok");
        assert_eq!(tokens(&server).len(), 1, "{life:?}");
        clock.advance(seconds(24 * 3600));
        assert_eq!((search(&client), tokens(&server).len()), ("ok".into(), 2), "{life:?}");
    }
}

#[test]
fn a_refused_token_is_replaced_once() {
    let server = sentinel(Some((0, 3600)), &["1"]);
    let (first, _) = client(with_credentials(&server, &application()));
    assert_eq!((search(&first), tokens(&server).len(), server.count()), ("ok".into(), 2, 4));
    let server = sentinel(Some((0, 3600)), &["1", "2"]);
    let (second, _) = client(with_credentials(&server, &application()));
    assert_eq!((search(&second), tokens(&server).len(), server.count()), ("Unauthorized".into(), 2, 4));
}

#[test]
fn refused_applications() {
    let refused = |reply: fn() -> Reply| {
        let server = Server::sequence(vec![reply]);
        let (client, _) = client(with_credentials(&server, &application()));
        name(client.history().retrieve_page(query()))
    };
    assert_eq!(refused(|| Reply::status(401)), "LoginFailed");
    assert_eq!(refused(|| Reply::text(400, r#"{"error":"invalid_client","error_description":"no"}"#)), "LoginFailed");
    assert_eq!(refused(|| Reply::text(200, r#"{"error":"invalid_client","error_description":"no"}"#)), "LoginFailed");
    assert_eq!(refused(|| Reply::text(200, r#"{"token_type":"Bearer"}"#)), "LoginFailed");
}
