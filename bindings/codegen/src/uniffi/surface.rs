//! What users see of UniFFI's Kotlin: models, objects and errors. What carries the calls becomes internal, and types
//! have their own names.

use anyhow::Result;

use super::adjust::{own_names, remove_passages, replace, tidy};
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
