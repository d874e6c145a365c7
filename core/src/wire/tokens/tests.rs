//! Tests of the scan: against the grammar, and against `serde_json`.

use proptest::prelude::*;

use super::*;

fn passes_over(text: &str) -> bool {
    let mut tokens = Tokens::new(text);
    tokens.skip().and_then(|()| tokens.finish()).is_ok()
}

#[track_caller]
fn agrees(text: &str) {
    assert_eq!(passes_over(text), serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(), "{text:?}");
}

#[test]
fn accepts_what_the_grammar_accepts_and_nothing_else() {
    let values = [
        "null",
        "true",
        "false",
        "nul",
        "tru",
        "falsey",
        "",
        " ",
        "-",
        "-1",
        "0",
        "01",
        "1.",
        "1.5",
        ".5",
        "1e",
        "1e5",
        "1E+5",
        "1e-",
        "-0.0e-0",
        "+1",
        "NaN",
        "\"\"",
        "\"",
        "\"a",
        "\"\\",
        "\"\\\"",
        "\"\\u00e4\"",
        "\"\\u00g4\"",
        "\"\\u00\"",
        "\"\\x\"",
        "\"a\nb\"",
        "\"ä\u{7f}\"",
        "[]",
        "[ ]",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[1 2]",
        "[,1]",
        "{}",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" : [ {} , null ] }",
        "1 2",
        "<html>",
    ];
    values.iter().for_each(|text| agrees(text));
    for length in 0..40 {
        let plain = "x".repeat(length);
        for text in
            [format!("\"{plain}\""), format!("\"{plain}\\\"{plain}\""), format!("\"{plain}\u{1}{plain}\""), format!("\"{plain}")]
        {
            agrees(&text);
        }
    }
}

#[test]
fn values_that_are_passed_over_are_not_nested_without_end() {
    assert!(passes_over(&format!("{}{}", "[".repeat(DEEPEST - 1), "]".repeat(DEEPEST - 1))));
    assert!(!passes_over(&"[".repeat(1_000_000)));
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((any::<String>(), inner), 0..6).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_a_parser_on_whole_and_on_spoiled_texts(value in value(), pretty in any::<bool>(), at in any::<prop::sample::Index>(), byte in 0_u8..128) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        prop_assert!(passes_over(&text));
        let mut bytes = text.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(spoiled) = String::from_utf8(bytes) {
            agrees(&spoiled);
        }
        if text.is_char_boundary(at) {
            agrees(&text[..at]);
        }
    }

    #[test]
    fn sixteen_bytes_are_searched_as_one_by_one(chunk in any::<[u8; 16]>(), ordinary in any::<bool>()) {
        let chunk = chunk.map(|byte| if ordinary { byte | 0x60 } else { byte });
        prop_assert_eq!(special_among(chunk), chunk.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)));
    }

    #[test]
    fn whole_numbers_are_read_as_they_stand(number in any::<i64>(), behind in "[,} .eE]?") {
        let text = format!("{number}{behind}");
        let mut tokens = Tokens::new(&text);
        let read = tokens.integer();
        prop_assert!(read.is_none_or(|read| text[..tokens.position()].parse() == Ok(read)));
        prop_assert_eq!(read.is_some(), number.unsigned_abs() < 10_u64.pow(18) && matches!(behind.as_str(), "" | "," | "}" | " "));
    }

    #[test]
    fn strings_come_out_as_they_went_in(text in any::<String>()) {
        let quoted = serde_json::to_string(&text).unwrap();
        let mut tokens = Tokens::new(&quoted);
        let read = match tokens.string().unwrap() {
            Quoted::Plain(range) => tokens.part(range).to_owned(),
            Quoted::Escaped(range) => tokens.unescaped(range).unwrap(),
        };
        prop_assert_eq!(&read, &text);
        prop_assert!(tokens.finish().is_ok());
        prop_assert_eq!(needs_no_escape(&text), quoted == format!("\"{text}\""));
    }
}
