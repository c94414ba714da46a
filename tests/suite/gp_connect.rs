//! Payloads as GP Connect and CareConnect (STU3) write them, made up for these tests: they are found to be STU3 and
//! have no errors, as JSON and as XML, and mistakes in them are found.

use crate::releases::{RELEASES, found};
use healthcode_core::{Issue, Severity, UntypedResource};
use healthcode_releases::Stu3;
use healthcode_tests::{fixtures, tree_eq};
use healthcode_validate::{FhirVersion, Policy, Validator};
use serde_json::Value;

fn validator() -> Validator {
    Validator::new(Policy::R4).fhir_version(FhirVersion::Auto, &RELEASES)
}

/// The issues of a payload, but for notes and extensions of GP Connect, which are unknown without its definitions.
fn issues(text: &[u8]) -> Vec<(&'static str, String)> {
    let issues = validator().check(text, None).expect("JSON or XML");
    let is_issue = |issue: &Issue| {
        issue.severity > Severity::Information && issue.rule.id != "R4-EXTENSION-UNKNOWN"
    };
    let issues = issues.into_iter().filter(is_issue);
    issues.map(|issue| (issue.rule.id, issue.path)).collect()
}

/// What GP Connect's responses lack by design: full URLs of a collection, and links of search results.
fn is_by_design(rule: &str) -> bool {
    matches!(
        rule,
        "R4-FULL-URL-MISSING" | "R4-REFERENCE-UNRESOLVED" | "R4-SEARCHSET-SELF"
    )
}

#[test]
fn payloads_have_no_errors() {
    for document in fixtures("gp-connect") {
        let name = &document.name;
        let read = healthcode_json::from_slice::<UntypedResource<Stu3>>(&document.json);
        let read = read.expect("JSON").value;
        let xml = healthcode_xml::to_string(&read);
        assert_eq!(xml.issues, [], "{name}");
        let again = healthcode_xml::from_str::<UntypedResource<Stu3>>(&xml.value);
        let again = healthcode_json::to_vec(&again.expect("XML").value);
        assert_eq!(tree_eq(&document.json, &again), Ok(()), "{name}");
        let mut known: Vec<_> = issues(&document.json);
        let in_xml = issues(xml.value.as_bytes());
        let rules = |found: &[(&'static str, String)]| {
            let mut rules: Vec<_> = found.iter().map(|(rule, _)| *rule).collect();
            rules.sort_unstable();
            rules
        };
        assert_eq!(rules(&known), rules(&in_xml), "{name}");
        if matches!(name.as_str(), "structured.json" | "slots.json") {
            known.retain(|(rule, _)| !is_by_design(rule));
        }
        assert_eq!(known, [], "{name}");
        // What operations take has no sign of its release.
        let release = found(&validator(), &document.json);
        let expected = if name == "parameters.json" {
            "R4"
        } else {
            "STU3"
        };
        assert_eq!(release.as_deref(), Ok(expected), "{name}");
    }
}

/// An extension of CareConnect.
const CARE_CONNECT: &str =
    "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-X-1";

/// Extensions alone say the release, unless the payload has what STU3 does not define.
#[test]
fn extensions_suggest_stu3() {
    let payload = |extension: &str, member: &str| {
        format!(
            r#"{{"resourceType":"Patient","extension":[{{"url":"{extension}","valueString":"x"}}],
            "contact":[{{"name":{{"text":"x"}}}}]{member}}}"#
        )
    };
    for (extension, member, expect) in [
        (CARE_CONNECT, "", "STU3"),
        (
            CARE_CONNECT,
            r#","animal":{"species":{"text":"x"}}"#,
            "STU3",
        ),
        (
            CARE_CONNECT,
            r#","managingOrganization":{"type":"Organization"}"#,
            "R4",
        ),
        (
            "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-X",
            "",
            "R4",
        ),
        (
            "http://hl7.org/fhir/3.0/StructureDefinition/extension-Patient.animal",
            "",
            "R4",
        ),
    ] {
        let text = payload(extension, member);
        let release = found(&validator(), text.as_bytes());
        assert_eq!(release.as_deref(), Ok(expect), "{text}");
    }
}

