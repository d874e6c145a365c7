//! What an agent session has come to: where it is now, and how it is rebuilt when it has ended before its time.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use tokio::sync::Notify;
use url::Url;

use super::availability::AvailabilityState;
use super::rings::Rings;
use super::session::common;
use crate::client_core::Core;
use crate::error::{Code, LpchatError, Result};
use crate::observe::LogLevel;
use crate::transport::links::{last_segment, segment, session_origin};
use crate::transport::{Context, Renewal, Renewed, Request, Service};
use crate::wire::{Encode, Text};

/// One session at the service.
pub(super) struct Place {
    /// How many times it was rebuilt.
    generation: u64,
    pub(super) id: Text,
    origin: Option<Url>,
    /// The session's own cookies. The documents want them replayed; with a bearer nobody has seen them needed.
    cookies: Arc<str>,
}

impl Place {
    /// Starts a session, logging in first where needed.
    ///
    /// Source: `docs/protocol/agent-chat-api.md`, "Start agent session — `POST /agentSession`".
    pub(super) async fn start(core: &Arc<Core>, context: &Context, generation: u64) -> Result<Self> {
        let path = format!("/api/account/{}/agentSession", segment(core.config.account()?));
        // The member is required for backward compatibility only; its content is ignored beside a bearer.
        let request = common(Request::post(Service::Agent, path)).json(&json!({ "loginData": "" }));
        let answer = context.send(request).await?;
        let Some(location) = answer.created(&["agentSessionLocation"])? else {
            return Err(LpchatError::new(Code::UnexpectedShape)
                .with_message("The service started an agent session without saying where it is."));
        };
        let trusted = core.config.sandbox.as_ref().map_or(&[][..], |sandbox| sandbox.trusted.as_slice());
        let id = last_segment(&location).ok_or_else(|| {
            LpchatError::new(Code::UnexpectedShape).with_message("The address of the new agent session holds no id.")
        })?;
        Ok(Self {
            generation,
            id: id.into(),
            origin: Some(session_origin(&location, &answer.asked, trusted)?),
            cookies: answer.received.cookies().join("; ").into(),
        })
    }

    fn path(&self, core: &Core) -> Result<String> {
        Ok(format!("/api/account/{}/agentSession/{}", segment(core.config.account()?), segment(&self.id)))
    }

    fn cookies(&self, request: Request) -> Request {
        if self.cookies.is_empty() { request } else { request.header("cookie", &*self.cookies) }
    }
}

/// The session as it is now, in this process.
pub(crate) struct Work {
    pub(super) core: Arc<Core>,
    place: Mutex<Arc<Place>>,
    /// The availability that was set last, which a rebuilt session gets too.
    availability: Mutex<Option<(AvailabilityState, Option<Text>)>>,
    /// Held while rebuilding: of many calls that notice, one does it.
    rebuilding: tokio::sync::Mutex<()>,
    pub(super) rings: Mutex<Rings>,
    /// Rung when rings came or went.
    pub(super) changed: Notify,
}

// The cookies stay out: whoever has them and the login is the agent.
impl fmt::Debug for Work {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Work").field("id", &self.place().id).finish_non_exhaustive()
    }
}

fn unpoisoned<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Work {
    pub(super) fn new(core: &Arc<Core>, first: &Arc<Place>) -> Self {
        Self {
            core: Arc::clone(core),
            place: Mutex::new(Arc::clone(first)),
            availability: Mutex::default(),
            rebuilding: tokio::sync::Mutex::default(),
            rings: Mutex::default(),
            changed: Notify::new(),
        }
    }

    pub(super) fn place(&self) -> Arc<Place> {
        Arc::clone(&unpoisoned(&self.place))
    }

    pub(super) fn rings(&self) -> MutexGuard<'_, Rings> {
        unpoisoned(&self.rings)
    }

    pub(super) fn note_availability(&self, state: AvailabilityState, reason: Option<Text>) {
        *unpoisoned(&self.availability) = Some((state, reason));
    }

    pub(super) fn request(self: &Arc<Self>, method: reqwest::Method, resource: &str) -> Result<Request> {
        let path = format!("{}{resource}", self.place().path(&self.core)?);
        Ok(self.at(method, path))
    }

    /// A request to a path on the session's host.
    pub(super) fn at(self: &Arc<Self>, method: reqwest::Method, path: String) -> Request {
        let place = self.place();
        let request = place.cookies(common(Request::new(method, Service::Agent, path)).at(place.origin.as_ref()));
        request.renewed_by(Arc::new(InPlace { work: Arc::clone(self), place }))
    }

    /// Rebuilds the session, unless somebody else has done so since `ended` was current.
    async fn rebuild(self: &Arc<Self>, context: &Context, ended: &Place) -> Result<Arc<Place>> {
        let _alone = self.rebuilding.lock().await;
        let now = self.place();
        if now.generation != ended.generation {
            return Ok(now);
        }
        let place = Arc::new(Place::start(&self.core, context, ended.generation + 1).await?);
        *unpoisoned(&self.place) = Arc::clone(&place);
        context.log(LogLevel::Warning, || "rebuilt the agent session, which had ended".to_owned());
        let availability = unpoisoned(&self.availability).clone();
        if let Some((state, reason)) = availability {
            let request = availability_request(place.path(&self.core)?, &state, reason.as_ref());
            let request = place.cookies(request.at(place.origin.as_ref())).repeatable();
            if let Err(error) = context.send(request).await {
                context.log(LogLevel::Warning, || format!("could not set the availability again: {}", error.code().name()));
            }
        }
        Ok(place)
    }
}

fn availability_request(path: String, state: &AvailabilityState, reason: Option<&Text>) -> Request {
    let request = common(Request::post(Service::Agent, format!("{path}/availability")));
    request.overridden_as_put().json(&availability_body(state, reason))
}

/// Source: `docs/protocol/agent-chat-api.md`, "Availability".
pub(super) fn availability_body(state: &AvailabilityState, reason: Option<&Text>) -> serde_json::Value {
    let mut availability = json!({ "chat": state.encode() });
    if let Some(reason) = reason {
        availability["chatReasonId"] = reason.as_str().into();
    }
    json!({ "availability": availability })
}

/// The place that a request was made for.
#[derive(Debug)]
struct InPlace {
    work: Arc<Work>,
    place: Arc<Place>,
}

impl fmt::Debug for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Place").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Resources that every session has.
const OF_EVERY_SESSION: [&str; 4] = ["", "/availability", "/incomingRequests", "/chatSessions"];

impl Renewal for InPlace {
    fn is_always_there(&self, request: &Request) -> bool {
        let path = self.place.path(&self.work.core).unwrap_or_default();
        request.path.strip_prefix(&*path).is_some_and(|resource| OF_EVERY_SESSION.contains(&resource))
    }

    fn renew<'a>(&'a self, context: &'a Context, request: &'a Request) -> Renewed<'a> {
        Box::pin(async move {
            let place = self.work.rebuild(context, &self.place).await?;
            let (old, new) = (self.place.path(&self.work.core)?, place.path(&self.work.core)?);
            let mut again = request.clone().at(place.origin.as_ref());
            again.path = request.path.replacen(&old, &new, 1).into();
            again.headers.retain(|(name, _)| *name != "cookie");
            Ok(place.cookies(again))
        })
    }
}
