//! A visitor's chat.

use std::fmt;
use std::sync::{Arc, OnceLock};

use url::Url;

use super::{Visitor, common};
use crate::client_core::Core;
use crate::engine::PerProcess;
use crate::error::{Code, LpchatError, Result};
use crate::live::{Conversation, Live, LiveSlot, Saved, Side};
use crate::transport::links::{last_segment, saved_origin, segment, session_origin};
use crate::transport::{Path, Request, Service};
use crate::wire::Text;
use crate::wire::chat::ShownId;

/// One chat, seen by its visitor.
///
/// Whoever holds the id can read and write the chat: treat it as a credential.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct VisitorChat {
    address: Arc<Address>,
    live: LiveSlot,
}

/// Where a chat is found.
struct Address {
    core: Arc<Core>,
    id: Text,
    /// Where the service said the chat lives, where it named a host of its own.
    origin: Option<Url>,
    /// The paths of its document and its events, which are asked often.
    document: OnceLock<Path>,
    events: OnceLock<Path>,
}

impl fmt::Debug for VisitorChat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("VisitorChat").field("id", &ShownId(&self.address.id)).finish_non_exhaustive()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Address").field("id", &ShownId(&self.id)).finish_non_exhaustive()
    }
}

impl Address {
    /// A request to the chat itself (`resource` empty) or to one of its resources.
    fn request(&self, method: reqwest::Method, resource: &str) -> Result<Request> {
        let often = match resource {
            "" => Some(&self.document),
            "/events" => Some(&self.events),
            _ => None,
        };
        if let Some(path) = often.and_then(OnceLock::get) {
            return Ok(self.asked(method, path.clone()));
        }
        let account = segment(self.core.config.account()?);
        let path = Path::from(format!("/api/account/{account}/chat/{}{resource}.json", segment(&self.id)));
        if let Some(often) = often {
            let _ = often.set(path.clone());
        }
        Ok(self.asked(method, path))
    }

    fn asked(&self, method: reqwest::Method, path: impl Into<Path>) -> Request {
        common(Request::new(method, Service::Conversation, path).at(self.origin.as_ref()))
    }
}

impl Conversation for Arc<Address> {
    fn core(&self) -> &Arc<Core> {
        &self.core
    }

    fn id(&self) -> &Text {
        &self.id
    }

    fn side(&self) -> Side {
        Side::Visitor
    }

    fn origin(&self) -> Option<String> {
        self.origin.as_ref().map(Url::to_string)
    }

    fn get(&self, resource: &str) -> Result<Request> {
        self.request(reqwest::Method::GET, resource)
    }

    fn post(&self, resource: &str) -> Result<Request> {
        self.request(reqwest::Method::POST, resource)
    }
}

impl VisitorChat {
    /// The chat at the address that its creation gave.
    pub(super) fn created_at(core: &Arc<Core>, location: &Url, asked: &Url) -> Result<Self> {
        let trusted = core.config.sandbox.as_ref().map_or(&[][..], |sandbox| sandbox.trusted.as_slice());
        let origin = session_origin(location, asked, trusted)?;
        let id = last_segment(location)
            .ok_or_else(|| LpchatError::new(Code::UnexpectedShape).with_message("The address of the new chat holds no id."))?;
        Ok(Self::new(core, id.into(), Some(origin)))
    }

    /// The chat of this id.
    pub(super) fn of(core: &Arc<Core>, id: Text) -> Self {
        Self::new(core, id, None)
    }

    fn new(core: &Arc<Core>, id: Text, origin: Option<Url>) -> Self {
        let address =
            Arc::new(Address { core: Arc::clone(core), id, origin, document: OnceLock::new(), events: OnceLock::new() });
        Self { address, live: Arc::new(PerProcess::new()) }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.address.core
    }

    /// A request to a path on the chat's host.
    pub(super) fn at(&self, method: reqwest::Method, path: &str) -> Request {
        self.address.asked(method, format!("{path}.json"))
    }

    pub(super) fn get(&self, resource: &str) -> Result<Request> {
        self.address.request(reqwest::Method::GET, resource)
    }

    pub(super) fn post(&self, resource: &str) -> Result<Request> {
        self.address.request(reqwest::Method::POST, resource)
    }

    /// The chat's life in this process.
    pub(super) fn live(&self) -> &Arc<Live> {
        self.live.get_or_init(|| self.core().state().live_chats.of(Arc::clone(&self.address), None))
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl VisitorChat {
    /// The chat's id, also called its session key.
    pub fn id(&self) -> Text {
        self.address.id.clone()
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl Visitor {
    /// The chat of this id, started earlier or elsewhere. Asks nothing of the service.
    pub fn chat(&self, id: Text) -> Result<VisitorChat> {
        if id.is_empty() {
            return Err(LpchatError::argument("id", "", "a chat has an id, which `VisitorChat.id` gives"));
        }
        Ok(VisitorChat::of(self.core(), id))
    }

    /// Goes on with a chat that was saved, by this process or another one. Asks nothing of the service.
    ///
    /// No event is lost: the stream goes on behind the last events that were processed when the chat was saved. Events
    /// since then come again, and those that may have been given before are marked `is_repeated`. Whoever needs each event once
    /// across a crash stores the id of the last one with its own data. What became of a line that was being
    /// sent, `resolve_pending_line` finds out.
    ///
    /// Fails with `UnusableDocument` where the document is damaged, of a later version, of another account or an agent's.
    pub fn resume(&self, document: Text) -> Result<VisitorChat> {
        let core = self.core();
        let saved = Saved::read(&document, Side::Visitor, core.config.account()?)?;
        let trusted = core.config.sandbox.as_ref().map_or(&[][..], |sandbox| sandbox.trusted.as_slice());
        let origin = saved.origin.as_deref().map(|origin| saved_origin(origin, trusted)).transpose()?;
        let chat = VisitorChat::new(core, saved.chat_id.as_str().into(), origin);
        chat.live.get_or_init(|| core.state().live_chats.of(Arc::clone(&chat.address), Some(saved)));
        Ok(chat)
    }
}
