//! Values of the core as Python objects.

use std::collections::HashMap;
use std::time::Duration;

use lpchat::{Decimal, Json, Text, Timestamp};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDelta, PyDict, PyFloat, PyInt, PyList, PyString};

use crate::view::View;

/// Whether objects come in their blocking or in their awaitable form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Blocking,
    Awaitable,
}

/// What can be handed to Python.
pub trait ToPython {
    /// The Python object.
    fn to_python<'py>(&self, py: Python<'py>, mode: Mode) -> PyResult<Bound<'py, PyAny>>;

    /// The plain form that `to_dict` consists of: dictionaries, lists and scalars.
    fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.to_python(py, Mode::Blocking)
    }

    /// The same as `to_python`, of a value that nobody else needs: a record is not copied.
    fn into_python(self, py: Python<'_>, mode: Mode) -> PyResult<Bound<'_, PyAny>>
    where
        Self: Sized,
    {
        self.to_python(py, mode)
    }

    /// A field of a record as a Python object. A record or a list of records shares the whole.
    fn part<'py, W>(whole: &View<W>, field: impl for<'a> Fn(&'a W) -> &'a Self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>
    where
        Self: Sized,
    {
        field(whole.get()).to_python(py, Mode::Blocking)
    }
}

/// An object of a module, looked up once.
pub struct Lookup {
    module: &'static str,
    name: &'static str,
    found: PyOnceLock<Py<PyAny>>,
}

impl Lookup {
    pub const fn new(module: &'static str, name: &'static str) -> Self {
        Self { module, name, found: PyOnceLock::new() }
    }

    pub fn get<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyAny>> {
        let find = || PyResult::Ok(py.import(self.module)?.getattr(self.name)?.unbind());
        Ok(self.found.get_or_try_init(py, find)?.bind(py))
    }
}

/// The class of an open enumeration, and its members that have been handed out.
pub struct Enumeration {
    class: Lookup,
    members: PyOnceLock<Py<PyDict>>,
}

/// More members than any enumeration has: values that the service makes up are not kept without end.
const MOST_MEMBERS: usize = 100;

impl Enumeration {
    pub const fn new(module: &'static str, name: &'static str) -> Self {
        Self { class: Lookup::new(module, name), members: PyOnceLock::new() }
    }

    /// The member of this text. To ask the class takes ten times as long as to look it up here.
    pub fn member<'py>(&self, py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
        let members = self.members.get_or_init(py, || PyDict::new(py).unbind()).bind(py);
        let text = PyString::new(py, text);
        if let Some(member) = members.get_item(&text)? {
            return Ok(member);
        }
        let member = self.class.get(py)?.call1((&text,))?;
        if members.len() < MOST_MEMBERS {
            members.set_item(text, &member)?;
        }
        Ok(member)
    }
}

impl ToPython for str {
    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyString::new(py, self).into_any())
    }
}

impl ToPython for Text {
    fn to_python<'py>(&self, py: Python<'py>, mode: Mode) -> PyResult<Bound<'py, PyAny>> {
        self.as_str().to_python(py, mode)
    }
}

impl ToPython for String {
    fn to_python<'py>(&self, py: Python<'py>, mode: Mode) -> PyResult<Bound<'py, PyAny>> {
        self.as_str().to_python(py, mode)
    }
}

impl ToPython for Json {
    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
        static LOADS: Lookup = Lookup::new("json", "loads");
        LOADS.get(py)?.call1((self.as_str(),))
    }
}

impl ToPython for Decimal {
    /// `None` where the text is no number; `raw` keeps it.
    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
        static DECIMAL: Lookup = Lookup::new("decimal", "Decimal");
        Ok(DECIMAL.get(py)?.call1((self.as_str(),)).unwrap_or_else(|_| py.None().into_bound(py)))
    }
}

impl ToPython for Timestamp {
    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
        static EPOCH: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let epoch = EPOCH.get_or_try_init(py, || {
            let datetime = py.import("datetime")?;
            let zone = datetime.getattr("timezone")?.getattr("utc")?;
            PyResult::Ok(datetime.getattr("datetime")?.call1((1970, 1, 1, 0, 0, 0, 0, zone))?.unbind())
        })?;
        let millis = self.as_millis();
        let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
        let since =
            PyDelta::new(py, i32::try_from(days).unwrap_or(i32::MAX), (rest / 1000) as i32, (rest % 1000) as i32 * 1000, false)?;
        epoch.bind(py).add(since)
    }
}

