//! What an export did, and how far it is.

use std::fmt;

use lpchat_macros::model;

use super::format::ExportFormat;
use crate::history::report::{HistoryReport, WindowReport, gap_line};
use crate::wire::{Text, Timestamp};

/// How far an export is.
#[model(plain)]
pub struct ExportProgress {
    /// The start of the day that was read last, in UTC.
    pub day: Timestamp,
    /// How many days were read.
    pub days_read: i64,
    /// How many days there are to be read.
    pub days: i64,
    /// How many records were read.
    pub records: i64,
}

/// What a run of an export did. It is stored as `report.json` beside the data.
#[model(plain)]
pub struct ExportReport {
    /// The folder.
    pub directory: Text,
    /// What the export is written as.
    pub format: ExportFormat,
    /// The start of the range that was asked for.
    pub start: Timestamp,
    /// The end of the range, not included.
    pub end: Timestamp,
    /// Whether the run is at its end.
    pub is_finished: bool,
    /// Whether nothing is missing in the whole export, days of earlier runs included.
    pub is_complete: bool,
    /// Days read by this run.
    pub days_read: i64,
    /// Days whose data is new or has changed.
    pub days_changed: i64,
    /// Records read by this run.
    pub records: i64,
    /// Those of them that cannot be read. They are kept as the service sent them.
    pub unreadable_records: i64,
    /// Records in the whole export.
    pub total_records: i64,
    /// Files written by this run.
    pub parts_written: i64,
    /// Their size in bytes.
    pub bytes_written: i64,
    /// Parts of the range from which records are missing.
    pub gaps: Vec<WindowReport>,
    /// What reading took.
    pub history: HistoryReport,
    /// All of it in a few lines, for people.
    pub summary: Text,
}

impl ExportReport {
    /// The report as it is handed out.
    pub(super) fn summed_up(&self) -> Self {
        let mut report = self.clone();
        report.history = report.history.summed_up();
        report.summary = report.to_string().into();
        report
    }
}

/// So many gaps are named one by one.
const NAMED_GAPS: usize = 10;

impl fmt::Display for ExportReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match (self.is_finished, self.is_complete) {
            (false, _) => "Not finished",
            (true, false) => "INCOMPLETE",
            (true, true) => "Complete",
        };
        write!(
            formatter,
            "{state}: {} records in {}. This run read {} days from {} to {}, {} records; {} days are new or changed; it \
             wrote {} files of {} bytes in {:.1} s, with {} requests.",
            self.total_records,
            self.directory,
            self.days_read,
            self.start,
            self.end,
            self.records,
            self.days_changed,
            self.parts_written,
            self.bytes_written,
            self.history.duration.as_secs_f64(),
            self.history.requests
        )?;
        if self.unreadable_records > 0 {
            write!(formatter, " {} records cannot be read and are kept as they were sent.", self.unreadable_records)?;
        }
        self.gaps.iter().take(NAMED_GAPS).try_for_each(|gap| write!(formatter, "\n{}", gap_line(gap)))?;
        if self.gaps.len() > NAMED_GAPS {
            write!(formatter, "\n… and {} more gaps", self.gaps.len() - NAMED_GAPS)?;
        }
        self.history.warnings.iter().try_for_each(|warning| write!(formatter, "\nWarning: {warning}"))
    }
}
