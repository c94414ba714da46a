//! Counts what one thing takes on the heap, at the request of the main program.

use mod_alloc::ModAlloc;

#[global_allocator]
static ALLOCATOR: ModAlloc = ModAlloc::new();

fn main() -> anyhow::Result<()> {
    healthcode_benches::memory::count(&ALLOCATOR)
}
