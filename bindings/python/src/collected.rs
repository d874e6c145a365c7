//! What a search has collected, held as the service sent it: as records it takes more than twice as much memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use lpchat::wire::{Decode, Reader, Text};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::arrow::{BatchBuilder, EngagementTable};
use crate::convert::ToPython;
use crate::generated::SearchPage;
use crate::view::View;

/// The records of a page, as JSON until somebody wants them.
#[pyclass(frozen, module = "lpchat._native")]
pub struct CollectedRecords(Vec<Text>);

#[pymethods]
impl CollectedRecords {
    #[new]
    fn new(page: &Bound<'_, SearchPage>) -> Self {
        let page = page.get().0.get();
        Self(page.records.iter().map(|record| record.raw.text().clone()).collect())
    }

    /// The records.
    fn records<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let records: Vec<lpchat::Engagement> = py.detach(|| self.0.iter().map(decoded).collect());
        Vec::part(&View::of(records), |records| records, py)
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }
}

fn decoded(record: &Text) -> lpchat::Engagement {
    lpchat::Engagement::decode(&mut Reader::of(record)).expect("it was decoded before")
}

/// A table of everything that a search collects, made page by page.
#[pyclass(frozen, module = "lpchat._native")]
pub struct TableCollector(Mutex<Option<BatchBuilder>>);

impl TableCollector {
    fn lock(&self) -> MutexGuard<'_, Option<BatchBuilder>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl TableCollector {
    #[new]
    #[pyo3(signature = (table, *, keep_placeholders))]
    fn new(py: Python<'_>, table: &str, keep_placeholders: bool) -> PyResult<Self> {
        Ok(Self(Mutex::new(Some(BatchBuilder::new(py, table, keep_placeholders)?))))
    }

    /// Take the records of a page.
    fn take(&self, page: &Bound<'_, SearchPage>) {
        let (py, page) = (page.py(), page.get());
        py.detach(|| {
            if let Some(builder) = &mut *self.lock() {
                builder.append(&page.0.get().records);
            }
        });
    }

    /// Take records that were collected before.
    fn take_collected(&self, collected: &Bound<'_, CollectedRecords>) {
        let (py, collected) = (collected.py(), collected.get());
        py.detach(|| {
            if let Some(builder) = &mut *self.lock() {
                collected.0.iter().for_each(|record| builder.append([&decoded(record)]));
            }
        });
    }

    /// The table.
    fn finish(&self) -> PyResult<EngagementTable> {
        let builder = self.lock().take().ok_or_else(|| PyRuntimeError::new_err("the table was made already"))?;
        Ok(EngagementTable::of(builder))
    }
}
