//! The error of the facade: what becomes of the errors of all crates, and that it shows no values.

use healthcode::{Error, ReadOptions, from_slice, from_slice_with, json, r4, uk};
use std::error::Error as _;
use std::io;

fn of_reading(text: &str) -> Error {
    let options = ReadOptions::new().strict(true);
    let error = from_slice_with::<r4::Patient>(text.as_bytes(), &options);
    error.expect_err("a defect").into()
}

#[test]
fn reading() {
    let error = of_reading("{\"birthDate\": Clinton");
    assert!(error.is_syntax() && !error.is_truncated() && !error.is_defect());
    let error = of_reading("{\"resourceType\": \"Pat");
    assert!(error.is_syntax() && error.is_truncated());
    let error = of_reading(r#"{"resourceType": "Patient", "Clinton": 1}"#);
    assert!(error.is_defect() && !error.is_syntax() && !error.is_io());
    assert_eq!(error.get::<json::Error>().unwrap().offset(), Some(28));
    assert!(error.get::<io::Error>().is_none());
}

#[test]
fn streams() {
    let io = json::stream::Error::Io(io::Error::other("gone"));
    assert!(Error::from(io).is_io());
    let json = from_slice::<r4::Patient>(b"[").unwrap_err();
    assert!(Error::from(json::stream::Error::Json(json)).is_syntax());
}

#[test]
fn values() {
    let error = Error::from(uk::NhsNumber::parse("9000000000").unwrap_err());
    assert!(error.is_invalid_value() && !error.is_syntax());
    assert!(error.source().is_none());
    let error = Error::from(r4::Date::from("9.5.1977").check().unwrap_err());
    assert!(error.is_invalid_value());
}

#[test]
fn shows_no_values() {
    const SECRETS: &[&str] = &["Clinton", "9000000000", "9.5.1977"];
    let errors = [
        of_reading("{\"birthDate\": Clinton"),
        of_reading(r#"{"resourceType": "Patient", "name": "Clinton"}"#),
        uk::NhsNumber::parse("9000000000").unwrap_err().into(),
        r4::Date::from("9.5.1977").check().unwrap_err().into(),
    ];
    for error in errors {
        let shown = format!("{error} {error:?}");
        assert!(!shown.is_empty());
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[cfg(feature = "validate")]
#[test]
fn settings() {
    use healthcode::{Policy, Validator};
    let error: Error = Validator::new(Policy::R4)
        .without("R4-DAET")
        .unwrap_err()
        .into();
    assert!(error.is_setting());
    assert_eq!(
        error.to_string(),
        "unknown rule R4-DAET: did you mean R4-DATE?"
    );
}

#[cfg(feature = "search")]
#[test]
fn queries() {
    use healthcode::search::{Query, QueryError, Scope};
    let mut query = Query::new(Scope::resource("Patient").unwrap());
    let error: Error = query.set("birthdat", "ge1977").unwrap_err().into();
    assert!(error.is_query() && !error.is_io());
    assert_eq!(error.get::<QueryError>().unwrap().issues().len(), 1);
}

#[cfg(all(feature = "fhirpath", feature = "exchange", feature = "transport"))]
#[test]
fn others() {
    use healthcode::{exchange, fhirpath, search, transport};
    let error: Error = fhirpath::Expression::compile("1 +").unwrap_err().into();
    assert!(error.is_expression());
    let error: Error = exchange::Capture::read(b"?").unwrap_err().into();
    assert!(error.is_capture());
    let query = search::QueryError::new(&search::rules::QUERY_NAME);
    let error: Error = transport::Error::from(query).into();
    assert!(error.is_call() && error.is_query() && !error.is_retryable() && !error.is_response());
}
