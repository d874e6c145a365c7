//! Kotlin, Swift and Ruby: UniFFI renders them, from the same metadata as every other language comes from.
//!
//! What UniFFI's text lacks of the design is added to it here, in the open: each adjustment names the text it expects,
//! and generation fails where that text is no longer found, so that none is lost silently when UniFFI changes.

mod adjust;
mod builders;
mod docs;
mod kotlin;
mod ruby;
mod runner;
mod surface;
mod swift;
mod types;

use std::fs;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use heck::{ToLowerCamelCase as _, ToSnakeCase as _};
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate_with_bindgen_paths};
use uniffi_bindgen::{BindgenPaths, BindgenPathsLayer};

use crate::interface::{Interface, Method, Object, Type};
use crate::output::{Output, say};
use docs::Names;

/// Names, packages and custom types of the languages.
const CONFIGURATION: &str = include_str!("../../uniffi/uniffi.toml");
/// Reviews, and some tools, give up on larger files.
const LARGEST_FILE: usize = 600_000;

pub fn render(interface: &Interface) -> Result<Vec<Output>> {
    let folder = tempfile::tempdir()?;
    let folder = Utf8Path::from_path(folder.path()).context("the folder for temporary files has no readable name")?;
    let configuration = format!("{CONFIGURATION}{}", ruby::configuration(interface));
    generate(&interface.library, folder, &configuration)?;
    let read = |name: &str| fs::read_to_string(folder.join(name)).with_context(|| format!("UniFFI wrote no {name}"));
    let mut outputs = kotlin::render(interface, &read("lpchat/lpchat.kt")?)?;
    outputs.extend(swift::render(interface, &read("Lpchat.swift")?)?);
    outputs.push(Output::new("bindings/uniffi/swift/LpchatFFI.h", adjust::tidy(&read("LpchatFFI.h")?)));
    outputs.push(Output::new("bindings/uniffi/swift/LpchatFFI.modulemap", adjust::tidy(&read("LpchatFFI.modulemap")?)));
    outputs.extend(ruby::render(interface, &read("lpchat.rb")?)?);
    outputs.push(runner::render(interface));
    for output in outputs.iter().filter(|output| output.text.len() > LARGEST_FILE) {
        say(&format!("{} has {} bytes: it is time to split it", output.path, output.text.len()));
    }
    Ok(outputs)
}

/// Has UniFFI write all three languages into `folder`.
fn generate(library: &Utf8Path, folder: &Utf8Path, configuration: &str) -> Result<()> {
    fs::write(folder.join("uniffi.toml"), configuration)?;
    let mut paths = BindgenPaths::default();
    paths.add_layer(Configured(folder.to_owned()));
    let options = GenerateOptions {
        languages: vec![TargetLanguage::Kotlin, TargetLanguage::Swift, TargetLanguage::Ruby],
        source: library.to_owned(),
        out_dir: folder.to_owned(),
        ..GenerateOptions::default()
    };
    generate_with_bindgen_paths(options, paths).context("UniFFI cannot render the interface")
}

/// Where UniFFI finds `uniffi.toml` of the core.
struct Configured(Utf8PathBuf);

impl BindgenPathsLayer for Configured {
    fn get_crate_root(&self, crate_name: &str) -> Option<Utf8PathBuf> {
        (crate_name == "lpchat").then(|| self.0.clone())
    }
}

/// Refuses a text that lacks an operation or its documentation. `names` gives the names an operation has in that
/// language, `declared` how the declaration of one begins, `documented` the documentation as it is written there.
fn check_complete(
    interface: &Interface,
    text: &str,
    names: impl Fn(&Method) -> Vec<String>,
    declared: impl Fn(&str) -> String,
    documented: impl Fn(&str) -> String,
) -> Result<()> {
    for object in &interface.objects {
        for method in object.operations() {
            let docs = documented(&method.docs);
            let first = docs.lines().next().unwrap_or_default();
            for name in names(method) {
                let declaration = declared(&name);
                let found = text.match_indices(&declaration).any(|(at, _)| above(text, at).contains(first));
                ensure!(found, "{}.{name} is missing, or stands without its documentation: {declaration:?}", object.name);
            }
        }
    }
    Ok(())
}

/// How a language declares what users see, up to its name.
struct Declarations {
    object: &'static str,
    record: &'static str,
    field: &'static str,
    enumeration: &'static str,
}

