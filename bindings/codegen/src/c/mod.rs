//! C: the functions as Rust source, the header that cbindgen makes of them, and a test that hands NULL to each.

pub mod codes;
mod enumerations;
mod function;
mod header;
mod inputs;
pub mod names;
mod nulls;
pub mod objects;
pub mod records;
mod runner;

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use camino::Utf8Path;

use crate::interface::Interface;
use crate::output::{NOTICE, Output};
use function::Function;

const CRATE: &str = "bindings/c/src";
const GENERATED: &str = "bindings/c/src/generated";

pub fn render(interface: &Interface, root: &Utf8Path) -> Result<Vec<Output>> {
    let (objects, mut functions) = objects::render(interface)?;
    let (inputs, setters) = inputs::render(interface)?;
    let (records, getters) = records::render(interface)?;
    functions.extend(setters);
    functions.extend(getters);
    check_names(interface, &functions)?;
    let registration = format!(
        "//! The functions of the interface.\n//!\n//! {NOTICE}\n\npub mod codes;\npub mod enumerations;\npub mod inputs;\npub mod objects;\npub mod records;\n"
    );
    let mut outputs = vec![Output::rust(format!("{GENERATED}/mod.rs"), &registration)?];
    let sources = [
        ("codes", codes::render()),
        ("enumerations", enumerations::render(interface)),
        ("objects", objects),
        ("inputs", inputs),
        ("records", records),
    ];
    for (name, source) in &sources {
        outputs.push(Output::rust(format!("{GENERATED}/{name}.rs"), source)?);
    }
    let header = header::render(interface, root, &outputs[1..])?;
    outputs.push(Output::new("bindings/c/include/lpchat.h", header));
    outputs.push(Output::new("tests/c/generated/nulls.h", nulls::header(interface)));
    outputs.push(Output::new("tests/c/generated/nulls.c", nulls::source(&functions)));
    outputs.push(Output::new("tests/conformance/runners/c/generated.c", runner::render(interface)));
    outputs.push(Output::new("tests/c/generated/operations.txt", operations(interface)));
    Ok(outputs)
}

/// The functions of all operations, one a line, each with the operation: a test or a conformance case must call it.
fn operations(interface: &Interface) -> String {
    let functions = interface.objects.iter().flat_map(|object| {
        let receiver = objects::Receiver::of(interface, object);
        let line = move |method| format!("{} {}.{}\n", objects::function_name(&receiver, method), object.name, method.name);
        object.operations().map(line).collect::<Vec<_>>()
    });
    functions.collect()
}

/// In C, types and functions share one room.
fn check_names(interface: &Interface, functions: &[Function]) -> Result<()> {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    let types = names::types(interface).into_iter().map(|name| (name, "a type"));
    let all = types.chain(functions.iter().map(|function| (function.name.clone(), "a function")));
    for (name, what) in all {
        let before = taken.insert(name.clone(), what);
        ensure!(before.is_none(), "in C, {name} would be both {what} and {}", before.unwrap_or_default());
    }
    Ok(())
}
