//! Transcript, line scores and predictions of a generated record.

use super::json::Json;
use super::plan::Facts;
use super::texts::{LANGUAGE_WEIGHTS, LANGUAGES, MONEY_BACK_AGENT, MONEY_BACK_VISITOR, ONLY_TO_REP, RICH_CONTENT, fill, html};
use crate::random::Random;

/// docs/protocol/engagement-history-api.md, "`controlType` of a line".
mod control {
    pub const ORDINARY: i64 = 0;
    pub const JOINED: i64 = 3;
    pub const WELCOME: i64 = 4;
    pub const ENDED: i64 = 5;
}

/// Quantiles of the time from the connection to the agent's first line, in milliseconds.
const REPLIES: [u32; 12] = [2_000, 5_000, 8_000, 11_000, 15_000, 20_000, 27_000, 36_000, 50_000, 75_000, 120_000, 240_000];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    System(i64),
    Agent,
    Visitor,
}

#[derive(Debug)]
struct Line {
    time: i64,
    source: Source,
    /// None for structured content.
    text: Option<String>,
    text_type: &'static str,
    only_to_rep: bool,
    canned: i64,
    seq: i64,
}

impl Line {
    fn plain(source: Source, text: impl Into<String>) -> Self {
        Self { time: 0, source, text: Some(text.into()), text_type: "plain", only_to_rep: false, canned: 0, seq: 0 }
    }
}

/// The members `transcript`, `lineScores` and `predictions`.
pub fn write(json: &mut Json, facts: &Facts, random: &mut Random) {
    let lines = lines(facts, random);
    json.name("transcript").object(|json| {
        json.name("lines").array(|json| lines.iter().for_each(|line| write_line(json, facts, line)));
    });
    if facts.chat_mcs.is_some() {
        scores(json, facts, &lines, random);
    }
    if !facts.labels.is_empty() {
        predictions(json, facts, &lines, random);
    }
}

fn lines(facts: &Facts, random: &mut Random) -> Vec<Line> {
    let mut lines = vec![
        Line::plain(
            Source::System(control::WELCOME),
            "Thank you for choosing to chat with us.  An agent will be with you shortly.",
        ),
        Line::plain(Source::System(control::JOINED), format!("You are now chatting with {}.", facts.agent.nickname)),
    ];
    conversation(facts, &mut lines, random);
    let goodbye = match facts.end_reason {
        101 => "Transferring you to another agent.",
        106 => "Transferring you to another team.",
        205 => "The chat was disconnected.",
        _ => "Thank you for chatting with us.",
    };
    lines.push(Line::plain(Source::System(control::ENDED), goodbye));
    place(facts, &mut lines, random);
    lines
}

/// Visitor and agent take turns, now and then with two lines in a row.
fn conversation(facts: &Facts, lines: &mut Vec<Line>, random: &mut Random) {
    let language = &LANGUAGES[random.weighted(&LANGUAGE_WEIGHTS)];
    let count = ((facts.end - facts.start) / 22_000).clamp(2, 60);
    if facts.interactive {
        lines.push(Line::plain(Source::Visitor, fill(random.pick(language.openings), random)));
    }
    if facts.money_back && facts.interactive {
        lines.push(Line::plain(Source::Visitor, MONEY_BACK_VISITOR));
    } else if facts.money_back {
        lines.push(Line::plain(Source::Agent, MONEY_BACK_AGENT));
    }
    let mut html_due = facts.html;
    for number in 0..count {
        if facts.interactive && random.chance(450) {
            lines.push(Line::plain(Source::Visitor, fill(random.pick(language.visitor), random)));
        } else {
            let text = fill(random.pick(language.agent), random);
            let mut line = Line::plain(Source::Agent, text);
            line.canned = random.weighted(&[6, 3, 1]) as i64 * random.between(1, 40);
            if html_due || (facts.html && random.chance(300)) {
                html_due = false;
                line.text = line.text.map(|text| html(&text));
                line.text_type = "html";
            } else if number > 0 && random.chance(20) {
                line.text = Some(random.pick(&ONLY_TO_REP).to_owned());
                line.only_to_rep = true;
            }
            lines.push(line);
        }
    }
    if html_due {
        let mut line = Line::plain(Source::Agent, html("<OK> & done"));
        line.text_type = "html";
        lines.push(line);
    }
    if facts.rich {
        let rich = Line { text: None, text_type: "rich-content", ..Line::plain(Source::Agent, "") };
        lines.insert(lines.len() - 1, rich);
    }
}

