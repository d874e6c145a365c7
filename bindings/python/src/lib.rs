//! lpchat for Python: the extension module `lpchat._native`.
//!
//! `generated` holds a class for every object and record of the interface, in a blocking and, for objects, an awaitable
//! form. What is written by hand is the same for all of them: waiting and cancelling, errors, values, Arrow.

#![allow(missing_debug_implementations, reason = "Python prints these classes, by `__repr__`")]

mod arrow;
mod collected;
mod convert;
mod errors;
mod generated;
mod input;
mod model;
mod view;
mod wait;

use pyo3::prelude::*;

/// The extension module.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", lpchat::VERSION)?;
    module.add_function(wrap_pyfunction!(wait::set_log_level, module)?)?;
    module.py().import("atexit")?.call_method1("register", (wrap_pyfunction!(wait::shut_down, module)?,))?;
    module.add_class::<arrow::EngagementTable>()?;
    module.add_class::<collected::CollectedRecords>()?;
    module.add_class::<collected::TableCollector>()?;
    generated::register(module)
}
