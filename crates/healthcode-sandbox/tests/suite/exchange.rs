//! Token exchange, check by check, and what users may do that applications may not.

use crate::assertions::{parts, post, signed, signer};
use crate::kit::{Sandbox, send, stack, start};
use crate::nhs::{platform, query};
use crate::watch;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use healthcode_sandbox::Running;
use healthcode_transport::nhs::{Assertion, Pds, SignedJwt, TokenExchange};
use healthcode_transport::{Client, FetchToken, Retry, TokenCache, TokioTimer};
use healthcode_uk::NhsNumber;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const SUBJECT: &str = "urn:ietf:params:oauth:token-type:id_token";

pub(crate) fn client(sandbox: &Running) -> Client {
    let platform = platform(sandbox);
    let key = sandbox.credentials().nhs.api_key.expose_secret();
    let assertion = Assertion::new(key, "sandbox-1", platform.token_endpoint());
    let grant = SignedJwt::new(assertion, signer(sandbox));
    let id_token = sandbox.id_token(Duration::from_mins(1)).unwrap();
    watch::secret(id_token.expose_secret());
    let fetch = FetchToken::new(TokenExchange::new(grant, id_token), stack());
    let fetch = fetch.allow_loopback_http(true);
    Client::new(stack(), platform.trust().unwrap())
        .with_tokens(TokenCache::new(fetch, Arc::new(TokioTimer)))
        .with_retry(Retry::never())
}

