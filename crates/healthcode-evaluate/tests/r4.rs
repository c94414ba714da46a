//! R4's search parameters by their expressions: each type over each data type, composites, reverse chains,
//! what is included, and parts of resources.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_evaluate::Index;
use healthcode_r4::Bundle;
use healthcode_search::{Captured, Scope};

fn bundle(resources: &str) -> Bundle {
    let entry = |line: &str| match line.trim().split_once(" @ ") {
        Some((url, resource)) => format!(r#"{{"fullUrl": "{url}", "resource": {resource}}}"#),
        None => format!(r#"{{"resource": {}}}"#, line.trim()),
    };
    let entries: Vec<_> = resources.trim().lines().map(entry).collect();
    let json = format!(
        r#"{{"resourceType": "Bundle", "type": "collection", "entry": [{}]}}"#,
        entries.join(",")
    );
    healthcode_json::from_slice(json.as_bytes()).unwrap().value
}

/// The ids that are found, `?` before those that are not known to match, `+` before what is included,
/// `!` before those that refer to what was not given; or the error.
fn run(bundle: &Bundle, scope: &str, query: &str) -> String {
    let scope = Scope::named(scope).unwrap();
    let captured = Captured::parse(query, Some(scope)).unwrap();
    let index = Index::new([bundle], []);
    let outcome = match index.run(&captured.query) {
        Ok(outcome) => outcome,
        Err(error) => {
            let rules = error.issues().iter().map(|issue| issue.rule.id);
            return rules.collect::<Vec<_>>().join(" ");
        }
    };
    let id = |hit: &healthcode_evaluate::Hit<'_>| hit.resource.id().unwrap_or("-").to_owned();
    let found = outcome.entries.iter().map(id);
    let unknown = outcome
        .unknown
        .iter()
        .map(|unknown| format!("?{}", id(&unknown.hit)));
    let included = outcome
        .included
        .iter()
        .map(|resource| format!("+{}", id(resource)));
    let missing = outcome
        .missing
        .iter()
        .map(|reference| format!("!{}", id(reference)));
    let all = found.chain(unknown).chain(included).chain(missing);
    all.collect::<Vec<_>>().join(" ")
}

fn check(bundle: &Bundle, cases: &[(&str, &str, &str)]) {
    let wrong = cases.iter().filter_map(|(scope, query, expect)| {
        let found = run(bundle, scope, query);
        (found != *expect).then(|| format!("{scope}?{query}: {found:?}, not {expect:?}"))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const RECORDS: &str = r##"
{"resourceType": "Observation", "id": "o1", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6", "display": "Systolic"}]}, "subject": {"reference": "Patient/p1"}, "effectiveInstant": "2025-03-01T10:30:00Z", "valueQuantity": {"value": 120, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}}
{"resourceType": "Observation", "id": "o2", "status": "final", "code": {"text": "panel"}, "subject": {"reference": "Patient/p2"}, "effectivePeriod": {"start": "2025-03-01", "end": "2025-03-04"}, "component": [{"code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}, "valueQuantity": {"value": 180, "unit": "mmHg"}}, {"code": {"coding": [{"system": "http://loinc.org", "code": "8462-4"}]}, "valueQuantity": {"value": 55, "comparator": "<"}}]}
{"resourceType": "Observation", "id": "o3", "status": "final", "code": {"coding": [{"code": "ecg"}]}, "subject": {"reference": "urn:uuid:0d9e7a48-6d6d-4e5a-a06a-0b8f5f6f1c1a"}, "effectiveTiming": {"event": ["2025-03-10", "2025-03-20"]}, "valueSampledData": {"origin": {"value": 2048}, "period": 10, "factor": 0.5, "dimensions": 1, "data": "-4 0 8 E"}}
{"resourceType": "Observation", "id": "o4", "status": "final", "code": {"coding": [{"code": "when"}]}, "subject": {"reference": "Group/p1"}, "effectiveTiming": {"repeat": {"boundsPeriod": {"start": "2024-01-01", "end": "2024-12-31"}}}, "valueDateTime": "2024-05-06", "hasMember": [{"reference": "Observation/o1"}, {"reference": "Observation/o9"}], "derivedFrom": [{"reference": "Observation/o2"}]}
{"resourceType": "Observation", "id": "o5", "status": "final", "code": {"coding": [{"code": "odd"}]}, "subject": {"identifier": {"system": "urn:nhs", "value": "9"}}, "effectiveTiming": {"repeat": {"frequency": 3}}, "valueString": "Heavy going", "specimen": {"type": "Specimen", "reference": "#s"}, "contained": [{"resourceType": "Specimen", "id": "s", "type": {"coding": [{"code": "BLD"}]}}]}
{"resourceType": "Patient", "id": "p1", "gender": "female", "name": [{"family": "Gray", "given": ["Ann"]}], "birthDate": "1970-01-01", "generalPractitioner": [{"reference": "Practitioner/d"}], "managingOrganization": {"reference": "Organization/g"}, "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en"}]}}]}
{"resourceType": "Patient", "id": "p2", "gender": "male", "name": [{"family": "Stone"}], "deceasedBoolean": true, "link": [{"other": {"reference": "Patient/p1"}, "type": "seealso"}], "managingOrganization": {"reference": "Organization/h"}}
{"resourceType": "Practitioner", "id": "d", "name": [{"family": "Doc"}], "qualification": [{"code": {"text": "MB"}, "issuer": {"reference": "Organization/g"}}]}
{"resourceType": "Organization", "id": "g", "name": "Guild", "alias": ["The Guild"], "partOf": {"reference": "Organization/h"}}
{"resourceType": "Organization", "id": "h", "name": "Head"}
{"resourceType": "AuditEvent", "id": "a", "type": {"code": "rest"}, "recorded": "2025-03-01T00:00:00Z", "outcome": "0", "agent": [{"requestor": true, "who": {"reference": "Practitioner/d"}}], "source": {"observer": {"reference": "Organization/g"}}, "entity": [{"what": {"reference": "Observation/o1"}}]}
"##;

#[test]
fn types_of_parameters() {
    check(
        &bundle(RECORDS),
        &[
            // Dates: of instants, periods, and timings, of which the outer limits count.
            ("Observation", "date=2025-03-01&status=final", "o1 ?o5"),
            ("Observation", "date=2025-03", "o1 o2 o3 ?o5"),
            ("Observation", "date=ge2025-03-20", "o3 ?o5"),
            ("Observation", "date=eb2025", "o4 ?o5"),
            ("Observation", "date=2024", "o4 ?o5"),
            ("Observation", "date:missing=true", ""),
            ("Observation", "value-date=2024-05", "o4"),
            // Quantities: numbers, comparators, sampled data by its bounds (2046 to 2052).
            ("Observation", "value-quantity=gt119", "o1 o3"),
            ("Observation", "value-quantity=lt2047", "o1 o3"),
            ("Observation", "value-quantity=ge2052", "o3"),
            ("Observation", "value-quantity=sa2045", "o3"),
            ("Observation", "value-quantity=2049", ""),
            ("Observation", "value-quantity=2e3", "o3"),
            (
                "Observation",
                "value-quantity=gt1|http://unitsofmeasure.org|mm[Hg]",
                "o1",
            ),
            ("Observation", "value-quantity=gt1||mmHg", "o1"),
            ("Observation", "component-value-quantity=lt55", "o2"),
            ("Observation", "component-value-quantity=55", ""),
            ("Observation", "combo-value-quantity=gt100||mmHg", "o1 o2"),
            // Strings and tokens.
            ("Observation", "value-string=heavy", "o5"),
            ("Observation", "value-string:contains=GOING", "o5"),
            ("Observation", "combo-code=http://loinc.org|", "o1 o2"),
            ("Observation", "code:text=syst", "o1"),
            ("Observation", "code:not=8480-6", "o2 o3 o4 o5"),
            ("Patient", "language=en", "p1"),
            ("Patient", "deceased=true", "p2"),
            ("Patient", "_id=P1", ""),
            ("Organization", "name=the guild", "g"),
            ("Organization", "name:exact=the guild", ""),
            // References: by type, and what is unknown of a URN or a bare identifier.
            ("Observation", "subject=p1", "o1 o4 ?o3"),
            ("Observation", "patient=p1", "o1 ?o3"),
            ("Observation", "subject:Group=p1", "o4 ?o3"),
            ("Observation", "subject=Patient/p2", "o2 ?o3"),
            ("Observation", "subject:identifier=urn:nhs|9", "o5"),
            ("Observation", "patient:identifier=urn:nhs|9", "o5"),
            ("Observation", "patient:missing=true", "o4"),
            ("Observation", "subject:below=p1", "QUERY-UNSUPPORTED"),
            ("Patient", "general-practitioner=Practitioner/d", "p1"),
            // Composites: all parts of one element.
            ("Observation", "code-value-quantity=8480-6$gt100", "o1"),
            (
                "Observation",
                "component-code-value-quantity=http://loinc.org|8480-6$gt100",
                "o2",
            ),
            (
                "Observation",
                "component-code-value-quantity=http://loinc.org|8462-4$gt100",
                "",
            ),
            (
                "Observation",
                "combo-code-value-quantity=8480-6$gt100",
                "o1 o2",
            ),
            (
                "Observation",
                "combo-code-value-quantity=8462-4$lt60,ecg$gt2000",
                "o2",
            ),
            ("Observation", "code-value-date=when$2024-05-06", "o4"),
            ("Observation", "code-value-string=odd$heavy", "o5"),
            // Sorted by number and by reference.
            ("Observation", "_id=o1,o3&_sort=-value-quantity", "o1 o3"),
            ("Patient", "_sort=-organization", "p2 p1"),
        ],
    );
}

#[test]
fn chains() {
    check(
        &bundle(RECORDS),
        &[
            ("Observation", "subject:Patient.family=gray", "o1 ?o3 ?o5"),
            (
                "Observation",
                "patient.general-practitioner.name=doc",
                "o1 ?o3 ?o5",
            ),
            (
                "Observation",
                "patient.organization.partof.name=head",
                "o1 ?o3 ?o5",
            ),
            ("Observation", "specimen.type=BLD", "o5"),
            (
                "Observation",
                "has-member.code-value-quantity=8480-6$gt100",
                "o4",
            ),
            ("Patient", "link.gender=female", "p2"),
            ("Patient", "_has:Observation:patient:code=8480-6", "p1"),
            (
                "Patient",
                "_has:Observation:patient:combo-code=8480-6",
                "p1 p2",
            ),
            (
                "Patient",
                "_has:Observation:patient:combo-code=8480-6&_has:Observation:patient:date=ge2025-03-04",
                "p2",
            ),
            (
                "Patient",
                "_has:Observation:patient:_has:AuditEvent:entity:agent=Practitioner/d",
                "p1",
            ),
            (
                "Patient",
                "_has:Observation:patient:_has:AuditEvent:entity:agent.name=doc",
                "p1",
            ),
            (
                "Patient",
                "_has:Observation:patient:code:missing=false",
                "p1 p2",
            ),
            ("Patient", "_has:Condition:patient:code=1", "?p1 ?p2"),
            (
                "Organization",
                "_has:Patient:organization:gender=female",
                "g",
            ),
            (
                "Organization",
                "_has:Organization:partof:_has:Patient:organization:family=gray",
                "h",
            ),
            (
                "Organization",
                "_has:Patient:organization:phonetic=x",
                "QUERY-UNSUPPORTED",
            ),
        ],
    );
}

#[test]
fn what_is_included() {
    check(
        &bundle(RECORDS),
        &[
            ("Observation", "_id=o1&_include=Observation:*", "o1 +p1"),
            (
                "Observation",
                "_id=o4&_include=Observation:*",
                "o4 +o2 +o1 !o4",
            ),
            (
                "Observation",
                "_id=o4&_include=Observation:has-member:Observation",
                "o4 +o1 !o4",
            ),
            (
                "Observation",
                "_id=o1&_include=Observation:subject&_include:iterate=Patient:organization",
                "o1 +p1 +g",
            ),
            (
                "Observation",
                "_id=o1&_include=Observation:subject&_include:iterate=Patient:*&_include:iterate=Organization:partof",
                "o1 +p1 +d +g +h",
            ),
            (
                "Patient",
                "_id=p1&_include=Patient:organization&_include=Organization:partof",
                "p1 +g",
            ),
            (
                "Patient",
                "_revinclude=Observation:subject:Patient",
                "p1 p2 +o1 +o2",
            ),
            ("Patient", "_id=p1&_revinclude=Observation:*", "p1 +o1"),
            (
                "Patient",
                "_id=p1&_revinclude=Patient:link&_revinclude:iterate=Observation:patient",
                "p1 +p2 +o1 +o2",
            ),
            (
                "Organization",
                "_id=h&_revinclude:iterate=Organization:partof&_revinclude:iterate=Patient:organization",
                "h +g +p2 +p1",
            ),
        ],
    );
}

const DEFINITIONS: &str = r#"
{"resourceType": "ValueSet", "id": "v1", "status": "active", "url": "http://x.org/vs/bp", "version": "2", "compose": {"include": [{"system": "http://loinc.org", "concept": [{"code": "8480-6"}]}]}}
{"resourceType": "ValueSet", "id": "v2", "status": "active", "url": "http://x.org/vs/all", "compose": {"include": [{"system": "http://loinc.org"}]}}
{"resourceType": "ValueSet", "id": "v3", "status": "active", "url": "urn:oid:1.2.3", "compose": {"include": [{"system": "http://loinc.org", "filter": [{"property": "parent", "op": "=", "value": "x"}]}]}}
{"resourceType": "ValueSet", "id": "v4", "status": "active", "url": "http://x.org/vs/gender", "expansion": {"timestamp": "2025-01-01", "total": 2, "contains": [{"system": "http://hl7.org/fhir/administrative-gender", "code": "male", "contains": [{"system": "http://hl7.org/fhir/administrative-gender", "code": "female"}]}]}}
{"resourceType": "ValueSet", "id": "v5", "status": "draft", "url": "http://x.org/vs/cut", "expansion": {"timestamp": "2025-01-01", "total": 200, "contains": [{"system": "http://loinc.org", "code": "8480-6"}]}}
{"resourceType": "StructureDefinition", "id": "s", "url": "http://x.org/sd", "name": "S", "status": "active", "kind": "resource", "abstract": false, "type": "Patient", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient|4.0", "snapshot": {"element": [{"path": "Patient"}, {"path": "Patient.name", "base": {"path": "Patient.name"}}]}}
{"resourceType": "Library", "id": "l", "status": "active", "type": {"coding": [{"code": "logic-library"}]}, "relatedArtifact": [{"type": "depends-on", "resource": "http://x.org/lib|1.0"}, {"type": "successor", "resource": "http://x.org/next"}], "useContext": [{"code": {"code": "age"}, "valueRange": {"low": {"value": 18}, "high": {"value": 65}}}, {"code": {"code": "focus"}, "valueCodeableConcept": {"coding": [{"code": "x"}]}}]}
{"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p"}, "onsetAge": {"value": 52, "system": "http://unitsofmeasure.org", "code": "a"}, "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}}
{"resourceType": "Condition", "id": "c2", "subject": {"reference": "Patient/p"}, "onsetRange": {"low": {"value": 40}, "high": {"value": 50}}, "code": {"coding": [{"system": "http://loinc.org", "code": "1-1"}]}}
{"resourceType": "RiskAssessment", "id": "r1", "status": "final", "subject": {"reference": "Patient/p"}, "prediction": [{"probabilityDecimal": 0.02}, {"probabilityRange": {"low": {"value": 0.1}, "high": {"value": 0.2}}}]}
{"resourceType": "MolecularSequence", "id": "m", "coordinateSystem": 0, "referenceSeq": {"chromosome": {"coding": [{"code": "2"}]}, "windowStart": 5, "windowEnd": 50}, "variant": [{"start": 7, "end": 9}, {"start": 20, "end": 30}]}
{"resourceType": "Invoice", "id": "n", "status": "issued", "totalGross": {"value": 1500.00, "currency": "GBP"}}
{"resourceType": "Patient", "id": "p", "gender": "male"}
{"resourceType": "Bundle", "id": "b", "type": "document", "entry": [{"resource": {"resourceType": "Composition", "id": "x", "status": "final", "type": {"text": "t"}, "date": "2025", "author": [{"display": "me"}], "title": "T"}}]}
{"resourceType": "DocumentReference", "id": "d", "status": "current", "content": [{"attachment": {"contentType": "text/plain"}}], "relatesTo": [{"code": "replaces", "target": {"reference": "DocumentReference/e"}}]}
"#;

#[test]
fn definitions_and_amounts() {
    check(
        &bundle(DEFINITIONS),
        &[
            ("ValueSet", "url=http://x.org/vs/bp", "v1"),
            ("ValueSet", r"url=http://x.org/vs/bp\|2", "v1"),
            ("ValueSet", r"url=http://x.org/vs/bp\|3", ""),
            ("ValueSet", "url:below=http://x.org/vs/", "v1 v2 v4 v5"),
            ("ValueSet", "url:below=urn:oid:1.2", ""),
            ("ValueSet", "url:above=http://x.org/vs/bp/_history/5", "v1"),
            ("ValueSet", "reference=http://loinc.org", "v1 v2 v3"),
            ("ValueSet", "code=male,8480-6", "v1 v4 v5"),
            (
                "StructureDefinition",
                "base=http://hl7.org/fhir/StructureDefinition/Patient",
                "s",
            ),
            ("StructureDefinition", "base-path=patient.NAME", "s"),
            ("StructureDefinition", "abstract=false", "s"),
            ("Library", "depends-on=http://x.org/lib", "l"),
            ("Library", r"depends-on=http://x.org/lib\|1.0", "l"),
            ("Library", r"depends-on=http://x.org/lib\|2.0", ""),
            ("Library", "successor=http://x.org/lib", ""),
            ("Library", "context-type-quantity=age$gt60", "l"),
            ("Library", "context-type-quantity=age$gt65", ""),
            ("Library", "context-type-value=focus$x", "l"),
            ("Library", "context-type-value=age$x", ""),
            ("Condition", "onset-age=ge50", "c1 c2"),
            (
                "Condition",
                "onset-age=52|http://unitsofmeasure.org|a",
                "c1",
            ),
            ("Condition", "onset-age=sa45", "c1"),
            ("Condition", "code:in=http://x.org/vs/bp", "c1"),
            ("Condition", "code:not-in=ValueSet/v1", "c2"),
            ("Condition", "code:in=http://x.org/vs/all", "c1 c2"),
            ("Condition", "code:in=urn:oid:1.2.3", "QUERY-UNSUPPORTED"),
            (
                "Condition",
                "code:in=http://x.org/vs/cut",
                "QUERY-UNSUPPORTED",
            ),
            ("Patient", "gender:in=http://x.org/vs/gender", "p"),
            ("Patient", "gender:in=http://x.org/vs/bp", ""),
            ("RiskAssessment", "probability=0.02", "r1"),
            ("RiskAssessment", "probability=gt0.15", "r1"),
            ("RiskAssessment", "probability=gt0.2", ""),
            ("RiskAssessment", "probability=2e-2", "r1"),
            ("MolecularSequence", "variant-start=7", "m"),
            ("MolecularSequence", "variant-start=7.5", ""),
            (
                "MolecularSequence",
                "chromosome-variant-coordinate=2$ge7$le9",
                "m",
            ),
            (
                "MolecularSequence",
                "chromosome-variant-coordinate=2$7$30",
                "",
            ),
            (
                "MolecularSequence",
                "chromosome-window-coordinate=2$lt6$gt40",
                "m",
            ),
            ("Invoice", "totalgross=1500", "n"),
            ("Invoice", "totalgross=ge1500|urn:iso:std:iso:4217|GBP", "n"),
            ("Invoice", "totalgross=ge1500||EUR", ""),
            ("Bundle", "composition=x", "b"),
            ("Bundle", "composition=Composition/x", "b"),
            ("Bundle", "composition=y", ""),
            ("Bundle", "composition.title=T", "?b"),
            (
                "DocumentReference",
                "relationship=replaces$DocumentReference/e",
                "d",
            ),
            (
                "DocumentReference",
                "relationship=appends$DocumentReference/e",
                "",
            ),
            ("DocumentReference", "contenttype=text/plain", "d"),
        ],
    );
}

const WHOLE: &str = r#"
{"resourceType": "Patient", "id": "p", "meta": {"versionId": "1", "tag": [{"code": "x"}]}, "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">p</div>"}, "contained": [{"resourceType": "Channel", "id": "c", "odd": 1}, {"resourceType": "Organization", "id": "o"}], "extension": [{"url": "urn:e", "valueDecimal": 1.50}], "identifier": [{"system": "urn:s", "value": "1"}], "active": true, "name": [{"family": "Gray", "given": ["Ann", null], "_given": [null, {"id": "g"}]}], "_birthDate": {"extension": [{"url": "urn:x", "valueBoolean": true}]}, "deceasedDateTime": "2025", "multipleBirthInteger": 2, "contact": [{"gender": "male"}], "communication": [{"language": {"text": "English"}, "preferred": true}], "generalPractitioner": [{"reference": "Practitioner/d"}], "link": [{"other": {"reference": "Patient/q"}, "type": "seealso"}]}
{"resourceType": "Practitioner", "id": "d", "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">d</div>"}, "photo": [{"title": "p"}]}
{"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "c"}, "component": [{"code": {"text": "x"}, "valueInteger": 1, "interpretation": [{"text": "high"}]}]}
"#;

#[test]
fn parts_of_resources() {
    let whole = bundle(WHOLE);
    let index = Index::new([&whole], []);
    let mut out = String::new();
    for (scope, query) in [
        (
            "Patient",
            "_elements=name,deceased,contained&_include=Patient:general-practitioner",
        ),
        ("Patient", "_elements=birthDate,multipleBirth,extension"),
        (
            "Patient",
            "_summary=true&_include=Patient:general-practitioner",
        ),
        ("Patient", "_summary=text"),
        ("Patient", "_summary=data"),
        ("Patient", "_summary=false&_total=none"),
        ("Patient", "_summary=count"),
        ("Observation", "_elements=component"),
        ("Observation", "_summary=true"),
    ] {
        let scope = Scope::named(scope).unwrap();
        let query = Captured::parse(query, Some(scope)).unwrap().query;
        let mut answer = index.run(&query).unwrap().bundle(&query);
        answer.link.clear();
        let text = healthcode_json::to_string(&answer);
        out.push_str(&format!("{}\n{}\n", query.encode().unwrap().as_str(), text));
    }
    insta::assert_snapshot!(out.replace("},{\"resource\":", "},\n  {\"resource\":"));
}

#[test]
fn a_part_that_leaves_nothing_out_is_the_whole() {
    let whole = bundle(WHOLE);
    let index = Index::new([&whole], []);
    let names = "meta,implicitRules,language,text,contained,extension,modifierExtension,identifier,active,name,telecom,gender,birthDate,deceased,address,maritalStatus,multipleBirth,photo,contact,communication,generalPractitioner,managingOrganization,link";
    let scope = Scope::named("Patient").unwrap();
    let query = format!("_elements={names}");
    let query = Captured::parse(&query, Some(scope)).unwrap().query;
    let answer = index.run(&query).unwrap().bundle(&query);
    let mut part = answer.entry[0].resource.clone().unwrap();
    let patient = part.get_mut::<healthcode_r4::Patient>().unwrap();
    assert_eq!(
        patient
            .meta
            .as_mut()
            .unwrap()
            .tag
            .pop()
            .unwrap()
            .code
            .as_str(),
        Some("SUBSETTED")
    );
    assert_eq!(Some(&part), whole.entry[0].resource.as_ref());
}
