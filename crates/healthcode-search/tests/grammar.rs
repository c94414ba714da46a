//! R4 queries against the tables of R4's search grammar (<https://hl7.org/fhir/R4/search.html>): what is a
//! query comes back as it was, what is not is named.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_search::{Captured, Scope};

/// The ids of the errors and slips of a query, and the query as it is encoded.
fn read(resource: &str, query: &str) -> (Vec<&'static str>, String) {
    let scope = Scope::resource(resource).unwrap();
    let captured = Captured::parse(query, Some(scope)).unwrap();
    let rules = captured.issues.iter().map(|issue| issue.rule.id).collect();
    (rules, captured.query.encode_as_it_is().as_str().to_owned())
}

#[test]
fn what_is_in_the_grammar() {
    for (resource, queries) in [
        // AND by repetition, OR by comma, also with modifiers.
        (
            "Patient",
            &[
                "given=a&given=b",
                "given=a,b",
                "given:exact=a,b",
                "language=fr,en&language=es",
            ][..],
        ),
        // Escapes apply before percent-encoding.
        (
            "Observation",
            &[
                "code=a,b",
                r"code=a%5C,b",
                r"value-string=xx%5C%5Cxx",
                r"code=a%5C%7Cb",
                r"value-string=a%5C$b",
            ],
        ),
        // Tokens.
        (
            "Patient",
            &[
                "gender=male",
                "identifier=http://x.org/a%7C2345",
                "identifier=%7C2345",
                "identifier=http://x.org/a%7C",
                "active=true",
            ],
        ),
        (
            "Condition",
            &[
                "code:text=headache",
                "code:not=a",
                "code:in=http://x.org/vs",
                "code:not-in=http://x.org/vs",
                "code:above=126851005",
                "code:below=126851005",
            ],
        ),
        (
            "Patient",
            &["identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203%7CMR%7C446053"],
        ),
        // Strings.
        (
            "Patient",
            &[
                "given=eve",
                "given:contains=eve",
                "given:exact=Eve",
                "birthdate:missing=true",
            ],
        ),
        // Prefixes of numbers, dates and quantities.
        (
            "RiskAssessment",
            &[
                "probability=0.8",
                "probability=eq0.8",
                "probability=ne0.8",
                "probability=gt0.8",
                "probability=lt0.8",
                "probability=ge0.8",
                "probability=le0.8",
                "probability=sa0.8",
                "probability=eb0.8",
                "probability=ap1e2",
            ],
        ),
        (
            "Observation",
            &[
                "date=2013",
                "date=ge2013-03",
                "date=eq2013-03-14",
                "date=lt2013-03-14T10:00",
                "date=sa2013-03-14T10:00:00",
                "date=eb2013-03-14T10:00:00.5Z",
                "date=ap2013-03-14T10:00:00%2B01:00",
                "date=ge2010-01-01&date=le2011-12-31",
            ],
        ),
        (
            "Observation",
            &[
                "value-quantity=5.4%7Chttp://unitsofmeasure.org%7Cmg",
                "value-quantity=5.40e-3%7Chttp://unitsofmeasure.org%7Cg",
                "value-quantity=5.4%7C%7Cmg",
                "value-quantity=5.4",
                "value-quantity=le5.4%7Chttp://unitsofmeasure.org%7Cmg",
            ],
        ),
        // References.
        (
            "Observation",
            &[
                "subject=23",
                "subject=Patient/23",
                "subject=http://x.org/fhir/Patient/23",
                "subject:Patient=23",
                "subject:identifier=http://x.org%7C123456",
            ],
        ),
        // URIs.
        (
            "ValueSet",
            &[
                "url=http://x.org/fhir/ValueSet/123",
                "url=urn:oid:1.2.3.4.5",
                "url:below=http://x.org/fhir/",
                "url:above=http://x.org/fhir/ValueSet/123/_history/5",
            ],
        ),
        // Composites.
        (
            "Observation",
            &[
                "code-value-quantity=http://loinc.org%7C2823-3$gt5.4%7Chttp://unitsofmeasure.org%7Cmmol/L",
                "component-code-value-quantity=a$1,b$2",
            ],
        ),
        // Chains, and in reverse.
        (
            "DiagnosticReport",
            &[
                "subject.name=peter",
                "subject:Patient.name=peter",
                "subject:Patient.general-practitioner:Practitioner.name=x",
            ],
        ),
        (
            "Patient",
            &[
                "general-practitioner.name=Joe&general-practitioner:Practitioner.family=x",
                "_has:Observation:patient:code=1234-5",
                "_has:Observation:patient:_has:AuditEvent:entity:agent=MyUserId",
            ],
        ),
        // What is included: never by commas.
        (
            "MedicationRequest",
            &[
                "_include=MedicationRequest:patient",
                "_revinclude=Provenance:target",
                "_include:iterate=MedicationRequest:requester",
                "_include=MedicationRequest:subject:Patient",
            ],
        ),
        ("MedicationRequest", &["_include=MedicationRequest:%2A"]),
        // The answer's order, size and parts.
        (
            "Observation",
            &[
                "_sort=status,-date,category",
                "_count=10",
                "_count=0",
                "_total=none",
                "_total=estimate",
                "_total=accurate",
            ],
        ),
        (
            "Patient",
            &[
                "_summary=true",
                "_summary=text",
                "_summary=data",
                "_summary=count",
                "_summary=false",
                "_elements=identifier,active,link",
            ],
        ),
        (
            "Patient",
            &[
                "_contained=true",
                "_containedType=contained",
                "_id=a,b",
                "_lastUpdated=gt2010-10-01",
                "_tag=http://x.org%7Cneeds-review",
                "_profile=http://x.org/p",
                "_security=http://x.org%7CR",
                "_source=http://x.org",
            ],
        ),
        // Places: the distance and its unit may be left out.
        (
            "Location",
            &[
                "near=-83.694810%7C42.256500%7C11.20%7Ckm",
                "near=-83.694810%7C42.256500%7C11.20",
                "near=-83.694810%7C42.256500",
            ],
        ),
    ] {
        for query in queries {
            assert_eq!(
                read(resource, query),
                (vec![], (*query).to_owned()),
                "{resource}?{query}"
            );
        }
    }
}

