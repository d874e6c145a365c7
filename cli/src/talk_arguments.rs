//! The options of `chat` and `agent`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::arguments::{number, number_of, seconds};

const REQUEST: &str = "What the chat is asked for with";

#[derive(Debug, Args)]
pub struct ChatArguments {
    /// Name of the skill
    #[arg(long, help_heading = REQUEST)]
    pub skill: Option<String>,
    /// Login name of the agent, instead of a skill
    #[arg(long, value_name = "LOGIN", help_heading = REQUEST)]
    pub agent: Option<String>,
    /// A line shown to the agent when the chat begins; may be repeated
    #[arg(long = "pre-chat-line", value_name = "TEXT", help_heading = REQUEST)]
    pub pre_chat_lines: Vec<String>,
    /// Your name, as the agent sees it
    #[arg(long, value_name = "NAME", help_heading = REQUEST)]
    pub visitor_name: Option<String>,
    /// An answer to the pre-chat survey, by the id of the question; may be repeated
    #[arg(long = "answer", value_name = "QUESTION=TEXT", value_parser = pair, help_heading = REQUEST)]
    pub answers: Vec<(String, String)>,
    /// A custom variable; may be repeated
    #[arg(long = "custom-variable", value_name = "NAME=VALUE", value_parser = pair, help_heading = REQUEST)]
    pub custom_variables: Vec<(String, String)>,
    /// Language of the system's lines, such as `en-US`
    #[arg(long, help_heading = REQUEST)]
    pub language: Option<String>,
    /// Where the chat was asked for; any text
    #[arg(long, value_name = "TEXT", help_heading = REQUEST)]
    pub referrer: Option<String>,
    /// The longest wait that you would accept, as a wish to the service
    #[arg(long, value_name = "SECONDS", value_parser = number, help_heading = REQUEST)]
    pub max_wait: Option<i64>,
    /// Go on with the chat that `/save` or --keep wrote to this file, and keep it there
    #[arg(long, value_name = "FILE", conflicts_with_all = ["skill", "agent", "pre_chat_lines", "visitor_name", "answers", "custom_variables", "language", "referrer", "max_wait", "keep"])]
    pub resume: Option<PathBuf>,
    /// Keep the chat in this file from the start, so that --resume goes on even if this process is killed. Whoever has the
    /// file can read and write the chat; it is removed when the chat ends
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,
    /// Have the transcript sent by e-mail when the chat has ended
    #[arg(long, value_name = "ADDRESS")]
    pub transcript: Option<String>,
    /// Time between two looks at the chat; when absent 2000, and 5000 while nothing comes; 500 with a sandbox
    #[arg(long, value_name = "MILLISECONDS", value_parser = number_of(50..=20_000))]
    pub poll_ms: Option<u32>,
    /// Input that is no terminal: end when nothing has come in for so long after the last line was sent
    #[arg(long, value_name = "MILLISECONDS", value_parser = number_of(0..=u32::MAX), default_value = "3000")]
    pub quiet_ms: u32,
    /// Give up when no agent is there after so long; waits for ever when absent
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub agent_timeout: Option<Duration>,
    /// For programs: the service's own JSON, one event a line, pre-chat lines and own lines included; beside it lpchat's own
    /// `typing`, `degraded`, `recovered`, `info`, `note` and `error`
    #[arg(long)]
    pub json: bool,
}

/// Whether an agent takes chats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Availability {
    /// Takes chats from the queue
    Online,
    /// Takes chats that others transfer, and no others
    Occupied,
    /// Takes none
    Away,
}

#[derive(Debug, Args)]
pub struct AgentArguments {
    /// Login name, instead of the configured one; the password comes from the configuration
    #[arg(long, value_name = "LOGIN")]
    pub username: Option<String>,
    /// Availability at the start
    #[arg(long, value_name = "STATE", value_enum, default_value_t = Availability::Online)]
    pub state: Availability,
    /// Id of the account's reason for being away
    #[arg(long, value_name = "ID")]
    pub reason: Option<String>,
    /// Accept every chat that rings
    #[arg(long)]
    pub accept_all: bool,
    /// Keep every open chat in this folder, and go on with those that are there: even if this process is killed, no line is
    /// lost or sent twice. Ctrl-C then leaves open chats with the agent, for as long as the service keeps the login, instead of
    /// giving them back. Whoever has the files can read and write the chats; each is removed when its chat is closed
    #[arg(long, value_name = "FOLDER")]
    pub keep: Option<PathBuf>,
    /// With so many chats open, be occupied: the service sends no more then, apart from those that others transfer. The limit
    /// that the account sets for the agent stands beside it
    #[arg(long, value_name = "COUNT", value_parser = number_of(1..=1000))]
    pub max_chats: Option<u32>,
    /// Time between two looks at chats and rings; when absent 2000, and 5000 for chats where nothing comes; 500 with a sandbox
    #[arg(long, value_name = "MILLISECONDS", value_parser = number_of(50..=20_000))]
    pub poll_ms: Option<u32>,
    /// For programs: one JSON object a line, also for commands: `{"command":"say","chat":1,"text":"Hello"}`, or `/help` and its kin
    #[arg(long)]
    pub json: bool,
}

/// Reads `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("give a name, an equals sign and a value, such as `colour=blue`".to_owned()),
    }
}
