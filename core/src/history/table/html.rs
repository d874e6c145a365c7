//! The text of a line that is written in HTML.
//!
//! Source: `docs/protocol/engagement-history-api.md`, "`transcript.lines[]`". Lines hold the few elements of a chat window's
//! editor, not pages: what is not understood stays as it was sent.

use std::borrow::Cow;

/// Elements that begin a row of their own.
const BLOCKS: [&str; 8] = ["br", "p", "div", "li", "ul", "ol", "tr", "table"];

/// What there is to read: without tags, entities as their characters, a row for each block. Blanks stay as they are.
pub(super) fn readable(html: &str) -> Cow<'_, str> {
    if !html.contains(['<', '&']) {
        return html.into();
    }
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = match rest.starts_with('<') {
            true => element(rest, &mut text),
            false => entity(rest, &mut text),
        };
    }
    text.push_str(rest);
    text.trim_end_matches('\n').to_owned().into()
}

/// Passes over a tag or a comment. A sign that begins neither stands for itself.
fn element<'h>(html: &'h str, text: &mut String) -> &'h str {
    let is_comment = html.starts_with("<!--");
    let is_tag = html[1..].starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '/' || sign == '!');
    let end = if is_comment { html.find("-->").map(|at| at + 3) } else { html.find('>').map(|at| at + 1) };
    let Some(end) = end.filter(|_| is_tag) else {
        text.push('<');
        return &html[1..];
    };
    let name = html[1..end].trim_start_matches('/');
    let name = name.split(|sign: char| !sign.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
    let begins_row = BLOCKS.contains(&name.as_str()) && !text.is_empty();
    // A block inside another one begins one row, breaks begin one each.
    if begins_row && (name == "br" || !text.ends_with('\n')) {
        text.push('\n');
    }
    &html[end..]
}

/// Writes the character that an entity stands for; what is none stays as it is.
fn entity<'h>(html: &'h str, text: &mut String) -> &'h str {
    let end = html.bytes().take(12).position(|byte| byte == b';');
    let found = end.and_then(|end| Some((character(&html[1..end])?, end + 1)));
    let (character, end) = found.unwrap_or(('&', 1));
    text.push(character);
    &html[end..]
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let number = hexadecimal.map_or_else(|| number.parse().ok(), |number| u32::from_str_radix(number, 16).ok());
        return number.and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn tags_go_and_entities_become_characters() {
        let cases = [
            ("plain", "plain"),
            ("<b>bold</b> and <a href=\"x?a=1&amp;b=2\">link</a>", "bold and link"),
            ("<div dir=\"ltr\">one</div><div>two</div>", "one\ntwo"),
            ("one<br/><br>two<BR>", "one\n\ntwo"),
            ("<p>one</p><p>two</p>", "one\ntwo"),
            ("5 &lt; 6 &amp;&amp; &#39;x&#x27; &quot;&nbsp;&apos;", "5 < 6 && 'x' \" '"),
            ("AT&T, &unknown; &#1114112; &", "AT&T, &unknown; &#1114112; &"),
            ("1 < 2 <3 a <", "1 < 2 <3 a <"),
            ("a<!-- <b> -->b", "ab"),
            ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
            ("ünï&é;<i>ç", "ünï&é;ç"),
        ];
        for (html, text) in cases {
            assert_eq!(readable(html), text, "{html}");
        }
    }
}
