//! Payloads of other FHIR versions: recognised by elements that R4 lost or gained.
//!
//! Facts are from the pages of differences of FHIR R4 and R5, and from STU3's definitions.

use crate::place::Place;
use crate::registry as rule;
use healthcode_core::{Detail, ExtraKind, Issue, Issues};

const DSTU2: &str = "DSTU2";
const STU3: &str = "STU3";
const R5: &str = "R5";

/// Members that R4 does not know and one other version does: type, member, version.
const MEMBERS: &[(&str, &str, &str)] = &[
    ("AllergyIntolerance", "assertedDate", STU3),
    ("AllergyIntolerance", "substance", DSTU2),
    ("Appointment", "class", R5),
    ("Appointment", "incomingReferral", STU3),
    ("Appointment", "indication", STU3),
    ("CarePlan", "context", STU3),
    ("CarePlan", "definition", STU3),
    ("CareTeam", "context", STU3),
    ("Claim", "organization", STU3),
    ("Communication", "context", STU3),
    ("Communication", "notDone", STU3),
    ("Composition", "class", STU3),
    ("Condition", "assertedDate", STU3),
    ("Condition", "context", STU3),
    ("Condition", "dateRecorded", DSTU2),
    ("Condition", "participant", R5),
    ("Consent", "consentingParty", STU3),
    ("Consent", "decision", R5),
    ("Coverage", "grouping", STU3),
    ("Coverage", "kind", R5),
    ("Device", "udi", STU3),
    ("DiagnosticReport", "context", STU3),
    ("DiagnosticReport", "image", STU3),
    ("DocumentReference", "class", STU3),
    ("DocumentReference", "created", STU3),
    ("DocumentReference", "indexed", STU3),
    ("DocumentReference", "modality", R5),
    ("Encounter", "actualPeriod", R5),
    ("Encounter", "admission", R5),
    ("Encounter", "incomingReferral", STU3),
    ("Encounter", "indication", DSTU2),
    ("Encounter", "plannedStartDate", R5),
    ("Encounter.location", "form", R5),
    ("EpisodeOfCare", "reason", R5),
    ("HealthcareService", "offeredIn", R5),
    ("ImagingStudy", "accession", STU3),
    ("ImagingStudy", "context", STU3),
    ("Immunization", "explanation", STU3),
    ("Immunization", "notGiven", STU3),
    ("Immunization", "practitioner", STU3),
    ("Immunization", "vaccinationProtocol", STU3),
    ("Location", "contact", R5),
    ("Medication", "isBrand", STU3),
    ("Medication", "isOverTheCounter", STU3),
    ("Medication", "package", STU3),
    ("MedicationDispense", "notDone", STU3),
    ("MedicationRequest", "context", STU3),
    ("MedicationRequest", "definition", STU3),
    ("MedicationRequest", "renderedDosageInstruction", R5),
    ("MedicationStatement", "wasNotTaken", DSTU2),
    ("MedicationStatement", "taken", STU3),
    ("Observation", "context", STU3),
    ("Observation", "instantiatesCanonical", R5),
    ("Observation", "related", STU3),
    ("Observation", "triggeredBy", R5),
    ("Observation.referenceRange", "normalValue", R5),
    ("Organization", "qualification", R5),
    ("Patient", "animal", STU3),
    ("Patient", "careProvider", DSTU2),
    ("Practitioner", "deceasedBoolean", R5),
    ("Practitioner", "deceasedDateTime", R5),
    ("Practitioner", "practitionerRole", DSTU2),
    ("PractitionerRole", "characteristic", R5),
    ("PractitionerRole", "contact", R5),
    ("Procedure", "context", STU3),
    ("Procedure", "definition", STU3),
    ("Procedure", "notDone", STU3),
    ("Procedure", "notPerformed", DSTU2),
    ("Procedure", "occurrenceDateTime", R5),
    ("Procedure", "occurrencePeriod", R5),
    ("Questionnaire.item", "options", STU3),
    ("QuestionnaireResponse", "context", STU3),
    ("QuestionnaireResponse", "parent", STU3),
    ("RiskAssessment", "context", STU3),
    ("Task", "definitionUri", STU3),
    ("Task", "requestedPerformer", R5),
];

