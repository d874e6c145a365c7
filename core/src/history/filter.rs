//! From a query to the wire: every rule is checked here, before anything is sent.
//!
//! Source: `docs/protocol/engagement-history-api.md`, "Query parameters", "Body: the filter object", "Time" and
//! "Client rules in short".

use std::ops::Range;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::query::{KeywordArea, SearchQuery};
use super::redaction::Redaction;
use super::window::{MILLIS_PER_DAY, WIDEST_WINDOW_DAYS, Window};
use crate::config::LONGEST_SOURCE;
use crate::error::{LpchatError, Result};
use crate::wire::{Encode, Text, Timestamp};

/// The widest range the service accepts is "one month"; 31 days have been seen to work.
const WIDEST_DAYS: i64 = 31;
/// Wider ranges are a mistake: the service keeps 13 months. Narrower ones are read whole, whatever the clock here says.
const WIDEST_RANGE_DAYS: i64 = 30 * 366;
/// What will be deleted within so many days is worth a warning.
const WARNED_DAYS: i64 = 7;
/// Longer than any chat that is expected, and the time until its data is final.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Time".
pub(super) const LOOK_BACK: Duration = Duration::from_secs(24 * 3600);
/// Everything about a chat is there so long after its end.
const SETTLE: Duration = Duration::from_secs(2 * 3600);
/// Chats are deleted after this.
const RETENTION_MONTHS: i32 = 13;
pub(super) const LARGEST_PAGE: i64 = 100;
const SORT_FIELDS: [&str; 8] = ["start", "end", "duration", "visitor", "engagementId", "interactive", "agentId", "skillId"];
/// Makes the order total, as far as the service can.
const TIE_BREAKER: &str = "engagementId";

/// A query, checked and in the form of the wire.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Checked {
    /// The filter object.
    pub(super) body: Value,
    pub(super) sort: String,
    pub(super) source: Option<String>,
    pub(super) offset: i64,
    pub(super) limit: Option<i64>,
    pub(super) page_size: i64,
    pub(super) allow_incomplete: bool,
    pub(super) redact: Option<Redaction>,
    /// The range that the caller gave, closed at its start and open at its end.
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    /// The range that is asked for.
    pub(super) range: (Timestamp, Timestamp),
    /// It is asked for in one piece: an id lifts the limits on time, and other orders cannot be put together again.
    pub(super) is_single: bool,
    /// Records come by start.
    pub(super) is_by_start: bool,
    pub(super) skill_ids: Vec<Text>,
    pub(super) window_millis: i64,
    /// How long after a chat's end everything about it is there.
    pub(super) settle: Duration,
    /// Of a pass over what is new: since when.
    pub(super) changed_since: Option<Timestamp>,
    /// When the query was made.
    pub(super) made: Timestamp,
    pub(super) warnings: Vec<String>,
}

impl Checked {
    /// The same query within one window.
    pub(super) fn within(&self, window: &Window) -> Self {
        let mut query = self.clone();
        query.body["start"] = bounds(window.start, window.end);
        if let Some(skill) = &window.skill {
            query.body["skillIds"] = json!([skill.as_str()]);
        }
        query
    }

    /// The same query within spans of its range, of which whatever is there is taken: what is missing is in the report.
    pub(super) fn of_part<'a>(&self, spans: impl Iterator<Item = &'a Range<Timestamp>> + Clone) -> Self {
        let start = spans.clone().map(|span| span.start).min().unwrap_or(self.range.0);
        let end = spans.map(|span| span.end).max().unwrap_or(self.range.1);
        let (allow_incomplete, warnings) = (true, Vec::new());
        Self { start: Some(start), end: Some(end), range: (start, end), allow_incomplete, warnings, ..self.clone() }
    }

    /// A query for one engagement, of which whatever is there is taken.
    pub(super) fn by_id(&self, engagement_id: &str) -> Self {
        let body = json!({ "start": bounds(oldest(self.made), self.made), "engagementId": engagement_id });
        Self { body, allow_incomplete: true, ..self.clone() }
    }

    /// Whether a record that starts at this instant belongs to a window. Without a start only the service can know.
    pub(super) fn holds(&self, window: &Window, start: Option<Timestamp>) -> bool {
        let Some(time) = start else { return true };
        let in_range = self.start.is_none_or(|start| time >= start) && self.end.is_none_or(|end| time < end);
        in_range && (self.is_single || (window.start..window.end).contains(&time))
    }

    /// Whether a record that ended at this instant can be new or other than it was at the last pass.
    pub(super) fn has_changed(&self, end: Option<Timestamp>) -> bool {
        let Some(since) = self.changed_since else { return true };
        end.is_none_or(|end| end > since.minus(self.settle))
    }
}

