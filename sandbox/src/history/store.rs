//! The records in SQLite: filterable columns beside what a record's text is made from.

use std::collections::HashSet;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Statement, Transaction, params};
use serde_json::{Value, json};

use super::generate::plan::{Facts, Scope};
use super::generate::record;
use super::row::Row;
use super::words;
use crate::clock::machine_now;
use crate::options::Options;
use crate::times::{DAY, month_number};

/// Above this number of records a temporary file holds them instead of memory. SQLite deletes it by itself.
const LARGEST_IN_MEMORY: u32 = 100_000;

/// Changes whenever generated data or tables change, so that an old data file is not mistaken for the same data.
const FORMAT: &str = "2";

const SCHEMA: &str = "
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    engagement_id TEXT NOT NULL, engagement_set INTEGER NOT NULL, sequence INTEGER NOT NULL,
    visitor_id TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, duration INTEGER NOT NULL,
    interactive INTEGER NOT NULL, agent_id TEXT NOT NULL, skill_id INTEGER NOT NULL, group_id INTEGER NOT NULL,
    channel INTEGER NOT NULL, mcs INTEGER, alerted_mcs INTEGER, chat_mcs INTEGER,
    content_types TEXT NOT NULL, labels TEXT NOT NULL,
    visit INTEGER, money_back INTEGER NOT NULL, json TEXT, indexed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE co_browse (record INTEGER NOT NULL, duration INTEGER NOT NULL, interactive INTEGER NOT NULL);
";

/// Created after the data, which is faster.
const INDEXES: &str = "
CREATE INDEX by_start ON records (start, engagement_id, engagement_set, sequence);
CREATE INDEX by_engagement ON records (engagement_id);
CREATE INDEX by_visitor ON records (visitor_id);
CREATE INDEX by_record ON co_browse (record);
";

const INSERT: &str = "INSERT INTO records (engagement_id, engagement_set, sequence, visitor_id, start, end, duration, \
     interactive, agent_id, skill_id, group_id, channel, mcs, alerted_mcs, chat_mcs, content_types, labels, \
     visit, money_back, json) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

/// What a record's text is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Generated { visit: i64, sequence: i64, money_back: bool },
    Json(String),
}

/// A record as far as rendering needs it.
#[derive(Debug)]
pub struct Stored {
    pub start: i64,
    pub end: i64,
    pub text: String,
}

#[derive(Debug)]
pub struct Store {
    pub(super) connection: Connection,
    scope: Scope,
    account: String,
}

type Failure = rusqlite::Error;

impl Store {
    /// Opens or creates the store. The error tells the user what to do.
    pub fn open(options: &Options) -> Result<Self, String> {
        let broken = |error: Failure| format!("cannot use the data store: {error}; another --data FILE may help");
        let connection = match &options.data {
            Some(path) => Connection::open(path),
            // The empty name is a temporary database on disk that nobody else sees.
            None if options.engagements > LARGEST_IN_MEMORY => Connection::open(""),
            None => Connection::open_in_memory(),
        };
        let connection = connection.map_err(broken)?;
        // Without a file to keep there is nothing that a crash could spoil.
        let pragmas = if options.data.is_some() {
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        } else {
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
        };
        connection.execute_batch(pragmas).map_err(broken)?;
        connection.execute_batch("PRAGMA cache_size=-65536; PRAGMA temp_store=FILE;").map_err(broken)?;
        add_functions(&connection).map_err(broken)?;
        let today = machine_now().div_euclid(DAY) * DAY;
        let base = options.base_date.unwrap_or(today);
        let scope = Scope { seed: options.seed, base, visitors: u64::from(options.engagements / 3).max(1) };
        let mut store = Self { connection, scope, account: options.account.clone() };
        match store.about("format").map_err(broken)? {
            None => store.create(options).map_err(broken)?,
            Some(_) => store.adopt(options)?,
        }
        Ok(store)
    }

    /// A value of the table `about`; none when the file is new.
    fn about(&self, name: &str) -> Result<Option<String>, Failure> {
        let tables: i64 =
            self.connection.query_row("SELECT count(*) FROM sqlite_master WHERE name = 'about'", [], |row| row.get(0))?;
        if tables == 0 {
            return Ok(None);
        }
        let mut statement = self.connection.prepare("SELECT value FROM about WHERE name = ?")?;
        statement.query_map([name], |row| row.get(0))?.next().transpose()
    }

    /// Goes on with a data file, which must have been made with the same options.
    fn adopt(&mut self, options: &Options) -> Result<(), String> {
        let stored = |name: &str| self.about(name).ok().flatten().unwrap_or_default();
        let base: i64 = stored("base").parse().unwrap_or_default();
        let expected = [
            ("format", FORMAT.to_owned()),
            ("seed", options.seed.to_string()),
            ("account", options.account.clone()),
            ("engagements", options.engagements.to_string()),
            ("base", options.base_date.unwrap_or(base).to_string()),
        ];
        for (name, wanted) in expected {
            if stored(name) != wanted {
                return Err(format!(
                    "the data file was made with another {name} ({}, not {wanted}): use the same options as then, or another file",
                    stored(name)
                ));
            }
        }
        self.scope.base = base;
        Ok(())
    }

