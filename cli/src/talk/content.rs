//! Structured content as text: what a person needs to know who cannot click.

use serde_json::Value;

/// The elements one below the other; none where this is no structured content.
pub fn content_to_plain(json: &str) -> Option<String> {
    let tree: Value = serde_json::from_str(json).ok()?;
    let mut rows = Vec::new();
    element(&tree, &mut rows);
    (!rows.is_empty()).then(|| rows.join("\n"))
}

fn text<'a>(of: &'a Value, member: &str) -> Option<&'a str> {
    of[member].as_str().filter(|text| !text.trim().is_empty())
}

fn list<'a>(of: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    of[member].as_array().into_iter().flatten()
}

fn element(element_of: &Value, rows: &mut Vec<String>) {
    let named = |name: &str, details: &[&str]| {
        let details = details.iter().filter_map(|member| text(element_of, member)).collect::<Vec<_>>().join(" ");
        format!("[{name}: {details}]")
    };
    match element_of["type"].as_str().unwrap_or_default() {
        "text" => rows.extend(text(element_of, "text").map(str::to_owned)),
        "button" => rows.push(button(element_of)),
        "image" => rows.push(named("picture", &["title", "caption", "url"])),
        "linkPreview" => rows.push(named("link", &["title", "url"])),
        "map" => rows.push(format!("[map: {}, {}]", element_of["la"], element_of["lo"])),
        "template" => {
            rows.extend(text(element_of, "title").map(str::to_owned));
            let replies: Vec<String> =
                list(element_of, "resp").filter_map(Value::as_str).map(|reply| format!("[{reply}]")).collect();
            rows.push(replies.join(" "));
        }
        "horizontal" => {
            let mut side_by_side = Vec::new();
            list(element_of, "elements").for_each(|inner| element(inner, &mut side_by_side));
            rows.push(side_by_side.join("  "));
        }
        // Vertical, carousel, lists, and whatever else has elements.
        _ => list(element_of, "elements").for_each(|inner| element(inner, rows)),
    }
}

/// `[Refund]`; with what a click says or opens, where that is something else.
fn button(element_of: &Value) -> String {
    let label = text(element_of, "title").unwrap_or("button");
    let action = |action: &Value| match action["type"].as_str()? {
        "publishText" => text(action, "text").filter(|said| *said != label).map(|said| format!("says {said:?}")),
        "link" => text(action, "uri").map(|address| format!("opens {address}")),
        "navigate" => Some(format!("shows {}, {}", action["la"], action["lo"])),
        _ => None,
    };
    let actions: Vec<String> = list(&element_of["click"], "actions").filter_map(action).collect();
    if actions.is_empty() { format!("[{label}]") } else { format!("[{label}] ({})", actions.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_say_what_they_do() {
        let json = r#"{"type":"vertical","elements":[
            {"type":"text","text":"How can I help?"},
            {"type":"horizontal","elements":[
                {"type":"button","title":"Refund","click":{"actions":[{"type":"publishText","text":"I want a refund"}]}},
                {"type":"button","title":"Shop","click":{"actions":[{"type":"link","uri":"https://shop.example"}]}}]},
            {"type":"button","title":"Yes","click":{"actions":[{"type":"publishText","text":"Yes"}]}},
            {"type":"image","url":"https://shop.example/a.png","caption":"A box"},
            {"type":"template","template":"quickReply","title":"Again?","resp":["Yes","No"]},
            {"type":"map","la":52.1,"lo":13.2}]}"#;
        let expected = "How can I help?\n[Refund] (says \"I want a refund\")  [Shop] (opens https://shop.example)\n[Yes]\n\
            [picture: A box https://shop.example/a.png]\nAgain?\n[Yes] [No]\n[map: 52.1, 13.2]";
        assert_eq!(content_to_plain(json).as_deref(), Some(expected));
        assert_eq!(content_to_plain("{}"), None);
        assert_eq!(content_to_plain("no JSON"), None);
    }
}
