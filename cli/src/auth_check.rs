//! `lpchat auth check`: which of the configured credentials works for which API, and why not.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use lpchat::{CallOptions, Client, ClientOptions, Code, Family, LpchatError, SearchQuery, Timestamp};
use serde_json::{Map, Value, json};

use crate::arguments::AuthCheckArguments;
use crate::connection::{Connection, with_client};
use crate::failure::{Failure, message};
use crate::lens::Lens;
use crate::notice::Progress;
use crate::output::Output;
use crate::table::{Column, Table};
use crate::text::{counted, visible_line};

/// A kind of credential: what the core calls it is its options, joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    AppKey,
    OAuth2,
    Bearer,
    UserLogin,
    OAuth1,
}

impl Scheme {
    const ALL: [Self; 5] = [Self::AppKey, Self::OAuth2, Self::Bearer, Self::UserLogin, Self::OAuth1];

    /// The options that make it together.
    const fn options(self) -> &'static [&'static str] {
        match self {
            Self::AppKey => &["app_key"],
            Self::OAuth2 => &["client_id", "client_secret"],
            Self::Bearer => &["bearer"],
            Self::UserLogin => &["username", "password"],
            Self::OAuth1 => &["oauth1_consumer_key", "oauth1_consumer_secret", "oauth1_token", "oauth1_token_secret"],
        }
    }

    fn name(self) -> String {
        self.options().join(" + ")
    }

    /// Its name where there is little room.
    fn label(self) -> String {
        if self == Self::OAuth1 { "oauth1_…".to_owned() } else { self.name() }
    }
}

/// How far back engagements are counted.
const LOOK_BACK: Duration = Duration::from_secs(10 * 60);
/// No chat has this id.
const NO_CHAT: &str = "lpchat-auth-check";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Api {
    Visitor,
    Agent,
    History,
}

impl Api {
    const fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Agent => "agent",
            Self::History => "history",
        }
    }
}

/// What came of trying one credential with one API.
#[derive(Debug, Clone)]
enum Verdict {
    Works(String),
    /// It cannot be tried without doing something.
    Untried(String),
    Fails(Box<LpchatError>),
    /// A part of it is missing.
    Lacks(String),
}

struct Check {
    api: Api,
    scheme: Scheme,
    verdict: Verdict,
}

pub fn run(connection: &Connection, arguments: &AuthCheckArguments, output: &mut Output) -> Result<(), Failure> {
    let progress = Progress::new();
    let given = given(connection.options())?;
    let mut checks = Vec::new();
    for scheme in Scheme::ALL.into_iter().filter(|scheme| scheme.options().iter().any(|option| given.contains(*option))) {
        progress.show(&format!("Trying {}…", scheme.label()));
        checks.extend(check(connection.options(), scheme, &given)?);
    }
    progress.clear();
    if checks.is_empty() {
        return Err(Failure::configuration(
            "No credential is configured.",
            "Set variables such as LPCHAT_APP_KEY, or a profile in lpchat/config.toml; `lpchat --help` lists them.",
        ));
    }
    checks.sort_by_key(|check| check.api as u8);
    if arguments.json {
        checks.iter().try_for_each(|check| output.json(&check.json().to_string()))?;
    } else {
        write_table(&checks, output)?;
    }
    output.flush()?;
    verdict(&checks)
}

/// Names of the options that are configured.
fn given(options: &ClientOptions) -> Result<BTreeSet<String>, Failure> {
    let lens = Lens::new(options.profile.as_deref().map(str::to_owned), BTreeSet::new());
    // Making a client reads the whole configuration, and refuses what is wrong with it.
    let client = Client::with_environment(options.clone(), lens.environment())?;
    if client.account_id().is_none() {
        return Err(Failure::no_account());
    }
    Ok(match &options.sandbox {
        Some(line) => sandbox_members(line).into_iter().map(|(name, _)| name).collect(),
        None => lens.seen(),
    })
}

fn sandbox_members(line: &str) -> Map<String, Value> {
    serde_json::from_str(line).unwrap_or_default()
}

/// Tries one credential, with nothing else configured, on all APIs.
fn check(options: &ClientOptions, scheme: Scheme, given: &BTreeSet<String>) -> Result<Vec<Check>, Failure> {
    let checks =
        |verdicts: [(Api, Verdict); 3]| verdicts.into_iter().map(|(api, verdict)| Check { api, scheme, verdict }).collect();
    let missing: Vec<&str> = scheme.options().iter().copied().filter(|option| !given.contains(*option)).collect();
    if !missing.is_empty() {
        let lacks = || Verdict::Lacks(format!("missing: {}", missing.join(", ")));
        return Ok(checks([(Api::Visitor, lacks()), (Api::Agent, lacks()), (Api::History, lacks())]));
    }
    let hidden: BTreeSet<String> = Scheme::ALL
        .into_iter()
        .filter(|other| *other != scheme)
        .flat_map(Scheme::options)
        .map(|option| (*option).to_owned())
        .collect();
    let mut options = options.clone();
    if let Some(line) = &options.sandbox {
        let mut members = sandbox_members(line);
        members.retain(|name, _| !hidden.contains(name));
        options.sandbox = Some(Value::Object(members).to_string().into());
    }
    let lens = Lens::new(options.profile.as_deref().map(str::to_owned), hidden);
    Ok(with_client(options, lens.environment(), |client| {
        let agent = agent(client, scheme);
        // A login that was refused is not tried again: the vendor throttles logins and blocks users.
        let history = match &agent {
            Verdict::Fails(error) if scheme == Scheme::UserLogin => Verdict::Fails(error.clone()),
            _ => history(client),
        };
        checks([(Api::Visitor, visitor(client)), (Api::Agent, agent), (Api::History, history)])
    })?)
}

