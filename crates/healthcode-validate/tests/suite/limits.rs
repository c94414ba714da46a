//! Deep and large payloads.

use healthcode_r4::Resource;
use healthcode_validate::{Policy, Validator};

fn nested(depth: usize) -> String {
    let mut json = String::from(r#"{"resourceType":"Patient""#);
    for _ in 0..depth {
        json += r#","extension":[{"url":"http://a.b""#;
    }
    json += r#","valueString":"x""#;
    for _ in 0..depth {
        json += "}]";
    }
    json + "}"
}

/// Row 51. At the greatest depth a thread of 1 MiB is enough, in debug builds too.
#[test]
fn deep() {
    let work = || {
        for depth in [500, 511, 600, 100_000] {
            let json = nested(depth);
            let validator = Validator::new(Policy::R4)
                .without("R4-EXTENSION-UNKNOWN")
                .max_depth(512);
            let (value, report) = validator.read::<Resource>(json.as_bytes()).unwrap();
            let deep: Vec<_> = report.issues.iter().map(|issue| issue.rule.id).collect();
            let expect: &[&str] = if depth < 512 { &[] } else { &["JSON-DEPTH"] };
            assert_eq!(deep, expect, "{depth}");
            drop(value);
        }
    };
    let thread = std::thread::Builder::new().stack_size(1024 * 1024);
    thread.spawn(work).unwrap().join().unwrap();
}
