//! The ratios of speeds that are reported, and what they are to reach.

use crate::PLACES;
use crate::tasks::Task;
use healthcode_bench_harness::stats::Target;

/// Which program does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allocator {
    /// This one, with mimalloc.
    Mimalloc,
    /// The one beside it, with the system's.
    System,
}

impl Allocator {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Allocator::Mimalloc => "mimalloc",
            Allocator::System if cfg!(target_env = "gnu") => "glibc",
            Allocator::System => "system allocator",
        }
    }
}

/// A ratio of the speeds of two tasks.
pub(super) struct Row {
    /// What is measured.
    pub(super) name: &'static str,
    /// What it is measured against.
    pub(super) against: &'static str,
    pub(super) of: Task,
    pub(super) to: Task,
    pub(super) allocator: Allocator,
    /// At least so much, in the order of [`PLACES`].
    pub(super) targets: [Option<f64>; PLACES.len()],
}

impl Row {
    const fn new(name: &'static str, of: Task, against: &'static str, to: Task) -> Self {
        Row {
            name,
            against,
            of,
            to,
            allocator: Allocator::Mimalloc,
            targets: [None; PLACES.len()],
        }
    }

    const fn at_least(mut self, targets: [f64; PLACES.len()]) -> Self {
        let mut place = 0;
        while place < targets.len() {
            self.targets[place] = Some(targets[place]);
            place += 1;
        }
        self
    }

    /// What is to be reached on the input that has this place.
    pub(super) fn target(&self, place: Option<usize>) -> Option<Target> {
        self.targets[place?].map(Target::AtLeast)
    }
}

/// All of them.
pub(super) const ROWS: [Row; 13] = [
    Row::new("parse", Task::Parse, "sonic_rs::Value", Task::SonicParse)
        .at_least([0.80, 0.35, 0.33, 0.85]),
    Row::new("parse", Task::Parse, "serde_json::Value", Task::SerdeParse)
        .at_least([3.2, 3.3, 3.0, 1.9]),
    Row::new(
        "parse + drop",
        Task::ParseDrop,
        "sonic_rs::Value, parse only",
        Task::SonicParse,
    )
    .at_least([0.60, 0.26, 0.26, 0.80]),
    Row::new(
        "parse + drop",
        Task::ParseDrop,
        "sonic_rs::Value",
        Task::SonicParseDrop,
    ),
    Row::new(
        "parse + drop",
        Task::ParseDrop,
        "serde_json::Value",
        Task::SerdeParseDrop,
    ),
    Row::new(
        "write",
        Task::Write,
        "sonic_rs::to_string(&Value)",
        Task::SonicWrite,
    )
    .at_least([1.2, 1.1, 1.8, 1.05]),
    Row::new(
        "write",
        Task::Write,
        "serde_json::to_string(&Value)",
        Task::SerdeWrite,
    ),
    Row::new(
        "serde bridge",
        Task::Bridge,
        "serde_json::Value",
        Task::SerdeParseStr,
    )
    .at_least([1.7, 1.9, 2.2, 1.2]),
    Row::new("serde bridge", Task::Bridge, "our own parse", Task::Parse),
    Row {
        allocator: Allocator::System,
        targets: [Some(2.0), Some(2.0), Some(2.0), None],
        ..Row::new(
            "stream",
            Task::Stream,
            "our own parse + drop",
            Task::ParseDrop,
        )
    },
    Row::new(
        "stream",
        Task::Stream,
        "our own parse + drop",
        Task::ParseDrop,
    ),
    Row::new("lazy entries", Task::Lazy, "our own parse", Task::Parse),
    Row::new("2 threads", Task::TwoThreads, "1 thread", Task::OneThread),
];

/// Live heap after reading, as a multiple of the minified text.
pub(super) const LIVE_HEAP: Target = Target::AtMost(3.0);

/// The peak heap of streaming a large Bundle, as a multiple of that of a small one: constant.
pub(super) const STREAMED_HEAP: Target = Target::AtMost(1.05);

/// How many times faster than a typed rival the reading of minified Bundles is to be.
pub(super) fn rival_target(rival: &str, place: Option<usize>) -> Option<Target> {
    let name = PLACES[place?];
    if name != "synthea-min" && name != "healthcode-min" {
        return None;
    }
    match rival.split(' ').next()? {
        "fhirkit" | "fhirbolt" | "helios-fhir" => Some(Target::AtLeast(8.0)),
        "fhir-sdk" => Some(Target::AtLeast(4.0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_belong_to_inputs() {
        let row = &ROWS[0];
        assert_eq!(row.target(Some(1)), Some(Target::AtLeast(0.35)));
        assert_eq!(row.target(None), None);
        for (rival, place, expect) in [
            ("fhirkit 0.1.0", Some(1), Some(8.0)),
            ("helios-fhir 0.2.7", Some(2), Some(8.0)),
            ("fhir-sdk 0.16.0 (R4B)", Some(2), Some(4.0)),
            ("simd-json 0.19.0", Some(1), None),
            ("fhirkit 0.1.0", Some(0), None),
            ("fhirkit 0.1.0", Some(3), None),
            ("fhirkit 0.1.0", None, None),
        ] {
            assert_eq!(
                rival_target(rival, place),
                expect.map(Target::AtLeast),
                "{rival}"
            );
        }
    }
}
