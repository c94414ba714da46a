//! How fast Healthcode's extensions become views and extensions again: `cargo bench --bench decode`.
//!
//! One element is one extension, groups and their children counted.

mod common;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use healthcode_extensions::{ExtensionView, HasExtensions, PractitionerExtensions};
use healthcode_json::Checked;
use healthcode_r4::{Bundle, Extension, Practitioner};
use std::hint::black_box;
use std::time::{Duration, Instant};

const PAYLOAD: &[u8] = include_bytes!(
    "../../tests/fixtures/documented/restricted-ppr.search-practitioner.response.json"
);

/// How many practitioners are decoded in a round.
const PRACTITIONERS: usize = 10_000;

fn count(extensions: &[Extension]) -> u64 {
    let children = extensions
        .iter()
        .map(|extension| count(&extension.extension));
    extensions.len() as u64 + children.sum::<u64>()
}

/// Times `each` over all items, without dropping its results.
fn timed<I, T>(items: &[I], rounds: u64, each: impl Fn(&I) -> T) -> Duration {
    let mut kept = Vec::with_capacity(items.len());
    let mut total = Duration::ZERO;
    for _ in 0..rounds {
        let start = Instant::now();
        kept.extend(items.iter().map(|item| each(black_box(item))));
        total += start.elapsed();
        kept.clear();
    }
    total
}

fn decode(criterion: &mut Criterion) {
    let read = healthcode_json::from_slice::<Bundle>(PAYLOAD).expect("the payload is JSON");
    let documented = read
        .value
        .resources::<Practitioner>()
        .next()
        .expect("the payload has a practitioner");
    let practitioners = vec![documented.clone(); PRACTITIONERS];
    // The same with element ids and order that are not the documented ones: all has to be kept.
    let mut odd = documented.clone();
    odd.extension.reverse();
    for extension in &mut odd.extension {
        extension.id = Some("odd".into());
        for child in &mut extension.extension {
            child.id = None;
        }
    }
    let odd = vec![odd; PRACTITIONERS];
    let decoded = |practitioner: &Practitioner| practitioner.decode_extensions();
    let views: Vec<Checked<PractitionerExtensions>> = practitioners.iter().map(decoded).collect();

    let mut group = criterion.benchmark_group("extensions");
    group.throughput(Throughput::Elements(
        count(&documented.extension) * PRACTITIONERS as u64,
    ));
    for (name, items) in [("decode", &practitioners), ("decode_odd", &odd)] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|rounds| timed(items, rounds, decoded));
        });
    }
    group.bench_function("decode_drop", |bencher| {
        bencher.iter_custom(|rounds| {
            timed(&practitioners, rounds, |item| {
                drop(black_box(decoded(item)))
            })
        });
    });
    group.bench_function("encode", |bencher| {
        bencher.iter_custom(|rounds| timed(&views, rounds, |decoded| decoded.value.encode()));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = common::config();
    targets = decode
}
criterion_main!(benches);
