//! What was measured, for people and as JSON.

use super::rows::Allocator;
use super::{Line, Measured};
use crate::memory;
use crate::options::Options;
use crate::tasks::Task;
use serde_json::{Value, json};

pub(super) fn print_head(options: &Options, notes: &[String]) {
    println!(
        "{} rounds in turns; medians; MB = 1,000,000 bytes of the text that is read or was",
        options.rounds
    );
    notes.iter().for_each(|note| println!("{note}"));
}

pub(super) fn print(measured: &Measured<'_>) {
    let input = measured.input;
    println!(
        "\n{}: {}, {} bytes\n",
        input.name,
        input.origin,
        input.bytes()
    );
    print_speeds(measured);
    println!();
    print_lines(&measured.lines);
    println!();
    memory::print(&measured.memory, measured.minified_bytes);
}

fn print_speeds(measured: &Measured<'_>) {
    let speed = |task, allocator| {
        let found = measured
            .speeds
            .iter()
            .find(|speed| speed.task == task && speed.allocator == allocator);
        found.map_or_else(String::new, |speed| format!("{:.0}", speed.median()))
    };
    println!(
        "{:<40}{:>12}{:>12}",
        "MB/s",
        Allocator::Mimalloc.name(),
        Allocator::System.name()
    );
    for task in Task::ALL {
        let here = speed(task, Allocator::Mimalloc);
        if !here.is_empty() {
            let there = speed(task, Allocator::System);
            println!("{:<40}{here:>12}{there:>12}", task.name());
        }
    }
    for rival in &measured.rivals {
        let name = format!("parse, minified, {}", rival.name);
        println!("{name:<40}{:>12}", number(rival.speed, 0));
    }
}

fn print_lines(lines: &[Line]) {
    println!(
        "{:<17}{:<32}{:<10}{:>7}{:>7}{:>9}",
        "", "against", "", "ratio", "+-", "target"
    );
    for line in lines {
        let target = line
            .target
            .map_or_else(|| "-".to_owned(), |target| target.to_string());
        let verdict = line
            .verdict()
            .map_or_else(String::new, |verdict| verdict.to_string());
        let text = format!(
            "{:<17}{:<32}{:<10}{:>7}{:>7}{target:>9}  {verdict:<8}{}",
            line.name,
            line.against,
            line.allocator,
            number(line.measured.median, 2),
            number(line.measured.deviation, 2),
            line.note
        );
        println!("{}", text.trim_end());
    }
}

pub(super) fn print_tail(lines: &[Line], missed: usize) {
    if !lines.is_empty() {
        println!();
        print_lines(lines);
    }
    println!("\n{missed} targets missed (by more than 5 %, or 3 deviations if that is more)");
}

pub(super) fn input_as_json(measured: &Measured<'_>) -> Value {
    let input = measured.input;
    let speeds = measured.speeds.iter().map(|speed| {
        json!({
            "task": speed.task.name(),
            "allocator": speed.allocator.name(),
            "megabytes_per_second": speed.median(),
        })
    });
    let rivals = measured.rivals.iter().map(|rival| {
        json!({
            "name": rival.name,
            "megabytes_per_second": finite(rival.speed),
            "documents": rival.documents,
            "refused": rival.refused,
            "other_dates": rival.other_dates,
        })
    });
    json!({
        "name": input.name,
        "origin": input.origin,
        "bytes": input.bytes(),
        "minified_bytes": measured.minified_bytes,
        "speeds": speeds.collect::<Vec<_>>(),
        "rivals": rivals.collect::<Vec<_>>(),
        "memory": memory::as_json(&measured.memory),
        "ratios": measured.lines.iter().map(line_as_json).collect::<Vec<_>>(),
    })
}

pub(super) fn print_json(
    options: &Options,
    notes: &[String],
    inputs: Vec<Value>,
    lines: &[Line],
    missed: usize,
) {
    let report = json!({
        "schema_version": 1,
        "rounds": options.rounds,
        "notes": notes,
        "inputs": inputs,
        "ratios": lines.iter().map(line_as_json).collect::<Vec<_>>(),
        "missed": missed,
    });
    println!("{report:#}");
}

fn line_as_json(line: &Line) -> Value {
    json!({
        "name": line.name,
        "against": line.against,
        "allocator": line.allocator,
        "ratio": finite(line.measured.median),
        "deviation": finite(line.measured.deviation),
        "target": line.target.map(|target| target.to_string()),
        "verdict": line.verdict().map(|verdict| verdict.to_string()),
        "note": line.note,
    })
}

/// A figure for people; nothing was measured where it is not a number.
fn number(figure: f64, digits: usize) -> String {
    match figure.is_finite() {
        true => format!("{figure:.digits$}"),
        false => "-".to_owned(),
    }
}

/// JSON has no other numbers.
fn finite(figure: f64) -> Value {
    match figure.is_finite() {
        true => json!(figure),
        false => Value::Null,
    }
}
