//! Adjusting text that UniFFI rendered.

use anyhow::{Context, Result, bail, ensure};

/// Replaces every `from`; fails where there is none.
pub fn replace(text: &mut String, what: &str, from: &str, to: &str) -> Result<()> {
    ensure!(text.contains(from), "{}", lost(what, from));
    *text = text.replace(from, to);
    Ok(())
}

/// Replaces the only `from` behind the only `anchor`.
pub fn replace_behind(text: &mut String, what: &str, anchor: &str, from: &str, to: &str) -> Result<()> {
    ensure!(text.matches(anchor).count() == 1, "{}", lost(what, anchor));
    let anchor_at = text.find(anchor).unwrap_or_default() + anchor.len();
    let Some(at) = text[anchor_at..].find(from) else { bail!("{}", lost(what, from)) };
    text.replace_range(anchor_at + at..anchor_at + at + from.len(), to);
    Ok(())
}

/// Removes every passage from a `start` to its `end`, both included.
pub fn remove_passages(text: &mut String, what: &str, start: &str, end: &str) -> Result<()> {
    ensure!(text.contains(start), "{}", lost(what, start));
    while let Some(from) = text.find(start) {
        let Some(length) = text[from..].find(end) else { bail!("{}", lost(what, end)) };
        text.replace_range(from..from + length + end.len(), "");
    }
    Ok(())
}

/// UniFFI writes a custom type as an alias; here it is the type itself.
pub fn own_names(text: &str) -> Result<String> {
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
        // Variants of enumerations may have the same name.
        let is_variant = before.ends_with(" object ") || before.ends_with("\" -> ");
        let is_type = before.ends_with([' ', '<', '(', '['])
            && !is_variant
            && !behind.starts_with(|next: char| next.is_alphanumeric() || ":('\"_".contains(next));
        out.push_str(if is_type { before } else { &rest[..at] });
        out.push_str(if is_type { ty } else { name });
        rest = behind;
    }
    out + rest
}

/// What a failed adjustment says.
pub fn lost(what: &str, expected: &str) -> String {
    format!("UniFFI's text has changed, so that this adjustment no longer applies ({what}): expected {expected:?}")
}

/// Where the first of the declarations begins that have such heads, its comment included: where a file can be cut.
pub fn first_declaration(text: &str, what: &str, heads: impl IntoIterator<Item = String>) -> Result<usize> {
    let begin = |head: String| {
        let at = text.find(&format!("\n{head}"))? + 1;
        let start = text[..at].rfind("\n\n")? + 2;
        // Some comments stand a line apart.
        if text[..start].ends_with("*/\n\n") { text[..start].rfind("\n/**").map(|comment| comment + 1) } else { Some(start) }
    };
    heads.into_iter().filter_map(begin).min().with_context(|| lost("the parts of the file", what))
}

/// Without blanks at the ends of lines and without runs of empty lines.
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && empty {
            continue;
        }
        empty = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out.trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adjustment_that_finds_nothing_fails() {
        let mut text = "one two one two".to_owned();
        replace(&mut text, "test", "one", "1").unwrap();
        assert_eq!(text, "1 two 1 two");
        assert!(replace(&mut text, "test", "one", "1").unwrap_err().to_string().contains("no longer applies (test)"));
        replace_behind(&mut text, "test", "1 two 1", "two", "2").unwrap();
        assert_eq!(text, "1 two 1 2");
        assert!(replace_behind(&mut text, "test", "1", "two", "2").is_err(), "the anchor stands there twice");
    }

    #[test]
    fn passages_go_with_their_ends() {
        let mut text = "a<x>b<y>c".to_owned();
        remove_passages(&mut text, "test", "<", ">").unwrap();
        assert_eq!(text, "abc");
        assert_eq!(tidy("\n\na  \n\n\n\nb\n\n"), "a\n\nb\n");
    }

    #[test]
    fn aliases_become_types() {
        let text = "public typealias Text = kotlin.String\nval `text`: lpchat.Text,\nfun x(): List<Text>?\nval y: Text? = TextType.Text()\n * Text of digits\n    data object Text : X()\n\"text\" -> Text\n";
        let expected = "val `text`: kotlin.String,\nfun x(): List<kotlin.String>?\nval y: kotlin.String? = TextType.Text()\n * Text of digits\n    data object Text : X()\n\"text\" -> Text\n";
        assert!(own_names(text).unwrap().starts_with(expected), "{}", own_names(text).unwrap());
        assert!(own_names("no alias").is_err());
    }
}
