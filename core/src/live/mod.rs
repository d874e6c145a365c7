//! Chats that live: one ordered stream of events a chat, lines that are never posted twice, thousands at once.
//!
//! Visitor and agent share this module, and it knows neither: a [`Conversation`] makes the requests.
//!
//! | file | what |
//! | --- | --- |
//! | `scheduler` | who is polled when, for all chats of a client |
//! | `stream` | one chat's cursor, order and queue |
//! | `chat` | one live chat: its polls, and those who wait for it |
//! | `poll` | what a poll reads of a chat |
//! | `events` | the stream as users hold it |
//! | `writes` | sending a line, and finding out what became of it |
//! | `typing` | saying who is typing, once |
//! | `turn` | one line at a time, in the order of the calls |
//! | `ledger` | what is known about the lines sent |
//! | `saved` | a chat as a document |
//! | `options` | what a client's options say about them |
//! | `parting` | what becomes of live chats when their client closes |
//! | `registry` | which chats of a client live |

mod chat;
mod events;
mod ledger;
mod options;
mod parting;
mod poll;
mod registry;
mod saved;
mod scheduler;
mod stream;
mod turn;
mod typing;
mod writes;

use std::fmt;
use std::sync::Arc;

pub(crate) use chat::{Live, LiveSlot};
pub use events::{ChatEventBatch, EventStream};
pub(crate) use options::Polling;
pub(crate) use parting::part;
pub use parting::{ChatsOnClose, SavedChat};
pub(crate) use registry::LiveChats;
pub(crate) use saved::Saved;
pub(crate) use scheduler::{Counted, Job, Polled, Scheduler, Verdict};
pub(crate) use turn::Turn;
pub(crate) use typing::set_typing;
pub(crate) use writes::{Choice, Line, end, resolve, send};
pub use writes::{LineReceipt, WhenWaiting};

use crate::client_core::Core;
use crate::error::Result;
use crate::transport::{Request, Service};
use crate::wire::Text;
use crate::wire::chat::LineSource;

/// Whose side of a chat this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Visitor,
    Agent,
}

impl Side {
    /// The object whose operations its requests belong to.
    const fn face(self) -> &'static str {
        match self {
            Self::Visitor => "VisitorChat",
            Self::Agent => "AgentChat",
        }
    }

    const fn service(self) -> Service {
        match self {
            Self::Visitor => Service::Conversation,
            Self::Agent => Service::Agent,
        }
    }

    /// Who wrote a line that comes from this side.
    const fn source(self) -> LineSource {
        match self {
            Self::Visitor => LineSource::Visitor,
            Self::Agent => LineSource::Agent,
        }
    }
}

/// What a live chat needs of the side it belongs to.
pub(crate) trait Conversation: fmt::Debug + Send + Sync {
    fn core(&self) -> &Arc<Core>;

    fn id(&self) -> &Text;

    fn side(&self) -> Side;

    /// Begins what must go on besides, such as keeping a session alive.
    fn accompany(&self) -> Result<()> {
        Ok(())
    }

    /// Where the chat lives, where that is its own: part of a saved chat.
    fn origin(&self) -> Option<String>;

    /// A read of the chat itself (`resource` empty) or of one of its resources.
    fn get(&self, resource: &str) -> Result<Request>;

    fn post(&self, resource: &str) -> Result<Request>;
}
