//! Documents: classes that read what C holds.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use super::{comment, types};
use crate::c::names;
use crate::c::records::{handed_out, unit_suffix, unwrap};
use crate::interface::{Field, Interface, Record, Role, Type, innermost};

/// The records in an order in which each comes after those inside it.
fn ordered(interface: &Interface) -> Result<Vec<&Record>> {
    let mut left: Vec<&Record> = handed_out(interface).collect();
    let mut done: Vec<&Record> = Vec::new();
    while !left.is_empty() {
        let ready = |record: &&Record| {
            record.fields.iter().all(|field| match innermost(&field.ty) {
                Type::Record(name) => done.iter().any(|done| done.name == *name),
                _ => true,
            })
        };
        let (now, later): (Vec<&Record>, Vec<&Record>) = left.iter().partition(|record| ready(record));
        ensure!(!now.is_empty(), "records that hold one another have no order in C++: {}", later[0].name);
        done.extend(now);
        left = later;
    }
    Ok(done)
}

pub fn render(out: &mut String, interface: &Interface) -> Result<()> {
    for record in ordered(interface)? {
        let c = names::record(&record.name);
        write!(
            out,
            "{}class {} : public detail::document<{c}> {{\npublic:\n    using document::document;\n",
            comment(&record.docs, 0),
            types::class_name(&record.name)
        )
        .unwrap();
        for field in &record.fields {
            getter(out, interface, record, field).with_context(|| format!("{}.{}", record.name, field.name))?;
        }
        if interface.objects.iter().any(|object| object.page() == Some(&record.name)) {
            out.push_str(PAGE_TABLE);
        }
        if record.role == Role::Answer {
            let docs = "The JSON text of this document as the service sent it, members unknown to this version included.";
            write!(
                out,
                "\n{}    std::string_view raw() const {{ return detail::text({c}_raw(get()), {c}_raw_len(get())); }}\n",
                comment(docs, 4)
            )
            .unwrap();
        }
        out.push_str("};\n\n");
    }
    Ok(())
}

const PAGE_TABLE: &str = "
    /// A table of the page's records, as an Arrow stream of one batch: LPCHAT_TABLE_LINES or another name. True keeps
    /// `NA`, -1 and empty texts as the service sent them.
    arrow_stream table(const std::string& name = LPCHAT_TABLE_ENGAGEMENTS, bool keep_placeholders = false) const;
    /// The same, without exceptions.
    lpchat::result<arrow_stream> try_table(
        const std::string& name = LPCHAT_TABLE_ENGAGEMENTS, bool keep_placeholders = false) const;
";

fn getter(out: &mut String, interface: &Interface, record: &Record, field: &Field) -> Result<()> {
    let base = names::getter(interface, record, &field.name);
    let returns = types::read(&field.ty).context("C++ has no form for it")?;
    let name = types::name(&field.name);
    if let Type::List(element) = &field.ty {
        return list(out, record, &base, field, element);
    }
    let optional = matches!(field.ty, Type::Optional(_));
    let value = value(unwrap(&field.ty), optional, &base, "root()", "get()");
    write!(out, "\n{}    {returns} {name}() const {{ {value} }}\n", comment(&field.docs, 4)).unwrap();
    if matches!(unwrap(&field.ty), Type::Enumeration(_)) {
        enumeration_text(out, &name, &base, optional);
    }
    Ok(())
}

/// The text of an enumeration that `name` gives, known to this version or not.
pub fn enumeration_text(out: &mut String, name: &str, base: &str, optional: bool) {
    let (returns, helper) =
        if optional { ("std::optional<std::string_view>", "optional_text") } else { ("std::string_view", "text") };
    let docs = format!("The text of `{name}()` on the wire, known to this version or not.");
    writeln!(
        out,
        "{}    {returns} {name}_text() const {{ return detail::{helper}({base}_text(get()), {base}_text_len(get())); }}",
        comment(&docs, 4)
    )
    .unwrap();
}

/// The statement that reads a value: `root` is what keeps it alive, `arguments` what its getters in C take.
pub fn value(ty: &Type, optional: bool, base: &str, root: &str, arguments: &str) -> String {
    let call = format!("{base}{}({arguments})", unit_suffix(ty));
    match (ty, optional) {
        (Type::Text | Type::Json | Type::Decimal, false) => format!("return detail::text({call}, {base}_len({arguments}));"),
        (Type::Text | Type::Json | Type::Decimal, true) => {
            format!("return detail::optional_text({call}, {base}_len({arguments}));")
        }
        (Type::Record(name), false) => format!("return {}({root}, {call});", types::class(name)),
        (Type::Record(name), true) => {
            format!("return detail::optional_document<{}>({root}, {call});", types::class(name))
        }
        (Type::Enumeration(name), false) => format!("return static_cast<{}>({call});", types::class(name)),
        (Type::Enumeration(name), true) => {
            format!("return detail::unless_absent<{}>({call}, {});", types::class(name), names::constant(name, "Absent"))
        }
        (Type::Timestamp, false) => format!("return lpchat::timestamp::from_milliseconds({call});"),
        (Type::Timestamp, true) => format!("return detail::instant({call});"),
        (Type::Duration, false) => format!("return std::chrono::milliseconds({call});"),
        (Type::Duration, true) => {
            format!("return detail::unless_absent<std::chrono::milliseconds>({call}, LPCHAT_ABSENT);")
        }
        (Type::I64, true) => format!("return detail::unless_absent<std::int64_t>({call}, LPCHAT_ABSENT);"),
        (Type::I32, true) => format!("return detail::unless_absent<std::int32_t>({call}, LPCHAT_ABSENT_INT32);"),
        (Type::F64, true) => format!("return detail::unless_absent({call});"),
        (Type::Bool, false) => format!("return {call} == 1;"),
        (Type::Bool, true) => format!("return detail::truth({call});"),
        _ => format!("return {call};"),
    }
}

fn list(out: &mut String, record: &Record, base: &str, field: &Field, element: &Type) -> Result<()> {
    let name = types::name(&field.name);
    let class = types::read(element).context("C++ has no form for the elements")?;
    let read = value(element, false, &format!("{base}_at"), "owner", "of, index");
    reader(out, record, base, &name, &field.docs, &class, &read);
    if matches!(element, Type::Enumeration(_)) {
        let docs = format!("The texts of `{name}()` on the wire, known to this version or not.");
        let text_base = format!("{base}_at_text");
        let read = format!("return detail::text({text_base}(of, index), {text_base}_len(of, index));");
        reader(out, record, base, &format!("{name}_texts"), &docs, "std::string_view", &read);
    }
    Ok(())
}

/// A method that gives a list, whose elements `read` reads.
fn reader(out: &mut String, record: &Record, base: &str, name: &str, docs: &str, class: &str, read: &str) {
    let unused = if read.contains("owner") { "" } else { "static_cast<void>(owner); " };
    let c = names::record(&record.name);
    write!(
        out,
        "\n{}    lpchat::list<{class}> {name}() const {{\n        return {{root(), get(), {base}_count(get()),\n            [](const detail::owner& owner, const void* holder, std::size_t index) {{\n                {unused}const auto* of = static_cast<const {c}*>(holder);\n                {read}\n            }}}};\n    }}\n",
        comment(docs, 4)
    )
    .unwrap();
}
