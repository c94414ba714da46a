//! FHIR in XML: `_format`, `Accept` and `Content-Type`, at each server of FHIR.

use crate::assertions::{form, parts, post, signed};
use crate::kit::{Bare, FORM, bearer, client, client_credentials, healthcode_token};
use crate::kit::{send, service, stack, start};
use healthcode_core::ReadOptions;
use healthcode_r4::{OperationOutcome, Patient, Practitioner, Resource};
use healthcode_search::{Endpoint, PractitionerSearch};
use healthcode_transport::healthcode::HealthcodeClient;
use secrecy::ExposeSecret;
use serde_json::json;

const XML: &str = "application/fhir+xml";

/// The resource of a response in XML.
fn resource(bare: &Bare) -> Resource {
    assert_eq!(bare.header("content-type"), Some(XML), "{}", bare.body);
    let read = healthcode_xml::from_str::<Resource>(&bare.body).unwrap();
    assert!(read.is_valid(), "{:?}", read.issues);
    read.value
}

/// The type and the code of the first issue of an OperationOutcome in XML.
fn outcome(bare: &Bare) -> (String, Option<String>) {
    let resource = resource(bare);
    let outcome = resource.get::<OperationOutcome>().unwrap();
    let issue = &outcome.issue[0];
    let coding = issue.details.as_ref().map(|details| &details.coding[0]);
    let code = coding.and_then(|coding| coding.code.as_str());
    let kind = issue.code.as_str().unwrap();
    (kind.to_owned(), code.map(str::to_owned))
}

