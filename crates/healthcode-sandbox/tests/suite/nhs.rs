//! The NHS's directory and demographics.

use crate::assertions::{form, parts, post, signed, signer};
use crate::kit::{bearer, send, stack, start};
use healthcode_sandbox::Running;
use healthcode_search::{Endpoint, Query};
use healthcode_transport::nhs::{Assertion, Pds, Platform, Sds, SdsDevice, SdsEndpoint, SignedJwt};
use healthcode_transport::{Client, ErrorKind, FetchToken, Retry, TokenCache, TokioTimer};
use healthcode_uk::NhsNumber;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

pub(crate) fn platform(sandbox: &Running) -> Platform {
    Platform::new(&sandbox.urls().nhs).allow_loopback_http(true)
}

/// A client with tokens by signed assertions.
pub(crate) fn client(sandbox: &Running) -> Client {
    let platform = platform(sandbox);
    let key = sandbox.credentials().nhs.api_key.expose_secret();
    let assertion = Assertion::new(key, "sandbox-1", platform.token_endpoint());
    let grant = SignedJwt::new(assertion, signer(sandbox));
    let fetch = FetchToken::new(grant, stack()).allow_loopback_http(true);
    Client::new(stack(), platform.trust().unwrap())
        .with_tokens(TokenCache::new(fetch, std::sync::Arc::new(TokioTimer)))
        .with_retry(Retry::never())
}

pub(crate) fn query(endpoint: &str, pairs: &[(&str, &str)]) -> Query {
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
    assert_eq!(devices[0].interactions.len(), 3);
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
    check(&format!("Endpoint?{o}&{p}"), &[key], 200, json!(3)).await;
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
    // The last one of several values of one system counts.
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
    assert_eq!(error.status().map(|status| status.as_u16()), Some(404));

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
            ("_max-results", "1"),
            ("email", "nobody@example.org"),
            ("general-practitioner", "Y12345"),
            ("address-postalcode", "ls16ae")
        ])
        .await
        .unwrap(),
        0
    );
    let error = trace(&[smith]).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Outcome);
}

#[tokio::test]
async fn patients_case_by_case() {
    let sandbox = start();
    let (header, claims) = parts(&sandbox);
    let (_, token) = post(&sandbox, &form(&signed(&sandbox, &header, &claims))).await;
    let bearer = bearer(&token);
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
            .find(|(name, _)| *name == "x-request-id")
            .map(|(_, value)| *value);
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
