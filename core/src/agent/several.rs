//! Several chats in one call.

use lpchat_macros::{model, operation};

use super::AgentSession;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::Text;
use crate::wire::chat::{ChatEvent, ChatResources};

/// A chat, and where to read it from.
#[model(request)]
pub struct ChatPosition {
    /// The chat's id.
    pub chat_id: Text,
    /// Id of the first event wanted; all events when absent. `events.next_id` of the last answer goes on.
    pub from_id: Option<i64>,
}

#[model(internal)]
struct Chats {
    #[wire("chat")]
    chats: Vec<ChatResources>,
}

/// Retrieves links, events and information of several chats in one call. `information.chat_session_key` tells whose
/// each document is; chats that are not this agent's are left out.
///
/// * `chats`: the chats, at least one.
///
/// Source: `docs/protocol/agent-chat-api.md`, "Several chats".
#[operation(retry = safe)]
async fn retrieve_chats(session: &AgentSession, context: &Context, chats: Vec<ChatPosition>) -> Result<Vec<ChatResources>> {
    check(&chats)?;
    let keys: Vec<&str> = chats.iter().map(|chat| chat.chat_id.as_str()).collect();
    let mut asked = session.get("/chat")?.query("chatSessionKeys", keys.join(","));
    if let Some(seen) = last_seen(&chats) {
        asked = asked.query("fromEventIds", seen);
    }
    let answer: Option<Chats> = context.send(asked).await?.member("chats")?;
    let mut documents = answer.map(|answer| answer.chats).unwrap_or_default();
    for document in &mut documents {
        let position = chats.iter().find(|chat| Some(&chat.chat_id) == document.information.chat_session_key.as_ref());
        go_on(document, position.and_then(|position| position.from_id).unwrap_or(0));
    }
    Ok(documents)
}

/// The ids of the last events seen, in the order of the chats. They are left out where one chat is read from its
/// beginning: no id stands for that.
fn last_seen(chats: &[ChatPosition]) -> Option<String> {
    let seen: Option<Vec<String>> =
        chats.iter().map(|chat| Some((chat.from_id.filter(|from| *from > 0)? - 1).to_string())).collect();
    seen.map(|seen| seen.join(","))
}

/// Drops what was seen before: whether the service repeats the last event seen is open. The links of this answer are not
/// to be followed, so the cursor comes from the events.
fn go_on(document: &mut ChatResources, from: i64) {
    document.events.events.retain(|event| event.number().is_none_or(|id| id >= from));
    let highest = document.events.events.iter().filter_map(ChatEvent::number).max();
    document.events.next_id = highest.map_or(from, |id| id + 1);
}

fn check(chats: &[ChatPosition]) -> Result<()> {
    let wrong = |chat: &&ChatPosition| chat.chat_id.is_empty() || chat.chat_id.contains(',');
    if chats.is_empty() {
        return Err(LpchatError::argument("chats", 0, "it holds at least one chat"));
    }
    if let Some(chat) = chats.iter().find(wrong) {
        return Err(LpchatError::argument("chats.chat_id", chat.chat_id.as_str(), "a chat has an id, which holds no comma"));
    }
    match chats.iter().filter_map(|chat| chat.from_id).find(|from| *from < 0) {
        Some(from) => Err(LpchatError::argument("chats.from_id", from, "event ids begin at 0")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_the_last_events_seen_are_sent_for_all_chats_or_for_none() {
        let chats = |from: &[Option<i64>]| -> Vec<ChatPosition> {
            from.iter().map(|from_id| ChatPosition { chat_id: "H1".into(), from_id: *from_id }).collect()
        };
        assert_eq!(last_seen(&chats(&[Some(3), Some(1)])).as_deref(), Some("2,0"));
        assert_eq!(last_seen(&chats(&[Some(3), Some(0)])), None);
        assert_eq!(last_seen(&chats(&[None, Some(4)])), None);
    }
}
