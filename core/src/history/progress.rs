//! How far a search has come: which windows it has read, what it has handed out, what it wants next.

mod standings;

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::filter::Checked;
use super::fingerprint::{Fingerprint, of_failure, of_record};
use super::model::Engagement;
use super::page::SearchPage;
use super::pass::{Flaw, Pass};
use super::read::Fetched;
use super::report::{HistoryReport, WindowReport, gap_line};
use super::window::{GRID_MILLIS, Window};
use crate::error::{Code, LpchatError};
use crate::wire::{Text, Timestamp};
use standings::Standings;

/// What comes next.
#[derive(Debug)]
pub(super) enum Step {
    /// The first of these pages is to be handed out next, the others soon after.
    Read(Vec<Wanted>),
    Pause(Duration),
    End(Option<Box<LpchatError>>),
}

/// A page to be read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    pub(super) window: Window,
    /// Which reading of the window it belongs to: pages of two readings are not mixed.
    reading: usize,
    pub(super) offset: i64,
    pub(super) size: i64,
}

/// The window under way.
#[derive(Debug)]
struct Reading {
    window: Window,
    pass: Pass,
    rereads: usize,
    pages: i64,
    records: i64,
    /// What of this window was handed out, by this pass and those before.
    handed: HashSet<Fingerprint>,
    /// It is too deep: only its beginning can be read.
    too_deep: Option<i64>,
    /// The skills that occurred, where the window may have to be split by them.
    skills: BTreeSet<String>,
}

/// A window to be read, with what of it was handed out before.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) window: Window,
    pub(super) handed: HashSet<Fingerprint>,
    /// It is part of the range that nothing was read of yet.
    is_fresh: bool,
}

impl Pending {
    pub(super) fn fresh(window: Window) -> Self {
        Self { window, handed: HashSet::new(), is_fresh: true }
    }

    /// A window of which some records were handed out.
    pub(super) fn begun(window: Window, handed: HashSet<Fingerprint>) -> Self {
        Self { window, handed, is_fresh: false }
    }
}

/// The windows by skill that one too deep window was split into.
#[derive(Debug)]
struct Group {
    whole: Window,
    /// How many records they hold together.
    counted: i64,
    received: i64,
    handed: HashSet<Fingerprint>,
    flaw: Option<Flaw>,
}

#[derive(Debug)]
pub(super) struct Progress {
    query: Arc<Checked>,
    /// How many requests may be under way at once.
    concurrency: usize,
    pauses: Vec<Duration>,
    pending: VecDeque<Pending>,
    current: Option<Reading>,
    gaps: Vec<Pending>,
    pause: Option<Duration>,
    delivered: i64,
    /// Records without a start, and those that cannot be read, belong to no window.
    handed_without_start: HashSet<Fingerprint>,
    group: Option<Group>,
    report: HistoryReport,
    begun: Option<Duration>,
    has_failed: bool,
    /// What was still to be read before the page that was handed out last.
    before: Option<Standings>,
    /// A page that came for somebody who was gone.
    given_back: Option<SearchPage>,
}

impl Progress {
    pub(super) fn new(query: &Arc<Checked>, concurrency: usize, pauses: &[Duration], pending: Vec<Pending>) -> Self {
        let report = HistoryReport {
            start: query.start,
            end: query.end,
            warnings: query.warnings.iter().map(|warning| warning.as_str().into()).collect(),
            ..HistoryReport::default()
        };
        Self {
            query: Arc::clone(query),
            concurrency,
            pauses: pauses.to_vec(),
            pending: pending.into(),
            current: None,
            gaps: Vec::new(),
            pause: None,
            delivered: 0,
            handed_without_start: HashSet::new(),
            group: None,
            report,
            begun: None,
            has_failed: false,
            before: None,
            given_back: None,
        }
    }

    /// A call begins: after an error about gaps, these are read once more.
    pub(super) fn begin(&mut self, elapsed: Duration) {
        self.begun.get_or_insert(elapsed);
        if self.has_failed {
            self.has_failed = false;
            self.pending.extend(self.gaps.drain(..));
            self.report.reopen();
        }
    }