/// Nothing is repeated: whoever checks credentials wants to hear of a failure at once.
fn once() -> Option<CallOptions> {
    Some(CallOptions { retries: Some(0), ..CallOptions::default() })
}

/// The visitor API has no call that only identifies the caller, and starting a chat would ring an agent. So we ask for
/// the events of a chat that does not exist: 401 means that the service refuses the key, 404 that it took the key and
/// then found no such chat.
fn visitor(client: &Client) -> Verdict {
    let answer = client.visitor().chat(NO_CHAT.into()).and_then(|chat| chat.retrieve_events_with(None, once()));
    match answer {
        Ok(_) => Verdict::Works("accepted".to_owned()),
        Err(error) if error.code() == Code::ChatGone => Verdict::Works("accepted".to_owned()),
        Err(error) => Verdict::Fails(Box::new(error)),
    }
}

/// Logs in; closing the client logs out. Neither touches other logins of the same user.
fn agent(client: &Client, scheme: Scheme) -> Verdict {
    if scheme == Scheme::Bearer {
        let reason = "a ready-made bearer can be tried only by starting an agent session, which changes the agent's state";
        return Verdict::Untried(reason.to_owned());
    }
    match client.agent().login_with(once()) {
        Ok(login) => Verdict::Works(format!("logged in as {}", login.login_name.as_deref().unwrap_or("this user"))),
        Err(error) => Verdict::Fails(Box::new(error)),
    }
}

/// Counts the engagements of the last ten minutes.
fn history(client: &Client) -> Verdict {
    let now = Timestamp::from(SystemTime::now());
    let query = SearchQuery { start: Some(now.minus(LOOK_BACK)), end: Some(now), ..SearchQuery::default() };
    match client.history().count_with(query, once()) {
        Ok(count) => Verdict::Works(format!("{} in the last ten minutes", counted(count, "engagement"))),
        Err(error) => Verdict::Fails(Box::new(error)),
    }
}

impl Check {
    /// Why it works or not, in a line. Of the core's error about a credential of the wrong kind, which lists what the
    /// API would take, only the sentence about this credential.
    fn reason(&self) -> String {
        match &self.verdict {
            Verdict::Works(reason) | Verdict::Untried(reason) | Verdict::Lacks(reason) => reason.clone(),
            Verdict::Fails(error) if error.code() == Code::UnusableCredential => {
                let text = &error.details().message;
                text.split_once(&format!("Given is {}: ", self.scheme.name()))
                    .map_or(text.as_str(), |(_, reason)| reason)
                    .to_owned()
            }
            Verdict::Fails(error) => {
                let hint = &error.details().hint;
                [message(error).as_str(), hint].join(" ").trim().to_owned()
            }
        }
    }

    fn works(&self) -> Option<bool> {
        match self.verdict {
            Verdict::Works(_) => Some(true),
            Verdict::Untried(_) => None,
            Verdict::Fails(_) | Verdict::Lacks(_) => Some(false),
        }
    }

    fn error(&self) -> Option<&LpchatError> {
        match &self.verdict {
            Verdict::Fails(error) => Some(error),
            _ => None,
        }
    }

    fn json(&self) -> Value {
        json!({
            "api": self.api.name(),
            "credential": self.scheme.name(),
            "works": self.works(),
            "reason": self.reason(),
            "error": self.error().map(|error| error.code().name()),
        })
    }
}

fn write_table(checks: &[Check], output: &mut Output) -> Result<(), Failure> {
    let row = |check: &Check| {
        let tick = match check.works() {
            Some(true) => "✓",
            Some(false) if check.error().is_some_and(|error| error.code() == Code::UnusableCredential) => "–",
            Some(false) => "✗",
            None => "?",
        };
        vec![tick.to_owned(), check.api.name().to_owned(), check.scheme.label(), visible_line(&check.reason())]
    };
    let rows: Vec<Vec<String>> = checks.iter().map(row).collect();
    let columns = vec![Column::left(""), Column::left("API"), Column::left("CREDENTIAL"), Column::wrap("REASON")];
    Table::fitting(columns, &rows, output.width()).write(&rows, output)
}

/// A success when anything works, else the first failure that came from the service.
fn verdict(checks: &[Check]) -> Result<(), Failure> {
    if checks.iter().any(|check| check.works() == Some(true)) {
        return Ok(());
    }
    let families = checks.iter().filter_map(Check::error).map(LpchatError::family);
    let family = families.into_iter().find(|family| *family != Family::Configuration).unwrap_or(Family::Configuration);
    Err(Failure::Own { family, message: "None of the configured credentials works for any API.".to_owned(), hint: "" })
}
