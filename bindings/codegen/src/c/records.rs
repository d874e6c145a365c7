//! Documents: opaque types and getters.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Result, bail};

use super::function::{Function, Kind, docs};
use super::names;
use crate::interface::{Field, Interface, Record, Role, Type};
use crate::output::NOTICE;

/// The records that C reads.
pub fn handed_out(interface: &Interface) -> impl Iterator<Item = &Record> {
    interface.records.iter().filter(|record| record.role != Role::Input)
}

/// The records that are results, and those of which lists are results.
pub fn results(interface: &Interface) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut documents, mut lists) = (BTreeSet::new(), BTreeSet::new());
    for method in interface.objects.iter().flat_map(|object| &object.methods) {
        match method.returns.as_ref().map(unwrap) {
            Some(Type::Record(name)) => drop(documents.insert(name.clone())),
            Some(Type::List(inner)) => {
                if let Type::Record(name) = &**inner {
                    lists.insert(name.clone());
                }
            }
            _ => {}
        }
    }
    (documents, lists)
}

/// The type without its `Optional`.
pub fn unwrap(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) => inner,
        other => other,
    }
}

pub fn render(interface: &Interface) -> Result<(String, Vec<Function>)> {
    let mut out = format!(
        "//! Documents and their getters.\n//!\n//! {NOTICE}\n\n#![allow(unused_imports, reason = \"what is needed depends on the interface\")]\n\nuse std::ffi::c_char;\n\nuse super::enumerations::*;\nuse crate::boundary;\nuse crate::error::lpchat_error;\nuse crate::record::{{self, Nest, Record}};\nuse crate::text::Terminate;\n\n"
    );
    let (documents, lists) = results(interface);
    let mut functions = Vec::new();
    for record in handed_out(interface) {
        if record.name == "ErrorDetails" {
            terminate(&mut out, record);
        } else {
            declare(&mut out, interface, record, documents.contains(&record.name));
        }
        let mut own = Vec::new();
        for field in &record.fields {
            getters(&mut own, interface, record, field)?;
        }
        if record.role == Role::Answer {
            raw(&mut own, record);
        }
        if documents.contains(&record.name) {
            own.push(free(&names::record(&record.name), "Frees the document with everything borrowed from it."));
        }
        if lists.contains(&record.name) {
            list(&mut out, &mut own, record);
        }
        own.iter().for_each(|function| function.write(&mut out));
        functions.extend(own);
    }
    Ok((out, functions))
}

fn declare(out: &mut String, interface: &Interface, record: &Record, is_result: bool) {
    let ownership = match (is_result, holders(interface, &record.name)) {
        (true, _) => {
            format!("Free it with `{}_free`; where it lies inside another document, it is borrowed.", names::record(&record.name))
        }
        (false, holders) if holders.is_empty() => "Borrowed from what it was read from.".to_owned(),
        (false, holders) => format!("Borrowed from the {} that holds it.", holders.join(" or ")),
    };
    let c = names::record(&record.name);
    write!(
        out,
        "{}pub struct {c} {{\n_opaque: [u8; 0],\n}}\n\nimpl Record for {c} {{\ntype Inner = lpchat::{};\n}}\n\n",
        docs(&format!("{}\n\n{ownership}\n\nThreads: may be read by many threads at once.", record.docs)),
        record.name
    )
    .unwrap();
}

/// The types of the records that have a member of this one, and lists of it.
fn holders(interface: &Interface, name: &str) -> Vec<String> {
    let holds = |record: &&Record| {
        record.fields.iter().any(|field| *crate::interface::innermost(&field.ty) == Type::Record(name.to_owned()))
    };
    let mut holders: Vec<String> =
        handed_out(interface).filter(holds).map(|record| format!("`{}`", names::record(&record.name))).collect();
    if results(interface).1.contains(name) {
        holders.push(format!("`{}`", names::list(name)));
    }
    holders
}

fn terminate(out: &mut String, record: &Record) {
    let texts = record.fields.iter().filter(|field| *unwrap(&field.ty) == Type::Text);
    let lines: String = texts.map(|field| format!("details.{}.terminate();\n", names::rust(&field.name))).collect();
    write!(out, "/// Gives every text of an error the NUL that C wants behind it.\npub fn terminate(details: &mut lpchat::ErrorDetails) {{\n{lines}}}\n\n").unwrap();
}

