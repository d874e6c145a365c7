//! Configuration: explicit options, else the environment, else the profile file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use lpchat_macros::model;
use serde::Deserialize;
use url::Url;

use crate::auth::Chosen;
use crate::environment::Environment;
use crate::error::{Code, LpchatError, Result};
use crate::live::{ChatsOnClose, Polling};
use crate::secret::Secret;
use crate::transport::{RetryTable, Roots};
use crate::wire::Text;

/// Client id and secret of an application.
#[model(plain)]
pub struct OAuth2 {
    /// The application's client id.
    pub client_id: Text,
    /// The application's client secret.
    pub client_secret: Secret,
}

/// Options of a client. What is absent comes from the environment (`LPCHAT_` + the option's name), else, and only when
/// no account was given, from the profile file `$XDG_CONFIG_HOME/lpchat/config.toml`.
#[model(options)]
pub struct ClientOptions {
    /// The account (site) id.
    pub account_id: Option<Text>,
    /// Application key, for the visitor API.
    pub app_key: Option<Secret>,
    /// Client id and secret of an application in one; the same as `client_id` and `client_secret`.
    pub oauth2: Option<OAuth2>,
    /// Client id of an application, for engagement history, for a bot's login, and to act for a user.
    pub client_id: Option<Text>,
    /// Client secret of an application, for engagement history.
    pub client_secret: Option<Secret>,
    /// Login name of an agent, for the agent API and engagement history. Without a password, and beside `client_id` and
    /// `client_secret` or the OAuth 1.0 keys, the name of the bot that logs in with them.
    pub username: Option<Text>,
    /// Password of that agent.
    pub password: Option<Secret>,
    /// A ready-made bearer, for the agent API and engagement history.
    pub bearer: Option<Secret>,
    /// OAuth 1.0 app key, for engagement history. The vendor has announced the end of these keys for 31 May 2026.
    pub oauth1_consumer_key: Option<Text>,
    /// OAuth 1.0 secret.
    pub oauth1_consumer_secret: Option<Secret>,
    /// OAuth 1.0 access token.
    pub oauth1_token: Option<Text>,
    /// OAuth 1.0 access token secret.
    pub oauth1_token_secret: Option<Secret>,
    /// A SAML assertion, for a login of the agent API and engagement history; legacy.
    pub saml_assertion: Option<Secret>,
    /// Asks for an application's token at the address that one edition of the documents prints, with the version in the
    /// query, instead of at the usual one.
    pub oauth2_version_in_query: Option<bool>,
    /// Names the caller in history searches, at most 20 characters; `lpchat` when absent.
    pub source: Option<Text>,
    /// A file of certificate authorities in PEM, trusted besides the system's and the bundled ones.
    pub ca_file: Option<Text>,
    /// Time for one call with all its attempts and pauses; 120 s when absent.
    pub timeout: Option<Duration>,
    /// Time to make a connection; 5 s when absent.
    pub connect_timeout: Option<Duration>,
    /// Time until an answer begins; 30 s when absent.
    pub first_byte_timeout: Option<Duration>,
    /// Time without a single byte while an answer arrives; 20 s when absent.
    pub stall_timeout: Option<Duration>,
    /// Time for one attempt; 60 s when absent.
    pub attempt_timeout: Option<Duration>,
    /// Pauses before repeats after a failure of the service; 5, 10 and 15 s when absent, the vendor's table. An empty
    /// list cannot be told from an absent one: to repeat nothing, hand in `retries = 0` with the call.
    pub server_error_pauses: Vec<Duration>,
    /// Pause before the first repeat after throttling, doubled each time up to 30 s; 1 s when absent (5 s for logins).
    pub throttle_pause: Option<Duration>,
    /// How many history requests may be in flight at once; 2 when absent. Those of all clients of the account in this
    /// process count. After throttling it is half as many, and slowly more again.
    pub history_concurrency: Option<i32>,
    /// How often a live chat is asked for events while lines flow, from the start of one poll to the next; 2 s when absent.
    pub poll_interval: Option<Duration>,
    /// How often at least a quiet chat is asked; 5 s when absent. Never later than 0.6 times the chat's own idle limit.
    pub quiet_poll_interval: Option<Duration>,
    /// How many polls may be in flight at once, for all chats of the client; 40 when absent. Three for each five of them may
    /// be of other requests about chats, so that thousands of chats have 64 sockets at most. Where the service speaks
    /// HTTP/2 they share one connection.
    pub poll_concurrency: Option<i32>,
    /// How long a line whose sending failed ambiguously is looked for among the chat's events before its outcome is
    /// `unknown`, or before it is sent again where that was asked for; 10 s when absent.
    pub line_quiet_time: Option<Duration>,
    /// What becomes of live chats when the client is closed; they are saved when absent.
    pub chats_on_close: Option<ChatsOnClose>,
    /// Pauses before history is read again that came incomplete: from a part of the service's data, with a count that
    /// moved, or with cut records; 2, 5 and 15 s when absent. What is incomplete after the last of them is reported so.
    pub history_reread_pauses: Vec<Duration>,
    /// Largest answer of a chat call in bytes, after decompression; 1 MiB when absent.
    pub max_chat_answer_bytes: Option<i64>,
    /// Largest page of a history search in bytes, after decompression; 64 MiB when absent.
    pub max_history_answer_bytes: Option<i64>,
    /// Hosts by service name that replace the domain look-up, such as `engHistDomain`.
    pub domains: HashMap<String, String>,
    /// Added to the `User-Agent` header.
    pub user_agent: Option<Text>,
    /// Name of the profile to read; `LPCHAT_PROFILE`, else `default`, when absent.
    pub profile: Option<Text>,
    /// The configuration line of a running `lpchat-sandbox`. The client then talks to that sandbox only.
    pub sandbox: Option<Text>,
}

