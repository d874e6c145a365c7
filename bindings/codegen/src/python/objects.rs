//! The Rust side of objects: PyO3 classes, each blocking and awaitable.

use super::glue::{docs, python_object, read, rust_name};
use super::{CALL_OPTIONS, Signature, awaitable, is_client, method_docs, shows_progress};
use crate::interface::{Field, Interface, Method, Object, Type};
use crate::output::NOTICE;
use crate::template::fill;

/// Classes of objects, each blocking and awaitable.
pub fn objects(interface: &Interface) -> String {
    let template = r#"
        //! Objects, each in a blocking and an awaitable form.
        //!
        //! $notice$

        #![allow(clippy::too_many_arguments, reason = "a request's members are keyword parameters")]

        use pyo3::prelude::*;

        use crate::convert::{Mode, ToPython};
        use crate::errors::exception;
        use crate::input::{call_options, input, path_input};
        use crate::wait;

        $classes$
    "#;
    let classes = interface
        .objects
        .iter()
        .map(|object| [conversion(object), class(interface, object, true), class(interface, object, false)].concat());
    fill(template, &[("notice", NOTICE), ("classes", &classes.collect::<String>())])
}

/// How an object of the core becomes one of Python, in the form of the object that hands it out.
fn conversion(object: &Object) -> String {
    let wrap = |class: &str| {
        let made = format!("Bound::new(py, {class}(self.clone()))?.into_any()");
        if object.is_pageable() { format!("crate::arrow::pageable(&{made})") } else { format!("Ok({made})") }
    };
    let template = r"
        impl ToPython for lpchat::$name$ {
            fn to_python<'py>(&self, py: Python<'py>, mode: Mode) -> PyResult<Bound<'py, PyAny>> {
                match mode {
                    Mode::Blocking => $blocking$,
                    Mode::Awaitable => $awaitable$,
                }
            }
        }
    ";
    let (blocking, awaitable) = (wrap(&object.name), wrap(&awaitable(&object.name)));
    fill(template, &[("name", &object.name), ("blocking", &blocking), ("awaitable", &awaitable)])
}

fn class(interface: &Interface, object: &Object, blocking: bool) -> String {
    let class = if blocking { object.name.clone() } else { awaitable(&object.name) };
    let form = if blocking { "" } else { "\n\nThe awaitable form: calls return awaitables, for asyncio." };
    let template = r#"
        $docs$
        #[pyclass(frozen, module = "lpchat")]
        pub struct $class$(pub lpchat::$object$);

        #[pymethods]
        impl $class$ {
            $constructor$
            $methods$
            $scope$
        }
    "#;
    let documentation = docs(&format!("{}{form}", object.docs));
    let methods: String = object.methods.iter().map(|method| write_method(interface, method, blocking)).collect();
    let scope = scope(object, &class, blocking) + &iteration(object, blocking);
    let constructor = constructor(interface, object);
    fill(
        template,
        &[
            ("docs", &documentation),
            ("class", &class),
            ("object", &object.name),
            ("constructor", &constructor),
            ("methods", &methods),
            ("scope", &scope),
        ],
    )
}

fn constructor(interface: &Interface, object: &Object) -> String {
    let Some(constructor) = &object.constructor else { return String::new() };
    let parameters = [constructor.options.clone()];
    let signature = Signature::of(interface, &parameters);
    let (declared, bound) = declare(&signature, false);
    let template = r"
        $docs$
        #[new]
        #[pyo3(signature = ($declared$))]
        fn new(py: Python<'_>, $bound$) -> PyResult<Self> {
            $statements$
            py.detach(|| lpchat::$object$::new(options)).map(Self).map_err(|error| exception(py, &error))
        }
    ";
    let statements = assemble(&signature, &parameters);
    let documentation = docs(&constructor.docs);
    fill(
        template,
        &[
            ("docs", &documentation),
            ("declared", &declared),
            ("bound", &bound),
            ("statements", &statements),
            ("object", &object.name),
        ],
    )
}

/// How it prints, and `with` and `async with` for what ends with its scope.
fn scope(object: &Object, class: &str, blocking: bool) -> String {
    let shown = if is_client(object) {
        "crate::model::client_representation(&self.0)".to_owned()
    } else if object.methods.iter().any(|method| method.is_property() && method.name == "id") {
        // As the core shows it, which keeps the part of an id that is a credential.
        format!("crate::model::object_representation({class:?}, &self.0)")
    } else {
        return String::new();
    };
    let template = r"
        $scope$

        fn __repr__(&self) -> String {
            $shown$
        }

        fn __reduce__(&self) -> PyResult<()> {
            Err(crate::errors::not_picklable($class$))
        }
    ";
    let scope = object.scope_end().map_or_else(String::new, |end| with(end, blocking));
    fill(template, &[("scope", &scope), ("shown", &shown), ("class", &format!("{class:?}"))])
}

