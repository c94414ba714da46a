//! `healthcode bench`: throughput of a user's own payloads beside `serde_json::Value`, or of XML beside the same
//! content as JSON.
//!
//! The rules are those of the project's own benchmarks (`benches/`): a megabyte is 1,000,000 bytes
//! of the text that is read, or that the value was read from; what is read is kept and dropped after
//! the clock has stopped, except where a name says "drop"; tasks take turns within each round, the
//! first round only warms up, and figures are medians of the others. Memory comes from processes of
//! its own, never from the timed one.

use crate::args::{BenchArgs, MIB, TableFormat};
use crate::input::shown;
use crate::output::print_json;
use healthcode_core::printable;
use healthcode_json::stream::{BundleReader, Kind, NdjsonReader, sniff};
use healthcode_json::{Checked, ReadOptions, from_slice, to_string};
use healthcode_r4::{Bundle, BundleEntry, Resource};
use healthcode_xml::{either, is_xml};
use serde_json::{Value, json};
use std::hint::black_box;
use std::io::{self, Read as _, Write};
use std::ops::Range;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// Something to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Parse,
    ParseDrop,
    ValueParse,
    ValueParseDrop,
    JsonParse,
    JsonParseDrop,
    Stream,
    Write,
    ValueWrite,
    JsonWrite,
}

impl Task {
    /// In the order of the table.
    const ALL: [Task; 10] = [
        Task::Parse,
        Task::ParseDrop,
        Task::ValueParse,
        Task::ValueParseDrop,
        Task::JsonParse,
        Task::JsonParseDrop,
        Task::Stream,
        Task::Write,
        Task::ValueWrite,
        Task::JsonWrite,
    ];

    fn name(self) -> &'static str {
        match self {
            Task::Parse => "parse",
            Task::ParseDrop => "parse + drop",
            Task::ValueParse => "parse serde_json::Value",
            Task::ValueParseDrop => "parse + drop serde_json::Value",
            Task::JsonParse => "parse the same as JSON",
            Task::JsonParseDrop => "parse + drop the same as JSON",
            Task::Stream => "stream",
            Task::Write => "write",
            Task::ValueWrite => "write serde_json::Value",
            Task::JsonWrite => "write the same as JSON",
        }
    }

    /// The tasks that do the same to a `serde_json::Value`, or to JSON.
    fn rivals(self) -> &'static [Task] {
        match self {
            Task::Parse => &[Task::ValueParse, Task::JsonParse],
            Task::ParseDrop | Task::Stream => &[Task::ValueParseDrop, Task::JsonParseDrop],
            Task::Write => &[Task::ValueWrite, Task::JsonWrite],
            _ => &[],
        }
    }

    /// Whether a payload is measured by it.
    fn is_of(self, payload: &Payload) -> bool {
        match self {
            Task::Parse | Task::ParseDrop | Task::Write => true,
            Task::Stream => payload.kind != Kind::Document,
            Task::ValueParse | Task::ValueParseDrop | Task::ValueWrite => !payload.is_xml,
            Task::JsonParse | Task::JsonParseDrop | Task::JsonWrite => payload.is_xml,
        }
    }

    /// Whether its memory is measured.
    fn has_memory(self) -> bool {
        matches!(self, Task::Parse | Task::ValueParse | Task::Stream)
    }
}

/// What the figures mean.
const RULES: &str = "\
MB = 1,000,000 bytes of the payload. What is read is dropped after the clock has stopped, save where
it says \"drop\" or \"stream\". Tasks take turns. Peak memory is that of a process of its own, above
one that only holds the payload, or for \"stream\" nothing, with how many times the payload it is.
XML stands beside the same content as JSON, whose MB are those of the XML.";

/// How large a payload may be: it is held several times over.
const MOST: u64 = 1024 * MIB;

/// How long a turn of parsing takes at least; small payloads are repeated until it does.
const TURN: Duration = Duration::from_millis(20);

