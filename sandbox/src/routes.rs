//! Every route of the service: its name, its path, and who answers it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::Sandbox;
use crate::http::faults::pattern_fits;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::services::{authorization, domain, engagement, login, oauth2};
use crate::switches::Switch;
use crate::world::World;
use crate::{agent, history, visitor};

/// A request with what its path named.
#[derive(Debug)]
pub struct Call {
    pub request: Request,
    route: &'static Route,
}

impl Call {
    /// The path segment that stands where the pattern has `{name}`.
    pub fn param(&self, name: &str) -> &str {
        let named = |part: &str| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) == Some(name);
        let position = self.route.path.split('/').skip(1).position(named);
        position.and_then(|position| self.request.segments.get(position)).map_or("", String::as_str)
    }

    pub fn account(&self) -> &str {
        self.param("account")
    }
}

/// Who answers a call, and with it what the call must bring.
#[derive(Debug, Clone, Copy)]
enum Handler {
    Visitor(Answer),
    Agent(Answer),
    /// Checks by itself whether the call may be made.
    Service(Answer),
    /// Answered outside the world's lock.
    History,
}

type Answer = fn(&mut World, &Call) -> Reply;

/// What a side asks of every call before it looks at it.
type Gate = fn(&World, &Call) -> Option<Reply>;

#[derive(Debug)]
pub struct Route {
    pub name: &'static str,
    method: &'static str,
    path: &'static str,
    handler: Handler,
}

const fn route(name: &'static str, method: &'static str, path: &'static str, handler: Handler) -> Route {
    Route { name, method, path, handler }
}

macro_rules! account {
    ($path:literal) => {
        concat!("/api/account/{account}", $path)
    };
}

macro_rules! session {
    ($path:literal) => {
        concat!("/api/account/{account}/agentSession/{session}", $path)
    };
}

macro_rules! history {
    ($path:literal) => {
        concat!("/interaction_history/api/account/{account}", $path)
    };
}

