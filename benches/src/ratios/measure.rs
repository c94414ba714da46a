//! Rounds in which contestants take turns.

use super::rows::{Allocator, Row};
use crate::contestants::Healthcode;
use crate::tasks::{Prepared, Task};
use crate::{Input, siblings};
use anyhow::{Context, Result};
use healthcode_bench_harness::documents::pack;
use healthcode_bench_harness::reading::Contestant;
use healthcode_bench_harness::stats::{Spread, median};
use healthcode_bench_harness::turns::Turns;
use std::path::Path;
use std::time::Duration;

/// How many bytes a turn goes through at least.
const BYTES: usize = 24_000_000;

/// How many bytes a typed rival's turn goes through at least: they are slower.
const RIVAL_BYTES: usize = 5_000_000;

/// Megabytes a second, a figure for each round.
pub(super) struct Speed {
    pub(super) task: Task,
    pub(super) allocator: Allocator,
    pub(super) figures: Vec<f64>,
}

impl Speed {
    pub(super) fn median(&self) -> f64 {
        median(&self.figures)
    }
}

/// Which of `count` contestants has the turn. Every other round goes backwards, so that nobody
/// always follows the same one.
pub(crate) fn order(round: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |turn| {
        let turn = if round.is_multiple_of(2) {
            turn
        } else {
            count - 1 - turn
        };
        (turn + round * 5) % count
    })
}

/// The speeds of all tasks here, and of our own with the system's allocator.
pub(super) fn speeds(input: &Input, system: &Path, rounds: usize) -> Result<Vec<Speed>> {
    let prepared = Prepared::new(input.clone())?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let file = folder.path().join("documents");
    pack(&input.texts(), &file).context("cannot write a temporary file")?;
    let mut system = Turns::start(system, &file).context("cannot start the other allocator")?;
    let here = prepared
        .tasks(&Task::ALL)
        .map(|task| (task, Allocator::Mimalloc));
    let there = prepared
        .tasks(&Task::OURS)
        .map(|task| (task, Allocator::System));
    let mut speeds: Vec<Speed> = here
        .chain(there)
        .map(|(task, allocator)| Speed {
            task,
            allocator,
            figures: Vec::with_capacity(rounds),
        })
        .collect();
    // The first round only warms up.
    for round in 0..=rounds {
        for at in order(round, speeds.len()) {
            let Speed {
                task,
                allocator,
                figures,
            } = &mut speeds[at];
            let repeats = prepared.repeats(*task, BYTES);
            let time: Duration = match allocator {
                Allocator::Mimalloc => (0..repeats).map(|_| prepared.run(*task)).sum(),
                Allocator::System => system.time(task.name(), repeats)?,
            };
            if round > 0 {
                figures.push(megabytes_per_second(prepared.bytes(*task) * repeats, time));
            }
        }
    }
    Ok(speeds)
}

fn megabytes_per_second(bytes: usize, time: Duration) -> f64 {
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
pub(super) struct Rival {
    pub(super) name: String,
    /// Megabytes a second, of the documents that it does not refuse.
    pub(super) speed: f64,
    /// Ours on the same documents, as a multiple of it.
    pub(super) ratio: Spread,
    pub(super) refused: usize,
    pub(super) documents: usize,
    /// Whether the documents had to be given other dates than their own.
    pub(super) other_dates: bool,
}

impl Rival {
    pub(super) fn refuses_all(&self) -> bool {
        self.refused == self.documents
    }
}

/// How the rivals read the minified documents, beside ours.
pub(super) fn rivals(input: &Input, rounds: usize) -> Result<Vec<Rival>> {
    let input = input.minified();
    let programs = siblings::rivals()?;
    let measured = programs.iter().map(|program| {
        let measured = rival(program, &input, rounds)?;
        match input.with_standard_dates() {
            Some(other) if measured.refuses_all() => Ok(Rival {
                other_dates: true,
                ..rival(program, &other, rounds)?
            }),
            _ => Ok(measured),
        }
    });
    measured.collect()
}

fn rival(program: &Path, input: &Input, rounds: usize) -> Result<Rival> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let file = folder.path().join("documents");
    pack(&input.texts(), &file).context("cannot write a temporary file")?;
    let mut turns = Turns::start(program, &file)
        .with_context(|| format!("cannot start {}", program.display()))?;
    let offer = turns.offers.pop().context("a rival offers nothing")?;
    let documents: Vec<&str> = input
        .documents
        .iter()
        .enumerate()
        .filter(|(at, _)| offer.refused.binary_search(at).is_err())
        .map(|(_, document)| document.as_str())
        .collect();
    let bytes: usize = documents.iter().map(|document| document.len()).sum();
    let ours = Contestant::of::<Healthcode>();
    let (mut our_figures, mut their_figures) = (Vec::new(), Vec::new());
    // Nothing can be timed of a rival that reads none.
    let rounds = if bytes == 0 { 0 } else { rounds + 1 };
    for round in 0..rounds {
        for at in order(round, 2) {
            let (figures, least) = match at {
                0 => (&mut our_figures, BYTES),
                _ => (&mut their_figures, RIVAL_BYTES),
            };
            let repeats = least.div_ceil(bytes);
            let time: Duration = match at {
                0 => (0..repeats).map(|_| (ours.time)(&documents)).sum(),
                _ => turns.time(&offer.name, repeats)?,
            };
            // The first round only warms up.
            if round > 0 {
                figures.push(megabytes_per_second(bytes * repeats, time));
            }
        }
    }
    Ok(Rival {
        name: offer.name,
        speed: median(&their_figures),
        ratio: Spread::of_ratios(&our_figures, &their_figures),
        refused: offer.refused.len(),
        documents: input.documents.len(),
        other_dates: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_turn_in_every_round() {
        for count in [1, 2, 5, 10, 25] {
            for round in 0..8 {
                let mut turns: Vec<_> = order(round, count).collect();
                turns.sort_unstable();
                assert_eq!(turns, (0..count).collect::<Vec<_>>());
            }
        }
        let before = |round| {
            let turns: Vec<_> = order(round, 7).collect();
            let at = turns.iter().position(|turn| *turn == 3).unwrap();
            turns[(at + 6) % 7]
        };
        assert_ne!(before(0), before(1));
    }
}
