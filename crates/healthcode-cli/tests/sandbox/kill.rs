//! Killed while it writes: what it had acknowledged is there afterwards.

use super::{Server, body, send};
use crate::Folder;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Headers for calls, by a new token; and where practitioners are.
fn signed_on(printed: &toml::Table) -> (String, String) {
    let text = |name: &str| printed["healthcode"][name].as_str().unwrap().to_owned();
    let sign_on = body(&send("GET", &text("sign_on"), "", ""));
    let (id, key) = (text("key_id"), text("key"));
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={key}");
    let media = "content-type: application/x-www-form-urlencoded\r\n";
    let endpoint = sign_on["token_endpoint"].as_str().unwrap();
    let token = body(&send("POST", endpoint, media, &form));
    let token = token["access_token"].as_str().unwrap().to_owned();
    let discovery = body(&send("GET", &text("discovery"), "", ""));
    let place = discovery["search_practitioner_endpoint"].as_str().unwrap();
    let headers = format!(
        "authorization: Bearer {token}\r\nsu-siteid: {}\r\ncontent-type: application/fhir+json\r\n",
        text("site")
    );
    (headers, place.to_owned())
}

/// Writes until it is stopped or nobody answers; ids, names and versions that were acknowledged.
fn write(
    writer: usize,
    (headers, place): &(String, String),
    stop: &AtomicBool,
    acknowledged: &Mutex<Vec<(String, String)>>,
) {
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let name = format!("W{writer}N{number}");
        let json = |id: &str| {
            format!(r#"{{"resourceType":"Practitioner",{id}"name":[{{"family":"{name}"}}]}}"#)
        };
        let sent = std::panic::catch_unwind(|| send("POST", place, headers, &json("")));
        // The connection broke, or the answer did.
        let Ok(answer) = sent else { return };
        if !answer.starts_with("HTTP/1.1 201 ") || !answer.ends_with('}') {
            return;
        }
        let made = body(&answer);
        let id = made["id"].as_str().unwrap().to_owned();
        assert_eq!(made["name"][0]["family"], *name);
        acknowledged.lock().unwrap().push((id, name));
    }
}

#[test]
fn killed_while_it_writes_it_loses_nothing_that_it_acknowledged() {
    let folder = Folder::new(&[("data/a.json", br#"{"resourceType":"Bundle"}"#)]);
    let args = ["--data", "data", "--store", "store"];
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    // Panics of writers whose server is gone are no news.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for round in 0..3 {
        let (mut server, printed) = Server::start(&folder, &args);
        let signed_on = Arc::new(signed_on(&printed));
        let stop = Arc::new(AtomicBool::new(false));
        let before = acknowledged.lock().unwrap().len();
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let (stop, signed_on) = (stop.clone(), signed_on.clone());
                let acknowledged = acknowledged.clone();
                thread::spawn(move || {
                    write(round * 10 + writer, &signed_on, &stop, &acknowledged);
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(700));
        // SIGKILL, in the middle of it.
        server.kill();
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            drop(writer.join());
        }
        let after = acknowledged.lock().unwrap().len();
        assert!(after > before + 10, "only {} writes", after - before);
    }
    std::panic::set_hook(hook);
    let (_server, printed) = Server::start(&folder, &args);
    let (headers, place) = signed_on(&printed);
    let all = acknowledged.lock().unwrap();
    for (id, name) in all.iter() {
        let answer = send("GET", &format!("{place}/{id}"), &headers, "");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{id} is lost");
        assert_eq!(body(&answer)["name"][0]["family"], **name);
    }
    // And nothing else, but what was under way: one write of each writer.
    let found = body(&send("GET", &place, &headers, ""));
    let entries = found["entry"].as_array().unwrap().len();
    assert!(
        (all.len()..=all.len() + 9).contains(&entries),
        "{entries} of {}",
        all.len()
    );
}
