//! `healthcode bench`: throughput of a user's own payloads beside `serde_json::Value`.

use crate::args::{BenchArgs, TableFormat};
use healthcode_json::stream::{BundleReader, Kind, NdjsonReader, sniff};
use healthcode_json::{ReadOptions, from_slice, to_vec};
use healthcode_r4::{Bundle, BundleEntry, Resource};
use serde_json::{Value, json};
use std::hint::black_box;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// What is measured, in the order of the table.
const TASKS: &[(&str, &str)] = &[
    ("parse", "parse"),
    ("parse + drop", "parse-drop"),
    ("parse serde_json::Value", "value-parse"),
    ("parse + drop serde_json::Value", "value-parse-drop"),
    ("stream", "stream"),
    ("write", "write"),
    ("write serde_json::Value", "value-write"),
];

/// How long the parsing of a round takes at least.
const ROUND: Duration = Duration::from_millis(3);

pub(crate) fn run(args: &BenchArgs) -> io::Result<ExitCode> {
    if let Some(task) = &args.memory_of {
        return memory_of(task, &args.files[0]);
    }
    let mut failed = false;
    let mut reports = Vec::new();
    for file in &args.files {
        match measure(file, args.rounds) {
            Ok(report) => {
                if args.format == TableFormat::Human {
                    print(&report);
                }
                reports.push(report);
            }
            Err(error) => {
                eprintln!("healthcode: {}: {error}", file.display());
                failed = true;
            }
        }
    }
    if args.format == TableFormat::Json {
        let document = json!({ "schema_version": 1, "files": reports });
        println!("{document:#}");
    }
    Ok(if failed {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    })
}

/// A payload as values: one, or a line each.
struct Payload {
    texts: Vec<Vec<u8>>,
    whole: Vec<u8>,
    kind: Kind,
}

impl Payload {
    fn load(path: &Path) -> io::Result<Self> {
        let whole = std::fs::read(path)?;
        let kind = sniff(&whole);
        let texts = match kind {
            Kind::Ndjson => whole
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.trim_ascii().is_empty())
                .map(<[u8]>::to_vec)
                .collect(),
            _ => vec![whole.clone()],
        };
        Ok(Payload { texts, whole, kind })
    }
}

fn invalid(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

fn measure(path: &Path, rounds: u32) -> io::Result<Value> {
    let payload = Payload::load(path)?;
    let mut values = Vec::new();
    let mut generic: Vec<Value> = Vec::new();
    for text in &payload.texts {
        values.push(from_slice::<Resource>(text).map_err(invalid)?.value);
        generic.push(serde_json::from_slice(text).map_err(invalid)?);
    }
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); TASKS.len()];
    // Small payloads are repeated within a round until the clock can be trusted.
    let once = time("parse", &payload, &values, &generic, 1)
        .as_nanos()
        .max(1);
    let repeats = (ROUND.as_nanos() / once).clamp(1, 100_000) as usize;
    for round in 0..rounds as usize + 1 {
        for index in 0..TASKS.len() {
            let index = (index + round) % TASKS.len();
            let task = TASKS[index].1;
            if task == "stream" && payload.kind == Kind::Document {
                continue;
            }
            let time = time(task, &payload, &values, &generic, repeats);
            // The first round warms up.
            if round > 0 {
                times[index].push(time / repeats as u32);
            }
        }
    }
    let bytes = payload.whole.len();
    let floor = memory("nothing", path);
    let mut rows = Vec::new();
    for ((name, task), mut times) in TASKS.iter().zip(times) {
        if times.is_empty() {
            continue;
        }
        times.sort();
        let median = times[times.len() / 2];
        // Memory comes from a process of its own, never from the timed one.
        let peak = match *task {
            "parse" | "value-parse" | "stream" => memory(task, path),
            _ => None,
        };
        let peak = peak
            .zip(floor)
            .map(|(peak, floor)| peak.saturating_sub(floor));
        rows.push(json!({
            "task": name,
            "median_ns": median.as_nanos() as u64,
            "mb_per_s": bytes as f64 / median.as_secs_f64() / 1e6,
            "peak_kib": peak,
        }));
    }
    Ok(json!({
        "file": path.display().to_string(),
        "bytes": bytes,
        "rounds": rounds,
        "tasks": rows,
    }))
}

