//! Captures are read in time that grows with their length, whatever they hold.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_exchange::Capture;
use std::time::{Duration, Instant};

/// The time that this thread has been running, where the system says so: the machine may be busy.
fn running() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// The lesser of two times.
fn time(text: &str) -> Duration {
    let tries = (0..2).map(|_| {
        let (before, start) = (running(), Instant::now());
        let _ = Capture::read(text.as_bytes());
        let elapsed = start.elapsed();
        before
            .zip(running())
            .map_or(elapsed, |(a, b)| b.checked_sub(a).unwrap())
    });
    tries.min().unwrap()
}

fn shapes(pieces: usize) -> Vec<(&'static str, String)> {
    let head = "HTTP/1.1 200 OK\nContent-Type: application/json\n\n";
    let meter = "\r100   224  100   224    0     0  46891      0 --:--:-- --:--:-- --:--:-- 56000";
    let repeat = |before: &str, piece: &str| format!("{before}{}", piece.repeat(pieces));
    vec![
        ("commands", repeat("", "$ curl -i https://x.example/\n")),
        ("lines of a command", repeat("curl -d '{\n", "\"a\": 1,\n")),
        ("quotes", repeat("curl ", "'a'\"b\"$'c'")),
        ("escapes", repeat("curl $'", "\\u0041\\")),
        ("carets", repeat("curl ^\"", "^\n\n^&")),
        ("tables", repeat("iwr -Headers ", "@{a=(b;")),
        ("prompts", repeat("", "curl wget iwr ")),
        ("heads", repeat("", head)),
        ("open heads", repeat("HTTP/1.1 200 OK\n", "A: b\n c\n")),
        (
            "notes",
            repeat(&format!("{head}{{"), "\"a* Connection #0 left intact\n"),
        ),
        ("stars", repeat(&format!("{head}{{\"a"), "* Connection # ")),
        ("braces", repeat(&format!("{head}{{"), "{ [1} [")),
        ("meters", repeat(head, meter)),
        ("bars", repeat(head, "\r####")),
        ("escape sequences", repeat(head, "\u{1b}[1\u{1b}]0;")),
        ("taken back", repeat("", "a\u{8}\u{8}b")),
        (
            "traces",
            repeat(
                "<= Recv header, 17 bytes (0x11)\n",
                "0000: HTTP/1.1 200 OK\n<= Recv data, 1 bytes (0x1)\n",
            ),
        ),
        (
            "chunks",
            repeat("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", "1\na\n"),
        ),
        ("unknown", repeat(head, "what\n")),
        (
            "entries",
            format!(
                "{{\"log\":{{\"entries\":[{}0]}}}}",
                "{\"request\":{\"headers\":[1]}},".repeat(pieces)
            ),
        ),
    ]
}

/// Ten times the pieces take about ten times as long; where each looks at all before it, a hundred times.
#[test]
fn long_captures() {
    let mut slow = Vec::new();
    for ((shape, short), (_, long)) in shapes(2_000).iter().zip(shapes(20_000)) {
        let (short, long) = (time(short), time(&long));
        // The system counts in steps of some milliseconds.
        if long > 40 * short.max(Duration::from_millis(4)) {
            slow.push(format!("{shape}: {short:?}, {long:?}"));
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
