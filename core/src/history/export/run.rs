//! One run of an export: read, write, and at the end the report.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::ExportRun;
use super::folder::Folder;
use super::plan::{DayPlan, plan};
use super::reading::{Piece, Reading};
use super::report::{ExportProgress, ExportReport};
use super::writer::Writer;
use crate::call::on_blocking_pool;
use crate::error::{Code, LpchatError, Result};
use crate::history::report::gap_line;
use crate::transport::Context;
use crate::wire::Presenter;

/// An export that was cancelled a moment ago may hold the lock until it notices.
const LOCK_PAUSE: Duration = Duration::from_millis(50);
const LOCK_ATTEMPTS: usize = 20;
/// What was read counts at the end of a day when so much time has passed: a run that is killed again and again comes on.
const COMMIT_PAUSE: Duration = Duration::from_secs(2);
/// What to do when a page could not be read.
const GO_ON: &str = "What was read before is safe: run the same export again, and it goes on where this one stopped.";
/// So many gaps are named in the error; the report names all.
const NAMED_GAPS: usize = 3;

/// A run under way.
pub(super) struct Run {
    /// The process it runs in: its locks and calls are none of a forked child's.
    pub(super) pid: u32,
    reading: Reading,
    writer: Writer,
    days: i64,
    begun: Duration,
    /// When what was read counted last.
    committed: Duration,
}

impl Run {
    pub(super) async fn begin(export: &ExportRun, context: &Context) -> Result<Self> {
        let writer = open(export, context).await?;
        let order = &export.order;
        let days = plan(&order.asked, &writer.manifest);
        let count = number(days.len());
        let reading = Reading::new(&export.core, &order.query, &context.options, days);
        export.update(|report| *report = order.report());
        let begun = export.core.environment.clock.elapsed();
        Ok(Self { pid: std::process::id(), reading, writer, days: count, begun, committed: begun })
    }

    /// Goes on by a page or to the end of a day. At the end of all it gives no run back.
    pub(super) async fn step(mut self, export: &ExportRun, context: &Context) -> Result<Option<(Self, ExportProgress)>> {
        let piece = match self.reading.next().await {
            Ok(piece) => piece,
            Err(error) => {
                context.add_attempts(error.details().attempts);
                let writer = self.writer;
                on_blocking_pool(move || writer.give_up()).await?;
                return Err(broken_off(error));
            }
        };
        let Some(piece) = piece else { return self.end(export).await.map(|()| None) };
        let (plan, day) = match &piece {
            Piece::Page { plan, page, .. } => {
                export.update(|report| {
                    report.records += number(page.records.len() + page.failures.len());
                    report.unreadable_records += number(page.failures.len());
                });
                (Arc::clone(plan), None)
            }
            Piece::End { plan, report } => (Arc::clone(plan), Some(report.clone())),
        };
        let elapsed = export.core.environment.clock.elapsed();
        let is_due = day.is_some() && elapsed.saturating_sub(self.committed) >= COMMIT_PAUSE;
        if is_due {
            self.committed = elapsed;
        }
        let mut writer = self.writer;
        let written = on_blocking_pool(move || match write(&mut writer, piece, is_due) {
            Ok(()) => Ok(writer),
            Err(error) => {
                writer.give_up();
                Err(error)
            }
        });
        self.writer = written.await??;
        if let Some(day) = day {
            context.add_attempts(i32::try_from(day.requests).unwrap_or(i32::MAX));
            export.update(|report| {
                report.days_read += 1;
                report.history.absorb(day);
            });
        }
        let progress = self.progress(export, &plan);
        Ok(Some((self, progress)))
    }

    fn progress(&self, export: &ExportRun, plan: &DayPlan) -> ExportProgress {
        let report = export.state();
        ExportProgress { day: plan.day.start(), days_read: report.days_read, days: self.days, records: report.records }
    }

    /// Makes everything count, writes the report beside it, and says whether anything is missing.
    async fn end(self, export: &ExportRun) -> Result<()> {
        let Self { mut writer, begun, .. } = self;
        let elapsed = export.core.environment.clock.elapsed().saturating_sub(begun);
        let mut report = export.state().clone();
        let report = on_blocking_pool(move || {
            if let Err(error) = writer.commit() {
                writer.give_up();
                return Err(error);
            }
            complete(&mut report, &writer, elapsed);
            writer.write_report(&Presenter::of(&report.summed_up()).0)?;
            Ok(report)
        });
        let report = report.await??;
        export.update(|own| *own = report.clone());
        if report.is_complete || export.order.query.allow_incomplete { Ok(()) } else { Err(incomplete(&report)) }
    }
}

fn write(writer: &mut Writer, piece: Piece, is_due: bool) -> Result<()> {
    match piece {
        Piece::Page { plan, page, more_from } => writer.take(&plan, page, more_from),
        Piece::End { plan, report } => writer.end_day(&plan, &report, is_due),
    }
}

fn complete(report: &mut ExportReport, writer: &Writer, elapsed: Duration) {
    report.is_finished = true;
    report.gaps = writer.manifest.gaps();
    report.is_complete = report.gaps.is_empty();
    report.total_records = writer.manifest.records();
    report.days_changed = writer.done.days_changed;
    report.parts_written = writer.done.parts_written;
    report.bytes_written = writer.done.bytes_written;
    report.history.is_finished = true;
    report.history.duration = elapsed;
}

/// Opens the folder, where it is not being written.
async fn open(export: &ExportRun, context: &Context) -> Result<Writer> {
    let mut attempt = 1;
    loop {
        let files = Arc::clone(&export.core.environment.files);
        let order = Arc::clone(&export.order);
        let opened = on_blocking_pool(move || {
            let path = Path::new(order.directory.as_str());
            let (folder, found) = Folder::open(&files, path)?;
            Writer::begin(folder, found, order.manifest(), !order.asked.resume)
        });
        match opened.await? {
            Err(error) if error.code() == Code::ExportInUse && attempt < LOCK_ATTEMPTS => {
                attempt += 1;
                context.core.environment.clock.pause(LOCK_PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

/// The error of an export that a page has broken off: it says how to go on, too.
fn broken_off(error: LpchatError) -> LpchatError {
    error.with(|details| {
        let before = if details.hint.is_empty() { "" } else { " " };
        details.hint = format!("{}{before}{GO_ON}", details.hint);
    })
}

fn incomplete(report: &ExportReport) -> LpchatError {
    let gaps = &report.gaps;
    let lines: Vec<String> = gaps.iter().take(NAMED_GAPS).map(gap_line).collect();
    let windows = if gaps.len() == 1 { "window is" } else { "windows are" };
    LpchatError::new(Code::IncompleteResult)
        .with_message(format!("{} {windows} incomplete. {}", gaps.len(), lines.join(" ")))
        .with_hint(
            "What could be read was exported. Run the export again: it reads these days once more. Set `allow_incomplete` to \
             take what there is.",
        )
}

pub(super) fn number(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
