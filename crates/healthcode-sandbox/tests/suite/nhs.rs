//! The NHS: the token endpoint check by check, the directory, and demographics.

use crate::kit::{FORM, send, start, wire};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use healthcode_sandbox::Running;
use healthcode_search::{Endpoint, Query};
use healthcode_transport::nhs::{
    Assertion, Pds, Platform, Sds, SdsDevice, SdsEndpoint, SignedJwt, Signer,
};
use healthcode_transport::{
    Client, ErrorKind, FetchToken, Retry, RingSigner, TokenCache, TokioTimer,
};
use healthcode_uk::NhsNumber;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_secs().try_into().unwrap()
}

fn signer(sandbox: &Running) -> RingSigner {
    RingSigner::from_pem(&sandbox.credentials().nhs.private_key).unwrap()
}

fn encode(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// Header and claims that are right, with a fresh `jti`.
fn parts(sandbox: &Running) -> (Value, Value) {
    let key = sandbox.credentials().nhs.api_key.expose_secret();
    let jti = healthcode_transport::uuid(&healthcode_transport::SystemRandom);
    let header = json!({"alg": "RS512", "typ": "JWT", "kid": "sandbox-1"});
    let claims = json!({
        "iss": key, "sub": key, "aud": sandbox.urls().nhs_token, "jti": jti, "exp": now() + 300,
    });
    (header, claims)
}

fn signed(sandbox: &Running, header: &Value, claims: &Value) -> String {
    let input = format!("{}.{}", encode(header), encode(claims));
    let signature = signer(sandbox).sign(input.as_bytes()).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn form(assertion: &str) -> String {
    format!(
        "grant_type=client_credentials&client_assertion_type={TYPE}&client_assertion={assertion}"
    )
}

async fn post(sandbox: &Running, body: &str) -> (u16, Value) {
    let answer = send("POST", &sandbox.urls().nhs_token, &[FORM], Some(body)).await;
    (answer.status, answer.json())
}

/// Changes header or claims: null takes a member out.
fn change(json: &mut Value, name: &str, value: &Value) {
    let members = json.as_object_mut().unwrap();
    match value.is_null() {
        true => drop(members.remove(name)),
        false => drop(members.insert(name.to_owned(), value.clone())),
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
        assert!(body["message_id"].as_str().is_some_and(|it| !it.is_empty()));
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
    check(&[("claims", "jti", json!(1234567890))], 400, invalid, "Invalid 'jti' claim in client_assertion JWT - must be a unique string value such as a GUID").await;
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
    // Of two faults, the one that is looked for first.
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
    // Signed, and then changed.
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
    // What was refused has not used the jti up; what was taken has.
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

fn platform(sandbox: &Running) -> Platform {
    Platform::new(&sandbox.urls().nhs).allow_loopback_http(true)
}

/// A client with tokens by signed assertions.
fn client(sandbox: &Running) -> Client {
    let platform = platform(sandbox);
    let key = sandbox.credentials().nhs.api_key.expose_secret();
    let assertion = Assertion::new(key, "sandbox-1", platform.token_endpoint());
    let grant = SignedJwt::new(assertion, signer(sandbox));
    let fetch = FetchToken::new(grant, wire()).allow_loopback_http(true);
    Client::new(wire(), platform.trust().unwrap())
        .tokens(TokenCache::new(fetch, std::sync::Arc::new(TokioTimer)))
        .retry(Retry::never())
}

fn query(endpoint: &str, pairs: &[(&str, &str)]) -> Query {
    let mut query = Query::of(Endpoint::named(endpoint).unwrap());
    for (name, value) in pairs {
        query.set(*name, value).unwrap();
    }
    query
}

const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code|A20047";
const INTERACTION: &str = "https://fhir.nhs.uk/Id/nhsServiceInteractionId|urn:nhs:names:services:gpconnect:fhir:rest:read:patient-1";
const PARTY: &str = "https://fhir.nhs.uk/Id/nhsMhsPartyKey|A20047-821948";

#[tokio::test]
async fn the_directory_by_client() {
    let sandbox = start();
    let sds = Sds::new(platform(&sandbox), "any".to_owned());
    let client = client(&sandbox);
    let look_up = [("organization", ODS), ("identifier", INTERACTION)];
    let devices = client
        .send(&sds.devices(&query("sds-device", &look_up)).unwrap())
        .await
        .unwrap();
    let devices = SdsDevice::all(&devices.value);
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0].interactions.len(), 2);
    let both = [
        ("organization", ODS),
        ("identifier", INTERACTION),
        ("identifier", PARTY),
    ];
    let found = client
        .send(&sds.endpoints(&query("sds-endpoint", &both)).unwrap())
        .await
        .unwrap();
    let found = SdsEndpoint::all(&found.value);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].address.as_deref(),
        Some("https://provider.example.nhs.uk/A20047/STU3/1/gpconnect")
    );
}

