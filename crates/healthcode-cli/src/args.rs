//! The command line.
// What is above options is printed as their help.
#![allow(clippy::doc_markdown)]

#[cfg(feature = "net")]
pub(crate) mod call;
mod choices;
mod fix;
pub(crate) mod view;

use crate::pattern::Pattern;
#[cfg(feature = "net")]
use call::CallArgs;
pub(crate) use choices::{
    AnswerFormat, ColorArg, DateOrderArg, Deny, DialectArg, FhirVersionArg, Format, PolicyArg,
    RulesFormat, SeverityArg, Syntax, TableFormat, ViewFormat,
};
use clap::{Args, Parser, Subcommand};
pub(crate) use fix::{BaselineArgs, FixArgs};
use std::ffi::OsString;
use std::path::PathBuf;
use view::ViewArgs;

/// Validates, formats, decodes and benchmarks FHIR R4 payloads; builds, explains and sends queries.
#[derive(Debug, Parser)]
#[command(name = "healthcode", version, about, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Validate payloads: each issue with rule, path, line and column
    ///
    /// Reads JSON, NDJSON, XML and captured HTTP exchanges (HAR files, or what curl prints), plain or compressed
    /// with gzip or zstd; all are recognised by their content. Bundles of any size are read an entry at a time.
    ///
    /// Settings are also taken from healthcode.toml in this folder or one around it, with the
    /// names of the options as keys: policy, deny, enable, ignore, only, min-severity, severity, fold,
    /// exclude, packages, package-cache, baseline, jobs, max-depth, max-resource, max-decompressed. Selectors, patterns
    /// and packages of both are joined; for the rest, the command line has precedence.
    ///
    /// SELECTOR is a rule's id, or the start of ids with *, optionally followed by @ and a path:
    /// R4-DATE, 'HC-*', 'R4-CODE@Patient.contact', '*@**.telecom'. The path selects an element and
    /// all below it; without an index it stands for all items; * is any one step, ** any number.
    ///
    /// With --fix, files are rewritten: all bytes but those of the edits stay as they are, and a fix that would
    /// introduce an error is left out. Compressed files and captured exchanges are not rewritten.
    ///
    /// Exit status: 130 if interrupted, after reporting what was found so far; 141 if the reader of the
    /// report closed the pipe; else 2 if any input could not be read or rewritten (the others are still checked)
    /// or an option is wrong; else 1 if there are errors, or with --diff anything to be changed; else 0.
    Validate(ValidateArgs),
    /// List the rules: of validation, decoding Healthcode's extensions, queries and captured exchanges
    Rules {
        /// How they are shown
        #[arg(long, value_enum, default_value_t = RulesFormat::Human)]
        format: RulesFormat,
    },
    /// Explain a rule: what it means and how to correct what breaks it
    ///
    /// Exit status: 2 if the rule is unknown, else 0.
    Explain {
        /// The rule's id: R4-DATE
        #[arg(value_name = "RULE")]
        rule: String,
    },
    /// Rewrite payloads through the typed model, losing nothing
    ///
    /// JSON stays JSON, and XML stays XML, unless --to says otherwise. What the other syntax has no form for
    /// is left out, which is reported on standard error. Text that is neither is never rewritten. Without
    /// --in-place or --out-dir the result goes to standard output.
    ///
    /// Exit status: 2 if any input could not be read or written, else 1 if --check finds a file
    /// that is not formatted or anything was left out, else 0.
    Fmt(FmtArgs),
    /// Show what Healthcode's payloads say: practitioners, roles, photos, pages and errors
    ///
    /// Practitioners of all inputs share one table, with their roles from any of them. What
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
    /// Exit status: 2 if the expression is invalid or any input could not be read, else 1 if the
    /// evaluation failed for any resource, else 0.
    Fhirpath(FhirpathArgs),
    /// Build search queries, and explain captured ones
    Query(QueryArgs),
    /// Make tables of payloads with SQL on FHIR's ViewDefinitions
    View(ViewArgs),
    /// Show what FHIR packages hold, and which of their definitions is used
    ///
    /// Packages are those of --package and of packages in healthcode.toml, with what they depend on.
    Package(PackageCommandArgs),
    /// Write a healthcode.toml into this folder
    ///
    /// With options, these are its settings. Without options, it asks questions if standard input and output are
    /// terminals; else the file has all settings as comments. A package that is missing is a warning.
    ///
    /// Exit status: 2 if there is a healthcode.toml and --force is not given, or a setting is invalid; else 0.
    Init(InitArgs),
    /// Serve Healthcode, Graphnet and the NHS on this machine, to test clients against
    ///
    /// Prints addresses and credentials as TOML; the credentials are new at each start. Then requests are logged on
    /// standard error, without queries, ids, headers and bodies. All data is invented, unless --data is given.
    ///
    /// Exit status: 2 if it could not start. It serves until it is stopped.
    #[cfg(feature = "net")]
    Sandbox(SandboxArgs),
    /// Call Healthcode, Graphnet or the NHS, and print the answer
    ///
    /// Patient data belongs in files or standard input, because shells keep command lines and show them
    /// to others: - stands for the lines of standard input, and @FILE for those of a file. An NHS number
    /// is not taken from the command line.
    ///
    ///   call search practitioner family=Smith
    ///   call read practitioner SP00001
    ///   call read pds-patient - < numbers.txt
    ///   call create create-schedule --body schedule.json
    ///   call patch pds-patient @number.txt --body patch.json
    ///   call get http://localhost:9000/metadata --env local
    ///
    /// The verb may be left out: healthcode call ENDPOINT [NAME=VALUE|ID]... with --body, --update or
    /// --delete where something is written. Options then follow the endpoint, except those below.
    ///
    /// Environments are in healthcode.toml in this folder or a parent folder, or in --config. Which
    /// settings they have depends on their system:
    ///
    ///   [environments.uat]
    ///   system = "healthcode"     # discovery and sign-on (production's if they are left out), key-id,
    ///                             # site, api-version, allow-origins
    ///   [environments.int]
    ///   system = "nhs"            # base, kid, private-key-file, organization, role; pds-base and
    ///                             # sds-base for services that are not at their paths below base;
    ///                             # open = true where no token is taken; proxy, asid for spine
    ///   [environments.local]
    ///   system = "nhs"            # NHS England's sandbox of PDS on this machine
    ///   pds-base = "http://localhost:9000"
    ///   open = true
    ///   [environments.shared-care]
    ///   system = "graphnet"       # base, api (if that is elsewhere), token, client-id
    ///
    /// All may have ca-file, client-certificate-file and client-key-file, in PEM. Secrets are taken
    /// from environment variables alone, named after the environment: HEALTHCODE_UAT_KEY (the API
    /// key), HEALTHCODE_INT_API_KEY, HEALTHCODE_INT_ID_TOKEN (for --as-user),
    /// HEALTHCODE_SHARED_CARE_CLIENT_SECRET, HEALTHCODE_SHARED_CARE_SUBSCRIPTION_KEY and, with
    /// --product NAME, HEALTHCODE_SHARED_CARE_SUBSCRIPTION_KEY_NAME.
    ///
    /// The answer goes to standard output, also if it is an OperationOutcome with errors; it may contain patient
    /// data. Standard error has neither patient data nor secrets.
    ///
    /// Exit status: 130 if interrupted; else 2 if nothing could be called, because the query, an option
    /// or a setting is wrong; else 1 if the call failed, for one patient of several too; else 0.
    #[cfg(feature = "net")]
    #[command(verbatim_doc_comment)]
    Call(CallArgs),
    /// Measure how fast a payload is read, written and streamed, beside serde_json::Value
    Bench(BenchArgs),
    /// Serve editors over the Language Server Protocol, on standard input and output
    ///
    /// Reports the issues that validate reports, while a payload is typed; shows facts of the element under the
    /// cursor, and completes members, codes, extensions and references. Settings are those of the healthcode.toml
    /// in a file's folder or one around it.
    ///
    /// Exit status: 2 if the client ended without shutdown, else 0.
    Lsp {
        /// Accepted as other servers do; standard input and output are used in any case
        #[arg(long, hide = true)]
        stdio: bool,
    },
    /// Print the manual page, or write those of all subcommands
    ///
    /// man -l <(healthcode man) shows it.
    Man {
        /// Write the pages of all subcommands into this folder
        #[arg(long, value_name = "DIR")]
        out_dir: Option<PathBuf>,
    },
    /// Print completions of subcommands and options for a shell
    ///
    /// For bash: healthcode completions bash > ~/.local/share/bash-completion/completions/healthcode
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// How issues are shown
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Write into this file instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// When human output is coloured
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: ColorArg,
    /// Report standard input under this name; .ndjson and .jsonl are taken as NDJSON
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin_filename: Option<PathBuf>,
    /// How documented deviations are judged: by the standard, or as notes if Healthcode documents them
    #[arg(long, value_enum)]
    pub(crate) policy: Option<PolicyArg>,
    /// Check resources that claim them in meta.profile against these StructureDefinitions: JSON
    /// files, or folders of them, with the value sets and code systems that they use
    #[arg(long = "profile", value_name = "FILE|DIR")]
    pub(crate) profiles: Vec<PathBuf>,
    /// Check all resources of its type against this profile, by its canonical URL
    #[arg(long = "profile-url", value_name = "URL")]
    pub(crate) profile_urls: Vec<String>,
    #[command(flatten)]
    pub(crate) packages: PackageArgs,
    /// Treat these as errors too
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) deny: Option<Deny>,
    /// Exit with 0 also if there are errors; with 2 still if any input could not be read
    #[arg(long)]
    pub(crate) exit_zero: bool,
    /// Also check what the standard calls best practice, such as that resources have narratives
    #[arg(long)]
    pub(crate) best_practice: bool,
    /// Also check this rule, which is off by default; `healthcode rules` marks such rules
    #[arg(long, value_name = "RULE")]
    pub(crate) enable: Vec<String>,
    /// Show what payloads hold, also in files and pipes: it may be patient data
    #[arg(long)]
    pub(crate) show_values: bool,
    #[command(flatten)]
    pub(crate) fixes: FixArgs,
    #[command(flatten)]
    pub(crate) baseline: BaselineArgs,
    #[command(flatten)]
    pub(crate) noise: NoiseArgs,
    /// How many inputs are checked at the same time; as many as there are processors if not given
    #[arg(long, short, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Check files again when they change, until Ctrl-C: for people or as NDJSON
    #[arg(long, conflicts_with = "output")]
    pub(crate) watch: bool,
    /// Read settings from this file
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Read no file of settings
    #[arg(long)]
    pub(crate) no_config: bool,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

