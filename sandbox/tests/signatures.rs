//! OAuth 1.0 signatures over HTTP: docs/protocol/authentication.md, "OAuth 1.0 API keys (HMAC-SHA1)".

mod common;

use base64::Engine;
use common::{BASE, DAY, Sandbox};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

fn encode(text: &str) -> String {
    let set = const { &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~') };
    utf8_percent_encode(text, set).to_string()
}

/// Signs with decoded query pairs, independently of the sandbox's own code.
fn header(sandbox: &Sandbox, query: &[(&str, &str)], nonce: &str, seconds: i64, secret: &str) -> String {
    let stamp = seconds.to_string();
    let protocol = [
        ("oauth_consumer_key", sandbox.text("oauth1_consumer_key")),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", stamp.as_str()),
        ("oauth_token", sandbox.text("oauth1_token")),
        ("oauth_version", "1.0"),
    ];
    let mut pairs: Vec<String> =
        protocol.iter().chain(query).map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.sort();
    let url = format!("{}/interaction_history/api/account/12345678/interactions/search", sandbox.origin());
    let base = format!("POST&{}&{}", encode(&url), encode(&pairs.join("&")));
    let signing_key = format!("{}&{}", encode(secret), encode(sandbox.text("oauth1_token_secret")));
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(signing_key.as_bytes()).unwrap();
    mac.update(base.as_bytes());
    let signature = base64::prelude::BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let listed: Vec<String> = protocol.iter().map(|(name, value)| format!("{name}=\"{}\"", encode(value))).collect();
    format!("OAuth {}, oauth_signature=\"{}\"", listed.join(", "), encode(&signature))
}

#[test]
fn signatures_are_verified() {
    let sandbox = Sandbox::frozen(&["--engagements", "10"]);
    let body = json!({"start": {"from": BASE - 30 * DAY, "to": BASE}});
    let secret = sandbox.text("oauth1_consumer_secret").to_owned();
    let now = (BASE + DAY / 2) / 1000;
    let pairs = [("limit", "5"), ("sort", "start:asc,engagementId:asc"), ("source", "a b")];
    let raw = "limit=5&sort=start:asc,engagementId:asc&source=a%20b";
    let encoded = "limit=5&sort=start%3Aasc%2CengagementId%3Aasc&source=a+b";
    let sign = |nonce: &str, seconds: i64, secret: &str| header(&sandbox, &pairs, nonce, seconds, secret);
    sandbox.search(&sign("1", now, &secret), raw, &body).expect(200);
    sandbox.search(&sign("2", now, &secret), encoded, &body).expect(200);
    let problem = |header: &str, query: &str| {
        let refused = sandbox.search(header, query, &body).expect(401);
        refused.text.split('&').next().unwrap().trim_start_matches("oauth_problem=").to_owned()
    };
    assert_eq!(problem(&sign("2", now, &secret), raw), "nonce_used");
    assert_eq!(problem(&sign("3", now - 301, &secret), raw), "timestamp_refused");
    assert_eq!(problem(&sign("4", now, "wrong"), raw), "signature_invalid");
    assert_eq!(problem(&sign("5", now, &secret), "limit=6"), "signature_invalid");
    let twice = encoded.replace('%', "%25");
    assert_eq!(problem(&sign("6", now, &secret), &twice), "signature_invalid");
    let other = sign("7", now, &secret).replace(sandbox.text("oauth1_consumer_key"), "other");
    assert_eq!(problem(&other, raw), "consumer_key_unknown");
    assert_eq!(problem("OAuth oauth_nonce=\"1\"", raw), "parameter_absent");
}
