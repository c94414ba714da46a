//! Healthcode: its requests, discovery, sign-on, pages, and what is refused.

use crate::kit::{Answer, Clock, Fake, Hours, Log, answer, ok, run, start};
use healthcode_r4::{Bundle, Coverage, Parameters, Practitioner, Schedule, Slot};
use healthcode_search::{Endpoint, FindMember, PractitionerSearch, Query};
use healthcode_transport::healthcode::{
    Discovery, Healthcode, HealthcodeClient, OpenIdConfiguration, Pages,
};
use healthcode_transport::{
    ClientAuth, Error, ErrorKind, Origin, Purpose, Token, show_curl, show_http,
};
use http::Request;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const DISCOVERY: &str = r#"{
    "search_practitioner_endpoint": "https://ppr.example.org/practitioner",
    "get_practitionerphoto_endpoint": "https://ppr.example.org/photo/",
    "create_schedule_endpoint": "https://ice.example.org/schedule",
    "find_member_endpoint": "https://auth.api.example.org/member",
    "codes_valueset_namespace": "https://ref.example.org/valueset",
    "search_practitionerrole_endpoint": 7,
    "version": 2, "more": {"extra": ["https://nested.example.org/x"]}
}"#;

fn discovery() -> Discovery {
    Discovery::read(DISCOVERY.as_bytes()).unwrap()
}

fn service() -> Healthcode {
    let service = Healthcode::new(
        "https://api.example.org/.well-known/discovery-document.json",
        "https://auth.example.org/.well-known/openid-configuration",
    );
    service.site_id("HC00ABC")
}

fn endpoint(name: &str) -> &'static Endpoint {
    Endpoint::named(name).unwrap()
}

fn search() -> Query {
    PractitionerSearch::new().family("Clinton").build().unwrap()
}

#[test]
fn requests() {
    let (service, discovery) = (service(), discovery());
    let open = service.clone().allow_restricted(true).api_version("2");
    let schedule = Schedule {
        id: "S 1".into(),
        ..Schedule::default()
    };
    let member = FindMember::new()
        .insurer_identifier("bup")
        .last_name("Gray")
        .post_code("BT43 7BU");
    let requests = [
        service
            .query::<Bundle>(&discovery, &search())
            .unwrap()
            .request(),
        service
            .query::<Coverage>(&discovery, &member.build().unwrap())
            .unwrap()
            .request(),
        open.read::<Parameters>(&discovery, endpoint("practitioner-photo"), &["SP/09000"])
            .unwrap()
            .request(),
        service
            .read::<Bundle>(
                &discovery,
                endpoint("code-sets"),
                &["procedure-code", "CCSD"],
            )
            .unwrap()
            .request(),
        service
            .create(&discovery, endpoint("create-schedule"), &schedule)
            .unwrap()
            .request(),
        service
            .update(&discovery, endpoint("create-schedule"), "S 1", &schedule)
            .unwrap()
            .request(),
        service
            .delete(&discovery, endpoint("create-schedule"), "S1")
            .unwrap()
            .request(),
    ];
    let shown: Vec<_> = requests.iter().map(show_http).collect();
    insta::assert_snapshot!("requests", shown.join("\n----\n"));
    insta::assert_snapshot!("curl", show_curl(&requests[1]));
}

#[test]
fn refused() {
    let (service, discovery) = (service(), discovery());
    let open = service.clone().allow_restricted(true);
    let check = |result: Result<(), Error>, expect: &str| {
        assert_eq!(result.unwrap_err().to_string(), expect);
    };
    let read = |service: &Healthcode, name, below: &[&str]| {
        service
            .read::<Bundle>(&discovery, endpoint(name), below)
            .map(drop)
    };
    check(
        read(&service, "practitioner-photo", &["x"]),
        "practitioner-photo: the endpoint practitioner-photo is reserved for Healthcode's own products; calling it has to be allowed",
    );
    check(
        read(&open, "practitioner-role", &[]),
        "practitioner-role: the discovery document has no address under search_practitionerrole_endpoint",
    );
    check(
        read(&open, "list-insurers", &[]),
        "list-insurers: no discovery key is documented for the endpoint list-insurers",
    );
    check(
        read(&service, "pds-patient", &[]),
        "pds-patient: the endpoint is not allowed here: it is not one of Healthcode's",
    );
    check(
        read(&service, "remittance-read", &["x"]),
        "remittance-read: the discovery document has no address under get_remittance_endpoint",
    );
    for id in ["", ".", ".."] {
        check(
            read(&service, "code-sets", &[id]),
            "code-sets: invalid id: expected neither an empty text nor dots",
        );
    }
    check(
        service
            .create(
                &discovery,
                endpoint("practitioner"),
                &Practitioner::default(),
            )
            .map(drop),
        "practitioner: a resource is not allowed here: the endpoint takes none",
    );
    let incomplete = Query::of(endpoint("find-member"));
    let error = service
        .query::<Coverage>(&discovery, &incomplete)
        .map(drop)
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Query(_)), "{error}");
    assert!(Discovery::read(b"[]").is_err() && OpenIdConfiguration::read(b"{}").is_err());
}