/// FHIR packages whose definitions are used.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PackageArgs {
    /// Use the definitions of this FHIR package and of those that it depends on: a .tgz file, a folder, or
    /// NAME or NAME#VERSION in the cache. Nothing is fetched from a network
    #[arg(long = "package", value_name = "PACKAGE")]
    pub(crate) packages: Vec<String>,
    /// Look for packages in this folder [default: ~/.fhir/packages]
    #[arg(long, value_name = "DIR")]
    pub(crate) package_cache: Option<PathBuf>,
}

impl PackageArgs {
    /// The packages of both, these first; the cache of this one if both have one.
    pub(crate) fn or(mut self, others: PackageArgs) -> Self {
        self.packages.extend(others.packages);
        self.package_cache = self.package_cache.or(others.package_cache);
        self
    }
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    pub(crate) packages: PackageArgs,
    /// How documented deviations are judged
    #[arg(long, value_enum)]
    pub(crate) policy: Option<PolicyArg>,
    /// Fail on warnings too
    #[arg(long, value_enum)]
    pub(crate) deny: Option<Deny>,
    /// Leave out the files and folders of this name or path
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Leave out issues of this rule, maybe only at this path
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) ignore: Vec<String>,
    /// Overwrite a healthcode.toml that is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Print the file, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PackageCommandArgs {
    #[command(subcommand)]
    pub(crate) command: PackageCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PackageCommand {
    /// List packages with those that they depend on; without --package, those in the cache
    List {
        #[command(flatten)]
        packages: PackageArgs,
        /// How they are shown
        #[arg(long, value_enum, default_value_t = TableFormat::Human)]
        format: TableFormat,
    },
    /// List the profiles, value sets and code systems of packages
    Show {
        #[command(flatten)]
        packages: PackageArgs,
        /// How they are shown
        #[arg(long, value_enum, default_value_t = TableFormat::Human)]
        format: TableFormat,
    },
    /// Say which definition a canonical URL stands for, in which version, of which package
    ///
    /// Exit status: 1 if it stands for no definition, else 0.
    Resolve {
        /// The canonical URL, maybe with |VERSION
        #[arg(value_name = "URL")]
        url: String,
        #[command(flatten)]
        packages: PackageArgs,
        /// How it is shown
        #[arg(long, value_enum, default_value_t = TableFormat::Human)]
        format: TableFormat,
    },
    /// Say why a canonical URL stands for one definition, and not for others that there are
    ///
    /// Exit status: 1 if no definition has the URL, else 0.
    Why {
        /// The canonical URL, maybe with |VERSION
        #[arg(value_name = "URL")]
        url: String,
        #[command(flatten)]
        packages: PackageArgs,
        /// How it is shown
        #[arg(long, value_enum, default_value_t = TableFormat::Human)]
        format: TableFormat,
    },
    /// Print the snapshot of a profile, made of its base and its differential
    ///
    /// As JSON it is the StructureDefinition with that snapshot. Exit status: 1 if there is no such profile,
    /// else 0.
    Snapshot {
        /// The canonical URL, maybe with |VERSION
        #[arg(value_name = "URL")]
        url: String,
        #[command(flatten)]
        packages: PackageArgs,
        /// How it is shown
        #[arg(long, value_enum, default_value_t = TableFormat::Human)]
        format: TableFormat,
    },
}

