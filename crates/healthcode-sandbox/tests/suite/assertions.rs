//! The NHS's token endpoint, check by check.

use crate::kit::{FORM, Sandbox, send, start};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use healthcode_sandbox::{Config, Credentials, Fault, Running, Service};
use healthcode_transport::RingSigner;
use healthcode_transport::nhs::Signer;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_secs().try_into().unwrap()
}

pub(crate) fn signer(sandbox: &Running) -> RingSigner {
    RingSigner::from_pem(&sandbox.credentials().nhs.private_key).unwrap()
}

fn encode(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// A valid header and valid claims, with a new `jti`.
pub(crate) fn parts(sandbox: &Running) -> (Value, Value) {
    let key = sandbox.credentials().nhs.api_key.expose_secret();
    let jti = healthcode_transport::uuid(&healthcode_transport::SystemRandom);
    let header = json!({"alg": "RS512", "typ": "JWT", "kid": "sandbox-1"});
    let claims = json!({
        "iss": key, "sub": key, "aud": sandbox.urls().nhs_token, "jti": jti, "exp": now() + 300,
    });
    (header, claims)
}

pub(crate) fn signed(sandbox: &Running, header: &Value, claims: &Value) -> String {
    let input = format!("{}.{}", encode(header), encode(claims));
    let signature = signer(sandbox).sign(input.as_bytes()).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(crate) fn form(assertion: &str) -> String {
    format!(
        "grant_type=client_credentials&client_assertion_type={TYPE}&client_assertion={assertion}"
    )
}

pub(crate) async fn post(sandbox: &Running, body: &str) -> (u16, Value) {
    let answer = send("POST", &sandbox.urls().nhs_token, &[FORM], Some(body)).await;
    (answer.status, answer.json())
}

/// Changes the header or claims: null removes a member.
fn change(json: &mut Value, name: &str, value: &Value) {
    let members = json.as_object_mut().unwrap();
    if value.is_null() {
        drop(members.remove(name));
    } else {
        drop(members.insert(name.to_owned(), value.clone()));
    }
}

#[tokio::test]
async fn assertions_case_by_case() {
    let sandbox = start();
    let check = async |changes: &[(&str, &str, Value)], status: u16, error: &str, text: &str| {
        let (mut header, mut claims) = parts(&sandbox);
        for (part, name, value) in changes {
            let json = if *part == "header" {
                &mut header
            } else {
                &mut claims
            };
            change(json, name, value);
        }
        let (found, body) = post(&sandbox, &form(&signed(&sandbox, &header, &claims))).await;
        assert_eq!(
            (found, &body["error_description"]),
            (status, &json!(text)),
            "{changes:?}"
        );
        assert_eq!(body["error"], error);
        assert!(body["message_id"].as_str().is_some_and(|id| !id.is_empty()));
    };
    let invalid = "invalid_request";
    let alg = "Invalid 'alg' header in client_assertion JWT - unsupported JWT algorithm - must be 'RS512'";
    let typ = "Invalid 'typ' header in client_assertion JWT - must be 'JWT'";
    let exp = "Invalid 'exp' claim in client_assertion JWT - ";
    let pair = "Missing or non-matching 'iss'/'sub' claims in client_assertion JWT";
    let aud = "Missing or invalid 'aud' claim in client_assertion JWT";
    let expired = format!("{exp}JWT has expired");
    for name in ["RS256", "RS384", "PS512", "HS512", "none"] {
        check(&[("header", "alg", json!(name))], 400, invalid, alg).await;
    }
    check(
        &[("header", "alg", Value::Null)],
        400,
        invalid,
        "Missing 'alg' header in client_assertion JWT",
    )
    .await;
    check(
        &[("header", "kid", Value::Null)],
        400,
        invalid,
        "Missing 'kid' header in client_assertion JWT",
    )
    .await;
    check(
        &[("header", "kid", json!("other"))],
        401,
        invalid,
        "Invalid 'kid' header in client_assertion JWT - no matching public key",
    )
    .await;
    let crit = "Invalid 'crit' header in client_assertion JWT - no extension is supported";
    for names in [json!(["b64"]), json!([]), json!("exp")] {
        check(&[("header", "crit", names)], 400, invalid, crit).await;
    }
    let nbf = "Invalid 'nbf' claim in client_assertion JWT - ";
    let early = format!("{nbf}JWT is not valid yet");
    check(
        &[("claims", "nbf", json!(now() + 60))],
        400,
        invalid,
        &early,
    )
    .await;
    let unread = format!("{nbf}must be an integer");
    check(&[("claims", "nbf", json!("soon"))], 400, invalid, &unread).await;
    check(&[("header", "typ", json!("other"))], 400, invalid, typ).await;
    check(&[("header", "typ", Value::Null)], 400, invalid, typ).await;
    check(&[("claims", "iss", Value::Null)], 400, invalid, pair).await;
    check(&[("claims", "sub", Value::Null)], 400, invalid, pair).await;
    check(&[("claims", "sub", json!("other"))], 400, invalid, pair).await;
    check(
        &[("claims", "iss", json!("x")), ("claims", "sub", json!("x"))],
        401,
        invalid,
        "Invalid 'iss'/'sub' claims in client_assertion JWT",
    )
    .await;
    check(
        &[("claims", "jti", Value::Null)],
        400,
        invalid,
        "Missing 'jti' claim in client_assertion JWT",
    )
    .await;
    check(&[("claims", "jti", json!(1_234_567_890))], 400, invalid, "Invalid 'jti' claim in client_assertion JWT - must be a unique string value such as a GUID").await;
    check(&[("claims", "aud", json!("other"))], 401, invalid, aud).await;
    check(&[("claims", "aud", Value::Null)], 401, invalid, aud).await;
    check(
        &[("claims", "exp", Value::Null)],
        400,
        invalid,
        "Missing 'exp' claim in client_assertion JWT",
    )
    .await;
    check(
        &[("claims", "exp", json!((now() + 300).to_string()))],
        400,
        invalid,
        &format!("{exp}must be an integer"),
    )
    .await;
    check(
        &[("claims", "exp", json!(now() - 20))],
        400,
        invalid,
        &expired,
    )
    .await;
    check(
        &[("claims", "exp", json!(now() + 360))],
        400,
        invalid,
        &format!("{exp}more than 5 minutes in future"),
    )
    .await;
    // Of two errors, the one that is checked first.
    for (first, second, text) in [
        (
            ("header", "alg", json!("none")),
            ("claims", "exp", json!(1)),
            alg,
        ),
        (
            ("claims", "exp", json!(1)),
            ("header", "kid", Value::Null),
            &*expired,
        ),
        (
            ("header", "kid", Value::Null),
            ("header", "typ", json!("x")),
            "Missing 'kid' header in client_assertion JWT",
        ),
        (
            ("header", "typ", json!("x")),
            ("claims", "exp", Value::Null),
            typ,
        ),
        (
            ("claims", "exp", Value::Null),
            ("claims", "iss", Value::Null),
            "Missing 'exp' claim in client_assertion JWT",
        ),
        (
            ("claims", "iss", Value::Null),
            ("claims", "jti", Value::Null),
            pair,
        ),
        (
            ("claims", "jti", Value::Null),
            ("claims", "exp", json!(now() + 999)),
            "Missing 'jti' claim in client_assertion JWT",
        ),
    ] {
        check(&[first.clone(), second.clone()], 400, invalid, text).await;
        check(&[second, first], 400, invalid, text).await;
    }
}

/// The errors for an application's keys: that it has no keys, and that they cannot be fetched.
#[tokio::test]
async fn keys() {
    let mut credentials = Credentials::new().unwrap();
    credentials.nhs.public_keys.clear();
    let mut config = Config::default();
    config.credentials = Some(credentials);
    let sandbox = Sandbox::start(config).unwrap();
    let check = async |text: &str| {
        let (header, claims) = parts(&sandbox);
        let (status, body) = post(&sandbox, &form(&signed(&sandbox, &header, &claims))).await;
        assert_eq!((status, &body["error"]), (403, &json!("public_key error")));
        assert_eq!(body["error_description"], text);
    };
    check("You need to register a public key to use this authentication method - please contact support to configure").await;
    sandbox
        .faults()
        .add(Service::NhsToken, Fault::KeysUnreachable, 1);
    check("The JWKS endpoint, for your client_assertion can't be reached").await;
}

#[tokio::test]
async fn requests_for_tokens() {
    let sandbox = start();
    let (header, claims) = parts(&sandbox);
    let good = signed(&sandbox, &header, &claims);
    let fresh = || {
        let (header, claims) = parts(&sandbox);
        signed(&sandbox, &header, &claims)
    };
    let (input, signature) = good.rsplit_once('.').unwrap();
    let wrong_type = "Missing or invalid client_assertion_type - must be 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'";
    // Changed after signing.
    let mut bent = claims.clone();
    change(&mut bent, "jti", &json!("bent"));
    let forged = format!("{}.{}.{signature}", encode(&header), encode(&bent));
    for (body, status, text) in [
        (
            form(&good).replace("client_credentials", "password"),
            400,
            "grant_type is invalid",
        ),
        (
            form(&good).replace("grant_type=client_credentials", ""),
            400,
            "grant_type is invalid",
        ),
        (form(&good).replace(TYPE, "other"), 400, wrong_type),
        (
            format!("grant_type=client_credentials&client_assertion={good}"),
            400,
            wrong_type,
        ),
        (form(""), 400, "Missing client_assertion"),
        (form("x.y"), 400, "Malformed JWT in client_assertion"),
        (form(input), 400, "Malformed JWT in client_assertion"),
        (
            form(&format!("{input}.")),
            401,
            "JWT signature verification failed",
        ),
        (form(&forged), 401, "JWT signature verification failed"),
    ] {
        let (found, json) = post(&sandbox, &body).await;
        assert_eq!(
            (found, &json["error_description"]),
            (status, &json!(text)),
            "{body}"
        );
    }
    // A refused assertion has not used its `jti`; an accepted one has.
    let (status, body) = post(&sandbox, &form(&good)).await;
    assert_eq!(
        (status, &body["expires_in"], &body["token_type"]),
        (200, &json!("599"), &json!("Bearer"))
    );
    assert!(body["issued_at"].is_string() && body.get("refresh_token").is_none());
    let (status, body) = post(&sandbox, &form(&good)).await;
    assert_eq!(
        (status, &body["error_description"]),
        (
            400,
            &json!("Non-unique 'jti' claim in client_assertion JWT")
        )
    );
    for (wanted, expect) in [("5000", "5"), ("6000000", "599")] {
        let body = format!("{}&_access_token_expiry_ms={wanted}", form(&fresh()));
        assert_eq!(post(&sandbox, &body).await.1["expires_in"], expect);
    }
    let json = ("content-type", "application/json");
    let answer = send(
        "POST",
        &sandbox.urls().nhs_token,
        &[json],
        Some(&form(&fresh())),
    )
    .await;
    assert_eq!(answer.status, 400);
}

/// `nbf` may be now, or a little later, because clocks differ.
#[tokio::test]
async fn assertions_that_are_valid_already() {
    let sandbox = start();
    for begin in [0, now() - 60, now(), now() + 5] {
        let (header, mut claims) = parts(&sandbox);
        claims["nbf"] = json!(begin);
        let (status, body) = post(&sandbox, &form(&signed(&sandbox, &header, &claims))).await;
        assert_eq!(status, 200, "{begin}: {body}");
    }
}

/// A repeated field, in any encoding, and too many fields.
#[tokio::test]
async fn forms_of_all_servers_of_tokens() {
    let sandbox = start();
    let (header, claims) = parts(&sandbox);
    let good = form(&signed(&sandbox, &header, &claims));
    let urls = sandbox.urls();
    let sso = format!("{}/sso/token", urls.base);
    let many: String = (0..10_000)
        .map(|number| format!("&field-{number}=x"))
        .collect();
    for url in [&sso, &urls.nhs_token, &urls.graphnet_token] {
        for more in [
            "&grant_type=x",
            "&gr%61nt_type=client_credentials",
            "&a=&a=",
            &many[..60_000],
        ] {
            let answer = send("POST", url, &[FORM], Some(&format!("{good}{more}"))).await;
            assert_eq!(
                (answer.status, &answer.json()["error"]),
                (400, &json!("invalid_request"))
            );
        }
        // Beyond the limit of fields, the form is not parsed further.
        let long = format!("{good}&a={}", "x".repeat(70_000));
        assert_eq!(send("POST", url, &[FORM], Some(&long)).await.status, 413);
    }
    assert_eq!(post(&sandbox, &good).await.0, 200);
}
