//! Benchmarks of healthcode beside its rivals, with mimalloc: `cargo run --release -- --help`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    healthcode_benches::main()
}
