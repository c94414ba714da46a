//! Small resources, each of them another, and Bundles of many that refer to each other.

use crate::generate::{FAMILIES, GIVEN, Random};
use std::fmt::Write;

const FINDINGS: &[(&str, &str, &str)] = &[
    ("8302-2", "Body Height", "cm"),
    ("29463-7", "Body Weight", "kg"),
    ("8867-4", "Heart rate", "/min"),
    ("9279-1", "Respiratory rate", "/min"),
    ("8310-5", "Body temperature", "Cel"),
];

/// So many resources, a line each: Patients and Observations by turns, none with an issue.
pub(crate) fn lines(count: usize) -> String {
    let mut random = Random(11);
    let mut out = String::with_capacity(count * 600);
    let mut patient = String::new();
    for index in 0..count {
        let id = random.uuid();
        if index % 2 == 0 {
            write_patient(&mut out, &mut random, &id);
            patient = format!("Patient/{id}");
        } else {
            write_observation(&mut out, &mut random, &id, &patient);
        }
        out.push('\n');
    }
    out
}

/// A Bundle of so many entries, every fourth a Patient, the others Observations of any of them,
/// which is somewhere before or after.
pub(crate) fn bundle(entries: usize) -> String {
    let mut random = Random(12);
    let patients = ((entries + 2) / 4).max(1) as u64;
    let patient = |number: u64| Random(number << 20).uuid();
    let mut out = String::with_capacity(entries * 620 + 100);
    out.push_str(r#"{"resourceType":"Bundle","type":"collection","entry":["#);
    for index in 0..entries {
        if index > 0 {
            out.push(',');
        }
        if index % 4 == 1 || entries == 1 {
            let id = patient(index as u64 / 4);
            let _ = write!(out, r#"{{"fullUrl":"urn:uuid:{id}","resource":"#);
            write_patient(&mut out, &mut random, &id);
        } else {
            let id = random.uuid();
            let subject = format!("urn:uuid:{}", patient(random.below(patients)));
            let _ = write!(out, r#"{{"fullUrl":"urn:uuid:{id}","resource":"#);
            write_observation(&mut out, &mut random, &id, &subject);
        }
        out.push('}');
    }
    out.push_str("]}");
    out
}

fn write_patient(out: &mut String, random: &mut Random, id: &str) {
    let (family, given) = (random.pick(FAMILIES), random.pick(GIVEN));
    let gender = random.pick(&["female", "male", "other", "unknown"]);
    let _ = write!(
        out,
        r#"{{"resourceType":"Patient","id":"{id}","meta":{{"versionId":"1","lastUpdated":"{}"}},"identifier":[{{"use":"usual","system":"https://example.org/patients","value":"{:08}"}}],"active":true,"name":[{{"use":"official","family":"{family}","given":["{given}"]}}],"telecom":[{{"system":"phone","value":"020 7946 {:04}","use":"home"}}],"gender":"{gender}","birthDate":"{}-{:02}-{:02}","address":[{{"use":"home","line":["{} High Street"],"city":"Leeds","postalCode":"LS1 {}AA","country":"GB"}}]}}"#,
        random.date_time(),
        random.below(100_000_000),
        random.below(10_000),
        1930 + random.below(90),
        1 + random.below(12),
        1 + random.below(28),
        1 + random.below(200),
        random.below(10),
    );
}

fn write_observation(out: &mut String, random: &mut Random, id: &str, subject: &str) {
    let (code, display, unit) = random.pick(FINDINGS);
    let _ = write!(
        out,
        r#"{{"resourceType":"Observation","id":"{id}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}","display":"{display}"}}],"text":"{display}"}},"subject":{{"reference":"{subject}"}},"effectiveDateTime":"{}","valueQuantity":{{"value":{}.{},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{unit}"}}}}"#,
        random.date_time(),
        random.below(200),
        random.below(10_000),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use healthcode_r4::{Bundle, Resource};
    use healthcode_validate::{Policy, Validator};
    use std::collections::HashSet;

    #[test]
    fn no_resource_has_an_issue_or_a_twin() {
        let validator = Validator::new(Policy::R4);
        let text = lines(200);
        for line in text.lines() {
            let report = validator.read::<Resource>(line.as_bytes()).unwrap();
            assert_eq!(report.issues, [], "{line}");
        }
        assert_eq!(text.lines().collect::<HashSet<_>>().len(), 200);
    }

    #[test]
    fn bundles_refer_to_their_entries() {
        let validator = Validator::new(Policy::R4);
        for entries in [1, 2, 4, 5, 6, 7, 100] {
            let text = bundle(entries);
            let report = validator.read::<Bundle>(text.as_bytes()).unwrap();
            assert_eq!(report.value.entry.len(), entries);
            assert_eq!(report.issues, [], "{entries}");
        }
    }
}
