//! Evaluating near, `_sort` and `distinct-by` finds what a plain implementation finds, in which every
//! distance is a geodesic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use geo::{Distance as _, Geodesic, Point};
use healthcode_evaluate::Index;
use healthcode_r4::{
    Bundle, Decimal, Location, LocationPosition, PractitionerRole, Reference, list,
};
use healthcode_search::{Distance, Near, Order, Position, Query, Scope, SortKey, Unit, Value};
use proptest::prelude::*;
use std::cmp::Ordering;

#[derive(Clone, Debug)]
struct Role {
    practitioner: Option<usize>,
    name: Option<&'static str>,
    locations: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Case {
    /// Positions of locations; some have none.
    locations: Vec<Option<(f64, f64)>>,
    roles: Vec<Role>,
    near: Option<(f64, f64)>,
    /// In metres.
    radius: Option<f64>,
    keys: Vec<(&'static str, Order)>,
    distinct: Option<&'static str>,
}

fn location() -> impl Strategy<Value = Option<(f64, f64)>> {
    // Near each other, so that distances are nearly equal; some equal, some far.
    let near = (0..40i32, 0..40i32).prop_map(|(a, b)| {
        (
            53.385225 + f64::from(a) * 1e-5,
            -2.231105 + f64::from(b) * 1e-5,
        )
    });
    let around = (50.0..58.0, -6.0..2.0);
    let anywhere = (-90.0..=90.0, -180.0..=180.0);
    proptest::option::weighted(0.9, prop_oneof![near, around, anywhere])
}

fn case() -> impl Strategy<Value = Case> {
    let names = proptest::option::of(proptest::sample::select(vec![
        "Mr Warren Clinton",
        "mr warren clinton",
        "Dr Amy Old",
        "Élodie",
        "Elodie",
        "Zed",
    ]));
    let order = || prop_oneof![Just(Order::Ascending), Just(Order::Descending)];
    let keys = prop_oneof![
        Just(vec![]),
        order().prop_map(|order| vec![("distance", order)]),
        order().prop_map(|order| vec![("name", order)]),
        (order(), order()).prop_map(|(a, b)| vec![("distance", a), ("name", b)]),
        (order(), order()).prop_map(|(a, b)| vec![("name", a), ("distance", b)]),
    ];
    let role = (
        proptest::option::weighted(0.9, 0..6usize),
        names,
        proptest::collection::vec(0..30usize, 0..3),
    );
    let roles = proptest::collection::vec(
        role.prop_map(|(practitioner, name, locations)| Role {
            practitioner,
            name,
            locations,
        }),
        0..60,
    );
    let near = prop_oneof![
        Just((53.385225, -2.231105)),
        (49.0..59.0, -8.0..3.0),
        (-90.0..=90.0, -180.0..=180.0)
    ];
    let radius = proptest::option::of(prop_oneof![1.0..60.0, 1000.0..2_000_000.0]);
    let distinct = proptest::option::of(proptest::sample::select(vec!["practitioner", "location"]));
    (
        proptest::collection::vec(location(), 20),
        roles,
        proptest::option::weighted(0.9, near),
        radius,
        keys,
        distinct,
    )
        .prop_map(|(locations, roles, near, radius, mut keys, distinct)| {
            if near.is_none() {
                keys.retain(|key| key.0 != "distance");
            }
            Case {
                locations,
                roles,
                near,
                radius,
                keys,
                distinct,
            }
        })
}

fn bundles(case: &Case) -> (Bundle, Bundle) {
    let (mut roles, mut others) = (Bundle::default(), Bundle::default());
    for (at, role) in case.roles.iter().enumerate() {
        let practitioner = role.practitioner.map(|number| {
            let mut reference = Reference::to("Practitioner", &format!("P{number}"));
            if let Some(name) = role.name {
                reference.display.set(name);
            }
            Box::new(reference)
        });
        let locations = role
            .locations
            .iter()
            .map(|number| Reference::to("Location", &format!("L{number}")));
        roles.entry.push(
            PractitionerRole {
                id: format!("{at}").into(),
                practitioner,
                location: locations.collect(),
                ..PractitionerRole::default()
            }
            .into(),
        );
    }
    for (at, position) in case.locations.iter().enumerate() {
        let number = |value: f64| Decimal::from(value.to_string().as_str()).into();
        let position = position.map(|(latitude, longitude)| {
            Box::new(LocationPosition {
                latitude: number(latitude),
                longitude: number(longitude),
                ..LocationPosition::default()
            })
        });
        let location = Location {
            id: format!("L{at}").into(),
            position,
            alias: list![],
            ..Location::default()
        };
        others.entry.push(location.into());
    }
    (roles, others)
}

fn query(case: &Case) -> Query {
    let mut query = Query::new(Scope::named("practitioner-role").unwrap());
    if let Some((latitude, longitude)) = case.near {
        let distance = case
            .radius
            .map(|radius| Distance::new(radius, Unit::Metres).unwrap());
        let position = Position::new(latitude, longitude).unwrap();
        query
            .push("near", [Value::Near(Near { position, distance })])
            .unwrap();
    }
    if !case.keys.is_empty() {
        let keys = case.keys.iter().map(|(field, order)| {
            Value::Sort(SortKey {
                field: (*field).into(),
                order: Some(*order),
            })
        });
        query.push("_sort", keys.collect::<Vec<_>>()).unwrap();
    }
    if let Some(word) = case.distinct {
        query
            .push("distinct-by", [Value::Word(word.into())])
            .unwrap();
    }
    query
}

/// What is found, and what may be: by the numbers of the roles.
fn naive(case: &Case) -> (Vec<usize>, Vec<usize>) {
    let distance = |role: &Role| {
        let (latitude, longitude) = case.near?;
        let known = role
            .locations
            .iter()
            .filter_map(|location| *case.locations.get(*location)?);
        let point = Point::new(longitude, latitude);
        known
            .map(|(lat, lon)| Geodesic.distance(point, Point::new(lon, lat)))
            .reduce(f64::min)
    };
    let placed = |role: &Role| {
        let known = |location: &usize| case.locations.get(*location).is_some_and(Option::is_some);
        !role.locations.is_empty() && role.locations.iter().all(known)
    };
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for (at, role) in case.roles.iter().enumerate() {
        let near =
            distance(role).is_some_and(|metres| case.radius.is_none_or(|radius| metres <= radius));
        match case.near {
            None => found.push(at),
            Some(_) if near => found.push(at),
            Some(_) if !placed(role) => unknown.push(at),
            Some(_) => {}
        }
    }
    let name = |role: &Role| {
        let name = role.name.filter(|_| role.practitioner.is_some())?;
        Some(name.to_lowercase().replace('é', "e"))
    };
    // What has no value is last, whichever way it goes.
    fn compare<T>(
        a: Option<T>,
        b: Option<T>,
        order: Order,
        by: impl Fn(&T, &T) -> Ordering,
    ) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if order == Order::Descending => by(&b, &a),
            (Some(a), Some(b)) => by(&a, &b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }
    found.sort_by(|a, b| {
        let (a, b) = (&case.roles[*a], &case.roles[*b]);
        let mut whole = Ordering::Equal;
        for (field, order) in &case.keys {
            whole = whole.then(match *field {
                "distance" => compare(distance(a), distance(b), *order, f64::total_cmp),
                _ => compare(name(a), name(b), *order, String::cmp),
            });
        }
        whole
    });
    let mut seen = Vec::new();
    found.retain(|at| {
        let role = &case.roles[*at];
        let keys: Vec<_> = match case.distinct {
            None => return true,
            Some("practitioner") => role.practitioner.into_iter().collect(),
            Some(_) => role.locations.clone(),
        };
        let new = keys.is_empty() || keys.iter().any(|key| !seen.contains(key));
        seen.extend(keys);
        new
    });
    (found, unknown)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn as_the_plain_implementation(case in case()) {
        let (roles, others) = bundles(&case);
        let index = Index::new([&roles], [&others]);
        let outcome = index.run(&query(&case)).unwrap();
        let found: Vec<_> = outcome.entries.iter().map(|hit| hit.entry).collect();
        let unknown: Vec<_> = outcome.unknown.iter().map(|unknown| unknown.hit.entry).collect();
        prop_assert_eq!((found, unknown), naive(&case));
    }
}
