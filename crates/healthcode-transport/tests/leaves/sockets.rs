//! Over plain sockets: what arrives, what comes back, and which faults are distinguished.

use crate::server::{Server, answer};
use crate::watch;
use healthcode_r4::Patient;
use healthcode_search::PractitionerSearch;
use healthcode_transport::healthcode::{Healthcode, HealthcodeClient, Pages};
use healthcode_transport::nhs::{Nesting, Ssp, SspRequest};
use healthcode_transport::{
    Call, Client, Error, ErrorKind, HttpStack, Idempotency, Origin, ReqwestTransport, Retry,
    SystemRandom, TokioTimer, TransportFault, Trust,
};
use healthcode_uk::{Asid, InteractionId};
use std::error::Error as _;
use std::time::Duration;

pub(crate) fn stack() -> HttpStack {
    watch::on();
    let transport = watch::Spy(ReqwestTransport::new().unwrap());
    HttpStack::new(transport, TokioTimer, SystemRandom)
}

fn client(server: &Server, stack: HttpStack) -> Client {
    let mut trust = Trust::new();
    trust.allow(Origin::read(&server.url("http", "/")).unwrap());
    trust.allow_loopback_http(true);
    Client::new(stack, trust).with_retry(Retry::never())
}

fn patient(server: &Server) -> Call<Patient> {
    let url = server.url("http", "/Patient/9000000009");
    Call::resource("patient", &url).unwrap()
}

const PATIENT: &str = r#"{"resourceType":"Patient","id":"9000000009"}"#;

#[tokio::test]
async fn there_and_back() {
    let server = Server::start(None, |_| answer("200 OK", &[("etag", "W/\"2\"")], PATIENT));
    let reply = client(&server, stack())
        .send(&patient(&server))
        .await
        .unwrap();
    assert_eq!(
        (reply.value.id.as_str(), reply.head.etag()),
        (Some("9000000009"), Some("W/\"2\""))
    );
    let seen = server.seen();
    assert!(seen[0].starts_with("GET /Patient/9000000009 HTTP/1.1\r\n"));
    assert!(seen[0].contains("\r\naccept: application/fhir+json\r\n"));
}

#[tokio::test]
async fn faults() {
    let check = async |server: &Server, stack: HttpStack, expect: ErrorKind| {
        let error = client(server, stack)
            .send(&patient(server))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), &expect, "{:?}", error.source());
        error
    };
    let hang_up = Server::start(None, |_| None);
    let error = check(
        &hang_up,
        stack(),
        ErrorKind::Transport(TransportFault::Broken),
    )
    .await;
    let mut source: Option<&dyn std::error::Error> = Some(&error);
    while let Some(cause) = source {
        assert!(
            !cause.to_string().contains("9000000009")
                && !format!("{cause:?}").contains("9000000009")
        );
        source = cause.source();
    }
    let short = Server::start(None, |_| {
        Some("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".into())
    });
    check(
        &short,
        stack(),
        ErrorKind::Transport(TransportFault::Broken),
    )
    .await;
    let large = Server::start(None, |_| answer("200 OK", &[], PATIENT));
    check(&large, stack().with_max_body(20), ErrorKind::TooLarge(20)).await;
    // Without `Content-Length`.
    let chunked = Server::start(None, |_| {
        Some(format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{PATIENT}\r\n0\r\n\r\n",
            PATIENT.len()
        ))
    });
    check(&chunked, stack().with_max_body(20), ErrorKind::TooLarge(20)).await;
    // Nor ever.
    let endless = Server::start(None, |_| {
        Some(format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1 << 22)))
    });
    check(&endless, stack().with_max_body(20), ErrorKind::TooLarge(20)).await;
    // No coding is requested, so that what is limited is what is read; one that comes is not undone.
    let coded = [("content-encoding", "gzip")];
    let packed = Server::start(None, move |_| answer("200 OK", &coded, "\u{1f}\u{8b}\u{8}"));
    check(&packed, stack(), ErrorKind::Body).await;
    assert!(
        !packed.seen()[0]
            .to_ascii_lowercase()
            .contains("accept-encoding")
    );
    // Headers have a limit, too.
    let line = "x".repeat(1 << 20);
    let headed = Server::start(None, move |_| {
        answer("200 OK", &[("x-long", &line)], PATIENT)
    });
    check(
        &headed,
        stack(),
        ErrorKind::Transport(TransportFault::Broken),
    )
    .await;
    let slow = Server::start(None, |_| {
        std::thread::sleep(Duration::from_secs(2));
        None
    });
    let hasty = stack().with_timeout(Some(Duration::from_millis(100)));
    check(&slow, hasty, ErrorKind::Transport(TransportFault::Timeout)).await;
    let mut gone = Server::start(None, |_| None);
    // Nobody listens there any more.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    gone.address = listener.local_addr().unwrap();
    drop(listener);
    check(
        &gone,
        stack(),
        ErrorKind::Transport(TransportFault::Connect),
    )
    .await;
}

