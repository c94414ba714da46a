//! Speed of validation, with criterion's reports: `cargo bench --bench validate`.
//!
//! For ratios against our own parse and rivals, measured in turns, run the binary `validation`.

mod common;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use healthcode_benches::inputs;
use healthcode_benches::validation::Checked;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn validate(criterion: &mut Criterion) {
    let inputs = inputs("").expect("the inputs can be read");
    for note in &inputs.notes {
        eprintln!("{note}");
    }
    for input in inputs.present {
        let checked = Checked::new(input).expect("the inputs are JSON");
        let mut group = criterion.benchmark_group(&checked.input().name);
        group.throughput(Throughput::BytesDecimal(checked.input().bytes() as u64));
        for work in checked.works() {
            group.bench_function(BenchmarkId::from_parameter(work.name()), |bencher| {
                bencher.iter_custom(|rounds| (0..rounds).map(|_| checked.run(work)).sum());
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = common::config();
    targets = validate
}
criterion_main!(benches);
