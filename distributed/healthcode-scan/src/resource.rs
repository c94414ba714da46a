//! Functions of a resource: `fhirpath` and `fhir_valid`.

use crate::engine::validator;
use crate::release::Release;
use healthcode_core::{ReadOptions, Root, Severity, ValueRef};
use healthcode_fhirpath::{Environment, Expression, Item};
use healthcode_r4::Resource;
use healthcode_validate::{Policy, Validator};
use healthcode_xml::either;
use std::sync::LazyLock;

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| validator(Policy::R4, None));

/// What an expression returns for a resource in JSON or XML: texts as they are, other elements as JSON.
///
/// ```
/// use healthcode_fhirpath::Expression;
///
/// let patient = r#"{"resourceType": "Patient", "name": [{"given": ["Ann", "Bea"]}]}"#;
/// let given = Expression::compile("name.given").unwrap();
/// assert_eq!(healthcode_scan::resource::evaluate(patient, &given).unwrap(), ["Ann", "Bea"]);
/// ```
///
/// # Errors
/// If the resource cannot be read, or the expression cannot be evaluated for it.
pub fn evaluate(resource: &str, expression: &Expression) -> Result<Vec<String>, String> {
    let options = ReadOptions::new();
    let read = either::read::<Resource>(resource.as_bytes(), &options);
    let read = read.map_err(|error| format!("the resource cannot be read: {error}"))?;
    let other = VALIDATOR.untyped(resource.as_bytes(), &read);
    let other = other.map_err(|name| format!("FHIR {name} is not supported"))?;
    let (root, release) = match &other {
        Some(other) => (other.as_element(), Release::named(other.release().name)),
        None => (read.value.as_element(), Release::R4),
    };
    let version = release.version();
    let environment = Environment::new(root).types(version.number, version.find);
    let found = expression.evaluate(&environment);
    let found = found.map_err(|error| error.to_string())?;
    Ok(found.iter().map(text_of).collect())
}

fn text_of(item: &Item<'_>) -> String {
    let Item::Node(node) = item else {
        return item.to_string();
    };
    match (node.as_element(), node.value()) {
        (Some(element), _) => {
            let mut json = Vec::new();
            healthcode_json::write_element(element, &mut json, None);
            String::from_utf8(json).unwrap_or_default()
        }
        (_, Some(ValueRef::Text(text))) => text.to_owned(),
        _ => item.to_string(),
    }
}

/// Whether validation of a resource in JSON or XML finds no error.
///
/// ```
/// use healthcode_scan::resource::is_valid;
/// assert!(is_valid(r#"{"resourceType": "Patient", "birthDate": "2020-02-29"}"#));
/// assert!(!is_valid(r#"{"resourceType": "Patient", "birthDate": "2021-02-29"}"#));
/// assert!(!is_valid("{"));
/// ```
#[must_use]
pub fn is_valid(resource: &str) -> bool {
    match VALIDATOR.check(resource.as_bytes(), None) {
        Ok(issues) => issues.iter().all(|issue| issue.severity < Severity::Error),
        Err(_) => false,
    }
}
