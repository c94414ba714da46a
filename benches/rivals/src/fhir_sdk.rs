//! fhir-sdk with its R4B model: it has none of R4.

use healthcode_bench_harness::reading::{Contestant, Reader};
use healthcode_bench_harness::turns::serve_reader;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct FhirSdk;

impl Reader for FhirSdk {
    const NAME: &'static str = "fhir-sdk 0.16.0 (R4B)";
    type Value = fhir_sdk::r4b::resources::Resource;

    fn read(document: &str) -> Option<Self::Value> {
        serde_json::from_str(document).ok()
    }
}

fn main() -> std::io::Result<()> {
    serve_reader(Contestant::of::<FhirSdk>())
}
