//! Requests and options: opaque types and setters.

use std::fmt::Write as _;

use anyhow::{Result, bail};

use super::function::{Function, Kind, docs};
use super::names;
use super::records::{unit, unit_suffix, unwrap};
use crate::interface::{Field, Interface, Record, Role, Type};
use crate::output::NOTICE;

pub fn render(interface: &Interface) -> Result<(String, Vec<Function>)> {
    let mut out = format!(
        "//! Requests and options, and their setters.\n//!\n//! {NOTICE}\n\n#![allow(unused_imports, reason = \"what is needed depends on the interface\")]\n\nuse std::ffi::c_char;\n\nuse crate::boundary::value;\nuse crate::input::{{FromC, change, optional, optional_small, put}};\nuse crate::record;\nuse crate::request_type;\n\n"
    );
    let mut functions = Vec::new();
    for record in interface.records.iter().filter(|record| record.role == Role::Input) {
        let c = names::record(&record.name);
        let documentation = format!(
            "{}\n\nMade with `{c}_new`, filled by its setters, freed with `{c}_free`. Calls copy what they need: it may be used again and freed at any time.\n\nThreads: one at a time.",
            record.docs
        );
        write!(
            out,
            "{}pub struct {c} {{\n_opaque: [u8; 0],\n}}\n\nrequest_type!({c}, lpchat::{});\n\n",
            docs(&documentation),
            record.name
        )
        .unwrap();
        let mut own = vec![make(record)];
        for field in &record.fields {
            setters(&mut own, record, field)?;
        }
        own.push(super::records::free(&c, "Frees it."));
        own.iter().for_each(|function| function.write(&mut out));
        functions.extend(own);
    }
    Ok((out, functions))
}

/// The function that makes an empty one.
fn make(record: &Record) -> Function {
    let c = names::record(&record.name);
    let fields: String =
        record.fields.iter().map(|field| format!("{}: {},\n", names::rust(&field.name), default(&field.ty))).collect();
    let needed: Vec<String> =
        record.fields.iter().filter(|field| !field.optional).map(|field| format!("`{}`", field.name)).collect();
    let documentation = match needed.is_empty() {
        true => "Makes one in which nothing is set.".to_owned(),
        false => format!("Makes one in which nothing is set; {} must be.", needed.join(", ")),
    };
    Function::new(format!("{c}_new"), documentation)
        .returns(format!("*mut {c}"))
        .does(format!("value(std::ptr::null_mut(), || record::hand_out(lpchat::{} {{\n{fields}}}.into()))", record.name))
}

fn default(ty: &Type) -> &'static str {
    if matches!(ty, Type::Enumeration(_)) { "\"\".into()" } else { "Default::default()" }
}

/// What a value is handed in as.
pub fn kind(ty: &Type) -> Option<Kind> {
    Some(match ty {
        Type::Text | Type::Secret | Type::Json | Type::Decimal => Kind::Text,
        Type::I64 | Type::Timestamp | Type::Duration => Kind::I64,
        Type::I32 | Type::Bool | Type::Enumeration(_) => Kind::I32,
        Type::F64 => Kind::F64,
        Type::Record(name) => Kind::Borrowed(names::record(name)),
        _ => return None,
    })
}

/// The expression that reads the parameter `name` as a value of this type.
pub fn read(ty: &Type, name: &str) -> String {
    let argument = names::argument(name);
    match ty {
        Type::Optional(inner) if matches!(**inner, Type::Bool | Type::Enumeration(_)) => {
            format!("optional_small({name:?}, {argument})?")
        }
        Type::Optional(_) => format!("optional({name:?}, {argument})?"),
        Type::List(_) => format!("list({name:?}, {argument}, {argument}_count)?"),
        _ => format!("FromC::from_c({name:?}, {argument})?"),
    }
}

