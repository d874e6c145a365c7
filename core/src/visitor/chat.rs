//! A visitor's chat.

use std::fmt;
use std::sync::Arc;

use url::Url;

use super::{Visitor, common};
use crate::client_core::Core;
use crate::error::{Code, LpchatError, Result};
use crate::transport::links::{last_segment, segment, session_origin};
use crate::transport::{Request, Service};
use crate::wire::Text;
use crate::wire::chat::ShownId;

/// One chat, seen by its visitor.
///
/// Whoever holds the id can read and write the chat: treat it as a credential.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct VisitorChat {
    core: Arc<Core>,
    id: Text,
    /// Where the service said the chat lives, where it named a host of its own.
    origin: Option<Url>,
}

impl fmt::Debug for VisitorChat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("VisitorChat").field("id", &ShownId(&self.id)).finish_non_exhaustive()
    }
}

impl VisitorChat {
    /// The chat at the address that its creation gave.
    pub(super) fn created_at(core: &Arc<Core>, location: &Url, asked: &Url) -> Result<Self> {
        let trusted = core.config.sandbox.as_ref().map_or(&[][..], |sandbox| sandbox.trusted.as_slice());
        let origin = session_origin(location, asked, trusted)?;
        let id = last_segment(location)
            .ok_or_else(|| LpchatError::new(Code::UnexpectedShape).with_message("The address of the new chat holds no id."))?;
        Ok(Self { core: Arc::clone(core), id: id.into(), origin: Some(origin) })
    }

    /// The chat of this id.
    pub(super) fn of(core: &Arc<Core>, id: Text) -> Self {
        Self { core: Arc::clone(core), id, origin: None }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// A request to the chat itself (`resource` empty) or to one of its resources.
    fn request(&self, method: reqwest::Method, resource: &str) -> Result<Request> {
        let account = segment(self.core.config.account()?);
        Ok(self.at(method, &format!("/api/account/{account}/chat/{}{resource}", segment(&self.id))))
    }

    /// A request to a path on the chat's host.
    pub(super) fn at(&self, method: reqwest::Method, path: &str) -> Request {
        common(Request::new(method, Service::Conversation, format!("{path}.json")).at(self.origin.as_ref()))
    }

    pub(super) fn get(&self, resource: &str) -> Result<Request> {
        self.request(reqwest::Method::GET, resource)
    }

    pub(super) fn post(&self, resource: &str) -> Result<Request> {
        self.request(reqwest::Method::POST, resource)
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl VisitorChat {
    /// The chat's id, also called its session key.
    pub fn id(&self) -> Text {
        self.id.clone()
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
}
