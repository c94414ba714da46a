//! `healthcode query`: queries built, and captured ones explained.

mod run;

use crate::args::{BuildArgs, ExplainArgs, QueryArgs, QueryCommand, TableFormat};
use crate::input::at_most;
use crate::output::{fit, print_json};
use comfy_table::Table;
use healthcode_core::Issue;
use healthcode_search::{
    Audience, Captured, ENDPOINTS, Endpoint, Near, Query, QueryError, Scope, Value, parameter_index,
};
use healthcode_validate::render::printable;
use serde::Serialize;
use std::io::{self, Write};
use std::process::ExitCode;

/// The version of the document; it grows when a member goes or changes its meaning.
const SCHEMA_VERSION: u32 = 1;

pub(crate) fn run(args: &QueryArgs) -> io::Result<ExitCode> {
    match &args.command {
        QueryCommand::Build(args) => build(args),
        QueryCommand::Explain(args) => explain(args),
        QueryCommand::Run(args) => run::run(args),
        QueryCommand::Endpoints { format } => endpoints(*format),
    }
}

#[derive(Serialize)]
struct Document<'q> {
    schema_version: u32,
    scope: &'static str,
    dialect: &'static str,
    endpoint: Option<EndpointRow>,
    address: Option<&'q str>,
    parameters: Vec<Pair>,
    method: Option<&'static str>,
    url: Option<String>,
    body: Option<String>,
    curl: Option<String>,
    issues: Vec<IssueRow>,
}

