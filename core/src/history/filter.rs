//! From a query to the wire: every rule is checked here, before anything is sent.
//!
//! Source: `docs/protocol/engagement-history-api.md`, "Query parameters", "Body: the filter object", "Time" and
//! "Client rules in short".

use serde_json::{Map, Value, json};

use super::query::{KeywordArea, SearchQuery};
use crate::config::LONGEST_SOURCE;
use crate::error::{LpchatError, Result};
use crate::wire::{Encode, Text, Timestamp};

/// The widest range the service accepts is "one month"; 31 days have been seen to work.
const WIDEST_DAYS: i64 = 31;
const MILLIS_PER_DAY: i64 = 86_400_000;
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
    /// The range that the caller gave, closed at its start and open at its end.
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
}

impl SearchQuery {
    /// Checks the query at the instant `now` and brings it into the form of the wire.
    pub(super) fn check(&self, now: Timestamp) -> Result<Checked> {
        let mut members = Map::new();
        members.insert("start".to_owned(), range(self, now)?);
        keyword(self, &mut members)?;
        ids(self, &mut members)?;
        numbers(self, &mut members)?;
        flags(self, &mut members)?;
        extra(self, &mut members)?;
        Ok(Checked {
            body: Value::Object(members),
            sort: sort(&self.sort)?,
            source: source(self.source.as_ref())?,
            offset: at_least("offset", self.offset, 0)?.unwrap_or(0),
            limit: at_least("limit", self.limit, 1)?,
            page_size: page_size(self.page_size)?,
            allow_incomplete: self.allow_incomplete,
            start: self.start,
            end: self.end,
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

fn range(query: &SearchQuery, now: Timestamp) -> Result<Value> {
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
    let width = end.as_millis() - start.as_millis();
    let widest = WIDEST_DAYS * MILLIS_PER_DAY;
    if width > widest && !query.has_id() {
        let latest = Timestamp::from_millis(start.as_millis() + widest);
        let rule = format!(
            "it lies more than {WIDEST_DAYS} days after `start`, {start}, and the service refuses ranges wider than a month: \
             search up to {latest}, then on from there"
        );
        return Err(LpchatError::argument("end", end.to_string(), &rule));
    }
    Ok(json!({ "from": start.as_millis(), "to": end.as_millis() }))
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

/// Checks the keys and writes them as the service wants them.
fn sort(keys: &[Text]) -> Result<String> {
    if keys.is_empty() {
        return Ok(format!("start:asc,{TIE_BREAKER}:asc"));
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