/// Mistakes: the payload, where, what is there instead, and the rule and path of the error.
const MISTAKES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "patient",
        "/generalPractitioner",
        r#"{"reference":"Practitioner/1"}"#,
        "FHIR-ARRAY-EXPECTED",
        "Patient.generalPractitioner",
    ),
    (
        "patient",
        "/identifier/0/use",
        r#""old""#,
        "R4-BINDING-REQUIRED",
        "Patient.identifier[0].use",
    ),
    (
        "patient",
        "/birthDate",
        r#""1980-02-30""#,
        "R4-NO-SUCH-DAY",
        "Patient.birthDate",
    ),
    (
        "medicationstatement",
        "/taken",
        r#""unknown""#,
        "R4-BINDING-REQUIRED",
        "MedicationStatement.taken",
    ),
    (
        "medicationstatement",
        "/basedOn",
        r#"{"reference":"MedicationRequest/1"}"#,
        "FHIR-ARRAY-EXPECTED",
        "MedicationStatement.basedOn",
    ),
    (
        "medicationrequest",
        "/dispenseRequest/quantity/value",
        r#""28""#,
        "FHIR-JSON-TYPE",
        "MedicationRequest.dispenseRequest.quantity.value",
    ),
    (
        "medicationrequest",
        "/dispenseRequest/expectedSupplyDuration/code",
        r#"["d"]"#,
        "FHIR-ARRAY-UNEXPECTED",
        "MedicationRequest.dispenseRequest.expectedSupplyDuration.code",
    ),
    (
        "medicationrequest",
        "/requester",
        r#"{"reference":"Practitioner/1"}"#,
        "R4-REQUIRED",
        "MedicationRequest.requester.agent",
    ),
    (
        "condition",
        "/assertedDate",
        r#""2019-03-28T10:30:00""#,
        "R4-DATETIME",
        "Condition.assertedDate",
    ),
    (
        "condition",
        "/id",
        r#""Problem_A""#,
        "R4-ID",
        "Condition.id",
    ),
    (
        "condition",
        "/clinicalStatus",
        r#"{"text":"active"}"#,
        "FHIR-JSON-TYPE",
        "Condition.clinicalStatus",
    ),
    (
        "appointment",
        "/participant/0/actor/reference",
        r#""PractitionerRole/1""#,
        "R4-REFERENCE-TARGET",
        "Appointment.participant[0].actor.reference",
    ),
    (
        "appointment",
        "/extension/0/valueReference/reference",
        r##""#org9""##,
        "ref-1",
        "Appointment.extension[0].value",
    ),
    (
        "appointment",
        "/status",
        r#""waitlist""#,
        "R4-BINDING-REQUIRED",
        "Appointment.status",
    ),
    (
        "outcome",
        "/issue/0/code",
        r#""no-such""#,
        "R4-BINDING-REQUIRED",
        "OperationOutcome.issue[0].code",
    ),
    (
        "slots",
        "/entry/0/resource/status",
        r#""open""#,
        "R4-BINDING-REQUIRED",
        "Bundle.entry[0].resource.status",
    ),
    (
        "slots",
        "/type",
        r#""search""#,
        "R4-BINDING-REQUIRED",
        "Bundle.type",
    ),
    (
        "diagnosticreport",
        "/performer/0",
        r#"{"reference":"Organization/1"}"#,
        "R4-REQUIRED",
        "DiagnosticReport.performer[0].actor",
    ),
    (
        "observation",
        "/category",
        r#"{"text":"x"}"#,
        "FHIR-ARRAY-EXPECTED",
        "Observation.category",
    ),
    (
        "immunization",
        "/notGiven",
        "null",
        "FHIR-NULL",
        "Immunization.notGiven",
    ),
    (
        "capability",
        "/acceptUnknown",
        r#""all""#,
        "R4-BINDING-REQUIRED",
        "CapabilityStatement.acceptUnknown",
    ),
    (
        "referral",
        "/intent",
        r#""wish""#,
        "R4-BINDING-REQUIRED",
        "ReferralRequest.intent",
    ),
];

#[test]
fn mistakes_are_found() {
    let documents = fixtures("gp-connect");
    for (name, pointer, value, rule, path) in MISTAKES {
        let mut all = documents.iter();
        let document = all.find(|it| it.name.strip_suffix(".json") == Some(name));
        let document = document.unwrap_or_else(|| panic!("{name}"));
        let mut payload: Value = serde_json::from_slice(&document.json).expect("JSON");
        let place = payload.pointer_mut(pointer);
        *place.unwrap_or_else(|| panic!("{name}{pointer}")) =
            serde_json::from_str(value).expect("JSON");
        let found = issues(payload.to_string().as_bytes());
        let expected = found.iter().any(|(id, at)| id == rule && at == path);
        assert!(expected, "{name}{pointer}: {found:?}");
    }
}

/// An example in the template of a page is no JSON, and what is said of it shows nothing of it.
#[test]
fn templates_are_no_json() {
    for document in fixtures("gp-connect") {
        let page = [b"{% highlight json %}\n", document.json.as_slice()].concat();
        let error = validator().check(&page, None);
        let error = error.expect_err("no JSON").to_string();
        assert!(
            !error.contains("QUILL") && !error.contains("resourceType"),
            "{error}"
        );
    }
}