/// Options of one call.
#[model(options)]
pub struct CallOptions {
    /// Time for the call with all its attempts and pauses, instead of the client's.
    pub timeout: Option<Duration>,
    /// How many times the call may be repeated at most; 0 repeats nothing.
    pub retries: Option<i32>,
    /// Headers sent besides ours.
    pub headers: HashMap<String, String>,
}

/// What `lpchat-sandbox` prints when it starts.
#[derive(Deserialize)]
struct SandboxLine {
    kind: String,
    account_id: String,
    origins: Vec<String>,
    domain_origin: String,
    app_key: Option<String>,
    username: Option<String>,
    password: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    oauth1_consumer_key: Option<String>,
    oauth1_consumer_secret: Option<String>,
    oauth1_token: Option<String>,
    oauth1_token_secret: Option<String>,
}

/// The origins that a sandbox configuration trusts.
#[derive(Debug, Clone)]
pub(crate) struct SandboxOrigins {
    pub(crate) domain: Url,
    pub(crate) trusted: Vec<Url>,
}

/// All limits on time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    pub(crate) total: Duration,
    pub(crate) connect: Duration,
    pub(crate) first_byte: Duration,
    pub(crate) stall: Duration,
    pub(crate) attempt: Duration,
}

/// The configuration of a client, complete and checked.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) options: ClientOptions,
    pub(crate) account_id: Option<String>,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: RetryTable,
    pub(crate) history_concurrency: usize,
    pub(crate) polling: Polling,
    pub(crate) chats_on_close: ChatsOnClose,
    pub(crate) history_reread_pauses: Vec<Duration>,
    pub(crate) max_chat_answer: usize,
    pub(crate) max_history_answer: usize,
    pub(crate) source: String,
    /// The value of the `User-Agent` header.
    pub(crate) user_agent: String,
    pub(crate) roots: Roots,
    pub(crate) domains: HashMap<String, Url>,
    pub(crate) sandbox: Option<SandboxOrigins>,
    /// The credential options that the caller gave, by name; the others come from outside or from the sandbox.
    pub(crate) explicit_credentials: Vec<&'static str>,
    pub(crate) chosen: Chosen,
}

/// Names the caller where the user does not.
const DEFAULT_SOURCE: &str = "lpchat";
/// `docs/protocol/engagement-history-api.md`, "Query parameters".
pub(crate) const LONGEST_SOURCE: usize = 20;