fn bounds(start: Timestamp, end: Timestamp) -> Value {
    json!({ "from": start.as_millis(), "to": end.as_millis() })
}

impl SearchQuery {
    /// Checks the query at the instant `now`, for one request, and brings it into the form of the wire.
    pub(super) fn check(&self, now: Timestamp) -> Result<Checked> {
        if self.resume_token.is_some() {
            let rule = "it goes with `search`, which reads the range in windows: leave it out here";
            return Err(LpchatError::argument("resume_token", "…", rule));
        }
        let query = self.check_any_range(now)?;
        if !self.has_id() {
            no_wider_than_a_month(query.range, "search up to")?;
        }
        Ok(query)
    }

    /// Checks the query at the instant `now`. Its range may be wider than the service accepts at once, unless the query can
    /// only be asked in one piece.
    pub(super) fn check_any_range(&self, now: Timestamp) -> Result<Checked> {
        let mut members = Map::new();
        let asked = range(self, now)?;
        at_most_a_month("look_back", self.look_back)?;
        let sort = sort(&self.sort)?;
        let offset = at_least("offset", self.offset, 0)?.unwrap_or(0);
        let is_default_order = sort == default_sort();
        let is_single = self.has_id() || !is_default_order || offset > 0;
        if is_single && !self.has_id() {
            no_wider_than_a_month(asked, "without `sort` and `offset` any range works, with them search up to")?;
        }
        let warnings = if self.has_id() { Vec::new() } else { deleted_soon(asked, now) };
        members.insert("start".to_owned(), bounds(asked.0, asked.1));
        keyword(self, &mut members)?;
        ids(self, &mut members)?;
        numbers(self, &mut members)?;
        flags(self, &mut members)?;
        extra(self, &mut members)?;
        self.redact.as_ref().map_or(Ok(()), Redaction::check)?;
        Ok(Checked {
            body: Value::Object(members),
            is_by_start: sort.starts_with("start:asc"),
            sort,
            source: source(self.source.as_ref())?,
            offset,
            limit: at_least("limit", self.limit, 1)?,
            page_size: page_size(self.page_size)?,
            allow_incomplete: self.allow_incomplete,
            redact: self.redact.clone(),
            start: self.start,
            end: self.end,
            range: asked,
            is_single,
            skill_ids: self.skill_ids.clone(),
            window_millis: window_days(self.window_days)? * MILLIS_PER_DAY,
            settle: at_most_a_month("settle", self.settle)?.unwrap_or(SETTLE),
            changed_since: None,
            made: now,
            warnings,
        })
    }

    fn has_id(&self) -> bool {
        self.engagement_id.is_some() || self.visitor_id.is_some()
    }
}

/// 13 months before `now`, or `now` itself outside the calendar.
pub(super) fn oldest(now: Timestamp) -> Timestamp {
    let zoned = jiff::Timestamp::from_millisecond(now.as_millis()).map(|instant| instant.to_zoned(jiff::tz::TimeZone::UTC));
    let earlier = zoned.and_then(|zoned| zoned.checked_sub(jiff::Span::new().months(RETENTION_MONTHS)));
    earlier.map_or(now, |earlier| Timestamp::from_millis(earlier.timestamp().as_millisecond()))
}

/// What to say about a range that reaches days which the service has deleted or soon will.
fn deleted_soon((start, end): (Timestamp, Timestamp), now: Timestamp) -> Vec<String> {
    let oldest = oldest(now);
    let soon = oldest.plus(days(WARNED_DAYS));
    if start >= soon || end <= oldest {
        return Vec::new();
    }
    vec![format!(
        "The service deletes chats {RETENTION_MONTHS} months after their start: those before {oldest} are gone, those before \
         {soon} will be within a week."
    )]
}

