//! Rows 31, 32 and 34 to 36 of the table of payload defects: codes, codings and extensions.

use crate::check_with;
use healthcode_core::{Detail, Severity};
use healthcode_r4::Resource;
use healthcode_validate::{Policy, Validator};

/// Checks the issues of a resource of this type with these members, which begin on line 2.
///
/// Before what an issue points at, the members have a `¶`.
#[track_caller]
fn check(kind: &str, members: &str, expected: &[(&str, &str)]) {
    check_of(&Validator::new(Policy::R4), kind, members, expected);
}

#[track_caller]
fn check_of(validator: &Validator, kind: &str, members: &str, expected: &[(&str, &str)]) {
    let marks = members.match_indices('¶').enumerate();
    let columns = marks.map(|(before, (at, _))| {
        let column = members[..at].chars().count() - before;
        column as u64 + 1
    });
    let columns: Vec<_> = columns.collect();
    assert_eq!(columns.len(), expected.len(), "marks in {members}");
    let expected: Vec<_> = expected
        .iter()
        .zip(columns)
        .map(|(&(rule, path), column)| (rule, path, 2, column))
        .collect();
    check_with(validator, &json(kind, &members.replace('¶', "")), &expected);
}

fn json(kind: &str, members: &str) -> String {
    format!("{{\"resourceType\":\"{kind}\",\n{members}}}")
}

/// The detail of the only issue.
#[track_caller]
fn detail(kind: &str, members: &str) -> Detail {
    let json = json(kind, members);
    let validator = Validator::new(Policy::R4);
    let report = validator.read::<Resource>(json.as_bytes()).unwrap();
    let [issue] = report.issues.as_slice() else {
        panic!("{:?}", report.issues);
    };
    issue.detail
}

const OBSERVATION: &str = r#""status":"final","code":{"text":"x"}"#;
const CONDITION: &str = r#""subject":{"display":"x"}"#;

