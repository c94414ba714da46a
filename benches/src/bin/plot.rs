//! Throughput against size, as a picture: `cargo run --release --bin plot [SVG]`.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    healthcode_benches::plot::main()
}