    fn left(&self) -> i64 {
        self.query.limit.map_or(i64::MAX, |limit| limit - self.delivered)
    }

    pub(super) fn step(&mut self) -> Step {
        if let Some(pause) = self.pause.take() {
            return Step::Pause(pause);
        }
        if self.left() <= 0 {
            return self.end_at_limit();
        }
        if self.current.is_none() && !self.open_next() {
            return self.end();
        }
        let wanted = self.wanted();
        Step::Read(wanted)
    }

    fn open_next(&mut self) -> bool {
        let Some(Pending { window, mut handed, .. }) = self.pending.pop_front() else { return false };
        if let Some(group) = self.group.as_mut().filter(|_| window.skill.is_some()) {
            handed.extend(std::mem::take(&mut group.handed));
        }
        let pass = Pass::new(self.query.offset);
        let skills = BTreeSet::new();
        self.current = Some(Reading { window, pass, rereads: 0, pages: 0, records: 0, handed, too_deep: None, skills });
        true
    }

    fn end(&mut self) -> Step {
        self.report.is_finished = true;
        if self.gaps.is_empty() || self.query.allow_incomplete {
            return Step::End(None);
        }
        self.has_failed = true;
        Step::End(Some(Box::new(incomplete(&self.report))))
    }

    fn end_at_limit(&mut self) -> Step {
        if let Some(reading) = self.current.take() {
            self.report.is_limited = true;
            self.report.close(reading.report(None));
        }
        self.report.is_limited |= !self.pending.is_empty();
        self.pending.clear();
        self.end()
    }

    /// The pages to be read now: first the next one, then those of the same window behind it, then the first pages of the
    /// windows behind that. So memory is bounded, and a first look is cheap.
    fn wanted(&self) -> Vec<Wanted> {
        let Some(reading) = &self.current else { return Vec::new() };
        let (query, pass) = (&self.query, &reading.pass);
        let page = |window: &Window, reading: usize, offset: i64| {
            let most = if query.is_single { i64::MAX } else { (window.deepest - offset).max(1) };
            Wanted { window: window.clone(), reading, offset, size: query.page_size.min(self.left()).min(most) }
        };
        let mut wanted = vec![page(&reading.window, reading.rereads, pass.offset)];
        if query.limit.is_some() {
            return wanted;
        }
        let end = pass.count().unwrap_or(0).min(if query.is_single { i64::MAX } else { reading.window.deepest });
        let ahead = if pass.is_uneven { 1 } else { self.concurrency };
        while wanted.len() < ahead {
            let next = wanted.last().map_or(0, |page| page.offset + page.size);
            if next >= end {
                break;
            }
            wanted.push(page(&reading.window, reading.rereads, next));
        }
        let behind = self.pending.iter().take(self.concurrency - 1);
        wanted.extend(behind.map(|pending| page(&pending.window, 0, 0)));
        wanted
    }

    /// Takes the page that was wanted first; gives what of it is to be handed out.
    pub(super) fn take(&mut self, fetched: Fetched, elapsed: Duration) -> Option<SearchPage> {
        self.before = self.is_resumable().then(|| self.standings());
        self.report.take(&fetched);
        self.report.duration = elapsed.saturating_sub(self.begun.unwrap_or(elapsed));
        let Fetched { mut page, cut_records, .. } = fetched;
        if self.is_too_deep(&page) {
            return None;
        }
        let reading = self.current.as_mut()?;
        reading.pages += 1;
        reading.pass.take(&page, cut_records, self.query.is_by_start);
        reading.note_skills(&page);
        self.filter(&mut page);
        self.cut(&mut page);
        self.judge();
        page.has_next = self.current.is_some() || !self.pending.is_empty();
        (!page.records.is_empty() || !page.failures.is_empty()).then_some(page)
    }

