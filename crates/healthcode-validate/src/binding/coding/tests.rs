use super::{is_absolute, is_misspelt, is_uri};

#[test]
fn schemes() {
    for (uri, expect) in [
        ("http://a.b", true),
        ("urn:oid:1.2", true),
        ("mailto:a@b", true),
        ("x+y.z-1:", true),
        ("", false),
        ("a/b:c", false),
        ("1a:b", false),
        (":x", false),
        ("ValueSet/x", false),
        ("//host/x", false),
    ] {
        assert_eq!(is_absolute(uri), expect, "{uri}");
    }
}

#[test]
fn misspelt_systems() {
    for (system, expect) in [
        ("http://snomed.info/sct", false),
        ("http://loinc.org", false),
        ("http://unitsofmeasure.org", false),
        ("http://www.nlm.nih.gov/research/umls/rxnorm", false),
        ("http://snomed.info/xsct", false),
        ("http://snomed.info", false),
        ("http://loinc.org.example/x", false),
        ("urn:oid:2.16.840.1.113883.6.1", false),
        ("https://fhir.nhs.uk/loinc.org", false),
        ("http://loinc.org ", false),
        (
            "http://terminology.hl7.org/CodeSystem/observation-category",
            false,
        ),
        ("https://terminology.hl7.org/CodeSystem/unheard-of", false),
        (
            "https://terminology.hl7.org/CodeSystem/observation-category",
            true,
        ),
        ("https://loinc.org", true),
        ("http://www.loinc.org", true),
        ("http://loinc.org/", true),
        ("http://loinc.org/vs/LL1-0", true),
        ("http://LOINC.org", true),
        ("HTTP://SNOMED.INFO/SCT", true),
        ("http://snomed.info/sct/83821000000107", true),
        ("http://snomed.info/sct|x", true),
        ("http://unitsofmeasure.orgx", true),
        ("https://www.nlm.nih.gov/research/umls/rxnorm", true),
    ] {
        assert_eq!(is_misspelt(system), expect, "{system}");
    }
}

#[test]
fn uris() {
    for (text, expect) in [
        ("http://a.b/c", true),
        ("mailto:a@b.c", true),
        ("urn:oid:1.2.3", true),
        ("urn:uuid:C757873D-ec9a-4326-a141-556f43239520", true),
        ("urn:iso-astm:E1762-95:2013", true),
        ("urn:oid:1.02", false),
        ("urn:oid:", false),
        ("urn:uuid:1", false),
        ("urn:uuid:{c757873d-ec9a-4326-a141-556f43239520}", false),
        ("1.2.3", false),
        ("c757873d-ec9a-4326-a141-556f43239520", false),
        ("http://a.b/c d", false),
        (" http://a.b", false),
        ("a/b", false),
        ("", false),
    ] {
        assert_eq!(is_uri(text), expect, "{text:?}");
    }
}