#[derive(Serialize)]
struct Pair {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct EndpointRow {
    name: &'static str,
    title: &'static str,
    dialect: &'static str,
    discovery_key: Option<&'static str>,
    path: Option<&'static str>,
    method: &'static str,
    resource: Option<&'static str>,
    response: Option<&'static str>,
    evidence: &'static str,
    audience: &'static str,
}

impl EndpointRow {
    fn new(endpoint: &Endpoint) -> Self {
        EndpointRow {
            name: endpoint.name,
            title: endpoint.title,
            dialect: endpoint.dialect.as_str(),
            discovery_key: endpoint.discovery_key,
            path: endpoint.path,
            method: endpoint.method.as_str(),
            resource: endpoint.resource,
            response: endpoint.response,
            evidence: endpoint.coverage.as_str(),
            audience: endpoint.audience.as_str(),
        }
    }
}

#[derive(Serialize)]
struct IssueRow {
    severity: &'static str,
    rule: &'static str,
    code: &'static str,
    parameter: Option<String>,
    index: Option<usize>,
    message: String,
    help: &'static str,
}

impl IssueRow {
    fn new(issue: &Issue) -> Self {
        IssueRow {
            severity: issue.severity.as_str(),
            rule: issue.rule.id,
            code: issue.rule.code,
            // What has no name in the tables has its index as its path.
            parameter: Some(&issue.path)
                .filter(|path| !path.is_empty() && !path.ends_with(']'))
                .cloned(),
            index: parameter_index(issue),
            message: issue.message(),
            help: issue.rule.help,
        }
    }
}

fn build(args: &BuildArgs) -> io::Result<ExitCode> {
    match assemble(&args.endpoint, &args.parameters) {
        Ok(query) => {
            let issues = query.check();
            match args.format {
                TableFormat::Human => {
                    let mut out = io::stdout().lock();
                    request(&query, args.address.as_deref(), &mut out)?;
                    list(&issues, &mut out)?;
                }
                TableFormat::Json => json(&query, args.address.as_deref(), &issues)?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            list(error.issues(), &mut io::stderr().lock())?;
            Ok(ExitCode::from(1))
        }
    }
}

/// The query of parameters as a command line has them; without errors.
pub(crate) fn assemble(endpoint: &str, parameters: &[String]) -> Result<Query, QueryError> {
    let mut query = Query::new(Scope::named(endpoint)?);
    for parameter in parameters {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let scope = query.scope();
        let underscored = format!("_{name}");
        let known = scope.definition(name).is_some() || scope.definition(&underscored).is_none();
        let name = if known { name } else { &underscored };
        // As people write it, if the service would not have it so.
        match Near::from_text(value) {
            Ok(near) if name == "near" => query.push(name, [Value::Near(near)])?,
            _ => query.set(name, value)?,
        };
    }
    query.encode()?;
    Ok(query)
}

fn explain(args: &ExplainArgs) -> io::Result<ExitCode> {
    let mut text = args.text.clone();
    if text == "-" {
        let bytes = at_most(io::stdin().lock())?;
        text = String::from_utf8(bytes).map_err(io::Error::other)?;
    }
    let scope = args.endpoint.as_deref().map(Scope::named).transpose();
    let captured = match scope.and_then(|scope| Captured::parse(&text, scope)) {
        Ok(captured) => captured,
        Err(error) => {
            let mut err = io::stderr().lock();
            list(error.issues(), &mut err)?;
            let unnamed = &healthcode_search::rules::QUERY_ENDPOINT;
            if error.issues().iter().any(|issue| issue.rule == unnamed) {
                writeln!(err, "    --endpoint says which.")?;
            }
            return Ok(ExitCode::from(2));
        }
    };
    let address = (!captured.address.is_empty()).then_some(captured.address.as_str());
    match args.format {
        TableFormat::Human => human(&captured, address)?,
        TableFormat::Json => json(&captured.query, address, &captured.issues)?,
    }
    Ok(ExitCode::from(u8::from(captured.has_errors())))
}

fn human(captured: &Captured, address: Option<&str>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let query = &captured.query;
    let dialect = query.scope().dialect().as_str();
    match query.scope() {
        Scope::Endpoint(endpoint) => writeln!(
            out,
            "{}: {}, {}, {dialect}",
            endpoint.name,
            endpoint.title,
            endpoint.audience.as_str(),
        )?,
        scope => writeln!(out, "{}: R4 search", scope.name())?,
    }
    if !query.parameters().is_empty() {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        for (name, value) in query.pairs() {
            table.add_row([printable(&name), printable(&value)]);
        }
        fit(&mut table);
        writeln!(out, "{table}")?;
    }
    list(&captured.issues, &mut out)?;
    match query.encode() {
        Ok(_) => {
            writeln!(out, "\nas it should be sent:")?;
            request(query, address, &mut out)
        }
        Err(_) => writeln!(
            out,
            "\nit cannot be sent like this: correct what is named above"
        ),
    }
}

/// The URL, the body if there is one, and the command.
fn request(query: &Query, address: Option<&str>, out: &mut impl Write) -> io::Result<()> {
    let encoded = query.encode_as_it_is();
    let address = address.map_or_else(|| encoded.placeholder(), printable);
    writeln!(out, "{}", encoded.url(&address))?;
    writeln!(out, "{}", encoded.curl(&address))
}

/// Writes issues, each with what helps.
pub(crate) fn list(issues: &[Issue], out: &mut impl Write) -> io::Result<()> {
    for issue in issues {
        writeln!(out, "{issue}")?;
        writeln!(out, "    {}", issue.rule.help)?;
        if issue.rule == &healthcode_search::rules::QUERY_ENDPOINT {
            writeln!(out, "    healthcode query endpoints lists them.")?;
        }
    }
    Ok(())
}

fn json(query: &Query, address: Option<&str>, issues: &[Issue]) -> io::Result<()> {
    let encoded = query.encode().ok();
    let url = encoded
        .as_ref()
        .map(|encoded| address.map_or_else(|| encoded.placeholder(), str::to_owned));
    let form = query.parameter_location() == healthcode_search::ParameterLocation::Form;
    let document = Document {
        schema_version: SCHEMA_VERSION,
        scope: query.scope().name(),
        dialect: query.scope().dialect().as_str(),
        endpoint: match query.scope() {
            Scope::Endpoint(endpoint) => Some(EndpointRow::new(endpoint)),
            _ => None,
        },
        address,
        parameters: query
            .pairs()
            .into_iter()
            .map(|(name, value)| Pair { name, value })
            .collect(),
        method: encoded.as_ref().map(|encoded| encoded.method().as_str()),
        url: encoded
            .as_ref()
            .zip(url.as_ref())
            .map(|(encoded, at)| encoded.url(at)),
        body: encoded
            .as_ref()
            .filter(|_| form)
            .map(|encoded| encoded.as_str().to_owned()),
        curl: encoded
            .as_ref()
            .zip(url.as_ref())
            .map(|(encoded, at)| encoded.curl(at)),
        issues: issues.iter().map(IssueRow::new).collect(),
    };
    print_json(&document)
}

#[derive(Serialize)]
struct EndpointList {
    schema_version: u32,
    endpoints: Vec<EndpointRow>,
}

fn endpoints(format: TableFormat) -> io::Result<ExitCode> {
    let rows = ENDPOINTS.iter().map(EndpointRow::new);
    match format {
        TableFormat::Json => print_json(&EndpointList {
            schema_version: SCHEMA_VERSION,
            endpoints: rows.collect(),
        })?,
        TableFormat::Human => {
            let mut table = Table::new();
            table.load_style(comfy_table::presets::NOTHING);
            table.set_header(["endpoint", "method", "address", "audience"]);
            for row in rows {
                let address = row.discovery_key.or(row.path).unwrap_or_default();
                table.add_row([row.name, row.method, address, row.audience]);
            }
            let restricted = Audience::Restricted.as_str();
            let mut out = io::stdout().lock();
            writeln!(out, "{table}\n")?;
            writeln!(
                out,
                "{restricted}: documented as reserved for Healthcode's own products."
            )?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
