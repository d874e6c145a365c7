//! The operations of the C conformance runner: each reads its arguments out of a command and writes its result.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::names;
use super::objects::{Receiver, function_name, takes_enumeration};
use super::records::{handed_out, scalar, unit_suffix, unwrap};
use crate::interface::{Field, Interface, Method, Object, Record, Role, Type, innermost};
use crate::output::NOTICE;

pub fn render(interface: &Interface) -> String {
    let mut out = format!("/* {NOTICE} */\n#include \"runner.h\"\n\n");
    let reached = reached(interface);
    let results: Vec<&Record> = handed_out(interface).filter(|record| reached.contains(&record.name)).collect();
    for record in &results {
        writeln!(out, "static void write_{}(const {} *value);", names::snake(&record.name), names::record(&record.name)).unwrap();
    }
    out.push('\n');
    for record in results {
        writer(&mut out, interface, record);
    }
    writer(&mut out, interface, interface.record("ErrorDetails"));
    let requests: Vec<&Record> = interface.records.iter().filter(|record| record.role == Role::Input).collect();
    for record in &requests {
        writeln!(
            out,
            "static void read_{0}(const struct command *command, const char *path, {1} *made);",
            names::snake(&record.name),
            names::record(&record.name)
        )
        .unwrap();
    }
    out.push('\n');
    for record in requests {
        reader(&mut out, record);
    }
    enumerations(&mut out, interface);
    operations(&mut out, interface);
    out
}

/// The records that results hold.
fn reached(interface: &Interface) -> BTreeSet<String> {
    let mut records = BTreeSet::new();
    let methods = interface.objects.iter().flat_map(|object| &object.methods);
    let mut left: Vec<Type> = methods.filter_map(|method| method.returns.clone()).collect();
    while let Some(ty) = left.pop() {
        if let Type::Record(name) = innermost(&ty)
            && records.insert(name.clone())
        {
            left.extend(interface.record(name).fields.iter().map(|field| field.ty.clone()));
        }
    }
    records
}

/// Enumerations that calls give by value go by their texts too.
fn enumerations(out: &mut String, interface: &Interface) {
    let calls = interface.objects.iter().flat_map(|object| &object.methods).filter(|method| !method.is_property());
    let given: Vec<&Type> = calls.filter_map(|method| method.returns.as_ref().map(unwrap)).collect();
    for enumeration in &interface.enumerations {
        if !given.contains(&&Type::Enumeration(enumeration.name.clone())) {
            continue;
        }
        let cases: String = enumeration
            .variants
            .iter()
            .map(|variant| {
                let constant = names::constant(&enumeration.name, &variant.name);
                format!("    case {constant}: write_text({0:?}, {1}); return;\n", variant.value, variant.value.len())
            })
            .collect();
        writeln!(
            out,
            "static void write_{}({} value)\n{{\n    switch (value) {{\n{cases}    default: write_null();\n    }}\n}}\n",
            names::snake(&enumeration.name),
            names::enumeration(&enumeration.name)
        )
        .unwrap();
    }
}

/// The statement that writes a value, read by the getter `base` with these arguments.
fn write(ty: &Type, base: &str, arguments: &str) -> String {
    match ty {
        Type::Text | Type::Decimal => format!("write_text({base}({arguments}), {base}_len({arguments}));"),
        Type::Json => format!("write_json({base}({arguments}));"),
        Type::Enumeration(_) => format!("write_text({base}_text({arguments}), {base}_text_len({arguments}));"),
        Type::I64 | Type::Timestamp => format!("write_whole({base}({arguments}));"),
        Type::Duration => format!("write_whole({base}_ms({arguments}));"),
        Type::I32 => format!("write_whole_32({base}({arguments}));"),
        Type::F64 => format!("write_double({base}({arguments}));"),
        Type::Bool => format!("write_truth({base}({arguments}));"),
        Type::Record(name) => format!("write_{}({base}({arguments}));", names::snake(name)),
        other => unreachable!("C hands out no {other:?}"),
    }
}

