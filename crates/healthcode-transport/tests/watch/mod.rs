//! The watch over end-to-end tests: whatever any of them logs, by ours or what is below, is searched
//! for secrets, tokens and NHS numbers. A leak ends the test program at once, whichever test it is.
//!
//! Each test is under it because what it needs (servers, wires) comes from helpers that call [`on`].
#![allow(dead_code, reason = "each suite uses its part")]

use bytes::Bytes;
use healthcode_transport::{BoxFuture, Purpose, Transport, TransportError};
use http::{HeaderMap, Request, Response};
use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Metadata, Subscriber};

/// What was logged so far, and what may not be in it.
struct State {
    log: String,
    secrets: Vec<String>,
}

static STATE: Mutex<State> = Mutex::new(State {
    log: String::new(),
    secrets: Vec::new(),
});

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to watch, once for the program: everything from `tracing` and from `log`.
pub(crate) fn on() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_boxed_logger(Box::new(Everything::default())).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        tracing::subscriber::set_global_default(Everything::default()).unwrap();
    });
}

/// Nobody may log this, nor may have logged it before. Short words are no secrets.
pub(crate) fn secret(text: &str) {
    if text.len() < 12 {
        return;
    }
    let mut state = state();
    if state.log.contains(text) {
        end(&format!("before it was known to be a secret: {text}"));
    }
    if !state.secrets.iter().any(|secret| secret == text) {
        state.secrets.push(text.to_owned());
    }
}

/// The credentials that headers have are secrets.
pub(crate) fn headers(headers: &HeaderMap) {
    for value in headers.values().filter(|value| value.is_sensitive()) {
        let text = value.to_str().unwrap_or_default();
        secret(text.rsplit(' ').next().unwrap_or_default());
    }
}

/// The secrets that a form for a token has; a percent-encoded one cannot be recognised.
pub(crate) fn form(body: &str) {
    const NAMES: &[&str] = &["client_secret", "client_assertion", "subject_token"];
    let fields = body.split('&').filter_map(|part| part.split_once('='));
    let own = fields.filter(|pair| NAMES.contains(&pair.0));
    own.for_each(|pair| secret(pair.1));
}

/// The tokens that an answer has are secrets.
pub(crate) fn tokens(body: &[u8]) {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    for name in ["access_token", "refresh_token", "id_token"] {
        secret(json[name].as_str().unwrap_or_default());
    }
}

/// The secret that became known last.
pub(crate) fn last_secret() -> String {
    state().secrets.last().cloned().unwrap_or_default()
}

/// What was logged so far.
pub(crate) fn log() -> String {
    state().log.clone()
}

fn note(line: &str) {
    let mut state = state();
    if let Some(found) = leak(line, &state.secrets) {
        end(&format!("{found} in: {line}"));
    }
    state.log.push_str(line);
    state.log.push('\n');
}

/// The test program fails at once. A panic would be lost in a task of a runtime.
fn end(why: &str) -> ! {
    let _ = writeln!(std::io::stderr(), "LEAK: {why}");
    std::process::exit(101);
}

/// What a text has and should not have.
pub(crate) fn leak(text: &str, secrets: &[String]) -> Option<String> {
    let secret = secrets.iter().find(|secret| text.contains(secret.as_str()));
    secret.cloned().or_else(|| nhs_number(text))
}

/// A valid NHS number that stands alone, also after a character that is percent-encoded; groups of
/// UUIDs have letters or another length, and times in seconds begin with 1.
fn nhs_number(text: &str) -> Option<String> {
    let parts = text.split('%').enumerate();
    let decoded = parts.map(|(at, part)| part.get(if at == 0 { 0 } else { 2 }..).unwrap_or(part));
    let text = decoded.collect::<Vec<_>>().join(" ");
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let number = words.find(|word| {
        let digits: Vec<u32> = word
            .chars()
            .filter_map(|character| character.to_digit(10))
            .collect();
        let sum: u32 = digits
            .iter()
            .take(9)
            .zip((2..=10).rev())
            .map(|(a, b)| a * b)
            .sum();
        word.len() == 10
            && digits.len() == 10
            && digits[0] != 1
            && (11 - sum % 11) % 11 == digits[9]
    });
    number.map(str::to_owned)
}

#[derive(Default)]
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

/// A line of fields.
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields(span.metadata().target().to_owned());
        span.record(&mut fields);
        note(&fields.0);
        Id::from_u64(self.0.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        note(&fields.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(event.metadata().target().to_owned());
        event.record(&mut fields);
        note(&fields.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A transport that reports to the watch which credentials and tokens go through it.
pub(crate) struct Spy<T>(pub(crate) T);

impl<T: Transport> Transport for Spy<T> {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        headers(request.headers());
        let token = request.extensions().get() == Some(&Purpose::Token);
        if token {
            form(&String::from_utf8_lossy(request.body()));
        }
        Box::pin(async move {
            let answer = self.0.send(request).await;
            if let (true, Ok(response)) = (token, &answer) {
                tokens(response.body());
            }
            answer
        })
    }
}

/// That the watch itself sees what it should.
#[test]
fn leaks_are_seen() {
    let secrets = ["s3cret-s3cret".to_owned()];
    let check = |text: &str, expect: Option<&str>| {
        assert_eq!(leak(text, &secrets).as_deref(), expect, "{text}");
    };
    check("a=\"s3cret-s3cret\"", Some("s3cret-s3cret"));
    check("GET /Patient/9000000009?x", Some("9000000009"));
    check("nhs-number%7C9434765919", Some("9434765919"));
    check(
        "9000000000 is invalid, and so are 90000000091 and 900000000",
        None,
    );
    check(
        "at 1795161600 s; id 60e0b220-8136-4ca5-ae46-1d97ef59d068",
        None,
    );
    check("id afb778f1-638d-4e64-a4fa-1c3162409578", None);
}
