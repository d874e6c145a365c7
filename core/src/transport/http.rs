//! The one user of the HTTP library: sends one request once, and reads the answer within its bounds.

use std::collections::HashMap;
use std::error::Error as _;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use url::Url;

use super::retry::{Failure, retry_after};
use super::roots::Roots;
use crate::config::{Config, Timeouts};
use crate::engine::PerProcess;
use crate::environment::{Environment, Names};
use crate::error::{Code, LpchatError, Result};
use crate::wire::Buffer;

/// A request, ready to be sent.
pub(crate) struct Prepared<'a> {
    pub(crate) method: reqwest::Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<&'a str>,
    pub(crate) largest_answer: usize,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Arc<Buffer>,
    pub(crate) retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct Unanswered {
    pub(crate) failure: Failure,
    pub(crate) error: LpchatError,
}

/// What makes two connection pools different.
#[derive(Clone, PartialEq, Eq, Hash)]
struct PoolKey {
    roots: Roots,
    loopback: bool,
    connect: Duration,
    idle: usize,
    names: Option<InjectedNames>,
}

/// Connection pools of this process: clients with the same settings share one.
static POOLS: PerProcess<Mutex<HashMap<PoolKey, reqwest::Client>>> = PerProcess::root();

/// So many different settings in one process are a program that makes them up; its idle pools are let go.
const MOST_POOLS: usize = 32;
/// Headers of an answer may take this much.
const LARGEST_HEADERS: u32 = 64 << 10;
/// What is read of a refusal's body: it is only quoted.
const LARGEST_REFUSAL: usize = 64 << 10;
/// A connection on which many requests travel is asked for a sign of life, so that a dead one is not used for repeats.
const PING_INTERVAL: Duration = Duration::from_secs(10);
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection idle for longer is not used again: the service may have closed it, and an effect sent on it would be lost.
const POOL_IDLE: Duration = Duration::from_secs(15);

/// More idle connections to one host are closed: bursts of polls leave no crowd of sockets behind. As many as there are
/// polls at once stay in any case, or each burst would open them anew.
const IDLE_CONNECTIONS: usize = 40;
/// So much memory is set aside for a body before it comes, whatever length it announces.
const MOST_RESERVED: usize = 64 << 10;

/// Name resolution from the environment; each instance is another.
#[derive(Clone)]
pub(super) struct InjectedNames(pub(super) Arc<dyn Names>);

impl PartialEq for InjectedNames {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for InjectedNames {}

impl Hash for InjectedNames {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).cast::<()>().hash(state);
    }
}

impl Resolve for InjectedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.0.resolve(name.as_str());
        Box::pin(std::future::ready(match addresses {
            Ok(addresses) => Ok(Box::new(addresses.into_iter()) as Addrs),
            Err(error) => Err(error.into()),
        }))
    }
}

/// Connections that clients of the same settings share.
pub(crate) type Pool = reqwest::Client;

/// The pool for this configuration.
pub(crate) fn pool(config: &Config, environment: &Environment) -> Result<Pool> {
    let key = PoolKey {
        roots: config.roots.clone(),
        loopback: config.sandbox.is_some(),
        connect: config.timeouts.connect,
        idle: config.polling.concurrency.max(IDLE_CONNECTIONS),
        names: environment.names.clone().map(InjectedNames),
    };
    let pools = POOLS.get_or_init(Mutex::default);
    let mut pools = pools.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(&key) {
        return Ok(pool.clone());
    }
    let pool = build(&key)?;
    if pools.len() >= MOST_POOLS {
        pools.clear();
    }
    pools.insert(key, pool.clone());
    Ok(pool)
}

/// The start of every HTTP client, with cryptography behind it: ring's, unless the process has chosen another for itself.
pub(super) fn builder() -> reqwest::ClientBuilder {
    // An error says that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

fn build(key: &PoolKey) -> Result<reqwest::Client> {
    let mut builder = builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(key.connect)
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(key.idle)
        .tcp_nodelay(true)
        .http2_max_header_list_size(LARGEST_HEADERS)
        .http2_keep_alive_interval(PING_INTERVAL)
        .http2_keep_alive_timeout(PING_TIMEOUT)
        .referer(false);
    if let Some(names) = &key.names {
        builder = builder.dns_resolver(names.clone()).no_proxy();
    }
    // A sandbox is plain HTTP on loopback, which is never proxied; `links` lets no other address through.
    builder = if key.loopback {
        builder.no_proxy()
    } else {
        builder.https_only(true).tls_version_min(reqwest::tls::Version::TLS_1_2).tls_certs_merge(key.roots.certificates()?)
    };
    builder.build().map_err(|error| {
        LpchatError::new(Code::Internal).with_message("The HTTP client cannot be made.").with_cause(chain(&error))
    })
}

/// An answer that is on its way.
pub(crate) type Receiving<'a> = Pin<Box<dyn Future<Output = Result<Received, Unanswered>> + Send + 'a>>;

/// Sends `request` once.
pub(crate) fn send<'a>(
    pool: &reqwest::Client,
    request: Prepared<'_>,
    timeouts: Timeouts,
    environment: &'a Environment,
) -> Receiving<'a> {
    let largest = request.largest_answer;
    let mut asked = reqwest::Request::new(request.method, request.url);
    *asked.headers_mut() = request.headers;
    *asked.body_mut() = request.body.map(|body| body.to_owned().into());
    let sent = pool.execute(asked);
    Box::pin(async move {
        tokio::select! {
            outcome = exchange(sent, largest, &timeouts, environment) => outcome,
            () = environment.clock.limit(timeouts.attempt) => Err(lost(LpchatError::new(Code::AttemptTimeout))),
        }
    })
}

