//! Healthcode: discovery, sign-on, searches, photos, and errors.

use crate::kit::{FORM, Sandbox, bearer, client, healthcode_token, send, service, stack, start};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use healthcode_extensions::{ErrorCode, Paging, Photo};
use healthcode_r4::{Bundle, Parameters, Resource};
use healthcode_sandbox::{Config, Data, LoggedRequest};
use healthcode_search::{Endpoint, Near, PractitionerRoleSearch, PractitionerSearch, Query};
use healthcode_transport::healthcode::{HealthcodeClient, Pages};
use healthcode_transport::{ErrorKind, SecretString};
use secrecy::ExposeSecret;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn ids(bundle: &Bundle) -> Vec<&str> {
    let resources = bundle
        .entry
        .iter()
        .filter_map(|entry| entry.resource.as_ref());
    resources.filter_map(|resource| resource.id()).collect()
}

#[tokio::test]
async fn from_discovery_to_the_last_page() {
    let sandbox = start();
    let client = client(&sandbox);
    let found = client
        .search(
            &PractitionerSearch::new()
                .family("Clinton")
                .given("Warren")
                .build()
                .unwrap(),
        )
        .await
        .unwrap();
    assert_eq!(ids(&found.value), ["SP09000"]);

    let mut pages = client.pages(Pages::new(
        PractitionerSearch::new().count(50).build().unwrap(),
    ));
    let (mut sizes, mut all) = (Vec::new(), HashSet::new());
    while let Some(page) = pages.next_page().await {
        let bundle = page.unwrap().value;
        let paging = Paging::decode(&bundle).value;
        assert_eq!((paging.count, paging.all), (Some(50), Some(204)));
        sizes.push(bundle.entry.len());
        assert!(bundle.entry.iter().all(|entry| entry.search.is_none()));
        all.extend(ids(&bundle).into_iter().map(str::to_owned));
    }
    assert_eq!((sizes, all.len()), (vec![50, 50, 50, 50, 4], 204));
}

#[tokio::test]
async fn searches() {
    let sandbox = start();
    let client = client(&sandbox);
    let run = async |query: Query| client.search(&query).await.unwrap().value;

    let near = PractitionerRoleSearch::new()
        .near(Near::from_text("53.385225,-2.231105,20km").unwrap())
        .ages_treated("C0")
        .build()
        .unwrap();
    let roles = run(near).await;
    assert!(!roles.entry.is_empty());
    for entry in &roles.entry {
        let Some(Resource::PractitionerRole(role)) = &entry.resource else {
            panic!("another type")
        };
        assert_eq!(
            role.location[0].reference.as_str(),
            Some("Location/HP005001")
        );
    }
    let mut query = Query::of(Endpoint::named("practitioner-role").unwrap());
    query.set("practitioner", "SP09000").unwrap();
    query.set("_include", "practitioner:location").unwrap();
    let bundle = run(query).await;
    let modes: Vec<_> = bundle
        .entry
        .iter()
        .map(|entry| entry.search.as_ref().unwrap().mode.as_str())
        .collect();
    assert!(
        modes.contains(&Some("match")) && modes.contains(&Some("include")),
        "{modes:?}"
    );
    assert!(ids(&bundle).contains(&"SP09000") && ids(&bundle).contains(&"HP005000"));
    // A search without matches has an empty Bundle.
    let none = run(PractitionerSearch::new().family("Nobody").build().unwrap()).await;
    assert_eq!(
        (none.entry.len(), Paging::decode(&none).value.all),
        (0, Some(0))
    );
}

#[tokio::test]
async fn photos() {
    let sandbox = start();
    let client = client(&sandbox);
    let photo = Endpoint::named("practitioner-photo").unwrap();
    let answer = client
        .read::<Parameters>(photo, &["SP09000"])
        .await
        .unwrap();
    let decoded = Photo::decode(&answer.value);
    assert_eq!(
        (decoded.value.mime, decoded.value.is_complete),
        (Some("image/gif"), true)
    );
    let error = client
        .read::<Parameters>(photo, &["SP1"])
        .await
        .unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(422));
}

