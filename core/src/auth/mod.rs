//! Which credential a request carries, and where it comes from.
//!
//! Source: `docs/protocol/authentication.md`, "Which scheme for which API".

pub mod login;
mod oauth1;
mod oauth2;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use url::Url;

use crate::config::{ClientOptions, Config};
use crate::error::{Code, LpchatError, Result};
use crate::observe::LogLevel;
use crate::secret::Secret;
use crate::single_flight::SingleFlight;
use crate::transport::{Access, Context, Request};

use login::LoggedIn;
use oauth2::AppToken;

/// What a client has logged in with.
#[derive(Debug, Default)]
pub(crate) struct Authenticator {
    login: SingleFlight<LoggedIn>,
    token: SingleFlight<AppToken>,
    warned_of_oauth1: AtomicBool,
    /// Credentials that the service gave us lately: it must not repeat them in our messages.
    given: Mutex<Vec<Secret>>,
}

/// How many given credentials are remembered, the latest.
const MOST_GIVEN: usize = 16;

/// The credential of one request.
#[derive(Debug)]
pub(crate) struct Authorization {
    /// The value of the `Authorization` header.
    pub(crate) header: Option<Secret>,
    source: Source,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Given,
    Login,
    AppToken,
}

/// A way to identify oneself to engagement history or the agent API, in the order in which they are preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    OAuth2,
    Bearer,
    UserLogin,
    OAuth1,
    AppKey,
}

impl Scheme {
    const ALL: [Self; 5] = [Self::OAuth2, Self::Bearer, Self::UserLogin, Self::OAuth1, Self::AppKey];

    /// Its name, as the options that make it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OAuth2 => "client_id + client_secret",
            Self::Bearer => "bearer",
            Self::UserLogin => "username + password",
            Self::OAuth1 => "oauth1_consumer_key + oauth1_consumer_secret + oauth1_token + oauth1_token_secret",
            Self::AppKey => "app_key",
        }
    }

    fn given(self, options: &ClientOptions) -> bool {
        match self {
            Self::OAuth2 => options.client_id.is_some() && options.client_secret.is_some(),
            Self::Bearer => options.bearer.is_some(),
            Self::UserLogin => options.username.is_some() && options.password.is_some(),
            Self::OAuth1 => {
                options.oauth1_consumer_key.is_some()
                    && options.oauth1_consumer_secret.is_some()
                    && options.oauth1_token.is_some()
                    && options.oauth1_token_secret.is_some()
            }
            Self::AppKey => options.app_key.is_some(),
        }
    }

    /// Why `access` cannot use this scheme; `None` where it can.
    fn refusal(self, access: Access) -> Option<&'static str> {
        match (access, self) {
            (Access::Open, _)
            | (Access::AppKey, Self::AppKey)
            | (Access::AgentBearer, Self::Bearer | Self::UserLogin)
            | (Access::History, Self::OAuth2 | Self::Bearer | Self::UserLogin | Self::OAuth1) => None,
            (Access::AppKey, _) => Some("the visitor API knows application keys only"),
            (Access::AgentBearer, Self::OAuth1) => {
                Some("the agent API wants the bearer of a login: signed requests are refused there")
            }
            (Access::AgentBearer, Self::OAuth2) => {
                Some("an application's token has no scope for the agent API, which wants the bearer of a login")
            }
            (Access::AgentBearer, Self::AppKey) => Some("an application key opens the visitor API only"),
            (Access::History, Self::AppKey) => Some("an application key opens the visitor API only"),
        }
    }
}

/// The scheme that `access` uses, or the error that says why none of the given ones will do.
pub(crate) fn choose(config: &Config, access: Access) -> Result<Scheme> {
    let given: Vec<Scheme> = Scheme::ALL.into_iter().filter(|scheme| scheme.given(&config.options)).collect();
    if let Some(usable) = given.iter().find(|scheme| scheme.refusal(access).is_none()) {
        return Ok(*usable);
    }
    let usable: Vec<&str> = Scheme::ALL.into_iter().filter(|scheme| scheme.refusal(access).is_none()).map(Scheme::name).collect();
    let api = match access {
        Access::AppKey => "The visitor API",
        Access::AgentBearer => "The agent API",
        Access::Open | Access::History => "Engagement history",
    };
    let mut message = format!("{api} needs one of: {}.", usable.join("; "));
    for scheme in given {
        if let Some(reason) = scheme.refusal(access) {
            message.push_str(&format!(" Given is {}: {reason}.", scheme.name()));
        }
    }
    for (whole, missing) in half_given(&config.options) {
        message.push_str(&format!(" `{missing}` is missing to make {whole} complete."));
    }
    Err(LpchatError::new(Code::UnusableCredential).with_message(message))
}

