//! `_native.pyi`: what type checkers and editors see of the extension module.

use std::fmt::Write as _;

use super::modules::docstring;
use super::{Signature, awaitable, handed_out, method_docs, shows_progress};
use crate::interface::{Field, Interface, Method, Object, Record, Role, Type};
use crate::output::NOTICE;

pub fn native(interface: &Interface) -> String {
    let mut out = format!(
        "# {NOTICE}\n\nfrom collections.abc import Awaitable, Iterable, Mapping, Sequence\nfrom datetime import date, datetime, timedelta\nfrom decimal import Decimal\nfrom os import PathLike\nfrom types import TracebackType\nfrom typing import Any, final\n\nimport pandas\nimport polars\nimport pyarrow\n\nfrom lpchat._enumerations import (\n"
    );
    for enumeration in &interface.enumerations {
        writeln!(out, "    {},", enumeration.name).unwrap();
    }
    out.push_str(")\nfrom lpchat._result import AsyncSearchResult, SearchResult\nfrom lpchat._tables import TableName\n\n__version__: str\n\ndef set_log_level(level: int | None) -> None: ...\n");
    out.push_str(include_str!("arrow.pyi"));
    for record in handed_out(interface) {
        record_class(&mut out, record);
    }
    for record in interface.nested_inputs() {
        input_class(&mut out, record);
    }
    for object in &interface.objects {
        object_class(&mut out, interface, object, true);
        object_class(&mut out, interface, object, false);
    }
    out
}

fn record_class(out: &mut String, record: &Record) {
    write!(out, "\n@final\nclass {}:\n{}", record.name, docstring(&record.docs, 4)).unwrap();
    for field in &record.fields {
        write!(out, "    @property\n    def {}(self) -> {}:\n{}", field.name, given(&field.ty, true), docstring(&field.docs, 8))
            .unwrap();
    }
    if record.role == Role::Answer {
        out.push_str("    @property\n    def raw(self) -> dict[str, Any]:\n        \"\"\"The document as the service sent it, members unknown to this version included.\"\"\"\n");
    }
    out.push_str("    def to_dict(self) -> dict[str, Any]:\n        \"\"\"All fields as a dictionary of plain values.\"\"\"\n    def __eq__(self, other: object, /) -> bool: ...\n");
}

fn input_class(out: &mut String, record: &Record) {
    write!(out, "\n@final\nclass {}:\n{}    def __new__(\n        cls,\n", record.name, docstring(&record.docs, 4)).unwrap();
    for field in &record.fields {
        writeln!(out, "        {},", parameter(field)).unwrap();
    }
    writeln!(out, "    ) -> {}: ...\n    def __eq__(self, other: object, /) -> bool: ...", record.name).unwrap();
}

fn object_class(out: &mut String, interface: &Interface, object: &Object, blocking: bool) {
    let class = if blocking { object.name.clone() } else { awaitable(&object.name) };
    write!(out, "\n@final\nclass {class}:\n{}", docstring(&object.docs, 4)).unwrap();
    if let Some(constructor) = &object.constructor {
        let parameters = [constructor.options.clone()];
        write!(
            out,
            "    def __new__(\n        cls,\n{}    ) -> {class}:\n{}",
            parameters_of(interface, &parameters, false),
            docstring(&constructor.docs, 8)
        )
        .unwrap();
    }
    for method in &object.methods {
        write_method(out, interface, method, blocking);
    }
    if object.scope_end().is_some() {
        scope(out, &class, blocking);
    }
    if object.is_stream() {
        iteration(out, &class, blocking);
    }
}

fn scope(out: &mut String, class: &str, blocking: bool) {
    let (enter, leave, result, entered) = if blocking {
        ("__enter__", "__exit__", "None".to_owned(), class.to_owned())
    } else {
        ("__aenter__", "__aexit__", "Awaitable[None]".to_owned(), format!("Awaitable[{class}]"))
    };
    write!(out, "    def {enter}(self) -> {entered}: ...\n    def {leave}(self, *_exception: type[BaseException] | BaseException | TracebackType | None) -> {result}: ...\n").unwrap();
}

fn iteration(out: &mut String, class: &str, blocking: bool) {
    let (iterate, next, event) =
        if blocking { ("__iter__", "__next__", "ChatEvent") } else { ("__aiter__", "__anext__", "Awaitable[ChatEvent]") };
    write!(out, "    def {iterate}(self) -> {class}: ...\n    def {next}(self) -> {event}: ...\n").unwrap();
}

