//! Tests of the comparison, and of the committed table.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Value, json};

use super::place::{Definitions, Place};
use super::report::Report;
use super::table::{Pattern, Row};
use super::{compare, report};
use crate::spec::facts::ElementFact;
use crate::spec::tsv;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn definitions() -> Definitions {
    let elements: Vec<ElementFact> = tsv::load(&root().join("xtask/spec/r4")).unwrap();
    Definitions::new(elements)
}

fn bundle() -> Value {
    json!({
        "resourceType": "Bundle",
        "entry": [{
            "resource": {
                "resourceType": "Observation",
                "contained": [{"resourceType": "Patient", "name": [{"given": ["A"]}]}],
                "code": {"coding": [{"code": "x", "_code": {"extension": [{"valueCode": "y"}]}}]},
                "component": [{"valueQuantity": {"value": 1}}],
            }
        }]
    })
}

#[test]
fn places_have_definitions() {
    let (definitions, bundle) = (definitions(), bundle());
    for (place, expect) in [
        ("Bundle", "Bundle:Bundle"),
        ("Bundle.entry[0]", "Bundle.entry[]:BackboneElement"),
        ("Bundle.entry[0].link[0].url", "Bundle.link.url:uri"),
        (
            "Bundle.entry[0].resource/*Observation/a.b*/.code.coding[0].code",
            "Coding.code:code",
        ),
        (
            "Bundle.entry[0].resource.contained[0]/*Patient/x*/.name[0].given[0]",
            "HumanName.given[]:string",
        ),
        (
            "Bundle.entry[0].resource.code.coding[0].code.extension[0].value",
            "Extension.value:code",
        ),
        (
            "Bundle.entry[0].resource.component[0].value.ofType(Quantity).code",
            "Quantity.code:code",
        ),
        (
            "Bundle.entry[0].resource.component[0].value",
            "Observation.component.value:Quantity",
        ),
        (
            "Bundle.entry[0].resource.component[0].zzz",
            "Observation.component.zzz",
        ),
        (
            "Bundle.entry[0].resource.code.coding[0].code.extension[url='http://e.org/a.b'].url",
            "Extension.url:uri",
        ),
        ("Bundle.`a.b`", "Bundle.a.b"),
        ("", ""),
    ] {
        let found = definitions
            .at(&Place::parse(place), Some(&bundle))
            .to_string();
        assert_eq!(found, expect, "{place}");
    }
    // Without the file, the types of choices and of resources in others are not known.
    let found = definitions.at(&Place::parse("Bundle.entry[0].resource.status"), None);
    assert_eq!(found.to_string(), "Resource.status");
    let found = definitions.at(&Place::parse("Observation.value.code"), None);
    assert_eq!(found.to_string(), "Observation.value.code");
}

#[test]
fn patterns_match_kinds_of_places() {
    let (definitions, bundle) = (definitions(), bundle());
    for (pattern, place, expect) in [
        (
            "Coding.code",
            "Bundle.entry[0].resource.code.coding[0].code",
            true,
        ),
        (
            "Coding.system",
            "Bundle.entry[0].resource.code.coding[0].code",
            false,
        ),
        (
            "*.code",
            "Bundle.entry[0].resource.code.coding[0].code",
            true,
        ),
        (
            "*.*.value",
            "Bundle.entry[0].resource.component[0].value",
            true,
        ),
        (
            "*.value",
            "Bundle.entry[0].resource.component[0].value",
            false,
        ),
        (
            "**.value",
            "Bundle.entry[0].resource.component[0].value",
            true,
        ),
        (
            "**:Quantity",
            "Bundle.entry[0].resource.component[0].value",
            true,
        ),
        (
            "**:Money|Quantity",
            "Bundle.entry[0].resource.component[0].value",
            true,
        ),
        (
            "**:Money",
            "Bundle.entry[0].resource.component[0].value",
            false,
        ),
        ("**[]", "Bundle.entry[0]", true),
        ("**[]", "Bundle.entry", false),
        ("Bundle.**.entry[]", "Bundle.entry[0]", true),
        ("Bundle", "Bundle", true),
        ("Bundle", "Bundle.entry[0]", false),
    ] {
        let parsed: Pattern = pattern.parse().unwrap();
        assert_eq!(parsed.to_string(), pattern);
        let place = definitions.at(&Place::parse(place), Some(&bundle));
        assert_eq!(parsed.matches(&place), expect, "{pattern} {place}");
    }
    for pattern in ["", "*", "**", "a.**", "a..b", "a b", "a:", "a.b:*", "a[0]"] {
        assert!(pattern.parse::<Pattern>().is_err(), "{pattern}");
    }
}

