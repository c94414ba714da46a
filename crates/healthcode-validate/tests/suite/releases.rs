//! Payloads of STU3, R4B and R5, each by its own release, and how the release is found.

use healthcode_core::{Issue, Release, Released, Severity};
use healthcode_json::stream::Kind;
use healthcode_releases::{R4b, R5, Stu3};
use healthcode_validate::{FhirVersion, Policy, Supported, Validator};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

static RELEASES: [Supported; 3] = [
    Supported::of::<Stu3>(),
    Supported::of::<R4b>(),
    Supported::of::<R5>(),
];

fn validator(version: FhirVersion) -> Validator {
    Validator::new(Policy::R4).fhir_version(version, &RELEASES)
}

/// The errors of a payload: rules and paths.
fn errors(version: FhirVersion, text: &str) -> Vec<(&'static str, String)> {
    let issues = validator(version).check(text.as_bytes(), None);
    let issues = issues.unwrap_or_else(|error| panic!("{error}: {text}"));
    let is_error = |issue: &Issue| issue.severity >= Severity::Error;
    let errors = issues.into_iter().filter(is_error);
    errors.map(|issue| (issue.rule.id, issue.path)).collect()
}

/// Payloads of STU3 that are as they should be.
const GOOD: &[(&str, &str)] = &[
    (
        "patient",
        r#"{"resourceType":"Patient","id":"p","identifier":[{"use":"usual","system":"http://a.b/c","value":"1"}],"active":true,"name":[{"use":"official","family":"Quill","given":["Ada"]}],"telecom":[{"system":"phone","value":"1","use":"home","rank":1}],"gender":"female","birthDate":"1970-01-01","deceasedBoolean":false,"address":[{"use":"home","type":"both","line":["x"],"period":{"start":"2010-01-01","end":"2011-01-01"}}],"contact":[{"name":{"family":"x"}}],"animal":{"species":{"text":"cat"}},"communication":[{"language":{"text":"en"}}],"link":[{"other":{"reference":"Patient/2"},"type":"seealso"}]}"#,
    ),
    (
        "observation",
        r#"{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1-8"}]},"subject":{"reference":"Patient/1"},"context":{"reference":"Encounter/1"},"effectiveDateTime":"2018-01-01T10:00:00Z","issued":"2018-01-01T10:00:00Z","valueQuantity":{"value":1.5,"unit":"mm","system":"http://unitsofmeasure.org","code":"mm"},"comment":"c","related":[{"type":"has-member","target":{"reference":"Observation/2"}}],"component":[{"code":{"text":"a"},"valueString":"x"}]}"#,
    ),
    (
        "medicationstatement",
        r#"{"resourceType":"MedicationStatement","id":"m","status":"active","medicationCodeableConcept":{"text":"x"},"effectivePeriod":{"start":"2018-01-01"},"dateAsserted":"2018-01-01","subject":{"reference":"Patient/1"},"taken":"y","dosage":[{"sequence":1,"text":"x","timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},"doseQuantity":{"value":1}}]}"#,
    ),
    (
        "procedurerequest",
        r#"{"resourceType":"ProcedureRequest","id":"r","status":"active","intent":"order","priority":"routine","code":{"text":"x"},"subject":{"reference":"Patient/1"},"occurrenceDateTime":"2018-01-01","requester":{"agent":{"reference":"Practitioner/1"},"onBehalfOf":{"reference":"Organization/1"}}}"#,
    ),
    (
        "appointment",
        r#"{"resourceType":"Appointment","id":"a","status":"booked","start":"2018-01-01T10:00:00Z","end":"2018-01-01T11:00:00Z","participant":[{"actor":{"reference":"Patient/1"},"required":"required","status":"accepted"}]}"#,
    ),
    (
        "condition",
        r#"{"resourceType":"Condition","id":"c","clinicalStatus":"resolved","verificationStatus":"confirmed","code":{"text":"x"},"subject":{"reference":"Patient/1"},"onsetDateTime":"2017-01-01","abatementDateTime":"2018-01-01","assertedDate":"2017-01-02","evidence":[{"code":[{"text":"x"}]}],"stage":{"summary":{"text":"x"}}}"#,
    ),
    (
        "encounter",
        r#"{"resourceType":"Encounter","id":"e","status":"finished","class":{"system":"http://hl7.org/fhir/v3/ActCode","code":"AMB"},"subject":{"reference":"Patient/1"},"period":{"start":"2018-01-01","end":"2018-01-02"},"location":[{"location":{"reference":"Location/1"},"status":"completed"}]}"#,
    ),
    (
        "allergy",
        r#"{"resourceType":"AllergyIntolerance","id":"i","clinicalStatus":"active","verificationStatus":"confirmed","type":"allergy","category":["food"],"criticality":"low","code":{"text":"x"},"patient":{"reference":"Patient/1"},"assertedDate":"2018","reaction":[{"manifestation":[{"text":"x"}],"severity":"mild"}]}"#,
    ),
    (
        "bundle",
        r#"{"resourceType":"Bundle","id":"b","type":"searchset","total":1,"link":[{"relation":"self","url":"http://a.b/Patient"}],"entry":[{"fullUrl":"http://a.b/Patient/1","resource":{"resourceType":"Patient","id":"1"},"search":{"mode":"match"}}]}"#,
    ),
    (
        "organization",
        r##"{"resourceType":"Organization","id":"g","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},"contained":[{"resourceType":"Organization","id":"o2","name":"y"}],"name":"x","telecom":[{"system":"email","value":"a@b","use":"work"}],"partOf":{"reference":"#o2"}}"##,
    ),
];

