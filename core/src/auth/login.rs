//! The login service: user login, refresh, logout.
//!
//! Source: `docs/protocol/authentication.md`, "Login Service API".

use std::time::Duration;

use lpchat_macros::{model, operation};
use serde_json::{Value, json};

use super::{Scheme, choose};
use crate::agent::Agent;
use crate::config::ClientOptions;
use crate::error::{Code, LpchatError, Result};
use crate::observe::LogLevel;
use crate::secret::Secret;
use crate::transport::links::segment;
use crate::transport::{Access, Answer, Context, Request, Service};
use crate::wire::{Text, Timestamp};

/// What the login answers, as far as a client needs it.
#[model(internal)]
struct LoginAnswer {
    bearer: Option<Secret>,
    csrf: Option<Secret>,
    /// Milliseconds, as text; the spelling is the service's.
    #[wire("sessionTTl", alias = "sessionTTL")]
    time_to_live: Option<i64>,
    #[wire("config")]
    configuration: Option<LoginConfiguration>,
}

#[model(internal)]
struct LoginConfiguration {
    login_name: Option<Text>,
    user_id: Option<Text>,
    user_pid: Option<Text>,
    server_current_time: Option<Timestamp>,
}

/// A login of the agent's user. The bearer itself stays inside the client.
#[model(plain)]
pub struct Login {
    /// Login name.
    pub login_name: Option<Text>,
    /// Internal user id.
    pub user_id: Option<Text>,
    /// How long the login lives, if it is refreshed.
    pub time_to_live: Option<Duration>,
    /// How far the service's clock is ahead of ours, in milliseconds.
    pub clock_skew_millis: Option<i64>,
}

/// A login as the client keeps it.
#[derive(Debug, Clone)]
pub(crate) struct LoggedIn {
    pub(crate) bearer: Secret,
    csrf: Secret,
    /// The login's cookies, replayed on refresh and logout whatever their names.
    cookies: Vec<String>,
    login: Login,
    /// When to refresh it, on the environment's clock.
    refresh_at: Duration,
    /// Until when it lives without a refresh.
    ends_at: Duration,
}

/// A login is refreshed when it is used after this time without one. The vendor asks for every 3 to 5 minutes.
const REFRESH_AFTER: Duration = Duration::from_secs(4 * 60);
/// After a refresh that failed for passing reasons, the next one waits for so long.
const REFRESH_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// How long a login surely lives without a refresh where it does not say: the vendor's own SDK refreshes that rarely.
const USUAL_LIFE: Duration = Duration::from_secs(10 * 60);
/// No login is believed to live longer.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);
const LOGIN_VERSION: &str = "1.3";

impl Context {
    /// The login of the configured user, made or refreshed as needed.
    pub(crate) async fn logged_in(&self, scheme: Scheme) -> Result<LoggedIn> {
        let flight = &self.state().authenticator.login;
        let mut kept = flight.enter().await?;
        let now = self.core.environment.clock.elapsed();
        if let Some(login) = kept.as_mut() {
            if now < login.refresh_at {
                return Ok(login.clone());
            }
            match self.refresh(login, true).await {
                Ok(refreshed) => {
                    *login = refreshed;
                    return Ok(login.clone());
                }
                // The service cannot be asked now. Logging in anew would end the agent sessions made with this login.
                Err(error) if error.details().retryable && now < login.ends_at => {
                    self.log(LogLevel::Warning, || format!("keeps the login: its refresh failed with {}", error.code().name()));
                    login.refresh_at = now + REFRESH_AGAIN_AFTER;
                    return Ok(login.clone());
                }
                // The login has ended in the meantime; the agent sessions made with it are gone with it.
                Err(_) => *kept = None,
            }
        }
        let outcome = self.log_in(scheme).await;
        flight.note(&outcome);
        Ok(kept.insert(outcome?).clone())
    }

    async fn log_in(&self, scheme: Scheme) -> Result<LoggedIn> {
        let config = &self.core.config;
        let body = credentials(scheme, &config.options);
        let path = format!("/api/account/{}/login", segment(config.account()?));
        let mut request = Request::post(Service::Agent, path).query("v", LOGIN_VERSION).json(&body).repeatable();
        request.login = true;
        let answer = self.send(request).await.map_err(|error| match error.code() {
            Code::LoginFailed => error.with_hint(format!("The login was tried with {}.", scheme.name())),
            _ => error,
        })?;
        let cookies = answer.received.cookies();
        let document: LoginAnswer = answer.document()?;
        self.login_from(document, cookies)
    }

    fn login_from(&self, answer: LoginAnswer, cookies: Vec<String>) -> Result<LoggedIn> {
        let missing = |member: &str| {
            LpchatError::new(Code::LoginFailed).with_message(format!("The login was answered without `{member}`."))
        };
        let user = answer.configuration.as_ref();
        let user_id = user.and_then(|user| user.user_id.clone()).or_else(|| user.and_then(|user| user.user_pid.clone()));
        if user_id.is_none() {
            return Err(missing("config.userId"));
        }
        let now = self.core.environment.clock.now().as_millis();
        let skew = user.and_then(|user| user.server_current_time).map(|time| time.as_millis().saturating_sub(now));
        let millis = answer.time_to_live.and_then(|millis| u64::try_from(millis).ok());
        let (bearer, csrf) = (answer.bearer.ok_or_else(|| missing("bearer"))?, answer.csrf.ok_or_else(|| missing("csrf"))?);
        let authenticator = &self.state().authenticator;
        authenticator.keep_out_of_messages([bearer.clone(), csrf.clone()]);
        authenticator.keep_out_of_messages(cookies.iter().filter_map(|cookie| Some(Secret::from(cookie.split_once('=')?.1))));
        let now = self.core.environment.clock.elapsed();
        Ok(LoggedIn {
            bearer,
            csrf,
            cookies,
            login: Login {
                login_name: user.and_then(|user| user.login_name.clone()),
                user_id,
                time_to_live: millis.map(Duration::from_millis),
                clock_skew_millis: skew,
            },
            refresh_at: now + REFRESH_AFTER,
            ends_at: now + millis.map_or(USUAL_LIFE, Duration::from_millis).min(LONGEST_LIFE),
        })
    }