fn days(number: i64) -> Duration {
    Duration::from_secs(number.unsigned_abs() * 24 * 3600)
}

fn no_wider_than_a_month((start, end): (Timestamp, Timestamp), cure: &str) -> Result<()> {
    let widest = WIDEST_DAYS * MILLIS_PER_DAY;
    if end.as_millis().saturating_sub(start.as_millis()) <= widest {
        return Ok(());
    }
    let latest = Timestamp::from_millis(start.as_millis() + widest);
    let rule = format!(
        "it lies more than {WIDEST_DAYS} days after `start`, {start}, and the service refuses ranges wider than a month: \
         {cure} {latest}, then on from there"
    );
    Err(LpchatError::argument("end", end.to_string(), &rule))
}

fn window_days(given: Option<i64>) -> Result<i64> {
    match given {
        Some(days) if !(1..=WIDEST_WINDOW_DAYS).contains(&days) => Err(LpchatError::argument(
            "window_days",
            days,
            &format!("a window has 1 to {WIDEST_WINDOW_DAYS} days: the service refuses more than a month"),
        )),
        given => Ok(given.unwrap_or(WIDEST_WINDOW_DAYS)),
    }
}

fn at_most_a_month(member: &str, given: Option<Duration>) -> Result<Option<Duration>> {
    match given {
        Some(long) if long > days(WIDEST_DAYS) => {
            Err(LpchatError::argument(member, long, &format!("it is at most {WIDEST_DAYS} days")))
        }
        given => Ok(given),
    }
}

fn range(query: &SearchQuery, now: Timestamp) -> Result<(Timestamp, Timestamp)> {
    let needed = |member: &str| {
        LpchatError::missing(
            member,
            "a search needs `start` and `end`; only with `engagement_id` or `visitor_id` they may be left out",
        )
    };
    let absent = |member: &str, default: Timestamp| if query.has_id() { Ok(default) } else { Err(needed(member)) };
    let start = query.start.map_or_else(|| absent("start", oldest(now)), Ok)?;
    let end = query.end.map_or_else(|| absent("end", now.max(start)), Ok)?;
    if start > end || (start == end && query.end.is_some()) {
        let rule = format!("it must lie after `start`, {start}; the range holds its start and not its end");
        return Err(LpchatError::argument("end", end.to_string(), &rule));
    }
    let widest = WIDEST_RANGE_DAYS * MILLIS_PER_DAY;
    if end.as_millis().saturating_sub(start.as_millis()) > widest {
        let rule = format!(
            "it lies more than 30 years after `start`, {start}, and the service keeps {RETENTION_MONTHS} months: \
             begin at {} or later",
            Timestamp::from_millis(end.as_millis() - widest)
        );
        return Err(LpchatError::argument("end", end.to_string(), &rule));
    }
    Ok((start, end))
}

fn keyword(query: &SearchQuery, members: &mut Map<String, Value>) -> Result<()> {
    if let Some(keyword) = &query.keyword {
        phrase("keyword", keyword)?;
        members.insert("keyword".to_owned(), keyword.as_str().into());
    }
    for area in &query.keyword_areas {
        filled("keyword_areas", area.as_str())?;
        if query.keyword.is_none() && *area != KeywordArea::Mcs {
            return Err(LpchatError::argument(
                "keyword_areas",
                area.as_str(),
                "without `keyword` the service ignores the areas and gives every record: give a keyword or leave them out",
            ));
        }
    }
    if let Some(areas) = query.keyword_areas.encode() {
        members.insert("keyword_search_area".to_owned(), json!({ "types": areas }));
    }
    let mut labels = Vec::new();
    for label in &query.prediction_labels {
        phrase("prediction_labels", label)?;
        let words = label.contains(char::is_whitespace) && !label.contains('"');
        labels.push(if words { format!("\"{}\"", label.trim()) } else { label.to_string() });
    }
    if !labels.is_empty() {
        members.insert("predictionLabel".to_owned(), labels.into());
    }
    Ok(())
}

