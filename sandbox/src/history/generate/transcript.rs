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
    let steps = lines.len() as i64;
    let mut seq = random.between(1, 90);
    for (position, line) in lines.iter_mut().enumerate() {
        line.time = match position {
            0 => facts.requested,
            1 => facts.start,
            _ => facts.start + (facts.end - facts.start) * position as i64 / (steps - 1),
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
    let last = facts.chat_mcs.unwrap_or(50);
    json.name("lineScores").array(|json| {
        for line in lines.iter().filter(|line| line.source == Source::Visitor) {
            let running = (last + random.between(-10, 10)).clamp(0, 100);
            json.object(|json| {
                json.texts(&[("lineSeq", &line.seq.to_string())]);
                json.numbers(&[("lineRawScore", random.between(-3, 3)), ("mcs", running)]);
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
