//! JSON Lines.

use std::borrow::Cow;
use std::io::{BufWriter, Write};

use super::folder::Folder;
use super::part::{Finished, PartFile, write_error};
use crate::error::Result;

pub(super) const EXTENSION: &str = "jsonl";
const BUFFER_BYTES: usize = 64 << 10;

/// A file of documents, one a line.
pub(super) struct LinesFile {
    table: &'static str,
    day: String,
    writer: BufWriter<PartFile>,
    rows: i64,
}

impl LinesFile {
    pub(super) fn begin(folder: &Folder, table: &'static str, day: &str) -> Result<Self> {
        let part = PartFile::begin(folder, table, day, EXTENSION)?;
        Ok(Self { table, day: day.to_owned(), writer: BufWriter::with_capacity(BUFFER_BYTES, part), rows: 0 })
    }

    pub(super) fn append(&mut self, json: &str) -> Result<()> {
        self.rows += 1;
        let written = self.writer.write_all(one_line(json).as_bytes()).and_then(|()| self.writer.write_all(b"\n"));
        written.map_err(|error| write_error(self.writer.get_ref().path(), &error))
    }

    pub(super) fn finish(mut self) -> Result<Finished> {
        self.writer.flush().map_err(|error| write_error(self.writer.get_ref().path(), &error))?;
        let (part, _) = self.writer.into_parts();
        Ok(part.finish(self.table, &self.day, EXTENSION, self.rows))
    }
}

/// The document on one line: JSON has line breaks between its pieces only.
fn one_line(json: &str) -> Cow<'_, str> {
    if json.contains(['\n', '\r']) { json.replace(['\n', '\r'], " ").into() } else { json.into() }
}
