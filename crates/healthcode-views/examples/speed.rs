//! How fast a view runs over NDJSON, beside reading the lines into the typed model: one thread, best of five runs.
//!
//! `cargo run --release -p healthcode-views --example speed -- VIEW.json FILE.ndjson`
#![allow(
    clippy::print_stdout,
    reason = "an example speaks through its standard output"
)]

use healthcode_core::Root;
use healthcode_json::{ReadOptions, Wanted, from_slice_wanted, from_str};
use healthcode_r4::{Resource, schema};
use healthcode_views::{Csv, RunOptions, Version, View};
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (view, file) = (args.next(), args.next());
    let (Some(view), Some(file)) = (view, file) else {
        return Err("usage: speed VIEW.json FILE.ndjson".into());
    };
    let version = Version {
        number: schema::VERSION,
        find: schema::find,
    };
    let view = View::compile(&std::fs::read_to_string(view)?, version);
    let view = view.map_err(|findings| format!("{findings:?}"))?;
    let text = std::fs::read_to_string(file)?;
    let mut wanted = Wanted::new();
    view.add_wanted(&mut wanted);
    let options = ReadOptions::new();
    let run = RunOptions::default();
    let mut bytes = 0;
    let whole = measure("read into the typed model", &text, |line| {
        black_box(from_str::<Resource>(line)?);
        Ok(())
    })?;
    measure("read what the view reads", &text, |line| {
        black_box(from_slice_wanted::<Resource>(
            line.as_bytes(),
            &options,
            &wanted,
        )?);
        Ok(())
    })?;
    let flat = measure("run the view, into CSV", &text, |line| {
        let resource = from_slice_wanted::<Resource>(line.as_bytes(), &options, &wanted)?;
        let mut csv = Csv::new(Vec::new());
        view.rows(resource.as_element(), &run, &mut csv, &mut |_| {})?;
        bytes += csv.into_inner().len();
        Ok(())
    })?;
    println!(
        "{:.2} of the speed of reading; {bytes} bytes of CSV in all runs",
        flat / whole
    );
    Ok(())
}

/// Prints and returns the speed in MB/s.
fn measure(
    what: &str,
    text: &str,
    mut each: impl FnMut(&str) -> Result<(), Box<dyn Error>>,
) -> Result<f64, Box<dyn Error>> {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        for line in text.lines() {
            each(line)?;
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    let speed = text.len() as f64 / 1e6 / best;
    println!("{speed:7.0} MB/s  {what}");
    Ok(speed)
}
