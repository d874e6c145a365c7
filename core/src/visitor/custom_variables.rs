//! Custom variables of a chat.

use lpchat_macros::{model, operation};
use serde_json::json;

use super::VisitorChat;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::{Encode, Text};

/// A custom variable of a chat; legacy.
#[model(request)]
pub struct CustomVariable {
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: Text,
}

/// Sets custom variables of the chat. The service calls this deprecated and unsupported, and still lists its link.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Custom variables — PUT* `S/customVariables`".
#[operation(retry = idempotent)]
async fn set_custom_variables(chat: &VisitorChat, context: &Context, variables: Vec<CustomVariable>) -> Result<()> {
    check("variables", &variables)?;
    let body = json!({ "customVariables": { "customVariable": variables.encode() } });
    context.send(chat.post("/customVariables")?.overridden_as_put().json(&body)).await.map(|_| ())
}

fn check(name: &str, variables: &[CustomVariable]) -> Result<()> {
    if variables.is_empty() || variables.iter().any(|variable| variable.name.is_empty()) {
        return Err(LpchatError::argument(name, variables.len(), "it holds at least one variable, each with a name"));
    }
    Ok(())
}