/// The headers that a call needs, and the status and code of each error.
#[tokio::test]
async fn calls_refused() {
    let sandbox = start();
    let urls = sandbox.urls();
    let token = healthcode_token(&sandbox).await;
    assert_eq!(
        (token.status, token.header("cache-control")),
        (200, Some("no-store"))
    );
    let bearer = bearer(&token.json());
    let authorised = ("authorization", bearer.as_str());
    let site = ("su-siteid", "HC00ABC");
    let version = ("hc-api-version", "1");
    let check = async |method: &str,
                       path: &str,
                       headers: &[(&str, &str)],
                       status: u16,
                       code: Option<&str>| {
        let url = format!("{}/healthcode{path}", urls.base);
        let answer = send(method, &url, headers, None).await;
        assert_eq!(
            (answer.status, answer.code().as_deref()),
            (status, code),
            "{method} {path} {headers:?}"
        );
        if let (Some(code), true) = (code, status != 200) {
            let documented = ErrorCode::from(code).http_status();
            assert!(documented.is_none_or(|documented| documented == status));
        }
        assert_eq!(answer.header("content-type"), Some("application/fhir+json"));
    };
    let all = [authorised, site, version];
    check("GET", "/practitioner", &all, 200, None).await;
    check("GET", "/practitioner", &[authorised, site], 200, None).await;
    check("GET", "/practitioner", &[site, version], 401, None).await;
    check(
        "GET",
        "/practitioner",
        &[("authorization", "Bearer x"), site],
        401,
        None,
    )
    .await;
    check(
        "GET",
        "/practitioner",
        &[("authorization", "Basic eDp5"), site],
        401,
        None,
    )
    .await;
    check(
        "GET",
        "/practitioner",
        &[authorised],
        400,
        Some("MSG_MISSING_MANDATORY_PARAM"),
    )
    .await;
    check(
        "GET",
        "/practitioner",
        &[authorised, ("su-siteid", "")],
        400,
        Some("MSG_PARAM_EMPTY"),
    )
    .await;
    check(
        "GET",
        "/practitioner",
        &[authorised, ("su-siteid", "HC00XYZ")],
        403,
        None,
    )
    .await;
    check(
        "GET",
        "/practitioner",
        &[authorised, site, ("hc-api-version", "2")],
        400,
        Some("MSG_INVALID_FORMAT"),
    )
    .await;
    check("PUT", "/practitioner", &all, 405, None).await;
    check("GET", "/nothing", &all, 404, None).await;
    check(
        "GET",
        "/practitionerphoto/SP1",
        &all,
        422,
        Some("MSG_REFERENCE_ID_NOT_FOUND"),
    )
    .await;
    for (query, status, code) in [
        ("family=", 400, "MSG_PARAM_EMPTY"),
        ("famly=Clinton", 400, "MSG_INVALID_FORMAT"),
        ("page=0", 400, "MSG_INVALID_FORMAT"),
        ("page=x&count=1", 400, "MSG_INVALID_FORMAT"),
        ("given=Warren&given=Bill", 400, "MSG_INVALID_FORMAT"),
        ("given=Warrenfamily=Clinton", 400, "MSG_INVALID_FORMAT"),
        ("family=%FF", 400, "MSG_INVALID_FORMAT"),
        (
            "is-onlinebooking-available=maybe",
            400,
            "MSG_INVALID_FORMAT",
        ),
    ] {
        check(
            "GET",
            &format!("/practitioner?{query}"),
            &all,
            status,
            Some(code),
        )
        .await;
    }
    for query in ["near-distance=4", "_sort=distance:asc"] {
        check(
            "GET",
            &format!("/practitionerrole?{query}"),
            &all,
            422,
            Some("MSG_PARAM_INVALID"),
        )
        .await;
    }
}

/// The sign-on server: how clients may authenticate, and errors of OAuth.
#[tokio::test]
async fn tokens() {
    let sandbox = start();
    let (urls, own) = (sandbox.urls(), &sandbox.credentials().healthcode);
    let url = format!("{}/sso/token", urls.base);
    let key = own.key.expose_secret();
    let id = &own.id;
    let basic = |secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let (right, wrong) = (basic(key), basic("wrong"));
    let grant = "grant_type=client_credentials";
    let check = async |headers: &[(&str, &str)], body: &str, status: u16, error: Option<&str>| {
        let answer = send("POST", &url, headers, Some(body)).await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (status, error),
            "{body}"
        );
        assert_eq!(answer.json()["access_token"].is_string(), status == 200);
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
        assert!(!answer.body.contains(key));
    };
    check(&[FORM, ("authorization", &right)], grant, 200, None).await;
    check(
        &[FORM],
        &format!("{grant}&client_id={id}&client_secret={key}"),
        200,
        None,
    )
    .await;
    check(
        &[FORM, ("authorization", &wrong)],
        grant,
        401,
        Some("invalid_client"),
    )
    .await;
    check(
        &[FORM, ("authorization", "Basic ???")],
        grant,
        401,
        Some("invalid_client"),
    )
    .await;
    check(
        &[FORM],
        &format!("{grant}&client_id={id}&client_secret=wrong"),
        401,
        Some("invalid_client"),
    )
    .await;
    check(&[FORM], grant, 401, Some("invalid_client")).await;
    check(
        &[FORM, ("authorization", &right)],
        &format!("{grant}&client_secret={key}"),
        400,
        Some("invalid_request"),
    )
    .await;
    check(
        &[FORM, ("authorization", &right)],
        "grant_type=password",
        400,
        Some("unsupported_grant_type"),
    )
    .await;
    check(
        &[FORM, ("authorization", &right)],
        "",
        400,
        Some("invalid_request"),
    )
    .await;
    check(
        &[FORM, ("authorization", &right)],
        &format!("{grant}&{grant}"),
        400,
        Some("invalid_request"),
    )
    .await;
    check(
        &[
            ("content-type", "application/json"),
            ("authorization", &right),
        ],
        grant,
        400,
        Some("invalid_request"),
    )
    .await;
}

