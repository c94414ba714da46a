//! Speed of validation, start-up and memory, against the targets: `cargo run --release --bin
//! validation -- [--json] [--rivals] [--rounds N] [--only WORD] [FILE...]`.
//!
//! Exits with 1 if a target is missed, with 2 if something cannot be measured.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match healthcode_benches::validation::main() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("validation: {error:#}");
            ExitCode::from(2)
        }
    }
}
