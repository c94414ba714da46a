//! How much memory reading takes, each time in a process that does nothing else.
//!
//! Heap is counted by an allocator that wraps the system's: live bytes after reading, the peak
//! while reading, and the number of allocations, each without the text itself. Resident memory is
//! what the operating system says of the whole process, its code included, above that of one that
//! only holds the text (or, for streams, of one that does nothing: they never hold it).

use crate::cli::Selection;
use crate::contestants::{Healthcode, SerdeValue, SonicValue};
use crate::report::{Line, Report};
use crate::validation::stream;
use crate::{Input, programs, repeated, small, tasks};
use anyhow::{Context, Result, bail, ensure};
use healthcode_bench_harness::documents::{load, unpacked};
use healthcode_bench_harness::reading::Reader;
use healthcode_r4::Resource;
use healthcode_validate::Validator;
use mod_alloc::ModAlloc;
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a process did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Bytes on the heap when it was done.
    pub(crate) live: u64,
    /// The most bytes that were on the heap at a time.
    pub(crate) peak: u64,
    /// How often memory was allocated or reallocated.
    pub(crate) allocations: u64,
    /// The most bytes that were resident, above a process that does not read; 0 where the operating
    /// system does not report it (only Linux does).
    pub(crate) resident: u64,
}

/// What is measured on an input.
const READERS: [&str; 3] = [Healthcode::NAME, SonicValue::NAME, SerdeValue::NAME];

/// What a streamed Bundle is called.
pub(crate) const STREAM: &str = "stream";

/// How many bytes the Bundles have whose streaming is to take the same memory.
pub(crate) const STREAMED: [usize; 2] = [10_000_000, 1_000_000_000];

/// The figures of an input, by the name of what reads it.
fn of_input(program: &Path, input: &Input) -> Result<Vec<(&'static str, Figures)>> {
    let packed = input.packed()?;
    let file = packed.file().display().to_string();
    let mut figures = Vec::new();
    let floor = run_child(program, &["hold", &file])?.resident;
    for reader in READERS {
        figures.push((reader, above(floor, run_child(program, &[reader, &file])?)));
    }
    if input.bundle().is_some() {
        let floor = run_child(program, &["nothing"])?.resident;
        figures.push((STREAM, above(floor, run_child(program, &[STREAM, &file])?)));
    }
    Ok(figures)
}

/// The memory that reading an input takes, as multiples of its minified text; first our live heap.
pub(crate) fn lines(input: &Input, program: &Path) -> Result<Vec<Line>> {
    let minified = input.minified().bytes() as f64;
    let mut lines = Vec::new();
    for (reader, figures) in of_input(program, input)? {
        let sizes = [
            ("live heap", figures.live),
            ("peak heap", figures.peak),
            ("resident", figures.resident),
        ];
        for (name, bytes) in sizes {
            let times = bytes as f64 / minified;
            let line = Line::counted(format!("{reader}, {name}"), "x the minified text", times);
            lines.push(line.note(format!("{bytes} bytes")));
        }
        let allocations = figures.allocations as f64 / minified * 1e3;
        let name = format!("{reader}, allocations");
        lines.push(Line::counted(
            name,
            "a kB of the minified text",
            allocations,
        ));
    }
    Ok(lines)
}

/// The figures of streaming a generated Bundle of so many bytes.
pub(crate) fn of_stream(program: &Path, bytes: usize) -> Result<Figures> {
    let floor = run_child(program, &["nothing"])?.resident;
    let figures = run_child(program, &["generated", &bytes.to_string()])?;
    Ok(above(floor, figures))
}

/// The figures of reading an input, and of reading and validating it.
pub(crate) fn of_validation(program: &Path, input: &Input) -> Result<(Figures, Figures)> {
    let packed = input.packed()?;
    let file = packed.file().display().to_string();
    let parse = run_child(program, &["one by one", &file])?;
    Ok((parse, run_child(program, &["validate", &file])?))
}

/// The figures of validating, entry by entry, a generated Bundle of so many. Its text is not counted.
pub(crate) fn of_entries(program: &Path, entries: usize) -> Result<Figures> {
    run_child(program, &["entries", &entries.to_string()])
}