#[test]
fn what_is_not() {
    for (resource, query, rule) in [
        // A lone backslash, and one before what needs none.
        ("Observation", r"value-string=a%5C", "QUERY-VALUE"),
        ("Observation", r"value-string=a%5Cb", "QUERY-VALUE"),
        // Modifiers of another type, or none at all.
        ("Patient", "birthdate:exact=2013", "QUERY-MODIFIER"),
        ("Patient", "gender:contains=m", "QUERY-MODIFIER"),
        ("Patient", "family:below=x", "QUERY-MODIFIER"),
        ("Patient", "family:not=x", "QUERY-MODIFIER"),
        ("Patient", "family:exact:missing=x", "QUERY-MODIFIER"),
        (
            "Observation",
            "code-value-quantity:exact=a$1",
            "QUERY-MODIFIER",
        ),
        (
            "Observation",
            "subject:Practitioner.name=x",
            "QUERY-MODIFIER",
        ),
        ("Observation", "code.name=x", "QUERY-MODIFIER"),
        ("Observation", "subject:identifier.name=x", "QUERY-MODIFIER"),
        (
            "Patient",
            "_has:Observation:code:status=x",
            "QUERY-MODIFIER",
        ),
        // Dates: filled from the left, minutes with hours.
        ("Patient", "birthdate=2013-3", "QUERY-VALUE"),
        ("Patient", "birthdate=03-14", "QUERY-VALUE"),
        ("Patient", "birthdate=2013-02-30", "QUERY-VALUE"),
        ("Patient", "birthdate=2013-03-14T10", "QUERY-VALUE"),
        ("Patient", "birthdate=ge 2013", "QUERY-VALUE"),
        ("Patient", "birthdate=xx2013", "QUERY-VALUE"),
        ("Observation", "value-quantity=5.4%7Cmg", "QUERY-VALUE"),
        ("Observation", "value-quantity=abc", "QUERY-VALUE"),
        ("RiskAssessment", "probability=high", "QUERY-VALUE"),
        ("Patient", "identifier=a%7Cb%7Cc", "QUERY-VALUE"),
        ("Observation", "code-value-quantity=a", "QUERY-VALUE"),
        ("Observation", "subject=Channel/1", "QUERY-VALUE"),
        ("Patient", "birthdate:missing=maybe", "QUERY-VALUE"),
        ("Patient", "_summary=all", "QUERY-VALUE"),
        ("Patient", "_count=ten", "QUERY-VALUE"),
        (
            "Patient",
            "_include=Patient:link,Patient:organization",
            "QUERY-VALUE",
        ),
        ("Patient", "_include=link", "QUERY-VALUE"),
        ("Patient", "_include=practitioner:location", "QUERY-VALUE"),
        ("Patient", "_sort=birthdate:desc", "QUERY-VALUE"),
        // The separators and the distance of STU3.
        ("Location", "near=42.25:-83.69", "QUERY-VALUE"),
        ("Location", "near-distance=11.20%7C%7Ckm", "QUERY-NAME"),
        ("Location", "near=42.25%7C-83.69%7C1%7Cmiles", "QUERY-VALUE"),
        (
            "Patient",
            "_summary=text&_include=Patient:link",
            "QUERY-CONTRADICTION",
        ),
        ("Patient", "given=", "QUERY-EMPTY"),
        ("Patient", "page=1", "QUERY-NAME"),
        ("Patient", "distinct-by=practitioner", "QUERY-NAME"),
    ] {
        let (rules, _) = read(resource, query);
        assert!(rules.contains(&rule), "{resource}?{query}: {rules:?}");
    }
}
