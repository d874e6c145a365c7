//! Tables as Arrow streams, by the Arrow PyCapsule interface, and what wraps a search's pages.

use arrow_array::cast::AsArray;
use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch, RecordBatchIterator};
use arrow_schema::SchemaRef;
use lpchat::{TableBuilder, Timestamp};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList};

use crate::convert::Lookup;
use crate::errors::exception;
use crate::generated::{Engagement, SearchPage};
use crate::input::wrong_type;

/// A table of engagements, as Arrow data: pyarrow, polars, pandas and DuckDB read it without a copy.
#[pyclass(frozen, module = "lpchat")]
pub struct EngagementTable {
    name: String,
    schema: SchemaRef,
    /// More than one where one cannot hold so much text.
    batches: Vec<RecordBatch>,
}

impl EngagementTable {
    pub(crate) fn of(builder: BatchBuilder) -> Self {
        let BatchBuilder { name, schema, mut builder, mut batches } = builder;
        batches.push(builder.finish());
        Self { name, schema, batches }
    }

    fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// A table in the making.
pub struct BatchBuilder {
    name: String,
    schema: SchemaRef,
    builder: TableBuilder,
    batches: Vec<RecordBatch>,
}

impl BatchBuilder {
    pub fn new(py: Python<'_>, name: &str, keep_placeholders: bool) -> PyResult<Self> {
        let made = lpchat::table_schema(name)
            .and_then(|schema| TableBuilder::new(name, keep_placeholders).map(|builder| (schema, builder)));
        let (schema, builder) = made.map_err(|error| exception(py, &error))?;
        Ok(Self { name: name.to_owned(), schema, builder, batches: Vec::new() })
    }

    pub fn append<'e>(&mut self, records: impl IntoIterator<Item = &'e lpchat::Engagement>) {
        for record in records {
            self.builder.append(record);
            if self.builder.is_full() {
                self.batches.push(self.builder.finish());
            }
        }
    }
}

#[pymethods]
impl EngagementTable {
    /// Make a table of these engagements.
    ///
    /// * `engagements`: a list of them, or a page.
    /// * `table`: its name; `docs/tables.md` lists all and their columns.
    /// * `keep_placeholders`: keep `NA`, −1 and empty texts as the service sent them instead of making them null.
    #[new]
    #[pyo3(signature = (engagements, table = "engagements", *, keep_placeholders = false))]
    fn new(engagements: &Bound<'_, PyAny>, table: &str, keep_placeholders: bool) -> PyResult<Self> {
        let py = engagements.py();
        let mut builder = BatchBuilder::new(py, table, keep_placeholders)?;
        if let Ok(page) = engagements.cast::<SearchPage>() {
            let page = page.clone().unbind();
            py.detach(|| builder.append(&page.get().0.get().records));
        } else {
            let records = records_of(engagements)?;
            let records = records.iter().map(|record| record.get().0.get());
            py.detach(|| builder.append(records));
        }
        Ok(Self::of(builder))
    }

    /// The table's columns, as an Arrow schema.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.schema.as_ref()).map_err(unexportable)?;
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
        let reader = RecordBatchIterator::new(self.batches.clone().into_iter().map(Ok), SchemaRef::clone(&self.schema));
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), c"arrow_array_stream")
    }

    /// The table's name.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// The names of the table's columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// The table as a pyarrow table.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        static TO_ARROW: Lookup = Lookup::new("lpchat._frames", "to_arrow");
        TO_ARROW.get(slf.py())?.call1((slf,))
    }

    /// The table as a pandas data frame.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        static TO_PANDAS: Lookup = Lookup::new("lpchat._frames", "to_pandas");
        TO_PANDAS.get(slf.py())?.call1((slf,))
    }

    /// The table as a polars data frame.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        static TO_POLARS: Lookup = Lookup::new("lpchat._frames", "to_polars");
        TO_POLARS.get(slf.py())?.call1((slf,))
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static TO_HTML: Lookup = Lookup::new("lpchat._frames", "to_html");
        static SHOWN_ROWS: Lookup = Lookup::new("lpchat._frames", "SHOWN_ROWS");
        let shown: usize = SHOWN_ROWS.get(py)?.extract()?;
        let places = self.batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
        let values = |(batch, row): (&RecordBatch, usize)| -> Vec<Option<String>> {
            batch.columns().iter().map(|column| shown_value(column, row)).collect()
        };
        let rows: Vec<Vec<Option<String>>> = places.take(shown).map(values).collect();
        TO_HTML.get(py)?.call1((self.column_names(), rows, self.rows(), format!("rows of {}", self.name)))
    }

    /// How many rows the table has.
    fn __len__(&self) -> usize {
        self.rows()
    }

    fn __repr__(&self) -> String {
        format!("EngagementTable({:?}, {} rows, {} columns)", self.name, self.rows(), self.schema.fields().len())
    }
}

/// The records of a list. They are held, not copied: that would take longer than the table.
fn records_of(engagements: &Bound<'_, PyAny>) -> PyResult<Vec<Py<Engagement>>> {
    let list = engagements
        .cast::<PyList>()
        .map_err(|_| wrong_type(engagements, "engagements", "a list of Engagement or a SearchPage"))?;
    let mut records = Vec::with_capacity(list.len());
    for (index, engagement) in list.iter().enumerate() {
        let record = engagement
            .cast::<Engagement>()
            .map_err(|_| wrong_type(&engagement, &format!("engagements[{index}]"), "an Engagement"))?;
        records.push(record.clone().unbind());
    }
    Ok(records)
}

/// One value as people read it; nothing where it is null, or of a type that no table has.
fn shown_value(column: &dyn Array, row: usize) -> Option<String> {
    use arrow_schema::DataType;
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Timestamp(..) => {
            Timestamp::from_millis(column.as_primitive::<TimestampMillisecondType>().value(row)).to_string()
        }
        _ => return None,
    })
}

fn unexportable(error: impl std::fmt::Display) -> PyErr {
    pyo3::exceptions::PyRuntimeError::new_err(error.to_string())
}

/// The Python object around an object that hands out pages: an iterator with tables.
pub fn pageable<'py>(native: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static WRAP: Lookup = Lookup::new("lpchat._result", "wrap");
    WRAP.get(native.py())?.call1((native,))
}

/// Lets what hands out pages show how far it has come.
pub fn with_progress(result: Bound<'_, PyAny>, progress: bool) -> PyResult<Bound<'_, PyAny>> {
    static SHOW: Lookup = Lookup::new("lpchat._result", "show_progress");
    SHOW.get(result.py())?.call1((result, progress))
}
