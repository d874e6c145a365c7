//! Runs a search on the store: docs/protocol/engagement-history-api.md, "Predicates".

use rusqlite::types::Value as Sql;
use rusqlite::{Row as SqlRow, params_from_iter};

use super::query::{Filter, Query, SortKey};
use super::store::{Origin, Store, Stored};
use super::words::{self, EARLY_AREAS, Sought};

type Failure = rusqlite::Error;

/// What can be seen now.
#[derive(Debug, Clone, Copy)]
pub struct Horizon {
    /// Chats that ended later are not there yet.
    pub ended_by: i64,
    /// Of chats that ended later, attributes and predictions are not there yet.
    pub enriched_by: i64,
    /// Chats that started earlier are deleted.
    pub started_since: i64,
}

/// A page of a result.
#[derive(Debug)]
pub struct Found {
    pub count: i64,
    pub records: Vec<Stored>,
}

#[derive(Debug, Default)]
struct Conditions {
    parts: Vec<String>,
    values: Vec<Sql>,
}

impl Conditions {
    fn add(&mut self, part: &str, values: impl IntoIterator<Item = Sql>) {
        self.parts.push(part.to_owned());
        self.values.extend(values);
    }

    fn integer(&mut self, part: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.add(part, [Sql::Integer(value)]);
        }
    }

    fn range(&mut self, part: &str, range: Option<(i64, i64)>) {
        if let Some((from, to)) = range {
            self.add(part, [Sql::Integer(from), Sql::Integer(to)]);
        }
    }

    /// An empty list is no restriction.
    fn one_of(&mut self, column: &str, values: Vec<Sql>) {
        if !values.is_empty() {
            let marks = vec!["?"; values.len()].join(",");
            self.add(&format!("{column} IN ({marks})"), values);
        }
    }

    /// Any of the values fits the expression with one mark.
    fn any(&mut self, expression: &str, values: Vec<Sql>) {
        if !values.is_empty() {
            let parts = vec![expression; values.len()].join(" OR ");
            self.add(&format!("({parts})"), values);
        }
    }

    fn sql(&self) -> String {
        self.parts.join(" AND ")
    }
}

fn integers(values: &[i64]) -> Vec<Sql> {
    values.iter().copied().map(Sql::Integer).collect()
}

fn texts(values: impl IntoIterator<Item = String>) -> Vec<Sql> {
    values.into_iter().map(Sql::Text).collect()
}

fn conditions(filter: &Filter, horizon: &Horizon) -> Conditions {
    let mut all = Conditions::default();
    all.integer("end <= ?", Some(horizon.ended_by));
    // One range, since the query planner would use either bound of two.
    let (from, to) = filter.start.unwrap_or((i64::MIN, i64::MAX));
    all.range("start BETWEEN ? AND ?", Some((from.max(horizon.started_since), to)));
    all.any("engagement_id = ?", texts(filter.engagement_id.clone()));
    all.any("visitor_id = ?", texts(filter.visitor.clone()));
    all.one_of("skill_id", integers(&filter.skill_ids));
    all.one_of("agent_id", texts(filter.agent_ids.iter().cloned()));
    all.one_of("group_id", integers(&filter.group_ids));
    all.range("duration BETWEEN ? AND ?", filter.duration);
    if filter.interactive {
        all.add("interactive = 1", []);
    }
    all.integer("channel = ?", filter.channel);
    all.one_of("alerted_mcs", integers(&filter.alerted_mcs));
    all.range("chat_mcs BETWEEN ? AND ?", filter.chat_mcs);
    all.integer("mcs = ?", filter.mcs);
    let sessions = "EXISTS (SELECT 1 FROM co_browse WHERE record = records.id";
    all.integer(&format!("{sessions}) = ?"), filter.has_co_browse.map(i64::from));
    all.integer(&format!("{sessions} AND interactive = 1) = ?"), filter.has_interactive_co_browse.map(i64::from));
    all.range(&format!("{sessions} AND duration BETWEEN ? AND ?)"), filter.co_browse_duration);
    let kinds = filter.line_content_types.iter().map(|kind| format!(",{kind},"));
    all.any("instr(content_types, ?) > 0", texts(kinds));
    if !filter.prediction_labels.is_empty() {
        all.integer("end <= ?", Some(horizon.enriched_by));
        all.any("label_fits(labels, ?)", texts(filter.prediction_labels.iter().cloned()));
    }
    all
}

