//! Which words of the command line are NHS numbers.

use super::*;

#[test]
fn numbers_on_the_command_line() {
    for (text, expect) in [
        ("9000000009", true),
        ("900 000 0009", true),
        ("Patient/9000000009", true),
        ("patient=Patient/9000000009", true),
        (
            "identifier=https://fhir.nhs.uk/Id/nhs-number|9000000009",
            true,
        ),
        (
            "patient.identifier=https://fhir.nhs.uk/Id/nhs-number%7C1",
            false,
        ),
        ("9000000000", false),
        ("SP09000", false),
        ("family=Smith", false),
        // Ten digits of something else.
        ("regulator-reference=9000000009", false),
    ] {
        let read = word(text);
        assert_eq!(read.is_err(), expect, "{text}");
        let message = read.err().unwrap_or_default();
        assert!(!message.contains("900"), "{message}");
    }
}

#[test]
fn numbers_in_urls() {
    for (text, expect) in [
        ("http://localhost:9000/Patient/9000000009", true),
        (
            "http://localhost:9000/Coverage?subscriber:identifier=9000000009",
            true,
        ),
        (
            "http://a.example/Patient?identifier=x%7C9000000009&a=b",
            true,
        ),
        ("http://a.example/Patient/9000000000", false),
        ("http://a.example/Schedule/12", false),
        ("-", false),
        ("@9000000009", false),
    ] {
        assert_eq!(url_word(text).is_err(), expect, "{text}");
    }
}
