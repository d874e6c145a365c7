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

    /// The options that make it.
    const fn options(self) -> &'static [&'static str] {
        match self {
            Self::OAuth2 => &["client_id", "client_secret"],
            Self::Bearer => &["bearer"],
            Self::UserLogin => &["username", "password"],
            Self::OAuth1 => &["oauth1_consumer_key", "oauth1_consumer_secret", "oauth1_token", "oauth1_token_secret"],
            Self::AppKey => &["app_key"],
        }
    }

    /// Its name, as the options that make it.
    pub(crate) fn name(self) -> String {
        self.options().join(" + ")
    }

    /// The options that it lacks.
    fn missing(self, options: &ClientOptions) -> Vec<&'static str> {
        let absent = options.credentials().into_iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name);
        absent.filter(|name| self.options().contains(name)).collect()
    }

    /// Whether the caller gave it, or a part of it: what stands in the environment or in a profile must not outdo it.
    fn explicit(self, config: &Config) -> bool {
        self.options().iter().any(|name| config.explicit_credentials.contains(name))
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

/// The scheme that `access` uses, or the error that says why none of the given ones will do. A scheme that the caller
/// gave comes before one from outside, then the order of [`Scheme`] decides.
pub(crate) fn choose(config: &Config, access: Access) -> Result<Scheme> {
    let (mut given, lacking): (Vec<Scheme>, Vec<Scheme>) =
        Scheme::ALL.into_iter().partition(|scheme| scheme.missing(&config.options).is_empty());
    given.sort_by_key(|scheme| !scheme.explicit(config));
    let usable = |scheme: &&Scheme| scheme.refusal(access).is_none();
    // A caller's credential that lacks a part is a mistake to report, not a reason to take another from outside.
    let incomplete = lacking.iter().filter(usable).any(|scheme| scheme.explicit(config));
    if let Some(chosen) = given.iter().find(usable).filter(|scheme| scheme.explicit(config) || !incomplete) {
        return Ok(*chosen);
    }
    let names: Vec<String> = Scheme::ALL.iter().filter(usable).map(|scheme| scheme.name()).collect();
    let api = match access {
        Access::AppKey => "The visitor API",
        Access::AgentBearer => "The agent API",
        Access::Open | Access::History => "Engagement history",
    };
    let mut message = format!("{api} needs one of: {}.", names.join("; "));
    for scheme in given {
        if let Some(reason) = scheme.refusal(access) {
            message.push_str(&format!(" Given is {}: {reason}.", scheme.name()));
        }
    }
    for scheme in lacking {
        let missing = scheme.missing(&config.options);
        if missing.len() < scheme.options().len() {
            message.push_str(&format!(" `{}` is missing to make {} complete.", missing[0], scheme.name()));
        }
    }
    Err(LpchatError::new(Code::UnusableCredential).with_message(message))
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use super::*;
    use crate::environment::{Environment, Variables};

    #[derive(Debug)]
    struct Fixed(HashMap<&'static str, &'static str>);

    impl Variables for Fixed {
        fn get(&self, name: &str) -> Option<String> {
            self.0.get(name).map(|value| (*value).to_owned())
        }
    }

    fn chosen(options: ClientOptions, variables: &[(&'static str, &'static str)]) -> Result<Scheme> {
        let account = ("LPCHAT_ACCOUNT_ID", "1");
        let variables = Arc::new(Fixed(variables.iter().copied().chain([account]).collect()));
        choose(&Config::resolve(options, &Environment { variables, ..Environment::default() })?, Access::History)
    }

    const APPLICATION: [(&str, &str); 2] = [("LPCHAT_CLIENT_ID", "id"), ("LPCHAT_CLIENT_SECRET", "secret")];

    #[test]
    fn a_credential_that_the_caller_gives_comes_before_one_from_the_environment() {
        let bearer = ClientOptions { bearer: Some("given".into()), ..ClientOptions::default() };
        assert_eq!(chosen(ClientOptions::default(), &APPLICATION).unwrap(), Scheme::OAuth2);
        assert_eq!(chosen(bearer.clone(), &APPLICATION).unwrap(), Scheme::Bearer);
        assert_eq!(chosen(bearer, &[]).unwrap(), Scheme::Bearer);
    }

    #[test]
    fn a_part_that_the_caller_gives_is_completed_from_the_environment_or_refused() {
        let part = ClientOptions { username: Some("ann".into()), ..ClientOptions::default() };
        assert_eq!(chosen(part.clone(), &[("LPCHAT_PASSWORD", "x"), APPLICATION[0], APPLICATION[1]]).unwrap(), Scheme::UserLogin);
        let refused = chosen(part, &APPLICATION).unwrap_err();
        assert_eq!(refused.code(), Code::UnusableCredential);
        assert!(refused.details().message.contains("`password` is missing"), "{refused}");
    }

    #[test]
    fn an_explicit_key_of_another_api_hides_nothing() {
        let key = ClientOptions { app_key: Some("key".into()), ..ClientOptions::default() };
        assert_eq!(chosen(key, &APPLICATION).unwrap(), Scheme::OAuth2);
    }
}
