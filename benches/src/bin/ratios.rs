//! Our speed beside rivals', measured in turns, as ratios: `cargo run --release --bin ratios`.
//!
//! `--json` gives the figures as JSON, `--rounds N` changes how often each is measured, `--only
//! WORD` keeps the inputs whose name contains the word.

use anyhow::{Context, Result, bail};
use healthcode_benches::{ALLOCATOR_NAME, Input, inputs};
use healthcode_json::stream::BundleReader;
use healthcode_json::{ReadOptions, from_slice, to_string};
use healthcode_r4::{BundleEntry, Resource};
use serde_json::json;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Parse,
    ParseDrop,
    Stream,
    Write,
    Bridge,
    SonicParse,
    SonicParseDrop,
    SonicWrite,
    SerdeParse,
    SerdeParseStr,
    SerdeParseDrop,
    SerdeWrite,
}

const TASKS: [Task; 12] = [
    Task::Parse,
    Task::SonicParse,
    Task::SerdeParse,
    Task::ParseDrop,
    Task::SonicParseDrop,
    Task::SerdeParseDrop,
    Task::Write,
    Task::SonicWrite,
    Task::SerdeWrite,
    Task::Bridge,
    Task::SerdeParseStr,
    Task::Stream,
];

/// A ratio of speeds, and what it is to reach on each input.
struct Row {
    name: &'static str,
    ours: Task,
    rival: Task,
    rival_name: &'static str,
    /// For synthea-pretty, synthea-min, healthcode-min and examples.
    targets: [Option<f64>; 4],
}

const fn all(targets: [f64; 4]) -> [Option<f64>; 4] {
    [
        Some(targets[0]),
        Some(targets[1]),
        Some(targets[2]),
        Some(targets[3]),
    ]
}

/// A streamed Bundle is to be twice as fast as a whole tree on glibc; other allocators free faster.
const STREAMED: Option<f64> = if cfg!(feature = "mimalloc") {
    None
} else {
    Some(2.0)
};

const ROWS: [Row; 10] = [
    Row {
        name: "parse",
        ours: Task::Parse,
        rival: Task::SonicParse,
        rival_name: "sonic_rs::Value",
        targets: all([0.80, 0.35, 0.33, 0.85]),
    },
    Row {
        name: "parse",
        ours: Task::Parse,
        rival: Task::SerdeParse,
        rival_name: "serde_json::Value",
        targets: all([3.2, 3.3, 3.0, 1.9]),
    },
    Row {
        name: "parse + drop",
        ours: Task::ParseDrop,
        rival: Task::SonicParse,
        rival_name: "sonic_rs::Value, parse only",
        targets: all([0.60, 0.26, 0.26, 0.80]),
    },
    Row {
        name: "parse + drop",
        ours: Task::ParseDrop,
        rival: Task::SonicParseDrop,
        rival_name: "sonic_rs::Value",
        targets: [None; 4],
    },
    Row {
        name: "parse + drop",
        ours: Task::ParseDrop,
        rival: Task::SerdeParseDrop,
        rival_name: "serde_json::Value",
        targets: [None; 4],
    },
    Row {
        name: "write",
        ours: Task::Write,
        rival: Task::SonicWrite,
        rival_name: "sonic_rs::to_string(&Value)",
        targets: all([1.2, 1.1, 1.8, 1.05]),
    },
    Row {
        name: "write",
        ours: Task::Write,
        rival: Task::SerdeWrite,
        rival_name: "serde_json::to_string(&Value)",
        targets: [None; 4],
    },
    Row {
        name: "serde bridge",
        ours: Task::Bridge,
        rival: Task::SerdeParseStr,
        rival_name: "serde_json::Value",
        targets: all([1.7, 1.9, 2.2, 1.2]),
    },
    Row {
        name: "serde bridge",
        ours: Task::Bridge,
        rival: Task::Parse,
        rival_name: "our own parse",
        targets: [None; 4],
    },
    Row {
        name: "streamed",
        ours: Task::Stream,
        rival: Task::ParseDrop,
        rival_name: "our own parse + drop",
        targets: [STREAMED, STREAMED, STREAMED, None],
    },
];

/// The place of an input among a row's targets.
const INPUTS: [&str; 4] = [
    "synthea-pretty",
    "synthea-min",
    "healthcode-min",
    "examples",
];

/// How many bytes a measurement goes through at least.
const BYTES: usize = 24_000_000;

