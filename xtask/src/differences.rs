//! `cargo xtask differences`: where `healthcode validate` and HL7's Java validator disagree.
//!
//! Both have validated the same files, and a file on which only one of them finds errors is a
//! difference. Each of its errors has to be covered by a row of [`table`], which says who is right
//! and why. `tests/README.md` says how the reports are made.

pub(crate) mod mutants;
mod place;
mod report;
mod table;
#[cfg(test)]
mod tests;
mod xml;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::spec::facts::ElementFact;
use crate::spec::tsv;
use place::{Definition, Definitions, Place};
use report::{Finding, Report};
use table::Row;
use xml::Element;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// What HL7's validator reports: an object for each file, one a line.
    java: PathBuf,
    /// What `healthcode validate --no-config --format ndjson` reports on the same files.
    ours: PathBuf,
    /// Where the files come from: their names and anything else, by tabs.
    index: Option<PathBuf>,
    /// The release that the files are of: its definitions name the places.
    #[arg(long, default_value = "r4")]
    release: String,
}

/// Prints the differences that no row covers and the rows that cover nothing; fails if there are
/// any of the first.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let rows = table::load(&root.join("tests/fixtures"))?;
    let facts = root.join("xtask/spec").join(&options.release);
    let elements: Vec<ElementFact> = tsv::load(&facts)?;
    let definitions = Definitions::new(elements);
    let (java, stopped) = read(&options.java, report::java)?;
    let ours = read(&options.ours, report::ours)?;
    let sources = match &options.index {
        Some(index) => read(index, |text| Ok(sources(text)))?,
        None => HashMap::new(),
    };

    let found = compare(&java, &ours, &rows, |file| {
        let resource = fs::read_to_string(file).ok().and_then(|text| {
            let xml = || Element::parse(&text).map(|root| root.to_json());
            serde_json::from_str(&text).ok().or_else(xml)
        });
        let definitions = &definitions;
        move |place: &Place| definitions.at(place, resource.as_ref())
    });
    println!(
        "{} files: errors in {} for both, in {} for neither, in {} for HL7's validator alone, in {} for ours alone",
        java.len(),
        found.both,
        found.neither,
        found.java_alone,
        found.ours_alone
    );
    if stopped > 0 {
        println!("{stopped} more files on which HL7's validator stopped with an exception");
    }
    for (row, hits) in rows.iter().zip(&found.hits) {
        if *hits == 0 {
            println!("matches nothing: {row}");
        }
    }
    for (kind, examples) in &found.unmatched {
        println!("no row: {kind} ({} times)", examples.len());
        for example in examples.iter().take(3) {
            let source = sources.get(&example.file).map_or("", String::as_str);
            println!("    {} {source}\n        {}", example.file, example.text);
        }
    }
    if !found.unmatched.is_empty() {
        bail!(
            "{} kinds of differences without a row",
            found.unmatched.len()
        );
    }
    Ok(())
}

fn read<T>(path: &Path, parse: impl FnOnce(&str) -> Result<T>) -> Result<T> {
    fs::read_to_string(path)
        .map_err(Into::into)
        .and_then(|text| parse(&text))
        .with_context(|| format!("in {}", path.display()))
}

fn sources(index: &str) -> HashMap<String, String> {
    let parts = index.lines().filter_map(|line| line.split_once('\t'));
    parts
        .map(|(file, source)| (file.to_owned(), source.replace('\t', " ")))
        .collect()
}

/// How two reports differ.
#[derive(Debug, Default)]
struct Comparison {
    /// On how many files both find errors.
    both: usize,
    /// On how many files neither does.
    neither: usize,
    /// On how many files only HL7's validator does.
    java_alone: usize,
    /// On how many files only ours does.
    ours_alone: usize,
    /// How many errors each row covers.
    hits: Vec<usize>,
    /// The errors that no row covers, by side, id and element.
    unmatched: BTreeMap<String, Vec<Example>>,
}

/// An error that no row covers.
#[derive(Debug)]
struct Example {
    file: String,
    text: String,
}

/// Compares the reports on the files that HL7's validator has read. `define` returns for a file what
/// finds the definition of a place in it.
fn compare<F: Fn(&Place) -> Definition>(
    java: &Report,
    ours: &Report,
    rows: &[Row],
    define: impl Fn(&str) -> F,
) -> Comparison {
    let mut comparison = Comparison {
        hits: vec![0; rows.len()],
        ..Comparison::default()
    };
    for (file, theirs) in java {
        let our = ours.get(file).map(Vec::as_slice).unwrap_or_default();
        let has_error = |findings: &[Finding]| findings.iter().any(|finding| finding.error);
        let (side, alone, other) = match (has_error(theirs), has_error(our)) {
            (true, true) => {
                comparison.both += 1;
                continue;
            }
            (false, false) => {
                comparison.neither += 1;
                continue;
            }
            (true, false) => {
                comparison.java_alone += 1;
                (Side::Java, theirs.as_slice(), our)
            }
            (false, true) => {
                comparison.ours_alone += 1;
                (Side::Ours, our, theirs.as_slice())
            }
        };
        let definition = define(file);
        for error in alone.iter().filter(|finding| finding.error) {
            let definition = definition(&error.place);
            let row = rows
                .iter()
                .position(|row| side.covers(row, error, &definition, other));
            if let Some(hits) = row.and_then(|row| comparison.hits.get_mut(row)) {
                *hits += 1;
            } else {
                let kind = format!("{side:?}\t{}\t{definition}", error.id);
                comparison.unmatched.entry(kind).or_default().push(Example {
                    file: file.clone(),
                    text: error.text.clone(),
                });
            }
        }
    }
    comparison
}

/// The validator that alone finds an error.
#[derive(Clone, Copy, Debug)]
enum Side {
    Java,
    Ours,
}

impl Side {
    /// Whether a row covers an error: it names the error and the place, and if it names what the
    /// other validator says short of an error, that is there too.
    fn covers(self, row: &Row, error: &Finding, at: &Definition, other: &[Finding]) -> bool {
        let is_message = |found: &Finding| row.has_message(found);
        let is_rule = |found: &Finding| row.rule.as_ref() == Some(&found.id);
        let near = |found: &&Finding| found.place.is_near(&error.place);
        let mut others = other.iter().filter(near);
        let said = match self {
            Side::Java => is_message(error) && (row.rule.is_none() || others.any(is_rule)),
            Side::Ours => is_rule(error) && (row.message.is_none() || others.any(is_message)),
        };
        said && row.pattern.matches(at)
    }
}
