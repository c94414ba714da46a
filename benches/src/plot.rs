//! The program `plot`: throughput against size, measured and drawn.

use crate::contestants::{Healthcode, SerdeValue, SonicValue};
use crate::svg::{Chart, Series};
use crate::{repeated, tasks};
use anyhow::{Context, Result, bail};
use healthcode_bench_harness::reading::{Contestant, Reader};
use healthcode_bench_harness::stats::median;
use std::fs;
use std::io::Read;
use std::time::{Duration, Instant};

/// The sizes, in bytes.
const SIZES: [usize; 11] = [
    10_000,
    30_000,
    100_000,
    300_000,
    1_000_000,
    3_000_000,
    10_000_000,
    30_000_000,
    100_000_000,
    300_000_000,
    1_000_000_000,
];

/// How many bytes a turn goes through at least.
const BYTES: usize = 20_000_000;

/// How many rounds are measured: many of what takes little time.
fn rounds(bytes: usize) -> usize {
    if bytes > 50_000_000 { 3 } else { 9 }
}

/// How much memory a text and what is read from it may take together.
const MEMORY: f64 = 4e9;

/// Something whose throughput is drawn.
struct Contender {
    name: &'static str,
    read: Reading,
    color: &'static str,
}

enum Reading {
    /// Holds the text, and a value of so many times its size.
    Whole(Contestant, f64),
    /// Holds neither.
    Streamed,
}

impl Contender {
    fn fits(&self, bytes: usize) -> bool {
        match self.read {
            Reading::Whole(_, times) => bytes as f64 * (1.0 + times) <= MEMORY,
            Reading::Streamed => true,
        }
    }

    /// How long reading takes. The text is empty where nobody wants to hold it.
    fn time(&self, text: &str, bytes: usize) -> Duration {
        match &self.read {
            Reading::Whole(contestant, _) => (contestant.time)(&[text]),
            Reading::Streamed if text.is_empty() => {
                let (bundle, _) = repeated::bundle(bytes);
                let start = Instant::now();
                tasks::stream(bundle);
                start.elapsed()
            }
            Reading::Streamed => {
                let start = Instant::now();
                tasks::stream(text.as_bytes());
                start.elapsed()
            }
        }
    }
}

fn contenders() -> [Contender; 4] {
    let whole = |contestant, times| Reading::Whole(contestant, times);
    [
        Contender {
            name: SonicValue::NAME,
            read: whole(Contestant::of::<SonicValue>(), 3.0),
            color: "#d97706",
        },
        Contender {
            name: "healthcode, streamed",
            read: Reading::Streamed,
            color: "#16a34a",
        },
        Contender {
            name: "healthcode, whole",
            read: whole(Contestant::of::<Healthcode>(), 4.0),
            color: "#3b82f6",
        },
        Contender {
            name: SerdeValue::NAME,
            read: whole(Contestant::of::<SerdeValue>(), 13.0),
            color: "#a855f7",
        },
    ]
}

/// Measures, prints the figures, and writes the picture to the place that is the argument, or beside
/// the manifest.
///
/// # Errors
/// If the picture cannot be written.
pub fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let place = arguments.next();
    let place =
        place.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/throughput.svg").into());
    if place.starts_with('-') || arguments.next().is_some() {
        bail!("usage: plot [SVG]");
    }
    let contenders = contenders();
    let mut series: Vec<Series> = contenders
        .iter()
        .map(|contender| Series {
            name: contender.name,
            color: contender.color,
            points: Vec::new(),
        })
        .collect();
    print!("{:>14}", "bytes");
    contenders
        .iter()
        .for_each(|contender| print!("{:>24}", contender.name));
    println!("   MB/s");
    for size in SIZES {
        let (mut bundle, bytes) = repeated::bundle(size);
        let mut text = String::new();
        let held = |contender: &Contender| {
            matches!(contender.read, Reading::Whole(..)) && contender.fits(bytes)
        };
        if contenders.iter().any(held) {
            bundle.read_to_string(&mut text)?;
        }
        print!("{bytes:>14}");
        for (speed, series) in speeds(&contenders, &text, bytes)
            .into_iter()
            .zip(&mut series)
        {
            match speed {
                Some(speed) => {
                    print!("{speed:>24.0}");
                    series.points.push((bytes as f64, speed));
                }
                None => print!("{:>24}", "-"),
            }
        }
        println!();
    }
    let chart = Chart {
        title: "Reading a Bundle, one thread",
        x: "size of the Bundle, minified (logarithmic)",
        y: "MB/s",
        series,
    };
    fs::write(&place, chart.svg()).with_context(|| format!("cannot write {place}"))?;
    println!("{place}");
    Ok(())
}

/// The medians of the speeds, in megabytes a second, of those that may read so much.
fn speeds(contenders: &[Contender], text: &str, bytes: usize) -> Vec<Option<f64>> {
    let repeats = BYTES.div_ceil(bytes);
    let mut figures = vec![Vec::new(); contenders.len()];
    // The first round only warms up.
    for round in 0..=rounds(bytes) {
        for (contender, figures) in contenders.iter().zip(&mut figures) {
            if !contender.fits(bytes) {
                continue;
            }
            let time: Duration = (0..repeats).map(|_| contender.time(text, bytes)).sum();
            if round > 0 {
                figures.push((bytes * repeats) as f64 / time.as_secs_f64() / 1e6);
            }
        }
    }
    let figures = figures.iter();
    figures
        .map(|figures| (!figures.is_empty()).then(|| median(figures)))
        .collect()
}