async fn exchange(
    sent: impl Future<Output = reqwest::Result<reqwest::Response>>,
    largest: usize,
    timeouts: &Timeouts,
    environment: &Environment,
) -> Result<Received, Unanswered> {
    // A tighter limit on the whole attempt makes this one pointless.
    let tighter = |limit: Duration| Some(limit).filter(|limit| *limit < timeouts.attempt);
    let first_byte = environment.limit_if(tighter(timeouts.first_byte));
    let stall = tighter(timeouts.stall);
    let mut response = tokio::select! {
        outcome = sent => outcome.map_err(|error| unanswered(&error))?,
        () = first_byte => return Err(lost(LpchatError::new(Code::FirstByteTimeout))),
    };
    let status = response.status().as_u16();
    let size: usize = response.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > LARGEST_HEADERS as usize {
        return Err(too_large("The headers of the answer are", LARGEST_HEADERS as usize, status));
    }
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(announced.unwrap_or(0).min(MOST_RESERVED));
    if (200..300).contains(&status) {
        read_body(&mut response, &mut body, largest, stall, environment).await?;
    } else {
        // The status says what there is to know. Whatever is wrong with the words beside it changes nothing.
        let _ = read_body(&mut response, &mut body, LARGEST_REFUSAL.min(largest), stall, environment).await;
    }
    let headers = std::mem::take(response.headers_mut());
    let after = headers.get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after = after.and_then(|text| retry_after(text, environment.clock.now().as_millis()));
    let body = Buffer::new(text_of(body, status)?);
    Ok(Received { status, headers, body, retry_after })
}

/// Reads the body, counting what comes out of the decompression and watching for stalls while *we* read.
async fn read_body(
    response: &mut reqwest::Response,
    body: &mut Vec<u8>,
    largest: usize,
    stall: Option<Duration>,
    environment: &Environment,
) -> Result<(), Unanswered> {
    let status = response.status().as_u16();
    let clock = &environment.clock;
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    body.reserve_exact(announced.min(largest));
    let mut last_byte = clock.elapsed();
    // One limit for many pieces: it is set anew when it fires and bytes have come in the meantime.
    let mut limit = environment.limit_if(stall);
    loop {
        let chunk = tokio::select! {
            biased;
            chunk = response.chunk() => chunk.map_err(|error| lost(LpchatError::new(Code::ConnectionLost).with_cause(chain(&error))))?,
            () = &mut limit => {
                let left = stall.unwrap_or(Duration::MAX).saturating_sub(clock.elapsed().saturating_sub(last_byte));
                if left.is_zero() {
                    return Err(lost(LpchatError::new(Code::StallTimeout)));
                }
                limit = clock.limit(left);
                continue;
            }
        };
        last_byte = clock.elapsed();
        let Some(chunk) = chunk else { return Ok(()) };
        if body.len() + chunk.len() > largest {
            return Err(too_large("The answer is", largest, status));
        }
        body.extend_from_slice(&chunk);
    }
}

fn too_large(what: &str, largest: usize, status: u16) -> Unanswered {
    let error = LpchatError::new(Code::TooLarge)
        .with_message(format!("{what} larger than the {largest} bytes allowed here."))
        .with(|details| details.http_status = Some(status.into()));
    Unanswered { failure: Failure::Final, error }
}

/// The body as text. A refusal's body is only quoted, so broken bytes in it do no harm; a document's must be sound.
fn text_of(body: Vec<u8>, status: u16) -> Result<String, Unanswered> {
    match String::from_utf8(body) {
        Ok(text) => Ok(text),
        Err(error) if !(200..300).contains(&status) => Ok(String::from_utf8_lossy(error.as_bytes()).into_owned()),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let error =
                LpchatError::new(Code::NotJson).with_message(format!("The answer is not UTF-8 text: byte {at} is invalid."));
            Err(Unanswered { failure: Failure::Final, error: error.with(|details| details.http_status = Some(status.into())) })
        }
    }
}

fn lost(error: LpchatError) -> Unanswered {
    Unanswered { failure: Failure::Lost, error }
}

/// Only what fails before a connection stands has provably not left. An incomplete message may have arrived.
fn unanswered(error: &reqwest::Error) -> Unanswered {
    let cause = chain(error);
    if error.is_connect() {
        let code = if error.is_timeout() { Code::ConnectTimeout } else { Code::ConnectFailed };
        // Whoever is there is not who we want to speak to, and will not be in fifteen seconds.
        if cause.contains("invalid peer certificate") {
            let error = LpchatError::new(code).with_cause(cause).with(|details| details.retryable = false);
            return Unanswered { failure: Failure::Final, error };
        }
        return Unanswered { failure: Failure::NeverLeft, error: LpchatError::new(code).with_cause(cause) };
    }
    if error.is_builder() {
        return Unanswered {
            failure: Failure::Final,
            error: LpchatError::new(Code::Internal).with_message("The request cannot be built.").with_cause(cause),
        };
    }
    lost(LpchatError::new(Code::ConnectionLost).with_cause(cause))
}

/// The error's causes without the address, whose path holds ids and whose query may hold keys.
fn chain(error: &reqwest::Error) -> String {
    let mut texts = Vec::new();
    let mut source = error.source();
    while let Some(error) = source {
        texts.push(error.to_string());
        source = error.source();
    }
    texts.dedup();
    if texts.is_empty() { "no further cause is known".to_owned() } else { texts.join(": ") }
}

impl Received {
    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Every `Set-Cookie`, as `name=value`.
    pub(crate) fn cookies(&self) -> Vec<String> {
        let values = self.headers.get_all("set-cookie").into_iter();
        values
            .filter_map(|value| Some(value.to_str().ok()?.split(';').next()?.trim().to_owned()))
            .filter(|pair| pair.contains('='))
            .collect()
    }
}
