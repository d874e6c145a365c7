//! Python objects as values of the core. Wrong types are `TypeError`s that name the parameter.

use std::collections::HashMap;
use std::time::Duration;

use lpchat::{CallOptions, Json, Secret, Text, Timestamp};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDelta, PyDeltaAccess, PyDict, PyMapping, PyString};

use crate::convert::Lookup;

/// What Python can hand in.
pub trait FromPython: Sized {
    /// Reads the parameter `name`.
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self>;

    /// What an absent parameter means.
    fn absent(name: &str) -> PyResult<Self> {
        Err(PyTypeError::new_err(format!("`{name}` is missing")))
    }
}

/// Reads a parameter that may be absent; `None` is absent.
pub fn input<T: FromPython>(value: Option<&Bound<'_, PyAny>>, name: &str) -> PyResult<T> {
    match value.filter(|value| !value.is_none()) {
        Some(value) => T::from_python(value, name),
        None => T::absent(name),
    }
}

/// Reads the name of a file or a folder: a str, or what stands for one as `pathlib.Path` does.
pub fn path_input<T: FromPython>(value: Option<&Bound<'_, PyAny>>, name: &str) -> PyResult<T> {
    let Some(given) = value.filter(|value| !value.is_none() && !value.is_instance_of::<PyString>()) else {
        return input(value, name);
    };
    let text = given.call_method0("__fspath__").map_err(|_| wrong_type(given, name, "a str or an os.PathLike"))?;
    T::from_python(&text, name)
}

/// The options that every call takes.
pub fn call_options(
    timeout: Option<&Bound<'_, PyAny>>,
    retries: Option<&Bound<'_, PyAny>>,
    headers: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<CallOptions>> {
    if timeout.is_none() && retries.is_none() && headers.is_none() {
        return Ok(None);
    }
    Ok(Some(CallOptions {
        timeout: input(timeout, "timeout")?,
        retries: input(retries, "retries")?,
        headers: input(headers, "headers")?,
    }))
}

/// Refuses a dictionary with keys that mean nothing.
pub fn known_keys(value: &Bound<'_, PyDict>, name: &str, known: &[&str]) -> PyResult<()> {
    for key in value.keys() {
        let key = String::from_python(&key, name)?;
        if !known.contains(&key.as_str()) {
            return Err(PyTypeError::new_err(format!("`{name}` has the key {key:?}; known are {}", known.join(", "))));
        }
    }
    Ok(())
}

/// The error for a value of the wrong type.
pub fn wrong_type(value: &Bound<'_, PyAny>, name: &str, wanted: &str) -> PyErr {
    let found = value.get_type().qualname().map_or_else(|_| "another type".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("`{name}` must be {wanted}, not {found}"))
}

impl FromPython for String {
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        let text = value.cast::<PyString>().map_err(|_| wrong_type(value, name, "a str"))?;
        Ok(text.to_cow()?.into_owned())
    }
}

impl FromPython for Text {
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        String::from_python(value, name).map(Self::from)
    }
}

impl FromPython for Secret {
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        String::from_python(value, name).map(Self::from)
    }
}

impl FromPython for Json {
    /// Anything that `json.dumps` takes; a str is taken as JSON text.
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        static DUMPS: Lookup = Lookup::new("json", "dumps");
        if value.is_instance_of::<PyString>() {
            return String::from_python(value, name).map(Self::from);
        }
        let text =
            DUMPS.get(value.py())?.call1((value,)).map_err(|_| wrong_type(value, name, "something that JSON can express"))?;
        String::from_python(&text, name).map(Self::from)
    }
}

impl FromPython for Timestamp {
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        static DATETIME: Lookup = Lookup::new("datetime", "datetime");
        static DATE: Lookup = Lookup::new("datetime", "date");
        let py = value.py();
        let is_instant = value.is_instance(DATETIME.get(py)?)?;
        if !is_instant && !value.is_instance(DATE.get(py)?)? && !value.is_instance_of::<PyString>() {
            return Err(wrong_type(value, name, "an aware datetime, a date or a str"));
        }
        if is_instant && value.call_method0("utcoffset")?.is_none() {
            let shown = value.str()?;
            return Err(PyValueError::new_err(format!(
                "`{name}` is {shown}, a datetime without an offset, which names no instant: add one, for example `.replace(tzinfo=timezone.utc)`"
            )));
        }
        let text = if value.is_instance_of::<PyString>() { value.str()? } else { value.call_method0("isoformat")?.str()? };
        Self::parse(&text.to_cow()?).map_err(|reason| PyValueError::new_err(format!("`{name}`: {reason}")))
    }
}

impl FromPython for Duration {
    /// Seconds, or a `timedelta`.
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        let seconds = match value.cast::<PyDelta>() {
            Ok(delta) => {
                f64::from(delta.get_days()) * 86_400.0
                    + f64::from(delta.get_seconds())
                    + f64::from(delta.get_microseconds()) / 1e6
            }
            Err(_) if value.is_instance_of::<PyBool>() => {
                return Err(wrong_type(value, name, "a number of seconds or a timedelta"));
            }
            Err(_) => value.extract().map_err(|_| wrong_type(value, name, "a number of seconds or a timedelta"))?,
        };
        Self::try_from_secs_f64(seconds)
            .map_err(|_| PyValueError::new_err(format!("`{name}` is {seconds} seconds: it must not be negative or endless")))
    }
}

impl FromPython for bool {
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        value.cast::<PyBool>().map(|value| value.is_true()).map_err(|_| wrong_type(value, name, "a bool"))
    }

    fn absent(_: &str) -> PyResult<Self> {
        Ok(false)
    }
}

macro_rules! whole_number {
    ($($ty:ty),*) => {$(
        impl FromPython for $ty {
            fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
                if value.is_instance_of::<PyBool>() {
                    return Err(wrong_type(value, name, "an int"));
                }
                value.extract().map_err(|_| wrong_type(value, name, "an int"))
            }
        }
    )*};
}
whole_number!(i32, i64);

impl FromPython for f64 {
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        value.extract().map_err(|_| wrong_type(value, name, "a number"))
    }
}

impl<T: FromPython> FromPython for Option<T> {
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        T::from_python(value, name).map(Some)
    }

    fn absent(_: &str) -> PyResult<Self> {
        Ok(None)
    }
}

impl<T: FromPython> FromPython for Vec<T> {
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        if value.is_instance_of::<PyString>() {
            return Err(wrong_type(value, name, "a list; put the one value into brackets"));
        }
        let items = value.try_iter().map_err(|_| wrong_type(value, name, "a list"))?;
        items.enumerate().map(|(index, item)| T::from_python(&item?, &format!("{name}[{index}]"))).collect()
    }

    fn absent(_: &str) -> PyResult<Self> {
        Ok(Vec::new())
    }
}

impl FromPython for HashMap<String, String> {
    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        let mapping = value.cast::<PyMapping>().map_err(|_| wrong_type(value, name, "a dict of str to str"))?;
        let mut map = Self::new();
        for pair in mapping.items()?.iter() {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
            map.insert(String::from_python(&key, name)?, String::from_python(&value, name)?);
        }
        Ok(map)
    }

    fn absent(_: &str) -> PyResult<Self> {
        Ok(Self::new())
    }
}
