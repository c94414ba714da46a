//! Graphnet: tokens without `expires_in`, and the gateway.

use crate::kit::{FORM, bearer, client_credentials, send, stack, start};
use healthcode_sandbox::Running;
use healthcode_search::{Endpoint, Query};
use healthcode_transport::Idempotency;
use healthcode_transport::graphnet::{GatewayError, Graphnet, GraphnetClient};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

pub(crate) fn client(sandbox: &Running, key: SecretString) -> GraphnetClient {
    let (urls, own) = (sandbox.urls(), &sandbox.credentials().graphnet);
    let service = Graphnet::new(&urls.graphnet)
        .key("fhir", key)
        .allow_loopback_http(true);
    GraphnetClient::new(
        service,
        stack(),
        &urls.graphnet_token,
        &own.client_id,
        own.client_secret.clone(),
    )
    .unwrap()
}

#[tokio::test]
async fn by_client() {
    let sandbox = start();
    let own = client(
        &sandbox,
        sandbox.credentials().graphnet.subscription_key.clone(),
    );
    let mut query = Query::of(Endpoint::named("graphnet-patient").unwrap());
    query
        .set("identifier", "https://fhir.nhs.uk/Id/nhs-number|9000000009")
        .unwrap();
    let found = own.search("fhir", &query).await.unwrap().value;
    let bundle = found.as_untyped();
    let patient = bundle.get("entry").and_then(|entry| entry.get("resource"));
    assert_eq!(
        (bundle.integer("total"), patient.unwrap().text("id")),
        (Some(1), Some("9000000009"))
    );
    let read = own
        .read("fhir", "Patient", "9000000084")
        .await
        .unwrap()
        .value;
    assert_eq!(read.as_untyped().text("id"), Some("9000000084"));
    assert!(own.read("fhir", "Patient", "nobody").await.is_err());

    let wrong = client(&sandbox, "wrong".to_owned().into());
    let error = wrong
        .read("fhir", "Patient", "9000000084")
        .await
        .unwrap_err();
    assert_eq!(GatewayError::of(&error).unwrap().status, Some(401));
}

#[tokio::test]
async fn case_by_case() {
    let sandbox = start();
    let (urls, own) = (sandbox.urls(), &sandbox.credentials().graphnet);
    let body = client_credentials(&own.client_id, &own.client_secret);
    let token = send("POST", &urls.graphnet_token, &[FORM], Some(&body))
        .await
        .json();
    assert!(token.get("expires_in").is_none() && token["refresh_token"].is_null());
    for (body, status) in [
        (body.replace("client_secret=", "client_secret=x"), 401),
        (body.replace("client_credentials", "password"), 400),
    ] {
        assert_eq!(
            send("POST", &urls.graphnet_token, &[FORM], Some(&body))
                .await
                .status,
            status
        );
    }
    let bearer = bearer(&token);
    // Other claims with the same signature are another token.
    let bent = bearer.replacen('.', ".e30", 1);
    let key = (
        "ocp-apim-subscription-key",
        own.subscription_key.expose_secret(),
    );
    let check = async |path: &str, headers: &[(&str, &str)], status: u16, message: Option<&str>| {
        let answer = send("GET", &format!("{}/{path}", urls.graphnet), headers, None).await;
        let json = answer.json();
        assert_eq!(
            (answer.status, json["message"].as_str()),
            (status, message),
            "{path}"
        );
        json
    };
    let all = [("authorization", bearer.as_str()), key];
    let json = check("Patient?family=smith&gender=female", &all, 200, None).await;
    assert_eq!(json["total"], 3);
    let json = check("Patient?family=smith&_summary=count", &all, 200, None).await;
    assert!(json["total"] == 3 && json.get("entry").is_none());
    check("Patient?nonsense=1", &all, 400, None).await;
    check("Flag?patient=1", &all, 404, None).await;
    let missing = Some("Access denied due to missing subscription key.");
    check("Patient", &all[..1], 401, missing).await;
    let invalid = Some("Unauthorized. Access token is missing or invalid.");
    check("Patient", &all[1..], 401, invalid).await;
    check(
        "Patient",
        &[("authorization", bent.as_str()), key],
        401,
        invalid,
    )
    .await;
}

/// Find Patient, which has a subscription of its own.
#[tokio::test]
async fn demographics() {
    let sandbox = start();
    let (urls, own) = (sandbox.urls(), &sandbox.credentials().graphnet);
    let service = Graphnet::new(&urls.graphnet_api)
        .key("demographics", own.demographics_key.clone())
        .key("fhir", own.subscription_key.clone())
        .allow_loopback_http(true);
    let (id, secret) = (&own.client_id, own.client_secret.clone());
    let client =
        GraphnetClient::new(service.clone(), stack(), &urls.graphnet_token, id, secret).unwrap();
    let find = async |product: &str, body: Value| {
        let call = service.post(product, "PatientSearch", &body, Idempotency::Idempotent);
        client.client().send(&call.unwrap()).await
    };
    let check = async |body: Value, total: u64, ids: &[&str]| {
        let found = find("demographics", body.clone()).await.unwrap().value;
        let all = found["PatientCollection"].as_array().unwrap();
        let all: Vec<_> = all
            .iter()
            .map(|item| item["PatientDetailId"].as_str().unwrap())
            .collect();
        assert_eq!(
            (found["TotalItemCount"].as_u64(), &all[..]),
            (Some(total), ids),
            "{body}"
        );
    };
    check(
        json!({"NhsNumber": "9000000009", "AllTenancies": true}),
        1,
        &["9000000009"],
    )
    .await;
    check(
        json!({"NhsNumber": "9000000009", "Surname": "Jones"}),
        0,
        &[],
    )
    .await;
    let smiths = json!({"Surname": "smith", "Gender": "Female"});
    let found = find("demographics", smiths).await.unwrap().value;
    let all = found["PatientCollection"].as_array().unwrap();
    assert!(all.len() > 1 && all.iter().all(|item| item["Surname"] == "Smith"));
    let second = all[1]["PatientDetailId"].as_str().unwrap();
    let page = json!({"Surname": "smith", "Gender": "Female", "PageNumber": 2, "PageSize": 1});
    check(page, all.len() as u64, &[second]).await;
    let beyond = json!({"Surname": "smith", "PageNumber": u64::MAX, "PageSize": 100});
    let found = find("demographics", beyond).await.unwrap().value;
    assert_eq!(found["PatientCollection"], json!([]));
    for (product, body, status) in [
        ("demographics", json!({"surname": "Smith"}), 400),
        ("demographics", json!({"Surname": 1}), 400),
        (
            "demographics",
            json!({"Surname": "Smith", "PageSize": 0}),
            400,
        ),
        ("demographics", json!({"PageSize": 5}), 400),
        ("demographics", json!([]), 400),
        ("fhir", json!({"Surname": "Smith"}), 401),
    ] {
        let error = find(product, body.clone()).await.unwrap_err();
        let said = GatewayError::of(&error).unwrap();
        assert_eq!(said.status, Some(status), "{product} {body}");
        assert!(!said.message.contains("Smith"));
    }
}