impl Config {
    /// Completes and checks `options`.
    pub(crate) fn resolve(options: ClientOptions, environment: &Environment) -> Result<Self> {
        let mut options = options;
        if let Some(OAuth2 { client_id, client_secret }) = options.oauth2.take() {
            options.client_id = Some(client_id);
            options.client_secret = Some(client_secret);
        }
        let explicit_credentials = options.given_credentials();
        let sandbox = match options.sandbox.clone() {
            Some(line) => Some(apply_sandbox(&line, &mut options)?),
            None => {
                apply_outside(&mut options, environment)?;
                None
            }
        };
        // It holds the sandbox's credentials, which stand in the other options now.
        options.sandbox = None;
        no_empty_credential(&options)?;
        let user_agent = user_agent(options.user_agent.as_deref())?;
        let source = options.source.as_deref().unwrap_or(DEFAULT_SOURCE).to_owned();
        if source.is_empty() || source.chars().count() > LONGEST_SOURCE {
            return Err(option("source", &source, "1 to 20 characters, such as `Shop_Reports_Daily`"));
        }
        let roots = Roots::read(options.ca_file.as_deref(), sandbox.is_none(), environment)?;
        let domains = overrides(&options.domains, sandbox.as_ref())?;
        Ok(Self {
            account_id: account(options.account_id.as_deref())?,
            timeouts: timeouts(&options)?,
            retry: RetryTable::from_options(&options)?,
            history_concurrency: positive("history_concurrency", options.history_concurrency.map(i64::from), 2, 25)?,
            polling: Polling::from_options(&options)?,
            chats_on_close: ChatsOnClose::from_options(&options)?,
            history_reread_pauses: reread_pauses(&options.history_reread_pauses)?,
            max_chat_answer: positive("max_chat_answer_bytes", options.max_chat_answer_bytes, 1 << 20, 1 << 30)?,
            max_history_answer: positive("max_history_answer_bytes", options.max_history_answer_bytes, 64 << 20, 1 << 30)?,
            source,
            user_agent,
            roots,
            domains,
            sandbox,
            explicit_credentials,
            chosen: Chosen::default(),
            options,
        })
    }

    /// The account, or the error that says how to name one.
    pub(crate) fn account(&self) -> Result<&str> {
        self.account_id.as_deref().ok_or_else(|| {
            LpchatError::new(Code::MissingOption).with_message(
                "No account is configured: set `account_id`, or LPCHAT_ACCOUNT_ID, or a profile in lpchat/config.toml.",
            )
        })
    }

    /// The secrets in this configuration, to keep them out of messages.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let options = &self.options;
        [
            &options.app_key,
            &options.client_secret,
            &options.password,
            &options.bearer,
            &options.oauth1_consumer_secret,
            &options.oauth1_token_secret,
            &options.saml_assertion,
        ]
        .into_iter()
        .flatten()
    }
}

/// The error of an option that breaks a rule.
pub(crate) fn option(name: &str, value: impl std::fmt::Debug, rule: &str) -> LpchatError {
    LpchatError::new(Code::InvalidOption).with_message(format!("The option `{name}` is {value:?}: it must be {rule}."))
}

fn account(account: Option<&str>) -> Result<Option<String>> {
    match account {
        Some(id)
            if id.is_empty()
                || id.len() > 64
                || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') =>
        {
            Err(option("account_id", id, "the site id: letters and digits, such as `12345678` or `le12345678`"))
        }
        account => Ok(account.map(str::to_owned)),
    }
}

/// A whole number from 1 to `most`, or the default.
pub(crate) fn positive(name: &str, value: Option<i64>, default: usize, most: usize) -> Result<usize> {
    let Some(value) = value else { return Ok(default) };
    match usize::try_from(value) {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(option(name, value, &format!("a whole number from 1 to {most}"))),
    }
}

/// Longer than any call, and short enough for every clock's arithmetic.
pub(crate) const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// A limit on time as a user may set it.
pub(crate) fn checked_limit(name: &str, value: Duration) -> Result<Duration> {
    if value.is_zero() || value > LONGEST {
        return Err(option(name, value, "longer than nothing and at most 7 days; leave it out for the default"));
    }
    Ok(value)
}

/// A pause as a user may set it; none at all is fine.
pub(crate) fn checked_pause(name: &str, value: Duration) -> Result<Duration> {
    if value > LONGEST {
        return Err(option(name, value, "at most 7 days"));
    }
    Ok(value)
}

const DEFAULT_REREAD_PAUSES: [u64; 3] = [2, 5, 15];
const MOST_REREADS: usize = 20;

fn reread_pauses(given: &[Duration]) -> Result<Vec<Duration>> {
    if given.is_empty() {
        return Ok(DEFAULT_REREAD_PAUSES.map(Duration::from_secs).to_vec());
    }
    if given.len() > MOST_REREADS {
        return Err(option("history_reread_pauses", given.len(), &format!("a list of at most {MOST_REREADS} pauses")));
    }
    given.iter().map(|pause| checked_pause("history_reread_pauses", *pause)).collect()
}

fn timeouts(options: &ClientOptions) -> Result<Timeouts> {
    let limit = |name, value: Option<Duration>, default| {
        value.map_or(Ok(Duration::from_secs(default)), |value| checked_limit(name, value))
    };
    Ok(Timeouts {
        total: limit("timeout", options.timeout, 120)?,
        connect: limit("connect_timeout", options.connect_timeout, 5)?,
        first_byte: limit("first_byte_timeout", options.first_byte_timeout, 30)?,
        stall: limit("stall_timeout", options.stall_timeout, 20)?,
        attempt: limit("attempt_timeout", options.attempt_timeout, 60)?,
    })
}

