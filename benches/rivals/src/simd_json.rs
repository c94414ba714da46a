//! simd-json, which reads in place: the copy of the text that it needs is timed.

use healthcode_bench_harness::reading::{Contestant, Reader};
use healthcode_bench_harness::turns::serve_reader;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct SimdJson;

impl Reader for SimdJson {
    const NAME: &'static str = "simd-json 0.19.0";
    type Value = simd_json::OwnedValue;

    fn read(document: &str) -> Option<Self::Value> {
        simd_json::to_owned_value(&mut document.as_bytes().to_vec()).ok()
    }
}

fn main() -> std::io::Result<()> {
    serve_reader(Contestant::of::<SimdJson>())
}
