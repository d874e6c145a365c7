//! Arrow tables of engagement history.
//!
//! Source: `docs/protocol/engagement-history-api.md`, "Tables that people make of it".

mod column;
mod derived;
mod engagements;
mod unknown;

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};

use super::Engagement;
use column::{ColumnBuilder, markdown};
use engagements::{COLUMNS, Row};

/// The schema of the table `engagements`: one row for each record. `docs/tables.md` lists the columns.
pub fn engagements_schema() -> SchemaRef {
    Arc::new(Schema::new(COLUMNS.iter().map(column::Column::field).collect::<Vec<_>>()))
}

/// The documentation of all tables, in Markdown: what `docs/tables.md` holds.
pub fn tables_markdown() -> String {
    let introduction = "# Tables\n\n\
        Times are instants in UTC with milliseconds. Every column may be null. Where the service writes `\"\"`, `NA` or the \
        id -1 for \"none\", tables hold null, unless they are made with `keep_placeholders`; sentiment groups of -1 and the \
        country code `NA` (Namibia) are values. The key of a record is `account_id`, `engagement_id`, `engagement_set` and \
        `engagement_sequence`.\n\n\
        This page is written by `LPCHAT_UPDATE_DOCS=1 cargo test -p lpchat --features arrow`.\n";
    let engagements =
        markdown("engagements", "One row for each record: an engagement, or one segment of a transferred one.", &COLUMNS);
    format!("{introduction}\n{engagements}")
}

/// Collects engagements into record batches of the table `engagements`.
#[derive(Debug)]
pub struct EngagementsBuilder {
    keep_placeholders: bool,
    columns: Vec<ColumnBuilder>,
}

impl EngagementsBuilder {
    /// An empty builder. `keep_placeholders` keeps what the service writes for "none" as it is.
    pub fn new(keep_placeholders: bool) -> Self {
        Self { keep_placeholders, columns: COLUMNS.iter().map(|column| ColumnBuilder::new(column.kind)).collect() }
    }

    /// Adds one record.
    pub fn append(&mut self, engagement: &Engagement) {
        let row = Row::new(engagement);
        for (builder, column) in self.columns.iter_mut().zip(&COLUMNS) {
            builder.append((column.value)(&row), self.keep_placeholders);
        }
    }

    /// The records added since the last batch.
    pub fn finish(&mut self) -> RecordBatch {
        let arrays = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        RecordBatch::try_new(engagements_schema(), arrays).expect("one list makes the schema and the arrays")
    }
}

/// The table `engagements`.
#[derive(Debug)]
pub struct EngagementTable;

impl EngagementTable {
    /// The table of these records. `keep_placeholders` keeps what the service writes for "none" as it is.
    pub fn of(records: &[Engagement], keep_placeholders: bool) -> RecordBatch {
        let mut builder = EngagementsBuilder::new(keep_placeholders);
        records.iter().for_each(|record| builder.append(record));
        builder.finish()
    }
}

impl super::Search {
    /// The remaining pages as record batches, one for each page. A record that cannot be read is an error: a table has
    /// no place for it.
    pub fn to_batches(&self, keep_placeholders: bool) -> crate::Result<Vec<RecordBatch>> {
        let batch = |page: crate::Result<super::SearchPage>| {
            let page = page?;
            page.refuse_failures()?;
            Ok(EngagementTable::of(&page.records, keep_placeholders))
        };
        self.pages().map(batch).collect()
    }
}

#[cfg(test)]
mod tests;
