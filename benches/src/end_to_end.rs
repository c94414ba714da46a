//! The command `end-to-end`: from files to reports, beside reading alone.

use crate::cli::Timed;
use crate::programs::JavaValidator;
use crate::report::{Line, Report};
use crate::white_space::minified;
use crate::{Input, inputs, programs, small};
use anyhow::{Context, Result, ensure};
use healthcode_bench_harness::rounds::figures;
use healthcode_bench_harness::stats::{Spread, Target};
use healthcode_json::ReadOptions;
use healthcode_json::stream::{BundleReader, Kind, NdjsonReader};
use healthcode_r4::{Bundle, BundleEntry, Resource};
use healthcode_validate::{Policy, Validator};
use serde_json::Value;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A searchset as Healthcode documents it, with one entry.
const DOCUMENTED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/fixtures/documented/restricted-ppr.search-practitioner.response.json"
);

/// How many entries or lines the generated inputs have.
const ENTRIES: usize = 10_000;
const OBSERVATIONS: usize = 40_000;

/// How large the Bundles are that HL7's validator gets: larger ones, and all official examples, take it many minutes. The
/// first rounds, in which it becomes warm, are not counted.
const FOR_JAVA: u64 = 4_000_000;
const COLD: usize = 2;
const WARM: usize = 3;

/// Reading and validating are timed over so many bytes: a smaller input is taken several times in a row, since a core
/// that was idle takes some milliseconds to be as fast as one that was not.
const TIMED: u64 = 32_000_000;

/// How fast two threads are to be, as a multiple of one.
const TWO_THREADS: Target = Target::AtLeast(1.6);

/// Files to validate.
struct Case {
    name: &'static str,
    policy: Policy,
    kind: Kind,
    /// A file, or a folder of documents.
    place: PathBuf,
    files: Vec<PathBuf>,
    bytes: u64,
    /// Reading, validating and locating issues, as a multiple of the speed of reading alone.
    target: Option<Target>,
}

/// What is timed.
#[derive(Clone, Copy, PartialEq)]
enum Work {
    Read,
    /// With so many threads.
    Validate(usize),
    /// The command, with so many jobs.
    Command(usize),
    /// Two commands at the same time, with one job each: what two processors do that share no memory of ours.
    TwoCommands,
}

/// Reading comes first: the others are compared with it.
const WORKS: [(Work, &str); 6] = [
    (Work::Read, "read"),
    (Work::Validate(1), "read, validate, locate issues"),
    (Work::Validate(2), "the same with two threads"),
    (Work::Command(1), "healthcode validate --jobs 1"),
    (Work::Command(2), "healthcode validate --jobs 2"),
    (Work::TwoCommands, "two commands at once, --jobs 1 each"),
];

/// Measures and prints; returns how many targets are missed.
pub(crate) fn run(options: &Timed) -> Result<usize> {
    let command = programs::command()?;
    let java = options.rivals.then(JavaValidator::find).transpose()?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let (cases, notes) = cases(folder.path())?;
    let rounds = options.rounds();
    let mut report = Report::new(options.selection.json, Some(rounds), notes);
    for case in &cases {
        let issues = case.issues(&command)?;
        let title = format!("{}: {} bytes, {issues} issues", case.name, case.bytes);
        let mut lines = case.measure(&command, rounds)?;
        if let Some(java) = &java
            && case.is_for_java()
        {
            let ours = lines[1].measured.median;
            lines.extend(case.measure_java(java, folder.path(), ours)?);
        }
        report.add(title, lines);
    }
    Ok(report.finish())
}

/// The inputs, as files in `folder`, and why others are absent.
fn cases(folder: &Path) -> Result<(Vec<Case>, Vec<String>)> {
    let mut cases = Vec::new();
    let mut add = |name, policy, kind, text: &str, target: Option<f64>| -> Result<()> {
        let place = folder.join(format!("{}.json", cases.len()));
        fs::write(&place, text)?;
        cases.push(Case {
            name,
            policy,
            kind,
            files: vec![place.clone()],
            place,
            bytes: text.len() as u64,
            target: target.map(Target::AtLeast),
        });
        Ok(())
    };
    let page = documented_page()?;
    let name = "documented practitioners, policy r4";
    add(name, Policy::R4, Kind::Bundle, &page, Some(0.30))?;
    let name = "documented practitioners, policy healthcode";
    add(name, Policy::Healthcode, Kind::Bundle, &page, Some(0.30))?;
    let name = "a page without issues";
    let text = small::bundle(ENTRIES);
    add(name, Policy::R4, Kind::Bundle, &text, Some(0.50))?;
    let synthea = inputs("synthea")?;
    for (input, target) in synthea.present.iter().zip([None, Some(0.35)]) {
        let name = match target {
            None => "Synthea, indented",
            Some(_) => "Synthea",
        };
        let text = input.bundle().context("Synthea's file is no Bundle")?;
        add(name, Policy::R4, Kind::Bundle, text, target)?;
    }
    let lines = observations(&synthea.present)?;
    let name = "Observations, as NDJSON";
    add(name, Policy::R4, Kind::Ndjson, &lines, None)?;
    let mut examples = inputs("examples")?;
    if let Some(input) = examples.present.pop() {
        cases.push(of_documents(&input, &folder.join("examples"))?);
    }
    let notes = synthea.notes.into_iter().chain(examples.notes);
    Ok((cases, notes.collect()))
}

