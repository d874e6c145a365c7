//! The service's ways to write a moment. Inside the sandbox every time is milliseconds since 1970, UTC.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// The end of the year 9999, which is as far as the formats go.
pub const LATEST: i64 = 253_402_300_800_000;

/// The data centre of the published samples: US Eastern time with its daylight saving.
static DATA_CENTRE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").expect("a valid rule"));

/// Year, month, day, hour, minute, second, millisecond in UTC.
fn civil(ms: i64) -> [i64; 7] {
    let (days, rest) = (ms.div_euclid(DAY), ms.rem_euclid(DAY));
    // Days to civil date, proleptic Gregorian, with years that begin in March.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let seconds = rest / SECOND;
    [year, month, day, seconds / 3600, seconds / 60 % 60, seconds % 60, rest % SECOND]
}

/// The first millisecond of a UTC day.
pub fn day_start(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let year_of_era = year.rem_euclid(400);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (year.div_euclid(400) * 146_097 + day_of_era - 719_468) * DAY
}

/// The same moment `months` calendar months earlier; a day that the month lacks becomes its last day.
pub fn months_before(ms: i64, months: i64) -> i64 {
    let [year, month, day, ..] = civil(ms);
    let count = year * 12 + month - 1 - months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let next = if month == 12 { day_start(year + 1, 1, 1) } else { day_start(year, month + 1, 1) };
    let last_day = (next - day_start(year, month, 1)) / DAY;
    day_start(year, month, day.min(last_day)) + ms.rem_euclid(DAY)
}

/// Year and month as one number, to group by.
pub fn month_number(ms: i64) -> i64 {
    let [year, month, ..] = civil(ms);
    year * 12 + month
}

/// Chat events and error bodies (docs/protocol/visitor-chat-api.md, "JSON dialect").
pub fn service_text(ms: i64) -> String {
    let stamp = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let offset = i64::from(DATA_CENTRE.to_offset(stamp).seconds());
    let [year, month, day, hour, minute, second, milli] = civil(ms + offset * SECOND);
    let (sign, away) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}{sign}{:02}:{:02}",
        away / 3600,
        away / 60 % 60
    )
}

/// Records of the engagement history (docs/protocol/engagement-history-api.md, "Time text").
pub fn history_text(ms: i64) -> String {
    let [year, month, day, hour, minute, second, milli] = civil(ms);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milli:03}+0000")
}

/// RFC 3339 in UTC, for the admin interface.
pub fn utc_text(ms: i64) -> String {
    let [year, month, day, hour, minute, second, milli] = civil(ms);
    let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// Day 0 of the epoch was a Thursday.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Error bodies of the login service (docs/protocol/authentication.md, "Errors"), which carry no zone.
pub fn login_text(ms: i64) -> String {
    let [year, month, day, hour, minute, second, _] = civil(ms);
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = (hour + 11) % 12 + 1;
    format!("{} {day}, {year} {hour}:{minute:02}:{second:02} {half}", MONTHS[month as usize - 1])
}

/// The `Date` header.
pub fn http_date(ms: i64) -> String {
    let [year, month, day, hour, minute, second, _] = civil(ms);
    let weekday = WEEKDAYS[ms.div_euclid(DAY).rem_euclid(7) as usize];
    format!("{weekday}, {day:02} {} {year:04} {hour:02}:{minute:02}:{second:02} GMT", MONTHS[month as usize - 1])
}

/// Day of the week of a UTC moment, Monday = 0.
pub fn weekday(ms: i64) -> usize {
    (ms.div_euclid(DAY) + 3).rem_euclid(7) as usize
}

/// Reads an RFC 3339 moment with an offset.
pub fn parse(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(|stamp| stamp.as_millisecond())
}

/// Reads `YYYY-MM-DD` and gives the first millisecond of that day in UTC.
pub fn parse_date(text: &str) -> Option<i64> {
    let date: jiff::civil::Date = text.parse().ok()?;
    (text.len() == 10).then(|| day_start(i64::from(date.year()), i64::from(date.month()), i64::from(date.day())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_match_the_published_samples() {
        assert_eq!(service_text(1_488_194_655_424), "2017-02-27T06:24:15.424-05:00");
        assert_eq!(service_text(1_505_329_998_938), "2017-09-13T15:13:18.938-04:00");
        assert_eq!(history_text(1_485_969_119_916), "2017-02-01 17:11:59.916+0000");
        assert_eq!(login_text(1_474_560_615_000), "Sep 22, 2016 4:10:15 PM");
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(utc_text(parse("2026-11-22T12:00:00Z").unwrap()), "2026-11-22T12:00:00Z");
    }

    #[test]
    fn months_are_calendar_months() {
        let start = parse_date("2026-03-31").unwrap();
        assert_eq!(utc_text(months_before(start, 1)), "2026-02-28T00:00:00Z");
        assert_eq!(utc_text(months_before(start, 13)), "2025-02-28T00:00:00Z");
        assert_eq!(weekday(parse_date("2026-11-22").unwrap()), 6);
        assert_eq!(parse_date("2026-11-31"), None);
    }
}
