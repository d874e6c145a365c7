//! What the conformance tests know of the interface: `tests/conformance/interface.json`.
//!
//! The driver takes from it which type each argument has and which operations need a case; runners take the order of
//! parameters.

use serde_json::{Value, json};

use crate::interface::{Field, Interface, Method, Type};
use crate::output::{NOTICE, Output};

pub fn render(interface: &Interface) -> Vec<Output> {
    let mut objects = serde_json::Map::new();
    for object in &interface.objects {
        let methods = object.methods.iter().map(|each| (each.name.clone(), method(interface, each))).collect();
        objects.insert(object.name.clone(), Value::Object(methods));
    }
    let client = interface.object("Client").constructor.as_ref().expect("clients are made");
    let options = fields(interface, std::slice::from_ref(&client.options));
    let document = json!({ "notice": NOTICE, "client_options": options, "objects": objects });
    let text = serde_json::to_string_pretty(&document).expect("a tree of texts") + "\n";
    vec![Output::new("tests/conformance/interface.json", text)]
}

fn method(interface: &Interface, method: &Method) -> Value {
    json!({
        "retry": method.retry.map(lpchat::RetryClass::name),
        "property": method.is_property(),
        "parameters": method.parameters.iter().map(|parameter| parameter.name.clone()).collect::<Vec<_>>(),
        "records": method.parameters.iter().filter(|parameter| matches!(parameter.ty, Type::Record(_))).map(|parameter| parameter.name.clone()).collect::<Vec<_>>(),
        "arguments": fields(interface, &method.parameters),
        "returns": method.returns.as_ref().map(name),
    })
}

/// Arguments and their types; an input record is taken apart into its fields.
fn fields(interface: &Interface, parameters: &[Field]) -> Value {
    let mut all = serde_json::Map::new();
    for parameter in parameters {
        match &parameter.ty {
            Type::Record(record) => {
                for field in &interface.record(record).fields {
                    all.insert(field.name.clone(), described(interface, &field.ty));
                }
            }
            ty => {
                all.insert(parameter.name.clone(), described(interface, ty));
            }
        }
    }
    Value::Object(all)
}

/// A scalar's name, a list in brackets, a nested record as an object.
fn described(interface: &Interface, ty: &Type) -> Value {
    match ty {
        Type::Record(record) => fields(interface, &interface.record(record).fields),
        Type::Optional(inner) => described(interface, inner),
        Type::List(inner) => json!([described(interface, inner)]),
        other => json!(name(other)),
    }
}

fn name(ty: &Type) -> String {
    match ty {
        Type::Text | Type::Secret | Type::Json | Type::Decimal | Type::Enumeration(_) => "text".to_owned(),
        Type::Timestamp => "time".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::I32 | Type::I64 => "int".to_owned(),
        Type::F64 => "float".to_owned(),
        Type::Map => "map".to_owned(),
        Type::Record(name) | Type::Object(name) => name.clone(),
        Type::Optional(inner) => format!("{}?", self::name(inner)),
        Type::List(inner) => format!("{}[]", self::name(inner)),
    }
}
