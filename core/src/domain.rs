//! Service name → host, over HTTPS, cached.
//!
//! Source: `docs/protocol/domain-api.md`, "Requests", "Responses" and "Caching and trust".

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lpchat_macros::{model, operation};
use url::Url;

use crate::client::Client;
use crate::error::{Code, LpchatError, Result};
use crate::observe::LogLevel;
use crate::single_flight::SingleFlight;
use crate::transport::links::{segment, service_origin};
use crate::transport::{Access, Context, Request, Service};
use crate::wire::Text;

/// Where one service of the account lives.
#[model]
pub struct ServiceDomain {
    /// The service's name; case-sensitive.
    pub service: Text,
    /// The account.
    pub account: Option<Text>,
    /// The host, without scheme and path.
    #[wire("baseURI")]
    pub host: Text,
}

#[model(internal)]
struct DomainList {
    #[wire("baseURIs")]
    domains: Vec<ServiceDomain>,
}

/// A list of services is asked for again after this time.
const TIME_TO_LIVE: Duration = Duration::from_secs(30 * 60);
/// After a look-up that failed, the known list serves for so long before the next one.
const STALE_FOR: Duration = Duration::from_secs(60);
/// A list younger than this is not asked for again, however many connections fail.
const DOUBT_AFTER: Duration = Duration::from_secs(2);
/// How long a call waits for a newer list while it has one to fall back on.
const REFRESH_LIMIT: Duration = Duration::from_secs(5);
const DIRECTORY: &str = "https://api.liveperson.net";

/// The account's services as last looked up.
#[derive(Debug, Default)]
pub(crate) struct DomainCache {
    /// Held while asking, so that many calls ask once.
    list: SingleFlight<Listed>,
    /// A connection failed: look up again before the time is over.
    doubted: AtomicBool,
}

#[derive(Debug)]
struct Listed {
    domains: Vec<ServiceDomain>,
    /// When it was asked for, on the environment's clock.
    at: Duration,
    renew_at: Duration,
}

impl DomainCache {
    /// A host could not be reached; it may have moved.
    pub(crate) fn doubt(&self, service: Service) {
        if service != Service::Domains {
            self.doubted.store(true, Ordering::Relaxed);
        }
    }
}

impl Context {
    /// The origin of a service.
    pub(crate) async fn origin(&self, service: Service) -> Result<Url> {
        let config = &self.core.config;
        if let Some(own) = config.domains.get(service.name()) {
            return Ok(own.clone());
        }
        let trusted = config.sandbox.as_ref().map_or(&[][..], |sandbox| sandbox.trusted.as_slice());
        if service == Service::Domains {
            let directory = config.sandbox.as_ref().map(|sandbox| sandbox.domain.clone());
            return Ok(directory.unwrap_or_else(|| Url::parse(DIRECTORY).expect("a constant address")));
        }
        let host = self.looked_up(service.name()).await?;
        service_origin(&host, trusted)
    }

    /// The host of a service, from the cache while it is fresh. A stale answer serves where a new one cannot be had.
    async fn looked_up(&self, service: &str) -> Result<Text> {
        let cache = &self.state().domains;
        let mut kept = cache.list.enter().await?;
        let now = self.core.environment.clock.elapsed();
        let listed = match kept.take() {
            None => {
                let outcome = Box::pin(list(self, false)).await;
                cache.list.note(&outcome);
                Listed { domains: outcome?, at: now, renew_at: now + TIME_TO_LIVE }
            }
            Some(known) => {
                let doubted = cache.doubted.load(Ordering::Relaxed) && now.saturating_sub(known.at) >= DOUBT_AFTER;
                // Put back first: this call may be cancelled while it asks.
                let known = kept.insert(known);
                if now >= known.renew_at || doubted {
                    cache.doubted.store(false, Ordering::Relaxed);
                    self.renew(known, now).await;
                }
                return self.find(known, service);
            }
        };
        self.find(kept.insert(listed), service)
    }

    /// Asks once for a newer list, and not for long; the known one goes on serving where there is none.
    async fn renew(&self, known: &mut Listed, now: Duration) {
        let outcome = tokio::select! {
            outcome = Box::pin(list(self, true)) => outcome,
            () = self.core.environment.clock.limit(REFRESH_LIMIT) => Err(LpchatError::new(Code::DeadlineExceeded)),
        };
        match outcome {
            Ok(domains) => *known = Listed { domains, at: now, renew_at: now + TIME_TO_LIVE },
            Err(error) => {
                self.log(LogLevel::Warning, || format!("keeps the known hosts: the look-up failed with {}", error.code().name()));
                known.at = now;
                known.renew_at = now + STALE_FOR;
            }
        }
    }

    fn find(&self, listed: &Listed, service: &str) -> Result<Text> {
        let found = listed.domains.iter().find(|domain| domain.service == *service);
        found.map(|domain| domain.host.clone()).ok_or_else(|| unknown(service, self.core.config.account_id.as_deref()))
    }
}

fn unknown(service: &str, account: Option<&str>) -> LpchatError {
    LpchatError::new(Code::ServiceUnknown)
        .with_message(format!("The account {:?} has no service {service:?}.", account.unwrap_or("")))
}

async fn list(context: &Context, once: bool) -> Result<Vec<ServiceDomain>> {
    let account = segment(context.core.config.account()?);
    let request = Request::get(Service::Domains, format!("/api/account/{account}/service/baseURI.json"))
        .query("version", "1.0")
        .with(Access::Open)
        .repeatable();
    let request = if once { request.once() } else { request };
    let list: DomainList = context.send(request).await?.document()?;
    Ok(list.domains)
}

/// Looks up the host of one service of the account, such as `engHistDomain`. Always asks; the client's own calls use a
/// cache of 30 minutes.
///
/// Fails with `ServiceUnknown` where the account has no such service.
///
/// Source: `docs/protocol/domain-api.md`, "Requests".
#[operation(retry = safe)]
async fn retrieve_domain(client: &Client, context: &Context, service: Text) -> Result<ServiceDomain> {
    if service.is_empty() {
        return Err(LpchatError::argument("service", "", "a service has a name, such as `conversationVep`"));
    }
    let account = segment(client.core().config.account()?);
    let path = format!("/api/account/{account}/service/{}/baseURI.json", segment(&service));
    let answer = context.send(Request::get(Service::Domains, path).query("version", "1.0")).await;
    let answer = answer.map_err(|error| match error.code() {
        Code::NotFound => unknown(&service, Some(&account)).with(|details| details.http_status = error.details().http_status),
        _ => error,
    })?;
    // The documents show the list's body under this address; real clients read a flat object. Both are accepted.
    if answer.received.body.as_str().contains("\"baseURIs\"") {
        let list: DomainList = answer.document()?;
        return list
            .domains
            .into_iter()
            .find(|domain| domain.service == service)
            .ok_or_else(|| unknown(&service, Some(&account)));
    }
    answer.document()
}

/// Looks up the hosts of all services of the account. Always asks; the client's own calls use a cache of 30 minutes.
///
/// Source: `docs/protocol/domain-api.md`, "Requests".
#[operation(retry = safe)]
async fn retrieve_domains(_client: &Client, context: &Context) -> Result<Vec<ServiceDomain>> {
    list(context, false).await
}
