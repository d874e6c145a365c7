//! What users see of UniFFI's Kotlin: models, objects and errors. What carries the calls becomes internal, and types
//! have their own names.

use anyhow::{Result, ensure};

use super::adjust::{lost, remove_passages, replace, tidy};
use crate::interface::Interface;

/// Declarations at the top level that are no business of users.
const MACHINERY: [&str; 10] = [
    "public object FfiConverter",
    "public interface FfiConverter",
    "public typealias FfiConverter",
    "public fun uniffiEnsureInitialized",
    "open class RustBuffer",
    "class InternalException",
    "interface UniffiRustCallStatusErrorHandler",
    "object UniffiNullRustCallStatusErrorHandler",
    "interface UniffiCleaner",
    "object UniffiWithHandle",
];

/// Members of every object that are none either.
const MEMBERS: [(&str, &str); 6] = [
    ("    override fun destroy()", "    internal fun destroy()"),
    ("    val uniffiIsDestroyed", "    internal val uniffiIsDestroyed"),
    ("    fun uniffiCloneHandle()", "    internal fun uniffiCloneHandle()"),
    ("    protected val handle", "    internal val handle"),
    ("    protected val cleanable", "    internal val cleanable"),
    ("    constructor(withHandle: ", "    internal constructor(withHandle: "),
];

pub fn narrow(text: &mut String, interface: &Interface) -> Result<()> {
    for head in MACHINERY {
        let hidden = format!("\ninternal {}", head.trim_start_matches("public "));
        replace(text, "machinery is internal", &format!("\n{head}"), &hidden)?;
    }
    for (from, to) in MEMBERS {
        replace(text, "members of the machinery are internal", from, to)?;
    }
    for object in &interface.objects {
        let head = format!("open class {}: Disposable, AutoCloseable", object.name);
        replace(text, "objects are closed, not destroyed", &head, &format!("open class {}: AutoCloseable", object.name))?;
    }
    let what = "Kotlin's own `use` is enough";
    remove_passages(text, what, "/** @suppress */\ninline fun <T : Disposable?, R> T.use", "\n    }\n")?;
    remove_passages(text, what, "// Interface implemented by anything that can contain an object reference.\n", "\n    }\n}\n")?;
    replace(
        text,
        "the errors' reader is internal",
        "    companion object ErrorHandler : UniffiRustCallStatusErrorHandler",
        "    internal companion object ErrorHandler : UniffiRustCallStatusErrorHandler",
    )?;
    *text = own_names(text)?;
    replace(text, "annotations have their line", "::class)override fun", "::class)\n    override fun")?;
    replace(text, "commas end lines", "\n    ,\n", ",\n")?;
    *text = tidy(text);
    Ok(())
}

/// UniFFI writes a custom type as an alias; here it is the type itself.
fn own_names(text: &str) -> Result<String> {
    let alias = |line: &'_ str| -> Option<(String, String)> {
        let (name, ty) = line.strip_prefix("public typealias ")?.split_once(" = ")?;
        Some((name.to_owned(), ty.to_owned()))
    };
    let aliases: Vec<(String, String)> = text.lines().filter_map(alias).collect();
    ensure!(!aliases.is_empty(), "{}", lost("custom types", "public typealias"));
    let mut out = String::with_capacity(text.len());
    for line in text.lines().filter(|line| alias(line).is_none()) {
        let mut line = line.to_owned();
        if !line.trim_start().starts_with(['*', '/']) {
            for (name, ty) in &aliases {
                line = with_type(&line, name, ty);
            }
        }
        out.push_str(&line);
        out.push('\n');
    }
    for (name, _) in &aliases {
        let left = out.lines().find(|line| line.contains(&format!("lpchat.{name}")));
        ensure!(left.is_none(), "the alias {name} is still used: {left:?}");
    }
    Ok(out)
}

/// `line` with `ty` where the type `name` stands.
fn with_type(line: &str, name: &str, ty: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(name) {
        let before = rest[..at].strip_suffix("lpchat.").unwrap_or(&rest[..at]);
        let behind = &rest[at + name.len()..];
        let is_type = before.ends_with([' ', '<', '('])
            && !behind.starts_with(|next: char| next.is_alphanumeric() || ":('\"_".contains(next));
        out.push_str(if is_type { before } else { &rest[..at] });
        out.push_str(if is_type { ty } else { name });
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_become_types() {
        let text = "public typealias Text = kotlin.String\nval `text`: lpchat.Text,\nfun x(): List<Text>?\nval y: Text? = TextType.Text()\n * Text of digits\nobject Text : X()\n";
        let expected = "val `text`: kotlin.String,\nfun x(): List<kotlin.String>?\nval y: kotlin.String? = TextType.Text()\n * Text of digits\n";
        assert!(own_names(text).unwrap().starts_with(expected), "{}", own_names(text).unwrap());
        assert!(own_names("no alias").is_err());
    }
}
