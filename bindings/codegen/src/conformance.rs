//! What the conformance tests know of the interface.
//!
//! `interface.json`: the driver takes from it which type each argument has and which operations need a case; runners
//! take the order of parameters. And the dispatch of the Rust runner, since Rust cannot call by name.

use serde_json::{Value, json};

use crate::interface::{Field, Interface, Method, Object, Record, Role, Type, innermost};
use crate::output::{NOTICE, Output};
use crate::template::fill;

pub fn render(interface: &Interface) -> anyhow::Result<Vec<Output>> {
    Ok(vec![description(interface), Output::rust("tests/conformance/runners/rust/src/generated.rs", &rust_dispatch(interface))?])
}

fn description(interface: &Interface) -> Output {
    let mut objects = serde_json::Map::new();
    for object in &interface.objects {
        let methods = object.methods.iter().map(|each| (each.name.clone(), method(interface, each))).collect();
        objects.insert(object.name.clone(), Value::Object(methods));
    }
    let client = interface.object("Client").constructor.as_ref().expect("clients are made");
    let options = fields(interface, std::slice::from_ref(&client.options));
    let nested = |record: &Record| (record.name.clone(), members(interface, record, std::slice::from_ref(&record.name)));
    let recursive: Vec<&Record> = interface.records.iter().filter(|record| holds_itself(interface, record)).collect();
    let records: serde_json::Map<_, _> = recursive.into_iter().map(nested).collect();
    let document = json!({ "notice": NOTICE, "client_options": options, "objects": objects, "records": records });
    let text = serde_json::to_string_pretty(&document).expect("a tree of texts") + "\n";
    Output::new("tests/conformance/interface.json", text)
}

fn method(interface: &Interface, method: &Method) -> Value {
    json!({
        "retry": method.retry.map(lpchat::RetryClass::name),
        "property": method.is_property(),
        "parameters": method.parameters.iter().map(|parameter| parameter.name.clone()).collect::<Vec<_>>(),
        "records": method.parameters.iter().filter(|parameter| matches!(parameter.ty, Type::Record(_))).map(|parameter| parameter.name.clone()).collect::<Vec<_>>(),
        "optional": method.parameters.iter().filter(|parameter| parameter.optional).map(|parameter| parameter.name.clone()).collect::<Vec<_>>(),
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
                    all.insert(field.name.clone(), described(interface, &field.ty, &[]));
                }
            }
            ty => {
                all.insert(parameter.name.clone(), described(interface, ty, &[]));
            }
        }
    }
    Value::Object(all)
}

/// A scalar's name, a list in brackets, a nested record as an object; a record inside itself by its name, which
/// `records` describes. `within` are the records around it.
fn described(interface: &Interface, ty: &Type, within: &[String]) -> Value {
    match ty {
        Type::Record(record) if within.contains(record) => json!(record),
        Type::Record(record) => members(interface, interface.record(record), &[within, std::slice::from_ref(record)].concat()),
        Type::Optional(inner) => described(interface, inner, within),
        Type::List(inner) => json!([described(interface, inner, within)]),
        other => json!(name(other)),
    }
}

/// The members of a record inside another one.
fn members(interface: &Interface, record: &Record, within: &[String]) -> Value {
    let member = |field: &Field| (field.name.clone(), described(interface, &field.ty, within));
    Value::Object(record.fields.iter().map(member).collect())
}