/// Checks a word or one phrase in quotation marks.
fn phrase(member: &str, text: &str) -> Result<()> {
    filled(member, text)?;
    let marks = text.matches('"').count();
    let rule = match marks {
        0 => return Ok(()),
        1 => "a quotation mark has no partner: write a phrase as \"two words\", with a mark at both ends",
        2 => {
            let inside = text.trim().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            match inside {
                Some(inside) if !inside.trim().is_empty() => return Ok(()),
                Some(_) => "the phrase between the quotation marks is empty",
                None => "words beside a phrase are not supported: search for one word or for one phrase",
            }
        }
        odd if odd % 2 == 1 => "a quotation mark has no partner: write a phrase as \"two words\", with a mark at both ends",
        _ => "more than one phrase is not supported: search for each of them and join the results",
    };
    Err(LpchatError::argument(member, text, rule))
}

fn filled(member: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(LpchatError::argument(member, text, "an empty text matches nothing the service defines: leave it out"));
    }
    Ok(())
}

fn ids(query: &SearchQuery, members: &mut Map<String, Value>) -> Result<()> {
    let lists = [
        ("skill_ids", "skillIds", &query.skill_ids, true),
        ("agent_ids", "agentIds", &query.agent_ids, false),
        ("agent_group_ids", "agentGroupIds", &query.agent_group_ids, true),
    ];
    for (member, name, values, numeric) in lists {
        for value in values {
            filled(member, value)?;
            if numeric && value.parse::<i64>().is_err() {
                let rule = "it is a whole number, such as 37153438, and -1 for none; a name matches nothing";
                return Err(LpchatError::argument(member, value.as_str(), rule));
            }
        }
        insert(members, name, values.encode());
    }
    for (member, name, value) in
        [("engagement_id", "engagementId", &query.engagement_id), ("visitor_id", "visitor", &query.visitor_id)]
    {
        if let Some(value) = value {
            filled(member, value)?;
        }
        insert(members, name, value.encode());
    }
    Ok(())
}

fn numbers(query: &SearchQuery, members: &mut Map<String, Value>) -> Result<()> {
    insert(members, "duration", pair("duration", query.duration_from_seconds, query.duration_to_seconds)?);
    let co_browse = (query.co_browse_duration_from_seconds, query.co_browse_duration_to_seconds);
    insert(members, "coBrowseDuration", pair("co_browse_duration", co_browse.0, co_browse.1)?);
    let scores = [("chat_mcs_from", query.chat_mcs_from), ("chat_mcs_to", query.chat_mcs_to)];
    for (member, score) in scores {
        if let Some(score) = score.filter(|score| !(0..=100).contains(score)) {
            return Err(LpchatError::argument(member, score, "a score lies between 0 and 100"));
        }
    }
    if let (Some(from), Some(to)) = (query.chat_mcs_from, query.chat_mcs_to)
        && from > to
    {
        return Err(LpchatError::argument("chat_mcs_to", to, &format!("it is below `chat_mcs_from`, {from}")));
    }
    if query.chat_mcs_from.is_some() || query.chat_mcs_to.is_some() {
        let mut bounds = Map::new();
        insert(&mut bounds, "from", query.chat_mcs_from.encode());
        insert(&mut bounds, "to", query.chat_mcs_to.encode());
        members.insert("chatMCS".to_owned(), bounds.into());
    }
    for value in &query.alerted_mcs_values {
        if !(-1..=1).contains(value) {
            let rule = "a sentiment group is -1, 0 or 1; scores from 0 to 100 are `chat_mcs_from` and `chat_mcs_to`";
            return Err(LpchatError::argument("alerted_mcs_values", value, rule));
        }
    }
    let groups: Vec<Text> = query.alerted_mcs_values.iter().map(|value| value.to_string().into()).collect();
    insert(members, "alertedMcsValues", groups.encode());
    Ok(())
}

/// A range of which the service wants both bounds or none.
fn pair(name: &str, from: Option<i64>, to: Option<i64>) -> Result<Option<Value>> {
    let (first, second) = (format!("{name}_from_seconds"), format!("{name}_to_seconds"));
    for (member, bound) in [(&first, from), (&second, to)] {
        if let Some(bound) = bound.filter(|bound| *bound < 0) {
            return Err(LpchatError::argument(member, bound, "a duration is 0 seconds or more"));
        }
    }
    match (from, to) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) if from <= to => Ok(Some(json!({ "from": from, "to": to }))),
        (Some(from), Some(to)) => Err(LpchatError::argument(&second, to, &format!("it is below `{first}`, {from}"))),
        (from, _) => {
            let (missing, given) = if from.is_none() { (&first, &second) } else { (&second, &first) };
            let rule = format!("the service wants both bounds, and `{given}` is given: add the other one");
            Err(LpchatError::missing(missing, &rule))
        }
    }
}

