//! HL7's suite of FHIRPath cases for R4, and the expressions of R4's own definitions.

use healthcode_core::{Element, Root};
use healthcode_fhirpath::{Environment, Expression, Item, Temporal, TemporalKind};
use healthcode_r4::{Patient, Resource, schema};
use healthcode_tests::{fhirpath_suite, fixture_path};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
struct Case {
    group: String,
    name: String,
    input: Option<String>,
    expression: String,
    invalid: Option<String>,
    predicate: bool,
    mode: Option<String>,
    ordered: bool,
    outputs: Vec<Output>,
}

#[derive(Debug, Deserialize)]
struct Output {
    #[serde(rename = "type")]
    type_name: Option<String>,
    value: String,
}

/// At least 99 % of the cases pass; the others are in `fhirpath-suite.txt` with the reason, and
/// none there passes.
#[test]
fn suite() {
    let Some((cases, inputs)) = fhirpath_suite("fhirpath::suite") else {
        return;
    };
    let cases: Vec<Case> = serde_json::from_slice(&cases.json).expect("cases");
    assert_eq!(cases.len(), 679);
    let inputs: BTreeMap<String, Resource> = inputs
        .into_iter()
        .map(|input| {
            let read = healthcode_json::from_slice::<Resource>(&input.json);
            (input.name, read.expect("a resource").value)
        })
        .collect();
    let pinned = std::fs::read_to_string(fixture_path("fhirpath-suite.txt")).unwrap_or_default();
    let mut expected: BTreeMap<&str, &str> = pinned
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    let allowed = expected.len();
    let (mut failed, mut seen) = (Vec::new(), BTreeMap::new());
    for case in &cases {
        let mut id = format!("{}/{}", case.group, case.name);
        let count = seen.entry(id.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            id = format!("{id}#{count}");
        }
        let empty = Resource::from(Patient::default());
        let input = match &case.input {
            Some(name) => &inputs[name],
            None => &empty,
        };
        let result = check(case, input.as_element());
        match (expected.remove(id.as_str()), result) {
            (None, Err(message)) => {
                failed.push(format!("{id}\t{message}\n    {}", case.expression));
            }
            (Some(_), Ok(())) => failed.push(format!("{id} passes, and is on the list")),
            (Some(reason), Err(_)) if !reason.starts_with("FHIRPath ") => {
                failed.push(format!(
                    "{id} is on the list without a section that makes it wrong"
                ));
            }
            _ => {}
        }
    }
    failed.extend(expected.keys().map(|id| format!("{id} is no case")));
    assert!(
        failed.is_empty(),
        "{}:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(allowed * 100 <= cases.len(), "{allowed} cases fail");
}

fn check(case: &Case, input: &dyn Element) -> Result<(), String> {
    let result = run(case, input);
    if case.invalid.is_some() {
        return match result {
            Ok(found) => Err(format!("no error, but {found:?}")),
            Err(_) => Ok(()),
        };
    }
    let mut found = result?;
    let mut wanted: Vec<(Option<String>, String)> = case
        .outputs
        .iter()
        .map(|o| (o.type_name.clone(), o.value.clone()))
        .collect();
    if !case.ordered {
        found.sort();
        wanted.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    }
    let same = found.len() == wanted.len()
        && found.iter().zip(&wanted).all(|(found, wanted)| {
            let same_type = wanted
                .0
                .as_ref()
                .is_none_or(|name| name.eq_ignore_ascii_case(&found.0));
            same_type && found.1 == wanted.1
        });
    if same {
        Ok(())
    } else {
        Err(format!("{found:?}, not {wanted:?}"))
    }
}

fn run(case: &Case, input: &dyn Element) -> Result<Vec<(String, String)>, String> {
    let expression = Expression::compile(&case.expression).map_err(|e| e.to_string())?;
    let now = Temporal::parse_date_time("2026-03-04T05:06:07.089Z").expect("a time");
    let strict =
        case.mode.as_deref() == Some("strict") || case.invalid.as_deref() == Some("semantic");
    let environment = Environment::new(input)
        .types(schema::VERSION, schema::find)
        .now(now)
        .strict(strict);
    if case.predicate {
        let value = expression.evaluate_boolean(&environment);
        let value = value.map_err(|e| e.to_string())?;
        return Ok(value
            .map(|value| ("boolean".to_owned(), value.to_string()))
            .into_iter()
            .collect());
    }
    let items = expression
        .evaluate(&environment)
        .map_err(|e| e.to_string())?;
    let shown = items.iter().map(|item| {
        let text = match item.system() {
            Some(Item::Temporal(value)) if value.kind() == TemporalKind::Time => {
                format!("@T{value}")
            }
            Some(Item::Temporal(value)) => format!("@{value}"),
            _ => item.to_string(),
        };
        (item.type_name().1.to_owned(), text)
    });
    Ok(shown.collect())
}

/// Every expression of R4's definitions compiles, and reads back from its normal form.
#[test]
fn expressions_of_the_definitions_compile() {
    let facts = concat!(env!("CARGO_MANIFEST_DIR"), "/../xtask/spec/r4/");
    let mut count = BTreeMap::new();
    for (file, column) in [("invariants.tsv", 4), ("search-parameters.tsv", 4)] {
        let text = std::fs::read_to_string(format!("{facts}{file}")).expect("facts");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let expression = line.split('\t').nth(column).expect("an expression");
            // Some search parameters are about no element.
            if expression.is_empty() {
                continue;
            }
            let compiled = Expression::compile(expression)
                .unwrap_or_else(|error| panic!("{file}: {error}: {expression}"));
            let again = Expression::compile(&compiled.to_string())
                .unwrap_or_else(|error| panic!("{file}: {error}: {compiled}"));
            assert_eq!(compiled, again, "{expression}");
            *count.entry(file).or_insert(0) += 1;
        }
    }
    assert!(count["invariants.tsv"] >= 238, "{count:?}");
    assert!(count["search-parameters.tsv"] > 1000, "{count:?}");
}
