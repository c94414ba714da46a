//! Mutants of a small payload.

use super::*;

const PATIENT: &str = r#"<?xml version="1.0"?><Patient xmlns="http://hl7.org/fhir"><id value="a"/><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">a</div></text><!-- <b/> --><active value="true"/><name><given value="b"/></name><gender value="male"/><birthDate value="1980-01-02"/><deceasedBoolean value="false"/><multipleBirthInteger value="1"/><managingOrganization><reference value="Organization/1"/></managingOrganization></Patient>"#;

fn source() -> Source<'static> {
    Source {
        path: Path::new("patient.xml"),
        text: PATIENT.to_owned(),
        root: Element::parse(PATIENT).unwrap(),
    }
}

#[test]
fn elements_have_their_places() {
    let source = source();
    let names: Vec<_> = source
        .root
        .children
        .iter()
        .map(|child| child.name.as_str())
        .collect();
    assert_eq!(names[..4], ["id", "text", "active", "name"]);
    let active = &source.root.children[2];
    assert_eq!(source.of(active), r#"<active value="true"/>"#);
    assert_eq!(&PATIENT[active.attribute("value").unwrap()], "true");
    let json = source.root.to_json();
    assert_eq!(json["resourceType"], "Patient");
    assert!(json["name"][0]["given"][0].is_string());
    for broken in ["<a>", "<a><b></a>", "text", "<!DOCTYPE a><a/>"] {
        assert_eq!(Element::parse(broken), None, "{broken}");
    }
}

/// Every kind makes several mutants of it, the same for the same number.
#[test]
fn kinds_make_different_mutants() {
    let source = source();
    for (kind, mutate) in KINDS {
        let made = |seed| {
            let mut choices = Choices(seed);
            mutate(&source, &mut choices).map(|mutant| mutant.bytes)
        };
        let all: Vec<_> = (0..64).filter_map(made).collect();
        assert_eq!(all, (0..64).filter_map(made).collect::<Vec<_>>(), "{kind}");
        let different: std::collections::HashSet<_> = all.iter().collect();
        assert!(different.len() >= 3, "{kind}: {}", different.len());
        assert!(
            all.iter()
                .filter(|bytes| *bytes != PATIENT.as_bytes())
                .count()
                > all.len() / 2,
            "{kind}"
        );
    }
}
