//! The options of `healthcode call`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct CallArgs {
    /// The environment; may be left out if only one has the endpoint's system
    #[arg(long = "env", value_name = "NAME", conflicts_with = "sandbox")]
    pub(crate) environment: Option<String>,
    /// Call a running healthcode sandbox: the file with what it printed
    #[arg(long, value_name = "FILE")]
    pub(crate) sandbox: Option<PathBuf>,
    /// How many pages are fetched: a number, or all
    #[arg(long, default_value = "1", value_name = "COUNT|all", value_parser = page_count)]
    pub(crate) pages: PageCount,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t = CallFormat::Json)]
    pub(crate) format: CallFormat,
    /// Print the request, with [redacted] for credentials, and send nothing
    #[arg(
        long,
        value_enum,
        value_name = "FORM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "http",
        conflicts_with = "capture"
    )]
    pub(crate) dry_run: Option<DryRun>,
    /// A saved discovery document, for --dry-run; without it the address's key stands for it
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    pub(crate) discovery: Option<PathBuf>,
    /// Call also what is reserved for Healthcode's own products
    #[arg(long)]
    pub(crate) restricted: bool,
    /// Keep the exchanges in a new HAR file, readable by its owner alone, without tokens; it holds
    /// patient data
    #[arg(long, value_name = "FILE")]
    pub(crate) capture: Option<PathBuf>,
    /// Read environments from this file
    #[arg(long, value_name = "FILE", conflicts_with = "sandbox")]
    pub(crate) config: Option<PathBuf>,
    /// Send what is in this file, or - for standard input: a resource to Healthcode, operations of JSON
    /// Patch to PDS, JSON to graphnet-api and ssp
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<String>,
    /// Put --body in place of the resource with this id (PUT), or change the patient by it (PATCH)
    #[arg(long, conflicts_with = "delete")]
    pub(crate) update: bool,
    /// Delete the resource with this id
    #[arg(long)]
    pub(crate) delete: bool,
    /// Write only if the version is still this one: an ETag, or the number of meta.versionId
    #[arg(long, value_name = "VERSION")]
    pub(crate) if_match: Option<String>,
    /// Call the NHS for a user who has signed in: their id token is exchanged
    #[arg(long)]
    pub(crate) as_user: bool,
    /// The product of Graphnet's whose subscription key is sent
    #[arg(long, value_name = "NAME")]
    pub(crate) product: Option<String>,
    /// The claims of the unsigned token of ssp, as JSON without iat and exp: who asks, and why
    #[arg(long, value_name = "FILE")]
    pub(crate) claims: Option<String>,
    /// The endpoint: see healthcode query endpoints; or healthcode-token, nhs-token, graphnet-token,
    /// graphnet-api, ssp
    #[arg(value_name = "ENDPOINT")]
    pub(crate) endpoint: String,
    /// Parameters and steps of the address; - stands for the lines of standard input, @FILE for those
    /// of a file
    #[arg(value_name = "NAME=VALUE|STEP")]
    pub(crate) words: Vec<String>,
}

/// How many pages are fetched; all if there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageCount(pub(crate) Option<usize>);

fn page_count(text: &str) -> Result<PageCount, String> {
    match text.parse() {
        _ if text == "all" => Ok(PageCount(None)),
        Ok(count) if count > 0 => Ok(PageCount(Some(count))),
        _ => Err("expected a number from 1, or all".to_owned()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CallFormat {
    /// What came, indented: one document a page
    Json,
    /// The resources of all pages, one a line
    Ndjson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DryRun {
    /// As HTTP/1.1
    Http,
    /// As a curl command
    Curl,
}
