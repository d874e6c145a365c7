//! Arrow tables of engagement history.
//!
//! Source: `docs/protocol/engagement-history-api.md`, "Tables that people make of it".

mod batches;
mod co_browse;
mod column;
mod derived;
mod engagements;
mod html;
#[cfg(feature = "arrow-ipc")]
mod ipc;
mod lines;
mod predictions;
mod sdes;
mod surveys;
mod unknown;

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};

use super::Engagement;
use crate::error::{LpchatError, Result};
pub use batches::Batches;
use column::{ColumnBuilder, Kind};
#[cfg(feature = "arrow-ipc")]
pub use ipc::ipc_stream;

/// A table: everything about it follows from its one list of columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    name: &'static str,
    meaning: &'static str,
    fields: fn() -> Vec<Field>,
    kinds: fn() -> Vec<Kind>,
    /// Its section of the documentation.
    markdown: fn() -> String,
    append: fn(&mut [ColumnBuilder], &Engagement, bool),
}

/// Makes the table of a module: `COLUMNS` and `TABLE`, from what makes the rows of an engagement and from its columns.
/// The columns of the record's key come first.
macro_rules! table {
    ($name:literal, $meaning:literal, $rows:path; $($column:literal $kind:ident $unit:literal $about:literal => $value:expr,)+) => {
        static COLUMNS: &[$crate::history::table::column::Column<for<'e> fn(&Row<'e>) -> $crate::history::table::column::Cell<'e>>] = &{
            use $crate::history::table::column::{Column, Kind};
            [
                Column::new("account_id", Kind::Text, "", "The account. Part of the key.", |row| {
                    row.engagement.info.account_id.as_ref().into()
                }),
                Column::new("engagement_id", Kind::Text, "", "Id of the engagement. Part of the key.", |row| {
                    row.engagement.info.engagement_id.as_ref().into()
                }),
                Column::new("engagement_set", Kind::Integer, "", "Part of the key.", |row| {
                    row.engagement.info.engagement_set.into()
                }),
                Column::new("engagement_sequence", Kind::Integer, "", "Part of the key.", |row| {
                    row.engagement.info.engagement_sequence.into()
                }),
                $(Column::new($column, Kind::$kind, $unit, $about, $value),)+
            ]
        };
        $crate::history::table::table_of!($name, $meaning, $rows);
    };
}
/// Makes `TABLE` of a module that has `COLUMNS`.
macro_rules! table_of {
    ($name:literal, $meaning:literal, $rows:path) => {
        pub(in crate::history::table) const TABLE: $crate::history::table::Table = $crate::history::table::Table {
            name: $name,
            meaning: $meaning,
            fields: || COLUMNS.iter().map($crate::history::table::column::Column::field).collect(),
            kinds: || COLUMNS.iter().map(|column| column.kind).collect(),
            markdown: || $crate::history::table::column::markdown($name, $meaning, COLUMNS),
            append: |builders, engagement, keep_placeholders| {
                for row in $rows(engagement) {
                    for (builder, column) in builders.iter_mut().zip(COLUMNS) {
                        builder.append((column.value)(&row), keep_placeholders);
                    }
                }
            },
        };
    };
}
use {table, table_of};

/// Every table, in the order of the documentation.
fn tables() -> impl Iterator<Item = Table> {
    let own = [engagements::TABLE, lines::TABLE, surveys::TABLE, sdes::TABLE];
    own.into_iter().chain(sdes::TABLES).chain([co_browse::TABLE, predictions::TABLE])
}

/// The names of all tables; `docs/tables.md` lists their columns.
pub fn table_names() -> Vec<&'static str> {
    tables().map(|table| table.name).collect()
}

/// What a row of each table is, by the table's name; in the order of [`table_names`].
pub fn table_meanings() -> Vec<(&'static str, &'static str)> {
    tables().map(|table| (table.name, table.meaning)).collect()
}

impl Table {
    fn named(name: &str) -> Result<Self> {
        tables().find(|table| table.name == name).ok_or_else(|| {
            let rule = format!("there is no such table; there are {}", table_names().join(", "));
            LpchatError::argument("table", name, &rule)
        })
    }

    fn schema(self) -> SchemaRef {
        Arc::new(Schema::new((self.fields)()))
    }
}

/// The schema of a table.
pub fn table_schema(table: &str) -> Result<SchemaRef> {
    Ok(Table::named(table)?.schema())
}

/// The documentation of all tables, in Markdown: what `docs/tables.md` holds.
pub fn tables_markdown() -> String {
    let introduction = include_str!("introduction.md");
    let tables: Vec<String> = tables().map(|table| (table.markdown)()).collect();
    format!("{introduction}\n{}", tables.join("\n"))
}

/// Batches of files are about as large as this.
#[cfg(feature = "parquet")]
const LARGE_ROWS: usize = 1024;
#[cfg(feature = "parquet")]
const LARGE_TEXT_BYTES: usize = 1 << 20;
/// A column addresses its text by 32 bits; and what grows is copied, so that batches end long before.
const FULL_TEXT_BYTES: usize = 64 << 20;

/// Collects engagements into record batches of one table.
#[derive(Debug)]
pub struct TableBuilder {
    table: Table,
    keep_placeholders: bool,
    columns: Vec<ColumnBuilder>,
}

impl TableBuilder {
    /// An empty builder. `keep_placeholders` keeps what the service writes for "none" as it is.
    pub fn new(table: &str, keep_placeholders: bool) -> Result<Self> {
        let table = Table::named(table)?;
        Ok(Self { table, keep_placeholders, columns: (table.kinds)().into_iter().map(ColumnBuilder::new).collect() })
    }

    /// Adds the rows of one record.
    pub fn append(&mut self, engagement: &Engagement) {
        (self.table.append)(&mut self.columns, engagement, self.keep_placeholders);
    }

    /// Whether so much was added since the last batch that it is time for one.
    #[cfg(feature = "parquet")]
    pub(super) fn is_large(&self) -> bool {
        let rows = self.columns.first().map_or(0, ColumnBuilder::rows);
        rows >= LARGE_ROWS || self.text_bytes() >= LARGE_TEXT_BYTES
    }

    /// Whether so much was added since the last batch that a batch should end: one cannot hold any number of rows.
    pub fn is_full(&self) -> bool {
        self.text_bytes() >= FULL_TEXT_BYTES
    }

    fn text_bytes(&self) -> usize {
        self.columns.iter().map(ColumnBuilder::text_bytes).sum()
    }

    /// The rows added since the last batch.
    pub fn finish(&mut self) -> RecordBatch {
        let arrays = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        RecordBatch::try_new(self.table.schema(), arrays).expect("one list makes the schema and the arrays")
    }
}

/// A table of these records. `keep_placeholders` keeps what the service writes for "none" as it is.
pub fn table_of_records<'e>(
    table: &str,
    records: impl IntoIterator<Item = &'e Engagement>,
    keep_placeholders: bool,
) -> Result<RecordBatch> {
    let mut builder = TableBuilder::new(table, keep_placeholders)?;
    records.into_iter().for_each(|record| builder.append(record));
    Ok(builder.finish())
}

#[cfg(test)]
mod tests;
