//! Graphnet's resources of STU3: each type searched, validated, paged, and found by POST as by GET.

use crate::graphnet::client;
use crate::kit::{FORM, Sandbox, bearer, client_credentials, send, start};
use healthcode_core::{Issue, Untyped};
use healthcode_releases::Stu3;
use healthcode_sandbox::{Config, Data, Running};
use healthcode_search::{ENDPOINTS, Endpoint, Query, service};
use healthcode_transport::Stu3Resource;
use healthcode_transport::graphnet::GraphnetClient;
use healthcode_validate::{FhirVersion, Policy, Supported, Validator};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// The patient with the most records.
const AMELIA: &str = "9000000084";

const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

fn graphnet_client(sandbox: &Running) -> GraphnetClient {
    client(
        sandbox,
        sandbox.credentials().graphnet.subscription_key.clone(),
    )
}

/// The errors that our validator finds in a payload of STU3.
fn errors(json: &[u8]) -> Vec<Issue> {
    static SUPPORTED: [Supported; 1] = [Supported::of::<Stu3>()];
    let validator = Validator::new(Policy::R4).fhir_version(FhirVersion::Stu3, &SUPPORTED);
    let mut issues = validator.check(json, None).unwrap();
    issues.retain(|issue| issue.severity.is_error());
    issues
}

/// The endpoints of Graphnet, each with its type.
fn endpoints() -> Vec<(&'static Endpoint, &'static str)> {
    let own = ENDPOINTS.iter();
    let own = own.filter(|endpoint| endpoint.service == Some(&service::GRAPHNET));
    own.map(|endpoint| (endpoint, endpoint.resource.unwrap()))
        .collect()
}

/// The parameters that a search has to have: of a patient, and an intent.
fn required(kind: &str) -> Vec<(&'static str, String)> {
    let number = format!("{NHS_NUMBER}|{AMELIA}");
    match kind {
        "Patient" => vec![("identifier", number)],
        "MedicationRequest" => vec![
            ("patient.identifier", number),
            ("intent", "order,plan".to_owned()),
        ],
        _ => vec![("patient.identifier", number)],
    }
}

fn query(endpoint: &'static Endpoint, parameters: &[(&str, String)]) -> Query {
    let mut query = Query::of(endpoint);
    for (name, value) in parameters {
        query.set(*name, value).unwrap();
    }
    query
}

fn resources(bundle: &Stu3Resource) -> impl Iterator<Item = &Untyped> {
    let entries = bundle.as_untyped().list("entry").iter();
    entries.map(|entry| entry.get("resource").unwrap())
}

fn ids(bundle: &Stu3Resource) -> Vec<&str> {
    resources(bundle)
        .map(|one| one.text("id").unwrap())
        .collect()
}

#[tokio::test]
async fn each_type_is_valid() {
    let sandbox = start();
    let client = graphnet_client(&sandbox);
    for (endpoint, kind) in endpoints() {
        let query = query(endpoint, &required(kind));
        let reply = client.search("fhir", &query).await.unwrap();
        assert!(reply.issues.is_empty(), "{kind}: {:?}", reply.issues);
        let bundle = reply.value;
        let found: Vec<_> = resources(&bundle).collect();
        assert!(found.iter().all(|one| one.type_name() == kind), "{kind}");
        let total = bundle.as_untyped().integer("total");
        assert!(
            !found.is_empty() && total == Some(found.len() as i32),
            "{kind}"
        );
        let json = healthcode_json::to_vec(&bundle);
        assert!(errors(&json).is_empty(), "{kind}: {:?}", errors(&json));

        let id = found[0].text("id").unwrap();
        let read = client.read("fhir", kind, id).await.unwrap().value;
        assert_eq!(read.as_untyped(), found[0], "{kind}");
        let json = healthcode_json::to_vec(&read);
        assert!(errors(&json).is_empty(), "{kind}: {:?}", errors(&json));
        // The same in XML.
        let in_xml = client
            .clone()
            .map_client(healthcode_transport::Client::with_xml);
        let read = in_xml.read("fhir", kind, id).await.unwrap();
        assert_eq!(read.head.headers["content-type"], "application/fhir+xml");
        assert!(read.issues.is_empty(), "{kind}: {:?}", read.issues);
        assert_eq!(read.value.as_untyped(), found[0], "{kind}");
    }
}

