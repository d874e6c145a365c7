//! Acting for a user: docs/protocol/authentication.md, "OAuth 2.0 authorization code".

use serde_json::json;

use super::oauth2::{refused, signed};
use crate::chat::queue;
use crate::http::reply::Reply;
use crate::http::request::pairs;
use crate::identity::{Agent, USERS};
use crate::routes::Call;
use crate::times::SECOND;
use crate::world::{Login, World};

/// Seconds between `iat` and `exp` of an id token.
const ID_TOKEN_LIFE_S: i64 = 600;
/// How long a code can be exchanged; RFC 6749, section 4.1.2, recommends ten minutes at most.
const CODE_LIFE_MS: i64 = 600 * SECOND;
/// Access tokens live like logins of the documented sample.
const ACCESS_LIFE_MS: i64 = 28_800 * SECOND;
/// The address registered for the sandbox's application.
const REGISTERED: &str = "https://app.example/signed-on";

/// A code that was given out.
#[derive(Debug, Clone)]
pub struct Code {
    redirect_uri: Option<String>,
    expires: i64,
}

/// Nobody types a password here: the first user is signed on already and consents.
pub fn authorize(world: &mut World, call: &Call) -> Reply {
    if call.account() != world.identity.account || call.request.query("client_id") != Some(world.identity.client_id.as_str()) {
        return refused(401, "unauthorized_client");
    }
    if call.request.query("response_type") != Some("code") {
        return refused(400, "unsupported_response_type");
    }
    let redirect_uri = call.request.query("redirect_uri").map(str::to_owned);
    let back = redirect_uri.clone().unwrap_or_else(|| REGISTERED.to_owned());
    let (_, mut random) = world.issue("authorization code");
    let code = random.hex(32);
    world.codes.insert(code.clone(), Code { redirect_uri, expires: world.now + CODE_LIFE_MS });
    let state = call.request.query("state").map(|state| format!("&state={}", encode(state))).unwrap_or_default();
    let separator = if back.contains('?') { '&' } else { '?' };
    Reply::empty(302).with_header("location", format!("{back}{separator}code={code}{state}"))
}

fn encode(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The form of a request whose client is the account's own, or the refusal.
fn form(world: &World, call: &Call) -> Result<Vec<(String, String)>, Reply> {
    let kind = call.request.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(refused(400, "invalid_request"));
    }
    let fields = pairs(&String::from_utf8_lossy(&call.request.body));
    let known = call.account() == world.identity.account
        && field(&fields, "client_id") == Some(&world.identity.client_id)
        && field(&fields, "client_secret") == Some(&world.identity.client_secret);
    if known { Ok(fields) } else { Err(refused(400, "invalid_client")) }
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a String> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

pub fn token(world: &mut World, call: &Call) -> Reply {
    let fields = match form(world, call) {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    match field(&fields, "grant_type").map(String::as_str) {
        Some("authorization_code") => exchange(world, &fields),
        Some("refresh_token") => match field(&fields, "refresh_token") {
            Some(token) if world.refresh_tokens.contains_key(token) => tokens(world, token.clone(), false),
            _ => refused(400, "invalid_grant"),
        },
        Some(_) => refused(400, "unsupported_grant_type"),
        None => refused(400, "invalid_request"),
    }
}

/// A code can be exchanged once. One that begins with `valid` needs no browser; it too can be exchanged once.
fn exchange(world: &mut World, fields: &[(String, String)]) -> Reply {
    let Some(code) = field(fields, "code") else { return refused(400, "invalid_request") };
    let known = match world.codes.remove(code) {
        Some(given) => given.expires > world.now && given.redirect_uri.as_ref() == field(fields, "redirect_uri"),
        None => code.starts_with("valid") && world.used_codes.insert(code.clone()),
    };
    if !known {
        return refused(400, "invalid_grant");
    }
    let (_, mut random) = world.issue("refresh token");
    let refresh = format!("facade08{}", random.hex(152));
    world.refresh_tokens.insert(refresh.clone(), &USERS[0]);
    tokens(world, refresh, true)
}

/// An access token works like the bearer of a login.
fn tokens(world: &mut World, refresh: String, with_id: bool) -> Reply {
    let user = world.refresh_tokens[&refresh];
    let (_, mut random) = world.issue("access token");
    let access = format!("facade09{}", random.hex(56));
    let login = Login { user, csrf: random.hex(64), cookie: random.hex(32), expires: world.now + ACCESS_LIFE_MS };
    world.logins.insert(access.clone(), login);
    let mut body = json!({"access_token": access, "token_type": "Bearer", "refresh_token": refresh});
    if with_id {
        body["id_token"] = json!(id_token(world, user));
    }
    Reply::json(200, &body)
}

fn id_token(world: &World, user: &Agent) -> String {
    let issued = world.now.div_euclid(1000);
    signed(
        world,
        &json!({
            "is_admin": true, "sub": user.id.to_string(), "aud": world.identity.client_id, "is_lpa": false, "iss": "sentinel",
            "exp": issued + ID_TOKEN_LIFE_S, "iat": issued,
        }),
    )
}

/// Ends the user's sessions in all of the vendor's applications.
pub fn revoke(world: &mut World, call: &Call) -> Reply {
    let fields = match form(world, call) {
        Ok(fields) => fields,
        Err(_) => return refused(401, "invalid_client"),
    };
    let Some(user) = field(&fields, "token").and_then(|token| world.refresh_tokens.remove(token)) else {
        return refused(400, "invalid_request");
    };
    world.logins.retain(|_, login| login.user.id != user.id);
    let ended: Vec<String> =
        world.sessions.values().filter(|session| session.user.id == user.id).map(|session| session.id.clone()).collect();
    for id in ended {
        queue::close_session(world, &id);
    }
    Reply::empty(200)
}
