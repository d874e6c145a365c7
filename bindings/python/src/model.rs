//! What all record classes have in common: representation, comparison, the plain form.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::convert::Mode;

/// A record of the core, field by field. Generated for each.
pub trait Model {
    /// The class's name.
    const NAME: &'static str;
    /// The fields' names.
    const FIELDS: &'static [&'static str];

    /// One field as a Python object.
    fn field<'py>(&self, index: usize, py: Python<'py>, mode: Mode) -> PyResult<Bound<'py, PyAny>>;

    /// One field in its plain form.
    fn plain<'py>(&self, index: usize, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;
}

/// `ChatInformation(state=<ChatState.WAITING: 'waiting'>, …)`, without the fields that are absent or empty.
pub fn representation<M: Model>(model: &M, py: Python<'_>) -> PyResult<String> {
    let mut parts = Vec::new();
    for (index, name) in M::FIELDS.iter().enumerate() {
        let value = model.field(index, py, Mode::Blocking)?;
        let empty_list = value.len().is_ok_and(|len| len == 0) && !value.is_instance_of::<pyo3::types::PyString>();
        if !value.is_none() && !empty_list {
            parts.push(format!("{name}={}", value.repr()?));
        }
    }
    Ok(format!("{}({})", M::NAME, parts.join(", ")))
}

/// All fields in their plain form, by name.
pub fn dictionary<'py, M: Model>(model: &M, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
    let dictionary = PyDict::new(py);
    for (index, name) in M::FIELDS.iter().enumerate() {
        dictionary.set_item(name, model.plain(index, py)?)?;
    }
    Ok(dictionary)
}

/// Declares the class of a record: its conversion and the methods that every record has.
#[macro_export]
macro_rules! record_class {
    ($class:ident, $core:ty) => {
        impl $crate::convert::ToPython for $core {
            fn to_python<'py>(&self, py: Python<'py>, _: $crate::convert::Mode) -> PyResult<Bound<'py, PyAny>> {
                Ok(Bound::new(py, $class($crate::view::View::of(self.clone())))?.into_any())
            }

            fn into_python(self, py: Python<'_>, _: $crate::convert::Mode) -> PyResult<Bound<'_, PyAny>> {
                Ok(Bound::new(py, $class($crate::view::View::of(self)))?.into_any())
            }

            fn part<'py, W>(
                whole: &$crate::view::View<W>,
                field: impl for<'a> Fn(&'a W) -> &'a Self,
                py: Python<'py>,
            ) -> PyResult<Bound<'py, PyAny>> {
                Ok(Bound::new(py, $class(whole.part(field)))?.into_any())
            }

            fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                Ok($crate::model::dictionary(self, py)?.into_any())
            }
        }
    };
}

/// A client's representation names its account and nothing that is secret.
pub fn client_representation(client: &lpchat::Client) -> String {
    client
        .account_id()
        .map_or_else(|| "Client(no account)".to_owned(), |account| format!("Client(account_id={:?})", account.as_str()))
}

/// An object's representation: the members that the core's own form shows, in Python's writing.
pub fn object_representation(class: &str, object: &impl std::fmt::Debug) -> String {
    let shown = format!("{object:?}");
    let members = shown.split_once("{ ").and_then(|(_, members)| members.split_once(", .. }")).map_or("", |(members, _)| members);
    format!("{class}({})", members.replace(": ", "="))
}
