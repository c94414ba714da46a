//! The command `xml`: reading and writing XML beside the same content as JSON, and reading beside rivals.

use crate::cli::Timed;
use crate::contestants::{Healthcode, HealthcodeXml};
use crate::ratios::measure::{self, BYTES, Rival, megabytes_per_second};
use crate::report::{Line, Report};
use crate::{Input, programs};
use anyhow::{Result, ensure};
use healthcode_bench_harness::reading::Contestant;
use healthcode_bench_harness::rounds::figures;
use healthcode_bench_harness::stats::{Spread, Target};
use healthcode_json::Checked;
use healthcode_r4::Resource;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What is to be reached: of the speed on JSON, and times a rival's.
const READ: Target = Target::AtLeast(0.3);
const WRITE: Target = Target::AtLeast(0.5);
const RIVAL: Target = Target::AtLeast(5.0);

/// The same documents in both syntaxes, and their values.
struct Pair {
    json: Input,
    xml: Input,
    values: Vec<Checked<Resource>>,
}

impl Pair {
    fn new(input: &Input) -> Result<Self> {
        let json = input.minified();
        let mut values = Vec::new();
        let mut documents = Vec::new();
        for document in &json.documents {
            let read = healthcode_json::from_str::<Resource>(document)?;
            let written = healthcode_xml::to_string(&read.value);
            let whole = written.issues.is_empty();
            ensure!(whole, "a document of {} has no form in XML", input.name);
            documents.push(written.value);
            values.push(read);
        }
        let xml = Input {
            documents,
            ..json.clone()
        };
        Ok(Pair { json, xml, values })
    }

    fn written<W>(&self, write: impl Fn(&Resource) -> W) -> Duration {
        let start = Instant::now();
        for read in &self.values {
            drop(black_box(write(black_box(&read.value))));
        }
        start.elapsed()
    }

    /// How long each of ours takes on all documents: reading XML and JSON, writing XML and JSON.
    fn time(&self, task: usize) -> Duration {
        match task {
            0 => (Contestant::of::<HealthcodeXml>().time)(&self.xml.texts()),
            1 => (Contestant::of::<Healthcode>().time)(&self.json.texts()),
            2 => self.written(healthcode_xml::to_string),
            _ => self.written(healthcode_json::to_string),
        }
    }
}

/// Measures and prints; returns how many targets are missed.
pub(crate) fn run(options: &Timed) -> Result<usize> {
    let rivals = match options.rivals {
        true => programs::xml_rivals()?,
        false => Vec::new(),
    };
    let inputs = options.selection.inputs()?;
    let rounds = options.rounds();
    let mut report = Report::new(options.selection.json, Some(rounds), inputs.notes);
    // Indented documents are the same once they are XML.
    for input in inputs
        .present
        .iter()
        .filter(|input| input.name != "synthea-pretty")
    {
        let pair = Pair::new(input)?;
        let mut lines = ours(&pair, rounds)?;
        for program in &rivals {
            let rival = measure::rival::<HealthcodeXml>(program, &pair.xml, rounds)?;
            lines.extend(of_rival(&rival));
        }
        let title = format!("{}, {} bytes as XML", pair.json.title(), pair.xml.bytes());
        report.add(title, lines);
    }
    Ok(report.finish())
}

fn ours(pair: &Pair, rounds: usize) -> Result<Vec<Line>> {
    let bytes = pair.json.bytes();
    let repeats = BYTES.div_ceil(bytes.max(1));
    let figures = figures(rounds, 4, |task| {
        let time: Duration = (0..repeats).map(|_| pair.time(task)).sum();
        anyhow::Ok(megabytes_per_second(bytes * repeats, time))
    })?;
    let [read_xml, read_json, write_xml, write_json] =
        <[Vec<f64>; 4]>::try_from(figures).unwrap_or_default();
    let speed = |name: &str, figures: &[f64]| Line::new(name, "MB/s of JSON", Spread::of(figures));
    let ratio = |name: &str, of: &[f64], to: &[f64], target: Target| {
        Line::new(name, "x the same as JSON", Spread::of_ratios(of, to)).target(target)
    };
    Ok(vec![
        speed("parse XML", &read_xml),
        speed("parse JSON", &read_json),
        speed("write XML", &write_xml),
        speed("write JSON", &write_json),
        ratio("parse XML", &read_xml, &read_json, READ),
        ratio("write XML", &write_xml, &write_json, WRITE),
    ])
}

/// How a rival reads, and how many times as fast we are.
fn of_rival(rival: &Rival) -> [Line; 2] {
    // Nothing can be said of a rival that reads none.
    let target = Some(RIVAL).filter(|_| !rival.refuses_all());
    [
        Line::new(
            format!("parse XML, {}", rival.name),
            "MB/s of XML",
            rival.speed,
        ),
        Line::new("parse XML", format!("x {}", rival.name), rival.ratio)
            .target(target)
            .note(rival.note()),
    ]
}
