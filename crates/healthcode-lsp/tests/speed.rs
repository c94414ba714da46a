//! How long answers take for a text of 1 MB, also right after a change. Optimised builds have 50 ms for each; run
//! `cargo test --release -p healthcode-lsp --test speed -- --nocapture`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "the figures are for people")]

mod kit;

use kit::{Client, R4Host};
use lsp_server::Message;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most that an answer may take.
const LIMIT: Duration = Duration::from_millis(if cfg!(debug_assertions) { 60_000 } else { 50 });

/// A Bundle of 1 MB, indented as editors show it.
fn json_bundle() -> String {
    let mut entries = Vec::new();
    for number in 0..1800 {
        entries.push(format!(
            r#"    {{
      "fullUrl": "http://example.org/Patient/{number}",
      "resource": {{
        "resourceType": "Patient",
        "id": "{number}",
        "identifier": [
          {{
            "system": "http://example.org/ids",
            "value": "{number}"
          }}
        ],
        "name": [
          {{
            "family": "Smith é",
            "given": [
              "Ann"
            ]
          }}
        ],
        "gender": "female",
        "birthDate": "1977-05-09",
        "managingOrganization": {{
          "reference": "http://example.org/Patient/{number}"
        }}
      }}
    }}"#
        ));
    }
    format!(
        "{{\n  \"resourceType\": \"Bundle\",\n  \"type\": \"collection\",\n  \"entry\": [\n{}\n  ]\n}}\n",
        entries.join(",\n")
    )
}

fn xml_bundle() -> String {
    let mut text =
        "<Bundle xmlns=\"http://hl7.org/fhir\">\n  <type value=\"collection\"/>\n".to_owned();
    for number in 0..2000 {
        text += &format!(
            r#"  <entry>
    <fullUrl value="http://example.org/Patient/{number}"/>
    <resource>
      <Patient>
        <id value="{number}"/>
        <identifier>
          <system value="http://example.org/ids"/>
          <value value="{number}"/>
        </identifier>
        <name>
          <family value="Smith é"/>
          <given value="Ann"/>
        </name>
        <gender value="female"/>
        <birthDate value="1977-05-09"/>
        <managingOrganization>
          <reference value="http://example.org/Patient/{number}"/>
        </managingOrganization>
      </Patient>
    </resource>
  </entry>
"#
        );
    }
    text + "</Bundle>\n"
}

fn measure(uri: &str, language: &str, text: &str) {
    assert!(text.len() > 900_000, "{}", text.len());
    let mut client = Client::start(Arc::new(R4Host::new()));
    client.initialize("utf-16", Value::Null);
    let item = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
    let message = json!({"method": "textDocument/didOpen", "params": {"textDocument": item}});
    let start = Instant::now();
    client.send(&message);
    let issues = client.receive_message();
    let took = start.elapsed();
    assert!(matches!(issues, Message::Notification(_)));
    println!("{uri}: {} bytes, issues after {took:?}", text.len());
    assert!(took < LIMIT, "issues: {took:?}");
    let lines: Vec<&str> = text.lines().collect();
    let of = |name: &str| {
        let line = lines.iter().rposition(|line| line.contains(name)).unwrap();
        let before = &lines[line][..lines[line].find(name).unwrap()];
        // Within the value: `name": "v`, `name value="v`.
        let more = if language == "xml" { 9 } else { 4 };
        let character = before.encode_utf16().count() + name.len() + more;
        json!({"line": line, "character": character})
    };
    let mut version = 1;
    for (method, place) in [
        ("hover", "birthDate"),
        ("hover", "reference"),
        ("completion", "gender"),
        ("completion", "reference"),
        ("definition", "reference"),
        ("documentSymbol", "gender"),
        ("foldingRange", "gender"),
    ] {
        for fresh in [false, true] {
            let params = json!({"textDocument": {"uri": uri}, "position": of(place)});
            let start = Instant::now();
            if fresh {
                // A character that is typed at the end of the last line: the outline has to be made again.
                version += 1;
                let end = json!({"line": lines.len(), "character": 0});
                let change = json!({"range": {"start": end, "end": end}, "text": " "});
                let document = json!({"uri": uri, "version": version});
                let params = json!({"textDocument": document, "contentChanges": [change]});
                client.send(&json!({"method": "textDocument/didChange", "params": params}));
            }
            let method = format!("textDocument/{method}");
            client.send(&json!({"id": 1, "method": method, "params": params}));
            let result = loop {
                // Issues of the last change may come first.
                if let Message::Response(response) = client.receive_message() {
                    break response.response_result.unwrap_or_default();
                }
            };
            // As the client is sent it.
            let size = serde_json::to_vec(&result).unwrap().len();
            let took = start.elapsed();
            println!("{method} {place} after a change {fresh}: {took:?}, {size} bytes");
            assert!(!result.is_null(), "{method} {place}");
            assert!(took < LIMIT, "{method} {place}: {took:?}");
        }
    }
}

#[test]
fn json() {
    measure("file:///payloads/a.json", "json", &json_bundle());
}

#[test]
fn one_line() {
    let text = json_bundle().replace('\n', " ");
    measure("file:///payloads/line.json", "json", &text);
}

#[test]
fn xml() {
    measure("file:///payloads/a.xml", "xml", &xml_bundle());
}
