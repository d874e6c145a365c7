//! Doc comments in the words of the language they stand in.

use std::collections::BTreeMap;

use super::camel;
use crate::interface::Interface;

/// The names of the interface that a language in camel case writes in another way than the core.
pub struct Names(BTreeMap<String, String>);

impl Names {
    pub fn camel(interface: &Interface) -> Self {
        let fields = interface.records.iter().flat_map(|record| &record.fields).map(|field| &field.name);
        let methods = interface.objects.iter().flat_map(|object| &object.methods);
        let parameters = methods.clone().flat_map(|method| &method.parameters).map(|field| &field.name);
        let names = fields.chain(parameters).chain(methods.map(|method| &method.name));
        Self(names.filter(|name| name.contains('_')).map(|name| (name.clone(), camel(name))).collect())
    }

    /// For a language that writes the core's names as they are.
    pub fn unchanged() -> Self {
        Self(BTreeMap::new())
    }

    /// A doc comment with names between backticks as the language writes them, and without the paragraph that says on
    /// which page of the project's own wire reference a statement rests.
    pub fn translate(&self, docs: &str) -> String {
        let paragraphs = docs.split("\n\n").filter(|paragraph| !paragraph.starts_with("Source: "));
        let docs = paragraphs.collect::<Vec<_>>().join("\n\n");
        let part = |(index, part): (usize, &str)| {
            if index % 2 == 0 {
                return part.to_owned();
            }
            let names = part.split('.').map(|name| self.0.get(name).map_or(name, String::as_str));
            names.collect::<Vec<_>>().join(".")
        };
        docs.split('`').enumerate().map(part).collect::<Vec<_>>().join("`")
    }

    /// A block comment of Kotlin or Swift, in lines that want indenting.
    pub fn block(&self, docs: &str) -> String {
        let docs = self.translate(docs).replace("*/", "*\u{200b}/");
        match docs.lines().collect::<Vec<_>>()[..] {
            [] => String::new(),
            [line] => format!("/** {line} */\n"),
            _ => {
                let body: String = docs.lines().map(|line| format!(" * {line}").trim_end().to_owned() + "\n").collect();
                format!("/**\n{body} */\n")
            }
        }
    }

    /// Translates every block comment in `text`.
    pub fn rewrite_blocks(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line.trim() != "/**" {
                out.push_str(line);
                out.push('\n');
                continue;
            }
            let indent = &line[..line.len() - line.trim_start().len()];
            let mut docs = Vec::new();
            let mut behind = "";
            for line in lines.by_ref() {
                if let Some((last, rest)) = line.split_once("*/") {
                    docs.push(content(last).trim_end_matches(['*', ' ']));
                    behind = rest;
                    break;
                }
                docs.push(content(line));
            }
            out.push_str(&indented(&self.block(docs.join("\n").trim()), indent));
            // UniFFI forgets the line break in front of some declarations.
            if !behind.is_empty() {
                out.push_str(&format!("{indent}{behind}\n"));
            }
        }
        out
    }
}

/// What stands behind the asterisk of a line in a block comment.
fn content(line: &str) -> &str {
    let line = line.trim_start().strip_prefix('*').unwrap_or(line);
    line.strip_prefix(' ').unwrap_or(line).trim_end()
}

/// Every line that is not empty, behind `indent`.
pub fn indented(text: &str, indent: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{indent}{line}\n") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_speak_the_languages_names() {
        let names = Names([("from_id".to_owned(), "fromId".to_owned())].into());
        let text = "    /**\n     * See `X.from_id`, from_id.\n     *\n     * Source: `docs/protocol`,\n     * \"Events\".\n     */\n    fun x()\n";
        assert_eq!(names.rewrite_blocks(text), "    /** See `X.fromId`, from_id. */\n    fun x()\n");
        let text = "/**\n * One.\n *\n * * `from_id`: two\n */\n";
        assert_eq!(names.rewrite_blocks("  /**\n   * One.\n   * */fun x()\n"), "  /** One. */\n  fun x()\n");
        assert_eq!(names.rewrite_blocks(text), "/**\n * One.\n *\n * * `fromId`: two\n */\n");
    }
}
