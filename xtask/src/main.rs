//! Development commands of the workspace: `cargo xtask <command>`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks on standard output and standard error"
)]

mod api;
mod cargo;
mod ci;
mod codegen;
mod differences;
mod e2e;
mod files;
mod measure;
mod spec;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Development commands of the healthcode workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run jobs of continuous integration; without a name, list them.
    Ci {
        /// The jobs; `all` for all of them.
        jobs: Vec<String>,
    },
    /// Check the recorded public items of the libraries.
    Api {
        /// Record what they are now.
        #[arg(long)]
        bless: bool,
    },
    /// Work with the FHIR specification's definitions.
    Spec {
        #[command(subcommand)]
        command: SpecCommand,
    },
    /// Generate the Rust code of the model crates from the facts.
    Codegen {
        /// The release to generate, e.g. `r4`; all without it.
        release: Option<String>,
        /// Write nothing; fail when the files on disk differ from what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Measure what the crates cost.
    Measure {
        #[command(subcommand)]
        command: MeasureCommand,
    },
    /// Check against curl and the URL Standard's encoders. Missing curl is a failure.
    E2e {
        /// The checks; all without them.
        names: Vec<String>,
    },
    /// List where `healthcode validate` and HL7's Java validator disagree about files, but for what
    /// tests/fixtures/differences.tsv explains.
    Differences(differences::Options),
    /// Write copies of payloads in XML with one fault each, to compare validators by.
    Mutants(differences::mutants::Options),
    /// Check the layout of the repository: top level, edges between crates, file sizes, headers.
    Tidy,
}

#[derive(Subcommand)]
enum MeasureCommand {
    /// Build a crate that reads and writes all of R4, from nothing and after a change.
    Build(measure::BuildOptions),
}

#[derive(Subcommand)]
enum SpecCommand {
    /// Distil the specification package into the facts under xtask/spec.
    ///
    /// The package is PATH, or else `$HEALTHCODE_SPEC`, or else it is fetched with `npm pack`.
    Import(spec::ImportOptions),
}

fn main() -> ExitCode {
    if let Some(code) = api::as_rustdoc() {
        return code;
    }
    let outcome = match Cli::parse().command {
        Command::Spec {
            command: SpecCommand::Import(options),
        } => spec::import(&options),
        Command::Api { bless } => api::run(&root(), bless),
        Command::Codegen { release, check } => codegen::run(release.as_deref(), check),
        Command::Measure {
            command: MeasureCommand::Build(options),
        } => measure::build(&root(), &options),
        Command::Ci { jobs } => ci::run(&root(), &jobs),
        Command::E2e { names } => {
            e2e::build_command(&root()).and_then(|command| e2e::run(&command, &names))
        }
        Command::Differences(options) => differences::run(&root(), &options),
        Command::Mutants(options) => differences::mutants::run(&options),
        Command::Tidy => tidy::run(&root()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    let xtask = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().map(PathBuf::from).unwrap_or(xtask)
}
