//! The options of `healthcode call`: those of all verbs, and each verb's.

pub(crate) mod word;

use clap::{Args, Subcommand, ValueEnum};
use healthcode_search::service::HeaderForm;
use healthcode_search::{Endpoint, Scope};
use healthcode_uk::{Asid, IdError, InteractionId, OdsCode, PartyKey};
use serde::Deserialize;
use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use word::{Quiet, Source, Word, source, url_word, word};

#[derive(Debug, Args)]
pub(crate) struct CallArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
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
pub(crate) struct CommonArgs {
    /// The environment; not needed if only one is of the endpoint's system
    #[arg(long = "env", global = true, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// Call a running healthcode sandbox: the file with what it printed
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) sandbox: Option<PathBuf>,
    /// Read environments from this file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How the answer is printed
    #[arg(long, global = true, value_enum, default_value_t = CallFormat::Json)]
    pub(crate) format: CallFormat,
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
    pub(crate) dry_run: Option<DryRun>,
    /// A saved discovery document, for --dry-run; without it the address's key stands for it
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) discovery: Option<PathBuf>,
    /// Keep the exchanges in a new HAR file, readable by its owner alone, without tokens; it holds
    /// patient data
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) capture: Option<PathBuf>,
    /// Send this UUID as X-Correlation-ID with every request, to find the calls of one workflow again
    #[arg(long, global = true, value_name = "UUID", value_parser = Quiet(uuid))]
    pub(crate) correlation_id: Option<String>,
}

impl CommonArgs {
    /// That no two options contradict each other: clap compares only those on the same side of the verb.
    ///
    /// # Errors
    /// If two do.
    pub(crate) fn check(&self) -> Result<(), String> {
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
    if HeaderForm::Uuid.matches(text) {
        Ok(text.to_owned())
    } else {
        Err("invalid id: expected a UUID".to_owned())
    }
}

/// How many pages are fetched; all if there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageCount(pub(crate) Option<usize>);

pub(crate) fn page_count(text: &str) -> Result<PageCount, String> {
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
    /// As json, in XML; requested of services that have XML
    Xml,
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

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// The endpoint: healthcode query endpoints lists them
    #[arg(value_name = "ENDPOINT", value_parser = Quiet(listed))]
    pub(crate) endpoint: &'static Endpoint,
    /// Parameters, as for healthcode query build; - stands for the lines of standard input, @FILE for
    /// those of a file
    #[arg(value_name = "NAME=VALUE", value_parser = Quiet(word))]
    pub(crate) words: Vec<Word>,
    /// How many pages are fetched: a number, or all
    #[arg(long, default_value = "1", value_name = "COUNT|all", value_parser = page_count)]
    pub(crate) pages: PageCount,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// The endpoint: one that healthcode query endpoints lists, pds-related-person or pds-coverage
    #[arg(value_name = "ENDPOINT", value_parser = Quiet(readable))]
    pub(crate) endpoint: Readable,
    /// The id, or the steps of the address below the endpoint; for PDS, NHS numbers. - stands for the
    /// lines of standard input, @FILE for those of a file: an NHS number is taken from there alone
    #[arg(value_name = "ID", value_parser = Quiet(word))]
    pub(crate) words: Vec<Word>,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

/// An endpoint that reads by id.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Readable {
    Listed(&'static Endpoint),
    Patients(Subject),
}

/// What is read of a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Demographics,
    RelatedPerson,
    Coverage,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The endpoint: one that takes a resource, pds-patient, pds-birth-details (the Bundle of a birth
    /// notification) or pds-coverage
    #[arg(value_name = "ENDPOINT", value_parser = Quiet(creatable))]
    pub(crate) endpoint: Creatable,
    /// The resource: a file, or - for standard input
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    pub(crate) body: Source,
    /// For pds-coverage: create only if the coverage that is there still has this version; without it,
    /// the version is read first
    #[arg(long, value_name = "VERSION")]
    pub(crate) if_match: Option<String>,
    /// Call the NHS for a user who has signed in: their id token is exchanged
    #[arg(long)]
    pub(crate) as_user: bool,
    /// Call also what is reserved for Healthcode's own products
    #[arg(long)]
    pub(crate) restricted: bool,
}

/// An endpoint that takes a new resource.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Creatable {
    Listed(&'static Endpoint),
    Patient,
    BirthDetails,
    Coverage,
}

#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    /// The endpoint of Healthcode
    #[arg(value_name = "ENDPOINT", value_parser = Quiet(listed))]
    pub(crate) endpoint: &'static Endpoint,
    /// The resource's id; - takes it from standard input, @FILE from a file
    #[arg(value_name = "ID", value_parser = Quiet(word))]
    pub(crate) id: Word,
    /// The resource: a file, or - for standard input
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    pub(crate) body: Source,
    /// Write only if the version is still this one: an ETag, or the number of meta.versionId
    #[arg(long, value_name = "VERSION")]
    pub(crate) if_match: Option<String>,
    /// Call also what is reserved for Healthcode's own products
    #[arg(long)]
    pub(crate) restricted: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PatchArgs {
    /// The endpoint
    #[arg(value_name = "ENDPOINT", value_parser = ["pds-patient"])]
    pub(crate) endpoint: String,
    /// Where the NHS number is: - (a line of standard input) or @FILE
    #[arg(value_name = "NUMBER", value_parser = Quiet(word))]
    pub(crate) number: Word,
    /// The operations of JSON Patch, as an array or in the member patches: a file, or - for standard
    /// input
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    pub(crate) body: Source,
    /// Change the patient only if the version is still this one: an ETag, or the number of
    /// meta.versionId; without it, the version is read first, and what changed before that is not seen
    #[arg(long, value_name = "VERSION")]
    pub(crate) if_match: Option<String>,
    /// Call the NHS for a user who has signed in: their id token is exchanged
    #[arg(long)]
    pub(crate) as_user: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The endpoint of Healthcode
    #[arg(value_name = "ENDPOINT", value_parser = Quiet(listed))]
    pub(crate) endpoint: &'static Endpoint,
    /// The resource's id; - takes it from standard input, @FILE from a file
    #[arg(value_name = "ID", value_parser = Quiet(word))]
    pub(crate) id: Word,
    /// Delete only if the version is still this one: an ETag, or the number of meta.versionId
    #[arg(long, value_name = "VERSION")]
    pub(crate) if_match: Option<String>,
    /// Call also what is reserved for Healthcode's own products
    #[arg(long)]
    pub(crate) restricted: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// Whose token
    #[arg(value_enum)]
    pub(crate) system: System,
    /// Request the token of a user who has signed in: their id token is exchanged (NHS)
    #[arg(long)]
    pub(crate) as_user: bool,
}

/// A system whose endpoints are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum System {
    Healthcode,
    Nhs,
    Graphnet,
}

#[derive(Debug, Args)]
pub(crate) struct PostArgs {
    /// The path below the base of the APIs
    #[arg(value_name = "PATH", value_parser = Quiet(word))]
    pub(crate) path: Word,
    /// The JSON: a file, or - for standard input
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    pub(crate) body: Source,
    /// The product of Graphnet whose subscription key is sent
    #[arg(long, value_name = "NAME")]
    pub(crate) product: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SpineArgs {
    /// The interaction: urn:nhs:names:services:gpconnect:fhir:rest:read:patient-1
    #[arg(long, value_name = "URN", value_parser = Quiet(id::<InteractionId>))]
    pub(crate) interaction: InteractionId,
    /// The path below the provider's service root; - takes it from standard input, @FILE from a file
    #[arg(long, value_name = "PATH", value_parser = Quiet(word))]
    pub(crate) path: Word,
    /// The provider, whose service the directory finds
    #[arg(
        long,
        value_name = "CODE",
        value_parser = Quiet(id::<OdsCode>),
        required_unless_present = "root",
        conflicts_with = "root"
    )]
    pub(crate) organization: Option<OdsCode>,
    /// The party key, where the directory has several services
    #[arg(long, value_name = "KEY", value_parser = Quiet(id::<PartyKey>), conflicts_with = "root")]
    pub(crate) party_key: Option<PartyKey>,
    /// The service root, in place of --organization: the directory is not used
    #[arg(long, value_name = "URL", requires = "to")]
    pub(crate) root: Option<String>,
    /// The provider's ASID
    #[arg(long, value_name = "ASID", value_parser = Quiet(id::<Asid>))]
    pub(crate) to: Option<Asid>,
    /// The claims of the unsigned token as JSON without iat and exp, who requests data and why: a file, or - for
    /// standard input
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    pub(crate) claims: Source,
    /// JSON to send by POST: a file, or - for standard input; without it, the call is a GET
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    pub(crate) body: Option<Source>,
}

