//! Faults: the error that a client gets for each, and those that it recovers from.

use crate::kit::{client, send, start};
use crate::nhs;
use healthcode_r4::Patient;
use healthcode_sandbox::{Fault, Running, Service};
use healthcode_search::PractitionerSearch;
use healthcode_transport::nhs::Pds;
use healthcode_transport::{Client, Error, ErrorKind, Reply, Retry, TransportFault};
use healthcode_uk::NhsNumber;
use std::time::{Duration, Instant};

async fn read(sandbox: &Running, client: &Client) -> Result<Reply<Patient>, Error> {
    let number = NhsNumber::parse("9000000009").unwrap();
    let pds = Pds::new(nhs::platform(sandbox));
    client.send(&pds.read(&number).unwrap()).await
}

#[tokio::test]
async fn errors_of_clients() {
    let sandbox = start();
    let client = nhs::client(&sandbox);
    read(&sandbox, &client).await.unwrap();
    let check = async |fault: Fault, kind: ErrorKind, status: Option<u16>, after: Option<u64>| {
        sandbox.faults().add(Service::Pds, fault, 1);
        let error = read(&sandbox, &client).await.unwrap_err();
        assert_eq!(error.kind(), &kind, "{fault:?}");
        assert_eq!(
            error.status().map(|status| status.as_u16()),
            status,
            "{fault:?}"
        );
        let header = error
            .head()
            .and_then(healthcode_transport::Head::retry_after);
        assert_eq!(header.is_some(), after.is_some(), "{fault:?}");
        assert_eq!(sandbox.faults().left(), 0);
        // The next request succeeds.
        read(&sandbox, &client).await.unwrap();
    };
    let five = Some(Duration::from_secs(5));
    check(Fault::Throttled(None), ErrorKind::Status, Some(429), None).await;
    check(
        Fault::Unavailable(five),
        ErrorKind::Status,
        Some(503),
        Some(5),
    )
    .await;
    check(
        Fault::Dropped,
        ErrorKind::Transport(TransportFault::Broken),
        None,
        None,
    )
    .await;
    check(Fault::MalformedBody, ErrorKind::Body, Some(200), None).await;
}

#[tokio::test]
async fn retries_of_clients() {
    let sandbox = start();
    let retry = Retry {
        attempts: 5,
        ..Retry::default()
    };
    let client = nhs::client(&sandbox).with_retry(retry);
    for fault in [
        Fault::Throttled(Some(Duration::ZERO)),
        Fault::Unavailable(Some(Duration::from_secs(1))),
        Fault::Dropped,
        Fault::ExpiredToken,
    ] {
        sandbox.faults().add(Service::Pds, fault, 1);
        let reply = read(&sandbox, &client).await.unwrap();
        assert_eq!(
            (reply.value.id.as_str(), sandbox.faults().left()),
            (Some("9000000009"), 0),
            "{fault:?}"
        );
    }
    // The sign-on server may fail, too.
    let healthcode = crate::kit::client(&sandbox);
    sandbox
        .faults()
        .add(Service::SignOn, Fault::Unavailable(Some(Duration::ZERO)), 1);
    sandbox.faults().add(Service::Healthcode, Fault::Dropped, 1);
    let found = healthcode
        .search(&PractitionerSearch::new().family("Clinton").build().unwrap())
        .await;
    assert_eq!(
        (found.unwrap().value.entry.len(), sandbox.faults().left()),
        (1, 0)
    );
}

#[tokio::test]
async fn faults_are_of_one_service() {
    let sandbox = start();
    let faults = sandbox.faults();
    let wait = Duration::from_millis(300);
    faults.add(Service::Healthcode, Fault::Latency(wait), 2);
    faults.add(
        Service::Healthcode,
        Fault::Unavailable(Some(Duration::from_secs(7))),
        1,
    );
    faults.add(Service::Graphnet, Fault::Throttled(None), 1);
    let url = &sandbox.urls().discovery;
    let begun = Instant::now();
    // Both faults of the first request: it is late, and refused.
    let answer = send("GET", url, &[], None).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("7"))
    );
    assert!(begun.elapsed() >= wait);
    assert_eq!(send("GET", url, &[], None).await.status, 200);
    assert!(begun.elapsed() >= wait * 2);
    let gateway = send(
        "GET",
        &format!("{}/Patient", sandbox.urls().graphnet),
        &[],
        None,
    )
    .await;
    assert_eq!(
        (gateway.status, gateway.json()["statusCode"].as_u64()),
        (429, Some(429))
    );
    faults.add(Service::Sds, Fault::Dropped, 3);
    assert_eq!(faults.left(), 3);
    faults.clear();
    assert_eq!(faults.left(), 0);
    client(&sandbox).discovery().await.unwrap();
}
