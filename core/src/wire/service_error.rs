//! The service's error bodies, in all their forms.
//!
//! Sources: `docs/protocol/visitor-chat-api.md`, "Error bodies"; `docs/protocol/agent-chat-api.md`, "Errors";
//! `docs/protocol/authentication.md`, "Errors" and "Failures"; `docs/protocol/engagement-history-api.md`, "Error bodies".

use serde_json::Value;

/// The longest part of a body that is no error document which an error message repeats, in characters.
const LONGEST_EXCERPT: usize = 500;

/// What the service says went wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ServiceError {
    /// `internalCode` and its kin; text, since history writes `0007`.
    pub code: Option<String>,
    pub message: Option<String>,
}

impl ServiceError {
    /// Reads the body of a refusal.
    pub(crate) fn from_body(body: &str) -> Self {
        let trimmed = body.trim();
        if trimmed.is_empty() {
            return Self::default();
        }
        if let Ok(value) = serde_json::from_str::<Value>(trimmed) {
            return Self::within(&value).or_else(|| Self::of(&value)).unwrap_or_default();
        }
        Self::from_form(trimmed).unwrap_or_else(|| Self { code: None, message: Some(excerpt(trimmed)) })
    }

    /// The error that a successful answer carries inside: `error`, `chat.error`, `transfer.errormsg`.
    pub(crate) fn within(value: &Value) -> Option<Self> {
        let error = value.get("error").or_else(|| value.get("chat")?.get("error"));
        if let Some(error) = error.filter(|error| !error.is_null()) {
            return Some(match error {
                Value::String(message) => Self::of_oauth2(message, value),
                error => Self::of(error).unwrap_or_default(),
            });
        }
        let message = value.get("transfer")?.get("errormsg")?.as_str()?;
        Some(Self { code: None, message: Some(excerpt(message)) })
    }

    /// OAuth 2's `error`, a word such as `invalid_grant`, with an `error_description` beside it or without; or a message
    /// of the login service.
    fn of_oauth2(error: &str, value: &Value) -> Self {
        let description = value.get("error_description").and_then(Value::as_str);
        let is_code = description.is_some() || error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        Self { code: is_code.then(|| excerpt(error)), message: Some(excerpt(description.unwrap_or(error))) }
    }

    fn of(value: &Value) -> Option<Self> {
        let text = |names: &[&str]| names.iter().find_map(|name| scalar(value.get(name)?));
        let error = Self {
            code: text(&["internalCode", "errorCode", "code"]).or_else(|| scalar(value.get("errorData")?.get("errorCode")?)),
            message: text(&["debugMessage", "message", "errorMessage"]).map(|message| excerpt(&message)),
        };
        (error.code.is_some() || error.message.is_some()).then_some(error)
    }

    /// `oauth_problem=token_rejected&oauth_problem_advice=…`, with raw blanks.
    fn from_form(body: &str) -> Option<Self> {
        let member = |name: &str| {
            let value = body.split('&').find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))?;
            Some(percent_encoding::percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned())
        };
        let code = member("oauth_problem")?;
        Some(Self { message: member("oauth_problem_advice").map(|advice| excerpt(&advice)), code: Some(code) })
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The start of a text on one line, control characters escaped.
fn excerpt(text: &str) -> String {
    let mut out: String = text
        .chars()
        .take(LONGEST_EXCERPT)
        .flat_map(|character| match character {
            '\n' | '\r' | '\t' => vec![' '],
            control if control.is_control() => control.escape_unicode().collect(),
            other => vec![other],
        })
        .collect();
    if text.chars().nth(LONGEST_EXCERPT).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (Option<String>, Option<String>) {
        let error = ServiceError::from_body(body);
        (error.code, error.message)
    }

    fn some(code: &str, message: &str) -> (Option<String>, Option<String>) {
        (Some(code.into()), Some(message.into()))
    }

    #[test]
    fn every_documented_form_is_read() {
        assert_eq!(read(r#"{"error":{"time":"t","message":"Bad captcha","internalCode":10}}"#), some("10", "Bad captcha"));
        assert_eq!(read(r#"{"time":1,"message":"Illegal Version","internalCode":33}"#), some("33", "Illegal Version"));
        assert_eq!(read(r#"{"chat":{"error":{"message":"gone","internalCode":12}}}"#), some("12", "gone"));
        assert_eq!(read(r#"{"internalCode":"0007","debugMessage":"Elastic"}"#), some("0007", "Elastic"));
        assert_eq!(read(r#"{"error":"invalid_client","error_description":"no"}"#), some("invalid_client", "no"));
        assert_eq!(read(r#"{"error":"LeLogin1 failed"}"#), (None, Some("LeLogin1 failed".into())));
        assert_eq!(
            read("oauth_problem=token_rejected&oauth_problem_advice=the oauth_token is unacceptable"),
            some("token_rejected", "the oauth_token is unacceptable")
        );
        assert_eq!(read("<html>\nBad Gateway"), (None, Some("<html> Bad Gateway".into())));
        assert_eq!(read(""), (None, None));
    }
}
