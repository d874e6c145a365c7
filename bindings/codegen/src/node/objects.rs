//! Classes of objects: what can be called.

use super::models::{enumerations_in, input_member};
use super::text::{Names, camel, parameter_docs, render};
use super::types::{conversion, given, result, taken};
use super::{may_be_absent, object_in, parameters};
use crate::interface::{Field, Interface, Method, Object, Type, innermost};
use crate::output::NOTICE;

/// `objects.ts`
pub fn objects(interface: &Interface, names: &Names) -> String {
    let classes: Vec<String> = interface.objects.iter().map(|object| class(interface, object, names)).collect();
    let methods = interface.objects.iter().flat_map(|object| &object.methods);
    let enumerations =
        enumerations_in(methods.flat_map(|method| method.parameters.iter().map(|field| &field.ty).chain(&method.returns)));
    let template = "
        // $notice$

        import { EventIterable } from '../events.js';
        import { Handle, call, face, invoke, read, withOptions } from '../handle.js';
        import { date, each, model, modelList, nothing, object, optional, same } from '../model.js';
        import { Pageable } from '../pages.js';
        import type { JsonInput, JsonValue, Time } from '../values.js';
        import type {
          $enumerations$
        } from './enumerations.js';
        import type * as inputs from './inputs.js';
        import * as models from './models.js';

        $classes$
    ";
    let classes = classes.join("\n");
    render(template, &[("notice", NOTICE), ("enumerations", &enumerations), ("classes", &classes)])
}

/// Types of records come from two modules, which objects name by their modules.
fn qualified(interface: &Interface, text: String, ty: &Type) -> String {
    match innermost(ty) {
        Type::Record(name) => {
            let module = if interface.record(name).role == crate::interface::Role::Input { "inputs" } else { "models" };
            text.replace(name.as_str(), &format!("{module}.{name}"))
        }
        _ => text,
    }
}

fn class(interface: &Interface, object: &Object, names: &Names) -> String {
    let page = Page::of(interface, object);
    let mut members: Vec<String> = Vec::new();
    if let Some(constructor) = &object.constructor {
        let template = "
            $docs$
            constructor(options: $options$ = {}) {
              super('$name$', options);
            }
        ";
        let options = qualified(interface, taken(&constructor.options.ty), &constructor.options.ty);
        members.push(render(
            template,
            &[("docs", &names.comment(&constructor.docs)), ("options", &options), ("name", &object.name)],
        ));
    }
    members.extend(object.methods.iter().map(|method| member(interface, method, names)));
    if let Some(end) = object.scope_end() {
        let name = camel(&end.name);
        members.push(format!(
            "/** What `await using` calls at the end of its block: `{name}`. */\n[Symbol.asyncDispose](): Promise<void> {{\n  return this.{name}();\n}}\n"
        ));
    }
    members.extend(page.as_ref().map(Page::members));
    let template = "
        $docs$
        export class $name$ extends $base$ {
          $members$
        }
    ";
    let base = match page {
        Some(page) => format!("Pageable<models.{}, models.{}>", page.page, page.item),
        None if object.is_stream() => "EventIterable<models.ChatEvent>".to_owned(),
        None => "Handle".to_owned(),
    };
    render(
        template,
        &[("docs", &names.comment(&object.docs)), ("name", &object.name), ("base", &base), ("members", &members.join("\n"))],
    )
}

/// What an object hands out page by page.
struct Page<'a> {
    page: &'a str,
    item: &'a str,
    /// The member that holds a page's items: its first list.
    items: String,
    /// The member that holds what could not be read, if the page has one.
    failures: Option<&'static str>,
}

impl<'a> Page<'a> {
    fn of(interface: &'a Interface, object: &'a Object) -> Option<Self> {
        let next = object
            .methods
            .iter()
            .find(|_| object.is_pageable())
            .and(object.methods.iter().find(|method| method.name == "next_page"))?;
        let Type::Record(page) = innermost(next.returns.as_ref()?) else { return None };
        let fields = &interface.record(page).fields;
        let list = fields.iter().find(|field| matches!(&field.ty, Type::List(inner) if matches!(**inner, Type::Record(_))))?;
        let Type::Record(item) = innermost(&list.ty) else { return None };
        let failures = fields.iter().any(|field| field.name == "failures").then_some("failures");
        Some(Self { page, item, items: camel(&list.name), failures })
    }

