//! The command line of `healthcode view`.
// What stands above options is printed as their help.
#![allow(clippy::doc_markdown)]

use super::{FhirVersionArg, InputArgs, ViewFormat};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct ViewArgs {
    #[command(subcommand)]
    pub(crate) command: ViewCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ViewCommand {
    /// Run views over payloads: each gives a table
    ///
    /// VIEW is a file with a ViewDefinition, or the name of a bundled view (see `healthcode view list`). The first
    /// argument is a view; those after it are, too, for as long as they are names of bundled views or files with a
    /// ViewDefinition. The rest are payloads. All views are run in one pass.
    ///
    /// The resources of a Bundle are read as if they stood alone; contained resources have no rows. A value that is
    /// not of its column's type is reported and becomes null. What cannot be read is reported, and the run goes on.
    /// Tables hold what payloads hold, which may be personal data; what is reported shows none of it.
    ///
    /// Exit status: 130 if interrupted; 141 if the reader of the table closed the pipe; else 2 if a view is invalid or
    /// was stopped by an error, or any input could not be read (the others still are); else 1 if anything was
    /// reported; else 0.
    #[command(override_usage = "healthcode view run [OPTIONS] VIEW... PATH...")]
    Run(ViewRunArgs),
    /// Say what is wrong with views, without running them
    ///
    /// Exit status: 2 if a view could not be read, else 1 if anything is wrong, else 0.
    Check {
        /// Files with ViewDefinitions, or names of bundled views
        #[arg(required = true, value_name = "VIEW")]
        views: Vec<String>,
        /// The release of FHIR that the views are for; with auto what they state, and R4 if they state none
        #[arg(long, value_enum, value_name = "RELEASE", default_value = "auto")]
        fhir_version: FhirVersionArg,
    },
    /// List the bundled views with their columns, or print one
    List {
        /// The view to print
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ViewRunArgs {
    /// What tables are written as
    #[arg(long, value_enum, default_value_t = ViewFormat::Csv)]
    pub(crate) format: ViewFormat,
    /// Write the table of each view into this folder, as NAME.csv, NAME.ndjson or NAME.parquet, instead of the table
    /// of the only view to standard output
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// How many threads read payloads; as many as there are processors if not given
    #[arg(long, short, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}
