//! What an operation asks for: method, service, path, body and the credential it needs.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use lpchat_macros::model;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use url::Url;

use super::context::Context;
use super::http::Received;
use super::links;
use super::path::Path;
use super::retry::RetryClass;
use crate::error::{Code, LpchatError, Result};
use crate::wire::chat::Link;
use crate::wire::relation::linked;
use crate::wire::{Buffer, Decode, DecodeError, DecodeResult, Reader, ServiceError, Text};

/// A service of the account, by its name in the domain look-up. Source: `docs/protocol/domain-api.md`, "Service names".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// The look-up itself.
    Domains,
    /// Visitor chat.
    Conversation,
    /// Login and agent chat.
    Agent,
    /// Engagement history.
    History,
    /// OAuth 2.
    Sentinel,
    /// Visitor sessions and engagements.
    Monitoring,
}

impl Service {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Domains => "domains",
            Self::Conversation => "conversationVep",
            Self::Agent => "agentVep",
            Self::History => "engHistDomain",
            Self::Sentinel => "sentinel",
            Self::Monitoring => "smt",
        }
    }
}

/// The credential a request carries. Source: `docs/protocol/authentication.md`, "Which scheme for which API".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// None, or inside the body.
    Open,
    /// The application key.
    AppKey,
    /// The agent's bearer. It is not the whole state: an agent session dies with it, so a 401 is not repeated.
    AgentBearer,
    /// Whatever engagement history accepts.
    History,
}

/// A request before it is signed.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: reqwest::Method,
    pub(crate) service: Service,
    /// The session's own origin, where a creation's link set one.
    pub(crate) origin: Option<Url>,
    pub(crate) path: Path,
    /// Encoded names and values, in order.
    query: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<String>,
    pub(crate) content_type: &'static str,
    pub(crate) access: Access,
    /// A login: throttled logins wait longer.
    pub(crate) login: bool,
    /// The retry class, where it is not the operation's own.
    pub(crate) class: Option<RetryClass>,
    /// Not repeated at all: there is something to fall back on.
    pub(crate) once: bool,
    /// What makes the request anew when the session it belongs to has ended.
    pub(crate) renewal: Option<Arc<dyn Renewal>>,
}

/// A request made anew.
pub(crate) type Renewed<'a> = Pin<Box<dyn Future<Output = Result<Request>> + Send + 'a>>;

/// What can rebuild a session that ended with its login.
pub(crate) trait Renewal: fmt::Debug + Send + Sync {
    /// Whether the session has ended where this request finds nothing.
    fn is_always_there(&self, request: &Request) -> bool;

    /// Rebuilds the session, and gives the request as it is made in the new one.
    fn renew<'a>(&'a self, context: &'a Context, request: &'a Request) -> Renewed<'a>;
}

/// Query values keep only RFC 3986's unreserved characters, which is also what OAuth 1.0 signs.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Request {
    pub(crate) fn new(method: reqwest::Method, service: Service, path: impl Into<Path>) -> Self {
        Self {
            method,
            service,
            origin: None,
            path: path.into(),
            query: String::new(),
            headers: Vec::new(),
            body: None,
            content_type: "application/json",
            access: Access::Open,
            login: false,
            class: None,
            once: false,
            renewal: None,
        }
    }

    pub(crate) fn get(service: Service, path: impl Into<Path>) -> Self {
        Self::new(reqwest::Method::GET, service, path)
    }

    pub(crate) fn post(service: Service, path: impl Into<Path>) -> Self {
        Self::new(reqwest::Method::POST, service, path)
    }

    pub(crate) fn at(mut self, origin: Option<&Url>) -> Self {
        self.origin = origin.cloned();
        self
    }

    pub(crate) fn with(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// A request on the way to the operation's own: repeatable whatever the operation is.
    pub(crate) fn repeatable(mut self) -> Self {
        self.class = Some(RetryClass::Safe);
        self
    }

    pub(crate) fn once(mut self) -> Self {
        self.once = true;
        self
    }

    pub(crate) fn renewed_by(mut self, renewal: Arc<dyn Renewal>) -> Self {
        self.renewal = Some(renewal);
        self
    }

    pub(crate) fn query(mut self, name: &str, value: impl AsRef<str>) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.extend(utf8_percent_encode(name, QUERY));
        self.query.push('=');
        self.query.extend(utf8_percent_encode(value.as_ref(), QUERY));
        self
    }

    /// Names and values that need no encoding.
    pub(crate) fn plain_query(mut self, query: &'static str) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.push_str(query);
        self
    }

    pub(crate) fn query_if(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.query(name, value.to_string()),
            None => self,
        }
    }

    pub(crate) fn queries(mut self, pairs: Vec<(String, String)>) -> Self {
        for (name, value) in pairs {
            self = self.query(&name, value);
        }
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text(body.to_string())
    }

    /// A document that is text already.
    pub(crate) fn text(mut self, body: String) -> Self {
        self.body = Some(body);
        self
    }

    /// Updates are sent as POST with this header. Source: `docs/protocol/visitor-chat-api.md`, "PUT and DELETE".
    pub(crate) fn overridden_as_put(self) -> Self {
        self.header("x-http-method-override", "PUT")
    }

    /// The address on `origin`.
    pub(crate) fn url(&self, origin: &Url) -> Result<Url> {
        let mut url = self.path.on(origin)?;
        if !self.query.is_empty() {
            url.set_query(Some(&self.query));
        }
        Ok(url)
    }
}

