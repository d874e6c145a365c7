//! The operations of the Kotlin conformance runner: which method a command calls, and how its arguments are read.

use super::{camel, types};
use crate::interface::{Field, Interface, Method, Object, Record, Role, Type};
use crate::output::{NOTICE, Output};
use crate::template::fill;

pub fn render(interface: &Interface) -> Output {
    let faces: String = interface
        .faces()
        .iter()
        .map(|(object, property, face)| {
            format!(
                "    target is {} && operation.startsWith(\"{}.\") -> target.{}\n",
                object.name,
                face.name,
                camel(&property.name)
            )
        })
        .collect();
    let arms: String =
        interface.objects.iter().flat_map(|object| object.methods.iter().map(|method| arm(object, method))).collect();
    let constructors: String = interface.objects.iter().filter_map(constructor).collect();
    let inputs = interface.records.iter().filter(|record| record.role == Role::Input);
    let records: String = inputs.map(record).collect();
    let template = r#"// $notice$

package lpchat.conformance

import lpchat.*

/** The object itself, or the face of a client that the operation belongs to. */
private fun face(target: Any?, operation: String): Any? = when {
$faces$    else -> target
}

/** Calls the operation, in the form that gives way to others where [suspending] and there is one. */
internal suspend fun call(operation: String, on: Any?, fields: Fields, options: CallOptions, suspending: Boolean): Any? {
    val target = face(on, operation)
    return when (operation) {
$constructors$$arms$        else -> error("there is no $dollar${operation}")
    }
}
$records$"#;
    let values = [
        ("notice", NOTICE),
        ("faces", &*faces),
        ("constructors", &constructors),
        ("arms", &arms),
        ("records", &records),
        ("dollar", "$"),
    ];
    Output::new("tests/conformance/runners/kotlin/Generated.kt", fill(template, &values))
}

fn constructor(object: &Object) -> Option<String> {
    let Type::Record(options) = &object.constructor.as_ref()?.options.ty else { return None };
    Some(format!("        \"{0}.new\" -> {0}(read{options}(fields, \"\"))\n", object.name))
}

fn arm(object: &Object, method: &Method) -> String {
    let arguments: Vec<String> = method.parameters.iter().map(argument).collect();
    let name = camel(&method.name);
    let call = if method.is_operation() {
        let arguments: String = arguments.iter().map(|argument| format!("{argument}, ")).collect();
        format!("if (suspending) {name}Async({arguments}options) else {name}({arguments}options)")
    } else if method.is_property() {
        name
    } else {
        format!("{name}({})", arguments.join(", "))
    };
    format!("        \"{0}.{1}\" -> (target as {0}).run {{ {call} }}\n", object.name, method.name)
}

fn argument(parameter: &Field) -> String {
    match &parameter.ty {
        Type::Record(record) => format!("read{record}(fields, \"\")"),
        _ => value(parameter, &format!("{:?}", parameter.name)),
    }
}

/// The function that makes an input of the fields below `path`.
fn record(record: &Record) -> String {
    let name = &record.name;
    let field = |field: &Field| {
        format!("    {} = {},\n", types::kotlin_name(&field.name), value(field, &format!("join(path, {:?})", field.name)))
    };
    let fields: String = record.fields.iter().map(field).collect();
    format!("\ninternal fun read{name}(fields: Fields, path: String): {name} = {name}(\n{fields})\n")
}

/// The value of a field: the driver sends what must be there, and what is left out has its default.
fn value(field: &Field, path: &str) -> String {
    let read = read(&field.ty, path);
    match &field.ty {
        Type::Optional(_) | Type::List(_) | Type::Map => read,
        Type::Bool if field.optional => format!("{read} ?: false"),
        _ => format!("{read}!!"),
    }
}

/// What may be at `path`.
fn read(ty: &Type, path: &str) -> String {
    match ty {
        Type::Text | Type::Decimal => format!("fields.text({path})"),
        Type::Secret => format!("fields.text({path})?.let(::Secret)"),
        Type::Json => format!("fields.text({path})?.let(::Json)"),
        Type::Timestamp => format!("fields.time({path})"),
        Type::Duration => format!("fields.duration({path})"),
        Type::Bool => format!("fields.truth({path})"),
        Type::I32 => format!("fields.whole({path})?.toInt()"),
        Type::I64 => format!("fields.whole({path})"),
        Type::F64 => format!("fields.number({path})"),
        Type::Enumeration(name) => format!("fields.text({path})?.let({name}::of)"),
        Type::Record(name) => format!("fields.below({path}) {{ read{name}(fields, it) }}"),
        Type::Optional(inner) => read(inner, path),
        Type::List(inner) => format!("fields.list({path}) {{ {} }}", read(inner, "it")),
        Type::Map => format!("fields.map({path})"),
        Type::Object(name) => unreachable!("no operation takes the object {name}"),
    }
}
