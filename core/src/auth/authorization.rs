//! OAuth 2.0 authorization code: acting for a user who signs on in the vendor's own pages, single sign-on included.
//!
//! Source: `docs/protocol/authentication.md`, "OAuth 2.0 authorization code (acting for a user)".

use std::fmt;

use lpchat_macros::{model, operation};
use url::Url;

use super::oauth2::{claims, form};
use crate::agent::Agent;
use crate::config::Config;
use crate::error::{Code, LpchatError, Result};
use crate::secret::Secret;
use crate::transport::links::segment;
use crate::transport::{Context, Request, Service};
use crate::wire::Text;

#[model(internal)]
struct TokensAnswer {
    #[wire("access_token")]
    access_token: Option<Secret>,
    #[wire("refresh_token")]
    refresh_token: Option<Secret>,
    #[wire("id_token")]
    id_token: Option<Secret>,
}

/// The tokens of a user who let an application act for them. They are credentials: whoever holds them is the user.
///
/// The access token goes into the option `bearer` of a client. It is renewed with the refresh token, for which the vendor
/// advises every 30 minutes.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct UserTokens {
    access: Secret,
    refresh: Secret,
    id: Option<Secret>,
}

impl fmt::Debug for UserTokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("UserTokens").field("user_id", &self.user_id()).finish_non_exhaustive()
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl UserTokens {
    /// The access token, which works like the bearer of a login.
    pub fn access_token(&self) -> Text {
        self.access.expose().into()
    }

    /// The refresh token, for `Agent.refresh_tokens` and `Agent.revoke_tokens`.
    pub fn refresh_token(&self) -> Text {
        self.refresh.expose().into()
    }

    /// The id token, a JWT; absent after a refresh.
    pub fn id_token(&self) -> Option<Text> {
        self.id.as_ref().map(|token| token.expose().into())
    }

    /// The user's id, as the id token states it; absent after a refresh. The token's signature is not checked: it came
    /// from the service itself.
    pub fn user_id(&self) -> Option<Text> {
        claims(self.id.as_ref()?.expose())?.get("sub")?.as_str().map(Text::from)
    }
}

/// The application's own id and secret.
fn client(config: &Config) -> Result<(&Text, &Secret)> {
    match (&config.options.client_id, &config.options.client_secret) {
        (Some(id), Some(secret)) => Ok((id, secret)),
        _ => Err(LpchatError::new(Code::MissingOption)
            .with_message("Acting for a user needs the application's `client_id` and `client_secret`.")),
    }
}

fn address(config: &Config, resource: &str) -> Result<String> {
    Ok(format!("/sentinel/api/account/{}/{resource}", segment(config.account()?)))
}

/// Retrieves the address at which a user lets the application act for them: to be opened in a browser, which comes back to
/// `redirect_uri` with `code` and `state`, or with `error`.
///
/// * `state`: comes back unchanged; take an unguessable one for each user and accept no code that comes with another.
/// * `redirect_uri`: where the browser comes back to; optional only where the application has registered a single one.
///
/// Source: `docs/protocol/authentication.md`, "OAuth 2.0 authorization code (acting for a user)".
#[operation(retry = safe)]
async fn retrieve_authorization_url(agent: &Agent, context: &Context, state: Text, redirect_uri: Option<Text>) -> Result<Text> {
    if state.is_empty() {
        return Err(LpchatError::argument("state", "", "it holds something that cannot be guessed"));
    }
    check_redirect(redirect_uri.as_ref())?;
    let config = &agent.core().config;
    let (client_id, _) = client(config)?;
    let request = Request::get(Service::Sentinel, address(config, "authorize")?)
        .query("v", "1.0")
        .query("response_type", "code")
        .query_if("redirect_uri", redirect_uri)
        .query("client_id", client_id)
        .query("state", state);
    Ok(request.url(&context.origin(Service::Sentinel).await?)?.as_str().into())
}

