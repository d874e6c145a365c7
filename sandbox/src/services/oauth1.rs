//! OAuth 1.0 signatures, really verified: docs/protocol/authentication.md, "OAuth 1.0 API keys (HMAC-SHA1)".

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha1::Sha1;

use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::switches::Switch;
use crate::world::World;

/// RFC 3986: everything but letters, digits and `-._~`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The parts of a request that a signature covers.
#[derive(Debug)]
pub struct Signed<'a> {
    pub method: &'a str,
    /// Scheme, host and path as received, without the query.
    pub url: &'a str,
    /// Decoded query parameters and protocol parameters, without `oauth_signature`.
    pub parameters: Vec<(String, String)>,
}

impl Signed<'_> {
    fn base_string(&self) -> String {
        let mut encoded: Vec<(String, String)> =
            self.parameters.iter().map(|(name, value)| (encode(name), encode(value))).collect();
        encoded.sort();
        let parameters: Vec<String> = encoded.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}&{}&{}", self.method, encode(&base_uri(self.url)), encode(&parameters.join("&")))
    }

    pub fn signature(&self, consumer_secret: &str, token_secret: &str) -> String {
        let key = format!("{}&{}", encode(consumer_secret), encode(token_secret));
        let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("a key of any length is allowed");
        mac.update(self.base_string().as_bytes());
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    }
}

/// Scheme and host in lower case, the default port removed.
fn base_uri(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let scheme = scheme.to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(default_port).unwrap_or(&host);
    format!("{scheme}://{host}{path}")
}

/// The parameters of an `Authorization: OAuth` header, decoded.
fn header_parameters(header: &str) -> Option<Vec<(String, String)>> {
    let list = header.strip_prefix("OAuth ")?;
    list.split(',')
        .map(|part| {
            let (name, value) = part.trim().split_once('=')?;
            let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
            Some((name.to_owned(), percent_decode_str(value).decode_utf8().ok()?.into_owned()))
        })
        .collect()
}

