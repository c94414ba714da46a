//! The command `views`: rows of NDJSON by a view, beside reading the same lines into the typed model, and beside
//! rivals.

use crate::cli::Timed;
use crate::end_to_end::observations;
use crate::inputs;
use crate::programs::{self, Tables};
use crate::ratios::measure::megabytes_per_second;
use crate::report::{Line, Report};
use anyhow::{Context, Result, bail, ensure};
use healthcode_bench_harness::rounds::figures;
use healthcode_bench_harness::stats::{Spread, Target};
use healthcode_core::Root;
use healthcode_json::{ReadOptions, Wanted, from_slice_wanted, from_str};
use healthcode_r4::{Resource, schema};
use healthcode_views::{Csv, RunOptions, Version, View};
use std::fs;
use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Seven columns, two of them keys, with a row for each coding.
const VIEW: &str = r#"{
    "resourceType": "ViewDefinition", "name": "observations", "status": "active", "resource": "Observation",
    "select": [
        {"column": [
            {"name": "id", "path": "getResourceKey()"},
            {"name": "patient", "path": "subject.getReferenceKey(Patient)"},
            {"name": "at", "path": "effective.ofType(dateTime)"},
            {"name": "value", "path": "value.ofType(Quantity).value"},
            {"name": "unit", "path": "value.ofType(Quantity).unit"}
        ]},
        {"forEach": "code.coding", "column": [
            {"name": "system", "path": "system"},
            {"name": "code", "path": "code"}
        ]}
    ]
}"#;

/// How fast a view is to be, as a multiple of reading.
const VIEW_SPEED: Target = Target::AtLeast(0.5);

/// Measures and prints; returns how many targets are missed.
pub(crate) fn run(options: &Timed) -> Result<usize> {
    let rivals = match options.rivals {
        true => programs::tables()?,
        false => Vec::new(),
    };
    let synthea = inputs("synthea")?;
    let text = observations(&synthea.present)?;
    let view = view()?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let rivals = rivals
        .into_iter()
        .map(|tables| Rival::new(tables, &text, folder.path()))
        .collect::<Result<Vec<_>>>()?;
    let rounds = options.rounds();
    let speeds = figures(rounds, 2 + rivals.len(), |task| {
        let (bytes, time) = match task {
            0 => (text.len(), read(&text)?),
            1 => (text.len(), flatten(&view, &text, io::sink())?),
            _ => (rivals[task - 2].bytes, rivals[task - 2].time()?),
        };
        anyhow::Ok(megabytes_per_second(bytes, time))
    })?;
    let mut report = Report::new(options.selection.json, Some(rounds), synthea.notes);
    let title = format!(
        "{} Observations, {} bytes",
        text.lines().count(),
        text.len()
    );
    let ours = ["read", "read what the view needs, rows as CSV"];
    let names = ours
        .into_iter()
        .chain(rivals.iter().map(|rival| rival.tables.name));
    let mut lines: Vec<Line> = names
        .zip(&speeds)
        .map(|(name, speeds)| Line::new(name, "MB/s", Spread::of(speeds)))
        .collect();
    let ratio = |of: &[f64]| Spread::of_ratios(&speeds[1], of);
    lines.push(Line::new("rows", "x reading", ratio(&speeds[0])).target(VIEW_SPEED));
    for (rival, speeds) in rivals.iter().zip(&speeds[2..]) {
        let target = Target::AtLeast(rival.tables.target);
        let unit = format!("x {}", rival.tables.name);
        lines.push(Line::new("rows", unit, ratio(speeds)).target(target));
    }
    report.add(title, lines);
    Ok(report.finish())
}

/// Another program that makes rows, and the files that it reads.
struct Rival {
    tables: Tables,
    view: PathBuf,
    lines: PathBuf,
    bytes: usize,
}

impl Rival {
    fn new(tables: Tables, text: &str, folder: &Path) -> Result<Rival> {
        let all = text.lines().count();
        let lines = text.split_inclusive('\n').take(all / tables.share);
        let part: String = lines.collect();
        let (view, lines) = (
            folder.join("view.json"),
            folder.join(format!("{}.ndjson", tables.name)),
        );
        fs::write(&view, VIEW)?;
        fs::write(&lines, &part)?;
        Ok(Rival {
            tables,
            view,
            lines,
            bytes: part.len(),
        })
    }

    /// From the file to rows as CSV, as the program measures it.
    fn time(&self) -> Result<Duration> {
        let output = self.tables.command(&self.view, &self.lines).output()?;
        let (name, error) = (self.tables.name, String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "{name} fails:\n{error}");
        let seconds = String::from_utf8_lossy(&output.stdout).trim().parse();
        let seconds = seconds.with_context(|| format!("{name} prints no time"))?;
        Ok(Duration::from_secs_f64(seconds))
    }
}

fn view() -> Result<View> {
    let version = Version {
        number: schema::VERSION,
        find: schema::find,
    };
    match View::compile(VIEW, version) {
        Ok(view) => Ok(view),
        Err(findings) => bail!("the view is invalid: {findings:?}"),
    }
}

fn read(text: &str) -> Result<Duration> {
    let start = Instant::now();
    for line in text.lines() {
        black_box(from_str::<Resource>(line)?);
    }
    Ok(start.elapsed())
}

fn flatten(view: &View, text: &str, out: impl io::Write) -> Result<Duration> {
    let (options, run) = (ReadOptions::new(), RunOptions::default());
    let start = Instant::now();
    let mut wanted = Wanted::new();
    view.add_wanted(&mut wanted);
    let mut csv = Csv::new(out);
    for line in text.lines() {
        let resource = from_slice_wanted::<Resource>(line.as_bytes(), &options, &wanted)?;
        view.rows(resource.as_element(), &run, &mut csv, &mut |_| {})?;
    }
    Ok(start.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_all_columns() {
        let line = r#"{"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/p"},
            "effectiveDateTime": "2026-01-02", "valueQuantity": {"value": 1.50, "unit": "kg"},
            "code": {"coding": [{"system": "s", "code": "a"}, {"code": "b"}]}}"#;
        let mut csv = Vec::new();
        flatten(&view().unwrap(), &line.replace('\n', ""), &mut csv).unwrap();
        let expected = "o,p,2026-01-02,1.50,kg,s,a\r\no,p,2026-01-02,1.50,kg,,b\r\n";
        assert_eq!(String::from_utf8(csv).unwrap(), expected);
    }
}
