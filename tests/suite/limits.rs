//! Deep, broken and cut-off texts: no panic, no exhausted stack, nothing lost.

use crate::common::on_stack;
use healthcode_json::stream::{BundleReader, NdjsonReader, entries};
use healthcode_json::{
    ReadOptions, from_slice, from_slice_with, from_str_with, issues_of, to_string, to_string_pretty,
};
use healthcode_r4::{Bundle, BundleEntry, Extension, Patient, Questionnaire, Resource};
use healthcode_tests::{fixtures, tree_eq};
use healthcode_validate::{Policy, Validator};

const MIB: usize = 1 << 20;

/// Payloads that are nested `levels` deep, each by another element.
fn nested(levels: usize) -> Vec<String> {
    let nest = |start: &str, open: &str, inner: &str, close: &str, end: &str| {
        format!(
            "{start}{}{inner}{}{end}",
            open.repeat(levels),
            close.repeat(levels)
        )
    };
    vec![
        nest(
            r#"{"resourceType":"Patient","extension":["#,
            r#"{"extension":["#,
            r#"{"url":"x","valueDecimal":1.50}"#,
            r#"],"url":"u"}"#,
            "]}",
        ),
        nest(
            r#"{"resourceType":"Patient","_birthDate":{"extension":["#,
            r#"{"url":"u","_valueString":{"extension":["#,
            r#"{"url":"x"}"#,
            "]}}",
            "]}}",
        ),
        nest(
            r#"{"resourceType":"Questionnaire","status":"draft","item":["#,
            r#"{"linkId":"l","type":"group","item":["#,
            r#"{"linkId":"x"}"#,
            "]}",
            "]}",
        ),
        nest(
            "",
            r#"{"resourceType":"Patient","contained":["#,
            r#"{"resourceType":"Patient"}"#,
            "]}",
            "",
        ),
        nest(
            "",
            r#"{"resourceType":"Bundle","entry":[{"resource":"#,
            r#"{"resourceType":"Patient"}"#,
            "}]}",
            "",
        ),
        nest(
            r#"{"resourceType":"Parameters","parameter":["#,
            r#"{"name":"p","part":["#,
            r#"{"name":"x"}"#,
            "]}",
            "]}",
        ),
        nest(
            r#"{"resourceType":"Observation","subject":"#,
            r#"{"identifier":{"assigner":"#,
            r#"{"display":"x"}"#,
            "}}",
            "}",
        ),
        nest(
            r#"{"resourceType":"Patient","animal":"#,
            "[",
            "1.50",
            "]",
            "}",
        ),
        nest(
            r#"{"resourceType":"Patient","animal":"#,
            r#"{"a":"#,
            "1.50",
            "}",
            "}",
        ),
    ]
}

fn everything(json: &str, max_depth: u32, indented: bool) {
    let options = ReadOptions::new().max_depth(max_depth);
    let read = from_str_with::<Resource>(json, &options).expect("JSON");
    assert_eq!(to_string(&read.value), json);
    let pretty = to_string_pretty(&read.value);
    assert!(pretty.len() > json.len());
    let again = from_str_with::<Resource>(&to_string(&read.value), &options).expect("JSON");
    assert_eq!(read.value, again.value);
    let copy = read.value.clone();
    assert!(copy == read.value);
    assert!(!format!("{copy:?}").is_empty());
    // Each level of indentation passes each character on: cubic.
    if indented {
        assert!(format!("{copy:#?}").len() > 100);
    }
    assert_eq!(issues_of(&copy).len(), read.issues.len());
    let report = Validator::new(Policy::R4).validate(&copy);
    assert!(report.issues.len() >= read.issues.len());
    let validator = Validator::new(Policy::R4).max_depth(max_depth);
    validator.read::<Resource>(json.as_bytes()).expect("JSON");
    let _ = serde_json::to_string(&copy).expect("text");
    drop((read, again, copy));
}

#[test]
fn default_depth_on_a_small_stack() {
    for levels in [60, 127, 128, 140] {
        for json in nested(levels) {
            on_stack(MIB, move || {
                everything(&json, ReadOptions::DEFAULT_DEPTH, true);
            });
        }
    }
}

#[test]
fn greatest_depth_on_a_small_stack() {
    for levels in [250, 510, 511, 512, 600] {
        for (index, json) in nested(levels).into_iter().enumerate() {
            let indented = levels == 511 && index == 0;
            on_stack(MIB, move || {
                everything(&json, ReadOptions::MAX_DEPTH, indented);
            });
        }
    }
}

#[test]
fn a_hundred_thousand_levels() {
    for depth in [ReadOptions::DEFAULT_DEPTH, ReadOptions::MAX_DEPTH] {
        for json in nested(100_000) {
            on_stack(MIB, move || everything(&json, depth, false));
        }
    }
    for bracket in [
        "[",
        "{",
        "{\"a\":",
        "{\"extension\":[",
        "{\"resourceType\":\"Patient\",\"contained\":[",
    ] {
        let json = bracket.repeat(100_000);
        on_stack(MIB, move || never_panics(json.as_bytes()));
    }
    // Brackets as a whole document.
    let json = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    on_stack(MIB, move || never_panics(json.as_bytes()));
}

