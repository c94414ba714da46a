//! What the tests of exchanges share.

#![allow(dead_code, reason = "each test uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_exchange::{Capture, Checker, Finding};

pub(crate) const BUNDLE: &str = r#"{"resourceType":"Bundle","type":"searchset","total":0}"#;

/// Each finding as `exchange part rule place`.
pub(crate) fn found(capture: &Capture) -> Vec<String> {
    let findings = Checker::default().check(capture);
    let line = |finding: &Finding| {
        let place = if finding.issue.path.is_empty() {
            "-"
        } else {
            &finding.issue.path
        };
        format!(
            "{} {} {} {place}",
            finding.exchange,
            finding.part.as_str(),
            finding.issue.rule.id
        )
    };
    findings.iter().map(line).collect()
}

pub(crate) fn check(text: &str, expect: &[&str]) {
    let capture = Capture::read(text.as_bytes()).unwrap();
    assert_eq!(found(&capture), expect, "{text}");
}

pub(crate) fn field(name: &str, value: &str) -> String {
    format!(r#"{{"name":"{name}","value":"{value}"}}"#)
}

/// An exchange of a HAR file.
pub(crate) fn exchange(
    method: &str,
    url: &str,
    fields: &[&str],
    body: &str,
    answer: (u16, &str),
) -> String {
    let headers: Vec<_> = fields
        .iter()
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            field(name, value)
        })
        .collect();
    let headers = headers.join(",");
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let data = match body {
        "" => String::new(),
        body => format!(r#","postData":{{"text":{}}}"#, quoted(body)),
    };
    let (status, text) = (answer.0, quoted(answer.1));
    let fhir = field("Content-Type", "application/fhir+json");
    format!(
        r#"{{"request":{{"method":"{method}","url":"{url}","headers":[{headers}]{data}}},"response":{{"status":{status},"headers":[{fhir}],"content":{{"text":{text}}}}}}}"#
    )
}

pub(crate) fn together(exchanges: &[String], expect: &[&str]) {
    let all = exchanges.join(",");
    check(&format!(r#"{{"log":{{"entries":[{all}]}}}}"#), expect);
}

pub(crate) const BEARER: &str = "Authorization: Bearer [redacted]";

pub(crate) const ID: &str = "X-Request-ID: 60e0b220-8136-4ca5-ae46-1d97ef59d068";