/// A successful answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) received: Received,
    /// The address that was asked.
    pub(crate) asked: Url,
}

impl Answer {
    /// Whether there is no body to read.
    pub(crate) fn is_empty(&self) -> bool {
        self.received.body.as_str().trim().is_empty()
    }

    /// The same answer with another body, which `rewrite` makes of the one received.
    pub(crate) fn rewritten(self, rewrite: impl FnOnce(&Arc<Buffer>) -> DecodeResult<String>) -> Result<Self> {
        let status = self.received.status;
        let Received { headers, body, retry_after, .. } = self.received;
        let body = Buffer::new(rewrite(&body).map_err(|error| not_understood(&body, &error, status))?);
        Ok(Self { received: Received { status, headers, body, retry_after }, asked: self.asked })
    }

    /// Decodes the whole document.
    pub(crate) fn document<T: Decode>(self) -> Result<T> {
        let status = self.received.status;
        if self.is_empty() {
            return Err(LpchatError::new(Code::EmptyAnswer).with(|details| details.http_status = Some(status.into())));
        }
        let buffer = self.received.body;
        Reader::read(&buffer).map_err(|error| not_understood(&buffer, &error, status))
    }

    /// Decodes the whole document, if there is one.
    pub(crate) fn optional_document<T: Decode>(self) -> Result<Option<T>> {
        if self.is_empty() { Ok(None) } else { self.document().map(Some) }
    }

    /// Path and query of the link with this relation in the document.
    pub(crate) fn link(&self, relation: &Text) -> Result<(String, Vec<(String, String)>)> {
        let document = serde_json::from_str(self.received.body.as_str()).map_err(|error| {
            LpchatError::new(Code::NotJson)
                .with_cause(error)
                .with(|details| details.http_status = Some(self.received.status.into()))
        })?;
        links::followed(&linked(&document, relation)?, &self.asked)
    }

    /// Decodes the member `name` of the document.
    pub(crate) fn member<T: Decode>(self, name: &'static str) -> Result<T> {
        let status = self.received.status;
        if self.is_empty() {
            return Err(LpchatError::new(Code::EmptyAnswer).with(|details| details.http_status = Some(status.into())));
        }
        self.found(name)?
    }

    /// Decodes the member `name` of the document, if both are there.
    pub(crate) fn optional_member<T: Decode>(self, name: &'static str) -> Result<Option<T>> {
        if self.is_empty() { Ok(None) } else { Ok(self.found::<Option<T>>(name)?.ok().flatten()) }
    }

    /// The member `name` of the document, or the error that it is missing.
    fn found<T: Decode>(self, name: &'static str) -> Result<Result<T>> {
        let status = self.received.status;
        let buffer = self.received.body;
        let read = || -> DecodeResult<Option<T>> {
            let mut reader = Reader::new(&buffer);
            let mut found = None;
            reader.object_members(|reader, member| {
                if member == name && found.is_none() {
                    found = Some(reader.member(name)?);
                    Ok(())
                } else {
                    reader.skip()
                }
            })?;
            reader.finish()?;
            Ok(found)
        };
        match read() {
            Ok(Some(value)) => Ok(Ok(value)),
            Ok(None) => {
                let missing = DecodeError::new(format!("the member `{name}` is missing"));
                Ok(Err(not_understood(&buffer, &missing, status)))
            }
            Err(error) => Err(not_understood(&buffer, &error, status)),
        }
    }

    /// The address of what was created: the link in the body under one of `members`, else `Location`.
    pub(crate) fn created(&self, members: &[&str]) -> Result<Option<Url>> {
        self.created_link(members).map(|link| links::absolute(&link, &self.asked)).transpose()
    }

    /// The id of the event that a line has become, where the answer names it.
    pub(crate) fn event_id(&self) -> Option<Text> {
        self.created_link(&["chatEventLocation", "chatLocation"]).as_deref().and_then(links::last_of).map(Text::from)
    }

    fn created_link(&self, members: &[&str]) -> Option<Text> {
        let mut found: Option<(usize, Text)> = None;
        let mut reader = Reader::new(&self.received.body);
        let read = reader.object_members(|reader, name| {
            let rank = members.iter().position(|member| *member == name);
            let Some(rank) = rank.filter(|rank| found.as_ref().is_none_or(|(best, _)| rank < best)) else {
                return reader.skip();
            };
            let link = reader.lenient::<Location>()?.and_then(|location| location.link.into_iter().next());
            if let Some(link) = link {
                found = Some((rank, link.href));
            }
            Ok(())
        });
        let found = read.and_then(|()| reader.finish()).ok().and(found).map(|(_, link)| link);
        found.or_else(|| self.received.header("location").map(Text::from))
    }
}

/// Where something is that was created.
#[model(internal)]
struct Location {
    link: Vec<Link>,
}

fn not_understood(buffer: &Arc<Buffer>, error: &DecodeError, status: u16) -> LpchatError {
    error.of("The answer", buffer.as_str()).with(|details| details.http_status = Some(status.into()))
}

/// The error inside a successful answer, if there is one.
pub(crate) fn error_within(body: &str) -> Option<ServiceError> {
    let suspicious = body.contains("\"error\"") || body.contains("\"errormsg\"");
    suspicious.then(|| serde_json::from_str::<Value>(body).ok()).flatten().as_ref().and_then(ServiceError::within)
}
