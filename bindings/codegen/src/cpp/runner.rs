//! The operations of the C++ conformance runner.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::types;
use crate::c::records::handed_out;
use crate::interface::{Interface, Method, Object, Record, Role, Type, innermost};
use crate::output::NOTICE;

pub fn render(interface: &Interface) -> String {
    let mut out = format!("// {NOTICE}\n#pragma once\n\n#include \"runner.hpp\"\n\n");
    let records: Vec<&Record> = handed_out(interface).filter(|record| record.name != "ErrorDetails").collect();
    for record in &records {
        writeln!(out, "void write(writer& out, const {}& value);", types::class(&record.name)).unwrap();
    }
    let requests: Vec<&Record> = interface.records.iter().filter(|record| record.role == Role::Input).collect();
    for record in &requests {
        writeln!(out, "bool take(const fields& from, const std::string& path, {}& made);", types::class(&record.name)).unwrap();
    }
    out.push('\n');
    for record in records {
        write!(
            out,
            "inline void write(writer& out, const {}& value) {{\n    out.begin('{{');\n{}    out.end('}}');\n}}\n\n",
            types::class(&record.name),
            members(record)
        )
        .unwrap();
    }
    let details = interface.record("ErrorDetails");
    write!(out, "inline void write_members(writer& out, const lpchat::error_details& value) {{\n{}}}\n\n", members(details))
        .unwrap();
    for record in requests {
        let fields: String = record
            .fields
            .iter()
            .map(|field| format!("    there |= take(from, join(path, {:?}), made.{});\n", field.name, types::name(&field.name)))
            .collect();
        write!(
            out,
            "inline bool take(const fields& from, const std::string& path, {}& made) {{\n    bool there = false;\n{fields}    return there;\n}}\n\n",
            types::class(&record.name)
        )
        .unwrap();
    }
    operations(&mut out, interface);
    out
}

fn members(record: &Record) -> String {
    let member = |name: &str, ty: &Type| {
        // Enumerations go by their texts.
        let getter = match ty {
            Type::List(element) if matches!(**element, Type::Enumeration(_)) => format!("{}_texts()", types::name(name)),
            ty if matches!(innermost(ty), Type::Enumeration(_)) => format!("{}_text()", types::name(name)),
            _ => format!("{}()", types::name(name)),
        };
        let value = match innermost(ty) {
            Type::Json => format!("document(value.{getter})"),
            _ => format!("value.{getter}"),
        };
        format!("    out.member({name:?});\n    write(out, {value});\n")
    };
    record.fields.iter().map(|field| member(&field.name, &field.ty)).collect()
}

fn operations(out: &mut String, interface: &Interface) {
    let faces: BTreeSet<&str> = interface.faces().into_iter().map(|(_, _, face)| face.name.as_str()).collect();
    out.push_str("inline const std::map<std::string, operation>& operations() {\n    static const std::map<std::string, operation> all = {\n");
    for object in &interface.objects {
        if object.constructor.is_some() {
            let class = types::class(&object.name);
            let Some(Type::Record(options)) = object.constructor.as_ref().map(|constructor| &constructor.options.ty) else {
                continue;
            };
            writeln!(
                out,
                "        {{\"{0}.new\", [](session& held, const command& from) {{\n            held.keep(from, \"{0}\", {class}(taken<{1}>(from.given, \"\")));\n        }}}},",
                object.name,
                types::class(options)
            )
            .unwrap();
        }
        for method in &object.methods {
            if !matches!(&method.returns, Some(Type::Object(name)) if method.is_property() && faces.contains(name.as_str())) {
                operation(out, interface, object, method);
            }
        }
    }
    out.push_str("    };\n    return all;\n}\n");
}

fn operation(out: &mut String, interface: &Interface, object: &Object, method: &Method) {
    let faced = interface.faces().into_iter().find(|(_, _, face)| face.name == object.name);
    let target = match faced {
        Some((client, face, _)) => format!("held.get<{}>(from).{}()", types::class(&client.name), types::name(&face.name)),
        None => format!("held.get<{}>(from)", types::class(&object.name)),
    };
    let argument = |name: &str, ty: &Type| {
        let path = if matches!(ty, Type::Record(_)) { "" } else { name };
        let ty = types::member(ty).expect("a parameter has a form in C++");
        format!("taken<{ty}>(from.given, {path:?})")
    };
    let mut arguments: Vec<String> =
        types::required_first(&method.parameters).iter().map(|parameter| argument(&parameter.name, &parameter.ty)).collect();
    if method.is_operation() {
        arguments.push("taken<lpchat::call_options>(from.given, \"?\")".to_owned());
    }
    let call = format!("{target}.{}({})", types::name(&method.name), arguments.join(", "));
    let statement = match method.returns.as_ref().map(innermost) {
        None => format!("{call};\n            held.give_nothing();"),
        Some(Type::Object(name)) => format!("held.keep(from, {name:?}, {call});"),
        Some(Type::Enumeration(_)) if method.is_property() => {
            format!("held.give({target}.{}_text());", types::name(&method.name))
        }
        Some(Type::Enumeration(_)) => format!("held.give(std::string_view(lpchat::detail::wire_text({call})));"),
        Some(Type::Json) => format!("held.give(document({call}));"),
        Some(_) => format!("held.give({call});"),
    };
    writeln!(
        out,
        "        {{\"{}.{}\", [](session& held, const command& from) {{\n            {statement}\n        }}}},",
        object.name, method.name
    )
    .unwrap();
}