/// Routes with fixed segments stand before those with a name in the same place.
static ROUTES: &[Route] = &[
    route("domain.services", "GET", account!("/service/baseURI"), Handler::Service(domain::all_services)),
    route("domain.services", "GET", "/csdr/account/{account}/service/baseURI", Handler::Service(domain::all_services)),
    route("domain.service", "GET", account!("/service/{service}/baseURI"), Handler::Service(domain::one_service)),
    route("login.login", "POST", account!("/login"), Handler::Service(login::log_in)),
    route("login.refresh", "POST", account!("/refresh"), Handler::Service(login::refresh)),
    route("login.logout", "POST", account!("/logout"), Handler::Service(login::log_out)),
    route("oauth2.token", "POST", "/sentinel/api/v2/account/{account}/app/token", Handler::Service(oauth2::token_version_2)),
    route("oauth2.token", "POST", "/sentinel/api/account/{account}/app/token", Handler::Service(oauth2::token_version_1)),
    route("oauth2.authorize", "GET", "/sentinel/api/account/{account}/authorize", Handler::Service(authorization::authorize)),
    route("oauth2.user_token", "POST", "/sentinel/api/account/{account}/token", Handler::Service(authorization::token)),
    route("oauth2.revoke", "POST", "/sentinel/api/account/{account}/token/revoke", Handler::Service(authorization::revoke)),
    route("engagement.create", "POST", account!("/app/engagement/visitors"), Handler::Service(engagement::create)),
    route("engagement.create", "POST", account!("/app/engagement/visitors/{visitor}"), Handler::Service(engagement::create)),
    route("engagement.update", "PUT", account!("/app/engagement/visitors/{visitor}"), Handler::Service(engagement::update)),
    route("visitor.entry", "GET", account!(""), Handler::Visitor(visitor::account::entry_point)),
    route("visitor.availability", "GET", account!("/chat/availability"), Handler::Visitor(visitor::account::availability)),
    route("visitor.slots", "GET", account!("/chat/availableSlots"), Handler::Visitor(visitor::account::available_slots)),
    route("visitor.wait_time", "GET", account!("/chat/estimatedWaitTime"), Handler::Visitor(visitor::account::estimated_wait)),
    route("visitor.pre_survey", "GET", account!("/chat/preSurvey"), Handler::Visitor(visitor::surveys::pre_chat)),
    route("visitor.offline_survey", "GET", account!("/chat/offlineSurvey"), Handler::Visitor(visitor::surveys::offline)),
    route(
        "visitor.submit_offline_survey",
        "PUT",
        account!("/chat/offlineSurvey"),
        Handler::Visitor(visitor::surveys::submit_offline),
    ),
    route("visitor.authenticate", "POST", account!("/conversation"), Handler::Visitor(visitor::start::authenticate)),
    route("visitor.start", "POST", account!("/chat/request"), Handler::Visitor(visitor::start::start_chat)),
    route("visitor.chat", "GET", account!("/chat/{chat}"), Handler::Visitor(visitor::chat::read_chat)),
    route("visitor.events", "GET", account!("/chat/{chat}/events"), Handler::Visitor(visitor::chat::read_events)),
    route("visitor.add_event", "POST", account!("/chat/{chat}/events"), Handler::Visitor(visitor::chat::add_event)),
    route("visitor.info", "GET", account!("/chat/{chat}/info"), Handler::Visitor(visitor::chat::read_info)),
    route("visitor.name", "GET", account!("/chat/{chat}/info/visitorName"), Handler::Visitor(visitor::settings::name)),
    route("visitor.set_name", "PUT", account!("/chat/{chat}/info/visitorName"), Handler::Visitor(visitor::settings::set_name)),
    route(
        "visitor.typing",
        "GET",
        account!("/chat/{chat}/info/visitorTyping"),
        Handler::Visitor(visitor::settings::visitor_typing),
    ),
    route(
        "visitor.set_typing",
        "PUT",
        account!("/chat/{chat}/info/visitorTyping"),
        Handler::Visitor(visitor::settings::set_visitor_typing),
    ),
    route(
        "visitor.agent_typing",
        "GET",
        account!("/chat/{chat}/info/agentTyping"),
        Handler::Visitor(visitor::settings::agent_typing),
    ),
    route("visitor.exit_survey", "GET", account!("/chat/{chat}/exitSurvey"), Handler::Visitor(visitor::surveys::exit)),
    route(
        "visitor.submit_exit_survey",
        "PUT",
        account!("/chat/{chat}/exitSurvey"),
        Handler::Visitor(visitor::surveys::submit_exit),
    ),
    route(
        "visitor.transcript",
        "PUT",
        account!("/chat/{chat}/transcriptRequest"),
        Handler::Visitor(visitor::settings::transcript),
    ),
    route(
        "visitor.transcript_subject",
        "PUT",
        account!("/chat/{chat}/transcriptWithSubjectRequest"),
        Handler::Visitor(visitor::settings::transcript),
    ),
    route(
        "visitor.custom_variables",
        "PUT",
        account!("/chat/{chat}/customVariables"),
        Handler::Visitor(visitor::settings::custom_variables),
    ),
    route("visitor.visit_session", "GET", account!("/chat/{chat}/visitSession"), Handler::Visitor(visitor::links::visit_session)),
    route("agent.start_session", "POST", account!("/agentSession"), Handler::Agent(agent::session::start)),
    route("agent.session", "GET", session!(""), Handler::Agent(agent::session::resource)),
    route("agent.availability", "GET", session!("/availability"), Handler::Agent(agent::session::availability)),
    route("agent.set_availability", "PUT", session!("/availability"), Handler::Agent(agent::session::set_availability)),
    route("agent.incoming", "GET", session!("/incomingRequests"), Handler::Agent(agent::session::incoming)),
    route("agent.accept", "POST", session!("/incomingRequests"), Handler::Agent(agent::session::accept)),
    route("agent.chat_sessions", "GET", session!("/chatSessions"), Handler::Agent(agent::session::chat_sessions)),
    route("agent.agents", "GET", session!("/availableAgents"), Handler::Agent(agent::account::agents)),
    route("agent.slots", "GET", session!("/chat/availableSlots"), Handler::Agent(agent::account::available_slots)),
    route("agent.profile", "GET", session!("/info"), Handler::Agent(agent::account::profile)),
    route(
        "agent.participant",
        "GET",
        session!("/participantExtendedInfo/{participant}"),
        Handler::Agent(agent::account::participant),
    ),
    route("agent.visit", "GET", session!("/visits/visit/{visit}"), Handler::Agent(agent::details::visit)),
    route("agent.visit_info", "GET", session!("/visits/visit/{visit}/info"), Handler::Agent(agent::details::visit_info)),
    route(
        "agent.visit_variables",
        "GET",
        session!("/visits/visit/{visit}/customVariables"),
        Handler::Agent(agent::details::visit_variables),
    ),
    route("agent.chats", "GET", session!("/chat"), Handler::Agent(agent::chats::several)),
    route("agent.chat", "GET", session!("/chat/{chat}"), Handler::Agent(agent::chats::read_chat)),
    route("agent.events", "GET", session!("/chat/{chat}/events"), Handler::Agent(agent::chats::read_events)),
    route("agent.add_event", "POST", session!("/chat/{chat}/events"), Handler::Agent(agent::chats::add_event)),
    route("agent.info", "GET", session!("/chat/{chat}/info"), Handler::Agent(agent::chats::read_info)),
    route("agent.visitor_name", "GET", session!("/chat/{chat}/info/visitorName"), Handler::Agent(agent::details::visitor_name)),
    route(
        "agent.visitor_typing",
        "GET",
        session!("/chat/{chat}/info/visitorTyping"),
        Handler::Agent(agent::details::visitor_typing),
    ),
    route("agent.agent_typing", "GET", session!("/chat/{chat}/info/agentTyping"), Handler::Agent(agent::details::agent_typing)),
    route(
        "agent.set_agent_typing",
        "PUT",
        session!("/chat/{chat}/info/agentTyping"),
        Handler::Agent(agent::details::set_agent_typing),
    ),
    route("agent.transfer_targets", "GET", session!("/chat/{chat}/transfer"), Handler::Agent(agent::details::transfer_targets)),
    route("agent.transfer", "POST", session!("/chat/{chat}/transfer"), Handler::Agent(agent::details::transfer)),
    route("agent.survey", "GET", session!("/chat/{chat}/survey"), Handler::Agent(agent::details::survey)),
    route("agent.submit_survey", "PUT", session!("/chat/{chat}/survey"), Handler::Agent(agent::details::submit_survey)),
    route(
        "agent.collaboration_channels",
        "GET",
        session!("/chat/{chat}/collaborationChannels"),
        Handler::Agent(agent::links::collaboration_channels),
    ),
    route(
        "agent.transfer_account",
        "GET",
        session!("/chat/{chat}/transferAccount"),
        Handler::Agent(agent::links::transfer_account),
    ),
    route("history.search", "POST", history!("/interactions/search"), Handler::History),
    route("history.search_one", "POST", history!("/interaction/search"), Handler::History),
];

