//! What happens in a generated visit, before a word of it is written: cheap enough to plan a million.

use crate::identity::{Agent, SCRIPTED_AGENTS, SCRIPTED_SKILLS, SKILLS, Skill};
use crate::random::Random;
use crate::times::{DAY, HOUR, MINUTE, SECOND, months_before, weekday};

/// Real-time session ids of generated visits begin here, out of reach of the live chats' ids.
const FIRST_RT_SESSION: i64 = 4_500_000_000;

/// Records keep this distance from the retention limit, so that none is lost while the sandbox's clock runs.
const MARGIN: i64 = 7 * DAY;

/// Requests stop this long before the base date, so that everything is settled when it begins.
const QUIET: i64 = 6 * HOUR;

/// Relative traffic by weekday (Monday first) and by hour, UTC.
const WEEKDAY_WEIGHTS: [u32; 7] = [120, 110, 100, 100, 105, 60, 45];
const HOUR_WEIGHTS: [u32; 24] = [6, 4, 3, 3, 3, 5, 12, 30, 60, 85, 95, 100, 90, 95, 100, 98, 92, 85, 78, 70, 55, 40, 24, 12];

/// Quantiles of log-normal shape: waiting time in milliseconds, duration in seconds.
const WAITS: [u32; 12] = [200, 1_500, 3_000, 5_000, 8_000, 12_000, 18_000, 27_000, 42_000, 70_000, 140_000, 600_000];
const DURATIONS: [u32; 12] = [15, 60, 110, 170, 240, 320, 420, 560, 760, 1_100, 1_900, 3_600];

/// How long visitors wait, and agents take to answer, in percent of the usual: by hour, UTC, with few agents at night and
/// many visitors at noon and in the evening; and by skill.
const LOAD_BY_HOUR: [i64; 24] =
    [150, 155, 160, 160, 150, 130, 110, 90, 80, 80, 90, 105, 135, 130, 110, 95, 90, 95, 115, 130, 140, 135, 140, 145];
const LOAD_BY_SKILL: [i64; SCRIPTED_SKILLS] = [65, 115, 95, 140, 100];

/// How well visitors like the scripted agents, in their order: 0 is the usual.
const ESTEEM: [i64; SCRIPTED_AGENTS.len()] = [1, 0, 2, 0, -1, 1, 2, 0, 1, -1, 0, -2];

const SKILL_WEIGHTS: [u32; SCRIPTED_SKILLS] = [34, 22, 18, 17, 9];

pub const LABELS: [&str; 10] = [
    "add service",
    "make payment",
    "track order",
    "cancel order",
    "refund request",
    "change address",
    "reset password",
    "product question",
    "report damage",
    "talk to human",
];

/// docs/protocol/engagement-history-api.md, "End reason", for the last segment.
const LAST_END_REASONS: [(i64, u32); 5] = [(201, 45), (210, 38), (205, 10), (202, 3), (208, 4)];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoBrowse {
    pub start: i64,
    pub duration: i64,
    pub interactive: bool,
}

/// Everything about a record that can be filtered or sorted, and what its text depends on.
#[derive(Debug, Clone)]
pub struct Facts {
    pub visit: u64,
    pub rt_session: i64,
    pub set: i64,
    pub sequence: i64,
    pub visitor: u64,
    pub requested: i64,
    pub start: i64,
    pub end: i64,
    pub skill: Skill,
    pub agent: &'static Agent,
    pub interactive: bool,
    pub start_reason: i64,
    pub end_reason: i64,
    pub mcs: Option<i64>,
    pub alerted_mcs: Option<i64>,
    pub chat_mcs: Option<i64>,
    pub rich: bool,
    pub html: bool,
    pub money_back: bool,
    pub labels: Vec<&'static str>,
    pub co_browse: Vec<CoBrowse>,
}

impl Facts {
    /// Among the skills that generated engagements have.
    pub fn skill_position(&self) -> usize {
        SKILLS.iter().position(|skill| *skill == self.skill).unwrap_or_default()
    }

    /// How long things take, in percent of the usual.
    pub fn load(&self) -> i64 {
        load(self.requested, self.skill_position())
    }

    /// What the visitor thought of the chat, from -4 to 4: how it went, and who the agent was.
    pub fn mood(&self) -> i64 {
        2 * self.mcs.unwrap_or(0) + esteem(self.agent)
    }
}

fn load(requested: i64, skill_position: usize) -> i64 {
    let hour = requested.rem_euclid(DAY) / HOUR;
    LOAD_BY_HOUR[hour as usize] * LOAD_BY_SKILL[skill_position] / 100
}

fn esteem(agent: &Agent) -> i64 {
    SCRIPTED_AGENTS.iter().position(|scripted| scripted.id == agent.id).map_or(0, |position| ESTEEM[position])
}

/// The range of a generated history.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    pub seed: u64,
    /// First millisecond of the base date.
    pub base: i64,
    /// Different visitors.
    pub visitors: u64,
}

/// What is the same for all records of a visit.
#[derive(Debug)]
struct Opening {
    transfers: usize,
    visitor: u64,
    set: i64,
    requested: i64,
}

impl Scope {
    /// When a visit begins and how many records it makes: all that is needed to put visits in order.
    pub fn outline(&self, visit: u64) -> (i64, usize) {
        let (opening, _) = self.opening(visit);
        (opening.requested, opening.transfers + 1)
    }

    fn opening(&self, visit: u64) -> (Opening, Random) {
        let mut random = Random::new(self.seed, "visit", visit);
        let opening = Opening {
            transfers: random.weighted(&[90, 8, 2]),
            visitor: random.below(self.visitors),
            set: i64::from(random.chance(30)),
            requested: self.request_time(&mut random),
        };
        (opening, random)
    }

