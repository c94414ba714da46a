//! Creating, reading, updating and deleting resources.

use crate::kit::{Bare, Sandbox, bearer, client, healthcode_token, send, start};
use healthcode_extensions::ErrorCode;
use healthcode_r4::{Patient, Practitioner, PractitionerRole, Reference, Schedule};
use healthcode_sandbox::{Config, Running};
use healthcode_search::{Endpoint, PractitionerSearch, Query};
use healthcode_transport::healthcode::HealthcodeClient;
use healthcode_transport::{ErrorKind, Retry};
use serde_json::{Value, json};
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

fn named(family: &str) -> Practitioner {
    let json = json!({"resourceType": "Practitioner", "name": [{"family": family}]});
    healthcode_json::from_str(&json.to_string())
        .unwrap()
        .into_value()
}

fn endpoint(name: &str) -> &'static Endpoint {
    Endpoint::named(name).unwrap()
}

async fn found(client: &HealthcodeClient, family: &str) -> Vec<String> {
    let query = PractitionerSearch::new().family(family).build().unwrap();
    let bundle = client.search(&query).await.unwrap().value;
    let resources = bundle
        .entry
        .iter()
        .filter_map(|entry| entry.resource.as_ref());
    resources
        .filter_map(|resource| resource.id())
        .map(str::to_owned)
        .collect()
}

/// The transport's own calls, of all four types.
#[tokio::test]
async fn by_client() {
    let sandbox = start();
    let client = client(&sandbox).map_client(|client| client.with_retry(Retry::never()));
    let (schedules, patients) = (endpoint("create-schedule"), endpoint("create-patient"));
    let mut schedule = Schedule::default();
    schedule
        .actor
        .push(Reference::to("Practitioner", "SP09000"));
    let made = client.create(schedules, &schedule).await.unwrap();
    let id = made.value.id.as_str().unwrap().to_owned();
    assert_eq!((made.head.status.as_u16(), id.len()), (201, 25));
    assert_eq!(made.head.etag(), Some("W/\"1\""));
    let meta = made.value.meta.as_ref().unwrap();
    assert_eq!(meta.version_id, "1");
    let read = client.read::<Schedule>(schedules, &[&id]).await.unwrap();
    assert_eq!(read.value, made.value);
    let mut changed = read.value.clone();
    changed.comment = "now".into();
    let updated = client.update(schedules, &id, &changed).await.unwrap();
    assert_eq!(updated.value.comment, "now");
    assert_eq!(updated.head.etag(), Some("W/\"2\""));
    let deleted = client.delete(schedules, &id).await.unwrap();
    let outcome = deleted.value.unwrap();
    assert_eq!(outcome.issue[0].severity.as_str(), Some("information"));
    let error = client
        .read::<Schedule>(schedules, &[&id])
        .await
        .unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(422));
    assert!(client.delete(schedules, &id).await.is_err());

    // Patients of the NHS are not Healthcode's, nor the reverse.
    let patient: Patient = healthcode_json::from_str(
        r#"{"resourceType":"Patient","birthDate":"23.11.1974","gender":"male"}"#,
    )
    .unwrap()
    .into_value();
    let made = client.create(patients, &patient).await.unwrap().value;
    assert_eq!(made.birth_date, "23.11.1974");
    assert!(
        client
            .read::<Patient>(patients, &["9000000009"])
            .await
            .is_err()
    );
}

