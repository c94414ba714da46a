//! Everyday tasks: finding values in a payload.

use healthcode_r4::{
    Bundle, ExtensionSlice, IdentifierSlice, Observation, ObservationValue, Organization, Patient,
    Practitioner, Resource,
};

const BUNDLE: &str = r##"{
  "resourceType": "Bundle",
  "type": "searchset",
  "entry": [
    {"fullUrl": "https://example.org/Practitioner/d1",
     "resource": {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Ward"}],
       "identifier": [{"system": "https://fhir.hl7.org.uk/Id/gmc-number", "value": "1234567"}]}},
    {"resource": {"resourceType": "Observation", "id": "o1", "status": "final",
       "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
       "performer": [{"reference": "https://example.org/Practitioner/d1"}],
       "valueQuantity": {"value": 71.50, "unit": "kg"}}},
    {"resource": {"resourceType": "Patient", "id": "p1",
       "contained": [{"resourceType": "Organization", "id": "gp", "name": "The Surgery"}],
       "managingOrganization": {"reference": "#gp"},
       "_birthDate": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
         "valueCode": "asked-declined"}]}}}
  ]
}"##;

fn main() {
    let read = healthcode_json::from_str::<Bundle>(BUNDLE).expect("the text is JSON");
    assert!(read.is_valid(), "{:?}", read.issues);
    let bundle = read.value;

    // Task 3: the practitioners of a Bundle. Task 4: an identifier by its system.
    for practitioner in bundle.resources::<Practitioner>() {
        let gmc = practitioner
            .identifier
            .value_in("https://fhir.hl7.org.uk/Id/gmc-number");
        assert_eq!(gmc, Some("1234567"));
    }

    for observation in bundle.resources::<Observation>() {
        assert_eq!(weight(observation).as_deref(), Some("71.50 kg"));

        // Task 7: what a reference in the Bundle points at.
        let performer = bundle.resolve(&observation.performer[0]);
        let resource = performer.and_then(|entry| entry.resource.as_ref());
        assert!(
            matches!(resource, Some(Resource::Practitioner(doctor)) if doctor.name[0].family == "Ward")
        );
    }

    for patient in bundle.resources::<Patient>() {
        assert_eq!(surgery(patient), Some("The Surgery"));
        let url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
        let reason = patient
            .birth_date
            .extension()
            .by_url(url)
            .and_then(|e| e.text());
        assert_eq!(reason, Some("asked-declined"));
    }
}

/// Task 5: the value of an Observation, whichever type it has. Task 6: a decimal, exactly.
fn weight(observation: &Observation) -> Option<String> {
    let code = observation.code.as_ref()?;
    if !code.has_code("http://loinc.org", "29463-7") {
        return None;
    }
    match observation.value.as_ref()? {
        ObservationValue::Quantity(quantity) => {
            let value = quantity.value.value()?;
            // As it was written: 71.50 says more than 71.5, and is the same number.
            assert_eq!(value.scale(), 2);
            assert_eq!(value.same_value(&"71.5".into()), Some(true));
            Some(format!("{value} {}", quantity.unit.as_str()?))
        }
        ObservationValue::String(text) => text.as_str().map(str::to_owned),
        _ => None,
    }
}

/// Task 8: a contained resource.
fn surgery(patient: &Patient) -> Option<&str> {
    let id = patient
        .managing_organization
        .as_ref()?
        .reference
        .as_str()?
        .strip_prefix('#')?;
    let mut contained = patient.contained.iter();
    let found = contained.find(|resource| resource.id() == Some(id))?;
    found.get::<Organization>()?.name.as_str()
}
