//! The watch sees all tests of this suite, and a leak ends it.

use crate::kit::{client, start};
use crate::watch;
use healthcode_search::PractitionerSearch;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Tests take sandboxes and wires from the kit only.
#[test]
fn every_test_is_watched() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if ["kit.rs", "secrets.rs"].contains(&name.as_str()) {
            continue;
        }
        files += 1;
        let text = fs::read_to_string(&path).unwrap();
        for unwatched in [
            "ReqwestTransport::new",
            ".build()), TokioTimer",
            "Wire::new",
        ] {
            assert!(
                !text.contains(unwatched),
                "{name} has {unwatched}; use kit::wire or kit::spied"
            );
        }
        let uses = text.split("use healthcode_sandbox::").skip(1);
        for names in uses.filter_map(|names| names.split(';').next()) {
            let mut names = names.split(|c: char| !c.is_alphanumeric());
            assert!(
                !names.any(|name| name == "Sandbox"),
                "{name}; use kit::Sandbox"
            );
        }
        assert!(
            !text.contains("healthcode_sandbox::Sandbox"),
            "{name}; use kit::Sandbox"
        );
    }
    assert!(files > 5);
}

/// Leaks what `PLANT` names, in a process of its own.
#[tokio::test]
#[ignore = "leaks on purpose; run by the test below"]
async fn planted() {
    let sandbox = start();
    let client = client(&sandbox);
    let query = PractitionerSearch::new().family("Clinton").build().unwrap();
    client.search(&query).await.unwrap();
    let log = watch::log();
    assert!(
        log.contains("healthcode_transport") && log.contains("hyper"),
        "{log}"
    );
    let key = sandbox.credentials().healthcode.key.clone();
    let key = secrecy::ExposeSecret::expose_secret(&key).to_owned();
    match std::env::var("PLANT").unwrap_or_default().as_str() {
        "secret" => tracing::trace!(target: "below", "POST with {key}"),
        "field" => drop(tracing::debug_span!("call", key)),
        "number" => log::debug!("GET /Patient/9000000009"),
        // A token that is logged before the watch knows it.
        "early" => {
            tracing::info!("answer: n0-t0ken-kn0wn");
            watch::tokens(br#"{"access_token":"n0-t0ken-kn0wn"}"#);
        }
        "token" => {
            let token = watch::last_secret();
            std::thread::spawn(move || tracing::warn!(token))
                .join()
                .unwrap();
        }
        _ => {}
    }
}

#[test]
fn a_planted_leak_ends_the_suite() {
    let run = |plant: &str| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "secrets::planted", "--nocapture"])
            .env("PLANT", plant)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), error.contains("LEAK: "))
    };
    assert_eq!(run("nothing"), (true, false));
    for plant in ["secret", "field", "number", "early", "token"] {
        assert_eq!(run(plant), (false, true), "{plant}");
    }
}
