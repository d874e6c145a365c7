//! Python modules: enumerations, errors, and the package itself.

use std::fmt::Write as _;

use heck::ToShoutySnakeCase as _;

use super::{awaitable, handed_out, one_line};
use crate::interface::{Interface, Type};
use crate::output::NOTICE;

/// A docstring at `indent` blanks.
pub fn docstring(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let text = text.replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let mut out = format!("{pad}\"\"\"{first}");
    let rest: Vec<&str> = lines.collect();
    if rest.is_empty() {
        if first.ends_with('"') {
            out.push(' ');
        }
        out.push_str("\"\"\"\n");
        return out;
    }
    out.push('\n');
    for line in rest {
        writeln!(out, "{}", if line.is_empty() { String::new() } else { format!("{pad}{line}") }).unwrap();
    }
    writeln!(out, "{pad}\"\"\"").unwrap();
    out
}

/// `_enumerations.py`
pub fn enumerations(interface: &Interface) -> String {
    let mut out = format!(
        "\"\"\"Open enumerations: an unknown value keeps its own text.\n\n{NOTICE}\n\"\"\"\n\nfrom lpchat._open_enumeration import OpenEnumeration\n"
    );
    for enumeration in &interface.enumerations {
        write!(out, "\n\nclass {}(OpenEnumeration):\n{}\n", enumeration.name, docstring(&enumeration.docs, 4)).unwrap();
        for variant in &enumeration.variants {
            write!(out, "    {} = {:?}\n{}", variant.name.to_shouty_snake_case(), variant.value, docstring(&variant.docs, 4))
                .unwrap();
        }
    }
    out
}

/// `_errors.py`
pub fn errors(interface: &Interface) -> String {
    let details = interface.record("ErrorDetails");
    let mut out = format!(
        "\"\"\"Errors: one base class and one class for each family.\n\n{NOTICE}\n\"\"\"\n\nfrom __future__ import annotations\n\nfrom datetime import timedelta\n\n# Importing `typing` would take longer than all of this.\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n    from typing import Any\n\n\ndef _rebuild(kind: type[LpchatError], message: str, details: dict[str, Any]) -> LpchatError:\n    return kind(message, **details)\n\n\nclass LpchatError(Exception):\n    \"\"\"The base of every error of lpchat.\"\"\"\n\n    family: str\n    \"\"\"What kind of trouble it is.\"\"\"\n"
    );
    let annotation = |ty: &Type| -> (&str, &str) {
        match ty {
            Type::I32 | Type::I64 => ("int", "0"),
            Type::Bool => ("bool", "False"),
            Type::Duration => ("timedelta", "timedelta()"),
            Type::Optional(inner) => match **inner {
                Type::I32 | Type::I64 => ("int | None", "None"),
                Type::Duration => ("timedelta | None", "None"),
                _ => ("str | None", "None"),
            },
            _ => ("str", "\"\""),
        }
    };
    for field in &details.fields {
        write!(out, "    {}: {}\n{}", field.name, annotation(&field.ty).0, docstring(&field.docs, 4)).unwrap();
    }
    let parameters: String = details
        .fields
        .iter()
        .filter(|field| field.name != "message")
        .map(|field| {
            let (ty, default) = annotation(&field.ty);
            format!("        {}: {ty} = {default},\n", field.name)
        })
        .collect();
    let assignments: String = details.fields.iter().map(|field| format!("        self.{0} = {0}\n", field.name)).collect();
    let names: Vec<String> = details.fields.iter().map(|field| format!("{:?}", field.name)).collect();
    write!(
        out,
        "\n    def __init__(\n        self,\n        text: str = \"\",\n        *,\n        family: str = \"Internal\",\n        message: str = \"\",\n{parameters}    ) -> None:\n        super().__init__(text)\n        self.family = family\n{assignments}\n    def details(self) -> dict[str, Any]:\n        \"\"\"Everything that is known about the error, by name.\"\"\"\n        return {{name: getattr(self, name) for name in _DETAILS}}\n\n    def __reduce__(self) -> tuple[Any, ...]:\n        return _rebuild, (type(self), str(self), self.details())\n\n\n_DETAILS = (\"family\", {})\n",
        names.join(", ")
    )
    .unwrap();
    for family in lpchat::Family::ALL {
        let codes: Vec<String> = lpchat::Code::ALL
            .iter()
            .filter(|code| code.family() == *family)
            .map(|code| format!("* `{}` ({}): {}", code.name(), *code as i32, code.meaning()))
            .collect();
        let documentation = format!("{}\n\n{}", one_line(family.meaning()), codes.join("\n"));
        write!(out, "\n\nclass Lpchat{}Error(LpchatError):\n{}", family.name(), docstring(&documentation, 4)).unwrap();
    }
    out
}

/// Names beside the interface's own, by module.
const HAND_WRITTEN: [(&str, &[&str]); 4] = [
    ("_log", &["set_log_level"]),
    ("_result", &["AsyncSearchResult", "SearchInterrupted", "SearchResult"]),
    ("_sandbox", &["Sandbox", "SandboxConfig"]),
    ("_tables", &["TABLE_NAMES"]),
];

/// `__init__.py`
pub fn package(interface: &Interface) -> String {
    let mut native: Vec<String> =
        interface.objects.iter().flat_map(|object| [object.name.clone(), awaitable(&object.name)]).collect();
    native.extend(handed_out(interface).map(|record| record.name.clone()));
    native.extend(interface.nested_inputs().iter().map(|record| record.name.clone()));
    native.push("EngagementTable".to_owned());
    native.push("__version__".to_owned());
    let enumerations: Vec<String> = interface.enumerations.iter().map(|enumeration| enumeration.name.clone()).collect();
    let mut errors = vec!["LpchatError".to_owned()];
    errors.extend(lpchat::Family::ALL.iter().map(|family| format!("Lpchat{}Error", family.name())));
    let mut modules: Vec<(&str, Vec<String>)> = vec![("_enumerations", enumerations), ("_errors", errors), ("_native", native)];
    modules.extend(HAND_WRITTEN.iter().map(|(module, names)| (*module, names.iter().map(ToString::to_string).collect())));
    modules.sort_by_key(|(module, _)| *module);
    let mut out = format!(
        "\"\"\"lpchat: an unofficial SDK for LivePerson's legacy Chat APIs and Engagement History API.\n\n`Client` blocks, `AsyncClient` is for asyncio; both have the same calls. `Sandbox` serves them without an account.\n\n{NOTICE}\n\"\"\"\n\n"
    );
    let mut all = Vec::new();
    for (module, mut names) in modules {
        names.sort_by_key(|name| (!name.starts_with("__"), name.to_lowercase()));
        writeln!(out, "from lpchat.{module} import (").unwrap();
        for name in &names {
            writeln!(out, "    {name},").unwrap();
        }
        out.push_str(")\n");
        all.extend(names);
    }
    all.sort_by_key(|name| (!name.starts_with("__"), name.to_lowercase()));
    out.push_str("\n__all__ = [\n");
    for name in all {
        writeln!(out, "    \"{name}\",").unwrap();
    }
    out.push_str("]\n");
    out
}