fn writer(out: &mut String, interface: &Interface, record: &Record) {
    let is_error = record.name == "ErrorDetails";
    let c = names::record(&record.name);
    let declared = if is_error {
        "void write_error_details".to_owned()
    } else {
        format!("static void write_{}", names::snake(&record.name))
    };
    writeln!(out, "{declared}(const {c} *value)\n{{").unwrap();
    if record.fields.iter().any(|field| matches!(field.ty, Type::List(_))) {
        out.push_str("    size_t index;\n");
    }
    if !is_error {
        out.push_str("    if (value == NULL) {\n        write_null();\n        return;\n    }\n    begin_object();\n");
    }
    for field in &record.fields {
        let base = names::getter(interface, record, &field.name);
        writeln!(out, "    member(\"{}\");", field.name).unwrap();
        match &field.ty {
            Type::List(element) => {
                let element = write(element, &format!("{base}_at"), "value, index");
                writeln!(
                    out,
                    "    begin_list();\n    for (index = 0; index < {base}_count(value); index++) {element}\n    end_list();"
                )
                .unwrap();
            }
            ty => writeln!(out, "    {}", write(unwrap(ty), &base, "value")).unwrap(),
        }
    }
    out.push_str(if is_error { "}\n\n" } else { "    end_object();\n}\n\n" });
}

/// The expression that makes C's value of a text.
fn value(ty: &Type, text: &str) -> String {
    match ty {
        Type::I64 | Type::Timestamp | Type::Duration => format!("whole({text})"),
        Type::I32 => format!("(int32_t)whole({text})"),
        Type::F64 => format!("strtod({text}, NULL)"),
        Type::Bool => format!("strcmp({text}, \"true\") == 0"),
        _ => text.to_owned(),
    }
}

/// The end of a setter's name.
fn setter_suffix(ty: &Type) -> &'static str {
    if matches!(unwrap(ty), Type::Enumeration(_)) { "_text" } else { unit_suffix(ty) }
}

fn reader(out: &mut String, record: &Record) {
    let (c, name) = (names::record(&record.name), names::snake(&record.name));
    writeln!(out, "static void read_{name}(const struct command *command, const char *path, {c} *made)\n{{\n    const char *text;\n    size_t index;").unwrap();
    for field in &record.fields {
        let own = format!("join(path, \"{}\").text", field.name);
        match &field.ty {
            Type::Map => writeln!(
                out,
                "    for (index = 0; index < command->count; index++) {{\n        const struct path below = join(path, \"{}.\");\n        const size_t size = strlen(below.text);\n        if (strncmp(command->fields[index].key, below.text, size) == 0)\n            {c}_put_{}(made, command->fields[index].key + size, command->fields[index].value);\n    }}",
                field.name,
                names::singular(&field.name)
            )
            .unwrap(),
            Type::List(element) => read_list(out, &c, field, element, &own),
            ty => match unwrap(ty) {
                Type::Record(inner) => writeln!(
                    out,
                    "    if (is_below(command, {own})) {{\n        {0} *inner = {0}_new();\n        read_{1}(command, {own}, inner);\n        {c}_set_{2}(made, inner);\n        {0}_free(inner);\n    }}",
                    names::record(inner),
                    names::snake(inner),
                    field.name
                )
                .unwrap(),
                inner => writeln!(
                    out,
                    "    if ((text = value_at(command, {own})) != NULL) {c}_set_{}{}(made, {});",
                    field.name,
                    setter_suffix(inner),
                    value(inner, "text")
                )
                .unwrap(),
            },
        }
    }
    out.push_str("    (void)text, (void)index;\n}\n\n");
}

fn read_list(out: &mut String, c: &str, field: &Field, element: &Type, own: &str) {
    let adder = format!("{c}_add_{}", names::singular(&field.name));
    match element {
        Type::Record(inner) => writeln!(
            out,
            "    for (index = 0; is_below(command, at({own}, index).text); index++) {{\n        {0} *inner = {0}_new();\n        read_{1}(command, at({own}, index).text, inner);\n        {adder}(made, inner);\n        {0}_free(inner);\n    }}",
            names::record(inner),
            names::snake(inner)
        )
        .unwrap(),
        element => writeln!(
            out,
            "    for (index = 0; (text = value_at(command, at({own}, index).text)) != NULL; index++) {adder}{}(made, {});",
            setter_suffix(element),
            value(element, "text")
        )
        .unwrap(),
    }
}

fn operations(out: &mut String, interface: &Interface) {
    let faces: BTreeSet<&str> = interface.faces().into_iter().map(|(_, _, face)| face.name.as_str()).collect();
    let mut table = String::new();
    for object in &interface.objects {
        if !faces.contains(object.name.as_str()) {
            release(out, object);
        }
        if object.constructor.is_some() {
            construct(out, object);
            writeln!(table, "    {{\"{0}.new\", new_{1}}},", object.name, names::snake(&object.name)).unwrap();
        }
    }
    for object in &interface.objects {
        let receiver = Receiver::of(interface, object);
        for method in &object.methods {
            if matches!(&method.returns, Some(Type::Object(name)) if method.is_property() && faces.contains(name.as_str())) {
                continue;
            }
            operation(out, object, &receiver, method);
            writeln!(table, "    {{\"{}.{}\", call_{}}},", object.name, method.name, function_name(&receiver, method)).unwrap();
        }
    }
    write!(out, "const struct operation operations[] = {{\n{table}    {{NULL, NULL}},\n}};\n").unwrap();
}

