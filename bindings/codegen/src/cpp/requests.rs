//! Requests and options: plain structs, made into C's for a call.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use super::{comment, inner, types};
use crate::c::names;
use crate::c::records::unit_suffix;
use crate::interface::{Field, Interface, Record, Role, Type, innermost};

/// The requests in an order in which each comes after those inside it.
fn ordered(interface: &Interface) -> Result<Vec<&Record>> {
    let mut left: Vec<&Record> = interface.records.iter().filter(|record| record.role == Role::Input).collect();
    let mut done: Vec<&Record> = Vec::new();
    while !left.is_empty() {
        let ready = |record: &&&Record| {
            record.fields.iter().all(|field| match innermost(&field.ty) {
                // A list may be of what is being declared.
                Type::Record(name) => *name == record.name || done.iter().any(|done| done.name == *name),
                _ => true,
            })
        };
        let (now, later): (Vec<&Record>, Vec<&Record>) = left.iter().partition(|record| ready(record));
        ensure!(!now.is_empty(), "requests that hold one another have no order in C++: {}", later[0].name);
        done.extend(now);
        left = later;
    }
    Ok(done)
}

pub fn render(out: &mut String, interface: &Interface) -> Result<()> {
    for record in ordered(interface)? {
        declare(out, record)?;
        build(out, record);
    }
    // Behind all that it calls: names in a template are looked up where it is written.
    out.push_str(LIST);
    Ok(())
}

const LIST: &str = "namespace detail {

/// Requests for C, one after another.
template <class T>
class c_requests {
public:
    template <class Request>
    explicit c_requests(const std::vector<Request>& requests) {
        for (const Request& request : requests) made_.push_back(build(request));
        for (const builder<T>& made : made_) pointers_.push_back(made.get());
    }
    const T* const* data() const noexcept { return pointers_.data(); }

private:
    std::vector<builder<T>> made_;
    std::vector<const T*> pointers_;
};

}  // namespace detail

";

fn is_call_options(record: &Record) -> bool {
    record.name == "CallOptions"
}

fn declare(out: &mut String, record: &Record) -> Result<()> {
    writeln!(out, "{}struct {} {{", comment(&record.docs, 0), types::class_name(&record.name)).unwrap();
    for field in &record.fields {
        let ty = types::member(&field.ty).with_context(|| format!("C++ has no form for {}.{}", record.name, field.name))?;
        let initial = if matches!(field.ty, Type::Bool) { " = false" } else { "" };
        writeln!(out, "{}    {ty} {}{initial}{};", comment(&field.docs, 4), types::name(&field.name), default(&field.ty))
            .unwrap();
    }
    if is_call_options(record) {
        writeln!(
            out,
            "{}    const lpchat::call* call = nullptr;",
            comment("What cancels the call; it must live as long as the call.", 4)
        )
        .unwrap();
    }
    out.push_str("};\n\n");
    Ok(())
}

/// What a member is at first, where its type does not say so itself.
fn default(ty: &Type) -> &'static str {
    match ty {
        Type::I32 | Type::I64 => " = 0",
        Type::F64 => " = 0.0",
        Type::Duration => " = std::chrono::milliseconds::zero()",
        Type::Enumeration(_) | Type::Bool => "",
        // Without an initializer, a compiler would warn where braces leave a member out.
        _ => " = {}",
    }
}

fn build(out: &mut String, record: &Record) {
    let c = names::record(&record.name);
    write!(
        out,
        "namespace detail {{\ninline builder<{c}> build(const {}& from) {{\n    builder<{c}> made({c}_new(), {c}_free);\n",
        types::class(&record.name)
    )
    .unwrap();
    for field in &record.fields {
        out.push_str(&set(&c, field));
    }
    if is_call_options(record) {
        writeln!(out, "    if (from.call != nullptr) lpchat_call_options_set_call(made.get(), from.call->get());").unwrap();
    }
    out.push_str("    return made;\n}\n}  // namespace detail\n\n");
}

/// The statement that hands one member over.
fn set(c: &str, field: &Field) -> String {
    let member = format!("from.{}", types::name(&field.name));
    // Enumerations go by their texts, known to this version or not.
    let suffix = if matches!(inner(&field.ty), Type::Enumeration(_)) { "_text" } else { unit_suffix(inner(&field.ty)) };
    match &field.ty {
        Type::Map => format!(
            "    for (const auto& pair : {member}) {c}_put_{}(made.get(), detail::c_text(pair.first), detail::c_text(pair.second));\n",
            names::singular(&field.name)
        ),
        Type::List(element) => format!(
            "    for (const auto& element : {member}) {c}_add_{}{suffix}(made.get(), {});\n",
            names::singular(&field.name),
            types::lower(element, "element")
        ),
        Type::Optional(inner) if matches!(**inner, Type::Record(_)) => {
            format!("    if ({member}) {c}_set_{}(made.get(), detail::build(*{member}).get());\n", field.name)
        }
        ty => format!("    {c}_set_{}{suffix}(made.get(), {});\n", field.name, types::lower(ty, &member)),
    }
}
