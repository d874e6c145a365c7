//! Types of the interface, as Kotlin and Ruby name them.

use super::camel;
use crate::interface::{Field, Type};

const KOTLIN_KEYWORDS: [&str; 28] = [
    "as",
    "break",
    "class",
    "continue",
    "do",
    "else",
    "false",
    "for",
    "fun",
    "if",
    "in",
    "interface",
    "is",
    "null",
    "object",
    "package",
    "return",
    "super",
    "this",
    "throw",
    "true",
    "try",
    "typealias",
    "typeof",
    "val",
    "var",
    "when",
    "while",
];

/// A name of the core as Kotlin writes it.
pub fn kotlin_name(name: &str) -> String {
    let name = camel(name);
    if KOTLIN_KEYWORDS.contains(&&*name) { format!("`{name}`") } else { name }
}

/// The Kotlin type.
pub fn kotlin(ty: &Type) -> String {
    match ty {
        Type::Text | Type::Decimal => "String".to_owned(),
        Type::Secret => "Secret".to_owned(),
        Type::Json => "Json".to_owned(),
        Type::Timestamp => "java.time.Instant".to_owned(),
        Type::Duration => "java.time.Duration".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::I32 => "Int".to_owned(),
        Type::I64 => "Long".to_owned(),
        Type::F64 => "Double".to_owned(),
        Type::Record(name) | Type::Enumeration(name) | Type::Object(name) => name.clone(),
        Type::Optional(inner) => format!("{}?", kotlin(inner)),
        Type::List(inner) => format!("List<{}>", kotlin(inner)),
        Type::Map => "Map<String, String>".to_owned(),
    }
}

/// The value of a Kotlin field that was left out.
pub fn kotlin_default(field: &Field) -> Option<&'static str> {
    if !field.optional {
        return None;
    }
    match field.ty {
        Type::Optional(_) => Some("null"),
        Type::List(_) => Some("emptyList()"),
        Type::Map => Some("emptyMap()"),
        Type::Bool => Some("false"),
        _ => None,
    }
}

/// The Ruby type, in YARD's notation.
pub fn ruby(ty: &Type) -> String {
    match ty {
        Type::Text | Type::Decimal | Type::Json | Type::Secret => "String".to_owned(),
        Type::Timestamp => "Time".to_owned(),
        Type::Duration => "Numeric".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::I32 | Type::I64 => "Integer".to_owned(),
        Type::F64 => "Float".to_owned(),
        Type::Record(name) | Type::Enumeration(name) | Type::Object(name) => name.clone(),
        Type::Optional(inner) => format!("{}, nil", ruby(inner)),
        Type::List(inner) => format!("Array<{}>", ruby(inner)),
        Type::Map => "Hash{String => String}".to_owned(),
    }
}

/// What users may hand in for it.
pub fn ruby_given(ty: &Type) -> String {
    match ty {
        Type::Record(_) => format!("{}, Hash", ruby(ty)),
        Type::Enumeration(_) => format!("{}, Symbol, String", ruby(ty)),
        Type::Timestamp => "Time, Date, String".to_owned(),
        Type::Optional(inner) => format!("{}, nil", ruby_given(inner)),
        _ => ruby(ty),
    }
}

/// The type as `ruby/lpchat/given.rb` knows it: its conversion, the class of a record or enumeration, a list of one.
pub fn ruby_kind(ty: &Type) -> String {
    match ty {
        Type::Text | Type::Decimal => ":text".to_owned(),
        Type::Secret => ":secret".to_owned(),
        Type::Json => ":json".to_owned(),
        Type::Timestamp => ":time".to_owned(),
        Type::Duration => ":duration".to_owned(),
        Type::Bool => ":truth".to_owned(),
        Type::I32 | Type::I64 => ":whole".to_owned(),
        Type::F64 => ":number".to_owned(),
        Type::Map => ":map".to_owned(),
        Type::Record(name) | Type::Enumeration(name) | Type::Object(name) => name.clone(),
        Type::Optional(inner) => ruby_kind(inner),
        Type::List(inner) => format!("[{}]", ruby_kind(inner)),
    }
}