impl ToPython for Duration {
    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
        let (seconds, micros) = (self.as_secs(), self.subsec_micros());
        let days = i32::try_from(seconds / 86_400).unwrap_or(i32::MAX);
        Ok(PyDelta::new(py, days, (seconds % 86_400) as i32, micros as i32, false)?.into_any())
    }
}

impl ToPython for bool {
    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyBool::new(py, *self).to_owned().into_any())
    }
}

impl ToPython for i64 {
    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyInt::new(py, *self).into_any())
    }
}

impl ToPython for i32 {
    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyInt::new(py, *self).into_any())
    }
}

impl ToPython for f64 {
    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyFloat::new(py, *self).into_any())
    }
}

impl ToPython for () {
    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
        Ok(py.None().into_bound(py))
    }
}

impl<T: ToPython> ToPython for Option<T> {
    fn to_python<'py>(&self, py: Python<'py>, mode: Mode) -> PyResult<Bound<'py, PyAny>> {
        self.as_ref().map_or_else(|| Ok(py.None().into_bound(py)), |value| value.to_python(py, mode))
    }

    fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.as_ref().map_or_else(|| Ok(py.None().into_bound(py)), |value| value.to_plain(py))
    }

    fn into_python(self, py: Python<'_>, mode: Mode) -> PyResult<Bound<'_, PyAny>> {
        self.map_or_else(|| Ok(py.None().into_bound(py)), |value| value.into_python(py, mode))
    }

    fn part<'py, W>(whole: &View<W>, field: impl for<'a> Fn(&'a W) -> &'a Self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if field(whole.get()).is_none() {
            return Ok(py.None().into_bound(py));
        }
        T::part(whole, |whole| field(whole).as_ref().expect("it is there"), py)
    }
}

impl<T: ToPython> ToPython for Box<T> {
    fn to_python<'py>(&self, py: Python<'py>, mode: Mode) -> PyResult<Bound<'py, PyAny>> {
        (**self).to_python(py, mode)
    }

    fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        (**self).to_plain(py)
    }

    fn into_python(self, py: Python<'_>, mode: Mode) -> PyResult<Bound<'_, PyAny>> {
        (*self).into_python(py, mode)
    }

    fn part<'py, W>(whole: &View<W>, field: impl for<'a> Fn(&'a W) -> &'a Self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        T::part(whole, |whole| &**field(whole), py)
    }
}

impl<T: ToPython> ToPython for std::sync::Arc<T> {
    fn to_python<'py>(&self, py: Python<'py>, mode: Mode) -> PyResult<Bound<'py, PyAny>> {
        (**self).to_python(py, mode)
    }
}

impl<T: ToPython> ToPython for Vec<T> {
    fn to_python<'py>(&self, py: Python<'py>, mode: Mode) -> PyResult<Bound<'py, PyAny>> {
        list(py, self.iter().map(|value| value.to_python(py, mode)))
    }

    fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        list(py, self.iter().map(|value| value.to_plain(py)))
    }

    fn into_python(self, py: Python<'_>, mode: Mode) -> PyResult<Bound<'_, PyAny>> {
        list(py, self.into_iter().map(|value| value.into_python(py, mode)))
    }

    fn part<'py, W>(whole: &View<W>, field: impl for<'a> Fn(&'a W) -> &'a Self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let items = 0..field(whole.get()).len();
        list(py, items.map(|index| T::part(whole, |whole| &field(whole)[index], py)))
    }
}

/// A list of objects, made when all of them are there: that costs less than a list that grows.
fn list<'py>(
    py: Python<'py>,
    objects: impl ExactSizeIterator<Item = PyResult<Bound<'py, PyAny>>>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut made = Vec::with_capacity(objects.len());
    for object in objects {
        made.push(object?);
    }
    Ok(PyList::new(py, made)?.into_any())
}

impl ToPython for HashMap<String, String> {
    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
        let dictionary = PyDict::new(py);
        for (name, value) in self {
            dictionary.set_item(name, value)?;
        }
        Ok(dictionary.into_any())
    }
}