/// Defects: in which payload, what is replaced by what, and the rule and path of the error.
#[rustfmt::skip]
const DEFECTS: &[(&str, &str, &str, &str, &str)] = &[
    ("patient", r#""usual""#, r#""old""#, "R4-BINDING-REQUIRED", "Patient.identifier[0].use"),
    ("patient", r#""official""#, r#""legal""#, "R4-BINDING-REQUIRED", "Patient.name[0].use"),
    ("patient", r#""phone""#, r#""telephone""#, "R4-BINDING-REQUIRED", "Patient.telecom[0].system"),
    ("patient", r#""rank":1"#, r#""rank":0"#, "R4-INTEGER-RANGE", "Patient.telecom[0].rank"),
    ("patient", r#""female""#, r#""woman""#, "R4-BINDING-REQUIRED", "Patient.gender"),
    ("patient", "1970-01-01", "1970-13-01", "R4-DATE", "Patient.birthDate"),
    ("patient", r#""both""#, r#""billing""#, "R4-BINDING-REQUIRED", "Patient.address[0].type"),
    ("patient", r#""end":"2011-01-01""#, r#""end":"2009-01-01""#, "per-1", "Patient.address[0].period"),
    ("patient", r#""name":{"family":"x"}"#, r#""id":"x""#, "ele-1", "Patient.contact[0]"),
    ("patient", r#""species":{"text":"cat"}"#, r#""breed":{"text":"x"}"#, "R4-REQUIRED", "Patient.animal.species"),
    ("patient", r#""language":{"text":"en"}"#, r#""preferred":true"#, "R4-REQUIRED", "Patient.communication[0].language"),
    ("patient", r#""seealso""#, r#""also""#, "R4-BINDING-REQUIRED", "Patient.link[0].type"),
    ("patient", r#""family":"Quill""#, r#""family":["Quill"]"#, "FHIR-ARRAY-UNEXPECTED", "Patient.name[0].family"),
    ("patient", r#""given":["Ada"]"#, r#""given":"Ada""#, "FHIR-ARRAY-EXPECTED", "Patient.name[0].given"),
    ("patient", r#""active":true"#, r#""active":"true""#, "FHIR-JSON-TYPE", "Patient.active"),
    ("patient", r#""id":"p""#, r#""id":"p q""#, "R4-ID", "Patient.id"),
    ("patient", r#""Patient/2""#, r#""Patiant/2""#, "R4-REFERENCE-RESOURCE", "Patient.link[0].other.reference"),
    ("patient", r#""deceasedBoolean":false"#, r#""deceasedBoolean":false,"deceasedDateTime":"2018""#, "FHIR-SECOND-CHOICE", "Patient.deceasedDateTime"),
    ("patient", r#""system":"http://a.b/c""#, r#""system":"a b""#, "R4-URI", "Patient.identifier[0].system"),
    ("observation", r#""final""#, r#""done""#, "R4-BINDING-REQUIRED", "Observation.status"),
    ("observation", r#""valueQuantity":{"value":1.5"#, r#""dataAbsentReason":{"text":"x"},"valueQuantity":{"value":1.5"#, "obs-6", "Observation"),
    ("observation", r#""Patient/1""#, r#""Practitioner/1""#, "R4-REFERENCE-TARGET", "Observation.subject.reference"),
    ("observation", r#""comment":"c""#, r#""comment":["c"]"#, "FHIR-ARRAY-UNEXPECTED", "Observation.comment"),
    ("observation", r#""comment":"c""#, r#""note":[{"text":"c"}]"#, "FHIR-UNKNOWN-MEMBER", "Observation.note"),
    ("observation", r#""has-member""#, r#""has-part""#, "R4-BINDING-REQUIRED", "Observation.related[0].type"),
    ("observation", r#""issued":"2018-01-01T10:00:00Z""#, r#""issued":"2018-01-01""#, "R4-INSTANT", "Observation.issued"),
    ("observation", r#"10:00:00Z","issued""#, r#"10:00:00","issued""#, "R4-DATETIME", "Observation.effective"),
    ("observation", r#""system":"http://unitsofmeasure.org","code""#, r#""code""#, "qty-3", "Observation.value"),
    ("observation", r#""code":{"text":"a"},"#, "", "R4-REQUIRED", "Observation.component[0].code"),
    ("observation", r#""valueQuantity":{"#, r#""valueInteger":1,"valueQuantity":{"#, "FHIR-UNKNOWN-MEMBER", "Observation.valueInteger"),
    ("observation", r#""code":{"coding":[{"system":"http://loinc.org","code":"1-8"}]},"#, "", "R4-REQUIRED", "Observation.code"),
    ("medicationstatement", r#""taken":"y""#, r#""taken":"yes""#, "R4-BINDING-REQUIRED", "MedicationStatement.taken"),
    ("medicationstatement", r#""taken":"y","#, "", "R4-REQUIRED", "MedicationStatement.taken"),
    ("medicationstatement", r#""taken":"y""#, r#""taken":"y","reasonNotTaken":[{"text":"x"}]"#, "mst-1", "MedicationStatement"),
    ("medicationstatement", r#""periodUnit":"d""#, r#""periodUnit":"day""#, "R4-BINDING-REQUIRED", "MedicationStatement.dosage[0].timing.repeat.periodUnit"),
    ("medicationstatement", r#""sequence":1"#, r#""sequence":1.5"#, "FHIR-INTEGER", "MedicationStatement.dosage[0].sequence"),
    ("medicationstatement", r#""doseQuantity":{"value":1}"#, r#""doseAndRate":[{"doseQuantity":{"value":1}}]"#, "FHIR-UNKNOWN-MEMBER", "MedicationStatement.dosage[0].doseAndRate"),
    ("medicationstatement", r#""medicationCodeableConcept":{"text":"x"},"#, "", "R4-REQUIRED", "MedicationStatement.medication"),
    ("medicationstatement", r#""subject":{"reference":"Patient/1"}"#, r#""subject":{"reference":"Patient/1","type":"Patient"}"#, "FHIR-UNKNOWN-MEMBER", "MedicationStatement.subject.type"),
    ("procedurerequest", r#""order""#, r#""wish""#, "R4-BINDING-REQUIRED", "ProcedureRequest.intent"),
    ("procedurerequest", r#""intent":"order","#, "", "R4-REQUIRED", "ProcedureRequest.intent"),
    ("procedurerequest", r#""routine""#, r#""normal""#, "R4-BINDING-REQUIRED", "ProcedureRequest.priority"),
    ("procedurerequest", r#""agent":{"reference":"Practitioner/1"},"#, "", "R4-REQUIRED", "ProcedureRequest.requester.agent"),
    ("procedurerequest", r#""code":{"text":"x"},"#, "", "R4-REQUIRED", "ProcedureRequest.code"),
    ("procedurerequest", r#""active""#, r#""revoked""#, "R4-BINDING-REQUIRED", "ProcedureRequest.status"),
    ("appointment", r#""booked""#, r#""waitlist""#, "R4-BINDING-REQUIRED", "Appointment.status"),
    ("appointment", r#""end":"2018-01-01T11:00:00Z","#, "", "app-3", "Appointment"),
    ("appointment", r#""start":"2018-01-01T10:00:00Z","end":"2018-01-01T11:00:00Z","#, "", "app-3", "Appointment"),
    ("appointment", r#""actor":{"reference":"Patient/1"},"#, "", "app-1", "Appointment.participant[0]"),
    ("appointment", "Patient/1", "PractitionerRole/1", "R4-REFERENCE-TARGET", "Appointment.participant[0].actor.reference"),
    ("appointment", r#""accepted""#, r#""agreed""#, "R4-BINDING-REQUIRED", "Appointment.participant[0].status"),
    ("condition", r#""resolved""#, r#""active""#, "con-4", "Condition"),
    ("condition", r#""clinicalStatus":"resolved","#, "", "con-4", "Condition"),
    ("condition", r#""confirmed""#, r#""certain""#, "R4-BINDING-REQUIRED", "Condition.verificationStatus"),
    ("condition", r#""code":[{"text":"x"}]"#, r#""id":"x""#, "ele-1", "Condition.evidence[0]"),
    ("condition", r#""summary":{"text":"x"}"#, r#""id":"x""#, "ele-1", "Condition.stage"),
    ("condition", r#""resolved""#, r#"{"text":"resolved"}"#, "FHIR-JSON-TYPE", "Condition.clinicalStatus"),
    ("encounter", r#""finished""#, r#""done""#, "R4-BINDING-REQUIRED", "Encounter.status"),
    ("encounter", r#""completed""#, r#""over""#, "R4-BINDING-REQUIRED", "Encounter.location[0].status"),
    ("encounter", r#""class":{"#, r#""class":[{"#, "FHIR-ARRAY-UNEXPECTED", "Encounter.class"),
    ("encounter", r#""location":{"reference":"Location/1"},"#, "", "R4-REQUIRED", "Encounter.location[0].location"),
    ("allergy", r#""confirmed""#, r#""entered-in-error""#, "ait-2", "AllergyIntolerance"),
    ("allergy", r#""food""#, r#""meal""#, "R4-BINDING-REQUIRED", "AllergyIntolerance.category[0]"),
    ("allergy", r#""low""#, r#""none""#, "R4-BINDING-REQUIRED", "AllergyIntolerance.criticality"),
    ("allergy", r#""manifestation":[{"text":"x"}],"#, "", "R4-REQUIRED", "AllergyIntolerance.reaction[0].manifestation"),
    ("allergy", r#""mild""#, r#""light""#, "R4-BINDING-REQUIRED", "AllergyIntolerance.reaction[0].severity"),
    ("bundle", r#""searchset""#, r#""collection""#, "bdl-1", "Bundle"),
    ("bundle", r#""searchset""#, r#""search""#, "R4-BINDING-REQUIRED", "Bundle.type"),
    ("bundle", r#""search":{"mode":"match"}"#, r#""request":{"method":"GET","url":"x"}"#, "bdl-3", "Bundle"),
    ("bundle", r#""mode":"match""#, r#""mode":"hit""#, "R4-BINDING-REQUIRED", "Bundle.entry[0].search.mode"),
    ("bundle", "http://a.b/Patient/1", "http://a.b/Patient/2", "R4-FULL-URL-ID", "Bundle.entry[0].fullUrl"),
    ("bundle", r#""url":"http://a.b/Patient""#, r#""id":"x""#, "R4-REQUIRED", "Bundle.link[0].url"),
    ("organization", ">x<", "><script>x()</script><", "txt-1", "Organization.text.div"),
    ("organization", r#""generated""#, r#""made""#, "R4-BINDING-REQUIRED", "Organization.text.status"),
    ("organization", r##""#o2""##, r##""#o3""##, "ref-1", "Organization.partOf"),
    ("organization", r#""name":"x","#, "", "org-1", "Organization"),
    ("organization", r#""name":"y""#, r#""text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">y</div>"}"#, "dom-1", "Organization"),
    ("organization", r#""work""#, r#""home""#, "org-3", "Organization.telecom[0]"),
];

/// Each defect of STU3 is found, and none is reported once it is corrected.
#[test]
fn defects_of_stu3() {
    for (name, text) in GOOD {
        assert_eq!(errors(FhirVersion::Stu3, text), [], "{name}");
    }
    for (name, from, to, rule, path) in DEFECTS {
        let good = GOOD.iter().find(|(one, _)| one == name);
        let good = good.unwrap_or_else(|| panic!("{name}")).1;
        let mut bad = good.replacen(from, to, 1);
        if *from == "\"class\":{" {
            bad = bad.replace("\"AMB\"}", "\"AMB\"}]");
        }
        assert_ne!(bad, good, "{name}: {from}");
        let found = errors(FhirVersion::Stu3, &bad);
        let expected = found.iter().any(|(id, at)| id == rule && at == path);
        assert!(expected, "{name}: {from} to {to}: {found:?}");
    }
}

/// What a payload states, or has a place in, says its release; R4 is the default.
#[test]
fn releases_are_found() {
    let procedure = GOOD.iter().find(|(name, _)| *name == "procedurerequest");
    let procedure = procedure.expect("a ProcedureRequest").1;
    let other = |version, text: &str| {
        let issues = validator(version)
            .check(text.as_bytes(), None)
            .expect("JSON");
        let issue = issues.first().filter(|_| issues.len() == 1)?;
        let message = format!("{:?}", issue.detail);
        (issue.rule.id == "R4-OTHER-VERSION").then_some(message)
    };
    assert_eq!(errors(FhirVersion::Auto, procedure), []);
    assert_eq!(errors(FhirVersion::Stu3, procedure), []);
    for version in [FhirVersion::R4, FhirVersion::R4b, FhirVersion::R5] {
        let message = other(version, procedure).unwrap_or_default();
        assert!(message.contains("STU3"), "{version:?}: {message}");
    }
    // A number that the media type states.
    let goal = br#"{"resourceType":"Goal","status":"sustaining","description":{"text":"x"}}"#;
    let stated = |version| {
        let issues = validator(FhirVersion::Auto)
            .check(goal, version)
            .expect("JSON");
        issues.iter().any(|issue| issue.severity >= Severity::Error)
    };
    assert!(!stated(Some("3.0")) && stated(Some("4.0")));
    for (text, expect) in [
        (
            r#"{"resourceType":"Patient","meta":{"profile":["https://a.b/STU3/c"]},"animal":{"species":{"text":"x"}}}"#,
            true,
        ),
        (
            r#"{"resourceType":"Encounter","status":"completed","actualPeriod":{"start":"2020"}}"#,
            true,
        ),
        (
            r#"{"resourceType":"SubscriptionStatus","type":"handshake","subscription":{"reference":"Subscription/1"}}"#,
            true,
        ),
        (
            r#"{"resourceType":"Patient","birthDate":"1970-01-01"}"#,
            true,
        ),
        (
            r#"{"resourceType":"Patient","birthDay":"1970-01-01"}"#,
            false,
        ),
    ] {
        assert_eq!(errors(FhirVersion::Auto, text).is_empty(), expect, "{text}");
    }
    // Releases that are not known.
    let statement = r#"{"resourceType":"CapabilityStatement","fhirVersion":"6.0.0"}"#;
    let message = other(FhirVersion::Auto, statement).unwrap_or_default();
    assert!(message.contains("R6"), "{message}");
    // A validator of R4 alone reads everything as R4.
    let plain = Validator::new(Policy::R4).check(procedure.as_bytes(), None);
    assert!(plain.expect("JSON").len() > 1);
}

/// A Bundle decides for its entries, lines decide for themselves; in streams too, on any number of threads.
#[test]
fn streams() {
    let texts: Vec<&str> = GOOD.iter().map(|(_, text)| *text).collect();
    let patient = r#"{"resourceType":"Patient","identifier":[{"use":"old","value":"1"}]}"#;
    let lines = format!("{}\n{patient}\n", texts.join("\n"));
    let entry = |text: &&str| format!(r#"{{"resource":{text}}}"#);
    let entries = |texts: &[&str]| {
        let entries: Vec<String> = texts.iter().map(entry).collect();
        let entries = entries.join(",");
        format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{entries}]}}"#)
    };
    let count = |text: &str, threads| {
        let validator = validator(FhirVersion::Auto);
        let report = validator.stream(text.as_bytes()).threads(threads).report();
        let issues = report.expect("no error of a slice").issues;
        let wanted =
            |issue: &&Issue| issue.severity >= Severity::Error && issue.path.contains(".use");
        let found = issues.iter().filter(wanted).map(|issue| issue.path.clone());
        found.collect::<Vec<_>>()
    };
    for threads in [1, 3] {
        // In R4 an identifier may be old.
        assert_eq!(count(&lines, threads), [""; 0]);
        let bundle = entries(&[patient]);
        assert_eq!(count(&bundle, threads), [""; 0]);
        let bundle = entries(&[texts[3], patient]);
        let path = "Bundle.entry[1].resource.identifier[0].use";
        assert_eq!(count(&bundle, threads), [path]);
    }
}

/// What says the release of a payload, and of the entries of a Bundle.
#[test]
fn statements() {
    use FhirVersion::{Auto, R4, R4b, R5, Stu3};
    // An old identifier is an error in STU3 alone.
    let old = |id: &str, profile: &str| {
        let profile = match profile {
            "" => String::new(),
            url => format!(r#""meta":{{"profile":["{url}"]}},"#),
        };
        format!(
            r#"{{"resourceType":"Patient","id":"{id}",{profile}"identifier":[{{"use":"old","value":"1"}}]}}"#
        )
    };
    let stu3 = "https://fhir.nhs.uk/STU3/StructureDefinition/A-1";
    let r4 = "http://hl7.org/fhir/StructureDefinition/Patient|4.0.1";
    let bundle = |head: &str, resources: &[String]| {
        let entries: Vec<String> = ["a", "b"]
            .iter()
            .zip(resources)
            .map(|(id, resource)| {
                format!(r#"{{"fullUrl":"http://a.b/Patient/{id}","resource":{resource}}}"#)
            })
            .collect();
        let entries = entries.join(",");
        format!(r#"{{"resourceType":"Bundle",{head}"type":"collection","entry":[{entries}]}}"#)
    };
    let use_of = |index: usize| format!("Bundle.entry[{index}].resource.identifier[0].use");
    let statement = |version: &str| {
        format!(
            r#"{{"resourceType":"CapabilityStatement","status":"active","date":"2024","kind":"instance","fhirVersion":"{version}","format":["json"],"implementation":{{"description":"d"}},"rest":[{{"mode":"server"}}]}}"#
        )
    };
    let guide = |versions: &str| {
        format!(
            r#"{{"resourceType":"ImplementationGuide","url":"http://a.b/c","name":"C","status":"draft","packageId":"a.b","fhirVersion":[{versions}]}}"#
        )
    };
    let other = |of: &str| vec![of.to_owned()];
    for (version, text, expect) in [
        // Entries that state another release are of that one.
        (Auto, bundle("", &[old("a", stu3), old("b", "")]), vec![use_of(0), use_of(1)]),
        (Auto, bundle("", &[old("a", stu3), old("b", r4)]), vec![use_of(0)]),
        (Auto, bundle("", &[old("a", r4), old("b", stu3)]), vec![use_of(1)]),
        (
            Auto,
            bundle(&format!(r#""meta":{{"profile":["{stu3}"]}},"#), &[old("a", r4), old("b", "")]),
            vec![use_of(1)],
        ),
        // A Bundle has members of its own that say the release.
        (
            Auto,
            bundle(
                r#""issues":{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]},"#,
                &[old("a", "")],
            ),
            vec![],
        ),
        // What states another release than was requested is one error.
        (R4, old("a", stu3), other("Patient")),
        (Stu3, old("a", r4), other("Patient")),
        (R5, old("a", r4), other("Patient")),
        (R4b, old("a", r4), vec![]),
        (R4, statement("5.0.0"), other("CapabilityStatement")),
        (Auto, statement("5.0.0"), vec![]),
        // Examples of STU3 state 1.0.2 too, which R4's list of versions has: the number decides nothing.
        (Auto, statement("1.0.2"), vec![]),
        (Auto, guide(r#""4.3.0""#), vec![]),
        (Auto, guide(r#""4.0.1""#), vec![]),
        (Auto, guide(r#""6.0.0""#), other("ImplementationGuide")),
        (Auto, guide(r#""4.0.1","5.0.0""#), vec!["ImplementationGuide.fhirVersion[1]".to_owned()]),
        // In XML, what repeats in one release alone.
        (
            Auto,
            r#"<Composition xmlns="http://hl7.org/fhir"><status value="final"/><type><text value="x"/></type><subject><reference value="Patient/1"/></subject><date value="2018"/><author><reference value="Practitioner/1"/></author><title value="t"/><attester><mode value="legal"/><mode value="official"/></attester></Composition>"#.to_owned(),
            vec![],
        ),
        (
            Auto,
            r#"<Patient xmlns="http://hl7.org/fhir"><active value="true"/><active value="false"/></Patient>"#.to_owned(),
            vec!["Patient.active".to_owned()],
        ),
    ] {
        let paths: Vec<String> = errors(version, &text).into_iter().map(|found| found.1).collect();
        assert_eq!(paths, expect, "{version:?}: {text}");
    }
}

/// A reference in a `CodeableReference` refers to what the element states.
#[test]
fn targets_of_codeable_references() {
    let procedure = |reason: &str| {
        format!(
            r#"{{"resourceType":"Procedure","status":"completed","subject":{{"reference":"Patient/1"}},"reason":[{reason}]}}"#
        )
    };
    let path = "Procedure.reason[0].reference.reference";
    for (reason, expect) in [
        (r#"{"reference":{"reference":"Condition/1"}}"#, None),
        (r#"{"concept":{"text":"x"}}"#, None),
        (r#"{"reference":{"reference":"Patient/1"}}"#, Some(path)),
        (
            r#"{"reference":{"type":"Patient","identifier":{"value":"1"}}}"#,
            Some("Procedure.reason[0].reference.type"),
        ),
        (
            r#"{"concept":{"text":"x","extension":[{"url":"http://a.b/c","valueReference":{"reference":"Patient/1"}}]},"reference":{"reference":"Encounter/1"}}"#,
            Some(path),
        ),
    ] {
        let found = errors(FhirVersion::R5, &procedure(reason));
        let paths: Vec<&str> = found.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(paths, expect.into_iter().collect::<Vec<_>>(), "{reason}");
    }
}

/// R5, and whether its tables were requested.
struct Watched;

static WAS_REQUESTED: AtomicBool = AtomicBool::new(false);

impl Released for Watched {
    fn release() -> &'static Release {
        WAS_REQUESTED.store(true, Ordering::Relaxed);
        R5::release()
    }
    fn name() -> &'static str {
        R5::name()
    }
    fn may_have_member(name: &str) -> bool {
        R5::may_have_member(name)
    }
}

#[test]
fn releases_are_unpacked_only_where_they_may_define_more() {
    static SUPPORTED: [Supported; 1] = [Supported::of::<Watched>()];
    let patient = |members: &str| format!(r#"{{"resourceType":"Patient"{members}}}"#);
    let bundle = |members: &str, resource: &str| {
        format!(
            r#"{{"resourceType":"Bundle","type":"collection"{members},"entry":[{{"resource":{resource}}}]}}"#
        )
    };
    let plain = patient("");
    let quirks = patient(r#","quirk":1,"_quirk":{},"more":[{}]"#);
    for (text, expect) in [
        (plain.clone(), false),
        (bundle("", &plain), false),
        (patient(r#","gender":"unknwon","id":"a b""#), false),
        (quirks.clone(), false),
        (bundle("", &quirks), false),
        (bundle(r#","quirk":1"#, &plain), false),
        (bundle(r#","issues":{}"#, &plain), true),
        (patient(r#","name":{"family":"x"}"#), true),
        (patient(r#","participant":[]"#), true),
        (bundle("", &patient(r#","valueFoo":1"#)), true),
        (patient("").replace("Patient", "Transport"), true),
    ] {
        WAS_REQUESTED.store(false, Ordering::Relaxed);
        let validator = Validator::new(Policy::R4).fhir_version(FhirVersion::Auto, &SUPPORTED);
        validator.stream(text.as_bytes()).report().unwrap();
        assert_eq!(WAS_REQUESTED.load(Ordering::Relaxed), expect, "{text}");
    }
}

#[test]
fn many_names_are_looked_up_in_little_time() {
    let line = |number| format!(r#"{{"resourceType":"Patient","quirk{number}":1}}"#);
    let lines: Vec<String> = (0..2_000).map(line).collect();
    let text = lines.join("\n");
    let start = Instant::now();
    let validator = validator(FhirVersion::Auto);
    let stream = validator.stream(text.as_bytes()).kind(Kind::Ndjson);
    assert_eq!(stream.report().unwrap().issues.len(), lines.len());
    // Going through the tables of all releases for each name takes minutes.
    assert!(start.elapsed() < Duration::from_secs(20));
}
