//! Writing the days of an export, and making them count.

use std::sync::Arc;

use super::day::Day;
use super::folder::Folder;
use super::format::ExportFormat;
use super::manifest::{DayEntry, Manifest, WindowEntry};
use super::part::Finished;
use super::plan::DayPlan;
use super::spool::{Spool, start_of};
use super::tables::{Tables, possible};
use crate::error::Result;
use crate::history::report::HistoryReport;
use crate::history::{RecordFailure, SearchPage};
use crate::wire::Timestamp;

/// What was read counts after so many days, files, or bytes of records, at the latest. The files are open until then.
const COMMIT_DAYS: usize = 16;
const COMMIT_FILES: usize = 128;
const COMMIT_BYTES: i64 = 32 << 20;

/// What a run has done.
#[derive(Debug, Default, Clone)]
pub(super) struct Done {
    pub(super) days_changed: i64,
    pub(super) parts_written: i64,
    pub(super) bytes_written: i64,
}

/// The writing side of a run. All of it waits for disks, so it lives on the blocking pool.
pub(super) struct Writer {
    folder: Folder,
    format: ExportFormat,
    /// Files that are the same as before are written again nevertheless: somebody may have damaged them.
    rewrites: bool,
    pub(super) manifest: Manifest,
    day: Option<DayWriter>,
    /// The day whose files are in the making.
    unfinished_day: Option<Day>,
    /// Days that the manifest on the disk does not know yet, and the bytes of their records.
    uncommitted_days: usize,
    uncommitted_bytes: i64,
    uncommitted_files: Vec<Finished>,
    /// A commit has failed: which of its files have their names is not known.
    is_broken: bool,
    /// Files that the manifest will not name any more.
    obsolete: Vec<String>,
    pub(super) done: Done,
}

/// One day in the making.
struct DayWriter {
    spool: Spool,
    tables: Tables,
    records: i64,
    bytes: i64,
    drained_before: Option<Timestamp>,
}

impl Writer {
    /// Begins to write into a folder. A new one gets its manifest, so that it is known again.
    pub(super) fn begin(folder: Folder, found: Option<Manifest>, wanted: Manifest, rewrites: bool) -> Result<Self> {
        let format = wanted.format();
        let (tables, extensions) = possible(&format);
        let manifest = match found {
            Some(found) => {
                found.refuse_other(&wanted, folder.path())?;
                folder.clean_up(&found, &tables, &extensions)?;
                found
            }
            None => {
                folder.clean_up(&wanted, &tables, &extensions)?;
                folder.sync_own_name()?;
                folder.commit(Vec::new(), &wanted)?;
                wanted
            }
        };
        let (uncommitted_days, uncommitted_bytes) = (0, 0);
        let (uncommitted_files, obsolete) = (Vec::new(), Vec::new());
        let (day, done) = (None, Done::default());
        Ok(Self {
            folder,
            format,
            rewrites,
            manifest,
            day,
            unfinished_day: None,
            uncommitted_days,
            uncommitted_bytes,
            uncommitted_files,
            is_broken: false,
            obsolete,
            done,
        })
    }

    /// Takes a page of a day.
    pub(super) fn take(&mut self, plan: &Arc<DayPlan>, page: SearchPage, more_from: Option<Timestamp>) -> Result<()> {
        self.unfinished_day = Some(plan.day);
        let day = Self::day(&mut self.day, &self.manifest, plan)?;
        for record in page.records {
            day.bytes += length(record.raw.as_str());
            day.spool.add(&self.folder, record)?;
        }
        for failure in page.failures.into_iter().filter(|failure| belongs(plan, failure)) {
            day.bytes += length(failure.raw.as_str());
            day.spool.add_unreadable(&self.folder, failure)?;
        }
        if more_from > day.drained_before {
            day.drained_before = more_from;
            day.drain(&self.folder, more_from)?;
        }
        Ok(())
    }