    /// The records of one visit: one, or several when the chat was transferred.
    pub fn visit(&self, visit: u64) -> Vec<Facts> {
        let (Opening { transfers, visitor, set, mut requested }, mut random) = self.opening(visit);
        let mut skill_position = random.weighted(&SKILL_WEIGHTS);
        let mut start_reason = 0;
        let mut segments = Vec::new();
        for sequence in 0..=transfers {
            let able: Vec<&'static Agent> =
                SCRIPTED_AGENTS.iter().filter(|agent| agent.skills.contains(&skill_position)).collect();
            let agent = able[random.below(able.len() as u64) as usize];
            let start = requested + random.quantile(&WAITS) * load(requested, skill_position) / 100;
            let end = start + random.quantile(&DURATIONS) * SECOND + random.between(0, 999);
            let to_skill = random.chance(600);
            let end_reason = match (sequence == transfers, to_skill) {
                (true, _) => LAST_END_REASONS[random.weighted(&LAST_END_REASONS.map(|(_, weight)| weight))].0,
                (false, true) => 106,
                (false, false) => 101,
            };
            let mut facts = Facts {
                visit,
                rt_session: FIRST_RT_SESSION + visit as i64,
                set,
                sequence: sequence as i64,
                visitor,
                requested,
                start,
                end,
                skill: SKILLS[skill_position],
                agent,
                start_reason,
                end_reason,
                interactive: random.chance(930),
                rich: random.chance(70),
                html: random.chance(550),
                money_back: random.chance(60),
                mcs: None,
                alerted_mcs: None,
                chat_mcs: None,
                labels: Vec::new(),
                co_browse: Vec::new(),
            };
            add_scores(&mut facts, &mut random);
            add_extras(&mut facts, &mut random);
            segments.push(facts);
            requested = end + 200;
            start_reason = if to_skill { 6 } else { 1 };
            if to_skill {
                skill_position = (skill_position + 1 + random.below(SCRIPTED_SKILLS as u64 - 1) as usize) % SCRIPTED_SKILLS;
            }
        }
        segments
    }

    /// A moment of the 13 months, by day of the week and hour of the day.
    fn request_time(&self, random: &mut Random) -> i64 {
        let first = months_before(self.base, 13) + MARGIN;
        let days = (self.base - first) / DAY;
        let day = loop {
            let day = first + random.below(days as u64) as i64 * DAY;
            if random.below(120) < u64::from(WEEKDAY_WEIGHTS[weekday(day)]) {
                break day;
            }
        };
        let hour = random.weighted(&HOUR_WEIGHTS) as i64;
        let moment = day + hour * HOUR + random.below(HOUR as u64) as i64;
        if moment > self.base - QUIET { moment - DAY } else { moment }
    }

    pub fn visitor_id(&self, visitor: u64) -> String {
        Random::new(self.seed, "visitor", visitor).tag_id()
    }
}

/// Sentiment: group, alerted group and score, each of which can be missing.
fn add_scores(facts: &mut Facts, random: &mut Random) {
    if random.chance(100) {
        return;
    }
    let esteem = esteem(facts.agent);
    // Whoever was transferred is less content.
    let negative = 20 - 5 * esteem + if facts.sequence > 0 { 12 } else { 0 };
    let group = random.weighted(&[negative as u32, 50, (30 + 6 * esteem) as u32]) as i64 - 1;
    facts.mcs = Some(group);
    facts.alerted_mcs = random.chance(850).then(|| if random.chance(100) { 0 } else { group });
    facts.chat_mcs = random.chance(920).then(|| match group {
        -1 => random.between(0, 35),
        0 => random.between(30, 70),
        _ => random.between(60, 100),
    });
}

fn add_extras(facts: &mut Facts, random: &mut Random) {
    if random.chance(220) {
        for _ in 0..random.between(1, 3) {
            facts.labels.push(random.pick(&LABELS));
        }
    }
    if random.chance(60) {
        for number in 0..random.between(1, 2) {
            facts.co_browse.push(CoBrowse {
                start: facts.start + number * MINUTE + random.between(0, 30_000),
                duration: random.between(2_000, 900_000),
                interactive: random.chance(500),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::times::parse_date;

    fn scope() -> Scope {
        Scope { seed: 1, base: parse_date("2026-11-22").unwrap(), visitors: 500 }
    }

    #[test]
    fn visits_lie_in_the_thirteen_months_and_are_settled() {
        let scope = scope();
        for facts in (0..3_000).flat_map(|visit| scope.visit(visit)) {
            assert!(facts.start >= months_before(scope.base, 13) + MARGIN);
            assert!(facts.end <= scope.base, "{facts:?}");
            assert!(facts.requested <= facts.start && facts.start <= facts.end);
        }
    }

    #[test]
    fn transfers_make_segments_with_matching_reasons() {
        let scope = scope();
        let transferred: Vec<_> = (0..500).map(|visit| scope.visit(visit)).filter(|visit| visit.len() > 1).collect();
        assert!(transferred.len() > 20);
        for visit in transferred {
            for pair in visit.windows(2) {
                let expected = if pair[0].end_reason == 106 { 6 } else { 1 };
                assert!([101, 106].contains(&pair[0].end_reason));
                assert_eq!((pair[1].start_reason, pair[1].sequence), (expected, pair[0].sequence + 1));
                assert_eq!(pair[1].rt_session, pair[0].rt_session);
            }
        }
    }
}