/// What a request's path and method lead to.
#[derive(Debug, Clone, Copy)]
pub enum Found {
    Route(&'static Route),
    Admin,
    Nothing,
}

impl Found {
    pub fn name(self) -> &'static str {
        match self {
            Self::Route(route) => route.name,
            Self::Admin => "admin",
            Self::Nothing => "unknown",
        }
    }
}

pub fn find(request: &Request) -> Found {
    if request.segments.first().is_some_and(|first| first == "admin") {
        return Found::Admin;
    }
    ROUTES
        .iter()
        .find(|route| route.method == request.method && path_fits(route.path, &request.segments))
        .map_or(Found::Nothing, Found::Route)
}

fn path_fits(pattern: &str, segments: &[String]) -> bool {
    let mut parts = pattern.split('/').skip(1);
    segments.iter().all(|segment| parts.next().is_some_and(|part| part.starts_with('{') || part == segment))
        && parts.next().is_none()
}

/// True when a fault plan's route, which may end in `*`, fits at least one.
pub fn is_known(pattern: &str) -> bool {
    pattern_fits(pattern, "unknown") || ROUTES.iter().any(|route| pattern_fits(pattern, route.name))
}

pub fn to_json() -> Value {
    ROUTES.iter().map(|route| json!({"name": route.name, "method": route.method, "path": route.path})).collect()
}

/// Answers a request as the service would.
pub async fn call(sandbox: &Arc<Sandbox>, found: Found, request: Request) -> Reply {
    let route = match found {
        Found::Route(route) => route,
        Found::Admin | Found::Nothing => {
            let query = if request.raw_query.is_empty() { String::new() } else { format!("?{}", request.raw_query) };
            return Reply::unknown_path(&format!("{}{query}", request.path), sandbox.clock.now());
        }
    };
    let call = Call { request, route };
    let (answer, gate): (Answer, Gate) = match route.handler {
        Handler::History => return history::search(sandbox, call).await,
        Handler::Service(answer) => return sandbox.act(|world| answer(world, &call)).written(),
        Handler::Visitor(answer) => (answer, visitor::refusal),
        Handler::Agent(answer) => (answer, agent::refusal),
    };
    let reply = sandbox.act(|world| {
        if call.request.native_put && world.switches.is(Switch::NativePut, "refuse") {
            let message = "Updates are sent as POST with the header X-HTTP-Method-Override: PUT";
            return Reply::error(405, 5, message, world.now);
        }
        gate(world, &call).unwrap_or_else(|| answer(world, &call))
    });
    reply.written()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Bytes;
    use hyper::header::HeaderMap;

    fn name(method: &str, path: &str) -> &'static str {
        find(&Request::new(method, path, "", HeaderMap::new(), Bytes::new())).name()
    }

    #[test]
    fn paths_lead_to_routes() {
        assert_eq!(name("GET", "/api/account/1/chat/H1-0K1/events.json"), "visitor.events");
        assert_eq!(name("POST", "/api/account/1/chat/request.json"), "visitor.start");
        assert_eq!(name("GET", "/api/account/1/service/baseURI.json"), "domain.services");
        assert_eq!(name("GET", "/api/account/1/service/smt/baseURI"), "domain.service");
        assert_eq!(name("GET", "/api/account/1/agentSession/5/chat/H1"), "agent.chat");
        assert_eq!(name("GET", "/api/account/1/chat/H1/events.asdf"), "unknown");
        assert_eq!(name("DELETE", "/api/account/1/chat/H1"), "unknown");
    }
}
