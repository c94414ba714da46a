//! What was measured, for people and as JSON.

use healthcode_bench_harness::stats::{Spread, Target, Verdict};
use serde_json::{Value, json};
use std::borrow::Cow;

/// A measurement, beside what it is to reach.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What was measured.
    pub(crate) name: String,
    /// The unit, or what it is a multiple of.
    pub(crate) unit: Cow<'static, str>,
    /// The figure.
    pub(crate) measured: Spread,
    /// What it is to be.
    pub(crate) target: Option<Target>,
    /// What else is to be known.
    pub(crate) note: String,
}

impl Line {
    /// A figure that has no target.
    pub(crate) fn new(
        name: impl Into<String>,
        unit: impl Into<Cow<'static, str>>,
        measured: Spread,
    ) -> Self {
        Line {
            name: name.into(),
            unit: unit.into(),
            measured,
            target: None,
            note: String::new(),
        }
    }

    /// A figure that was counted once.
    pub(crate) fn counted(
        name: impl Into<String>,
        unit: impl Into<Cow<'static, str>>,
        figure: f64,
    ) -> Self {
        let measured = Spread {
            median: figure,
            deviation: 0.0,
        };
        Line::new(name, unit, measured)
    }

    pub(crate) fn target(mut self, target: impl Into<Option<Target>>) -> Self {
        self.target = target.into();
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// What it is worth beside its target.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        Some(self.target?.verdict(self.measured))
    }

    fn as_json(&self) -> Value {
        json!({
            "name": self.name,
            "unit": self.unit,
            "median": self.measured.median,
            "deviation": self.measured.deviation,
            "target": self.target.map(|target| target.to_string()),
            "verdict": self.verdict().map(|verdict| verdict.to_string()),
            "note": self.note,
        })
    }
}

/// Lines under a title.
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
}

impl Section {
    fn print(&self) {
        println!("\n{}\n", self.title);
        let width = |text: fn(&Line) -> &str| {
            let widths = self.lines.iter().map(|line| text(line).chars().count());
            widths.max().unwrap_or_default() + 2
        };
        let (names, units) = (width(|line| &line.name), width(|line| &line.unit));
        let (median, target) = ("median", "target");
        println!(
            "{:names$}{:units$}{median:>10}{:>9}{target:>13}",
            "", "", "+-"
        );
        for line in &self.lines {
            let (name, unit, note) = (&line.name, &line.unit, &line.note);
            let target = line
                .target
                .map_or_else(|| "-".to_owned(), |target| target.to_string());
            let verdict = line.verdict();
            let verdict = verdict.map_or_else(String::new, |verdict| verdict.to_string());
            let Spread { median, deviation } = line.measured;
            let figures = if median.is_finite() {
                let digits = if median >= 1000.0 {
                    0
                } else if median >= 100.0 {
                    1
                } else {
                    2
                };
                format!("{median:>10.digits$}{deviation:>9.digits$}")
            } else {
                // Nothing was measured.
                format!("{:>10}{:>9}", "-", "-")
            };
            let text =
                format!("{name:names$}{unit:units$}{figures}{target:>13}  {verdict:<8}{note}");
            println!("{}", text.trim_end());
        }
    }
}

/// All that a command measures: printed while it runs, or as JSON at the end.
pub(crate) struct Report {
    json: bool,
    rounds: Option<usize>,
    notes: Vec<String>,
    sections: Vec<Section>,
}

impl Report {
    /// `rounds` is how many are measured, if anything is timed.
    pub(crate) fn new(json: bool, rounds: Option<usize>, notes: Vec<String>) -> Self {
        if !json {
            if let Some(rounds) = rounds {
                println!("{rounds} rounds in turns; medians");
            }
            println!("MB = 1,000,000 bytes of the JSON text that is read or was");
            notes.iter().for_each(|note| println!("{note}"));
        }
        Report {
            json,
            rounds,
            notes,
            sections: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, title: impl Into<String>, lines: Vec<Line>) {
        let title = title.into();
        let section = Section { title, lines };
        if !self.json {
            section.print();
        }
        self.sections.push(section);
    }

    /// Ends the report; returns how many targets are missed.
    pub(crate) fn finish(self) -> usize {
        let lines = self.sections.iter().flat_map(|section| &section.lines);
        let missed = lines
            .filter(|line| line.verdict() == Some(Verdict::Missed))
            .count();
        if !self.json {
            if self.rounds.is_none() {
                return missed;
            }
            println!(
                "\n{missed} targets missed (by more than 5 %, or 3 deviations if that is more)"
            );
            return missed;
        }
        let sections = self.sections.iter().map(|section| {
            let lines: Vec<_> = section.lines.iter().map(Line::as_json).collect();
            json!({ "title": section.title, "lines": lines })
        });
        let report = json!({
            "schema_version": 2,
            "rounds": self.rounds,
            "notes": self.notes,
            "sections": sections.collect::<Vec<_>>(),
            "missed": missed,
        });
        println!("{report:#}");
        missed
    }
}
