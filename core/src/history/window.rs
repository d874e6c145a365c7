//! Windows: the ranges that a search asks the service for, one after the other.

use lpchat_macros::model;

use super::filter::Checked;
use crate::wire::{Text, Timestamp};

/// The service rounds ranges outwards to full ten minutes.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Time".
pub(super) const GRID_MILLIS: i64 = 600_000;
pub(super) const MILLIS_PER_DAY: i64 = 86_400_000;
/// No reading of the service's "one month" is narrower.
pub(super) const WIDEST_WINDOW_DAYS: i64 = 28;
/// The search engine behind the service refuses pages that end beyond this.
pub(super) const DEEPEST: i64 = 10_000;
/// Windows that are too deep are cut so that their pieces hold about this many records: some hold more than others.
const AIM: i64 = DEEPEST / 2;

/// One range that a search asks the service for. Neighbouring windows share no record: each holds its start and not its
/// end.
#[model(plain)]
pub struct SearchWindow {
    /// Records of the window start at this instant or later.
    pub start: Timestamp,
    /// Records of the window start before this instant.
    pub end: Timestamp,
    /// The one skill whose records the window holds, where ten minutes hold more than the service hands out.
    pub skill_id: Option<Text>,
    /// How many records the service counts in it, both ends included.
    pub count: Option<i64>,
    /// Whether all chats that started in it should be there for good: it lies long enough back.
    pub is_settled: bool,
}

/// A window as a search works on it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) skill: Option<Text>,
    /// How deep the service lets us page into it.
    pub(super) deepest: i64,
}

impl Window {
    pub(super) fn new(start: Timestamp, end: Timestamp) -> Self {
        Self { start, end, skill: None, deepest: DEEPEST }
    }

    /// Cuts it into about as many pieces as `count` records ask for, at full ten minutes. One piece means that it cannot
    /// be cut.
    pub(super) fn split(&self, count: i64) -> Vec<Self> {
        let first = floor_to_grid(self.start);
        let steps = (self.end.as_millis() - first).div_euclid(GRID_MILLIS)
            + i64::from((self.end.as_millis() - first).rem_euclid(GRID_MILLIS) > 0);
        let parts = (count / AIM.min(self.deepest).max(1) + 1).max(2).min(steps);
        let boundary = |part: i64| match part {
            0 => self.start,
            last if last == parts => self.end,
            part => Timestamp::from_millis(first + GRID_MILLIS * (steps * part / parts)),
        };
        (0..parts).map(|part| Self { start: boundary(part), end: boundary(part + 1), ..self.clone() }).collect()
    }

    pub(super) fn model(&self, count: Option<i64>, query: &Checked, now: Timestamp) -> SearchWindow {
        SearchWindow {
            start: self.start,
            end: self.end,
            skill_id: self.skill.clone(),
            count,
            is_settled: self.end <= now.minus(query.settle),
        }
    }
}

/// The last full ten minutes at or before an instant.
pub(super) fn floor_to_grid(time: Timestamp) -> i64 {
    time.as_millis().div_euclid(GRID_MILLIS) * GRID_MILLIS
}

/// The windows of a query's range, in order, at the instant `now`. All of the range is asked for, what seems to lie in the
/// future too: a clock that is wrong must not hide records.
pub(super) fn windows(query: &Checked, now: Timestamp) -> Vec<Window> {
    let (start, end) = query.range;
    if query.is_single {
        return vec![Window::new(start, end)];
    }
    // What is still changing gets a window of its own, which is read again more quickly.
    let settled = Timestamp::from_millis(floor_to_grid(now.minus(query.settle)));
    let mut cuts = vec![start];
    let mut last = start;
    while end.as_millis() - last.as_millis() > query.window_millis {
        last = Timestamp::from_millis(floor_to_grid(Timestamp::from_millis(last.as_millis() + query.window_millis)));
        cuts.push(last);
    }
    if settled > start && settled < end {
        cuts.push(settled);
    }
    cuts.push(end);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|pair| Window::new(pair[0], pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::SearchQuery;

    const START: i64 = 1_717_200_000_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(START + millis)
    }

    fn planned(end: i64, now: i64, query: SearchQuery) -> Vec<(i64, i64)> {
        let query = SearchQuery { start: Some(at(0)), end: Some(at(end)), ..query };
        let windows = windows(&query.check_any_range(at(now)).unwrap(), at(now));
        windows.iter().map(|window| (window.start.as_millis() - START, window.end.as_millis() - START)).collect()
    }

    #[test]
    fn a_range_is_cut_into_windows_of_28_days() {
        const DAY: i64 = MILLIS_PER_DAY;
        let long_after = 100 * DAY;
        assert_eq!(planned(DAY, long_after, SearchQuery::default()), [(0, DAY)]);
        assert_eq!(planned(31 * DAY, long_after, SearchQuery::default()), [(0, 28 * DAY), (28 * DAY, 31 * DAY)]);
        let daily = SearchQuery { window_days: Some(1), ..SearchQuery::default() };
        assert_eq!(planned(2 * DAY + 5, long_after, daily), [(0, DAY), (DAY, 2 * DAY), (2 * DAY, 2 * DAY + 5)]);
        let off_grid = SearchQuery { start: Some(at(7)), end: Some(at(28 * DAY + 7)), ..SearchQuery::default() };
        assert_eq!(windows(&off_grid.check_any_range(at(long_after)).unwrap(), at(long_after)).len(), 1);
    }

    #[test]
    fn what_still_changes_stands_apart_and_the_future_is_asked_for() {
        const HOUR: i64 = 3_600_000;
        const DAY: i64 = MILLIS_PER_DAY;
        assert_eq!(planned(10 * HOUR, 10 * HOUR, SearchQuery::default()), [(0, 8 * HOUR), (8 * HOUR, 10 * HOUR)]);
        let later = planned(40 * DAY, 10 * HOUR, SearchQuery::default());
        assert_eq!(later, [(0, 8 * HOUR), (8 * HOUR, 28 * DAY), (28 * DAY, 40 * DAY)]);
    }

    #[test]
    fn windows_are_cut_at_full_ten_minutes_and_lose_nothing() {
        let window = Window::new(at(1), at(GRID_MILLIS * 7 + 3));
        for count in [10_001, 20_000, 40_000, 1_000_000] {
            let parts = window.split(count);
            assert!(parts.len() >= 2, "{count}");
            assert_eq!((parts[0].start, parts[parts.len() - 1].end), (window.start, window.end));
            for pair in parts.windows(2) {
                assert_eq!(pair[0].end, pair[1].start);
                assert_eq!(pair[0].end.as_millis() % GRID_MILLIS, 0);
            }
        }
        assert_eq!(window.split(1_000_000).len(), 8, "ten minutes each");
        assert_eq!(Window::new(at(0), at(GRID_MILLIS)).split(50_000).len(), 1);
    }
}
