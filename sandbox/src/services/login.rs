//! The login service: docs/protocol/authentication.md, "Login Service API".

use serde_json::{Value, json};

use super::domain;
use crate::chat::queue;
use crate::http::reply::Reply;
use crate::identity::{Agent, USERS};
use crate::routes::Call;
use crate::switches::Switch;
use crate::times;
use crate::world::{Login, World};

fn error(world: &World, status: u16, code: i64, message: &str, name: &str) -> Reply {
    Reply::json(
        status,
        &json!({"error": {
            "time": times::login_text(world.now), "message": message, "internalCode": code, "responseStatus": name,
        }}),
    )
}

fn bad_request(world: &World, message: &str) -> Reply {
    error(world, 400, 5, message, "BAD_REQUEST")
}

fn unauthorized(world: &World, message: &str) -> Reply {
    error(world, 401, 10, message, "UNAUTHORIZED")
}

fn wrong_account(world: &World, call: &Call) -> Option<Reply> {
    (call.account() != world.identity.account).then(|| unauthorized(world, "Invalid site"))
}

/// The four kinds of credentials, told apart by their members.
#[derive(Debug)]
enum Credentials {
    Password { username: String, password: String },
    Keys { username: String, keys: [String; 4] },
    Assertion(String),
}

fn credentials(body: &Value) -> Option<Credentials> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    if let (Some(_), Some(assertion)) = (text("jwt"), text("assertion")) {
        return Some(Credentials::Assertion(assertion));
    }
    let username = text("username")?;
    if let Some(password) = text("password") {
        return Some(Credentials::Password { username, password });
    }
    let keys = [text("appKey")?, text("secret")?, text("accessToken")?, text("accessTokenSecret")?];
    Some(Credentials::Keys { username, keys })
}

fn user(name: &str) -> Option<&'static Agent> {
    USERS.iter().find(|user| user.login == name)
}

/// The user whom the credentials belong to. OAuth 2.0 credentials may stand in the fields of the OAuth 1.0 keys.
fn authenticate(world: &World, credentials: &Credentials) -> Option<&'static Agent> {
    let identity = &world.identity;
    match credentials {
        Credentials::Password { username, password } => user(username).filter(|_| *password == identity.password),
        Credentials::Keys { username, keys: [key, secret, token, token_secret] } => {
            let first_generation = *key == identity.consumer_key
                && *secret == identity.consumer_secret
                && *token == identity.token
                && *token_secret == identity.token_secret;
            let second_generation = *key == identity.client_id && *secret == identity.client_secret;
            user(username).filter(|_| first_generation || second_generation)
        }
        Credentials::Assertion(assertion) => assertion.starts_with("valid").then_some(&USERS[0]),
    }
}

pub fn log_in(world: &mut World, call: &Call) -> Reply {
    if let Some(refusal) = wrong_account(world, call) {
        return refusal;
    }
    let Some(credentials) = call.request.json().as_ref().and_then(credentials) else {
        return bad_request(world, "The body holds no complete set of credentials");
    };
    let named = match &credentials {
        Credentials::Password { username, .. } | Credentials::Keys { username, .. } => username.as_str(),
        Credentials::Assertion(_) => USERS[0].login,
    };
    if named == world.switches.text(Switch::BlockedUser) {
        return error(world, 451, 10, "The user is blocked", "UNAVAILABLE_FOR_LEGAL_REASONS");
    }
    let Some(user) = authenticate(world, &credentials) else {
        return unauthorized(world, "User name or password is incorrect");
    };
    let pause = world.switches.number(Switch::LoginThrottleMs);
    let last = world.last_login.insert(user.login, world.now);
    if last.is_some_and(|last| world.now < last + pause) {
        return error(world, 429, 11, "Too many logins of this user", "TOO_MANY_REQUESTS");
    }
    let (bearer, login) = new_login(world, user);
    let cookie = cookie(world, &login.cookie);
    let reply = Reply::json(200, &login_body(world, &bearer, &login)).with_header("set-cookie", cookie);
    world.logins.insert(bearer, login);
    reply
}

