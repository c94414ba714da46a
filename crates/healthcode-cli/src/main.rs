//! `healthcode`: validates, formats, decodes and benchmarks FHIR R4 payloads, evaluates FHIRPath over
//! them; builds, explains and sends queries.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command reads and writes its standard streams"
)]

mod args;
mod bench;
#[cfg(feature = "net")]
mod call;
mod config;
mod decode;
mod engine;
mod fhirpath;
mod fmt;
mod init;
mod input;
mod lsp;
mod man;
mod output;
mod packages;
mod pattern;
mod query;
mod releases;
mod rules;
#[cfg(feature = "net")]
mod sandbox;
mod validate;
mod view;

use args::{Cli, Command};
use clap::{CommandFactory, Parser};
use healthcode_core::printable;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// What a shell says of a command that ended since nobody read its output.
const UNREAD: u8 = 141;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => refuse(&error),
        Err(error) => error.exit(),
    };
    let result = match cli.command {
        Command::Validate(args) => validate::run(args),
        Command::Rules { format } => rules::list(format),
        Command::Explain { rule } => rules::explain(&rule),
        Command::Fmt(args) => fmt::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Fhirpath(args) => fhirpath::run(&args),
        Command::Query(args) => query::run(&args),
        Command::View(args) => view::run(args),
        Command::Package(args) => packages::run(&args),
        Command::Init(args) => init::run(&args),
        #[cfg(feature = "net")]
        Command::Sandbox(args) => sandbox::run(&args),
        #[cfg(feature = "net")]
        Command::Call(args) => call::run(args),
        Command::Bench(args) => bench::run(&args),
        Command::Lsp { .. } => lsp::run(),
        Command::Man { out_dir } => man::run(out_dir.as_deref()),
        Command::Completions { shell } => completions(shell),
    };
    match result {
        Ok(code) => code,
        // The reader closed the pipe: whether all is well was not found out.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(UNREAD),
        Err(error) => {
            let _ = report(&error);
            ExitCode::from(2)
        }
    }
}

/// Reports what is wrong with the arguments, which it repeats, without what terminals obey.
fn refuse(error: &clap::Error) -> ! {
    let arguments = std::env::args_os();
    let arguments = arguments.map(|argument| printable(&argument.to_string_lossy()));
    let shown = Cli::try_parse_from(arguments).err();
    if let Some(shown) = shown.filter(clap::Error::use_stderr) {
        shown.exit()
    } else {
        let message = format!("invalid arguments: {}", error.kind());
        let _ = report(&io::Error::other(message));
        std::process::exit(2)
    }
}

/// Prints a shell's completions.
fn completions(shell: clap_complete::Shell) -> io::Result<ExitCode> {
    // It panics if it cannot write, so it writes into memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "healthcode", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

fn report(error: &io::Error) -> io::Result<()> {
    writeln!(
        io::stderr(),
        "healthcode: {}",
        printable(&error.to_string())
    )
}
