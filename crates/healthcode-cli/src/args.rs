//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Validates, formats, decodes and benchmarks FHIR R4 payloads; builds and explains queries.
#[derive(Debug, Parser)]
#[command(name = "healthcode", version, about, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say exactly what is wrong with payloads: rule, path, line and column
    ///
    /// Reads JSON and NDJSON, plain or compressed with gzip or zstd (told by content). Bundles are
    /// read an entry at a time, whatever their size.
    ///
    /// Exit status: 2 if any input could not be read (the others are still checked), else 1 if
    /// there are errors, else 0.
    Validate(ValidateArgs),
    /// Rewrite payloads through the typed model, losing nothing
    ///
    /// Text that is not JSON is never rewritten. Without --in-place or --out-dir the result goes
    /// to standard output.
    ///
    /// Exit status: 2 if any input could not be read or written, else 1 if --check finds a file
    /// that is not formatted, else 0.
    Fmt(FmtArgs),
    /// Show what Healthcode's payloads say: practitioners, roles, photos, pages and errors
    ///
    /// Practitioners of all inputs stand in one table, with their roles from any of them. What
    /// payloads hold is shown, which may be personal data; errors still show none of it.
    ///
    /// Exit status: 2 if any input could not be read or a photo not be written, else 1 if there
    /// are errors in what was decoded, else 0.
    Decode(DecodeArgs),
    /// Evaluate a FHIRPath expression over payloads: each value with its type and place
    ///
    /// A Bundle is one resource, and each line of NDJSON another. References are resolved to
    /// contained resources and to entries of the same Bundle. What payloads hold is shown, which
    /// may be personal data.
    ///
    /// Exit status: 2 if the expression is none or any input could not be read, else 1 if the
    /// evaluation failed for any resource, else 0.
    Fhirpath(FhirpathArgs),
    /// Build search queries, and explain captured ones
    Query(QueryArgs),
    /// Measure how fast a payload is read, written and streamed, beside serde_json::Value
    Bench(BenchArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// How issues are shown
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Write into this file instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// What payloads are held to: the standard, or what Healthcode's services are documented to send
    #[arg(long, value_enum, default_value_t = PolicyArg::R4)]
    pub(crate) policy: PolicyArg,
    /// Treat as errors too
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) deny: Option<Deny>,
    /// Show what payloads hold, also in files and pipes: it may be patient data
    #[arg(long)]
    pub(crate) show_values: bool,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// How deep elements may be nested (1 to 512); what lies deeper is reported and not checked
    #[arg(long, value_name = "LEVELS", default_value_t = 128,
          value_parser = clap::value_parser!(u32).range(1..=512))]
    pub(crate) max_depth: u32,
    /// How large a compressed input may become, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 65_536)]
    pub(crate) max_decompressed: u64,
    /// How large a single resource, or an entry of a Bundle, may be, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    pub(crate) max_resource: u64,
    /// Files, folders (searched for .json, .ndjson and .jsonl, also with .gz or .zst), or - for
    /// standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct FmtArgs {
    /// Indent by two spaces (the default)
    #[arg(long, conflicts_with = "compact")]
    pub(crate) pretty: bool,
    /// Leave out all white space
    #[arg(long)]
    pub(crate) compact: bool,
    /// Only say which files are not formatted
    #[arg(long, conflicts_with_all = ["in_place", "out_dir"])]
    pub(crate) check: bool,
    /// Replace the files
    #[arg(long, conflicts_with = "out_dir")]
    pub(crate) in_place: bool,
    /// Write the results into this folder, under the files' names
    #[arg(long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DecodeArgs {
    /// How the view is shown
    #[arg(long, value_enum, default_value_t = TableFormat::Human)]
    pub(crate) format: TableFormat,
    /// Write photos into this folder; files that are there are never overwritten
    #[arg(long, value_name = "DIR")]
    pub(crate) photo_dir: Option<PathBuf>,
    /// What comes first in dates with dots; the documentation does not say
    #[arg(long, value_enum, default_value_t = DateOrderArg::DayFirst)]
    pub(crate) date_order: DateOrderArg,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FhirpathArgs {
    /// How results are shown
    #[arg(long, value_enum, default_value_t = TableFormat::Human)]
    pub(crate) format: TableFormat,
    /// Treat elements that a type does not have as errors, rather than as absent
    #[arg(long)]
    pub(crate) strict: bool,
    /// The expression
    #[arg(value_name = "EXPRESSION")]
    pub(crate) expression: String,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    #[command(subcommand)]
    pub(crate) command: QueryCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum QueryCommand {
    /// Print the URL and the curl command of a query
    ///
    /// Values are written as the service has them, without percent-encoding; near also as
    /// latitude,longitude,distance with its unit. The underscore of names such as _sort may be
    /// left out.
    ///
    /// Exit status: 1 if the query is wrong, else 0.
    Build(BuildArgs),
    /// Say what a captured query means, and name each slip in it
    ///
    /// The values of the query are shown. Exit status: 2 if nothing tells which endpoint it is
    /// for, else 1 if there are errors, else 0.
    Explain(ExplainArgs),
    /// List the endpoints
    Endpoints {
        /// How they are shown
        #[arg(long, value_enum, default_value_t = TableFormat::Human)]
        format: TableFormat,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// The endpoint, or a type of resource of R4
    #[arg(long, value_name = "NAME")]
    pub(crate) endpoint: String,
    /// The endpoint's address; the discovery document has it under the endpoint's key
    #[arg(long, value_name = "URL")]
    pub(crate) address: Option<String>,
    /// How the query is shown
    #[arg(long, value_enum, default_value_t = TableFormat::Human)]
    pub(crate) format: TableFormat,
    /// The parameters
    #[arg(value_name = "NAME=VALUE")]
    pub(crate) parameters: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The endpoint, or a type of resource of R4, if the address does not tell
    #[arg(long, value_name = "NAME")]
    pub(crate) endpoint: Option<String>,
    /// How it is shown
    #[arg(long, value_enum, default_value_t = TableFormat::Human)]
    pub(crate) format: TableFormat,
    /// A URL, query string, form body or curl command, or - for standard input
    #[arg(value_name = "TEXT")]
    pub(crate) text: String,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// How results are shown
    #[arg(long, value_enum, default_value_t = TableFormat::Human)]
    pub(crate) format: TableFormat,
    /// How many rounds are measured
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(3..=1000))]
    pub(crate) rounds: u32,
    /// The payloads: JSON or NDJSON
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Measure memory only, of this one task: used by the command itself
    #[arg(long, hide = true, value_name = "TASK")]
    pub(crate) memory_of: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Source excerpts for people
    Human,
    /// One JSON object per issue
    Ndjson,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanners
    Sarif,
    /// JUnit XML, for build servers
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// A FHIR OperationOutcome
    OperationOutcome,
    /// A page for browsers, in one file
    Html,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// A table for people
    Human,
    /// One JSON document
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyArg {
    /// FHIR R4 as it is published
    R4,
    /// R4, with Healthcode's documented deviations as notes
    Healthcode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Warnings
    Warnings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DateOrderArg {
    /// dd.MM.yyyy
    DayFirst,
    /// MM.dd.yyyy
    MonthFirst,
}