/// Refuses a request whose signature is not right; remembers its nonce otherwise.
pub fn verify(world: &mut World, request: &Request, header: &str) -> Result<(), Reply> {
    let absent = |what: &str| Reply::oauth_problem("parameter_absent", &format!("{what} is missing"));
    let protocol = header_parameters(header).ok_or_else(|| absent("a protocol parameter"))?;
    let get = |name: &str| protocol.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let need = |name: &str| get(name).ok_or_else(|| absent(name));
    let (consumer, token) = (need("oauth_consumer_key")?, need("oauth_token")?);
    let (given, method) = (need("oauth_signature")?, need("oauth_signature_method")?);
    let (nonce, stamp) = (need("oauth_nonce")?, need("oauth_timestamp")?);
    let identity = &world.identity;
    if consumer != identity.consumer_key {
        return Err(Reply::oauth_problem("consumer_key_unknown", "the oauth_consumer_key is unknown"));
    }
    if token != identity.token {
        return Err(Reply::token_rejected());
    }
    if method != "HMAC-SHA1" || get("oauth_version").is_some_and(|version| version != "1.0") {
        return Err(Reply::oauth_problem("signature_method_rejected", "only HMAC-SHA1 of version 1.0 is supported"));
    }
    let host = request.header("host").unwrap_or_default();
    let url = format!("http://{host}{}", request.path);
    let mut parameters = request.query.clone();
    parameters.extend(protocol.iter().filter(|(name, _)| name != "oauth_signature" && name != "realm").cloned());
    let signed = Signed { method: &request.method, url: &url, parameters };
    if signed.signature(&identity.consumer_secret, &identity.token_secret) != given {
        return Err(Reply::oauth_problem("signature_invalid", "the oauth_signature is invalid"));
    }
    let seconds: i64 = stamp.parse().unwrap_or(i64::MIN);
    let now = world.now.div_euclid(1000);
    if now.saturating_sub(seconds).abs() > world.switches.number(Switch::Oauth1WindowS) {
        return Err(Reply::oauth_problem("timestamp_refused", "the oauth_timestamp is outside the accepted range"));
    }
    let oldest = now - world.switches.number(Switch::Oauth1WindowS);
    while world.nonces.first().is_some_and(|(seconds, _)| *seconds < oldest) {
        world.nonces.pop_first();
    }
    if !world.nonces.insert((seconds, nonce.to_owned())) {
        return Err(Reply::oauth_problem("nonce_used", "the oauth_nonce was used before"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::pairs;

    /// Made-up credentials.
    const MADE_UP: [&str; 4] =
        ["0123456789abcdef0123456789abcdef", "0123456789abcdef", "fedcba9876543210fedcba9876543210", "fedcba9876543210"];
    const NONCE: &str = "c1c04ec4-3125-44cf-9c39-cccb9343541b";
    const SEARCH: &str = "https://va.enghist.liveperson.net/interaction_history/api/account/12345678/interactions/search";

    fn signature(method: &str, url: &str, keys: [&str; 4], nonce: &str, stamp: &str) -> String {
        let (bare, query) = url.split_once('?').unwrap_or((url, ""));
        let mut parameters = pairs(query);
        for (name, value) in [
            ("oauth_consumer_key", keys[0]),
            ("oauth_token", keys[2]),
            ("oauth_nonce", nonce),
            ("oauth_timestamp", stamp),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_version", "1.0"),
        ] {
            parameters.push((name.to_owned(), value.to_owned()));
        }
        Signed { method, url: bare, parameters }.signature(keys[1], keys[3])
    }

    /// OAuth Core 1.0, appendix A.5.
    #[test]
    fn the_published_example() {
        let keys = ["dpf43f3p2l4k3l03", "kd94hf93k423kf44", "nnch734d00sl2jdk", "pfkkdhi9sl3r4s00"];
        let url = "http://photos.example.net/photos?file=vacation.jpg&size=original";
        assert_eq!(signature("GET", url, keys, "kllo9940pd9333jh", "1191242096"), "tR3+Ty81lMeYAr/Fid0kMTYa/WM=");
    }

    #[test]
    fn vectors_of_two_independent_implementations() {
        let agent = "https://va.agentvep.liveperson.net/api/account/12345678/agentSession";
        for (method, url, expected) in [
            ("POST", format!("{SEARCH}?limit=50&offset=0"), "QQxUlvqjUb/Mp39tsZlKMdA8I/8="),
            ("POST", format!("{SEARCH}?limit=50&offset=0&sort=start:desc"), "09cVig3TCLFdbFj8BqE8t61ENOM="),
            ("POST", format!("{SEARCH}?limit=50&offset=0&sort=start%3Adesc"), "09cVig3TCLFdbFj8BqE8t61ENOM="),
            ("POST", format!("{SEARCH}?offset=0&limit=50&sort=start:asc,duration:desc"), "dpl0qromKvJ+aVqq5UZYlbvRank="),
            ("GET", format!("{agent}/1027882276"), "QhPImFdE3kOgfBklNX0l6+S13WU="),
            (
                "GET",
                format!("{agent}/1027882276/chat/availableSlots?v=1&NC=true&skill=caf%C3%A9%20support&maxWaitTime=0"),
                "zVsMgTD/2oZ7h3O8Xfb8Lr86Wr8=",
            ),
            (
                "GET",
                "https://VA.AgentVep.LivePerson.net:443/api/account/12345678/agentSession/1027882276/info?v=1&NC=true".to_owned(),
                "roh3QPakDY4pVqKhp9sQav9AS9g=",
            ),
            ("GET", format!("{agent}?v=1&a=2&a=10&b="), "9VGHiHmB3KQfa7RuMVpBqm5oNag="),
            ("POST", format!("{agent}?v=1&NC=true"), "GlqWu19DpbG+IzqIZIG3Kot/lqc="),
        ] {
            assert_eq!(signature(method, &url, MADE_UP, NONCE, "1700000000"), expected, "{method} {url}");
        }
    }

    #[test]
    fn default_ports_and_case_do_not_matter() {
        assert_eq!(base_uri("HTTPS://VA.Example.net:443/A"), "https://va.example.net/A");
        assert_eq!(base_uri("http://127.0.0.1:8080/A"), "http://127.0.0.1:8080/A");
    }
}
