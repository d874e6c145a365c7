//! Renders the interfaces of lpchat's languages from the compiled core.
//!
//! `lpchat-codegen LIBRARY ROOT` writes the generated files below ROOT; with `--check` it writes nothing and fails where
//! a file differs from what it would write. LIBRARY is the shared library of `bindings/uniffi`.

mod c;
mod conformance;
mod cpp;
mod interface;
mod node;
mod output;
mod python;
mod readme;
mod template;
mod uniffi;
mod words;

use std::process::ExitCode;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use interface::Interface;
use output::Output;
use words::Words;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            output::say(&format!("lpchat-codegen: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = arguments.iter().position(|argument| argument == "--check").map(|at| arguments.remove(at)).is_some();
    let [library, root] = &arguments[..] else { bail!("usage: lpchat-codegen [--check] LIBRARY ROOT") };
    let (library, root) = (Utf8PathBuf::from(library), Utf8PathBuf::from(root));
    let interface = Interface::load(&library)?;
    output::settle(&root, &render(&interface, &root)?, check)
}

/// Every generated file.
fn render(interface: &Interface, root: &Utf8Path) -> Result<Vec<Output>> {
    let mut outputs = Vec::new();
    outputs.extend(conformance::render(interface)?);
    outputs.extend(readme::render(interface));
    outputs.extend(python::render(interface)?);
    outputs.extend(node::render(interface)?);
    outputs.extend(c::render(&Words::c(interface).apply(interface), root)?);
    outputs.extend(cpp::render(&Words::cpp(interface).apply(interface))?);
    outputs.extend(uniffi::render(interface)?);
    Ok(outputs)
}