/// By the transport's own grant; users may have several matches.
#[tokio::test]
async fn by_client() {
    let sandbox = start();
    let (pds, user) = (Pds::new(platform(&sandbox)), client(&sandbox));
    let number = NhsNumber::parse("9000000009").unwrap();
    user.send(&pds.read(&number).unwrap()).await.unwrap();
    let smiths = [("family", "Smith")];
    let search = |pairs| pds.search(&query("pds-patient", pairs)).unwrap();
    let found = user.send(&search(&smiths)).await.unwrap().value;
    assert_eq!(found.entry.len(), 3);
    let most = [("family", "Smith"), ("_max-results", "2")];
    assert!(user.send(&search(&most)).await.is_err());
    let alone = crate::nhs::client(&sandbox);
    let error = alone.send(&search(&most)).await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(400));
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn encoded(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

#[tokio::test]
async fn subjects_case_by_case() {
    let sandbox = start();
    let own = sandbox.id_token(Duration::from_mins(1)).unwrap();
    let own = own.expose_secret();
    let (input, signature) = own.rsplit_once('.').unwrap();
    let (header, claims) = input.split_once('.').unwrap();
    let (header, claims) = (decoded(header), decoded(claims));
    let form = |subject: &str| {
        let (header, claims) = parts(&sandbox);
        let assertion = signed(&sandbox, &header, &claims);
        format!(
            "grant_type={GRANT}&subject_token_type={SUBJECT}&subject_token={subject}\
             &client_assertion_type={TYPE}&client_assertion={assertion}"
        )
    };
    let check = async |body: String, status: u16, text: &str| {
        let (found, json) = post(&sandbox, &body).await;
        assert_eq!(
            (found, json["error_description"].as_str()),
            (status, Some(text))
        );
    };
    // The changed token has a wrong signature, but other checks come first.
    let bent = |part: &str, name: &str, value: Value| {
        let (mut header, mut claims) = (header.clone(), claims.clone());
        let json = if part == "header" {
            &mut header
        } else {
            &mut claims
        };
        let members = json.as_object_mut().unwrap();
        if value.is_null() {
            drop(members.remove(name));
        } else {
            drop(members.insert(name.to_owned(), value));
        }
        format!("{}.{}.{signature}", encoded(&header), encoded(&claims))
    };
    let subject = |text: &str| format!("{text} in subject_token JWT");
    let alg =
        "Invalid 'alg' header in subject_token JWT - unsupported JWT algorithm - must be 'RS256'";
    for name in ["none", "HS256", "RS512"] {
        check(form(&bent("header", "alg", json!(name))), 400, alg).await;
    }
    let none = format!(
        "{}.{}.",
        encoded(&json!({"alg": "none", "typ": "JWT"})),
        encoded(&claims)
    );
    check(form(&none), 400, alg).await;
    for (part, name, value, status, text) in [
        (
            "header",
            "alg",
            json!(null),
            400,
            subject("Missing 'alg' header"),
        ),
        (
            "header",
            "kid",
            json!(null),
            400,
            subject("Missing 'kid' header"),
        ),
        (
            "header",
            "kid",
            json!("other"),
            401,
            format!(
                "{} - no matching public key",
                subject("Invalid 'kid' header")
            ),
        ),
        (
            "header",
            "typ",
            json!("at+jwt"),
            400,
            format!("{} - must be 'JWT'", subject("Invalid 'typ' header")),
        ),
        (
            "claims",
            "exp",
            json!(null),
            400,
            subject("Missing 'exp' claim"),
        ),
        (
            "claims",
            "exp",
            json!("1"),
            400,
            format!("{} - must be an integer", subject("Invalid 'exp' claim")),
        ),
        (
            "claims",
            "exp",
            json!(1),
            400,
            format!("{} - JWT has expired", subject("Invalid 'exp' claim")),
        ),
        (
            "claims",
            "iss",
            json!("x"),
            400,
            subject("Missing or invalid 'iss' claim"),
        ),
        (
            "claims",
            "sub",
            json!(null),
            400,
            subject("Missing 'sub' claim"),
        ),
        (
            "claims",
            "aud",
            json!(null),
            400,
            subject("Missing 'aud' claim"),
        ),
        (
            "claims",
            "sub",
            json!("another"),
            401,
            "JWT signature verification failed".to_owned(),
        ),
    ] {
        check(form(&bent(part, name, value)), status, &text).await;
    }
    check(
        form(&format!("{input}.")),
        401,
        "JWT signature verification failed",
    )
    .await;
    check(form(""), 400, "Missing subject_token").await;
    // An access token is not an id token.
    check(form("4bdd5c2d"), 400, "Malformed JWT in subject_token").await;
    check(
        form(own).replace(SUBJECT, "urn:ietf:params:oauth:token-type:access_token"),
        400,
        "Missing or invalid subject_token_type - must be 'urn:ietf:params:oauth:token-type:id_token'",
    )
    .await;
    // The client must authenticate, too.
    let assertion = form(own);
    let (without, _) = assertion.split_once("&client_assertion=").unwrap();
    check(without.to_owned(), 400, "Missing client_assertion").await;
    let (status, body) = post(&sandbox, &assertion).await;
    assert_eq!((status, &body["expires_in"]), (200, &json!("599")));
    let issued = "urn:ietf:params:oauth:token-type:access_token";
    assert_eq!(body["issued_token_type"], issued);
    let used = "Non-unique 'jti' claim in client_assertion JWT";
    check(assertion.clone(), 400, used).await;
}

const PATCH: (&str, &str) = ("content-type", "application/json-patch+json");

/// Updates of a patient, one after the other, and related persons.
#[tokio::test]
async fn updates_case_by_case() {
    let sandbox = start();
    let (header, claims) = parts(&sandbox);
    let form = crate::assertions::form(&signed(&sandbox, &header, &claims));
    let token = post(&sandbox, &form).await.1;
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let base = format!(
        "{}/personal-demographics/FHIR/R4/Patient",
        sandbox.urls().nhs
    );
    let mut count = 0;
    let mut send_with = async |method: &str, path: &str, more: &[(&str, &str)], body: &Value| {
        count += 1;
        let id = format!("60E0B220-8136-4CA5-AE46-{count:012}");
        let mut headers = vec![("authorization", bearer.as_str())];
        if !more.iter().any(|(name, _)| *name == "x-request-id") {
            headers.push(("x-request-id", &id));
        }
        headers.extend(more);
        let body = body.to_string();
        send(method, &format!("{base}/{path}"), &headers, Some(&body)).await
    };
    let replace = |path: &str, value: Value| {
        json!({"patches": [
            {"op": "replace", "path": path, "value": value},
        ]})
    };
    let link = |links: Value| json!({"patches": [{"op": "add", "path": "/link", "value": links}]});
    let gender = replace("/gender", json!("male"));
    let first = ("if-match", "W/\"2\"");
    let one = "9000000009";
    for (path, more, body, status, code) in [
        (one, vec![PATCH], &gender, 412, "PRECONDITION_FAILED"),
        (
            one,
            vec![PATCH, ("if-match", "2")],
            &gender,
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, ("if-match", "W/\"1\"")],
            &gender,
            409,
            "RESOURCE_VERSION_MISMATCH",
        ),
        (
            one,
            vec![PATCH, ("if-match", "W/\"3\"")],
            &gender,
            409,
            "RESOURCE_VERSION_MISMATCH",
        ),
        (
            one,
            vec![("content-type", "application/json"), first],
            &gender,
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, first, ("nhsd-session-urid", "x")],
            &gender,
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, first, ("x-request-id", "x")],
            &gender,
            400,
            "INVALID_VALUE",
        ),
        (one, vec![PATCH, first], &json!({}), 400, "MISSING_VALUE"),
        (
            one,
            vec![PATCH, first],
            &json!({"patches": []}),
            400,
            "MISSING_VALUE",
        ),
        (
            one,
            vec![PATCH, first],
            &json!({"patches": [1]}),
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, first],
            &replace("/x", json!(1)),
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, first],
            &replace("/gender", json!(1)),
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, first],
            &replace("/gender", json!("xx")),
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, first],
            &replace("/birthDate", json!("2010-99-99")),
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, first],
            &link(json!([{"type": "seealso"}])),
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, first],
            &link(json!([{"type": "replaced-by", "other": {"reference": "Patient/9000000084"}}])),
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, ("if-match", "W/\"02\"")],
            &gender,
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, ("if-match", "W/\"+2\"")],
            &gender,
            400,
            "INVALID_VALUE",
        ),
        (
            "%FF",
            vec![PATCH, first],
            &gender,
            400,
            "INVALID_RESOURCE_ID",
        ),
        (
            one,
            vec![PATCH, first],
            &replace("/id", json!("9000000084")),
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, first],
            &replace("/meta/versionId", json!("7")),
            400,
            "INVALID_VALUE",
        ),
        (
            one,
            vec![PATCH, first],
            &replace("/identifier/0/value", json!("1")),
            400,
            "INVALID_VALUE",
        ),
        (
            "9000000000",
            vec![PATCH, first],
            &gender,
            400,
            "INVALID_RESOURCE_ID",
        ),
        (
            "9111231130",
            vec![PATCH, first],
            &gender,
            404,
            "RESOURCE_NOT_FOUND",
        ),
        (
            "9000000017",
            vec![PATCH, ("if-match", "W/\"3\"")],
            &gender,
            404,
            "INVALIDATED_RESOURCE",
        ),
    ] {
        let answer = send_with("PATCH", path, &more, body).await;
        let found = (answer.status, answer.code());
        assert_eq!(
            found,
            (status, Some(code.to_owned())),
            "{path} {more:?} {body}"
        );
        assert!(answer.header("x-request-id").is_some());
    }
    let id = ("x-request-id", "60E0B220-8136-4CA5-AE46-1D97EF59D068");
    let answer = send_with("PATCH", one, &[PATCH, first, id], &gender).await;
    assert_eq!(
        (answer.status, answer.header("etag")),
        (200, Some("W/\"3\""))
    );
    assert_eq!(answer.json()["gender"], "male");
    assert_eq!(answer.json()["meta"]["versionId"], "3");
    // A repeated request is not carried out again.
    let answer = send_with("PATCH", one, &[PATCH, first, id], &gender).await;
    assert_eq!(
        (answer.status, answer.header("etag")),
        (200, Some("W/\"3\""))
    );
    let answer = send_with("PATCH", one, &[PATCH, first], &gender).await;
    assert_eq!(answer.status, 409);
    let answer = send_with("GET", one, &[], &json!(null)).await;
    assert_eq!(answer.json()["gender"], "male");

    for (path, status, total) in [
        ("9000000009/RelatedPerson", 200, json!(1)),
        ("9000000084/RelatedPerson", 200, json!(0)),
        ("9111231130/RelatedPerson", 404, json!(null)),
        ("9000000000/RelatedPerson", 400, json!(null)),
    ] {
        let answer = send_with("GET", path, &[], &json!(null)).await;
        assert_eq!(
            (answer.status, &answer.json()["total"]),
            (status, &total),
            "{path}"
        );
    }
}

