//! Random edits and positions: the server answers every request, and never with an internal error.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use kit::{Client, R4Host};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

const JSON: &str = r##"{"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "urn:uuid:a", "resource":
{"resourceType": "Patient", "id": "é😀", "contained": [{"resourceType": "Organization", "id": "o"}],
"managingOrganization": {"reference": "#o"}, "name": [{"family": "x", "_family": {"id": "1"}}]}}]}"##;

const XML: &str = "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"collection\"/>\r\n<entry><fullUrl value=\"urn:uuid:é\"/>
<resource><Patient><id value=\"😀\"/><name><family value='x'/></name><link><other><reference value=\"Patient/😀\"/></other></link>
</Patient></resource></entry></Bundle>";

/// What is inserted.
const PIECES: [&str; 24] = [
    "",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    ":",
    ",",
    "\n",
    "\r",
    "<",
    "</",
    ">",
    "/>",
    "=",
    "'",
    "é",
    "😀",
    "\u{feff}",
    "\"reference\": \"",
    "<extension url=\"",
    "resourceType",
    "<!--",
];

const METHODS: [&str; 5] = [
    "hover",
    "completion",
    "definition",
    "documentSymbol",
    "foldingRange",
];

#[derive(Clone, Debug)]
enum Step {
    Change((u32, u32), (u32, u32), usize),
    Request(usize, (u32, u32)),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = || prop_oneof![9 => (0..6_u32, 0..120_u32), 1 => any::<(u32, u32)>()];
    let change =
        (place(), place(), 0..PIECES.len()).prop_map(|(a, b, piece)| Step::Change(a, b, piece));
    let insert = (place(), 0..PIECES.len()).prop_map(|(a, piece)| Step::Change(a, a, piece));
    let request = (0..METHODS.len(), place()).prop_map(|(method, at)| Step::Request(method, at));
    proptest::collection::vec(prop_oneof![1 => change, 3 => insert, 6 => request], 1..40)
}

fn position((line, character): (u32, u32)) -> Value {
    json!({"line": line, "character": character})
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_fails(steps in steps(), is_xml in any::<bool>(), is_utf8 in any::<bool>()) {
        let (uri, language, text) = if is_xml {
            ("file:///a.xml", "xml", XML)
        } else {
            ("file:///a.json", "json", JSON)
        };
        let mut client = Client::start(Arc::new(R4Host::new()));
        client.initialize(if is_utf8 { "utf-8" } else { "utf-16" }, json!({"checkAllFiles": true}));
        client.open(uri, language, text);
        for (number, step) in steps.iter().enumerate() {
            match step {
                Step::Change(start, end, piece) => {
                    let range = json!({"start": position(*start), "end": position(*end)});
                    let change = json!({"range": range, "text": PIECES[*piece]});
                    let document = json!({"uri": uri, "version": number + 2});
                    let params = json!({"textDocument": document, "contentChanges": [change]});
                    client.send(&json!({"method": "textDocument/didChange", "params": params}));
                }
                Step::Request(method, at) => {
                    let params = json!({"textDocument": {"uri": uri}, "position": position(*at)});
                    let method = format!("textDocument/{}", METHODS[*method]);
                    let message = json!({"id": number, "method": method, "params": params});
                    let answers = client.exchange(&message);
                    let answer = answers.last().unwrap();
                    prop_assert!(answer.get("error").is_none(), "{message}: {answer}");
                }
            }
        }
        client.send(&json!({"method": "textDocument/didSave", "params": {"textDocument": {"uri": uri}}}));
        // Closing ends what is being validated.
        client.exchange(&json!({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}}));
        client.exchange(&json!({"id": 1000, "method": "shutdown"}));
        client.exchange(&json!({"method": "exit"}));
    }
}