fn new_login(world: &mut World, user: &'static Agent) -> (String, Login) {
    let (_, mut random) = world.issue("login");
    let login = Login {
        user,
        csrf: format!("facade0c{}", random.hex(56)),
        cookie: format!("facade0d{}", random.hex(24)),
        expires: world.now + world.switches.number(Switch::SessionTtlMs),
    };
    (format!("facade0b{}", random.hex(56)), login)
}

fn cookie(world: &World, value: &str) -> String {
    let name = world.switches.text(Switch::LoginCookieName);
    format!("{name}={value}; Path=/; HttpOnly")
}

fn login_body(world: &World, bearer: &str, login: &Login) -> Value {
    let user = login.user;
    json!({
        "csrf": login.csrf,
        "wsuk": (766_900_772_095_619_056_i64 + user.id).to_string(),
        "config": {
            "loginName": user.login,
            "userId": user.id.to_string(),
            "userPid": format!("facade-pid-{}", user.id),
            "userPrivileges": [100, 101, 1730, 1731, 1732, 1733, 1734, 1735],
            "serverCurrentTime": world.now,
            "timeDiff": 0,
            "serverTimeZoneName": "UTC",
            "serverTimeGMTDiff": 0,
            "isLPA": false,
            "isAdmin": true,
            "accountTimeZoneId": "America/New_York",
        },
        "csdsCollectionResponse": {"baseURIs": domain::base_uris(world)},
        "accountData": {"agentGroupsData": {
            "items": [{"id": -1, "deleted": false, "name": "Main Group"}], "revision": 1,
        }},
        "sessionTTl": world.switches.text(Switch::SessionTtlMs),
        "bearer": bearer,
    })
}

/// The bearer of the login that both cookie and csrf belong to, or the documented 401.
fn session(world: &World, call: &Call) -> Result<String, Reply> {
    if let Some(refusal) = wrong_account(world, call) {
        return Err(refusal);
    }
    let Some(body) = call.request.json().filter(Value::is_object) else {
        return Err(bad_request(world, "The body is not a JSON object"));
    };
    let name = world.switches.text(Switch::LoginCookieName);
    let cookie = call.request.cookie(name);
    let csrf = body.get("csrf").and_then(Value::as_str);
    let found = world.logins.iter().find(|(_, login)| {
        login.expires > world.now && cookie == Some(login.cookie.as_str()) && csrf == Some(login.csrf.as_str())
    });
    let message = "CSRF token invalid! The CSRF token on request does not match the CSRF token on the session";
    found.map(|(bearer, _)| bearer.clone()).ok_or_else(|| unauthorized(world, message))
}

/// Extends the login; the bearer stays the same.
pub fn refresh(world: &mut World, call: &Call) -> Reply {
    let bearer = match session(world, call) {
        Ok(bearer) => bearer,
        Err(refusal) => return refusal,
    };
    let expires = world.now + world.switches.number(Switch::SessionTtlMs);
    let value = world.logins.get_mut(&bearer).map(|login| {
        login.expires = expires;
        login.cookie.clone()
    });
    let cookie = cookie(world, &value.unwrap_or_default());
    Reply::empty(200).with_header("set-cookie", cookie)
}

/// The bearer dies, agent sessions made with it end, their chats go back to the queue.
pub fn log_out(world: &mut World, call: &Call) -> Reply {
    let bearer = match session(world, call) {
        Ok(bearer) => bearer,
        Err(refusal) => return refusal,
    };
    world.logins.remove(&bearer);
    let ended: Vec<String> =
        world.sessions.values().filter(|session| session.bearer == bearer).map(|session| session.id.clone()).collect();
    for id in ended {
        queue::close_session(world, &id);
    }
    Reply::empty(200)
}
