//! A search as record batches of one table, page by page.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::{Table, TableBuilder};
use crate::error::{Code, LpchatError, Result};
use crate::history::{RecordFailure, Search, SearchPage};

/// The remaining pages of a search as record batches of one table, one for each page. No more than a page is held.
///
/// A record that cannot be read hides no other one: all that can be read come first, then an error.
#[derive(Debug)]
pub struct Batches {
    search: Search,
    builder: TableBuilder,
    unreadable: usize,
    first_unreadable: Option<RecordFailure>,
    has_ended: bool,
}

impl Search {
    /// The remaining pages as batches of a table. `keep_placeholders` keeps what the service writes for "none" as it is.
    pub fn batches(&self, table: &str, keep_placeholders: bool) -> Result<Batches> {
        let builder = TableBuilder::new(table, keep_placeholders)?;
        Ok(Batches { search: self.clone(), builder, unreadable: 0, first_unreadable: None, has_ended: false })
    }
}

impl Batches {
    /// The schema of every batch.
    pub fn schema(&self) -> SchemaRef {
        Table::schema(self.builder.table)
    }

    /// The search that is read.
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// Makes a batch of what asking the search for its next page came to. Nothing where that was the end.
    pub fn batch_of(&mut self, page: Result<Option<SearchPage>>) -> Option<Result<RecordBatch>> {
        if self.has_ended {
            return None;
        }
        match page {
            Ok(Some(page)) => {
                page.records.iter().for_each(|record| self.builder.append(record));
                self.unreadable += page.failures.len();
                self.first_unreadable = self.first_unreadable.take().or_else(|| page.failures.into_iter().next());
                Some(Ok(self.builder.finish()))
            }
            Ok(None) => {
                self.has_ended = true;
                self.complaint().map(Err)
            }
            Err(error) => {
                self.has_ended = true;
                Some(Err(error))
            }
        }
    }

    fn complaint(&self) -> Option<LpchatError> {
        let first = self.first_unreadable.as_ref()?;
        let records = if self.unreadable == 1 { "A record".to_owned() } else { format!("{} records", self.unreadable) };
        let error = LpchatError::new(Code::UnexpectedShape)
            .with_message(format!("{records} could not be read: {} at {}.", first.message, first.path));
        Some(error.with_hint("The search's pages give the JSON text of each in their `failures`."))
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let page = self.search.next_page();
        self.batch_of(page)
    }
}
