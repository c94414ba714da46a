//! Many small resources, Bundles of growing size, and the command as it is used.

use super::measure::stream;
use crate::generate::{self, Dates};
use crate::report::Line;
use crate::{Input, memory, small, tasks};
use anyhow::{Context, Result, ensure};
use healthcode_bench_harness::rounds::figures;
use healthcode_bench_harness::stats::{Spread, Target, median};
use healthcode_json::ReadOptions;
use healthcode_json::stream::NdjsonReader;
use healthcode_r4::Resource;
use healthcode_validate::{Policy, Validator};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How many small resources there are.
const SMALL: usize = 100_000;

/// How many small resources a second are to be read and validated on one core.
const SMALL_A_SECOND: Target = Target::AtLeast(100_000.0);

/// How many entries the Bundles have.
const ENTRIES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// How many entries are gone through in a turn at least.
const ENTRIES_A_TURN: usize = 100_000;

/// The time for an entry of the largest Bundle, as a multiple of that of the smallest: linear.
const LINEAR: Target = Target::AtMost(1.5);

/// Bytes of heap for an entry at the most, beside what a small Bundle takes.
const HEAP_OF_ENTRY: Target = Target::AtMost(200.0);

/// Milliseconds.
const START: Target = Target::AtMost(20.0);

/// How often the command is started, for each of the rounds of what takes longer.
const STARTS: usize = 12;

/// Resources a second.
pub(super) fn small(rounds: usize) -> Result<Vec<Line>> {
    let searchset = generate::searchset(10_000, Dates::Standard);
    let practitioners = tasks::ndjson(&Input::unnamed(vec![searchset]))?;
    let inputs = [
        ("Patients and Observations", small::lines(SMALL)),
        ("documented Practitioners", practitioners),
    ];
    let validator = Validator::new(Policy::R4);
    let mut issues = [0, 0];
    let figures = figures(rounds, inputs.len(), |at| {
        let start = Instant::now();
        let (mut count, mut found) = (0, 0);
        let lines = inputs[at].1.as_bytes();
        for line in NdjsonReader::<_, Resource>::new(lines, ReadOptions::new()) {
            let line = line.ok().context("a line is not JSON")?;
            found += validator.validate(&line.value).issues.len();
            count += 1;
        }
        issues[at] = found;
        anyhow::Ok(f64::from(count) / start.elapsed().as_secs_f64())
    })?;
    let lines = inputs.iter().zip(figures.iter().zip(issues));
    let lines = lines.map(|((name, text), (figures, issues))| {
        let count = text.lines().count();
        let bytes = text.len() / count.max(1);
        let note = format!("{count}, of {bytes} bytes, {issues} issues");
        Line::new(*name, "resources/s", Spread::of(figures))
            .target(SMALL_A_SECOND)
            .note(note)
    });
    Ok(lines.collect())
}

/// The time and heap for an entry, by the size of the Bundle.
pub(super) fn bundles(rounds: usize, memory: &Path) -> Result<Vec<Line>> {
    let validator = Validator::new(Policy::R4);
    let texts = ENTRIES.map(small::bundle);
    let nanoseconds = figures(rounds, texts.len(), |at| {
        let repeats = ENTRIES_A_TURN.div_ceil(ENTRIES[at]);
        let start = Instant::now();
        for _ in 0..repeats {
            let issues = stream(&validator, texts[at].as_bytes());
            ensure!(issues == 0, "a generated Bundle has {issues} issues");
        }
        let entries = (repeats * ENTRIES[at]) as f64;
        Ok(start.elapsed().as_nanos() as f64 / entries)
    })?;
    drop(texts);
    let mut lines = Vec::new();
    for (entries, figures) in ENTRIES.iter().zip(&nanoseconds) {
        let name = format!("{entries} entries");
        lines.push(Line::new(name, "ns an entry", Spread::of(figures)));
    }
    let growth = Spread::of_ratios(&nanoseconds[3], &nanoseconds[0]);
    let name = format!("{} entries", ENTRIES[3]);
    lines.push(Line::new(name, "x the time of 1000", growth).target(LINEAR));
    let mut least = 0;
    for entries in ENTRIES {
        let figures = memory::of_entries(memory, entries)?;
        let name = format!("{entries} entries, peak heap");
        if entries == ENTRIES[0] {
            least = figures.peak;
            lines.push(Line::counted(name, "kB", figures.peak as f64 / 1e3));
            continue;
        }
        let more = figures.peak.saturating_sub(least) as f64 / entries as f64;
        let line = Line::counted(name, "more bytes an entry", more).target(HEAP_OF_ENTRY);
        lines.push(line.note(format!("{:.1} MB", figures.peak as f64 / 1e6)));
    }
    Ok(lines)
}

/// How long the command takes to start, read and validate a tiny file, and end.
pub(super) fn command(program: &Path, rounds: usize) -> Result<Vec<Line>> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let file = folder.path().join("tiny.json");
    std::fs::write(&file, r#"{"resourceType":"Patient","id":"a"}"#)?;
    let file = file.display().to_string();
    let ways: [(&str, &[&str]); 3] = [
        ("--version", &["--version"]),
        ("a tiny file", &["validate", "--no-config", &file]),
        (
            "a tiny file, policy healthcode",
            &["validate", "--no-config", "--policy", "healthcode", &file],
        ),
    ];
    let figures = figures(rounds * STARTS, ways.len(), |at| {
        let time = started(program, ways[at].1)?;
        anyhow::Ok(time.as_secs_f64() * 1e3)
    })?;
    let lines = ways.iter().zip(&figures).map(|((name, _), figures)| {
        let fastest = figures.iter().copied().fold(f64::INFINITY, f64::min);
        let note = format!("fastest {fastest:.2}, median {:.2}", median(figures));
        Line::new(*name, "ms", Spread::of(figures))
            .target(START)
            .note(note)
    });
    Ok(lines.collect())
}

fn started(program: &Path, arguments: &[&str]) -> Result<Duration> {
    let start = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let time = start.elapsed();
    ensure!(status.success(), "{} {status}", program.display());
    Ok(time)
}
