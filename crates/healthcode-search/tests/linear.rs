//! Captures are read in time that grows with their length, whatever they hold.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_search::{Captured, Scope};
use std::time::{Duration, Instant};

const PIECES: usize = 2_000;

/// The least of three times, for the machine may be busy.
fn time(text: &str, scope: Scope) -> Duration {
    let tries = (0..3).map(|_| {
        let start = Instant::now();
        let captured = Captured::parse(text, Some(scope));
        assert!(captured.is_ok());
        start.elapsed()
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
            if long > 40 * short && long > Duration::from_millis(50) {
                slow.push(format!("{name}, {shape}: {short:?}, {long:?}"));
            }
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