#[tokio::test]
async fn nested_addresses_arrive_as_they_are() {
    let server = Server::start(None, |_| {
        answer("200 OK", &[], r#"{"resourceType":"Bundle"}"#)
    });
    let root = "https://gp.example.nhs.uk:443/T99999//STU3/./1";
    for (nesting, expect) in [
        (
            Nesting::Raw,
            "POST /https://gp.example.nhs.uk:443/T99999//STU3/1/Patient/$gpc.getstructuredrecord ",
        ),
        (
            Nesting::Encoded,
            "POST /https%3A%2F%2Fgp.example.nhs.uk%3A443%2FT99999%2F%2FSTU3%2F1%2FPatient%2F%24gpc.getstructuredrecord ",
        ),
    ] {
        let asid = Asid::parse("200000000205").unwrap();
        let proxy =
            Ssp::new(server.url("http", ""), asid.clone(), nesting).allow_loopback_http(true);
        let request = SspRequest::post(
            "Patient/$gpc.getstructuredrecord",
            serde_json::json!({}),
            Idempotency::Idempotent,
        );
        let interaction =
            InteractionId::parse("urn:nhs:names:services:gpconnect:fhir:rest:read:patient-1")
                .unwrap();
        let root = root.replace("/./", "/");
        let call = proxy
            .call(&asid, &interaction, &root, &request, &SystemRandom)
            .unwrap();
        Client::new(stack(), proxy.trust().unwrap())
            .send(&call)
            .await
            .unwrap();
        let seen = server.seen();
        assert!(seen.last().unwrap().starts_with(expect), "{seen:?}");
    }
}

#[tokio::test]
async fn redirects_are_the_clients() {
    let server = Server::start(None, |request| {
        if request.starts_with("GET /Patient/") {
            answer("302 Found", &[("location", "/moved")], "")
        } else {
            answer("200 OK", &[], PATIENT)
        }
    });
    client(&server, stack())
        .send(&patient(&server))
        .await
        .unwrap();
    let seen = server.seen();
    let id = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("x-request-id"))
            .unwrap()
            .to_owned()
    };
    assert_eq!(id(&seen[0]), id(&seen[1]));
}

/// Healthcode from discovery to the last page, over sockets.
#[tokio::test]
async fn healthcode_whole() -> Result<(), Error> {
    let (send, port) = std::sync::mpsc::channel::<u16>();
    let port = std::sync::Mutex::new((port, None));
    let server = Server::start(None, move |request| {
        let port = {
            let mut state = port.lock().unwrap();
            let known = state.1.or_else(|| state.0.recv().ok());
            state.1 = known;
            known.unwrap()
        };
        let base = format!("http://localhost:{port}");
        let path = request.split(' ').nth(1).unwrap();
        match path.split('?').next().unwrap() {
            "/discovery" => answer(
                "200 OK",
                &[],
                &format!(r#"{{"search_practitioner_endpoint":"{base}/p"}}"#),
            ),
            "/openid" => answer(
                "200 OK",
                &[],
                &format!(r#"{{"token_endpoint":"{base}/token"}}"#),
            ),
            "/token" => answer(
                "200 OK",
                &[],
                r#"{"access_token":"t0ken-t0ken-t0ken","expires_in":60}"#,
            ),
            _ if !request.contains("authorization: Bearer t0ken-t0ken-t0ken") => {
                answer("401 Unauthorized", &[], "")
            }
            _ => {
                let page = if path.contains("page=2") { 2 } else { 1 };
                answer(
                    "200 OK",
                    &[],
                    &format!(
                        r#"{{"resourceType":"Bundle","meta":{{"tag":[{{"code":"page","display":"{page}"}},
                    {{"code":"count","display":"1"}},{{"code":"maxCount","display":"2"}}]}},
                    "entry":[{{"resource":{{"resourceType":"Practitioner","id":"SP{page}"}}}}]}}"#
                    ),
                )
            }
        }
    });
    send.send(server.address.port()).unwrap();
    let service = Healthcode::new(
        server.url("http", "/discovery"),
        server.url("http", "/openid"),
    );
    let service = service.allow_loopback_http(true);
    let client = HealthcodeClient::new(service, stack(), "id", "key")?;
    let mut pages = client.pages(Pages::new(PractitionerSearch::new().count(1).build()?));
    let mut ids = Vec::new();
    while let Some(page) = pages.next_page().await {
        ids.extend(
            page?
                .value
                .entry
                .iter()
                .map(|entry| entry.resource.as_ref().unwrap().id().unwrap().to_owned()),
        );
    }
    assert_eq!(
        (ids, server.seen().len()),
        (vec!["SP1".to_owned(), "SP2".to_owned()], 5)
    );
    Ok(())
}

proptest::proptest! {
    /// Addresses are read twice: here, to say whether they are trusted, and by reqwest, to connect. Both
    /// find the same origin, however strange the address is.
    #[test]
    fn addresses_mean_the_same_to_both(
        text in "https?:[/\\\\]{1,3}[a-zA-Z0-9.@:/\\\\?#%\\[\\]_~!$&'()*+,;=|^`{}\"<> \t-]{0,30}"
    ) {
        let Ok(origin) = Origin::read(&text) else { return Ok(()) };
        let uri: http::Uri = text.parse().unwrap();
        let Ok(found) = reqwest::Url::parse(&uri.to_string()) else { return Ok(()) };
        let expect = reqwest::Url::parse(&origin.to_string()).unwrap();
        proptest::prop_assert_eq!(found.origin(), expect.origin(), "{}", text);
        proptest::prop_assert_eq!(found.username(), "");
    }
}