/// A function that frees what it gets.
pub fn free(ty: &str, documentation: &str) -> Function {
    let name = &names::parameter(ty);
    Function::new(format!("{ty}_free"), format!("{documentation} NULL is allowed."))
        .takes(name, Kind::Owned(ty.to_owned()))
        .or_null(true)
        .does(format!("boundary::value((), || record::free({name}));"))
}

/// What stands for no value, in the words of the documentation.
fn absent(ty: &Type) -> &'static str {
    match ty {
        Type::I64 | Type::Timestamp | Type::Duration => "`LPCHAT_ABSENT`",
        Type::I32 => "`LPCHAT_ABSENT_INT32`",
        Type::Bool => "-1",
        Type::F64 => "NaN",
        _ => "NULL",
    }
}

/// What the value is counted in, where its type does not say.
pub fn unit(ty: &Type) -> &'static str {
    match ty {
        Type::Timestamp => " In milliseconds since 1970-01-01T00:00:00Z.",
        Type::Duration => " In milliseconds.",
        Type::Bool => " 1 or 0.",
        Type::Json => " JSON text.",
        _ => "",
    }
}

/// The end of a name that tells the unit.
pub fn unit_suffix(ty: &Type) -> &'static str {
    if *unwrap(ty) == Type::Duration { "_ms" } else { "" }
}

/// The type in Rust of a value that is returned as it is.
pub fn scalar(ty: &Type) -> Option<String> {
    Some(match ty {
        Type::I64 | Type::Timestamp | Type::Duration => "i64".to_owned(),
        Type::I32 | Type::Bool => "i32".to_owned(),
        Type::F64 => "f64".to_owned(),
        Type::Enumeration(name) => names::enumeration(name),
        _ => return None,
    })
}

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Text | Type::Json | Type::Decimal)
}

fn getters(out: &mut Vec<Function>, interface: &Interface, record: &Record, field: &Field) -> Result<()> {
    let (prefix, base) = (names::record_prefix(record), names::getter(interface, record, &field.name));
    let (ty, optional) = (unwrap(&field.ty), matches!(field.ty, Type::Optional(_)));
    let documentation = match optional {
        true => format!("{}{} {} where it is absent.", field.docs, unit(ty), absent_of(ty)),
        false => format!("{}{}", field.docs, unit(ty)),
    };
    let this = names::record_parameter(record);
    let getter = |suffix: &str, documentation: String| {
        Function::new(format!("{base}{suffix}"), documentation).takes(this.clone(), Kind::Borrowed(prefix.clone()))
    };
    let field_name = names::rust(&field.name);
    let read = |helper: &str| format!("record::{helper}({this}, |record| &record.{field_name})");
    match ty {
        Type::List(element) => return list_getters(out, interface, record, field, element),
        Type::Record(name) => {
            let body = format!("record::nested({this}, |record| record.{field_name}.nest())");
            out.push(
                getter("", format!("{documentation} Borrowed.")).returns(format!("*const {}", names::record(name))).does(body),
            );
        }
        ty if is_text(ty) => texts(out, &getter, "", &documentation, &read),
        ty => {
            let Some(scalar) = scalar(ty) else { bail!("C has no form for {}.{}", record.name, field.name) };
            out.push(getter(unit_suffix(ty), documentation).returns(scalar).does(read("scalar")));
            if matches!(ty, Type::Enumeration(_)) {
                let documentation = format!("The text of `{base}` on the wire, known to this version or not.");
                texts(out, &getter, "_text", &documentation, &read);
            }
        }
    }
    Ok(())
}

/// What stands for no value, enumerations included.
pub fn absent_of(ty: &Type) -> String {
    match ty {
        Type::Enumeration(name) => format!("`{}`", names::constant(name, "Absent")),
        ty => absent(ty).to_owned(),
    }
}