/// Refuses a text in which an object, a record, one of its fields or an enumeration is missing or undocumented.
fn check_types(interface: &Interface, text: &str, words: &Declarations, names: &Names) -> Result<()> {
    let objects = interface.objects.iter().map(|object| (words.object, &object.name, &object.docs, None));
    let records = interface.records.iter().map(|record| (words.record, &record.name, &record.docs, Some(&record.fields)));
    let enumerations = interface.enumerations.iter().map(|item| (words.enumeration, &item.name, &item.docs, None));
    for (kind, name, docs, fields) in objects.chain(records).chain(enumerations) {
        let head = format!("\n{kind}{name}");
        let at = text.match_indices(&head).map(|(at, _)| at + 1).find(|at| !continues_name(text, at + head.len() - 1));
        let at = at.with_context(|| format!("{name} is missing"))?;
        ensure!(is_documented(&text[..at], &names.translate(docs)), "{name} stands without its documentation");
        let body = text[at..].split_once("\n}").map_or("", |(body, _)| body);
        for field in fields.into_iter().flatten() {
            let head = format!("\n{}{}", words.field, camel(&field.name));
            let at = body.match_indices(&head).map(|(at, _)| at + 1).find(|at| !continues_name(body, at + head.len() - 1));
            let at = at.with_context(|| format!("{name}.{} is missing", field.name))?;
            ensure!(
                is_documented(&body[..at], &names.translate(&field.docs)),
                "{name}.{} stands without its documentation",
                field.name
            );
        }
    }
    Ok(())
}

fn continues_name(text: &str, end: usize) -> bool {
    text[end..].starts_with(|next: char| next.is_alphanumeric())
}

/// Whether a text ends with a comment that ends with the last line of `docs`.
fn is_documented(before: &str, docs: &str) -> bool {
    let comment = before.trim_end().trim_end_matches("*/").trim_end();
    docs.lines().last().is_some_and(|last| comment.ends_with(last.trim()))
}

/// The names in Kotlin and Swift, which have both forms of an operation.
fn both_forms(method: &Method) -> Vec<String> {
    vec![camel(&method.name), camel(&format!("{}_async", method.name))]
}

/// The comment that ends just above the line at `at`.
fn above(text: &str, at: usize) -> &str {
    let before = &text[..at];
    let start = before.rfind("\n\n").map_or(0, |start| start + 2);
    &before[start..]
}

/// The record that the constructor of `object` takes, where all of it may be left out.
fn dispensable_options<'a>(interface: &Interface, object: &'a Object) -> Option<&'a str> {
    let Type::Record(name) = &object.constructor.as_ref()?.options.ty else { return None };
    interface.record(name).fields.iter().all(|field| field.optional).then_some(name)
}

/// `chat_start_url` → `chatStartUrl`, as UniFFI does for Kotlin and Swift.
fn camel(name: &str) -> String {
    name.to_lower_camel_case()
}

/// `ChatLine` → `chat_line`.
fn snake(name: &str) -> String {
    name.to_snake_case()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::{Field, Record, Role};

    #[test]
    fn what_is_missing_or_undocumented_is_refused() {
        let field = Field { name: "from_id".to_owned(), ty: Type::Text, docs: "Where to begin.".to_owned(), optional: true };
        let record = Record { name: "Query".to_owned(), docs: "One\nquery.".to_owned(), role: Role::Input, fields: vec![field] };
        let interface =
            Interface { library: Utf8PathBuf::new(), records: vec![record], enumerations: Vec::new(), objects: Vec::new() };
        let words = Declarations { object: "class ", record: "struct ", field: "    var ", enumeration: "enum " };
        let text = "\n/**\n * One\n * query.\n */\nstruct Query {\n    /** Where to begin. */\n    var fromId: String\n}\n";
        let check = |text: &str| check_types(&interface, text, &words, &Names::unchanged()).map_err(|error| error.to_string());
        assert_eq!(check(text), Ok(()));
        assert_eq!(check(&text.replace("struct Query ", "struct QueryOptions ")).unwrap_err(), "Query is missing");
        assert_eq!(check(&text.replace(" * query.", " * nothing.")).unwrap_err(), "Query stands without its documentation");
        assert_eq!(check(&text.replace("fromId", "from")).unwrap_err(), "Query.from_id is missing");
        assert!(check(&text.replace("Where to begin.", "")).unwrap_err().contains("from_id stands without"));
    }
}