    fn members(&self) -> String {
        let template = "
            /** @internal */
            override itemsOf(page: models.$page$): models.$item$[] {
              return page.$items$;
            }

            /** @internal */
            override failuresOf($page_name$: models.$page$): readonly { path: string; message: string }[] {
              return $failures$;
            }
        ";
        let (name, failures) = match self.failures {
            Some(member) => ("page", format!("page.{member}")),
            None => ("_page", "[]".to_owned()),
        };
        render(
            template,
            &[("page", self.page), ("item", self.item), ("items", &self.items), ("page_name", name), ("failures", &failures)],
        )
    }
}

fn member(interface: &Interface, method: &Method, names: &Names) -> String {
    let docs = names.comment(&method_docs(method));
    let name = camel(&method.name);
    let plain = method.returns.as_ref().map_or_else(|| "void".to_owned(), given);
    let ty = method.returns.as_ref().map_or(plain.clone(), |ty| qualified(interface, plain, ty));
    let convert = method.returns.as_ref().map_or_else(|| result(None), |ty| qualified(interface, result(Some(ty)), ty));
    let key = &method.name;
    let body = if method.is_property() {
        match method.returns.as_ref().and_then(|ty| Some((object_in(ty)?, conversion(ty)?))) {
            Some((_, convert)) => format!("get {name}(): {ty} {{\n  return face(this, '{key}', {convert});\n}}\n"),
            None => format!("get {name}(): {ty} {{\n  return read(this, '{key}', {convert});\n}}\n"),
        }
    } else {
        let signature = Signature::of(interface, method, names);
        let (declared, arguments) = (signature.declared(), signature.arguments());
        match (method.is_operation(), gives_iterable(interface, method)) {
            (true, _) => format!(
                "{name}({declared}): Promise<{ty}> {{\n  return call(this, '{key}', [{arguments}], options, {convert});\n}}\n"
            ),
            (false, true) => format!(
                "{name}({declared}): {ty} {{\n  return withOptions(invoke(this, '{key}', [{arguments}], {convert}), options);\n}}\n"
            ),
            (false, false) => {
                format!("{name}({declared}): {ty} {{\n  return invoke(this, '{key}', [{arguments}], {convert});\n}}\n")
            }
        }
    };
    format!("{docs}\n{body}")
}

/// Whether it gives an object that makes calls as it is iterated: it takes their options.
fn gives_iterable(interface: &Interface, method: &Method) -> bool {
    let made = method.returns.as_ref().and_then(object_in).map(|name| interface.object(name));
    made.is_some_and(|object| object.is_pageable() || object.is_stream())
}

/// A method's parameters.
struct Signature<'a> {
    positional: Vec<&'a Field>,
    declared: Vec<String>,
}

impl<'a> Signature<'a> {
    fn of(interface: &Interface, method: &'a Method, names: &Names) -> Self {
        let (positional, optional) = parameters(method);
        let mut declared: Vec<String> = positional
            .iter()
            .map(|field| {
                let mark = if may_be_absent(interface, &field.ty) { "?" } else { "" };
                format!("{}{mark}: {}", camel(&field.name), qualified(interface, taken(&field.ty), &field.ty))
            })
            .collect();
        if !optional.is_empty() {
            let about = parameter_docs(&method.docs).1;
            let about = |name: &str| about.iter().find(|(known, _)| known == name).map_or("", |(_, about)| about);
            let ty = |field: &Field| qualified(interface, taken(&field.ty), &field.ty);
            let members: String =
                optional.iter().map(|field| input_member(field, &ty(field), about(&field.name), names)).collect();
            let lines: String = members.lines().map(|line| format!("\n  {line}")).collect();
            declared.push(format!("options?: inputs.CallOptions & {{{lines}\n}}"));
        } else if method.is_operation() || gives_iterable(interface, method) {
            declared.push("options?: inputs.CallOptions".to_owned());
        }
        Self { positional, declared }
    }

    fn declared(&self) -> String {
        self.declared.join(", ")
    }

    fn arguments(&self) -> String {
        self.positional.iter().map(|field| camel(&field.name)).collect::<Vec<_>>().join(", ")
    }
}

/// The method's own text, its retry class, and what is known about the parameters by position.
fn method_docs(method: &Method) -> String {
    let (text, about) = parameter_docs(&method.docs);
    let mut docs = text;
    if let Some(retry) = method.retry {
        docs.push_str(&format!("\n\nRetry class: {}.", retry.name()));
    }
    let positional = parameters(method).0;
    let known = about.iter().filter(|(name, _)| positional.iter().any(|field| field.name == *name));
    let lines: Vec<String> = known.map(|(name, about)| format!("@param {} - {about}", camel(name))).collect();
    if !lines.is_empty() {
        docs.push_str("\n\n");
        docs.push_str(&lines.join("\n"));
    }
    docs
}
