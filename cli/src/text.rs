//! Foreign text made fit for a terminal.

use std::borrow::Cow;

use textwrap::{Options, WordSplitter, fill};

/// Characters that a terminal would obey instead of showing: control characters (escape sequences begin with one, and
/// titles, clipboards and key bindings can be set by them), and those that reorder what surrounds them.
fn obeyed(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with every character that a terminal would obey written out, such as `\u{1b}`. Line breaks stay: whoever
/// prints several lines indents them.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(obeyed) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push('\n'),
            '\t' => shown.push(' '),
            character if obeyed(character) => shown.extend(character.escape_unicode()),
            character => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// The same on one line.
pub fn visible_line(text: &str) -> String {
    visible(text).replace('\n', "\\n")
}

/// Before further rows of a line, so that none can pass for a line of its own.
pub const INDENT: &str = "    ";

/// The text in rows that end with a word, where there is one. Styles take no room, and an address is never cut.
pub fn in_rows(text: &str, width: usize) -> String {
    let options = Options::new(width).subsequent_indent(INDENT).break_words(false).word_splitter(WordSplitter::NoHyphenation);
    text.split('\n').map(|row| fill(row, &options)).collect::<Vec<_>>().join("\n")
}

/// `1 line`, `2 lines`.
pub fn counted(count: i64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A JSON document on one line, meaning the same. JSON forbids line breaks inside strings, so those outside become
/// spaces; the control characters that it allows inside strings become escapes.
pub fn json_line(json: &str) -> Cow<'_, str> {
    if !json.contains(obeyed) {
        return Cow::Borrowed(json);
    }
    let mut line = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\n' | '\r' | '\t' => line.push(' '),
            character if obeyed(character) => line.push_str(&format!("\\u{:04x}", u32::from(character))),
            character => line.push(character),
        }
    }
    Cow::Owned(line)
}

/// Elements that begin on a line of their own.
const BLOCKS: [&str; 11] = ["br", "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3"];

/// HTML as plain text: tags are dropped, blocks become lines, links keep their address, entities become characters.
pub fn html_to_plain(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut links: Vec<(String, usize)> = Vec::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        plain.push_str(&html_escape::decode_html_entities(&rest[..open]));
        rest = &rest[open..];
        let length = match Markup::read(rest) {
            Markup::Text(length) => {
                plain.push_str(&html_escape::decode_html_entities(&rest[..length]));
                length
            }
            Markup::Comment(length) => length,
            Markup::Tag(tag) => {
                tag.apply(&mut plain, &mut links);
                tag.length
            }
        };
        rest = &rest[length..];
    }
    plain.push_str(&html_escape::decode_html_entities(rest));
    plain.trim().to_owned()
}

/// What begins with a `<`, and its length.
enum Markup<'a> {
    Tag(Tag<'a>),
    Comment(usize),
    Text(usize),
}

impl<'a> Markup<'a> {
    fn read(text: &'a str) -> Self {
        if let Some(comment) = text.strip_prefix("<!--") {
            return Self::Comment(comment.find("-->").map_or(text.len(), |end| end + "<!---->".len()));
        }
        let inner = text.strip_prefix("</").unwrap_or(&text[1..]);
        if !inner.starts_with(|first: char| first.is_ascii_alphabetic() || first == '!' || first == '?') {
            return Self::Text(1);
        }
        // A tag without an end makes text of all that follows. To look for tags in there again and again would take time
        // that grows with the square of the length.
        let Some(end) = end_of_tag(inner) else { return Self::Text(text.len()) };
        let name_end = inner.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(end).min(end);
        Self::Tag(Tag {
            name: inner[..name_end].to_ascii_lowercase(),
            attributes: &inner[name_end..end],
            closing: text.starts_with("</"),
            length: text.len() - inner.len() + end + 1,
        })
    }
}

/// One tag of HTML.
struct Tag<'a> {
    name: String,
    attributes: &'a str,
    closing: bool,
    length: usize,
}

