//! The options of `healthcode call`: those of all verbs, and the verbs.

use super::get::GetArgs;
use super::input::Quiet;
use super::read::ReadArgs;
use super::search::SearchArgs;
use super::spine::SpineArgs;
use super::token::TokenArgs;
use super::write::{CreateArgs, DeleteArgs, PatchArgs, PostArgs, UpdateArgs};
use clap::{Args, Subcommand, ValueEnum};
use healthcode_search::service::HeaderForm;
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct CallArgs {
    #[command(flatten)]
    pub(super) common: CommonArgs,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Search by an endpoint
    Search(SearchArgs),
    /// Read a resource by its id, or patients by their NHS numbers
    Read(ReadArgs),
    /// Create a resource
    Create(CreateArgs),
    /// Replace a resource of Healthcode
    Update(UpdateArgs),
    /// Change a patient of PDS by JSON Patch
    Patch(PatchArgs),
    /// Delete a resource of Healthcode
    Delete(DeleteArgs),
    /// Fetch a token and show what is known of it, but not the token
    Token(TokenArgs),
    /// Send JSON to a CareCentric API of Graphnet
    Post(PostArgs),
    /// Call a provider through the Spine's proxy, by mutual TLS
    Spine(SpineArgs),
    /// Get any FHIR resource of an environment by its URL
    Get(GetArgs),
    /// The endpoint comes first, and the verb follows from words and options.
    #[expect(
        dead_code,
        reason = "options before the endpoint are not in it: all arguments are read anew"
    )]
    #[command(external_subcommand)]
    EndpointFirst(Vec<OsString>),
}

/// The options of all verbs.
#[derive(Debug, Args)]
pub(super) struct CommonArgs {
    /// The environment; not needed if only one is of the endpoint's system
    #[arg(long = "env", global = true, value_name = "NAME")]
    pub(super) environment: Option<String>,
    /// Call a running healthcode sandbox: the file with what it printed
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) sandbox: Option<PathBuf>,
    /// Read environments from this file
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// How the answer is printed
    #[arg(long, global = true, value_enum, default_value_t = CallFormat::Json)]
    pub(super) format: CallFormat,
    /// Print the first request, with [redacted] for credentials, and send nothing
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "http"
    )]
    pub(super) dry_run: Option<DryRun>,
    /// A saved discovery document, for --dry-run; without it the address's key stands for it
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) discovery: Option<PathBuf>,
    /// Keep the exchanges in a new HAR file, readable by its owner alone, without tokens; it holds
    /// patient data
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) capture: Option<PathBuf>,
    /// Send this UUID as X-Correlation-ID with every request, to find the calls of one workflow again
    #[arg(long, global = true, value_name = "UUID", value_parser = Quiet(uuid))]
    pub(super) correlation_id: Option<String>,
}

impl CommonArgs {
    /// That no two options contradict each other: clap compares only those on the same side of the verb.
    ///
    /// # Errors
    /// If two do.
    pub(super) fn check(&self) -> Result<(), String> {
        let (sandbox, dry) = (self.sandbox.is_some(), self.dry_run.is_some());
        let (name, reason) = if sandbox && self.environment.is_some() {
            ("--env", "--sandbox is an environment of its own")
        } else if sandbox && self.config.is_some() {
            ("--config", "--sandbox is an environment of its own")
        } else if self.discovery.is_some() && !dry {
            ("--discovery", "it is for --dry-run")
        } else if self.capture.is_some() && dry {
            ("--capture", "--dry-run sends nothing")
        } else {
            return Ok(());
        };
        Err(format!("{name} is not allowed here: {reason}"))
    }
}

/// SDS refuses other correlation ids.
fn uuid(text: &str) -> Result<String, String> {
    match HeaderForm::Uuid.matches(text) {
        true => Ok(text.to_owned()),
        false => Err("invalid id: expected a UUID".to_owned()),
    }
}

/// How many pages are fetched; all if there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageCount(pub(super) Option<usize>);

pub(super) fn page_count(text: &str) -> Result<PageCount, String> {
    match text.parse() {
        _ if text == "all" => Ok(PageCount(None)),
        Ok(count) if count > 0 => Ok(PageCount(Some(count))),
        _ => Err("expected a number from 1, or all".to_owned()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CallFormat {
    /// What came, indented: one document a page
    Json,
    /// The resources of all pages, one a line
    Ndjson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DryRun {
    /// As HTTP/1.1
    Http,
    /// As a curl command
    Curl,
}