#[tokio::test]
async fn pages_to_the_end() {
    let sandbox = start();
    let client = graphnet_client(&sandbox);
    for (endpoint, kind) in endpoints() {
        let all = query(endpoint, &required(kind));
        let all = client.search("fhir", &all).await.unwrap().value;
        for count in [1, 5, 100] {
            let mut parameters = required(kind);
            parameters.push(("_count", format!("{count}")));
            let query = query(endpoint, &parameters);
            let mut pages = client.pages("fhir", &query).unwrap();
            let (mut paged, mut sizes) = (Vec::new(), Vec::new());
            while let Some(page) = pages.next_page().await {
                let page = page.unwrap().value;
                assert_eq!(
                    page.as_untyped().integer("total"),
                    all.as_untyped().integer("total")
                );
                let json = healthcode_json::to_vec(&page);
                assert!(errors(&json).is_empty(), "{:?}", errors(&json));
                let found: Vec<_> = ids(&page).into_iter().map(str::to_owned).collect();
                sizes.push(found.len());
                paged.extend(found);
            }
            assert_eq!(paged, ids(&all), "{kind}, {count}");
            let (last, full) = sizes.split_last().unwrap();
            assert!(
                *last <= count && full.iter().all(|size| *size == count),
                "{kind}"
            );
        }
    }
}

/// A body without what differs from answer to answer: the Bundle's id.
fn stable(json: &Value) -> Value {
    let mut json = json.clone();
    json.as_object_mut().unwrap().remove("id");
    json
}

struct Plain {
    sandbox: Running,
    bearer: String,
}

impl Plain {
    async fn new(sandbox: Running) -> Self {
        let own = &sandbox.credentials().graphnet;
        let body = client_credentials(&own.client_id, &own.client_secret);
        let token = send("POST", &sandbox.urls().graphnet_token, &[FORM], Some(&body)).await;
        let bearer = bearer(&token.json());
        Plain { sandbox, bearer }
    }

    async fn send(&self, method: &str, path: &str, body: Option<&str>, form: bool) -> (u16, Value) {
        let key = self
            .sandbox
            .credentials()
            .graphnet
            .subscription_key
            .expose_secret();
        let mut headers = vec![
            ("authorization", &*self.bearer),
            ("ocp-apim-subscription-key", key),
        ];
        headers.extend(form.then_some(FORM));
        let url = format!("{}/{path}", self.sandbox.urls().graphnet);
        let answer = send(method, &url, &headers, body).await;
        (answer.status, answer.json())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, None, false).await
    }

    async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        self.send("POST", path, Some(body), true).await
    }
}

