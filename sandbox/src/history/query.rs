//! Reads and checks a search: docs/protocol/engagement-history-api.md, "Query parameters", "Body", "Order of work".

use serde_json::{Map, Value};

use super::row::{integer, scalar_text};
use super::words::{AREAS, MCS_AREA, Sought, sought};
use crate::http::request::Request;
use crate::switches::{Switch, Switches};
use crate::times::DAY;

/// An inclusive range.
pub type Range = (i64, i64);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    pub field: &'static str,
    pub descending: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// On the ten-minute grid already. None when an id lifts the time limits.
    pub start: Option<Range>,
    pub engagement_id: Option<String>,
    pub visitor: Option<String>,
    pub keyword: Option<Sought>,
    /// Positions in [`AREAS`].
    pub areas: Vec<usize>,
    pub skill_ids: Vec<i64>,
    pub agent_ids: Vec<String>,
    pub group_ids: Vec<i64>,
    pub duration: Option<Range>,
    pub interactive: bool,
    pub channel: Option<i64>,
    pub alerted_mcs: Vec<i64>,
    pub chat_mcs: Option<Range>,
    pub mcs: Option<i64>,
    pub has_co_browse: Option<bool>,
    pub has_interactive_co_browse: Option<bool>,
    /// Milliseconds.
    pub co_browse_duration: Option<Range>,
    pub line_content_types: Vec<String>,
    pub prediction_labels: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub offset: i64,
    pub limit: i64,
    /// None when the caller gave no order.
    pub sort: Option<Vec<SortKey>>,
    pub filter: Filter,
}

/// Why a search is refused; the answer is 400.
type Refusal = String;

const FIELDS: [&str; 8] = ["start", "end", "duration", "visitor", "engagementId", "interactive", "agentId", "skillId"];

const TEN_MINUTES: i64 = 600_000;

/// Epoch milliseconds outside this range stand for the range's ends: far beyond every record.
const FARTHEST: i64 = 1_000_000_000_000_000;

/// "Time": `from` back to the last full ten minutes, `to` forward to the next.
fn on_grid((from, to): Range) -> Range {
    let (from, to) = (from.clamp(-FARTHEST, FARTHEST), to.clamp(-FARTHEST, FARTHEST));
    let up = to + TEN_MINUTES - 1;
    (from.div_euclid(TEN_MINUTES) * TEN_MINUTES, up.div_euclid(TEN_MINUTES) * TEN_MINUTES)
}

pub fn read(request: &Request, switches: &Switches) -> Result<Query, Refusal> {
    let number = |name: &str, default: i64, low: i64, high: i64| match request.query(name) {
        None => Ok(default),
        Some(text) => {
            let value = text.parse().ok().filter(|value| (low..=high).contains(value));
            value.ok_or_else(|| format!("Illegal value for {name}: {text}"))
        }
    };
    let offset = number("offset", 0, 0, i64::from(i32::MAX))?;
    let limit = number("limit", 50, 1, 100)?;
    let sort = request.query("sort").map(sort_keys).transpose()?;
    match request.query("source") {
        None if switches.is_on(Switch::RequireSource) => return Err("The parameter source is missing".to_owned()),
        Some(source) if source.chars().count() > 20 => {
            return Err("The parameter source has more than 20 characters".to_owned());
        }
        _ => {}
    }
    if !request.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/json")) {
        return Err("Content-Type must be application/json".to_owned());
    }
    let body = request.json();
    let body = body.as_ref().and_then(Value::as_object).ok_or("The body is not a JSON object")?;
    // `/interaction/search` instead of `/interactions/search`.
    let sibling = request.segments.iter().any(|segment| segment == "interaction");
    Ok(Query { offset, limit, sort, filter: filter(body, sibling, switches)? })
}

/// "Grammar of `sort`".
fn sort_keys(text: &str) -> Result<Vec<SortKey>, Refusal> {
    text.split(',')
        .map(|key| {
            let wrong = || format!("Illegal sort key: {key}");
            let (field, direction) = key.split_once(':').ok_or_else(wrong)?;
            let field = FIELDS.into_iter().find(|known| *known == field).ok_or_else(wrong)?;
            let descending = match direction {
                "asc" => false,
                "desc" | "des" => true,
                _ => return Err(wrong()),
            };
            Ok(SortKey { field, descending })
        })
        .collect()
}

fn filter(body: &Map<String, Value>, sibling: bool, switches: &Switches) -> Result<Filter, Refusal> {
    let engagement_id = text(body, "engagementId")?;
    let visitor = text(body, "visitor")?;
    let by_id = engagement_id.is_some() || visitor.is_some();
    let start = start(body, by_id, sibling, switches)?;
    let keyword = text(body, "keyword")?.map(|keyword| sought(&keyword)).filter(|sought| !sought.is_empty());
    Ok(Filter {
        start,
        engagement_id,
        visitor,
        keyword,
        areas: areas(body)?,
        skill_ids: integers(body, "skillIds")?,
        agent_ids: texts(body, "agentIds")?,
        group_ids: integers(body, "agentGroupIds")?,
        duration: pair(body, "duration")?,
        interactive: flag(body, "interactive")? == Some(true),
        channel: number(body, "channel")?,
        alerted_mcs: integers(body, "alertedMcsValues")?,
        chat_mcs: chat_mcs(body)?,
        mcs: number(body, "mcs")?,
        has_co_browse: flag(body, "hasCoBrowse")?,
        has_interactive_co_browse: flag(body, "hasInteractiveCoBrowse")?,
        co_browse_duration: pair(body, "coBrowseDuration")?
            .map(|(from, to)| (from.saturating_mul(1000), to.saturating_mul(1000))),
        line_content_types: texts(body, "lineContentTypes")?,
        prediction_labels: texts(body, "predictionLabel")?,
    })
}