fn holds_itself(interface: &Interface, record: &Record) -> bool {
    let mut reached: Vec<&str> = Vec::new();
    let mut left = vec![record];
    while let Some(next) = left.pop() {
        for field in &next.fields {
            if let Type::Record(name) = innermost(&field.ty)
                && !reached.contains(&name.as_str())
            {
                reached.push(name);
                left.push(interface.record(name));
            }
        }
    }
    reached.contains(&record.name.as_str())
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

/// The Rust runner's dispatch: which method a command calls, and how its arguments are read.
fn rust_dispatch(interface: &Interface) -> String {
    let inputs = interface.records.iter().filter(|record| record.role == Role::Input && record.name != "CallOptions");
    let objects: Vec<&Object> = interface.objects.iter().collect();
    let kinds: String = objects.iter().map(|object| format!("{0}(lpchat::{0}),\n", object.name)).collect();
    let names: String = objects.iter().map(|object| format!("Self::{0}(_) => \"{0}\",\n", object.name)).collect();
    let arms: String = objects.iter().flat_map(|object| object.methods.iter().map(|method| rust_arm(object, method))).collect();
    let faces: String = interface
        .object("Client")
        .methods
        .iter()
        .filter(|method| matches!(method.returns, Some(Type::Object(_))))
        .map(|method| match &method.returns {
            Some(Type::Object(name)) => {
                format!("(\"{name}\", Handle::Client(client)) => Handle::{name}(client.{}()),\n", method.name)
            }
            _ => unreachable!("filtered"),
        })
        .collect();
    let records: String = inputs.map(rust_record).collect();
    let enumerations: Vec<String> = interface.enumerations.iter().map(|item| format!("lpchat::{}", item.name)).collect();
    let template = r#"
        //! Every operation of the interface, by name.
        //!
        //! $notice$

        use lpchat::Result;
        use serde_json::Value;

        use crate::fields::{Command, Fields, FromFields, read};
        use crate::{Objects, always_there, plain};

        /// Any object.
        #[derive(Debug, Clone)]
        pub enum Handle { $kinds$ }

        impl Handle {
            /// The object's class.
            pub fn kind(&self) -> &'static str {
                match self { $names$ }
            }

            /// The object itself, or the face of a client that an operation belongs to.
            fn face(self, face: &str) -> Self {
                match (face, &self) { $faces$ _ => self }
            }
        }

        /// Calls the operation.
        pub fn call(target: Option<Handle>, command: &Command, objects: &mut Objects) -> Result<Value> {
            let fields = &command.arguments;
            let Some(target) = target else {
                let client = lpchat::Client::new(read_record(fields))?;
                return Ok(objects.keep(command, Some(Handle::Client(client))));
            };
            let (face, name) = command.operation.split_once('.').expect("an operation belongs to an object");
            Ok(match (target.face(face), name) {
                $arms$
                (target, name) => panic!("{} has no {name}", target.kind()),
            })
        }

        fn read_record<T: FromFields>(fields: &Fields) -> T {
            T::from_fields(fields, "").expect("a record at the top is always there")
        }

        $records$

        macro_rules! enumeration {
            ($($ty:ty),*) => {$(
                impl FromFields for $ty {
                    fn from_fields(fields: &Fields, path: &str) -> Option<Self> {
                        lpchat::Text::from_fields(fields, path).map(Self::from)
                    }
                }
                always_there!($ty);
            )*};
        }
        enumeration!(ENUMERATIONS);
    "#;
    let (head, tail) = template.split_once("macro_rules! enumeration").expect("the template has it");
    let head = fill(
        head,
        &[("notice", NOTICE), ("kinds", &kinds), ("names", &names), ("faces", &faces), ("arms", &arms), ("records", &records)],
    );
    format!("{head}macro_rules! enumeration{}", tail.replace("ENUMERATIONS", &enumerations.join(", ")))
}

fn rust_arm(object: &Object, method: &Method) -> String {
    let argument = |parameter: &Field| match &parameter.ty {
        Type::Record(_) => "read_record(fields), ".to_owned(),
        _ => format!("read(fields, {:?}), ", parameter.name),
    };
    let arguments: String = method.parameters.iter().map(argument).collect();
    let call = if method.is_operation() {
        format!("object.{}_with({arguments}command.options())?", method.name)
    } else {
        format!("object.{}({arguments}){}", method.name, if method.throws { "?" } else { "" })
    };
    let body = match &method.returns {
        Some(Type::Object(name)) => format!("objects.keep(command, Some(Handle::{name}({call})))"),
        Some(Type::Optional(inner)) if matches!(**inner, Type::Object(_)) => {
            let Type::Object(name) = &**inner else { unreachable!("matched") };
            format!("objects.keep(command, {call}.map(|object| Handle::{name}((*object).clone())))")
        }
        Some(_) => format!("plain(&{call})"),
        None => format!("{{ {call}; Value::Null }}"),
    };
    format!("(Handle::{}(object), {:?}) => {body},\n", object.name, method.name)
}

fn rust_record(record: &Record) -> String {
    let field = |field: &Field| format!("r#{0}: read(fields, &at({0:?})), ", field.name);
    let template = r#"
        impl FromFields for lpchat::$name$ {
            fn from_fields(fields: &Fields, path: &str) -> Option<Self> {
                if !path.is_empty() && !fields.speaks_of(path) {
                    return None;
                }
                let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                Some(Self { $fields$ })
            }
        }
    "#;
    let fields: String = record.fields.iter().map(field).collect();
    fill(template, &[("name", &record.name), ("fields", &fields)])
}
