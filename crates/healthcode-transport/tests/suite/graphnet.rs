//! Graphnet: its tokens, keys, pages and errors.

use crate::kit::{Answer, Clock, Fake, Log, answer, ok, run, start};
use base64::Engine;
use healthcode_search::{Query, Scope};
use healthcode_transport::graphnet::{GatewayError, Graphnet, GraphnetClient};
use healthcode_transport::{ErrorKind, Grant, Idempotency, show_http};
use http::Request;
use std::time::Duration;

fn gateway() -> Graphnet {
    let gateway = Graphnet::new("https://gateway.example.org/fhir/");
    gateway
        .key("fhir", "k3y-one")
        .key("demographics", "k3y-two")
}

fn query() -> Query {
    let mut query = Query::new(Scope::named("graphnet-observation").unwrap());
    query
        .set(
            "patient.identifier",
            "https://fhir.nhs.uk/Id/nhs-number|9000000009",
        )
        .unwrap();
    query
}

/// A token that ends ten minutes after the start, and says so itself alone.
fn jwt() -> String {
    let exp = start()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
        + 600;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let payload = format!(r#"{{"exp":{exp},"aud":"gateway","apis":["patient"],"name":"Clinton"}}"#);
    format!("{}.{}.c2ln", encode(r#"{"alg":"RS256"}"#), encode(&payload))
}

fn server(serve: impl Fn(&Request<bytes::Bytes>) -> Answer + Send + Sync + 'static) -> Fake {
    Fake::new(move |request, _| {
        if let Some("tokens.example.org") = request.uri().host() {
            let body = "grant_type=client_credentials&client_id=sys&client_secret=s3cret";
            assert_eq!(request.body(), body);
            assert!(!request.headers().contains_key("authorization"));
            ok(&format!(
                r#"{{"token_type":"Bearer","access_token":"{}","refresh_token":null}}"#,
                jwt()
            ))
        } else {
            assert_eq!(
                request.headers()["authorization"],
                format!("Bearer {}", jwt())
            );
            serve(request)
        }
    })
}

fn client(fake: &Fake, clock: &Clock) -> GraphnetClient {
    let endpoint = "https://tokens.example.org/oauth/token";
    GraphnetClient::new(gateway(), fake.stack(clock), endpoint, "sys", "s3cret").unwrap()
}

#[test]
fn requests() {
    let gateway = gateway();
    let json = serde_json::json!({"NhsNumber": "9000000009", "PageNumber": 1});
    let token = Graphnet::grant("https://tokens.example.org/oauth/token", "sys", "s3cret");
    let requests = [
        token.request(start(), &|_: &mut [u8]| {}).unwrap(),
        gateway.search("fhir", &query()).unwrap().request(),
        gateway.read("fhir", "Patient", "a b").unwrap().request(),
        gateway
            .post(
                "demographics",
                "/FindPatient",
                &json,
                Idempotency::Idempotent,
            )
            .unwrap()
            .request(),
    ];
    let shown: Vec<_> = requests.iter().map(show_http).collect();
    insta::assert_snapshot!("requests", shown.join("\n----\n"));
    let key = |index: usize| {
        requests[index].headers()["ocp-apim-subscription-key"]
            .to_str()
            .unwrap()
    };
    assert_eq!((key(1), key(3)), ("k3y-one", "k3y-two"));
    let error = gateway.search("adt", &query()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "graphnet-observation: missing subscription key for this product"
    );
    let other = Query::new(Scope::named("pds-patient").unwrap());
    assert!(
        gateway.search("fhir", &other).is_err() && gateway.read("fhir", "Patient", "..").is_err()
    );
}

#[test]
fn the_token_lives_as_long_as_it_says() {
    let clock = Clock::new();
    let fake = server(|_| ok(r#"{"resourceType":"Bundle","total":0}"#));
    let client = client(&fake, &clock);
    for (pass, requests) in [(0, 2), (539, 3), (2, 5)] {
        clock.pass(Duration::from_secs(pass));
        run(client.search("fhir", &query())).unwrap();
        assert_eq!(fake.count(), requests);
    }
}

#[test]
fn refusals_say_what_the_token_claims() {
    let log = Log::default();
    log.during(|| {
        let clock = Clock::new();
        let body =
            r#"{"statusCode":401,"message":"Access denied due to missing subscription key"}"#;
        let fake = server(move |_| Ok(answer(401, &[], body)));
        let error = run(client(&fake, &clock).search("fhir", &query())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "graphnet-observation: HTTP status 401; the token says, unverified: aud = gateway, \
             apis = [\"patient\"]; request 00000000-0000-4000-8000-000000000001; 2 attempts"
        );
        let gateway = GatewayError::of(&error).unwrap();
        assert_eq!(
            (gateway.status, &gateway.message[..13]),
            (Some(401), "Access denied")
        );
        assert!(!format!("{error:?} {gateway:?}").contains("denied"));
    });
    for secret in ["s3cret", "k3y", "eyJ", "9000000009", "Clinton"] {
        assert!(!log.text().contains(secret), "{secret}");
    }
}

#[test]
fn bodies() {
    let check = |body: &'static str, expect: Option<ErrorKind>| {
        let clock = Clock::new();
        let fake = server(move |_| ok(body));
        let result = run(client(&fake, &clock).search("fhir", &query()));
        assert_eq!(
            result.err().map(|error| error.kind().clone()),
            expect,
            "{body}"
        );
    };
    check(r#"{"resourceType":"Bundle"}"#, None);
    check(
        r#"{"resourceType":"OperationOutcome","issue":[]}"#,
        Some(ErrorKind::Outcome),
    );
    check(r#"{"statusCode":200}"#, Some(ErrorKind::Body));
    check("[]", Some(ErrorKind::Body));
    check("", Some(ErrorKind::Body));
}

#[test]
fn pages_by_links() {
    let walk = |link: fn(u32) -> Option<String>| {
        let clock = Clock::new();
        let fake = server(move |request| {
            assert_eq!(request.headers()["ocp-apim-subscription-key"], "k3y-one");
            let query = request.uri().query().unwrap_or_default();
            let page = query
                .strip_prefix("page=")
                .map_or(1, |page| page.parse().unwrap());
            let link =
                link(page).map(|url| format!(r#","link":[{{"relation":"next","url":"{url}"}}]"#));
            ok(&format!(
                r#"{{"resourceType":"Bundle"{}}}"#,
                link.unwrap_or_default()
            ))
        });
        let mut pages = client(&fake, &clock).pages("fhir", &query()).unwrap();
        let (mut end, mut came) = ("done".to_owned(), 0);
        while let Some(page) = run(pages.next_page()) {
            match page {
                Ok(_) => came += 1,
                Err(error) => end = error.kind().to_string(),
            }
        }
        // A page is given whatever its link is.
        assert_eq!(came, fake.count() - 1);
        (came, end)
    };
    let three = walk(|page| {
        (page < 3).then(|| format!("https://gateway.example.org/fhir/next?page={}", page + 1))
    });
    assert_eq!(three, (3, "done".into()));
    assert_eq!(
        walk(|page| (page < 3).then(|| format!("?page={}", page + 1))),
        (3, "done".into())
    );
    let circle = walk(|page| Some(format!("?page={}", page % 3 + 1)));
    assert_eq!(circle, (4, "the links of pages lead in a circle".into()));
    let other = walk(|_| Some("https://evil.example.com/?page=2".into()));
    assert_eq!(
        other,
        (
            1,
            "the origin https://evil.example.com is not trusted".into()
        )
    );
    let none = walk(|_| Some("http://".into()));
    assert_eq!(none, (1, "the link to the next page is no URL".into()));
}
