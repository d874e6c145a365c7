//! Exports: engagement history as files, whole or said not to be.
//!
//! `docs/export.md` describes the folder, its guarantees and how they come about.

mod day;
mod digest;
mod folder;
mod format;
mod lines;
mod manifest;
#[cfg(feature = "parquet")]
mod parquet;
mod part;
mod plan;
mod reading;
mod report;
mod run;
mod spool;
mod tables;
mod together;
mod verify;
mod writer;

use std::fmt;
use std::sync::{Arc, Mutex as StateMutex, MutexGuard, PoisonError};

use lpchat_macros::operation;
use serde_json::Value;
use tokio::sync::Mutex;

use super::History;
use super::filter::{Checked, LOOK_BACK, oldest};
use super::query::SearchQuery;
use super::redaction::Redaction;
use super::report::HistoryReport;
use crate::client_core::Core;
use crate::error::{LpchatError, Result};
use crate::transport::Context;
use crate::wire::Text;
pub use format::ExportFormat;
use manifest::Manifest;
use plan::Asked;
pub use report::{ExportProgress, ExportReport};
use run::Run;
pub use verify::{ExportDifference, VerificationReport};

/// An export under way. Copies share their progress.
///
/// The folder is locked from its beginning to its end or to the first error: let go of an export that is not driven to its end.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct ExportRun {
    core: Arc<Core>,
    order: Arc<Order>,
    /// Nothing after an error: the next step then begins with what is safely there.
    run: Arc<Mutex<Option<Run>>>,
    report: Arc<StateMutex<ExportReport>>,
}

impl fmt::Debug for ExportRun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ExportRun").field("directory", &self.order.directory).finish_non_exhaustive()
    }
}

/// How an export is to be written, as it was asked for.
#[derive(Debug)]
struct Form {
    format: Option<ExportFormat>,
    resume: Option<bool>,
    keep_placeholders: Option<bool>,
}

/// What is to be exported.
#[derive(Debug)]
struct Order {
    directory: Text,
    format: ExportFormat,
    keep_placeholders: bool,
    account_id: String,
    query: Arc<Checked>,
    asked: Asked,
}

impl Order {
    fn new(core: &Core, directory: Text, query: SearchQuery, form: &Form) -> Result<Self> {
        let format = format::checked(form.format.clone())?;
        let keep_placeholders = form.keep_placeholders.unwrap_or(false);
        if keep_placeholders && format != ExportFormat::Parquet {
            let rule = "JSON Lines hold every record as the service sent it: leave it out, or export Parquet";
            return Err(LpchatError::argument("keep_placeholders", true, rule));
        }
        if directory.trim().is_empty() {
            return Err(LpchatError::argument("directory", directory.as_str(), "name a folder, such as `chats`"));
        }
        refuse_own(&query)?;
        let now = core.environment.clock.now();
        let checked = query.check_any_range(now)?;
        if checked.is_single {
            let rule = "an export takes neither ids, nor `sort` or `offset`: search for these";
            return Err(LpchatError::argument("sort", "…", rule));
        }
        let (start, end) = checked.range;
        if start.as_millis() < 0 || end > last_instant() {
            let rule = "an export holds days from 1970 to 9999";
            return Err(LpchatError::argument("start", format!("{start} and `end` is {end}"), rule));
        }
        let look_back = query.look_back.unwrap_or(LOOK_BACK).max(checked.settle);
        let resume = form.resume.unwrap_or(true);
        let asked = Asked { start, end, resume, now, look_back, oldest: oldest(now) };
        let account_id = core.config.account()?.to_owned();
        Ok(Self { directory, format, keep_placeholders, account_id, query: Arc::new(checked), asked })
    }

    /// The manifest of such an export before anything was read.
    fn manifest(&self) -> Manifest {
        let mut filters = self.query.body.clone();
        if let Value::Object(members) = &mut filters {
            members.remove("start");
        }
        let redaction = self.query.redact.as_ref().map_or_else(|| "none".to_owned(), Redaction::in_words);
        Manifest::new(&self.account_id, &self.format, self.keep_placeholders, filters, redaction)
    }

    /// The report before anything was read.
    fn report(&self) -> ExportReport {
        let history = HistoryReport {
            start: Some(self.asked.start),
            end: Some(self.asked.end),
            warnings: self.query.warnings.iter().map(|warning| warning.as_str().into()).collect(),
            ..HistoryReport::default()
        };
        ExportReport {
            directory: self.directory.clone(),
            format: self.format.clone(),
            start: self.asked.start,
            end: self.asked.end,
            is_finished: false,
            is_complete: false,
            days_read: 0,
            days_changed: 0,
            records: 0,
            unreadable_records: 0,
            total_records: 0,
            parts_written: 0,
            bytes_written: 0,
            gaps: Vec::new(),
            history,
            summary: Text::default(),
        }
    }
}

