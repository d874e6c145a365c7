//! `lpchat history export`.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lpchat::wire::Presenter;
use lpchat::{Client, ExportFormat, ExportProgress, ExportReport, ExportRun};

use super::arguments::{ExportArguments, Format};
use super::directory;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::notice::{Progress, say};
use crate::output::Output;
use crate::text::{counted, visible};

pub fn run(client: &Client, arguments: ExportArguments, output: &mut Output, interrupts: &Interrupts) -> Result<(), Failure> {
    let (directory, json, resume) = (directory(&arguments.directory)?, arguments.json, !arguments.restart);
    let format = match arguments.format {
        Format::Parquet => ExportFormat::Parquet,
        Format::Jsonl => ExportFormat::JsonLines,
    };
    let keep_placeholders = Some(arguments.keep_placeholders);
    let run = client.history().begin_export(directory, arguments.into_query(), Some(format), Some(resume), keep_placeholders)?;
    interrupts.set_farewell(|| {
        say("Interrupted. What was read before is safe: the same command goes on where this one stopped.");
    });
    let outcome = drive(&run);
    interrupts.forget_farewell();
    let report = run.report();
    // An export that lacks records has a report, too.
    if report.is_finished {
        show(&report, json, output)?;
    }
    outcome
}

fn drive(run: &ExportRun) -> Result<(), Failure> {
    let bar = bar();
    let outcome = loop {
        match run.advance() {
            Ok(Some(progress)) => update(&bar, &progress),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error.into()),
        }
    };
    bar.finish_and_clear();
    outcome
}

/// On terminals only.
fn bar() -> ProgressBar {
    let target = if Progress::new().is_shown() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} days, {msg}, {eta} left").expect("a fixed template");
    let bar = ProgressBar::with_draw_target(Some(0), target).with_style(style);
    bar.set_message("no engagement yet");
    bar
}

fn update(bar: &ProgressBar, progress: &ExportProgress) {
    bar.set_length(progress.days.unsigned_abs());
    bar.set_position(progress.days_read.unsigned_abs());
    bar.set_message(counted(progress.records, "engagement"));
}

fn show(report: &ExportReport, json: bool, output: &mut Output) -> Result<(), Failure> {
    if json { output.json(&Presenter::of(report).0) } else { output.line(&visible(&report.summary)) }
}