fn write_method(out: &mut String, interface: &Interface, method: &Method, blocking: bool) {
    let returned = method.returns.as_ref().map_or_else(|| "None".to_owned(), |ty| of_object(interface, ty, blocking));
    let documentation = docstring(&method_docs(interface, method), 8);
    if method.is_property() {
        write!(out, "    @property\n    def {}(self) -> {returned}:\n{documentation}", method.name).unwrap();
        return;
    }
    let returned = if method.is_operation() && !blocking { format!("Awaitable[{returned}]") } else { returned };
    let progress = if shows_progress(interface, method) { "        progress: bool = False,\n" } else { "" };
    write!(
        out,
        "    def {}(\n        self,\n{}{progress}    ) -> {returned}:\n{documentation}",
        method.name,
        parameters_of(interface, &method.parameters, method.is_operation())
    )
    .unwrap();
}

/// The parameters, a line each.
fn parameters_of(interface: &Interface, parameters: &[Field], options: bool) -> String {
    let signature = Signature::of(interface, parameters);
    let mut lines: Vec<String> = signature.positional.iter().map(|item| parameter(item.field)).collect();
    if options || !signature.keyword.is_empty() {
        lines.push("*".to_owned());
    }
    lines.extend(signature.keyword.iter().map(|item| parameter(item.field)));
    if options {
        lines.extend(
            [
                "timeout: float | timedelta | None = None",
                "retries: int | None = None",
                "headers: Mapping[str, str] | None = None",
            ]
            .map(str::to_owned),
        );
    }
    lines.iter().map(|line| format!("        {line},\n")).collect()
}

fn parameter(field: &Field) -> String {
    let ty = if field.is_path() { "str | PathLike[str]".to_owned() } else { taken(&field.ty) };
    if field.optional {
        let ty = if ty.ends_with("| None") { ty } else { format!("{ty} | None") };
        format!("{}: {ty} = None", field.name)
    } else {
        format!("{}: {ty}", field.name)
    }
}

/// The type of a value that lpchat gives, objects in the form of the object that hands them out.
fn of_object(interface: &Interface, ty: &Type, blocking: bool) -> String {
    match ty {
        Type::Object(name) => {
            let pageable = interface.object(name).is_pageable();
            match (pageable, blocking) {
                (true, true) => format!("{name}Result"),
                (true, false) => format!("Async{name}Result"),
                (false, true) => name.clone(),
                (false, false) => awaitable(name),
            }
        }
        Type::Optional(inner) => format!("{} | None", of_object(interface, inner, blocking)),
        Type::List(inner) => format!("list[{}]", of_object(interface, inner, blocking)),
        other => given(other, blocking),
    }
}

/// The type of a value that lpchat gives.
fn given(ty: &Type, _blocking: bool) -> String {
    match ty {
        Type::Text | Type::Secret => "str".to_owned(),
        Type::Json => "Any".to_owned(),
        Type::Decimal => "Decimal | None".to_owned(),
        Type::Timestamp => "datetime".to_owned(),
        Type::Duration => "timedelta".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::I32 | Type::I64 => "int".to_owned(),
        Type::F64 => "float".to_owned(),
        Type::Record(name) | Type::Enumeration(name) | Type::Object(name) => name.clone(),
        Type::Optional(inner) => {
            let inner = given(inner, true);
            if inner == "Any" || inner.ends_with("| None") { inner } else { format!("{inner} | None") }
        }
        Type::List(inner) => format!("list[{}]", given(inner, true)),
        Type::Map => "dict[str, str]".to_owned(),
    }
}

/// The type of a value that lpchat takes.
fn taken(ty: &Type) -> String {
    match ty {
        Type::Timestamp => "datetime | date | str".to_owned(),
        Type::Duration => "float | timedelta".to_owned(),
        Type::Enumeration(name) => format!("{name} | str"),
        Type::Record(name) => format!("{name} | dict[str, Any]"),
        Type::Optional(inner) => format!("{} | None", taken(inner)),
        Type::List(inner) => match &**inner {
            Type::Text | Type::Enumeration(_) => "Sequence[str]".to_owned(),
            inner => format!("Iterable[{}]", taken(inner)),
        },
        Type::Map => "Mapping[str, str]".to_owned(),
        other => given(other, true),
    }
}
