//! What users may set.

use std::collections::HashMap;
use std::time::Duration;

use lpchat_macros::model;

use crate::live::ChatsOnClose;
use crate::secret::Secret;
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

    pub(super) fn given_credentials(&self) -> Vec<&'static str> {
        self.credentials().into_iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name).collect()
    }
}
