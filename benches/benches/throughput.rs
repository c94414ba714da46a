//! Throughput of reading and writing, with criterion's reports: `cargo bench`.
//!
//! For ratios against rivals measured in turns, run the binary `ratios`.

mod common;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use healthcode_benches::inputs;
use healthcode_benches::tasks::{Prepared, Task};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn throughput(criterion: &mut Criterion) {
    let inputs = inputs("").expect("the inputs can be read");
    for note in &inputs.notes {
        eprintln!("{note}");
    }
    let mut prepared = Vec::new();
    for input in inputs.present {
        eprintln!("{}: {}, {} bytes", input.name, input.origin, input.bytes());
        prepared.push(Prepared::new(input).expect("the inputs are JSON"));
    }
    for task in Task::OURS {
        let mut group = criterion.benchmark_group(task.name());
        for prepared in &prepared {
            if prepared.tasks(&[task]).next().is_none() {
                continue;
            }
            group.throughput(Throughput::BytesDecimal(prepared.bytes(task) as u64));
            let id = BenchmarkId::from_parameter(&prepared.input().name);
            group.bench_function(id, |bencher| {
                bencher.iter_custom(|rounds| (0..rounds).map(|_| prepared.run(task)).sum());
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = common::config();
    targets = throughput
}
criterion_main!(benches);
