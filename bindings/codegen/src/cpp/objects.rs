//! Clients, chats, sessions, searches: classes that own a handle, and the client's faces.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};

use super::{comment, inner, types};
use crate::c::names;
use crate::c::objects::{Receiver, function_name, takes_enumeration};
use crate::c::records::{scalar, unwrap};
use crate::interface::{Field, Interface, Method, Object, Type};

pub fn render(out: &mut String, interface: &Interface) -> Result<()> {
    let faces: BTreeSet<&str> = interface.faces().into_iter().map(|(_, _, face)| face.name.as_str()).collect();
    for object in &interface.objects {
        writeln!(out, "class {};", types::class_name(&object.name)).unwrap();
    }
    out.push('\n');
    let (mut before, mut classes, mut definitions) = (String::new(), String::new(), String::new());
    for object in &interface.objects {
        let out = &mut classes;
        let receiver = Receiver::of(interface, object);
        let c = &receiver.handle;
        let class = types::class_name(&object.name);
        if faces.contains(object.name.as_str()) {
            write!(
                out,
                "{}///\n/// Lives no longer than its client.\nclass {class} {{\npublic:\n    explicit {class}(const {c}* client) noexcept : client_(client) {{}}\n",
                comment(&object.docs, 0)
            )
            .unwrap();
        } else {
            let (base, arguments, note) = match scope_end(object) {
                Some(end) => ("scoped_handle", format!(", {c}_{}", end.name), destructor_note(object, end)),
                None => ("handle", String::new(), String::new()),
            };
            write!(
                out,
                "{}class {class} : public detail::{base}<{c}, {c}_free{arguments}> {{\npublic:\n    using {base}::{base};\n",
                comment(&format!("{}{note}", object.docs), 0)
            )
            .unwrap();
            constructor(out, &mut definitions, object)?;
        }
        for method in &object.methods {
            write_method(out, &mut definitions, interface, &receiver, object, method)
                .with_context(|| format!("{}.{}", object.name, method.name))?;
        }
        pages(&mut before, out, interface, object);
        tables(out, &mut definitions, object);
        events(out, object);
        if faces.contains(object.name.as_str()) {
            write!(out, "\nprivate:\n    const {c}* get() const noexcept {{ return client_; }}\n\n    const {c}* client_;\n")
                .unwrap();
        }
        out.push_str("};\n\n");
    }
    out.push_str(&before);
    out.push_str(&classes);
    out.push_str(&definitions);
    Ok(())
}

fn gives_stream(interface: &Interface, method: &Method) -> bool {
    matches!(&method.returns, Some(Type::Object(name)) if interface.object(name).is_stream())
}

/// What a destructor calls: an operation that needs nothing and gives nothing.
fn scope_end(object: &Object) -> Option<&Method> {
    object.scope_end().filter(|end| end.parameters.is_empty() && end.returns.is_none())
}

fn destructor_note(object: &Object, end: &Method) -> String {
    let kept = if object.methods.iter().any(|method| method.name == "keep") { "`keep(true)` prevents that. " } else { "" };
    format!(
        "\n\nThe destructor calls `{}`, waits for it five seconds at most, and ignores its failure. {kept}What was moved from, released, or only named by its id is left alone.",
        end.name
    )
}

fn constructor(out: &mut String, definitions: &mut String, object: &Object) -> Result<()> {
    let Some(constructor) = &object.constructor else { return Ok(()) };
    let Type::Record(options) = &constructor.options.ty else { bail!("it is not made from options") };
    let (class, qualified, options, c) =
        (types::class_name(&object.name), types::class(&object.name), types::class(options), names::object(&object.name));
    let docs = comment(&constructor.docs, 4);
    write!(
        out,
        "\n{docs}    explicit {class}(const {options}& options = {{}});\n{docs}    static lpchat::result<{qualified}> try_create(const {options}& options = {{}});\n"
    )
    .unwrap();
    write!(
        definitions,
        "inline lpchat::result<{qualified}> {class}::try_create(const {options}& options) {{\n    {c}* made = nullptr;\n    lpchat_error* error = nullptr;\n    const std::int32_t code = {c}_new(detail::build(options).get(), &made, &error);\n    if (code != LPCHAT_OK) return detail::failure(code, error);\n    return {qualified}(made);\n}}\n\ninline {class}::{class}(const {options}& options) : {class}(try_create(options).value()) {{}}\n\n"
    )
    .unwrap();
    Ok(())
}