    fn create(&mut self, options: &Options) -> Result<(), Failure> {
        let (scope, account) = (self.scope, self.account.clone());
        let transaction = self.connection.transaction()?;
        transaction.execute_batch(SCHEMA)?;
        generate(&transaction, &scope, &account, options.engagements)?;
        transaction.execute_batch(INDEXES)?;
        let columns: Vec<String> = (0..words::AREAS.len()).map(words::column).collect();
        transaction.execute_batch(&format!(
            "CREATE VIRTUAL TABLE texts USING fts5({}, content='', contentless_delete=1, \
             tokenize=\"ascii tokenchars '.:,;_''-'\")",
            columns.join(", ")
        ))?;
        for (name, value) in [
            ("format", FORMAT.to_owned()),
            ("seed", scope.seed.to_string()),
            ("account", account),
            ("engagements", options.engagements.to_string()),
            ("base", scope.base.to_string()),
        ] {
            transaction.execute("INSERT INTO about VALUES (?, ?)", [name.to_owned(), value])?;
        }
        transaction.commit()
    }

    /// Adds records given as JSON.
    pub fn insert(&mut self, records: &[(Row, String)]) -> Result<(), Failure> {
        let transaction = self.connection.transaction()?;
        {
            let mut statement = transaction.prepare(INSERT)?;
            for (row, json) in records {
                insert_row(&transaction, &mut statement, row, &Origin::Json(json.clone()))?;
            }
        }
        transaction.commit()
    }

    /// Forgets everything that was not generated.
    pub fn reset(&mut self) -> Result<(), Failure> {
        self.connection.execute_batch(
            "DELETE FROM texts WHERE rowid IN (SELECT id FROM records WHERE visit IS NULL AND indexed = 1);
             DELETE FROM co_browse WHERE record IN (SELECT id FROM records WHERE visit IS NULL);
             DELETE FROM records WHERE visit IS NULL;",
        )
    }

    /// The full text of a record, in the shape of 2018.
    pub fn text(&self, origin: Origin) -> String {
        match origin {
            Origin::Json(text) => text,
            Origin::Generated { visit, sequence, money_back } => {
                let mut facts = self.scope.visit(visit as u64).swap_remove(sequence as usize);
                facts.money_back |= money_back;
                record::write(&self.scope, &self.account, &facts)
            }
        }
    }

    /// The keys of all records that started in a range, in order.
    pub fn keys(&self, from: i64, to: i64) -> Result<Value, Failure> {
        let mut statement = self.connection.prepare(
            "SELECT engagement_id, engagement_set, sequence, start, end FROM records \
             WHERE start BETWEEN ? AND ? ORDER BY start, engagement_id, engagement_set, sequence, id",
        )?;
        let account = &self.account;
        let keys = statement.query_map([from, to], |row| {
            Ok(json!({
                "accountId": account, "engagementId": row.get::<_, String>(0)?,
                "engagementSet": row.get::<_, i64>(1)?, "engagementSequence": row.get::<_, i64>(2)?,
                "startTimeL": row.get::<_, i64>(3)?, "endTimeL": row.get::<_, i64>(4)?,
            }))
        })?;
        keys.collect()
    }
}

/// `label_fits(labels, wanted)`: any label holds the wanted words, or the phrase when it is quoted.
fn add_functions(connection: &Connection) -> Result<(), Failure> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("label_fits", 2, flags, |context| {
        let (labels, wanted): (String, String) = (context.get(0)?, context.get(1)?);
        let sought = words::sought(&wanted);
        Ok(!sought.is_empty() && labels.lines().any(|label| sought.occurs_in(label)))
    })
}

/// Plans visits until there are enough records, and stores them by time, so that neighbours in time are neighbours on
/// disk. The first record of each skill and month says "money back".
fn generate(transaction: &Transaction<'_>, scope: &Scope, account: &str, count: u32) -> Result<(), Failure> {
    let mut statement = transaction.prepare(INSERT)?;
    let mut covered: HashSet<(i64, i64)> = HashSet::new();
    let mut visits: Vec<(i64, u64)> = Vec::new();
    let mut records = 0;
    for visit in 0.. {
        if records >= count as usize {
            break;
        }
        let (requested, segments) = scope.outline(visit);
        visits.push((requested, visit));
        records += segments;
    }
    visits.sort_unstable();
    let all = visits.into_iter().flat_map(|(_, visit)| scope.visit(visit)).take(count as usize);
    for facts in all {
        let Facts { visit, sequence, skill, start, .. } = facts;
        let money_back = covered.insert((skill.id, month_number(start)));
        let origin = Origin::Generated { visit: visit as i64, sequence, money_back };
        insert_row(transaction, &mut statement, &Row::of_facts(scope, account, &facts), &origin)?;
    }
    Ok(())
}

fn insert_row(transaction: &Transaction<'_>, statement: &mut Statement<'_>, row: &Row, origin: &Origin) -> Result<(), Failure> {
    let (visit, money_back, json) = match origin {
        Origin::Generated { visit, money_back, .. } => (Some(*visit), *money_back, None),
        Origin::Json(text) => (None, false, Some(text)),
    };
    let record = statement.insert(params![
        row.engagement_id,
        row.set,
        row.sequence,
        row.visitor_id,
        row.start,
        row.end,
        row.duration,
        row.interactive,
        row.agent_id,
        row.skill_id,
        row.group_id,
        row.channel,
        row.mcs,
        row.alerted_mcs,
        row.chat_mcs,
        row.content_types,
        row.labels,
        visit,
        money_back,
        json,
    ])?;
    for (duration, interactive) in &row.co_browse {
        transaction.prepare_cached("INSERT INTO co_browse VALUES (?, ?, ?)")?.execute(params![record, duration, interactive])?;
    }
    Ok(())
}
