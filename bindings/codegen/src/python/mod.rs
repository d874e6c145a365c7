//! Python: PyO3 glue, stubs, and the Python modules of enumerations and errors.

mod glue;
mod modules;
mod objects;
mod parameters;
mod records;
mod stubs;
mod tables;

use anyhow::Result;

use crate::interface::{Field, Interface, Method, Object, Record, Role, Type};
use crate::output::Output;

const CRATE: &str = "bindings/python/src/generated";
const PACKAGE: &str = "bindings/python/python/lpchat";

pub fn render(interface: &Interface) -> Result<Vec<Output>> {
    Ok(vec![
        Output::rust(format!("{CRATE}/mod.rs"), &glue::registration(interface))?,
        Output::rust(format!("{CRATE}/records.rs"), &records::records(interface))?,
        Output::rust(format!("{CRATE}/enumerations.rs"), &records::enumerations(interface))?,
        Output::rust(format!("{CRATE}/inputs.rs"), &records::inputs(interface))?,
        Output::rust(format!("{CRATE}/objects.rs"), &objects::objects(interface))?,
        Output::new(format!("{PACKAGE}/_enumerations.py"), modules::enumerations(interface)),
        Output::new(format!("{PACKAGE}/_errors.py"), modules::errors(interface)),
        Output::new(format!("{PACKAGE}/_parameters.py"), parameters::by_kind(interface)),
        Output::new(format!("{PACKAGE}/__init__.py"), modules::package(interface)),
        Output::new(format!("{PACKAGE}/_native.pyi"), stubs::native(interface)),
        Output::new(format!("{PACKAGE}/_tables.py"), tables::module()),
    ])
}

/// The records that have a class: what the service and we hand out. The details of an error are attributes of exceptions.
fn handed_out(interface: &Interface) -> impl Iterator<Item = &Record> {
    interface.records.iter().filter(|record| record.role != Role::Input && record.name != "ErrorDetails")
}

/// The parameters that every call takes, as they stand in a signature.
const CALL_OPTIONS: [&str; 3] = ["timeout", "retries", "headers"];

/// One parameter of a Python method.
struct Parameter<'a> {
    field: &'a Field,
    /// The input record it is a field of, if its record was taken apart.
    within: Option<&'a str>,
    docs: &'a str,
}

/// A Python method's parameters: an input record is taken apart into keyword parameters.
struct Signature<'a> {
    positional: Vec<Parameter<'a>>,
    keyword: Vec<Parameter<'a>>,
}

impl<'a> Signature<'a> {
    fn of(interface: &'a Interface, parameters: &'a [Field]) -> Self {
        let (mut positional, mut keyword) = (Vec::new(), Vec::new());
        for field in parameters {
            match &field.ty {
                Type::Record(name) => {
                    let record = interface.record(name);
                    let required = record.fields.iter().filter(|field| !field.optional).count();
                    for field in &record.fields {
                        let parameter = Parameter { field, within: Some(name), docs: &field.docs };
                        // The one thing that cannot be left out reads best without its name; so does a sandbox.
                        let leading = (!field.optional && required == 1) || field.name == "sandbox";
                        if leading { positional.push(parameter) } else { keyword.push(parameter) }
                    }
                }
                _ => positional.push(Parameter { field, within: None, docs: &field.docs }),
            }
        }
        keyword.sort_by_key(|parameter| parameter.field.optional);
        Self { positional, keyword }
    }

    fn all(&self) -> impl Iterator<Item = &Parameter<'a>> {
        self.positional.iter().chain(&self.keyword)
    }
}

/// Whether a method gives what is read page by page, and so can show how far it has come.
fn shows_progress(interface: &Interface, method: &Method) -> bool {
    matches!(&method.returns, Some(Type::Object(name)) if interface.object(name).is_pageable())
}

/// What `progress` does, for the docstring.
const PROGRESS: &str =
    "* `progress`: Shows on standard error how far it has come: a bar of tqdm where that is installed, else a line.";

/// The class of an object in its awaitable form.
fn awaitable(object: &str) -> String {
    format!("Async{object}")
}

/// A docstring for a method: the core's, and a line for each parameter that came out of a record.
fn method_docs(interface: &Interface, method: &Method) -> String {
    let signature = Signature::of(interface, &method.parameters);
    let mut docs = method.docs.clone();
    let lines: Vec<String> = signature
        .all()
        .filter(|parameter| !parameter.docs.is_empty())
        .map(|parameter| format!("* `{}`: {}", parameter.field.name, one_line(parameter.docs)))
        .collect();
    let lines: Vec<String> = lines.into_iter().chain(shows_progress(interface, method).then(|| PROGRESS.to_owned())).collect();
    if !lines.is_empty() {
        docs.push_str("\n\n");
        docs.push_str(&lines.join("\n"));
    }
    if let Some(retry) = method.retry {
        docs.push_str(&format!(
            "\n\nRetry class: {}. Also takes `timeout` (seconds), `retries` and `headers` for this call.",
            retry.name()
        ));
    }
    docs
}

fn one_line(docs: &str) -> String {
    docs.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_client(object: &Object) -> bool {
    object.constructor.is_some()
}
