//! C++: one header over `lpchat.h`.

mod documents;
mod layout;
mod objects;
mod requests;
mod runner;
mod types;

use std::fmt::Write as _;

use anyhow::{Context, Result};

use self::layout::WIDTH;
use crate::c::names;
use crate::interface::{Interface, Type};
use crate::output::{NOTICE, Output};

const INCLUDES: [&str; 19] = [
    "algorithm",
    "chrono",
    "cmath",
    "cstddef",
    "cstdint",
    "functional",
    "iterator",
    "map",
    "memory",
    "mutex",
    "new",
    "optional",
    "ostream",
    "stdexcept",
    "string",
    "string_view",
    "type_traits",
    "utility",
    "vector",
];

pub fn render(interface: &Interface) -> Result<Vec<Output>> {
    let mut out = format!(
        "// lpchat {}. {NOTICE}\n//\n// lpchat for C++17, over lpchat.h, which must be of the same version. Objects that own something are movable only;\n// documents can be copied and keep what they were read from alive. Texts (`std::string_view`) are borrowed: keep the\n// document for as long as its texts. Calls throw `lpchat::error`; their twins `try_…` give a `lpchat::result`.\n#ifndef LPCHAT_HPP\n#define LPCHAT_HPP\n\n#include \"lpchat.h\"\n\n",
        lpchat::VERSION
    );
    for include in INCLUDES {
        writeln!(out, "#include <{include}>").unwrap();
    }
    let [major, minor, _] = crate::c::codes::version_parts();
    write!(
        out,
        "\n#if LPCHAT_VERSION_MAJOR != {major} || LPCHAT_VERSION_MINOR != {minor}\n#error \"lpchat.hpp and lpchat.h are of different versions\"\n#endif\n\n"
    )
    .unwrap();
    out.push_str(include_str!("support.hpp"));
    out.push('\n');
    codes(&mut out);
    out.push_str("namespace lpchat {\n\n");
    enumerations(&mut out, interface);
    documents::render(&mut out, interface)?;
    out.push_str("}  // namespace lpchat\n\n");
    out.push_str(include_str!("outcome.hpp"));
    out.push_str("\nnamespace lpchat {\n\n");
    errors(&mut out, interface)?;
    requests::render(&mut out, interface)?;
    objects::render(&mut out, interface)?;
    out.push_str("}  // namespace lpchat\n\n#endif  // LPCHAT_HPP\n");
    Ok(vec![
        Output::new("bindings/c/include/lpchat.hpp", layout::tidy(&out)),
        Output::new("tests/conformance/runners/cpp/generated.hpp", layout::tidy(&runner::render(interface))),
    ])
}

/// A comment at `indent` blanks.
fn comment(docs: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let lines = crate::words::wrapped(docs, WIDTH - "/// ".len() - indent);
    lines.iter().map(|line| format!("{}\n", format!("{pad}/// {line}").trim_end())).collect()
}

/// The type without its `Optional`.
fn inner(ty: &Type) -> &Type {
    crate::interface::innermost(ty)
}

fn codes(out: &mut String) {
    out.push_str(
        "namespace lpchat {\n\n/// What exactly went wrong.\nenum class error_code : std::int32_t {\n    ok = LPCHAT_OK,\n",
    );
    for code in lpchat::Code::ALL {
        writeln!(out, "{}    {} = LPCHAT_{},", comment(code.meaning(), 4), names::snake(code.name()), names::shouty(code.name()))
            .unwrap();
    }
    out.push_str("};\n\n/// What kind of trouble it is.\nenum class error_family : std::int32_t {\n");
    for family in lpchat::Family::ALL {
        writeln!(
            out,
            "{}    {} = LPCHAT_FAMILY_{},",
            comment(family.meaning().trim(), 4),
            names::snake(family.name()),
            names::shouty(family.name())
        )
        .unwrap();
    }
    out.push_str("};\n\n");
    for of in ["code", "family"] {
        write!(
            out,
            "/// The name of a {of}.\ninline std::string_view to_string(error_{of} {of}) noexcept {{\n    return lpchat_{of}_name(static_cast<std::int32_t>({of}));\n}}\n"
        )
        .unwrap();
    }
    out.push_str("\n}  // namespace lpchat\n\n");
}