    async fn refresh(&self, login: &LoggedIn, once: bool) -> Result<LoggedIn> {
        let answer = self.with_csrf(login, "refresh", once).await?;
        let mut refreshed = login.clone();
        let cookies = answer.received.cookies();
        if !cookies.is_empty() {
            refreshed.cookies = cookies;
        }
        let now = self.core.environment.clock.elapsed();
        refreshed.ends_at = now + login.login.time_to_live.unwrap_or(USUAL_LIFE).min(LONGEST_LIFE);
        refreshed.refresh_at = now + REFRESH_AFTER;
        Ok(refreshed)
    }

    /// Refresh and logout have one shape: the login's cookies, its `csrf` in the body, no bearer.
    async fn with_csrf(&self, login: &LoggedIn, action: &str, once: bool) -> Result<Answer> {
        let path = format!("/api/account/{}/{action}", segment(self.core.config.account()?));
        let request = Request::post(Service::Agent, path)
            .query("v", LOGIN_VERSION)
            .json(&json!({ "csrf": login.csrf.expose() }))
            .repeatable();
        let request = if login.cookies.is_empty() { request } else { request.header("cookie", login.cookies.join("; ")) };
        self.send(if once { request.once() } else { request }).await
    }

    /// Ends the login, if there is one. An answer that it has ended already is a success.
    pub(crate) async fn log_out_if_logged_in(&self, once: bool) -> Result<()> {
        let login = self.state().authenticator.login.lock().await.take();
        match login {
            None => Ok(()),
            Some(login) => match self.with_csrf(&login, "logout", once).await {
                Err(error) if error.details().http_status != Some(401) => Err(error),
                _ => Ok(()),
            },
        }
    }
}

/// What a login says. Source: `docs/protocol/authentication.md`, "Log in — bodies".
fn credentials(scheme: Scheme, options: &ClientOptions) -> Value {
    let given = |name: &str| {
        let value = options.credentials().into_iter().find(|(known, _)| *known == name).and_then(|(_, value)| value);
        value.expect("a scheme that is chosen is complete")
    };
    match scheme {
        Scheme::ClientLogin => json!({
            "username": given("username"), "appKey": given("client_id"), "secret": given("client_secret"),
            // Any text will do, and one must be there.
            "accessToken": "dummy", "accessTokenSecret": "dummy",
        }),
        Scheme::KeyLogin => json!({
            "username": given("username"), "appKey": given("oauth1_consumer_key"), "secret": given("oauth1_consumer_secret"),
            "accessToken": given("oauth1_token"), "accessTokenSecret": given("oauth1_token_secret"),
        }),
        Scheme::SamlLogin => json!({ "jwt": "dummy", "assertion": given("saml_assertion") }),
        _ => json!({ "username": given("username"), "password": given("password") }),
    }
}

/// Logs the agent's user in, or gives the login that stands: with the user's password, as a bot with an application's
/// client id and secret or with OAuth 1.0 keys, or with a SAML assertion, whichever the options give. Calls that need it log in by themselves; this one shows
/// early whether the credential works.
///
/// Fails with `LoginFailed`, `AccountBlocked` or `Throttled` (the vendor asks for 5 s between logins).
///
/// Source: `docs/protocol/authentication.md`, "Log in — response `200`".
#[operation(retry = idempotent)]
async fn login(agent: &Agent, context: &Context) -> Result<Login> {
    let scheme = choose(&agent.core().config, Access::AgentBearer)?;
    if scheme == Scheme::Bearer {
        return Err(LpchatError::new(Code::UnusableCredential)
            .with_message("A ready-made `bearer` is given: there is nothing to log in with, and nothing to refresh."));
    }
    Ok(context.logged_in(scheme).await?.login)
}

/// Refreshes the login of the agent's user. The client does so by itself when it uses a login that is four minutes old.
///
/// Source: `docs/protocol/authentication.md`, "Refresh".
#[operation(retry = idempotent)]
async fn refresh_login(_agent: &Agent, context: &Context) -> Result<Login> {
    let mut kept = context.state().authenticator.login.lock().await;
    let Some(login) = &*kept else {
        return Err(LpchatError::new(Code::SessionExpired)
            .with_message("There is no login to refresh.")
            .with_hint("Call `login` first."));
    };
    match context.refresh(login, false).await {
        Ok(refreshed) => Ok(kept.insert(refreshed).login.clone()),
        Err(error) => {
            // Refused: it has ended, and the next call that needs one logs in anew.
            if !error.details().retryable {
                *kept = None;
            }
            Err(error)
        }
    }
}

/// Logs the agent's user out: its agent sessions end and their chats go back to the queue. Without a login it does nothing.
///
/// Source: `docs/protocol/authentication.md`, "Log out".
#[operation(retry = idempotent)]
async fn logout(_agent: &Agent, context: &Context) -> Result<()> {
    context.log_out_if_logged_in(false).await
}
