//! Types as TypeScript writes them.

use crate::interface::Type;

/// The type of a value that lpchat gives.
pub fn given(ty: &Type) -> String {
    match ty {
        Type::Text | Type::Secret | Type::Decimal => "string".to_owned(),
        Type::Json => "JsonValue".to_owned(),
        Type::Timestamp => "Date".to_owned(),
        Type::Duration | Type::I32 | Type::I64 | Type::F64 => "number".to_owned(),
        Type::Bool => "boolean".to_owned(),
        Type::Record(name) | Type::Enumeration(name) | Type::Object(name) => name.clone(),
        Type::Optional(inner) => format!("{} | undefined", given(inner)),
        Type::List(inner) => format!("{}[]", given(inner)),
        Type::Map => "Record<string, string>".to_owned(),
    }
}

/// The type of a value that lpchat takes.
pub fn taken(ty: &Type) -> String {
    match ty {
        Type::Json => "JsonInput".to_owned(),
        Type::Timestamp => "Time".to_owned(),
        Type::Optional(inner) => format!("{} | undefined", taken(inner)),
        Type::List(inner) => format!("readonly {}[]", taken(inner)),
        Type::Map => "Readonly<Record<string, string>>".to_owned(),
        other => given(other),
    }
}

/// The function that makes a value of what crossed as JSON; `None` where that is the value already.
pub fn conversion(ty: &Type) -> Option<String> {
    match ty {
        Type::Timestamp => Some("date".to_owned()),
        Type::Record(name) => Some(format!("model(() => {name})")),
        Type::Object(name) => Some(format!("object(() => {name})")),
        Type::Optional(inner) => conversion(inner),
        Type::List(inner) => match &**inner {
            Type::Record(name) => Some(format!("modelList(() => {name})")),
            inner => Some(format!("each({})", conversion(inner)?)),
        },
        _ => None,
    }
}

/// An expression that makes a member of what crossed in its place.
pub fn member(ty: &Type, crossed: &str) -> String {
    match ty {
        Type::Optional(inner) => member(inner, crossed),
        Type::Timestamp => format!("date({crossed})"),
        Type::Record(name) => format!("one({name}, {crossed}, context)"),
        Type::List(inner) => match &**inner {
            Type::Record(name) => format!("several({name}, {crossed}, context)"),
            _ => converted(ty, crossed),
        },
        ty => converted(ty, crossed),
    }
}

fn converted(ty: &Type, crossed: &str) -> String {
    match conversion(ty) {
        Some(convert) => format!("{convert}({crossed}, context)"),
        None => format!("{crossed} as {}", given(ty)),
    }
}

/// The function that makes the result of a call of what crossed as JSON.
pub fn result(ty: Option<&Type>) -> String {
    match ty {
        None => "nothing".to_owned(),
        Some(Type::Optional(inner)) => format!("optional({})", result(Some(inner))),
        Some(ty) => conversion(ty).unwrap_or_else(|| format!("same<{}>", given(ty))),
    }
}

/// What a doc comment adds, so that nobody has to guess.
pub fn unit(ty: &Type) -> &'static str {
    match crate::interface::innermost(ty) {
        Type::Duration => " In milliseconds.",
        _ => "",
    }
}
