//! What ends a command early, and the exit code it becomes.

use std::io;
use std::process::ExitCode;

use lpchat::{Code, Family, LpchatError};

use crate::arguments::as_options;
use crate::notice::say;

/// The output could not be written; no family of the service's errors fits.
const OUTPUT_FAILED: u8 = 1;
/// What the parser of the command line exits with, too.
const WRONG_USAGE: u8 = 2;

const NO_ACCOUNT: &str = "Without an account, --with-sandbox runs a sandbox for this one command.";
const NO_CREDENTIAL: &str = "Credentials come from variables such as LPCHAT_APP_KEY, or from a profile; \
    `lpchat --help` lists them, and `lpchat auth check` tries each.";

#[derive(Debug)]
pub enum Failure {
    /// The core's error.
    Call(LpchatError),
    /// The command line contradicts itself.
    Usage(String),
    /// Trouble of the command line's own.
    Own { family: Family, message: String, hint: &'static str },
    /// Whoever read our output has had enough: no error.
    OutputClosed,
    /// The output could not be written.
    Output(io::Error),
}

impl Failure {
    /// No account is configured.
    pub fn no_account() -> Self {
        Self::configuration(
            "No account is configured: set `--account-id`, or LPCHAT_ACCOUNT_ID, or a profile in lpchat/config.toml.",
            NO_ACCOUNT,
        )
    }

    /// A mistake in the configuration.
    pub fn configuration(message: impl Into<String>, hint: &'static str) -> Self {
        Self::Own { family: Family::Configuration, message: message.into(), hint }
    }

    /// Says on standard error what went wrong, and gives the exit code.
    pub fn report(&self) -> ExitCode {
        match self {
            Self::Call(error) => {
                say_error(error);
                exit_code(error.family())
            }
            Self::Usage(message) => {
                say(&format!("error: {message}"));
                ExitCode::from(WRONG_USAGE)
            }
            Self::Own { family, message, hint } => {
                say(&format!("error: {message}"));
                say_hint(hint);
                exit_code(*family)
            }
            Self::OutputClosed => ExitCode::SUCCESS,
            Self::Output(error) => {
                say(&format!("error: the output cannot be written: {error}"));
                ExitCode::from(OUTPUT_FAILED)
            }
        }
    }
}

/// Says what the core knows of an error: the message, the cause and the hint, each on a line of its own.
pub fn say_error(error: &LpchatError) {
    let details = error.details();
    say(&format!("error: {}", message(error)));
    if let Some(cause) = &details.cause {
        say(&format!("cause: {cause}"));
    }
    say_hint(match error.code() {
        Code::MissingOption => NO_ACCOUNT,
        Code::UnusableCredential => NO_CREDENTIAL,
        _ => &details.hint,
    });
}

fn say_hint(hint: &str) {
    if !hint.is_empty() {
        say(&format!("hint: {}", as_options(hint)));
    }
}

/// The error's text without its hint, in the words of the command line.
pub fn message(error: &LpchatError) -> String {
    let text = error.to_string();
    let hint = format!(" Hint: {}", error.details().hint);
    as_options(text.strip_suffix(&hint).unwrap_or(&text))
}

fn exit_code(family: Family) -> ExitCode {
    ExitCode::from(u8::try_from(family as i32).unwrap_or(OUTPUT_FAILED))
}

impl From<LpchatError> for Failure {
    fn from(error: LpchatError) -> Self {
        Self::Call(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::OutputClosed } else { Self::Output(error) }
    }
}