/// How long `repeats` runs of a task take.
fn time(
    task: &str,
    payload: &Payload,
    values: &[Resource],
    generic: &[Value],
    repeats: usize,
) -> Duration {
    let mut kept = Vec::new();
    let mut kept_generic: Vec<Value> = Vec::new();
    let mut timed = Duration::ZERO;
    for _ in 0..repeats {
        let start = Instant::now();
        match task {
            "parse" => kept.extend(parse(payload)),
            "parse-drop" => drop(black_box(parse(payload).collect::<Vec<_>>())),
            "value-parse" => kept_generic.extend(parse_generic(payload)),
            "value-parse-drop" => drop(black_box(parse_generic(payload).collect::<Vec<_>>())),
            "stream" => stream(payload),
            "write" => values
                .iter()
                .for_each(|value| drop(black_box(to_vec(value)))),
            _ => generic
                .iter()
                .for_each(|value| drop(black_box(serde_json::to_vec(value)))),
        }
        timed += start.elapsed();
        // Freed outside the clock.
        black_box(&kept);
        kept.clear();
        kept_generic.clear();
    }
    timed
}

fn parse(payload: &Payload) -> impl Iterator<Item = Resource> + '_ {
    let texts = payload.texts.iter();
    texts.filter_map(|text| from_slice::<Resource>(text).ok().map(|read| read.value))
}

fn parse_generic(payload: &Payload) -> impl Iterator<Item = Value> + '_ {
    let texts = payload.texts.iter();
    texts.filter_map(|text| serde_json::from_slice(text).ok())
}

fn stream(payload: &Payload) {
    let options = ReadOptions::new();
    if payload.kind == Kind::Ndjson {
        let lines = NdjsonReader::<_, Resource>::new(&payload.whole[..], options);
        lines.for_each(|read| drop(black_box(read)));
    } else {
        let mut entries = BundleReader::<_, BundleEntry>::new(&payload.whole[..], options);
        entries.by_ref().for_each(|read| drop(black_box(read)));
        let _ = black_box(entries.finish::<Bundle>());
    }
}

/// The peak memory of a process that does one task, in KiB.
fn memory(task: &str, path: &Path) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program)
        .args(["bench", "--memory-of", task])
        .arg(path)
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn memory_of(task: &str, path: &Path) -> io::Result<ExitCode> {
    if task == "stream" {
        // The input itself is not held.
        let options = ReadOptions::new();
        let mut file = std::fs::File::open(path)?;
        let mut head = Vec::new();
        file.by_ref().take(65_536).read_to_end(&mut head)?;
        let kind = sniff(&head);
        let file = io::Cursor::new(head).chain(file);
        if kind == Kind::Ndjson {
            NdjsonReader::<_, Resource>::new(file, options).for_each(|read| drop(black_box(read)));
        } else {
            let mut entries = BundleReader::<_, BundleEntry>::new(file, options);
            entries.by_ref().for_each(|read| drop(black_box(read)));
        }
    } else {
        let payload = Payload::load(path)?;
        match task {
            "parse" => drop(black_box(parse(&payload).collect::<Vec<_>>())),
            "value-parse" => drop(black_box(parse_generic(&payload).collect::<Vec<_>>())),
            _ => {}
        }
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!(
        "{}",
        peak.unwrap_or_default().trim().trim_end_matches(" kB")
    );
    Ok(ExitCode::SUCCESS)
}

fn print(report: &Value) {
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    println!(
        "{}: {} bytes, medians of {} rounds",
        report["file"].as_str().unwrap_or_default(),
        report["bytes"],
        report["rounds"],
    );
    let empty = Vec::new();
    let rows = report["tasks"].as_array().unwrap_or(&empty);
    let speed = |task: &str| {
        let row = rows.iter().find(|row| row["task"] == task);
        row.map(|row| number(&row["mb_per_s"]))
    };
    println!(
        "  {:<32}{:>12}{:>10}{:>14}",
        "", "MB/s", "ratio", "peak memory"
    );
    for row in rows {
        let task = row["task"].as_str().unwrap_or_default();
        let rival = match task {
            "stream" => "parse + drop serde_json::Value".to_owned(),
            task => format!("{task} serde_json::Value"),
        };
        let ratio = speed(&rival).map_or(String::new(), |rival| {
            format!("{:.2}x", number(&row["mb_per_s"]) / rival)
        });
        let peak = match row["peak_kib"].as_f64() {
            Some(kib) => {
                let times = kib * 1024.0 / number(&report["bytes"]).max(1.0);
                format!("{:.1} MB {times:.1}x", kib / 1024.0)
            }
            None => String::new(),
        };
        println!(
            "  {task:<32}{:>12.1}{ratio:>10}{peak:>14}",
            number(&row["mb_per_s"])
        );
    }
}
