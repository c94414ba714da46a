//! `healthcode query run`: queries evaluated on captured Bundles.

use super::{IssueRow, SCHEMA_VERSION, list};
use crate::args::{AnswerFormat, DialectArg, FhirVersionArg, InputArgs, RunArgs};
use crate::config::invalid;
use crate::input::{self, Input, Limited};
use crate::output::{fit, print_json, print_payload};
use crate::packages;
use comfy_table::Table;
use healthcode_evaluate::{Hit, Index, MAX_FOLLOWED, Miss, Outcome};
use healthcode_json::stream::{Kind, NdjsonReader};
use healthcode_r4::{Bundle, BundleEntry, Resource};
use healthcode_search::{Captured, Dialect, ENDPOINTS, Query, QueryError, Scope};
use healthcode_validate::render::printable;
use healthcode_xml::either;
use serde::Serialize;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What the arguments are to be.
const ORDER: &str = "the Bundles come first, and last the query to evaluate";

pub(super) fn run(args: &RunArgs) -> io::Result<ExitCode> {
    let (text, paths) = match args.inputs.split_last() {
        Some((text, paths)) if !paths.is_empty() => (text, paths),
        _ => return Err(invalid(format!("{ORDER}, at least one of them"))),
    };
    let Some(text) = text.to_str() else {
        return Err(invalid(format!("{ORDER}, in UTF-8")));
    };
    let captured = match captured(text, args) {
        Ok(captured) => captured,
        Err(_) if Path::new(text).exists() => {
            let name = printable(text);
            return Err(invalid(format!("{ORDER}, but {name} is a file")));
        }
        Err(error) => return refused(&error),
    };
    let mut err = io::stderr().lock();
    let mut names = Vec::new();
    let mut read = |paths: &[PathBuf]| {
        let mut bundles = Vec::new();
        for input in input::expand(paths, &[]) {
            let (name, read) = match input {
                Ok(input) => (input.name(), bundle(&input, args)),
                Err((name, error)) => (name, Err(error)),
            };
            match read {
                Ok(bundle) => bundles.push(bundle),
                Err(error) => {
                    let error = printable(&error.to_string());
                    writeln!(err, "error: {name}: {error}")?;
                    return Ok(None);
                }
            }
            names.push(name);
        }
        io::Result::Ok(Some(bundles))
    };
    let paths: Vec<_> = paths.iter().map(PathBuf::from).collect();
    let (Some(searched), Some(others)) = (read(&paths)?, read(&args.with)?) else {
        return Ok(ExitCode::from(2));
    };
    drop(err);
    let packages = packages::load_with_settings(&args.packages)?;
    let mut codes = packages::profiles(packages.as_ref());
    let given = searched.iter().chain(&others);
    for resource in given.flat_map(|bundle| {
        bundle
            .entry
            .iter()
            .filter_map(|entry| entry.resource.as_ref())
    }) {
        if matches!(resource, Resource::ValueSet(_) | Resource::CodeSystem(_)) {
            codes.add(resource.clone());
        }
    }
    let index = Index::new(&searched, &others).terminology(&codes);
    let query = &captured.query;
    let shown = Shown {
        captured: &captured,
        index: &index,
        files: &names,
    };
    let warn = || {
        if let Some(packages) = &packages {
            packages::warn(packages);
        }
    };
    if args.check {
        let misses = index.misses(query);
        warn();
        return match misses {
            Ok(misses) => shown.misses(&misses),
            Err(error) => refused(&error),
        };
    }
    let outcome = index.run(query);
    warn();
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return refused(&error),
    };
    match args.format {
        AnswerFormat::Human => shown.human(&outcome)?,
        AnswerFormat::Json => shown.json(&outcome)?,
        AnswerFormat::Bundle => {
            let text = healthcode_json::to_string_pretty(&outcome.bundle(query));
            print_payload(&format!("{text}\n"))?;
        }
    }
    if outcome.incomplete {
        writeln!(
            io::stderr(),
            "healthcode: the answer is incomplete: there are more than the {MAX_FOLLOWED} references that are followed"
        )?;
        return Ok(ExitCode::from(2));
    }
    Ok(ExitCode::SUCCESS)
}