fn main() -> Result<()> {
    let options = Options::parse()?;
    let inputs = inputs()?;
    let mut report = Vec::new();
    if !options.json {
        println!(
            "allocator {ALLOCATOR_NAME}, {} rounds in turns, medians",
            options.rounds
        );
        for note in &inputs.notes {
            println!("{note}");
        }
    }
    for input in inputs
        .present
        .iter()
        .filter(|input| input.name.contains(&options.only))
    {
        let speeds = measure(input, options.rounds);
        if options.json {
            report.push(as_json(input, &speeds));
        } else {
            print(input, &speeds);
        }
    }
    if options.json {
        let report = json!({
            "schema_version": 1,
            "allocator": ALLOCATOR_NAME,
            "rounds": options.rounds,
            "notes": inputs.notes,
            "inputs": report,
        });
        println!("{report:#}");
    }
    Ok(())
}

struct Options {
    json: bool,
    rounds: usize,
    only: String,
}

impl Options {
    fn parse() -> Result<Self> {
        let mut options = Options {
            json: false,
            rounds: 9,
            only: String::new(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .with_context(|| format!("{argument} what?"))
            };
            match argument.as_str() {
                "--json" => options.json = true,
                "--rounds" => options.rounds = value()?.parse()?,
                "--only" => options.only = value()?,
                _ => bail!("usage: ratios [--json] [--rounds N] [--only WORD]"),
            }
        }
        if options.rounds < 7 {
            bail!("a median wants at least 7 rounds");
        }
        Ok(options)
    }
}

/// The documents, read by each contestant, for the writing tasks.
struct Values {
    ours: Vec<Resource>,
    sonic: Vec<sonic_rs::Value>,
    serde: Vec<serde_json::Value>,
}

fn ours(document: &str) -> Resource {
    from_slice(document.as_bytes())
        .expect("the input is JSON")
        .value
}

fn sonic(document: &str) -> sonic_rs::Value {
    sonic_rs::from_slice(document.as_bytes()).expect("the input is JSON")
}

fn serde(document: &str) -> serde_json::Value {
    serde_json::from_slice(document.as_bytes()).expect("the input is JSON")
}

/// Megabytes a second of each task, a figure for each round.
fn measure(input: &Input, rounds: usize) -> Vec<(Task, Vec<f64>)> {
    let values = Values {
        ours: input
            .documents
            .iter()
            .map(|document| ours(document))
            .collect(),
        sonic: input
            .documents
            .iter()
            .map(|document| sonic(document))
            .collect(),
        serde: input
            .documents
            .iter()
            .map(|document| serde(document))
            .collect(),
    };
    let tasks = TASKS
        .iter()
        .filter(|task| **task != Task::Stream || input.bundle().is_some());
    let mut speeds: Vec<_> = tasks.map(|task| (*task, Vec::new())).collect();
    let repeats = BYTES.div_ceil(input.bytes());
    let bytes = (repeats * input.bytes()) as f64;
    // The first round only warms up. The order turns, so that no task always follows the same one.
    for round in 0..=rounds {
        for turn in 0..speeds.len() {
            let at = (round * 5 + turn) % speeds.len();
            let (task, figures) = &mut speeds[at];
            let time: Duration = (0..repeats).map(|_| run(*task, input, &values)).sum();
            if round > 0 {
                figures.push(bytes / time.as_secs_f64() / 1e6);
            }
        }
    }
    speeds
}

fn run(task: Task, input: &Input, values: &Values) -> Duration {
    match task {
        Task::Parse => kept(input, |document| {
            from_slice::<Resource>(document.as_bytes()).expect("the input is JSON")
        }),
        Task::SonicParse => kept(input, sonic),
        Task::SerdeParse => kept(input, serde),
        Task::SerdeParseStr => kept(input, |document| {
            serde_json::from_str::<serde_json::Value>(document).expect("the input is JSON")
        }),
        Task::Bridge => kept(input, |document| {
            serde_json::from_str::<Resource>(document).expect("the input is JSON")
        }),
        Task::ParseDrop => kept(input, |document| drop(black_box(ours(document)))),
        Task::SonicParseDrop => kept(input, |document| drop(black_box(sonic(document)))),
        Task::SerdeParseDrop => kept(input, |document| drop(black_box(serde(document)))),
        Task::Stream => kept(input, |document| {
            let options = ReadOptions::new();
            for entry in BundleReader::<_, BundleEntry>::new(document.as_bytes(), options) {
                drop(black_box(entry.expect("the input is JSON")));
            }
        }),
        Task::Write => written(&values.ours, to_string),
        Task::SonicWrite => written(&values.sonic, |value| {
            sonic_rs::to_string(value).expect("a Value can be written")
        }),
        Task::SerdeWrite => written(&values.serde, |value| {
            serde_json::to_string(value).expect("a Value can be written")
        }),
    }
}