fn with(end: &Method, blocking: bool) -> String {
    let enter = if blocking {
        r"
            fn __enter__(slf: Py<Self>) -> Py<Self> {
                slf
            }
        "
    } else {
        r"
            fn __aenter__(slf: Py<Self>, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
                wait::ready(py, slf.into_any())
            }
        "
    };
    let template = r"
        $enter$

        #[pyo3(signature = (*_exception))]
        fn $leave$<'py>(&self, py: Python<'py>, _exception: &Bound<'py, pyo3::types::PyTuple>) -> PyResult<Bound<'py, PyAny>> {
            wait::$run$(py, self.0.$end$_call($absent$))
        }
    ";
    let (leave, run) = if blocking { ("__exit__", "run") } else { ("__aexit__", "start") };
    let absent = vec!["None"; end.parameters.len() + 1].join(", ");
    fill(template, &[("enter", enter), ("leave", leave), ("run", run), ("end", &end.name), ("absent", &absent)])
}

/// `for` and `async for` over what hands out events. What is there already costs no wait.
fn iteration(object: &Object, blocking: bool) -> String {
    if !object.is_stream() {
        return String::new();
    }
    let template = r"
        fn $iterate$(slf: Py<Self>) -> Py<Self> {
            slf
        }

        fn $next$<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
            let ready = self.0.ready_event().map_err(|error| exception(py, &error))?;
            $give$
        }
    ";
    let give = if blocking {
        r"
            let event = match ready {
                Some(event) => event.into_python(py, Mode::Blocking)?,
                None => wait::run(py, self.0.next_event_call(None, None))?,
            };
            Ok((!event.is_none()).then_some(event))
        "
    } else {
        r"
            match ready {
                Some(event) => wait::ready(py, event.into_python(py, Mode::Awaitable)?.unbind()),
                None => wait::step(py, self.0.next_event_call(None, None)),
            }
            .map(Some)
        "
    };
    let (iterate, next) = if blocking { ("__iter__", "__next__") } else { ("__aiter__", "__anext__") };
    fill(template, &[("iterate", iterate), ("next", next), ("give", give)])
}

/// The signature attribute and the Rust parameters.
fn declare(signature: &Signature<'_>, options: bool) -> (String, String) {
    let (mut declared, mut bound) = (Vec::new(), String::new());
    let mut declare = |name: &str, optional: bool, declared: &mut Vec<String>| {
        let name = rust_name(name);
        declared.push(if optional { format!("{name}=None") } else { name.clone() });
        bound.push_str(&format!("{name}: {}, ", python_object(optional)));
    };
    for parameter in &signature.positional {
        declare(&parameter.field.name, parameter.field.optional, &mut declared);
    }
    if !signature.keyword.is_empty() || options {
        declared.push("*".to_owned());
    }
    for parameter in &signature.keyword {
        declare(&parameter.field.name, parameter.field.optional, &mut declared);
    }
    if options {
        for name in CALL_OPTIONS {
            declare(name, true, &mut declared);
        }
    }
    (declared.join(", "), bound)
}

/// Statements that make the core's parameters out of Python's.
fn assemble(signature: &Signature<'_>, parameters: &[Field]) -> String {
    let statement = |parameter: &Field| {
        let variable = rust_name(&parameter.name);
        let Type::Record(record) = &parameter.ty else {
            return format!("let {variable} = {};\n", read(parameter));
        };
        let taken_apart = signature.all().filter(|inner| inner.within == Some(record));
        let fields: String =
            taken_apart.map(|inner| format!("{}: {}, ", rust_name(&inner.field.name), read(inner.field))).collect();
        format!("let {variable} = lpchat::{record} {{ {fields} }};\n")
    };
    parameters.iter().map(statement).collect()
}

fn write_method(interface: &Interface, method: &Method, blocking: bool) -> String {
    let mode = if blocking { "Mode::Blocking" } else { "Mode::Awaitable" };
    let documentation = docs(&method_docs(interface, method));
    if method.is_property() {
        let template = r"
            $docs$
            #[getter]
            fn $name$<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.0.$name$().into_python(py, $mode$)
            }
        ";
        return fill(template, &[("docs", &documentation), ("name", &method.name), ("mode", mode)]);
    }
    let signature = Signature::of(interface, &method.parameters);
    let (mut declared, mut bound) = declare(&signature, method.is_operation());
    let shows_progress = shows_progress(interface, method);
    if shows_progress {
        declared.push_str(", progress=false");
        bound.push_str("progress: bool");
    }
    let arguments: String = method.parameters.iter().map(|parameter| format!("{}, ", rust_name(&parameter.name))).collect();
    let name = &method.name;
    let end = if method.is_operation() {
        let run = if blocking { "run" } else { "start" };
        format!(
            "let options = call_options(timeout.as_ref(), retries.as_ref(), headers.as_ref())?;
            wait::{run}(py, self.0.{name}_call({arguments}options))"
        )
    } else {
        let value = if method.throws { ".map_err(|error| exception(py, &error))?" } else { "" };
        let given = if method.returns.is_some() { "" } else { ";\n()" };
        let shown = if shows_progress { ".and_then(|result| crate::arrow::with_progress(result, progress))" } else { "" };
        format!("self.0.{name}({arguments}){value}{given}.into_python(py, {mode}){shown}")
    };
    let template = r"
        $docs$
        #[pyo3(signature = ($declared$))]
        fn $name$<'py>(&self, py: Python<'py>, $bound$) -> PyResult<Bound<'py, PyAny>> {
            $statements$
            $end$
        }
    ";
    let statements = assemble(&signature, &method.parameters);
    fill(
        template,
        &[
            ("docs", &documentation),
            ("declared", &declared),
            ("name", name),
            ("bound", &bound),
            ("statements", &statements),
            ("end", &end),
        ],
    )
}