#[tokio::test]
async fn the_directory_case_by_case() {
    let sandbox = start();
    let (o, i, p) = (
        format!("organization={ODS}"),
        format!("identifier={INTERACTION}"),
        format!("identifier={PARTY}"),
    );
    let key = ("apikey", "any");
    let check = async |path: &str, headers: &[(&str, &str)], status: u16, expect: Value| {
        let url =
            format!("{}/spine-directory/FHIR/R4/{path}", sandbox.urls().nhs).replace('|', "%7C");
        let answer = send("GET", &url, headers, None).await;
        let json = answer.json();
        let found = json
            .get("total")
            .cloned()
            .or(answer.code().map(Value::from));
        assert_eq!((answer.status, found), (status, Some(expect)), "{path}");
        assert!(answer.header("x-correlation-id").is_some());
        if status != 200 {
            assert_eq!(json["id"].as_str(), answer.header("x-correlation-id"));
        }
        answer
    };
    let bad = json!("BAD_REQUEST");
    check(&format!("Device?{o}&{i}"), &[key], 200, json!(1)).await;
    check(&format!("Device?{o}&{i}&{p}"), &[key], 200, json!(1)).await;
    check(&format!("Device?{o}"), &[key], 400, bad.clone()).await;
    check(&format!("Device?{i}"), &[key], 400, bad.clone()).await;
    check(&format!("Device?{o}&{p}"), &[key], 400, bad.clone()).await;
    check("Device?organization=A20047", &[key], 400, bad.clone()).await;
    check(
        &format!("Device?{o}&{i}&_count=1"),
        &[key],
        400,
        bad.clone(),
    )
    .await;
    check(&format!("Device?{o}X&{i}"), &[key], 200, json!(0)).await;
    check(&format!("Endpoint?{o}&{i}"), &[key], 200, json!(1)).await;
    check(&format!("Endpoint?{o}&{p}"), &[key], 200, json!(2)).await;
    check(&format!("Endpoint?{i}&{p}"), &[key], 200, json!(1)).await;
    check(&format!("Endpoint?{o}"), &[key], 400, bad.clone()).await;
    check(&format!("Endpoint?{p}"), &[key], 400, bad.clone()).await;
    let maker = "manufacturing-organization=https://fhir.nhs.uk/Id/ods-organization-code|";
    check(&format!("Device?{o}&{i}&{maker}YGA"), &[key], 200, json!(1)).await;
    check(&format!("Device?{o}&{i}&{maker}X"), &[key], 200, json!(0)).await;
    check(
        &format!("Endpoint?{o}&{i}&{maker}YGA"),
        &[key],
        400,
        bad.clone(),
    )
    .await;
    // Of several values in one system the last one counts.
    check(
        &format!("Device?{o}&identifier=https://fhir.nhs.uk/Id/nhsServiceInteractionId|x&{i}"),
        &[key],
        200,
        json!(1),
    )
    .await;
    check(&format!("Device?{o}&{i}"), &[], 401, json!("ACCESS_DENIED")).await;
    check("Practitioner", &[key], 404, json!("NO_RECORD_FOUND")).await;
    check(
        &format!("Device?{o}&{i}"),
        &[key, ("accept", "text/html")],
        406,
        json!("NOT_ACCEPTABLE"),
    )
    .await;
    check(
        &format!("Device?{o}&{i}"),
        &[key, ("accept", "text/html, */*;q=0.1")],
        200,
        json!(1),
    )
    .await;
    check(
        &format!("Device?{o}&{i}"),
        &[key, ("x-correlation-id", "x")],
        400,
        bad,
    )
    .await;
    let id = "9c4b1a6e-4a3f-4b61-8e0c-000000000001";
    let answer = check(
        &format!("Device?{o}&{i}"),
        &[key, ("x-correlation-id", id), ("x-request-id", "r")],
        200,
        json!(1),
    )
    .await;
    assert_eq!(
        (
            answer.header("x-correlation-id"),
            answer.header("x-request-id")
        ),
        (Some(id), Some("r"))
    );
    let link = answer.json()["link"][0]["url"].as_str().unwrap().to_owned();
    assert!(link.contains(ODS), "{link}");
    let url = format!("{}/spine-directory/FHIR/R4/Device", sandbox.urls().nhs);
    let answer = send("POST", &url, &[key], None).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET")));
}

