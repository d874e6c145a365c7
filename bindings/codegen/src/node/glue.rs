//! The addon's side: which core call belongs to which object and method, and how its arguments are read.

use super::text::camel;
use super::{object_in, parameters};
use crate::interface::{Constructor, Field, Interface, Method, Object, Record, Role, Type};
use crate::output::NOTICE;
use crate::template::fill;

/// The file, with places for what depends on the interface.
const DISPATCH: &str = r#"
    //! Every object, method and input of the interface.
    //!
    //! $notice$

    use lpchat::Result;

    use crate::input::{FromMembers, Members, invalid};
    use crate::invoke::{Invocation, Started};
    use crate::outcome::Payload;
    use crate::{enumeration_input, object_handle, record_input};

    /// Any object.
    #[derive(Debug, Clone)]
    pub enum Handle { $variants$ }

    $froms$

    /// Begins an operation.
    pub fn start(handle: &Handle, method: &str, mut invocation: Invocation) -> Result<Started> {
        Ok(match (handle, method) {
            $starts$
            _ => return Err(unknown(method)),
        })
    }

    /// Calls a method that asks nothing of the service.
    pub fn call(handle: &Handle, method: &str, mut invocation: Invocation) -> Result<Payload> {
        Ok(match (handle, method) {
            $calls$
            _ => return Err(unknown(method)),
        })
    }

    /// Makes an object of its options.
    pub fn construct(object: &str, mut invocation: Invocation) -> Result<Payload> {
        Ok(match object {
            $constructors$
            _ => return Err(unknown(object)),
        })
    }

    fn unknown(name: &str) -> lpchat::LpchatError {
        invalid(format!("This addon has no `{name}`: it and the JavaScript beside it are of different versions."))
    }

    $inputs$
    $enumerations$
"#;

/// `generated.rs`
pub fn dispatch(interface: &Interface) -> String {
    let froms: String = interface.objects.iter().map(|object| format!("object_handle!({});\n", object.name)).collect();
    let variants: String = interface.objects.iter().map(|object| format!("{0}(lpchat::{0}),\n", object.name)).collect();
    let inputs: String = interface.records.iter().filter(|record| record.role == Role::Input).map(record).collect();
    let enumerations: String =
        interface.enumerations.iter().map(|item| format!("enumeration_input!(lpchat::{});\n", item.name)).collect();
    let (mut starts, mut calls, mut constructors) = (String::new(), String::new(), String::new());
    for object in &interface.objects {
        for method in &object.methods {
            let arms = if method.is_operation() { &mut starts } else { &mut calls };
            arms.push_str(&arm(object, method));
        }
        constructors.extend(object.constructor.as_ref().map(|constructor| construction(object, constructor)));
    }
    let values = [
        ("notice", NOTICE),
        ("variants", &variants),
        ("froms", &froms),
        ("starts", &starts),
        ("calls", &calls),
        ("constructors", &constructors),
        ("inputs", &inputs),
        ("enumerations", &enumerations),
    ];
    fill(DISPATCH, &values)
}

fn arm(object: &Object, method: &Method) -> String {
    let (positional, optional) = parameters(method);
    let mut reads = String::new();
    for (index, field) in positional.iter().enumerate() {
        let kind = if matches!(field.ty, Type::Record(_)) { "record" } else { "positional" };
        reads.push_str(&format!("let {} = invocation.{kind}({index}, {:?})?;\n", field.name, camel(&field.name)));
    }
    for field in optional {
        reads.push_str(&format!("let {} = invocation.option({:?})?;\n", field.name, camel(&field.name)));
    }
    let mut arguments: Vec<&str> = method.parameters.iter().map(|field| &*field.name).collect();
    let body = if method.is_operation() {
        arguments.push("invocation.options()?");
        format!("{reads}Started::new(this.{}_call({}), {})", method.name, arguments.join(", "), delivery(method.returns.as_ref()))
    } else {
        let value = format!("this.{}({}){}", method.name, arguments.join(", "), if method.throws { "?" } else { "" });
        format!("{reads}{}", delivered(method.returns.as_ref(), &value))
    };
    format!("(Handle::{}(this), {:?}) => {{ {body} }}\n", object.name, method.name)
}

/// A function that makes a payload of a result.
fn delivery(ty: Option<&Type>) -> String {
    match ty {
        None => "|()| Payload::nothing()".to_owned(),
        Some(Type::Object(_)) => "|value| Payload::object(value.into())".to_owned(),
        Some(ty) => format!("|value| {}", delivered(Some(ty), "value")),
    }
}

/// An expression that makes a payload of a value.
fn delivered(ty: Option<&Type>, value: &str) -> String {
    match ty {
        None => format!("{{ {value}; Payload::nothing() }}"),
        Some(Type::Object(_)) => format!("Payload::object({value}.into())"),
        Some(ty @ Type::Optional(_)) if object_in(ty).is_some() => format!("Payload::optional_object({value}.map(Handle::from))"),
        Some(ty @ Type::List(_)) if object_in(ty).is_some() => {
            format!("Payload::objects({value}.into_iter().map(Handle::from).collect())")
        }
        Some(_) => format!("Payload::of(&{value})"),
    }
}

fn construction(object: &Object, constructor: &Constructor) -> String {
    let name = &object.name;
    let options = &constructor.options.name;
    format!(
        "{name:?} => {{ let options = invocation.record(0, {options:?})?; Payload::object(lpchat::{name}::new(options)?.into()) }}\n"
    )
}

fn record(record: &Record) -> String {
    let names: Vec<String> = record.fields.iter().map(|field| format!("{:?}", camel(&field.name))).collect();
    let take = |field: &Field| {
        let how = if field.optional && field.ty == Type::Bool { "flag" } else { "take" };
        format!("{}: members.{how}({:?})?,\n", rust_name(&field.name), camel(&field.name))
    };
    let takes: String = record.fields.iter().map(take).collect();
    let default = if record.fields.iter().all(|field| field.optional) { ", default" } else { "" };
    let template = r#"
        record_input!(lpchat::$name$$default$);

        impl FromMembers for lpchat::$name$ {
            const NAME: &'static str = "$name$";
            const MEMBERS: &'static [&'static str] = &[$names$];

            fn from_members(members: &mut Members) -> Result<Self> {
                Ok(Self { $takes$ })
            }
        }
    "#;
    fill(template, &[("name", &record.name), ("default", default), ("names", &names.join(", ")), ("takes", &takes)])
}

/// A Rust name for a field: keywords are raw.
fn rust_name(name: &str) -> String {
    const KEYWORDS: [&str; 4] = ["type", "ref", "match", "move"];
    if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
}
