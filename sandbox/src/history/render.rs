//! What of a record is shown, and in which shape: docs/protocol/engagement-history-api.md, "Visibility over time",
//! "Three dialects", "Knobs worth having".

use serde_json::{Map, Value, json};

use super::row::scalar_text;
use super::store::Stored;
use crate::random::Random;
use crate::switches::{Switch, Switches};

/// Everything that decides how a record looks.
#[derive(Debug)]
pub struct Style<'a> {
    pub switches: &'a Switches,
    pub seed: u64,
    /// Of chats that ended later, the final data is not merged yet.
    pub enriched_by: i64,
    /// A look-up by engagement id gives records whole.
    pub by_engagement: bool,
}

impl Style<'_> {
    /// The record's text. It is taken apart only when something about it has to change.
    pub fn text(&self, stored: Stored) -> String {
        let enriched = stored.end <= self.enriched_by;
        let limit = self.switches.number(Switch::IsPartialBytes);
        let cut = limit > 0 && !self.by_engagement && stored.text.len() as i64 > limit;
        let odd = self.switches.is_on(Switch::Oddities);
        let dialect = self.switches.text(Switch::Dialect);
        if enriched && !cut && !odd && dialect == "2018" {
            return stored.text;
        }
        let Ok(mut record) = serde_json::from_str::<Value>(&stored.text) else { return stored.text };
        let mut random = Random::new(self.seed, "shape", stored.start as u64 ^ stored.end as u64);
        let dialect = if dialect == "mixed" { random.pick(&["2015", "2017", "2018"]) } else { dialect };
        if !enriched {
            strip_late_data(&mut record);
        }
        if cut {
            cut_transcript(&mut record);
        }
        match dialect {
            "2015" => to_2015(&mut record),
            "2017" => to_2017(&mut record),
            _ => {}
        }
        if odd {
            add_oddities(&mut record, &mut random);
        }
        record.to_string()
    }
}

fn remove(value: Option<&mut Value>, names: &[&str]) {
    if let Some(map) = value.and_then(Value::as_object_mut) {
        for name in names {
            map.remove(*name);
        }
    }
}

fn rename(map: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = map.remove(from) {
        map.insert(to.to_owned(), value);
    }
}

fn each(record: &mut Value, pointer: &str, change: impl FnMut(&mut Value)) {
    if let Some(list) = record.pointer_mut(pointer).and_then(Value::as_array_mut) {
        list.iter_mut().for_each(change);
    }
}

/// Attributes, predictions and the surveys answered after the chat come late.
fn strip_late_data(record: &mut Value) {
    remove(Some(record), &["sdes", "predictions"]);
    remove(record.get_mut("surveys"), &["postChat", "operator"]);
    if record["surveys"].as_object().is_some_and(Map::is_empty) {
        remove(Some(record), &["surveys"]);
    }
    if let Some(info) = record.get_mut("info").and_then(Value::as_object_mut) {
        for name in ["chatDataEnriched", "isPostChatSurvey", "isAgentSurvey"] {
            info.insert(name.to_owned(), json!(false));
        }
    }
}

fn cut_transcript(record: &mut Value) {
    if let Some(lines) = record.pointer_mut("/transcript/lines").and_then(Value::as_array_mut) {
        lines.truncate(lines.len().div_ceil(2));
    }
    if let Some(info) = record.get_mut("info") {
        info["isPartial"] = json!(true);
    }
}

const NOT_IN_2015: [&str; 14] = [
    "agentFullName",
    "sharkEngagementId",
    "isPreChatSurvey",
    "isPostChatSurvey",
    "isAgentSurvey",
    "chatRequestedTime",
    "chatRequestedTimeL",
    "chatStartUrl",
    "chatStartPage",
    "isPartial",
    "interactive",
    "chatMCS",
    "alertedMCS",
    "agentDeleted",
];

const SYSTEM_DEFAULTS: [&str; 2] = ["profileSystemDefault", "behaviorSystemDefault"];

fn to_2015(record: &mut Value) {
    remove(record.get_mut("info"), &NOT_IN_2015);
    if let Some(info) = record.get_mut("info").and_then(Value::as_object_mut) {
        rename(info, "agentNickName", "agentName");
    }
    each(record, "/transcript/lines", |line| remove(Some(line), &["agentId"]));
    remove(record.get_mut("campaign"), &SYSTEM_DEFAULTS);
    if let Some(lob) = record.pointer_mut("/campaign/lobId") {
        *lob = json!(scalar_text(lob));
    }
    remove(record.get_mut("visitorInfo"), &["countryCode"]);
    each(record, "/sdes/events", |event| {
        remove(Some(event), &["sdeType", "serverTimeStamp", "isAuthenticated"]);
        let Some(event) = event.as_object_mut() else { return };
        rename(event, "viewedProduct", "viewProduct");
        if let Some(personal) = event.get_mut("personalInfo").and_then(Value::as_object_mut)
            && let Some(Value::Object(inner)) = personal.remove("personalInfo")
        {
            personal.extend(inner);
        }
    });
}

fn to_2017(record: &mut Value) {
    remove(Some(record), &["lineScores"]);
    remove(record.get_mut("info"), &["agentDeleted"]);
    each(record, "/transcript/lines", |line| remove(Some(line), &["lineSeq"]));
    remove(record.get_mut("campaign"), &SYSTEM_DEFAULTS);
}

/// Numbers become strings and strings of digits numbers.
fn flip(value: &mut Value) {
    *value = match &*value {
        Value::Number(number) => json!(number.to_string()),
        Value::String(text) => text.parse::<i64>().map_or_else(|_| value.clone(), |number| json!(number)),
        other => other.clone(),
    };
}

const FLIPPED: [&str; 8] =
    ["agentId", "skillId", "agentGroupId", "startReason", "duration", "channel", "engagementSequence", "chatMCS"];
const CONTAINERS: [&str; 6] = ["lineScores", "campaign", "visitorInfo", "coBrowseSessions", "surveys", "predictions"];

/// What a decoder must survive: other scalar types, null containers, unknown members, kinds and codes.
fn add_oddities(record: &mut Value, random: &mut Random) {
    let Some(map) = record.as_object_mut() else { return };
    for name in CONTAINERS {
        if !map.contains_key(name) && random.chance(500) {
            map.insert(name.to_owned(), Value::Null);
        }
    }
    map.insert("futureMember".to_owned(), json!({"nested": [1, "two", null]}));
    if let Some(info) = map.get_mut("info").and_then(Value::as_object_mut) {
        for name in FLIPPED {
            if let Some(value) = info.get_mut(name).filter(|_| random.chance(400)) {
                flip(value);
            }
        }
        info.insert("futureFlag".to_owned(), json!(true));
        if random.chance(200) {
            info.insert("endReason".to_owned(), json!("999"));
            info.insert("endReasonDesc".to_owned(), json!("A reason of the future"));
        }
    }
    if let Some(surveys) = map.get_mut("surveys").and_then(Value::as_object_mut) {
        surveys.insert("surveyStatus".to_owned(), json!("COMPLETED"));
    }
    each(record, "/transcript/lines", |line| {
        if random.chance(50) {
            remove(Some(line), &["text", "lineSeq"]);
        }
    });
    each(record, "/sdes/events", |event| {
        if random.chance(100) {
            *event = json!({"futureEvent": {"value": 1}, "sdeType": "FUTURE_EVENT", "serverTimeStamp": "0"});
        }
    });
}
