//! Records of chats that were held in the sandbox.

use serde_json::{Map, Value, json};

use super::codes;
use crate::chat::{Chat, Content, Line, Segment, Source, System};
use crate::switches::Switch;
use crate::timers::Due;
use crate::times::{SECOND, history_text};
use crate::world::World;

/// An ended chat gets into the history after the delay, so that late survey answers are in its record.
pub fn schedule(world: &mut World, position: usize) {
    let due = world.now + world.switches.number(Switch::TranscriptDelayS) * SECOND;
    world.timers.set(due, Due::IntoHistory { chat: position });
}

/// Puts one record per agent who served the chat on the way into the history. A chat that nobody accepted leaves none.
pub fn keep(world: &mut World, position: usize) {
    let chat = &world.chats[position];
    let account = &world.identity.account;
    let records: Vec<Value> = (0..chat.segments.len()).filter_map(|number| record(account, chat, number)).collect();
    world.finished.extend(records);
}

fn put_time(map: &mut Map<String, Value>, name: &str, ms: i64) {
    map.insert(name.to_owned(), json!(history_text(ms)));
    map.insert(format!("{name}L"), json!(ms));
}

fn record(account: &str, chat: &Chat, number: usize) -> Option<Value> {
    let segment = &chat.segments[number];
    let (end, end_reason, last_event) = segment.end?;
    let lines: Vec<Value> = chat.events[segment.first_event..last_event]
        .iter()
        .enumerate()
        .filter_map(|(offset, event)| match &event.content {
            Content::Line(line) => Some(line_json(line, segment.first_event + offset, event.time)),
            _ => None,
        })
        .collect();
    let last = number + 1 == chat.segments.len();
    let surveys = surveys(chat, last, end);
    let mut record = json!({
        "info": info(account, chat, segment, number, &surveys),
        "transcript": {"lines": lines},
    });
    let info = record["info"].as_object_mut()?;
    put_time(info, "endTime", end);
    info.insert("duration".to_owned(), json!((end - segment.started) / SECOND));
    info.insert("endReason".to_owned(), json!(end_reason.to_string()));
    info.insert("endReasonDesc".to_owned(), json!(codes::end_reason(end_reason)));
    let interactive = lines.iter().any(|line| line["source"] == "visitor");
    info.insert("isInteractive".to_owned(), json!(interactive));
    info.insert("interactive".to_owned(), json!(interactive));
    if !surveys.is_empty() {
        record["surveys"] = Value::Object(surveys);
    }
    if let Some(address) = &chat.request.visitor_ip {
        record["visitorInfo"] = json!({"ipAddress": address, "device": "NA", "operatingSystem": "NA"});
    }
    if let (Some(campaign), Some(engagement)) = (chat.request.campaign_id, chat.request.engagement_id) {
        record["campaign"] = json!({"campaignId": campaign.to_string(), "campaignEngagementId": engagement.to_string()});
    }
    Some(record)
}

fn info(account: &str, chat: &Chat, segment: &Segment, number: usize, surveys: &Map<String, Value>) -> Value {
    let agent = segment.agent;
    let mut info = json!({
        "engagementId": format!("{account}{}", chat.rt_session_id),
        "accountId": account,
        "visitorId": chat.request.tag_visitor.clone().unwrap_or_else(|| chat.visitor_id.to_string()),
        "visitorName": chat.visitor_display_name(),
        "agentId": agent.id.to_string(),
        "agentNickName": agent.nickname,
        "agentLoginName": agent.login,
        "agentFullName": agent.full_name,
        "agentDeleted": false,
        "agentGroupId": agent.group_id,
        "agentGroupName": agent.group_name,
        "skillId": segment.skill.map_or(-1, |skill| skill.id),
        "skillName": segment.skill.map_or("Unassigned", |skill| skill.name),
        "channel": 1,
        "startReason": segment.start_reason.to_string(),
        "startReasonDesc": codes::start_reason(segment.start_reason),
        "engagementSet": 0,
        "engagementSequence": number,
        "isPreChatSurvey": surveys.contains_key("preChat"),
        "isPostChatSurvey": surveys.contains_key("postChat"),
        "isAgentSurvey": surveys.contains_key("operator"),
        "mcs": null,
        "isPartial": false,
        "ended": true,
        "chatDataEnriched": true,
    });
    if let Some(map) = info.as_object_mut() {
        put_time(map, "startTime", segment.started);
        put_time(map, "chatRequestedTime", segment.requested);
        if let Some(page) = &chat.request.referrer {
            map.insert("chatStartUrl".to_owned(), json!(page));
        }
    }
    info
}

fn line_json(line: &Line, seq: usize, time: i64) -> Value {
    let control = match line.system {
        Some(System::Accepted) => 3,
        Some(System::Routing) => 4,
        Some(System::AgentEnded | System::Disconnected) => 5,
        _ => 0,
    };
    let mut value = json!({
        "textType": line.text_type,
        "by": line.by,
        "source": line.source.name(),
        "subType": if line.only_to_rep { "ONLY_TO_REP" } else { "REGULAR" },
        "lineSeq": seq.to_string(),
        "cannedAnswerType": 0,
        "agentId": if line.source == Source::Agent { line.agent_id } else { 0 },
        "controlType": control,
    });
    if let Some(map) = value.as_object_mut() {
        put_time(map, "time", time);
        // Structured content stands in place of the text.
        match &line.json {
            Some(json) => map.insert("json".to_owned(), json.clone()),
            None => map.insert("text".to_owned(), json!(line.text)),
        };
    }
    value
}

/// Pre-chat answers go with every segment, exit and agent's answers with the last.
fn surveys(chat: &Chat, last: bool, time: i64) -> Map<String, Value> {
    let groups = [
        ("preChat", "Pre-Chat", &chat.request.answers, true),
        ("postChat", "Exit", &chat.exit_answers, last),
        ("operator", "operator", &chat.agent_answers, last),
    ];
    let mut surveys = Map::new();
    for (group, source, answers, wanted) in groups {
        if wanted && !answers.is_empty() {
            let list: Vec<Value> = answers.iter().map(|answer| survey_answer(answer, source, time)).collect();
            surveys.insert(group.to_owned(), Value::Array(list));
        }
    }
    surveys
}

fn survey_answer((question, values): &(String, Vec<String>), source: &str, time: i64) -> Value {
    let mut answer = json!({
        "scope": "Session", "source": source, "displayName": format!("Question {question}"),
        "value": values.join(", "), "values": values, "answersId": [-1], "name": format!("{source} survey"),
        "questionID": question.parse::<i64>().unwrap_or(0), "surveyID": 1,
    });
    if let Some(map) = answer.as_object_mut() {
        put_time(map, "time", time);
    }
    answer
}
