//! One request through all its attempts.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::context::Context;
use super::http::{self, Prepared, Received, Unanswered};
use super::refusal::refusal;
use super::request::{Access, Answer, Renewal, Request, Service, error_within};
use super::retry::{Failure, History, RetryClass};
use crate::auth::{Authorization, choose};
use crate::error::{Code, LpchatError, Result};
use crate::observe::{LogLevel, count};

/// A request that is being sent. In boxes, it and what it is made of: whatever sends it, many levels above, would hold them
/// otherwise, some of them several times, and blocks of more than a kilobyte are what an allocator is slow with.
pub(crate) type Sending<'a> = Pin<Box<dyn Future<Output = Result<Answer>> + Send + 'a>>;

/// What one attempt came to.
enum Attempt {
    Answered(Answer),
    /// The credential was refused and can be replaced once.
    Renew(LpchatError),
    Failed(Unanswered, Option<std::time::Duration>),
}

impl Context {
    /// Sends a request and gives the successful answer, repeating as its retry class and the table allow.
    pub(crate) fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(self.send_boxed(Box::new(request)))
    }

    async fn send_boxed(&self, mut request: Box<Request>) -> Result<Answer> {
        let class = self.class(request.class);
        // Who lacks a credential hears of it before anything is looked up.
        if request.access != Access::Open {
            choose(&self.core.config, request.access)?;
        }
        let (limits, counters, config) = (&self.state().limits, &self.core.counters, &self.core.config);
        let (mut history, mut renewed) = (History::default(), false);
        loop {
            let is_history = request.service == Service::History;
            let place = if is_history { Some(limits.history_place().await) } else { None };
            let outcome = self.attempt(&request, class, renewed).await?;
            drop(place);
            let (unanswered, retry_after) = match outcome {
                Attempt::Answered(answer) => {
                    limits.refund(request.service.name());
                    if is_history {
                        limits.adapt_history(false);
                    }
                    return Ok(answer);
                }
                Attempt::Renew(error) => {
                    self.log(LogLevel::Info, || format!("logs in again: {}", error.code().name()));
                    renewed = true;
                    if let Some(renewal) = request.renewal.clone() {
                        *request = renewal.renew(self, &request).await?;
                        // It was refused before it did anything. Whether it still makes sense in the new session is for the caller to say.
                        if class == RetryClass::Effect {
                            let hint = "The agent session has been rebuilt and nothing was done: call again.";
                            return Err(error.with_hint(hint).with(|details| details.retryable = true));
                        }
                    }
                    continue;
                }
                Attempt::Failed(unanswered, retry_after) => (unanswered, retry_after),
            };
            let Unanswered { failure, error } = unanswered;
            if failure == Failure::NeverLeft {
                self.state().domains.doubt(request.service);
            }
            let throttled = failure == Failure::Throttled;
            if throttled {
                count(&counters.throttles, 1);
                self.throttles.fetch_add(1, Ordering::Relaxed);
                if is_history {
                    limits.adapt_history(true);
                }
            }
            let error = if class == RetryClass::Effect { unknown_outcome(failure, error) } else { error };
            let error = error.with(|details| details.retry_after = retry_after);
            let repeats = history.repeats + history.throttles;
            let allowed = !request.once && self.options.retries.is_none_or(|most| repeats < usize::try_from(most).unwrap_or(0));
            let pause = config.retry.pause(class, failure, request.login, history, retry_after, self.core.environment.fraction());
            let Some(pause) = pause.filter(|pause| allowed && *pause < self.left()) else { return Err(error) };
            if !limits.pay(request.service.name(), throttled) {
                self.log(LogLevel::Warning, || "does not repeat: the quota for repeats is used up".to_owned());
                return Err(error);
            }
            self.log(LogLevel::Warning, || format!("repeats in {} ms: {}", pause.as_millis(), error.code().name()));
            self.core.environment.clock.pause(pause).await;
            count(&counters.retries, 1);
            if throttled { history.throttles += 1 } else { history.repeats += 1 }
        }
    }

    async fn attempt(&self, request: &Request, class: RetryClass, renewed: bool) -> Result<Attempt> {
        let url = match &request.origin {
            Some(origin) => request.url(origin)?,
            None => request.url(&self.origin(request.service).await?)?,
        };
        let authorization = self.authorize(request, &url).await?;
        let has_place_already = self.is_unattended() || !matches!(request.service, Service::Conversation | Service::Agent);
        let _place = if has_place_already { None } else { self.state().limits.chat_place().await };
        let known = &self.state().pool;
        let pool = match known.get() {
            Some(pool) => pool,
            None => {
                let pool = http::pool(&self.core.config, &self.core.environment)?;
                known.get_or_init(|| pool)
            }
        };
        let prepared = self.prepare(request, url.clone(), &authorization)?;
        self.attempts.fetch_add(1, Ordering::Relaxed);
        count(&self.core.counters.requests, 1);
        self.effect_under_way.store(class == RetryClass::Effect, Ordering::Relaxed);
        let outcome = http::send(pool, prepared, self.timeouts(), &self.core.environment).await;
        self.effect_under_way.store(false, Ordering::Relaxed);
        let received = match outcome {
            Ok(received) => received,
            Err(unanswered) => {
                self.log(LogLevel::Debug, || format!("gets no answer: {}", unanswered.error.code().name()));
                return Ok(Attempt::Failed(unanswered, None));
            }
        };
        count(&self.core.counters.bytes_received, i64::try_from(received.body.as_str().len()).unwrap_or(i64::MAX));
        self.log(LogLevel::Debug, || {
            format!("is answered {} with {} bytes by {}", received.status, received.body.as_str().len(), request.service.name())
        });
        if (200..300).contains(&received.status) {
            return Ok(accept(request, received, url));
        }
        Ok(Box::pin(self.judge(request, received, &authorization, renewed)).await)
    }

    /// What a refusal means.
    async fn judge(&self, request: &Request, received: Received, authorization: &Authorization, renewed: bool) -> Attempt {
        let retry_after = received.retry_after;
        let unauthorized = received.status == 401;
        let unanswered = refusal(request, self.operation, &received);
        let replaceable = unauthorized && self.state().authenticator.forget(authorization).await;
        // History's bearer is the whole state. An agent's is not: the session made with it must be rebuilt.
        let gone = |renewal: &Arc<dyn Renewal>| unanswered.error.code() == Code::NotFound && renewal.is_always_there(request);
        let can_go_on = match request.access {
            Access::History => replaceable,
            Access::AgentBearer => request.renewal.as_ref().is_some_and(|renewal| replaceable || gone(renewal)),
            _ => false,
        };
        if can_go_on && !renewed {
            return Attempt::Renew(unanswered.error);
        }
        Attempt::Failed(unanswered, retry_after)
    }

    fn prepare<'a>(&self, request: &'a Request, url: Url, authorization: &Authorization) -> Result<Prepared<'a>> {
        let config = &self.core.config;
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        // A value may be a credential and is never shown.
        let refused = |name: &str, part: &str| {
            LpchatError::argument(&format!("headers[{name:?}]"), "…", &format!("its {part} cannot stand in an HTTP header"))
        };
        let mut put = |name: HeaderName, given_name: &str, value: &str| -> Result<()> {
            let value = HeaderValue::from_str(value).map_err(|_| refused(given_name, "value"))?;
            headers.insert(name, value);
            Ok(())
        };
        put(header::USER_AGENT, "User-Agent", &config.user_agent)?;
        put(REQUEST_ID, "X-Request-Id", self.request_id())?;
        if request.body.is_some() {
            put(header::CONTENT_TYPE, "Content-Type", request.content_type)?;
        }
        let named = |name: &str| HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused(name, "name"));
        for (name, value) in &request.headers {
            put(named(name)?, name, value)?;
        }
        for (name, value) in &self.options.headers {
            if OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
                return Err(LpchatError::argument("headers", name, "this header is set by lpchat and cannot be replaced"));
            }
            put(named(name)?, name, value)?;
        }
        if let Some(value) = &authorization.header {
            let mut value = HeaderValue::from_str(value.expose()).map_err(|_| {
                LpchatError::new(Code::InvalidOption)
                    .with_message("A credential holds characters that cannot stand in an HTTP header, such as a line break.")
            })?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let largest_answer = if request.service == Service::History { config.max_history_answer } else { config.max_chat_answer };
        Ok(Prepared { method: request.method.clone(), url, headers, body: request.body.as_deref(), largest_answer })
    }
}

