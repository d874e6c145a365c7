//! Directory, login, tokens: docs/protocol/domain-api.md, docs/protocol/authentication.md.

mod common;

use common::{Sandbox, names};
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;

fn small() -> Sandbox {
    Sandbox::frozen(&["--engagements", "10"])
}

#[test]
fn the_directory_gives_bare_hosts() {
    let sandbox = small();
    let host = sandbox.origin().trim_start_matches("http://");
    let one = sandbox.get(&sandbox.account("/service/conversationVep/baseURI.json?version=1.0")).expect(200).json();
    assert_eq!(one, json!({"service": "conversationVep", "account": "12345678", "baseURI": host}));
    for path in ["/api/account/12345678/service/baseURI", "/csdr/account/12345678/service/baseURI.json"] {
        let list = sandbox.get(&format!("{path}?version=1.0")).expect(200).json();
        let services: Vec<&str> =
            list["baseURIs"].as_array().unwrap().iter().map(|entry| entry["service"].as_str().unwrap()).collect();
        for service in ["conversationVep", "agentVep", "engHistDomain", "sentinel", "smt"] {
            assert!(services.contains(&service));
        }
    }
}

#[test]
fn the_directory_refuses() {
    let sandbox = small();
    sandbox.get(&sandbox.account("/service/agentvep/baseURI.json?version=1.0")).expect(404).error();
    sandbox.get(&sandbox.account("/service/agentVep/baseURI.json")).expect(400);
    let other = "/api/account/999/service/agentVep/baseURI.json?version=1.0";
    sandbox.get(other).expect(401);
    sandbox.switch("unknown_account", "400");
    sandbox.get(other).expect(400);
}

#[test]
fn login_answers_in_the_documented_shape() {
    let sandbox = small();
    let answer = sandbox.log_in("agent@example.com").expect(200);
    let body = answer.json();
    assert_eq!(names(&body), ["accountData", "bearer", "config", "csdsCollectionResponse", "csrf", "sessionTTl", "wsuk"]);
    assert_eq!((body["bearer"].as_str().unwrap().len(), body["csrf"].as_str().unwrap().len()), (64, 64));
    assert_eq!(body["sessionTTl"], "28800000");
    assert!(body["config"]["userId"].is_string() && body["config"]["serverCurrentTime"].is_i64());
    assert!(answer.cookies[0].starts_with("Session_id="));
}

#[test]
fn four_kinds_of_credentials() {
    let sandbox = small();
    let url = sandbox.account("/login");
    let text = |name: &str| sandbox.text(name).to_owned();
    let user = "agent@example.com";
    let keys = json!({"username": user, "appKey": text("oauth1_consumer_key"), "secret": text("oauth1_consumer_secret"),
        "accessToken": text("oauth1_token"), "accessTokenSecret": text("oauth1_token_secret")});
    sandbox.post(&url, &keys).expect(200);
    let client = json!({"username": user, "appKey": text("client_id"), "secret": text("client_secret"),
        "accessToken": "dummy", "accessTokenSecret": "dummy"});
    sandbox.post(&url, &client).expect(200);
    sandbox.post(&url, &json!({"jwt": "dummy", "assertion": "valid"})).expect(200);
    sandbox.post(&url, &json!({"username": user, "password": "wrong"})).expect(401);
    sandbox.post(&url, &json!({"username": "nobody@example.com", "password": text("password")})).expect(401);
    sandbox.post(&url, &json!({"username": user})).expect(400);
    sandbox.switch("login_throttle_ms", "5000");
    sandbox.log_in(user).expect(429);
    sandbox.switch("blocked_user", user);
    sandbox.log_in(user).expect(451);
}

#[test]
fn refresh_and_logout_need_cookie_and_csrf() {
    let sandbox = small();
    let login = sandbox.log_in("agent@example.com").expect(200);
    let (csrf, cookie) = (login.json()["csrf"].clone(), login.cookies[0].clone());
    let refresh = |cookie: &str, csrf: &Value| {
        sandbox.call("POST", &sandbox.account("/refresh?v=1.3"), &[("cookie", cookie)], &json!({ "csrf": csrf }))
    };
    let refused = refresh(&cookie, &json!("x")).expect(401).json();
    assert_eq!(
        refused["error"],
        json!({"time": "Nov 22, 2026 12:00:00 PM", "internalCode": 10, "responseStatus": "UNAUTHORIZED",
            "message": "CSRF token invalid! The CSRF token on request does not match the CSRF token on the session"})
    );
    refresh("a=b", &csrf).expect(401);
    let refreshed = refresh(&cookie, &csrf).expect(200);
    assert_eq!((refreshed.text.as_str(), &refreshed.cookies[0]), ("", &cookie));
    let bearer = format!("Bearer {}", login.json()["bearer"].as_str().unwrap());
    let start = || sandbox.agent_call("POST", &bearer, &sandbox.account("/agentSession"), &json!({"loginData": {}}));
    start().expect(201);
    sandbox.call("POST", &sandbox.account("/logout"), &[("cookie", &cookie)], &json!({ "csrf": csrf })).expect(200);
    let rejected = start().expect(401);
    assert_eq!(
        rejected.text,
        "oauth_problem=token_rejected&oauth_problem_advice=the oauth_token is unacceptable to the Service Provider"
    );
}

