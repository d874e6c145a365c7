//! Reads a script. Every error names the place, the value and the rule.

use serde_json::{Map, Value};

use super::{Pattern, Rule, Script, Step, Steps};
use crate::chat::transfer::{Remote, Target};
use crate::identity::{SKILLS, Skill, everybody, find_skill};

/// The longest pause, a day.
const LONGEST_MS: i64 = 86_400_000;

const STEP: &str = "a step is an object with one of wait, type, answer, content, transfer, transfer_account, event, end";

/// Reads the text of a script file.
pub fn script(text: &str) -> Result<Script, String> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| format!("line {}, column {}: not JSON: {}", error.line(), error.column(), reason(&error)))?;
    from_json(value)
}

/// The parser's words without the place, which is named already.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

pub fn from_json(source: Value) -> Result<Script, String> {
    let map = object(&source, "the script", &["greeting", "rules"], "a script has greeting and rules")?;
    let greeting = map.get("greeting").map_or_else(|| Ok(Steps::from([])), |greeting| steps(greeting, "greeting"))?;
    let rules = match map.get("rules") {
        None => Vec::new(),
        Some(Value::Array(list)) => {
            list.iter().enumerate().map(|(number, value)| rule(value, &format!("rules[{number}]"))).collect::<Result<_, _>>()?
        }
        Some(other) => return Err(wrong("rules", other, "a list of rules is needed")),
    };
    Ok(Script { greeting, rules, source })
}

fn wrong(place: &str, value: &Value, rule: &str) -> String {
    let shown: String = value.to_string().chars().take(80).collect();
    format!("{place} is {shown}: {rule}")
}

/// An object without members other than those known.
fn object<'v>(value: &'v Value, place: &str, known: &[&str], rule: &str) -> Result<&'v Map<String, Value>, String> {
    let map = value.as_object().ok_or_else(|| wrong(place, value, rule))?;
    match map.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("{place} has the member '{name}': {rule}")),
        None => Ok(map),
    }
}

fn rule(value: &Value, place: &str) -> Result<Rule, String> {
    let needed = "a rule has match, steps and, if it is for one skill only, skill";
    let map = object(value, place, &["match", "skill", "steps"], needed)?;
    let missing = |name: &str| format!("{place} has no member '{name}': {needed}");
    let matched = map.get("match").ok_or_else(|| missing("match"))?;
    let one = std::slice::from_ref(matched);
    let patterns = matched.as_array().map_or(one, Vec::as_slice).iter().map(|text| {
        text.as_str()
            .map(Pattern::new)
            .ok_or_else(|| wrong(&format!("{place}.match"), text, "a text or a list of texts is needed"))
    });
    let patterns: Vec<Pattern> = patterns.collect::<Result<_, _>>()?;
    if patterns.is_empty() {
        return Err(wrong(&format!("{place}.match"), matched, "at least one text is needed"));
    }
    Ok(Rule {
        patterns,
        skill: map.get("skill").map(|name| skill(name, &format!("{place}.skill"))).transpose()?,
        steps: steps(map.get("steps").ok_or_else(|| missing("steps"))?, &format!("{place}.steps"))?,
    })
}

pub fn steps(value: &Value, place: &str) -> Result<Steps, String> {
    let list = value.as_array().ok_or_else(|| wrong(place, value, "a list of steps is needed"))?;
    list.iter().enumerate().map(|(number, value)| step(value, &format!("{place}[{number}]"))).collect()
}

fn step(value: &Value, place: &str) -> Result<Step, String> {
    let map = value.as_object().ok_or_else(|| wrong(place, value, STEP))?;
    let named = map.keys().find(|name| name.as_str() != "text").ok_or_else(|| wrong(place, value, STEP))?;
    let allowed: &[&str] = if named == "content" { &["content", "text"] } else { &[named] };
    object(value, place, allowed, STEP)?;
    let beside = format!("{place}.text");
    let (member, place) = (&map[named], format!("{place}.{named}"));
    match named.as_str() {
        "wait" => milliseconds(member, &place).map(Step::Wait),
        "type" => milliseconds(member, &place).map(Step::Type),
        "answer" => text(member, &place).map(Step::Answer),
        "content" if member.is_object() => {
            let text = map.get("text").map_or_else(|| Ok("(structured content)".to_owned()), |value| text(value, &beside))?;
            Ok(Step::Content { json: member.clone(), text })
        }
        "content" => Err(wrong(&place, member, "a template of structured content, an object, is needed")),
        "transfer" => transfer(member, &place),
        "transfer_account" => remote(member, &place).map(Step::TransferAccount),
        "event" if member["@type"].is_string() => Ok(Step::Event(member.clone())),
        "event" => Err(wrong(&place, member, "an object with the text @type is needed")),
        "end" if *member == Value::Bool(true) => Ok(Step::End),
        "end" => Err(wrong(&place, member, "true is the only value")),
        _ => Err(format!("{place} is no step: {STEP}")),
    }
}

