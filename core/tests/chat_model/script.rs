//! What happens with one seed: who does what in which chat, and what goes wrong.

use std::fmt;

use serde_json::{Value, json};

use crate::random::Random;

#[derive(Debug)]
pub struct Script {
    pub chats: Vec<ChatScript>,
    /// What becomes of the chats that nobody ended.
    pub closing: Closing,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Closing {
    /// The visitors' client ends them when it closes.
    End,
    /// It saves them, and another client goes on.
    Save,
    /// It saves them, and nobody goes on: the service gives them up.
    Abandon,
}

#[derive(Debug)]
pub struct ChatScript {
    /// Which of the users the visitor asks for.
    pub agent: usize,
    /// Seconds without a request after which the service gives the chat up.
    pub idle_limit: i64,
    /// A line sent before anybody has accepted, and whether it may wait.
    pub early: Option<(String, bool)>,
    pub visitor: Vec<Action>,
    pub agents: Vec<Action>,
    pub ending: Ending,
    /// Fault plans, for the requests about this chat.
    pub faults: Vec<Plan>,
    /// The same for the request that starts it.
    pub start_faults: Vec<Plan>,
}

/// A fault plan of the sandbox.
#[derive(Clone)]
pub struct Plan(pub Value);

impl fmt::Debug for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

#[derive(Debug, Clone)]
pub enum Action {
    Send {
        text: String,
        resend: bool,
    },
    /// So many calls at once.
    SendAll(Vec<String>),
    /// Broken off after so many milliseconds.
    BreakOff {
        text: String,
        after: u64,
    },
    Typing(bool),
    Name(String),
    Read,
    Survey,
    Pause(u64),
    /// The chat is saved, perhaps with a line under way for so many milliseconds, and resumed, perhaps by another client.
    Resume {
        elsewhere: bool,
        sending: Option<(String, u64)>,
    },
    /// To this user, or to whoever is free.
    Transfer(Option<usize>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ending {
    Visitor,
    Agent,
    /// Left to the closing of the visitors' client, perhaps with a line under way.
    Close {
        sending: bool,
    },
    /// From now on nothing that the visitor asks is answered.
    Silence,
}

impl Action {
    /// The text of the one line that it sends.
    fn text(&self) -> Option<&str> {
        match self {
            Self::Send { text, .. } | Self::BreakOff { text, .. } => Some(text),
            _ => None,
        }
    }
}

pub const USERS: usize = 3;
const SHORT: i64 = 2;
const LONG: i64 = 30;

impl ChatScript {
    /// Lines may come long after their answer.
    pub fn has_late_lines(&self) -> bool {
        self.faults.iter().any(|plan| plan.0["action"]["late_ms"].is_u64())
    }
}

impl Script {
    pub fn of(seed: u64) -> Self {
        let mut random = Random(seed);
        let closing = *random.pick(&[Closing::End, Closing::Save, Closing::Save, Closing::Abandon]);
        let chats = (0..1 + random.below(3)).map(|_| chat(&mut random, closing)).collect();
        Self { chats, closing }
    }
}

fn chat(random: &mut Random, closing: Closing) -> ChatScript {
    let ending = match random.below(100) {
        0..35 => Ending::Visitor,
        35..65 => Ending::Agent,
        65..95 => Ending::Close { sending: random.percent(40) },
        _ => Ending::Silence,
    };
    let left = closing == Closing::Abandon && matches!(ending, Ending::Close { .. });
    let short = left || ending == Ending::Silence;
    let (mut visitor, agents) = (actions(random, false), actions(random, true));
    if ending == Ending::Silence {
        // Whoever was never answered believes in the usual idle limit, and waits for twice as long.
        visitor.retain(|action| !matches!(action, Action::Resume { .. }));
    }
    let mut faults = Vec::new();
    if random.percent(75) {
        faults.extend(at_lines(random, "visitor", &visitor));
        faults.extend(at_lines(random, "agent", &agents));
        let resources = ["add_event", "chat", "chat", "events", "info", "set_name"];
        faults.extend((0..random.below(5)).map(|_| fault(random, "visitor", &resources)));
        let resources = ["add_event", "chat", "chat", "events", "info", "transfer"];
        faults.extend((0..random.below(5)).map(|_| fault(random, "agent", &resources)));
    }
    ChatScript {
        agent: random.below(USERS),
        idle_limit: if short { SHORT } else { LONG },
        early: random.percent(25).then(|| (text(random), random.percent(50))),
        visitor,
        agents,
        ending,
        start_faults: if random.percent(15) { vec![start_fault(random)] } else { Vec::new() },
        faults: at_most_one_not_found(faults),
    }
}

fn actions(random: &mut Random, agent: bool) -> Vec<Action> {
    let mut actions = Vec::new();
    for _ in 0..random.below(7) {
        let action = action(random, agent);
        // Nobody knows what became of the first; is the second told from it?
        let again = match &action {
            Action::BreakOff { text, .. } if random.percent(60) => Some(text.clone()),
            Action::Send { text, .. } if random.percent(15) => Some(text.clone()),
            _ => None,
        };
        actions.push(action);
        actions.extend(again.map(|text| Action::Send { text, resend: random.percent(15) }));
    }
    actions
}

/// Lines that are the same, or whose order can be told.
fn several(random: &mut Random) -> Vec<String> {
    let (text, same) = (text(random), random.percent(40));
    (0..2 + random.below(2)).map(|number| if same { text.clone() } else { format!("{text} {number}") }).collect()
}

/// Faults that meet certain lines, and what is posted behind them, which may be the end of the chat.
fn at_lines(random: &mut Random, side: &str, actions: &[Action]) -> Vec<Plan> {
    let (mut posts, mut plans) = (0, Vec::new());
    let plan = |skip: usize, stage: &str, action: Value| {
        Plan(json!({ "route": format!("{side}.add_event"), "skip": skip, "stage": stage, "action": action }))
    };
    for (number, action) in actions.iter().enumerate() {
        let lines = match action {
            Action::Send { .. } | Action::BreakOff { .. } => 1,
            Action::SendAll(texts) => texts.len(),
            Action::Resume { sending: Some(_), .. } => 1,
            _ => 0,
        };
        let is_said_again = action.text().is_some() && action.text() == actions.get(number + 1).and_then(Action::text);
        if is_said_again && random.percent(50) {
            // The first is there, without a word about its place; the second gets lost.
            let nowhere = json!({ "headers": { "location": "" }, "json": {} });
            let answer = if matches!(action, Action::Send { .. }) { nowhere } else { json!({ "delay_ms": 30 }) };
            plans.push(plan(posts, "after", answer));
            plans.push(plan(posts + 1, "before", json!({ "reset": true })));
        } else if lines > 0 && random.percent(15) {
            let (stage, action) = match random.below(10) {
                0..3 => ("before", json!({ "reset": true })),
                3..6 => ("after", json!({ "reset": true })),
                // The answer comes from somebody in between, who has not waited for the service.
                6..8 => ("before", json!({ "status": 504, "late_ms": 10 + random.below(110) })),
                8 => ("before", json!({ "status": 504, "late_ms": 200 + random.below(400) })),
                _ => ("before", json!({ "reset": true, "late_ms": 10 + random.below(400) })),
            };
            plans.push(plan(posts, stage, action));
        }
        posts += lines;
    }
    if random.percent(20) {
        plans.push(plan(posts, "before", random.pick(&[json!({ "status": 404 }), json!({ "reset": true })]).clone()));
    }
    // A request is seen by plans up to the one that it meets, and those further on wait longest.
    plans.reverse();
    plans
}

fn action(random: &mut Random, agent: bool) -> Action {
    match random.below(100) {
        0..48 => Action::Send { text: text(random), resend: random.percent(25) },
        48..58 => Action::SendAll(several(random)),
        58..64 => Action::BreakOff { text: text(random), after: random.below(12) as u64 },
        64..70 => Action::Typing(random.percent(50)),
        70..75 if agent => Action::Read,
        70..75 => Action::Name(random.pick(&["Ann", "Bo & Co", "Zoë <z>"]).to_string()),
        75..79 => Action::Read,
        79..82 => Action::Survey,
        82..88 => Action::Pause(random.below(120) as u64),
        88..95 if agent => Action::Transfer(random.percent(80).then(|| random.below(USERS))),
        _ => Action::Resume {
            elsewhere: random.percent(60),
            sending: random.percent(50).then(|| (text(random), random.below(6) as u64)),
        },
    }
}

/// Few different texts, so that the same ones meet, and all that the service may give back in another form.
fn text(random: &mut Random) -> String {
    const TEXTS: [&str; 22] = [
        "yes",
        "yes",
        "no",
        "ok",
        "ok ",
        " ok",
        "7",
        "007",
        "42",
        "12345678901234567890",
        "1.50",
        "1e3",
        "-0",
        "<b>bold</b> and <i>more</i>",
        "a & b",
        "a &amp; b",
        "5 < 6 > 4",
        "&lt;yes&gt;",
        "Grüße, 日本語 🎉",
        "two\nlines\tand a tab",
        "e\u{301} \u{202e}right",
        "\"quoted\" \\ back",
    ];
    match random.below(12) {
        0 => format!("a long line {}", "of many words ".repeat(20 + random.below(100))),
        1..4 => format!("line {}", random.below(1000)),
        _ => (*random.pick(&TEXTS)).to_owned(),
    }
}

fn fault(random: &mut Random, side: &str, resources: &[&str]) -> Plan {
    let resource = *random.pick(resources);
    let stage = *random.pick(&["before", "after"]);
    let (mut times, skip) = (1 + random.below(3), random.below(6));
    let refusal = |status: u16| json!({ "route": format!("{side}.{resource}"), "skip": skip, "action": { "status": status } });
    let action = match random.below(20) {
        0..3 => json!({ "status": random.pick(&[500, 502, 503, 504]) }),
        3..7 => json!({ "reset": true }),
        7 => json!({ "close": true }),
        8..11 => json!({ "delay_ms": 1 + random.below(60) }),
        11 => json!({ "truncate": random.below(120) }),
        12 if matches!(resource, "chat" | "events") => json!({ "from_start": true }),
        13..15 => json!({ "garbage": true }),
        15 => json!({ "html": true }),
        // What is refused has no effect.
        16 => return Plan(refusal(404)),
        17 if random.percent(30) => {
            times = 1;
            json!({ "hang": true })
        }
        // The agent's session is rebuilt.
        18 if side == "agent" => return Plan(refusal(401)),
        _ => return throttle(random, &format!("{side}.{resource}"), skip, times),
    };
    Plan(json!({ "route": format!("{side}.{resource}"), "stage": stage, "skip": skip, "times": times, "action": action }))
}

/// The service throttles before it does anything.
fn throttle(random: &mut Random, route: &str, skip: usize, times: usize) -> Plan {
    let action = match random.below(10) {
        0 => json!({ "status": 429, "headers": { "Retry-After": "1" } }),
        1..5 => json!({ "status": 429, "headers": { "Retry-After": "0" } }),
        _ => json!({ "status": 429 }),
    };
    Plan(json!({ "route": route, "skip": skip, "times": times, "action": action }))
}

fn start_fault(random: &mut Random) -> Plan {
    if random.percent(30) {
        return throttle(random, "visitor.start", 0, 1);
    }
    let action = random
        .pick(&[json!({ "status": 503 }), json!({ "reset": true }), json!({ "close": true }), json!({ "garbage": true })])
        .clone();
    Plan(json!({ "route": "visitor.start", "stage": random.pick(&["before", "after"]), "action": action }))
}

/// Two answers in a row that a chat is not there are an end.
fn at_most_one_not_found(faults: Vec<Plan>) -> Vec<Plan> {
    let mut seen = Vec::new();
    let side = |fault: &Plan| fault.0["route"].as_str().and_then(|route| route.split('.').next()).map(str::to_owned);
    let mut wanted = |fault: &Plan| {
        let is_first = fault.0["action"]["status"] != 404 || !seen.contains(&side(fault));
        if fault.0["action"]["status"] == 404 {
            seen.push(side(fault));
        }
        is_first
    };
    faults.into_iter().filter(|fault| wanted(fault)).collect()
}