/// Which issues are shown and counted.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct NoiseArgs {
    /// Leave out issues of this rule, maybe only at this path
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) ignore: Vec<String>,
    /// Leave out the issues of all other rules, except that a text is not JSON
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) only: Vec<String>,
    /// Leave out issues of lower severity
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<SeverityArg>,
    /// Change the severity of a rule: R4-DATE=warning
    #[arg(long, value_name = "RULE=SEVERITY")]
    pub(crate) severity: Vec<String>,
    /// Show so many issues of each rule at the same path but for indexes, and count the others; 5
    /// for people, 100 in pages, all in other formats if not given
    #[arg(long, value_name = "COUNT")]
    pub(crate) fold: Option<u64>,
    /// Show all issues
    #[arg(long, conflicts_with = "fold")]
    pub(crate) no_fold: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct InputArgs {
    /// How deep elements may be nested (1 to 512); what lies deeper is reported and not checked
    /// [default: 128]
    #[arg(long, value_name = "LEVELS", value_parser = clap::value_parser!(u32).range(1..=512))]
    pub(crate) max_depth: Option<u32>,
    /// How large a compressed input may become, in MiB [default: 65536]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_decompressed: Option<u64>,
    /// How large a single resource, or an entry of a Bundle, may be, in MiB; for commands that hold
    /// the whole of an input, such as fmt, the input [default: 1024]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_resource: Option<u64>,
    /// Leave out the files and folders of this name or path in a folder that is searched: drafts,
    /// '*.request.json', 'build/**'
    #[arg(long, value_name = "GLOB", value_parser = Pattern::new)]
    pub(crate) exclude: Vec<Pattern>,
    /// The release of FHIR that payloads have; with auto it is found for each payload, and is R4 if nothing shows
    /// another
    #[arg(long, value_enum, value_name = "RELEASE", default_value = "auto")]
    pub(crate) fhir_version: FhirVersionArg,
    /// Files, folders (searched for .json, .ndjson, .jsonl and FHIR in .xml, also with .gz or .zst), or - for
    /// standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

/// Bytes of a MiB.
pub(crate) const MIB: u64 = 1024 * 1024;

impl InputArgs {
    /// How large a compressed input may become.
    pub(crate) fn decompressed_bytes(&self) -> u64 {
        self.max_decompressed.unwrap_or(65_536).saturating_mul(MIB)
    }

    /// How large a single resource or entry may be.
    pub(crate) fn resource_bytes(&self) -> u64 {
        self.max_resource.unwrap_or(1024).saturating_mul(MIB)
    }
}

#[derive(Debug, Args)]
pub(crate) struct FmtArgs {
    /// Indent by two spaces (the default)
    #[arg(long, conflicts_with = "compact")]
    pub(crate) pretty: bool,
    /// Leave out all white space
    #[arg(long)]
    pub(crate) compact: bool,
    /// Write JSON or XML, whatever the input is
    #[arg(long, value_enum, value_name = "SYNTAX", conflicts_with_all = ["check", "in_place"])]
    pub(crate) to: Option<Syntax>,
    /// With --in-place, rewrite XML that has comments or processing instructions, which are lost
    #[arg(long)]
    pub(crate) drop_comments: bool,
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
    /// Whether issues are coloured
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: ColorArg,
    /// Write photos into this folder; files that are there are never overwritten
    #[arg(long, value_name = "DIR")]
    pub(crate) photo_dir: Option<PathBuf>,
    /// What comes first in dates with dots; the documentation does not say
    #[arg(long, value_enum, default_value_t = DateOrderArg::DayFirst)]
    pub(crate) date_order: DateOrderArg,
    #[command(flatten)]
    pub(crate) packages: PackageArgs,
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
    #[command(flatten)]
    pub(crate) packages: PackageArgs,
    /// The expression
    #[arg(value_name = "EXPRESSION", allow_hyphen_values = true)]
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
    /// Show what a captured query means, and name each mistake in it
    ///
    /// The values of the query are shown. Exit status: 2 if the endpoint is not
    /// known, else 1 if there are errors, else 0.
    Explain(ExplainArgs),
    /// Evaluate a query on captured Bundles
    ///
    /// Shows what matches, and what may match. Resources that are only referred to, such as
    /// the locations of roles, are given by --with. A parameter that is not supported is an error.
    ///
    /// Exit status: 2 if an input could not be read or the query not be evaluated, or not wholly, else 1
    /// if --check finds resources that do not satisfy the query, else 0.
    Run(RunArgs),
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
    /// The endpoint, or a type of resource of R4, if the address does not show it
    #[arg(long, value_name = "NAME")]
    pub(crate) endpoint: Option<String>,
    /// How it is shown
    #[arg(long, value_enum, default_value_t = TableFormat::Human)]
    pub(crate) format: TableFormat,
    /// A URL, query string, form body or curl command, or - for standard input
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) text: String,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The endpoint, or a type of resource of R4, if the address does not show it
    #[arg(long, value_name = "NAME")]
    pub(crate) endpoint: Option<String>,
    /// The service whose form the query has, where the address shows only the type of resource
    #[arg(long, value_enum)]
    pub(crate) dialect: Option<DialectArg>,
    /// What the Bundles refer to: resources, Bundles or NDJSON, in a file or folder; not searched
    #[arg(long, value_name = "PATH")]
    pub(crate) with: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) packages: PackageArgs,
    /// How large an input may be, in MiB [default: 1024]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_resource: Option<u64>,
    /// How the answer is shown
    #[arg(long, value_enum, default_value_t = AnswerFormat::Human)]
    pub(crate) format: AnswerFormat,
    /// Check the Bundles as the query's answer: name each parameter that a resource does not satisfy
    #[arg(long, conflicts_with = "format")]
    pub(crate) check: bool,
    /// The Bundles (or resources, or NDJSON; files, folders, or - for standard input), and last the
    /// query: a URL, query string or curl command
    #[arg(required = true, value_name = "BUNDLE... QUERY")]
    pub(crate) inputs: Vec<OsString>,
}

