//! simd-json, which reads in place: the copy of the text that it needs is timed.

healthcode_bench_harness::rival!("simd-json 0.19.0", simd_json::OwnedValue, |document| {
    simd_json::to_owned_value(&mut document.as_bytes().to_vec()).ok()
});
