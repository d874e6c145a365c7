//! What an export is written as.

use lpchat_macros::model;

use crate::error::{LpchatError, Result};

/// What an export is written as.
#[model]
pub enum ExportFormat {
    /// Tables as Parquet, compressed with Snappy: `docs/tables.md` lists them and their columns.
    #[wire("parquet")]
    Parquet,
    /// JSON Lines: the service's own records, one a line.
    #[wire("jsonl")]
    JsonLines,
}

/// Whether this build of lpchat writes Parquet.
const HAS_PARQUET: bool = cfg!(feature = "parquet");

/// The format of a new export, checked.
pub(super) fn checked(given: Option<ExportFormat>) -> Result<ExportFormat> {
    match given {
        None if HAS_PARQUET => Ok(ExportFormat::Parquet),
        None => Ok(ExportFormat::JsonLines),
        Some(ExportFormat::Parquet) if !HAS_PARQUET => Err(LpchatError::argument(
            "format",
            "parquet",
            "this library is built without it, to stay small: export as `jsonl`, or with the command line or the Python package",
        )),
        Some(format @ (ExportFormat::Parquet | ExportFormat::JsonLines)) => Ok(format),
        Some(other) => Err(LpchatError::argument("format", other.as_str(), "an export is `parquet` or `jsonl`")),
    }
}
