//! Tests of `scope.rs`.

use super::*;
use healthcode_core::Detail;

fn resolve(resource: &str, name: &str) -> Result<ValueForm, (&'static str, Option<&'static str>)> {
    let scope = Scope::named(resource).unwrap();
    let found = scope.resolve(&Name::parse(name));
    found.map(|definition| definition.form).map_err(|error| {
        let issue = &error.issues()[0];
        let nearest = match issue.detail {
            Detail::Nearest(name) => Some(name),
            Detail::OneOf { nearest, .. } => nearest,
            _ => None,
        };
        (issue.rule.id, nearest)
    })
}

#[test]
fn names_modifiers_and_chains() {
    use ParameterType as P;
    for (resource, name, kind) in [
        ("Patient", "family:exact", ValueForm::Fhir(P::String)),
        ("Patient", "birthdate:missing", ValueForm::Boolean),
        ("Patient", "identifier:of-type", ValueForm::OfType),
        ("Observation", "code:in", ValueForm::Fhir(P::Uri)),
        (
            "Observation",
            "subject:Patient",
            ValueForm::Fhir(P::Reference),
        ),
        (
            "Observation",
            "subject:identifier",
            ValueForm::Fhir(P::Token),
        ),
        (
            "Observation",
            "subject:Patient.name",
            ValueForm::Fhir(P::String),
        ),
        ("Observation", "subject.birthdate", ValueForm::Fhir(P::Date)),
        (
            "DiagnosticReport",
            "subject:Patient.general-practitioner:Practitioner.name",
            ValueForm::Fhir(P::String),
        ),
        (
            "Patient",
            "_has:Observation:patient:code",
            ValueForm::Fhir(P::Token),
        ),
        (
            "Patient",
            "_has:Observation:patient:_has:AuditEvent:entity:agent",
            ValueForm::Fhir(P::Reference),
        ),
        ("Patient", "_revinclude:iterate", ValueForm::Include),
        (
            "graphnet-observation",
            "patient.identifier",
            ValueForm::Fhir(P::Token),
        ),
        ("graphnet-condition", "code:in", ValueForm::Fhir(P::Uri)),
    ] {
        assert_eq!(resolve(resource, name), Ok(kind), "{resource}?{name}");
    }
    for (resource, name, rule, near) in [
        ("Patient", "birthDate", "QUERY-NAME", Some("birthdate")),
        ("Patient", "qwertyuiop", "QUERY-NAME", None),
        ("Patient", "family:exat", "QUERY-MODIFIER", Some("exact")),
        ("Patient", "birthdate:exact", "QUERY-MODIFIER", None),
        (
            "Observation",
            "subject:Patent.name",
            "QUERY-MODIFIER",
            Some("Patient"),
        ),
        ("Observation", "code.name", "QUERY-MODIFIER", None),
        (
            "Patient",
            "_has:Observation:code:status",
            "QUERY-MODIFIER",
            None,
        ),
        ("practitioner", "gender:exact", "QUERY-MODIFIER", None),
        (
            "practitioner",
            "speciality",
            "QUERY-NAME",
            Some("specialty"),
        ),
        (
            "find-member",
            "dateOfBirth",
            "QUERY-NAME",
            Some("dateOfbirth"),
        ),
    ] {
        assert_eq!(
            resolve(resource, name),
            Err((rule, near)),
            "{resource}?{name}"
        );
    }
}

#[test]
fn addresses() {
    for (address, name) in [
        ("{search_practitioner_endpoint}", Some("practitioner")),
        (
            "search_practitionerrole_endpoint",
            Some("practitioner-role"),
        ),
        (
            "https://sandbox.api.service.nhs.uk/spine-directory/FHIR/R4/Device",
            Some("sds-device"),
        ),
        (
            "https://example.org/fhir/Observation/_search",
            Some("Observation"),
        ),
        ("/Patient", Some("Patient")),
        (
            "{get_practitionerphoto_endpoint}/{practitioner.id}",
            Some("practitioner-photo"),
        ),
        ("https://example.org/other", None),
    ] {
        assert_eq!(
            Scope::of_address(address).map(Scope::name),
            name,
            "{address}"
        );
    }
}
