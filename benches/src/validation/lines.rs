//! What was measured, a line each.

use healthcode_bench_harness::stats::{Spread, Target, Verdict};
use serde_json::{Value, json};

/// A measurement, beside what it is to reach.
#[derive(Clone, Debug)]
pub struct Line {
    /// What was measured.
    pub name: String,
    /// The unit, or what it is a multiple of.
    pub unit: &'static str,
    /// The figure.
    pub measured: Spread,
    /// What it is to be.
    pub target: Option<Target>,
    /// What else is to be known.
    pub note: String,
}

impl Line {
    /// A figure that has no target.
    pub(super) fn new(name: impl Into<String>, unit: &'static str, measured: Spread) -> Self {
        Line {
            name: name.into(),
            unit,
            measured,
            target: None,
            note: String::new(),
        }
    }

    /// A figure that was counted once.
    pub(super) fn counted(name: impl Into<String>, unit: &'static str, figure: f64) -> Self {
        Line::new(name, unit, Spread::of(&[figure]))
    }

    pub(super) fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// What it is worth beside its target.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        Some(self.target?.verdict(self.measured))
    }

    pub(super) fn print_head() {
        println!(
            "{:<70}{:<22}{:>10}{:>9}{:>13}",
            "", "", "median", "+-", "target"
        );
    }

    pub(super) fn print(&self) {
        let target = self
            .target
            .map_or_else(|| "-".to_owned(), |target| target.to_string());
        let verdict = self
            .verdict()
            .map_or_else(String::new, |verdict| verdict.to_string());
        let digits = match self.measured.median {
            large if large >= 1000.0 => 0,
            large if large >= 100.0 => 1,
            _ => 2,
        };
        let text = format!(
            "{:<70}{:<22}{:>10.digits$}{:>9.digits$}{target:>13}  {verdict:<8}{}",
            self.name, self.unit, self.measured.median, self.measured.deviation, self.note
        );
        println!("{}", text.trim_end());
    }

    pub(super) fn as_json(&self) -> Value {
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
