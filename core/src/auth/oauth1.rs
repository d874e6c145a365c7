//! OAuth 1.0 with HMAC-SHA1, one-legged.
//!
//! Source: `docs/protocol/authentication.md`, "Signing".

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha1::Sha1;
use url::Url;

use crate::config::ClientOptions;

/// Only RFC 3986's unreserved characters stay as they are.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// The four keys of the console's API-key page.
pub(crate) struct Keys<'a> {
    pub(crate) consumer_key: &'a str,
    pub(crate) consumer_secret: &'a str,
    pub(crate) token: &'a str,
    pub(crate) token_secret: &'a str,
}

/// A signed request, with the steps on the way, which the test vectors check one by one.
pub(crate) struct Signed {
    pub(crate) header: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "the vectors check it"))]
    pub(crate) base_string: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "the vectors check it"))]
    pub(crate) signature: String,
}

impl<'a> Keys<'a> {
    pub(crate) fn from_options(options: &'a ClientOptions) -> Option<Self> {
        Some(Self {
            consumer_key: options.oauth1_consumer_key.as_deref()?,
            consumer_secret: options.oauth1_consumer_secret.as_ref()?.expose(),
            token: options.oauth1_token.as_deref()?,
            token_secret: options.oauth1_token_secret.as_ref()?.expose(),
        })
    }

    /// Signs a request. JSON bodies are not signed; every query parameter is, from its decoded form.
    pub(crate) fn authorization(&self, method: &str, url: &Url, nonce: &str, seconds: i64) -> Signed {
        let timestamp = seconds.to_string();
        let protocol = [
            ("oauth_consumer_key", self.consumer_key),
            ("oauth_nonce", nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &timestamp),
            ("oauth_token", self.token),
            ("oauth_version", "1.0"),
        ];
        let base_string = base_string(method, url, &protocol);
        let key = format!("{}&{}", encode(self.consumer_secret), encode(self.token_secret));
        let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(base_string.as_bytes());
        let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        let mut members: Vec<(&str, &str)> = protocol.to_vec();
        members.push(("oauth_signature", &signature));
        members.sort_unstable();
        let members: Vec<String> = members.iter().map(|(name, value)| format!("{name}=\"{}\"", encode(value))).collect();
        Signed { header: format!("OAuth {}", members.join(", ")), base_string, signature }
    }
}

fn base_string(method: &str, url: &Url, protocol: &[(&str, &str)]) -> String {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (encode(&decode(name)), encode(&decode(value)))
    };
    let mut parameters: Vec<(String, String)> =
        url.query().unwrap_or("").split('&').filter(|text| !text.is_empty()).map(pair).collect();
    parameters.extend(protocol.iter().map(|(name, value)| (encode(name), encode(value))));
    parameters.sort_unstable();
    let parameters: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut base = url.clone();
    base.set_query(None);
    base.set_fragment(None);
    format!("{}&{}&{}", method.to_ascii_uppercase(), encode(base.as_str()), encode(&parameters.join("&")))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn check(vectors: &str) -> usize {
        let document: Value = serde_json::from_str(vectors).unwrap();
        let vectors = document["vectors"].as_array().unwrap();
        for vector in vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            let keys = Keys {
                consumer_key: text("consumer_key"),
                consumer_secret: text("consumer_secret"),
                token: text("token"),
                token_secret: text("token_secret"),
            };
            let url = Url::parse(text("url")).unwrap();
            let signed = keys.authorization(text("method"), &url, text("nonce"), text("timestamp").parse().unwrap());
            let expected = |name: &str| vector["expected"][name].as_str().unwrap();
            let what = text("description");
            assert_eq!(signed.base_string, expected("base_string"), "{what}");
            assert_eq!(signed.signature, expected("signature"), "{what}");
            assert_eq!(signed.header, expected("authorization_header"), "{what}");
        }
        vectors.len()
    }

    #[test]
    fn the_projects_vectors_sign_as_stated() {
        assert_eq!(check(include_str!("../../../tests/fixtures/auth/oauth1-signature-vectors.json")), 10);
        assert!(check(include_str!("../../../tests/fixtures/auth/oauth1-signature-vectors-extra.json")) > 0);
    }

    #[test]
    fn the_documents_vectors_sign_as_stated() {
        let Ok(folder) = std::env::var("LPCHAT_DOCUMENT_EXAMPLES") else { return };
        let path = std::path::Path::new(&folder).join("auth/oauth1-signature-vectors.json");
        assert_eq!(check(&std::fs::read_to_string(path).unwrap()), 10);
    }
}
