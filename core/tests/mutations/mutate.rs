//! Damage done to a JSON document: to its text, or to its values so that it stays JSON. The same seed does the same.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// Pieces of text that have broken readers of JSON before.
const PIECES: [&str; 28] = [
    "null",
    "true",
    "\"\"",
    "{}",
    "[]",
    "0",
    "-0",
    "-1",
    "1e999",
    "-1e-999",
    "1E400",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890123456789012345678901234567890",
    "0.1e+",
    "NaN",
    "Infinity",
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "\\",
    "\"",
    "\u{0}",
    "\u{feff}",
    "\u{10ffff}",
    ",",
    "/* */",
];

/// Changes the text, which may be no JSON afterwards.
pub fn text(source: &str, random: &mut Random) -> String {
    let mut bytes = source.as_bytes().to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(40)).min(bytes.len());
        match random.below(7) {
            0 => drop(bytes.splice(at..at, random.pick(&PIECES).bytes())),
            1 => drop(bytes.splice(at..end, random.pick(&PIECES).bytes())),
            2 => drop(bytes.drain(at..end)),
            3 => bytes.truncate(at),
            4 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
            5 => {
                let open = *random.pick(b"[{\"");
                let depth = random.below(20_000);
                drop(bytes.splice(at..at, std::iter::repeat_n(open, depth)));
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
    }
    // The transport refuses what is not UTF-8; here it becomes replacement characters.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Something that the service has no reason to put anywhere.
fn odd(random: &mut Random) -> Value {
    match random.below(14) {
        0 => Value::Null,
        1 => json!(""),
        2 => json!({}),
        3 => json!([]),
        4 => json!(true),
        5 => json!(i64::MIN),
        6 => json!(u64::MAX),
        7 => json!(-1.5e300),
        8 => json!("9".repeat(random.below(60))),
        9 => json!("2026-02-30T99:99:99+99:99"),
        10 => json!("\u{0}\u{1f}\u{7f}\"\\\u{2028}\u{10ffff}"),
        11 => json!([[[[null]]]]),
        12 => json!({ "$": null, "@id": { "@id": [] }, "": "" }),
        // Past 200 levels the reader refuses a document as no JSON; `text` goes there.
        _ => {
            let mut deep = json!("bottom");
            for level in 0..random.below(100) {
                deep = if level % 2 == 0 { json!([deep]) } else { json!({ "event": deep }) };
            }
            deep
        }
    }
}

/// Changes one value somewhere in the document.
pub fn value(document: &mut Value, random: &mut Random) {
    // Goes down with some probability, so that damage happens at every depth.
    let deeper = random.below(8) > 0;
    match document {
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = random.below(items.len());
            return value(&mut items[at], random);
        }
        Value::Object(members) if deeper && !members.is_empty() => {
            let name = members.keys().nth(random.below(members.len())).unwrap().clone();
            return value(&mut members[&name], random);
        }
        _ => {}
    }
    let old = document.take();
    *document = match random.below(7) {
        0 => json!([old]),
        1 => json!([old.clone(), old, null]),
        2 => json!({ "$": old }),
        3 => json!(old.to_string()),
        4 => renamed(old, random),
        _ => odd(random),
    };
}

/// One member under another's name, or without a name.
fn renamed(old: Value, random: &mut Random) -> Value {
    let Value::Object(members) = old else { return odd(random) };
    let names: Vec<String> = members.keys().cloned().chain([String::new()]).collect();
    let mut changed = Map::new();
    for (name, member) in members {
        let name = if random.below(4) == 0 { random.pick(&names).clone() } else { name };
        changed.insert(name, member);
    }
    Value::Object(changed)
}