fn write_method(
    out: &mut String,
    definitions: &mut String,
    interface: &Interface,
    receiver: &Receiver,
    object: &Object,
    method: &Method,
) -> Result<()> {
    if method.is_property() {
        match &method.returns {
            Some(Type::Object(name)) if interface.faces().iter().any(|(_, _, face)| face.name == *name) => {
                let class = types::class(name);
                write!(out, "\n{}    {class} {}() const noexcept;\n", comment(&method.docs, 4), types::name(&method.name))
                    .unwrap();
                write!(
                    definitions,
                    "inline {class} {}::{}() const noexcept {{ return {class}(get()); }}\n\n",
                    types::class_name(&object.name),
                    types::name(&method.name)
                )
                .unwrap();
                return Ok(());
            }
            Some(ty) if *unwrap(ty) == Type::Text || scalar(unwrap(ty)).is_some() => {
                let returns = types::read(ty).context("C++ has no form for it")?;
                let base = format!("{}_{}", receiver.prefix, method.name);
                let value = super::documents::value(unwrap(ty), ty != unwrap(ty), &base, "", "get()");
                write!(out, "\n{}    {returns} {}() const {{ {value} }}\n", comment(&method.docs, 4), types::name(&method.name))
                    .unwrap();
                if matches!(unwrap(ty), Type::Enumeration(_)) {
                    super::documents::enumeration_text(out, &types::name(&method.name), &base, ty != unwrap(ty));
                }
                return Ok(());
            }
            _ => {}
        }
    }
    call(out, definitions, interface, receiver, object, method)
}

/// How a method's result leaves C and becomes a value.
struct Outcome {
    /// The class, `void` for nothing.
    class: String,
    /// What is declared before the call.
    declaration: String,
    /// What is returned after it.
    give: String,
}

fn outcome(interface: &Interface, method: &Method) -> Result<Outcome> {
    let Some(returns) = &method.returns else {
        return Ok(Outcome { class: "void".to_owned(), declaration: String::new(), give: "return {};".to_owned() });
    };
    let optional = matches!(returns, Type::Optional(_));
    let wrap = |class: String| if optional { format!("std::optional<{class}>") } else { class };
    let receives = |ty: &str| format!("    {ty}* given_ = nullptr;\n");
    let absent = |class: &str| if optional { format!("if (given_ == nullptr) return {class}();\n    ") } else { String::new() };
    Ok(match unwrap(returns) {
        Type::Object(name) => {
            let class = wrap(types::class(name));
            // Who only names it does not end it.
            let ends = if method.names_by_id() && scope_end(interface.object(name)).is_some() { ", false" } else { "" };
            Outcome {
                declaration: receives(&names::object(name)),
                give: format!("{}return {class}({}(given_{ends}));", absent(&class), types::class(name)),
                class,
            }
        }
        Type::Record(name) => {
            let (class, c) = (wrap(types::class(name)), names::record(name));
            Outcome {
                declaration: receives(&c),
                give: format!("{}return {class}({}(detail::own(given_, {c}_free), given_));", absent(&class), types::class(name)),
                class,
            }
        }
        Type::List(element) => {
            let Type::Record(name) = &**element else { bail!("C++ has no form for the result") };
            let (class, c, record) = (format!("lpchat::list<{}>", types::class(name)), names::list(name), types::class(name));
            let give = format!(
                "return {class}(detail::own(given_, {c}_free), given_, {c}_count(given_), [](const detail::owner& owner, const void* holder, std::size_t index) {{\n        return {record}(owner, {c}_at(static_cast<const {c}*>(holder), index));\n    }});"
            );
            Outcome { declaration: receives(&c), give, class }
        }
        Type::Text | Type::Json => {
            let class = wrap("std::string".to_owned());
            let taken = if optional { "detail::take(given_)" } else { "detail::take(given_).value_or(std::string())" };
            Outcome { declaration: receives("lpchat_text"), give: format!("return {class}({taken});"), class }
        }
        ty => {
            let class = types::read(returns).context("C++ has no form for the result")?;
            let Some(c) = scalar(ty) else { bail!("C++ has no form for the result") };
            let c = match c.as_str() {
                "i64" => "std::int64_t".to_owned(),
                "i32" => "std::int32_t".to_owned(),
                "f64" => "double".to_owned(),
                _ => c,
            };
            Outcome {
                declaration: format!("    {c} given_{{}};\n"),
                give: format!("return {class}({});", raise_scalar(ty, optional)),
                class,
            }
        }
    })
}

