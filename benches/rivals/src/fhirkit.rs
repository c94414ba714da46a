//! fhirkit, whose result is the value and what it has found wrong with it.

use healthcode_bench_harness::reading::{Contestant, Reader};
use healthcode_bench_harness::turns::serve_reader;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Fhirkit;

impl Reader for Fhirkit {
    const NAME: &'static str = "fhirkit 0.1.0";
    type Value = (fhirkit::r4::Resource, Vec<fhirkit::Issue>);

    fn read(document: &str) -> Option<Self::Value> {
        let (value, issues) = fhirkit::from_json(document).ok()?;
        Some((value?, issues))
    }
}

fn main() -> std::io::Result<()> {
    serve_reader(Contestant::of::<Fhirkit>())
}
