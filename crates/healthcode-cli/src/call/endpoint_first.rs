//! The form of the command without a verb: `healthcode call ENDPOINT [WORD]...`. The verb follows from
//! words and options, and clap checks the result as if it had been written with the verb.

use super::input::Inputs;
use crate::args::call::word::{Quiet, Word, word};
use crate::args::call::{CommonArgs, Verb, listed};
use clap::error::{ContextKind, ErrorKind};
use clap::{Args, Parser};
use healthcode_search::{Dialect, Method, ParameterLocation};
use std::ffi::OsString;

/// Calls an endpoint; the verb follows from words and options: see healthcode help call.
#[derive(Debug, Parser)]
#[command(name = "healthcode call", no_binary_name = true)]
struct EndpointFirst {
    #[command(flatten)]
    common: CommonArgs,
    /// The endpoint; or healthcode-token, nhs-token, graphnet-token, graphnet-api, ssp
    #[arg(value_name = "ENDPOINT")]
    endpoint: String,
    /// Ids, steps of the address, or parameters
    #[arg(value_name = "NAME=VALUE|STEP", value_parser = Quiet(word))]
    words: Vec<Word>,
    #[command(flatten)]
    choice: VerbChoice,
    #[command(flatten)]
    options: VerbOptions,
}

#[derive(Debug, Args)]
struct VerbChoice {
    /// As update, or as patch of a patient
    #[arg(long, conflicts_with = "delete")]
    update: bool,
    /// As delete
    #[arg(long)]
    delete: bool,
}

/// The options that are passed to the verb as they are.
#[derive(Debug, Args)]
struct VerbOptions {
    /// As --pages of search
    #[arg(long, value_name = "COUNT|all")]
    pages: Option<OsString>,
    /// As --body of create, update, patch, post and spine
    #[arg(long, value_name = "FILE")]
    body: Option<OsString>,
    /// As --if-match of update, patch and delete
    #[arg(long, value_name = "VERSION")]
    if_match: Option<OsString>,
    /// As --product of search, read and post
    #[arg(long, value_name = "NAME")]
    product: Option<OsString>,
    /// As --claims of spine
    #[arg(long, value_name = "FILE")]
    claims: Option<OsString>,
    /// As --as-user of the calls of the NHS
    #[arg(long)]
    as_user: bool,
    /// As --restricted of the calls of Healthcode
    #[arg(long)]
    restricted: bool,
}

impl VerbOptions {
    fn arguments(&self) -> Vec<OsString> {
        let valued = [
            ("--pages", &self.pages),
            ("--body", &self.body),
            ("--if-match", &self.if_match),
            ("--product", &self.product),
            ("--claims", &self.claims),
        ];
        let flags = [
            ("--as-user", self.as_user),
            ("--restricted", self.restricted),
        ];
        let mut arguments = Vec::new();
        for (name, value) in valued {
            if let Some(value) = value {
                arguments.extend([name.into(), value.clone()]);
            }
        }
        let given = flags.iter().filter(|flag| flag.1);
        arguments.extend(given.map(|flag| flag.0.into()));
        arguments
    }
}

/// The form with a verb.
#[derive(Debug, Parser)]
#[command(name = "healthcode call", no_binary_name = true)]
struct VerbFirst {
    #[command(subcommand)]
    verb: Verb,
}

/// Why there is no verb.
pub(super) enum NoVerb {
    /// clap's reason.
    Arguments(clap::Error),
    /// A file or a word is wrong.
    Words(String),
}

impl From<clap::Error> for NoVerb {
    fn from(error: clap::Error) -> Self {
        NoVerb::Arguments(error)
    }
}

impl From<String> for NoVerb {
    fn from(message: String) -> Self {
        NoVerb::Words(message)
    }
}

/// The options and the verb of these arguments, which follow `call`.
///
/// # Errors
/// If they are not those of a call.
pub(super) fn verb_of(
    arguments: impl Iterator<Item = OsString>,
    inputs: &mut Inputs,
) -> Result<(CommonArgs, Verb), NoVerb> {
    let args = EndpointFirst::try_parse_from(arguments)?;
    let verb = args.verb(inputs)?;
    Ok((args.common, verb))
}