fn refused(error: &QueryError) -> io::Result<ExitCode> {
    list(error.issues(), &mut io::stderr().lock())?;
    Ok(ExitCode::from(2))
}

/// The query of the arguments, for the endpoint that they or the address name.
fn captured(text: &str, args: &RunArgs) -> Result<Captured, QueryError> {
    let named = args.endpoint.as_deref().map(Scope::named).transpose()?;
    let captured = Captured::parse(text, named)?;
    let Some(dialect) = args.dialect else {
        return Ok(captured);
    };
    let dialect = match dialect {
        DialectArg::R4 => Dialect::R4,
        DialectArg::Stu3 => Dialect::Stu3,
        DialectArg::Healthcode => Dialect::Healthcode,
        DialectArg::Pds => Dialect::Pds,
        DialectArg::Sds => Dialect::Sds,
    };
    let scope = captured.query.scope();
    if scope.dialect() == dialect {
        return Ok(captured);
    }
    let resource = match scope {
        Scope::Endpoint(endpoint) => endpoint.resource.unwrap_or_default(),
        _ => scope.name(),
    };
    let row = ENDPOINTS.iter().find(|endpoint| {
        endpoint.dialect == dialect
            && endpoint.resource == Some(resource)
            && !endpoint.parameters.is_empty()
    });
    let scope = match row {
        Some(endpoint) => Scope::Endpoint(endpoint),
        None if dialect == Dialect::R4 => Scope::resource(resource)?,
        None => Scope::named("")?,
    };
    Captured::parse(text, Some(scope))
}

/// An input as a Bundle, whatever resource or resources it holds.
fn bundle(input: &Input, args: &RunArgs) -> io::Result<Bundle> {
    let limits = InputArgs {
        max_depth: None,
        max_decompressed: None,
        max_resource: args.max_resource,
        exclude: Vec::new(),
        fhir_version: FhirVersionArg::R4,
        paths: Vec::new(),
    };
    let opened = input::open(input, &limits, |reader| reader)?;
    let options = input::options(&limits);
    if opened.kind == Kind::Ndjson {
        // All of it is held.
        let reader = Limited::new(opened.reader, limits.resource_bytes(), "--max-resource");
        let lines = NdjsonReader::<_, Resource>::new(reader, options);
        let resources = lines.map(|line| line.map(|read| read.value));
        let resources = resources.collect::<Result<Vec<_>, _>>();
        return resources.map(of).map_err(io::Error::other);
    }
    let bytes = opened.whole(&limits)?;
    let read = either::read::<Resource>(&bytes, &options);
    let resource = read.map_err(io::Error::other)?.value;
    Ok(match resource.get::<Bundle>() {
        Some(bundle) => bundle.clone(),
        None => of([resource]),
    })
}

fn of(resources: impl IntoIterator<Item = Resource>) -> Bundle {
    let entries = resources.into_iter().map(|resource| BundleEntry {
        resource: Some(resource),
        ..BundleEntry::default()
    });
    Bundle {
        entry: entries.collect(),
        ..Bundle::default()
    }
}

/// What is needed to show an answer.
struct Shown<'a> {
    captured: &'a Captured,
    index: &'a Index<'a>,
    files: &'a [String],
}

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    scope: &'static str,
    dialect: &'static str,
    total: usize,
    page: Option<u32>,
    count: Option<u32>,
    entries: Vec<HitRow>,
    included: Vec<HitRow>,
    unknown: Vec<UnknownRow>,
    /// Whether there were more references than are followed.
    incomplete: bool,
    issues: Vec<IssueRow>,
}

#[derive(Serialize)]
struct HitRow {
    resource: String,
    file: String,
    entry: usize,
    name: Option<String>,
    distance_metres: Option<f64>,
}

#[derive(Serialize)]
struct UnknownRow {
    #[serde(flatten)]
    hit: HitRow,
    parameter: String,
    reason: &'static str,
}

