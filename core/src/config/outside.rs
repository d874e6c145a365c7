//! What comes from outside: a sandbox's line, the environment, the profile file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::{ClientOptions, option};
use crate::environment::Environment;
use crate::error::{Code, LpchatError, Result};
use crate::secret::Secret;
use crate::wire::Text;

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

/// Fills what is absent from a sandbox's line; gives what that trusts.
pub(super) fn apply_sandbox(line: &str, options: &mut ClientOptions) -> Result<SandboxOrigins> {
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
pub(super) fn apply_outside(options: &mut ClientOptions, environment: &Environment) -> Result<()> {
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