fn milliseconds(value: &Value, place: &str) -> Result<i64, String> {
    let number = value.as_i64().filter(|number| (0..=LONGEST_MS).contains(number));
    number.ok_or_else(|| wrong(place, value, &format!("milliseconds from 0 to {LONGEST_MS} are needed")))
}

fn text(value: &Value, place: &str) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| wrong(place, value, "a text is needed"))
}

/// Names and ids come as texts or as numbers.
fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn skill(value: &Value, place: &str) -> Result<Skill, String> {
    let known: Vec<&str> = SKILLS.iter().map(|skill| skill.name).collect();
    let found = name(value).and_then(|name| find_skill(&name));
    found.ok_or_else(|| wrong(place, value, &format!("the name or id of a skill is needed: {}", known.join(", "))))
}

fn transfer(value: &Value, place: &str) -> Result<Step, String> {
    let needed = "a transfer has either skill or agent, and may have text";
    let map = object(value, place, &["skill", "agent", "text"], needed)?;
    let target = match (map.get("skill"), map.get("agent")) {
        (Some(named), None) => Target::Skill(skill(named, &format!("{place}.skill"))?),
        (None, Some(named)) => {
            let wanted = name(named).unwrap_or_default();
            let agent = everybody().find(|agent| agent.login == wanted || agent.id.to_string() == wanted);
            let rule = "the login name or id of an agent is needed, such as agent2@example.com";
            Target::Agent(agent.ok_or_else(|| wrong(&format!("{place}.agent"), named, rule))?)
        }
        _ => return Err(wrong(place, value, needed)),
    };
    let note = map.get("text").map(|note| text(note, &format!("{place}.text"))).transpose()?;
    Ok(Step::Transfer { target, note })
}

/// Another account; this one again when none is named, so that a client has somewhere to go.
fn remote(value: &Value, place: &str) -> Result<Remote, String> {
    let needed = "a transfer to an account may have account, domain and skill";
    let map = object(value, place, &["account", "domain", "skill"], needed)?;
    let member = |part: &str| {
        let read = |value: &Value| name(value).ok_or_else(|| wrong(&format!("{place}.{part}"), value, "a text is needed"));
        map.get(part).map(read).transpose()
    };
    Ok(Remote { account: member("account")?, domain: member("domain")?, skill: member("skill")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        script(text).unwrap_err()
    }

    #[test]
    fn refusals_name_the_place_the_value_and_the_rule() {
        let in_step =
            |step: &str| format!(r#"{{"rules": [{{"match": "a", "steps": []}}, {{"match": "b", "steps": [{step}]}}]}}"#);
        for (text, expected) in [
            ("{\n \"rules\": [\n}", &["line 3, column 1", "not JSON"][..]),
            ("[]", &["the script is []", "greeting and rules"]),
            (r#"{"rule": []}"#, &["the member 'rule'"]),
            (r#"{"rules": {}}"#, &["rules is {}", "a list of rules"]),
            (r#"{"rules": [{"steps": []}]}"#, &["rules[0] has no member 'match'"]),
            (r#"{"rules": [{"match": "a", "steps": [], "skill": "Nonsense"}]}"#, &["rules[0].skill is \"Nonsense\"", "Billing"]),
            (r#"{"rules": [{"match": ["a", 1], "steps": []}]}"#, &["rules[0].match is 1", "list of texts"]),
            (r#"{"greeting": [{"answer": 1}]}"#, &["greeting[0].answer is 1", "a text is needed"]),
            (&in_step(r#"{"wait": "soon"}"#), &["rules[1].steps[0].wait is \"soon\"", "0 to 86400000"]),
            (&in_step(r#"{"type": -1}"#), &["rules[1].steps[0].type is -1"]),
            (&in_step(r#"{"wait": 1, "end": true}"#), &["rules[1].steps[0] has the member", "one of wait"]),
            (&in_step(r#"{"sing": true}"#), &["rules[1].steps[0].sing is no step"]),
            (&in_step(r#"{"end": false}"#), &["steps[0].end is false", "true"]),
            (&in_step(r#"{"event": {"type": "url"}}"#), &["event is {\"type\"", "@type is needed"]),
            (&in_step(r#"{"content": {}, "text": 5}"#), &["steps[0].text is 5"]),
            (&in_step(r#"{"content": "x"}"#), &["content is \"x\"", "an object"]),
            (&in_step(r#"{"transfer": {}}"#), &["transfer is {}", "either skill or agent"]),
            (&in_step(r#"{"transfer": {"agent": "nobody"}}"#), &["transfer.agent is \"nobody\"", "login name"]),
            (&in_step(r#"{"transfer_account": {"site": 1}}"#), &["the member 'site'"]),
        ] {
            let refused = refusal(text);
            assert!(expected.iter().all(|part| refused.contains(part)), "{text}\n{refused}");
        }
    }
}