impl EndpointFirst {
    fn verb(&self, inputs: &mut Inputs) -> Result<Verb, NoVerb> {
        let system = match self.endpoint.as_str() {
            "healthcode-token" => "healthcode",
            "nhs-token" => "nhs",
            "graphnet-token" => "graphnet",
            "graphnet-api" => return self.parse("post", None, &self.words),
            "ssp" => return self.spine(inputs),
            _ => return self.of_endpoint(inputs),
        };
        if self.words.is_empty() {
            self.parse("token", Some(system), &[])
        } else {
            Err(format!("{} takes no parameters", self.endpoint).into())
        }
    }

    fn of_endpoint(&self, inputs: &mut Inputs) -> Result<Verb, NoVerb> {
        let mut name = self.endpoint.as_str();
        let mut words = self.words.as_slice();
        let related = Word::Literal("RelatedPerson".to_owned());
        if let ("pds-patient", Some((last, before))) = (name, words.split_last())
            && *last == related
        {
            (name, words) = ("pds-related-person", before);
        }
        let verb = match (self.choice.update, self.choice.delete) {
            (true, _) if name.starts_with("pds-") => "patch",
            (true, _) => "update",
            (_, true) => "delete",
            _ if self.options.body.is_some() => "create",
            _ if name.starts_with("pds-") && name != "pds-patient" => "read",
            _ => {
                let endpoint = listed(name)?;
                let lines = inputs.peek(words)?;
                let by_id = lines.iter().any(|line| !line.contains('='));
                let bare =
                    lines.is_empty() && endpoint.parameter_location == ParameterLocation::None;
                match endpoint.method {
                    _ if by_id => "read",
                    Method::Post if bare && endpoint.dialect == Dialect::Healthcode => "create",
                    _ if bare => "read",
                    _ => "search",
                }
            }
        };
        self.parse(verb, Some(name), words)
    }

    /// The verb, its words and its options, as clap reads them.
    fn parse(&self, verb: &str, endpoint: Option<&str>, words: &[Word]) -> Result<Verb, NoVerb> {
        let mut arguments: Vec<OsString> = vec![verb.into()];
        arguments.extend(self.options.arguments());
        arguments.extend(endpoint.map(OsString::from));
        arguments.extend(words.iter().map(argument));
        Ok(parse(arguments)?)
    }

    /// `NAME=VALUE` as `--NAME VALUE`; the path, which may be patient data, is not shown to clap.
    fn spine(&self, inputs: &mut Inputs) -> Result<Verb, NoVerb> {
        let mut arguments: Vec<OsString> = vec!["spine".into()];
        arguments.extend(self.options.arguments());
        let mut path = String::new();
        for line in inputs.lines(&self.words)? {
            let parameter = line.split_once('=');
            let (name, value) = parameter.ok_or("ssp takes NAME=VALUE".to_owned())?;
            match name {
                "path" => {
                    value.clone_into(&mut path);
                    arguments.push("--path=-".into());
                }
                _ => arguments.push(format!("--{name}={value}").into()),
            }
        }
        let mut verb = parse(arguments)?;
        if let Verb::Spine(args) = &mut verb {
            args.path = Word::Literal(path);
        }
        Ok(verb)
    }
}

/// The verb, without clap's repeating of a word that it did not expect, which may be patient data.
fn parse(arguments: Vec<OsString>) -> Result<Verb, clap::Error> {
    let parsed = VerbFirst::try_parse_from(arguments);
    parsed.map(|args| args.verb).map_err(|mut error| {
        let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string);
        let repeated = argument.is_some_and(|text| !text.starts_with('-'));
        if error.kind() == ErrorKind::UnknownArgument && repeated {
            error.remove(ContextKind::InvalidArg);
        }
        error
    })
}

/// A word as it was written.
fn argument(word: &Word) -> OsString {
    match word {
        Word::Literal(text) => text.into(),
        Word::Stdin => "-".into(),
        Word::File(path) => {
            let mut text = OsString::from("@");
            text.push(path);
            text
        }
    }
}
