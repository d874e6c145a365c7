//! The command line.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::time::Duration;

use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand};

pub use crate::talk_arguments::{AgentArguments, ChatArguments};

use crate::history::HistoryCommand;

const AFTER_HELP: &str = "\
Configuration: options, else variables (LPCHAT_ACCOUNT_ID, LPCHAT_APP_KEY, LPCHAT_CLIENT_ID, LPCHAT_CLIENT_SECRET, \
LPCHAT_USERNAME, LPCHAT_PASSWORD, LPCHAT_BEARER, LPCHAT_OAUTH1_CONSUMER_KEY, LPCHAT_OAUTH1_CONSUMER_SECRET, \
LPCHAT_OAUTH1_TOKEN, LPCHAT_OAUTH1_TOKEN_SECRET, LPCHAT_SOURCE, LPCHAT_CA_FILE, LPCHAT_TIMEOUT), else the profile file \
$XDG_CONFIG_HOME/lpchat/config.toml, table [profiles.NAME], with the same names in lower case.

There are no options for secrets: every user of a machine can read the command lines of its processes, and shells keep \
them in their history. Secrets come from variables or from the profile file only; the key of --redact from LPCHAT_REDACT_HASH_KEY.

Exit codes: 0 success, 1 output cannot be written, 2 wrong usage, 3 configuration, 4 connection, 5 timeout, \
6 authentication, 7 permission, 8 not found, 9 rate limited, 10 rejected, 11 server, 12 decode, 13 incomplete, \
14 outcome unknown, 15 chat state, 16 cancelled, 17 closed, 18 internal, 130 Ctrl-C.";

/// LivePerson's legacy chat and engagement history on the command line. Unofficial.
///
/// Without an account: `lpchat --with-sandbox chat --skill Sales`.
#[derive(Debug, Parser)]
#[command(name = "lpchat", version, after_help = AFTER_HELP, max_term_width = 110, args_override_self = true)]
pub struct Arguments {
    #[command(flatten)]
    pub global: GlobalOptions,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command that needs an account.
#[derive(Debug, Args)]
pub struct GlobalOptions {
    /// The account (site) id; the profile file is not read then
    #[arg(long, global = true, value_name = "ID", help_heading = "Connection")]
    pub account_id: Option<String>,
    /// The profile to read instead of `LPCHAT_PROFILE`, else `default`
    #[arg(long, global = true, value_name = "NAME", help_heading = "Connection")]
    pub profile: Option<String>,
    /// Talk to a running sandbox: the line that `lpchat sandbox` printed, or @FILE that holds it
    #[arg(long, global = true, value_name = "LINE|@FILE", help_heading = "Connection")]
    pub sandbox_config: Option<String>,
    /// Talk to a sandbox that runs for this command only; needs no account
    #[arg(long, global = true, help_heading = "Connection")]
    pub with_sandbox: bool,
    /// Time for one call with all its attempts and pauses; 120 when absent
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, help_heading = "Connection")]
    pub timeout: Option<Duration>,
    /// Log on standard error: -v calls that were slow or repeated, -vv every attempt; warnings always
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the sandbox: the whole service on this machine, without an account
    ///
    /// Finds the executable `lpchat-sandbox` (variable LPCHAT_SANDBOX, beside `lpchat`, PATH) and runs it. It prints one
    /// line of configuration for `--sandbox-config`, and ends on Ctrl-C or when its standard input closes.
    Sandbox {
        /// Options of the sandbox, such as `-- --port 8080 --seed 7`; `-- --help` lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
    /// Show the account's services and their hosts
    Domains(DomainsArguments),
    /// Credentials
    Auth {
        #[command(subcommand)]
        command: AuthCommand,
    },
    /// Engagement history
    History {
        #[command(subcommand)]
        command: HistoryCommand,
    },
    /// Chat as a visitor
    ///
    /// Lines from standard input are sent once an agent has accepted the chat; `/help` lists the commands among them. On a
    /// terminal, `/end`, Ctrl-D or Ctrl-C ends the chat. Otherwise all lines are sent, then the chat ends when nothing has
    /// come in for a while.
    #[command(after_long_help = format!("Commands among the lines:\n{}", crate::chat::HELP))]
    Chat(Box<ChatArguments>),
    /// Take chats as an agent
    ///
    /// Logs in, goes online and shows what rings: `/accept` takes it, `/help` lists the other commands. Lines go to the
    /// current chat. `/quit`, Ctrl-D or Ctrl-C goes away and logs out; chats that are open go back to the queue then.
    #[command(after_long_help = format!("Commands among the lines:\n{}", crate::agent::HELP))]
    Agent(AgentArguments),
}

#[derive(Debug, Subcommand)]
pub enum AuthCommand {
    /// Try which of the configured credentials works for which API, and say why not
    ///
    /// Each credential is tried alone, with a call that changes nothing: the agent API by logging in and out again,
    /// engagement history by counting the last ten minutes, the visitor API by asking for a chat that does not exist.
    /// Succeeds when at least one credential works for at least one API.
    Check(AuthCheckArguments),
}

#[derive(Debug, Args)]
pub struct DomainsArguments {
    /// Show the host of this service only, such as `engHistDomain`; case-sensitive
    pub service: Option<String>,
    /// The service's own JSON, one service a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct AuthCheckArguments {
    /// One JSON object a line: api, credential, works (true, false, or null where it cannot be tried), reason, error
    #[arg(long)]
    pub json: bool,
}

/// Reads a number of seconds.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let duration = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "give a number of seconds greater than 0, such as `30` or `2.5`".to_owned())
}

/// Reads a whole number; the library knows which of them make sense.
pub fn number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "give a whole number in digits, such as `20`".to_owned())
}

/// Reads a whole number of a range.
pub fn number_of(range: RangeInclusive<u32>) -> impl Fn(&str) -> Result<u32, String> + Clone {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("give a whole number from {} to {}, in digits", range.start(), range.end()))
    }
}

/// The text with the library's names of options and arguments, such as `page_size`, as the options that they are here.
pub fn as_options(text: &str) -> String {
    let command = Arguments::command();
    let name = |piece: &str| {
        let id = if piece == "sandbox" { "sandbox_config" } else { piece };
        option(&command, id).map_or_else(|| piece.to_owned(), |long| format!("--{long}"))
    };
    // Every other piece stands in backticks.
    let pieces = text.split('`').enumerate().map(|(index, piece)| if index % 2 == 1 { name(piece) } else { piece.to_owned() });
    pieces.collect::<Vec<_>>().join("`")
}

/// What the option of this field is called, here or in a command below.
fn option(command: &clap::Command, id: &str) -> Option<String> {
    let own = command.get_arguments().find(|argument| argument.get_id() == id);
    let long = own.and_then(|argument| argument.get_long()).map(str::to_owned);
    long.or_else(|| command.get_subcommands().find_map(|below| option(below, id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn fields_become_options() {
        let text = "`page_size` is 500, `prediction_labels`, `sandbox`, `start:asc`, `visitor`, `ca_file`, `unpaired timeout";
        let expected = "`--page-size` is 500, `--prediction-label`, `--sandbox-config`, `start:asc`, `visitor`, `ca_file`, `unpaired timeout";
        assert_eq!(as_options(text), expected);
    }
}