#[test]
fn where_the_secret_goes() {
    let check = |methods: &str, expect| {
        let json = format!(r#"{{"token_endpoint":"https://a.example/t"{methods}}}"#);
        let read = OpenIdConfiguration::read(json.as_bytes()).unwrap();
        assert_eq!(read.client_auth(), expect, "{methods}");
    };
    let name = "\"token_endpoint_auth_methods_supported\"";
    check("", ClientAuth::Basic);
    check(
        &format!(",{name}:[\"client_secret_basic\",\"client_secret_post\"]"),
        ClientAuth::Basic,
    );
    check(
        &format!(",{name}:[\"client_secret_post\"]"),
        ClientAuth::Body,
    );
    check(
        &format!(",{name}:\"client_secret_post\""),
        ClientAuth::Basic,
    );
}

/// The whole environment: discovery, sign-on, and practitioners by `serve`.
fn environment(serve: impl Fn(&Request<bytes::Bytes>) -> Answer + Send + Sync + 'static) -> Fake {
    Fake::new(
        move |request, _| match (request.uri().host().unwrap(), request.uri().path()) {
            ("api.example.org", _) => {
                let same = request
                    .headers()
                    .get("if-none-match")
                    .is_some_and(|etag| etag == "\"1\"");
                let headers = [("cache-control", "max-age=60"), ("etag", "\"1\"")];
                Ok(if same {
                    answer(304, &headers, "")
                } else {
                    answer(200, &headers, DISCOVERY)
                })
            }
            ("auth.example.org", "/.well-known/openid-configuration") => {
                ok(r#"{"token_endpoint":"https://auth.example.org/token"}"#)
            }
            ("auth.example.org", "/token") => {
                assert_eq!(
                    request.headers()["authorization"],
                    "Basic a2V5LWlkOnMzY3JldA=="
                );
                ok(r#"{"access_token":"t0ken","expires_in":3600}"#)
            }
            _ => {
                assert_eq!(request.headers()["authorization"], "Bearer t0ken");
                serve(request)
            }
        },
    )
}

fn client(fake: &Fake, clock: &Clock) -> HealthcodeClient {
    HealthcodeClient::new(service(), fake.stack(clock), "key-id", "s3cret").unwrap()
}

fn paths(fake: &Fake) -> Vec<String> {
    fake.seen()
        .iter()
        .map(|request| request.uri().path().rsplit('/').next().unwrap().to_owned())
        .collect()
}

#[test]
fn from_query_to_answer() {
    let clock = Clock::new();
    let fake = environment(|_| ok(r#"{"resourceType":"Bundle","entry":[]}"#));
    let log = Log::default();
    let shown = log.during(|| {
        let client = client(&fake, &clock);
        run(client.search(&search())).unwrap();
        assert_eq!(
            paths(&fake),
            [
                "discovery-document.json",
                "openid-configuration",
                "token",
                "practitioner"
            ]
        );
        run(client.search(&search())).unwrap();
        assert_eq!(fake.count(), 5);
        let purposes: Vec<_> = fake
            .seen()
            .iter()
            .map(|request| request.extensions().get().copied())
            .collect();
        let call = |name| Some(Purpose::Call(name));
        let practitioner = call("practitioner");
        let expect = [
            call("discovery"),
            call("sign-on"),
            Some(Purpose::Token),
            practitioner,
            practitioner,
        ];
        assert_eq!(purposes, expect);
        // Stale, but the same: requested with its validator, not fetched again.
        clock.pass(Duration::from_secs(61));
        run(client.search(&search())).unwrap();
        assert_eq!(
            paths(&fake)[5..],
            ["discovery-document.json", "practitioner"]
        );
        assert!(!fake.seen()[5].headers().contains_key("authorization"));
        clock.pass(Duration::from_secs(30));
        run(client.search(&search())).unwrap();
        assert_eq!(fake.count(), 8);
        format!("{client:?}")
    });
    for secret in ["s3cret", "t0ken", "Clinton", "a2V5"] {
        assert!(!(log.text() + &shown).contains(secret), "{secret}");
    }
}

#[test]
fn redirects_to_origins_of_the_discovery_document() {
    let clock = Clock::new();
    let check = |to: &'static str, good: bool| {
        let fake = environment(move |request| match request.uri().host() {
            Some("ice.example.org") => Ok(answer(302, &[("location", to)], "")),
            _ => ok(r#"{"resourceType":"Schedule","id":"9"}"#),
        });
        let client = client(&fake, &clock);
        let result = run(client.create(endpoint("create-schedule"), &Schedule::default()));
        let last = fake.seen().pop().unwrap();
        assert_eq!(result.is_ok(), good, "{to}");
        assert_eq!(
            (last.method().as_str(), &last.body()[..]),
            ("POST", &br#"{"resourceType":"Schedule"}"#[..])
        );
        assert_eq!(*last.uri() == to, good);
    };
    check("https://nested.example.org/y", true);
    check("https://ppr.example.org/y", true);
    check("https://evil.example.com/y", false);
}

/// An address of the discovery document may have a query of its own, or a fragment: what is requested is
/// not lost in it.
#[test]
fn addresses_with_queries_and_fragments() {
    let json = br#"{"search_practitioner_endpoint": "https://ppr.example.org/p?v=2",
        "create_schedule_endpoint": "https://ice.example.org/schedule#here"}"#;
    let discovery = Discovery::read(json).unwrap();
    let found = service().query::<Bundle>(&discovery, &search()).unwrap();
    assert_eq!(*found.uri(), "https://ppr.example.org/p?v=2&family=Clinton");
    let found = service().delete(&discovery, endpoint("create-schedule"), "1");
    assert_eq!(*found.unwrap().uri(), "https://ice.example.org/schedule/1");
    let found = service().read::<Bundle>(&discovery, endpoint("practitioner"), &["1"]);
    assert_eq!(*found.unwrap().uri(), "https://ppr.example.org/p/1?v=2");
}

/// An origin that the discovery document no longer has is no longer trusted.
#[test]
fn trust_ends_with_the_document() {
    let clock = Clock::new();
    let documents = Arc::new(AtomicUsize::new(0));
    let fake = Fake::new(move |request, _| match request.uri().path() {
        "/.well-known/discovery-document.json" => {
            let more = match documents.fetch_add(1, Ordering::SeqCst) {
                0 => r#","old":"https://old.example.org/""#,
                _ => "",
            };
            let json =
                format!(r#"{{"search_practitioner_endpoint":"https://ppr.example.org/p"{more}}}"#);
            Ok(answer(200, &[("cache-control", "max-age=60")], &json))
        }
        "/.well-known/openid-configuration" => {
            ok(r#"{"token_endpoint":"https://auth.example.org/token"}"#)
        }
        "/token" => ok(r#"{"access_token":"t0ken","expires_in":3600}"#),
        "/p" => Ok(answer(
            302,
            &[("location", "https://old.example.org/p2")],
            "",
        )),
        _ => ok(r#"{"resourceType":"Bundle","type":"searchset"}"#),
    });
    let client = client(&fake, &clock);
    assert!(run(client.search(&search())).is_ok());
    clock.pass(Duration::from_secs(61));
    let error = run(client.search(&search())).unwrap_err();
    let origin = Origin::read("https://old.example.org").unwrap();
    assert_eq!(*error.kind(), ErrorKind::Redirect(Some(origin)));
}

#[test]
fn creation_is_not_repeated() {
    let clock = Clock::new();
    let fake = environment(|_| Ok(answer(503, &[], "")));
    let client = client(&fake, &clock);
    assert!(run(client.create(endpoint("create-schedule"), &Slot::default())).is_err());
    assert_eq!(fake.count(), 4);
    assert!(run(client.update(endpoint("create-schedule"), "1", &Slot::default())).is_err());
    assert_eq!(fake.count(), 7);
    assert!(run(client.delete(endpoint("create-schedule"), "1")).is_err());
    assert_eq!(fake.count(), 10);
}

/// A page with entries of these ids.
fn page(tags: &[(&str, u64)], ids: &[u64]) -> String {
    let tag = |(code, number): &(&str, u64)| format!(r#"{{"code":"{code}","display":"{number}"}}"#);
    let tags: Vec<_> = tags.iter().map(tag).collect();
    let entry =
        |id: &u64| format!(r#"{{"resource":{{"resourceType":"Practitioner","id":"SP{id}"}}}}"#);
    let entries: Vec<_> = ids.iter().map(entry).collect();
    let meta = if tags.is_empty() {
        String::new()
    } else {
        format!(r#""meta":{{"tag":[{}]}},"#, tags.join(","))
    };
    let entry = if entries.is_empty() {
        String::new()
    } else {
        format!(r#","entry":[{}]"#, entries.join(","))
    };
    format!(
        r#"{{"resourceType":"Bundle",{meta}"total":{}{entry}}}"#,
        ids.len()
    )
}

/// The queries of all pages, and how it ends.
fn walk(query: Query, max: usize, serve: fn(u64) -> String) -> (Vec<String>, String) {
    let clock = Clock::new();
    let fake = environment(move |request| {
        let query = request.uri().query().unwrap_or_default();
        let page = query.split('&').find_map(|part| part.strip_prefix("page="));
        ok(&serve(page.map_or(1, |page| page.parse().unwrap())))
    });
    let mut stream = client(&fake, &clock).pages(Pages::new(query).max_pages(max));
    let mut end = "done".to_owned();
    let mut pages = 0;
    while let Some(page) = run(stream.next_page()) {
        match page {
            Ok(_) => pages += 1,
            Err(error) => end = error.kind().to_string(),
        }
    }
    assert!(run(stream.next_page()).is_none());
    let seen = fake.seen();
    let queries: Vec<_> = seen
        .iter()
        .filter_map(|request| request.uri().query().map(str::to_owned))
        .collect();
    assert!(
        pages == queries.len() || end != "done",
        "{pages} {queries:?}"
    );
    (queries, end)
}

#[test]
fn pages() {
    let by = |count| PractitionerSearch::new().count(count).build().unwrap();
    let three = |number: u64| {
        let ids = [[1, 2].as_slice(), &[3, 4], &[5]][number as usize - 1];
        page(&[("page", number), ("count", 2), ("maxCount", 5)], ids)
    };
    let expect = ["count=2", "page=2&count=2", "page=3&count=2"];
    let (mut queries, end) = walk(by(2), 9, three);
    for query in &mut queries {
        // The parameter may be anywhere.
        if let Some(rest) = query.strip_prefix("count=2&page=") {
            *query = format!("page={rest}&count=2");
        }
    }
    assert_eq!(
        (queries, &end[..]),
        (expect.map(str::to_owned).to_vec(), "done")
    );

    let (queries, end) = walk(by(2), 2, three);
    assert_eq!(
        (queries.len(), &end[..]),
        (2, "there are more pages than may be fetched")
    );
    // `maxRecords` in place of `maxCount`.
    let (queries, _) = walk(by(1), 9, |number| {
        page(
            &[("count", 1), ("page", number), ("maxRecords", 2)],
            &[number],
        )
    });
    assert_eq!(queries.len(), 2);
    // The server has one page only.
    let (queries, end) = walk(by(1), 9, |_| {
        page(&[("page", 1), ("count", 1), ("maxCount", 9)], &[1])
    });
    assert_eq!(
        (queries.len(), &end[..]),
        (2, "invalid page: expected the one that was requested")
    );
    let (queries, end) = walk(by(1), 9, |_| page(&[("count", 1), ("maxCount", 9)], &[1]));
    assert_eq!((queries.len(), &end[..]), (2, "the same page came again"));
    // Fewer by now.
    let (queries, end) = walk(by(1), 9, |number| {
        page(
            &[("page", number), ("count", 1), ("maxCount", 9)],
            if number < 3 { &[0][..] } else { &[] },
        )
        .replace("SP0", &format!("SP{number}"))
    });
    assert_eq!((queries.len(), &end[..]), (3, "done"));
    // No tags at all: pages that are full may have another one after them.
    let (queries, end) = walk(by(2), 9, |number| {
        page(&[], [[1, 2].as_slice(), &[3]][number as usize - 1])
    });
    assert_eq!((queries.len(), &end[..]), (2, "done"));
    // Nobody requested pages.
    let (queries, end) = walk(search(), 9, |_| {
        page(
            &[("page", 1), ("count", 2_147_483_647), ("maxCount", 2)],
            &[1, 2],
        )
    });
    assert_eq!((queries.len(), &end[..]), (1, "done"));
    // From the middle.
    let from = PractitionerSearch::new().page(2).count(2).build().unwrap();
    let (queries, _) = walk(from, 9, three);
    assert_eq!(queries.len(), 2);
}

#[test]
fn a_stream_ends_with_an_error() {
    use futures_core::Stream;
    use std::pin::Pin;
    let clock = Clock::new();
    let fake = environment(|_| Ok(answer(422, &[], "")));
    let mut stream = client(&fake, &clock).pages(Pages::new(search()));
    let next = std::future::poll_fn(|context| Pin::new(&mut stream).poll_next(context));
    assert!(run(next).unwrap().is_err());
    let next = std::future::poll_fn(|context| Pin::new(&mut stream).poll_next(context));
    assert!(run(next).is_none());
}

#[test]
fn tokens_of_the_callers_own() {
    let clock = Clock::new();
    let fake = environment(|_| ok(r#"{"resourceType":"Bundle"}"#));
    let token = Token::new("t0ken", start(), None);
    let client = HealthcodeClient::with_tokens(service(), fake.stack(&clock), token).unwrap();
    run(client.search(&search())).unwrap();
    assert_eq!(paths(&fake), ["discovery-document.json", "practitioner"]);
}

#[test]
fn many_at_once_look_up_once() {
    let clock = Hours::new();
    let fake = environment(|_| ok(r#"{"resourceType":"Bundle"}"#)).slow();
    let stack = fake.stack(&clock).with_timeout(None);
    let client = HealthcodeClient::new(service(), stack, "key-id", "s3cret").unwrap();
    let query = search();
    let mut all: Vec<_> = (0..50).map(|_| Box::pin(client.search(&query))).collect();
    let mut done = 0;
    run(std::future::poll_fn(|context| {
        all.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(result) => {
                result.unwrap();
                done += 1;
                false
            }
            std::task::Poll::Pending => true,
        });
        if all.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    }));
    assert_eq!((done, fake.count()), (50, 53));
}

/// OpenID Connect Discovery 1.0, 4.3: the issuer is before `/.well-known`.
#[test]
fn issuers() {
    let check = |issuer: &str, address: &str, expect: bool| {
        let json = format!(r#"{{"issuer":"{issuer}","token_endpoint":"https://a.example/t"}}"#);
        let document = OpenIdConfiguration::read(json.as_bytes()).unwrap();
        assert_eq!(document.is_of(address), expect, "{issuer} at {address}");
    };
    let known = "/.well-known/openid-configuration";
    let at =
        |issuer: &str, base: &str, expect: bool| check(issuer, &format!("{base}{known}"), expect);
    let base = "https://a.example";
    for same in [
        "https://a.example",
        "https://a.example/",
        "https://A.example",
        "https://a.example:443",
    ] {
        at(same, base, true);
    }
    at("https://a.example/b", "https://a.example/b", true);
    at("https://a.example/b/", "https://a.example/b", true);
    // Servers of several issuers (RFC 8414, 3), and what a query adds.
    check("https://a.example/b", &format!("{base}{known}/b"), true);
    check("https://a.example", &format!("{base}{known}?v=1"), true);
    // Elsewhere nothing but the origin is known.
    check("https://a.example/b", "https://a.example/openid", true);
    check("https://b.example", "https://a.example/openid", false);
    for other in [
        "https://b.example",
        "http://a.example",
        "https://a.example:8443",
        "https://a.example.evil.example",
        "https://user@a.example",
        "https://a.example/b",
        "https://a.example/B",
        "https://a.example?b",
        "https://a.example/#b",
        "a.example",
        "",
    ] {
        at(other, base, false);
    }
    at("https://a.example", "https://a.example/b", false);
    at("https://a.example/B", "https://a.example/b", false);
}