pub(crate) fn run(args: &BenchArgs) -> io::Result<ExitCode> {
    if let Some(task) = &args.memory_of {
        return memory_of(task, &args.files[0]);
    }
    let mut failed = false;
    let mut reports = Vec::new();
    if args.format == TableFormat::Human {
        writeln!(io::stdout(), "{RULES}\n")?;
    }
    for file in &args.files {
        match measure(file, args.rounds) {
            Ok(report) => {
                if args.format == TableFormat::Human {
                    print(&report, &mut io::stdout().lock())?;
                }
                reports.push(report);
            }
            Err(error) => {
                let (file, error) = (shown(file), printable(&error.to_string()));
                let _ = writeln!(io::stderr(), "healthcode: {file}: {error}");
                failed = true;
            }
        }
    }
    if args.format == TableFormat::Json {
        print_json(&json!({ "schema_version": 1, "files": reports }))?;
    }
    Ok(if failed {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    })
}

/// A payload as documents: one, or a line each.
struct Payload {
    text: Vec<u8>,
    documents: Vec<Range<usize>>,
    kind: Kind,
    is_xml: bool,
}

impl Payload {
    fn load(path: &Path) -> io::Result<Self> {
        let mut text = Vec::new();
        let file = std::fs::File::open(path)?.take(MOST + 1);
        if io::Read::read_to_end(&mut { file }, &mut text)? as u64 > MOST {
            return Err(invalid("it is larger than 1 GiB; measure a part of it"));
        }
        if text.starts_with(b"\x1f\x8b") || text.starts_with(b"\x28\xb5\x2f\xfd") {
            return Err(invalid("it is compressed; measure what is in it"));
        }
        let is_xml = is_xml(&text);
        let kind = kind(&text);
        let mut documents = Vec::new();
        if kind == Kind::Ndjson {
            let mut start = 0;
            for line in text.split(|byte| *byte == b'\n') {
                if !line.trim_ascii().is_empty() {
                    documents.push(start..start + line.len());
                }
                start += line.len() + 1;
            }
        } else {
            documents.push(0..text.len());
        }
        Ok(Payload {
            text,
            documents,
            kind,
            is_xml,
        })
    }

    fn documents(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let documents = self.documents.iter();
        documents.map(|place| &self.text[place.clone()])
    }

    /// Times `each` over all documents.
    fn kept<T>(&self, each: impl Fn(&[u8]) -> T) -> Duration {
        kept(self.documents(), each)
    }
}

/// What a text is, by its beginning.
fn kind(text: &[u8]) -> Kind {
    if !is_xml(text) {
        sniff(text)
    } else if healthcode_xml::stream::is_bundle(text) {
        Kind::Bundle
    } else {
        Kind::Document
    }
}

/// Times `each` over documents; its results are dropped after the clock has stopped.
fn kept<'a, T>(
    documents: impl ExactSizeIterator<Item = &'a [u8]>,
    each: impl Fn(&[u8]) -> T,
) -> Duration {
    let mut results = Vec::with_capacity(documents.len());
    let start = Instant::now();
    results.extend(documents.map(|document| each(black_box(document))));
    let time = start.elapsed();
    drop(black_box(results));
    time
}

/// The values of a payload, for writing.
#[derive(Default)]
struct Values {
    ours: Vec<Resource>,
    generic: Vec<Value>,
    /// Of XML, the same documents as JSON.
    json: Vec<Vec<u8>>,
}

impl Values {
    fn json(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.json.iter().map(Vec::as_slice)
    }
}

