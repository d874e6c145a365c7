//! What becomes of live chats when their client closes.

use std::sync::Arc;
use std::time::Duration;

use lpchat_macros::model;
use tokio::task::JoinSet;

use super::chat::Live;
use super::writes;
use crate::client_core::Core;
use crate::observe::{LogLevel, log};
use crate::registry::Operation;
use crate::transport::{Context, RetryClass};
use crate::wire::Text;

/// What becomes of the chats that live when their client closes. lpchat's own.
#[model]
pub enum ChatsOnClose {
    /// They are saved; the service gives them up after their idle limit, unless somebody resumes them.
    #[wire("save")]
    Save,
    /// They are ended, apart from those that were told to `keep`, which are saved.
    #[wire("end")]
    End,
}

/// A chat that was saved.
#[model(plain)]
pub struct SavedChat {
    /// The chat's id.
    pub id: Text,
    /// What `resume` takes. Whoever has it can read and write the chat: keep it as a credential.
    pub document: Text,
}

/// So many chats are ended at the same time.
const ENDING: usize = 32;
const END_LIMIT: Duration = Duration::from_secs(10);

/// Saves or ends all chats of the client that live, within `limit`; what could not be ended in time is saved.
pub(crate) async fn part(core: &Arc<Core>, limit: Duration) -> Vec<SavedChat> {
    let living = core.state().live_chats.all().into_iter().filter(|live| live.lives());
    let ends = core.config.chats_on_close == ChatsOnClose::End;
    let (to_end, mut to_save): (Vec<_>, Vec<_>) = living.partition(|live| ends && !live.is_kept());
    if !to_end.is_empty() {
        let clock = &core.environment.clock;
        let ended = to_end.clone();
        tokio::select! {
            left = end_all(ended) => to_save.extend(left),
            // Which of them were ended is not known now, and ending them again does no harm.
            () = clock.limit(limit) => to_save.extend(to_end),
        }
    }
    let mut saved = Vec::new();
    for live in to_save {
        if let Err(error) = live.store().await {
            log(LogLevel::Warning, || format!("cannot keep the state file of a chat: {}", error.code().name()));
        }
        if let Ok(document) = live.save() {
            saved.push(SavedChat { id: live.conversation.id().clone(), document: document.into() });
        }
    }
    saved
}

/// Ends the chats; gives those that could not be ended.
async fn end_all(chats: Vec<Arc<Live>>) -> Vec<Arc<Live>> {
    let mut ending = JoinSet::new();
    let mut left = Vec::new();
    for live in chats {
        if ending.len() >= ENDING
            && let Some(Ok(Some(failed))) = ending.join_next().await
        {
            left.push(failed);
        }
        ending.spawn(async move {
            let operation = Operation { face: live.side().face(), name: "end", retry: RetryClass::Idempotent, waits: false };
            let context = Context::unattended(live.core(), operation, END_LIMIT);
            writes::end(&live, &context).await.is_err().then_some(live)
        });
    }
    left.extend(ending.join_all().await.into_iter().flatten());
    left
}
