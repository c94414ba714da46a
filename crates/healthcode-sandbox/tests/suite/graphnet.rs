//! Graphnet: tokens without `expires_in`, and the gateway.

use crate::kit::{FORM, send, start, wire};
use healthcode_sandbox::Running;
use healthcode_search::{Endpoint, Query};
use healthcode_transport::graphnet::{GatewayError, Graphnet, GraphnetClient};
use secrecy::{ExposeSecret, SecretString};

fn client(sandbox: &Running, key: SecretString) -> GraphnetClient {
    let (urls, own) = (sandbox.urls(), &sandbox.credentials().graphnet);
    let service = Graphnet::new(&urls.graphnet)
        .key("fhir", key)
        .allow_loopback_http(true);
    GraphnetClient::new(
        service,
        wire(),
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
    assert_eq!(
        (found.total(), found.resources().next().unwrap().id()),
        (Some(1), Some("9000000009"))
    );
    let read = own
        .read("fhir", "Patient", "9000000084")
        .await
        .unwrap()
        .value;
    assert_eq!(read.id(), Some("9000000084"));
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
    let body = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        own.client_id,
        own.client_secret.expose_secret()
    );
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
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    // Another claims part under the same signature is another token.
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
    check("Condition?patient=1", &all, 404, None).await;
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
