//! Surveys: docs/protocol/visitor-chat-api.md, "Surveys".

use serde_json::{Map, Value, json};

use super::on_chat;
use crate::chat::documents;
use crate::http::reply::Reply;
use crate::routes::Call;
use crate::switches::Switch;
use crate::world::World;

/// Reads an answer document: question id and answers. None when it is none.
pub fn answers(survey: &Value) -> Option<Vec<(String, Vec<String>)>> {
    let survey = survey.as_object()?;
    let Some(questions) = survey.get("question") else { return Some(Vec::new()) };
    let one = std::slice::from_ref(questions);
    questions.as_array().map_or(one, Vec::as_slice).iter().map(answer).collect()
}

fn answer(question: &Value) -> Option<(String, Vec<String>)> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let given = question.get("answer").or_else(|| question.get("value"))?;
    let one = std::slice::from_ref(given);
    let values: Option<Vec<String>> = given.as_array().map_or(one, Vec::as_slice).iter().map(scalar).collect();
    Some((scalar(question.get("id")?)?, values?))
}

/// A survey as the samples show it: pre-chat and offline with strings throughout, exit with types.
fn document(world: &World, id: Value, header: &str, questions: Vec<Value>) -> Reply {
    if world.switches.is(Switch::Surveys, "none") {
        return Reply::json(200, &json!({}));
    }
    let mut container = Map::new();
    documents::put_list(&mut container, "question", documents::list(&world.switches, questions));
    let mut survey = json!({"id": id, "title": "", "header": header, "questions": container});
    let retyped: Option<fn(&Value) -> Option<Value>> = match world.switches.text(Switch::SurveyScalars) {
        "text" => Some(as_text),
        "typed" => Some(typed),
        _ => None,
    };
    if let Some(retyped) = retyped {
        retype(&mut survey, retyped);
    }
    Reply::json(200, &json!({ "survey": survey }))
}

/// Members whose types differ from page to page.
const RETYPED: [&str; 6] = ["id", "order", "logicId", "showLogicId", "mandatory", "checked"];

fn retype(value: &mut Value, into: fn(&Value) -> Option<Value>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match into(member).filter(|_| RETYPED.contains(&name.as_str())) {
                    Some(other) => *member = other,
                    None => retype(member, into),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| retype(item, into)),
        _ => {}
    }
}

fn as_text(value: &Value) -> Option<Value> {
    (value.is_number() || value.is_boolean()).then(|| json!(value.to_string()))
}

fn typed(value: &Value) -> Option<Value> {
    let text = value.as_str()?;
    text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<bool>().map(Value::from)).ok()
}

pub fn pre_chat(world: &mut World, _: &Call) -> Reply {
    let questions = vec![
        json!({
            "mandatory": "true", "validationType": "alpha_numeric", "order": "0", "logicId": "4", "id": "12786273",
            "type": "Dropdown Box", "label": "With whom would you like to chat?",
            "entry": [
                {"checked": "false", "value": "CATS", "logic": {"showLogicId": "5"}},
                {"checked": "false", "value": "DOGS"},
            ],
        }),
        json!({
            "mandatory": "true", "validationType": "alpha_numeric", "order": "1", "logicId": "5", "id": "16314710",
            "type": "Text Field", "label": "What is your name?", "lastKnownValue": "John",
        }),
    ];
    let header = "To help us serve you better, please provide some information before we begin your chat.";
    document(world, json!("40216"), header, questions)
}

pub fn offline(world: &mut World, _: &Call) -> Reply {
    let question = json!({
        "mandatory": "false", "order": "0", "validationType": "alpha_numeric", "logicId": "6", "id": "13387460",
        "type": "Text Area", "label": "What do you want? :", "lastKnownValue": "",
    });
    document(world, json!("40290"), "Send A Message", vec![question])
}

pub fn exit(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, _| {
        let choices =
            [("yes", "Yes"), ("no", "No")].map(|(value, text)| json!({"checked": false, "value": value, "displayValue": text}));
        let questions = vec![
            json!({
                "type": "Radio Button", "validationType": "alpha_numeric", "id": 4_991_315, "logicId": 1, "order": 0,
                "mandatory": false, "label": "Would you like us to email you a transcript of this chat?",
                "entry": choices,
            }),
            json!({
                "type": "Text Field", "validationType": "email", "id": 4_991_311, "logicId": 2, "order": 1,
                "mandatory": false, "label": "If yes, please provide your email:", "lastKnownValue": "",
            }),
        ];
        document(world, json!(361_348), "", questions)
    })
}

/// The answers of a submission, or the refusal of a body that holds none.
pub fn submitted(world: &World, call: &Call) -> Result<Vec<(String, Vec<String>)>, Reply> {
    let body = call.request.json();
    let answers = body.as_ref().and_then(|body| body.get("survey")).and_then(answers);
    answers.ok_or_else(|| Reply::error(400, 5, "The body is not an answer document", world.now))
}

/// Context fields stand inside `survey` or beside it; the journal shows what arrived.
pub fn submit_offline(world: &mut World, call: &Call) -> Reply {
    submitted(world, call).map_or_else(|refusal| refusal, |_| Reply::empty(200))
}

pub fn submit_exit(world: &mut World, call: &Call) -> Reply {
    on_chat(world, call, |world, chat| match submitted(world, call) {
        Ok(answers) => {
            world.chats[chat].exit_answers = answers;
            Reply::empty(200)
        }
        Err(refusal) => refusal,
    })
}
