//! A line chart as SVG: a logarithmic axis of bytes, a linear one of what was measured.
//!
//! Colours are fit for light and dark pages: the background is the page's, lines are of middle
//! lightness, and text follows the reader's preference.

use std::fmt::Write;

const WIDTH: f64 = 820.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 62.0;
const BOTTOM: f64 = 58.0;

/// How far apart the names of lines are at least.
const LINE: f64 = 17.0;

const STYLE: &str = "\
text { font: 13px system-ui, sans-serif; fill: #6e7781 }
.title { font-weight: 600; font-size: 15px }
.grid { stroke: #8c959f; stroke-opacity: .3 }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
@media (prefers-color-scheme: dark) { text { fill: #adbac7 } }";

/// A line of the chart.
pub(crate) struct Series {
    /// What stands beside its end.
    pub(crate) name: &'static str,
    pub(crate) color: &'static str,
    /// Bytes, and what was measured.
    pub(crate) points: Vec<(f64, f64)>,
}

/// What is drawn.
pub(crate) struct Chart {
    pub(crate) title: &'static str,
    /// What the axis of bytes shows.
    pub(crate) x: &'static str,
    /// The unit of the other axis.
    pub(crate) y: &'static str,
    pub(crate) series: Vec<Series>,
}

impl Chart {
    /// The picture.
    pub(crate) fn svg(&self) -> String {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let least = points().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
        let most = points().map(|(x, _)| *x).fold(0.0, f64::max);
        let highest = points().map(|(_, y)| *y).fold(0.0, f64::max);
        let step = step(highest);
        let top = (highest / step).ceil() * step;
        // Whole powers of ten at either end.
        let (from, to) = (
            least.log10().floor(),
            most.log10().round().max(most.log10()),
        );
        let x = |bytes: f64| LEFT + (bytes.log10() - from) / (to - from) * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);

        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             role=\"img\" aria-label=\"{}\">\n<style>\n{STYLE}\n</style>\n\
             <text class=\"title\" x=\"{LEFT}\" y=\"24\">{}</text>\n",
            self.title, self.title
        );
        let mut text = |x: f64, y: f64, anchor: &str, text: &str| {
            let _ = writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
            );
        };
        text(LEFT - 10.0, TOP - 16.0, "end", self.y);
        text(
            (LEFT + WIDTH - RIGHT) / 2.0,
            HEIGHT - 14.0,
            "middle",
            self.x,
        );
        let mut lines = String::new();
        for tick in 0..=(top / step).round() as u32 {
            let value = f64::from(tick) * step;
            text(LEFT - 10.0, y(value) + 4.5, "end", &format!("{value:.0}"));
            grid(
                &mut lines,
                [x(10f64.powf(from)), y(value), x(10f64.powf(to)), y(value)],
            );
        }
        for power in from as i32..=to.floor() as i32 {
            let bytes = 10f64.powi(power);
            text(x(bytes), HEIGHT - BOTTOM + 20.0, "middle", &size(bytes));
            grid(&mut lines, [x(bytes), y(0.0), x(bytes), y(top)]);
        }
        // Names stand beside the chart, at the height where their lines end, but apart.
        let mut ends: Vec<_> = self
            .series
            .iter()
            .filter_map(|series| Some((series, series.points.last()?)))
            .collect();
        ends.sort_by(|(_, (_, one)), (_, (_, other))| other.total_cmp(one));
        let mut above = f64::NEG_INFINITY;
        for (series, (_, value)) in ends {
            let at = (y(*value) + 4.5).max(above + LINE);
            above = at;
            let _ = writeln!(
                out,
                "<text style=\"fill:{}\" x=\"{:.1}\" y=\"{at:.1}\">{}</text>",
                series.color,
                WIDTH - RIGHT + 14.0,
                series.name
            );
        }
        out.push_str(&lines);
        for series in &self.series {
            let at = series
                .points
                .iter()
                .map(|(bytes, value)| (x(*bytes), y(*value)));
            let points: Vec<_> = at.clone().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let _ = writeln!(
                out,
                "<polyline class=\"line\" stroke=\"{}\" points=\"{}\"/>",
                series.color,
                points.join(" ")
            );
            for (x, y) in at {
                let _ = writeln!(
                    out,
                    "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{}\"/>",
                    series.color
                );
            }
        }
        out.push_str("</svg>\n");
        out
    }
}

fn grid(out: &mut String, [x1, y1, x2, y2]: [f64; 4]) {
    let _ = writeln!(
        out,
        "<line class=\"grid\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
    );
}

/// The distance between ticks: 1, 2 or 5 times a power of ten, for five to ten of them.
fn step(highest: f64) -> f64 {
    let rough = highest / 10.0;
    let power = 10f64.powf(rough.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let found = factors.into_iter().find(|factor| factor * power >= rough);
    found.unwrap_or(10.0) * power
}

/// A power of ten in the unit that fits.
fn size(bytes: f64) -> String {
    let units = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    let found = units.into_iter().find(|(unit, _)| bytes >= *unit);
    match found {
        Some((unit, name)) => format!("{:.0} {name}", bytes / unit),
        None => format!("{bytes:.0} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_steps() {
        for (bytes, expect) in [(1.0, "1 B"), (1e4, "10 kB"), (1e6, "1 MB"), (1e9, "1 GB")] {
            assert_eq!(size(bytes), expect);
        }
        for (highest, expect) in [(2050.0, 500.0), (1990.0, 200.0), (999.0, 100.0), (7.0, 1.0)] {
            assert_eq!(step(highest), expect, "{highest}");
        }
    }

    #[test]
    fn points_are_where_the_axes_say() {
        let chart = Chart {
            title: "t",
            x: "x",
            y: "y",
            series: vec![
                Series {
                    name: "a",
                    color: "#111",
                    points: vec![(1e4, 0.0), (1e6, 1000.0)],
                },
                Series {
                    name: "b",
                    color: "#222",
                    points: vec![(1e5, 500.0), (1e6, 999.0)],
                },
                Series {
                    name: "none",
                    color: "#333",
                    points: Vec::new(),
                },
            ],
        };
        let svg = chart.svg();
        let (left, right) = (LEFT, WIDTH - RIGHT);
        let (bottom, top) = (HEIGHT - BOTTOM, TOP);
        assert!(svg.contains(&format!(
            "points=\"{left:.1},{bottom:.1} {right:.1},{top:.1}\""
        )));
        let (middle, half) = ((left + right) / 2.0, (bottom + top) / 2.0);
        assert!(svg.contains(&format!("points=\"{middle:.1},{half:.1} ")));
        // Names that would stand over one another are moved apart.
        let names: Vec<f64> = svg
            .lines()
            .filter(|line| line.starts_with("<text style"))
            .map(|line| {
                let y = line.split(" y=\"").nth(1).unwrap();
                y.split('"').next().unwrap().parse().unwrap()
            })
            .collect();
        assert!(
            names.len() == 2 && names[1] - names[0] >= LINE - 0.1,
            "{names:?}"
        );
    }
}
