//! The rows of the table of payload defects that are about references.

use crate::{check, check_by};
use healthcode_validate::Policy;

/// An Observation with this subject, which begins on line 2.
fn subject(reference: &str) -> String {
    format!(
        "{{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{{\"text\":\"x\"}},\"subject\":\n{reference}}}"
    )
}

fn to(reference: &str) -> String {
    subject(&format!("{{\"reference\":\"{reference}\"}}"))
}

/// Row 38: the form of a reference.
#[test]
fn forms() {
    for good in [
        "Patient/1",
        "Patient/1/_history/2",
        "http://a.b/fhir/Patient/1",
        "http://a.b/fhir/Patient/1/_history/2",
        "https://a.b/whatever",
        "urn:oid:1.2.3",
        "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    ] {
        check(&to(good), &[]);
    }
    check(
        &subject("{\"identifier\":{\"system\":\"http://a.b\",\"value\":\"x\"}}"),
        &[],
    );
    let at = |rule| [(rule, "Observation.subject.reference", 2, 14)];
    for bad in [
        "SECRET",
        "Patient",
        "/Patient/1",
        "Patient/SECRET name",
        "Patient/1/2",
        "patient/1",
        "urn:uuid:1",
        "Patient?identifier=SECRET",
        "http://a b",
    ] {
        check(&to(bad), &at("R4-REFERENCE"));
    }
    check(&to("Site/HC010EO"), &at("R4-REFERENCE-RESOURCE"));
    check_by(
        Policy::Healthcode,
        &to("Site/HC010EO"),
        &at("HC-REFERENCE-TYPE"),
    );
    check_by(
        Policy::Healthcode,
        &to("Sites/HC010EO"),
        &at("R4-REFERENCE-RESOURCE"),
    );
}

/// Row 38: the type of the target, as far as the reference shows it.
#[test]
fn targets() {
    let at = |rule| [(rule, "Observation.subject.reference", 2, 14)];
    check(&to("Practitioner/1"), &at("R4-REFERENCE-TARGET"));
    check(&to("http://a.b/Practitioner/1"), &at("R4-REFERENCE-TARGET"));
    check(
        &subject("{\"type\":\"Practitioner\",\"display\":\"x\"}"),
        &[("R4-REFERENCE-TARGET", "Observation.subject.type", 2, 9)],
    );
    check(
        &subject(
            "{\"type\":\"http://hl7.org/fhir/StructureDefinition/Device\",\"reference\":\"Patient/1\"}",
        ),
        &[
            ("R4-BINDING-EXTENSIBLE", "Observation.subject.type", 2, 9),
            ("R4-REFERENCE-TYPE", "Observation.subject.type", 2, 9),
        ],
    );
    check(
        &subject("{\"type\":\"Patient\",\"reference\":\"Patient/1\"}"),
        &[],
    );
    let contained = |name: &str, code: &str| {
        subject(&format!(
            "{{\"reference\":\"#x\"}},\"contained\":[{{\"resourceType\":\"{name}\",\"id\":\"x\"{code}}}]"
        ))
    };
    check(&contained("Patient", ""), &[]);
    check(&contained("Practitioner", ""), &at("R4-REFERENCE-TARGET"));
    // Extensions take any.
    check(
        "{\"resourceType\":\"Patient\",\"extension\":[{\"url\":\"http://a.b\",\"valueReference\":{\"reference\":\"Slot/1\"}}]}",
        &[],
    );
}

/// Contained resources that cannot be distinguished.
#[test]
fn ids_of_contained_resources() {
    let patient = |first: &str, second: &str| {
        let one = |id: &str| format!("{{\"resourceType\":\"Organization\"{id},\"name\":\"x\"}}");
        format!(
            "{{\"resourceType\":\"Patient\",\"managingOrganization\":{{\"reference\":\"#a\"}},\"generalPractitioner\":[{{\"reference\":\"#b\"}}],\"contained\":[{},\n{}]}}",
            one(first),
            one(second)
        )
    };
    let (a, b) = (",\"id\":\"a\"", ",\"id\":\"b\"");
    check(&patient(a, b), &[]);
    let second = ("R4-CONTAINED-ID", "Patient.contained[1]", 2, 1);
    let missing = ("ref-1", "Patient.generalPractitioner[0]", 1, 92);
    check(&patient(a, a), &[missing, second]);
    check(&patient(a, ""), &[missing, second]);
}

/// Row 38: canonicals that point at contained resources.
#[test]
fn canonicals() {
    let questionnaire = |contained: &str| {
        format!(
            "{{\"resourceType\":\"Questionnaire\",\"status\":\"draft\"{contained},\"item\":[{{\"linkId\":\"1\",\"type\":\"choice\",\n\"answerValueSet\":\"#x\"}}]}}"
        )
    };
    let at = |rule| [(rule, "Questionnaire.item[0].answerValueSet", 2, 18)];
    check(&questionnaire(""), &at("R4-CONTAINED-UNKNOWN"));
    check(
        &questionnaire(
            ",\"contained\":[{\"resourceType\":\"ValueSet\",\"id\":\"x\",\"status\":\"draft\"}]",
        ),
        &[],
    );
    check(
        &questionnaire(",\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"x\"}]"),
        &at("R4-REFERENCE-TARGET"),
    );
}
