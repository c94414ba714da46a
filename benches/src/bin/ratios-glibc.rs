//! Times our tasks with the system's allocator, at the request of `ratios`.

fn main() -> anyhow::Result<()> {
    healthcode_benches::ratios::serve_system()
}
