//! A request as the service sees it.

use hyper::body::Bytes;
use hyper::header::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;

#[derive(Debug)]
pub struct Request {
    /// `PUT` when a POST carries `X-HTTP-Method-Override: PUT`.
    pub method: String,
    /// True for a PUT on the wire, not by override.
    pub native_put: bool,
    /// As received, without the query.
    pub path: String,
    /// As received.
    pub raw_query: String,
    /// Decoded name and value pairs in their order, `+` read as a blank (RFC 5849, section 3.4.1.3.1).
    pub query: Vec<(String, String)>,
    /// Decoded, `.json` removed from the last.
    pub segments: Vec<String>,
    /// The last segment carried `.json`.
    pub json_suffix: bool,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Request {
    pub fn new(method: &str, path: &str, raw_query: &str, headers: HeaderMap, body: Bytes) -> Self {
        let mut segments: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        let mut json_suffix = false;
        if let Some(last) = segments.last_mut()
            && let Some(stem) = last.strip_suffix(".json")
        {
            *last = stem.to_owned();
            json_suffix = true;
        }
        let over = headers.get("x-http-method-override").and_then(|value| value.to_str().ok());
        let method = match over {
            Some(over) if method == "POST" => over.to_ascii_uppercase(),
            _ => method.to_owned(),
        };
        Self {
            native_put: method == "PUT" && over.is_none(),
            method,
            path: path.to_owned(),
            raw_query: raw_query.to_owned(),
            query: pairs(raw_query),
            segments,
            json_suffix,
            headers,
            body,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the text stands somewhere in path, query or body as they came.
    pub fn contains(&self, text: &str) -> bool {
        let in_body = || self.body.windows(text.len().max(1)).any(|part| part == text.as_bytes());
        self.path.contains(text) || self.raw_query.contains(text) || in_body()
    }

    /// docs/protocol/visitor-chat-api.md, "Representation selection": suffix or `Accept`, each sufficient alone.
    pub fn wants_json(&self) -> bool {
        self.json_suffix || self.header("accept").is_some_and(|accept| accept.to_ascii_lowercase().contains("application/json"))
    }

    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .get_all("cookie")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::trim)
    }
}

/// Decodes `a=1&b=2`, the form of queries and form bodies.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
