//! Errors of the core as exceptions of the Python package.

use lpchat::LpchatError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::convert::{Mode, ToPython};
use crate::model::Model;

/// The exception for an error: an instance of the class of its family, with the details as attributes.
pub fn exception(py: Python<'_>, error: &LpchatError) -> PyErr {
    build(py, error).unwrap_or_else(|failure| failure)
}

fn build(py: Python<'_>, error: &LpchatError) -> PyResult<PyErr> {
    let class = py.import("lpchat._errors")?.getattr(format!("Lpchat{}Error", error.family().name()))?;
    let details = PyDict::new(py);
    let record = error.details();
    for (index, name) in lpchat::ErrorDetails::FIELDS.iter().enumerate() {
        details.set_item(name, record.field(index, py, Mode::Blocking)?)?;
    }
    details.set_item("family", error.family().name().to_python(py, Mode::Blocking)?)?;
    Ok(PyErr::from_value(class.call((error.to_string(),), Some(&details))?))
}

/// A client holds credentials and connections.
pub fn not_picklable(class: &str) -> PyErr {
    pyo3::exceptions::PyTypeError::new_err(format!(
        "{class} objects cannot be pickled: they hold credentials and connections. Make a client in each process (after a fork \
         the parent's works too); a chat goes on elsewhere by `save` and `resume`"
    ))
}
