//! A leak that the watch sees ends the suite. Tidy checks that all tests are under the watch.

use crate::kit::{client, start};
use crate::watch;
use healthcode_search::PractitionerSearch;
use std::process::Command;

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
        // A token that is logged before it is known to the watch.
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
