//! Responses to slow, large and foreign requests, while all others are served.

use crate::assertions::{form, parts, post, signed};
use crate::kit::{FORM, Sandbox, bearer, healthcode_token, send, start};
use healthcode_sandbox::{Config, Running};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

async fn raw(sandbox: &Running, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// The status of the response to a request.
async fn status(sandbox: &Running, text: &str) -> u16 {
    let mut stream = raw(sandbox, text).await;
    let mut answer = String::new();
    let read = timeout(Duration::from_secs(20), stream.read_to_string(&mut answer));
    read.await.unwrap().unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Whether a connection was closed.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let read = timeout(Duration::from_secs(5), stream.read(&mut [0])).await;
    matches!(read, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn slow_clients_keep_nobody_out() {
    let sandbox = start();
    let host = sandbox.address();
    let slow = [
        // An incomplete body, an incomplete head, and nothing.
        format!(
            "POST /sso/token HTTP/1.1\r\nhost: {host}\r\ncontent-length: 9\r\n{}: {}\r\n\r\na",
            FORM.0, FORM.1
        ),
        format!("GET /healthcode/practitioner HTTP/1.1\r\nhost: {host}\r\n"),
        String::new(),
    ];
    let mut streams = Vec::new();
    for number in 0..280 {
        streams.push(raw(&sandbox, &slow[number % slow.len()]).await);
    }
    // A new connection is served, and the first ones were closed for it.
    let served = timeout(
        Duration::from_secs(20),
        send("GET", &sandbox.urls().sign_on, &[], None),
    );
    assert_eq!(served.await.unwrap().status, 200);
    assert!(is_closed(&mut streams[0]).await);
    // The newest ones are still open.
    let mut last = raw(&sandbox, &slow[0]).await;
    last.write_all(b"=bcdefgh").await.unwrap();
    let mut begin = [0; 12];
    let read = timeout(Duration::from_secs(20), last.read_exact(&mut begin));
    read.await.unwrap().unwrap();
    assert_eq!(&begin, b"HTTP/1.1 401");
}

/// Bodies are limited; those of unknown clients are not kept, with the same response.
#[tokio::test]
async fn large_bodies() {
    let sandbox = start();
    let (header, claims) = parts(&sandbox);
    let (_, token) = post(&sandbox, &form(&signed(&sandbox, &header, &claims))).await;
    let nhs = bearer(&token);
    let healthcode = bearer(&healthcode_token(&sandbox).await.json());
    let own = &sandbox.credentials().healthcode;
    let base = &sandbox.urls().base;
    let practitioners = format!("{base}/healthcode/practitioner");
    let patient = format!("{base}/personal-demographics/FHIR/R4/Patient/9000000009");
    let large = "x".repeat(2_000_000);
    let larger = "x".repeat(2_200_000);
    let id = ("x-request-id", "60E0B220-8136-4CA5-AE46-1D97EF59D068");
    for (method, url, token) in [
        ("POST", &practitioners, &healthcode),
        ("PATCH", &patient, &nhs),
    ] {
        for (token, body, expect) in [
            ("Bearer x", &large, 401),
            ("Bearer x", &larger, 413),
            (token.as_str(), &large, 400),
            (token.as_str(), &larger, 413),
        ] {
            let headers = [("authorization", token), ("su-siteid", &own.site), id];
            let answer = send(method, url, &headers, Some(body)).await;
            // Without a media type the body is not parsed.
            let found = if answer.status == 415 {
                400
            } else {
                answer.status
            };
            assert_eq!(found, expect, "{method} {token} {}", body.len());
        }
    }
    let nowhere = format!("{base}/nowhere");
    assert_eq!(send("POST", &nowhere, &[], Some(&large)).await.status, 404);
}

/// A name that resolves to loopback is not enough (DNS rebinding); HTTP requires exactly one.
#[tokio::test]
async fn hosts() {
    let mut config = Config::default();
    config.hosts = vec!["pds.test".to_owned()];
    let sandbox = Sandbox::start(config).unwrap();
    let port = sandbox.address().port();
    let path = "/sso/.well-known/openid-configuration";
    for (hosts, expect) in [
        (&["localhost"][..], 200),
        (&["127.0.0.1:1"], 200),
        (&["[::1]"], 200),
        (&["pds.test"], 200),
        (&["evil.example"], 421),
        (&["localhost.evil.example"], 421),
        (&[], 400),
        (&["localhost", "localhost"], 400),
        (&["localhost", "evil.example"], 400),
        (&["not a host"], 400),
    ] {
        let lines: String = hosts
            .iter()
            .map(|host| format!("host: {host}\r\n"))
            .collect();
        let request = format!("GET {path} HTTP/1.1\r\n{lines}connection: close\r\n\r\n");
        assert_eq!(status(&sandbox, &request).await, expect, "{hosts:?}");
    }
    let absolute = |host: &str| {
        format!("GET http://{host}{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
    };
    assert_eq!(
        status(&sandbox, &absolute(&format!("127.0.0.1:{port}"))).await,
        200
    );
    assert_eq!(status(&sandbox, &absolute("evil.example")).await, 421);
    // Also for other methods, and for paths that do not exist.
    for line in [format!("DELETE {path}"), "GET /nowhere".to_owned()] {
        let request = format!("{line} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n");
        assert_eq!(status(&sandbox, &request).await, 421, "{line}");
    }
}