#[test]
fn a_login_expires_unless_it_is_refreshed() {
    let sandbox = small();
    let login = sandbox.log_in("agent@example.com").expect(200);
    let bearer = format!("Bearer {}", login.json()["bearer"].as_str().unwrap());
    let start = || sandbox.agent_call("POST", &bearer, &sandbox.account("/agentSession"), &json!({"loginData": ""})).status;
    sandbox.advance(7 * HOUR);
    let csrf = json!({"csrf": login.json()["csrf"]});
    sandbox.call("POST", &sandbox.account("/refresh"), &[("cookie", &login.cookies[0])], &csrf).expect(200);
    sandbox.advance(7 * HOUR);
    assert_eq!(start(), 201);
    sandbox.advance(HOUR);
    assert_eq!(start(), 401);
}

#[test]
fn application_tokens_live_an_hour_and_need_version_2_for_the_history() {
    let sandbox = small();
    let token = sandbox.app_token();
    let claims = token.split('.').nth(1).unwrap();
    assert_eq!(token.split('.').count(), 3);
    assert!(!claims.is_empty());
    let body = json!({"start": {"from": common::BASE - common::DAY, "to": common::BASE}});
    sandbox.search(&token, "", &body).expect(200);
    sandbox.advance(HOUR + 1000);
    sandbox.search(&token, "", &body).expect(401);
    let form = |fields: &str, path: &str| {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        sandbox.send("POST", path, &headers, fields.as_bytes()).unwrap()
    };
    let v2 = "/sentinel/api/v2/account/12345678/app/token";
    let good = format!("client_id={}&client_secret={}&grant_type=", sandbox.text("client_id"), sandbox.text("client_secret"));
    assert_eq!(form(&format!("{good}password"), v2).expect(400).json(), json!({"error": "unsupported_grant_type"}));
    assert_eq!(
        form("client_id=x&client_secret=y&grant_type=client_credentials", v2).expect(401).json(),
        json!({"error": "invalid_client"})
    );
    let v1 = form(&format!("{good}client_credentials"), "/sentinel/api/account/12345678/app/token?v=1.0").expect(200);
    let old = format!("Bearer {}", v1.json()["access_token"].as_str().unwrap());
    sandbox.search(&old, "", &body).expect(401);
}

#[test]
fn a_code_is_exchanged_once_and_its_tokens_act_for_the_user_until_they_are_revoked() {
    let sandbox = small();
    let base = "/sentinel/api/account/12345678";
    let id = sandbox.text("client_id").to_owned();
    let authorize =
        format!("{base}/authorize?v=1.0&response_type=code&redirect_uri=https%3A%2F%2Fa.example%2Fb%3Fx%3D1&state=s%20t");
    let answer = sandbox.get(&format!("{authorize}&client_id={id}")).expect(302);
    let rest = answer.location.strip_prefix("https://a.example/b?x=1&code=").unwrap();
    let code = rest.strip_suffix("&state=s%20t").unwrap();
    sandbox.get(&format!("{authorize}&client_id=another")).expect(401);
    sandbox.get(&format!("{base}/authorize?client_id={id}&response_type=token")).expect(400);
    let client = format!("client_id={id}&client_secret={}", sandbox.text("client_secret"));
    let form = |path: &str, fields: &str| {
        let headers = [("content-type", "application/x-www-form-urlencoded;charset=UTF-8")];
        sandbox.send("POST", &format!("{base}{path}"), &headers, format!("{client}&{fields}").as_bytes()).unwrap()
    };
    let exchange = |code: &str, uri: &str| form("/token?v=1.0", &format!("grant_type=authorization_code&code={code}{uri}"));
    let tokens = exchange(code, "&redirect_uri=https%3A%2F%2Fa.example%2Fb%3Fx%3D1").expect(200).json();
    assert_eq!(names(&tokens), ["access_token", "id_token", "refresh_token", "token_type"]);
    assert_eq!(exchange(code, "").expect(400).json(), json!({"error": "invalid_grant"}));
    exchange("valid-1", "").expect(200);
    exchange("valid-1", "").expect(400);
    let refresh = format!("grant_type=refresh_token&refresh_token={}", tokens["refresh_token"].as_str().unwrap());
    let refreshed = form("/token?v=1.0", &refresh).expect(200).json();
    assert_eq!(names(&refreshed), ["access_token", "refresh_token", "token_type"]);
    let bearer = format!("Bearer {}", refreshed["access_token"].as_str().unwrap());
    let start = || sandbox.agent_call("POST", &bearer, &sandbox.account("/agentSession"), &json!({"loginData": ""})).status;
    assert_eq!(start(), 201);
    let revoke = format!("token={}", tokens["refresh_token"].as_str().unwrap());
    form("/token/revoke?v1.0", &revoke).expect(200);
    assert_eq!(start(), 401);
    form("/token/revoke?v1.0", &revoke).expect(400);
    form("/token?v=1.0", &refresh).expect(400);
}