impl<'a> Shown<'a> {
    fn query(&self) -> &'a Query {
        &self.captured.query
    }

    fn parameter(&self, at: usize) -> String {
        let parameter = self.query().parameters().get(at);
        parameter.map_or_else(String::new, |parameter| parameter.name.to_string())
    }

    fn reference(hit: &Hit<'_>) -> String {
        let name = hit.resource.resource_type().unwrap_or("?");
        format!("{name}/{}", hit.resource.id().unwrap_or("?"))
    }

    fn file(&self, hit: &Hit<'_>) -> String {
        let file = self.files.get(hit.bundle);
        file.cloned().unwrap_or_default()
    }

    fn row(&self, outcome: &Outcome<'a>, hit: &Hit<'a>) -> HitRow {
        HitRow {
            resource: Self::reference(hit),
            file: self.file(hit),
            entry: hit.entry,
            name: outcome.name(self.index, hit),
            distance_metres: outcome.distance(self.index, hit),
        }
    }

    fn json(&self, outcome: &Outcome<'a>) -> io::Result<()> {
        let scope = self.query().scope();
        let rows = |hits: &[Hit<'a>]| hits.iter().map(|hit| self.row(outcome, hit)).collect();
        let unknown = outcome.unknown.iter().map(|unknown| UnknownRow {
            hit: self.row(outcome, &unknown.hit),
            parameter: self.parameter(unknown.parameter),
            reason: unknown.reason.as_str(),
        });
        print_json(&Document {
            schema_version: SCHEMA_VERSION,
            scope: scope.name(),
            dialect: scope.dialect().as_str(),
            total: outcome.total,
            page: outcome.page,
            count: outcome.count,
            entries: rows(&outcome.entries),
            included: rows(&outcome.included),
            unknown: unknown.collect(),
            incomplete: outcome.incomplete,
            issues: self.captured.issues.iter().map(IssueRow::new).collect(),
        })
    }

    fn human(&self, outcome: &Outcome<'a>) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let scope = self.query().scope();
        let (total, unknown) = (outcome.total, outcome.unknown.len());
        write!(
            out,
            "{}, {}: {total} match",
            scope.name(),
            scope.dialect().as_str()
        )?;
        if outcome.entries.len() < total {
            write!(out, ", {} of them here", outcome.entries.len())?;
        }
        match unknown {
            0 => writeln!(out)?,
            _ => writeln!(out, ", {unknown} may match")?,
        }
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        for hit in &outcome.entries {
            self.table_row(&mut table, outcome, hit, "");
        }
        for hit in &outcome.included {
            self.table_row(&mut table, outcome, hit, "included");
        }
        for unknown in &outcome.unknown {
            let why = format!(
                "unknown: {}: {}",
                self.parameter(unknown.parameter),
                unknown.reason
            );
            self.table_row(&mut table, outcome, &unknown.hit, &why);
        }
        for hit in &outcome.missing {
            self.table_row(&mut table, outcome, hit, "refers to what was not given");
        }
        if !table.is_empty() {
            fit(&mut table);
            writeln!(out, "{table}")?;
        }
        list(&self.captured.issues, &mut out)
    }

    fn table_row(&self, table: &mut Table, outcome: &Outcome<'a>, hit: &Hit<'a>, note: &str) {
        let distance = outcome.distance(self.index, hit);
        table.add_row([
            printable(&Self::reference(hit)).clone(),
            outcome
                .name(self.index, hit)
                .map_or_else(String::new, |name| printable(&name)),
            distance.map_or_else(String::new, |distance| {
                format!("{:.3} km", distance / 1000.0)
            }),
            printable(note),
        ]);
    }

    /// What each resource misses.
    fn misses(&self, misses: &[Miss<'_>]) -> io::Result<ExitCode> {
        let mut out = io::stdout().lock();
        if misses.is_empty() {
            writeln!(out, "every resource satisfies the query")?;
            return Ok(ExitCode::SUCCESS);
        }
        let pairs = self.query().pairs();
        let mut last = None;
        for miss in misses {
            let place = (miss.hit.bundle, miss.hit.entry);
            if last != Some(place) {
                let (reference, file) = (Self::reference(&miss.hit), self.file(&miss.hit));
                writeln!(out, "{}, {}:", printable(&reference), printable(&file))?;
            }
            last = Some(place);
            let (name, value) = pairs.get(miss.parameter).cloned().unwrap_or_default();
            let why = miss
                .reason
                .map_or("does not match", |reason| reason.as_str());
            writeln!(out, "    {}={}: {why}", printable(&name), printable(&value))?;
        }
        Ok(ExitCode::from(1))
    }
}
