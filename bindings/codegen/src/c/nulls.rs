//! A C program that hands NULL to every pointer parameter of every function.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::function::{Function, Kind, Parameter};
use super::names;
use crate::interface::Interface;
use crate::output::NOTICE;

/// `nulls.h`: what the program needs of the test that runs it.
pub fn header(interface: &Interface) -> String {
    let faces: BTreeSet<&str> = interface.faces().into_iter().map(|(_, _, face)| face.name.as_str()).collect();
    let objects = interface.objects.iter().filter(|object| !faces.contains(object.name.as_str()));
    let members: String =
        objects.map(|object| format!("    {} *{};\n", names::object(&object.name), names::snake(&object.name))).collect();
    format!(
        "/* {NOTICE} */\n#ifndef NULLS_H\n#define NULLS_H\n\n#include <lpchat.h>\n\n/* One of everything that lives; a member may be NULL. */\nstruct fixture {{\n{members}    lpchat_call_options *options;\n}};\n\n\
         struct null_test {{\n    const char *function;\n    void (*run)(const struct fixture *fixture);\n}};\n\n\
         /* Ends with a function that is NULL. */\nextern const struct null_test null_tests[];\n\n\
         /* The outcome of handing NULL to a parameter that must be there. Frees the error. */\n\
         void expect_refusal(const char *function, const char *parameter, int32_t code, lpchat_error **error);\n\
         /* The outcome of handing NULL to a parameter that need not be there. Frees the error. */\n\
         void expect_any(const char *function, const char *parameter, int32_t code, lpchat_error **error);\n\
         /* What a getter gave for NULL. */\nvoid expect_absent(const char *function, int absent);\n\n#endif\n"
    )
}

/// `nulls.c`
pub fn source(functions: &[Function]) -> String {
    let mut out = format!("/* {NOTICE} */\n#include \"nulls.h\"\n\n");
    let tested: Vec<&Function> =
        functions.iter().filter(|function| function.parameters.iter().any(|parameter| parameter.kind.is_pointer())).collect();
    for function in &tested {
        test(&mut out, function);
    }
    out.push_str("const struct null_test null_tests[] = {\n");
    for function in &tested {
        writeln!(out, "    {{\"{0}\", null_{0}}},", function.name).unwrap();
    }
    out.push_str("    {NULL, NULL},\n};\n");
    out
}

fn test(out: &mut String, function: &Function) {
    writeln!(out, "static void null_{}(const struct fixture *fixture)\n{{", function.name).unwrap();
    if is_getter(function) {
        writeln!(out, "    (void)fixture;\n    expect_absent(\"{0}\", {1});\n}}\n", function.name, absence(function)).unwrap();
        return;
    }
    let (mut declarations, mut releases) = (String::new(), String::new());
    for parameter in &function.parameters {
        declare(parameter, &mut declarations, &mut releases);
    }
    writeln!(out, "{declarations}    (void)fixture;").unwrap();
    let has_error = function.parameters.iter().any(is_error);
    let error = if has_error { "&error" } else { "NULL" };
    for (index, parameter) in function.parameters.iter().enumerate().filter(|(_, parameter)| parameter.kind.is_pointer()) {
        let expectation = if parameter.optional { "expect_any" } else { "expect_refusal" };
        let call = call(function, index);
        match &function.returns {
            Some(_) => {
                writeln!(out, "    {expectation}(\"{}\", \"{}\", {call}, {error});", function.name, parameter.name).unwrap()
            }
            None => writeln!(out, "    {call};").unwrap(),
        }
        let frees = function.parameters.iter().filter_map(|parameter| match &parameter.kind {
            Kind::Receives(ty) if !is_error(parameter) => Some(format!("    {ty}_free({0});\n    {0} = NULL;\n", parameter.name)),
            _ => None,
        });
        out.extend(frees);
    }
    writeln!(out, "{releases}}}\n").unwrap();
}

fn is_error(parameter: &Parameter) -> bool {
    parameter.kind == Kind::Receives("lpchat_error".to_owned())
}

/// A function that reads something and cannot fail.
fn is_getter(function: &Function) -> bool {
    let first = function.parameters.first().map(|parameter| &parameter.kind);
    matches!(first, Some(Kind::Handle(_) | Kind::Borrowed(_))) && !function.parameters.iter().any(is_error)
}

/// Whether what a getter gives for NULL is what stands for no value.
fn absence(function: &Function) -> String {
    let call = call(function, 0);
    match function.returns.as_deref() {
        Some(pointer) if pointer.starts_with('*') => format!("{call} == NULL"),
        Some("usize") => format!("{call} == 0"),
        Some("i64") => format!("{call} == LPCHAT_ABSENT"),
        Some("f64") => format!("!({call} <= 0.0) && !({call} > 0.0)"),
        _ => format!("{call} < 0"),
    }
}

/// The call with NULL for one parameter.
fn call(function: &Function, null: usize) -> String {
    let arguments = function
        .parameters
        .iter()
        .enumerate()
        .map(|(index, parameter)| if index == null { "NULL".to_owned() } else { argument(parameter) });
    format!("{}({})", function.name, arguments.collect::<Vec<_>>().join(", "))
}

fn argument(parameter: &Parameter) -> String {
    match &parameter.kind {
        Kind::Handle(ty) => format!("fixture->{}", ty.trim_start_matches("lpchat_")),
        Kind::Options => "fixture->options".to_owned(),
        Kind::Borrowed(_) | Kind::Owned(_) | Kind::Elements(_) => names::argument(&parameter.name),
        Kind::Text => "\"x\"".to_owned(),
        Kind::I64 | Kind::I32 | Kind::Size => "1".to_owned(),
        Kind::F64 => "1.0".to_owned(),
        Kind::Receives(_) | Kind::ReceivesScalar(_) => format!("&{}", names::argument(&parameter.name)),
    }
}

fn declare(parameter: &Parameter, declarations: &mut String, releases: &mut String) {
    let name = names::argument(&parameter.name);
    match &parameter.kind {
        Kind::Owned(_) if parameter.optional => writeln!(declarations, "    /* {name} is handed in as NULL only */").unwrap(),
        Kind::Borrowed(ty) | Kind::Owned(ty) => {
            writeln!(declarations, "    {ty} *{name} = {ty}_new();").unwrap();
            writeln!(releases, "    {ty}_free({name});").unwrap();
        }
        Kind::Elements(kind) => {
            let (ty, value) = match &**kind {
                Kind::Text => ("const char *".to_owned(), "\"x\"".to_owned()),
                Kind::I64 => ("int64_t ".to_owned(), "1".to_owned()),
                Kind::I32 => ("int32_t ".to_owned(), "1".to_owned()),
                Kind::F64 => ("double ".to_owned(), "1.0".to_owned()),
                Kind::Borrowed(ty) => {
                    writeln!(declarations, "    {ty} *{name}_element = {ty}_new();").unwrap();
                    writeln!(releases, "    {ty}_free({name}_element);").unwrap();
                    (format!("const {ty} *"), format!("{name}_element"))
                }
                other => unreachable!("no list holds {other:?}"),
            };
            writeln!(declarations, "    {ty}const {name}[1] = {{{value}}};").unwrap();
        }
        Kind::Receives(ty) => writeln!(declarations, "    {ty} *{name} = NULL;").unwrap(),
        Kind::ReceivesScalar(ty) => {
            let ty = match ty.as_str() {
                "i64" => "int64_t",
                "i32" => "int32_t",
                "f64" => "double",
                other => other,
            };
            writeln!(declarations, "    {ty} {name} = 0;").unwrap();
        }
        _ => {}
    }
}
