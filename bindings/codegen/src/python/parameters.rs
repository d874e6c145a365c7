//! `_parameters.py`: which kind of value each parameter takes, for callers that have nothing but texts, such as Spark's options.

use std::fmt::Write as _;

use super::modules::docstring;
use crate::interface::{Interface, Type};
use crate::output::NOTICE;

/// The name in Python, the record whose fields it lists, and what they are.
const LISTED: [(&str, &str, &str); 2] = [
    ("SEARCH_PARAMETERS", "SearchQuery", "What `history.search` takes."),
    ("CLIENT_OPTIONS", "ClientOptions", "What `Client` takes."),
];

pub fn by_kind(interface: &Interface) -> String {
    let mut out = format!("\"\"\"Which kind of value each parameter takes.\n\n{NOTICE}\n\"\"\"\n");
    for (name, record, docs) in LISTED {
        writeln!(out, "\n{name} = {{").unwrap();
        for field in &interface.record(record).fields {
            writeln!(out, "    \"{}\": \"{}\",", field.name, kind(&field.ty)).unwrap();
        }
        write!(out, "}}\n{}", docstring(docs, 0)).unwrap();
    }
    out
}

fn kind(ty: &Type) -> String {
    match ty {
        Type::Text | Type::Json | Type::Timestamp | Type::Enumeration(_) => "text".to_owned(),
        Type::Secret => "secret".to_owned(),
        Type::Bool => "boolean".to_owned(),
        Type::I32 | Type::I64 => "integer".to_owned(),
        Type::F64 | Type::Decimal | Type::Duration => "number".to_owned(),
        Type::Map => "map".to_owned(),
        Type::Record(_) | Type::Object(_) => "record".to_owned(),
        Type::Optional(inner) => kind(inner),
        Type::List(inner) => format!("{}s", kind(inner)),
    }
}
