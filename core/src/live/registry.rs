//! Which chats of a client live.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::chat::Live;
use super::saved::Saved;
use super::{Conversation, Side};
use crate::wire::Text;

/// The chats of one client that live in this process. Two handles of one chat share its life, and so its position.
#[derive(Debug, Default)]
pub(crate) struct LiveChats(Mutex<HashMap<(Side, Text), Weak<Live>>>);

impl LiveChats {
    fn lock(&self) -> MutexGuard<'_, HashMap<(Side, Text), Weak<Live>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of the chat, begun where there is none: from a saved one, or from its first event.
    pub(crate) fn of(&self, conversation: impl Conversation + 'static, resumed: Option<Saved>) -> Arc<Live> {
        let mut chats = self.lock();
        let key = (conversation.side(), conversation.id().clone());
        if let Some(live) = chats.get(&key).and_then(Weak::upgrade) {
            return live;
        }
        let live = Arc::new(Live::new(Box::new(conversation), resumed));
        chats.insert(key, Arc::downgrade(&live));
        live
    }

    /// All that live.
    pub(crate) fn all(&self) -> Vec<Arc<Live>> {
        self.lock().values().filter_map(Weak::upgrade).collect()
    }

    /// Forgets a chat that nobody holds any more.
    pub(super) fn forget(&self, side: Side, id: &Text) {
        let mut chats = self.lock();
        let key = (side, id.clone());
        // Its successor may have begun meanwhile.
        if chats.get(&key).is_some_and(|live| live.strong_count() == 0) {
            chats.remove(&key);
        }
    }
}
