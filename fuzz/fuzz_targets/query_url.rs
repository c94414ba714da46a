//! Any URL or query string, for every scope: nothing panics, encoding what was read is idempotent,
//! and what is encoded holds no separator.
#![no_main]

use healthcode_search::{Captured, ENDPOINTS, Scope};
use libfuzzer_sys::fuzz_target;

const RESOURCES: [&str; 5] = [
    "Patient",
    "Observation",
    "Location",
    "RiskAssessment",
    "Bundle",
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, data)) = data.split_first() else {
        return;
    };
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let _ = Captured::parse(text, None);
    let choice = usize::from(*choice) % (ENDPOINTS.len() + RESOURCES.len());
    let scope = match ENDPOINTS.get(choice) {
        Some(endpoint) => Scope::Endpoint(endpoint),
        None => match Scope::resource(RESOURCES[choice - ENDPOINTS.len()]) {
            Ok(scope) => scope,
            Err(error) => panic!("{error}"),
        },
    };
    let Ok(captured) = Captured::parse(text, Some(scope)) else {
        panic!("a scope was given");
    };
    let once = captured.query.encode_as_it_is();
    assert!(once.as_str().bytes().all(|b| b.is_ascii_graphic()));
    let Ok(again) = Captured::parse(once.as_str(), Some(scope)) else {
        panic!("a scope was given");
    };
    assert_eq!(again.query.encode_as_it_is().as_str(), once.as_str());
    if captured.query.encode().is_ok() {
        assert_eq!(again.query, captured.query);
    }
});
