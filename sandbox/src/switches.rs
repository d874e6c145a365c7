//! Named switches: wherever the protocol is uncertain, or a test wants another behaviour than the default.

use std::fmt;

use serde_json::{Map, Value, json};

#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Flag,
    Number { low: i64, high: i64 },
    Choice(&'static [&'static str]),
    Text,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => formatter.write_str("on, off"),
            Self::Number { low, high } => write!(formatter, "{low} to {high}"),
            Self::Choice(values) => formatter.write_str(&values.join(", ")),
            Self::Text => formatter.write_str("any text"),
        }
    }
}

#[derive(Debug)]
pub struct Definition {
    pub name: &'static str,
    pub kind: Kind,
    pub default: &'static str,
    /// What it does, and the open question of the protocol that it stands for.
    pub about: &'static str,
}

macro_rules! switches {
    ($($switch:ident $name:literal $kind:expr, $default:literal, $about:literal;)*) => {
        /// Every switch, in the order of [`DEFINITIONS`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Switch { $($switch),* }

        pub static DEFINITIONS: &[Definition] = &[
            $(Definition { name: $name, kind: $kind, default: $default, about: $about }),*
        ];
    };
}

const MS: Kind = Kind::Number { low: 0, high: 86_400_000 };
const SECONDS: Kind = Kind::Number { low: 0, high: 31_536_000 };

