//! Objects: handles, and the functions that call the core.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail, ensure};

use super::function::{Function, Kind, docs};
use super::inputs::{self, absence};
use super::names;
use super::records::{absent_of, results, scalar, unit, unit_suffix, unwrap};
use crate::interface::{Field, Interface, Method, Object, Type, innermost};
use crate::output::NOTICE;

/// How a method is reached: on a handle of its own, or through the client's.
pub struct Receiver {
    /// What its functions begin with.
    pub prefix: String,
    /// The type of the handle.
    pub handle: String,
    /// What the handle is called.
    name: String,
    /// The expression that gives the object, `object` being what is behind the handle.
    object: String,
}

impl Receiver {
    pub fn of(interface: &Interface, object: &Object) -> Self {
        let faced = interface.faces().into_iter().find(|(_, _, face)| face.name == object.name);
        match faced {
            Some((client, method, _)) => Self {
                prefix: names::object(&object.name),
                handle: names::object(&client.name),
                name: names::parameter(&client.name),
                object: format!("object.{}()", method.name),
            },
            None => Self {
                prefix: names::object(&object.name),
                handle: names::object(&object.name),
                name: names::parameter(&object.name),
                object: "object".to_owned(),
            },
        }
    }
}

pub fn render(interface: &Interface) -> Result<(String, Vec<Function>)> {
    let mut out = format!(
        "//! Handles, and the functions that call the core.\n//!\n//! {NOTICE}\n\n#![allow(clippy::too_many_arguments, reason = \"a C function takes what it takes\")]\n#![allow(unused_imports, reason = \"what is needed depends on the interface\")]\n\nuse std::ffi::c_char;\nuse std::mem::MaybeUninit;\n\nuse super::enumerations::*;\nuse super::inputs::*;\nuse super::records::*;\nuse crate::boundary::{{self, LPCHAT_OK}};\nuse crate::call;\nuse crate::error::lpchat_error;\nuse crate::handle::{{self, Handle}};\nuse crate::input::{{self, FromC}};\nuse crate::output;\nuse crate::text::lpchat_text;\n\n"
    );
    let faces: BTreeSet<String> = interface.faces().into_iter().map(|(_, _, face)| face.name.clone()).collect();
    let mut functions = Vec::new();
    for object in &interface.objects {
        let receiver = Receiver::of(interface, object);
        let mut own = Vec::new();
        if !faces.contains(&object.name) {
            declare(&mut out, object);
            own.extend(constructor(object));
        }
        for method in &object.methods {
            if !matches!(&method.returns, Some(Type::Object(name)) if method.is_property() && faces.contains(name)) {
                own.extend(functions_of(interface, object, &receiver, method)?);
            }
        }
        if !faces.contains(&object.name) {
            own.push(free(object));
        }
        own.iter().for_each(|function| function.write(&mut out));
        functions.extend(own);
    }
    Ok((out, functions))
}

fn declare(out: &mut String, object: &Object) {
    let c = names::object(&object.name);
    let documentation =
        format!("{}\n\nA handle; free it with `{c}_free`.\n\nThreads: may be used by many threads at once.", object.docs);
    write!(
        out,
        "{}#[derive(Debug)]\npub struct {c} {{\n_opaque: [u8; 0],\n}}\n\nimpl Handle for {c} {{\ntype Object = lpchat::{};\nconst NAME: &'static str = {c:?};\n}}\n\n",
        docs(&documentation),
        object.name
    )
    .unwrap();
}

fn receives_handle(documentation: &str, name: &str, c: &str) -> String {
    format!("{documentation}\n\nGives `{name}`, a handle: free it with `{c}_free`.")
}

fn error_last(function: Function) -> Function {
    function.takes("error", Kind::Receives("lpchat_error".to_owned())).or_null(true).returns("i32")
}

fn constructor(object: &Object) -> Option<Function> {
    let constructor = object.constructor.as_ref()?;
    let Type::Record(options) = &constructor.options.ty else { return None };
    let (c, name) = (names::object(&object.name), names::parameter(&object.name));
    let documentation = receives_handle(&format!("{} `options` may be NULL.", constructor.docs), &name, &c);
    let body = format!(
        "boundary::boundary(error, || {{\nlet {name} = output::given({name:?}, {name})?;\nlet options = input::options_or_none(options)?;\noutput::object({name}, lpchat::{}::new(options)?)\n}})",
        object.name
    );
    let function = Function::new(format!("{c}_new"), documentation)
        .takes("options", Kind::Borrowed(names::record(options)))
        .or_null(true)
        .takes(name.clone(), Kind::Receives(c));
    Some(error_last(function).does(body))
}