/// The keyword: in all areas asked for, or in the early ones while attributes and surveys are not complete.
fn add_keyword(all: &mut Conditions, sought: &Sought, areas: &[usize], horizon: &Horizon) {
    let early: Vec<usize> = areas.iter().copied().filter(|area| EARLY_AREAS.contains(area)).collect();
    let matches = "id IN (SELECT rowid FROM texts WHERE texts MATCH ?)";
    let mut parts = Vec::new();
    for (time, areas) in [("end <= ?", areas.to_vec()), ("end > ?", early)] {
        if !areas.is_empty() {
            parts.push(format!("({time} AND {matches})"));
            all.values.extend([Sql::Integer(horizon.enriched_by), Sql::Text(sought.to_index_query(&areas))]);
        }
    }
    all.parts.push(if parts.is_empty() { "0".to_owned() } else { format!("({})", parts.join(" OR ")) });
}

/// The key of a record comes last, so that paging is deterministic.
fn order(sort: Option<&[SortKey]>, shuffle: bool) -> String {
    let keys = match sort {
        None if shuffle => return "random()".to_owned(),
        None => &[SortKey { field: "start", descending: true }],
        Some(keys) => keys,
    };
    let mut parts = Vec::new();
    for key in keys {
        let direction = if key.descending { "DESC" } else { "ASC" };
        let column = match key.field {
            "visitor" => "visitor_id",
            "engagementId" => "engagement_id",
            "agentId" => {
                parts.push("agent_id GLOB '*[^0-9]*'".to_owned());
                "CAST(agent_id AS INTEGER)"
            }
            "skillId" => "skill_id",
            same => same,
        };
        parts.push(format!("{column} {direction}"));
    }
    let tie_breakers = ["engagement_id", "engagement_set", "sequence", "id"];
    let sorted_by_id = keys.iter().any(|key| key.field == "engagementId");
    parts.extend(tie_breakers[usize::from(sorted_by_id)..].iter().map(|&column| column.to_owned()));
    parts.join(", ")
}

const ORIGIN: &str = "visit, sequence, money_back, json";

fn origin(row: &SqlRow<'_>) -> Result<Origin, Failure> {
    Ok(match row.get::<_, Option<i64>>("visit")? {
        Some(visit) => Origin::Generated { visit, sequence: row.get("sequence")?, money_back: row.get("money_back")? },
        None => Origin::Json(row.get("json")?),
    })
}

impl Store {
    /// The matches of a query and one page of them.
    pub fn search(&mut self, query: &Query, horizon: &Horizon, shuffle: bool) -> Result<Found, Failure> {
        let mut all = conditions(&query.filter, horizon);
        if let Some(sought) = &query.filter.keyword {
            self.index(&all)?;
            add_keyword(&mut all, sought, &query.filter.areas, horizon);
        }
        let (place, order) = (all.sql(), order(query.sort.as_deref(), shuffle));
        let mut values = all.values;
        let count: i64 = self
            .connection
            .prepare_cached(&format!("SELECT count(*) FROM records WHERE {place}"))?
            .query_row(params_from_iter(&values), |row| row.get(0))?;
        values.extend([Sql::Integer(query.limit), Sql::Integer(query.offset)]);
        let sql = format!("SELECT start, end, {ORIGIN} FROM records WHERE {place} ORDER BY {order} LIMIT ? OFFSET ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows =
            statement.query_map(params_from_iter(&values), |row| Ok((row.get("start")?, row.get("end")?, origin(row)?)))?;
        let records: Result<Vec<Stored>, Failure> =
            rows.map(|row| row.map(|(start, end, origin)| Stored { start, end, text: self.text(origin) })).collect();
        Ok(Found { count, records: records? })
    }

    /// Indexes the words of the records in question that were not asked for by keyword before.
    fn index(&mut self, all: &Conditions) -> Result<(), Failure> {
        let sql = format!("SELECT id, {ORIGIN} FROM records WHERE indexed = 0 AND {}", all.sql());
        let pending: Vec<(i64, Origin)> = self
            .connection
            .prepare(&sql)?
            .query_map(params_from_iter(&all.values), |row| Ok((row.get("id")?, origin(row)?)))?
            .collect::<Result<_, _>>()?;
        let prepared: Vec<(i64, Vec<String>)> = pending
            .into_iter()
            .map(|(id, origin)| {
                let record = serde_json::from_str(&self.text(origin)).unwrap_or_default();
                (id, words::index_texts(&record))
            })
            .collect();
        let columns: Vec<String> = (0..words::AREAS.len()).map(words::column).collect();
        let marks = vec!["?"; columns.len()].join(",");
        let insert = format!("INSERT INTO texts (rowid, {}) VALUES (?, {marks})", columns.join(","));
        let transaction = self.connection.transaction()?;
        for (id, areas) in prepared {
            let values = std::iter::once(Sql::Integer(id)).chain(texts(areas));
            transaction.prepare_cached(&insert)?.execute(params_from_iter(values))?;
            transaction.prepare_cached("UPDATE records SET indexed = 1 WHERE id = ?")?.execute([id])?;
        }
        transaction.commit()
    }
}
