//! `healthcode`: validates, formats, decodes and benchmarks FHIR R4 payloads, evaluates FHIRPath over
//! them; builds, explains and sends queries.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command speaks through its standard streams"
)]

mod args;
mod bench;
#[cfg(feature = "net")]
mod call;
mod config;
mod decode;
mod fhirpath;
mod fmt;
mod input;
mod output;
mod query;
mod rules;
#[cfg(feature = "net")]
mod sandbox;
mod validate;
mod walk;

use args::{Cli, Command};
use clap::Parser;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

/// What a shell says of a command that ended since nobody read its output.
const UNREAD: u8 = 141;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Validate(args) => validate::run(args),
        Command::Rules { format } => rules::list(format),
        Command::Explain { rule } => rules::explain(&rule),
        Command::Fmt(args) => fmt::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Fhirpath(args) => fhirpath::run(&args),
        Command::Query(args) => query::run(&args),
        #[cfg(feature = "net")]
        Command::Sandbox(args) => sandbox::run(&args),
        #[cfg(feature = "net")]
        Command::Call(args) => call::run(&args),
        Command::Bench(args) => bench::run(&args),
    };
    match result {
        Ok(code) => code,
        // Whoever read the output has read enough; that all is well has not been found.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(UNREAD),
        Err(error) => {
            let _ = report(&error);
            ExitCode::from(2)
        }
    }
}

fn report(error: &io::Error) -> io::Result<()> {
    use std::io::Write;
    writeln!(io::stderr(), "healthcode: {error}")
}
