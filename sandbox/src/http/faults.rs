//! Fault plans: which request is to fail, how, and whether it did.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::request::Request;
use crate::random::Random;

/// What happens to a request. Members combine: a delay first, then the rest.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Action {
    pub delay_ms: u64,
    /// Up to so much is added to the delay, drawn from the seed.
    pub jitter_ms: u64,
    /// The effect takes place so much later than the answer.
    pub late_ms: Option<u64>,
    /// Events are read from the first one, whatever was asked for.
    pub from_start: bool,
    pub status: Option<u16>,
    pub headers: Map<String, Value>,
    pub body: Option<String>,
    pub json: Option<Value>,
    pub hang: bool,
    pub reset: bool,
    pub close: bool,
    pub garbage: bool,
    pub html: bool,
    pub empty: bool,
    pub redirect: Option<String>,
    pub truncate: Option<usize>,
    pub wrong_types: bool,
    pub slow_body_ms_per_byte: Option<u64>,
    pub big_line: Option<usize>,
    pub gzip_truncated: bool,
}

impl Action {
    /// True when the service's own answer is needed, so that its effect takes place even at stage `before`.
    pub fn keeps_answer(&self) -> bool {
        let replaces = self.status.is_some() || self.garbage || self.html || self.empty || self.redirect.is_some();
        !replaces && !self.is_silent()
    }

    /// Not a byte is answered. Together with `truncate` these say what follows the cut.
    pub fn is_silent(&self) -> bool {
        (self.hang || self.reset || self.close) && self.truncate.is_none()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Before,
    After,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    route: String,
    method: Option<String>,
    /// A text that the request's path, query or body holds, such as a chat's id.
    contains: Option<String>,
    #[serde(default)]
    skip: u64,
    times: Option<u64>,
    ratio: Option<f64>,
    stage: Option<Stage>,
    action: Action,
}

#[derive(Debug)]
struct Fault {
    id: u64,
    plan: Plan,
    as_posted: Value,
    /// Requests that fitted so far.
    seen: u64,
    /// Requests that it was applied to.
    happened: u64,
}

impl Fault {
    /// How often it is still to happen; none stands for without end.
    fn remaining(&self) -> Option<u64> {
        let times = self.plan.times.or(if self.plan.ratio.is_some() { None } else { Some(1) })?;
        Some(times.saturating_sub(self.happened))
    }
}

/// A fault that applies to the request at hand.
#[derive(Debug, Clone)]
pub struct Hit {
    pub id: u64,
    pub after: bool,
    pub action: Action,
}

#[derive(Debug)]
pub struct Faults {
    list: Vec<Fault>,
    last_id: u64,
    random: Random,
}

impl Faults {
    pub fn new(seed: u64) -> Self {
        Self { list: Vec::new(), last_id: 0, random: Random::new(seed, "faults", 0) }
    }

    /// Adds one plan or a list of plans; nothing is added when one is wrong.
    pub fn add(&mut self, body: Value, route_exists: impl Fn(&str) -> bool) -> Result<Value, String> {
        let posted = match body {
            Value::Array(list) => list,
            one => vec![one],
        };
        let mut added = Vec::new();
        for as_posted in posted {
            let plan: Plan = serde_json::from_value(as_posted.clone())
                .map_err(|error| format!("not a fault plan: {error}; see the sandbox's README, \"Faults\""))?;
            check(&plan, &route_exists)?;
            added.push((plan, as_posted));
        }
        let mut ids = Vec::new();
        for (plan, as_posted) in added {
            self.last_id += 1;
            ids.push(self.last_id);
            self.list.push(Fault { id: self.last_id, plan, as_posted, seen: 0, happened: 0 });
        }
        Ok(json!({ "ids": ids }))
    }

    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// The first plan that fits and is due. Plans for the same route are used up one after the other.
    pub fn take(&mut self, route: &str, request: &Request) -> Option<Hit> {
        for fault in &mut self.list {
            if fault.remaining() == Some(0) || !fits(&fault.plan, route, request) {
                continue;
            }
            fault.seen += 1;
            if fault.seen <= fault.plan.skip {
                continue;
            }
            if let Some(ratio) = fault.plan.ratio
                && self.random.below(1_000_000) as f64 >= ratio * 1_000_000.0
            {
                continue;
            }
            fault.happened += 1;
            let mut action = fault.plan.action.clone();
            if action.jitter_ms > 0 {
                let jitter = self.random.below(action.jitter_ms.saturating_add(1));
                action.delay_ms = action.delay_ms.saturating_add(jitter);
            }
            return Some(Hit { id: fault.id, after: fault.plan.stage == Some(Stage::After), action });
        }
        None
    }

