//! Which symbols and ranges are listed.

use super::*;
use crate::text::{Encoding, Text};

#[test]
fn outermost_ranges() {
    let text = "{\n\"a\": [\n{\n\"b\": 1\n},\n{\n\"b\": 1\n}\n],\n\"c\": {\n\"d\": [\n1\n]\n}\n}\n";
    let text = Text::new(text.to_owned(), Encoding::Utf16);
    let document = Document::new(None, "json", 1, text);
    for (limit, lines) in [
        (9, &[0, 1, 2, 5, 9, 10][..]),
        (6, &[0, 1, 2, 5, 9, 10]),
        (5, &[0, 1, 9]),
        (2, &[0]),
        (0, &[]),
    ] {
        let ranges = folding(&document, limit);
        let found: Vec<u32> = ranges.iter().map(|range| range.start_line).collect();
        assert_eq!(found, lines, "{limit}");
    }
}

fn titles(symbols: &[DocumentSymbol], depth: usize, found: &mut Vec<String>) {
    for symbol in symbols {
        found.push(format!("{}{}", " ".repeat(depth), symbol.name));
        titles(
            symbol.children.as_deref().unwrap_or_default(),
            depth + 1,
            found,
        );
    }
}

/// All entries are listed, however many there are; of a small Bundle all that they hold.
#[test]
fn entries_of_bundles() {
    let listed = [
        " entry",
        "  [0] Patient/0",
        "  [1] Patient/1",
        "  [2] Patient/2",
        "  [3] Patient/3",
    ];
    let listed_in_xml = [
        " entry Patient/0",
        " entry Patient/1",
        " entry Patient/2",
        " entry Patient/3",
        " entry Patient/4",
    ];
    for (entries, json, xml, json_count, xml_count) in [
        (
            2,
            [
                " entry",
                "  [0] Patient/0",
                "   Patient/0",
                "    id",
                "    name",
            ],
            [
                " entry Patient/0",
                "  resource",
                "   Patient/0",
                "    id",
                "    name",
            ],
            14,
            13,
        ),
        (1500, listed, listed_in_xml, 1502, 1501),
        (3000, listed, listed_in_xml, 1999, 2000),
    ] {
        let patient = |id| {
            format!(
                r#"{{"resource":{{"resourceType":"Patient","id":"{id}","name":[{{"family":"A"}}]}}}}"#
            )
        };
        let list: Vec<String> = (0..entries).map(patient).collect();
        let text = format!(
            r#"{{"resourceType":"Bundle","entry":[{}]}}"#,
            list.join(",")
        );
        check(&text, "json", &json, json_count);
        let patient = |id| {
            format!(
                r#"<entry><resource><Patient><id value="{id}"/><name><family value="A"/></name></Patient></resource></entry>"#
            )
        };
        let list: String = (0..entries).map(patient).collect();
        let text = format!(r#"<Bundle xmlns="http://hl7.org/fhir">{list}</Bundle>"#);
        check(&text, "xml", &xml, xml_count);
    }
}

fn check(text: &str, language: &str, expect: &[&str], count: usize) {
    let text = Text::new(text.to_owned(), Encoding::Utf16);
    let document = Document::new(None, language, 1, text);
    let mut found = Vec::new();
    titles(&symbols(&document), 0, &mut found);
    assert_eq!(found[0], "Bundle", "{language}");
    assert_eq!(found[1..=expect.len()], *expect, "{language}");
    assert_eq!(found.len(), count, "{language}");
}
