//! What a search read, and what it could not.

use std::fmt;
use std::time::Duration;

use lpchat_macros::model;

use super::pass::Flaw;
use super::read::Fetched;
use super::window::Window;
use crate::wire::{Text, Timestamp};

/// One window of a search, as it was read.
#[model(plain)]
pub struct WindowReport {
    /// Records of the window start at this instant or later.
    pub start: Timestamp,
    /// Records of the window start before this instant.
    pub end: Timestamp,
    /// The one skill whose records the window holds, where ten minutes hold more than the service hands out.
    pub skill_id: Option<Text>,
    /// How many records the service counts in it, both ends included.
    pub count: Option<i64>,
    /// How many records of it were handed out.
    pub records: i64,
    /// How many pages were read.
    pub pages: i64,
    /// How many times the window was read again.
    pub rereads: i64,
    /// Why the window is incomplete; absent where all is well.
    pub problem: Option<Text>,
}

/// What a search read so far, and what it could not. Nothing is missing where `is_complete` is true.
#[model(plain)]
pub struct HistoryReport {
    /// The start of the range.
    pub start: Option<Timestamp>,
    /// The end of the range, not included.
    pub end: Option<Timestamp>,
    /// Whether the search is at its end.
    pub is_finished: bool,
    /// Whether everything in the range was read and nothing is missing.
    pub is_complete: bool,
    /// Whether the query's `limit` ended the search.
    pub is_limited: bool,
    /// Records handed out.
    pub records: i64,
    /// Records handed out that cannot be read.
    pub unreadable_records: i64,
    /// How many records the service counts in all windows read: those just outside the range are in it.
    pub counted: i64,
    /// Pages read.
    pub pages: i64,
    /// Pages, windows and records that were read again because something was missing.
    pub rereads: i64,
    /// Records that came cut and were then read whole.
    pub completed_records: i64,
    /// Records left out because they had been handed out before.
    pub repeated_records: i64,
    /// Records left out because they started outside the range.
    pub records_outside_range: i64,
    /// Records left out because they have not changed; `tail` only.
    pub unchanged_records: i64,
    /// Requests sent.
    pub requests: i64,
    /// Answers that throttled us.
    pub throttles: i64,
    /// From the first request to the last answer.
    pub duration: Duration,
    /// The windows read, in the order they were.
    pub windows: Vec<WindowReport>,
    /// The windows that are incomplete.
    pub gaps: Vec<WindowReport>,
    /// What to know beyond it, such as that a part of the range is about to be deleted.
    pub warnings: Vec<Text>,
    /// All of it in a few lines, for people.
    pub summary: Text,
}

impl Default for HistoryReport {
    fn default() -> Self {
        Self {
            start: None,
            end: None,
            is_finished: false,
            is_complete: false,
            is_limited: false,
            records: 0,
            unreadable_records: 0,
            counted: 0,
            pages: 0,
            rereads: 0,
            completed_records: 0,
            repeated_records: 0,
            records_outside_range: 0,
            unchanged_records: 0,
            requests: 0,
            throttles: 0,
            duration: Duration::ZERO,
            windows: Vec::new(),
            gaps: Vec::new(),
            warnings: Vec::new(),
            summary: Text::default(),
        }
    }
}

impl HistoryReport {
    /// Takes what a page took to get.
    pub(super) fn take(&mut self, fetched: &Fetched) {
        self.pages += 1;
        self.rereads += fetched.rereads;
        self.completed_records += fetched.completed_records;
        self.requests += fetched.requests;
        self.throttles += fetched.throttles;
    }

    /// Takes a window that has been read.
    pub(super) fn close(&mut self, window: WindowReport) {
        self.counted += window.count.unwrap_or(0);
        if window.problem.is_some() {
            self.gaps.push(window.clone());
        }
        self.windows.push(window);
    }

    /// Forgets the windows that are to be read once more.
    pub(super) fn reopen(&mut self) {
        self.counted -= self.gaps.iter().filter_map(|gap| gap.count).sum::<i64>();
        self.windows.retain(|window| window.problem.is_none());
        self.gaps.clear();
        self.is_finished = false;
    }

    /// Takes what another reading, of another part of the range, has read.
    pub(super) fn absorb(&mut self, other: Self) {
        let sums = [
            (&mut self.records, other.records),
            (&mut self.unreadable_records, other.unreadable_records),
            (&mut self.counted, other.counted),
            (&mut self.pages, other.pages),
            (&mut self.rereads, other.rereads),
            (&mut self.completed_records, other.completed_records),
            (&mut self.repeated_records, other.repeated_records),
            (&mut self.records_outside_range, other.records_outside_range),
            (&mut self.requests, other.requests),
            (&mut self.throttles, other.throttles),
        ];
        sums.into_iter().for_each(|(sum, number)| *sum += number);
        self.windows.extend(other.windows);
        self.gaps.extend(other.gaps);
    }

    /// The report as it is handed out.
    pub(super) fn summed_up(&self) -> Self {
        let mut report = self.clone();
        report.is_complete = report.is_finished && report.gaps.is_empty() && !report.is_limited;
        report.summary = report.to_string().into();
        report
    }
}

impl Window {
    pub(super) fn report(&self, count: Option<i64>, records: i64, pages: i64, rereads: i64, flaw: Option<&Flaw>) -> WindowReport {
        WindowReport {
            start: self.start,
            end: self.end,
            skill_id: self.skill.clone(),
            count,
            records,
            pages,
            rereads,
            problem: flaw.map(|flaw| flaw.to_string().into()),
        }
    }
}

/// So many gaps are named one by one.
const NAMED_GAPS: usize = 10;

impl fmt::Display for HistoryReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match (self.is_finished, self.gaps.is_empty(), self.is_limited) {
            (false, ..) => "Not finished",
            (true, false, _) => "INCOMPLETE",
            (true, true, true) => "Ended by its limit",
            (true, true, false) => "Complete",
        };
        write!(formatter, "{state}: {} records", self.records)?;
        if let (Some(start), Some(end)) = (self.start, self.end) {
            write!(formatter, " from {start} to {end}")?;
        }
        write!(
            formatter,
            " in {} windows and {} pages, {:.1} s, {} requests",
            self.windows.len(),
            self.pages,
            self.duration.as_secs_f64(),
            self.requests
        )?;
        let notes = [
            (self.rereads, "read again"),
            (self.throttles, "throttled"),
            (self.completed_records, "records completed by id"),
            (self.unreadable_records, "records unreadable"),
            (self.unchanged_records, "records unchanged"),
        ];
        notes
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .try_for_each(|(number, what)| write!(formatter, ", {number} {what}"))?;
        formatter.write_str(".")?;
        for gap in self.gaps.iter().take(NAMED_GAPS) {
            write!(formatter, "\n{}", gap_line(gap))?;
        }
        if self.gaps.len() > NAMED_GAPS {
            write!(formatter, "\n… and {} more gaps", self.gaps.len() - NAMED_GAPS)?;
        }
        self.warnings.iter().try_for_each(|warning| write!(formatter, "\nWarning: {warning}"))
    }
}

pub(super) fn gap_line(gap: &WindowReport) -> String {
    let skill = gap.skill_id.as_ref().map(|skill| format!(", skill {skill}")).unwrap_or_default();
    let problem = gap.problem.as_deref().unwrap_or_default();
    format!("Gap from {} to {}{skill}: {problem}.", gap.start, gap.end)
}
