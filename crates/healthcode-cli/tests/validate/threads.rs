//! One input on many threads: what is said is the same.

use crate::Folder;
use std::fmt::Write;

/// A line of NDJSON, or a resource of an entry: each fifth has something wrong with it.
fn resource(index: usize) -> String {
    let wrong = match index % 20 {
        3 => r#","birthDate":"09.05.1977""#,
        7 => r#","gender":"Female""#,
        11 => r#","birthDate":"1977-02-30","nonsense":[1,2]"#,
        _ => "",
    };
    // Of some size, so that there are many shares.
    let name = "x".repeat(1500);
    let reference = format!("urn:uuid:{}", uuid(index * 7 % 1100));
    format!(
        r#"{{"resourceType":"Patient","id":"{}","name":[{{"family":"{name}"}}],"link":[{{"type":"refer","other":{{"reference":"{reference}"}}}}]{wrong}}}"#,
        uuid(index)
    )
}

fn uuid(index: usize) -> String {
    format!("c757873d-ec9a-4326-a141-{index:012x}")
}

/// A Bundle with references back and forth, some to nothing; repeated URLs, and entries that are no
/// JSON.
fn bundle(count: usize, kind: &str, at_end: bool) -> String {
    let kind = format!(r#""type":"{kind}""#);
    let mut out = String::from(r#"{"resourceType":"Bundle","#);
    if !at_end {
        let _ = write!(out, "{kind},");
    }
    out.push_str("\"entry\":[\n");
    for index in 0..count {
        let comma = if index == 0 { "" } else { ",\n" };
        let url = uuid(if index % 97 == 50 { index - 1 } else { index });
        let text = match index {
            501 => r#"{"fullUrl":tru}"#.to_owned(),
            777 => "[]".to_owned(),
            _ => format!(
                r#"{{"fullUrl":"urn:uuid:{url}","resource":{},"search":{{"mode":"match"}}}}"#,
                resource(index)
            ),
        };
        out.push_str(comma);
        out.push_str(&text);
    }
    out.push(']');
    if at_end {
        let _ = write!(out, ",{kind}");
    }
    out.push_str(r#","total":"x"}"#);
    out
}

#[test]
fn entries_and_lines() {
    let mut lines = String::from("\n");
    for index in 0..1000 {
        lines.push_str(&resource(index));
        lines.push_str(if index % 300 == 200 { "x\n\n" } else { "\r\n" });
    }
    let whole = bundle(1000, "collection", false);
    let late = bundle(1000, "transaction", true);
    let cut = whole.get(..1_000_000).unwrap();
    let files = [
        ("lines.ndjson", lines.as_bytes(), 154),
        ("whole.json", whole.as_bytes(), 1000),
        ("late.json", late.as_bytes(), 1000),
        (
            "document.json",
            &bundle(1000, "document", false).into_bytes()[..],
            1000,
        ),
        ("cut.json", cut.as_bytes(), 500),
        ("one.json", bundle(1, "collection", false).as_bytes(), 2),
        ("empty.json", br#"{"resourceType":"Bundle","entry":[]}"#, 1),
        (
            "garbled.json",
            br#"{"resourceType":"Bundle","entry":[{},] }"#,
            1,
        ),
    ]
    .map(|(name, text, least)| (name, text.to_vec(), least));
    for (name, text, least) in &files {
        let folder = Folder::new(&[(name, text)]);
        for arguments in [
            &["--format", "ndjson"][..],
            &["--format", "human"],
            &[
                "--format",
                "ndjson",
                "--only",
                "bdl-7",
                "--policy",
                "healthcode",
            ],
        ] {
            let report = |jobs: &str| {
                let mut all = vec!["validate", "--jobs", jobs, name];
                all.extend(arguments);
                let run = folder.run(&all);
                assert_eq!(run.err, "", "{name}");
                let lines = run.out.lines();
                // The last line says how long it took.
                let lines = lines.filter(|line| !line.contains(" in 1 file ("));
                (run.code, lines.map(str::to_owned).collect::<Vec<_>>())
            };
            let one = report("1");
            if arguments == ["--format", "ndjson"] {
                assert!(one.1.len() >= *least, "{name}: {}", one.1.len());
            }
            for jobs in ["2", "5"] {
                let other = report(jobs);
                assert_eq!(other.0, one.0, "{name}");
                let differs = other.1.iter().zip(&one.1).find(|(a, b)| a != b);
                assert_eq!(differs, None, "{name} {jobs}");
                assert_eq!(other.1.len(), one.1.len(), "{name} {jobs}");
            }
        }
    }
}