/// Row 31: codes.
#[test]
fn required_codes() {
    for code in ["male", "female", "other", "unknown"] {
        check("Patient", &format!(r#""gender":"{code}""#), &[]);
    }
    for code in ["M", "Male", "MALE", "f", "trans"] {
        let expected = [("R4-BINDING-REQUIRED", "Patient.gender")];
        check("Patient", &format!(r#""gender":¶"{code}""#), &expected);
    }
    // What is no code at all is reported for that alone.
    check(
        "Patient",
        r#""gender":¶" male""#,
        &[("R4-CODE", "Patient.gender")],
    );
    check(
        "Patient",
        r#""_gender":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}"#,
        &[],
    );
    // More codes than an enumeration has; codes in lists; codes in data types.
    let at = |path| [("R4-BINDING-REQUIRED", path)];
    check(
        "Appointment",
        r#""status":¶"bookt","start":"2020-01-01T10:00:00Z","end":"2020-01-01T11:00:00Z","participant":[{"status":"accepted","actor":{"display":"x"}}]"#,
        &at("Appointment.status"),
    );
    check(
        "HealthcareService",
        r#""availableTime":[{"daysOfWeek":["mon",¶"Tue","wed"]}]"#,
        &at("HealthcareService.availableTime[0].daysOfWeek[1]"),
    );
    check(
        "Patient",
        r#""telecom":[{"system":¶"telephone","value":"1"}]"#,
        &at("Patient.telecom[0].system"),
    );
    check(
        "Invoice",
        r#""status":"issued","totalNet":{"value":1,"currency":¶"GPB"}"#,
        &at("Invoice.totalNet.currency"),
    );
    check(
        "Invoice",
        r#""status":"issued","totalNet":{"value":1,"currency":"GBP"}"#,
        &[],
    );
}

#[test]
fn what_was_meant() {
    const GENDER: &str = "http://hl7.org/fhir/ValueSet/administrative-gender";
    for (code, expected) in [
        ("M", Detail::Nearest("male")),
        ("F", Detail::Nearest("female")),
        ("FEMALE", Detail::Nearest("female")),
        ("malle", Detail::Nearest("male")),
        ("trans", Detail::Expected(GENDER)),
    ] {
        let found = detail("Patient", &format!(r#""gender":"{code}""#));
        assert_eq!(found, expected, "{code}");
    }
}

/// Row 31: concepts.
#[test]
fn required_concepts() {
    const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    let clinical = |concept: &str| format!(r#"{CONDITION},"clinicalStatus":{concept}"#);
    let coding = |code: &str| format!(r#"{{"coding":[{{"system":"{SYSTEM}","code":{code}}}]}}"#);
    check("Condition", &clinical(&coding(r#""active""#)), &[]);
    // One of several codings is enough.
    let two = format!(
        r#"{{"coding":[{{"system":"http://a.b","code":"1"}},{{"system":"{SYSTEM}","code":"active"}}]}}"#
    );
    check("Condition", &clinical(&two), &[]);
    let path = "Condition.clinicalStatus";
    let code = format!("{path}.coding[0].code");
    for (concept, rule, path) in [
        // Another case, another code, another system, no system, text alone.
        (coding(r#"¶"Active""#), "R4-BINDING-REQUIRED", code.as_str()),
        (coding(r#"¶"gone""#), "R4-BINDING-REQUIRED", code.as_str()),
        (
            r#"¶{"coding":[{"system":"http://a.b","code":"active"}]}"#.into(),
            "R4-BINDING-REQUIRED",
            path,
        ),
        (
            r#"{"coding":[{"code":¶"active"}]}"#.into(),
            "R4-CODING-WITHOUT-SYSTEM",
            code.as_str(),
        ),
        (r#"¶{"text":"active"}"#.into(), "R4-BINDING-REQUIRED", path),
    ] {
        check("Condition", &clinical(&concept), &[(rule, path)]);
    }
    let absent = r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}"#;
    check("Condition", &clinical(absent), &[]);
}

/// Row 31: extensible value sets.
#[test]
fn extensible() {
    const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus";
    let marital = |concept: &str| format!(r#""maritalStatus":{concept}"#);
    for concept in [
        format!(r#"{{"coding":[{{"system":"{SYSTEM}","code":"M"}}]}}"#),
        r#"{"text":"in a way"}"#.to_owned(),
    ] {
        check("Patient", &marital(&concept), &[]);
    }
    let severity = |kind: &str, members: &str| {
        let json = json(kind, &members.replace('¶', ""));
        let report = Validator::new(Policy::R4).read::<Resource>(json.as_bytes());
        report.unwrap().issues[0].severity
    };
    let concept = "Patient.maritalStatus";
    let code = "Patient.maritalStatus.coding[0].code";
    for (members, path, expected) in [
        // Another organisation's code: people decide whether a code of the value set fits.
        (
            r#"¶{"coding":[{"system":"http://a.b","code":"x"}]}"#.to_owned(),
            concept,
            Severity::Information,
        ),
        (
            r#"¶{"coding":[{"system":"http://a.b","code":"M"}]}"#.to_owned(),
            concept,
            Severity::Information,
        ),
        // A slip: there is no such code, or the code is another system's.
        (
            format!(r#"{{"coding":[{{"system":"{SYSTEM}","code":¶"m"}}]}}"#),
            code,
            Severity::Warning,
        ),
        (
            r#"¶{"coding":[{"system":"http://hl7.org/fhir/v3/MaritalStatus","code":"M"}]}"#
                .to_owned(),
            concept,
            Severity::Warning,
        ),
    ] {
        let members = marital(&members);
        check("Patient", &members, &[("R4-BINDING-EXTENSIBLE", path)]);
        assert_eq!(severity("Patient", &members), expected, "{members}");
    }
    // A code that its system has, and the value set has not: it may be that none there fits.
    let identifier = r#""identifier":[{"value":"1","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":¶"SS"}]}}]"#;
    let path = "Patient.identifier[0].type.coding[0].code";
    check("Patient", identifier, &[("R4-BINDING-EXTENSIBLE", path)]);
    assert_eq!(severity("Patient", identifier), Severity::Information);
    // Logical models have types of their own, other definitions have not.
    let definition = |kind: &str, base: &str| {
        format!(
            r#""url":"http://a.b","name":"A","status":"draft","abstract":false,"derivation":"specialization","differential":{{"element":[{{"id":"Own","path":"Own","definition":"x"}}]}},"kind":"{kind}","baseDefinition":"http://hl7.org/fhir/StructureDefinition/{base}","type":"#
        )
    };
    let logical = definition("logical", "Element") + r#""Own""#;
    check("StructureDefinition", &logical, &[]);
    let resource = definition("resource", "DomainResource") + r#"¶"Own""#;
    let expected = [("R4-BINDING-EXTENSIBLE", "StructureDefinition.type")];
    check("StructureDefinition", &resource, &expected);
    assert_eq!(
        severity("StructureDefinition", &resource),
        Severity::Warning
    );
}

/// Row 31: what only a grammar decides.
#[test]
fn open_sets() {
    let photo = |code: &str| format!(r#""photo":[{{"contentType":{code},"url":"http://a.b"}}]"#);
    check("Patient", &photo(r#""image/jpeg""#), &[]);
    check("Patient", &photo(r#""text/plain; charset=utf-8""#), &[]);
    for code in ["UTF-8", "jpeg", "image/"] {
        let expected = [("R4-MIME-TYPE", "Patient.photo[0].contentType")];
        check("Patient", &photo(&format!("¶\"{code}\"")), &expected);
    }
    check_of(
        &Validator::new(Policy::Healthcode),
        "Patient",
        &photo(r#"¶"UTF-8""#),
        &[("HC-CONTENT-TYPE-CHARSET", "Patient.photo[0].contentType")],
    );
    check(
        "Patient",
        r#""language":"en-GB","communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"cy"}]}}]"#,
        &[],
    );
    check(
        "Patient",
        r#""language":¶"English (UK)""#,
        &[("R4-LANGUAGE", "Patient.language")],
    );
    // Any language tag will do, but no other system.
    check(
        "Practitioner",
        r#""communication":[¶{"coding":[{"system":"http://a.b","code":"en"}]}]"#,
        &[("R4-BINDING-MAXIMUM", "Practitioner.communication[0]")],
    );
    check(
        "Practitioner",
        r#""communication":[{"coding":[{"system":"urn:ietf:bcp:47","code":¶"en_GB"}]}]"#,
        &[(
            "R4-LANGUAGE",
            "Practitioner.communication[0].coding[0].code",
        )],
    );
    let unit = |code: &str| {
        format!(
            r#""code":{{"text":"x"}},"quantitativeDetails":{{"unit":{{"coding":[{{"system":"http://unitsofmeasure.org","code":{code}}}]}}}}"#
        )
    };
    check("ObservationDefinition", &unit(r#""mm[Hg]""#), &[]);
    check(
        "ObservationDefinition",
        &unit(r#"¶"beats per minute""#),
        &[(
            "R4-UCUM",
            "ObservationDefinition.quantitativeDetails.unit.coding[0].code",
        )],
    );
}

/// Codes that name UCUM as their system, wherever they are.
#[test]
fn units() {
    const OBSERVATION: &str = r#""status":"final","code":{"text":"x"},"#;
    let ucum = r#""system":"http://unitsofmeasure.org""#;
    for (value, found) in [
        (
            format!(r#""valueQuantity":{{"value":1,{ucum},"code":"mg/dL"}}"#),
            None,
        ),
        (
            format!(r#""valueQuantity":{{"value":1,{ucum},"code":¶"beats per minute"}}"#),
            Some("Observation.value.code"),
        ),
        (
            r#""valueQuantity":{"value":1,"system":"http://a.b","code":"beats per minute"}"#.into(),
            None,
        ),
        (
            format!(r#""valueCodeableConcept":{{"coding":[{{{ucum},"code":¶"m g"}}]}}"#),
            Some("Observation.value.coding[0].code"),
        ),
    ] {
        let found: Vec<_> = found.map(|path| ("R4-UCUM", path)).into_iter().collect();
        check("Observation", &format!("{OBSERVATION}{value}"), &found);
    }
}

/// What cannot be known is reported as unknown on request.
#[test]
fn unknown_sets() {
    let check = |validator: &Validator, mark: &str, expected: &[(&str, &str)]| {
        let members = format!(
            r#""coordinateSystem":0,"structureVariant":[{{"variantType":{mark}{{"coding":[{{"system":"http://loinc.org","code":"LA6692-3"}}]}}}}]"#
        );
        check_of(validator, "MolecularSequence", &members, expected);
    };
    let path = "MolecularSequence.structureVariant[0].variantType";
    let validator = Validator::new(Policy::R4);
    check(&validator, "", &[]);
    let validator = validator.with("R4-BINDING-UNKNOWN").unwrap();
    check(&validator, "¶", &[("R4-BINDING-UNKNOWN", path)]);
    let validator = validator.without("R4-BINDING-UNKNOWN").unwrap();
    check(&validator, "", &[]);
}

/// Row 32: systems of codings.
#[test]
fn systems() {
    let coded = |coding: &str| format!(r#""status":"final","code":{{"coding":[{coding}]}}"#);
    let path = |name: &str| format!("Observation.code.coding[0].{name}");
    for good in [
        r#"{"system":"http://loinc.org","code":"1234-5"}"#,
        r#"{"system":"urn:oid:2.16.840.1","code":"x"}"#,
        r#"{"code":"x"}"#,
        r##"{"system":"#own","code":"x"}"##,
        r#"{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}"#,
        r#"{"system":"http://terminology.hl7.org/CodeSystem/of-tomorrow","code":"x"}"#,
    ] {
        check("Observation", &coded(good), &[]);
    }
    for (coding, rule, name) in [
        (
            r#"{"system":¶"loinc","code":"1"}"#,
            "R4-CODING-SYSTEM-RELATIVE",
            "system",
        ),
        (
            r#"{"system":¶"CodeSystem/x","code":"1"}"#,
            "R4-CODING-SYSTEM-RELATIVE",
            "system",
        ),
        (
            r#"{"system":¶"http://hl7.org/fhir/ValueSet/marital-status","code":"M"}"#,
            "R4-CODING-SYSTEM-IS-VALUE-SET",
            "system",
        ),
        (
            r#"{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":¶"amb"}"#,
            "R4-CODE-SYSTEM-UNKNOWN-CODE",
            "code",
        ),
    ] {
        check("Observation", &coded(coding), &[(rule, &path(name))]);
    }
}

/// Rows 34 and 35: extensions that are known, and where they may be.
#[test]
fn extensions() {
    const BASE: &str = "http://hl7.org/fhir/StructureDefinition/";
    // Marked at the url, or at the value.
    let known = |mark: &str, name: &str, value: &str| {
        format!(r#""extension":[{{"url":{mark}"{BASE}{name}",{value}}}]"#)
    };
    let place = |mark: &str| known(mark, "patient-birthPlace", r#""valueAddress":{"city":"x"}"#);
    check("Patient", &place(""), &[]);
    for (extension, rule) in [
        (
            r#"{"url":¶"http://a.b","valueString":"x"}"#,
            "R4-EXTENSION-UNKNOWN",
        ),
        (r#"{"url":¶"a","valueString":"x"}"#, "R4-EXTENSION-URL"),
    ] {
        let members = format!(r#""extension":[{extension}]"#);
        check("Patient", &members, &[(rule, "Patient.extension[0].url")]);
    }
    check(
        "Patient",
        r#""extension":[¶{"valueString":"x"}]"#,
        &[("R4-REQUIRED", "Patient.extension[0].url")],
    );
    check(
        "Observation",
        &format!("{OBSERVATION},{}", place("¶")),
        &[("R4-EXTENSION-CONTEXT", "Observation.extension[0].url")],
    );
    check(
        "Patient",
        &known("", "patient-birthPlace", r#""valueString":¶"x""#),
        &[("R4-EXTENSION-VALUE", "Patient.extension[0].value")],
    );
    let again = place("¶").replace("\"extension\":[", "");
    check(
        "Patient",
        &format!("{},{again}", place("").trim_end_matches(']')),
        &[("R4-EXTENSION-REPEATED", "Patient.extension[1].url")],
    );
    let meant = known("", "patient-birthPlaec", r#""valueString":"x""#);
    let nearest = Detail::Nearest("patient-birthPlace");
    assert_eq!(detail("Patient", &meant), nearest);

    // On primitives and data types, by type and by path.
    let time = |mark: &str| known(mark, "patient-birthTime", r#""valueDateTime":"1974-12-25""#);
    check("Patient", &format!(r#""_birthDate":{{{}}}"#, time("")), &[]);
    check(
        "Patient",
        &format!(r#""_deceasedBoolean":{{{}}}"#, time("¶")),
        &[("R4-EXTENSION-CONTEXT", "Patient.deceased.extension[0].url")],
    );
    let street = known("", "iso21090-ADXP-streetName", r#""valueString":"x""#);
    let address = format!(r#""address":[{{"line":["x"],"_line":[{{{street}}}]}}]"#);
    check("Patient", &address, &[]);
    let name = |code: &str| {
        let value = format!(r#""valueCode":{code}"#);
        let qualifier = known("", "iso21090-EN-qualifier", &value);
        format!(r#""name":[{{"given":["x"],"_given":[{{{qualifier}}}]}}]"#)
    };
    check("Patient", &name(r#""LS""#), &[]);
    let path = "Patient.name[0].given[0].extension[0].value";
    check(
        "Patient",
        &name(r#"¶"ls""#),
        &[("R4-BINDING-REQUIRED", path)],
    );
}

/// Extensions that are made of parts.
#[test]
fn parts() {
    let position = |parts: &str| {
        let url = "http://hl7.org/fhir/StructureDefinition/geolocation";
        let mark = if parts.contains('¶') { "" } else { "¶" };
        format!(r#""address":[{{"extension":[{mark}{{"url":"{url}",{parts}}}]}}]"#)
    };
    let path = "Patient.address[0].extension[0]";
    let latitude = r#"{"url":"latitude","valueDecimal":1.5}"#;
    let longitude = r#"{"url":"longitude","valueDecimal":1.5}"#;
    let list = |parts: &[&str]| format!(r#""extension":[{}]"#, parts.join(","));
    let whole = position(&list(&[latitude, longitude])).replace('¶', "");
    check("Patient", &whole, &[]);
    for (parts, rule, place) in [
        (list(&[latitude]), "R4-EXTENSION-PART-MISSING", ""),
        (
            list(&[
                latitude,
                longitude,
                r#"{"url":¶"latitud","valueDecimal":1}"#,
            ]),
            "R4-EXTENSION-PART-UNKNOWN",
            ".extension[2].url",
        ),
        (
            list(&[
                latitude,
                longitude,
                r#"{"url":¶"latitude","valueDecimal":1}"#,
            ]),
            "R4-EXTENSION-REPEATED",
            ".extension[2].url",
        ),
        (
            list(&[r#"{"url":"latitude","valueString":¶"x"}"#, longitude]),
            "R4-EXTENSION-VALUE",
            ".extension[0].value",
        ),
        (
            r#""valueString":¶"x""#.to_owned(),
            "R4-EXTENSION-VALUE",
            ".value",
        ),
    ] {
        let place = format!("{path}{place}");
        check("Patient", &position(&parts), &[(rule, &place)]);
    }
}

/// Row 36.
#[test]
fn modifier_extensions() {
    let unknown = r#"[{"url":¶"http://a.b","valueString":"x"}]"#;
    let plain = unknown.replace('¶', "");
    check(
        "Patient",
        &format!(r#""modifierExtension":{unknown}"#),
        &[(
            "R4-MODIFIER-EXTENSION-UNKNOWN",
            "Patient.modifierExtension[0].url",
        )],
    );
    check(
        "Patient",
        &format!(r#""contact":[{{"name":{{"text":"x"}},"modifierExtension":{unknown}}}]"#),
        &[(
            "R4-MODIFIER-EXTENSION-UNKNOWN",
            "Patient.contact[0].modifierExtension[0].url",
        )],
    );
    check(
        "Patient",
        &format!(r#""name":[{{"text":"x",¶"modifierExtension":{plain}}}]"#),
        &[(
            "R4-MODIFIER-EXTENSION-PLACE",
            "Patient.name[0].modifierExtension",
        )],
    );
    let order = r#""status":"active","intent":"order","dateTime":"2020","patient":{"display":"x"},"supplement":[{"quantity":{"value":1}}]"#;
    let not = |name: &str, mark: &str| {
        format!(
            r#"{order},"{name}":[{{"url":{mark}"http://hl7.org/fhir/StructureDefinition/request-doNotPerform","valueBoolean":true}}]"#
        )
    };
    check("NutritionOrder", &not("modifierExtension", ""), &[]);
    check(
        "NutritionOrder",
        &not("extension", "¶"),
        &[("R4-EXTENSION-MODIFIES", "NutritionOrder.extension[0].url")],
    );
    check(
        "Patient",
        r#""modifierExtension":[{"url":¶"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueAddress":{"city":"x"}}]"#,
        &[(
            "R4-EXTENSION-NO-MODIFIER",
            "Patient.modifierExtension[0].url",
        )],
    );
}

/// Healthcode's extensions are known under its policy, and nowhere else.
#[test]
fn healthcodes_extensions() {
    let base = "https://ref.api.healthcode.co.uk/extension";
    for (policy, name, known) in [
        (Policy::R4, "insurers", false),
        (Policy::Healthcode, "insurances", false),
        (Policy::Healthcode, "insurers", true),
    ] {
        let mark = if known { "" } else { "¶" };
        let members = format!(
            r#""extension":[{{"url":{mark}"{base}/{name}","extension":[{{"url":"{base}/insurerprovidercode","valueString":"x"}}]}}]"#
        );
        let issue = [("R4-EXTENSION-UNKNOWN", "Practitioner.extension[0].url")];
        let expected = if known { &[][..] } else { &issue };
        check_of(&Validator::new(policy), "Practitioner", &members, expected);
    }
}

/// What definitions require of the element that has the extension.
#[test]
fn context_invariants() {
    const BASE: &str = "http://hl7.org/fhir/StructureDefinition/";
    let item = |of_type: &str, more: &str, extension: &str, value: &str| {
        format!(
            r#""status":"draft","item":[{{"linkId":"1","type":"{of_type}"{more},"extension":[{{"url":¶"{BASE}{extension}",{value}}}]}}]"#
        )
    };
    let unit = r#""valueCoding":{"system":"http://unitsofmeasure.org","code":"kg"}"#;
    let wrong = [(
        "R4-EXTENSION-CONTEXT-INVARIANT",
        "Questionnaire.item[0].extension[0].url",
    )];
    for (of_type, more, extension, value, kept) in [
        ("decimal", "", "questionnaire-unit", unit, true),
        ("string", "", "questionnaire-unit", unit, false),
        (
            "integer",
            "",
            "questionnaire-sliderStepValue",
            r#""valueInteger":1"#,
            true,
        ),
        (
            "decimal",
            "",
            "questionnaire-sliderStepValue",
            r#""valueInteger":1"#,
            false,
        ),
        (
            "string",
            r#","repeats":true"#,
            "questionnaire-maxOccurs",
            r#""valueInteger":2"#,
            true,
        ),
        (
            "string",
            "",
            "questionnaire-maxOccurs",
            r#""valueInteger":1"#,
            true,
        ),
        (
            "display",
            "",
            "questionnaire-maxOccurs",
            r#""valueInteger":2"#,
            false,
        ),
        (
            "string",
            "",
            "questionnaire-maxOccurs",
            r#""valueInteger":2"#,
            false,
        ),
        (
            "string",
            r#","required":true"#,
            "questionnaire-minOccurs",
            r#""valueInteger":2"#,
            true,
        ),
        (
            "string",
            r#","required":false"#,
            "questionnaire-minOccurs",
            r#""valueInteger":2"#,
            false,
        ),
        (
            "string",
            "",
            "questionnaire-minOccurs",
            r#""valueInteger":0"#,
            true,
        ),
        (
            "string",
            r#","required":true,"repeats":true"#,
            "questionnaire-maxOccurs",
            &format!(
                r#""valueInteger":1}},{{"url":"{BASE}questionnaire-minOccurs","valueInteger":2"#
            ),
            false,
        ),
    ] {
        let members = item(of_type, more, extension, value);
        if kept {
            check("Questionnaire", &members.replace('¶', ""), &[]);
        } else {
            check("Questionnaire", &members, &wrong);
        }
    }
    let list = |mode: &str| {
        format!(
            r#""status":"current","mode":"{mode}","extension":[{{"url":¶"{BASE}list-changeBase","valueReference":{{"reference":"List/1"}}}}]"#
        )
    };
    check("List", &list("changes").replace('¶', ""), &[]);
    check(
        "List",
        &list("working"),
        &[("R4-EXTENSION-CONTEXT-INVARIANT", "List.extension[0].url")],
    );
}
