//! Days in UTC: what an export is divided into.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::history::window::MILLIS_PER_DAY;
use crate::wire::Timestamp;

/// A day in UTC, as the number of days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Day(i64);

impl Day {
    pub(super) fn of(time: Timestamp) -> Self {
        Self(time.as_millis().div_euclid(MILLIS_PER_DAY))
    }

    pub(super) fn start(self) -> Timestamp {
        Timestamp::from_millis(self.0 * MILLIS_PER_DAY)
    }

    pub(super) fn end(self) -> Timestamp {
        Timestamp::from_millis((self.0 + 1) * MILLIS_PER_DAY)
    }

    /// The days that a range touches, in order, each with its part of the range.
    pub(super) fn of_range(start: Timestamp, end: Timestamp) -> impl Iterator<Item = (Self, Span)> {
        let (first, last) = (Self::of(start), Self::of(Timestamp::from_millis(end.as_millis() - 1)));
        (first.0..=last.0).map(Self).map(move |day| (day, day.start().max(start)..day.end().min(end)))
    }
}

/// Such as `2026-03-01`.
impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.start().to_string().get(..10).unwrap_or_default())
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Timestamp::parse(&text).map(Self::of)
    }
}

/// A part of a day: its start is in it, its end is not.
pub(super) type Span = Range<Timestamp>;

/// The same spans in order, those that touch put together.
pub(super) fn united(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| span.start);
    let mut whole: Vec<Span> = Vec::new();
    for span in spans {
        match whole.last_mut().filter(|last| span.start <= last.end) {
            Some(last) => last.end = last.end.max(span.end),
            None => whole.push(span),
        }
    }
    whole
}

/// Whether spans that were put together hold all of another.
pub(super) fn hold(spans: &[Span], span: &Span) -> bool {
    spans.iter().any(|each| each.start <= span.start && span.end <= each.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(hours * 3_600_000)
    }

    #[test]
    fn a_range_is_divided_at_midnight() {
        let days: Vec<_> = Day::of_range(at(22), at(49)).map(|(day, span)| (day.to_string(), span)).collect();
        let expected = [("1970-01-01", at(22)..at(24)), ("1970-01-02", at(24)..at(48)), ("1970-01-03", at(48)..at(49))];
        assert_eq!(days, expected.map(|(day, span)| (day.to_owned(), span)));
        assert_eq!(Day::of_range(at(24), at(48)).count(), 1, "an end at midnight begins no other day");
        assert_eq!(Day::try_from("1970-01-02".to_owned()).unwrap().start(), at(24));
    }

    #[test]
    fn spans_that_touch_are_one() {
        assert_eq!(united(vec![at(5)..at(7), at(0)..at(2), at(2)..at(3), at(6)..at(6)]), [at(0)..at(3), at(5)..at(7)]);
        assert!(hold(&[at(0)..at(3)], &(at(1)..at(3))) && !hold(&[at(0)..at(3), at(5)..at(7)], &(at(2)..at(6))));
    }
}
