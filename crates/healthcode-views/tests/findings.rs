//! What is found to be wrong with views, and where; and views with which nothing is wrong.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_r4::schema;
use healthcode_views::{Version, View};

const R4: Version = Version {
    number: schema::VERSION,
    find: schema::find,
};

/// Checks the findings of a view, each by the start of its text; those that make it impossible to run begin with `!`.
fn check(view: &str, expected: &[&str]) {
    let findings = View::check(view, R4);
    let shown: Vec<String> = findings
        .iter()
        .map(|finding| format!("{}{finding}", if finding.fatal { "!" } else { "" }))
        .collect();
    assert_eq!(shown.len(), expected.len(), "{view}\n{shown:#?}");
    for (shown, expected) in shown.iter().zip(expected) {
        assert!(shown.starts_with(expected), "{view}\n{shown}\n{expected}");
    }
    let fatal = findings.iter().any(|finding| finding.fatal);
    assert_eq!(View::compile(view, R4).is_err(), fatal, "{view}");
}

/// Checks the findings of a view of patients with these selections.
fn select(selections: &str, expected: &[&str]) {
    check(
        &format!(r#"{{"resource":"Patient","select":[{selections}]}}"#),
        expected,
    );
}

/// Checks the findings of a column.
fn column(members: &str, expected: &[&str]) {
    select(&format!(r#"{{"column":[{{{members}}}]}}"#), expected);
}

#[test]
fn structure() {
    const ID: &str = r#"{"column":[{"name":"id","path":"id"}]}"#;
    check("{", &["!1:1: invalid JSON: EOF while parsing an object"]);
    check("[]", &["!1:1: invalid value: expected an object"]);
    check("{}", &["!1:1: missing resource", "!1:1: missing select"]);
    check(
        &format!(r#"{{"resourceType":"View","resource":"Patient","select":[{ID}]}}"#),
        &["!1:17: resourceType: invalid value: expected ViewDefinition"],
    );
    for name in [
        "ViewDefinition",
        "https://sql-on-fhir.org/ig/StructureDefinition/ViewDefinition",
    ] {
        check(
            &format!(r#"{{"resourceType":"{name}","resource":"Patient","select":[{ID}]}}"#),
            &[],
        );
    }
    check(
        &format!(
            "{{\"resource\": \"Patient\",\n \"_name\": {{\"id\": \"x\"}}, \"extension\": [],\n \"seelct\": 1, \"select\": [{ID}]}}"
        ),
        &["3:12: seelct: unknown member seelct; did you mean select?"],
    );
    check(
        &format!(r#"{{"resource":"Patinet","select":[{ID}]}}"#),
        &["!1:13: resource: unknown type Patinet: FHIR 4.0.1 has no such resource"],
    );
    check(
        &format!(r#"{{"resource":"HumanName","select":[{ID}]}}"#),
        &["!1:13: resource: unknown type HumanName"],
    );
    check(
        r#"{"resource":"Patient","select":{}}"#,
        &["!1:32: select: invalid value: expected a list"],
    );
    check(
        &format!(r#"{{"resource":"Patient","where":{{"path":"active"}},"select":[{ID}]}}"#),
        &["!1:31: where: invalid value: expected a list"],
    );
    check(
        &format!(r#"{{"resource":"Patient","resource":"Basic","select":[{ID}]}}"#),
        &["!1:34: resource: repeated member resource"],
    );
    select(
        r#"{"forEach":1}"#,
        &["!1:44: select[0].forEach: invalid value: expected a string"],
    );
    select(
        r#"{"forEach":"name"}"#,
        &["!1:33: select[0]: missing column, select or unionAll"],
    );
    select(
        r#"{"forEach":"name","repeat":["contact"],"column":[{"name":"a","path":"id"}]}"#,
        &["!1:60: select[0]: repeat is not allowed here: a select has one of forEach"],
    );
    let deep = format!("{}{ID}{}", r#"{"select":["#.repeat(40), "]}".repeat(40));
    let findings = View::check(
        &format!(r#"{{"resource":"Patient","select":[{deep}]}}"#),
        R4,
    );
    assert!(
        findings
            .iter()
            .any(|finding| finding.message.contains("at most 32 inside each other"))
    );
}

#[test]
fn columns() {
    column(
        r#""name":"id","path":"id","type":"id","description":"x","tag":[{"name":"a","value":"b"}]"#,
        &[],
    );
    column(
        r#""name":"id""#,
        &["!1:44: select[0].column[0]: missing path"],
    );
    column(
        r#""path":"id""#,
        &["!1:44: select[0].column[0]: missing name"],
    );
    column(
        r#""name":"_id","path":"id""#,
        &["!1:52: select[0].column[0].name: invalid name _id: expected a letter"],
    );
    column(
        r#""name":"a-b","path":"id""#,
        &["!1:52: select[0].column[0].name: invalid name a-b"],
    );
    column(
        r#""name":"id","path":"id","collection":"yes""#,
        &["!1:82: select[0].column[0].collection: invalid value: expected true or false"],
    );
    column(
        r#""name":"id","paths":"id""#,
        &[
            "!1:44: select[0].column[0]: missing path",
            "1:65: select[0].column[0].paths: unknown member paths; did you mean path?",
        ],
    );
    select(
        r#"{"column":[{"name":"id","path":"id"},{"name":"id","path":"gender"}]}"#,
        &[
            "!1:78: select[0].column[1]: repeated column id: expected names that differ; the other one is select[0].column[0]",
        ],
    );
}

#[test]
fn unions() {
    let union = |second: &str| {
        format!(
            r#"{{"unionAll":[{{"column":[{{"name":"v","path":"gender","type":"code"}}]}},{second}]}}"#
        )
    };
    select(
        &union(r#"{"column":[{"name":"v","path":"language","type":"code"}]}"#),
        &[],
    );
    select(
        &union(r#"{"column":[{"name":"w","path":"language"}]}"#),
        &[
            "!1:102: select[0].unionAll[1]: invalid unionAll: expected the columns of the first branch (v); found w",
        ],
    );
    select(
        &union(r#"{"select":[{"column":[{"name":"v","path":"id"},{"name":"w","path":"id"}]}]}"#),
        &[
            "!1:102: select[0].unionAll[1]: invalid unionAll: expected the columns of the first branch (v); found v, w",
        ],
    );
    select(
        &union(r#"{"column":[{"name":"v","path":"birthDate","type":"date"}]}"#),
        &["1:121: select[0].unionAll[1].column[0]: invalid unionAll: expected v of type code"],
    );
}

#[test]
fn paths() {
    let path =
        |path: &str, expected: &[&str]| column(&format!(r#""name":"a","path":"{path}""#), expected);
    path("name.first().family", &[]);
    path(
        "name.frist().family",
        &["!1:69: select[0].column[0].path: unknown function frist(); did you mean first()?"],
    );
    path(
        "name.where(use = 'official'.family",
        &["!1:98: select[0].column[0].path: invalid syntax: expected `)`"],
    );
    path(
        "name.surname",
        &["1:69: select[0].column[0].path: HumanName has no element surname"],
    );
    path(
        "name.famly",
        &["1:69: select[0].column[0].path: HumanName has no element famly; did you mean family?"],
    );
    path(
        "deceasedBoolean",
        &[
            "1:64: select[0].column[0].path: Patient has no element deceasedBoolean; in FHIRPath it is deceased.ofType(boolean)",
        ],
    );
    path("deceased.ofType(boolean)", &[]);
    path(
        "deceased.ofType(string)",
        &[
            "1:63: select[0].column[0].path: string is not allowed here: the type is one of boolean, dateTime",
        ],
    );
    path(
        "deceased.ofType(bool)",
        &["!1:63: select[0].column[0].path: unknown type bool"],
    );
    path(
        "birthDate.year",
        &["1:74: select[0].column[0].path: a date has no element year"],
    );
    path(
        "birthDate.extension('http://a.example').value.ofType(code)",
        &[],
    );
    path(
        "%nothing",
        &["!1:63: select[0].column[0].path: unknown constant %nothing"],
    );
    path("%rowIndex + 1", &[]);
    path(
        "name.where(use = 'official' and period.start > @2020).given.first()",
        &[],
    );
    path("name.select(given & ' ' & family)", &[]);
    path("contained.ofType(Organization).name.first()", &[]);
    path(
        "name.getResourceKey()",
        &["1:63: select[0].column[0].path: getResourceKey() is not allowed here"],
    );
    path(
        "name.getReferenceKey()",
        &["1:63: select[0].column[0].path: getReferenceKey() is not allowed here"],
    );
    path(
        "name",
        &[
            "1:63: select[0].column[0]: missing type: the path returns HumanName, which is not a primitive",
        ],
    );
    path(
        "name.\\u0066amly",
        &["1:63: select[0].column[0].path: HumanName has no element famly"],
    );
    // What is below forEach is relative to it.
    select(
        r#"{"forEach":"contact","column":[{"name":"a","path":"birthDate"}]}"#,
        &["1:84: select[0].column[0].path: Patient.contact has no element birthDate"],
    );
    select(
        r#"{"forEach":"contact","select":[{"column":[{"name":"a","path":"name.family"}]}]}"#,
        &[],
    );
}

#[test]
fn types() {
    let typed = |path: &str, of: &str, expected: &[&str]| {
        column(
            &format!(r#""name":"a","path":"{path}","type":"{of}""#),
            expected,
        );
    };
    for (path, of) in [
        ("active", "boolean"),
        ("active", "string"),
        ("birthDate", "dateTime"),
        ("birthDate.lowBoundary()", "date"),
        ("multipleBirth.ofType(integer)", "decimal"),
        ("name.count()", "integer"),
        ("id", "http://hl7.org/fhir/StructureDefinition/id"),
        ("maritalStatus", "CodeableConcept"),
        ("iif(active, 'a', 1)", "integer"),
        ("name.given.join('-')", "string"),
    ] {
        typed(path, of, &[]);
    }
    typed(
        "gender",
        "boolean",
        &["1:63: select[0].column[0].path: no value can be of type boolean: the path returns code"],
    );
    typed(
        "birthDate",
        "integer",
        &["1:63: select[0].column[0].path: no value can be of type integer: the path returns date"],
    );
    typed(
        "gender",
        "date",
        &["1:63: select[0].column[0].path: no value can be of type date: the path returns code"],
    );
    typed(
        "name.exists()",
        "integer",
        &[
            "1:63: select[0].column[0].path: no value can be of type integer: the path returns Boolean",
        ],
    );
    typed(
        "maritalStatus",
        "string",
        &[
            "1:63: select[0].column[0].path: no value can be of type string: the path returns CodeableConcept",
        ],
    );
}

#[test]
fn conditions_and_constants() {
    const ID: &str = r#""select":[{"column":[{"name":"id","path":"id"}]}]"#;
    let members = |members: &str, expected: &[&str]| {
        check(
            &format!(r#"{{"resource":"Patient",{members},{ID}}}"#),
            expected,
        );
    };
    members(r#""where":[{"path":"active"}]"#, &[]);
    members(r#""where":[{"path":"name.exists() and active"}]"#, &[]);
    members(
        r#""where":[{"path":"gender"}]"#,
        &["!1:40: where[0].path: invalid where: expected a boolean; the path returns code"],
    );
    members(
        r#""where":[{"paths":"gender"}]"#,
        &[
            "!1:32: where[0]: missing path",
            "1:41: where[0].paths: unknown member paths",
        ],
    );
    members(r#""constant":[{"name":"a","valueString":"x"}]"#, &[]);
    members(
        r#""constant":[{"name":"a"}]"#,
        &["!1:35: constant[0]: missing value"],
    );
    members(
        r#""constant":[{"name":"a","valueThing":"x"}]"#,
        &["!1:60: constant[0].valueThing: unknown type of constants valueThing"],
    );
    members(
        r#""constant":[{"name":"a","valueInteger":"x"}]"#,
        &["!1:62: constant[0].valueInteger: invalid value: expected a whole number"],
    );
    members(
        r#""constant":[{"name":"a","valueDate":"1.1.2000"}]"#,
        &["!1:59: constant[0].valueDate: invalid value: expected YYYY"],
    );
    members(
        r#""constant":[{"name":"a","valueCode":"x","valueString":"y"}]"#,
        &["!1:77: constant[0]: valueString is not allowed here"],
    );
    members(
        r#""constant":[{"name":"rowIndex","valueCode":"x"}]"#,
        &["!1:43: constant[0].name: rowIndex is not allowed here"],
    );
    members(
        r#""constant":[{"name":"a","valueCode":"x"},{"name":"a","valueCode":"y"}]"#,
        &["!1:72: constant[1].name: repeated constant a"],
    );
    members(
        r#""constant":[{"name":"use","valueCode":"x"}],"where":[{"path":"name.where(use = %uses).exists()"}]"#,
        &["!1:84: where[0].path: unknown constant %uses; did you mean %use?"],
    );
}

/// What a path cannot be filled from, and types and lists that make no sense.
#[test]
fn what_no_value_fits() {
    let at = "select[0].column[0]";
    for (members, expected) in [
        (
            r#""path":"value","type":"nonsense""#,
            "type: unknown type nonsense: FHIR 4.0.1 has no such type",
        ),
        (r#""path":"name.first()","type":"HumanName""#, ""),
        (r#""path":"name.first()","type":"Element""#, ""),
        (r#""path":"contact.first()","type":"BackboneElement""#, ""),
        (r#""path":"contact.first()","type":"Patient.contact""#, ""),
        (
            r#""path":"name.first()","type":"Address""#,
            "path: no value can be of type Address: the path returns HumanName",
        ),
        (r#""path":"4 'mg'","type":"Quantity""#, ""),
        (
            r#""path":"4 'mg'","type":"Coding""#,
            "path: no value can be of type Coding: the path returns Quantity",
        ),
        (
            r#""path":"name.count() + 'a'""#,
            "path: + is not allowed here: the operands are Integer and String",
        ),
        (
            r#""path":"name + 1""#,
            "path: + is not allowed here: the operands are HumanName and Integer",
        ),
        (
            r#""path":"active > true""#,
            "path: > is not allowed here: the operands are boolean and Boolean",
        ),
        (r#""path":"birthDate + 1 year""#, ""),
        (r#""path":"birthDate > @2000-01-01T10:00:00Z""#, ""),
        (r#""path":"multipleBirth > 1""#, ""),
        (r#""path":"'a' + gender""#, ""),
        (
            r#""path":"managingOrganization.getReferenceKey(Patient)""#,
            "path: Patient is not allowed here: the reference is to Organization",
        ),
        (
            r#""path":"generalPractitioner.getReferenceKey(Organization)""#,
            "",
        ),
        (
            r#""path":"gender.memberOf('http://a.example')""#,
            "path: memberOf() is not allowed here: it has no result",
        ),
        (r#""path":"name.trace('x', family).given.first()""#, ""),
    ] {
        let view = format!(
            r#"{{"resource":"Patient","select":[{{"column":[{{"name":"a",{members}}}]}}]}}"#
        );
        let findings = View::check(&view, R4);
        let shown: Vec<String> = findings
            .iter()
            .map(|finding| format!("{}: {}", finding.path, finding.message))
            .collect();
        let expected: Vec<String> = match expected {
            "" => Vec::new(),
            expected if members.contains("nonsense") => vec![
                format!("{at}.path: Patient has no element value"),
                format!("{at}.{expected}"),
            ],
            expected => vec![format!("{at}.{expected}")],
        };
        assert_eq!(shown, expected, "{members}");
        assert!(findings.iter().all(|finding| !finding.fatal), "{members}");
    }
    // Lists that may be absent may be empty, too.
    check(
        r#"{"resource":"Patient","status":"active","constant":[],"where":[],"select":[{"column":[{"name":"a","path":"id"}],"select":[],"unionAll":[]}]}"#,
        &[
            "1:52: constant: invalid value: expected a list that is not empty",
            "1:63: where: invalid value",
            "1:122: select[0].select: invalid value",
            "1:136: select[0].unionAll: invalid value",
        ],
    );
    check(
        r#"{"resource":"Patient","status":"final","fhirVersion":"4.0.1","select":[{"column":[{"name":"a","path":"id"}]}]}"#,
        &[
            "1:32: status: invalid value: expected draft, active, retired or unknown",
            "1:54: fhirVersion: invalid value: expected a list",
        ],
    );
    let branches = r#"{"unionAll":[{"column":[{"name":"v","path":"gender"}]},{"column":[{"name":"v","path":"active"}]}]}"#;
    select(
        branches,
        &[
            "1:107: select[0].unionAll[1].column[0]: invalid unionAll: expected v of type code, as in the first branch; found boolean",
        ],
    );
    for (path, expected) in [
        ("item | answer.item", &[][..]),
        (
            "item | answer.itm",
            &["1:66: select[0].repeat[0]: QuestionnaireResponse has no element answer"],
        ),
    ] {
        check(
            &format!(
                r#"{{"resource":"QuestionnaireResponse","select":[{{"repeat":["{path}"],"column":[{{"name":"a","path":"linkId"}}]}}]}}"#
            ),
            expected,
        );
    }
    for (versions, expected) in [
        (r#"["4.0.1"]"#, &[][..]),
        (r#"["5.0.0","4.0"]"#, &[]),
        (
            r#"["1.0.2"]"#,
            &["1:37: fhirVersion: the view is not for FHIR 4.0.1"],
        ),
    ] {
        check(
            &format!(
                r#"{{"resource":"Patient","fhirVersion":{versions},"select":[{{"column":[{{"name":"a","path":"id"}}]}}]}}"#
            ),
            expected,
        );
    }
}
