//! Captures are read in time that grows with their length, whatever they hold.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_search::{Captured, Scope};
use std::time::{Duration, Instant};

const PIECES: usize = 5_000;

/// The time that this thread has been running, where the system says so: the machine may be busy.
fn running() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// The lesser of two times.
fn time(text: &str, scope: Scope) -> Duration {
    let tries = (0..2).map(|_| {
        let (before, start) = (running(), Instant::now());
        let captured = Captured::parse(text, Some(scope));
        assert!(captured.is_ok());
        let elapsed = start.elapsed();
        before
            .zip(running())
            .map_or(elapsed, |(a, b)| b.checked_sub(a).unwrap())
    });
    tries.min().unwrap()
}

fn shapes(pieces: usize) -> [(&'static str, String); 12] {
    let half = pieces / 2;
    let other = |at: usize| format!("&x{at}=1");
    [
        ("repeated", "&gender=male".repeat(pieces)),
        ("unknown", (0..pieces).map(other).collect()),
        (
            "known after unknown",
            (0..half).map(other).collect::<String>() + &"&gender=male".repeat(half),
        ),
        ("glued", format!("a={}", "1gender=".repeat(pieces))),
        (
            "glued by space",
            format!("a={}", " family=x".repeat(pieces)),
        ),
        (
            "glued far apart",
            format!("a={}", "1gender=====".repeat(pieces / 4)),
        ),
        ("equals", format!("a{}", "=".repeat(pieces))),
        ("lines", format!("a=1{}", "\nfamily=x".repeat(pieces))),
        ("list", format!("family={}", "x, ".repeat(pieces))),
        ("marks", format!("a={}", "?%+".repeat(pieces))),
        ("no equals", "&".repeat(pieces)),
        ("chain", format!("{}x=1", "patient.".repeat(pieces))),
    ]
}

/// Ten times the pieces take about ten times as long; where each looks at all before it, a hundred times.
#[test]
fn long_captures() {
    let mut slow = Vec::new();
    for name in ["practitioner-role", "graphnet-observation", "Patient"] {
        let scope = Scope::named(name).unwrap();
        for ((shape, short), (_, long)) in shapes(PIECES).iter().zip(shapes(10 * PIECES)) {
            let (short, long) = (time(short, scope), time(&long, scope));
            // The system counts in steps of some milliseconds.
            if long > 40 * short.max(Duration::from_millis(4)) {
                slow.push(format!("{name}, {shape}: {short:?}, {long:?}"));
            }
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