/// What goes into a header must fit in one.
fn user_agent(suffix: Option<&str>) -> Result<String> {
    let own = concat!("lpchat/", env!("CARGO_PKG_VERSION"));
    match suffix {
        Some(text) if text.len() > 200 || !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => {
            Err(option("user_agent", text, "at most 200 printable ASCII characters"))
        }
        Some(text) => Ok(format!("{own} {text}")),
        None => Ok(own.to_owned()),
    }
}

impl ClientOptions {
    /// The options that make up credentials, by name, with what is given for them.
    pub(crate) fn credentials(&self) -> [(&'static str, Option<&str>); 11] {
        fn text(value: &Option<Text>) -> Option<&str> {
            value.as_ref().map(Text::as_str)
        }
        fn secret(value: &Option<Secret>) -> Option<&str> {
            value.as_ref().map(Secret::expose)
        }
        [
            ("app_key", secret(&self.app_key)),
            ("client_id", text(&self.client_id)),
            ("client_secret", secret(&self.client_secret)),
            ("username", text(&self.username)),
            ("password", secret(&self.password)),
            ("bearer", secret(&self.bearer)),
            ("oauth1_consumer_key", text(&self.oauth1_consumer_key)),
            ("oauth1_consumer_secret", secret(&self.oauth1_consumer_secret)),
            ("oauth1_token", text(&self.oauth1_token)),
            ("oauth1_token_secret", secret(&self.oauth1_token_secret)),
            ("saml_assertion", secret(&self.saml_assertion)),
        ]
    }

    fn given_credentials(&self) -> Vec<&'static str> {
        self.credentials().into_iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name).collect()
    }
}

/// An empty credential is a mistake on the way here, such as a variable that was not set.
fn no_empty_credential(options: &ClientOptions) -> Result<()> {
    match options.credentials().into_iter().find(|(_, value)| *value == Some("")) {
        Some((name, _)) => Err(option(name, "", "something; leave it out where there is none")),
        None => Ok(()),
    }
}

fn overrides(domains: &HashMap<String, String>, sandbox: Option<&SandboxOrigins>) -> Result<HashMap<String, Url>> {
    let check = |(service, host): (&String, &String)| {
        let origin = crate::transport::links::service_origin(host, sandbox.map_or(&[], |sandbox| sandbox.trusted.as_slice()))
            .map_err(|error| {
                error.with(|details| details.message = format!("The option `domains[{service:?}]`: {}", details.message))
            })?;
        Ok((service.clone(), origin))
    };
    domains.iter().map(check).collect()
}

fn apply_sandbox(line: &str, options: &mut ClientOptions) -> Result<SandboxOrigins> {
    let wrong = |reason: &str| {
        LpchatError::new(Code::InvalidOption)
            .with_message(format!("The option `sandbox` is not the line that `lpchat-sandbox` prints: {reason}."))
    };
    let line: SandboxLine = serde_json::from_str(line)
        .map_err(|error| wrong(&format!("JSON error at line {}, column {}", error.line(), error.column())))?;
    if line.kind != "lpchat-sandbox" {
        return Err(wrong("its member `kind` is another"));
    }
    let loopback = |origin: &String| {
        let url = Url::parse(origin).map_err(|_| wrong(&format!("{origin:?} is no address")))?;
        let local = matches!(url.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback())
            || matches!(url.host(), Some(url::Host::Ipv6(ip)) if ip.is_loopback());
        // An origin and nothing else: user information would be sent along, a path would be dropped.
        let bare = url.origin().ascii_serialization() == url.as_str().trim_end_matches('/');
        if local && bare && url.scheme() == "http" {
            Ok(url)
        } else {
            Err(wrong(&format!("{origin:?} is not a loopback origin")))
        }
    };
    let trusted = line.origins.iter().map(loopback).collect::<Result<Vec<_>>>()?;
    let domain = loopback(&line.domain_origin)?;
    let text = |slot: &mut Option<Text>, value: Option<String>| *slot = slot.take().or(value.map(Text::from));
    let secret = |slot: &mut Option<Secret>, value: Option<String>| *slot = slot.take().or(value.map(Secret::from));
    text(&mut options.account_id, Some(line.account_id));
    secret(&mut options.app_key, line.app_key);
    text(&mut options.client_id, line.client_id);
    secret(&mut options.client_secret, line.client_secret);
    text(&mut options.username, line.username);
    secret(&mut options.password, line.password);
    text(&mut options.oauth1_consumer_key, line.oauth1_consumer_key);
    secret(&mut options.oauth1_consumer_secret, line.oauth1_consumer_secret);
    text(&mut options.oauth1_token, line.oauth1_token);
    secret(&mut options.oauth1_token_secret, line.oauth1_token_secret);
    Ok(SandboxOrigins { domain, trusted })
}

