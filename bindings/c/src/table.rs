//! Tables as Arrow streams, by the Arrow C stream interface.

use std::ffi::c_char;
use std::fmt;
use std::mem::MaybeUninit;
use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use lpchat::{Batches, CallOptions, LpchatError, Text};

use crate::boundary::{LPCHAT_OK, boundary, guarded, null};
use crate::call::{Cancellation, wait_with};
use crate::error::lpchat_error;
use crate::generated::inputs::lpchat_call_options;
use crate::generated::objects::lpchat_search;
use crate::generated::records::lpchat_search_page;
use crate::handle;
use crate::input::{self, FromC};
use crate::output::given;
use crate::record;

/// What went wrong in a stream, as `get_last_error` gives it: a text that C can end.
#[derive(Debug)]
struct Said(String);

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Said {}

fn said(error: &LpchatError) -> ArrowError {
    ArrowError::ExternalError(Box::new(Said(error.to_string().replace('\0', "\u{fffd}"))))
}

/// Reads a search as its consumer asks for batches.
struct Stream {
    batches: Batches,
    schema: SchemaRef,
    options: Option<CallOptions>,
    cancellation: Option<Arc<Cancellation>>,
}

impl Iterator for Stream {
    type Item = Result<RecordBatch, ArrowError>;

    /// Called by foreign code, so that no panic may leave it.
    fn next(&mut self) -> Option<Self::Item> {
        let batch = guarded(|| {
            let page = wait_with(self.cancellation.as_ref(), || self.batches.search().next_page_call(self.options.clone()));
            self.batches.batch_of(page).transpose()
        });
        batch.map_err(|error| said(&error)).transpose()
    }
}

impl RecordBatchReader for Stream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// A table of the search's remaining pages, as an Arrow stream with a batch for each page: see `LPCHAT_TABLE_…` and
/// `docs/tables.md`. Each `get_next` reads a page from the service, on the thread that calls it, with `options`, and no
/// more than a page is held. Its failure is an errno code, and `get_last_error` says what happened, in lpchat's words; a
/// record that cannot be read fails at the end, after everything that can.
///
/// A page is read once: for several tables take `lpchat_search_page_table` of each page.
///
/// * `keep_placeholders`: 1 keeps `NA`, -1 and empty texts as the service sent them, 0 makes them null.
/// * `options`: of the call for each page; copied. May be NULL.
/// * `stream` receives the stream, which may outlive search and client: its owner calls its `release`.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_search_table(
    search: *const lpchat_search,
    table: *const c_char,
    keep_placeholders: i32,
    options: *const lpchat_call_options,
    stream: Option<&mut MaybeUninit<FFI_ArrowArrayStream>>,
    error: Option<&mut MaybeUninit<*mut lpchat_error>>,
) -> i32 {
    boundary(error, || {
        let stream = given("stream", stream)?;
        let (table, keep) = (Text::from_c("table", table)?, bool::from_c("keep_placeholders", keep_placeholders)?);
        let batches = handle::get("search", search)?.batches(&table, keep)?;
        let (options, cancellation) = input::call_options(options)?;
        let schema = batches.schema();
        stream.write(FFI_ArrowArrayStream::new(Box::new(Stream { batches, schema, options, cancellation })));
        Ok(LPCHAT_OK)
    })
}

/// A table of a page's records, as an Arrow stream of one batch; no call is made. Records that cannot be read are in the
/// page's failures.
///
/// * `keep_placeholders`: 1 keeps `NA`, -1 and empty texts as the service sent them, 0 makes them null.
/// * `stream` receives the stream, which may outlive the page: its owner calls its `release`.
#[unsafe(no_mangle)]
pub extern "C" fn lpchat_search_page_table(
    page: *const lpchat_search_page,
    table: *const c_char,
    keep_placeholders: i32,
    stream: Option<&mut MaybeUninit<FFI_ArrowArrayStream>>,
    error: Option<&mut MaybeUninit<*mut lpchat_error>>,
) -> i32 {
    boundary(error, || {
        let stream = given("stream", stream)?;
        let page = record::inner(page).ok_or_else(|| null("page"))?;
        let (table, keep) = (Text::from_c("table", table)?, bool::from_c("keep_placeholders", keep_placeholders)?);
        let batch = lpchat::table_of_records(&table, &page.records, keep)?;
        let schema = batch.schema();
        stream.write(FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new([Ok(batch)], schema))));
        Ok(LPCHAT_OK)
    })
}