/// A page of the documented practitioner. Its members stay in their order: where `entry` comes first, a Bundle
/// is read as one value.
fn documented_page() -> Result<String> {
    let text = fs::read_to_string(DOCUMENTED).context("cannot read the documented searchset")?;
    let text = minified(&text);
    let page: Value = serde_json::from_str(&text)?;
    let entries = page["entry"].as_array().map_or(0, Vec::len);
    ensure!(
        entries == 1,
        "the documented searchset has {entries} entries"
    );
    let (head, rest) = text
        .split_once("\"entry\":[")
        .context("there is no entry")?;
    let (entry, tail) = rest.rsplit_once(']').context("there is no end")?;
    let all = vec![entry; ENTRIES].join(",");
    Ok(format!("{head}\"entry\":[{all}]{tail}"))
}

/// The Observations of Synthea's Bundle, again and again, a line each.
pub(crate) fn observations(synthea: &[Input]) -> Result<String> {
    let bundle = synthea.first().and_then(Input::bundle);
    let bundle = bundle.context("there is no Synthea file")?;
    let bundle = healthcode_json::from_str::<Bundle>(bundle)?.value;
    let resources = bundle
        .entry
        .iter()
        .filter_map(|entry| entry.resource.as_ref());
    let lines: Vec<String> = resources
        .filter(|resource| matches!(resource, Resource::Observation(_)))
        .map(healthcode_json::to_string)
        .collect();
    ensure!(!lines.is_empty(), "the Synthea file has no Observations");
    let mut text = String::new();
    for line in lines.iter().cycle().take(OBSERVATIONS) {
        text.push_str(line);
        text.push('\n');
    }
    Ok(text)
}

/// Documents as files of a folder.
fn of_documents(input: &Input, folder: &Path) -> Result<Case> {
    fs::create_dir(folder)?;
    let mut files = Vec::new();
    for (index, document) in input.documents.iter().enumerate() {
        let file = folder.join(format!("{index}.json"));
        fs::write(&file, document)?;
        files.push(file);
    }
    Ok(Case {
        name: "the official examples",
        policy: Policy::R4,
        kind: Kind::Document,
        place: folder.to_owned(),
        files,
        bytes: input.bytes() as u64,
        target: None,
    })
}

impl Case {
    fn measure(&self, command: &Path, rounds: usize) -> Result<Vec<Line>> {
        let seconds = figures(rounds, WORKS.len(), |at| {
            let time = self.run(WORKS[at].0, command)?;
            anyhow::Ok(time.as_secs_f64())
        })?;
        let mut lines = Vec::new();
        for ((_, name), seconds) in WORKS.iter().zip(&seconds) {
            let speed = |seconds: &f64| self.bytes as f64 / seconds / 1e6;
            let speeds: Vec<f64> = seconds.iter().map(speed).collect();
            lines.push(Line::new(*name, "MB/s", Spread::of(&speeds)));
        }
        for ((work, name), of) in WORKS.iter().zip(&seconds).skip(1) {
            let ratio = Spread::of_ratios(&seconds[0], of);
            let target = self.target.filter(|_| *work == Work::Validate(1));
            lines.push(Line::new(*name, "x reading alone", ratio).target(target));
        }
        // A document is validated by one thread.
        if self.kind != Kind::Document {
            let ratio = Spread::of_ratios(&seconds[1], &seconds[2]);
            lines.push(Line::new("two threads", "x one thread", ratio).target(TWO_THREADS));
        }
        let ratio = Spread::of_ratios(&seconds[3], &seconds[4]);
        lines.push(Line::new("two jobs", "x one job", ratio));
        let ratio = Spread::of_ratios(&seconds[3], &seconds[5]);
        lines.push(Line::new("two commands at once", "x one command", ratio));
        Ok(lines)
    }

    /// Whether HL7's validator is measured.
    fn is_for_java(&self) -> bool {
        self.kind == Kind::Bundle && self.bytes <= FOR_JAVA
    }

