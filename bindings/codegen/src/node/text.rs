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
        let paragraphs = docs
            .split("\n\n")
            .map(|paragraph| paragraph.split("Source: `docs/").next().unwrap_or_default().trim_end().trim_start_matches('\n'));
        let docs = paragraphs.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n");
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

/// Takes a method's doc comment apart: the text, and what its list says about each parameter, "* `from_id`: id of …".
pub fn parameter_docs(docs: &str) -> (String, Vec<(String, String)>) {
    let (mut text, mut list): (Vec<&str>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    let mut in_item = false;
    for line in docs.lines() {
        let item = line.strip_prefix("* `").and_then(|rest| rest.split_once("`: "));
        match (item, list.last_mut()) {
            (Some((name, about)), _) => {
                list.push((name.to_owned(), about[..1].to_uppercase() + &about[1..]));
                in_item = true;
            }
            // UniFFI leaves no indentation.
            (None, Some((_, about))) if in_item && !line.trim().is_empty() => {
                about.push(' ');
                about.push_str(line.trim());
            }
            _ => {
                in_item = false;
                text.push(line);
            }
        }
    }
    (text.join("\n"), list)
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
        let comment = names.comment("See `VisitorChat.add_line`, `from_id` and `LPCHAT_X`.\n\nSource: `docs/x.md`, \"There\".");
        assert_eq!(comment, "/** See `VisitorChat.addLine`, `fromId` and `LPCHAT_X`. */");
        let (text, list) = parameter_docs("Reads.\n\n* `from_id`: the first\none.\n\nMore.");
        assert_eq!((text.as_str(), &list[..]), ("Reads.\n\n\nMore.", &[("from_id".to_owned(), "The first one.".to_owned())][..]));
        assert_eq!(names.comment(&text), "/**\n * Reads.\n *\n * More.\n */");
    }
}
