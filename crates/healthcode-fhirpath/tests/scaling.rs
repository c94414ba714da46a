//! The steps that evaluations take grow as what they look at.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_core::Root;
use healthcode_fhirpath::{Environment, Expression};
use healthcode_r4::Resource;
use std::cell::Cell;

/// A Patient of so many names, identifiers and contained resources, no two alike.
fn patient(count: usize) -> Resource {
    let list = |item: &dyn Fn(usize) -> String| {
        let items = (0..count).map(item).collect::<Vec<_>>();
        items.join(",")
    };
    let json = format!(
        r#"{{"resourceType":"Patient",
            "contained":[{}],
            "identifier":[{}],
            "name":[{{"given":[{}]}}]}}"#,
        list(&|n| format!(r#"{{"resourceType":"Organization","id":"o{n}","name":"N{n}"}}"#)),
        // Apart but for what lies deep in them, and for dates.
        list(&|n| format!(
            r#"{{"system":"http://a.b","value":"1","period":{{"start":"2020"}},
                "type":{{"coding":[{{"code":"c{n}"}}]}}}}"#
        )),
        list(&|n| format!(r#""G{n}""#)),
    );
    healthcode_json::from_str(&json).unwrap().value
}

fn steps(expression: &Expression, resource: &Resource) -> u64 {
    const MANY: u64 = 1 << 40;
    let budget = Cell::new(MANY);
    let environment = Environment::new(resource.as_element())
        .max_steps(MANY)
        .budget(&budget);
    let found = expression.evaluate(&environment).unwrap();
    assert!(!found.is_empty(), "{expression}");
    MANY - budget.get()
}

#[test]
fn twice_as_much_takes_twice_the_steps() {
    let (small, large) = (patient(500), patient(1000));
    for text in [
        "name.given.distinct()",
        "name.given.isDistinct()",
        "identifier.distinct()",
        "identifier.isDistinct()",
        "identifier.select(type.coding).distinct()",
        "name.given | contained.id",
        "name.given.union(contained.name)",
        "name.given.combine(contained.name).isDistinct()",
        "name.given.intersect(name.given)",
        "identifier.intersect(identifier)",
        "name.given.exclude(contained.id)",
        "name.given.subsetOf(name.given)",
        "identifier.supersetOf(identifier)",
        "name.given = name.given",
        "name.given ~ name.given",
        "contained.name !~ name.given",
        "identifier = identifier",
        "'x' in name.given",
        "name.given contains 'x'",
        "repeat(children()).count()",
        "descendants().where($this is string).count()",
        "name.given.sort(-$this)",
        "name.given.join(',').length()",
        "name.given.aggregate($total + 1, 0)",
        "name.given.select($this & 'x').distinct().count()",
        "contained.where(id.matches('^o[0-9]+$')).count()",
        "name.given.all($this.exists()) and name.given.count() > 3",
    ] {
        let expression = Expression::compile(text).unwrap();
        let (few, many) = (steps(&expression, &small), steps(&expression, &large));
        assert!(few >= 500 || text.contains("contains"), "{text}: {few}");
        assert!(many * 10 <= few * 23, "{text}: {few}, then {many}");
    }
}
