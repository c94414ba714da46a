//! What it takes the measured program to read and write a document, counted by valgrind: the same
//! on every run of the same program, however busy the machine is.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// A document, and what reading and writing it takes; in the budget, what it may take.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Work {
    /// Its file, from the root of the repository.
    pub(super) file: String,
    /// Instructions, beside those for an empty resource.
    pub(super) instructions: u64,
    /// Blocks of the heap, beside those for an empty resource.
    pub(super) allocations: u64,
}

impl Work {
    /// What is above what may be, a line each.
    pub(super) fn faults(&self, allowed: &Work) -> Vec<String> {
        let rows = [
            ("instructions", self.instructions, allowed.instructions),
            ("allocations", self.allocations, allowed.allocations),
        ];
        let above = rows.into_iter().filter(|(_, count, most)| count > most);
        above
            .map(|(what, count, most)| format!("{}, {what}: {count}, of {most} allowed", self.file))
            .collect()
    }
}

/// Whether valgrind is there to count.
pub(super) fn can_count() -> bool {
    let mut command = Command::new("valgrind");
    command.arg("--version").stdout(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Counts what `program`, which reads a document from its standard input, takes for each file.
pub(super) fn count(root: &Path, program: &Path, files: &[&str]) -> Result<Vec<Work>> {
    let empty = tempfile::NamedTempFile::new()?;
    std::fs::write(empty.path(), r#"{"resourceType":"Basic"}"#)?;
    let base = one(program, empty.path())?;
    let works = files.iter().map(|file| {
        let (instructions, allocations) = one(program, &root.join(file))?;
        Ok(Work {
            file: (*file).to_owned(),
            instructions: instructions.saturating_sub(base.0),
            allocations: allocations.saturating_sub(base.1),
        })
    });
    works.collect()
}

/// Instructions and allocations of one run, start of the program included.
fn one(program: &Path, document: &Path) -> Result<(u64, u64)> {
    let count = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let counted = valgrind(&count, program, document)?;
    // An error in how memory is used fails the program.
    let check = ["--tool=memcheck", "--error-exitcode=99"];
    let allocated = valgrind(&check, program, document)?;
    let instructions = number_after(&counted, "Collected :")?;
    Ok((instructions, number_after(&allocated, "total heap usage:")?))
}

fn valgrind(arguments: &[&str], program: &Path, document: &Path) -> Result<String> {
    let input = File::open(document);
    let input = input.with_context(|| format!("cannot read {}", document.display()))?;
    let output = Command::new("valgrind")
        .args(arguments)
        .arg(program)
        .stdin(input)
        .output()
        .context("cannot run valgrind")?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        bail!("valgrind failed on {}:\n{text}", document.display());
    }
    Ok(text)
}

/// The number that follows `label` in what valgrind says.
fn number_after(text: &str, label: &str) -> Result<u64> {
    let (_, rest) = text
        .split_once(label)
        .with_context(|| format!("valgrind does not say \"{label}\":\n{text}"))?;
    let digits = rest.trim_start().chars();
    let digits: String = digits
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits
        .parse()
        .with_context(|| format!("no number after \"{label}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_what_valgrind_says() {
        let text = "==7== Collected : 1234567\n==7==   total heap usage: 1,234 allocs, 5 frees";
        assert_eq!(number_after(text, "Collected :").unwrap(), 1_234_567);
        assert_eq!(number_after(text, "total heap usage:").unwrap(), 1234);
        assert!(number_after(text, "nothing:").is_err());
        assert!(number_after("Collected : none", "Collected :").is_err());
    }

    #[test]
    fn faults_name_what_is_above() {
        let work = |instructions, allocations| Work {
            file: "a.json".to_owned(),
            instructions,
            allocations,
        };
        assert!(work(10, 2).faults(&work(10, 2)).is_empty());
        assert_eq!(
            work(11, 3).faults(&work(10, 2)),
            [
                "a.json, instructions: 11, of 10 allowed",
                "a.json, allocations: 3, of 2 allowed"
            ]
        );
    }
}