fn enumerations(out: &mut String, interface: &Interface) {
    for enumeration in &interface.enumerations {
        let constant = |variant: &str| names::constant(&enumeration.name, variant);
        write!(
            out,
            "{}enum class {} : std::int32_t {{\n    /// A value that this version does not know; its text tells.\n    other = {},\n",
            comment(&enumeration.docs, 0),
            types::class_name(&enumeration.name),
            constant("Other")
        )
        .unwrap();
        for variant in &enumeration.variants {
            writeln!(
                out,
                "{}    {} = {},",
                comment(&variant.docs, 4),
                types::name(&names::snake(&variant.name)),
                constant(&variant.name)
            )
            .unwrap();
        }
        out.push_str("};\n\n");
        let class = types::class(&enumeration.name);
        write!(out, "namespace detail {{\ninline const char* wire_text({class} value) {{\n    switch (value) {{\n").unwrap();
        for variant in &enumeration.variants {
            let name = types::name(&names::snake(&variant.name));
            writeln!(out, "    case {class}::{name}: return {:?};", variant.value).unwrap();
        }
        write!(out, "    case {class}::other: break;\n    }}\n    return nullptr;\n}}\n}}  // namespace detail\n\n").unwrap();
    }
    out.push_str(OPEN);
}

const OPEN: &str = "/// A value of an enumeration to hand in, or a text that this version does not know.
template <class E>
class open {
public:
    /// No value yet, as a member of a request that is being filled in.
    open() = default;
    open(E value) {
        const char* known = detail::wire_text(value);
        if (known == nullptr) throw std::invalid_argument(\"lpchat: `other` is no value to hand in: give its text\");
        text_ = known;
    }
    open(std::string text) : text_(std::move(text)) {}
    open(const char* text) : text_(text) {}

    /// The text on the wire.
    const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

namespace detail {

template <class E>
std::optional<std::string> texts(const std::optional<open<E>>& value) {
    return value ? std::optional<std::string>(value->text()) : std::nullopt;
}
template <class E>
std::vector<std::string> texts(const std::vector<open<E>>& values) {
    std::vector<std::string> all;
    for (const open<E>& value : values) all.push_back(value.text());
    return all;
}

}  // namespace detail

";

const ERROR: &str = "/// The base of every exception of lpchat. `what()` holds all of it in one text.
class error : public std::runtime_error {
public:
    error(std::int32_t number, const detail::owner& held, const lpchat_error* in_c)
        : std::runtime_error(detail::error_text(held, in_c, number)), number_(number), details_(held, in_c) {}
    /// An error of this header's own making, without details.
    error(error_code code, const std::string& message)
        : std::runtime_error(message), number_(static_cast<std::int32_t>(code)), details_(nullptr, nullptr) {}

    /// What exactly went wrong.
    error_code code() const noexcept { return static_cast<error_code>(number_); }
    /// Name of the code, such as `NotChatting`.
    std::string_view name() const noexcept { return to_string(code()); }
    /// What kind of trouble it is.
    error_family family() const noexcept { return static_cast<error_family>(lpchat_code_family(number_)); }
    /// What went wrong, in a sentence.
    std::string_view message() const noexcept { return details_.get() == nullptr ? what() : details_.message(); }
    /// Whether the same call may succeed later.
    bool retryable() const {
        return details_.get() == nullptr ? lpchat_code_retryable(number_) == 1 : details_.retryable();
    }
    /// What is known about the error.
    const error_details& details() const noexcept { return details_; }
";

const COMPLAIN: &str = "    default:
        throw lpchat::error(code, held, error);
    }
}

inline void unreadable::complain() const {
    if (count == 0) return;
    const std::string records = count == 1 ? \"A record\" : std::to_string(count) + \" records\";
    throw decode_error(error_code::unexpected_shape,
        records + \" could not be read: \" + first + \". Hint: pages() has the JSON text.\");
}

}  // namespace detail

";

/// The exceptions: one base, one class for each family.
fn errors(out: &mut String, interface: &Interface) -> Result<()> {
    out.push_str(ERROR);
    for field in &interface.record("ErrorDetails").fields {
        // These are there without details too.
        if ["code", "name", "message", "retryable"].contains(&field.name.as_str()) {
            continue;
        }
        let returns = types::read(&field.ty).with_context(|| format!("C++ has no form for ErrorDetails.{}", field.name))?;
        let name = types::name(&field.name);
        writeln!(out, "{}    {returns} {name}() const {{ return details_.{name}(); }}", comment(&field.docs, 4)).unwrap();
    }
    out.push_str("\nprivate:\n    std::int32_t number_;\n    error_details details_;\n};\n\n");
    for family in lpchat::Family::ALL {
        write!(
            out,
            "{}class {}_error : public error {{\npublic:\n    using error::error;\n}};\n\n",
            comment(family.meaning().trim(), 0),
            names::snake(family.name())
        )
        .unwrap();
    }
    out.push_str("namespace detail {\n\n[[noreturn]] inline void raise(std::int32_t code, const owner& held, const lpchat_error* error) {\n    switch (lpchat_code_family(code)) {\n");
    for family in lpchat::Family::ALL {
        write!(
            out,
            "    case LPCHAT_FAMILY_{}:\n        throw {}_error(code, held, error);\n",
            names::shouty(family.name()),
            names::snake(family.name())
        )
        .unwrap();
    }
    out.push_str(COMPLAIN);
    Ok(())
}