impl Tag<'_> {
    /// What the tag means in plain text. `links` holds the addresses of the open links and where their labels begin.
    fn apply(&self, plain: &mut String, links: &mut Vec<(String, usize)>) {
        if BLOCKS.contains(&self.name.as_str()) && !plain.is_empty() && !plain.ends_with('\n') {
            plain.push('\n');
        }
        if self.name == "a" && !self.closing {
            links.push((attribute(self.attributes, "href").unwrap_or_default(), plain.len()));
        } else if self.name == "a"
            && let Some((address, start)) = links.pop()
            && !address.is_empty()
            && plain.get(start..).is_some_and(|label| label.trim() != address)
        {
            plain.push_str(&format!(" ({address})"));
        }
    }
}

/// Where the tag ends: the first `>` outside quotation marks.
fn end_of_tag(inner: &str) -> Option<usize> {
    let mut quote = None;
    for (index, character) in inner.char_indices() {
        match (quote, character) {
            (None, '>') => return Some(index),
            (None, '"' | '\'') => quote = Some(character),
            (Some(mark), character) if mark == character => quote = None,
            _ => {}
        }
    }
    None
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let at = attributes.to_ascii_lowercase().find(&format!("{name}="))? + name.len() + 1;
    let value = &attributes[at..];
    let value = match value.chars().next()? {
        mark @ ('"' | '\'') => value[1..].split(mark).next()?,
        _ => value.split_ascii_whitespace().next()?,
    };
    Some(html_escape::decode_html_entities(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        assert_eq!(visible("\x1b]0;pwned\x07"), "\\u{1b}]0;pwned\\u{7}");
        assert_eq!(visible("a\u{9b}31mb\r\u{202e}\u{7f}"), "a\\u{9b}31mb\\u{d}\\u{202e}\\u{7f}");
        assert_eq!(visible("Grüße, 你好 שלום\nnext\tone"), "Grüße, 你好 שלום\nnext one");
        assert_eq!(visible_line("one\ntwo"), "one\\ntwo");
    }

    #[test]
    fn a_json_line_means_the_same() {
        let json = "{\n  \"text\": \"a\u{9b}b\u{202e}\\u001b\"\r\n}";
        let line = json_line(json);
        assert!(!line.contains(obeyed), "{line:?}");
        let (one, two): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(json).unwrap(), serde_json::from_str(&line).unwrap());
        assert_eq!(one, two);
    }

    #[test]
    fn rows_end_with_words_and_styles_take_no_room() {
        let line = "\x1b[1;36mAlex:\x1b[0m \x1b[36mone two-three https://shop.example/a/long/address\n    [Yes]\x1b[0m";
        let rows = "\x1b[1;36mAlex:\x1b[0m \x1b[36mone\n    two-three\n    https://shop.example/a/long/address\n    [Yes]\x1b[0m";
        assert_eq!(in_rows(line, 14), rows);
    }

    #[test]
    fn hostile_html_takes_no_time() {
        let html = "<a \"".repeat(250_000);
        assert_eq!(html_to_plain(&format!("{html}\"")).len(), html.len() + 1);
    }

    #[test]
    fn html_becomes_what_a_person_would_read() {
        let cases = [
            (r#"<div dir="ltr">Hello &amp; <b>welcome</b></div>"#, "Hello & welcome"),
            ("one<br/>two<BR>three", "one\ntwo\nthree"),
            ("<p>one</p><p>two</p>", "one\ntwo"),
            (r#"see <a class=x href="https://a.example/?q=1&amp;r=2">this</a>!"#, "see this (https://a.example/?q=1&r=2)!"),
            (r#"<a href='https://a.example'>https://a.example</a>"#, "https://a.example"),
            (r#"<img alt="a > b">rest"#, "rest"),
            ("1 < 2 and 3 > 2 &lt;b&gt;", "1 < 2 and 3 > 2 <b>"),
            ("<!-- <b> -->x<unfinished", "x<unfinished"),
            ("&#72;&#x69;&nbsp;&eacute;", "Hi\u{a0}é"),
            ("</a>", ""),
            ("a <b class=\"x>y &amp; z", "a <b class=\"x>y & z"),
        ];
        for (html, plain) in cases {
            assert_eq!(html_to_plain(html), plain, "{html}");
        }
    }
}