fn raise_scalar(ty: &Type, optional: bool) -> String {
    match (ty, optional) {
        (Type::Timestamp, true) => "detail::instant(given_)".to_owned(),
        (Type::Timestamp, false) => "lpchat::timestamp::from_milliseconds(given_)".to_owned(),
        (Type::Bool, true) => "detail::truth(given_)".to_owned(),
        (Type::Bool, false) => "given_ == 1".to_owned(),
        (Type::I64, true) => "detail::unless_absent<std::int64_t>(given_, LPCHAT_ABSENT)".to_owned(),
        (Type::I32, true) => "detail::unless_absent<std::int32_t>(given_, LPCHAT_ABSENT_INT32)".to_owned(),
        (Type::F64, true) => "detail::unless_absent(given_)".to_owned(),
        (Type::Duration, true) => "detail::unless_absent<std::chrono::milliseconds>(given_, LPCHAT_ABSENT)".to_owned(),
        (Type::Enumeration(name), false) => format!("static_cast<{}>(given_)", types::class(name)),
        (Type::Enumeration(name), true) => {
            format!("detail::unless_absent<{}>(given_, {})", types::class(name), names::constant(name, "Absent"))
        }
        _ => "given_".to_owned(),
    }
}

/// The parameters as they are declared, with or without their defaults.
fn declared(method: &Method, defaults: bool) -> Result<String> {
    let mut declared = Vec::new();
    for parameter in types::required_first(&method.parameters) {
        let ty =
            types::parameter(&parameter.ty).with_context(|| format!("C++ has no form for the parameter {}", parameter.name))?;
        let default = if defaults && matches!(parameter.ty, Type::Optional(_)) { " = {}" } else { "" };
        declared.push(format!("{ty} {}{default}", types::name(&parameter.name)));
    }
    if method.is_operation() {
        declared.push(format!("const lpchat::call_options& options{}", if defaults { " = {}" } else { "" }));
    }
    Ok(declared.join(", "))
}

/// What C gets for a parameter.
fn handed_over(parameter: &Field) -> Vec<String> {
    let name = types::name(&parameter.name);
    match &parameter.ty {
        Type::List(element) => match &**element {
            Type::Enumeration(_) => vec![format!("detail::c_texts(detail::texts({name})).data()"), format!("{name}.size()")],
            Type::Record(record) => {
                vec![format!("detail::c_requests<{}>({name}).data()", names::record(record)), format!("{name}.size()")]
            }
            Type::I64 | Type::I32 | Type::F64 => vec![format!("{name}.data()"), format!("{name}.size()")],
            _ => vec![format!("detail::c_texts({name}).data()"), format!("{name}.size()")],
        },
        ty => vec![types::lower(ty, &name)],
    }
}

fn call(
    out: &mut String,
    definitions: &mut String,
    interface: &Interface,
    receiver: &Receiver,
    object: &Object,
    method: &Method,
) -> Result<()> {
    let Outcome { class, declaration, give } = outcome(interface, method)?;
    let (name, owner) = (types::name(&method.name), types::class_name(&object.name));
    let docs = comment(&method.docs, 4);
    let (with_defaults, without) = (declared(method, true)?, declared(method, false)?);
    // What it gives would outlive a temporary, whose end is felt at the service.
    let lasting = scope_end(object).is_some() && gives_stream(interface, method);
    let constness = if lasting { "const&" } else { "const" };
    write!(out, "\n{docs}    {class} {name}({with_defaults}) {constness};\n    /// The same, without exceptions.\n    lpchat::result<{class}> try_{}({with_defaults}) {constness};\n", method.name).unwrap();
    if lasting {
        write!(
            out,
            "    /// Not of a temporary, which would end before the first event.\n    {class} {name}({with_defaults}) const&& = delete;\n    lpchat::result<{class}> try_{}({with_defaults}) const&& = delete;\n",
            method.name
        )
        .unwrap();
    }
    let mut arguments = vec!["get()".to_owned()];
    arguments.extend(method.parameters.iter().flat_map(handed_over));
    if method.is_operation() {
        arguments.push("detail::build(options).get()".to_owned());
    }
    if !declaration.is_empty() {
        arguments.push("&given_".to_owned());
    }
    arguments.push("&error_".to_owned());
    // Locals end in `_`, so that no parameter has their name. What stands for the end of an iteration is no error: its output is NULL.
    let failed = if object.iterates_by(method) { "code_ != LPCHAT_OK && code_ != LPCHAT_END" } else { "code_ != LPCHAT_OK" };
    let passed: Vec<String> = types::required_first(&method.parameters)
        .iter()
        .map(|parameter| types::name(&parameter.name))
        .chain(method.is_operation().then(|| "options".to_owned()))
        .collect();
    let returned = if class == "void" { "" } else { "return " };
    write!(
        definitions,
        "inline lpchat::result<{class}> {owner}::try_{}({without}) {constness} {{\n{declaration}    lpchat_error* error_ = nullptr;\n    const std::int32_t code_ = {}({});\n    if ({failed}) return detail::failure(code_, error_);\n    {give}\n}}\n\ninline {class} {owner}::{name}({without}) {constness} {{ {returned}try_{}({}).value(); }}\n\n",
        method.name,
        function_name(receiver, method) + if takes_enumeration(method) { "_text" } else { "" },
        arguments.join(", "),
        method.name,
        passed.join(", ")
    )
    .unwrap();
    Ok(())
}

