//! `healthcode fmt`.

mod lines;

use crate::args::{FmtArgs, Syntax};
use crate::input::{self, Input, shown};
use crate::output::{print_payload, replace, temporary};
use crate::releases::{AnyResource, Reader};
use healthcode_core::{Issue, printable};
use healthcode_json::stream::{Kind, NdjsonReader};
use healthcode_json::{ReadOptions, to_vec, write_element};
use healthcode_r4::Resource;
use healthcode_xml::comments;
use std::collections::HashSet;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What has become of the inputs.
#[derive(Default)]
struct Tally {
    failed: bool,
    /// A file is not formatted, or something was left out.
    imperfect: bool,
}

pub(crate) fn run(args: &FmtArgs) -> io::Result<ExitCode> {
    // Where signals cannot be heard of, the system ends the command, as it does without this.
    let _ = ctrlc::set_handler(|| temporary::exit());
    let mut tally = Tally::default();
    let mut written = HashSet::new();
    for input in input::expand(&args.inputs.paths, &args.inputs.exclude) {
        let outcome = match &input {
            Ok(input) => one(input, args, &mut written, &mut tally),
            Err((_, error)) => Err(io::Error::new(error.kind(), error.to_string())),
        };
        if let Err(error) = outcome {
            if error.kind() == ErrorKind::BrokenPipe {
                return Err(error);
            }
            let name = match input {
                Ok(input) => input.name(),
                Err((name, _)) => name,
            };
            // An error that cannot be written cannot be reported either.
            let error = printable(&error.to_string());
            let _ = writeln!(io::stderr(), "healthcode: {name}: {error}");
            tally.failed = true;
        }
    }
    Ok(match tally {
        Tally { failed: true, .. } => ExitCode::from(2),
        Tally {
            imperfect: true, ..
        } => ExitCode::from(1),
        _ => ExitCode::SUCCESS,
    })
}

fn one(
    input: &Input,
    args: &FmtArgs,
    written: &mut HashSet<PathBuf>,
    tally: &mut Tally,
) -> io::Result<()> {
    let opened = input::open(input, &args.inputs, |reader| reader)?;
    let (kind, compressed) = (opened.kind, opened.compressed);
    let before = opened.whole(&args.inputs)?;
    let options = input::options(&args.inputs);
    if kind == Kind::Ndjson && args.to == Some(Syntax::Xml) {
        return lines::to_xml(input, &before, args, written, tally);
    }
    let (after, left_out) = format(&before, kind, args, &options)
        .map_err(|error| io::Error::new(ErrorKind::InvalidData, error.to_string()))?;
    report(&input.name(), &left_out, tally)?;
    match (input, &args.out_dir) {
        _ if args.check => {
            if before != after {
                tally.imperfect = true;
                writeln!(io::stdout(), "{}", input.name())?;
            }
            Ok(())
        }
        (Input::File(path, _), None) if args.in_place => {
            if compressed {
                let message = "a compressed file is not rewritten in place; use --out-dir";
                return Err(io::Error::new(ErrorKind::InvalidInput, message));
            }
            if before == after {
                return Ok(());
            }
            if !args.drop_comments && comments(&before) > comments(&after) {
                let message =
                    "its comments or processing instructions would be lost: say --drop-comments";
                return Err(io::Error::new(ErrorKind::InvalidInput, message));
            }
            replace::rewrite(&fs::canonicalize(path)?, &before, &after, "use --out-dir")
        }
        (Input::File(path, folder), Some(out)) => {
            let mut target = target(path, folder.as_deref(), out, compressed);
            if let Some(to) = args.to {
                target.set_extension(match to {
                    Syntax::Json if kind == Kind::Ndjson => "ndjson",
                    Syntax::Json => "json",
                    Syntax::Xml => "xml",
                });
            }
            write(target, &after, written)
        }
        _ => print_payload(std::str::from_utf8(&after).map_err(io::Error::other)?),
    }
}

/// Reports what was left out of a result.
fn report(name: &str, left_out: &[Issue], tally: &mut Tally) -> io::Result<()> {
    for issue in left_out {
        tally.imperfect = true;
        let (path, title) = (issue.shown_path(), issue.rule.title);
        writeln!(io::stderr(), "healthcode: {name}: {path}: {title}")?;
    }
    Ok(())
}

/// Writes a result into its file, which no other result has.
fn write(target: PathBuf, after: &[u8], written: &mut HashSet<PathBuf>) -> io::Result<()> {
    if !written.insert(target.clone()) {
        let message = format!("{} has been written already", shown(&target));
        return Err(io::Error::new(ErrorKind::AlreadyExists, message));
    }
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    replace::write(&target, after)
}

/// Where a file's result goes below `out`: under its path in the folder it was found in, or its
/// name; without the ending of a compressed file.
fn target(path: &Path, folder: Option<&Path>, out: &Path, compressed: bool) -> PathBuf {
    let name = Path::new(path.file_name().unwrap_or_default());
    let relative = folder
        .and_then(|folder| path.strip_prefix(folder).ok())
        .unwrap_or(name);
    let target = out.join(relative);
    let ending = target.extension().unwrap_or_default();
    if compressed && (ending == "gz" || ending == "zst") {
        return target.with_extension("");
    }
    target
}

/// The text of a payload, formatted, and what was left out of it.
fn format(
    text: &[u8],
    kind: Kind,
    args: &FmtArgs,
    options: &ReadOptions,
) -> io::Result<(Vec<u8>, Vec<Issue>)> {
    let is_xml = healthcode_xml::is_xml(text);
    let to = args
        .to
        .unwrap_or(if is_xml { Syntax::Xml } else { Syntax::Json });
    let reader = Reader::new(args.inputs.fhir_version, *options);
    if kind == Kind::Ndjson && to == Syntax::Json {
        // NDJSON is a value a line; there is only one way to lay it out.
        let mut out = Vec::with_capacity(text.len());
        for line in NdjsonReader::<_, Resource>::new(text, *options) {
            let read = line.map_err(|error| io::Error::other(error.to_string()))?;
            out.extend_from_slice(&to_vec(&read.value));
            out.push(b'\n');
        }
        return Ok((out, Vec::new()));
    }
    let value = reader.read(text).map_err(io::Error::other)?;
    Ok(document(&value, to, args.compact))
}

/// A resource as a document that ends in a line feed, and what was left out of it.
fn document(value: &AnyResource, to: Syntax, compact: bool) -> (Vec<u8>, Vec<Issue>) {
    let (element, indent) = (value.as_element(), (!compact).then_some(2));
    let (mut out, left_out) = match to {
        Syntax::Json => {
            let mut out = Vec::new();
            write_element(element, &mut out, indent);
            (out, value.left_out_of_json())
        }
        Syntax::Xml => {
            let written = healthcode_xml::write_element(element, indent);
            (written.value.into_bytes(), written.issues)
        }
    };
    if out.last() != Some(&b'\n') {
        out.push(b'\n');
    }
    (out, left_out)
}
