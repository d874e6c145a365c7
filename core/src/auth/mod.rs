//! Which credential a request carries, and where it comes from.
//!
//! Source: `docs/protocol/authentication.md`, "Which scheme for which API".

pub mod authorization;
pub mod login;
mod oauth1;
mod oauth2;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

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
    /// A bot's login with an application's client id and secret.
    ClientLogin,
    /// A bot's login with OAuth 1.0 keys.
    KeyLogin,
    /// A login with a SAML assertion.
    SamlLogin,
    AppKey,
}

impl Scheme {
    const ALL: [Self; 8] = [
        Self::OAuth2,
        Self::Bearer,
        Self::UserLogin,
        Self::OAuth1,
        Self::ClientLogin,
        Self::KeyLogin,
        Self::SamlLogin,
        Self::AppKey,
    ];

    /// The options that make it.
    const fn options(self) -> &'static [&'static str] {
        match self {
            Self::OAuth2 => &["client_id", "client_secret"],
            Self::Bearer => &["bearer"],
            Self::UserLogin => &["username", "password"],
            Self::OAuth1 => &["oauth1_consumer_key", "oauth1_consumer_secret", "oauth1_token", "oauth1_token_secret"],
            Self::ClientLogin => &["username", "client_id", "client_secret"],
            Self::KeyLogin => {
                &["username", "oauth1_consumer_key", "oauth1_consumer_secret", "oauth1_token", "oauth1_token_secret"]
            }
            Self::SamlLogin => &["saml_assertion"],
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
    /// A bot's login is made of what others are made of too: who logs in must have been said by the caller.
    fn explicit(self, config: &Config) -> bool {
        let given = |name: &&&str| config.explicit_credentials.contains(*name);
        if self.is_bots() { given(&&"username") } else { self.options().iter().any(|name| given(&name)) }
    }

    /// Whether it is a bot's login.
    fn is_bots(self) -> bool {
        matches!(self, Self::ClientLogin | Self::KeyLogin)
    }

    /// How many of its options the caller did not give.
    fn not_given(self, config: &Config) -> usize {
        self.options().iter().filter(|name| !config.explicit_credentials.contains(*name)).count()
    }

    /// Why `access` cannot use this scheme; `None` where it can.
    fn refusal(self, access: Access) -> Option<&'static str> {
        match (access, self) {
            (Access::Open, _)
            | (Access::AppKey, Self::AppKey)
            | (Access::AgentBearer, Self::Bearer | Self::UserLogin | Self::ClientLogin | Self::KeyLogin | Self::SamlLogin)
            | (Access::History, Self::OAuth2 | Self::Bearer | Self::UserLogin | Self::OAuth1 | Self::SamlLogin) => None,
            (Access::AppKey, _) => Some("the visitor API knows application keys only"),
            (Access::AgentBearer, Self::OAuth1) => Some(
                "the agent API wants the bearer of a login: signed requests are refused there; add `username` to log a bot in",
            ),
            (Access::AgentBearer, Self::OAuth2) => Some(
                "an application's token has no scope for the agent API, which wants the bearer of a login; add `username` to log a bot in",
            ),
            (Access::History, Self::ClientLogin | Self::KeyLogin) => Some("history needs no bot's login beside these keys"),
            (Access::AgentBearer, Self::AppKey) => Some("an application key opens the visitor API only"),
            (Access::History, Self::AppKey) => Some("an application key opens the visitor API only"),
        }
    }
}

/// The scheme of each kind of access, once it was chosen: options do not change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chosen([OnceLock<Scheme>; 4]);

/// The scheme that `access` uses, or the error that says why none of the given ones will do.
pub(crate) fn choose(config: &Config, access: Access) -> Result<Scheme> {
    let slot = &config.chosen.0[access as usize];
    match slot.get() {
        Some(chosen) => Ok(*chosen),
        None => choose_among_given(config, access).map(|chosen| *slot.get_or_init(|| chosen)),
    }
}

