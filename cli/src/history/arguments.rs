//! The commands about history, and their options.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use lpchat::{SearchQuery, Text, Timestamp};

use super::filters::{Filters, Range, RedactionArguments};
use crate::arguments::{number, seconds};

#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// Search engagements: a table for people, or JSON Lines
    Search(Box<SearchArguments>),
    /// How many engagements match, as the service counts: it rounds the range to ten minutes
    Count(Box<CountArguments>),
    /// Export engagements into a folder: Parquet or JSON Lines, by table and day
    ///
    /// An export that was broken off, however it was, goes on from what is safely there. One that is repeated with a later
    /// --end adds what is new, and reads those days again that had not settled or lack engagements. `manifest.json` says
    /// what the folder holds, `report.json` what the last run did.
    Export(Box<ExportArguments>),
    /// Verify an export: every file's bytes and rows, and the service's counts of all days that had settled
    ///
    /// Changes nothing. Exit code 13 when something differs.
    Verify(VerifyArguments),
    /// What is new or has changed since an instant: a table for people, or JSON Lines
    ///
    /// The service shows a chat only after its end, and adds to it for two hours. At the end stands the instant to go on
    /// from, on standard error. Engagements that were still being added to come again.
    Tail(Box<TailArguments>),
}

/// Names and meanings are those of `lpchat::SearchQuery`.
#[derive(Debug, Args)]
pub struct SearchArguments {
    #[command(flatten)]
    range: Range,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    redaction: RedactionArguments,
    /// Order, such as start:asc,duration:desc; fields: start, end, duration, visitor, engagementId, interactive, agentId,
    /// skillId. By start when absent
    #[arg(long, value_name = "FIELD:DIRECTION,…", value_delimiter = ',', help_heading = "Result")]
    sort: Vec<Text>,
    /// How many engagements to pass over
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true, help_heading = "Result")]
    offset: Option<i64>,
    /// At most so many engagements, for a first look; all when absent
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true, help_heading = "Result")]
    limit: Option<i64>,
    /// Widest window in days, 1 to 28, in which the range is read
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true, help_heading = "Result")]
    window_days: Option<i64>,
    /// Go on where an earlier search of the same range and filters stood: what it said at its end
    #[arg(long, value_name = "TOKEN", help_heading = "Result")]
    resume_token: Option<Text>,
    /// Only how many engagements match, as the service counts: it rounds the range to ten minutes
    #[arg(long, conflicts_with_all = ["offset", "limit", "page_size", "sort"], help_heading = "Result")]
    pub count: bool,
    /// JSON Lines: one engagement a line, the service's own JSON with nothing left out
    #[arg(long, help_heading = "Result")]
    pub json: bool,
}

impl SearchArguments {
    pub fn into_query(self) -> SearchQuery {
        SearchQuery {
            sort: self.sort,
            offset: self.offset,
            limit: self.limit,
            window_days: self.window_days,
            resume_token: self.resume_token,
            redact: self.redaction.into_redaction(),
            ..self.filters.into_query(self.range)
        }
    }
}

#[derive(Debug, Args)]
pub struct CountArguments {
    #[command(flatten)]
    range: Range,
    #[command(flatten)]
    filters: Filters,
    /// A JSON object with the member `count`
    #[arg(long, help_heading = "Result")]
    pub json: bool,
}

impl CountArguments {
    pub fn into_query(self) -> SearchQuery {
        self.filters.into_query(self.range)
    }
}

/// What an export is written as.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// A table a folder: engagements, lines, surveys, sdes, …
    Parquet,
    /// The service's own records, one a line
    Jsonl,
}

#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The folder; made where it is not there, else empty or of the same export
    pub directory: PathBuf,
    #[command(flatten)]
    range: Range,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    redaction: RedactionArguments,
    /// What the export is written as
    #[arg(long, value_enum, default_value_t = Format::Parquet, help_heading = "Result")]
    pub format: Format,
    /// Keep in tables what the service writes for "none" ("", NA, the id -1) instead of leaving it out; Parquet only
    #[arg(long, help_heading = "Result")]
    pub keep_placeholders: bool,
    /// Read all of the range again, also days that are there
    #[arg(long, help_heading = "Result")]
    pub restart: bool,
    /// How long after its end a day is read again by later exports, 24 hours when absent. Longer than the longest chat
    #[arg(long, value_name = "HOURS", value_parser = hours, help_heading = "Reading")]
    look_back: Option<Duration>,
    /// The report as a JSON object, times and durations in milliseconds
    #[arg(long, help_heading = "Result")]
    pub json: bool,
}

impl ExportArguments {
    pub fn into_query(self) -> SearchQuery {
        let redact = self.redaction.into_redaction();
        SearchQuery { look_back: self.look_back, redact, ..self.filters.into_query(self.range) }
    }
}

#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// The folder of the export
    pub directory: PathBuf,
    /// The report as a JSON object, times in milliseconds
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct TailArguments {
    /// The instant of the last look, as the last run said at its end; now when absent, which makes sense with --follow
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    pub since: Option<Timestamp>,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    redaction: RedactionArguments,
    /// How far before --since to look, 24 hours when absent. Longer than the longest chat
    #[arg(long, value_name = "HOURS", value_parser = hours, help_heading = "Reading")]
    look_back: Option<Duration>,
    /// Go on looking until Ctrl-C; an engagement that has not changed comes once
    #[arg(long)]
    pub follow: bool,
    /// Time between two looks; 60 when absent
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "follow")]
    pub interval: Option<Duration>,
    /// JSON Lines: one engagement a line, the service's own JSON with nothing left out
    #[arg(long, help_heading = "Result")]
    pub json: bool,
}

impl TailArguments {
    pub fn into_query(self) -> SearchQuery {
        let redact = self.redaction.into_redaction();
        SearchQuery { look_back: self.look_back, redact, ..self.filters.into_query(Range { start: None, end: None }) }
    }
}

/// Reads a number of hours.
fn hours(text: &str) -> Result<Duration, String> {
    const SECONDS_PER_HOUR: f64 = 3600.0;
    let duration = text.parse::<f64>().ok().and_then(|hours| Duration::try_from_secs_f64(hours * SECONDS_PER_HOUR).ok());
    duration.ok_or_else(|| "give a number of hours, such as `24` or `1.5`".to_owned())
}