fn flags(query: &SearchQuery, members: &mut Map<String, Value>) -> Result<()> {
    if query.interactive == Some(false) {
        let rule = "the service supports true only, and what false gives is undefined: leave it out and look at \
                    `info.is_interactive`";
        return Err(LpchatError::argument("interactive", false, rule));
    }
    insert(members, "interactive", query.interactive.encode());
    insert(members, "hasInteractiveCoBrowse", query.has_interactive_co_browse.encode());
    if let Some(channel) = &query.channel {
        let number: i64 = channel.as_str().parse().map_err(|_| {
            LpchatError::argument("channel", channel.as_str(), "a channel is a number on the wire: 1 is the web, the only one")
        })?;
        members.insert("channel".to_owned(), number.into());
    }
    for kind in &query.line_content_types {
        filled("line_content_types", kind.as_str())?;
    }
    insert(members, "lineContentTypes", query.line_content_types.encode());
    Ok(())
}

fn extra(query: &SearchQuery, members: &mut Map<String, Value>) -> Result<()> {
    let Some(extra) = &query.extra_filters else { return Ok(()) };
    let rule = "it is a JSON object of filters in the service's own form, such as `{\"hasCoBrowse\": true}`";
    let Ok(Value::Object(extra)) = extra.to_value() else {
        return Err(LpchatError::argument("extra_filters", extra.as_str(), rule));
    };
    for (name, value) in extra {
        if members.contains_key(&name) {
            return Err(LpchatError::argument("extra_filters", &name, "another option sets this filter already: give it once"));
        }
        members.insert(name, value);
    }
    Ok(())
}

/// An order that is total, as far as the service can, and by which windows can be put together.
fn default_sort() -> String {
    format!("start:asc,{TIE_BREAKER}:asc")
}

/// Checks the keys and writes them as the service wants them.
fn sort(keys: &[Text]) -> Result<String> {
    if keys.is_empty() {
        return Ok(default_sort());
    }
    let mut written = Vec::new();
    for key in keys {
        let (field, direction) = key.split_once(':').unwrap_or((key, ""));
        let direction = match direction {
            "asc" => "asc",
            // The older editions of the documentation spell it `des`.
            "desc" | "des" => "desc",
            _ => return Err(sort_key(key, "the direction behind the colon is `asc` or `desc`")),
        };
        if !SORT_FIELDS.contains(&field) {
            return Err(sort_key(key, &format!("the field is one of {}", SORT_FIELDS.join(", "))));
        }
        written.push(format!("{field}:{direction}"));
    }
    if !written.iter().any(|key| key.starts_with(TIE_BREAKER)) {
        written.push(format!("{TIE_BREAKER}:asc"));
    }
    Ok(written.join(","))
}

fn sort_key(key: &str, rule: &str) -> LpchatError {
    LpchatError::argument("sort", key, &format!("a key looks like `start:asc`, and {rule}"))
}

fn source(source: Option<&Text>) -> Result<Option<String>> {
    let Some(source) = source else { return Ok(None) };
    if source.is_empty() || source.chars().count() > LONGEST_SOURCE {
        let rule = format!("the service wants 1 to {LONGEST_SOURCE} characters, such as `Shop_Reports_Daily`");
        return Err(LpchatError::argument("source", source.as_str(), &rule));
    }
    Ok(Some(source.to_string()))
}

fn at_least(member: &str, value: Option<i64>, least: i64) -> Result<Option<i64>> {
    match value {
        Some(value) if value < least => Err(LpchatError::argument(member, value, &format!("it is {least} or more"))),
        value => Ok(value),
    }
}

fn page_size(size: Option<i64>) -> Result<i64> {
    match size {
        Some(size) if !(1..=LARGEST_PAGE).contains(&size) => {
            Err(LpchatError::argument("page_size", size, &format!("the service gives 1 to {LARGEST_PAGE} records at once")))
        }
        size => Ok(size.unwrap_or(LARGEST_PAGE)),
    }
}

fn insert(members: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        members.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests;