    /// Looks at the first page of a window for whether the service lets us read it to its end. If not, the window is cut,
    /// and its first page with it.
    fn is_too_deep(&mut self, page: &SearchPage) -> bool {
        let Some(reading) = &mut self.current else { return false };
        let count = page.count.unwrap_or(0);
        let needed = count.min(self.query.limit.map_or(i64::MAX, |limit| limit - self.delivered));
        if self.query.is_single || reading.pass.offset > 0 || needed <= reading.window.deepest {
            return false;
        }
        let parts = reading.window.split(count);
        if parts.len() > 1 {
            self.replace_current(parts);
            return true;
        }
        reading.too_deep = Some(count);
        if reading.window.skill.is_none() && self.query.skill_ids.len() > 1 {
            let skills = self.query.skill_ids.clone();
            self.split_by_skill(&skills, count);
            return true;
        }
        false
    }

    /// The service refuses a page for its depth: the window is cut there. False where it was no matter of depth.
    pub(super) fn cut_at(&mut self, refused: &Wanted) -> bool {
        let is_single = self.query.is_single;
        let Some(reading) = self.current.as_mut().filter(|_| !is_single && refused.offset > 0) else { return false };
        reading.window.deepest = refused.offset;
        let parts = reading.window.split(reading.pass.count().unwrap_or(0));
        if parts.len() > 1 {
            self.replace_current(parts);
        } else {
            reading.too_deep = reading.pass.count();
            self.judge();
        }
        true
    }

    fn replace_current(&mut self, parts: Vec<Window>) {
        let Some(reading) = self.current.take() else { return };
        for window in parts.into_iter().rev() {
            let handed = reading.handed.clone();
            self.pending.push_front(Pending { window, is_fresh: handed.is_empty(), handed });
        }
    }

    /// Puts a window for each skill in the place of the current one, which holds `count` records.
    fn split_by_skill(&mut self, skills: &[Text], count: i64) {
        let Some(reading) = self.current.take() else { return };
        for skill in skills.iter().rev() {
            self.pending.push_front(Pending::fresh(Window { skill: Some(skill.clone()), ..reading.window.clone() }));
        }
        let (whole, handed) = (reading.window, reading.handed);
        self.group = Some(Group { whole, counted: count, received: 0, handed, flaw: None });
    }

    fn filter(&mut self, page: &mut SearchPage) {
        let (query, loose) = (&self.query, &mut self.handed_without_start);
        let Some(Reading { window, handed, .. }) = &mut self.current else { return };
        page.records_outside_range = taken_out(&mut page.records, |record| query.holds(window, record.start_time));
        page.repeated_records = taken_out(&mut page.records, |record| {
            let print = of_record(record);
            handed.insert(print) && (record.start_time.is_some() || loose.insert(print))
        });
        let before = page.failures.len();
        page.failures.retain(|failure| {
            let print = of_failure(failure);
            handed.insert(print) && loose.insert(print)
        });
        page.repeated_records += number(before - page.failures.len());
        page.unchanged_records = taken_out(&mut page.records, |record| query.has_changed(record.end_time));
        self.report.records_outside_range += page.records_outside_range;
        self.report.repeated_records += page.repeated_records;
        self.report.unchanged_records += page.unchanged_records;
    }

    /// Cuts what goes beyond the caller's limit, where the service gave more than it was asked for.
    fn cut(&mut self, page: &mut SearchPage) {
        let left = usize::try_from(self.left()).unwrap_or(usize::MAX);
        page.failures.truncate(left);
        page.records.truncate(left - page.failures.len());
        let (records, failures) = (number(page.records.len()), number(page.failures.len()));
        self.delivered += records + failures;
        self.report.records += records;
        self.report.unreadable_records += failures;
        if let Some(reading) = &mut self.current {
            reading.records += records + failures;
        }
    }

    /// Decides whether the window under way goes on, is read again, or has come to its end.
    fn judge(&mut self) {
        let limited = self.query.limit.is_some();
        let Some(reading) = &mut self.current else { return };
        if let Some(count) = reading.too_deep {
            if reading.pass.offset >= reading.window.deepest || reading.pass.has_ended {
                self.leave_too_deep(count);
            }
            return;
        }
        let may_repeat = reading.rereads < self.pauses.len();
        let flaw = match reading.pass.has_ended {
            true => reading.pass.flaw(),
            false if may_repeat && !limited => reading.pass.early_flaw(),
            false => None,
        };
        match flaw {
            Some(flaw) if flaw.may_pass() && may_repeat => {
                self.pause = Some(self.pauses[reading.rereads]);
                reading.rereads += 1;
                reading.pass = Pass::new(self.query.offset);
                self.report.rereads += 1;
            }
            flaw if reading.pass.has_ended => self.close_current(flaw),
            _ => {}
        }
    }

