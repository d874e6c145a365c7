//! One pass over a window: what came, and whether that is all.

use std::collections::HashSet;
use std::fmt;

use super::fingerprint::{Fingerprint, of_page};
use super::page::SearchPage;
use crate::wire::Timestamp;

/// Why a window is incomplete.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Flaw {
    /// The service answered from a part of its data, each time it was asked.
    PartialShards,
    /// Records came cut, each time they were asked for.
    CutRecords(i64),
    /// The service counts nothing.
    Uncounted,
    /// The count was another on a later page than on the first.
    CountMoved { first: i64, other: i64 },
    /// Other than as many distinct records came as the service counts.
    WrongNumber { counted: i64, received: i64 },
    /// The records did not come in the order that was asked for.
    Disorder,
    /// The window holds more records than the service hands out, and cannot be cut further.
    TooDeep { counted: i64 },
}

impl Flaw {
    /// Whether reading the window again may mend it. What was asked for again page by page, or record by record, need
    /// not be.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Uncounted | Self::CountMoved { .. } | Self::WrongNumber { .. } | Self::Disorder)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PartialShards => formatter.write_str("the service answered from a part of its data"),
            Self::CutRecords(1) => formatter.write_str("a record came cut"),
            Self::CutRecords(records) => write!(formatter, "{records} records came cut"),
            Self::Uncounted => formatter.write_str("the service does not count the records"),
            Self::CountMoved { first, other } => write!(formatter, "the count moved from {first} to {other} while it was read"),
            Self::WrongNumber { counted, received } => {
                write!(formatter, "the service counts {counted} records and gave {received} distinct ones")
            }
            Self::Disorder => formatter.write_str("the records came out of order"),
            Self::TooDeep { counted } => {
                write!(formatter, "{counted} records in ten minutes are more than the service hands out")
            }
        }
    }
}

/// One pass over a window.
#[derive(Debug, Default)]
pub(super) struct Pass {
    /// Where the pass began.
    first_offset: i64,
    /// Where the next page begins.
    pub(super) offset: i64,
    first_count: Option<i64>,
    last_count: Option<i64>,
    /// A page's count that was another than the first: what follows may fit again, but not together with that page.
    moved_count: Option<i64>,
    received: HashSet<Fingerprint>,
    last_start: Option<Timestamp>,
    is_disordered: bool,
    has_partial_shards: bool,
    cut_records: i64,
    /// The service gives other numbers of records than it is asked for: pages can only be asked for one by one.
    pub(super) is_uneven: bool,
    pub(super) has_ended: bool,
}

impl Pass {
    pub(super) fn new(offset: i64) -> Self {
        Self { first_offset: offset, offset, ..Self::default() }
    }

    /// The newest count.
    pub(super) fn count(&self) -> Option<i64> {
        self.last_count
    }

    pub(super) fn received(&self) -> i64 {
        i64::try_from(self.received.len()).unwrap_or(i64::MAX)
    }

    /// Takes a page as it was received. `is_ordered` says whether records are to come by start.
    pub(super) fn take(&mut self, page: &SearchPage, cut_records: i64, is_ordered: bool) {
        let length = page.len();
        // An answer without a body stands for an empty result.
        let count = if page.is_without_body() { Some(0) } else { page.count };
        if self.offset == self.first_offset {
            self.first_count = count;
        }
        self.last_count = count.or(self.last_count);
        if count != self.first_count {
            self.moved_count = count.or(Some(0));
        }
        self.has_partial_shards |= page.is_partial_result;
        self.cut_records += cut_records;
        self.received.extend(of_page(page));
        if is_ordered {
            self.look_at_order(page);
        }
        self.is_uneven |= length != page.limit && self.offset + length < self.last_count.unwrap_or(0);
        self.offset += length;
        // The newest count decides; a link to a next page outweighs it, an empty page outweighs both.
        let at_end = self.last_count.is_some_and(|count| self.offset >= count) && !page.has_next;
        self.has_ended = length == 0 || at_end || (self.last_count.is_none() && !page.has_next);
    }

    fn look_at_order(&mut self, page: &SearchPage) {
        for start in page.records.iter().filter_map(|record| record.start_time) {
            self.is_disordered |= self.last_start.is_some_and(|last| start < last);
            self.last_start = Some(start);
        }
    }

    /// What already shows that the pass will not be complete.
    pub(super) fn early_flaw(&self) -> Option<Flaw> {
        match (self.first_count, self.moved_count) {
            (Some(first), Some(other)) => Some(Flaw::CountMoved { first, other }),
            _ if self.is_disordered => Some(Flaw::Disorder),
            _ => None,
        }
    }

    /// What is wrong with the pass, now that it has ended.
    pub(super) fn flaw(&self) -> Option<Flaw> {
        if self.has_partial_shards {
            return Some(Flaw::PartialShards);
        }
        if self.cut_records > 0 {
            return Some(Flaw::CutRecords(self.cut_records));
        }
        if let Some(flaw) = self.early_flaw() {
            return Some(flaw);
        }
        let Some(counted) = self.last_count else { return Some(Flaw::Uncounted) };
        let received = self.received();
        let expected = (counted - self.first_offset).max(0);
        (received != expected).then_some(Flaw::WrongNumber { counted: expected, received })
    }
}
