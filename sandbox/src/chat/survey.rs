//! The account's surveys and their rules: docs/protocol/visitor-chat-api.md, "Surveys".

use serde_json::{Value, json};

/// Question id and answers.
pub type Answers = [(String, Vec<String>)];

pub fn pre_chat() -> Vec<Value> {
    vec![
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
    ]
}

pub fn offline() -> Vec<Value> {
    vec![json!({
        "mandatory": "false", "order": "0", "validationType": "alpha_numeric", "logicId": "6", "id": "13387460",
        "type": "Text Area", "label": "What do you want? :", "lastKnownValue": "",
    })]
}

pub fn exit() -> Vec<Value> {
    let choices =
        [("yes", "Yes"), ("no", "No")].map(|(value, text)| json!({"checked": false, "value": value, "displayValue": text}));
    vec![
        json!({
            "type": "Radio Button", "validationType": "alpha_numeric", "id": 4_991_315, "logicId": 1, "order": 0,
            "mandatory": false, "label": "Would you like us to email you a transcript of this chat?",
            "entry": choices,
        }),
        json!({
            "type": "Text Field", "validationType": "email", "id": 4_991_311, "logicId": 2, "order": 1,
            "mandatory": false, "label": "If yes, please provide your email:", "lastKnownValue": "",
        }),
    ]
}

/// The structure of the visitor's surveys; the agent's is not published.
pub fn agent() -> Vec<Value> {
    vec![
        json!({
            "id": 21, "order": 0, "mandatory": true, "logicId": 1, "type": "Radio Button",
            "validationType": "alpha_numeric", "label": "Was the issue resolved?",
            "entry": [
                {"value": "yes", "displayValue": "Yes", "checked": false, "logic": {"showLogicId": 2}},
                {"value": "no", "displayValue": "No", "checked": false},
            ],
        }),
        json!({
            "id": 22, "order": 1, "mandatory": false, "logicId": 2, "type": "Text Field",
            "validationType": "alpha_numeric", "label": "Case number", "lastKnownValue": "",
        }),
        json!({
            "id": 23, "order": 2, "mandatory": false, "logicId": 3, "type": "Checkbox",
            "validationType": "alpha_numeric", "label": "Products",
            "entry": [{"value": "a", "checked": false}, {"value": "b", "checked": false}],
        }),
    ]
}

/// Checks answers against the questions; the error says what is wrong.
pub fn check(questions: &[Value], answers: &Answers) -> Result<(), String> {
    for (number, (id, values)) in answers.iter().enumerate() {
        if answers[..number].iter().any(|(earlier, _)| earlier == id) {
            return Err(format!("Question {id} is answered twice"));
        }
        let question = questions.iter().find(|question| scalar(&question["id"]) == *id);
        check_answer(question.ok_or_else(|| format!("Unknown question: {id}"))?, id, values)?;
    }
    let is_open = |question: &&Value| {
        scalar(&question["mandatory"]) == "true"
            && is_visible(questions, question, answers)
            && given(answers, &scalar(&question["id"])).is_empty()
    };
    match questions.iter().find(is_open) {
        Some(question) => Err(format!("Question {} must be answered", scalar(&question["id"]))),
        None => Ok(()),
    }
}

/// Ids, flags and logic ids come typed or as texts.
fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn entries(question: &Value) -> &[Value] {
    question["entry"].as_array().map_or(&[], Vec::as_slice)
}

/// The answers to a question, without empty ones.
fn given<'a>(answers: &'a Answers, id: &str) -> Vec<&'a str> {
    let values = answers.iter().find(|(question, _)| question == id).map(|(_, values)| values);
    values.into_iter().flatten().map(String::as_str).filter(|value| !value.is_empty()).collect()
}

fn check_answer(question: &Value, id: &str, values: &[String]) -> Result<(), String> {
    let choices = entries(question);
    let fits = |value: &String| {
        if !choices.is_empty() {
            return choices.iter().any(|entry| entry["value"] == value.as_str());
        }
        match question["validationType"].as_str() {
            Some("numeric") => value.bytes().all(|byte| byte.is_ascii_digit()),
            Some("email") => value.split('@').filter(|part| !part.is_empty()).count() == 2,
            _ => true,
        }
    };
    if values.len() > 1 && question["type"] != "Checkbox" {
        return Err(format!("Question {id} takes one answer"));
    }
    match values.iter().find(|value| !value.is_empty() && !fits(value)) {
        Some(value) => Err(format!("Illegal answer to question {id}: {value}")),
        None => Ok(()),
    }
}

/// "Visibility rule": a question that some entry shows is hidden until such an entry is chosen.
fn is_visible(questions: &[Value], question: &Value, answers: &Answers) -> bool {
    let shows = |entry: &Value| {
        let shown = &entry["logic"]["showLogicId"];
        let one = std::slice::from_ref(shown);
        shown.as_array().map_or(one, Vec::as_slice).iter().any(|id| !id.is_null() && scalar(id) == scalar(&question["logicId"]))
    };
    let mut hidden = false;
    for other in questions {
        let chosen = given(answers, &scalar(&other["id"]));
        for entry in entries(other).iter().filter(|entry| shows(entry)) {
            if entry["value"].as_str().is_some_and(|value| chosen.contains(&value)) {
                return true;
            }
            hidden = true;
        }
    }
    !hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(questions: &[Value], answers: &[(&str, &[&str])]) -> Result<(), String> {
        let answers: Vec<(String, Vec<String>)> = answers
            .iter()
            .map(|(id, values)| ((*id).to_owned(), values.iter().map(|value| (*value).to_owned()).collect()))
            .collect();
        check(questions, &answers)
    }

    #[test]
    fn mandatory_questions_count_when_they_are_visible() {
        let questions = pre_chat();
        assert_eq!(verdict(&questions, &[]), Err("Question 12786273 must be answered".to_owned()));
        assert_eq!(verdict(&questions, &[("12786273", &["DOGS"])]), Ok(()));
        assert_eq!(verdict(&questions, &[("12786273", &["CATS"])]), Err("Question 16314710 must be answered".to_owned()));
        assert_eq!(verdict(&questions, &[("12786273", &["CATS"]), ("16314710", &["Zoë"])]), Ok(()));
        assert!(verdict(&questions, &[("12786273", &[""])]).is_err());
    }

    #[test]
    fn answers_fit_their_questions() {
        for (questions, answers, expected) in [
            (exit(), &[("7", &["x"][..])][..], "Unknown question: 7"),
            (exit(), &[("4991315", &["maybe"])], "Illegal answer to question 4991315: maybe"),
            (exit(), &[("4991315", &["yes", "no"])], "Question 4991315 takes one answer"),
            (exit(), &[("4991311", &["nobody"])], "Illegal answer to question 4991311: nobody"),
            (exit(), &[("4991315", &["yes"]), ("4991315", &["no"])], "Question 4991315 is answered twice"),
        ] {
            assert_eq!(verdict(&questions, answers), Err(expected.to_owned()));
        }
        assert_eq!(verdict(&exit(), &[("4991315", &["yes"]), ("4991311", &["a@example.com"])]), Ok(()));
        assert_eq!(verdict(&agent(), &[("21", &["no"]), ("23", &["a", "b"])]), Ok(()));
    }
}
