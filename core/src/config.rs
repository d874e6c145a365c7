//! Configuration: explicit options, else the environment, else the profile file.

mod options;
mod outside;

use std::collections::HashMap;
use std::time::Duration;

use url::Url;

use crate::auth::Chosen;
use crate::environment::Environment;
use crate::error::{Code, LpchatError, Result};
use crate::live::{ChatsOnClose, Polling};
use crate::secret::Secret;
use crate::transport::{RetryTable, Roots};
pub use options::{CallOptions, ClientOptions, OAuth2};
pub(crate) use outside::SandboxOrigins;
use outside::{apply_outside, apply_sandbox};

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
