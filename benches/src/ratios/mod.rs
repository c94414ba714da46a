//! The program `ratios`: speed and memory beside rivals', against the targets.

mod measure;
mod report;
mod rows;

use crate::memory::{self, Figures};
use crate::options::Options;
use crate::tasks::{Prepared, Task};
use crate::{Input, siblings};
use anyhow::{Context, Result};
use healthcode_bench_harness::documents::{load, unpacked};
use healthcode_bench_harness::stats::{Spread, Target, Verdict};
use healthcode_bench_harness::turns::{Offer, serve};
pub(crate) use measure::order;
use measure::{Rival, Speed};
use std::path::Path;

const USAGE: &str = "ratios [--json] [--rivals] [--rounds N] [--only WORD] [FILE...]";

/// What was measured on an input.
struct Measured<'i> {
    input: &'i Input,
    minified_bytes: usize,
    speeds: Vec<Speed>,
    rivals: Vec<Rival>,
    memory: Vec<(&'static str, Figures)>,
    lines: Vec<Line>,
}

/// A measurement beside what it is to reach.
struct Line {
    name: &'static str,
    against: String,
    /// Which allocator, where it is a matter of speed.
    allocator: &'static str,
    measured: Spread,
    target: Option<Target>,
    note: String,
}

impl Line {
    fn verdict(&self) -> Option<Verdict> {
        Some(self.target?.verdict(self.measured))
    }
}

/// Measures and prints; gives how many targets are missed.
///
/// # Errors
/// If the command line is wrong, or something cannot be read or run.
pub fn main() -> Result<usize> {
    let options = Options::parse(USAGE, true, std::env::args().skip(1))?;
    if options.rivals {
        // Says what to do before anything takes its time.
        siblings::rivals()?;
    }
    let inputs = options.inputs()?;
    let system = siblings::program("ratios-glibc")?;
    let memory = siblings::program("memory")?;
    if !options.json {
        report::print_head(&options, &inputs.notes);
    }
    let mut reports = Vec::new();
    let mut missed = 0;
    for input in &inputs.present {
        let measured = measure(input, &options, &system, &memory)?;
        missed += count_missed(&measured.lines);
        if options.json {
            reports.push(report::input_as_json(&measured));
        } else {
            report::print(&measured);
        }
    }
    let mut lines = Vec::new();
    if options.files.is_empty() && options.only.is_empty() {
        lines.push(streamed_heap(&memory)?);
        missed += count_missed(&lines);
    }
    if options.json {
        report::print_json(&options, &inputs.notes, reports, &lines, missed);
    } else {
        report::print_tail(&lines, missed);
    }
    Ok(missed)
}

fn count_missed(lines: &[Line]) -> usize {
    let verdicts = lines.iter().filter_map(Line::verdict);
    verdicts
        .filter(|verdict| *verdict == Verdict::Missed)
        .count()
}

fn measure<'i>(
    input: &'i Input,
    options: &Options,
    system: &Path,
    memory: &Path,
) -> Result<Measured<'i>> {
    let speeds = measure::speeds(input, system, options.rounds)?;
    // Only indented documents differ from their minified selves, and rivals read those.
    let rivals = if options.rivals && input.name != "synthea-pretty" {
        measure::rivals(input, options.rounds)?
    } else {
        Vec::new()
    };
    let memory = memory::of_input(memory, input)?;
    let minified_bytes = memory::minified_bytes(input);
    let lines = lines(input, &speeds, &rivals, &memory, minified_bytes);
    Ok(Measured {
        input,
        minified_bytes,
        speeds,
        rivals,
        memory,
        lines,
    })
}

fn lines(
    input: &Input,
    speeds: &[Speed],
    rivals: &[Rival],
    memory: &[(&'static str, Figures)],
    minified_bytes: usize,
) -> Vec<Line> {
    let ratios = rows::ROWS.iter().filter_map(|row| {
        Some(Line {
            name: row.name,
            against: row.against.to_owned(),
            allocator: row.allocator.name(),
            measured: measure::ratio(row, speeds)?,
            target: row.target(input.place),
            note: String::new(),
        })
    });
    let rivals = rivals.iter().map(|rival| Line {
        name: "parse, minified",
        against: rival.name.clone(),
        allocator: rows::Allocator::Mimalloc.name(),
        measured: rival.ratio,
        // Nothing can be said of a rival that reads none.
        target: rows::rival_target(&rival.name, input.place).filter(|_| !rival.refuses_all()),
        note: match rival.refused {
            0 if rival.other_dates => "refuses the documented dates; read with FHIR's".to_owned(),
            0 => String::new(),
            refused => format!("refuses {refused} of {} documents", rival.documents),
        },
    });
    let heap = memory.first().map(|(_, figures)| Line {
        name: "live heap",
        against: "the minified text".to_owned(),
        allocator: "",
        measured: Spread {
            median: figures.live as f64 / minified_bytes as f64,
            deviation: 0.0,
        },
        target: input.place.map(|_| rows::LIVE_HEAP),
        note: String::new(),
    });
    ratios.chain(rivals).chain(heap).collect()
}

/// How much more heap the streaming of a large Bundle takes than that of a small one.
fn streamed_heap(memory: &Path) -> Result<Line> {
    let [small, large] = memory::STREAMED;
    let of = |bytes| memory::of_stream(memory, bytes);
    let (least, most) = (of(small)?, of(large)?);
    Ok(Line {
        name: "streamed heap",
        against: format!("{} MB against {} MB", large / 1_000_000, small / 1_000_000),
        allocator: "",
        measured: Spread {
            median: most.peak as f64 / least.peak as f64,
            deviation: 0.0,
        },
        target: Some(rows::STREAMED_HEAP),
        note: format!(
            "{} kB on the heap, {} kB resident",
            most.peak / 1000,
            most.resident / 1000
        ),
    })
}

/// The program beside `ratios` that times our tasks with the system's allocator: answers requests
/// for the documents in the packed file that is its argument.
///
/// # Errors
/// If there is no such file, or standard input or output fails.
pub fn serve_system() -> Result<()> {
    let usage = "usage: ratios-glibc DOCUMENTS, as ratios starts it";
    let file = std::env::args_os().nth(1).context(usage)?;
    let text = load(Path::new(&file)).context(usage)?;
    let prepared = Prepared::new(Input {
        name: "documents".to_owned(),
        origin: String::new(),
        place: None,
        documents: unpacked(&text).into_iter().map(str::to_owned).collect(),
    })?;
    drop(text);
    let tasks: Vec<Task> = prepared.tasks(&Task::OURS).collect();
    let offers: Vec<Offer> = tasks
        .iter()
        .map(|task| Offer {
            name: task.name().to_owned(),
            refused: Vec::new(),
        })
        .collect();
    serve(&offers, |at| prepared.run(tasks[at]))?;
    Ok(())
}
