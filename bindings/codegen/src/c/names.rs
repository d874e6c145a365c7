//! Names in C.

use std::collections::BTreeSet;

use heck::{ToShoutySnakeCase, ToSnakeCase};

use crate::interface::{Interface, Record};

/// Snake case in which `OAuth` is one word.
pub fn snake(name: &str) -> String {
    name.replace("OAuth", "Oauth").to_snake_case()
}

/// Upper snake case, for constants.
pub fn shouty(name: &str) -> String {
    name.replace("OAuth", "Oauth").to_shouty_snake_case()
}

/// The type of a record.
pub fn record(name: &str) -> String {
    // What is known about an error is read from the error itself.
    if name == "ErrorDetails" { "lpchat_error".to_owned() } else { format!("lpchat_{}", snake(name)) }
}

/// The type of a list that is a result.
pub fn list(record: &str) -> String {
    format!("lpchat_{}_list", snake(record))
}

/// The type of an enumeration. The ending keeps it apart from getters: `lpchat_chat_event_type` reads an event's type.
pub fn enumeration(name: &str) -> String {
    format!("lpchat_{}_t", snake(name))
}

/// The constant for a value of an enumeration.
pub fn constant(enumeration: &str, variant: &str) -> String {
    format!("LPCHAT_{}_{}", shouty(enumeration), shouty(variant))
}

/// The type of an object.
pub fn object(name: &str) -> String {
    format!("lpchat_{}", snake(name))
}

/// What a parameter of this type is called: the last word of its name.
pub fn parameter(name: &str) -> String {
    snake(name).rsplit('_').next().unwrap_or_default().to_owned()
}

/// What a parameter that holds a record is called.
pub fn record_parameter(record: &Record) -> String {
    parameter(record_prefix(record).trim_start_matches("lpchat_"))
}

/// What the functions of a record begin with.
pub fn record_prefix(record: &Record) -> String {
    self::record(&record.name)
}

/// Every type of the interface.
pub fn types(interface: &Interface) -> BTreeSet<String> {
    let records = interface.records.iter().map(|item| record(&item.name));
    let objects = interface.objects.iter().map(|item| object(&item.name));
    records.chain(objects).chain(interface.enumerations.iter().map(|item| enumeration(&item.name))).collect()
}

/// What the getters of a field begin with. In C, types and functions share one room: `lpchat_engagement_info` is a type,
/// so the getter is `lpchat_engagement_get_info`.
pub fn getter(interface: &Interface, record: &Record, field: &str) -> String {
    let (prefix, types) = (record_prefix(record), types(interface));
    let name = format!("{prefix}_{field}");
    if types.contains(&name) { format!("{prefix}_get_{field}") } else { name }
}

/// One element of a list, for the function that adds it: `skill_ids` → `skill_id`.
pub fn singular(list: &str) -> String {
    if let Some(stem) = list.strip_suffix("ies") {
        return format!("{stem}y");
    }
    match list.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') => stem.to_owned(),
        _ => list.to_owned(),
    }
}

const KEYWORDS: [&str; 12] =
    ["type", "ref", "match", "move", "in", "use", "where", "loop", "default", "class", "operator", "register"];

/// A parameter's name, which is no keyword in Rust, C and C++.
pub fn argument(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

/// A Rust name for a field: keywords are raw.
pub fn rust(name: &str) -> String {
    if KEYWORDS[..8].contains(&name) { format!("r#{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_naturally() {
        assert_eq!(object("VisitorChat"), "lpchat_visitor_chat");
        assert_eq!(record("OAuth2"), "lpchat_oauth2");
        assert_eq!(constant("LineSubType", "OnlyToAgents"), "LPCHAT_LINE_SUB_TYPE_ONLY_TO_AGENTS");
        assert_eq!(
            (singular("skill_ids"), singular("properties"), singular("sort")),
            ("skill_id".into(), "property".into(), "sort".into())
        );
    }
}
