//! Times our tasks with the system's allocator, at the request of the main program.

fn main() -> anyhow::Result<()> {
    healthcode_benches::ratios::serve_system()
}
