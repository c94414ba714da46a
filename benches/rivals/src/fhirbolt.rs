//! fhirbolt, in its default mode.

use healthcode_bench_harness::reading::{Contestant, Reader};
use healthcode_bench_harness::turns::serve_reader;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Fhirbolt;

impl Reader for Fhirbolt {
    const NAME: &'static str = "fhirbolt 0.4.0";
    type Value = fhirbolt::model::r4::Resource;

    fn read(document: &str) -> Option<Self::Value> {
        fhirbolt::json::from_str(document, None).ok()
    }
}

fn main() -> std::io::Result<()> {
    serve_reader(Contestant::of::<Fhirbolt>())
}
