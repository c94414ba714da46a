//! Throughput of reading and writing, with criterion's reports: `cargo bench`.
//!
//! For ratios against rivals measured in turns, run the binary `ratios`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use healthcode_benches::{ALLOCATOR_NAME, Input, inputs};
use healthcode_json::stream::{BundleReader, entries};
use healthcode_json::{Read, ReadOptions, from_slice, to_string};
use healthcode_r4::{BundleEntry, Resource};
use std::hint::black_box;
use std::time::{Duration, Instant};

fn parse(document: &str) -> Read<Resource> {
    from_slice(document.as_bytes()).expect("the input is JSON")
}

/// Times `each` over all documents, without dropping what it gives.
fn timed<T>(input: &Input, rounds: u64, each: impl Fn(&str) -> T) -> Duration {
    let mut kept = Vec::with_capacity(input.documents.len());
    let mut total = Duration::ZERO;
    for _ in 0..rounds {
        let start = Instant::now();
        kept.extend(
            input
                .documents
                .iter()
                .map(|document| each(black_box(document))),
        );
        total += start.elapsed();
        kept.clear();
    }
    total
}

fn throughput(criterion: &mut Criterion) {
    let inputs = inputs().expect("the inputs can be read");
    for note in &inputs.notes {
        eprintln!("{note}");
    }
    for input in &inputs.present {
        eprintln!("{}: {} ({} bytes)", input.name, input.origin, input.bytes());
    }
    eprintln!("allocator: {ALLOCATOR_NAME}");

    let mut each = |operation: &str, bundles: bool, run: &dyn Fn(&Input, u64) -> Duration| {
        let mut group = criterion.benchmark_group(operation);
        for input in &inputs.present {
            if bundles && input.bundle().is_none() {
                continue;
            }
            group.throughput(Throughput::Bytes(input.bytes() as u64));
            group.bench_function(BenchmarkId::from_parameter(input.name), |bencher| {
                bencher.iter_custom(|rounds| run(input, rounds));
            });
        }
        group.finish();
    };

    each("parse", false, &|input, rounds| timed(input, rounds, parse));
    each("parse_drop", false, &|input, rounds| {
        timed(input, rounds, |document| drop(black_box(parse(document))))
    });
    each("write", false, &|input, rounds| {
        let values: Vec<_> = input
            .documents
            .iter()
            .map(|document| parse(document))
            .collect();
        let mut total = Duration::ZERO;
        for _ in 0..rounds {
            let start = Instant::now();
            for read in &values {
                black_box(to_string(black_box(&read.value)));
            }
            total += start.elapsed();
        }
        total
    });
    each("serde_bridge", false, &|input, rounds| {
        timed(input, rounds, |document| {
            serde_json::from_str::<Resource>(document).expect("the input is JSON")
        })
    });
    each("stream_bundle", true, &|input, rounds| {
        timed(input, rounds, |document| {
            let options = ReadOptions::new();
            let reader = BundleReader::<_, BundleEntry>::new(document.as_bytes(), options);
            for entry in reader {
                drop(black_box(entry.expect("the input is JSON")));
            }
        })
    });
    each("lazy_entries", true, &|input, rounds| {
        timed(input, rounds, |document| {
            let entries = entries(document.as_bytes()).expect("the input is UTF-8");
            for entry in entries {
                black_box(entry.expect("the input is JSON").resource_type());
            }
        })
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = throughput
}
criterion_main!(benches);