/// Gives every line its time and its number; the numbers have gaps.
fn place(facts: &Facts, lines: &mut [Line], random: &mut Random) {
    let (start, length) = (facts.start, facts.end - facts.start);
    let last = lines.len() as i64 - 1;
    let first_reply = lines.iter().position(|line| line.source == Source::Agent && !line.only_to_rep);
    let (first_reply, delay) = match first_reply {
        Some(position) => (position as i64, (random.quantile(&REPLIES) * facts.load() / 100).min(length / 2)),
        None => (last, length),
    };
    let mut seq = random.between(1, 90);
    for (position, line) in lines.iter_mut().enumerate() {
        line.time = match position as i64 {
            0 => facts.requested,
            1 => start,
            before if before <= first_reply => start + delay * (before - 1) / (first_reply - 1),
            after => start + delay + (length - delay) * (after - first_reply) / (last - first_reply),
        };
        line.seq = seq;
        seq += random.weighted(&[0, 80, 15, 5]) as i64;
    }
}

fn write_line(json: &mut Json, facts: &Facts, line: &Line) {
    let (source, by, agent, control) = match line.source {
        Source::System(control) => ("system", "info", 0, control),
        Source::Agent => ("agent", facts.agent.nickname, facts.agent.id, control::ORDINARY),
        Source::Visitor => ("visitor", "You", 0, control::ORDINARY),
    };
    // A negative number says that the canned answer was edited before it was sent.
    let canned = if line.seq % 3 == 0 { -line.canned } else { line.canned };
    json.object(|json| {
        json.time("time", line.time);
        match &line.text {
            Some(text) => json.texts(&[("text", text)]),
            None => json.name("json").raw(RICH_CONTENT),
        }
        json.texts(&[
            ("textType", line.text_type),
            ("by", by),
            ("source", source),
            ("subType", if line.only_to_rep { "ONLY_TO_REP" } else { "REGULAR" }),
            ("lineSeq", &line.seq.to_string()),
        ]);
        json.numbers(&[("cannedAnswerType", canned), ("agentId", agent), ("controlType", control)]);
    });
}

fn scores(json: &mut Json, facts: &Facts, lines: &[Line], random: &mut Random) {
    // A chat begins neutral and ends at its score.
    let (first, last) = (50, facts.chat_mcs.unwrap_or(50));
    let scored: Vec<&Line> = lines.iter().filter(|line| line.source == Source::Visitor).collect();
    json.name("lineScores").array(|json| {
        for (number, line) in (1..).zip(&scored) {
            let count = scored.len() as i64;
            let noise = if number == count { 0 } else { random.between(-10, 10) };
            let running = (first + (last - first) * number / count + noise).clamp(0, 100);
            let raw = (random.between(-2, 2) + (last - first) / 25).clamp(-3, 3);
            json.object(|json| {
                json.texts(&[("lineSeq", &line.seq.to_string())]);
                json.numbers(&[("lineRawScore", raw), ("mcs", running)]);
            });
        }
    });
}

fn predictions(json: &mut Json, facts: &Facts, lines: &[Line], random: &mut Random) {
    json.name("predictions").array(|json| {
        for label in &facts.labels {
            let (id, line) = (random.uuid(), random.below(lines.len() as u64) as usize);
            let score = format!("0.{:02}", random.between(30, 99));
            json.object(|json| {
                json.name("topPrediction").object(|json| {
                    json.texts(&[("predictionId", &id), ("predictionLabel", label)]);
                    json.name("confidenceScore").raw(&score);
                });
                json.texts(&[("lineSeq", &lines[line].seq.to_string())]);
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::history::generate::{plan::Scope, record};
    use crate::times::parse_date;

    #[test]
    fn lines_follow_one_another_and_the_last_score_is_the_chats() {
        let scope = Scope { seed: 3, base: parse_date("2026-11-22").unwrap(), visitors: 100 };
        let mut scored = 0;
        for facts in (0..200).flat_map(|visit| scope.visit(visit)) {
            let record: Value = serde_json::from_str(&record::write(&scope, "12345678", &facts)).unwrap();
            let lines = record["transcript"]["lines"].as_array().unwrap();
            let times: Vec<i64> = lines.iter().map(|line| line["timeL"].as_i64().unwrap()).collect();
            assert!(times.is_sorted(), "{facts:?} {times:?}");
            assert_eq!((times[0], times[1], *times.last().unwrap()), (facts.requested, facts.start, facts.end));
            let last = record.pointer("/lineScores").and_then(Value::as_array).and_then(|scores| scores.last());
            if let Some(score) = last {
                assert_eq!(score["mcs"].as_i64(), facts.chat_mcs, "{facts:?}");
                scored += 1;
            }
        }
        assert!(scored > 100);
    }
}