fn free(object: &Object) -> Function {
    let (c, name) = (names::object(&object.name), names::parameter(&object.name));
    let end = object.scope_end().map(|end| format!(" What it stands for goes on: `{c}_{}` ends it.", end.name));
    let documentation = format!(
        "Frees the handle, in any order with other handles; calls in flight go on.{} NULL is allowed. Returns `LPCHAT_INVALID_ARGUMENT` for a handle that was freed before.",
        end.unwrap_or_default()
    );
    Function::new(format!("{c}_free"), documentation)
        .takes(&name, Kind::Owned(c.clone()))
        .or_null(true)
        .returns("i32")
        .does(format!("boundary::boundary(None, || Ok(handle::free({name:?}, {name})))"))
}

fn functions_of(interface: &Interface, object: &Object, receiver: &Receiver, method: &Method) -> Result<Vec<Function>> {
    if method.is_property()
        && let Some(getters) = property(receiver, method)
    {
        return Ok(getters);
    }
    let mut functions = vec![call(interface, object, receiver, method)?];
    if takes_enumeration(method) {
        functions.push(by_text(call(interface, object, receiver, &with_texts(method))?));
    }
    Ok(functions)
}

/// Whether a method has a twin that takes the texts of enumerations, known to this version or not.
pub fn takes_enumeration(method: &Method) -> bool {
    method.parameters.iter().any(|parameter| matches!(innermost(&parameter.ty), Type::Enumeration(_)))
}

/// The method with texts for enumerations.
fn with_texts(method: &Method) -> Method {
    fn texts(ty: &Type) -> Type {
        match ty {
            Type::Enumeration(_) => Type::Text,
            Type::Optional(inner) => Type::Optional(Box::new(texts(inner))),
            Type::List(inner) => Type::List(Box::new(texts(inner))),
            other => other.clone(),
        }
    }
    let parameters = method.parameters.iter().map(|parameter| Field { ty: texts(&parameter.ty), ..parameter.clone() });
    Method { parameters: parameters.collect(), ..method.clone() }
}

fn by_text(function: Function) -> Function {
    let documentation =
        format!("`{}` with values by their texts on the wire, known to this version or not.\n\n{}", function.name, function.docs);
    Function { name: format!("{}_text", function.name), docs: documentation, ..function }
}

/// A property that is a text or a number is returned as it is.
fn property(receiver: &Receiver, method: &Method) -> Option<Vec<Function>> {
    let returns = method.returns.as_ref()?;
    let handle = &receiver.name;
    let getter = |suffix: &str, documentation: String| {
        let name = format!("{}_{}{suffix}", receiver.prefix, method.name);
        Function::new(name, documentation).takes(handle.clone(), Kind::Handle(receiver.handle.clone()))
    };
    let texts = |suffix: &str, documentation: &str, read: &str| {
        let text = format!("handle::text({handle}, {read})");
        let documentation = format!("{documentation} Borrowed from the handle.");
        let value = getter(suffix, documentation).returns("*const c_char").does(format!("{text}.0"));
        let length = getter(&format!("{suffix}_len"), format!("Length of `{}` in bytes.", value.name));
        vec![value, length.returns("usize").does(format!("{text}.1"))]
    };
    let read = format!("|object| {}.{}()", receiver.object, method.name);
    let ty = unwrap(returns);
    if *ty == Type::Text {
        let absent = if ty == returns { "" } else { " NULL where it is absent." };
        return Some(texts("", &format!("{}{absent}", method.docs), &read));
    }
    let returned = scalar(ty)?;
    let absent = if ty == returns { String::new() } else { format!(" {} where it is absent.", absent_of(ty)) };
    let documentation = format!("{}{}{absent}", method.docs, unit(ty));
    let value = getter(unit_suffix(ty), documentation).returns(returned).does(format!("handle::scalar({handle}, {read})"));
    let mut getters = vec![value];
    if matches!(ty, Type::Enumeration(_)) {
        let documentation = format!("The text of `{}` on the wire, known to this version or not.", getters[0].name);
        getters.extend(texts("_text", &documentation, &format!("{read}.{}", text_of(returns))));
    }
    Some(getters)
}

/// What makes a text of an enumeration's value.
fn text_of(ty: &Type) -> &'static str {
    match ty {
        Type::Optional(_) => "map(|value| lpchat::Text::from(value.as_str()))",
        _ => "as_str().into()",
    }
}

/// `Visitor.chat(id)` is no call: its name says what it goes by, which also keeps it apart from the type.
pub fn function_name(receiver: &Receiver, method: &Method) -> String {
    match &method.parameters[..] {
        [only] if !method.is_operation() && only.ty == Type::Text => {
            format!("{}_{}_by_{}", receiver.prefix, method.name, only.name)
        }
        _ => format!("{}_{}", receiver.prefix, method.name),
    }
}

