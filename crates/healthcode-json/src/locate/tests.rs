//! Many places, and those of repeated, escaped and absent names.

use super::{Base, locate, only_string};
use healthcode_core::{Detail, Issue, rules};

/// The offsets of the places with these pointers and occurrences, in their order.
fn offsets(text: &str, places: &[(String, u32)]) -> Vec<u64> {
    let issue = |(pointer, occurrence): &(String, u32)| {
        let rule = &rules::FHIR_UNKNOWN_MEMBER;
        let mut issue = Issue::at(rule, String::new(), pointer.clone(), Detail::None);
        issue.occurrence = *occurrence;
        issue
    };
    let mut issues: Vec<Issue> = places.iter().map(issue).collect();
    locate(text.as_bytes(), &mut issues, false);
    let found = places.iter().map(|(pointer, occurrence)| {
        let is_it = |issue: &&Issue| issue.pointer == *pointer && issue.occurrence == *occurrence;
        let position = issues.iter().find(is_it).and_then(|issue| issue.position);
        position.map_or(u64::MAX, |position| position.offset)
    });
    found.collect()
}

#[test]
fn all_of_many_places_are_found() {
    let mut text = String::from("{\"list\":[");
    let mut expect = Vec::new();
    for index in 0..300 {
        text.push_str(if index > 0 {
            ", {\"a\":0, \"b\": "
        } else {
            "{\"b\":"
        });
        expect.push((text.len(), format!("/list/{index}/b")));
        text.push_str("1}");
    }
    text.push(']');
    for index in 0..300 {
        text.push_str(&format!(",\"m{index}\": "));
        expect.push((text.len(), format!("/m{index}")));
        text.push_str("\"x\"");
    }
    text.push('}');
    // Backwards, so that their order is not that of the text.
    let places: Vec<_> = expect
        .iter()
        .rev()
        .map(|(_, place)| (place.clone(), 0))
        .collect();
    let offsets = offsets(&text, &places);
    let expect: Vec<u64> = expect.iter().rev().map(|(at, _)| *at as u64).collect();
    assert_eq!(offsets, expect);
}

#[test]
fn repeated_escaped_and_absent_names() {
    let text = r#"{"a":1,"a":{"b":2},"x\/y~":3,"a":4,"c":[5]}"#;
    for (pointer, occurrence, expect) in [
        ("/a", 0, 5),
        ("/a", 1, 11),
        ("/a", 2, 33),
        ("/x~1y~0", 0, 27),
        ("/c/0", 0, 40),
        // Nearest to what is absent.
        ("/c/7", 0, 39),
        ("/z", 0, 0),
        ("/a/b", 0, 5),
        ("/a", 3, 0),
    ] {
        let places = [(pointer.to_owned(), occurrence)];
        assert_eq!(offsets(text, &places), [expect], "{pointer} {occurrence}");
    }
}

#[test]
fn the_only_string_is_found_without_going_through_the_text() {
    let check = |text: &str, content: &str, expect: Option<usize>| {
        let found = only_string(text.as_bytes(), &Base::default(), content);
        let column = found.map(|position| position.column as usize - 1);
        assert_eq!(column, expect, "{content} in {text}");
    };
    check(r#"{"a":"urn:b","c":1}"#, "urn:b", Some(5));
    check(r#"{"a": "é", "c":"urn:b"}"#, "urn:b", Some(15));
    check(r#"{"a":"x \" y","c":"urn:b"}"#, "urn:b", Some(18));
    // Inside another string, or a part of it.
    check(r#"{"a":"see urn:b","c":"urn:bc"}"#, "urn:b", None);
    check(
        r#"{"a":"<a href=\"urn:b\">","c":"urn:b"}"#,
        "urn:b",
        Some(30),
    );
    // Several, or written in another way.
    check(r#"{"a":"urn:b","c":"urn:b"}"#, "urn:b", None);
    check(r#"{"a":"urn:b","urn:b":1}"#, "urn:b", None);
    check(r#"{"a":"A\/1","c":"A/1"}"#, "A/1", None);
    check(r#"{"a":"\u0041/1","c":"A/1"}"#, "A/1", None);
    check(r#"{"a":""}"#, "", None);
    check(r#"{"a":"x\\y"}"#, r"x\y", None);
    check(r#"{"a":"urn:b"#, "urn:b", None);
}