/// A successful answer, unless it holds an error.
fn accept(request: &Request, received: Received, asked: Url) -> Attempt {
    let within = if request.service == Service::History { None } else { error_within(received.body.as_str()) };
    let Some(error) = within else { return Attempt::Answered(Answer { received, asked }) };
    let code = if request.login { Code::LoginFailed } else { Code::Rejected };
    let error = LpchatError::new(code).with_message("The service reports an error inside a successful answer.").with(|details| {
        details.http_status = Some(received.status.into());
        details.service_code = error.code;
        details.service_message = error.message;
    });
    Attempt::Failed(Unanswered { failure: Failure::Final, error }, None)
}

/// Names the requests of one call in logs on both sides.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers that a call's options cannot replace: they carry the credential, frame the message, or turn the request into
/// another one.
const OWN_HEADERS: [&str; 17] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "accept-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "x-http-method-override",
];

/// An effect that left and got no clear answer may have happened. Nor is a success clear whose body is no text, or has no end.
fn unknown_outcome(failure: Failure, error: LpchatError) -> LpchatError {
    if !matches!(failure, Failure::Lost | Failure::Server) && !matches!(error.code(), Code::NotJson | Code::TooLarge) {
        return error;
    }
    let details = error.details();
    let (status, code, message) = (details.http_status, details.service_code.clone(), details.service_message.clone());
    let cause = details.cause.as_ref().map_or_else(|| details.message.clone(), |cause| format!("{} {cause}", details.message));
    LpchatError::new(Code::OutcomeUnknown).with_cause(cause).with(|details| {
        details.http_status = status;
        details.service_code = code;
        details.service_message = message;
    })
}
