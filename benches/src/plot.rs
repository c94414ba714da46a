//! The command `plot`: throughput against size, measured and drawn.

use crate::contestants::{Healthcode, SerdeValue, SonicValue};
use crate::{repeated, tasks};
use anyhow::{Context, Result};
use healthcode_bench_harness::reading::{Contestant, Reader};
use healthcode_bench_harness::rounds::figures;
use healthcode_bench_harness::stats::median;
use plotters::prelude::*;
use std::convert::Infallible;
use std::io::Read;
use std::path::Path;
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
    color: RGBColor,
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

    /// How long reading takes. The text is empty if no contender holds it.
    fn time(&self, text: &str, bytes: usize) -> Duration {
        match &self.read {
            Reading::Whole(contestant, _) => (contestant.time)(&[text]),
            Reading::Streamed => {
                let bundle: Box<dyn Read> = match text {
                    "" => Box::new(repeated::bundle(bytes).0),
                    text => Box::new(text.as_bytes()),
                };
                let start = Instant::now();
                tasks::stream(bundle);
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
            color: RGBColor(0xd9, 0x77, 0x06),
        },
        Contender {
            name: "healthcode, streamed",
            read: Reading::Streamed,
            color: RGBColor(0x16, 0xa3, 0x4a),
        },
        Contender {
            name: "healthcode, whole",
            read: whole(Contestant::of::<Healthcode>(), 4.0),
            color: RGBColor(0x3b, 0x82, 0xf6),
        },
        Contender {
            name: SerdeValue::NAME,
            read: whole(Contestant::of::<SerdeValue>(), 13.0),
            color: RGBColor(0xa8, 0x55, 0xf7),
        },
    ]
}

/// A line of the chart.
struct Series {
    name: &'static str,
    color: RGBColor,
    /// Bytes, and megabytes a second.
    points: Vec<(f64, f64)>,
}

/// Measures, prints the figures, and writes the picture.
pub(crate) fn run(picture: &Path) -> Result<()> {
    let contenders = contenders();
    let mut series = contenders.each_ref().map(|contender| Series {
        name: contender.name,
        color: contender.color,
        points: Vec::new(),
    });
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
        let speeds = speeds(&contenders, &text, bytes);
        for (speed, series) in speeds.into_iter().zip(&mut series) {
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
    draw(picture, &series).with_context(|| format!("cannot draw {}", picture.display()))?;
    println!("{}", picture.display());
    Ok(())
}

/// Grey is fit for light and dark pages, whose background the picture has.
const GREY: RGBColor = RGBColor(0x76, 0x81, 0x8c);

fn draw(picture: &Path, series: &[Series]) -> Result<()> {
    let points = || series.iter().flat_map(|series| &series.points);
    let least = points().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
    let from = 10f64.powf(least.log10().floor());
    let most = points().map(|(x, _)| *x).fold(0.0, f64::max);
    let highest = points().map(|(_, y)| *y).fold(0.0, f64::max);
    let font = |size: u32| ("sans-serif", size).into_font().color(&GREY);
    // Room for the names above the lines.
    let top = highest * 1.3;
    let area = SVGBackend::new(picture, (820, 440)).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .caption("Reading a Bundle, one thread", font(20))
        .margin(14)
        .margin_right(40)
        .x_label_area_size(48)
        .y_label_area_size(64)
        .build_cartesian_2d((from..most).log_scale(), 0.0..top)?;
    chart
        .configure_mesh()
        .x_desc("size of the Bundle, minified (logarithmic)")
        .y_desc("MB/s")
        .x_label_formatter(&|bytes| size(*bytes))
        .y_label_formatter(&|speed| format!("{speed:.0}"))
        .label_style(font(16))
        .axis_style(GREY)
        .bold_line_style(GREY.mix(0.3))
        .light_line_style(TRANSPARENT)
        .draw()?;
    for Series {
        name,
        color,
        points,
    } in series
    {
        let style = color.stroke_width(3);
        let line = LineSeries::new(points.iter().copied(), style).point_size(3);
        chart
            .draw_series(line)?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font(font(17))
        .draw()?;
    area.present()?;
    Ok(())
}

/// A power of ten in the unit that fits.
fn size(bytes: f64) -> String {
    let units = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")];
    let unit = units.into_iter().find(|(unit, _)| bytes >= *unit);
    let (unit, name) = unit.unwrap_or((1.0, "B"));
    format!("{:.0} {name}", bytes / unit)
}

/// The medians of the speeds, in megabytes a second, of those that may read so much.
fn speeds(contenders: &[Contender], text: &str, bytes: usize) -> Vec<Option<f64>> {
    let repeats = BYTES.div_ceil(bytes);
    let fits = |contender: &&Contender| contender.fits(bytes);
    let fitting: Vec<_> = contenders.iter().filter(fits).collect();
    let Ok(figures) = figures(rounds(bytes), fitting.len(), |at| {
        let time: Duration = (0..repeats).map(|_| fitting[at].time(text, bytes)).sum();
        Ok::<_, Infallible>((bytes * repeats) as f64 / time.as_secs_f64() / 1e6)
    });
    let mut medians = figures.iter().map(|figures| median(figures));
    let speed = |contender| fits(&contender).then(|| medians.next()).flatten();
    contenders.iter().map(speed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (bytes, expect) in [(1.0, "1 B"), (1e4, "10 kB"), (1e6, "1 MB"), (1e9, "1 GB")] {
            assert_eq!(size(bytes), expect);
        }
    }

    #[test]
    fn the_picture_names_what_it_shows() {
        let folder = tempfile::tempdir().unwrap();
        let picture = folder.path().join("a.svg");
        let series = contenders().map(|contender| Series {
            name: contender.name,
            color: contender.color,
            points: vec![(1e4, 100.0), (1e6, 1000.0)],
        });
        draw(&picture, &series).unwrap();
        let svg = std::fs::read_to_string(picture).unwrap();
        for text in ["healthcode, streamed", "10 kB", "1 MB", "MB/s", "#16A34A"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
    }
}
