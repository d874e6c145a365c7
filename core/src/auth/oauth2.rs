//! OAuth 2.0 client credentials: the application's token, a JWT.
//!
//! Source: `docs/protocol/authentication.md`, "OAuth 2.0 client credentials (app JWT)".

use std::time::Duration;

use base64::Engine as _;
use lpchat_macros::model;
use serde_json::Value;

use crate::error::{Code, LpchatError, Result};
use crate::secret::Secret;
use crate::transport::links::segment;
use crate::transport::{Context, Request, Service};

#[model(internal)]
struct TokenAnswer {
    #[wire("access_token")]
    access_token: Option<Secret>,
}

/// A token as the client keeps it.
#[derive(Debug)]
pub(crate) struct AppToken {
    pub(crate) bearer: Secret,
    /// When to replace it, on the environment's clock.
    renew_at: Duration,
}

/// The share of a token's life after which it is replaced.
const RENEW_AT: f64 = 0.8;
/// The life of a token that does not say: the documented sample's.
const USUAL_LIFE: Duration = Duration::from_secs(3600);
/// No token is believed to live longer.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);

impl Context {
    /// The application's token, fetched or replaced as needed.
    pub(crate) async fn app_token(&self) -> Result<Secret> {
        let authenticator = &self.state().authenticator;
        let mut kept = authenticator.token.enter().await?;
        let now = self.core.environment.clock.elapsed();
        if let Some(token) = kept.as_ref().filter(|token| now < token.renew_at) {
            return Ok(token.bearer.clone());
        }
        let outcome = self.fetch_token().await;
        authenticator.token.note(&outcome);
        let bearer = outcome?;
        authenticator.keep_out_of_messages([bearer.clone()]);
        let life = life(bearer.expose()).filter(|life| !life.is_zero()).unwrap_or(USUAL_LIFE).min(LONGEST_LIFE);
        let token = AppToken { bearer: bearer.clone(), renew_at: now + life.mul_f64(RENEW_AT) };
        *kept = Some(token);
        Ok(bearer)
    }

    /// Version 2, whose tokens engagement history takes.
    async fn fetch_token(&self) -> Result<Secret> {
        let config = &self.core.config;
        let (Some(id), Some(secret)) = (&config.options.client_id, &config.options.client_secret) else {
            return Err(
                LpchatError::new(Code::MissingOption).with_message("OAuth 2 needs the options `client_id` and `client_secret`.")
            );
        };
        let account = segment(config.account()?);
        let request = if config.options.oauth2_version_in_query.unwrap_or(false) {
            Request::post(Service::Sentinel, format!("/sentinel/api/account/{account}/app/token")).query("v", "2.0")
        } else {
            Request::post(Service::Sentinel, format!("/sentinel/api/v2/account/{account}/app/token"))
        };
        let fields = [("client_id", id.as_str()), ("client_secret", secret.expose()), ("grant_type", "client_credentials")];
        let answer: TokenAnswer = self.send(form(request.repeatable(), fields)).await?.document()?;
        answer.access_token.ok_or_else(|| {
            LpchatError::new(Code::LoginFailed).with_message("The token request was answered without `access_token`.")
        })
    }
}

/// A request of the token service: a form, throttled like a login.
pub(super) fn form<'a>(mut request: Request, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Request {
    request.login = true;
    request.content_type = "application/x-www-form-urlencoded";
    request.body = Some(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish());
    request
}

/// What a token says of itself.
pub(super) fn claims(token: &str) -> Option<Value> {
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// How long a token lives by its own word: `exp − iat`, so that clocks need not agree.
fn life(token: &str) -> Option<Duration> {
    let claims = claims(token)?;
    let seconds = claims.get("exp")?.as_u64()?.checked_sub(claims.get("iat")?.as_u64()?)?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_how_long_it_lives() {
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"iat":1000,"exp":4600}"#);
        assert_eq!(life(&format!("e30.{payload}.x")), Some(Duration::from_secs(3600)));
        assert_eq!(life("no token"), None);
    }
}