#[tokio::test]
async fn patients_by_client() {
    let sandbox = start();
    let (pds, client) = (Pds::new(platform(&sandbox)), client(&sandbox));
    let read = async |number: &str| {
        client
            .send(&pds.read(&NhsNumber::parse(number).unwrap()).unwrap())
            .await
    };
    let jane = read("9000000009").await.unwrap();
    assert_eq!(
        (jane.value.id.as_str(), jane.head.etag()),
        (Some("9000000009"), Some("W/\"2\""))
    );
    let hidden = read("9000000025").await.unwrap().value;
    assert!(hidden.address.is_empty() && hidden.telecom.is_empty() && !hidden.name.is_empty());
    assert!(read("9000000033").await.unwrap().value.name.is_empty());
    assert_eq!(
        read("9000000017").await.unwrap().value.id.as_str(),
        Some("9000000009")
    );
    let error = read("9111231130").await.unwrap_err();
    assert_eq!(error.status().map(|it| it.as_u16()), Some(404));

    let trace = async |pairs: &[(&str, &str)]| {
        let reply = client
            .send(&pds.search(&query("pds-patient", pairs)).unwrap())
            .await?;
        Ok::<_, healthcode_transport::Error>(reply.value.entry.len())
    };
    let smith = ("family", "Smith");
    assert_eq!(
        trace(&[smith, ("given", "jane"), ("birthdate", "eq2010-10-22")])
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        trace(&[smith, ("birthdate", "ge2011-01-01")])
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        trace(&[
            ("family", "Smi*"),
            ("birthdate", "ge2000-01-01"),
            ("birthdate", "le2012-01-01")
        ])
        .await
        .unwrap(),
        1
    );
    assert_eq!(
        trace(&[
            smith,
            ("_max-results", "50"),
            ("general-practitioner", "Y12345"),
            ("address-postalcode", "ls16ae")
        ])
        .await
        .unwrap(),
        3
    );
    let error = trace(&[smith]).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Outcome);
}

#[tokio::test]
async fn patients_case_by_case() {
    let sandbox = start();
    let (header, claims) = parts(&sandbox);
    let token = post(&sandbox, &form(&signed(&sandbox, &header, &claims)))
        .await
        .1;
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let authorised = ("authorization", bearer.as_str());
    let id = ("x-request-id", "60E0B220-8136-4CA5-AE46-1D97EF59D068");
    let check = async |path: &str, headers: &[(&str, &str)], status: u16, code: Option<&str>| {
        let url = format!(
            "{}/personal-demographics/FHIR/R4/Patient{path}",
            sandbox.urls().nhs
        );
        let answer = send("GET", &url, headers, None).await;
        assert_eq!(
            (answer.status, answer.code().as_deref()),
            (status, code),
            "{path}"
        );
        let sent = headers
            .iter()
            .find(|it| it.0 == "x-request-id")
            .map(|it| it.1);
        assert_eq!(answer.header("x-request-id"), sent);
    };
    let all = [authorised, id];
    check("/9000000009", &all, 200, None).await;
    check("/9000000000", &all, 400, Some("INVALID_RESOURCE_ID")).await;
    check("/9111231130", &all, 404, Some("RESOURCE_NOT_FOUND")).await;
    check("/9000000009", &[id], 401, Some("ACCESS_DENIED")).await;
    check("/9000000009", &[authorised], 400, Some("MISSING_VALUE")).await;
    check(
        "/9000000009",
        &[authorised, ("x-request-id", "x")],
        400,
        Some("INVALID_VALUE"),
    )
    .await;
    check("?family=Smith", &all, 200, Some("TOO_MANY_MATCHES")).await;
    check(
        "?family=Smith&_count=1",
        &all,
        400,
        Some("ADDITIONAL_PROPERTIES"),
    )
    .await;
    check("?_max-results=1", &all, 400, Some("INVALID_SEARCH_DATA")).await;
    check(
        "?family=Smith&_max-results=51",
        &all,
        400,
        Some("INVALID_SEARCH_DATA"),
    )
    .await;
    check("?family=S%2A", &all, 400, Some("INVALID_SEARCH_DATA")).await;
    check(
        "?family=Smith&birthdate=22-10-2010",
        &all,
        400,
        Some("INVALID_SEARCH_DATA"),
    )
    .await;
    check(
        "?address-postalcode=LS16AE&address-postcode=LS16AE",
        &all,
        400,
        Some("INVALID_SEARCH_DATA"),
    )
    .await;
    check(
        "?family=Smith&_fuzzy-match=true",
        &all,
        400,
        Some("UNSUPPORTED_SERVICE"),
    )
    .await;
}
