//! Words and phrases: docs/protocol/engagement-history-api.md, "Keyword and its areas".

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;

use super::row::{list, scalar_text};

/// The values of `keyword_search_area.types`, each a column of the index, with the payload keys of attribute areas.
pub const AREAS: [(&str, &[&str]); 13] = [
    ("chatLine", &[]),
    ("surveyAnswer", &[]),
    ("surveyQuestion", &[]),
    ("visitorInfo", &[]),
    ("ea.purchase", &["purchase"]),
    ("ea.viewedProduct", &["viewedProduct", "viewProduct"]),
    ("ea.cartStatus", &["cartStatus"]),
    ("ea.serviceActivity", &["serviceActivity"]),
    ("ea.visitorError", &["visitorError", "formFillingError"]),
    ("ea.lead", &["lead"]),
    ("ea.customerInfo", &["customerInfo"]),
    ("ea.marketingCampaignInfo", &["marketingCampaignInfo"]),
    ("ea.personalInfo", &["personalInfo"]),
];

/// Not an area of text: it goes with the deprecated filter of the same name.
pub const MCS_AREA: &str = "mcs";

/// Areas that are complete as soon as a record is visible at all.
pub const EARLY_AREAS: [usize; 2] = [0, 3];

/// Stands between two values and for words left out, so that no phrase spans them. No text holds it.
const BARRIER: &str = "\u{E000}";

/// The name of an area's column.
pub fn column(area: usize) -> String {
    format!("area{area}")
}

/// Words by Unicode text segmentation, in lower case.
pub fn words(text: &str) -> Vec<String> {
    text.unicode_words().map(str::to_lowercase).collect()
}

/// What is searched for: words that must all occur, or one phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    Words(Vec<String>),
    Phrase(Vec<String>),
}

pub fn sought(keyword: &str) -> Sought {
    let trimmed = keyword.trim();
    match trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(phrase) => Sought::Phrase(words(phrase)),
        None => Sought::Words(words(trimmed)),
    }
}

impl Sought {
    pub fn is_empty(&self) -> bool {
        let (Self::Words(words) | Self::Phrase(words)) = self;
        words.is_empty()
    }

    /// Whether one value holds it.
    pub fn occurs_in(&self, text: &str) -> bool {
        let present = words(text);
        match self {
            Self::Words(wanted) => wanted.iter().all(|word| present.contains(word)),
            Self::Phrase(wanted) => !wanted.is_empty() && present.windows(wanted.len()).any(|window| window == wanted.as_slice()),
        }
    }

    /// The same as a query of SQLite's full-text index, over some areas.
    pub fn to_index_query(&self, areas: &[usize]) -> String {
        let columns: Vec<String> = areas.iter().map(|area| column(*area)).collect();
        let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let expression = match self {
            Self::Words(words) => words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" AND "),
            Self::Phrase(words) => quote(&words.join(" ")),
        };
        format!("{{{}}} : ({expression})", columns.join(" "))
    }
}

/// A record's text for the index, one entry per area.
pub fn index_texts(record: &Value) -> Vec<String> {
    AREAS
        .iter()
        .map(|(area, keys)| {
            let mut values = Vec::new();
            match *area {
                "chatLine" => member_texts(list(record, "/transcript/lines"), &["text"], &mut values),
                "surveyAnswer" => member_texts(&answers(record), &["value", "values"], &mut values),
                "surveyQuestion" => member_texts(&answers(record), &["displayName"], &mut values),
                "visitorInfo" => leaves(record.get("visitorInfo").unwrap_or(&Value::Null), &mut values),
                _ => attribute_texts(record, keys, &mut values),
            }
            let numbers_hidden = area.starts_with("ea.");
            let texts: Vec<String> = values.iter().map(|value| indexable(value, numbers_hidden)).collect();
            texts.join(&format!(" {BARRIER} "))
        })
        .collect()
}

/// In attribute areas a word with four or more digits in a row cannot be found.
fn indexable(text: &str, numbers_hidden: bool) -> String {
    let words =
        words(text).into_iter().map(|word| if numbers_hidden && has_four_digits(&word) { BARRIER.to_owned() } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn has_four_digits(word: &str) -> bool {
    word.as_bytes().windows(4).any(|window| window.iter().all(u8::is_ascii_digit))
}

fn member_texts(objects: &[Value], names: &[&str], values: &mut Vec<String>) {
    for object in objects {
        for name in names {
            leaves(object.get(*name).unwrap_or(&Value::Null), values);
        }
    }
}

/// The answers of all groups; members that are no lists are skipped.
fn answers(record: &Value) -> Vec<Value> {
    let groups = record.get("surveys").and_then(Value::as_object);
    groups.into_iter().flat_map(|groups| groups.values()).filter_map(Value::as_array).flatten().cloned().collect()
}

fn attribute_texts(record: &Value, keys: &[&str], values: &mut Vec<String>) {
    for event in list(record, "/sdes/events") {
        for key in keys {
            leaves(event.get(*key).unwrap_or(&Value::Null), values);
        }
    }
}

fn leaves(value: &Value, values: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| leaves(value, values)),
        Value::Object(map) => map.values().for_each(|value| leaves(value, values)),
        scalar => values.extend(scalar_text(scalar)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_is_two_words() {
        assert_eq!(words("Visitor@Example.com, it's 5.30!"), ["visitor", "example.com", "it's", "5.30"]);
    }

    #[test]
    fn phrases_need_order_and_one_value() {
        let phrase = sought("\"thank you\"");
        assert!(phrase.occurs_in("well, THANK you all"));
        assert!(!phrase.occurs_in("you thank"));
        assert!(sought("you thank").occurs_in("thank you"));
        let texts = index_texts(&json!({"transcript": {"lines": [{"text": "thank"}, {"text": "you"}]}}));
        assert_eq!(texts[0], "thank \u{E000} you");
    }

    #[test]
    fn long_numbers_are_hidden_in_attributes_only() {
        let texts = index_texts(&json!({
            "transcript": {"lines": [{"text": "order 12345"}]},
            "sdes": {"events": [{"purchase": {"orderId": "12345", "total": "11.7", "note": "a 9999 b"}}]},
        }));
        assert_eq!(texts[0], "order 12345");
        assert!(!texts[4].contains("12345") && texts[4].contains("11.7") && !texts[4].contains("a b"));
    }
}
