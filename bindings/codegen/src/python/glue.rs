//! The Rust side: what its files share, and which classes there are.

use super::{awaitable, handed_out};
use crate::interface::{Field, Interface};
use crate::output::NOTICE;
use crate::template::fill;

/// Rust doc comments; rustfmt brings them to their indentation.
pub(super) fn docs(text: &str) -> String {
    text.lines().map(|line| format!("///{}{line}\n", if line.is_empty() { "" } else { " " })).collect()
}

/// A Rust name for a field: keywords are raw.
pub(super) fn rust_name(name: &str) -> String {
    const KEYWORDS: [&str; 4] = ["type", "ref", "match", "move"];
    if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
}

/// `mod.rs`: the modules, and what the extension module holds.
pub fn registration(interface: &Interface) -> String {
    let add = |module: &str, class: &str| format!("module.add_class::<{module}::{class}>()?;\n");
    let mut classes = String::new();
    for object in &interface.objects {
        classes.push_str(&add("objects", &object.name));
        classes.push_str(&add("objects", &awaitable(&object.name)));
    }
    for record in handed_out(interface) {
        classes.push_str(&add("records", &record.name));
    }
    for record in interface.nested_inputs() {
        classes.push_str(&add("inputs", &record.name));
    }
    let template = r"
        //! The classes of the interface.
        //!
        //! $notice$

        mod enumerations;
        mod inputs;
        mod objects;
        mod records;

        use pyo3::prelude::*;

        pub use records::{Engagement, SearchPage};

        /// Adds every class to the extension module.
        pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
            $classes$
            Ok(())
        }
    ";
    fill(template, &[("notice", NOTICE), ("classes", &classes)])
}

/// The Rust type of a parameter before it is read.
pub(super) fn python_object(optional: bool) -> &'static str {
    if optional { "Option<Bound<'_, PyAny>>" } else { "Bound<'_, PyAny>" }
}

/// The expression that makes a value of the core out of a parameter.
pub(super) fn read(parameter: &Field) -> String {
    let variable = rust_name(&parameter.name);
    let value = if parameter.optional { format!("{variable}.as_ref()") } else { format!("Some(&{variable})") };
    let reader = if parameter.is_path() { "path_input" } else { "input" };
    format!("{reader}({value}, {:?})?", parameter.name)
}