/// Range-for over events.
fn events(out: &mut String, object: &Object) {
    let Some(next) = object.methods.iter().find(|method| object.may_stay_quiet(method)) else { return };
    let Some(Type::Record(event)) = next.returns.as_ref().map(inner) else { return };
    let iterator = format!("detail::event_iterator<{}, {}>", types::class(&object.name), types::class(event));
    write!(
        out,
        "\n    /// The events from here on, until the stream is over, for range-for. Throws where a call fails. A loop that was left\n    /// goes on behind the last event it had.\n    {iterator} begin() const {{ return {iterator}(this); }}\n    {iterator} end() const {{ return {iterator}(); }}\n"
    )
    .unwrap();
}

/// Tables of what is handed out in pages: of all that are left, and of one.
fn tables(out: &mut String, definitions: &mut String, object: &Object) {
    let Some(page) = object.page() else { return };
    out.push_str(SEARCH_TABLE);
    let parameters = "const std::string& name, bool keep_placeholders";
    let options = format!("{parameters}, const call_options& options");
    let members = [
        (types::class_name(&object.name), names::object(&object.name), options, "detail::build(options).get(), ", ", options"),
        (types::class_name(page), names::record(page), parameters.to_owned(), "", ""),
    ];
    for (class, c, declared, handed_over, passed) in members {
        write!(
            definitions,
            "inline lpchat::result<arrow_stream> {class}::try_table({declared}) const {{\n    arrow_stream given;\n    lpchat_error* error = nullptr;\n    const std::int32_t code = {c}_table(get(), detail::c_text(name), keep_placeholders, {handed_over}given.get(), &error);\n    if (code != LPCHAT_OK) return detail::failure(code, error);\n    return lpchat::result<arrow_stream>(std::move(given));\n}}\n\ninline arrow_stream {class}::table({declared}) const {{ return try_table(name, keep_placeholders{passed}).value(); }}\n\n"
        )
        .unwrap();
    }
}

const SEARCH_TABLE: &str = "
    /// A table of the pages that are left, as an Arrow stream with a batch for each page: LPCHAT_TABLE_LINES or another
    /// name. Each batch is read when it is asked for; what fails says so in the stream. True keeps `NA`, -1 and empty texts
    /// as the service sent them.
    arrow_stream table(const std::string& name = LPCHAT_TABLE_ENGAGEMENTS, bool keep_placeholders = false,
        const call_options& options = {}) const;
    /// The same, without exceptions.
    lpchat::result<arrow_stream> try_table(const std::string& name = LPCHAT_TABLE_ENGAGEMENTS, bool keep_placeholders = false,
        const call_options& options = {}) const;
";

/// Range-for over what is handed out in pages: what the iterators need to know, and the methods.
fn pages(before: &mut String, out: &mut String, interface: &Interface, object: &Object) {
    let Some(next) = object.methods.iter().find(|method| method.name == "next_page") else { return };
    let Some(Type::Record(page)) = next.returns.as_ref().map(inner) else { return };
    let fields = &interface.record(page).fields;
    let records = fields.iter().find_map(|field| match (&field.ty, inner(&field.ty)) {
        (Type::List(_), Type::Record(record)) => Some((types::name(&field.name), record)),
        _ => None,
    });
    let (source, page_class) = (types::class(&object.name), types::class(page));
    let range = format!("detail::page_range<{source}, {page_class}>");
    write!(
        out,
        "\n    /// The pages that are left, one call each, for range-for. Throws where a call fails.\n    {range} pages() const {{ return {range}(this); }}\n"
    )
    .unwrap();
    let Some((records, record)) = records else { return };
    let pages = format!("{}_pages", names::snake(&object.name));
    let note = match fields.iter().any(|field| field.name == "failures") {
        true => "    static void note(const page& from, unreadable& noted) { noted.note(from.failures()); }\n",
        false => "    static void note(const page&, unreadable&) {}\n",
    };
    write!(
        before,
        "namespace detail {{\nstruct {pages} {{\n    using source = {source};\n    using page = {page_class};\n    using record = {};\n    static list<record> records(const page& from) {{ return from.{records}(); }}\n{note}}};\n}}  // namespace detail\n\n",
        types::class(record)
    )
    .unwrap();
    let iterator = format!("detail::record_iterator<detail::{pages}>");
    write!(
        out,
        "\n    /// The records that are left, of all pages, for range-for. Throws where a call fails, and at the end where records\n    /// could not be read; `pages()` has their text.\n    {iterator} begin() const {{ return {iterator}(this); }}\n    {iterator} end() const {{ return {iterator}(); }}\n"
    )
    .unwrap();
}