/// The schemes of which only a part is given, each with the option it lacks.
fn half_given(options: &ClientOptions) -> Vec<(&'static str, &'static str)> {
    let parts: [(Scheme, &[(&str, bool)]); 3] = [
        (Scheme::OAuth2, &[("client_id", options.client_id.is_some()), ("client_secret", options.client_secret.is_some())]),
        (Scheme::UserLogin, &[("username", options.username.is_some()), ("password", options.password.is_some())]),
        (
            Scheme::OAuth1,
            &[
                ("oauth1_consumer_key", options.oauth1_consumer_key.is_some()),
                ("oauth1_consumer_secret", options.oauth1_consumer_secret.is_some()),
                ("oauth1_token", options.oauth1_token.is_some()),
                ("oauth1_token_secret", options.oauth1_token_secret.is_some()),
            ],
        ),
    ];
    let lacking = |(scheme, members): (Scheme, &[(&'static str, bool)])| {
        let missing = members.iter().find(|(_, given)| !given)?.0;
        members.iter().any(|(_, given)| *given).then_some((scheme.name(), missing))
    };
    parts.into_iter().filter_map(lacking).collect()
}

impl Context {
    /// The credential for a request to `url`.
    pub(crate) async fn authorize(&self, request: &Request, url: &Url) -> Result<Authorization> {
        let options = &self.core.config.options;
        let given = |header: Option<String>| Authorization { header: header.map(Secret::from), source: Source::Given };
        if request.access == Access::Open {
            return Ok(given(None));
        }
        let bearer =
            |bearer: &Secret, source| Authorization { header: Some(Secret::from(format!("Bearer {}", bearer.expose()))), source };
        match choose(&self.core.config, request.access)? {
            Scheme::AppKey => Ok(given(options.app_key.as_ref().map(|key| format!("LivePerson appKey={}", key.expose())))),
            Scheme::Bearer => Ok(bearer(options.bearer.as_ref().expect("given"), Source::Given)),
            Scheme::UserLogin => Ok(bearer(&Box::pin(self.logged_in()).await?.bearer, Source::Login)),
            Scheme::OAuth2 => Ok(bearer(&Box::pin(self.app_token()).await?, Source::AppToken)),
            Scheme::OAuth1 => {
                if !self.state().authenticator.warned_of_oauth1.swap(true, Ordering::Relaxed) {
                    self.log(LogLevel::Warning, || {
                        "uses OAuth 1.0 keys, whose end the vendor has announced for 31 May 2026; OAuth 2 replaces them"
                            .to_owned()
                    });
                }
                let environment = &self.core.environment;
                let nonce = format!("{:016x}{:016x}", environment.randomness.next(), environment.randomness.next());
                let seconds = environment.clock.now().as_millis() / 1000;
                let keys = oauth1::Keys::from_options(options).expect("given");
                Ok(given(Some(keys.authorization(request.method.as_str(), url, &nonce, seconds).header)))
            }
        }
    }
}

impl Authenticator {
    fn keep_out_of_messages(&self, secrets: impl IntoIterator<Item = Secret>) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.extend(secrets);
        let surplus = given.len().saturating_sub(MOST_GIVEN);
        given.drain(..surplus);
    }

    /// The credentials that the service gave us lately.
    pub(crate) fn given(&self) -> Vec<Secret> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets the credential that was refused, so that the next request gets a new one; false where there is no way to
    /// a new one. Only that very credential is forgotten: others may have replaced it already.
    pub(crate) async fn forget(&self, refused: &Authorization) -> bool {
        let Some(header) = &refused.header else { return false };
        let same = |bearer: &Secret| header.expose().strip_prefix("Bearer ") == Some(bearer.expose());
        match refused.source {
            Source::Given => false,
            Source::Login => {
                self.login.lock().await.take_if(|login| same(&login.bearer));
                true
            }
            Source::AppToken => {
                self.token.lock().await.take_if(|token| same(&token.bearer));
                true
            }
        }
    }
}
