//! Any capture, and any text behind a head: nothing panics, what is read can be checked, and positions
//! are within the text.
#![no_main]

use healthcode_exchange::{Capture, Checker};
use libfuzzer_sys::fuzz_target;

const BEFORE: [&[u8]; 5] = [
    b"",
    b"HTTP/1.1 200 OK\nContent-Type: application/fhir+json\n\n{\"resourceType\":\"Patient\",",
    b"> GET /Patient/1 HTTP/1.1\n> Host: x\n>\n< HTTP/1.1 200 OK\n<\n[",
    b"$ curl -i 'https://x.example/Patient?a=b' -d $'",
    b"{\"log\":{\"entries\":[{\"request\":",
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, data)) = data.split_first() else {
        return;
    };
    let before = BEFORE[usize::from(*choice) % BEFORE.len()];
    let text = [before, data].concat();
    let _ = Capture::is_transcript(&text);
    let Ok(capture) = Capture::read(&text) else {
        return;
    };
    // PowerShell's UTF-16 may be longer in UTF-8.
    let most = 2 * text.len();
    for finding in Checker::default().check(&capture) {
        if let Some(position) = finding.in_capture(&capture).position {
            assert!(usize::try_from(position.offset).is_ok_and(|at| at <= most));
        }
    }
});