/// Members whose shape one other version has: type, member, how its JSON starts, version.
const SHAPES: &[(&str, &str, u8, &str)] = &[
    ("Appointment", "serviceCategory", b'{', STU3),
    ("Encounter", "class", b'[', R5),
    ("HealthcareService", "category", b'{', STU3),
    ("HumanName", "family", b'[', DSTU2),
    ("Schedule", "actor", b'{', DSTU2),
];

/// Types of resources that one other version has.
const RESOURCES: &[(&str, &str)] = &[
    ("BodySite", STU3),
    ("Conformance", DSTU2),
    ("DataElement", STU3),
    ("DeviceComponent", STU3),
    ("DiagnosticOrder", DSTU2),
    ("EligibilityRequest", STU3),
    ("EligibilityResponse", STU3),
    ("ImagingManifest", STU3),
    ("MedicationOrder", DSTU2),
    ("ProcedureRequest", STU3),
    ("ProcessRequest", STU3),
    ("ReferralRequest", STU3),
    ("Sequence", STU3),
    ("ActorDefinition", R5),
    ("DeviceDispense", R5),
    ("GenomicStudy", R5),
    ("ImagingSelection", R5),
    ("InventoryItem", R5),
    ("Requirements", R5),
    ("Transport", R5),
];

/// Says once for each resource which other version it looks like. `said` is the resource of which
/// it was said last.
#[cold]
#[inline(never)]
pub(crate) fn hint<'v>(
    place: &Place<'_, 'v>,
    said: &mut Option<&'v dyn healthcode_core::Element>,
    issues: &mut Issues,
) {
    if said.is_some_and(|said| std::ptr::addr_eq(said, place.resource)) {
        return;
    }
    let name = place.schema.name;
    let found = place.element.extras().iter().find_map(|extra| {
        let key = extra.key();
        let unknown = extra.kind() == ExtraKind::Unknown;
        if unknown && key == "resourceType" {
            let text = extra.json().trim_matches('"');
            let of = RESOURCES.iter().find(|(resource, _)| *resource == text);
            return of.map(|(_, version)| *version);
        }
        let starts = extra.json().bytes().next();
        let member = MEMBERS
            .iter()
            .find(|(of, member, _)| unknown && *of == name && *member == key);
        let shape = SHAPES
            .iter()
            .find(|(of, member, start, _)| *of == name && *member == key && starts == Some(*start));
        member
            .map(|(_, _, version)| *version)
            .or(shape.map(|(.., version)| *version))
    });
    if let Some(version) = found {
        *said = Some(place.resource);
        let detail = Detail::Name(version);
        issues.push(Issue::new(&rule::R4_OTHER_VERSION, place.path, detail));
    }
}

#[cfg(test)]
mod tests {
    use super::{MEMBERS, RESOURCES, SHAPES};
    use healthcode_r4::{Resource, schema};

    /// R4 has the types and has not the members.
    #[test]
    fn tables_are_of_other_versions() {
        let type_of = |name: &str| {
            let (outer, inner) = name.split_once('.').unwrap_or((name, ""));
            let found = schema::find(outer);
            if inner.is_empty() {
                return found;
            }
            found.and_then(|found| found.field(inner)?.1.types[0].schema)
        };
        for (name, member, _) in MEMBERS {
            let Some(schema) = type_of(name) else {
                panic!("{name}");
            };
            assert!(schema.member(member).is_none(), "{name}.{member}");
        }
        for (name, ..) in SHAPES {
            assert!(type_of(name).is_some(), "{name}");
        }
        for (name, _) in RESOURCES {
            assert!(!Resource::TYPE_NAMES.contains(name), "{name}");
        }
    }
}
