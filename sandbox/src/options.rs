//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::switches::Switches;
use crate::times;

/// An emulator of LivePerson's legacy chat and engagement history services, on loopback.
///
/// It prints one line of JSON with its address and credentials, then serves until its standard input closes or it is
/// interrupted. No account and no internet are needed.
#[derive(Debug, Clone, Parser)]
#[command(name = "lpchat-sandbox", version)]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes a free one, which the first output line names
    #[arg(long, default_value_t = 0)]
    pub port: u16,

    /// All data, ids and credentials follow from it: same seed and base date, same bytes
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Generated engagements are over two hours before this day starts (UTC). When given, the sandbox's clock starts at
    /// noon of that day; otherwise it is the real time and the day is today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_base_date)]
    pub base_date: Option<i64>,

    /// Number of engagement records generated, spread over 13 months
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub engagements: u32,

    /// SQLite file that keeps the history between runs; without it everything is forgotten at the end
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,

    /// The account id
    #[arg(long, default_value = "12345678", value_parser = parse_account)]
    pub account: String,

    /// JSON file of rules for the scripted agents; see the README, "Scripted agents"
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,

    /// Changes a behaviour; may be repeated. See --list-switches
    #[arg(long = "switch", value_name = "NAME=VALUE", value_parser = parse_switch)]
    pub switches: Vec<(String, String)>,

    /// Prints every switch with its default, its values and the open question it stands for, and exits
    #[arg(long)]
    pub list_switches: bool,

    /// Goes on when standard input closes, for runs in the background; end it with a signal
    #[arg(long)]
    pub ignore_stdin: bool,
}

impl Options {
    /// The switches as asked for. Names and values were checked when they were parsed.
    pub fn switches(&self) -> Switches {
        let mut switches = Switches::default();
        for (name, value) in &self.switches {
            switches.set(name, value).expect("checked by the parser");
        }
        switches
    }
}

fn parse_base_date(text: &str) -> Result<i64, String> {
    times::parse_date(text).ok_or_else(|| "a calendar date is needed, such as 2026-11-22".to_owned())
}

/// docs/protocol/visitor-chat-api.md, "How to read this": the form of an account id.
fn parse_account(text: &str) -> Result<String, String> {
    let fits = (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    fits.then(|| text.to_owned()).ok_or_else(|| "1 to 20 letters, digits or underscores are needed, such as 12345678".to_owned())
}

fn parse_switch(text: &str) -> Result<(String, String), String> {
    let Some((name, value)) = text.split_once('=') else {
        return Err("NAME=VALUE is needed, such as agent_accept_ms=50".to_owned());
    };
    Switches::default().set(name, value)?;
    Ok((name.to_owned(), value.to_owned()))
}