/// Searches see what is written, also in place of resources of the data.
#[tokio::test]
async fn searches_see_writes() {
    let sandbox = start();
    let client = client(&sandbox);
    let practitioners = endpoint("practitioner");
    let clinton = client
        .read::<Practitioner>(practitioners, &["SP09000"])
        .await
        .unwrap();
    assert_eq!(clinton.head.etag(), Some("W/\"1\""));
    let mut changed = clinton.value.clone();
    changed.name[0].family = "Rodham".into();
    client
        .update(practitioners, "SP09000", &changed)
        .await
        .unwrap();
    assert!(found(&client, "Clinton").await.is_empty());
    assert_eq!(found(&client, "Rodham").await, ["SP09000"]);
    // Its role still refers to it.
    let mut roles = Query::of(endpoint("practitioner-role"));
    roles.set("family", "Rodham").unwrap();
    let bundle = client.search(&roles).await.unwrap().value;
    assert!(bundle.resources::<PractitionerRole>().count() > 0);
    client.delete(practitioners, "SP09000").await.unwrap();
    assert!(found(&client, "Rodham").await.is_empty());
    let photo = client
        .read::<healthcode_r4::Parameters>(endpoint("practitioner-photo"), &["SP09000"])
        .await;
    assert!(photo.is_err());
}

/// Plain requests with the headers that every call needs.
struct Caller<'a> {
    sandbox: &'a Running,
    bearer: String,
}

impl<'a> Caller<'a> {
    async fn new(sandbox: &'a Running) -> Self {
        let bearer = bearer(&healthcode_token(sandbox).await.json());
        Caller { sandbox, bearer }
    }

