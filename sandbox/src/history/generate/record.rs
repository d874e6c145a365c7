//! Writes a generated record in the shape of 2018, the union of all.

use super::json::Json;
use super::plan::{Facts, Scope};
use super::texts::{BROWSERS, CAMPAIGNS, FREE_ANSWERS, ISPS, PAGES, PLACES, Question, RATING_WEIGHTS, RATINGS, SURVEYS, Survey};
use super::{sdes, transcript};
use crate::history::codes;
use crate::identity::Agent;
use crate::random::Random;

/// The record's JSON. Depends on nothing but the arguments.
pub fn write(scope: &Scope, account: &str, facts: &Facts) -> String {
    let mut random = Random::new(scope.seed, "record", facts.visit * 4 + facts.sequence as u64);
    let engagement = format!("{account}{}", facts.rt_session);
    let surveys = [450, 250, 150].map(|per_mille| random.chance(per_mille));
    let mut json = Json::with_capacity(12_000);
    json.object(|json| {
        json.name("info").object(|json| info(json, scope, account, &engagement, facts, surveys, &mut random));
        transcript::write(json, facts, &mut random);
        if !random.chance(30) {
            json.name("campaign").object(|json| campaign(json, &mut random));
        }
        if !random.chance(30) {
            json.name("visitorInfo").object(|json| visitor_info(json, &mut random));
        }
        if !facts.co_browse.is_empty() {
            co_browse(json, facts, &mut random);
        }
        if surveys.contains(&true) {
            json.name("surveys").object(|json| {
                for (survey, _) in SURVEYS.iter().zip(surveys).filter(|(_, present)| *present) {
                    answers(json, survey, facts, &mut random);
                }
            });
        }
        sdes::write(json, facts, &mut random);
    });
    json.into_text()
}

fn info(
    json: &mut Json,
    scope: &Scope,
    account: &str,
    engagement: &str,
    facts: &Facts,
    [pre, post, operator]: [bool; 3],
    random: &mut Random,
) {
    json.time("startTime", facts.start);
    json.time("endTime", facts.end);
    json.time("chatRequestedTime", facts.requested);
    json.numbers(&[("duration", (facts.end - facts.start) / 1000)]);
    let visitor = scope.visitor_id(facts.visitor);
    json.texts(&[("visitorId", &visitor), ("visitorName", if pre { "Joe" } else { "You" })]);
    json.texts(&[("engagementId", engagement), ("accountId", account)]);
    json.texts(&[("sharkEngagementId", &format!("{account}_{}_{}", random.tag_id(), facts.sequence + 1))]);
    json.flags(&[("isInteractive", facts.interactive), ("interactive", facts.interactive)]);
    agent(json, facts.agent);
    json.numbers(&[("skillId", facts.skill.id)]);
    json.texts(&[("skillName", facts.skill.name)]);
    json.numbers(&[("channel", 1), ("engagementSet", facts.set), ("engagementSequence", facts.sequence)]);
    json.texts(&[
        ("startReason", &facts.start_reason.to_string()),
        ("startReasonDesc", codes::start_reason(facts.start_reason)),
        ("endReason", &facts.end_reason.to_string()),
        ("endReasonDesc", codes::end_reason(facts.end_reason)),
    ]);
    json.flags(&[("isPreChatSurvey", pre), ("isPostChatSurvey", post), ("isAgentSurvey", operator)]);
    match facts.mcs {
        Some(mcs) => json.numbers(&[("mcs", mcs)]),
        None => json.nulls(&["mcs"]),
    }
    for (name, score) in [("alertedMCS", facts.alerted_mcs), ("chatMCS", facts.chat_mcs)] {
        if let Some(score) = score {
            json.numbers(&[(name, score)]);
        }
    }
    if !random.chance(100) {
        let (page, url) = random.pick(&PAGES);
        json.texts(&[("chatStartUrl", url), ("chatStartPage", page)]);
    }
    json.flags(&[("isPartial", false), ("ended", true), ("chatDataEnriched", true)]);
}

fn agent(json: &mut Json, agent: &Agent) {
    json.texts(&[
        ("agentId", &agent.id.to_string()),
        ("agentNickName", agent.nickname),
        ("agentLoginName", agent.login),
        ("agentFullName", agent.full_name),
        ("agentGroupName", agent.group_name),
    ]);
    json.flags(&[("agentDeleted", false)]);
    json.numbers(&[("agentGroupId", agent.group_id)]);
}

