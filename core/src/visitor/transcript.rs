//! The transcript by e-mail.

use lpchat_macros::operation;
use serde_json::json;

use super::VisitorChat;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::Text;

/// Has the chat's transcript sent by e-mail, usually after the end. A second request sends a second e-mail.
///
/// * `email`: one address.
/// * `timezone_offset_milliseconds`: what the e-mail writes behind its times, such as -7200000; it changes the label only.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Transcript — PUT* `S/transcriptRequest`".
#[operation(retry = effect)]
async fn request_transcript(
    chat: &VisitorChat,
    context: &Context,
    email: Text,
    timezone_offset_milliseconds: Option<i64>,
) -> Result<()> {
    check_email(&email)?;
    let mut body = json!({ "email": email.as_str() });
    if let Some(offset) = timezone_offset_milliseconds {
        check_offset(offset)?;
        body["timezoneOffset"] = offset.into();
    }
    context.send(chat.post("/transcriptRequest")?.overridden_as_put().json(&body)).await.map(|_| ())
}

/// Has the chat's transcript sent by e-mail under a subject. The service documents the link only, not what it takes.
///
/// * `email`: one address.
/// * `subject`: the e-mail's subject.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Transcript — PUT* `S/transcriptRequest`".
#[operation(retry = effect)]
async fn request_transcript_with_subject(chat: &VisitorChat, context: &Context, email: Text, subject: Text) -> Result<()> {
    check_email(&email)?;
    if subject.is_empty() {
        return Err(LpchatError::argument("subject", "", "it holds at least one character; `request_transcript` takes none"));
    }
    let body = json!({ "email": email.as_str(), "subject": subject.as_str() });
    context.send(chat.post("/transcriptWithSubjectRequest")?.overridden_as_put().json(&body)).await.map(|_| ())
}

/// Only what surely is no address is refused: the service knows better.
fn check_email(email: &Text) -> Result<()> {
    match email.split_once('@') {
        Some((name, host))
            if !name.is_empty() && !host.is_empty() && !host.contains('@') && !email.contains(char::is_whitespace) =>
        {
            Ok(())
        }
        _ => Err(LpchatError::argument("email", email.as_str(), "it is one address, such as `visitor@example.com`")),
    }
}

/// No clock on earth is further off than 14 hours.
fn check_offset(offset: i64) -> Result<()> {
    const LARGEST: i64 = 14 * 3600 * 1000;
    if (-LARGEST..=LARGEST).contains(&offset) {
        return Ok(());
    }
    Err(LpchatError::argument(
        "timezone_offset_milliseconds",
        offset,
        "it lies within 14 hours of 0, in milliseconds: -7200000 for two hours",
    ))
}
