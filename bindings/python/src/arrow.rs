//! Tables as Arrow streams, by the Arrow PyCapsule interface, and what wraps a search's pages.

use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchIterator};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList};

use crate::convert::Lookup;
use crate::errors::exception;
use crate::generated::Engagement;
use crate::input::wrong_type;

/// A table of engagements, as Arrow data: pyarrow, polars, pandas and DuckDB read it without a copy.
#[pyclass(frozen, module = "lpchat")]
pub struct EngagementTable {
    name: String,
    batch: RecordBatch,
}

#[pymethods]
impl EngagementTable {
    /// Make a table of these engagements.
    ///
    /// * `table`: its name; `docs/tables.md` lists all and their columns.
    /// * `keep_placeholders`: keep `NA`, −1 and empty texts as the service sent them instead of making them null.
    #[new]
    #[pyo3(signature = (engagements, table = "engagements", *, keep_placeholders = false))]
    fn new(engagements: &Bound<'_, PyList>, table: &str, keep_placeholders: bool) -> PyResult<Self> {
        let mut records = Vec::with_capacity(engagements.len());
        for (index, engagement) in engagements.iter().enumerate() {
            let record = engagement
                .cast::<Engagement>()
                .map_err(|_| wrong_type(&engagement, &format!("engagements[{index}]"), "an Engagement"))?;
            // Held, not copied: that would take longer than the table.
            records.push(record.clone().unbind());
        }
        let py = engagements.py();
        let batch = py.detach(|| {
            let mut builder = lpchat::TableBuilder::new(table, keep_placeholders)?;
            records.iter().for_each(|record| builder.append(&record.get().0));
            Ok(builder.finish())
        });
        Ok(Self { name: table.to_owned(), batch: batch.map_err(|error: lpchat::LpchatError| exception(py, &error))? })
    }

    /// The table's columns, as an Arrow schema.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.batch.schema().as_ref()).map_err(unexportable)?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    /// The table's data, as an Arrow stream.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol allows to leave a requested schema unheeded.
        drop(requested_schema);
        let reader = RecordBatchIterator::new([Ok(self.batch.clone())], self.batch.schema());
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), c"arrow_array_stream")
    }

    /// How many rows the table has.
    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    fn __repr__(&self) -> String {
        format!("EngagementTable({:?}, {} rows, {} columns)", self.name, self.batch.num_rows(), self.batch.num_columns())
    }
}

fn unexportable(error: impl std::fmt::Display) -> PyErr {
    pyo3::exceptions::PyRuntimeError::new_err(error.to_string())
}

/// The Python object around an object that hands out pages: an iterator with tables.
pub fn pageable<'py>(native: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static WRAP: Lookup = Lookup::new("lpchat._result", "wrap");
    WRAP.get(native.py())?.call1((native,))
}
