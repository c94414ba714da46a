//! Any curl command: nothing panics, and the command that we write for what was read says the same.
#![no_main]

use healthcode_search::{Captured, Endpoint, Scope};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let command = format!("curl {text}");
    let _ = Captured::parse(&command, None);
    // As cmd and PowerShell have it, and other programs.
    for before in [
        "curl ^\"a^\" ",
        "curl.exe 'a' `\n",
        "iwr -Headers @{",
        "irm (",
        "wget ",
        "C:\\>curl ",
    ] {
        let _ = Captured::parse(&format!("{before}{text}"), None);
    }
    for name in ["practitioner-role", "find-member"] {
        let Some(endpoint) = Endpoint::named(name) else {
            panic!("{name} is in the table");
        };
        let scope = Some(Scope::Endpoint(endpoint));
        let Ok(captured) = Captured::parse(&command, scope) else {
            panic!("a scope was given");
        };
        let once = captured.query.encode_as_it_is();
        let Ok(again) = Captured::parse(&once.curl("https://example.org/it's"), scope) else {
            panic!("a scope was given");
        };
        assert_eq!(again.query.encode_as_it_is().as_str(), once.as_str());
    }
});
