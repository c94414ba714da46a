//! Rounds in which contestants take turns.

use super::rows::{Allocator, Row};
use crate::contestants::Healthcode;
use crate::tasks::{Prepared, Task};
use crate::{Input, programs};
use anyhow::{Context, Result};
use healthcode_bench_harness::reading::{Contestant, Reader};
use healthcode_bench_harness::rounds::figures;
use healthcode_bench_harness::stats::Spread;
use healthcode_bench_harness::turns::Turns;
use std::path::Path;
use std::time::Duration;

/// How many bytes a turn goes through at least.
pub(crate) const BYTES: usize = 24_000_000;

/// How many bytes a typed rival's turn goes through at least: they are slower.
const RIVAL_BYTES: usize = 5_000_000;

/// Megabytes a second, a figure for each round.
pub(super) struct Speed {
    pub(super) task: Task,
    pub(super) allocator: Allocator,
    pub(super) figures: Vec<f64>,
}

/// The speeds of all tasks here, and of our own with the system's allocator.
pub(super) fn speeds(input: &Input, system: &Path, rounds: usize) -> Result<Vec<Speed>> {
    let prepared = Prepared::new(input.clone())?;
    let packed = input.packed()?;
    let mut system =
        Turns::start(system, packed.file()).context("cannot start the other allocator")?;
    let here = prepared
        .tasks(&Task::ALL)
        .map(|task| (task, Allocator::Mimalloc));
    let there = prepared
        .tasks(&Task::OURS)
        .map(|task| (task, Allocator::System));
    let contestants: Vec<_> = here.chain(there).collect();
    let figures = figures(rounds, contestants.len(), |at| {
        let (task, allocator) = contestants[at];
        let repeats = prepared.repeats(task, BYTES);
        let time: Duration = match allocator {
            Allocator::Mimalloc => (0..repeats).map(|_| prepared.run(task)).sum(),
            Allocator::System => system.time(task.name(), repeats)?,
        };
        let bytes = prepared.bytes(task) * repeats;
        anyhow::Ok(megabytes_per_second(bytes, time))
    })?;
    let speeds = contestants.into_iter().zip(figures);
    Ok(speeds
        .map(|((task, allocator), figures)| Speed {
            task,
            allocator,
            figures,
        })
        .collect())
}

pub(crate) fn megabytes_per_second(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / time.as_secs_f64() / 1e6
}

/// The ratio of a row, if both its tasks were measured.
pub(super) fn ratio(row: &Row, speeds: &[Speed]) -> Option<Spread> {
    let figures = |task| {
        let found = speeds
            .iter()
            .find(|speed| speed.task == task && speed.allocator == row.allocator);
        found.map(|speed| &speed.figures)
    };
    Some(Spread::of_ratios(figures(row.of)?, figures(row.to)?))
}

/// How a rival reads.
pub(crate) struct Rival {
    pub(crate) name: String,
    /// Megabytes a second, of the documents that it does not refuse.
    pub(crate) speed: Spread,
    /// Ours on the same documents, as a multiple of it.
    pub(crate) ratio: Spread,
    pub(crate) refused: usize,
    pub(crate) documents: usize,
    /// Whether the documents had to be given other dates than their own.
    pub(crate) other_dates: bool,
}

impl Rival {
    pub(crate) fn refuses_all(&self) -> bool {
        self.refused == self.documents
    }

    /// What is to be known of the documents that it reads.
    pub(crate) fn note(&self) -> String {
        match self.refused {
            0 if self.other_dates => "refuses the documented dates; read with FHIR's".to_owned(),
            0 => String::new(),
            refused => format!("refuses {refused} of {} documents", self.documents),
        }
    }
}

/// How the rivals read the minified documents, beside ours.
pub(super) fn rivals(input: &Input, rounds: usize) -> Result<Vec<Rival>> {
    let input = input.minified();
    let programs = programs::rivals()?;
    let measured = programs.iter().map(|program| {
        let measured = rival::<Healthcode>(program, &input, rounds)?;
        match input.with_standard_dates() {
            Some(other) if measured.refuses_all() => Ok(Rival {
                other_dates: true,
                ..rival::<Healthcode>(program, &other, rounds)?
            }),
            _ => Ok(measured),
        }
    });
    measured.collect()
}

/// How a rival reads, beside `Ours` on the documents that it does not refuse.
pub(crate) fn rival<Ours: Reader>(program: &Path, input: &Input, rounds: usize) -> Result<Rival> {
    let packed = input.packed()?;
    let mut turns = Turns::start(program, packed.file())
        .with_context(|| format!("cannot start {}", program.display()))?;
    let offer = turns.offers.pop().context("a rival offers nothing")?;
    let accepted = input.without(&offer.refused);
    let (documents, bytes) = (accepted.texts(), accepted.bytes());
    let ours = Contestant::of::<Ours>();
    // Nothing can be timed of a rival that reads none.
    let [our_figures, their_figures] = if bytes == 0 {
        [Vec::new(), Vec::new()]
    } else {
        let figures = figures(rounds, 2, |at| {
            let least = if at == 0 { BYTES } else { RIVAL_BYTES };
            let repeats = least.div_ceil(bytes);
            let time: Duration = match at {
                0 => (0..repeats).map(|_| (ours.time)(&documents)).sum(),
                _ => turns.time(&offer.name, repeats)?,
            };
            anyhow::Ok(megabytes_per_second(bytes * repeats, time))
        })?;
        <[Vec<f64>; 2]>::try_from(figures).unwrap_or_default()
    };
    Ok(Rival {
        name: offer.name,
        speed: Spread::of(&their_figures),
        ratio: Spread::of_ratios(&our_figures, &their_figures),
        refused: offer.refused.len(),
        documents: input.documents.len(),
        other_dates: false,
    })
}