fn release(out: &mut String, object: &Object) {
    let c = names::object(&object.name);
    writeln!(out, "static int32_t release_{0}(void *object)\n{{\n    return {c}_free(object);\n}}\n", names::snake(&object.name))
        .unwrap();
}

fn construct(out: &mut String, object: &Object) {
    let Some(constructor) = &object.constructor else { return };
    let Type::Record(options) = &constructor.options.ty else { return };
    let (c, name) = (names::object(&object.name), names::snake(&object.name));
    writeln!(
        out,
        "static int32_t new_{name}(const struct command *command, lpchat_error **error)\n{{\n    {0} *options = {0}_new();\n    {c} *given = NULL;\n    int32_t code;\n    read_{1}(command, \"\", options);\n    code = {c}_new(options, &given, error);\n    {0}_free(options);\n    if (code != LPCHAT_OK) return code;\n    member(\"ok\");\n    give_object(command, \"{2}\", given, release_{name});\n    return code;\n}}\n",
        names::record(options),
        names::snake(options),
        object.name
    )
    .unwrap();
}

/// What a parameter needs: its declaration, the statement before the call, the argument, the statement after it.
fn argument(parameter: &Field) -> (String, String, String, String) {
    let name = names::argument(&parameter.name);
    match unwrap(&parameter.ty) {
        Type::List(element) => list_argument(&parameter.name, &name, element),
        Type::Record(record) if matches!(parameter.ty, Type::Optional(_)) => {
            let (c, path) = (names::record(record), &parameter.name);
            (
                format!("    {c} *{name} = is_below(command, {path:?}) ? {c}_new() : NULL;\n"),
                format!("    if ({name} != NULL) read_{}(command, {path:?}, {name});\n", names::snake(record)),
                name.clone(),
                format!("    {c}_free({name});\n"),
            )
        }
        Type::Record(record) => {
            let c = names::record(record);
            (
                format!("    {c} *{name} = {c}_new();\n"),
                format!("    read_{}(command, \"\", {name});\n", names::snake(record)),
                name.clone(),
                format!("    {c}_free({name});\n"),
            )
        }
        ty => {
            let text = format!("value_at(command, \"{}\")", parameter.name);
            let argument = match ty {
                Type::Text | Type::Secret | Type::Json | Type::Decimal | Type::Enumeration(_) => text,
                ty => format!(
                    "{text} != NULL ? {} : {}",
                    value(ty, &text),
                    super::inputs::absence(ty).trim_matches('`').replace("NaN", "NAN")
                ),
            };
            (String::new(), String::new(), argument, String::new())
        }
    }
}

/// No case has longer lists as arguments.
const LONGEST_LIST: usize = 32;

fn list_argument(path: &str, name: &str, element: &Type) -> (String, String, String, String) {
    let (count, here) = (format!("{name}_count"), format!("at(\"{path}\", {name}_count).text"));
    let (ty, there, read, release) = match element {
        Type::Record(record) => {
            let c = names::record(record);
            let read = format!(
                "{{\n        {name}[{count}] = {c}_new();\n        read_{}(command, {here}, {name}[{count}]);\n        {count}++;\n    }}",
                names::snake(record)
            );
            (
                format!("{c} *"),
                format!("is_below(command, {here})"),
                read,
                format!("    while ({count} > 0) {c}_free({name}[--{count}]);\n"),
            )
        }
        element => {
            let ty = match element {
                Type::I64 => "int64_t ",
                Type::I32 => "int32_t ",
                Type::F64 => "double ",
                _ => "const char *",
            };
            let text = format!("value_at(command, {here})");
            let read = format!("{{\n        {name}[{count}] = {};\n        {count}++;\n    }}", value(element, &text));
            (ty.to_owned(), format!("{text} != NULL"), read, String::new())
        }
    };
    let passed = match element {
        Type::Record(record) => format!("(const {} *const *){name}", names::record(record)),
        _ => name.to_owned(),
    };
    (
        format!("    {ty}{name}[{LONGEST_LIST}];\n    size_t {count} = 0;\n"),
        format!("    while ({count} < {LONGEST_LIST} && {there}) {read}\n"),
        format!("{passed}, {count}"),
        release,
    )
}

