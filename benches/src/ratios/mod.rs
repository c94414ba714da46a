//! The command `ratios`: speed and memory beside rivals', against the targets.

pub(crate) mod measure;
mod rows;

use crate::cli::Timed;
use crate::report::{Line, Report};
use crate::tasks::{Prepared, Task};
use crate::{Input, memory, programs};
use anyhow::{Context, Result};
use healthcode_bench_harness::documents::{load, unpacked};
use healthcode_bench_harness::stats::Spread;
use healthcode_bench_harness::turns::{Offer, serve};
use measure::Rival;
use std::path::Path;

/// Measures and prints; returns how many targets are missed.
pub(crate) fn run(options: &Timed) -> Result<usize> {
    if options.rivals {
        // Missing programs are reported before anything is measured.
        programs::rivals()?;
    }
    let inputs = options.selection.inputs()?;
    let system = programs::program("system")?;
    let counting = programs::program("counting")?;
    let rounds = options.rounds();
    let mut report = Report::new(options.selection.json, Some(rounds), inputs.notes);
    for input in &inputs.present {
        let mut lines = speeds(input, &system, rounds)?;
        // Only indented documents differ from their minified selves, and rivals read those.
        if options.rivals && input.name != "synthea-pretty" {
            for rival in measure::rivals(input, rounds)? {
                lines.extend(of_rival(&rival, input));
            }
        }
        lines.extend(memory(input, &counting)?);
        report.add(input.title(), lines);
    }
    if options.selection.is_everything() {
        report.add(
            "streaming a generated Bundle",
            vec![streamed_heap(&counting)?],
        );
    }
    Ok(report.finish())
}

fn speeds(input: &Input, system: &Path, rounds: usize) -> Result<Vec<Line>> {
    let speeds = measure::speeds(input, system, rounds)?;
    let absolute = speeds.iter().map(|speed| {
        let unit = format!("MB/s, {}", speed.allocator.name());
        Line::new(speed.task.name(), unit, Spread::of(&speed.figures))
    });
    let ratios = rows::ROWS.iter().filter_map(|row| {
        let unit = format!("x {}, {}", row.against, row.allocator.name());
        let line = Line::new(row.name, unit, measure::ratio(row, &speeds)?);
        Some(line.target(row.target(input.place)))
    });
    Ok(absolute.chain(ratios).collect())
}

fn of_rival(rival: &Rival, input: &Input) -> [Line; 2] {
    // Nothing can be said of a rival that reads none.
    let target = rows::rival_target(&rival.name, input.place).filter(|_| !rival.refuses_all());
    [
        Line::new(
            format!("parse, minified, {}", rival.name),
            "MB/s",
            rival.speed,
        ),
        Line::new("parse, minified", format!("x {}", rival.name), rival.ratio)
            .target(target)
            .note(rival.note()),
    ]
}

fn memory(input: &Input, counting: &Path) -> Result<Vec<Line>> {
    let mut lines = memory::lines(input, counting)?;
    // Ours is the first.
    if let Some(live) = lines.first_mut() {
        live.target = input.place.map(|_| rows::LIVE_HEAP);
    }
    Ok(lines)
}

/// How much more heap the streaming of a large Bundle takes than that of a small one.
fn streamed_heap(counting: &Path) -> Result<Line> {
    let [small, large] = memory::STREAMED;
    let (least, most) = (
        memory::of_stream(counting, small)?,
        memory::of_stream(counting, large)?,
    );
    let name = format!("peak heap, {} MB", large / 1_000_000);
    let unit = format!("x {} MB", small / 1_000_000);
    let line = Line::counted(name, unit, most.peak as f64 / least.peak as f64);
    let (heap, resident) = (most.peak / 1000, most.resident / 1000);
    let note = format!("{heap} kB on the heap, {resident} kB resident");
    Ok(line.target(rows::STREAMED_HEAP).note(note))
}

/// The program that times our tasks with the system's allocator: answers requests for the documents
/// in the packed file that is its argument.
///
/// # Errors
/// If there is no such file, or standard input or output fails.
pub fn serve_system() -> Result<()> {
    let usage = "usage: system DOCUMENTS, as ratios starts it";
    let file = std::env::args_os().nth(1).context(usage)?;
    let text = load(Path::new(&file)).context(usage)?;
    let documents = unpacked(&text).into_iter().map(str::to_owned).collect();
    let prepared = Prepared::new(Input::unnamed(documents))?;
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