fn campaign(json: &mut Json, random: &mut Random) {
    let (campaign, name, engagement, engagement_name) = random.pick(&CAMPAIGNS);
    json.texts(&[
        ("campaignEngagementId", engagement),
        ("campaignEngagementName", engagement_name),
        ("campaignId", campaign),
        ("campaignName", name),
        ("goalId", "213184812"),
        ("goalName", "Interact with visitors"),
        ("visitorBehaviorId", "213184912"),
        ("visitorBehaviorName", "Any behavior"),
        ("visitorProfileId", "213184712"),
        ("visitorProfileName", "All visitors"),
    ]);
    json.flags(&[("profileSystemDefault", true), ("behaviorSystemDefault", false)]);
    json.numbers(&[("lobId", -1)]);
    json.texts(&[("lobName", "NA")]);
}

fn visitor_info(json: &mut Json, random: &mut Random) {
    let (country, code, state, city) = random.pick(&PLACES);
    let (isp, organisation) = random.pick(&ISPS);
    let (browser, browser_type, system, device) = random.pick(&BROWSERS);
    let address = format!("192.0.2.{}", random.between(1, 254));
    json.texts(&[
        ("country", country),
        ("countryCode", code),
        ("state", state),
        ("city", city),
        ("isp", isp),
        ("org", organisation),
        ("device", device),
        ("ipAddress", &address),
        ("browser", browser),
        ("browserType", browser_type),
        ("operatingSystem", system),
    ]);
}

/// The documented misspelling of unknown is among the reasons.
const CO_BROWSE_ENDS: [&str; 5] = ["SERVER", "VISITOR", "AGENT", "TIMEOUT", "UNKOWN"];

fn co_browse(json: &mut Json, facts: &Facts, random: &mut Random) {
    json.name("coBrowseSessions").object(|json| {
        json.name("coBrowseSessionsList").array(|json| {
            for session in &facts.co_browse {
                let (id, reason) = (random.uuid(), random.pick(&CO_BROWSE_ENDS));
                json.object(|json| {
                    json.texts(&[("sessionId", &id), ("endReason", reason)]);
                    json.time("startTime", session.start);
                    json.time("endTime", session.start + session.duration);
                    if session.interactive {
                        json.time("interactiveTime", session.start + session.duration / 3);
                    }
                    json.numbers(&[("duration", session.duration)]);
                    json.flags(&[("interactive", session.interactive)]);
                });
            }
        });
    });
}

/// The position of the answer that is chosen first.
fn choice(question: &Question, facts: &Facts, random: &mut Random) -> usize {
    if question.choices == RATINGS {
        let mood = (facts.mood() + 4) as usize * (RATING_WEIGHTS.len() - 1) / 8;
        return random.weighted(&RATING_WEIGHTS[mood]);
    }
    random.below(question.choices.len() as u64) as usize
}

fn answers(json: &mut Json, survey: &Survey, facts: &Facts, random: &mut Random) {
    let moment = if survey.group == "preChat" { facts.requested } else { facts.end };
    json.name(survey.group).array(|json| {
        for question in survey.questions {
            let (values, indexes): (Vec<&str>, Vec<i64>) = if question.choices.is_empty() {
                (vec![random.pick(&FREE_ANSWERS)], vec![-1])
            } else {
                let count = if question.multiple { random.between(1, 2) } else { 1 };
                let first = choice(question, facts, random);
                (0..count as usize)
                    .map(|step| (first + step) % question.choices.len())
                    .map(|choice| (question.choices[choice], choice as i64 + 1))
                    .unzip()
            };
            let without_ids = random.chance(200);
            json.object(|json| {
                json.texts(&[("scope", "Session"), ("source", survey.source), ("displayName", question.text)]);
                json.texts(&[("value", &values.join(", ")), ("name", survey.name)]);
                json.name("values").array(|json| values.iter().for_each(|value| json.text(value)));
                if !without_ids {
                    json.name("answersId").array(|json| indexes.iter().for_each(|index| json.raw(&index.to_string())));
                }
                json.time("time", moment);
                json.numbers(&[("questionID", question.id), ("surveyID", survey.id)]);
            });
        }
    });
}
