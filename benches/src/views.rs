//! The command `views`: rows of NDJSON by a view, beside reading the same lines into the typed model.

use crate::cli::Timed;
use crate::end_to_end::observations;
use crate::inputs;
use crate::ratios::measure::megabytes_per_second;
use crate::report::{Line, Report};
use anyhow::{Result, bail};
use healthcode_bench_harness::rounds::figures;
use healthcode_bench_harness::stats::{Spread, Target};
use healthcode_core::Root;
use healthcode_json::{ReadOptions, Wanted, from_slice_wanted, from_str};
use healthcode_r4::{Resource, schema};
use healthcode_views::{Csv, RunOptions, Version, View};
use std::hint::black_box;
use std::io;
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
    let synthea = inputs("synthea")?;
    let text = observations(&synthea.present)?;
    let view = view()?;
    let rounds = options.rounds();
    let speeds = figures(rounds, 2, |task| {
        let time = if task == 0 {
            read(&text)?
        } else {
            flatten(&view, &text, io::sink())?
        };
        anyhow::Ok(megabytes_per_second(text.len(), time))
    })?;
    let mut report = Report::new(options.selection.json, Some(rounds), synthea.notes);
    let title = format!(
        "{} Observations, {} bytes",
        text.lines().count(),
        text.len()
    );
    let names = ["read", "read what the view needs, rows as CSV"];
    let mut lines: Vec<Line> = names
        .iter()
        .zip(&speeds)
        .map(|(name, speeds)| Line::new(*name, "MB/s", Spread::of(speeds)))
        .collect();
    let ratio = Spread::of_ratios(&speeds[1], &speeds[0]);
    lines.push(Line::new("rows", "x reading", ratio).target(VIEW_SPEED));
    report.add(title, lines);
    Ok(report.finish())
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
