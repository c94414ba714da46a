//! Queries: how fast the documented PractitionerRole query is encoded and parsed, and how fast near,
//! `_sort` and `distinct-by` are evaluated on 100,000 roles: `cargo bench --bench search`.
//!
//! The index is built beforehand, and timed by itself. Locations are spread over Great Britain by a
//! fixed generator: 5,000 that roles share, or one for each role.

use criterion::{Criterion, criterion_group, criterion_main};
use healthcode_evaluate::Index;
use healthcode_r4::{Bundle, Decimal, Location, LocationPosition, PractitionerRole, Reference};
use healthcode_search::{
    Captured, Decimal as Number, Distance, Near, Order, Position, PractitionerRoleSearch, Query,
    Scope, Unit,
};
use std::hint::black_box;

const ROLES: usize = 100_000;
const PRACTITIONERS: usize = 30_000;

/// The documented query.
fn documented() -> Query {
    let near = Near {
        position: Position::new(53.385225, -2.231105).expect("a position"),
        distance: Some(Distance::new(200.0, Unit::Miles).expect("a distance")),
    };
    let search = PractitionerRoleSearch::new()
        .practitioner("SP09000")
        .location("HP005000")
        .ages_treated("C0")
        .near(near)
        .near_distance(Number::parse("4").expect("a number"))
        .address_postalcode("W1H 3DA")
        .specialty("0003A")
        .subspecialty("0000L")
        .is_onlinebooking_available(false)
        .insurer("nuh")
        .profession("00U")
        .gender("male")
        .family("Clinton")
        .given("Warren")
        .sort(("distance", Order::Descending))
        .include(&["practitioner", "location"]);
    search.build().expect("the documented query")
}

fn text(criterion: &mut Criterion) {
    let query = documented();
    let scope = query.scope();
    let encoded = query
        .encode()
        .expect("the documented query")
        .as_str()
        .to_owned();
    let mut group = criterion.benchmark_group("documented query");
    group.bench_function("encode", |bencher| {
        bencher.iter(|| black_box(&query).encode());
    });
    group.bench_function("encode as it is", |bencher| {
        bencher.iter(|| black_box(&query).encode_as_it_is());
    });
    group.bench_function("check", |bencher| {
        bencher.iter(|| black_box(&query).check())
    });
    group.bench_function("parse", |bencher| {
        bencher.iter(|| Captured::parse(black_box(&encoded), Some(scope)));
    });
    group.finish();
}

/// A fixed sequence of numbers from 0 to 1.
struct Sequence(u64);

impl Sequence {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() * count as f64) as usize
    }
}

/// Roles, and so many locations.
fn bundles(locations: usize) -> (Bundle, Bundle) {
    let mut sequence = Sequence(1);
    let (mut roles, mut others) = (Bundle::default(), Bundle::default());
    for at in 0..ROLES {
        let practitioner = sequence.below(PRACTITIONERS);
        let mut reference = Reference::to("Practitioner", &format!("SP{practitioner:05}"));
        let name = format!(
            "Dr Given{:03} Family{:04}",
            practitioner % 311,
            practitioner % 7919
        );
        reference.display.set(name.as_str());
        let place = match locations == ROLES {
            true => at,
            false => sequence.below(locations),
        };
        let role = PractitionerRole {
            id: format!("role{at:06}").into(),
            practitioner: Some(Box::new(reference)),
            location: [Reference::to("Location", &format!("HP{place:06}"))]
                .into_iter()
                .collect(),
            ..PractitionerRole::default()
        };
        roles.entry.push(role.into());
    }
    for at in 0..locations {
        let mut number = |from: f64, to: f64| {
            let number = from + sequence.next() * (to - from);
            Decimal::from(format!("{number:.6}").as_str()).into()
        };
        let position = LocationPosition {
            latitude: number(50.1, 57.6),
            longitude: number(-5.2, 1.6),
            ..LocationPosition::default()
        };
        let location = Location {
            id: format!("HP{at:06}").into(),
            position: Some(Box::new(position)),
            ..Location::default()
        };
        others.entry.push(location.into());
    }
    (roles, others)
}

fn evaluate(criterion: &mut Criterion) {
    let scope = Scope::named("practitioner-role").expect("the endpoint");
    let mut query = Query::new(scope);
    query
        .set("near", "53.385225:-2.231105:200:mi")
        .expect("near");
    query.set("_sort", "distance:asc").expect("a sort");
    query.set("distinct-by", "practitioner").expect("a word");
    for locations in [5_000, ROLES] {
        let (roles, others) = bundles(locations);
        let mut group = criterion.benchmark_group(format!("100000 roles, {locations} locations"));
        group.sample_size(20);
        group.bench_function("index", |bencher| {
            bencher.iter(|| Index::new([black_box(&roles)], [&others]));
        });
        let index = Index::new([&roles], [&others]);
        group.bench_function("near, sort and distinct", |bencher| {
            bencher.iter(|| index.run(black_box(&query)));
        });
        let outcome = index.run(&query).expect("the query is supported");
        assert!(outcome.unknown.is_empty() && outcome.total > PRACTITIONERS / 2);
        group.finish();
    }
}

criterion_group!(benches, text, evaluate);
criterion_main!(benches);
