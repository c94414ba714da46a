//! Recorded sessions: what a client sends, and every message of the server.
//!
//! A session is a file in `sessions/`. A line `> {...}` is sent, without `"jsonrpc"`; lines `< {...}` are what the
//! server then sends. `HEALTHCODE_BLESS=1` rewrites these. Lines `#` are comments.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod kit;

use kit::{Client, R4Host};
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;

fn run(session: &str) -> String {
    let mut client = Client::start(Arc::new(R4Host::new()));
    let mut now = String::new();
    for line in session.lines() {
        if line.starts_with('<') {
            continue;
        }
        writeln!(now, "{line}").unwrap();
        let Some(message) = line.strip_prefix("> ") else {
            continue;
        };
        let message: Value =
            serde_json::from_str(message).unwrap_or_else(|error| panic!("{line}: {error}"));
        for answer in client.exchange(&message) {
            writeln!(now, "< {answer}").unwrap();
        }
    }
    now
}

#[test]
fn sessions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sessions");
    let bless = std::env::var_os("HEALTHCODE_BLESS").is_some_and(|value| value == "1");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let session = fs::read_to_string(&path).unwrap();
        let now = run(&session);
        if bless {
            fs::write(&path, now).unwrap();
        } else {
            for (number, (now, then)) in now.lines().zip(session.lines()).enumerate() {
                assert_eq!(now, then, "{}:{}", path.display(), number + 1);
            }
            assert_eq!(now, session, "{}", path.display());
        }
        count += 1;
    }
    assert!(count >= 4, "{count} sessions");
}
