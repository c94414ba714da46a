//! What is encoded is read as it was, in every dialect and for every type of value; what is read
//! survives.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_search::{
    Captured, DateTime, Decimal, Distance, ENDPOINTS, Include, Near, Order, ParameterType,
    Position, Prefix, Quantity, Query, Reference, Scope, SortKey, Str, Token, Unit, Value,
    ValueForm, search_parameters,
};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;

/// The characters that an encoded query never has.
const SEPARATORS: [char; 14] = [
    '|', '"', '\'', '<', '>', '\\', '^', '`', '{', '}', '#', '?', '+', ';',
];

/// Where values go: every parameter of every endpoint, and some types of resource.
fn places() -> Vec<(Scope, &'static str)> {
    let endpoints = ENDPOINTS.iter().map(Scope::Endpoint);
    let resources = [
        "Patient",
        "Observation",
        "Location",
        "RiskAssessment",
        "ValueSet",
        "Bundle",
    ];
    let resources = resources.map(|name| Scope::resource(name).unwrap());
    let scopes = endpoints.chain(resources);
    scopes
        .flat_map(|scope| scope.names().map(move |name| (scope, name)))
        .collect()
}

fn text() -> BoxedStrategy<Str> {
    raw_text().prop_map(Str::from).boxed()
}

fn raw_text() -> BoxedStrategy<String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{1,12}",
        "[a-zA-Z0-9%&=+,|$?#\\\\ \n\t]{1,10}",
    ]
    .boxed()
}

fn decimal() -> impl Strategy<Value = Decimal> {
    let text = prop_oneof!["-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,6})?", "[1-9](e-?[0-9])?"];
    text.prop_map(|text| Decimal::parse(&text).unwrap())
}

fn day() -> impl Strategy<Value = DateTime> {
    (1900..2100, 1..=12, 1..=28)
        .prop_map(|(y, m, d)| DateTime::day(&format!("{y}-{m:02}-{d:02}")).unwrap())
}

fn moment() -> impl Strategy<Value = DateTime> {
    let rest = prop_oneof![
        "",
        "T[01][0-9]:[0-5][0-9]",
        "T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?(Z|[+-]0[0-9]:30)?"
    ];
    (day(), rest).prop_map(|(day, rest)| DateTime::parse(&format!("{day}{rest}")).unwrap())
}

fn prefix() -> impl Strategy<Value = Option<Prefix>> {
    proptest::option::of(select(&Prefix::ALL[..]))
}

fn near() -> impl Strategy<Value = Near> {
    let unit = proptest::option::of(select(&Unit::ALL[..]));
    let distance = (1u32..10000, unit).prop_map(|(n, unit)| {
        Distance::of(Decimal::new(f64::from(n) / 8.0).unwrap(), unit).unwrap()
    });
    (-90.0..=90.0, -180.0..=180.0, proptest::option::of(distance)).prop_map(
        |(lat, lon, distance)| Near {
            position: Position::new(lat, lon).unwrap(),
            distance,
        },
    )
}

fn of_type(kind: ParameterType) -> BoxedStrategy<Value> {
    match kind {
        ParameterType::Number => (prefix(), decimal())
            .prop_map(|(p, n)| Value::Number(p, n))
            .boxed(),
        ParameterType::Date => (prefix(), moment())
            .prop_map(|(p, d)| Value::Date(p, d))
            .boxed(),
        ParameterType::String => text().prop_map(Value::Text).boxed(),
        ParameterType::Uri => text().prop_map(Value::Uri).boxed(),
        ParameterType::Token => prop_oneof![
            text().prop_map(Token::Code),
            text().prop_map(Token::NoSystem),
            text().prop_map(Token::System),
            (text(), text()).prop_map(|(system, code)| Token::coded(system, code)),
        ]
        .prop_map(Value::Token)
        .boxed(),
        ParameterType::Reference => prop_oneof![
            "[A-Za-z0-9.-]{1,8}".prop_map(|id| Reference::Id(id.into())),
            "[A-Za-z0-9.-]{1,8}".prop_map(|id| Reference::Typed {
                resource: "Patient".into(),
                id: id.into(),
            }),
            text().prop_map(|path| Reference::Url(format!("https://example.org/{path}").into())),
        ]
        .prop_map(Value::Reference)
        .boxed(),
        ParameterType::Quantity => (prefix(), decimal(), proptest::option::of((text(), text())))
            .prop_map(|(prefix, number, unit)| {
                Value::Quantity(Quantity {
                    prefix,
                    number,
                    unit,
                })
            })
            .boxed(),
        ParameterType::Composite | ParameterType::Special => near().prop_map(Value::Near).boxed(),
    }
}

