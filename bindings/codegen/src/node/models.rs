//! Enumerations, what users hand in, and the classes of what they get.

use std::collections::BTreeSet;

use super::text::{Names, camel, render};
use super::types::{given, member, taken, unit};
use crate::interface::{Enumeration, Field, Interface, Record, Role, Type, innermost};
use crate::output::NOTICE;

/// `enumerations.ts`
pub fn enumerations(interface: &Interface, names: &Names) -> String {
    let mut out = format!("// {NOTICE}\n");
    for item in &interface.enumerations {
        out.push('\n');
        out.push_str(&enumeration(item, names));
    }
    out
}

fn enumeration(item: &Enumeration, names: &Names) -> String {
    let variant = |variant: &crate::interface::Variant| {
        let docs = names.comment(&variant.docs);
        format!("{docs}{}{}: '{}',\n", if docs.is_empty() { "" } else { "\n" }, variant.name, variant.value)
    };
    let variants: String = item.variants.iter().map(variant).collect();
    let values: Vec<String> = item.variants.iter().map(|variant| format!("'{}'", variant.value)).collect();
    let template = "
        $docs$
        export const $name$ = {
          $variants$
        } as const;

        $type_docs$
        export type $name$ = $values$ | (string & {});
    ";
    let docs = names.comment(&item.docs);
    let type_docs = names.comment(&format!("{} A value that this version does not know keeps its own text.", item.docs));
    let values = values.join(" | ");
    render(
        template,
        &[("docs", &docs), ("type_docs", &type_docs), ("name", &item.name), ("variants", &variants), ("values", &values)],
    )
}

/// The enumerations among some types, to be imported.
pub fn enumerations_in<'a>(types: impl Iterator<Item = &'a Type>) -> String {
    let name = |ty: &'a Type| if let Type::Enumeration(name) = innermost(ty) { Some(name) } else { None };
    let names: BTreeSet<&String> = types.filter_map(name).collect();
    names.into_iter().map(|name| format!("{name},\n")).collect()
}

fn types_of<'a>(records: &'a [&Record]) -> impl Iterator<Item = &'a Type> {
    records.iter().flat_map(|record| &record.fields).map(|field| &field.ty)
}

/// `inputs.ts`
pub fn inputs(interface: &Interface, names: &Names) -> String {
    let records: Vec<&Record> = interface.records.iter().filter(|record| record.role == Role::Input).collect();
    let interfaces: Vec<String> = records.iter().map(|record| input(record, names)).collect();
    let template = "
        // $notice$

        import type { JsonInput, Time } from '../values.js';
        import type {
          $enumerations$
        } from './enumerations.js';

        $interfaces$
    ";
    let (enumerations, interfaces) = (enumerations_in(types_of(&records)), interfaces.join("\n"));
    render(template, &[("notice", NOTICE), ("enumerations", &enumerations), ("interfaces", &interfaces)])
}

fn input(record: &Record, names: &Names) -> String {
    let mut members: String =
        record.fields.iter().map(|field| input_member(field, &taken(&field.ty), &field.docs, names)).collect();
    if record.name == "CallOptions" {
        members.push_str(
            "/** Ends the call: its connection is closed, and its promise rejects with the signal's reason. */\nsignal?: AbortSignal | undefined;\n",
        );
    }
    let template = "
        $docs$
        export interface $name$ {
          $members$
        }
    ";
    render(template, &[("docs", &names.comment(&record.docs)), ("name", &record.name), ("members", &members)])
}

/// A member of an interface that users hand in, of this type.
pub fn input_member(field: &Field, ty: &str, docs: &str, names: &Names) -> String {
    let docs = if docs.is_empty() { String::new() } else { names.comment(&format!("{docs}{}", unit(&field.ty))) };
    let line = match (field.optional, ty.ends_with("| undefined")) {
        (true, true) => format!("{}?: {ty};", camel(&field.name)),
        (true, false) => format!("{}?: {ty} | undefined;", camel(&field.name)),
        (false, _) => format!("{}: {ty};", camel(&field.name)),
    };
    format!("{docs}{}{line}\n", if docs.is_empty() { "" } else { "\n" })
}

/// Whether users get values of this record.
pub fn is_given(record: &Record) -> bool {
    // The details of an error are properties of the error.
    record.role != Role::Input && record.name != "ErrorDetails"
}

/// `models.ts`
pub fn models(interface: &Interface, names: &Names) -> String {
    let records: Vec<&Record> = interface.records.iter().filter(|record| is_given(record)).collect();
    let classes: Vec<String> = records.iter().map(|record| class(record, names)).collect();
    let template = "
        // $notice$

        import { AnswerModel, type Context, type Row, date, each, one, several } from '../model.js';
        import type { JsonValue } from '../values.js';
        import type {
          $enumerations$
        } from './enumerations.js';

        $classes$
    ";
    let (enumerations, classes) = (enumerations_in(types_of(&records)), classes.join("\n"));
    render(template, &[("notice", NOTICE), ("enumerations", &enumerations), ("classes", &classes)])
}

fn class(record: &Record, names: &Names) -> String {
    let members: String = record.fields.iter().map(|field| output_member(field, names)).collect();
    let assignments: String = record.fields.iter().enumerate().map(|(index, field)| assignment(field, index)).collect();
    let count = record.fields.len();
    // Of an answer, where it begins and how long it is stand behind the members.
    let (base, width, source) = match record.role {
        Role::Answer => (" extends AnswerModel", count + 2, format!("super(row, {}, context);", place(count))),
        _ => ("", count, String::new()),
    };
    let template = "
        $docs$
        export class $name$$base$ {
          $members$

          /** @internal */
          static readonly width = $width$;

          /** @internal */
          constructor(row: Row, at: number, context: Context) {
            $source$
            $assignments$
          }
        }
    ";
    render(
        template,
        &[
            ("docs", &names.comment(&record.docs)),
            ("name", &record.name),
            ("base", base),
            ("members", members.trim_end()),
            ("width", &width.to_string()),
            ("source", &source),
            ("assignments", &assignments),
        ],
    )
}

/// Where in the row of its documents a member stands.
fn place(index: usize) -> String {
    if index == 0 { "at".to_owned() } else { format!("at + {index}") }
}

/// Members that are absent are no members of the object.
fn assignment(field: &Field, index: usize) -> String {
    let (name, crossed) = (camel(&field.name), format!("row[{}]", place(index)));
    let value = member(&field.ty, &crossed);
    match &field.ty {
        Type::Optional(_) => format!("if ({crossed} !== null) this.{name} = {value};\n"),
        _ => format!("this.{name} = {value};\n"),
    }
}

fn output_member(field: &Field, names: &Names) -> String {
    let docs = names.comment(&format!("{}{}", field.docs, unit(&field.ty)));
    let name = camel(&field.name);
    let line = match &field.ty {
        Type::Optional(inner) => format!("declare readonly {name}?: {};", given(inner)),
        ty => format!("declare readonly {name}: {};", given(ty)),
    };
    format!("{docs}\n{line}\n")
}
