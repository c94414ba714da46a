//! HAR files with odd entries, bodies that claim to be FHIR, services that are open, and searches of R4.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use healthcode_exchange::{Capture, Checker};
use kit::*;

/// One entry that is not as it should be leaves the others, and is named.
#[test]
fn odd_entries() {
    let good = exchange(
        "GET",
        "https://x.example/fhir/Patient/1",
        &[],
        "",
        (200, r#"{"resourceType":"Patient","gender":"f"}"#),
    );
    let request = r#""request":{"method":"GET","url":"https://x.example/a"}"#;
    let response =
        |content: &str| format!(r#"{{{request},"response":{{"status":200,"content":{content}}}}}"#);
    for (odd, place) in [
        ("null".to_owned(), ""),
        ("[]".to_owned(), ""),
        ("\"x\"".to_owned(), ""),
        ("{}".to_owned(), "/request"),
        (r#"{"request":null}"#.to_owned(), "/request"),
        (
            r#"{"request":7,"response":{"status":0}}"#.to_owned(),
            "/request",
        ),
        (r#"{"request":{"url":1}}"#.to_owned(), "/request/url"),
        (
            r#"{"request":{"headers":{}}}"#.to_owned(),
            "/request/headers",
        ),
        (
            r#"{"request":{"headers":[null]}}"#.to_owned(),
            "/request/headers/0",
        ),
        (
            r#"{"request":{"headers":[{"name":[]}]}}"#.to_owned(),
            "/request/headers/0/name",
        ),
        (
            r#"{"request":{"postData":[]}}"#.to_owned(),
            "/request/postData",
        ),
        (
            r#"{"request":{"postData":{"text":{}}}}"#.to_owned(),
            "/request/postData/text",
        ),
        (format!(r#"{{{request},"response":[]}}"#), "/response"),
        (
            format!(r#"{{{request},"response":{{"status":"OK"}}}}"#),
            "/response/status",
        ),
        (
            format!(r#"{{{request},"response":{{"status":2000}}}}"#),
            "/response/status",
        ),
        (response("[]"), "/response/content"),
        (response(r#"{"text":1}"#), "/response/content/text"),
        (response(r#"{"text":"a\ud83d"}"#), "/response/content/text"),
        (
            response(r#"{"text":"\udc00 \u0000"}"#),
            "/response/content/text",
        ),
        (
            response(r#"{"text":"?","encoding":"base64"}"#),
            "/response/content/text",
        ),
        (
            response(r#"{"text":"x","encoding":{}}"#),
            "/response/content/encoding",
        ),
    ] {
        let text = format!(r#"{{"log":{{"comment":"\ud800","entries":[{odd},{good}]}}}}"#);
        let capture = Capture::read(text.as_bytes()).unwrap();
        let findings = Checker::default().check(&capture);
        let issues: Vec<_> = findings
            .iter()
            .map(|finding| finding.in_capture(&capture))
            .collect();
        let of = |id: &str| {
            issues
                .iter()
                .filter(|issue| issue.rule.id == id)
                .collect::<Vec<_>>()
        };
        let entries = of("EXCHANGE-ENTRY");
        assert_eq!(entries.len(), 1, "{odd}: {issues:?}");
        assert!(entries[0].path.starts_with("exchange[0]."), "{odd}");
        assert!(entries[0].pointer.starts_with("/log/entries/0"), "{odd}");
        assert!(
            findings
                .iter()
                .any(|finding| finding.issue.pointer.ends_with(place)),
            "{odd}: {findings:?}"
        );
        assert!(
            of("R4-BINDING-REQUIRED")[0]
                .path
                .starts_with("exchange[1]."),
            "{odd}"
        );
    }
    // What exporters leave out, and non-ASCII text.
    for even in [
        format!("{{{request}}}"),
        format!(r#"{{{request},"response":null}}"#),
        format!(r#"{{{request},"response":{{"status":-1}}}}"#),
        format!(r#"{{{request},"response":{{"status":"200","headers":null,"content":null}}}}"#),
        response(r#"{"text":"Zürich 😀 \ud83d\ude00"}"#),
        response(r#"{"text":null,"encoding":null}"#),
        response(r#"{"text":"YQ==\n","encoding":"base64"}"#),
    ] {
        let text = format!(r#"{{"log":{{"entries":[{even}]}}}}"#);
        let capture = Capture::read(text.as_bytes()).unwrap();
        let found = found(&capture);
        assert!(
            !found.iter().any(|line| line.contains("EXCHANGE-ENTRY")),
            "{even}: {found:?}"
        );
    }
    // A file that breaks off has what is before the break.
    let broken = format!(r#"{{"log":{{"entries":[{good},{{"request":"#);
    let capture = Capture::read(broken.as_bytes()).unwrap();
    assert_eq!(
        found(&capture),
        [
            "0 request EXCHANGE-UNKNOWN -",
            "0 response.body R4-BINDING-REQUIRED Patient.gender",
            "1 capture EXCHANGE-CAPTURE -",
        ]
    );
    for (text, count) in [
        (r#"{"log":{"entries":{}}}"#, 1),
        (r#"{"log":{"entries":[]}}"#, 0),
    ] {
        assert_eq!(
            found(&Capture::read(text.as_bytes()).unwrap()).len(),
            count,
            "{text}"
        );
    }
}

/// What claims to be FHIR is read as FHIR, whether the call is documented or not.
#[test]
fn claims() {
    let fhir = "application/fhir+json";
    let json = "application/json";
    let patient = "https://x.example/Patient/1";
    let other = "https://x.example/api/x";
    let cut = r#"{"resourceType":"Patient","id":"#;
    let array = r#"[{"resourceType":"Patient"}]"#;
    for (url, media_type, body, wrong) in [
        (other, fhir, cut, true),
        (other, fhir, array, true),
        (other, fhir, "<html>", true),
        (other, fhir, "{}", true),
        (other, json, cut, true),
        (other, json, array, true),
        (other, json, r#"{"resourceType":1}"#, true),
        (patient, json, r#"{"id":"1","#, true),
        (other, json, r#"{"id":"1","#, false),
        (
            other,
            json,
            r#"{"data":{"resourceType":"Patient","gender":"f"}}"#,
            false,
        ),
        (patient, json, r#"{"id":"1"}"#, false),
        (patient, "text/html", "<html>", false),
        (other, "application/fhir+xml", "<Patient/>", true),
        (other, "application/xml", "<a/>", false),
        (
            other,
            "application/xml",
            "<Basic xmlns='http://hl7.org/fhir'><created value='1'/></Basic>",
            true,
        ),
        (other, fhir, "", false),
        (
            other,
            fhir,
            r#"{"resourceType":"Basic","code":{"text":"x"}}"#,
            false,
        ),
    ] {
        let text = serde_json::to_string(body).unwrap();
        let get = format!(r#""request":{{"method":"GET","url":"{url}"}}"#);
        let header = field("Content-Type", media_type);
        // The type of a body may be in a header field, or beside the text.
        for entry in [
            format!(
                r#"{{{get},"response":{{"status":200,"headers":[{header}],"content":{{"text":{text}}}}}}}"#
            ),
            format!(
                r#"{{{get},"response":{{"status":200,"content":{{"mimeType":"{media_type}","text":{text}}}}}}}"#
            ),
            format!(
                r#"{{"request":{{"method":"PUT","url":"{url}","postData":{{"mimeType":"{media_type}","text":{text}}}}},"response":{{"status":200}}}}"#
            ),
        ] {
            let capture = format!(r#"{{"log":{{"entries":[{entry}]}}}}"#);
            let findings = Checker::default().check(&Capture::read(capture.as_bytes()).unwrap());
            let error = |finding: &healthcode_exchange::Finding| {
                finding.issue.severity.as_str() != "information"
            };
            let found = findings
                .iter()
                .any(|finding| error(finding) && finding.part.as_str().ends_with(".body"));
            assert_eq!(found, wrong, "{entry}: {findings:?}");
        }
    }
}

/// Credentials are not required where services are tried without.
#[test]
fn open_services() {
    let path = "personal-demographics/FHIR/R4/Patient/9000000009";
    let patient = (200, r#"{"resourceType":"Patient","id":"9000000009"}"#);
    let missing = "0 request EXCHANGE-HEADER-MISSING Authorization";
    for (origin, is_required) in [
        ("https://api.service.nhs.uk", true),
        ("https://int.api.service.nhs.uk", true),
        ("https://127.example.org", true),
        ("https://localhost.example.org", true),
        ("https://sandbox.api.service.nhs.uk", false),
        ("http://localhost:9000", false),
        ("http://mock.localhost", false),
        ("http://127.0.0.1:18080", false),
        ("http://[::1]:9000", false),
    ] {
        let call = exchange("GET", &format!("{origin}/{path}"), &[ID], "", patient);
        let expect = if is_required { &[missing][..] } else { &[] };
        together(std::slice::from_ref(&call), expect);
        let open = call.replacen('{', r#"{"_open":true,"#, 1);
        together(&[open], &[]);
        let closed = call.replacen('{', r#"{"_open":false,"#, 1);
        together(&[closed], expect);
    }
}

#[test]
fn searches_of_r4() {
    let search = |method: &str, below: &str, fields: &[&str], body: &str| {
        let url = format!("https://x.example/fhir/Patient{below}");
        exchange(method, &url, fields, body, (200, BUNDLE))
    };
    let form = "Content-Type: application/x-www-form-urlencoded";
    together(&[search("POST", "/_search", &[form], "name=x")], &[]);
    together(
        &[search("POST", "/_search?name=x", &[form], "gender=male")],
        &[],
    );
    together(&[search("POST", "/_search?_id=1", &[], "")], &[]);
    together(
        &[search("GET", "/_search?name=x", &[], "")],
        &["0 request.query QUERY-METHOD -"],
    );
    together(
        &[search("POST", "/_search", &[form], "nam=x")],
        &["0 request.query QUERY-NAME parameter[0]"],
    );
    together(
        &[search("GET", "?birthdate=2000#top", &[], "")],
        &["0 request.query SLIP-FRAGMENT -"],
    );
    together(
        &[search("GET", "?_filter=name%20eq%20x", &[], "")],
        &["0 request.query QUERY-UNCHECKED _filter"],
    );
}
