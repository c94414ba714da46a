//! The command `validation`: speed of validation beside our own parse and rivals', start-up and
//! memory, against the targets.

mod measure;
mod scale;

use crate::cli::Timed;
use crate::report::{Line, Report};
use crate::{Input, programs};
use anyhow::{Context, Result};
pub use measure::{Checked, Work, stream};
use std::path::Path;

/// Measures and prints; returns how many targets are missed.
pub(crate) fn run(options: &Timed) -> Result<usize> {
    let rivals = match options.rivals {
        true => programs::validating()?,
        false => Vec::new(),
    };
    let inputs = options.selection.inputs()?;
    let counting = programs::program("counting")?;
    let command = programs::command()?;
    let rounds = options.rounds();
    let mut report = Report::new(options.selection.json, Some(rounds), inputs.notes);
    for input in inputs.present {
        let title = input.title();
        report.add(title, of_input(input, rounds, &rivals, &counting)?);
    }
    if options.selection.is_everything() {
        report.add(
            "small resources, as NDJSON: read, validated and dropped",
            scale::small(rounds)?,
        );
        report.add(
            "Bundles with internal references, an entry at a time",
            scale::bundles(rounds, &counting)?,
        );
        report.add(
            "the command: healthcode validate",
            scale::command(&command, rounds)?,
        );
    }
    Ok(report.finish())
}

fn of_input(
    input: Input,
    rounds: usize,
    rivals: &[programs::Validating],
    counting: &Path,
) -> Result<Vec<Line>> {
    let checked = Checked::new(input)?;
    let mut lines = measure::speeds(&checked, rounds)?;
    for rival in rivals {
        let name = &rival.name;
        lines.extend(
            measure::rival(&checked, rival, rounds)
                .with_context(|| format!("cannot measure {name}"))?,
        );
    }
    lines.extend(measure::memory(&checked, counting)?);
    Ok(lines)
}
