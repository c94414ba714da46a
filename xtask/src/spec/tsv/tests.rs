//! Tests of `tsv.rs`.

use serde::Deserialize;

use super::*;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Line {
    name: String,
    size: Option<u32>,
    #[serde(with = "Flag")]
    on: bool,
    #[serde(with = "Commas::<String>")]
    tags: Vec<String>,
}

impl Record for Line {
    const FILE: &'static str = "lines.tsv";
}

fn line(name: &str) -> Line {
    Line {
        name: name.into(),
        size: None,
        on: true,
        tags: vec!["a".into(), "b".into()],
    }
}

#[test]
fn records_round_trip() {
    let records = [
        line("x \\d+ \"y\""),
        Line {
            size: Some(7),
            on: false,
            tags: vec![],
            ..line("")
        },
    ];
    let text = to_text(&records).unwrap();
    assert_eq!(
        text,
        "# name\tsize\ton\ttags\nx \\d+ \"y\"\t\t1\ta,b\n\t7\t0\t\n"
    );
    assert_eq!(from_text::<Line>(&text).unwrap(), records);
    assert_eq!(to_text::<Line>(&[]).unwrap(), "# name\tsize\ton\ttags\n");
}

#[test]
fn cells_stay_on_their_line() {
    for name in ["a\tb", "a\nb", "a\rb"] {
        assert!(to_text(&[line(name)]).is_err());
    }
}

#[test]
fn bad_files_are_refused() {
    for (text, problem) in [
        ("", "first line"),
        ("# name\tsize\n", "first line"),
        ("name\tsize\ton\ttags\n", "first line"),
        ("# name\tsize\ton\ttags\nx\t\t1\n", "line: 2"),
        ("# name\tsize\ton\ttags\nx\t\t1\t\t\n", "line: 2"),
        ("# name\tsize\ton\ttags\nx\ty\t1\t\n", "invalid digit"),
        ("# name\tsize\ton\ttags\nx\t\tz\t\n", "invalid digit"),
        ("# name\tsize\ton\ttags\nx\t\t2\t\n", "0 or 1"),
    ] {
        let error = format!("{:#}", from_text::<Line>(text).unwrap_err());
        assert!(error.contains(problem), "{error}");
    }
}