fn invalid(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

fn measure(path: &Path, rounds: u32) -> io::Result<Value> {
    let payload = Payload::load(path)?;
    let mut values = Values::default();
    for text in payload.documents() {
        let read = either::read::<Resource>(text, &ReadOptions::new()).map_err(invalid)?;
        if payload.is_xml {
            values.json.push(healthcode_json::to_vec(&read.value));
            values.ours.push(read.value);
            continue;
        }
        values.ours.push(read.value);
        let value = serde_json::from_slice(text);
        let value = value.map_err(|error| invalid(format!("serde_json::Value: {error}")))?;
        values.generic.push(value);
    }
    let tasks = Task::ALL.into_iter();
    let tasks: Vec<Task> = tasks.filter(|task| task.is_of(&payload)).collect();
    let once = time(Task::Parse, &payload, &values).as_nanos().max(1);
    let repeats = TURN.as_nanos().div_ceil(once) as u32;
    let mut times = vec![Vec::new(); tasks.len()];
    for round in 0..=rounds as usize {
        for turn in 0..tasks.len() {
            // Every other round goes backwards, so that no task always follows the same one.
            let turn = if round % 2 == 0 {
                turn
            } else {
                tasks.len() - 1 - turn
            };
            let at = (turn + round * 5) % tasks.len();
            let runs = 0..repeats;
            let total: Duration = runs.map(|_| time(tasks[at], &payload, &values)).sum();
            // The first round warms up.
            if round > 0 {
                times[at].push(total / repeats);
            }
        }
    }
    drop(values);
    let bytes = payload.text.len();
    let rows = tasks.iter().zip(times).map(|(task, times)| {
        let median = median(times);
        json!({
            "task": task.name(),
            "median_ns": median.as_nanos() as u64,
            "mb_per_s": bytes as f64 / median.as_secs_f64() / 1e6,
            "peak_kib": peak(*task, path),
        })
    });
    Ok(json!({
        "file": shown(path),
        "bytes": bytes,
        "rounds": rounds,
        "tasks": rows.collect::<Vec<_>>(),
    }))
}

/// The middle one of the times, or the mean of the middle two.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    let middle = times.len() / 2;
    match times.len() % 2 {
        0 => (times[middle - 1] + times[middle]) / 2,
        _ => times[middle],
    }
}

/// How long a task takes on all documents, which have been read before.
fn time(task: Task, payload: &Payload, values: &Values) -> Duration {
    match task {
        Task::Parse => payload.kept(parse),
        Task::ParseDrop => payload.kept(|document| drop(black_box(parse(document)))),
        Task::ValueParse => payload.kept(parse_generic),
        Task::ValueParseDrop => payload.kept(|document| drop(black_box(parse_generic(document)))),
        Task::JsonParse => kept(values.json(), parse_json),
        Task::JsonParseDrop => kept(values.json(), |document| {
            drop(black_box(parse_json(document)));
        }),
        Task::Stream => {
            let start = Instant::now();
            stream(&payload.text[..], payload.kind, payload.is_xml);
            start.elapsed()
        }
        Task::Write if payload.is_xml => written(&values.ours, healthcode_xml::to_string),
        Task::Write | Task::JsonWrite => written(&values.ours, to_string),
        Task::ValueWrite => written(&values.generic, serde_json::to_string),
    }
}

fn parse(document: &[u8]) -> Option<Checked<Resource>> {
    either::read(document, &ReadOptions::new()).ok()
}

fn parse_json(document: &[u8]) -> Option<Checked<Resource>> {
    from_slice(document).ok()
}

fn parse_generic(document: &[u8]) -> Option<Value> {
    serde_json::from_slice(document).ok()
}

fn written<T, W>(values: &[T], write: impl Fn(&T) -> W) -> Duration {
    let start = Instant::now();
    for value in values {
        drop(black_box(write(black_box(value))));
    }
    start.elapsed()
}