    fn day<'a>(day: &'a mut Option<DayWriter>, manifest: &Manifest, plan: &Arc<DayPlan>) -> Result<&'a mut DayWriter> {
        match day {
            Some(day) => Ok(day),
            None => Ok(day.insert(DayWriter::begin(manifest, plan)?)),
        }
    }

    /// Ends a day: its files are there, and count from the next commit on, which is due now or not.
    pub(super) fn end_day(&mut self, plan: &Arc<DayPlan>, report: &HistoryReport, is_due: bool) -> Result<()> {
        self.unfinished_day = Some(plan.day);
        Self::day(&mut self.day, &self.manifest, plan)?;
        let Some(mut day) = self.day.take() else { return Ok(()) };
        day.drain(&self.folder, None)?;
        let DayWriter { spool, tables, records, bytes, .. } = day;
        spool.end(&self.folder);
        let files = tables.finish(&self.folder)?;
        let windows = report.windows.iter().map(|window| WindowEntry::new(window, window.end <= plan.settled_before)).collect();
        self.settle(plan.day, windows, records, files);
        self.unfinished_day = None;
        self.uncommitted_days += 1;
        self.uncommitted_bytes += bytes;
        let is_enough = is_due
            || self.uncommitted_days >= COMMIT_DAYS
            || self.uncommitted_bytes >= COMMIT_BYTES
            || self.uncommitted_files.len() >= COMMIT_FILES;
        if is_enough { self.commit() } else { Ok(()) }
    }

    /// Puts a day into the manifest. Its files take the places of earlier ones, unless they are the same or hold less.
    fn settle(&mut self, day: Day, windows: Vec<WindowEntry>, records: i64, files: Vec<Finished>) {
        let parts = files.iter().map(|file| file.entry.clone()).collect();
        let mut entry = DayEntry { records, windows, parts };
        let before = self.manifest.days.remove(&day);
        if let Some(before) = before.as_ref().filter(|before| !entry.is_complete() && before.records > entry.records) {
            files.iter().for_each(|file| self.folder.discard(&file.unfinished));
            (entry.records, entry.parts) = (before.records, before.parts.clone());
        } else {
            let there = before.as_ref().map_or(&[][..], |before| &before.parts);
            for file in files {
                if there.contains(&file.entry) && !self.rewrites {
                    self.folder.discard(&file.unfinished);
                } else {
                    self.done.parts_written += 1;
                    self.done.bytes_written += file.entry.bytes;
                    self.uncommitted_files.push(file);
                }
            }
            self.obsolete.extend(there.iter().filter(|part| !entry.parts.contains(part)).map(|part| part.file.clone()));
        }
        self.done.days_changed += i64::from(before.is_none_or(|before| before.parts != entry.parts));
        self.manifest.days.insert(day, entry);
    }

    /// Makes what was read count.
    pub(super) fn commit(&mut self) -> Result<()> {
        if self.uncommitted_days == 0 {
            return Ok(());
        }
        self.is_broken = true;
        self.folder.commit(std::mem::take(&mut self.uncommitted_files), &self.manifest)?;
        self.is_broken = false;
        (self.uncommitted_days, self.uncommitted_bytes) = (0, 0);
        self.obsolete.drain(..).try_for_each(|file| self.folder.remove(&file))
    }

    /// Ends a run that cannot go on: keeps what can be kept, and leaves no unfinished file where that is possible.
    pub(super) fn give_up(mut self) {
        let (tables, extensions) = possible(&self.format);
        if let Some(day) = self.day.take() {
            day.spool.end(&self.folder);
        }
        if self.is_broken {
            return self.folder.discard_unfinished(None, &tables, &extensions);
        }
        if let Some(day) = self.unfinished_day {
            self.folder.discard_unfinished(Some(&day.to_string()), &tables, &extensions);
        }
        // The error that brought us here is the one to tell.
        let _ = self.commit();
    }

    pub(super) fn write_report(&self, json: &str) -> Result<()> {
        self.folder.write_report(json)
    }
}

impl DayWriter {
    fn begin(manifest: &Manifest, plan: &Arc<DayPlan>) -> Result<Self> {
        Ok(Self {
            spool: Spool::default(),
            tables: Tables::new(&manifest.format(), manifest.keep_placeholders(), plan.day.to_string())?,
            records: 0,
            bytes: 0,
            drained_before: None,
        })
    }

    fn drain(&mut self, folder: &Folder, before: Option<Timestamp>) -> Result<()> {
        let (tables, records) = (&mut self.tables, &mut self.records);
        self.spool.drain(before, |record| {
            *records += 1;
            tables.append(folder, record)
        })
    }
}

/// Whether a record that cannot be read may belong to the day: the service gives those of the boundaries, too.
fn belongs(plan: &DayPlan, failure: &RecordFailure) -> bool {
    start_of(failure).is_none_or(|start| plan.spans.iter().any(|span| span.contains(&start)))
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}