switches! {
    ScriptedAgent "scripted_agent" Kind::Flag, "on", "agents who answer by script";
    AgentAcceptMs "agent_accept_ms" MS, "800", "a scripted agent accepts after this time";
    AgentAnswerMs "agent_answer_ms" MS, "400", "a scripted agent answers a line after this time";
    DigitsAsNumbers "digits_as_numbers" Kind::Flag, "on", "a line of digits is read back as a JSON number (visitor: numeric-text coercion of text)";
    CollapseLists "collapse_lists" Kind::Flag, "on", "a list of one is sent as the bare element (visitor: JSON dialect)";
    EmptyList "empty_list" Kind::Choice(&["omit", "null", "object", "text", "array"]), "omit", "how a list without elements is sent (visitor: JSON dialect)";
    IdStyle "id_style" Kind::Choice(&["documented", "number", "string"]), "documented", "systemMessageId, sharkContextId, engagementId, campaignId: as in the published samples, or always one type (visitor: uncertain types)";
    AgentOnlyIds "agent_only_ids" Kind::Choice(&["renumber", "gap"]), "renumber", "ids of the visitor's events when a line is for agents only: consecutive as documented, or with a gap";
    LineStatusEvents "line_status_events" Kind::Flag, "off", "a line-status event follows each visitor line (visitor: when it is emitted is unknown)";
    RequireVersion "require_version" Kind::Choice(&["visitor", "both", "none"]), "visitor", "where a call without v=1 is refused (agent: no page says what happens without it)";
    NativePut "native_put" Kind::Choice(&["refuse", "accept"]), "refuse", "a real PUT instead of POST with X-HTTP-Method-Override (undocumented)";
    UnknownAccount "unknown_account" Kind::Choice(&["401", "400"]), "401", "status for another account id (domain: statuses for unknown account)";
    DomainRequiresVersion "domain_requires_version" Kind::Flag, "on", "the directory refuses a call without version=1.0 (domain: whether it is enforced)";
    StartChatStatus "start_chat_status" Kind::Choice(&["201", "200"]), "201", "status of start chat (visitor: docs say 200, clients insist on 201)";
    StartChatBody "start_chat_body" Kind::Choice(&["none", "link"]), "none", "body of start chat (visitor: assumed empty, the agent's twin has a link)";
    UnknownSkill "unknown_skill" Kind::Choice(&["refuse", "ignore"]), "refuse", "start chat with a skill the account lacks (unpublished)";
    Captcha "captcha" Kind::Flag, "off", "start chat is refused with 401 'Bad captcha'";
    LetagRequired "letag_required" Kind::Flag, "off", "start chat without LETag ids is refused with 401 'Invalid User' (visitor: sometimes validated)";
    ChatTimeoutS "chat_timeout_s" Kind::Number { low: 1, high: 86_400 }, "40", "idle limit of a chat that asks for none";
    AgentRequestsRenew "agent_requests_renew" Kind::Flag, "off", "the agent's requests renew the visitor's idle limit (visitor: whose requests renew it)";
    EndedLifetimeS "ended_lifetime_s" SECONDS, "120", "an ended chat answers 404 this long after its end or its last visitor request (unpublished)";
    EndWhileWaiting "end_while_waiting" Kind::Choice(&["accept", "refuse"]), "accept", "visitor ends a chat nobody accepted yet (not documented)";
    EndWhenEnded "end_when_ended" Kind::Choice(&["refuse", "accept"]), "refuse", "ending an ended chat: 400 or 201 (not documented)";
    MaxWaitElapsed "max_wait_elapsed" Kind::Choice(&["ignore", "end"]), "ignore", "what happens when maxWaitTime of start chat has passed (not stated)";
    AuthenticationAnswer "authentication_answer" Kind::Choice(&["201_body", "200_body", "201_location"]), "201_body", "answer of visitor authentication (visitor: older and newer docs differ)";
    SetNameStatus "set_name_status" Kind::Choice(&["200", "201"]), "200", "status of setting the visitor's name (docs 201, a client demands 200)";
    Surveys "surveys" Kind::Choice(&["configured", "none"]), "configured", "survey reads: a survey, or a body without one";
    SurveyScalars "survey_scalars" Kind::Choice(&["documented", "text", "typed"]), "documented", "ids, orders and booleans of visitors' surveys: as in each sample, or always one type (visitor: uncertain 28)";
    LoadingAccountCalls "loading_account_calls" Kind::Number { low: 0, high: 100 }, "0", "the first calls for an engagement answer 500 with code 20 'Loading account'";
    EngagementAvailable "engagement_available" Kind::Flag, "on", "whether a visitor session gets an engagement";
    AuthenticatedEngagement "authenticated_engagement" Kind::Flag, "off", "engagements carry a connectorId for visitor authentication";
    SessionTtlMs "session_ttl_ms" Kind::Number { low: 1, high: 2_592_000_000 }, "28800000", "life of a login without refresh (authentication: idle timeout not stated)";
    LoginCookieName "login_cookie_name" Kind::Choice(&["Session_id", "session_id"]), "Session_id", "name of the login cookie (authentication: cookie name case)";
    LoginThrottleMs "login_throttle_ms" MS, "0", "429 for a second login of the same user within this time";
    BlockedUser "blocked_user" Kind::Text, "", "this user name gets 451";
    StartSessionStatus "start_session_status" Kind::Choice(&["201", "200"]), "201", "status of start agent session (agent: uncertain 1)";
    AcceptStatus "accept_status" Kind::Choice(&["201", "200"]), "201", "status of accept a chat (agent: uncertain 2)";
    AcceptIdleStatus "accept_idle_status" Kind::Choice(&["400", "200"]), "400", "accept when nothing rings (agent: uncertain 10)";
    EndChatWrapper "end_chat_wrapper" Kind::Choice(&["chatLocation", "chatEventLocation"]), "chatLocation", "wrapper of the agent's end-chat answer (agent: uncertain 4)";
    AgentLocationHeader "agent_location_header" Kind::Flag, "off", "agent-side creations also carry a Location header (agent: uncertain 27)";
    AvailabilityAnswer "availability_answer" Kind::Choice(&["chat", "empty"]), "chat", "answer of set availability (agent: uncertain 17)";
    InitialAvailability "initial_availability" Kind::Choice(&["Away", "Online", "Occupied"]), "Away", "availability of a new agent session (agent: uncertain 21)";
    AgentCookieRequired "agent_cookie_required" Kind::Flag, "off", "agent calls need the session's cookie too (agent: uncertain 22)";
    AgentSessionIdleS "agent_session_idle_s" Kind::Number { low: 1, high: 86_400 }, "400", "an agent session without requests is logged out (agent: uncertain 23)";
    RingTimeoutS "ring_timeout_s" Kind::Number { low: 1, high: 3_600 }, "20", "a ring nobody accepts sets the agent Away";
    AgentMaxChats "agent_max_chats" Kind::Number { low: -1, high: 100 }, "-1", "chats one API agent can have; -1 without limit";
    RichContent "rich_content" Kind::Choice(&["allow", "forbid"]), "allow", "rich-content lines: accepted or 403 (agent: uncertain 14)";
    MultiChatFrom "multi_chat_from" Kind::Choice(&["exclusive", "inclusive"]), "exclusive", "fromEventIds of several chats: last event seen or first wanted (agent: uncertain 11)";
    TypingReadStatus "typing_read_status" Kind::Choice(&["200", "201"]), "200", "status of reading who types on the agent's side (agent: uncertain 3)";
    AgentNumbers "agent_numbers" Kind::Choice(&["string", "number"]), "string", "numbers in lists of agents and transfer targets (agent: uncertain 7)";
    MultiChatDialect "multi_chat_dialect" Kind::Choice(&["plain", "attributes"]), "plain", "JSON dialect of chatSessions and several chats (agent: uncertain 6)";
    AgentInfoAvailability "agent_info_availability" Kind::Choice(&["object", "string"]), "object", "availability in agent information (agent: uncertain 24)";
    TransferFailure "transfer_failure" Kind::Choice(&["400", "200"]), "400", "status of a refused transfer, with transfer.errormsg (agent: uncertain 18)";
    Oauth1WindowS "oauth1_window_s" SECONDS, "300", "greatest clock difference of an OAuth 1.0 timestamp (authentication: window not published)";
    Dialect "dialect" Kind::Choice(&["2018", "2017", "2015", "mixed"]), "2018", "shape of history records (history: three dialects); mixed chooses per record";
    Oddities "oddities" Kind::Flag, "off", "history records with flipped scalar types, null containers, unknown members, kinds and codes";
    HrefHost "href_host" Kind::Choice(&["own", "foreign", "localhost8080"]), "own", "host of history links (history: examples show localhost:8080)";
    EmptyPage "empty_page" Kind::Choice(&["array", "absent", "204"]), "array", "a history page without records (history: seen or documented in all three forms)";
    PartialResult "partial_result" Kind::Flag, "off", "history pages say partialResult: true";
    IsPartialBytes "is_partial_bytes" Kind::Number { low: 0, high: 100_000_000 }, "0", "history records above this size come cut with isPartial: true, whole by engagementId; 0 never";
    DeepPagingLimit "deep_paging_limit" Kind::Number { low: 0, high: 100_000_000 }, "10000", "500 with code 0007 when offset + limit is greater; 0 never (history: usual for the engine behind it)";
    RequireSource "require_source" Kind::Flag, "off", "history call without source is refused (history: optional until 2021)";
    IdIgnoresStart "id_ignores_start" Kind::Choice(&["skip", "keep"]), "skip", "start together with an id: not applied, or applied without width limit (history: contradictory)";
    UnstableOrder "unstable_order" Kind::Flag, "off", "history pages without sort come in another order each time (history: default order unknown)";
    MonthLimitDays "month_limit_days" Kind::Number { low: 1, high: 400 }, "31", "widest time range of one history call (history: 28, 30, 31 days or a month)";
    TranscriptDelayS "transcript_delay_s" SECONDS, "300", "a chat appears in the history this long after its end";
    EnrichmentDelayS "enrichment_delay_s" SECONDS, "7200", "attributes, predictions and late surveys appear this long after the end";
    RetentionMonths "retention_months" Kind::Number { low: 1, high: 120 }, "13", "history older than this is gone";
    HistoryUnknownAccount "history_unknown_account" Kind::Choice(&["401", "404"]), "401", "history call for another account (emulator: path and method)";
}

