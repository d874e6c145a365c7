//! Requests and options: opaque types and setters.

use std::fmt::Write as _;

use anyhow::{Context, Result};

use super::function::{Function, Kind, docs};
use super::names;
use super::records::{unit, unit_suffix, unwrap};
use crate::interface::{Field, Interface, Record, Role, Type};
use crate::output::NOTICE;

pub fn render(interface: &Interface) -> Result<(String, Vec<Function>)> {
    let mut out = format!(
        "//! Requests and options, and their setters.\n//!\n//! {NOTICE}\n\n#![allow(unused_imports, reason = \"what is needed depends on the interface\")]\n\nuse std::ffi::c_char;\n\nuse crate::boundary;\nuse crate::input::{{self, FromC}};\nuse crate::record;\nuse crate::request_type;\n\n"
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
    Function::new(format!("{c}_new"), documentation).returns(format!("*mut {c}")).does(format!(
        "boundary::value(std::ptr::null_mut(), || record::hand_out(lpchat::{} {{\n{fields}}}.into()))",
        record.name
    ))
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

/// The expression that reads the parameter `name` as a value of this type. Helpers are called by their whole names: a
/// parameter may have one of them.
pub fn read(ty: &Type, name: &str) -> String {
    let argument = names::argument(name);
    match ty {
        Type::Optional(inner) if matches!(**inner, Type::Bool | Type::Enumeration(_)) => {
            format!("input::optional_small({name:?}, {argument})?")
        }
        Type::Optional(_) => format!("input::optional({name:?}, {argument})?"),
        Type::List(_) => format!("input::list({name:?}, {argument}, {argument}_count)?"),
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

/// The setters of one field.
struct Setters<'a> {
    record: &'a Record,
    field: &'a Field,
    out: &'a mut Vec<Function>,
}

fn setters(out: &mut Vec<Function>, record: &Record, field: &Field) -> Result<()> {
    let mut setters = Setters { record, field, out };
    match &field.ty {
        Type::Map => setters.map(),
        Type::List(element) => setters.list(element)?,
        declared => setters.value(declared)?,
    }
    Ok(())
}

impl Setters<'_> {
    /// A setter whose name is `lpchat_RECORD_VERB_NAME`.
    fn named(&self, verb: &str, name: &str, documentation: String) -> Function {
        let c = names::record(&self.record.name);
        let this = names::record_parameter(self.record);
        Function::new(format!("{c}_{verb}_{name}"), documentation).takes(this, Kind::Owned(c)).returns("i32")
    }

    /// The body of a setter: `statement` changes `record`.
    fn change(&self, statement: &str) -> String {
        let this = names::record_parameter(self.record);
        format!(
            "input::change({this:?}, {this}, {:?}, |record: &mut lpchat::{}| {{\n{statement}\nOk(())\n}})",
            self.field.name, self.record.name
        )
    }

    fn kind(&self, ty: &Type) -> Result<Kind> {
        kind(ty).with_context(|| format!("C has no form for {}.{}", self.record.name, self.field.name))
    }

    fn map(&mut self) {
        let documentation = format!("Puts one pair in; a name that is there already gets the new value. {}", self.field.docs);
        let body = self.change(&format!("input::put(&mut record.{}, name, value)?;", names::rust(&self.field.name)));
        let setter = self.named("put", &names::singular(&self.field.name), documentation);
        self.out.push(setter.takes("name", Kind::Text).takes("value", Kind::Text).does(body));
    }

    fn list(&mut self, element: &Type) -> Result<()> {
        let (field, name) = (self.field, names::singular(&self.field.name));
        let value = value_name(self.record, &name, element);
        let add = |value: &str, ty: &Type| format!("record.{}.push({});", names::rust(&field.name), read(ty, value));
        let documentation = format!("Adds one element. {}{}{}", field.docs, unit(element), values(element));
        let setter = self.named("add", &format!("{name}{}", unit_suffix(element)), documentation);
        self.out.push(setter.takes(&value, self.kind(element)?).does(self.change(&add(&value, element))));
        if matches!(element, Type::Enumeration(_)) {
            let documentation = format!("Adds one element by its text on the wire. {}", field.docs);
            let setter = self.named("add", &format!("{name}_text"), documentation);
            self.out.push(setter.takes("text", Kind::Text).does(self.change(&add("text", &Type::Text))));
        }
        Ok(())
    }

    fn value(&mut self, declared: &Type) -> Result<()> {
        let (field, ty) = (self.field, unwrap(declared));
        let optional = declared != ty;
        let value = value_name(self.record, &field.name, ty);
        let set = |value: &str, ty: &Type| format!("record.{} = {};", names::rust(&field.name), read(ty, value));
        let taken_out = if optional { format!(" {} takes it out again.", absence(ty)) } else { String::new() };
        let documentation = format!("{}{}{}{taken_out}", field.docs, unit(ty), values(ty));
        let setter = self.named("set", &format!("{}{}", field.name, unit_suffix(ty)), documentation);
        self.out.push(setter.takes(&value, self.kind(ty)?).or_null(optional).does(self.change(&set(&value, declared))));
        if matches!(ty, Type::Enumeration(_)) {
            let text = if optional { Type::Optional(Box::new(Type::Text)) } else { Type::Text };
            let documentation = format!("The same by its text on the wire. {}", field.docs);
            let setter = self.named("set", &format!("{}_text", field.name), documentation);
            self.out.push(setter.takes("text", Kind::Text).or_null(optional).does(self.change(&set("text", &text))));
        }
        Ok(())
    }
}
