//! What the service answers, before faults change it.

use serde_json::{Value, json};

use crate::times;

#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    /// Headers that a fault plan adds.
    pub extra_headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// A body that is yet to be written out.
    document: Option<Value>,
}

impl Reply {
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), extra_headers: Vec::new(), body: Vec::new(), document: None }
    }

    /// Plain `application/json` without parameters: one vendor SDK compares the header with a constant
    /// (docs/protocol/visitor-chat-api.md, "Response headers that matter").
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    /// JSON that is written out by [`Self::written`]: large documents are not turned into text while the world is locked.
    pub fn document(status: u16, body: Value) -> Self {
        let mut reply = Self::empty(status).with_header("content-type", "application/json");
        reply.document = Some(body);
        reply
    }

    pub fn written(mut self) -> Self {
        if let Some(document) = self.document.take() {
            self.body = document.to_string().into_bytes();
        }
        self
    }

    pub fn text(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut reply = Self::empty(status).with_header("content-type", content_type);
        reply.body = body.into();
        reply
    }

    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The error body of the conversation and agent hosts (docs/protocol/visitor-chat-api.md, "Error bodies").
    pub fn error(status: u16, code: i64, message: &str, now: i64) -> Self {
        Self::json(status, &error_body(code, message, now))
    }

    /// No such resource.
    pub fn unknown_path(path_and_query: &str, now: i64) -> Self {
        Self::error(404, 28, &format!("null for uri: {path_and_query}"), now)
    }

    /// The authorization gateway answers in OAuth 1.0 vocabulary, whatever `Accept` says, with raw blanks in it
    /// (docs/protocol/authentication.md, "Failures").
    pub fn oauth_problem(problem: &str, advice: &str) -> Self {
        Self::text(401, "text/plain", format!("oauth_problem={problem}&oauth_problem_advice={advice}"))
    }

    pub fn token_rejected() -> Self {
        Self::oauth_problem("token_rejected", "the oauth_token is unacceptable to the Service Provider")
    }

    /// The service would answer in XML, which the sandbox does not speak.
    pub fn not_xml() -> Self {
        Self::text(
            406,
            "text/plain",
            "The service would answer this call in XML, which the sandbox does not speak: \
             add .json to the path, or the header Accept: application/json",
        )
    }

    /// Errors of the admin interface.
    pub fn admin_error(message: &str) -> Self {
        Self::json(400, &json!({"error": message}))
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

pub fn error_body(code: i64, message: &str, now: i64) -> Value {
    json!({"error": {"time": times::service_text(now), "message": message, "internalCode": code}})
}
