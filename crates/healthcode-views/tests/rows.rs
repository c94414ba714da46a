//! Rows of resources, as CSV and NDJSON, and values that do not fit their columns.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_core::Root;
use healthcode_r4::{Resource, schema};
use healthcode_views::{Csv, Misfit, Ndjson, RunOptions, Version, View};

const R4: Version = Version {
    number: schema::VERSION,
    find: schema::find,
};

/// The result of a run: the rows as CSV and NDJSON, what did not fit, and the error that ended it.
struct Outcome {
    csv: String,
    ndjson: String,
    misfits: Vec<String>,
    error: Option<String>,
}

/// Runs a view of this resource type and these members over a resource.
fn run(members: &str, resource: &str) -> Outcome {
    let resource = healthcode_json::from_str::<Resource>(resource)
        .unwrap()
        .value;
    let name = resource.resource_type().unwrap();
    let view = format!(r#"{{"resource": "{name}", {members}}}"#);
    let view = View::compile(&view, R4).unwrap_or_else(|findings| panic!("{findings:?}"));
    let (mut csv, mut ndjson) = (
        Csv::new(Vec::new()),
        Ndjson::new(Vec::new(), view.columns()),
    );
    let mut misfits = Vec::new();
    let mut note = |misfit: Misfit| {
        let pointer = misfit.pointer.unwrap_or_default();
        misfits.push(format!("{} {} {pointer}", misfit.column, misfit.path));
    };
    let options = RunOptions::default();
    let element = resource.as_element();
    let error = view.rows(element, &options, &mut csv, &mut note).err();
    let _ = view.rows(element, &options, &mut ndjson, &mut |_| {});
    Outcome {
        csv: String::from_utf8(csv.into_inner())
            .unwrap()
            .replace("\r\n", ";"),
        ndjson: String::from_utf8(ndjson.into_inner()).unwrap(),
        misfits,
        error: error.map(|error| error.to_string()),
    }
}

/// Checks the CSV rows of a view with these selections.
fn check(select: &str, resource: &str, expected: &str) {
    let outcome = run(&format!(r#""select": [{select}]"#), resource);
    assert_eq!(outcome.error, None, "{select}");
    assert_eq!(outcome.csv, expected, "{select}");
}

/// A column of this path, and maybe of a type.
fn column(name: &str, path: &str, of: &str) -> String {
    let of = if of.is_empty() {
        String::new()
    } else {
        format!(r#", "type": "{of}""#)
    };
    format!(r#"{{"name": "{name}", "path": "{path}"{of}}}"#)
}

const PATIENT: &str = r##"{"resourceType": "Patient", "id": "p1", "active": false,
    "name": [{"family": "Ash", "given": ["Ada", "May"]}, {"family": "Birch"}],
    "contact": [{"name": {"family": "C"}, "telecom": [{"value": "t1"}, {"value": "t2"}]}, {"name": {"family": "D"}}],
    "birthDate": "1980-02", "_gender": {"extension": [{"url": "http://a.example", "valueCode": "x"}]},
    "generalPractitioner": [{"reference": "Practitioner/g1"}], "multipleBirthInteger": 2,
    "managingOrganization": {"reference": "#o"}, "contained": [{"resourceType": "Organization", "id": "o"}]}"##;

#[test]
fn selections() {
    let id = r#"{"column": [{"name": "id", "path": "id"}]}"#;
    for (select, expected) in [
        (id.to_owned(), "p1;"),
        (
            format!(
                r#"{id}, {{"forEach": "name", "column": [{}]}}"#,
                column("f", "family", "")
            ),
            "p1,Ash;p1,Birch;",
        ),
        (
            format!(
                r#"{id}, {{"forEach": "address", "column": [{}]}}"#,
                column("c", "city", "")
            ),
            "",
        ),
        (
            format!(
                r#"{id}, {{"forEachOrNull": "address", "column": [{}]}}"#,
                column("c", "'x'", "")
            ),
            "p1,;",
        ),
        // Siblings are joined each with each; what is nested goes with its parent.
        (
            format!(
                r#"{{"forEach": "name", "column": [{}]}}, {{"forEach": "contact", "column": [{}]}}"#,
                column("a", "family", ""),
                column("b", "name.family", "")
            ),
            "Ash,C;Ash,D;Birch,C;Birch,D;",
        ),
        (
            format!(
                r#"{{"forEach": "contact", "column": [{}], "select": [{{"forEach": "telecom", "column": [{}]}}]}}"#,
                column("a", "name.family", ""),
                column("b", "value", "")
            ),
            "C,t1;C,t2;",
        ),
        // A cell of the row before does not stay.
        (
            format!(
                r#"{{"forEach": "contact", "column": [{}], "select": [{{"forEachOrNull": "telecom", "column": [{}, {}]}}]}}"#,
                column("a", "name.family", ""),
                column("b", "value", ""),
                column("n", "%rowIndex", "")
            ),
            "C,t1,0;C,t2,1;D,,0;",
        ),
        (
            format!(
                r#"{{"unionAll": [{{"forEach": "name", "column": [{}]}}, {{"select": [{{"forEach": "contact", "column": [{}]}}]}}]}}"#,
                column("f", "family", ""),
                column("f", "name.family", "")
            ),
            "Ash;Birch;C;D;",
        ),
        (
            format!(
                r#"{{"forEach": "name.given", "column": [{}]}}"#,
                column("g", "$this", "")
            ),
            "Ada;May;",
        ),
        (
            format!(
                r#"{{"forEach": "'a' | 'b'", "column": [{}]}}"#,
                column("g", "$this & '!'", "")
            ),
            "a!;b!;",
        ),
    ] {
        check(&select, PATIENT, expected);
    }
}

#[test]
fn paths() {
    for (path, of, expected) in [
        ("active", "boolean", "false;"),
        ("active", "string", "false;"),
        ("birthDate", "date", "1980-02;"),
        ("birthDate.lowBoundary()", "date", "1980-02-01;"),
        ("birthDate.highBoundary()", "date", "1980-02-29;"),
        ("gender", "code", ";"),
        (
            "gender.extension('http://a.example').value.ofType(code)",
            "code",
            "x;",
        ),
        ("name[1].family", "", "Birch;"),
        ("name.first().given.first()", "", "Ada;"),
        ("name.given[1]", "", "May;"),
        ("name.given.join(', ')", "", "\"Ada, May\";"),
        ("name.given.join()", "", "AdaMay;"),
        ("name.where(family = 'Birch').exists()", "boolean", "true;"),
        ("multipleBirth.ofType(integer) + 1", "integer", "3;"),
        ("multipleBirth.ofType(integer)", "decimal", "2;"),
        ("multipleBirth.ofType(boolean)", "boolean", ";"),
        ("getResourceKey()", "", "p1;"),
        ("generalPractitioner.getReferenceKey()", "", "g1;"),
        (
            "generalPractitioner.getReferenceKey(Practitioner)",
            "",
            "g1;",
        ),
        (
            "generalPractitioner.getReferenceKey('Practitioner')",
            "",
            "g1;",
        ),
        (
            "generalPractitioner.getReferenceKey(PractitionerRole)",
            "",
            ";",
        ),
        ("managingOrganization.getReferenceKey()", "", ";"),
        ("Patient.id", "", "p1;"),
        (
            "name.first()",
            "HumanName",
            "\"{\"\"family\"\":\"\"Ash\"\",\"\"given\"\":[\"\"Ada\"\",\"\"May\"\"]}\";",
        ),
        ("''", "", "\"\";"),
        ("{}", "string", ";"),
    ] {
        let select = format!(r#"{{"column": [{}]}}"#, column("c", path, of));
        check(&select, PATIENT, expected);
    }
}

#[test]
fn keys_of_references() {
    for (reference, key) in [
        ("Patient/p1", "p1"),
        ("Patient/p1/_history/2", "p1"),
        ("https://fhir.example/r4/Patient/p1", "p1"),
        ("http://fhir.example/Patient/p1/_history/1", "p1"),
        ("urn:uuid:5e0c3a0e-58a4-4a10-8c1c-333333333333", ""),
        ("urn:oid:1.2.3", ""),
        ("#p1", ""),
        ("Patient?identifier=1", ""),
        ("Patient", ""),
        ("Patient/", ""),
        ("/Patient/p1", ""),
        ("a/b/Patient/p1", ""),
        ("ftp://fhir.example/Patient/p1", ""),
        ("https://fhir.example/files/p1", ""),
        ("Patient/p 1", ""),
    ] {
        let resource = format!(
            r#"{{"resourceType": "Observation", "status": "final", "subject": {{"reference": "{reference}"}}}}"#
        );
        let select = format!(
            r#"{{"column": [{}]}}"#,
            column("k", "subject.getReferenceKey(Patient)", "")
        );
        check(&select, &resource, &format!("{key};"));
    }
}

#[test]
fn repeats() {
    const RESPONSE: &str = r#"{"resourceType": "QuestionnaireResponse", "status": "completed", "item": [
        {"linkId": "1", "item": [{"linkId": "1.1", "answer": [{"valueInteger": 4, "item": [{"linkId": "1.1.1"}]}]}]},
        {"linkId": "2", "answer": [{"item": [{"linkId": "2.1"}]}]}]}"#;
    let columns = format!(
        "{}, {}",
        column("n", "%rowIndex", ""),
        column("l", "linkId", "")
    );
    check(
        &format!(r#"{{"repeat": ["item", "answer.item"], "column": [{columns}]}}"#),
        RESPONSE,
        "0,1;1,1.1;2,1.1.1;3,2;4,2.1;",
    );
    check(
        &format!(r#"{{"repeat": ["item"], "column": [{columns}]}}"#),
        RESPONSE,
        "0,1;1,1.1;2,2;",
    );
    let endless = format!(r#""select": [{{"repeat": ["$this"], "column": [{columns}]}}]"#);
    let error = run(&endless, RESPONSE).error.unwrap();
    assert!(error.contains("`$this` does not end"), "{error}");
}

#[test]
fn lists() {
    let select = r#""select": [{"column": [{"name": "g", "path": "name.given", "collection": true},
        {"name": "a", "path": "address.city", "collection": true}]}]"#;
    let outcome = run(select, PATIENT);
    assert_eq!(outcome.csv, "\"[\"\"Ada\"\",\"\"May\"\"]\",[];");
    assert_eq!(outcome.ndjson, "{\"g\":[\"Ada\",\"May\"],\"a\":[]}\n");
    let several = run(
        r#""select": [{"column": [{"name": "g", "path": "name.given"}]}]"#,
        PATIENT,
    );
    assert!(
        several
            .error
            .unwrap()
            .starts_with("column g has several values: expected one")
    );
}

#[test]
fn values_that_do_not_fit() {
    for (value, path, of, row, misfit) in [
        (
            r#""valueInteger": 2147483648"#,
            "value.ofType(integer)",
            "integer",
            "",
            "0 Observation.value /valueInteger",
        ),
        (
            r#""valueInteger": 2147483647"#,
            "value.ofType(integer)",
            "integer",
            "2147483647",
            "",
        ),
        (
            r#""valueInteger": "7""#,
            "value.ofType(integer)",
            "integer",
            "",
            "0 Observation.value /valueInteger",
        ),
        (
            r#""effectiveDateTime": "09.05.1977""#,
            "effective.ofType(dateTime)",
            "dateTime",
            "",
            "0 Observation.effective /effectiveDateTime",
        ),
        (
            r#""effectiveDateTime": "09.05.1977""#,
            "effective.ofType(dateTime)",
            "string",
            "09.05.1977",
            "",
        ),
        (
            r#""valueQuantity": {"value": 1.5}"#,
            "value.ofType(Quantity).value",
            "integer",
            "",
            "0 Observation.value.value /valueQuantity/value",
        ),
        (
            r#""valueQuantity": {"value": 12345678901234567.1234567890}"#,
            "value.ofType(Quantity).value",
            "decimal",
            "12345678901234567.1234567890",
            "",
        ),
        (
            r#""valueQuantity": {"value": 1e2}"#,
            "value.ofType(Quantity).value",
            "decimal",
            "1e2",
            "",
        ),
        (
            r#""valueString": "x""#,
            "iif(value is string, 'x', 1)",
            "integer",
            "",
            "0 iif(value is string, 'x', 1) ",
        ),
    ] {
        let resource =
            format!(r#"{{"resourceType": "Observation", "id": "o", "status": "final", {value}}}"#);
        let members = format!(
            r#""select": [{{"column": [{}, {}]}}]"#,
            column("v", path, of),
            column("z", "'z'", "")
        );
        let outcome = run(&members, &resource);
        assert_eq!(outcome.csv, format!("{row},z;"), "{value} {path}");
        let found: Vec<&str> = outcome.misfits.iter().map(String::as_str).collect();
        let found = found.join("; ");
        assert!(
            found.starts_with(misfit) && found.is_empty() == misfit.is_empty(),
            "{value}: {found}"
        );
    }
}

#[test]
fn each_value_that_does_not_fit_has_its_place() {
    let components: Vec<String> = (0..300)
        .map(|index| format!(r#"{{"valueDateTime": "no{index}"}}"#))
        .collect();
    let resource = format!(
        r#"{{"resourceType": "Observation", "component": [{}]}}"#,
        components.join(",")
    );
    let of = column("t", "value.ofType(dateTime)", "dateTime");
    let select = format!(r#""select": [{{"forEach": "component", "column": [{of}]}}]"#);
    let outcome = run(&select, &resource);
    let expected: Vec<String> = (0..300)
        .map(|index| {
            format!("0 Observation.component[{index}].value /component/{index}/valueDateTime")
        })
        .collect();
    assert_eq!(outcome.misfits, expected);
}

#[test]
fn conditions_and_constants() {
    let select = r#""select": [{"column": [{"name": "id", "path": "id"}]}]"#;
    for (condition, kept) in [
        ("active = false", true),
        ("active", false),
        ("deceased.ofType(boolean)", false),
        ("name.family contains %who", true),
        ("birthDate < %limit", true),
        ("%no", false),
    ] {
        let members = format!(
            r#""constant": [{{"name": "who", "valueString": "Ash"}}, {{"name": "limit", "valueDate": "1985-01-01"}},
                {{"name": "no", "valueBoolean": false}}],
            "where": [{{"path": "{condition}"}}], {select}"#
        );
        let outcome = run(&members, PATIENT);
        assert_eq!(outcome.error, None, "{condition}");
        assert_eq!(outcome.csv == "p1;", kept, "{condition}");
    }
    for (of, value, row) in [
        ("Decimal", "1.50", "1.50"),
        ("Date", "\"2024-02\"", "2024-02"),
        (
            "DateTime",
            "\"2024-02-29T10:00:00+01:00\"",
            "2024-02-29T10:00:00+01:00",
        ),
        (
            "Instant",
            "\"2024-02-29T10:00:00.120Z\"",
            "2024-02-29T10:00:00.120Z",
        ),
        ("UnsignedInt", "0", "0"),
        ("Boolean", "false", "false"),
        ("String", "\"a, b\"", "\"a, b\""),
        ("Integer64", "9007199254740993", "9007199254740993"),
    ] {
        let members = format!(
            r#""constant": [{{"name": "c", "value{of}": {value}}}], "select": [{{"column": [{{"name": "v", "path": "%c"}}]}}]"#
        );
        assert_eq!(run(&members, PATIENT).csv, format!("{row};"), "{of}");
    }
}

#[test]
fn resources_of_other_types_have_no_rows() {
    let view = r#"{"resource": "Patient", "select": [{"column": [{"name": "id", "path": "id"}]}]}"#;
    let view = View::compile(view, R4).unwrap();
    let other = r#"{"resourceType": "Basic", "id": "b", "contained": [{"resourceType": "Patient", "id": "c"}]}"#;
    let other = healthcode_json::from_str::<Resource>(other).unwrap().value;
    let mut csv = Csv::new(Vec::new());
    csv.header(view.columns()).unwrap();
    view.rows(
        other.as_element(),
        &RunOptions::default(),
        &mut csv,
        &mut |_| {},
    )
    .unwrap();
    assert_eq!(csv.into_inner(), b"id\r\n");
}

/// Values that only some of the types of their columns take.
#[test]
fn types_of_columns() {
    let union = |first: &str, second: &str| {
        format!(r#"{{"unionAll": [{{"column": [{first}]}}, {{"column": [{second}]}}]}}"#)
    };
    // What no branch states is what the values of all branches are.
    for (first, second, expected) in [
        (
            column("v", "multipleBirth.ofType(integer)", ""),
            column("v", "name.first().family", ""),
            "2;Ash;",
        ),
        (
            column("v", "active", ""),
            column("v", "birthDate", ""),
            "false;1980-02;",
        ),
        (
            column("v", "multipleBirth.ofType(integer)", ""),
            column("v", "0.50", ""),
            "2;0.50;",
        ),
        (
            column("v", "birthDate", ""),
            column("v", "@2024-01-01T10:00:00Z", ""),
            "1980-02;2024-01-01T10:00:00Z;",
        ),
        (
            column("v", "'x'", ""),
            column("v", "multipleBirth.ofType(integer)", "integer"),
            "x;2;",
        ),
    ] {
        let select = union(&first, &second);
        let outcome = run(&format!(r#""select": [{select}]"#), PATIENT);
        let expected = expected.replace(
            "x;",
            if second.contains(r#""integer""#) {
                ";"
            } else {
                "x;"
            },
        );
        assert_eq!(outcome.csv, expected, "{select}");
    }
    for (path, of, expected, fits) in [
        ("multipleBirth.ofType(integer)", "positiveInt", "2", true),
        (
            "multipleBirth.ofType(integer) - 2",
            "positiveInt",
            "null",
            false,
        ),
        (
            "multipleBirth.ofType(integer) - 2",
            "unsignedInt",
            "0",
            true,
        ),
        (
            "multipleBirth.ofType(integer) - 3",
            "unsignedInt",
            "null",
            false,
        ),
        (
            "4.50 'mg'",
            "Quantity",
            r#"{"value":4.50,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}"#,
            true,
        ),
        ("contact.first().name", "Address", "null", false),
        ("contact.first().name", "Element", r#"{"family":"C"}"#, true),
        (
            "generalPractitioner.where(resolve() is Practitioner).reference",
            "string",
            r#""Practitioner/g1""#,
            true,
        ),
        ("managingOrganization.resolve().id", "id", r#""o""#, true),
        (
            "managingOrganization.resolve() is Organization",
            "boolean",
            "true",
            true,
        ),
        ("generalPractitioner.resolve().id", "id", "null", true),
    ] {
        let select = format!(r#"{{"column": [{}]}}"#, column("v", path, of));
        let outcome = run(&format!(r#""select": [{select}]"#), PATIENT);
        assert_eq!(outcome.error, None, "{path}");
        assert_eq!(outcome.ndjson, format!("{{\"v\":{expected}}}\n"), "{path}");
        assert_eq!(outcome.misfits.is_empty(), fits, "{path}");
    }
}
