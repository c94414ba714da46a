//! The program `validation`: speed of validation beside our own parse and rivals', start-up and
//! memory, against the targets.

mod lines;
mod measure;
mod whole;

use crate::options::Options;
use crate::{Input, siblings};
use anyhow::{Context, Result};
use healthcode_bench_harness::stats::Verdict;
pub use lines::Line;
pub use measure::{Checked, Work, stream};
use serde_json::json;

const USAGE: &str = "validation [--json] [--rivals] [--rounds N] [--only WORD] [FILE...]";

/// Measures and prints; gives how many targets are missed.
///
/// # Errors
/// If the command line is wrong, or something cannot be read or run.
pub fn main() -> Result<usize> {
    let options = Options::parse(USAGE, true, std::env::args().skip(1))?;
    let rivals = match options.rivals {
        true => siblings::validating()?,
        false => Vec::new(),
    };
    let inputs = options.inputs()?;
    let memory = siblings::program("memory")?;
    let command = siblings::command()?;
    if !options.json {
        println!(
            "{} rounds in turns; medians; MB = 1,000,000 bytes of JSON text; one thread",
            options.rounds
        );
        inputs.notes.iter().for_each(|note| println!("{note}"));
    }
    let mut sections = Vec::new();
    for input in inputs.present {
        let title = format!("{}: {}, {} bytes", input.name, input.origin, input.bytes());
        let lines = of_input(input, &options, &rivals, &memory)?;
        sections.push(told(&options, title, lines));
    }
    let everything = options.files.is_empty() && options.only.is_empty();
    if everything {
        let title = "small resources, as NDJSON: read, validated and dropped".to_owned();
        let lines = whole::small(options.rounds)?;
        sections.push(told(&options, title, lines));
        let title = "Bundles with internal references, an entry at a time".to_owned();
        let lines = whole::bundles(options.rounds, &memory)?;
        sections.push(told(&options, title, lines));
        let title = "the command: healthcode validate".to_owned();
        let lines = whole::command(&command, options.rounds)?;
        sections.push(told(&options, title, lines));
    }
    let all = || sections.iter().flat_map(|(_, lines)| lines);
    let missed = all()
        .filter(|line| line.verdict() == Some(Verdict::Missed))
        .count();
    if options.json {
        let sections = sections.iter().map(|(title, lines)| {
            let lines: Vec<_> = lines.iter().map(Line::as_json).collect();
            json!({ "title": title, "lines": lines })
        });
        let report = json!({
            "schema_version": 1,
            "rounds": options.rounds,
            "notes": inputs.notes,
            "sections": sections.collect::<Vec<_>>(),
            "missed": missed,
        });
        println!("{report:#}");
    } else {
        println!("\n{missed} targets missed (by more than 5 %, or 3 deviations if that is more)");
    }
    Ok(missed)
}

fn told(options: &Options, title: String, lines: Vec<Line>) -> (String, Vec<Line>) {
    if !options.json {
        println!("\n{title}\n");
        Line::print_head();
        lines.iter().for_each(Line::print);
    }
    (title, lines)
}

fn of_input(
    input: Input,
    options: &Options,
    rivals: &[siblings::Validating],
    memory: &std::path::Path,
) -> Result<Vec<Line>> {
    let checked = Checked::new(input)?;
    let mut lines = measure::speeds(&checked, options.rounds);
    for rival in rivals {
        let name = &rival.name;
        lines.extend(
            measure::rival(&checked, rival, options.rounds)
                .with_context(|| format!("cannot measure {name}"))?,
        );
    }
    lines.extend(measure::memory(&checked, memory)?);
    Ok(lines)
}