/// Fails where the query holds what an export decides itself.
fn refuse_own(query: &SearchQuery) -> Result<()> {
    let given = [
        ("limit", query.limit.is_some(), "an export is of a whole range: leave it out, or search"),
        ("window_days", query.window_days.is_some(), "an export reads day by day: leave it out"),
        ("resume_token", query.resume_token.is_some(), "an export goes on from what its folder holds: leave it out"),
    ];
    match given.into_iter().find(|(_, given, _)| *given) {
        Some((name, _, rule)) => Err(LpchatError::argument(name, "…", rule)),
        None => Ok(()),
    }
}

impl ExportRun {
    /// What `begin_export` and `export` take.
    fn new(core: &Arc<Core>, directory: Text, query: SearchQuery, form: &Form) -> Result<Self> {
        let order = Order::new(core, directory, query, form)?;
        let report = Arc::new(StateMutex::new(order.report()));
        Ok(Self { core: Arc::clone(core), order: Arc::new(order), run: Arc::default(), report })
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    fn state(&self) -> MutexGuard<'_, ExportReport> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, change: impl FnOnce(&mut ExportReport)) {
        change(&mut self.state());
    }

    fn has_ended(&self) -> bool {
        let report = self.state();
        report.is_finished && (report.is_complete || self.order.query.allow_incomplete)
    }

    async fn step(&self, context: &Context) -> Result<Option<ExportProgress>> {
        let mut slot = self.run.lock().await;
        // A call that is cancelled, or fails, lets go of the run, and so of the lock.
        let run = match slot.take() {
            Some(run) if run.pid == std::process::id() => run,
            None if self.has_ended() => return Ok(None),
            inherited => {
                // What a forked child has inherited is its parent's to end.
                std::mem::forget(inherited);
                Run::begin(self, context).await?
            }
        };
        let Some((run, progress)) = run.step(self, context).await? else { return Ok(None) };
        *slot = Some(run);
        Ok(Some(progress))
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl ExportRun {
    /// What was done so far. Once the export has ended, it says whether anything is missing.
    pub fn report(&self) -> ExportReport {
        self.state().summed_up()
    }
}

/// The next step of an export: a page of records, or the end of a day. Nothing when the export is at its end; it counts, and
/// its report lies beside it, from then on.
///
/// After an error, or a step that was cancelled, the next one goes on from what is safely on the disk. Concurrent calls wait
/// for one another.
#[operation(retry = safe, waits)]
async fn advance(export: &ExportRun, context: &Context) -> Result<Option<ExportProgress>> {
    export.step(context).await
}

/// An export to be driven step by step with `advance`, for whoever wants to show its progress; `export` does all of it.
///
/// Takes what `export` takes. Locks the folder, which is made where it is not there, looks at what it holds, and asks nothing
/// of the service yet.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Tables that people make of it".
#[operation(retry = safe)]
async fn begin_export(
    history: &History,
    context: &Context,
    directory: Text,
    query: SearchQuery,
    format: Option<ExportFormat>,
    resume: Option<bool>,
    keep_placeholders: Option<bool>,
) -> Result<ExportRun> {
    let export = ExportRun::new(history.core(), directory, query, &Form { format, resume, keep_placeholders })?;
    let run = Run::begin(&export, context).await?;
    *export.run.lock().await = Some(run);
    Ok(export)
}

/// Exports all engagements of a range into a folder: files by table and day, a manifest that says what they hold, and a
/// report of the run. `docs/export.md` describes them.
///
/// An export that was broken off, however it was, goes on from what is safely there. One that is repeated with a later `end`
/// adds what is new, and reads those days again that ended less than `look_back` (24 hours) before they were read, or lack
/// records; their files change only if their data has. The same data gives the same files.
///
/// Where records are missing after reading again, all others are exported, and then the call fails with an error of the
/// family `Incomplete`, unless the query allows it. The client's `timeout` applies to each page, not to the export.
///
/// * `directory`: the folder; made where it is not there. Another than the one of this export must be empty.
/// * `format`: Parquet when absent; JSON Lines in Node, C and C++, whose libraries do not write Parquet.
/// * `resume`: false reads all of the range again, also what is there, and mends files that were damaged. True when absent.
/// * `keep_placeholders`: tables keep what the service writes for "none" (`""`, `NA`, the id -1) instead of holding null. Parquet
///   only: JSON Lines are what the service sent. Not when absent.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Time" and "Tables that people make of it".
#[operation(retry = safe, waits)]
async fn export(
    history: &History,
    context: &Context,
    directory: Text,
    query: SearchQuery,
    format: Option<ExportFormat>,
    resume: Option<bool>,
    keep_placeholders: Option<bool>,
) -> Result<ExportReport> {
    let export = ExportRun::new(history.core(), directory, query, &Form { format, resume, keep_placeholders })?;
    while export.step(context).await?.is_some() {}
    Ok(export.report())
}

/// The last instant that has a date of four digits for its year.
fn last_instant() -> crate::wire::Timestamp {
    crate::wire::Timestamp::from_millis(253_402_300_800_000)
}