#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    /// The URL, whose origin is one of the environment's; - takes it from standard input, @FILE from a
    /// file: a URL with an NHS number is taken from there alone
    #[arg(value_name = "URL", value_parser = Quiet(url_word))]
    pub(crate) url: Word,
    /// Call the NHS for a user who has signed in: their id token is exchanged
    #[arg(long)]
    pub(crate) as_user: bool,
    /// The product of Graphnet whose subscription key is sent
    #[arg(long, value_name = "NAME")]
    pub(crate) product: Option<String>,
}

/// For whom a call is made.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AccountArgs {
    /// Call the NHS for a user who has signed in: their id token is exchanged
    #[arg(long)]
    pub(crate) as_user: bool,
    /// The product of Graphnet whose subscription key is sent
    #[arg(long, value_name = "NAME")]
    pub(crate) product: Option<String>,
    /// Call also what is reserved for Healthcode's own products
    #[arg(long)]
    pub(crate) restricted: bool,
}

/// The endpoint of this name.
pub(crate) fn listed(name: &str) -> Result<&'static Endpoint, String> {
    match Scope::named(name) {
        Ok(Scope::Endpoint(endpoint)) => Ok(endpoint),
        Ok(_) => Err(
            "not an endpoint but a type of resource: healthcode query endpoints lists endpoints"
                .to_owned(),
        ),
        Err(error) => Err(error.to_string()),
    }
}

fn readable(name: &str) -> Result<Readable, String> {
    Ok(match name {
        "pds-patient" => Readable::Patients(Subject::Demographics),
        "pds-related-person" => Readable::Patients(Subject::RelatedPerson),
        "pds-coverage" => Readable::Patients(Subject::Coverage),
        _ => Readable::Listed(listed(name)?),
    })
}

fn creatable(name: &str) -> Result<Creatable, String> {
    Ok(match name {
        "pds-patient" => Creatable::Patient,
        "pds-birth-details" => Creatable::BirthDetails,
        "pds-coverage" => Creatable::Coverage,
        _ => Creatable::Listed(listed(name)?),
    })
}

fn id<T: FromStr<Err = IdError>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: IdError| error.to_string())
}
