//! The command line.

use crate::{Inputs, end_to_end, files, inputs, memory, plot, ratios, validation, views, xml};
use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Measures healthcode beside its rivals.
#[derive(Parser)]
#[command(name = "benches")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Speed and memory of reading and writing, beside the targets; exits with 1 if one is missed
    Ratios(Timed),
    /// Speed of validation, start-up and memory of the command, beside the targets; exits with 1 if
    /// one is missed
    Validation(Timed),
    /// Speed from files to reports, beside reading alone and the targets; exits with 1 if one is missed
    EndToEnd(Timed),
    /// Speed of reading and writing XML beside the same content as JSON; exits with 1 if a target is
    /// missed
    Xml(Timed),
    /// Speed of a view over NDJSON beside reading it, and rivals; exits with 1 if a target is missed
    Views(Timed),
    /// Live heap, peak, allocations and resident memory
    Memory(Selection),
    /// Throughput against size, as a picture
    Plot {
        /// Where to write it
        #[arg(default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/throughput.svg"))]
        svg: PathBuf,
    },
}

/// The options of a command that times something.
#[derive(Args, Debug)]
pub(crate) struct Timed {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Measure rivals too
    #[arg(long)]
    pub(crate) rivals: bool,
    /// How many rounds are measured: a median needs 7 or more
    #[arg(long, value_name = "N", default_value = "9", value_parser = clap::value_parser!(u16).range(7..))]
    rounds: u16,
}

impl Timed {
    pub(crate) fn rounds(&self) -> usize {
        usize::from(self.rounds)
    }
}

/// What is measured, and how it is printed.
#[derive(Args, Debug)]
pub(crate) struct Selection {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Measure the inputs whose names contain this
    #[arg(
        long,
        value_name = "WORD",
        default_value = "",
        conflicts_with = "files"
    )]
    only: String,
    /// Measure these instead of the inputs
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Selection {
    /// Whether nothing is left out, and nothing added.
    pub(crate) fn is_everything(&self) -> bool {
        self.only.is_empty() && self.files.is_empty()
    }

    pub(crate) fn inputs(&self) -> Result<Inputs> {
        match &self.files[..] {
            [] => inputs(&self.only),
            paths => files(paths),
        }
    }
}

/// Runs the program: exits with 1 if a target is missed, with 2 if something cannot be measured.
#[must_use]
pub fn main() -> ExitCode {
    let missed = match Cli::parse().command {
        Command::Ratios(options) => ratios::run(&options),
        Command::Validation(options) => validation::run(&options),
        Command::EndToEnd(options) => end_to_end::run(&options),
        Command::Xml(options) => xml::run(&options),
        Command::Views(options) => views::run(&options),
        Command::Memory(selection) => memory::run(&selection).map(|()| 0),
        Command::Plot { svg } => plot::run(&svg).map(|()| 0),
    };
    match missed {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' '));
        let Ok(Cli {
            command: Command::Ratios(options),
        }) = parse("benches ratios --json --rounds 11 a.json --rivals b.json")
        else {
            panic!("ratios");
        };
        assert!(options.rivals && options.selection.json && options.rounds() == 11);
        assert_eq!(options.selection.files.len(), 2);
        for line in [
            "benches ratios --rounds",
            "benches ratios --rounds x",
            "benches ratios --rounds 6",
            "benches memory --rounds 9",
            "benches validation --fast",
            "benches memory --only a b",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