#[cfg(feature = "net")]
#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    /// The port, at 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Serve the Bundles of this folder's .json files
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Serve https alone, with certificates of a private authority that is made for this run; only
    /// then is there the Spine's proxy. The paths of the certificates are printed
    #[arg(long)]
    pub(crate) tls: bool,
    /// Write the certificates into this folder instead of one for temporary files
    #[arg(long, value_name = "DIR", requires = "tls")]
    pub(crate) tls_dir: Option<PathBuf>,
    /// Keep what is written in this file, so that it is there the next time
    #[arg(long, value_name = "FILE")]
    pub(crate) store: Option<PathBuf>,
    /// Also serve requests whose Host is this name, without a port: localhost and addresses of loopback
    /// are served, others refused
    #[arg(long = "allow-host", value_name = "NAME")]
    pub(crate) hosts: Vec<String>,
    /// Write the private key that the NHS's assertions are signed with: it is the same in all sandboxes
    #[arg(long, value_name = "FILE")]
    pub(crate) nhs_key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// How results are shown
    #[arg(long, value_enum, default_value_t = TableFormat::Human)]
    pub(crate) format: TableFormat,
    /// How many rounds are measured
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(3..=1000))]
    pub(crate) rounds: u32,
    /// The payloads: JSON, NDJSON or XML
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Measure memory only, of this one task: used by the command itself
    #[arg(long, hide = true, value_name = "TASK")]
    pub(crate) memory_of: Option<String>,
}
