//! Validates a Bundle of any size and prints rule, path and line of each issue: `stream bundle.json`.
#![allow(clippy::print_stdout, reason = "a tool prints")]

use healthcode::{Policy, Validator};
use std::error::Error;
use std::fs::File;
use std::process::ExitCode;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: stream FILE")?;
    let validator = Validator::new(Policy::Healthcode);
    let mut errors = 0;
    let summary = validator.stream(File::open(path)?).for_each(|part| {
        for issue in &part.issues {
            let line = issue.position.map_or(0, |position| position.line);
            println!("{} {} line {line}", issue.rule.id, issue.path);
            errors += usize::from(issue.severity.is_error());
        }
        Ok(())
    })?;
    println!("{errors} errors in {} resources", summary.resources);
    Ok(match errors {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}