fn value(scope: Scope, kind: ValueForm) -> BoxedStrategy<Value> {
    match kind {
        ValueForm::Fhir(kind) => of_type(kind),
        ValueForm::Composite(kinds) => {
            let parts: Vec<_> = kinds.iter().map(|kind| of_type(*kind)).collect();
            parts.prop_map(Value::Composite).boxed()
        }
        ValueForm::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        ValueForm::Integer(from, to) => (from..=to).prop_map(Value::Integer).boxed(),
        ValueForm::Keyword(&[]) => Just(Value::Word("Patient".into())).boxed(),
        ValueForm::Keyword(words) => select(words)
            .prop_map(|word| Value::Word(word.into()))
            .boxed(),
        ValueForm::Element => "[a-z]{1,8}"
            .prop_map(|name| Value::Word(name.into()))
            .boxed(),
        ValueForm::Opaque => text().prop_map(Value::Raw).boxed(),
        ValueForm::DateWithPrefix => (prefix(), day())
            .prop_map(|(p, d)| Value::Date(p, d))
            .boxed(),
        ValueForm::Date => day().prop_map(|d| Value::Date(None, d)).boxed(),
        ValueForm::DateTime => moment().prop_map(|d| Value::Date(None, d)).boxed(),
        ValueForm::DateRange => (day(), day()).prop_map(|(a, b)| Value::Days(a, b)).boxed(),
        ValueForm::Distance => decimal().prop_map(|n| Value::Number(None, n)).boxed(),
        ValueForm::QuantityDistance => of_type(ParameterType::Quantity),
        ValueForm::Near { .. } => near().prop_map(Value::Near).boxed(),
        ValueForm::Sort { fields, .. } => {
            let fields = if fields.is_empty() {
                scope.names().collect::<Vec<_>>()
            } else {
                fields.to_vec()
            };
            let order = select(vec![None, Some(Order::Ascending), Some(Order::Descending)]);
            (select(fields), order)
                .prop_map(|(field, order)| {
                    Value::Sort(SortKey {
                        field: field.into(),
                        order,
                    })
                })
                .boxed()
        }
        ValueForm::Include => {
            let references = search_parameters("Patient")
                .filter(|parameter| parameter.parameter_type() == ParameterType::Reference)
                .map(healthcode_search::SearchParameter::name);
            let names: Vec<_> = references.chain(["*"]).collect();
            select(names)
                .prop_map(|name| {
                    Value::Include(Include {
                        source: "Patient".into(),
                        parameter: name.into(),
                        target: None,
                    })
                })
                .boxed()
        }
        ValueForm::KeywordList(names) => select(names)
            .prop_map(|name| Value::Names(vec![name.into()]))
            .boxed(),
        ValueForm::Code => text()
            .prop_map(|code| Value::Token(Token::Code(code)))
            .boxed(),
        _ => text().prop_map(Value::Text).boxed(),
    }
}

/// A parameter's place, and values of its kind.
fn parameter() -> impl Strategy<Value = (Scope, &'static str, Vec<Value>)> {
    select(places()).prop_flat_map(|(scope, name)| {
        let definition = scope.definition(name).unwrap();
        let most = if definition.list { 4 } else { 2 };
        let values = proptest::collection::vec(value(scope, definition.form), 1..most);
        values.prop_map(move |values| (scope, name, values))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_is_encoded_is_read_as_it_was((scope, name, values) in parameter()) {
        let mut query = Query::new(scope);
        // Values that the parameter does not take are refused; that is another test's subject.
        if query.push(name, values).is_err() {
            return Ok(());
        }
        let encoded = query.encode_as_it_is();
        let text = encoded.as_str();
        prop_assert!(text.bytes().all(|b| b.is_ascii_graphic()), "{text}");
        prop_assert!(!text.contains(SEPARATORS), "{}", text);
        prop_assert_eq!((text.matches('=').count(), text.matches('&').count()), (1, 0));
        let captured = Captured::parse(text, Some(scope)).unwrap();
        prop_assert_eq!(&captured.query, &query, "{}", text);
        let slip = captured.issues.iter().find(|issue| {
            issue.rule.id.starts_with("SLIP-") && issue.rule.id != "SLIP-ENCODED-TWICE"
        });
        prop_assert!(slip.is_none(), "{text}: {slip:?}");
        // And so it is by way of a command.
        let address = "https://example.org/x";
        let captured = Captured::parse(&encoded.curl(address), Some(scope)).unwrap();
        prop_assert_eq!(&captured.query, &query);
    }

    #[test]
    fn pairs_survive(pairs in proptest::collection::vec((raw_text(), raw_text()), 0..5)) {
        let encode = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
        let parts: Vec<_> = pairs.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        let scope = Scope::resource("Patient").unwrap();
        let captured = Captured::parse(&parts.join("&"), Some(scope)).unwrap();
        let renamed = captured.issues.iter().any(|issue| matches!(issue.rule.id, "SLIP-CASE" | "SLIP-UNDERSCORE"));
        if !renamed {
            prop_assert_eq!(captured.query.pairs(), pairs);
        }
    }

    #[test]
    fn encoding_what_was_read_is_idempotent(
        text in prop_oneof!["[a-z_&=?%+ ,:|\\\\\n0-9A-F.()-]{0,40}", "curl [a-z'\"=&? \n\\\\{}-]{0,40}"],
        name in select(vec!["practitioner", "practitioner-role", "find-member", "Patient", "sds-device", "pds-patient"]),
    ) {
        let scope = Scope::named(name).unwrap();
        let once = Captured::parse(&text, Some(scope)).unwrap().query.encode_as_it_is();
        let query = Captured::parse(once.as_str(), Some(scope)).unwrap().query;
        let twice = query.encode_as_it_is();
        prop_assert_eq!(once.as_str(), twice.as_str());
    }
}

/// Else the properties would hold of nothing.
#[test]
fn every_parameter_takes_some_of_the_values() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for (scope, name) in places() {
        let kind = scope.definition(name).unwrap().form;
        let strategy = value(scope, kind);
        let taken = (0..200).any(|_| {
            let value = strategy.new_tree(&mut runner).unwrap().current();
            Query::new(scope).push(name, [value]).is_ok()
        });
        assert!(taken, "{}?{name}", scope.name());
    }
}
