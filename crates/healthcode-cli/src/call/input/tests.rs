//! What words of the command line and lines of files are.

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

#[test]
fn numbers_of_lines() {
    let read = |lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        numbers(&lines)
    };
    assert_eq!(read(&["900 000 0009", "9000000017"]).unwrap().len(), 2);
    assert!(read(&[]).unwrap_err().starts_with("missing NHS number"));
    let wrong = "not an NHS number: check digit or length is wrong";
    assert_eq!(read(&["9000000000"]).unwrap_err(), wrong);
    let second = read(&["9000000009", "x"]).unwrap_err();
    assert_eq!(second, format!("line 2: {wrong}"));
}

#[test]
fn standard_input_is_read_once() {
    let mut inputs = Inputs {
        stdin_taken: true,
        ahead: Some(vec!["a".to_owned()]),
    };
    let words = [Word::Literal("b".to_owned()), Word::Stdin];
    assert_eq!(inputs.peek(&words).unwrap(), ["b", "a"]);
    assert_eq!(inputs.lines(&words).unwrap(), ["b", "a"]);
    assert!(inputs.lines(&words).is_err());
    assert!(inputs.bytes(&Source::Stdin).is_err());
}