/// What becomes of a method's parameters.
#[derive(Default)]
struct Arguments {
    /// Statements that read them.
    statements: String,
    /// What the core gets.
    passed: Vec<String>,
    /// What the documentation says of them.
    notes: Vec<Note>,
}

/// What the documentation says of a parameter.
struct Note {
    /// What the documentation calls it.
    name: String,
    /// What C calls it.
    parameter: String,
    sentence: String,
}

impl Arguments {
    /// Adds a parameter to the function.
    fn add(&mut self, function: Function, parameter: &Field) -> Result<Function> {
        ensure!(parameter.name != "error", "the parameter `error` would be the second of that name");
        let argument = names::argument(&parameter.name);
        let ty = unwrap(&parameter.ty);
        let suffix = unit_suffix(ty);
        let element = if let Type::List(element) = ty { element } else { ty };
        let kind = inputs::kind(element).with_context(|| format!("C has no form for the parameter {}", parameter.name))?;
        self.statements.push_str(&read_argument(&parameter.ty, &parameter.name, suffix));
        self.passed.push(argument.clone());
        if let Type::List(element) = ty {
            let values = inputs::values(element);
            let sentence = format!("`{argument}_count` elements that lie one after another.{values}");
            self.notes.push(Note { name: parameter.name.clone(), parameter: argument.clone(), sentence });
            return Ok(function.takes(&argument, Kind::Elements(Box::new(kind))).takes(format!("{argument}_count"), Kind::Size));
        }
        let optional = *ty != parameter.ty;
        let absent = if optional { format!(" {} where absent.", absence(ty)) } else { String::new() };
        let note = format!("{}{}{absent}", unit(ty), inputs::values(ty));
        if !note.is_empty() {
            let sentence = note.trim_start().to_owned();
            self.notes.push(Note { name: parameter.name.clone(), parameter: format!("{argument}{suffix}"), sentence });
        }
        Ok(function.takes(format!("{argument}{suffix}"), kind).or_null(optional))
    }
}

fn call(interface: &Interface, object: &Object, receiver: &Receiver, method: &Method) -> Result<Function> {
    let mut function =
        Function::new(function_name(receiver, method), "").takes(&receiver.name, Kind::Handle(receiver.handle.clone()));
    let mut arguments = Arguments::default();
    for parameter in &method.parameters {
        function = arguments.add(function, parameter).with_context(|| format!("the method {}", method.name))?;
    }
    if method.is_operation() {
        function = function.takes("options", Kind::Options).or_null(true);
    }
    let result = result(interface, object, method)?;
    let taken = function.parameters.iter().any(|parameter| parameter.name == result.name);
    let name = if taken { "result" } else { &result.name };
    if let Some(kind) = &result.kind {
        function = function.takes(name, kind.clone()).or_null(!result.needed);
    }
    function.docs = documentation(method, &arguments.notes, &result.note.replace("{}", name));
    let body = body(receiver, method, &result, name, arguments);
    Ok(error_last(function).does(body))
}

fn body(receiver: &Receiver, method: &Method, result: &Outcome, name: &str, arguments: Arguments) -> String {
    let mut body = String::from("boundary::boundary(error, || {\n");
    if result.needed {
        writeln!(body, "let {name} = output::given({name:?}, {name})?;").unwrap();
    }
    writeln!(body, "let object = handle::get({:?}, {})?;", receiver.name, receiver.name).unwrap();
    body.push_str(&arguments.statements);
    let target = format!("{}.{}", receiver.object, method.name);
    let passed: String = arguments.passed.iter().map(|argument| format!("{argument}, ")).collect();
    let called = match (method.is_operation(), method.throws) {
        (true, _) => {
            let caught = if result.quiet { "" } else { "?" };
            format!("call::wait(options, |options| {target}_call({passed}options)){caught}")
        }
        (false, true) => format!("{target}({passed})?"),
        (false, false) => format!("{target}({passed})"),
    };
    match result.helper {
        Some(helper) => writeln!(body, "output::{helper}({name}, {called})").unwrap(),
        None => writeln!(body, "{called};\nOk(LPCHAT_OK)").unwrap(),
    }
    body.push_str("})");
    body
}

/// The statement that reads an argument; the parameter of a duration says its unit.
fn read_argument(ty: &Type, name: &str, suffix: &str) -> String {
    let argument = names::argument(name);
    let read = inputs::read(ty, &format!("{name}{suffix}"));
    format!("let {argument} = {read};\n")
}