fn stream(text: impl io::Read, kind: Kind, is_xml: bool) {
    let options = ReadOptions::new();
    if is_xml {
        let mut entries = healthcode_xml::stream::BundleReader::new(text, options);
        while let Some(Ok(piece)) = entries.cut() {
            drop(black_box(piece.read::<BundleEntry>(&options)));
        }
        drop(black_box(
            entries.finish_with(|_: &Bundle| Vec::new(), false),
        ));
    } else if kind == Kind::Ndjson {
        let lines = NdjsonReader::<_, Resource>::new(text, options);
        lines.for_each(|read| drop(black_box(read)));
    } else {
        let mut entries = BundleReader::<_, BundleEntry>::new(text, options);
        entries.by_ref().for_each(|read| drop(black_box(read)));
        let _ = black_box(entries.finish::<Bundle>());
    }
}

/// The peak memory of a process that does the task, above that of one that only holds the text, or,
/// for streams, that does nothing: they never hold it. In KiB, where the system reports it.
fn peak(task: Task, path: &Path) -> Option<u64> {
    if !task.has_memory() {
        return None;
    }
    let floor = match task {
        Task::Stream => memory("nothing", path)?,
        _ => memory("hold", path)?,
    };
    Some(memory(task.name(), path)?.saturating_sub(floor))
}

/// The peak memory of a process that does one thing, in KiB.
fn memory(what: &str, path: &Path) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program)
        .args(["bench", "--memory-of", what])
        .arg(path)
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// The other side of [`memory`].
fn memory_of(what: &str, path: &Path) -> io::Result<ExitCode> {
    match Task::ALL.into_iter().find(|task| task.name() == what) {
        Some(Task::Stream) => {
            // The input itself is not held.
            let mut file = std::fs::File::open(path)?;
            let mut head = Vec::new();
            io::Read::by_ref(&mut file)
                .take(65_536)
                .read_to_end(&mut head)?;
            let (kind, is_xml) = (kind(&head), is_xml(&head));
            stream(io::Cursor::new(head).chain(file), kind, is_xml);
        }
        Some(Task::Parse) => {
            let payload = Payload::load(path)?;
            black_box(payload.documents().map(parse).collect::<Vec<_>>());
        }
        Some(Task::ValueParse) => {
            let payload = Payload::load(path)?;
            black_box(payload.documents().map(parse_generic).collect::<Vec<_>>());
        }
        _ if what == "hold" => drop(black_box(Payload::load(path)?)),
        _ => {}
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.unwrap_or_default().trim().trim_end_matches(" kB");
    writeln!(io::stdout(), "{peak}")?;
    Ok(ExitCode::SUCCESS)
}

fn print(report: &Value, out: &mut impl Write) -> io::Result<()> {
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    writeln!(
        out,
        "{}: {} bytes, medians of {} rounds",
        report["file"].as_str().unwrap_or_default(),
        report["bytes"],
        report["rounds"],
    )?;
    let empty = Vec::new();
    let rows = report["tasks"].as_array().unwrap_or(&empty);
    let speed = |task: &str| {
        let row = rows.iter().find(|row| row["task"] == task);
        row.map(|row| number(&row["mb_per_s"]))
    };
    writeln!(
        out,
        "  {:<32}{:>12}{:>10}{:>18}",
        "", "MB/s", "ratio", "peak memory"
    )?;
    for row in rows {
        let task = row["task"].as_str().unwrap_or_default();
        let found = Task::ALL.into_iter().find(|found| found.name() == task);
        let rivals = found.map_or(&[][..], Task::rivals);
        let ratio = rivals.iter().find_map(|rival| speed(rival.name()));
        let ratio = ratio.map_or(String::new(), |rival| {
            format!("{:.2}x", number(&row["mb_per_s"]) / rival)
        });
        let peak = match row["peak_kib"].as_f64() {
            Some(kib) => {
                let times = kib * 1024.0 / number(&report["bytes"]).max(1.0);
                format!("{:.1} MB {times:.1}x", kib / 1024.0)
            }
            None => String::new(),
        };
        writeln!(
            out,
            "  {task:<32}{:>12.1}{ratio:>10}{peak:>18}",
            number(&row["mb_per_s"])
        )?;
    }
    Ok(())
}
