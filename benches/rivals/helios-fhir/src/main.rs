//! helios-fhir's R4 model.

use healthcode_bench_harness::reading::{Contestant, Reader};
use healthcode_bench_harness::turns::serve_reader;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Helios;

impl Reader for Helios {
    const NAME: &'static str = "helios-fhir 0.2.7";
    type Value = helios_fhir::r4::Resource;

    fn read(document: &str) -> Option<Self::Value> {
        serde_json::from_str(document).ok()
    }
}

fn main() -> std::io::Result<()> {
    serve_reader(Contestant::of::<Helios>())
}
