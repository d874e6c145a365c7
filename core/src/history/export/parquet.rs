//! Parquet: one table of one day.
//!
//! Where row groups and pages end follows from the rows alone, so that the same rows give the same bytes.

use std::io::{self, Read, SeekFrom};

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::folder::Folder;
use super::part::{Finished, PartFile, write_error};
use crate::environment::OpenFile;
use crate::error::Result;
use crate::history::{Engagement, TableBuilder};

pub(super) const EXTENSION: &str = "parquet";
/// A row group ends when it has come to about so many bytes: more would have to be held in memory.
const ROW_GROUP_BYTES: usize = 4 << 20;
/// Parquet begins and ends with this.
const MAGIC: &[u8; 4] = b"PAR1";

/// One table of one day. There is no file until there is a row.
pub(super) struct ParquetTable {
    table: &'static str,
    day: String,
    builder: TableBuilder,
    writer: Option<Box<ArrowWriter<PartFile>>>,
    rows: i64,
}

impl ParquetTable {
    pub(super) fn new(table: &'static str, day: &str, keep_placeholders: bool) -> Result<Self> {
        let builder = TableBuilder::new(table, keep_placeholders)?;
        Ok(Self { table, day: day.to_owned(), builder, writer: None, rows: 0 })
    }

    pub(super) fn append(&mut self, folder: &Folder, record: &Engagement) -> Result<()> {
        self.builder.append(record);
        if self.builder.is_large() { self.write_rows(folder) } else { Ok(()) }
    }

    fn write_rows(&mut self, folder: &Folder) -> Result<()> {
        let batch = self.builder.finish();
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.rows += i64::try_from(batch.num_rows()).unwrap_or(i64::MAX);
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let part = PartFile::begin(folder, self.table, &self.day, EXTENSION)?;
                let path = part.path().to_owned();
                let writer = ArrowWriter::try_new_with_options(part, batch.schema(), options());
                let writer = writer.map_err(|error| write_error(&path, &io_error(error)))?;
                self.writer.insert(Box::new(writer))
            }
        };
        let written = writer
            .write(&batch)
            .and_then(|()| if writer.in_progress_size() >= ROW_GROUP_BYTES { writer.flush() } else { Ok(()) });
        written.map_err(|error| write_error(writer.inner().path(), &io_error(error)))
    }

    /// The whole file, where there is a row.
    pub(super) fn finish(mut self, folder: &Folder) -> Result<Option<Finished>> {
        self.write_rows(folder)?;
        let Some(writer) = self.writer else { return Ok(None) };
        let path = writer.inner().path().to_owned();
        let part = writer.into_inner().map_err(|error| write_error(&path, &io_error(error)))?;
        Ok(Some(part.finish(self.table, &self.day, EXTENSION, self.rows)))
    }
}

fn options() -> ArrowWriterOptions {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        // Statistics for each row group are enough for parts of a day; an index of pages would be larger than they gain.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .build();
    // Every type has a name in Parquet; a copy of the schema in Arrow's form would weigh more than a small part.
    ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true)
}

/// The trouble of the file underneath, where it is that.
fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => inner.downcast::<io::Error>().map_or_else(io::Error::other, |inner| *inner),
        other => io::Error::other(other),
    }
}

/// How many rows a file says it has.
pub(super) fn rows(file: &mut dyn OpenFile) -> io::Result<i64> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it does not end as Parquet does");
    // The length of the metadata, four bytes, and the magic word.
    const FOOTER: i64 = 8;
    let length = file.seek(SeekFrom::End(-FOOTER))?;
    let mut footer = [0; FOOTER as usize];
    file.read_exact(&mut footer)?;
    let size = u32::from_le_bytes([footer[0], footer[1], footer[2], footer[3]]);
    if &footer[4..] != MAGIC || u64::from(size) > length {
        return Err(damaged());
    }
    file.seek(SeekFrom::Start(length - u64::from(size)))?;
    let mut metadata = Vec::new();
    file.take(size.into()).read_to_end(&mut metadata)?;
    let metadata = ParquetMetaDataReader::decode_metadata(&metadata).map_err(io_error)?;
    Ok(metadata.file_metadata().num_rows())
}