fn above(floor: u64, figures: Figures) -> Figures {
    Figures {
        resident: figures.resident.saturating_sub(floor),
        ..figures
    }
}

/// Runs `program`, which [counts](count), and waits for its figures.
fn run_child(program: &Path, arguments: &[&str]) -> Result<Figures> {
    let shown = || format!("{} {}", program.display(), arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot run {}", shown()))?;
    ensure!(
        output.status.success(),
        "{} failed: {}",
        shown(),
        output.status
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let counts: Vec<u64> = text
        .split_whitespace()
        .map_while(|count| count.parse().ok())
        .collect();
    let [live, peak, allocations, resident] = counts[..] else {
        bail!("{} answered {text:?}", shown());
    };
    Ok(Figures {
        live,
        peak,
        allocations,
        resident,
    })
}

/// The command `memory`.
pub(crate) fn run(selection: &Selection) -> Result<()> {
    let program = programs::program("counting")?;
    let inputs = selection.inputs()?;
    let mut report = Report::new(selection.json, None, inputs.notes);
    for input in &inputs.present {
        report.add(input.title(), lines(input, &program)?);
    }
    report.finish();
    Ok(())
}

/// The program that is started for each figure: does what its arguments say, and prints what that
/// took from `allocator`, which is its own.
///
/// # Errors
/// If the arguments are wrong or a file cannot be read.
pub fn count(allocator: &ModAlloc) -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["nothing"] => counted(allocator, || ()),
        ["generated", bytes] => {
            let (bundle, _) = repeated::bundle(bytes.parse()?);
            counted(allocator, || tasks::stream(bundle));
        }
        [STREAM, file] => {
            let file = File::open(file)?;
            // The last byte separates documents.
            let bytes = file.metadata()?.len() - 1;
            counted(allocator, || tasks::stream(file.take(bytes)));
        }
        ["entries", entries] => {
            let text = small::bundle(entries.parse()?);
            let validator = Validator::default();
            counted(allocator, || stream(&validator, text.as_bytes()));
        }
        [what, file] => {
            let text = load(Path::new(file))?;
            let documents = unpacked(&text);
            match what {
                "one by one" => counted(allocator, || {
                    documents.iter().for_each(|document| {
                        black_box(Healthcode::read(document));
                    });
                }),
                "validate" => counted(allocator, || {
                    let validator = Validator::default();
                    documents.iter().for_each(|document| {
                        black_box(validator.read::<Resource>(document.as_bytes()).ok());
                    });
                }),
                "hold" => counted(allocator, || ()),
                Healthcode::NAME => counted(allocator, || held::<Healthcode>(&documents)),
                SonicValue::NAME => counted(allocator, || held::<SonicValue>(&documents)),
                SerdeValue::NAME => counted(allocator, || held::<SerdeValue>(&documents)),
                _ => bail!("usage: counting WHAT [FILE], as memory starts it"),
            }
            black_box(text);
        }
        _ => bail!("usage: counting WHAT [FILE], as memory starts it"),
    }
    Ok(())
}

fn held<R: Reader>(documents: &[&str]) -> Vec<Option<R::Value>> {
    documents.iter().map(|document| R::read(document)).collect()
}

/// Counts what `run` allocates; its result is live, and never dropped, for that takes its time.
fn counted<T>(allocator: &ModAlloc, run: impl FnOnce() -> T) {
    allocator.reset();
    let result = black_box(run());
    let stats = allocator.snapshot();
    std::mem::forget(result);
    // Less than nothing, if what was there before has been dropped.
    let live = stats.current_bytes.cast_signed().max(0);
    println!(
        "{} {} {} {}",
        live,
        stats.peak_bytes,
        stats.alloc_count,
        resident()
    );
}

/// The most bytes of this process that were resident. What `wait4` reports to its parent would not do:
/// it counts the parent's own pages, which the child has until it starts its program.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"));
    peak.and_then(|kib| kib.trim().parse::<u64>().ok())
        .unwrap_or_default()
        * 1024
}
