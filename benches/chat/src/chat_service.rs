//! Canned documents of chats, and when each chat asked.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::http::{ACCOUNT, parameter};

#[derive(Default)]
struct Seen {
    last: HashMap<String, Instant>,
    /// How many lines were sent in each chat.
    lines: HashMap<String, u64>,
    /// Microseconds between two requests of one chat.
    gaps: Vec<u64>,
}

pub struct Chats {
    seen: Mutex<Seen>,
    /// New events in each answer.
    events: u64,
    /// Every so manieth chat is answered late; none where it is 0.
    stalled_every: u64,
}

/// How late a stalled chat is answered.
const STALL: Duration = Duration::from_secs(5);

impl Chats {
    pub fn new(events: u64, stalled_every: u64) -> Self {
        Self { seen: Mutex::default(), events, stalled_every }
    }

    /// Writes the chat's document from the id asked for, with so many new events.
    pub async fn answer(&self, id: &str, query: &str, answer: &mut Vec<u8>) {
        let number = id.split('K').nth(1).and_then(|number| number.parse::<u64>().ok());
        if self.stalled_every > 0 && number.is_some_and(|number| number % self.stalled_every == 0) {
            tokio::time::sleep(STALL).await;
        } else {
            self.note(id);
        }
        let from = parameter(query, "from").unwrap_or(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        write_document(answer, id, from, self.events, now).expect("memory takes what is written");
    }

    /// Takes a line and tells which event it became; to those who only ask, that there are no events.
    pub fn answer_events(&self, id: &str, is_line: bool, answer: &mut Vec<u8>) {
        let Ok(mut seen) = self.seen.lock() else { return };
        if !is_line {
            return answer.extend_from_slice(br#"{"events":{"link":[]}}"#);
        }
        let number = seen.lines.entry(id.to_owned()).or_default();
        write!(
            answer,
            r#"{{"chatEventLocation":{{"link":{{"@href":"http://127.0.0.1/api/account/{ACCOUNT}/chat/{id}/events/{number}","@rel":"self"}}}}}}"#
        )
        .expect("memory takes what is written");
        *number += 1;
    }

    fn note(&self, id: &str) {
        let now = Instant::now();
        let Ok(mut seen) = self.seen.lock() else { return };
        match seen.last.get_mut(id) {
            Some(last) => {
                let gap = now - std::mem::replace(last, now);
                seen.gaps.push(u64::try_from(gap.as_micros()).unwrap_or(u64::MAX));
            }
            None => drop(seen.last.insert(id.to_owned(), now)),
        }
    }

    /// Milliseconds between two polls of one chat; asking begins a new measurement.
    pub fn stats(&self) -> Value {
        let Ok(mut seen) = self.seen.lock() else { return Value::Null };
        let mut gaps = std::mem::take(&mut seen.gaps);
        seen.last.clear();
        seen.lines.clear();
        gaps.sort_unstable();
        let at = |share: f64| gaps.get((gaps.len() as f64 * share) as usize).map_or(0.0, |gap| *gap as f64 / 1000.0);
        json!({ "gaps": gaps.len(), "gap_p50": at(0.5), "gap_p99": at(0.99), "gap_p999": at(0.999) })
    }
}

/// The document as the service writes it. Each line's text holds when it was sent, in nanoseconds since 1970.
fn write_document(out: &mut Vec<u8>, id: &str, from: u64, events: u64, now: u128) -> std::io::Result<()> {
    let next = from + events;
    let link = |out: &mut Vec<u8>, path: &str, relation: &str| {
        write!(out, r#"{{"@href":"http://127.0.0.1/api/account/{ACCOUNT}/chat/{id}{path}","@rel":"{relation}"}},"#)
    };
    let end_list = |out: &mut Vec<u8>| *out.last_mut().expect("a list was begun") = b']';
    out.extend_from_slice(br#"{"chat":{"link":["#);
    for (path, relation) in [("", "self"), ("/events", "events"), ("/info", "info")] {
        link(out, path, relation)?;
    }
    link(out, &format!("?from={next}"), "next")?;
    for (path, relation) in [("/transcriptRequest", "transcript-request"), ("/exitSurvey", "exit-survey")] {
        link(out, path, relation)?;
    }
    end_list(out);
    out.extend_from_slice(br#","events":{"link":["#);
    link(out, "/events", "self")?;
    link(out, &format!("/events?from={next}"), "next")?;
    end_list(out);
    if events > 0 {
        out.extend_from_slice(br#","event":["#);
        for id in from..next {
            write!(
                out,
                r#"{{"@id":"{id}","@type":"line","time":"2026-02-27T06:24:21.930-05:00","textType":"plain","text":"{now} This is a line of a chat.","by":"Ann","source":"agent","subType":"REGULAR"}},"#
            )?;
        }
        end_list(out);
    }
    out.extend_from_slice(br#"},"info":{"link":["#);
    let information = [
        ("/info", "self"),
        ("/info/visitorName", "visitor-name"),
        ("/info/visitorTyping", "visitor-typing"),
        ("/info/agentTyping", "agent-typing"),
    ];
    for (path, relation) in information {
        link(out, path, relation)?;
    }
    end_list(out);
    write!(
        out,
        r#","state":"chatting","chatSessionKey":"{id}","skillName":"Sales","skillId":12,"agentName":"Ann","agentId":1203,"startTime":"2026-02-27T06:24:16.930-05:00","duration":0,"lastUpdate":"2026-02-27T06:24:21.930-05:00","chatTimeout":40,"visitorId":1215602164887992,"agentTyping":"not-typing","visitorTyping":"not-typing","visitorName":"You","rtSessionId":4294967522,"sharkVisitorId":"A1ZDEwOTE","sharkSessionId":"Sg4ezqZU","sharkContextId":"3","engagementId":27469613,"campaignId":27469613,"language":"en-US"}}}}}}"#
    )
}
