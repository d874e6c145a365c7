//! Whether somebody would take a chat.

use lpchat_macros::{model, operation};

use super::{Visitor, get};
use crate::error::{Code, LpchatError, Result};
use crate::transport::{Answer, Context, Request};
use crate::wire::slots::{check_wait, excluded_by_agent};
use crate::wire::{Buffer, Decode, Json, Reader, Text};

/// Whose availability is asked for; everybody's when nothing is given.
#[model(request)]
pub struct AvailabilityRequest {
    /// Name of the skill (some accounts take the id here).
    pub skill: Option<Text>,
    /// Legacy queue, only with `max_wait_time_seconds`.
    pub service_queue: Option<Text>,
    /// Absent: any agent online will do, whatever the queue; 0: somebody must be free now; else, up to 86400: somebody is
    /// likely to be free within so many seconds.
    pub max_wait_time_seconds: Option<i64>,
    /// Login name of one agent; excludes all others.
    pub agent: Option<Text>,
}

/// Availability for one skill.
#[model]
pub struct SkillAvailability {
    /// The skill, as asked for.
    pub skill: Text,
    /// Whether somebody would take a chat.
    pub is_available: bool,
}

#[model(internal)]
struct AvailabilityForSkills {
    #[wire("AvailabilityForSkills", item = "skillAvailability")]
    skills: Vec<SkillAvailability>,
}

/// The two forms of the answer.
enum Availability {
    All(bool),
    BySkill(Vec<SkillAvailability>),
}

impl Availability {
    fn of(answer: Answer) -> Result<Self> {
        let status = answer.received.status;
        let json: Json = answer.member("availability")?;
        let read = if json.as_str().starts_with('{') {
            read::<AvailabilityForSkills>(&json).map(|answer| Self::BySkill(answer.skills))
        } else {
            read::<bool>(&json).map(Self::All)
        };
        read.ok_or_else(|| {
            LpchatError::new(Code::UnexpectedShape)
                .with_message("The availability is neither true nor false nor a list of skills.")
                .with(|details| details.http_status = Some(status.into()))
        })
    }
}

fn read<T: Decode>(json: &Json) -> Option<T> {
    T::decode(&mut Reader::of(json.text())).ok()
}

/// Retrieves whether an agent would take a chat.
///
/// With a waiting time of more than 0 the answer is a statistical estimate, which may change from call to call.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Availability — `GET B/chat/availability`".
#[operation(retry = safe)]
async fn retrieve_availability(visitor: &Visitor, context: &Context, request: AvailabilityRequest) -> Result<bool> {
    check(&request)?;
    let asked = get(visitor.path("chat/availability")?)
        .query_if("skill", request.skill.as_ref())
        .query_if("serviceQueue", request.service_queue.as_ref())
        .query_if("maxWaitTime", request.max_wait_time_seconds)
        .query_if("agent", request.agent.as_ref());
    Ok(match Availability::of(context.send(asked).await?)? {
        Availability::All(available) => available,
        Availability::BySkill(skills) => skills.iter().any(|skill| skill.is_available),
    })
}

/// Retrieves for each of several skills whether an agent would take a chat.
///
/// * `skills`: names of skills (some accounts take ids here), at least one.
/// * `max_wait_time_seconds`: as in `AvailabilityRequest`.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Availability — `GET B/chat/availability`".
#[operation(retry = safe)]
async fn retrieve_availability_by_skill(
    visitor: &Visitor,
    context: &Context,
    skills: Vec<Text>,
    max_wait_time_seconds: Option<i64>,
) -> Result<Vec<SkillAvailability>> {
    if skills.is_empty() || skills.iter().any(|skill| skill.is_empty()) {
        return Err(LpchatError::argument("skills", &skills, "it holds at least one skill, each with a name"));
    }
    check_wait(max_wait_time_seconds)?;
    let path = visitor.path("chat/availability")?;
    let asked = skills.iter().fold(get(path), |asked: Request, skill| asked.query("skill", skill));
    let asked = asked.query_if("maxWaitTime", max_wait_time_seconds);
    Ok(match Availability::of(context.send(asked).await?)? {
        Availability::BySkill(skills) => skills,
        // One skill may be answered like none.
        Availability::All(available) => skills.into_iter().map(|skill| stated(skill, available)).collect(),
    })
}

/// The document that the service leaves out for a lone skill.
fn stated(skill: Text, available: bool) -> SkillAvailability {
    let raw = serde_json::json!({ "skill": skill.as_str(), "isAvailable": available }).to_string();
    let buffer = Buffer::new(raw);
    Reader::read(&buffer).expect("a document of ours")
}

fn check(request: &AvailabilityRequest) -> Result<()> {
    let others = [
        ("skill", request.skill.is_some()),
        ("service_queue", request.service_queue.is_some()),
        ("max_wait_time_seconds", request.max_wait_time_seconds.is_some()),
    ];
    excluded_by_agent(request.agent.as_ref(), &others)?;
    check_wait(request.max_wait_time_seconds)?;
    if let Some(queue) = request.service_queue.as_ref().filter(|_| request.max_wait_time_seconds.is_none()) {
        return Err(LpchatError::argument("service_queue", queue.as_str(), "it needs `max_wait_time_seconds` beside it"));
    }
    Ok(())
}
