//! Streams return what a whole read returns: values, issues and positions.

use crate::common::bare;
use healthcode_core::{Issue, Position};
use healthcode_json::stream::{BundleReader, NdjsonReader, entries};
use healthcode_json::{ReadOptions, from_slice};
use healthcode_r4::{Bundle, BundleEntry, Resource};
use healthcode_tests::fixtures;
use std::io::Read;

/// Reads one byte at a time, and is interrupted before every other.
struct Drip<'a>(&'a [u8], bool);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let count = out.len().min(1);
        self.0.read(&mut out[..count])
    }
}

fn placed(issues: &[Issue]) -> Vec<(String, Option<Position>)> {
    let mut placed: Vec<_> = issues.iter().map(|i| (i.to_string(), i.position)).collect();
    placed.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    placed
}

/// The Bundles among the fixtures whose entries are one array.
fn bundles() -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    for folder in ["lexical", "documented"] {
        for document in fixtures(folder) {
            let read = from_slice::<Bundle>(&document.json);
            let plain = |b: &Bundle| b.as_array_of_entries();
            if read.is_ok_and(|read| plain(&read.value)) {
                out.push((document.name, document.json));
            }
        }
    }
    assert!(out.len() >= 4, "{}", out.len());
    out
}

/// Whether a Bundle's entries are where a stream finds them.
trait Entries {
    fn as_array_of_entries(&self) -> bool;
}

impl Entries for Bundle {
    fn as_array_of_entries(&self) -> bool {
        healthcode_core::Element::extras(self)
            .get("entry")
            .is_none()
            && healthcode_core::Element::extras(self)
                .length_of("entry")
                .is_none()
            && !self.entry.is_empty()
    }
}

#[test]
fn byte_by_byte_is_as_whole() {
    for (name, json) in bundles() {
        let whole = from_slice::<Bundle>(&json).expect("JSON");
        let mut values = Vec::new();
        let mut issues = Vec::new();
        let mut reader =
            BundleReader::<_, BundleEntry>::new(Drip(&json, false), ReadOptions::new());
        for entry in reader.by_ref() {
            let entry = entry.expect("JSON");
            values.push(entry.value);
            issues.extend(entry.issues);
        }
        let around = reader.finish::<Bundle>().expect("JSON");
        issues.extend(around.issues);
        assert_eq!(values[..], whole.value.entry[..], "{name}");
        assert_eq!(placed(&issues), placed(&whole.issues), "{name}");
        let mut without = whole.value.clone();
        without.entry.clear();
        assert_eq!(around.value, without, "{name}");
    }
}

#[test]
fn lazily_is_as_whole() {
    for (name, json) in bundles() {
        let whole = from_slice::<Bundle>(&json).expect("JSON");
        let mut issues = Vec::new();
        for entry in entries(&json).expect("UTF-8") {
            let entry = entry.expect("JSON");
            let read = entry.read::<BundleEntry>().expect("JSON");
            assert_eq!(read.value, whole.value.entry[entry.index()], "{name}");
            issues.extend(read.issues);
            if let Some(resource) = entry.read_resource::<Resource>() {
                let resource = resource.expect("JSON");
                assert_eq!(Some(resource.value), read.value.resource, "{name}");
            }
        }
        let of_entries = |i: &&Issue| i.pointer.starts_with("/entry/");
        let expected: Vec<Issue> = whole.issues.iter().filter(of_entries).cloned().collect();
        assert_eq!(placed(&issues), placed(&expected), "{name}");
    }
}

#[test]
fn entries_that_are_no_array_are_reported() {
    for document in fixtures("lexical") {
        if !document.name.starts_with("bundle-entry") && document.name != "bundle-empty-entry.json"
        {
            continue;
        }
        let whole = from_slice::<Bundle>(&document.json).expect("JSON");
        let mut reader =
            BundleReader::<_, BundleEntry>::new(&document.json[..], ReadOptions::new());
        assert_eq!(
            reader.by_ref().filter(Result::is_err).count(),
            0,
            "{}",
            document.name
        );
        let around = reader.finish::<Bundle>().expect("JSON");
        assert_eq!(
            bare(&around.issues),
            bare(&whole.issues),
            "{}",
            document.name
        );
    }
}

/// A fixture a line, a broken line in the middle, and blank lines.
#[test]
fn ndjson_goes_on_after_a_broken_line() {
    let mut lines: Vec<String> = Vec::new();
    let text =
        std::fs::read_to_string(healthcode_tests::fixture_path("generated/resources.ndjson"));
    lines.extend(
        text.expect("the generated fixtures")
            .lines()
            .take(20)
            .map(str::to_owned),
    );
    lines.insert(5, r#"{"resourceType":"Patient","active":}"#.into());
    lines.insert(9, r#"{"resourceType":"Patient","active":"no"}"#.into());
    lines.insert(11, r#"{"resourceType":"Patient""#.into());
    let text = format!("\u{feff}\n{}\r\n\n  \n", lines.join("\r\n"));
    for one_by_one in [false, true] {
        let source: Box<dyn Read> = if one_by_one {
            Box::new(Drip(text.as_bytes(), false))
        } else {
            Box::new(text.as_bytes())
        };
        let mut offset = 4u64;
        let reader = NdjsonReader::<_, Resource>::new(source, ReadOptions::new());
        let read: Vec<_> = reader.collect();
        assert_eq!(read.len(), lines.len());
        for (index, (line, result)) in lines.iter().zip(read).enumerate() {
            match (index, result) {
                (5, Err(error)) => assert!(error.to_string().contains("(7:36)"), "{error}"),
                (11, Err(error)) => {
                    assert!(error.to_string().contains("JSON-TRUNCATED"), "{error}");
                }
                (5 | 11, Ok(_)) => panic!("line {index} is not JSON"),
                (_, Err(error)) => panic!("line {index}: {error}"),
                (_, Ok(read)) => {
                    let alone = from_slice::<Resource>(line.as_bytes()).expect("JSON");
                    assert_eq!(read.value, alone.value);
                    let at = |issue: &Issue| issue.position.map(|p| p.offset);
                    let moved: Vec<_> = alone
                        .issues
                        .iter()
                        .map(|i| at(i).map(|o| o + offset))
                        .collect();
                    assert_eq!(read.issues.iter().map(at).collect::<Vec<_>>(), moved);
                    let lines_of = read
                        .issues
                        .iter()
                        .filter_map(|i| i.position)
                        .map(|p| p.line);
                    assert!(lines_of.into_iter().all(|l| l == index as u64 + 2));
                }
            }
            offset += line.len() as u64 + 2;
        }
    }
}
