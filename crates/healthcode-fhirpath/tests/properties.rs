//! What holds for any text: the parser does not fail otherwise than by an error, what is printed
//! reads back, and nothing takes too long or too deep a stack.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_core::{Element, List, Root};
use healthcode_fhirpath::{Environment, EvalErrorKind, Expression, Item, Places};
use healthcode_r4::{
    Bundle, BundleEntry, BundleEntryResponse, HumanName, Patient, Questionnaire, QuestionnaireItem,
    Resource, list,
};
use proptest::prelude::*;

/// Pieces of expressions, right and wrong.
const PIECES: &[&str] = &[
    "name",
    "Patient",
    "given",
    "`a b`",
    "$this",
    "$index",
    "$total",
    "%resource",
    "%`vs-x`",
    "1",
    "2.50",
    "'a\\'b'",
    "'\u{1f600}'",
    "true",
    "{}",
    "@2015-02-04",
    "@2015T",
    "@T10:30:00.5",
    "@2015-02-04T14:34:28+10:00",
    "4 days",
    "1 'mg'",
    "(",
    ")",
    "[",
    "]",
    ".",
    ",",
    "+",
    "-",
    "*",
    "/",
    " div ",
    " mod ",
    "&",
    "|",
    "<",
    "<=",
    ">",
    ">=",
    "=",
    "!=",
    "~",
    "!~",
    " in ",
    " contains ",
    " and ",
    " or ",
    " xor ",
    " implies ",
    " is ",
    " as ",
    "FHIR.string",
    "System.Integer",
    "where(",
    "select(",
    "exists()",
    "first()",
    "iif(",
    "repeat(",
    "is(",
    "ofType(Quantity)",
    "matches('a')",
    "aggregate($this, 0)",
    "toString()",
    "// c\n",
    "\u{0}",
    "é",
];

fn patient() -> Resource {
    Patient {
        id: "p".into(),
        name: list![HumanName {
            given: list!["Peter".into(), "James".into()],
            ..HumanName::default()
        }],
        birth_date: "1974-12-25".into(),
        ..Patient::default()
    }
    .into()
}

