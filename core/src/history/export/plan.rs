//! Which days a run has to read.

use std::collections::BTreeMap;
use std::time::Duration;

use super::day::{Day, Span, hold, united};
use super::manifest::Manifest;
use crate::wire::Timestamp;

/// A day to be read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DayPlan {
    pub(super) day: Day,
    pub(super) spans: Vec<Span>,
    /// What ended before this instant has settled.
    pub(super) settled_before: Timestamp,
}

/// What decides which days are read.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// Days that are there for good are not read again.
    pub(super) resume: bool,
    pub(super) now: Timestamp,
    pub(super) look_back: Duration,
    /// What started before this instant the service has deleted.
    pub(super) oldest: Timestamp,
}

/// The days to be read, in order: those asked for, and those that an earlier run has read before they had settled, or not
/// whole. What the service has deleted meanwhile stays as it was exported.
pub(super) fn plan(asked: &Asked, manifest: &Manifest) -> Vec<DayPlan> {
    let mut wanted: BTreeMap<Day, Vec<Span>> =
        Day::of_range(asked.start, asked.end).map(|(day, span)| (day, vec![span])).collect();
    for (day, entry) in &manifest.days {
        let spans = entry.spans();
        let is_there = wanted.get(day).is_none_or(|asked| asked.iter().all(|span| hold(&spans, span)));
        let is_asked = wanted.contains_key(day);
        if day.start() < asked.oldest || (is_there && entry.is_final() && (asked.resume || !is_asked)) {
            wanted.remove(day);
        } else {
            wanted.entry(*day).or_default().extend(spans);
        }
    }
    let settled_before = asked.now.minus(asked.look_back);
    wanted.into_iter().map(|(day, spans)| DayPlan { day, spans: united(spans), settled_before }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::format::ExportFormat;
    use super::super::manifest::{DayEntry, WindowEntry};
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(hours * 3_600_000)
    }

    fn asked(start: i64, end: i64) -> Asked {
        let (resume, look_back) = (true, Duration::from_secs(24 * 3600));
        Asked { start: at(start), end: at(end), resume, now: at(100), look_back, oldest: at(0) }
    }

    fn manifest(days: &[(i64, i64, bool, Option<&str>)]) -> Manifest {
        let mut manifest = Manifest::new("1", &ExportFormat::JsonLines, false, serde_json::json!({}), "none".to_owned());
        for (start, end, settled, problem) in days {
            let (start, end, problem) = (at(*start), at(*end), problem.map(str::to_owned));
            let window = WindowEntry { start, end, skill_id: None, count: Some(0), records: 0, settled: *settled, problem };
            manifest.days.insert(Day::of(start), DayEntry { records: 0, windows: vec![window], parts: Vec::new() });
        }
        manifest
    }

    fn days(asked: &Asked, manifest: &Manifest) -> Vec<(i64, i64)> {
        let hours = |time: Timestamp| time.as_millis() / 3_600_000;
        let plans = plan(asked, manifest);
        plans.iter().flat_map(|plan| &plan.spans).map(|span| (hours(span.start), hours(span.end))).collect()
    }

    #[test]
    fn days_that_are_there_for_good_are_not_read_again() {
        let there = manifest(&[(0, 24, true, None), (24, 48, false, None), (48, 72, true, Some("a record came cut"))]);
        assert_eq!(days(&asked(0, 96), &there), [(24, 48), (48, 72), (72, 96)]);
        let again = Asked { resume: false, ..asked(0, 96) };
        assert_eq!(days(&again, &there), [(0, 24), (24, 48), (48, 72), (72, 96)]);
        assert_eq!(days(&asked(72, 96), &there), [(24, 48), (48, 72), (72, 96)], "earlier days that were not final, too");
    }

    #[test]
    fn a_day_of_which_more_is_asked_is_read_whole() {
        let there = manifest(&[(2, 10, true, None)]);
        assert_eq!(days(&asked(6, 24), &there), [(2, 24)]);
        assert_eq!(days(&asked(12, 20), &there), [(2, 10), (12, 20)]);
        assert_eq!(days(&asked(3, 5), &there), []);
    }

    #[test]
    fn what_the_service_has_deleted_stays() {
        let there = manifest(&[(0, 24, false, None), (24, 48, false, None)]);
        let later = Asked { oldest: at(1), resume: false, ..asked(0, 48) };
        assert_eq!(days(&later, &there), [(24, 48)]);
        assert_eq!(days(&later, &manifest(&[])), [(0, 24), (24, 48)], "what is not there is asked for");
    }
}