fn documentation(method: &Method, notes: &[Note], given: &str) -> String {
    let mut text = method.docs.clone();
    for note in notes {
        text = with_note(&text.replace(&format!("`{}`", note.name), &format!("`{}`", note.parameter)), note);
    }
    if !given.is_empty() {
        write!(text, "\n\n{given}").unwrap();
    }
    if let Some(retry) = method.retry {
        write!(text, "\n\nRetry class: {}. `options` may be NULL.", retry.name()).unwrap();
    }
    text
}

/// Adds a sentence to what the documentation says of a parameter.
fn with_note(docs: &str, Note { parameter, sentence, .. }: &Note) -> String {
    let mut lines: Vec<String> = docs.lines().map(str::to_owned).collect();
    let Some(begin) = lines.iter().position(|line| line.starts_with(&format!("* `{parameter}`:"))) else {
        let separator = if lines.last().is_some_and(|line| line.starts_with("* ")) { "\n" } else { "\n\n" };
        return format!("{docs}{separator}* `{parameter}`: {sentence}");
    };
    // What belongs to a list item stands in the lines below it.
    let below = lines[begin + 1..].iter().take_while(|line| !line.is_empty() && !line.starts_with("* ")).count();
    let item: Vec<String> = lines.drain(begin..=begin + below).collect();
    let item: Vec<&str> = item.iter().map(|line| line.trim()).collect();
    lines.insert(begin, format!("{} {sentence}", item.join(" ")));
    lines.join("\n")
}

/// How a method's result leaves.
struct Outcome {
    /// What the output is called.
    name: String,
    kind: Option<Kind>,
    /// The helper in `output` that writes it.
    helper: Option<&'static str>,
    /// Whether NULL is refused.
    needed: bool,
    /// Whether the helper gets the outcome and not the value: that nothing came is a code without an error.
    quiet: bool,
    /// What the documentation says; `{}` is the output's name.
    note: String,
}

fn result(interface: &Interface, object: &Object, method: &Method) -> Result<Outcome> {
    let Some(returns) = &method.returns else {
        return Ok(Outcome { name: String::new(), kind: None, helper: None, needed: false, quiet: false, note: String::new() });
    };
    let optional = matches!(returns, Type::Optional(_));
    let (next, quiet) = (object.iterates_by(method), object.may_stay_quiet(method));
    let absent = match (optional, next, quiet) {
        (_, _, true) => {
            " At the end the code is `LPCHAT_END` and the output NULL; with `LPCHAT_NOTHING_CAME` the output is NULL too, and there is no error to free."
        }
        (_, true, _) => " At the end the code is `LPCHAT_END` and the output NULL.",
        (true, ..) => " NULL where there is none.",
        _ => "",
    };
    let receives = |name: String, ty: String, helper, what: &str| {
        let note = format!("Gives `{{}}`{what}: free it with `{ty}_free`.{absent}");
        Ok(Outcome { name, kind: Some(Kind::Receives(ty)), helper: Some(helper), needed: true, quiet, note })
    };
    match unwrap(returns) {
        Type::Object(name) => {
            let helper = if optional { "optional_object" } else { "object" };
            receives(names::parameter(name), names::object(name), helper, ", a handle")
        }
        Type::Record(name) => {
            debug_assert!(results(interface).0.contains(name), "a result can be freed");
            let helper = match (quiet, next, optional) {
                (true, ..) => "next_in_time",
                (_, true, _) => "next_document",
                (.., true) => "optional_document",
                _ => "document",
            };
            receives(names::parameter(name), names::record(name), helper, "")
        }
        Type::List(element) => {
            let Type::Record(name) = &**element else { bail!("C has no form for the result of {}", method.name) };
            receives("list".to_owned(), names::list(name), "document", "")
        }
        ty @ (Type::Text | Type::Json) => {
            let (helper, what) = if *ty == Type::Json { ("json", ", JSON text") } else { ("text", "") };
            let outcome = receives("result".to_owned(), "lpchat_text".to_owned(), helper, what)?;
            let note = format!("{} `{{}}` may be NULL where nobody wants it.", outcome.note);
            Ok(Outcome { needed: false, note, ..outcome })
        }
        ty => {
            let c = scalar(ty).with_context(|| format!("C has no form for the result of {}", method.name))?;
            let absent = if optional { format!(" {} where it is absent.", absence(ty)) } else { String::new() };
            let note = format!("Gives `{{}}`.{}{absent}", unit(ty));
            Ok(Outcome {
                name: "result".to_owned(),
                kind: Some(Kind::ReceivesScalar(c)),
                helper: Some("scalar"),
                needed: true,
                quiet,
                note,
            })
        }
    }
}
