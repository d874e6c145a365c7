//! Whether what both sides saw agrees with what the sandbox has.

use lpchat::Code;
use serde_json::Value;

use crate::record::{Life, Outcome, Record, Sent};

/// Complaints about one side of a chat, whose lines may come late.
pub fn side(name: &str, record: &Record, truth: &Value, late: bool) -> Vec<String> {
    let mut complaints: Vec<String> = record.complaints.clone();
    let events = truth["events"].as_array().unwrap();
    complaints.extend(lines(&record.sent, events, name, late));
    let id = if name == "visitor" { "visitor_event_id" } else { "agent_event_id" };
    let shown: Vec<&Value> = events.iter().filter(|event| event[id].is_i64() || event[id].is_u64()).collect();
    complaints.extend(streams(&record.lives, &shown));
    if let Some(name) = &record.name
        && truth["visitor_name"] != name.as_str()
    {
        complaints.push(format!("the name is {}, not {name}", truth["visitor_name"]));
    }
    complaints.into_iter().map(|complaint| format!("{name}: {complaint}")).collect()
}

/// Lines that were taken stand there once and in order, unknown ones at most once, refused ones never. A line that its
/// sender has posted again may stand there more often where the first one comes late.
fn lines(sent: &[Sent], events: &[Value], source: &str, late: bool) -> Option<String> {
    let there: Vec<&str> =
        events.iter().filter(|event| event["source"] == source).map(|event| event["text"].as_str().unwrap()).collect();
    let taken = || sent.iter().filter(|line| line.outcome == Outcome::Taken).map(|line| line.text.as_str());
    let mut rest = there.iter();
    let in_order = taken().all(|text| rest.any(|own| *own == text));
    let open = |line: &&Sent| matches!(line.outcome, Outcome::Unknown | Outcome::UnderWay);
    let accounted = |text: &&&str| {
        let is = |line: &&Sent| line.text == ***text;
        let own = there.iter().filter(|own| *own == *text).count();
        let least = taken().filter(|taken| *taken == **text).count();
        let most = least + sent.iter().filter(is).filter(open).count();
        let again = if late { sent.iter().filter(is).filter(|line| line.resend).count() * 2 } else { 0 };
        (least..=most + again).contains(&own)
    };
    let all = there.iter().all(|text| accounted(&text));
    (!in_order || !all)
        .then(|| format!("the lines sent do not account for those that are there:\n  sent {sent:#?}\n  there {there:#?}"))
}

/// Every stream is without gaps and repeats, and shows what is there; what comes again after resuming is marked; a stream
/// that came to its end has shown everything.
fn streams(lives: &[Life], truth: &[&Value]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (number, life) in lives.iter().enumerate() {
        let earlier: Vec<&Life> = lives[..number].iter().filter(|earlier| earlier.agent == life.agent).collect();
        // Handles of one chat share one life, also where the last one was dropped only just now.
        let seen = end_of(&earlier);
        let anew = earlier.iter().rposition(|earlier| !earlier.resumed).unwrap_or(0);
        let marked_below = if life.resumed { end_of(&earlier[anew..]) } else { 0 };
        let place = format!("stream {number} (agent {:?}, resumed {})", life.agent, life.resumed);
        let mut next = None;
        for event in &life.events {
            let Some(id) = event.number() else { continue };
            let expected = match next {
                Some(next) => id == next,
                None if life.resumed => id <= seen,
                None => id == 0 || id == seen,
            };
            if !expected || event.is_after_gap {
                complaints.push(format!("{place}: {id} came after {next:?}; {seen} were seen before"));
            }
            if id < marked_below && !event.is_repeated {
                complaints.push(format!("{place}: {id} came again without a mark"));
            }
            match usize::try_from(id).ok().and_then(|id| truth.get(id)) {
                Some(own) if is_same(event, own) => {}
                own => complaints.push(format!("{place}: {id} is shown as {event:?}, and is {own:?}")),
            }
            next = Some(id + 1);
        }
        let last = next.unwrap_or(0).max(seen);
        match &life.end {
            Some(Ok(())) if usize::try_from(last) != Ok(truth.len()) => {
                complaints.push(format!("{place} ended after {last} of {} events", truth.len()));
            }
            Some(Err(code)) if !matches!(code, Code::ChatLost | Code::ClientClosed) => {
                complaints.push(format!("{place} failed with {}", code.name()));
            }
            _ => {}
        }
    }
    complaints
}

/// How many events were seen in these lives.
fn end_of(lives: &[&Life]) -> i64 {
    lives.iter().flat_map(|life| &life.events).filter_map(|event| event.number()).max().map_or(0, |last| last + 1)
}

fn is_same(event: &lpchat::ChatEvent, truth: &Value) -> bool {
    let text = |name: &str| truth[name].as_str();
    event.r#type.as_str() == truth["type"]
        && event.source.as_ref().map(|source| source.as_str()) == text("source")
        && event.state.as_ref().map(|state| state.as_str()) == if truth["type"] == "state" { text("state") } else { None }
        && is_same_text(event.text.as_deref(), text("text"))
}

/// Digits are read back as a number.
fn is_same_text(shown: Option<&str>, truth: Option<&str>) -> bool {
    let (Some(shown), Some(truth)) = (shown, truth) else { return shown == truth };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    shown == truth
        || (digits(truth) && shown.parse::<f64>().is_ok_and(|shown| truth.parse::<f64>().is_ok_and(|truth| shown == truth)))
}