    /// The beginning of a window that cannot be cut further was read: what is missing is read skill by skill.
    fn leave_too_deep(&mut self, count: i64) {
        let Some(reading) = &self.current else { return };
        let skills: Vec<Text> = reading.skills.iter().map(|skill| skill.as_str().into()).collect();
        if reading.window.skill.is_none() && self.query.skill_ids.is_empty() && skills.len() > 1 {
            self.split_by_skill(&skills, count);
        } else {
            self.close_current(Some(Flaw::TooDeep { counted: count }));
        }
    }

    fn close_current(&mut self, flaw: Option<Flaw>) {
        let Some(reading) = self.current.take() else { return };
        if reading.window.skill.is_some() {
            return self.close_in_group(reading, flaw);
        }
        self.report.close(reading.report(flaw.as_ref()));
        if flaw.is_some() {
            self.gaps.push(Pending::begun(reading.window, reading.handed));
        }
    }

    /// A window by skill has come to its end. Only all of them together show whether anything is missing: a skill that did
    /// not occur among the first records has no window.
    fn close_in_group(&mut self, reading: Reading, flaw: Option<Flaw>) {
        self.report.close(reading.report(None));
        let Some(group) = &mut self.group else { return };
        group.received += reading.pass.received();
        group.handed = reading.handed;
        group.flaw = group.flaw.take().or(flaw);
        if self.pending.front().is_some_and(|next| next.window.skill.is_some()) {
            return;
        }
        let Some(Group { whole, counted, received, handed, flaw }) = self.group.take() else { return };
        let wrong = (received != counted).then_some(Flaw::WrongNumber { counted, received });
        if let Some(flaw) = flaw.or(wrong) {
            self.report.close(whole.report(None, 0, 0, 0, Some(&flaw)));
            self.gaps.push(Pending::begun(whole, handed));
        }
    }

    /// The start of the first window that has not come to its end.
    pub(super) fn more_from(&self) -> Option<Timestamp> {
        let current = self.current.iter().map(|reading| reading.window.start);
        current.chain(self.pending.iter().map(|pending| pending.window.start)).min()
    }

    pub(super) fn report(&self) -> HistoryReport {
        self.report.summed_up()
    }

    pub(super) fn watermark(&self) -> Option<Timestamp> {
        self.query.changed_since?;
        (self.report.is_finished && self.gaps.is_empty() && !self.report.is_limited).then_some(self.query.made)
    }
}

impl Reading {
    fn report(&self, flaw: Option<&Flaw>) -> WindowReport {
        self.window.report(self.pass.count(), self.records, self.pages, number(self.rereads), flaw)
    }

    fn note_skills(&mut self, page: &SearchPage) {
        if self.window.end.as_millis() - self.window.start.as_millis() > GRID_MILLIS {
            return;
        }
        for skill in page.records.iter().filter_map(|record| record.info.skill_id.as_deref()) {
            if !self.skills.contains(skill) {
                self.skills.insert(skill.to_owned());
            }
        }
    }
}

fn taken_out(records: &mut Vec<Engagement>, keep: impl FnMut(&Engagement) -> bool) -> i64 {
    let before = records.len();
    records.retain(keep);
    number(before - records.len())
}

fn number(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// So many gaps are named in the error; the report names all.
const NAMED_GAPS: usize = 3;

fn incomplete(report: &HistoryReport) -> LpchatError {
    let gaps = &report.gaps;
    let lines: Vec<String> = gaps.iter().take(NAMED_GAPS).map(gap_line).collect();
    let windows = if report.windows.len() == 1 { "window is" } else { "windows are" };
    let message = format!("{} of {} {windows} incomplete. {}", gaps.len(), report.windows.len(), lines.join(" "));
    LpchatError::new(Code::IncompleteResult).with_message(message)
}
