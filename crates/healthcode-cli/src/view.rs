//! `healthcode view`: tables of payloads.

mod flatten;
mod run;
mod source;
pub(crate) mod table;

use crate::args::FhirVersionArg;
use crate::args::view::{ViewArgs, ViewCommand};
use crate::input::shown;
use healthcode_views::{View, bundled};
use source::Source;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(args: ViewArgs) -> io::Result<ExitCode> {
    match args.command {
        ViewCommand::Run(args) => run::run(args),
        ViewCommand::Check {
            views,
            fhir_version,
        } => check(&views, fhir_version),
        ViewCommand::List { name } => list(name.as_deref()),
    }
}

fn check(views: &[String], version: FhirVersionArg) -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let (mut found, mut unread) = (false, false);
    for view in views {
        let source = match Source::open(view) {
            Ok(source) => source,
            Err(error) => {
                unread = true;
                writeln!(io::stderr(), "healthcode: {error}")?;
                continue;
            }
        };
        let release = source.release(version);
        let findings = View::check(&source.text, source::version(release));
        let name = shown(Path::new(view));
        if findings.is_empty() {
            writeln!(out, "{name}: no findings")?;
        }
        for finding in &findings {
            writeln!(out, "{name}:{finding}")?;
        }
        found |= !findings.is_empty();
    }
    out.flush()?;
    Ok(ExitCode::from(if unread { 2 } else { u8::from(found) }))
}

fn list(name: Option<&str>) -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    if let Some(name) = name {
        let Some(text) = bundled::find(name) else {
            let message = format!("unknown view {name}: see `healthcode view list`");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        };
        out.write_all(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    for (name, text) in bundled::VIEWS {
        let view = View::compile(text, source::version(FhirVersionArg::R4));
        let view =
            view.map_err(|_| io::Error::other(format!("the bundled view {name} is invalid")))?;
        let columns: Vec<&str> = view.columns().iter().map(|column| &*column.name).collect();
        writeln!(out, "{name} ({}): {}", view.resource(), columns.join(", "))?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