    pub fn to_json(&self) -> Value {
        self.list
            .iter()
            .map(|fault| {
                json!({
                    "id": fault.id, "plan": fault.as_posted, "seen": fault.seen, "happened": fault.happened,
                    "remaining": fault.remaining(),
                })
            })
            .collect()
    }
}

fn check(plan: &Plan, route_exists: &impl Fn(&str) -> bool) -> Result<(), String> {
    if !route_exists(&plan.route) {
        return Err(format!(
            "no route is called '{}': GET /admin/routes lists them; 'visitor.*' and '*' fit several",
            plan.route
        ));
    }
    if plan.ratio.is_some_and(|ratio| !(0.0..=1.0).contains(&ratio)) {
        return Err("ratio must be between 0 and 1".to_owned());
    }
    if plan.action.late_ms.is_some() && plan.action.keeps_answer() {
        return Err("late_ms needs an answer before the effect: status, reset, close, hang, garbage, html or empty".to_owned());
    }
    if plan.action.status.is_some_and(|status| !(200..=599).contains(&status)) {
        return Err("status must be between 200 and 599".to_owned());
    }
    Ok(())
}

/// `visitor.*` fits every route that begins with `visitor.`; `*` fits all.
pub fn pattern_fits(pattern: &str, route: &str) -> bool {
    pattern == route || pattern.strip_suffix('*').is_some_and(|prefix| route.starts_with(prefix))
}

fn fits(plan: &Plan, route: &str, request: &Request) -> bool {
    pattern_fits(&plan.route, route)
        && plan.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(&request.method))
        && plan.contains.as_ref().is_none_or(|text| request.contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, path: &str, query: &str, body: &str) -> Request {
        Request::new(method, path, query, hyper::HeaderMap::new(), body.to_owned().into())
    }

    fn any() -> Request {
        request("GET", "/", "", "")
    }

    fn planned(plans: Value) -> Faults {
        let mut faults = Faults::new(1);
        faults.add(plans, |_| true).unwrap();
        faults
    }

    #[test]
    fn plans_are_used_up_in_order() {
        let mut faults = planned(json!([
            {"route": "visitor.*", "skip": 1, "times": 2, "action": {"status": 503}},
            {"route": "visitor.chat", "action": {"reset": true}},
        ]));
        let mut taken = || faults.take("visitor.chat", &any()).map(|hit| hit.id);
        assert_eq!([taken(), taken(), taken(), taken()], [Some(2), Some(1), Some(1), None]);
        assert_eq!(faults.take("agent.chat", &any()).map(|hit| hit.id), None);
    }

    #[test]
    fn a_ratio_has_no_end_and_follows_the_seed() {
        let mut faults = planned(json!({"route": "*", "ratio": 0.25, "action": {"status": 500}}));
        let hits = (0..4000).filter(|_| faults.take("x", &any()).is_some()).count();
        assert!((900..1100).contains(&hits), "{hits}");
    }

    #[test]
    fn jitter_is_added_to_the_delay() {
        let mut faults = planned(json!({"route": "*", "times": 200, "action": {"delay_ms": 10, "jitter_ms": 5}}));
        let delays: Vec<u64> = std::iter::from_fn(|| faults.take("x", &any())).map(|hit| hit.action.delay_ms).collect();
        assert_eq!((delays.len(), delays.iter().min(), delays.iter().max()), (200, Some(&10), Some(&15)));
    }

    #[test]
    fn a_plan_can_be_for_the_requests_about_something() {
        let mut faults = planned(json!({"route": "*", "times": 9, "contains": "H1K1", "action": {"status": 500}}));
        let mut hit = |path, query, body| faults.take("x", &request("POST", path, query, body)).is_some();
        assert!(hit("/chat/H1K1/events", "", "") && hit("/", "keys=H1K1,H2K2", "") && hit("/", "", r#"{"id":"H1K1"}"#));
        assert!(!hit("/chat/H1K/1", "H1K", "K1") && !hit("", "", ""));
    }

    #[test]
    fn a_misspelt_member_is_refused() {
        let mut faults = Faults::new(1);
        let refused = faults.add(json!({"route": "*", "action": {"statuss": 500}}), |_| true);
        assert!(refused.unwrap_err().contains("statuss"));
    }
}