const JAVA: &str = r#"
{"file":"same","ms":1.5,"issues":[{"level":"error","id":"Code","at":"Patient.gender","line":1,"text":"t"}]}
{"file":"silent","ms":1.5,"issues":[{"level":"warning","id":"Code","at":"Patient.gender","text":"t"}]}
{"file":"unfetched","ms":1.5,"issues":[{"level":"error","id":"Reference_REF_CantResolve","at":"Patient.link[0].other","text":"t"}]}
{"file":"display","ms":1.5,"issues":[{"level":"error","id":"Display","at":"Patient.maritalStatus.coding[0].display","text":"t"}]}
{"file":"no warning","ms":1.5,"issues":[{"level":"error","id":"Display","at":"Patient.maritalStatus.coding[0].display","text":"t"}]}
{"file":"two","ms":1.5,"issues":[{"level":"fatal","id":"Code","at":"Patient.gender","text":"t"},{"level":"error","at":"Patient.name[0]","text":"no id"}]}
{"file":"null","ms":1.5,"issues":[]}
{"file":"stopped","ms":1.5,"exception":"NullPointerException","issues":[{"level":"warning","id":"Code","at":"Patient.gender","text":"t"}]}
{"file":"stopped late","ms":1.5,"exception":"NullPointerException","issues":[{"level":"error","id":"Code","at":"Patient.gender","text":"t"}]}
"#;

const OURS: &str = r#"
{"schema_version":1,"file":"same","severity":"error","rule":"R4-X","path":"Patient.id","message":"m"}
{"schema_version":1,"file":"display","severity":"warning","rule":"R4-DISPLAY","path":"Patient.maritalStatus.coding[0]","message":"m"}
{"schema_version":1,"file":"no warning","severity":"warning","rule":"R4-DISPLAY","path":"Patient.communication[0]","message":"m"}
{"schema_version":1,"file":"null","severity":"error","rule":"FHIR-NULL","path":"Patient.name[0].given[1]","message":"m"}
{"schema_version":1,"file":"null","severity":"fatal","rule":null,"path":"","message":"m"}
{"schema_version":1,"file":"stopped","severity":"error","rule":"R4-Y","path":"Patient.gender","message":"m"}
{"schema_version":1,"file":"stopped late","severity":"error","rule":"R4-Y","path":"Patient.gender","message":"m"}
{"schema_version":1,"file":"elsewhere","severity":"error","rule":"R4-X","path":"Patient.id","message":"m"}
"#;

fn reports() -> (Report, Report) {
    let (java, stopped) = report::java(JAVA).unwrap();
    assert_eq!(stopped, 1);
    (java, report::ours(OURS).unwrap())
}

#[test]
fn each_error_of_a_difference_needs_a_row() {
    let (java, ours) = reports();
    let definitions = definitions();
    let table = "# rule\tmessage\tplace\tright\tsection\treason\n\
        R4-DISPLAY\tDisplay\tCoding.display\tboth\ta.html#b\tr\n\
        -\tCode\tPatient.gender\tours\ta.html#b\tr\n\
        FHIR-NULL\t-\t**[]:string\tours\ta.html#b\tr\n\
        R4-X\t-\tPatient.id\tours\ta.html#b\tr\n";
    let rows: Vec<Row> = tsv::from_text(table).unwrap();
    let found = compare(&java, &ours, &rows, |_| {
        |place: &Place| definitions.at(place, None)
    });
    let counts = [
        found.both,
        found.neither,
        found.java_alone,
        found.ours_alone,
    ];
    assert_eq!(counts, [2, 2, 3, 1]);
    assert_eq!(found.hits, [1, 1, 1, 0]);
    let unmatched: Vec<_> = found.unmatched.keys().map(String::as_str).collect();
    assert_eq!(
        unmatched,
        [
            "Java\tDisplay\tCoding.display:string",
            "Java\tno id\tPatient.name[]:HumanName",
            "Ours\tunread\t",
        ]
    );
}

