//! Everyday tasks: changing a payload that is not what FHIR says, and losing nothing.

use healthcode_json::{from_str, to_string};
use healthcode_r4::{Patient, Resource};

const PAYLOAD: &str = r#"{"resourceType":"Patient","active":"yes","name":[{"family":"Chalmers","nick":"Pete"}],"birthDate":"25.12.1974","animal":{"weight":4.50}}"#;

fn main() {
    let read = from_str::<Patient>(PAYLOAD).expect("the text is JSON");
    let mut patient = read.value;

    // What is wrong, and where.
    let found: Vec<_> = read
        .issues
        .iter()
        .map(|issue| issue.path.as_str())
        .collect();
    assert_eq!(
        found,
        ["Patient.active", "Patient.name[0].nick", "Patient.animal"]
    );
    assert_eq!(patient.active.malformed(), Some("\"yes\""));
    assert_eq!(patient.extras.get("animal"), Some(r#"{"weight":4.50}"#));

    // Task 9: edited, and written with all that is not understood.
    patient.name[0].given.push("Peter".into());
    patient.birth_date.set("1974-12-25");
    assert_eq!(
        to_string(&patient),
        r#"{"resourceType":"Patient","active":"yes","name":[{"family":"Chalmers","given":["Peter"],"nick":"Pete"}],"birthDate":"1974-12-25","animal":{"weight":4.50}}"#,
    );

    // Corrected.
    patient.active.set(true);
    patient.extras.clear();
    assert!(!to_string(&patient).contains("animal"));

    // Task 10: a resource of a type that R4 does not define passes through.
    let channel = r#"{"resourceType":"Channel","price":1.50}"#;
    let resource = from_str::<Resource>(channel)
        .expect("the text is JSON")
        .value;
    match &resource {
        Resource::Unknown(unknown) => assert_eq!(unknown.get("price"), Some("1.50")),
        _ => unreachable!("R4 has no such type"),
    }
    assert_eq!(to_string(&resource), channel);
}