/// Updates by the transport's client, which outlive the sandbox.
#[tokio::test]
async fn updates_by_client() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let mut config = healthcode_sandbox::Config::default();
        config.store = Some(folder.path().join("store"));
        Sandbox::start(config).unwrap()
    };
    let number = NhsNumber::parse("9000000009").unwrap();
    let sandbox = run();
    let (pds, client_of) = (Pds::new(platform(&sandbox)), client(&sandbox));
    let read = client_of.send(&pds.read(&number).unwrap()).await.unwrap();
    let etag = read.head.etag().unwrap();
    let email = json!({"op": "add", "path": "/telecom/-", "value": {
        "system": "email", "value": "jane@example.org",
    }});
    let update = pds.update(&number, etag, &[email]).unwrap();
    let changed = client_of.send(&update).await.unwrap();
    assert_eq!(changed.value.telecom.len(), read.value.telecom.len() + 1);
    let related = client_of
        .send(&pds.related(&number).unwrap())
        .await
        .unwrap();
    assert_eq!(related.value.entry.len(), 1);
    let found = query(
        "pds-patient",
        &[("family", "Smith"), ("email", "jane@example.org")],
    );
    let found = client_of.send(&pds.search(&found).unwrap()).await.unwrap();
    assert_eq!(found.value.entry.len(), 1);
    drop(sandbox);
    let sandbox = run();
    let (pds, client_of) = (Pds::new(platform(&sandbox)), client(&sandbox));
    let read = client_of.send(&pds.read(&number).unwrap()).await.unwrap();
    assert_eq!(read.value, changed.value);
    assert_eq!(read.head.etag(), Some("W/\"3\""));
}
