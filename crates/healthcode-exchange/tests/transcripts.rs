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
            let line = before.split(|byte| *byte == b'\n').count();
            assert_eq!(position.line, line as u64, "{}", issue.path);
            if issue.rule.id == "HC-DOTTED-DATE" && !text.windows(4).any(|window| window == b"<= R")
            {
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

/// Pieces that transcripts are made of.
const PIECES: [&str; 16] = [
    "\r",
    "\n",
    "\u{8}",
    "\u{1b}[1m",
    "* Connection #0 to host x left intact\n",
    "{ [5 bytes data]\n",
    "HTTP/1.1 200 OK\n",
    "> GET /x HTTP/1.1\n",
    "< A: b\n",
    "$ curl -i 'x.example/",
    "curl ^\"",
    "iwr @{a=(\"",
    "\r100   224  100   224    0     0  46891      0 --:--:-- --:--:-- --:--:-- 56000",
    "<= Recv data, 5 bytes (0x5)\n0000: {\"a.b\n",
    "é\u{fffd}",
    "\"}\\",
];

/// Transcripts into which something was put, or from which something is missing: nothing panics, and
/// what is found is in the text.
#[test]
fn mutated() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    for file in std::fs::read_dir(folder).unwrap() {
        let whole = std::fs::read(file.unwrap().path()).unwrap();
        let rounds = if whole.len() > 4_000 { 2 } else { 25 };
        for _ in 0..rounds {
            let mut text = whole.clone();
            for _ in 0..=next(4) {
                let at = next(text.len() + 1);
                let end = (at + next(12)).min(text.len());
                match next(3) {
                    0 => drop(text.drain(at..end)),
                    1 => drop(text.splice(at..at, PIECES[next(PIECES.len())].bytes())),
                    _ => text.truncate(text.len() - next(text.len() / 4 + 1)),
                }
                if text.is_empty() {
                    break;
                }
            }
            let Ok(capture) = Capture::read(&text) else {
                continue;
            };
            for finding in Checker::default().check(&capture) {
                if let Some(position) = finding.in_capture(&capture).position {
                    assert!(position.offset <= 2 * text.len() as u64, "{text:?}");
                }
            }
        }
    }
}
