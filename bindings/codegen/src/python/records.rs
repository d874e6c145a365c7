//! The Rust side of records and enumerations: PyO3 classes and conversions.

use super::glue::{docs, python_object, read, rust_name};
use crate::interface::{Field, Interface, Record, Role};
use crate::output::NOTICE;
use crate::template::fill;

/// Classes of records that are handed out.
pub fn records(interface: &Interface) -> String {
    let template = r"
        //! Records.
        //!
        //! $notice$

        use pyo3::prelude::*;
        use pyo3::types::PyDict;

        use crate::convert::{Mode, ToPython};
        use crate::model::{Model, dictionary, representation};
        use crate::record_class;
        use crate::view::View;

        $records$
    ";
    let records: String = interface.records.iter().filter(|record| record.role != Role::Input).map(record).collect();
    fill(template, &[("notice", NOTICE), ("records", &records)])
}

fn record(record: &Record) -> String {
    let names: String = record.fields.iter().map(|field| format!("{:?}, ", field.name)).collect();
    let arms = |call: &str| -> String {
        let arm = |(index, field): (usize, &Field)| format!("{index} => self.{}.{call},\n", rust_name(&field.name));
        record.fields.iter().enumerate().map(arm).collect()
    };
    let template = r#"
        impl Model for lpchat::$name$ {
            const NAME: &'static str = "$name$";
            const FIELDS: &'static [&'static str] = &[$names$];

            fn field<'py>(&self, index: usize, py: Python<'py>, mode: Mode) -> PyResult<Bound<'py, PyAny>> {
                match index { $fields$ _ => unreachable!("the index of a field") }
            }

            fn plain<'py>(&self, index: usize, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                match index { $plain$ _ => unreachable!("the index of a field") }
            }
        }
        $class$
    "#;
    let class = if record.name == "ErrorDetails" { String::new() } else { record_class(record) };
    let (fields, plain) = (arms("to_python(py, mode)"), arms("to_plain(py)"));
    fill(template, &[("name", &record.name), ("names", &names), ("fields", &fields), ("plain", &plain), ("class", &class)])
}

fn record_class(record: &Record) -> String {
    let getter = |field: &Field| {
        let template = r"
            $docs$
            #[getter($raw_name$)]
            fn get_$name$<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                ToPython::part(&self.0, |record| &record.$raw_name$, py)
            }
        ";
        fill(template, &[("docs", &docs(&field.docs)), ("name", &field.name), ("raw_name", &rust_name(&field.name))])
    };
    let raw = r"
            /// The document as the service sent it, members unknown to this version included.
            #[getter]
            fn raw<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                ToPython::part(&self.0, |record| &record.raw, py)
            }
    ";
    let template = r#"
        $docs$
        #[pyclass(frozen, module = "lpchat")]
        pub struct $name$(pub View<lpchat::$name$>);

        record_class!($name$, lpchat::$name$);

        #[pymethods]
        impl $name$ {
            $getters$
            $raw$

            /// All fields as a dictionary of plain values.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                dictionary(self.0.get(), py)
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                representation(self.0.get(), py)
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
            }
        }
    "#;
    let getters: String = record.fields.iter().map(getter).collect();
    let raw = if record.role == Role::Answer { raw } else { "" };
    fill(template, &[("docs", &docs(&record.docs)), ("name", &record.name), ("getters", &getters), ("raw", raw)])
}

/// Conversions of open enumerations; the classes themselves are Python.
pub fn enumerations(interface: &Interface) -> String {
    let template = r"
        //! Open enumerations.
        //!
        //! $notice$

        use pyo3::prelude::*;

        use crate::convert::{Enumeration, Mode, ToPython};
        use crate::input::FromPython;

        macro_rules! enumeration {
            ($core:ty, $name:literal) => {
                impl ToPython for $core {
                    fn to_python<'py>(&self, py: Python<'py>, _: Mode) -> PyResult<Bound<'py, PyAny>> {
                        static ENUMERATION: Enumeration = Enumeration::new(PYTHON_MODULE, $name);
                        ENUMERATION.member(py, self.as_str())
                    }

                    fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                        self.as_str().to_python(py, Mode::Blocking)
                    }
                }

                impl FromPython for $core {
                    fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
                        String::from_python(value, name).map(|text| Self::from(text.as_str()))
                    }
                }
            };
        }
    ";
    let mut out = template.replace("$notice$", NOTICE).replace("PYTHON_MODULE", "\"lpchat._enumerations\"");
    for enumeration in &interface.enumerations {
        out.push_str(&format!("enumeration!(lpchat::{}, {:?});\n", enumeration.name, enumeration.name));
    }
    out
}

/// Classes of records that users make to hand them in inside another one.
pub fn inputs(interface: &Interface) -> String {
    let template = r#"
        //! Records that users make.
        //!
        //! $notice$

        #![allow(clippy::too_many_arguments, reason = "a record's members are keyword parameters")]

        use pyo3::prelude::*;
        use pyo3::types::PyDict;

        use crate::input::{FromPython, input, known_keys, wrong_type};

        $classes$
    "#;
    let classes: String = interface.nested_inputs().into_iter().map(input_class).collect();
    fill(template, &[("notice", NOTICE), ("classes", &classes)])
}

fn input_class(record: &Record) -> String {
    let each = |make: &dyn Fn(&Field) -> String| -> String { record.fields.iter().map(make).collect::<Vec<_>>().join(", ") };
    let signature =
        each(&|field| if field.optional { format!("{}=None", rust_name(&field.name)) } else { rust_name(&field.name) });
    let parameters = each(&|field| format!("{}: {}", rust_name(&field.name), python_object(field.optional)));
    let fields = each(&|field| format!("{}: {}", rust_name(&field.name), read(field)));
    let from_dictionary = each(&|field| {
        let name = &field.name;
        format!("{}: input(value.get_item({name:?})?.as_ref(), &format!(\"{{name}}.{name}\"))?", rust_name(name))
    });
    let known = each(&|field| format!("{:?}", field.name));
    let template = r#"
        $docs$
        #[pyclass(frozen, module = "lpchat")]
        pub struct $name$(pub lpchat::$name$);

        #[pymethods]
        impl $name$ {
            #[new]
            #[pyo3(signature = ($signature$))]
            fn new($parameters$) -> PyResult<Self> {
                Ok(Self(lpchat::$name$ { $fields$ }))
            }

            fn __repr__(&self) -> String {
                format!("{:?}", self.0)
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
            }
        }

        impl FromPython for lpchat::$name$ {
            fn from_python(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
                if let Ok(given) = value.cast::<$name$>() {
                    return Ok(given.get().0.clone());
                }
                let value = value.cast::<PyDict>().map_err(|_| wrong_type(value, name, "a $name$ or a dict"))?;
                known_keys(value, name, &[$known$])?;
                Ok(Self { $from_dictionary$ })
            }
        }
    "#;
    let values = [
        ("docs", docs(&record.docs)),
        ("name", record.name.clone()),
        ("signature", signature),
        ("parameters", parameters),
        ("fields", fields),
        ("known", known),
        ("from_dictionary", from_dictionary),
    ];
    fill(template, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}