/// A scheme that the caller gave comes before one from outside, then the order of [`Scheme`] decides.
fn choose_among_given(config: &Config, access: Access) -> Result<Scheme> {
    let (mut given, lacking): (Vec<Scheme>, Vec<Scheme>) =
        Scheme::ALL.into_iter().partition(|scheme| scheme.missing(&config.options).is_empty());
    given.sort_by_key(|scheme| (!scheme.explicit(config), if scheme.explicit(config) { scheme.not_given(config) } else { 0 }));
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
    for scheme in given.into_iter().filter(|scheme| !scheme.is_bots()) {
        if let Some(reason) = scheme.refusal(access) {
            message.push_str(&format!(" Given is {}: {reason}.", scheme.name()));
        }
    }
    for scheme in lacking {
        let missing = scheme.missing(&config.options);
        // The parts of a bot's login belong to other schemes too; what turns them into one is the name.
        let begun =
            if scheme.is_bots() { usable(&&scheme) && missing == ["username"] } else { missing.len() < scheme.options().len() };
        if begun {
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
            scheme @ (Scheme::UserLogin | Scheme::ClientLogin | Scheme::KeyLogin | Scheme::SamlLogin) => {
                Ok(bearer(&Box::pin(self.logged_in(scheme)).await?.bearer, Source::Login))
            }
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
        chosen_for(Access::History, options, variables)
    }

    fn chosen_for(access: Access, options: ClientOptions, variables: &[(&'static str, &'static str)]) -> Result<Scheme> {
        let account = ("LPCHAT_ACCOUNT_ID", "1");
        let variables = Arc::new(Fixed(variables.iter().copied().chain([account]).collect()));
        choose(&Config::resolve(options, &Environment { variables, ..Environment::default() })?, access)
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

    #[test]
    fn a_bot_logs_in_where_the_caller_names_it_without_a_password() {
        let agent = |options, variables: &[(&'static str, &'static str)]| chosen_for(Access::AgentBearer, options, variables);
        let name = ClientOptions { username: Some("bot".into()), ..ClientOptions::default() };
        let client = ClientOptions { client_id: Some("id".into()), client_secret: Some("s".into()), ..name.clone() };
        let password = [("LPCHAT_USERNAME", "ann"), ("LPCHAT_PASSWORD", "x")];
        assert_eq!(agent(client.clone(), &[]).unwrap(), Scheme::ClientLogin);
        assert_eq!(agent(client.clone(), &password).unwrap(), Scheme::ClientLogin, "a password from outside is another's");
        assert_eq!(agent(name, &password).unwrap(), Scheme::UserLogin);
        assert_eq!(chosen(client.clone(), &[]).unwrap(), Scheme::OAuth2, "history needs no login");
        let both = ClientOptions { password: Some("y".into()), ..client.clone() };
        assert_eq!(agent(both, &[]).unwrap(), Scheme::UserLogin);
        // Who logs in was not said by the caller: a user's login from outside stands.
        let application = ClientOptions { username: None, ..client };
        assert_eq!(agent(application.clone(), &password).unwrap(), Scheme::UserLogin);
        let refused = agent(application, &[]).unwrap_err();
        assert!(refused.details().message.contains("add `username` to log a bot in"), "{refused}");
    }

    #[test]
    fn keys_log_a_bot_in_and_an_assertion_logs_a_user_in() {
        let keys = ClientOptions {
            username: Some("bot".into()),
            oauth1_consumer_key: Some("a".into()),
            oauth1_consumer_secret: Some("b".into()),
            oauth1_token: Some("c".into()),
            oauth1_token_secret: Some("d".into()),
            ..ClientOptions::default()
        };
        assert_eq!(chosen_for(Access::AgentBearer, keys.clone(), &[]).unwrap(), Scheme::KeyLogin);
        assert_eq!(chosen(keys, &[]).unwrap(), Scheme::OAuth1, "history takes signed requests");
        let saml = ClientOptions { saml_assertion: Some("x".into()), ..ClientOptions::default() };
        assert_eq!(chosen_for(Access::AgentBearer, saml.clone(), &[]).unwrap(), Scheme::SamlLogin);
        assert_eq!(chosen(saml, &[]).unwrap(), Scheme::SamlLogin);
    }
}