fn operation(out: &mut String, object: &Object, receiver: &Receiver, method: &Method) {
    let function = function_name(receiver, method);
    let (mut declarations, mut before, mut arguments, mut after) =
        (String::new(), String::new(), vec!["target".to_owned()], String::new());
    for parameter in &method.parameters {
        let (declaration, read, argument, release) = argument(parameter);
        declarations.push_str(&declaration);
        before.push_str(&read);
        arguments.push(argument);
        after.push_str(&release);
    }
    writeln!(out, "static int32_t call_{function}(const struct command *command, lpchat_error **error)\n{{\n    const {} *target = target_of(command);", receiver.handle).unwrap();
    let returned = method.returns.as_ref().map(unwrap);
    let is_getter = method.is_property() && returned.is_some_and(|ty| *ty == Type::Text || scalar(ty).is_some());
    if is_getter {
        let written = write(returned.expect("a getter gives something"), &function, "target");
        writeln!(out, "    (void)error;\n    member(\"ok\");\n    {written}\n    return LPCHAT_OK;\n}}\n").unwrap();
        return;
    }
    if method.is_operation() {
        declarations.push_str("    lpchat_call_options *options = lpchat_call_options_new();\n");
        before.push_str("    read_call_options(command, \"?\", options);\n");
        arguments.push("options".to_owned());
        after.push_str("    lpchat_call_options_free(options);\n");
    }
    let (declaration, argument, written) = result(returned);
    arguments.extend(argument.map(str::to_owned));
    arguments.push("error".to_owned());
    let ended = if object.iterates_by(method) { "    if (code == LPCHAT_END) code = LPCHAT_OK;\n" } else { "" };
    writeln!(
        out,
        "{declarations}{declaration}    int32_t code;\n{before}    code = {function}{}({});\n{after}{ended}    if (code != LPCHAT_OK) return code;\n    member(\"ok\");\n{written}    return code;\n}}\n",
        if takes_enumeration(method) { "_text" } else { "" },
        arguments.join(", ")
    )
    .unwrap();
}

/// How a result is declared, handed over and written.
fn result(returned: Option<&Type>) -> (String, Option<&'static str>, String) {
    let receives = |c: String, written: String| (format!("    {c} *given = NULL;\n"), Some("&given"), written);
    match returned {
        None => (String::new(), None, "    write_null();\n".to_owned()),
        Some(Type::Object(name)) => receives(
            names::object(name),
            format!("    give_object(command, \"{name}\", given, release_{});\n", names::snake(name)),
        ),
        Some(Type::Record(name)) => {
            let c = names::record(name);
            receives(c.clone(), format!("    write_{}(given);\n    {c}_free(given);\n", names::snake(name)))
        }
        Some(Type::List(element)) => {
            let Type::Record(name) = &**element else { unreachable!("lists of records are results") };
            let c = names::list(name);
            let each = format!(
                "    for (size_t index = 0; index < {c}_count(given); index++) write_{}({c}_at(given, index));\n",
                names::snake(name)
            );
            receives(c.clone(), format!("    begin_list();\n{each}    end_list();\n    {c}_free(given);\n"))
        }
        Some(Type::Enumeration(name)) => {
            let declared = format!("    {} given = {};\n", names::enumeration(name), names::constant(name, "Absent"));
            (declared, Some("&given"), format!("    write_{}(given);\n", names::snake(name)))
        }
        Some(Type::Json) => receives(
            "lpchat_text".to_owned(),
            "    write_json(lpchat_text_value(given));\n    lpchat_text_free(given);\n".to_owned(),
        ),
        Some(Type::Text) => receives(
            "lpchat_text".to_owned(),
            "    write_text(lpchat_text_value(given), lpchat_text_value_len(given));\n    lpchat_text_free(given);\n".to_owned(),
        ),
        Some(Type::F64) => ("    double given = NAN;\n".to_owned(), Some("&given"), "    write_double(given);\n".to_owned()),
        Some(Type::I32) => ("    int32_t given = 0;\n".to_owned(), Some("&given"), "    write_whole_32(given);\n".to_owned()),
        Some(Type::Bool) => ("    int32_t given = 0;\n".to_owned(), Some("&given"), "    write_truth(given);\n".to_owned()),
        Some(_) => ("    int64_t given = 0;\n".to_owned(), Some("&given"), "    write_whole(given);\n".to_owned()),
    }
}
