//! Types of C++ for types of the interface.

use crate::c::names;
use crate::interface::{Field, Type};

/// Names that C++ keeps for itself.
const KEYWORDS: [&str; 30] = [
    "auto",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "default",
    "delete",
    "do",
    "double",
    "else",
    "enum",
    "explicit",
    "export",
    "for",
    "friend",
    "namespace",
    "new",
    "operator",
    "private",
    "protected",
    "public",
    "register",
    "switch",
    "template",
    "union",
    "using",
];

/// A name that is no keyword.
pub fn name(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

/// The class of a record, an object or an enumeration. Qualified, because classes have members of the same name.
pub fn class(name: &str) -> String {
    format!("lpchat::{}", class_name(name))
}

/// The same without its namespace, where it is declared.
pub fn class_name(name: &str) -> String {
    self::name(&names::snake(name))
}

/// What a getter gives, or an element of a list.
pub fn read(ty: &Type) -> Option<String> {
    Some(match ty {
        Type::Text | Type::Json | Type::Decimal => "std::string_view".to_owned(),
        Type::I64 => "std::int64_t".to_owned(),
        Type::I32 => "std::int32_t".to_owned(),
        Type::F64 => "double".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Timestamp => "lpchat::timestamp".to_owned(),
        Type::Duration => "std::chrono::milliseconds".to_owned(),
        Type::Record(name) | Type::Enumeration(name) => class(name),
        Type::Optional(inner) => format!("std::optional<{}>", read(inner)?),
        Type::List(inner) => format!("lpchat::list<{}>", read(inner)?),
        Type::Secret | Type::Object(_) | Type::Map => return None,
    })
}

/// A member of a request.
pub fn member(ty: &Type) -> Option<String> {
    Some(match ty {
        Type::Text | Type::Json | Type::Decimal | Type::Secret => "std::string".to_owned(),
        Type::Optional(inner) => format!("std::optional<{}>", member(inner)?),
        Type::List(inner) => format!("std::vector<{}>", member(inner)?),
        Type::Map => "std::map<std::string, std::string>".to_owned(),
        Type::Enumeration(name) => format!("lpchat::open<{}>", class(name)),
        Type::Object(_) => return None,
        other => read(other)?,
    })
}

/// A parameter of a call: what is small comes by value.
pub fn parameter(ty: &Type) -> Option<String> {
    let member = member(ty)?;
    let small = matches!(super::inner(ty), Type::I64 | Type::I32 | Type::F64 | Type::Bool | Type::Timestamp | Type::Duration);
    Some(if small && !matches!(ty, Type::List(_)) { member } else { format!("const {member}&") })
}

/// The expression that makes what C takes of `value`, which may be absent where `ty` says so.
pub fn lower(ty: &Type, value: &str) -> String {
    match ty {
        Type::Text | Type::Json | Type::Decimal | Type::Secret => format!("detail::c_text({value})"),
        Type::Bool => format!("{value} ? 1 : 0"),
        Type::Timestamp => format!("{value}.milliseconds()"),
        Type::Duration => format!("static_cast<std::int64_t>({value}.count())"),
        Type::Enumeration(_) => format!("detail::c_text({value}.text())"),
        Type::Record(_) => format!("detail::build({value}).get()"),
        Type::Optional(inner) => match &**inner {
            Type::Text | Type::Json | Type::Decimal | Type::Secret => format!("detail::c_text({value})"),
            Type::Timestamp | Type::Duration => format!("detail::c_milliseconds({value})"),
            Type::I64 => format!("{value}.value_or(LPCHAT_ABSENT)"),
            Type::I32 => format!("{value}.value_or(LPCHAT_ABSENT_INT32)"),
            Type::F64 => format!("{value}.value_or(std::nan(\"\"))"),
            Type::Bool => format!("{value} ? (*{value} ? 1 : 0) : -1"),
            Type::Enumeration(_) => format!("detail::c_text(detail::texts({value}))"),
            // What is made for the condition lives until the call has returned.
            Type::Record(_) => format!("{value} ? detail::build(*{value}).get() : nullptr"),
            _ => value.to_owned(),
        },
        _ => value.to_owned(),
    }
}

/// The fields' order: what must be there first.
pub fn required_first(fields: &[Field]) -> Vec<&Field> {
    let (mut first, last): (Vec<&Field>, Vec<&Field>) = fields.iter().partition(|field| !matches!(field.ty, Type::Optional(_)));
    first.extend(last);
    first
}