/// Reads, and writes what was read.
fn read_alone(json: &[u8]) {
    match from_slice::<Resource>(json) {
        Ok(read) => {
            let text = to_string(&read.value);
            if let Ok(before) = std::str::from_utf8(json) {
                assert_eq!(
                    read.issues.iter().filter(|i| i.position.is_none()).count(),
                    0,
                    "{before}"
                );
            }
            // Its own parser has no limit.
            if json.len() < 10_000
                && let Err(difference) = tree_eq(json, text.as_bytes())
            {
                panic!("{difference}\n{}\n{text}", String::from_utf8_lossy(json));
            }
        }
        Err(error) => {
            let offset = error.offset().expect("an offset");
            assert!(offset <= json.len() as u64, "{error}");
            let position = error.position().expect("a position");
            assert!(position.line >= 1 && position.column >= 1);
            assert!(
                json.len() > 10_000 || tree_eq(json, json).is_err(),
                "JSON is refused: {error}: {}",
                String::from_utf8_lossy(json),
            );
        }
    }
}

/// Reads in every way, and writes what was read.
fn never_panics(json: &[u8]) {
    read_alone(json);
    let _ = from_slice::<Patient>(json);
    let _ = from_slice::<Extension>(json);
    let _ = from_slice::<Questionnaire>(json);
    let options = ReadOptions::new().excerpts(true);
    let _ = from_slice_with::<Resource>(json, &options);
    let _ = from_slice_with::<Resource>(json, &options.strict(true));
    let _ = serde_json::from_slice::<Resource>(json);
    for entry in entries(json).into_iter().flatten().flatten() {
        let _ = entry.read::<BundleEntry>();
    }
    let mut reader = BundleReader::<_, BundleEntry>::new(json, options);
    assert!(reader.by_ref().take(1000).count() < 1000);
    let _ = reader.finish::<Bundle>();
    assert!(
        NdjsonReader::<_, Resource>::new(json, options)
            .take(1000)
            .count()
            < 1000
    );
}

const SMALL: &[&str] = &[
    r#"{"resourceType":"Patient","id":"a","name":[{"given":["Zoë",null],"_given":[null,{"id":"g"}]}],"active":true,"n":[-1.5e+3,null,"\ud83d\ude00\n"]}"#,
    "\u{feff}{ \"type\" : 5, \"entry\" : [ {\"resource\": {\"id\": \"\\u00e9\", \"resourceType\":\"Patient\"}}, {} ],\n\"resourceType\":\"Bundle\" }\n",
];

#[test]
fn every_prefix() {
    for json in SMALL {
        for end in 0..json.len() {
            let cut = &json.as_bytes()[..end];
            never_panics(cut);
            let error = from_slice::<Resource>(cut);
            if json.trim_end().len() > end {
                assert!(error.is_err(), "{end}: {json}");
            }
        }
    }
}

/// Each byte is replaced by each other; those that have a meaning in JSON are read in every way.
#[test]
fn every_corrupted_byte() {
    const TELLING: &[u8] = b"\0\n \"\\/{}[]:,0-.eEntu\x7f\x80\xc3\xed\xff";
    for json in SMALL {
        let mut bytes = json.as_bytes().to_vec();
        for at in 0..bytes.len() {
            let good = bytes[at];
            for bad in 0..=255u8 {
                bytes[at] = bad;
                if TELLING.contains(&bad) && at % 3 == 0 {
                    never_panics(&bytes);
                } else {
                    read_alone(&bytes);
                }
            }
            bytes[at] = good;
        }
    }
}

#[test]
fn every_missing_byte() {
    for json in SMALL {
        for at in 0..json.len() {
            let mut bytes = json.as_bytes().to_vec();
            bytes.remove(at);
            never_panics(&bytes);
        }
    }
}

#[test]
fn every_prefix_of_lexical_fixtures() {
    for document in fixtures("lexical") {
        if document.json.len() > 2000 {
            continue;
        }
        for end in (0..document.json.len()).step_by(7) {
            never_panics(&document.json[..end]);
        }
    }
}

#[test]
fn sizes() {
    let json = SMALL[0].as_bytes();
    let limited = |bytes| from_slice_with::<Resource>(json, &ReadOptions::new().max_size(bytes));
    assert!(limited(json.len()).is_ok());
    let error = limited(json.len() - 1).expect_err("too large");
    assert_eq!(error.rule().id, "JSON-SIZE");
}

/// Odd members cost no more each when there are many: quadratic time would take minutes here.
#[test]
fn many_odd_members() {
    const MANY: usize = 100_000;
    for name in [
        |i: usize| format!("k{i}"),
        |_| "k".into(),
        |_| "active".into(),
    ] {
        let members: Vec<String> = (0..MANY).map(|i| format!("\"{}\":true", name(i))).collect();
        let json = format!("{{\"resourceType\":\"Patient\",{}}}", members.join(","));
        let read = healthcode_json::from_str::<Resource>(&json).expect("JSON");
        // The first 10,000 are kept, and one that says that there are more.
        assert_eq!(read.issues.len(), 10_001);
        let mut rules = read.issues.iter().map(|issue| issue.rule.id);
        assert!(rules.any(|rule| rule == "FHIR-MORE-ISSUES"));
    }
}