#[test]
fn rows_for_messages_with_certain_words() {
    let java = r#"
{"file":"a","issues":[{"level":"error","id":"Code","at":"Patient.gender","text":"Unknown code 'x' in 'http://a.b'"}]}
{"file":"b","issues":[{"level":"error","id":"Code","at":"Patient.gender","text":"Unknown code 'x' in 'http://c.d'"}]}
{"file":"c","issues":[{"level":"warning","id":"Code","at":"Patient.gender","text":"Unknown code 'x' in 'http://a.b'"}]}
{"file":"d","issues":[{"level":"warning","id":"Code","at":"Patient.gender","text":"Unknown code 'x' in 'http://c.d'"}]}
"#;
    let ours = r#"
{"file":"c","severity":"error","rule":"R4-X","path":"Patient.gender","message":"m"}
{"file":"d","severity":"error","rule":"R4-X","path":"Patient.gender","message":"m"}
"#;
    let table = "# rule\tmessage\tplace\tright\tsection\treason\n\
        -\tCode ~ 'http://a.b'\tPatient.gender\tours\ta.html#b\tr\n\
        R4-X\tCode ~ 'http://a.b'\tPatient.gender\tours\ta.html#b\tr\n";
    let rows: Vec<Row> = tsv::from_text(table).unwrap();
    let definitions = definitions();
    let (java, _) = report::java(java).unwrap();
    let ours = report::ours(ours).unwrap();
    let found = compare(&java, &ours, &rows, |_| {
        |place: &Place| definitions.at(place, None)
    });
    assert_eq!(found.hits, [1, 1]);
    let left: Vec<_> = found.unmatched.values().flatten().collect();
    let left: Vec<_> = left.iter().map(|example| example.file.as_str()).collect();
    assert_eq!(left, ["b", "d"]);
}

#[test]
fn bad_rows_are_refused() {
    for (row, problem) in [
        (
            "-\t-\tPatient.id\tours\ta.html\tr",
            "neither a rule nor a message",
        ),
        ("\tCode\tPatient.id\tours\ta.html\tr", "expected - for none"),
        ("R4-X\t-\t**\tours\ta.html\tr", "is any place"),
        ("R4-X\t-\tPatient.id\tnobody\ta.html\tr", "unknown variant"),
        ("R4-X\t-\tPatient.id\tours\t\tr", "missing section"),
        ("R4-X\t-\tPatient.id\tours\ta.html\t", "missing section"),
        ("R4-X\t-\tPatient.id\tours\ta.html", "line: 2"),
    ] {
        let text = format!("# rule\tmessage\tplace\tright\tsection\treason\n{row}\n");
        let error = format!(
            "{:#}",
            tsv::from_text(&text)
                .and_then(super::table::checked)
                .unwrap_err()
        );
        assert!(error.contains(problem), "{row}: {error}");
    }
}

/// The committed table names rules that exist, and nothing twice.
#[test]
fn the_table_is_sound() {
    let rows = super::table::load(&root().join("tests/fixtures")).unwrap();
    let rules = std::fs::read_to_string(root().join("crates/healthcode-validate/rules.txt"));
    let rules = rules.unwrap();
    let known: HashSet<&str> = rules.lines().filter_map(|l| l.split(' ').next()).collect();
    let mut seen = HashSet::new();
    for row in &rows {
        if let Some(rule) = &row.rule {
            assert!(known.contains(rule.as_str()), "unknown rule: {row}");
        }
        let kind = (&row.rule, &row.message, row.pattern.to_string());
        assert!(seen.insert(kind), "twice: {row}");
    }
}
