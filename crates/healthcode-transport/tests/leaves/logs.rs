//! What everything says in its logs, ours and that of all below: no secret, and no patient.

use crate::server::{Server, answer};
use crate::sockets::wire;
use healthcode_r4::Patient;
use healthcode_transport::{
    Call, Client, ClientCredentials, FetchToken, Origin, Retry, TokenCache, Trust,
};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Metadata, Subscriber};

static LOG: LazyLock<Mutex<String>> = LazyLock::new(Mutex::default);

fn note(text: &str) {
    let mut log = LOG.lock().unwrap();
    log.push_str(text);
    log.push('\n');
}

/// Takes everything, from `log` and from `tracing`.
struct Everything(AtomicU64);

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        note(&format!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

struct Fields;

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        note(&format!("{field}={value:?}"));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Fields);
        Id::from_u64(self.0.fetch_add(1, Ordering::SeqCst))
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        note(event.metadata().target());
        event.record(&mut Fields);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn logs_show_no_secret_and_no_patient() {
    static ALL: Everything = Everything(AtomicU64::new(1));
    log::set_logger(&ALL).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    tracing::subscriber::set_global_default(Everything(AtomicU64::new(1))).unwrap();

    let server = Server::start(None, |request| match request.starts_with("POST /token") {
        true => answer(
            "200 OK",
            &[],
            r#"{"access_token":"l0g-t0ken","expires_in":60}"#,
        ),
        false if request.contains("Patient/9434765919") => answer(
            "302 Found",
            &[("location", "/Patient/9990548609?name=Clint0n")],
            "",
        ),
        false => answer("503 Busy", &[], r#"{"name":"Clint0n"}"#),
    });
    let grant = ClientCredentials::new(server.url("http", "/token"), "l0g-client", "l0g-s3cret");
    let fetch = FetchToken::new(grant, wire()).allow_loopback_http(true);
    let tokens = TokenCache::new(fetch, wire().timer().clone());
    let mut trust = Trust::new();
    trust.allow(Origin::read(&server.url("http", "/")).unwrap());
    trust.allow_loopback_http(true);
    let retry = Retry {
        base: std::time::Duration::ZERO,
        ..Retry::default()
    };
    let client = Client::new(wire(), trust).tokens(tokens).retry(retry);
    let url = server.url("http", "/Patient/9434765919?family=Clint0n");
    let call = Call::<Patient>::resource("patient", &url).unwrap();
    let error = client.send(&call).await.unwrap_err();
    assert_eq!((error.attempts(), server.seen().len()), (3, 7));
    note(&format!("{error} {error:?} {client:?} {call:?}"));

    let log = LOG.lock().unwrap().clone();
    // Ours and what is below us both were heard.
    assert!(
        log.contains("redirected") && log.contains("reqwest"),
        "{log}"
    );
    for secret in [
        "l0g-t0ken",
        "l0g-s3cret",
        "bDBn",
        "9434765919",
        "9990548609",
        "Clint0n",
    ] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