/// `start` is required in every edition, but the undocumented sibling path is called with an id alone. With an id its range is not applied, or applied without a width limit.
fn start(body: &Map<String, Value>, by_id: bool, sibling: bool, switches: &Switches) -> Result<Option<Range>, Refusal> {
    let (from, to) = match pair(body, "start")? {
        Some(range) => range,
        None if by_id && sibling => return Ok(None),
        None => return Err("The member start is missing".to_owned()),
    };
    let days = switches.number(Switch::MonthLimitDays);
    if by_id {
        return Ok(switches.is(Switch::IdIgnoresStart, "keep").then(|| on_grid((from, to))));
    }
    if to.saturating_sub(from) > days * DAY {
        return Err(format!("The time range is wider than {days} days"));
    }
    Ok(Some(on_grid((from, to))))
}

/// Absent, or null, which the server takes for absent.
fn present<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !value.is_null())
}

fn illegal(name: &str) -> Refusal {
    format!("Illegal value for {name}")
}

fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    present(body, name).map(|value| scalar_text(value).ok_or_else(|| illegal(name))).transpose()
}

fn number(body: &Map<String, Value>, name: &str) -> Result<Option<i64>, Refusal> {
    present(body, name).map(|value| integer(value).ok_or_else(|| illegal(name))).transpose()
}

/// A boolean, also as a string.
fn flag(body: &Map<String, Value>, name: &str) -> Result<Option<bool>, Refusal> {
    let read = |value: &Value| match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    present(body, name).map(|value| read(value).ok_or_else(|| illegal(name))).transpose()
}

fn texts(body: &Map<String, Value>, name: &str) -> Result<Vec<String>, Refusal> {
    let Some(value) = present(body, name) else { return Ok(Vec::new()) };
    let list: Option<Vec<String>> = value.as_array().and_then(|list| list.iter().map(scalar_text).collect());
    list.ok_or_else(|| illegal(name))
}

fn integers(body: &Map<String, Value>, name: &str) -> Result<Vec<i64>, Refusal> {
    texts(body, name)?.iter().map(|text| text.parse().map_err(|_| illegal(name))).collect()
}

/// A range with both bounds, the lower first.
fn pair(body: &Map<String, Value>, name: &str) -> Result<Option<Range>, Refusal> {
    let Some(value) = present(body, name) else { return Ok(None) };
    let range = value.as_object().ok_or_else(|| illegal(name))?;
    match (number(range, "from")?, number(range, "to")?) {
        (Some(from), Some(to)) if from <= to => Ok(Some((from, to))),
        (Some(_), Some(_)) => Err(format!("{name}.from is greater than {name}.to")),
        _ => Err(format!("{name} needs both from and to")),
    }
}

/// At least one bound; the other becomes the least or greatest score.
fn chat_mcs(body: &Map<String, Value>) -> Result<Option<Range>, Refusal> {
    let Some(value) = present(body, "chatMCS") else { return Ok(None) };
    let range = value.as_object().ok_or_else(|| illegal("chatMCS"))?;
    let (from, to) = (number(range, "from")?, number(range, "to")?);
    if from.is_none() && to.is_none() {
        return Err("chatMCS needs from or to".to_owned());
    }
    Ok(Some((from.unwrap_or(0), to.unwrap_or(100))))
}

/// Absent or empty `types` means every area of text.
fn areas(body: &Map<String, Value>) -> Result<Vec<usize>, Refusal> {
    let Some(value) = present(body, "keyword_search_area") else { return Ok((0..AREAS.len()).collect()) };
    let types = texts(value.as_object().ok_or_else(|| illegal("keyword_search_area"))?, "types")?;
    let mut areas = Vec::new();
    for name in types.iter().filter(|name| *name != MCS_AREA) {
        let position = AREAS.iter().position(|(area, _)| area == name);
        areas.push(position.ok_or_else(|| format!("Unknown search area: {name}"))?);
    }
    if types.is_empty() {
        areas = (0..AREAS.len()).collect();
    }
    Ok(areas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_rounding() {
        assert_eq!(on_grid((1_437_054_059_354, 1_437_661_693_023)), (1_437_054_000_000, 1_437_661_800_000));
        assert_eq!(on_grid((600_000, 1_200_000)), (600_000, 1_200_000));
    }

    #[test]
    fn the_grammar_of_sort() {
        let keys = sort_keys("start:asc,duration:des").unwrap();
        assert_eq!((keys[0].descending, keys[1].descending), (false, true));
        for wrong in ["start", "start:up", "startTime:asc", "", "start:asc,"] {
            assert!(sort_keys(wrong).is_err(), "{wrong}");
        }
    }
}
