//! Is an export still what its manifest says, and what the service has?

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use lpchat_macros::{model, operation};

use super::digest::Digester;
use super::folder::Folder;
use super::lines;
use super::manifest::{Manifest, PartEntry, WindowEntry, unusable};
use super::run::number;
use crate::call::on_blocking_pool;
use crate::environment::OpenFile;
use crate::error::{Family, LpchatError, Result};
use crate::history::filter::{Checked, oldest};
use crate::history::retrieve::count_of;
use crate::history::window::Window;
use crate::history::{History, SearchQuery};
use crate::transport::{Context, start_part};
use crate::wire::{Json, Text, Timestamp};

/// Something that is other than the manifest says.
#[model(plain)]
pub struct ExportDifference {
    /// The file it is about, within the folder.
    pub file: Option<Text>,
    /// The start of the window it is about.
    pub start: Option<Timestamp>,
    /// The end of the window.
    pub end: Option<Timestamp>,
    /// What differs.
    pub problem: Text,
}

/// What verifying an export has shown.
#[model(plain)]
pub struct VerificationReport {
    /// The folder.
    pub directory: Text,
    /// Whether everything is as it should be: all files are whole, all records are there.
    pub is_complete: bool,
    /// Days in the export.
    pub days: i64,
    /// Records in the export.
    pub records: i64,
    /// Files whose rows and bytes were looked at.
    pub parts: i64,
    /// Windows that the service counted again.
    pub windows_counted: i64,
    /// Windows that were not counted, because records were still being added when they were read: the next export reads
    /// them again.
    pub windows_not_settled: i64,
    /// Windows that were not counted, because the service has begun to delete what started in them.
    pub windows_deleted: i64,
    /// What differs.
    pub differences: Vec<ExportDifference>,
    /// All of it in a few lines, for people.
    pub summary: Text,
}

impl fmt::Display for VerificationReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.is_complete { "Verified" } else { "DIFFERENT" };
        write!(
            formatter,
            "{state}: {} records of {} days in {} files, {} windows counted again",
            self.records, self.days, self.parts, self.windows_counted
        )?;
        let notes = [(self.windows_not_settled, "not settled yet"), (self.windows_deleted, "deleted by the service")];
        notes
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .try_for_each(|(number, what)| write!(formatter, ", {number} {what}"))?;
        formatter.write_str(".")?;
        for difference in &self.differences {
            match (&difference.file, difference.start, difference.end) {
                (Some(file), ..) => write!(formatter, "\n{file}: {}", difference.problem)?,
                (None, Some(start), Some(end)) => write!(formatter, "\nFrom {start} to {end}: {}", difference.problem)?,
                _ => write!(formatter, "\n{}", difference.problem)?,
            }
        }
        Ok(())
    }
}

/// Verifies an export: looks at every file's bytes and rows, and lets the service count again what had settled when it was
/// read. What differs is in the report; nothing is changed. An export whose settled days have changed at the service is read
/// again by `export` with `resume` set to false.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Response envelope and paging".
#[operation(retry = safe, waits)]
async fn verify(history: &History, context: &Context, directory: Text) -> Result<VerificationReport> {
    let (manifest, differences, parts) = look_at_files(context, &directory).await?;
    let account = context.core.config.account()?;
    if manifest.account_id != account {
        let rule = format!("it holds an export of the account {}, and this client's is {account}", manifest.account_id);
        return Err(unusable(Path::new(directory.as_str()), &rule));
    }
    let mut report = VerificationReport {
        directory,
        is_complete: false,
        days: number(manifest.days.len()),
        records: manifest.records(),
        parts,
        windows_counted: 0,
        windows_not_settled: 0,
        windows_deleted: 0,
        differences,
        summary: Text::default(),
    };
    let now = history.core().environment.clock.now();
    for window in manifest.days.values().flat_map(|day| &day.windows).filter(|window| window.problem.is_some()) {
        report.differences.push(about(window, window.problem.clone().unwrap_or_default()));
    }
    let windows = to_count(&manifest, oldest(now), &mut report);
    count_again(context, &manifest, windows, now, &mut report).await?;
    report.is_complete = report.differences.is_empty();
    report.summary = report.to_string().into();
    Ok(report)
}

/// The windows that can be counted again; the others are noted.
fn to_count(manifest: &Manifest, oldest: Timestamp, report: &mut VerificationReport) -> Vec<WindowEntry> {
    let mut windows = Vec::new();
    for window in manifest.days.values().flat_map(|day| &day.windows) {
        if window.start < oldest {
            report.windows_deleted += 1;
        } else if !window.settled {
            report.windows_not_settled += 1;
        } else if window.problem.is_none() {
            windows.push(window.clone());
        }
    }
    windows
}