/// What a caller hands in for no value.
pub fn absence(ty: &Type) -> &'static str {
    match ty {
        Type::I64 | Type::Timestamp | Type::Duration => "`LPCHAT_ABSENT`",
        Type::I32 => "`LPCHAT_ABSENT_INT32`",
        Type::Bool | Type::Enumeration(_) => "-1",
        Type::F64 => "NaN",
        _ => "NULL",
    }
}

/// The constants that a parameter takes.
pub fn values(ty: &Type) -> String {
    match ty {
        Type::Enumeration(name) => format!(" A value of `{}`.", names::enumeration(name)),
        _ => String::new(),
    }
}

/// What a parameter of this type is called in its setter.
fn value_name(record: &Record, field: &str, ty: &Type) -> String {
    let name = match ty {
        Type::Timestamp | Type::Duration => "milliseconds".to_owned(),
        Type::Record(name) => names::parameter(name),
        _ => field.to_owned(),
    };
    if name == names::record_parameter(record) { "value".to_owned() } else { name }
}

fn setters(out: &mut Vec<Function>, record: &Record, field: &Field) -> Result<()> {
    let (c, this) = (names::record(&record.name), names::record_parameter(record));
    let core = format!("lpchat::{}", record.name);
    let field_name = names::rust(&field.name);
    let setter = |verb: &str, name: String, documentation: String| {
        Function::new(format!("{c}_{verb}_{name}"), documentation).takes(this.clone(), Kind::Owned(c.clone())).returns("i32")
    };
    let change = |statement: String| {
        format!("change({this:?}, {this}, {:?}, |record: &mut {core}| {{\n{statement}\nOk(())\n}})", field.name)
    };
    match &field.ty {
        Type::Map => {
            let name = names::singular(&field.name);
            let documentation = format!("Puts one pair in; a name that is there already gets the new value. {}", field.docs);
            let body = change(format!("put(&mut record.{field_name}, name, value)?;"));
            out.push(setter("put", name, documentation).takes("name", Kind::Text).takes("value", Kind::Text).does(body));
        }
        Type::List(element) => {
            let Some(kind) = kind(element) else { bail!("C has no form for {}.{}", record.name, field.name) };
            let name = names::singular(&field.name);
            let value = value_name(record, &name, element);
            let add = |value: &str, reader: &Type| change(format!("record.{field_name}.push({});", read(reader, value)));
            let documentation = format!("Adds one element. {}{}{}", field.docs, unit(element), values(element));
            out.push(
                setter("add", format!("{name}{}", unit_suffix(element)), documentation)
                    .takes(&value, kind)
                    .does(add(&value, element)),
            );
            if matches!(**element, Type::Enumeration(_)) {
                let documentation = format!("Adds one element by its text on the wire. {}", field.docs);
                out.push(
                    setter("add", format!("{name}_text"), documentation).takes("text", Kind::Text).does(add("text", &Type::Text)),
                );
            }
        }
        declared => {
            let ty = unwrap(declared);
            let Some(kind) = kind(ty) else { bail!("C has no form for {}.{}", record.name, field.name) };
            let value = value_name(record, &field.name, ty);
            let taken_out = if declared == ty { String::new() } else { format!(" {} takes it out again.", absence(ty)) };
            let set = |value: &str, reader: &Type| change(format!("record.{field_name} = {};", read(reader, value)));
            let documentation = format!("{}{}{}{taken_out}", field.docs, unit(ty), values(ty));
            out.push(
                setter("set", format!("{}{}", field.name, unit_suffix(ty)), documentation)
                    .takes(&value, kind)
                    .or_null(declared != ty)
                    .does(set(&value, declared)),
            );
            if matches!(ty, Type::Enumeration(_)) {
                let documentation = format!("The same by its text on the wire. {}", field.docs);
                let reader = if declared == ty { Type::Text } else { Type::Optional(Box::new(Type::Text)) };
                out.push(
                    setter("set", format!("{}_text", field.name), documentation)
                        .takes("text", Kind::Text)
                        .or_null(declared != ty)
                        .does(set("text", &reader)),
                );
            }
        }
    }
    Ok(())
}
