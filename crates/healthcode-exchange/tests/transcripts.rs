//! What curl 7.88 printed when it called a server on loopback, with its options and into files,
//! pipes and recordings of `script`; and the same as people paste it (`pasted-…`).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_exchange::{Capture, Checker};
use std::fmt::Write;

/// The exchanges of a capture, and its findings with their positions.
fn shown(text: &[u8]) -> String {
    if !Capture::is_transcript(text) {
        return "  not recognised\n".to_owned();
    }
    let capture = match Capture::read(text) {
        Ok(capture) => capture,
        Err(error) => return format!("  {error}\n"),
    };
    let mut out = String::new();
    for (index, exchange) in capture.exchanges.iter().enumerate() {
        let request = &exchange.request;
        let sent = request.body.as_ref().map_or(0, |body| body.bytes.len());
        let (status, got) = exchange.response.as_ref().map_or((0, 0), |response| {
            let got = response.body.as_ref().map_or(0, |body| body.bytes.len());
            (response.status, got)
        });
        let (method, url) = (&request.method, &request.url);
        writeln!(out, "  {index} {method} {url} ({sent}): {status} ({got})").unwrap();
    }
    for finding in Checker::default().check(&capture) {
        let issue = finding.in_capture(&capture);
        if issue.rule.id == "EXCHANGE-UNKNOWN" {
            continue;
        }
        write!(
            out,
            "    {} {} {}",
            issue.severity, issue.rule.id, issue.path
        )
        .unwrap();
        // Where it is said to be, it is.
        if let Some(position) = issue.position.filter(|_| !text.starts_with(b"\xff\xfe")) {
            write!(out, " at {position}").unwrap();
            let offset = usize::try_from(position.offset).unwrap();
            let before = &text[..offset];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            assert_eq!(position.line, line as u64, "{}", issue.path);
            if issue.rule.id == "HC-DOTTED-DATE" && !text.windows(4).any(|it| it == b"<= R") {
                assert!(text[offset..].starts_with(b"\"03."), "{position}");
            }
        }
        out.push('\n');
    }
    out
}

#[test]
fn recorded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 40);
    let mut all = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read(&file).unwrap();
        writeln!(all, "{name}\n{}", shown(&text)).unwrap();
    }
    insta::assert_snapshot!(all);
}