#[derive(Debug, Clone)]
pub struct Switches {
    values: Vec<String>,
}

impl Default for Switches {
    fn default() -> Self {
        Self { values: DEFINITIONS.iter().map(|definition| definition.default.to_owned()).collect() }
    }
}

impl Switches {
    /// Sets one switch; the error names value, rule and cure.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let Some(position) = DEFINITIONS.iter().position(|definition| definition.name == name) else {
            return Err(format!("there is no switch '{name}': see --list-switches, or GET /admin/switches of a running sandbox"));
        };
        let kind = DEFINITIONS[position].kind;
        let fits = match kind {
            Kind::Flag => ["on", "off"].contains(&value),
            Kind::Number { low, high } => value.parse().is_ok_and(|number| (low..=high).contains(&number)),
            Kind::Choice(values) => values.contains(&value),
            Kind::Text => true,
        };
        if !fits {
            return Err(format!("switch '{name}' cannot be '{value}': allowed is {kind}"));
        }
        self.values[position] = value.to_owned();
        Ok(())
    }

    /// Sets one switch from JSON, where flags may be booleans and numbers may be numbers.
    pub fn set_json(&mut self, name: &str, value: &Value) -> Result<(), String> {
        match value {
            Value::Bool(flag) => self.set(name, if *flag { "on" } else { "off" }),
            Value::String(text) => self.set(name, text),
            other => self.set(name, &other.to_string()),
        }
    }

    pub fn text(&self, switch: Switch) -> &str {
        &self.values[switch as usize]
    }

    pub fn is(&self, switch: Switch, value: &str) -> bool {
        self.text(switch) == value
    }

    pub fn is_on(&self, switch: Switch) -> bool {
        self.is(switch, "on")
    }

    /// The value of a number switch, or of a choice among numbers.
    pub fn number(&self, switch: Switch) -> i64 {
        self.text(switch).parse().expect("set() admits numbers only")
    }

    pub fn status(&self, switch: Switch) -> u16 {
        self.text(switch).parse().expect("set() admits statuses only")
    }

    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        for (definition, value) in DEFINITIONS.iter().zip(&self.values) {
            map.insert(
                definition.name.to_owned(),
                json!({
                    "value": value, "default": definition.default,
                    "values": definition.kind.to_string(), "about": definition.about,
                }),
            );
        }
        Value::Object(map)
    }
}

/// The text of `--list-switches`.
pub fn listing() -> String {
    DEFINITIONS
        .iter()
        .map(|definition| {
            let default = if definition.default.is_empty() { "(none)" } else { definition.default };
            format!("{} = {default}\n    values: {}\n    {}\n", definition.name, definition.kind, definition.about)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_allowed() {
        let mut switches = Switches::default();
        for definition in DEFINITIONS {
            switches.set(definition.name, definition.default).unwrap();
        }
    }

    #[test]
    fn refusals_name_value_rule_and_cure() {
        let mut switches = Switches::default();
        assert!(switches.set("collapse", "on").unwrap_err().contains("--list-switches"));
        let refused = switches.set("ring_timeout_s", "x").unwrap_err();
        assert!(refused.contains("'x'") && refused.contains("1 to 3600"), "{refused}");
        switches.set_json("captcha", &json!(true)).unwrap();
        assert!(switches.is_on(Switch::Captcha));
    }
}