async fn count_again(
    context: &Context,
    manifest: &Manifest,
    windows: Vec<WindowEntry>,
    now: Timestamp,
    report: &mut VerificationReport,
) -> Result<()> {
    let mut waiting = windows.into_iter();
    let mut under_way = VecDeque::new();
    loop {
        while under_way.len() < context.core.config.history_concurrency
            && let Some(window) = waiting.next()
        {
            let query = query(manifest, &window, now)?;
            under_way.push_back((window, start_part(context, move |part| async move { count_of(&part, &query).await })));
        }
        let Some((window, count)) = under_way.pop_front() else { return Ok(()) };
        report.windows_counted += 1;
        match count.await {
            Ok(count) if window.count == Some(count) => {}
            Ok(count) => {
                let before = window.count.map_or_else(|| "no number of".to_owned(), |count| count.to_string());
                let problem = format!("the service counts {count} records now, and counted {before} when they were exported");
                report.differences.push(about(&window, problem));
            }
            Err(error) if error.family() == Family::Incomplete => {
                report.differences.push(about(&window, "the service counts a part of its data only".to_owned()));
            }
            Err(error) => return Err(error),
        }
    }
}

/// The query by which a window was read.
fn query(manifest: &Manifest, window: &WindowEntry, now: Timestamp) -> Result<Checked> {
    let query = SearchQuery {
        start: Some(window.start),
        end: Some(window.end),
        extra_filters: Some(Json::from(manifest.filters.to_string())),
        ..SearchQuery::default()
    };
    let skill = window.skill_id.as_deref().map(Into::into);
    Ok(query.check_any_range(now)?.within(&Window { skill, ..Window::new(window.start, window.end) }))
}

fn about(window: &WindowEntry, problem: String) -> ExportDifference {
    ExportDifference { file: None, start: Some(window.start), end: Some(window.end), problem: problem.into() }
}

/// Compares the files with the manifest.
async fn look_at_files(context: &Context, directory: &Text) -> Result<(Manifest, Vec<ExportDifference>, i64)> {
    let files = Arc::clone(&context.core.environment.files);
    let directory = directory.clone();
    let looked = on_blocking_pool(move || {
        let (folder, manifest) = Folder::open_to_read(&files, Path::new(directory.as_str()))?;
        let differing = manifest.parts().filter_map(|part| {
            let problem = match look_at(&folder, part) {
                Ok(None) => return None,
                Ok(Some(problem)) => problem,
                Err(error) => format!("it cannot be read: {error}"),
            };
            Some(ExportDifference { file: Some(part.file.as_str().into()), start: None, end: None, problem: problem.into() })
        });
        let differences = differing.collect();
        let parts = number(manifest.parts().count());
        Ok::<_, LpchatError>((manifest, differences, parts))
    });
    looked.await?
}

const CHUNK_BYTES: usize = 64 << 10;

/// What differs in one file.
fn look_at(folder: &Folder, part: &PartEntry) -> io::Result<Option<String>> {
    let mut file = folder.read(&part.file)?;
    let (mut digester, mut bytes, mut line_ends) = (Digester::default(), 0, 0);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let length = file.read(&mut chunk)?;
        if length == 0 {
            break;
        }
        digester.take(&chunk[..length]);
        bytes += number(length);
        line_ends += number(chunk[..length].iter().filter(|byte| **byte == b'\n').count());
    }
    if bytes != part.bytes {
        return Ok(Some(format!("it has {bytes} bytes, not {}", part.bytes)));
    }
    if digester.finish() != part.sha256 {
        return Ok(Some("its bytes are other than they were".to_owned()));
    }
    let rows = rows(&mut *file, &part.file, line_ends)?;
    Ok(rows.filter(|rows| *rows != part.rows).map(|rows| format!("it has {rows} rows, not {}", part.rows)))
}

/// How many rows a file has, where this build can tell.
fn rows(file: &mut dyn OpenFile, name: &str, line_ends: i64) -> io::Result<Option<i64>> {
    if name.ends_with(lines::EXTENSION) {
        return Ok(Some(line_ends));
    }
    rows_of_table(file)
}

#[cfg(feature = "parquet")]
fn rows_of_table(file: &mut dyn OpenFile) -> io::Result<Option<i64>> {
    super::parquet::rows(file).map(Some)
}

#[cfg(not(feature = "parquet"))]
fn rows_of_table(_: &mut dyn OpenFile) -> io::Result<Option<i64>> {
    Ok(None)
}