/// Whatever text it is: no panic, and what compiles prints as itself and can be evaluated.
fn survives(text: &str) {
    let Ok(expression) = Expression::compile(text) else {
        return;
    };
    let printed = expression.to_string();
    assert_eq!(
        Expression::compile(&printed),
        Ok(expression.clone()),
        "{text} is {printed}"
    );
    let patient = patient();
    let environment = Environment::new(patient.as_element()).max_steps(20_000);
    let items = expression.evaluate(&environment);
    let truth = expression.evaluate_boolean(&environment);
    if let (Ok(items), Ok(truth)) = (&items, &truth) {
        assert!(!items.is_empty() || truth.is_none(), "{text}");
        let nodes = items.iter().filter_map(Item::as_node).copied();
        let places = Places::find(patient.as_element(), nodes.clone());
        for node in nodes {
            assert!(places.of(&node).is_some(), "{text}: {node:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text(text in "\\PC{0,60}") {
        survives(&text);
    }

    #[test]
    fn any_sequence_of_pieces(picks in prop::collection::vec(prop::sample::select(PIECES), 0..14)) {
        survives(&picks.concat());
    }

    #[test]
    fn well_formed(text in expressions()) {
        prop_assert!(Expression::compile(&text).is_ok(), "{}", text);
        survives(&text);
    }
}

fn expressions() -> impl Strategy<Value = String> {
    let leaves = prop::sample::select(&[
        "name",
        "Patient.name.given",
        "$this",
        "1",
        "2.50",
        "'a'",
        "true",
        "{}",
        "@2015-02-04",
        "@T10:30",
        "4 days",
        "1 'mg'",
        "birthDate",
        "%resource",
    ]);
    let leaves = leaves.prop_map(str::to_owned);
    let operators = prop::sample::select(&[
        "*", "/", "div", "mod", "+", "-", "&", "|", "<", "<=", ">", ">=", "=", "!=", "~", "!~",
        "in", "contains", "and", "or", "xor", "implies",
    ]);
    let functions = prop::sample::select(&[
        "where(#)",
        "select(#)",
        "exists(#)",
        "all(#)",
        "repeat(#)",
        "iif(#, #)",
        "first()",
        "combine(#)",
        "children()",
        "descendants()",
        "count()",
        "not()",
        "is(string)",
        "sort(#)",
        "toString()",
        "distinct()",
        "aggregate(#, #)",
        "split(#)",
        "join(#)",
        "lowBoundary()",
        "replace(#, #)",
        "type()",
        "trace(#)",
        "power(#)",
        "toQuantity()",
        "substring(#)",
    ]);
    leaves.prop_recursive(5, 40, 3, move |inner| {
        prop_oneof![
            (inner.clone(), operators.clone(), inner.clone())
                .prop_map(|(a, operator, b)| format!("({a}) {operator} {b}")),
            (inner.clone(), operators.clone(), inner.clone())
                .prop_map(|(a, operator, b)| format!("{a} {operator} ({b})")),
            (inner.clone(), functions.clone(), inner.clone())
                .prop_map(|(a, function, b)| format!("({a}).{}", function.replace('#', &b))),
            inner.clone().prop_map(|a| format!("-({a})")),
            inner.clone().prop_map(|a| format!("({a})[0]")),
            inner.prop_map(|a| format!("({a}) is string")),
        ]
    })
}

/// Runs `task` on a stack of 1 MiB.
fn on_small_stack(task: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(task);
    thread.unwrap().join().unwrap();
}

#[test]
fn nesting_is_capped() {
    on_small_stack(|| {
        let deep = [
            "(".repeat(100_000),
            "-".repeat(100_000) + "1",
            "a".to_owned() + &".a".repeat(30_000),
            "1".to_owned() + &" + 1".repeat(15_000),
            "a[".repeat(20_000),
            "where(".repeat(10_000),
            "1".to_owned() + &" is A".repeat(10_000),
        ];
        for text in deep {
            let error = Expression::compile(&text).unwrap_err().to_string();
            assert!(
                error.contains("nesting") || error.contains("64 KiB"),
                "{error}"
            );
        }
        let patient = patient();
        let environment = Environment::new(patient.as_element());
        let fits = [
            "(".repeat(100) + "true" + &")".repeat(100),
            "name".to_owned() + &".select($this".repeat(60) + &")".repeat(60),
            "name".to_owned() + &".where(true)".repeat(120),
            "$this".to_owned() + &".iif(true, $this".repeat(60) + &")".repeat(60),
            "1".to_owned() + &" + 1".repeat(120),
            "1".to_owned() + &" | 1".repeat(10_000),
            "false".to_owned() + &" or true".repeat(7_000),
            "1 in (2".to_owned() + &" | 1".repeat(10_000) + ")",
            "true".to_owned() + &" and (true or false xor true)".repeat(1_000),
            "-".repeat(120) + "1",
            "true".to_owned() + &".not()".repeat(120),
        ];
        for text in fits {
            let expression = Expression::compile(&text).unwrap();
            assert!(
                !expression.evaluate(&environment).unwrap().is_empty(),
                "{text}"
            );
            assert_eq!(
                Expression::compile(&expression.to_string()),
                Ok(expression.clone())
            );
        }
    });
}

#[test]
fn runaway_evaluations_end() {
    let patient = patient();
    let environment = Environment::new(patient.as_element()).max_steps(200_000);
    let names = "(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20)";
    for text in [
        "id.repeat($this & 'a')",
        "'a'.repeat($this & 'a')",
        "1.repeat($this + 1)",
        // Of quantities no hash is known, so that each is compared with all.
        "(1 'mg').repeat($this + 1 'mg')",
        &format!("{names}.aggregate($total.combine($total), name.given)"),
        &format!("{names}.combine({names}).aggregate($total & $total, 'abcdefgh')"),
        &format!("{names}.aggregate($total.replace('', $total), 'abc')"),
        &format!("{names}.select({names}.select({names}.select({names}.select({names}))))"),
    ] {
        let expression = Expression::compile(text).unwrap();
        let error = expression.evaluate(&environment).unwrap_err();
        assert_eq!(error.kind(), &EvalErrorKind::TooManySteps, "{text}");
    }
}

/// What grows with the number of items grows no faster.
#[test]
fn large_resources_take_linear_time() {
    let questionnaire = |count: usize| {
        let item = |index: usize| QuestionnaireItem {
            link_id: format!("link-{index}").into(),
            ..QuestionnaireItem::default()
        };
        let items: List<QuestionnaireItem> = (0..count).map(item).collect();
        Questionnaire {
            item: items,
            ..Questionnaire::default()
        }
    };
    let expression = Expression::compile(
        "descendants().linkId.isDistinct() and item.linkId.subsetOf(item.linkId) \
         and item.linkId.intersect(item.linkId).count() = item.count() \
         and repeat(item).count() = item.count()",
    )
    .unwrap();
    let value = questionnaire(50_000);
    let root: &dyn Element = &value;
    // Pairwise comparison would be 1.25 billion steps, and take minutes.
    let environment = Environment::new(root);
    assert_eq!(expression.evaluate_boolean(&environment), Ok(Some(true)));
}

#[test]
fn dates_and_quantities_are_told_apart_in_bounded_time() {
    let response = |index: usize| {
        let (hour, minute, second) = (index / 3600, index / 60 % 60, index % 60);
        let zone = if index.is_multiple_of(2) {
            "Z"
        } else {
            "+00:00"
        };
        let time = format!("2020-01-01T{hour:02}:{minute:02}:{second:02}{zone}");
        BundleEntryResponse {
            status: "200".into(),
            last_modified: time.as_str().into(),
            ..BundleEntryResponse::default()
        }
    };
    let entry = |index: usize| BundleEntry {
        response: Some(response(index).into()),
        ..BundleEntry::default()
    };
    let bundle = Bundle {
        entry: (0..50_000).map(entry).collect(),
        ..Bundle::default()
    };
    let expression = Expression::compile("entry.response.lastModified.isDistinct()").unwrap();
    let environment = Environment::new(&bundle);
    assert_eq!(expression.evaluate_boolean(&environment), Ok(Some(true)));
    // The steps run out in the last comparison, whose answer is then none.
    let expression = Expression::compile("(1 | 2 | 3 | 4) ~ (4 | 3 | 2 | 1)").unwrap();
    let outcomes: Vec<_> = (1..200)
        .map(|steps| {
            let environment = Environment::new(&bundle).max_steps(steps);
            expression.evaluate_boolean(&environment)
        })
        .collect();
    assert!(!outcomes.contains(&Ok(Some(false))));
    assert!(outcomes.contains(&Ok(Some(true))));
}

/// Equivalence passes over the order of what elements hold, equality does not.
#[test]
fn order_within_elements() {
    let patient = r#"{"resourceType":"Patient",
        "name":[
            {"given":["A","B","a"]}, {"given":["b","A","A"]}, {"given":["A","B","B"]},
            {"given":["A",null],"_given":[null,{"id":"x"}]},
            {"given":[null,"A"],"_given":[{"id":"x"},null]}
        ],
        "maritalStatus":{"coding":[{"code":"x"},{"code":"y"}]},
        "contact":[
            {"relationship":[{"coding":[{"code":"Y"},{"code":"x"}]}]},
            {"relationship":[{"coding":[{"code":"x"},{"code":"x"}]}]}
        ]}"#;
    let patient: Resource = healthcode_json::from_str(patient).unwrap().value;
    for (text, expected) in [
        ("name[0] = name[1]", false),
        ("name[0] ~ name[1]", true),
        ("name[0] ~ name[2]", false),
        ("name[2] ~ name[0]", false),
        ("name[3] = name[4]", false),
        ("name[3] ~ name[4]", true),
        ("maritalStatus ~ contact[0].relationship", true),
        ("maritalStatus ~ contact[1].relationship", false),
        ("maritalStatus = contact[0].relationship", false),
    ] {
        let expression = Expression::compile(text).unwrap();
        let found = expression.evaluate_boolean(&Environment::new(patient.as_element()));
        assert_eq!(found, Ok(Some(expected)), "{text}");
    }
}

#[test]
fn places_are_paths_and_pointers() {
    let json = r#"{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"x"}]}],
        "deceasedBoolean":true,"_birthDate":{"id":"b"},
        "contained":[{"resourceType":"Patient","gender":"male","_gender":{"id":"g"}}]}"#;
    let patient: Resource = healthcode_json::from_str(json).unwrap().value;
    let root = patient.as_element();
    for (text, path, pointer) in [
        ("$this", "Patient", ""),
        ("name", "Patient.name[0]", "/name/0"),
        (
            "name.given[0]",
            "Patient.name[0].given[0]",
            "/name/0/given/0",
        ),
        (
            "name.given[1]",
            "Patient.name[0].given[1]",
            "/name/0/_given/1",
        ),
        (
            "name.given[1].id",
            "Patient.name[0].given[1].id",
            "/name/0/_given/1/id",
        ),
        ("deceased", "Patient.deceased", "/deceasedBoolean"),
        ("birthDate", "Patient.birthDate", "/_birthDate"),
        (
            "contained.gender",
            "Patient.contained[0].gender",
            "/contained/0/gender",
        ),
        (
            "contained.gender.id",
            "Patient.contained[0].gender.id",
            "/contained/0/_gender/id",
        ),
    ] {
        let expression = Expression::compile(text).unwrap();
        let found = expression.evaluate(&Environment::new(root)).unwrap();
        let node = *found.single().and_then(Item::as_node).unwrap();
        let places = Places::find(root, [node]);
        assert_eq!(places.of(&node), Some((path, pointer)), "{text}");
    }
}
