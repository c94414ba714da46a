//! How much memory reading takes: `cargo run --release --bin memory -- [--json] [--only WORD]
//! [FILE...]`.

use mod_alloc::ModAlloc;

#[global_allocator]
static ALLOCATOR: ModAlloc = ModAlloc::new();

fn main() -> anyhow::Result<()> {
    healthcode_benches::memory::main(&ALLOCATOR)
}
