//! Everyday tasks: making resources.

use healthcode_r4::codes::{AdministrativeGender, BundleType, ObservationStatus};
use healthcode_r4::{
    Bundle, BundleEntry, CodeableConcept, Extension, HumanName, Identifier, Observation,
    ObservationValue, Patient, Quantity, Reference, Resource, list,
};

const NHS: &str = "https://fhir.nhs.uk/Id/nhs-number";
const BIRTH_TIME: &str = "http://hl7.org/fhir/StructureDefinition/patient-birthTime";

fn main() {
    let patient = patient();
    assert_eq!(
        healthcode_json::to_string(&patient),
        concat!(
            r#"{"resourceType":"Patient","id":"p1","#,
            r#""identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000009"}],"#,
            r#""active":true,"name":[{"family":"Chalmers","given":["Peter","James"]}],"#,
            r#""gender":"male","birthDate":"1974-12-25","_birthDate":{"extension":[{"#,
            r#""url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","#,
            r#""valueString":"about noon"}]},"deceasedBoolean":false}"#,
        ),
    );
    let bundle = Bundle {
        type_: BundleType::Collection.into(),
        entry: list![BundleEntry::from(patient), BundleEntry::from(weight())],
        ..Bundle::default()
    };
    let json = healthcode_json::to_vec_pretty(&Resource::from(bundle));
    let read = healthcode_json::from_slice::<Bundle>(&json).expect("what was written is JSON");
    assert!(read.is_valid());
    assert_eq!(read.value.entry.len(), 2);
}

/// Task 1: a Patient. Task 2: an extension on one of its primitives.
fn patient() -> Patient {
    let mut patient = Patient {
        id: "p1".into(),
        identifier: list![Identifier::new(NHS, "9000000009")],
        active: true.into(),
        name: list![HumanName {
            family: "Chalmers".into(),
            given: list!["Peter".into(), "James".into()],
            ..HumanName::default()
        }],
        gender: AdministrativeGender::Male.into(),
        birth_date: "1974-12-25".into(),
        deceased: Some(false.into()),
        ..Patient::default()
    };
    let about_noon = Extension::new(
        BIRTH_TIME,
        healthcode_r4::OpenType::String("about noon".into()),
    );
    patient.birth_date.extension_mut().push(about_noon);
    patient
}

/// An Observation whose value keeps the precision that was measured.
fn weight() -> Observation {
    Observation {
        status: ObservationStatus::Final.into(),
        code: Some(Box::new(CodeableConcept::from_code(
            "http://loinc.org",
            "29463-7",
        ))),
        subject: Some(Box::new(Reference::to("Patient", "p1"))),
        value: Some(ObservationValue::Quantity(Box::new(Quantity::ucum(
            "71.50", "kg",
        )))),
        ..Observation::default()
    }
}
