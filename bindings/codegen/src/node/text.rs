//! TypeScript source: names, comments, templates.

use std::collections::BTreeMap;

use heck::ToShoutySnakeCase as _;

use crate::interface::Interface;

/// `chat_start_url` → `chatStartUrl`, as `lpchat::wire` names the members of what it presents.
pub fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for character in name.chars() {
        match (character, upper) {
            ('_', _) => upper = true,
            (character, true) => {
                out.extend(character.to_uppercase());
                upper = false;
            }
            (character, false) => out.push(character),
        }
    }
    out
}

/// The names of the interface that TypeScript writes in another way.
pub struct Names(BTreeMap<String, String>);

impl Names {
    pub fn of(interface: &Interface) -> Self {
        let fields = interface.records.iter().flat_map(|record| &record.fields).map(|field| &field.name);
        let methods = interface.objects.iter().flat_map(|object| &object.methods);
        let parameters = methods.clone().flat_map(|method| &method.parameters).map(|field| &field.name);
        let methods = methods.map(|method| &method.name);
        let snake = fields.chain(parameters).chain(methods).filter(|name| name.contains('_'));
        let codes = lpchat::Code::ALL.iter().map(|code| (code.name().to_owned(), code_text(*code)));
        Self(snake.map(|name| (name.clone(), camel(name))).chain(codes).collect())
    }

    /// A doc comment; names of the interface between backticks are written as TypeScript writes them.
    ///
    /// It leaves out on which page of the project's own wire reference a statement rests.
    pub fn comment(&self, docs: &str) -> String {
        let paragraphs = docs.split("\n\n").filter(|paragraph| !paragraph.starts_with("Source: "));
        let docs = paragraphs.collect::<Vec<_>>().join("\n\n");
        let docs = self.translate(&docs).replace("*/", "*\\/");
        let lines: Vec<&str> = docs.lines().collect();
        match lines[..] {
            [] => String::new(),
            [line] => format!("/** {line} */"),
            _ => {
                let body: String =
                    lines.iter().map(|line| format!(" *{}{line}\n", if line.is_empty() { "" } else { " " })).collect();
                format!("/**\n{body} */")
            }
        }
    }

    fn translate(&self, docs: &str) -> String {
        let part = |(index, part): (usize, &str)| {
            if index % 2 == 0 {
                return part.to_owned();
            }
            let names = part.split('.').map(|name| self.0.get(name).map_or(name, String::as_str));
            names.collect::<Vec<_>>().join(".")
        };
        docs.split('`').enumerate().map(part).collect::<Vec<_>>().join("`")
    }
}

/// The text of a code: the value of an error's `code`.
pub fn code_text(code: lpchat::Code) -> String {
    format!("LPCHAT_{}", code.name().to_shouty_snake_case())
}

/// What the doc comment of a method says about a parameter in its list: "* `from_id`: id of the first event".
pub fn about_parameter(docs: &str, name: &str) -> String {
    let start = format!("* `{name}`: ");
    let mut lines = docs.lines().skip_while(|line| !line.starts_with(&start));
    let Some(first) = lines.next() else { return String::new() };
    let mut out = first[start.len()..].to_owned();
    for line in lines.take_while(|line| line.starts_with("  ")) {
        out.push(' ');
        out.push_str(line.trim());
    }
    out
}

/// Fills a template whose places are written `$NAME$`. The template may be indented as the code around it; a place that
/// is alone on its line takes a block of lines, and vanishes with its line where the block is empty.
pub fn render(template: &str, values: &[(&str, &str)]) -> String {
    let lines = template.trim_start_matches('\n').trim_end();
    let margin = lines.lines().filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or_default();
    let mut out = String::new();
    for line in lines.lines() {
        let line = line.get(margin..).unwrap_or_default();
        let place = line.trim().strip_prefix('$').and_then(|rest| rest.strip_suffix('$')).filter(|name| !name.contains('$'));
        match place {
            Some(name) => {
                let indent = " ".repeat(indentation(line));
                for line in value(values, name).lines() {
                    out.push_str(if line.is_empty() { "" } else { &indent });
                    out.push_str(line);
                    out.push('\n');
                }
            }
            None => {
                for (index, part) in line.split('$').enumerate() {
                    out.push_str(if index % 2 == 0 { part } else { value(values, part) });
                }
                out.push('\n');
            }
        }
    }
    out
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn value<'a>(values: &[(&str, &'a str)], name: &str) -> &'a str {
    values.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("the template has ${name}$, without a value")).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_take_the_indentation_of_their_place() {
        let template = "
            class $name$ {
              $members$
              $nothing$
            }
        ";
        let out = render(template, &[("name", "A"), ("members", "a;\n\nb;"), ("nothing", "")]);
        assert_eq!(out, "class A {\n  a;\n\n  b;\n}\n");
    }

    #[test]
    fn comments_speak_camel_case() {
        let names = Names(["from_id", "add_line"].map(|name| (name.to_owned(), camel(name))).into());
        let comment = names.comment("See `VisitorChat.add_line`, `from_id` and `LPCHAT_X`.\n\nSource: somewhere.");
        assert_eq!(comment, "/** See `VisitorChat.addLine`, `fromId` and `LPCHAT_X`. */");
        assert_eq!(about_parameter("Reads.\n\n* `from_id`: the first\n  one.\n\nMore.", "from_id"), "the first one.");
    }
}
