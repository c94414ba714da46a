//! How much memory reading takes, each time in a process that does nothing else.
//!
//! Heap is counted by an allocator that wraps the system's: live bytes after reading, the peak
//! while reading, and the number of allocations, each without the text itself. Resident memory is
//! what the operating system says of the whole process, its code included, above that of one that
//! only holds the text (or, for streams, of one that does nothing: they never hold it).

use crate::contestants::{Healthcode, SerdeValue, SonicValue};
use crate::options::Options;
use crate::validation::stream;
use crate::{Input, layout, repeated, small, tasks};
use anyhow::{Context, Result, bail, ensure};
use healthcode_bench_harness::documents::{load, pack, unpacked};
use healthcode_bench_harness::reading::Reader;
use healthcode_r4::Resource;
use healthcode_validate::Validator;
use mod_alloc::ModAlloc;
use serde_json::json;
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a process did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Bytes on the heap when it was done.
    pub live: u64,
    /// The most bytes that were on the heap at a time.
    pub peak: u64,
    /// How often memory was allocated or reallocated.
    pub allocations: u64,
    /// The most bytes that were resident, above a process that does not read; 0 where the operating
    /// system does not tell (only Linux does).
    pub resident: u64,
}

/// What is measured on an input.
const READERS: [&str; 3] = [Healthcode::NAME, SonicValue::NAME, SerdeValue::NAME];

/// What a streamed Bundle is called.
pub const STREAM: &str = "stream";

/// How many bytes the Bundles have whose streaming is to take the same memory.
pub const STREAMED: [usize; 2] = [10_000_000, 1_000_000_000];

const USAGE: &str = "memory [--json] [--only WORD] [FILE...]";

/// The figures of an input, by the name of what reads it.
///
/// # Errors
/// If a process cannot be run.
pub fn of_input(program: &Path, input: &Input) -> Result<Vec<(&'static str, Figures)>> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let file = folder.path().join("documents");
    pack(&input.texts(), &file).context("cannot write a temporary file")?;
    let file = file.display().to_string();
    let mut figures = Vec::new();
    let floor = run(program, &["hold", &file])?.resident;
    for reader in READERS {
        figures.push((reader, above(floor, run(program, &[reader, &file])?)));
    }
    if input.bundle().is_some() {
        let floor = run(program, &["nothing"])?.resident;
        figures.push((STREAM, above(floor, run(program, &[STREAM, &file])?)));
    }
    Ok(figures)
}

/// The figures of streaming a generated Bundle of so many bytes.
///
/// # Errors
/// If a process cannot be run.
pub fn of_stream(program: &Path, bytes: usize) -> Result<Figures> {
    let floor = run(program, &["nothing"])?.resident;
    let figures = run(program, &["generated", &bytes.to_string()])?;
    Ok(above(floor, figures))
}

/// The figures of reading an input, and of reading and validating it.
///
/// # Errors
/// If a process cannot be run.
pub fn of_validation(program: &Path, input: &Input) -> Result<(Figures, Figures)> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let file = folder.path().join("documents");
    pack(&input.texts(), &file).context("cannot write a temporary file")?;
    let file = file.display().to_string();
    let parse = run(program, &["one by one", &file])?;
    Ok((parse, run(program, &["validate", &file])?))
}

/// The figures of validating, entry by entry, a generated Bundle of so many. Its text is not counted.
///
/// # Errors
/// If a process cannot be run.
pub fn of_entries(program: &Path, entries: usize) -> Result<Figures> {
    run(program, &["entries", &entries.to_string()])
}

fn above(floor: u64, figures: Figures) -> Figures {
    Figures {
        resident: figures.resident.saturating_sub(floor),
        ..figures
    }
}

/// Runs `program` as a [child](main) and waits for its figures.
fn run(program: &Path, arguments: &[&str]) -> Result<Figures> {
    let told = || format!("{} --child {}", program.display(), arguments.join(" "));
    let output = Command::new(program)
        .arg("--child")
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot run {}", told()))?;
    ensure!(
        output.status.success(),
        "{} failed: {}",
        told(),
        output.status
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let counts: Vec<u64> = text
        .split_whitespace()
        .map_while(|count| count.parse().ok())
        .collect();
    let [live, peak, allocations, resident] = counts[..] else {
        bail!("{} answered {text:?}", told());
    };
    Ok(Figures {
        live,
        peak,
        allocations,
        resident,
    })
}

/// The program `memory`, whose allocator is `allocator`.
///
/// # Errors
/// If the inputs cannot be read or a process cannot be run.
pub fn main(allocator: &ModAlloc) -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = &arguments[..]
        && first == "--child"
    {
        return child(allocator, rest);
    }
    let options = Options::parse(USAGE, false, arguments)?;
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let inputs = options.inputs()?;
    let mut reports = Vec::new();
    if !options.json {
        inputs.notes.iter().for_each(|note| println!("{note}"));
    }
    for input in &inputs.present {
        let figures = of_input(&program, input)?;
        let minified = minified_bytes(input);
        if options.json {
            reports.push(json!({
                "name": input.name,
                "origin": input.origin,
                "minified_bytes": minified,
                "readers": as_json(&figures),
            }));
        } else {
            println!("\n{}: {}", input.name, input.origin);
            print(&figures, minified);
        }
    }
    if options.json {
        let report = json!({
            "schema_version": 1,
            "notes": inputs.notes,
            "inputs": reports,
        });
        println!("{report:#}");
    }
    Ok(())
}

/// How many bytes the input has without white space.
pub(crate) fn minified_bytes(input: &Input) -> usize {
    let documents = input.documents.iter();
    documents
        .map(|document| layout::minified(document).len())
        .sum()
}

/// Prints figures as multiples of the minified text.
pub(crate) fn print(figures: &[(&'static str, Figures)], minified: usize) {
    println!("memory, as multiples of the {minified} bytes of the minified text");
    println!(
        "{:<22}{:>10}{:>10}{:>10}{:>19}",
        "", "live", "peak", "resident", "allocations per kB"
    );
    let minified = minified as f64;
    for (name, figures) in figures {
        let times = |bytes: u64| bytes as f64 / minified;
        println!(
            "{name:<22}{:>9.3}x{:>9.3}x{:>9.2}x{:>19.1}",
            times(figures.live),
            times(figures.peak),
            times(figures.resident),
            figures.allocations as f64 / minified * 1e3,
        );
    }
}

/// Figures as JSON.
pub(crate) fn as_json(figures: &[(&'static str, Figures)]) -> serde_json::Value {
    let readers = figures.iter().map(|(name, figures)| {
        json!({
            "name": name,
            "live_bytes": figures.live,
            "peak_bytes": figures.peak,
            "resident_bytes": figures.resident,
            "allocations": figures.allocations,
        })
    });
    readers.collect()
}

/// Does one thing, and prints what it took on the heap.
fn child(allocator: &ModAlloc, arguments: &[String]) -> Result<()> {
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
                _ => bail!("usage: {USAGE}"),
            }
            black_box(text);
        }
        _ => bail!("usage: {USAGE}"),
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

/// The most bytes of this process that were resident. What `wait4` tells its parent would not do:
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