/// Fills what is absent from the environment, else from the profile file.
fn apply_outside(options: &mut ClientOptions, environment: &Environment) -> Result<()> {
    let profile = if options.account_id.is_none() && environment.variables.get("LPCHAT_ACCOUNT_ID").is_none() {
        read_profile(options.profile.as_deref(), environment)?
    } else {
        HashMap::new()
    };
    let find = |name: &str| {
        environment.variables.get(&format!("LPCHAT_{}", name.to_ascii_uppercase())).or_else(|| profile.get(name).cloned())
    };
    macro_rules! fill {
        ($($name:ident),*) => {$(
            if options.$name.is_none() {
                options.$name = find(stringify!($name)).map(Into::into);
            }
        )*};
    }
    fill!(account_id, app_key, client_id, client_secret, username, password, bearer);
    fill!(oauth1_consumer_key, oauth1_consumer_secret, oauth1_token, oauth1_token_secret, source, ca_file);
    if options.timeout.is_none()
        && let Some(text) = find("timeout")
    {
        let seconds = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        options.timeout = Some(seconds.ok_or_else(|| option("timeout", &text, "a number of seconds, such as `30` or `2.5`"))?);
    }
    Ok(())
}

/// The keys a profile may hold.
const PROFILE_KEYS: [&str; 14] = [
    "account_id",
    "app_key",
    "client_id",
    "client_secret",
    "username",
    "password",
    "bearer",
    "oauth1_consumer_key",
    "oauth1_consumer_secret",
    "oauth1_token",
    "oauth1_token_secret",
    "source",
    "ca_file",
    "timeout",
];

fn read_profile(asked: Option<&str>, environment: &Environment) -> Result<HashMap<String, String>> {
    let name = asked.map(str::to_owned).or_else(|| environment.variables.get("LPCHAT_PROFILE"));
    let folder = environment
        .variables
        .get("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(environment.variables.get("HOME")?).join(".config")));
    let path = folder.map(|folder| folder.join("lpchat").join("config.toml"));
    let text = match path.as_ref().map(|path| environment.files.read(path)) {
        Some(Ok(text)) => text,
        Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(LpchatError::new(Code::InvalidProfile)
                .with_message("The profile file exists but cannot be read.")
                .with_cause(error));
        }
        _ if name.is_some() => {
            let file = path.map_or_else(|| "lpchat/config.toml".to_owned(), |path| path.display().to_string());
            return Err(LpchatError::new(Code::InvalidProfile)
                .with_message(format!("The profile {:?} was asked for, but there is no {file}.", name.unwrap_or_default())));
        }
        _ => return Ok(HashMap::new()),
    };
    profile_values(&text, name.as_deref())
}

fn profile_values(text: &str, name: Option<&str>) -> Result<HashMap<String, String>> {
    let wrong = |reason: String| {
        LpchatError::new(Code::InvalidProfile).with_message(format!("The profile file lpchat/config.toml: {reason}."))
    };
    let document: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
        wrong(format!("not valid TOML near line {line}"))
    })?;
    let chosen = name.unwrap_or("default");
    let profile = document.get("profiles").and_then(|profiles| profiles.get(chosen)).and_then(toml::Value::as_table);
    let Some(profile) = profile else {
        return if name.is_some() { Err(wrong(format!("it has no table [profiles.{chosen}]"))) } else { Ok(HashMap::new()) };
    };
    let value = |(key, value): (&String, &toml::Value)| {
        if !PROFILE_KEYS.contains(&key.as_str()) {
            return Err(wrong(format!("[profiles.{chosen}] has the key `{key}`; known are {}", PROFILE_KEYS.join(", "))));
        }
        match value {
            toml::Value::String(text) => Ok((key.clone(), text.clone())),
            toml::Value::Integer(number) => Ok((key.clone(), number.to_string())),
            toml::Value::Float(number) => Ok((key.clone(), number.to_string())),
            _ => Err(wrong(format!("`{key}` in [profiles.{chosen}] must be a text or a number"))),
        }
    };
    profile.iter().map(value).collect()
}
