//! Who exists in the sandbox's account: credentials, skills, agents. All of it follows from the seed.

use serde_json::{Value, json};

use crate::random::Random;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skill {
    pub id: i64,
    pub name: &'static str,
}

/// The first three are those of the published samples; `Human` is never served by a scripted agent.
pub const SKILLS: [Skill; 6] = [
    Skill { id: 25_975_313, name: "Sales" },
    Skill { id: 26_060_413, name: "Billing" },
    Skill { id: 26_077_613, name: "OrdersHandlers" },
    Skill { id: 26_132_413, name: "Support" },
    Skill { id: 26_184_513, name: "Returns" },
    Skill { id: 26_239_213, name: "Human" },
];

/// The skills that generated engagements and scripted agents have.
pub const SCRIPTED_SKILLS: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agent {
    pub id: i64,
    pub nickname: &'static str,
    pub full_name: &'static str,
    pub login: &'static str,
    pub group_id: i64,
    pub group_name: &'static str,
    /// Positions in [`SKILLS`].
    pub skills: &'static [usize],
}

macro_rules! agent {
    ($id:literal, $nickname:literal, $full_name:literal, $login:literal, $group:ident, $skills:expr) => {
        Agent {
            id: $id,
            nickname: $nickname,
            full_name: $full_name,
            login: $login,
            group_id: $group.0,
            group_name: $group.1,
            skills: &$skills,
        }
    };
}

const MAIN: (i64, &str) = (-1, "Main Group");
const SALES: (i64, &str) = (26_432_513, "Sales Team");
const SERVICE: (i64, &str) = (26_475_813, "Service Team");
const BACK_OFFICE: (i64, &str) = (26_511_913, "Back Office");
const EVERY_SKILL: [usize; 6] = [0, 1, 2, 3, 4, 5];

/// The agents who answer by script and who appear in generated engagements.
pub const SCRIPTED_AGENTS: [Agent; 12] = [
    agent!(25_025_413, "Natalie", "Natalie Stone", "natalie@example.com", SALES, [0]),
    agent!(26_559_413, "Ben", "Benjamin Okafor", "ben@example.com", SALES, [0, 2]),
    agent!(26_621_513, "Chloé", "Chloé Martin", "chloe@example.com", SALES, [0, 1]),
    agent!(26_663_513, "Dana", "Dana Levi", "dana@example.com", SERVICE, [3]),
    agent!(26_699_013, "Emil", "Emil Krüger", "emil@example.com", SERVICE, [3, 4]),
    agent!(26_729_413, "Fatima", "Fatima Haddad", "fatima@example.com", SERVICE, [4]),
    agent!(26_754_113, "Grace", "Grace O'Neill", "grace@example.com", SERVICE, [3, 1]),
    agent!(26_781_213, "Hiro", "Hiro Tanaka", "hiro@example.com", BACK_OFFICE, [1]),
    agent!(26_802_613, "Inês", "Inês Ferreira", "ines@example.com", BACK_OFFICE, [1, 2]),
    agent!(26_834_913, "Jonas", "Jonas Weber", "jonas@example.com", BACK_OFFICE, [2]),
    agent!(26_877_313, "Katya", "Katya Petrova", "katya@example.com", MAIN, [4, 2]),
    agent!(26_901_713, "Luis", "Luis Herrera", "luis@example.com", MAIN, [0, 3]),
];

/// The users who can log in. All have the same password and every skill.
pub const USERS: [Agent; 3] = [
    agent!(311_098_910, "Alex", "Alex Barber", "agent@example.com", MAIN, EVERY_SKILL),
    agent!(311_098_911, "Robin", "Robin Barber", "agent2@example.com", MAIN, EVERY_SKILL),
    agent!(311_098_912, "Kim", "Kim Barber", "agent3@example.com", MAIN, EVERY_SKILL),
];

impl Agent {
    pub fn has_skill(&self, skill: Option<Skill>) -> bool {
        skill.is_none_or(|skill| self.skills.iter().any(|position| SKILLS[*position] == skill))
    }

    /// Answers by script; everybody else is a user who logs in.
    pub fn is_scripted(&self) -> bool {
        SCRIPTED_AGENTS.iter().any(|scripted| scripted.id == self.id)
    }
}

/// Scripted agents and users: everybody the account has.
pub fn everybody() -> impl Iterator<Item = &'static Agent> {
    USERS.iter().chain(SCRIPTED_AGENTS.iter())
}

/// Finds a skill by name or by id, both of which clients send
/// (docs/protocol/visitor-chat-api.md, "Uncertain", entry on the skill's value).
pub fn find_skill(name_or_id: &str) -> Option<Skill> {
    SKILLS.into_iter().find(|skill| skill.name == name_or_id || skill.id.to_string() == name_or_id)
}

/// What a client needs to talk to this sandbox. Every secret is a canary: recognisable, and found nowhere else.
#[derive(Debug, Clone)]
pub struct Identity {
    pub account: String,
    pub origin: String,
    /// A second address of the same account, which stands for the service's shards.
    pub shard_origin: String,
    pub app_key: String,
    pub password: String,
    pub client_id: String,
    pub client_secret: String,
    pub consumer_key: String,
    pub consumer_secret: String,
    pub token: String,
    pub token_secret: String,
    /// Key of the application tokens. It never leaves the sandbox.
    pub signing_key: String,
}

impl Identity {
    /// Shapes as in docs/protocol/authentication.md, "Log in: bodies" (32 and 16 hexadecimal digits).
    pub fn new(seed: u64, account: &str, origin: String, shard_origin: String) -> Self {
        let mut random = Random::new(seed, "credentials", 0);
        let mut hex = |prefix: &str, digits: usize| format!("{prefix}{}", random.hex(digits));
        Self {
            account: account.to_owned(),
            origin,
            shard_origin,
            app_key: hex("facade01", 24),
            password: hex("sandbox-secret-password-", 16),
            client_id: format!("facade02-{}", &Random::new(seed, "client", 0).uuid()[9..]),
            client_secret: hex("sandbox-secret-client-", 24),
            consumer_key: hex("facade03", 24),
            consumer_secret: hex("facade04", 8),
            token: hex("facade05", 24),
            token_secret: hex("facade06", 8),
            signing_key: hex("facade07", 56),
        }
    }

    /// The one line that the sandbox prints when it is ready.
    pub fn config(&self, seed: u64, now: &str) -> Value {
        let skills: Vec<Value> = SKILLS.iter().map(|skill| json!({"id": skill.id.to_string(), "name": skill.name})).collect();
        json!({
            "kind": "lpchat-sandbox",
            "version": 1,
            "account_id": self.account,
            "origins": [self.origin, self.shard_origin],
            "domain_origin": self.origin,
            "admin_origin": self.origin,
            "app_key": self.app_key,
            "username": USERS[0].login,
            "password": self.password,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "oauth1_consumer_key": self.consumer_key,
            "oauth1_consumer_secret": self.consumer_secret,
            "oauth1_token": self.token,
            "oauth1_token_secret": self.token_secret,
            "skills": skills,
            "seed": seed,
            "now": now,
        })
    }

    /// Host and port without a scheme, as the directory gives it.
    pub fn host(&self) -> &str {
        self.origin.trim_start_matches("http://")
    }

    pub fn account_url(&self) -> String {
        format!("{}/api/account/{}", self.origin, self.account)
    }

    /// The account's address at the shard.
    pub fn shard_url(&self) -> String {
        format!("{}/api/account/{}", self.shard_origin, self.account)
    }
}