#[tokio::test]
async fn post_is_as_get() {
    let plain = Plain::new(start()).await;
    for (endpoint, kind) in endpoints() {
        let query = query(endpoint, &required(kind)).encode().unwrap().url("");
        let query = query.trim_start_matches('?');
        let (status, by_get) = plain.get(&format!("{kind}?{query}")).await;
        assert_eq!(status, 200, "{kind}");
        assert!(by_get["total"].as_u64().unwrap() > 0, "{kind}");
        let search = format!("{kind}/_search");
        let (_, by_post) = plain.post(&search, query).await;
        assert_eq!(stable(&by_post), stable(&by_get), "{kind}");
        // So is the format.
        for (format, expect) in [("json", 200), ("foo", 406)] {
            let form = format!("{query}&_format={format}");
            assert_eq!(
                plain.post(&search, &form).await.0,
                expect,
                "{kind} {format}"
            );
        }
        // Parameters of the address count, too.
        let (_, both) = plain.post(&format!("{search}?_count=1"), query).await;
        assert_eq!(both["entry"].as_array().map(Vec::len), Some(1), "{kind}");
        assert_eq!(both["total"], by_get["total"], "{kind}");
    }
    let (status, _) = plain
        .send("POST", "Patient/_search", Some("{}"), false)
        .await;
    assert_eq!(status, 415);
    let (status, _) = plain.post("Nothing/_search", "").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn metadata() {
    let plain = Plain::new(start()).await;
    let (status, json) = plain.get("metadata").await;
    assert_eq!(status, 200);
    let found = errors(json.to_string().as_bytes());
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(json["fhirVersion"], "3.0.2");
    let stated = json["rest"][0]["resource"].as_array().unwrap();
    let types: Vec<_> = stated
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    let documented: Vec<_> = endpoints().iter().map(|(_, kind)| *kind).collect();
    assert_eq!(types, documented);
    let parameters = stated[0]["searchParam"].as_array().unwrap();
    assert!(parameters.contains(&json!({"name": "family", "type": "string"})));
}

/// What parameters select: the number of results, or the status of an error.
#[tokio::test]
async fn parameters() {
    let plain = Plain::new(start()).await;
    let check = async |path: &str, expect: Result<u64, u16>| {
        let (status, json) = plain.get(path).await;
        let found = if status == 200 {
            Ok(json["total"].as_u64().unwrap())
        } else {
            Err(status)
        };
        assert_eq!(found, expect, "{path}: {json}");
    };
    for (path, expect) in [
        ("Patient?family=SMI", Ok(3)),
        ("Patient?family:exact=smith", Ok(0)),
        ("Patient?family:contains=myth", Ok(1)),
        ("Patient?family=smith&given=noor", Ok(1)),
        ("Patient?birthdate=lt1980", Ok(1)),
        ("Patient?birthdate=1984-02-29", Ok(1)),
        ("Patient?birthdate=ge2005&gender=female", Ok(2)),
        ("Patient?nhsNumberVerificationStatus=01", Ok(5)),
        ("Patient?nhsNumberVerificationStatus=02", Ok(0)),
        ("Patient?_id=9000000009,9000000084", Ok(2)),
        ("Patient?getAllLinkedPatients=true", Err(400)),
        ("Patient?family:missing=true", Err(400)),
        ("Observation", Err(400)),
        ("Observation?code=27113001", Err(400)),
        ("Observation?patient.getAllLinkedPatients=false", Err(400)),
        (
            "Observation?patient.getAllLinkedPatients=false&patient=9000000084",
            Ok(12),
        ),
        ("Patient/%FF", Err(404)),
        ("%FF/1", Err(404)),
        ("Observation?_id=X0005", Ok(1)),
        ("Observation?patient=9000000084", Ok(12)),
        ("Observation?patient=Patient/9000000084", Ok(12)),
        (
            "Observation?patient=Patient/9000000084&code=27113001",
            Ok(6),
        ),
        (
            "Observation?patient=Patient/9000000084&code=http://snomed.info/sct|364075005",
            Ok(4),
        ),
        (
            "Observation?patient=Patient/9000000084&code=27113001,364075005",
            Ok(10),
        ),
        (
            "Observation?patient=Patient/9000000084&code=http://loinc.org|",
            Ok(0),
        ),
        (
            "Observation?patient=Patient/9000000084&code=|27113001",
            Ok(0),
        ),
        (
            "Observation?patient=Patient/9000000084&code:text=weight",
            Ok(6),
        ),
        (
            "Observation?patient=Patient/9000000084&code:in=http://example.org/vs",
            Err(400),
        ),
        (
            "Observation?patient=Patient/9000000084&category=laboratory",
            Ok(2),
        ),
        (
            "Observation?patient=Patient/9000000084&status=amended",
            Ok(1),
        ),
        ("Observation?patient=Patient/9000000084&date=2023-03", Ok(3)),
        (
            "Observation?patient=Patient/9000000084&date=ge2022&date=lt2023",
            Ok(2),
        ),
        (
            "Observation?patient=Patient/9000000084&encounter=Encounter/9000000084-1",
            Ok(12),
        ),
        ("Observation?patient.family=smith", Err(400)),
        ("Observation?patient.family=smith&patient.given=jane", Ok(2)),
        (
            "Observation?patient.identifier=https://fhir.nhs.uk/Id/nhs-number|1",
            Ok(0),
        ),
        ("AllergyIntolerance?patient=9000000084&date=lt2000", Ok(1)),
        ("Condition?patient=9000000084&clinical-status=active", Ok(2)),
        ("Condition?patient=9000000084&onset-date=2018", Ok(1)),
        ("Condition?patient=9000000084&asserted-date=ge2020", Ok(2)),
        (
            "Condition?patient=9000000084&category=encounter-diagnosis",
            Ok(1),
        ),
        (
            "Procedure?patient=9000000084&status=completed&date=gt2000",
            Ok(1),
        ),
        ("MedicationRequest?patient=9000000084", Err(400)),
        (
            "MedicationRequest?patient=9000000084&intent=plan&status=active",
            Ok(1),
        ),
        (
            "MedicationRequest?patient=9000000084&intent=order&code=317971007",
            Ok(2),
        ),
        (
            "MedicationRequest?patient=9000000084&intent=order&authoredon=2022-11-01",
            Ok(1),
        ),
        (
            "MedicationRequest?patient=9000000084&intent=order,plan&prescription-type=\
             https://fhir.graphnethealth.com/CodeSystem-PrescriptionType|R",
            Ok(3),
        ),
        (
            "MedicationStatement?patient=9000000084&last-issued=ge2022-12",
            Ok(1),
        ),
        (
            "MedicationStatement?patient=9000000084&effective=ge2022",
            Ok(2),
        ),
        (
            "MedicationStatement?patient=9000000084&prescription-type=A",
            Ok(1),
        ),
        ("Observation?patient=9000000084&_offset=x", Err(400)),
        ("Observation?patient=9000000084&_offset=1000", Ok(12)),
    ] {
        check(&path.replace('|', "%7C"), expect).await;
    }
}

#[tokio::test]
async fn orders() {
    let plain = Plain::new(start()).await;
    let check = async |path: &str, expect: &[&str]| {
        let (_, json) = plain.get(path).await;
        let entries = json["entry"].as_array().unwrap();
        let ids = entries.iter().map(|entry| &entry["resource"]["id"]);
        let ids: Vec<_> = ids.map(|id| id.as_str().unwrap()).collect();
        assert_eq!(ids, expect, "{path}");
    };
    let weights = "Observation?patient=9000000084&code=27113001";
    let oldest = ["X0005", "X0006", "X0007", "X0008", "X0009", "X0010"];
    let latest: Vec<_> = oldest.iter().copied().rev().collect();
    check(weights, &latest).await;
    check(&format!("{weights}&_sort=-date"), &latest).await;
    check(&format!("{weights}&_sort=date"), &oldest).await;
    let statements = "MedicationStatement?patient=9000000084";
    check(
        &format!("{statements}&_sort=prescription-type"),
        &["X0036", "X0035"],
    )
    .await;
    // What has no value comes last, in either order.
    for order in ["_lastUpdated", "-_lastUpdated"] {
        let (_, json) = plain.get(&format!("Patient?_sort={order}")).await;
        assert_eq!(json["entry"].as_array().map(Vec::len), Some(6));
    }
}

/// Resources of one's own.
#[tokio::test]
async fn own_resources() {
    let flag = json!({
        "resourceType": "Condition",
        "id": "own",
        "subject": {"reference": "Patient/9000000009"},
        "onsetPeriod": {"start": "2020-02", "end": "2020-03"},
    });
    let read = healthcode_json::from_slice::<Stu3Resource>(flag.to_string().as_bytes()).unwrap();
    let data = Data::generated().with_graphnet([read.value]);
    let mut config = Config::default();
    config.data = data;
    let plain = Plain::new(Sandbox::start(config).unwrap()).await;
    for (query, count) in [("2020", 1), ("lt2020", 0), ("2020-02", 0), ("ge2020-03", 1)] {
        let path = format!("Condition?patient=9000000009&onset-date={query}");
        let (_, json) = plain.get(&path).await;
        assert_eq!(json["total"], count, "{query}");
    }
    let (_, json) = plain.get("Observation?patient=9000000084").await;
    assert_eq!(json["total"], 0);
}