#[tokio::test]
async fn of_healthcode() {
    let sandbox = start();
    let token = bearer(&healthcode_token(&sandbox).await.json());
    let base = format!("{}/healthcode", sandbox.urls().base);
    let site = sandbox.credentials().healthcode.site.clone();
    let headers = [("authorization", &*token), ("su-siteid", &*site)];
    let with = |more: &[(&'static str, &'static str)]| [&headers, more].concat();

    // Created, read, found and replaced in XML; in JSON it is the same.
    let body = r#"<Practitioner xmlns="http://hl7.org/fhir"><name><family value="Ä &amp; B"/></name></Practitioner>"#;
    let xml_both = with(&[("content-type", XML), ("accept", XML)]);
    let url = format!("{base}/practitioner");
    let made = send("POST", &url, &xml_both, Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made_value = resource(&made);
    let practitioner = made_value.get::<Practitioner>().unwrap();
    assert_eq!(practitioner.name[0].family, "Ä & B");
    let id = practitioner.id.as_str().unwrap();
    let url = made.header("location").unwrap().to_owned();
    for (query, accept) in [
        ("", XML),
        ("?_format=xml", "application/fhir+json"),
        ("?_format=application/fhir%2Bxml", "*/*"),
        ("", "application/fhir+json;q=0.1, application/fhir+xml"),
    ] {
        let read = send(
            "GET",
            &format!("{url}{query}"),
            &with(&[("accept", accept)]),
            None,
        )
        .await;
        assert_eq!(read.status, 200);
        assert_eq!(resource(&read), made_value);
    }
    let json = send("GET", &url, &headers, None).await.json();
    assert_eq!(json["name"][0]["family"], "Ä & B");
    let preferred = format!("{url}?_format=json");
    let json = send("GET", &preferred, &with(&[("accept", XML)]), None).await;
    assert_eq!(json.json()["id"], id);
    let generic = send("GET", &format!("{url}?_format=text/xml"), &headers, None).await;
    assert_eq!(generic.header("content-type"), Some("text/xml"));
    let search = format!("{base}/practitioner?_format=xml&family=Clinton");
    let found = resource(&send("GET", &search, &headers, None).await);
    let bundle = found.get::<healthcode_r4::Bundle>().unwrap();
    assert!(bundle.entry.iter().all(|entry| entry.resource.is_some()) && !bundle.entry.is_empty());
    let changed = made.body.replace("Ä", "C");
    let updated = send("PUT", &url, &xml_both, Some(&changed)).await;
    assert_eq!(updated.status, 200, "{}", updated.body);
    assert!(updated.body.contains(r#"<family value="C &amp; B"/>"#));
    let deleted = send("DELETE", &url, &with(&[("accept", XML)]), None).await;
    assert_eq!(outcome(&deleted).0, "informational");

    // Errors.
    let accept = ("accept", XML);
    let unknown = send("GET", &url, &with(&[accept]), None).await;
    assert_eq!(unknown.status, 422);
    assert_eq!(
        outcome(&unknown).1.as_deref(),
        Some("MSG_REFERENCE_ID_NOT_FOUND")
    );
    let refused = send("GET", &url, &[accept], None).await;
    assert_eq!((refused.status, outcome(&refused).0), (401, "login".into()));
    let practitioners = format!("{base}/practitioner");
    let bodies = [
        (
            "<Practitioner xmlns='http://hl7.org/fhir'><name>",
            "MSG_CANT_PARSE_CONTENT",
        ),
        ("<Practitioner/>", "MSG_CANT_PARSE_CONTENT"),
        (
            r#"{"resourceType":"Practitioner"}"#,
            "MSG_CANT_PARSE_CONTENT",
        ),
        (
            "<Patient xmlns='http://hl7.org/fhir'/>",
            "MSG_CANT_PARSE_CONTENT",
        ),
        (
            "<Practitioner xmlns='http://hl7.org/fhir'><gender value='female'/><active value='true'/></Practitioner>",
            "MSG_PARAM_INVALID",
        ),
    ];
    for (body, code) in bodies {
        let refused = send("POST", &practitioners, &xml_both, Some(body)).await;
        assert_eq!(outcome(&refused).1.as_deref(), Some(code), "{body}");
    }
    let json_of_xml = with(&[("content-type", "application/fhir+json")]);
    let refused = send("POST", &practitioners, &json_of_xml, Some(body)).await;
    assert_eq!(refused.code().as_deref(), Some("MSG_CANT_PARSE_CONTENT"));
    let turtle = with(&[("content-type", "text/turtle"), accept]);
    let refused = send("POST", &practitioners, &turtle, Some(body)).await;
    assert_eq!(
        (refused.status, outcome(&refused).0),
        (415, "not-supported".into())
    );
    for (query, accept) in [("?_format=ttl", "*/*"), ("", "text/html")] {
        let url = format!("{base}/practitioner/{id}{query}");
        let refused = send("GET", &url, &with(&[("accept", accept)]), None).await;
        assert_eq!(refused.status, 406);
        assert_eq!(refused.json()["issue"][0]["code"], "not-supported");
    }

    // What is not FHIR has no other format.
    let document = sandbox.urls().discovery.clone();
    let answer = send("GET", &document, &[("accept", "text/html")], None).await;
    assert_eq!(answer.status, 200);
}

/// The transport requests XML, and reads it.
#[tokio::test]
async fn by_client() {
    let sandbox = start();
    let in_xml = client(&sandbox).map_client(healthcode_transport::Client::with_xml);
    let query = PractitionerSearch::new().family("Clinton").build().unwrap();
    let found = in_xml.search(&query).await.unwrap();
    assert_eq!(found.head.headers["content-type"], XML);
    let same = client(&sandbox).search(&query).await.unwrap();
    assert_eq!(found.value.entry, same.value.entry);
    assert!(!found.value.entry.is_empty());

    // The codes of an OperationOutcome in XML are read.
    let schedules = Endpoint::named("create-schedule").unwrap();
    let error = in_xml
        .read::<healthcode_r4::Schedule>(schedules, &["nobody"])
        .await
        .unwrap_err();
    assert!(error.outcome().is_some() && error.body().starts_with(b"<OperationOutcome"));
    assert_eq!(
        error.codes().next(),
        Some(healthcode_extensions::ErrorCode::ReferenceIdNotFound)
    );
    let other = HealthcodeClient::new(service(&sandbox), stack(), "nobody", "x".to_owned());
    let other = other
        .unwrap()
        .map_client(healthcode_transport::Client::with_xml);
    assert!(other.search(&query).await.is_err());
}

#[tokio::test]
async fn of_graphnet() {
    let sandbox = start();
    let (urls, own) = (sandbox.urls(), &sandbox.credentials().graphnet);
    let body = client_credentials(&own.client_id, &own.client_secret);
    let answer = send("POST", &urls.graphnet_token, &[FORM], Some(&body)).await;
    let bearer = bearer(&answer.json());
    let key = own.subscription_key.expose_secret();
    let headers = [
        ("authorization", &*bearer),
        ("ocp-apim-subscription-key", key),
    ];
    for query in ["_format=xml", "_format=application/xml", "_format=text/xml"] {
        let url = format!("{}/Patient?family=smith&{query}", urls.graphnet);
        let found = send("GET", &url, &headers, None).await;
        let read = healthcode_xml::from_str::<healthcode_r4::Bundle>(&found.body).unwrap();
        assert_eq!(read.value.total.get(), Some(3), "{query}");
    }
    let url = format!("{}/Patient/nobody?_format=xml", urls.graphnet);
    let unknown = send("GET", &url, &headers, None).await;
    assert_eq!(
        (unknown.status, outcome(&unknown).0),
        (404, "not-found".into())
    );
    // The gateway's errors are not FHIR.
    let refused = send("GET", &url, &[("accept", XML)], None).await;
    assert_eq!(
        (refused.status, refused.json()["statusCode"].clone()),
        (401, json!(401))
    );
}

#[tokio::test]
async fn of_the_nhs() {
    let sandbox = start();
    let (header, claims) = parts(&sandbox);
    let (_, token) = post(&sandbox, &form(&signed(&sandbox, &header, &claims))).await;
    let bearer = bearer(&token);
    let id = ("x-request-id", "60e0b220-8136-4ca5-ae46-1d97ef59d068");
    let headers = [("authorization", &*bearer), id];
    let patients = format!(
        "{}/personal-demographics/FHIR/R4/Patient",
        sandbox.urls().nhs
    );
    let url = format!("{patients}/9000000009");
    let read = send(
        "GET",
        &url,
        &[&headers[..], &[("accept", XML)]].concat(),
        None,
    )
    .await;
    let value = resource(&read);
    assert_eq!(value.get::<Patient>().unwrap().id, "9000000009");
    let json = send("GET", &url, &headers, None).await;
    let same = healthcode_xml::either::read::<Resource>(json.body.as_bytes(), &ReadOptions::new());
    assert_eq!(same.unwrap().value, value);
    let unknown = format!("{patients}/9111231130?_format=xml");
    let unknown = send("GET", &unknown, &headers, None).await;
    assert_eq!(
        (unknown.status, outcome(&unknown).1.as_deref()),
        (404, Some("RESOURCE_NOT_FOUND"))
    );
    // A search has no parameter that is not documented.
    let search = format!("{patients}?family=Smith&_format=xml");
    let refused = send("GET", &search, &headers, None).await;
    assert_eq!(
        outcome(&refused).1.as_deref(),
        Some("ADDITIONAL_PROPERTIES")
    );
    let html = [&headers[..], &[("accept", "text/html")]].concat();
    let refused = send("GET", &url, &html, None).await;
    assert_eq!(refused.status, 406);
    assert_eq!(read.header("x-request-id"), Some(id.1));

    // The directory documents that it has JSON alone.
    let device = format!("{}/spine-directory/FHIR/R4/Device", sandbox.urls().nhs);
    let refused = send("GET", &device, &[("apikey", "any"), ("accept", XML)], None).await;
    assert_eq!(refused.status, 406);
    assert_eq!(refused.code().as_deref(), Some("NOT_ACCEPTABLE"));
}
