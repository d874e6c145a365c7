//! The files of one day.

use super::folder::Folder;
use super::format::ExportFormat;
use super::lines::{self, LinesFile};
#[cfg(feature = "parquet")]
use super::parquet::{self, ParquetTable};
use super::part::Finished;
use super::spool::Record;
use crate::error::Result;

/// The table that JSON Lines have.
const RECORDS: &str = "engagements";
/// Records that cannot be read, as the service sent them: tables have no place for them.
#[cfg(feature = "parquet")]
const UNREADABLE: &str = "unreadable";

/// Every table that an export of this format may have, and how names of its files end.
pub(super) fn possible(format: &ExportFormat) -> (Vec<&'static str>, Vec<&'static str>) {
    match format {
        #[cfg(feature = "parquet")]
        ExportFormat::Parquet => {
            let tables = crate::history::table_names().into_iter().chain([UNREADABLE]).collect();
            (tables, vec![parquet::EXTENSION, lines::EXTENSION])
        }
        _ => (vec![RECORDS], vec![lines::EXTENSION]),
    }
}

/// The files of one day in the making.
pub(super) enum Tables {
    Lines {
        day: String,
        records: Option<LinesFile>,
    },
    #[cfg(feature = "parquet")]
    Parquet {
        day: String,
        tables: Vec<ParquetTable>,
        unreadable: Option<LinesFile>,
    },
}

impl Tables {
    #[cfg_attr(not(feature = "parquet"), expect(unused_variables, reason = "lines are what the service sent"))]
    pub(super) fn new(format: &ExportFormat, keep_placeholders: bool, day: String) -> Result<Self> {
        match format {
            #[cfg(feature = "parquet")]
            ExportFormat::Parquet => {
                let names = crate::history::table_names().into_iter();
                let tables = names.map(|name| ParquetTable::new(name, &day, keep_placeholders)).collect::<Result<_>>()?;
                Ok(Self::Parquet { day, tables, unreadable: None })
            }
            _ => Ok(Self::Lines { day, records: None }),
        }
    }

    /// Adds a record. They come in order.
    pub(super) fn append(&mut self, folder: &Folder, record: &Record) -> Result<()> {
        match self {
            Self::Lines { day, records } => line(folder, records, RECORDS, day, record),
            #[cfg(feature = "parquet")]
            Self::Parquet { day, tables, unreadable } => match record {
                Record::Readable(engagement) => tables.iter_mut().try_for_each(|table| table.append(folder, engagement)),
                Record::Unreadable(_) => line(folder, unreadable, UNREADABLE, day, record),
            },
        }
    }

    /// The files, whole.
    #[cfg_attr(not(feature = "parquet"), expect(unused_variables, reason = "lines are all written by now"))]
    pub(super) fn finish(self, folder: &Folder) -> Result<Vec<Finished>> {
        match self {
            Self::Lines { records, .. } => records.map(LinesFile::finish).into_iter().collect(),
            #[cfg(feature = "parquet")]
            Self::Parquet { tables, unreadable, .. } => {
                let mut finished = Vec::new();
                for table in tables {
                    finished.extend(table.finish(folder)?);
                }
                finished.extend(unreadable.map(LinesFile::finish).transpose()?);
                Ok(finished)
            }
        }
    }
}

fn line(folder: &Folder, file: &mut Option<LinesFile>, table: &'static str, day: &str, record: &Record) -> Result<()> {
    let file = match file {
        Some(file) => file,
        None => file.insert(LinesFile::begin(folder, table, day)?),
    };
    file.append(record.json())
}
