//! Application tokens: docs/protocol/authentication.md, "OAuth 2.0 client credentials".

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::http::reply::Reply;
use crate::http::request::pairs;
use crate::routes::Call;
use crate::world::World;

/// Seconds between `iat` and `exp`.
const LIFE_S: i64 = 3600;

/// Only tokens of version 2 carry the scope that the engagement history wants.
pub const HISTORY_SCOPE: &str = "data.services.enghist";
const FIRST_VERSION_SCOPE: &str = "msg.consumer";

pub fn token_version_1(world: &mut World, call: &Call) -> Reply {
    match call.request.query("v") {
        Some("1.0") => token(world, call, FIRST_VERSION_SCOPE),
        // One revision of the documentation prints version 2 in this form.
        Some("2.0") => token(world, call, HISTORY_SCOPE),
        _ => refused(400, "invalid_request"),
    }
}

pub fn token_version_2(world: &mut World, call: &Call) -> Reply {
    token(world, call, HISTORY_SCOPE)
}

/// RFC 6749, section 5.2; the service's own error bodies are not published.
pub fn refused(status: u16, error: &str) -> Reply {
    Reply::json(status, &json!({ "error": error }))
}

fn token(world: &mut World, call: &Call, scope: &'static str) -> Reply {
    if call.account() != world.identity.account {
        return refused(401, "invalid_client");
    }
    let form = call.request.header("content-type").unwrap_or_default();
    if !form.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return refused(400, "invalid_request");
    }
    let body = String::from_utf8_lossy(&call.request.body).into_owned();
    let fields = pairs(&body);
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let (Some(id), Some(secret), Some(grant)) = (field("client_id"), field("client_secret"), field("grant_type")) else {
        return refused(400, "invalid_request");
    };
    if grant != "client_credentials" {
        return refused(400, "unsupported_grant_type");
    }
    if id != world.identity.client_id || secret != world.identity.client_secret {
        return refused(401, "invalid_client");
    }
    let token = issue(world, scope);
    let body = json!({"access_token": token, "token_type": "Bearer"}).to_string();
    Reply::text(200, "application/json;charset=utf-8", body)
}

fn issue(world: &mut World, scope: &'static str) -> String {
    let (number, _) = world.issue("app token");
    let issued = world.now.div_euclid(1000);
    let claims = json!({
        "aud": world.identity.account, "azp": world.identity.client_id, "scope": scope, "iss": "Sentinel",
        "iat": issued, "exp": issued + LIFE_S, "jti": number.to_string(),
    });
    let token = signed(world, &claims);
    world.app_tokens.insert(token.clone(), ((issued + LIFE_S) * 1000, scope));
    token
}

/// A token of these claims.
pub fn signed(world: &World, claims: &Value) -> String {
    let header = json!({"kid": "sandbox", "typ": "JWT", "alg": "HS256"});
    let encode = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(world.identity.signing_key.as_bytes()).expect("a key of any length is allowed");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}