    async fn send(&self, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Bare {
        let mut headers = vec![
            ("authorization", self.bearer.as_str()),
            ("su-siteid", "HC00ABC"),
        ];
        headers.extend(more);
        let url = format!("{}/healthcode/{path}", self.sandbox.urls().base);
        send(method, &url, &headers, Some(body)).await
    }
}

const FHIR: (&str, &str) = ("content-type", "application/fhir+json; charset=utf-8");

#[tokio::test]
async fn refused_writes() {
    let sandbox = start();
    let caller = Caller::new(&sandbox).await;
    let check = async |method: &str, path: &str, body: &Value, status: u16, code: &str| {
        let text = match body {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        let answer = caller.send(method, path, &[FHIR], &text).await;
        let found = (answer.status, answer.code().unwrap_or_default());
        assert_eq!(found, (status, code.to_owned()), "{method} {path} {text}");
        let documented = ErrorCode::from(code).http_status();
        assert!(documented.is_none_or(|documented| documented == status));
        assert_eq!(answer.header("content-type"), Some("application/fhir+json"));
        // The response does not repeat what was sent.
        assert!(
            status < 300 || !answer.body.contains("Secretname"),
            "{}",
            answer.body
        );
    };
    let of = |json: Value| {
        let mut all = json!({"resourceType": "Practitioner", "name": [{"family": "Secretname"}]});
        let members = all.as_object_mut().unwrap();
        members.extend(json.as_object().unwrap().clone());
        all
    };
    let parse = "MSG_CANT_PARSE_CONTENT";
    check("POST", "practitioner", &json!("{"), 400, parse).await;
    check("POST", "practitioner", &json!("Secretname"), 400, parse).await;
    check("POST", "practitioner", &json!([]), 400, parse).await;
    check("POST", "practitioner", &json!({}), 400, parse).await;
    let patient = json!({"resourceType": "Patient"});
    check("POST", "practitioner", &patient, 400, parse).await;
    check("POST", "practitioner", &json!(""), 400, "MSG_PARAM_EMPTY").await;
    let (missing, invalid) = ("MSG_MISSING_MANDATORY_PARAM", "MSG_PARAM_INVALID");
    let schedule = json!({"resourceType": "Schedule"});
    check("POST", "schedule", &schedule, 400, missing).await;
    for part in [
        json!({"gender": "Secretname"}),
        json!({"gender": 1}),
        json!({"birthDate": "Secretname"}),
        json!({"secret": true}),
        json!({"qualification": [{"code": {"text": ""}}]}),
        json!({"name": []}),
    ] {
        check("POST", "practitioner", &of(part), 422, invalid).await;
    }
    check(
        "POST",
        "practitioner",
        &of(json!({"qualification": [{"id": "q"}]})),
        400,
        missing,
    )
    .await;
    let unknown = "MSG_REFERENCE_ID_NOT_FOUND";
    let role = |practitioner: &str| json!({"resourceType": "PractitionerRole", "practitioner": {"reference": practitioner}});
    check(
        "POST",
        "practitionerrole",
        &role("Practitioner/SP1"),
        422,
        unknown,
    )
    .await;
    check(
        "POST",
        "practitionerrole",
        &role("Practitioner/SP09000"),
        201,
        "",
    )
    .await;
    check(
        "POST",
        "practitionerrole",
        &role("https://example.org/Practitioner/1"),
        201,
        "",
    )
    .await;
    let known = of(json!({"identifier": [{"system": "urn:x", "value": "1"}]}));
    check("POST", "practitioner", &known, 201, "").await;
    check(
        "POST",
        "practitioner",
        &known,
        422,
        "MSG_ENTITY_ALREADY_EXISTS",
    )
    .await;
    let registered = caller
        .send("GET", "practitioner/SP09000", &[], "")
        .await
        .json();
    check(
        "POST",
        "practitioner",
        &registered,
        422,
        "MSG_ENTITY_ALREADY_EXISTS",
    )
    .await;
    // Its own identifiers do not count as duplicates.
    check("PUT", "practitioner/SP09000", &registered, 200, "").await;

    check("PUT", "practitioner/SP09001", &of(json!({})), 400, missing).await;
    let other = of(json!({"id": "SP09002"}));
    check(
        "PUT",
        "practitioner/SP09001",
        &other,
        400,
        "MSG_INVALID_FORMAT",
    )
    .await;
    check(
        "PUT",
        "practitioner/SP1",
        &of(json!({"id": "SP1"})),
        422,
        unknown,
    )
    .await;
    let inactive = of(json!({"id": "SP09001", "active": false}));
    check("PUT", "practitioner/SP09001", &inactive, 200, "").await;
    check(
        "PUT",
        "practitioner/SP09001",
        &inactive,
        400,
        "MSG_OP_NOT_ALLOWED",
    )
    .await;
    check("GET", "practitioner/SP1", &json!(""), 422, unknown).await;
    check("GET", "practitioner/SP09001", &json!(""), 200, "").await;
    check("GET", "schedule/SP09001", &json!(""), 422, unknown).await;
    check("DELETE", "practitioner/SP1", &json!(""), 422, unknown).await;
    check("DELETE", "practitioner/SP09001", &json!(""), 200, "").await;
    check("DELETE", "practitioner/SP09001", &json!(""), 422, unknown).await;
    check("GET", "schedule", &json!(""), 405, "").await;
    check("PATCH", "practitioner/SP09002", &json!(""), 405, "").await;
    check("DELETE", "practitioner", &json!(""), 405, "").await;
    let text = ("content-type", "text/plain");
    let answer = caller
        .send("POST", "practitioner", &[text], &known.to_string())
        .await;
    assert_eq!(answer.status, 415);
    let url = format!("{}/healthcode/practitioner", sandbox.urls().base);
    let answer = send("POST", &url, &[FHIR], Some(&known.to_string())).await;
    assert_eq!(answer.status, 401);
}

/// `Location`, `ETag`, `Last-Modified` and `If-Match`.
#[tokio::test]
async fn versions() {
    let sandbox = start();
    let caller = Caller::new(&sandbox).await;
    let body = json!({"resourceType": "Practitioner", "id": "mine", "meta": {"versionId": "9"}});
    let made = caller
        .send("POST", "practitioner", &[FHIR], &body.to_string())
        .await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_ne!(id, "mine");
    let path = format!("practitioner/{id}");
    let place = format!("{}/healthcode/{path}", sandbox.urls().base);
    assert_eq!(made.header("location"), Some(&*place));
    assert_eq!(made.json()["meta"]["versionId"], "1");
    assert!(made.header("last-modified").unwrap().ends_with(" GMT"));
    let body = json!({"resourceType": "Practitioner", "id": id, "gender": "other"}).to_string();
    for (method, tag, status) in [
        ("PUT", "W/\"2\"", 412),
        ("PUT", "W/\"01\"", 412),
        ("PUT", "\"+1\"", 412),
        ("PUT", "nonsense", 412),
        ("PUT", "W/\"1\"", 200),
        ("PUT", "\"2\"", 200),
        // Any version, and lists of versions.
        ("PUT", "*", 200),
        ("PUT", " * ", 200),
        ("PUT", "W/\"1\", \"5\"", 200),
        ("PUT", "\"1\",W/\"2\"", 412),
        ("PUT", "", 412),
        ("PUT", "**", 412),
        ("DELETE", "W/\"1\"", 412),
        ("DELETE", "*", 200),
        // There is no version of a deleted resource.
        ("PUT", "*", 422),
        ("DELETE", "*", 422),
    ] {
        let answer = caller
            .send(method, &path, &[FHIR, ("if-match", tag)], &body)
            .await;
        assert_eq!(answer.status, status, "{method} {tag}");
    }
}

fn kept(path: &Path) -> Running {
    let mut config = Config::default();
    config.store = Some(path.to_owned());
    Sandbox::start(config).unwrap()
}

#[tokio::test]
async fn writes_outlive_the_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let practitioners = endpoint("practitioner");
    let sandbox = kept(&path);
    let client_of = client(&sandbox);
    let caller = Caller::new(&sandbox).await;
    let create = async |family: &str| {
        let body = healthcode_json::to_string(&named(family));
        let made = caller.send("POST", "practitioner", &[FHIR], &body).await;
        made.json()["id"].as_str().unwrap().to_owned()
    };
    let (id, gone) = (create("Again").await, create("Gone").await);
    client_of.delete(practitioners, &gone).await.unwrap();
    client_of.delete(practitioners, "SP09000").await.unwrap();
    let mut changed = named("Changed");
    changed.id = "SP09001".into();
    client_of
        .update(practitioners, "SP09001", &changed)
        .await
        .unwrap();
    // Two sandboxes cannot use one file.
    let mut config = Config::default();
    config.store = Some(path.clone());
    let error = Sandbox::start(config).unwrap_err();
    assert!(error.to_string().contains("cannot be used"), "{error}");
    drop(sandbox);

    let sandbox = kept(&path);
    let client_of = client(&sandbox);
    assert_eq!(found(&client_of, "Again").await, [id.as_str()]);
    assert_eq!(found(&client_of, "Changed").await, ["SP09001"]);
    assert!(found(&client_of, "Gone").await.is_empty());
    assert!(found(&client_of, "Clinton").await.is_empty());
    let read = client_of
        .read::<Practitioner>(practitioners, &["SP09001"])
        .await
        .unwrap();
    assert_eq!(read.head.etag(), Some("W/\"2\""));
    let error = client_of
        .read::<Practitioner>(practitioners, &["SP09000"])
        .await
        .unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::Outcome | ErrorKind::Status
    ));
}

/// The store is closed once a sandbox is dropped, also while a request keeps one of its threads.
#[test]
fn stores_are_free_before_the_last_request_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let (entered, enters) = mpsc::channel();
    let (end, ends) = mpsc::channel::<()>();
    let ends = Mutex::new(ends);
    let mut config = Config::default();
    config.store = Some(path.clone());
    config.on_request = Some(Arc::new(move |_| {
        entered.send(()).unwrap();
        let _ = ends.lock().unwrap().recv();
    }));
    let sandbox = Sandbox::start(config).unwrap();
    let mut stream = TcpStream::connect(sandbox.address()).unwrap();
    write!(
        stream,
        "GET / HTTP/1.1\r\nhost: {}\r\n\r\n",
        sandbox.address()
    )
    .unwrap();
    enters.recv().unwrap();
    drop(sandbox);
    drop(kept(&path));
    drop(end);
}
