//! Doc comments in the words of C and C++: the core names its own methods, objects and codes, these languages call them
//! otherwise.

use std::collections::BTreeMap;

use crate::c::names;
use crate::c::objects::{Receiver, function_name};
use crate::interface::{Field, Interface};

/// What a language calls the things that doc comments name between backticks.
pub struct Words(BTreeMap<String, String>);

impl Words {
    pub fn c(interface: &Interface) -> Self {
        let mut words = Self::codes("LPCHAT_", names::shouty);
        for object in &interface.objects {
            let receiver = Receiver::of(interface, object);
            words.0.insert(object.name.clone(), names::object(&object.name));
            for method in &object.methods {
                words.0.insert(format!("{}.{}", object.name, method.name), function_name(&receiver, method));
            }
        }
        words
    }

    pub fn cpp(interface: &Interface) -> Self {
        let mut words = Self::codes("error_code::", names::snake);
        for object in &interface.objects {
            let class = names::snake(&object.name);
            for method in &object.methods {
                words.0.insert(format!("{}.{}", object.name, method.name), format!("{class}::{}", method.name));
            }
            words.0.insert(object.name.clone(), class);
        }
        words
    }

    fn codes(prefix: &str, case: fn(&str) -> String) -> Self {
        let word = |code: &lpchat::Code| (code.name().to_owned(), format!("{prefix}{}", case(code.name())));
        Self(lpchat::Code::ALL.iter().map(word).collect())
    }

    fn translate(&self, docs: &str) -> String {
        let word = |(index, part): (usize, &str)| match self.0.get(part) {
            Some(word) if index % 2 == 1 => word.clone(),
            _ => part.to_owned(),
        };
        docs.split('`').enumerate().map(word).collect::<Vec<_>>().join("`")
    }

    fn fields(&self, fields: &mut [Field]) {
        for field in fields {
            field.docs = self.translate(&field.docs);
        }
    }

    /// The interface with its doc comments in these words.
    pub fn apply(&self, interface: &Interface) -> Interface {
        let mut interface = interface.clone();
        // What is known about an error holds the core's own names as values.
        for record in interface.records.iter_mut().filter(|record| record.name != "ErrorDetails") {
            record.docs = self.translate(&record.docs);
            self.fields(&mut record.fields);
        }
        for enumeration in &mut interface.enumerations {
            enumeration.docs = self.translate(&enumeration.docs);
            for variant in &mut enumeration.variants {
                variant.docs = self.translate(&variant.docs);
            }
        }
        for object in &mut interface.objects {
            object.docs = self.translate(&object.docs);
            for method in &mut object.methods {
                method.docs = self.translate(&method.docs);
                self.fields(&mut method.parameters);
            }
        }
        interface
    }
}

/// The lines of a doc comment, none wider than `width` but for a single word.
pub fn wrapped(docs: &str, width: usize) -> Vec<String> {
    paragraphs(docs).iter().flat_map(|lines| wrap(lines, width)).collect()
}

/// The lines of each paragraph and of each list item; an empty line stands alone.
fn paragraphs(docs: &str) -> Vec<Vec<&str>> {
    let mut paragraphs: Vec<Vec<&str>> = Vec::new();
    for line in docs.lines() {
        let goes_on = !line.is_empty() && !line.starts_with("* ");
        match paragraphs.last_mut() {
            Some(last) if goes_on && !last[0].is_empty() => last.push(line),
            _ => paragraphs.push(vec![line]),
        }
    }
    paragraphs
}

/// Breaks a paragraph anew where a line of it is too long; what belongs to a list item stays under it.
fn wrap(paragraph: &[&str], width: usize) -> Vec<String> {
    if paragraph.iter().all(|line| line.chars().count() <= width) {
        return paragraph.iter().map(|line| (*line).to_owned()).collect();
    }
    let indent = if paragraph[0].starts_with("* ") { "  " } else { "" };
    let mut lines = vec![String::new()];
    for word in paragraph.iter().flat_map(|line| line.split_whitespace()) {
        let last = lines.last_mut().expect("there is a line");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(format!("{indent}{word}"));
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_with_a_long_line_is_broken_anew() {
        let long = "word ".repeat(30);
        let found = wrapped(&format!("One.\n{long}\nTwo.\n\n* An item.\n* {long}\nshort\nlines"), 100);
        assert!(found.iter().all(|line| line.len() <= 100), "{found:?}");
        assert!(found[0].starts_with("One. word word"), "{found:?}");
        assert!(found.join("\n").contains("word Two.\n\n* An item.\n* word"), "{found:?}");
        assert!(found.last().is_some_and(|last| last.starts_with("  word") && last.ends_with("word short lines")), "{found:?}");
        assert_eq!(wrapped("a\nb", 100), ["a", "b"]);
    }

    #[test]
    fn only_words_between_backticks_are_translated() {
        let words = Words::codes("LPCHAT_", names::shouty);
        assert_eq!(words.translate("NotChatting, `NotChatting` or `it`"), "NotChatting, `LPCHAT_NOT_CHATTING` or `it`");
    }
}
