//! Builders for Java, which knows neither named nor default arguments.

use super::docs::{Names, indented};
use super::types;
use crate::interface::{Field, Interface, Record, Role, Type};
use crate::output::NOTICE;

pub fn render(interface: &Interface, names: &Names) -> String {
    let mut out = format!("// {NOTICE}\n\npackage lpchat\n");
    for record in interface.records.iter().filter(|record| record.role == Role::Input) {
        out.push('\n');
        out.push_str(&builder(record, names));
    }
    out
}

/// The companion of a record, which gives its builder.
pub fn companion(record: &Record) -> String {
    let needed: Vec<&Field> = record.fields.iter().filter(|field| !field.optional).collect();
    let parameters: Vec<String> =
        needed.iter().map(|field| format!("{}: {}", types::kotlin_name(&field.name), types::kotlin(&field.ty))).collect();
    let arguments: Vec<String> = needed.iter().map(|field| types::kotlin_name(&field.name)).collect();
    format!(
        "    companion object {{\n        /** For Java: sets the fields one by one. */\n        @JvmStatic\n        \
             fun builder({}): {name}Builder = {name}Builder({})\n    }}\n",
        parameters.join(", "),
        arguments.join(", "),
        name = record.name
    )
}

fn builder(record: &Record, names: &Names) -> String {
    let name = &record.name;
    let (needed, optional): (Vec<&Field>, Vec<&Field>) = record.fields.iter().partition(|field| !field.optional);
    let parameters: Vec<String> = needed
        .iter()
        .map(|field| format!("private val {}: {}", types::kotlin_name(&field.name), types::kotlin(&field.ty)))
        .collect();
    let mut body = String::new();
    for field in &optional {
        let default = types::kotlin_default(field).expect("a field that may be left out has a default");
        body.push_str(&format!("private var {}: {} = {default}\n", types::kotlin_name(&field.name), types::kotlin(&field.ty)));
    }
    for field in &optional {
        body.push('\n');
        body.push_str(&setter(record, field, names));
    }
    let fields: Vec<String> = record.fields.iter().map(|field| format!("{0} = {0}", types::kotlin_name(&field.name))).collect();
    body.push_str(&format!(
        "\n/** What was set. */\nfun build(): {name} = {name}(\n{})\n",
        indented(&fields.join(",\n"), "    ")
    ));
    let docs = names.block(&format!("Builds a [{name}].\n\n{}", record.docs));
    format!("{docs}class {name}Builder internal constructor({}) {{\n{}}}\n", parameters.join(", "), indented(&body, "    "))
}

fn setter(record: &Record, field: &Field, names: &Names) -> String {
    let (name, docs) = (types::kotlin_name(&field.name), names.block(&field.docs));
    let builder = format!("{}Builder", record.name);
    let plain = match &field.ty {
        Type::Optional(inner) => types::kotlin(inner),
        other => types::kotlin(other),
    };
    let mut out = format!("{docs}fun {name}(value: {plain}): {builder} = apply {{ {name} = value }}\n");
    let inner = match &field.ty {
        Type::Optional(inner) => inner,
        other => other,
    };
    match inner {
        Type::Secret | Type::Json => {
            out.push_str(&format!("\n{docs}fun {name}(value: String): {builder} = {name}({plain}(value))\n"));
        }
        Type::List(item) => {
            let item = types::kotlin(item);
            out.push_str(&format!("\n{docs}fun {name}(vararg values: {item}): {builder} = {name}(values.toList())\n"));
        }
        _ => {}
    }
    out
}