/// Times `each` over all documents; what it gives is dropped after the clock has stopped.
fn kept<T>(input: &Input, each: impl Fn(&str) -> T) -> Duration {
    let mut results = Vec::with_capacity(input.documents.len());
    let start = Instant::now();
    results.extend(
        input
            .documents
            .iter()
            .map(|document| each(black_box(document))),
    );
    let time = start.elapsed();
    drop(black_box(results));
    time
}

fn written<T>(values: &[T], each: impl Fn(&T) -> String) -> Duration {
    let start = Instant::now();
    for value in values {
        black_box(each(black_box(value)));
    }
    start.elapsed()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() % 2 {
        0 => (figures[middle - 1] + figures[middle]) / 2.0,
        _ => figures[middle],
    }
}

/// The median of the ratios of each round, and their median absolute deviation.
struct Ratio {
    median: f64,
    deviation: f64,
    target: Option<f64>,
}

impl Ratio {
    fn of(row: &Row, input: &Input, speeds: &[(Task, Vec<f64>)]) -> Option<Self> {
        let figures = |task| {
            speeds
                .iter()
                .find(|(found, _)| *found == task)
                .map(|(_, of)| of)
        };
        let (ours, rival) = (figures(row.ours)?, figures(row.rival)?);
        let ratios: Vec<f64> = ours
            .iter()
            .zip(rival)
            .map(|(ours, rival)| ours / rival)
            .collect();
        let middle = median(ratios.clone());
        let deviations = ratios.iter().map(|ratio| (ratio - middle).abs()).collect();
        let place = INPUTS.iter().position(|name| *name == input.name)?;
        Some(Ratio {
            median: middle,
            deviation: median(deviations),
            target: row.targets[place],
        })
    }

    /// Missed is short by more than 5 %, or three deviations if that is more.
    fn verdict(&self) -> &'static str {
        match self.target {
            None => "",
            Some(target) if self.median >= target => "reached",
            Some(target) if self.median >= target - (target * 0.05).max(3.0 * self.deviation) => {
                "close"
            }
            Some(_) => "MISSED",
        }
    }
}

fn print(input: &Input, speeds: &[(Task, Vec<f64>)]) {
    println!(
        "\n{}: {}, {} bytes",
        input.name,
        input.origin,
        input.bytes()
    );
    println!("{:<18}{:>10}", "", "MB/s");
    for (task, figures) in speeds {
        println!(
            "{:<18}{:>10.0}",
            format!("{task:?}"),
            median(figures.clone())
        );
    }
    println!(
        "{:<15}{:<32}{:>7}{:>7}{:>8}",
        "", "against", "ratio", "+-", "target"
    );
    for row in &ROWS {
        let Some(ratio) = Ratio::of(row, input, speeds) else {
            continue;
        };
        let target = ratio
            .target
            .map_or_else(|| "-".to_owned(), |target| format!("{target:.2}"));
        println!(
            "{:<15}{:<32}{:>7.2}{:>7.2}{target:>8}  {}",
            row.name,
            row.rival_name,
            ratio.median,
            ratio.deviation,
            ratio.verdict()
        );
    }
}

fn as_json(input: &Input, speeds: &[(Task, Vec<f64>)]) -> serde_json::Value {
    let rows = ROWS.iter().filter_map(|row| {
        let ratio = Ratio::of(row, input, speeds)?;
        Some(json!({
            "name": row.name,
            "against": row.rival_name,
            "ratio": ratio.median,
            "deviation": ratio.deviation,
            "target": ratio.target,
            "verdict": ratio.verdict(),
        }))
    });
    let megabytes = speeds
        .iter()
        .map(|(task, figures)| (format!("{task:?}"), json!(median(figures.clone()))));
    json!({
        "name": input.name,
        "origin": input.origin,
        "bytes": input.bytes(),
        "megabytes_per_second": serde_json::Map::from_iter(megabytes),
        "ratios": rows.collect::<Vec<_>>(),
    })
}
