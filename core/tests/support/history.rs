//! A sandbox full of history: what it truly holds, and what goes wrong with it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::random::Random;
use crate::sandbox::Sandbox;

/// 2026-06-15, the sandbox's base date.
pub const BASE: i64 = 1_781_481_600_000;

/// Engagement id, set, sequence.
pub type Key = (String, i64, i64);

pub fn key(info: &Value) -> Key {
    let number = |name: &str| info[name].as_i64().unwrap_or_else(|| info[name].as_str().unwrap().parse().unwrap());
    let id = &info["engagementId"];
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    (id, number("engagementSet"), number("engagementSequence"))
}

pub fn sandbox() -> Sandbox {
    Sandbox::start(&["--seed", "11", "--base-date", "2026-06-15", "--engagements", "5000"])
}

/// The keys of all records of a range, as the sandbox knows them, by start.
pub fn truth(sandbox: &Sandbox, start: i64, end: i64) -> BTreeMap<Key, i64> {
    let keys = sandbox.admin("GET", &format!("/admin/history/keys?from={start}&to={}", end - 1), &Value::Null);
    keys.as_array().unwrap().iter().map(|record| (key(record), record["startTimeL"].as_i64().unwrap())).collect()
}

/// A share of a hundred, often nothing.
fn share(random: &mut Random, most: usize) -> usize {
    if random.percent(50) { 0 } else { random.below(most + 1) }
}

/// Pages that are wrong in themselves. As many as `most_partial` of a hundred lack shards.
pub fn switches(random: &mut Random, most_partial: usize) -> Value {
    json!({
        "partial_percent": share(random, most_partial),
        "count_drift_percent": share(random, 20),
        "shifted_page_percent": share(random, 30),
        "late_records_percent": share(random, 15),
        "is_partial_bytes": random.pick(&[0, 0, 12_000]),
        "deep_paging_limit": random.pick(&[10_000, 40, 25]),
        "empty_page": random.pick(&["array", "absent", "204"]),
    })
}

/// Searches that fail, each in a share of the cases.
pub fn faults(random: &mut Random, actions: &[Value]) -> Value {
    let fault = |action| json!({ "route": "history.search", "ratio": share(random, 4) as f64 / 100.0, "action": action });
    actions.iter().map(fault).collect()
}