#[tokio::test]
async fn wrong_keys_and_expired_tokens() {
    let mut config = Config::default();
    config.token_life = Duration::ZERO;
    let sandbox = Sandbox::start(config).unwrap();
    let query = PractitionerSearch::new().build().unwrap();
    let key: SecretString = "wrong".to_owned().into();
    let wrong = HealthcodeClient::new(service(&sandbox), stack(), "sandbox-testkey", key).unwrap();
    let error = wrong.search(&query).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Token | ErrorKind::Status),
        "{error}"
    );
    // Every token has expired when it is used.
    let base = &sandbox.urls().base;
    let token = healthcode_token(&sandbox).await;
    let bearer = bearer(&token.json());
    let headers = [("authorization", bearer.as_str()), ("su-siteid", "HC00ABC")];
    let answer = send(
        "GET",
        &format!("{base}/healthcode/practitioner"),
        &headers,
        None,
    )
    .await;
    assert_eq!(
        (answer.status, answer.json()["issue"][0]["code"].as_str()),
        (401, Some("expired"))
    );
}

#[tokio::test]
async fn requests_are_logged_without_what_is_in_them() {
    let logged = Arc::new(Mutex::new(Vec::<LoggedRequest>::new()));
    let mut config = Config::default();
    let log = logged.clone();
    config.on_request = Some(Arc::new(move |request| {
        log.lock().unwrap().push(request.clone());
    }));
    let sandbox = Sandbox::start(config).unwrap();
    let client = client(&sandbox);
    client
        .search(&PractitionerSearch::new().family("Clinton").build().unwrap())
        .await
        .unwrap();
    let photo = Endpoint::named("practitioner-photo").unwrap();
    client
        .read::<Parameters>(photo, &["SP09000"])
        .await
        .unwrap();
    let shown: Vec<_> = logged
        .lock()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    let shown = shown.join("\n");
    assert!(
        shown.contains("200 GET /healthcode/practitioner ")
            && shown.contains("/practitionerphoto/{id} "),
        "{shown}"
    );
    let debug = format!("{sandbox:?}");
    let secret = sandbox.credentials().healthcode.key.expose_secret();
    for private in ["Clinton", "SP09000", secret] {
        assert!(
            !shown.contains(private) && !debug.contains(private),
            "{private}"
        );
    }
}

#[tokio::test]
async fn data_of_a_directory() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let load = || Data::load(folder.path()).map_err(|error| error.to_string());
    assert!(load().unwrap_err().ends_with("has no .json files"));
    write(
        "a.json",
        r#"{"resourceType":"Bundle","type":"collection","entry":[
        {"resource":{"resourceType":"Practitioner","id":"P1","name":[{"family":"Own"}]}}]}"#,
    );
    write("notes.txt", "not data");
    let mut config = Config::default();
    config.data = load().unwrap();
    let sandbox = Sandbox::start(config).unwrap();
    let found = client(&sandbox)
        .search(&PractitionerSearch::new().build().unwrap())
        .await
        .unwrap();
    assert_eq!(ids(&found.value), ["P1"]);
    for (text, expect) in [
        ("{", "/b.json: is not a Bundle: "),
        ("", "/b.json: is not a Bundle: "),
        (
            r#"{"resourceType":"Bundle","entry":[{"resource":{"id":"Secret"#,
            "/b.json: is not a Bundle: ",
        ),
        (r#"{"resourceType":"Patient"}"#, "/b.json: is not a Bundle"),
        ("{}", "/b.json: is not a Bundle"),
        ("[]", "/b.json: is not a Bundle"),
    ] {
        write("b.json", text);
        let error = load().unwrap_err();
        assert!(
            error.contains(expect) && !error.contains("Secret"),
            "{error}"
        );
    }
    // A sparse file.
    let huge = std::fs::File::create(folder.path().join("b.json")).unwrap();
    huge.set_len(600 << 20).unwrap();
    let error = load().unwrap_err();
    assert!(error.contains("/b.json: is too large: "), "{error}");
    std::fs::remove_file(folder.path().join("b.json")).unwrap();
    std::fs::create_dir(folder.path().join("b.json")).unwrap();
    assert!(load().unwrap_err().ends_with("/b.json: is not a file"));
    let error = Data::load(folder.path().join("nowhere")).unwrap_err();
    assert!(error.to_string().contains("/nowhere: cannot be read: "));
    let error = Data::load(folder.path().join("a.json")).unwrap_err();
    assert!(error.to_string().contains("/a.json: cannot be read: "));
}

#[test]
fn only_loopback() {
    let mut config = Config::default();
    config.address = "0.0.0.0:0".parse().unwrap();
    assert!(Sandbox::start(config).is_err());
}