    /// How fast HL7's validator is once it is warm, and how many times its speed ours is.
    fn measure_java(&self, java: &JavaValidator, folder: &Path, ours: f64) -> Result<[Line; 2]> {
        let out = folder.join("java.ndjson");
        let seconds = java.rounds(&self.files, COLD + WARM, &out)?;
        let speeds: Vec<f64> = seconds[COLD..]
            .iter()
            .map(|seconds| self.bytes as f64 / seconds / 1e6)
            .collect();
        let times: Vec<f64> = speeds.iter().map(|speed| ours / speed).collect();
        let name = "HL7's validator, warm";
        Ok([
            Line::new(name, "MB/s", Spread::of(&speeds)),
            Line::new(
                "read, validate, locate issues",
                "x its speed",
                Spread::of(&times),
            ),
        ])
    }

    fn run(&self, work: Work, command: &Path) -> Result<Duration> {
        let times = match work {
            Work::Command(_) | Work::TwoCommands => 1,
            _ => u32::try_from(TIMED / self.bytes.max(1))?.max(1),
        };
        let start = Instant::now();
        for _ in 0..times {
            match work {
                Work::Read => self.read()?,
                Work::Validate(threads) => self.validate(threads)?,
                Work::Command(jobs) => self.run_commands(command, &[jobs])?,
                Work::TwoCommands => self.run_commands(command, &[1, 1])?,
            }
        }
        // Two commands validate the files twice.
        let files = if work == Work::TwoCommands { 2 } else { 1 };
        Ok(start.elapsed() / (times * files))
    }

    /// Runs commands at the same time, each with so many jobs.
    fn run_commands(&self, program: &Path, jobs: &[usize]) -> Result<()> {
        let start = |jobs: &usize| {
            let mut command = self.command(program, *jobs);
            command.stdout(Stdio::null()).spawn()
        };
        let running: Vec<_> = jobs.iter().map(start).collect::<Result<_, _>>()?;
        for mut running in running {
            let status = running.wait()?;
            ensure!(matches!(status.code(), Some(0 | 1)), "the command {status}");
        }
        Ok(())
    }

    fn command(&self, program: &Path, jobs: usize) -> Command {
        let policy = match self.policy {
            Policy::Healthcode => "healthcode",
            _ => "r4",
        };
        let mut command = Command::new(program);
        command
            .args(["validate", "--no-config", "--format", "ndjson", "--policy"])
            .args([policy, "--jobs", &jobs.to_string()])
            .arg(&self.place)
            .stderr(Stdio::null());
        command
    }

    /// How many issues the command reports.
    fn issues(&self, program: &Path) -> Result<usize> {
        let output = self.command(program, 1).output()?;
        Ok(output.stdout.iter().filter(|byte| **byte == b'\n').count())
    }

    /// Reads and drops, an entry or line at a time.
    fn read(&self) -> Result<()> {
        let options = ReadOptions::new();
        for file in &self.files {
            let file = BufReader::new(File::open(file)?);
            match self.kind {
                Kind::Bundle => {
                    for entry in BundleReader::<_, BundleEntry>::new(file, options) {
                        entry?;
                    }
                }
                Kind::Ndjson => {
                    for line in NdjsonReader::<_, Resource>::new(file, options) {
                        line?;
                    }
                }
                _ => {
                    let text = std::io::read_to_string(file)?;
                    healthcode_json::from_str::<Resource>(&text)?;
                }
            }
        }
        Ok(())
    }

    fn validate(&self, threads: usize) -> Result<()> {
        let validator = Validator::new(self.policy);
        for file in &self.files {
            let stream = validator.stream(File::open(file)?).kind(self.kind);
            stream.threads(threads).for_each(|_| Ok(()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_what_their_names_say() {
        let folder = tempfile::tempdir().unwrap();
        let (cases, _) = cases(folder.path()).unwrap();
        assert!(cases.len() >= 6);
        for case in &cases[..4] {
            let mut issues = 0;
            let validator = Validator::new(case.policy);
            let stream = validator.stream(File::open(&case.place).unwrap());
            let summary = stream.for_each(|part| {
                issues += part.issues.len();
                Ok(())
            });
            let summary = summary.unwrap();
            assert!(!summary.incomplete, "{}", case.name);
            assert_eq!(summary.kind, case.kind, "{}", case.name);
            let expect = match case.name {
                "documented practitioners, policy r4" => issues >= 7 * ENTRIES,
                "documented practitioners, policy healthcode" => issues >= ENTRIES,
                "a page without issues" => issues == 0,
                _ => true,
            };
            assert!(expect, "{}: {issues} issues", case.name);
            case.read().unwrap();
        }
    }
}