/// A text and its length.
fn texts(
    out: &mut Vec<Function>,
    getter: &dyn Fn(&str, String) -> Function,
    suffix: &str,
    documentation: &str,
    read: &dyn Fn(&str) -> String,
) {
    let text = getter(suffix, documentation.to_owned()).returns("*const c_char").does(read("text"));
    let length = format!("Length of `{}` in bytes.", text.name);
    out.push(text);
    out.push(getter(&format!("{suffix}_len"), length).returns("usize").does(read("length")));
}

fn list_getters(out: &mut Vec<Function>, interface: &Interface, record: &Record, field: &Field, element: &Type) -> Result<()> {
    let (prefix, base) = (names::record_prefix(record), names::getter(interface, record, &field.name));
    let this = names::record_parameter(record);
    let field_name = names::rust(&field.name);
    let getter = |suffix: &str, documentation: String| {
        Function::new(format!("{base}{suffix}"), documentation).takes(this.clone(), Kind::Borrowed(prefix.clone()))
    };
    let at = |suffix: &str, documentation: String| getter(suffix, documentation).takes("index", Kind::Size);
    let read = |helper: &str| format!("record::{helper}({this}, index, |record| &record.{field_name})");
    let counted = format!("How many elements the list has. {}", field.docs);
    out.push(getter("_count", counted).returns("usize").does(format!("record::count({this}, |record| &record.{field_name})")));
    let documentation = format!("Element `index`, from 0, of `{base}_count` elements. {}{}", field.docs, unit(element));
    match element {
        Type::Record(name) => {
            let documentation = format!("{documentation} Borrowed; NULL behind the end.");
            out.push(at("_at", documentation).returns(format!("*const {}", names::record(name))).does(read("nested_at")));
        }
        element if is_text(element) => {
            texts(out, &at, "_at", &format!("{documentation} NULL behind the end."), &|helper| read(&format!("{helper}_at")))
        }
        element => {
            let Some(scalar) = scalar(element) else { bail!("C has no form for {}.{}", record.name, field.name) };
            out.push(at(&format!("_at{}", unit_suffix(element)), documentation).returns(scalar).does(read("scalar_at")));
            if matches!(element, Type::Enumeration(_)) {
                let documentation = format!("The text of `{base}_at` on the wire.");
                texts(out, &at, "_at_text", &documentation, &|helper| read(&format!("{helper}_at")));
            }
        }
    }
    Ok(())
}

fn raw(out: &mut Vec<Function>, record: &Record) {
    let (prefix, this) = (names::record_prefix(record), names::record_parameter(record));
    let getter = |suffix: &str, documentation: String| {
        Function::new(format!("{prefix}_raw{suffix}"), documentation).takes(this.clone(), Kind::Borrowed(prefix.clone()))
    };
    let documentation = "The JSON text of this document as the service sent it, members unknown to this version included.";
    texts(out, &getter, "", documentation, &|helper| format!("record::{helper}({this}, |record| &record.raw)"));
}

/// The list of a record that is a result.
fn list(out: &mut String, functions: &mut Vec<Function>, record: &Record) {
    let ty = names::list(&record.name);
    let this = "list";
    let documentation = format!(
        "A list of `{}`. Free it with `{ty}_free`.\n\nThreads: may be read by many threads at once.",
        names::record(&record.name)
    );
    write!(
        out,
        "{}pub struct {ty} {{\n_opaque: [u8; 0],\n}}\n\nimpl Record for {ty} {{\ntype Inner = Vec<lpchat::{}>;\n}}\n\n",
        docs(&documentation),
        record.name
    )
    .unwrap();
    functions.push(
        Function::new(format!("{ty}_count"), "How many elements the list has.")
            .takes(this, Kind::Borrowed(ty.clone()))
            .returns("usize")
            .does("record::count(list, |list| list)"),
    );
    functions.push(
        Function::new(format!("{ty}_at"), "Element `index`, from 0. Borrowed from the list; NULL behind the end.")
            .takes(this, Kind::Borrowed(ty.clone()))
            .takes("index", Kind::Size)
            .returns(format!("*const {}", names::record(&record.name)))
            .does("record::nested_at(list, index, |list| list)"),
    );
    functions.push(free(&ty, "Frees the list with its elements."));
}