/// Exchanges the code that the browser came back with for the user's tokens.
///
/// * `code`: usable once. After a failure that leaves the outcome open, send the user through the pages again.
/// * `redirect_uri`: the same as for the address, where it had one.
///
/// Fails with `LoginFailed` where the code is not, or no longer, accepted.
///
/// Source: `docs/protocol/authentication.md`, "OAuth 2.0 authorization code (acting for a user)".
#[operation(retry = effect)]
async fn exchange_code(agent: &Agent, context: &Context, code: Secret, redirect_uri: Option<Text>) -> Result<UserTokens> {
    if code.is_empty() {
        return Err(LpchatError::argument("code", "", "it comes with the browser that was sent to the address"));
    }
    check_redirect(redirect_uri.as_ref())?;
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code.expose())];
    fields.extend(redirect_uri.as_ref().map(|uri| ("redirect_uri", uri.as_str())));
    context.tokens(agent, "token", &fields).await
}

/// Renews the tokens of a user.
///
/// Fails with `LoginFailed` where the refresh token is not, or no longer, accepted.
///
/// Source: `docs/protocol/authentication.md`, "OAuth 2.0 authorization code (acting for a user)".
#[operation(retry = idempotent)]
async fn refresh_tokens(agent: &Agent, context: &Context, refresh_token: Secret) -> Result<UserTokens> {
    check_token(&refresh_token)?;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
    let mut tokens = context.tokens(agent, "token", &fields).await?;
    if tokens.refresh.is_empty() {
        tokens.refresh = refresh_token;
    }
    Ok(tokens)
}

/// Revokes the tokens of a user: ends the user's session in all of the vendor's applications.
///
/// Source: `docs/protocol/authentication.md`, "OAuth 2.0 authorization code (acting for a user)".
#[operation(retry = idempotent)]
async fn revoke_tokens(agent: &Agent, context: &Context, refresh_token: Secret) -> Result<()> {
    check_token(&refresh_token)?;
    let request = context.user_form(agent, "token/revoke", &[("token", refresh_token.expose())])?;
    context.send(request).await.map(|_| ())
}

impl Context {
    /// A form that names the application beside `fields`.
    fn user_form(&self, agent: &Agent, resource: &str, fields: &[(&str, &str)]) -> Result<Request> {
        let config = &agent.core().config;
        let (client_id, client_secret) = client(config)?;
        let own = [("client_id", client_id.as_str()), ("client_secret", client_secret.expose())];
        let request = Request::post(Service::Sentinel, address(config, resource)?).query("v", "1.0");
        Ok(form(request, fields.iter().copied().chain(own)))
    }

    async fn tokens(&self, agent: &Agent, resource: &str, fields: &[(&str, &str)]) -> Result<UserTokens> {
        let answer: TokensAnswer = self.send(self.user_form(agent, resource, fields)?).await?.document()?;
        let TokensAnswer { access_token, refresh_token, id_token } = answer;
        let given = [&access_token, &refresh_token, &id_token].into_iter().flatten().cloned();
        self.state().authenticator.keep_out_of_messages(given);
        let access = access_token.ok_or_else(|| {
            LpchatError::new(Code::LoginFailed).with_message("The token request was answered without `access_token`.")
        })?;
        Ok(UserTokens { access, refresh: refresh_token.unwrap_or_default(), id: id_token })
    }
}

fn check_token(token: &Secret) -> Result<()> {
    if token.is_empty() {
        return Err(LpchatError::argument("refresh_token", "", "it comes with the access token"));
    }
    Ok(())
}

fn check_redirect(uri: Option<&Text>) -> Result<()> {
    match uri {
        Some(uri) if Url::parse(uri).is_err() => {
            Err(LpchatError::argument("redirect_uri", uri.as_str(), "it is an address, such as `https://app.example/signed-on`"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_not_shown() {
        let tokens = UserTokens { access: "access-secret".into(), refresh: "refresh-secret".into(), id: None };
        assert_eq!(format!("{tokens:?}"), "UserTokens { user_id: None, .. }");
    }
}
